package main

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// tree is what was read of a feed, and what else it takes to compile that.
type tree struct {
	objects  *manifest.Objects
	needs    []guard.Need
	findings []diag.Finding // of reading
	leftOut  []diag.Finding // errors of which objects has no trace
	batch    uint64         // of the API server's, that it includes
}

// compile makes what a tree says of this host pending, unless there are errors: in any of the tree, so that all hosts that follow it stay
// with the last good one, but for what would cut other hosts off, which is their business. At the cost of what changed, that takes what
// concerns this host, and a look at the rest; what else there is to say about the rest is found afterwards, see inspection.
func (f *follower) compile(ctx context.Context, t *tree) {
	f.pending = nil
	if report := reportWith(t.findings); report.HasErrors() {
		f.refuse(report.Findings())
		return
	}
	missed := f.notAlive()
	began := time.Now()
	pipeline, report, cutsHere := f.trial(t, missed)
	f.metrics.counted.Compiled(began)
	stuck := concerns(report.Findings(), cutsHere)
	if report.HasErrors() {
		works := f.works(t)
		if !stuck {
			works = nil // no other object need be held back
		}
		if rest := f.rest(t, report.Findings(), works); rest != nil {
			f.compile(ctx, rest)
			return
		}
	}
	if stuck {
		f.refuse(slices.Concat(t.leftOut, report.Findings()))
		return
	}
	declared := f.session.Declared(f.host.node)
	if err := f.host.among(declared); err != nil {
		f.inspect(t)
		if !f.from.busy() {
			err = f.host.among(f.session.Full(&diag.Report{}).Program)
		}
		f.stuck("there are no rules for this host; the last good ones stay in force", err)
		return
	}
	if f.meet != nil && !f.meeting && f.meet(ctx, declared) {
		f.meeting = true // of what changes from now on, again tells
		f.compile(ctx, t)
		f.meeting = false
		return
	}
	pipeline, note, err := f.host.served(ctx, pipeline)
	if err != nil {
		f.stuck("whether kube-proxy serves Services here cannot be told; the last good rules stay in force", err)
		return
	}
	if note != "" && note != f.noted {
		f.log.Info(note)
	}
	f.noted = note
	f.pending = &desired{pipeline: pipeline, declared: declared, of: t, missed: missed}
}

// trial compiles a tree of which nothing is wrong by itself. The findings are those of all hosts, and those of this one alone, among which
// are those of what would cut it off.
func (f *follower) trial(t *tree, missed []string) (p *ir.Pipeline, all *diag.Report, here []diag.Finding) {
	all = reportWith(t.findings)
	f.hold(t, missed)
	p = f.session.Compile(all, f.host.node)[0]
	here = all.Findings()
	all.Drop(locksOut) // of all hosts together, next
	f.session.Faults(all)
	return p, all, here
}

func locksOut(found diag.Finding) bool { return found.Code == diag.LocksOut }

// concerns reports whether errors hold up a host, of which it is known what would cut it off.
func concerns(all, cutsHere []diag.Finding) bool {
	return slices.ContainsFunc(cutsHere, locksOut) || slices.ContainsFunc(all, func(found diag.Finding) bool {
		return found.Severity == diag.Error && !locksOut(found)
	})
}

// hold has the session hold a tree, without some nodes.
func (f *follower) hold(t *tree, missed []string) {
	if f.session == nil || !reflect.DeepEqual(f.held.needs, t.needs) {
		f.session = compiler.NewSession(f.options(t))
	}
	f.held = t
	f.session.Replace(t.objects)
	f.session.SetDown(missed)
}

func (f *follower) notAlive() []string {
	if f.down == nil {
		return nil
	}
	return f.down()
}

func (f *follower) options(t *tree) compiler.Options {
	return compiler.Options{Nodes: []string{f.host.node}, Needs: t.needs, Except: f.except.set(), Down: f.notAlive()}
}

// inspect says what there is to say about a tree that is not refused. Of a busy feed that is what reading found: a look at everything
// each time would never end.
func (f *follower) inspect(t *tree) {
	if !f.from.busy() {
		f.said.inspect(f.inspection(t))
		return
	}
	f.said.tell(slices.Concat(t.leftOut, t.findings))
	if now := places(t.leftOut); now != f.leftOut {
		if f.leftOut = now; now != "" {
			f.log.Error("objects with errors are left out; what they said before stays in force", "objects", now)
		}
	}
}

// inspection finds everything that there is to say about a tree, all hosts included. The session is not needed for it, so that
// it can be done while that goes on.
func (f *follower) inspection(t *tree) func() []diag.Finding {
	options := f.options(t)
	return func() []diag.Finding {
		report := reportWith(t.findings)
		result := compiler.Compile(t.objects, options, report)
		findings := report.Findings()
		if len(t.objects.Expectations) == 0 {
			f.state.expects(nil, false)
		} else if !report.HasErrors() {
			unmet := unmetExpectations(t.objects, result)
			f.state.expects(unmet, true)
			for _, found := range unmet {
				found.Severity = diag.Warning // what is declared is in force all the same
				findings = append(findings, found)
			}
		}
		return findings
	}
}

func reportWith(findings []diag.Finding) *diag.Report {
	report := &diag.Report{}
	for _, f := range findings {
		report.AddFinding(f)
	}
	return report
}
