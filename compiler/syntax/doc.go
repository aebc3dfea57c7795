// Package syntax reads and writes headgate's policy language, which section 12 of spec.md defines.
//
// A program is Parsed into a File, whose sentences Translate turns into the documents that stand for the same objects in YAML: what they
// mean, what is refused and what is filled in is said there, once, by package manifest. Print writes a File as text, and Format
// lays out a text anew, comments included.
//
// The way of a text: text.go cuts it into tokens; parse.go has ANTLR's parser (package gen) find errors one by one, which expected.go
// explains; build*.go make the tree of ast.go. The way of a File: scope.go replaces names by what they stand for, translate.go and what
// follows it write a document tree (package manifest/tree) for each object. The way back from documents to a File is for the same trees:
// a Word made by Name is quoted where it has to be, and an Object can say what no other declaration says. format.go and print.go write.
//
// Guarantees: no text makes anything panic; time and memory grow with the text alone; every error is told that is none of another
// one's making, up to MaxErrors; parsing what Print writes gives the same File, but for places; formatting what Format writes changes
// nothing, and Format never changes what Parse gives; the nodes of the documents have the places of the words that they came from.
package syntax

//go:generate ../../hack/antlr.sh
