// Package repo holds the rules that this repository keeps, as functions over its files, so that a test can enforce them.
//
// Every rule is a row of Rules, says why it exists, and has an archive in testdata that breaks it: a rule that cannot fail
// is itself a failure. Rules read files only; nothing here is part of headgate.
package repo
