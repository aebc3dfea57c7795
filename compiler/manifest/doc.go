// Package manifest reads Kubernetes manifests into the typed objects that headgate compiles.
//
// Guarantees: whatever is wrong is reported, all of it, with code, object, field path, file:line:column and a way out; an
// object with an error is left out, and nothing that changes an object's meaning is dropped in silence; kinds that headgate
// does not read are counted in one note; validation and defaults are those of the Kubernetes API; the result depends on the
// text alone, not on the number of processors or on how the text is cut into windows; memory is bounded by the objects read
// and a constant number of windows per processor, even for one large List.
//
// Files whose names end in .hg are in the policy language; package syntax turns their sentences into the same trees.
//
// The way of a text: split.go cuts a stream into pieces; decode.go hands them to workers, each of which parses (package
// tree), compares with the API's types (package schema; package api has those of Antrea), validates and builds objects
// (builder.go; policy.go, antrea.go, upstream.go, external.go and so on by kind); read.go puts the pieces together again, in their order.
package manifest
