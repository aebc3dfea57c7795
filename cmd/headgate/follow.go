package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/source"
	"github.com/headgate-net/headgate/targets/artifact"
)

// follower brings the node to what a directory says, again and again.
type follower struct {
	*agentOptions
	dir  *source.Directory
	node *agent.Node
	log  *slog.Logger

	pending *desired // what is to be loaded, and could not be yet
	told    string   // the last failure
	noted   string   // of Services, the last time
	said    map[string]bool
}

// desired is what a tree says of this host.
type desired struct {
	pipeline *ir.Pipeline
	declared *ir.Program
}

// retryAfter is how long to wait before what could not be loaded is tried again.
const retryAfter = 2 * time.Second

// follow returns when ctx ends.
func (f *follower) follow(ctx context.Context) error {
	for {
		err := f.next(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded): // the tree is as it was, but something is pending
		case err != nil:
			return err
		default:
			f.read(ctx)
		}
		f.load(ctx)
	}
}

// next waits for the tree to change, or until it is time to try again.
func (f *follower) next(ctx context.Context) error {
	if f.pending != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryAfter)
		defer cancel()
	}
	return f.dir.Next(ctx)
}

// read compiles the tree. What is to be loaded then is pending; after an error nothing is.
func (f *follower) read(ctx context.Context) {
	report := &diag.Report{}
	var objects *manifest.Objects
	var count int
	whole, err := f.dir.Whole(func(files []string) {
		count = len(files)
		objects = manifest.Read(ctx, manifest.Options{Files: files, Namespace: f.namespace}, report)
	})
	if !whole && err == nil || ctx.Err() != nil {
		return
	}
	f.pending = nil
	switch {
	case err != nil:
		f.fail("the directory cannot be read; the last good rules stay in force", err)
		return
	case count == 0:
		f.fail("the directory has no manifests; the last good rules stay in force", nil)
		return
	}
	report = withoutEmptyFiles(report)
	needs, err := readNeeds(f.needs, report)
	if err != nil {
		f.fail("what no policy may cut this host off from cannot be read; the last good rules stay in force", err)
		return
	}
	g, err := generate(objects, f.host.target, compiler.Options{Nodes: []string{f.host.node}, Needs: needs, Except: f.except.set()}, report)
	if err != nil {
		f.fail("the manifests cannot be compiled; the last good rules stay in force", err)
		return
	}
	f.report(report)
	if report.HasErrors() {
		f.fail("the manifests have errors; the last good rules stay in force", nil)
		return
	}
	p, err := f.host.placed(g)
	if err != nil {
		f.fail("there are no rules for this host; the last good ones stay in force", err)
		return
	}
	p, note, err := f.host.served(ctx, p)
	if err != nil {
		f.fail("whether kube-proxy serves Services here cannot be told; the last good rules stay in force", err)
		return
	}
	if note != "" && note != f.noted {
		f.log.Info(note)
	}
	f.noted = note
	f.pending = &desired{p, g.result.Program}
}

// withoutEmptyFiles leaves out that files hold no manifests: there may be such in a directory.
func withoutEmptyFiles(report *diag.Report) *diag.Report {
	out := &diag.Report{}
	for _, finding := range report.Findings() {
		if finding.Code != diag.NoManifests {
			out.AddFinding(finding)
		}
	}
	return out
}

// fail logs an error. After one, everything is said again.
func (f *follower) fail(message string, err error) {
	if err != nil {
		f.log.Error(message, "error", err)
		return
	}
	f.log.Error(message)
}

// report logs findings; those of the read before are not repeated, unless they are errors.
func (f *follower) report(report *diag.Report) {
	said := map[string]bool{}
	for _, finding := range report.Findings() {
		key := string(finding.Code) + finding.Origin.Label() + finding.Message
		said[key] = true
		if f.said[key] && finding.Severity != diag.Error {
			continue
		}
		level := map[diag.Severity]slog.Level{diag.Note: slog.LevelInfo, diag.Warning: slog.LevelWarn, diag.Error: slog.LevelError}[finding.Severity]
		f.log.Log(context.Background(), level, finding.Message, "code", string(finding.Code), "at", finding.Origin.Pos.String(), "in", finding.Origin.Label())
	}
	f.said = said
}

// load loads what is pending. It stays so after an error, of which the same is logged once.
func (f *follower) load(ctx context.Context) {
	if f.pending == nil {
		return
	}
	results, err := f.node.Load(ctx, f.pending.pipeline, f.pending.declared)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		if err.Error() != f.told {
			f.told = err.Error()
			f.refused(err)
			f.fail("the rules cannot be loaded; the last good ones stay in force", needsRoot(err))
		}
		return
	}
	f.pending, f.told = nil, ""
	for _, r := range results {
		if r.Drifted {
			f.log.Warn("the rules had been changed by somebody else; repaired", "target", r.Artifact.Target)
		}
		if len(r.Artifact.Objects) > 0 || r.Applied {
			f.log.Info("rules in force", "target", r.Artifact.Target, "generation", artifact.Generation(r.Artifact), "changes", r.Changes.String())
		}
	}
	if err := remember(f.stateDir, f.host.target, f.node.Pipeline()); err != nil {
		f.fail("what is loaded could not be noted: 'headgate stats' needs -f", err)
	}
}

// refused logs which declarations the dataplane did not accept.
func (f *follower) refused(err error) {
	var refused *agent.RefusedError
	if !errors.As(err, &refused) {
		return
	}
	report := &diag.Report{}
	for _, r := range refused.Refusals {
		report.AddFinding(refusalFinding(r))
	}
	f.report(report)
}
