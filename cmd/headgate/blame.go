package main

import (
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// rest is what can be tried instead of a tree that has errors; nil if there is nothing. Works is as for a feed.
func (f *follower) rest(t *tree, findings []diag.Finding, works func(*manifest.Objects) bool) *tree {
	rest := f.from.without(t, findings, works)
	if rest != nil {
		rest.objects = f.gates.apply(rest.objects, &diag.Report{}) // those that are off are in the tree's findings
	}
	return rest
}

// works tells whether objects, beside what else is in a tree, have no errors that hold this host up.
func (f *follower) works(t *tree) func(*manifest.Objects) bool {
	return func(objects *manifest.Objects) bool {
		next := *t
		next.objects = f.gates.apply(objects, &diag.Report{})
		_, report, cutsHere := f.trial(&next, f.notAlive())
		return !concerns(report.Findings(), cutsHere)
	}
}

// leftOut are errors of documents alone, others that were found beside them, and what there is to say of those that make errors elsewhere.
func (c *apiServer) leftOut(beside []diag.Finding) []diag.Finding {
	var out []diag.Finding
	for _, finding := range append(c.objects.Findings(), beside...) {
		if finding.Severity == diag.Error {
			out = append(out, finding)
		}
	}
	for _, rejection := range c.objects.Rejected() {
		if rejection.Blamed && !slices.ContainsFunc(out, func(f diag.Finding) bool { return f.Origin == rejection.Because.Origin }) {
			finding := rejection.Because
			finding.Message, finding.Related = rejectionText(rejection), []diag.Related{{Origin: finding.Origin, Message: finding.Message}}
			finding.Origin = source.Origin{Object: rejection.Document, Pos: source.Pos{File: rejection.Document}}
			out = append(out, finding)
		}
	}
	return out
}
