// Package crd writes the CustomResourceDefinitions of the kinds that headgate reads and that are not Kubernetes' own, and the
// admission policies that check what a definition cannot.
//
// Guarantees: schemas are built by reflection over the Go types that package compiler/manifest compares manifests with, so that
// the API server and headgate know the same fields; a field without a description, or a description without a field, is a
// mistake that no output survives; output depends on nothing but this package and those types. The files under deploy/crds and
// deploy/admission are this output; the module test/apiserver applies them to a real API server.
package crd
