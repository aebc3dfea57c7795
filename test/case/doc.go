// Package testcase has no code outside of its tests: one file per behaviour in testdata (manifests in; for every packet of a
// table worked out by hand the same verdict from every stage), one per code of a finding, and every example.
package testcase
