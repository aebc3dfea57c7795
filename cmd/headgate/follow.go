package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
)

// follower brings the node to what its feed says, again and again. Only what changed is read, compiled and loaded; see tree.
type follower struct {
	*agentOptions
	from  feed
	node  *agent.Node
	log   *slog.Logger
	again <-chan struct{}                         // receives a value when what was read is to be compiled again; may be nil
	down  func() []string                         // the nodes that are not alive at the moment; nil: none
	meet  func(context.Context, *ir.Program) bool // takes in which nodes there are; reports whether that changes down; nil: no
	said  *teller

	session *compiler.Session
	held    *tree        // what the session holds
	good    *tree        // what was loaded last
	pending *desired     // what is to be loaded, and could not be yet
	last    *ir.Pipeline // of the last good generation, until it is loaded or of no use
	stale   bool         // what is pending, or was loaded last, is to be compiled again
	missed  []string     // the nodes that were not alive when what is in force was compiled
	told    string       // the last failure to load
	failed  string       // the last of all failures, while the feed is busy
	leftOut string       // where errors lie that hold up nothing else
	noted   string       // of Services, the last time
}

// desired is what a tree says of this host.
type desired struct {
	pipeline *ir.Pipeline
	declared *ir.Program
	of       *tree
	missed   []string // the nodes that are not alive
	refused  bool     // by a dataplane, at least once
}

// retryAfter is how long to wait before what could not be loaded is tried again.
const retryAfter = 2 * time.Second

func newFollower(o *agentOptions, from feed, node *agent.Node, log *slog.Logger) *follower {
	f := &follower{agentOptions: o, from: from, node: node, log: log, said: newTeller(log, o.metrics.counted.Found)}
	f.said.once = from.busy()
	return f
}

// follow returns when ctx ends.
func (f *follower) follow(ctx context.Context) error {
	go f.said.run(ctx)
	for {
		err := f.next(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			f.metrics.counted.Queued()
			f.read(ctx)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled):
			return err
		}
		if f.stale {
			f.compileAgain(ctx)
		}
		f.load(ctx)
		if !errors.Is(err, context.Canceled) {
			f.takeUp(ctx, "nothing came that could be loaded")
		}
	}
}

// next waits for the tree to change, or until it is time to compile or to load again: then with an error of the context.
func (f *follower) next(ctx context.Context) error {
	if f.pending != nil || f.last != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryAfter)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		select {
		case <-f.again:
			f.stale = true
			cancel()
		case <-ctx.Done():
		}
	})
	err := f.from.next(ctx)
	cancel()
	work.Wait()
	return err
}

// read reads and compiles the tree. What is to be loaded then is pending; after an error nothing is.
func (f *follower) read(ctx context.Context) {
	t, err := f.from.read(ctx)
	if t == nil && err == nil || ctx.Err() != nil {
		return
	}
	f.pending = nil
	if err != nil {
		f.fail("the directory cannot be read; the last good rules stay in force", err)
		return
	}
	report := reportWith(t.findings)
	if t.needs, err = readNeeds(f.needs, report); err != nil {
		f.fail("what no policy may cut this host off from cannot be read; the last good rules stay in force", err)
		return
	}
	t.objects = f.gates.apply(t.objects, report)
	t.findings = report.Findings()
	f.compile(ctx, t)
}

// compileAgain compiles what is to be loaded or was loaded last: not what is in the directory, where that has errors.
func (f *follower) compileAgain(ctx context.Context) {
	f.stale = false
	switch {
	case f.pending != nil:
		f.compile(ctx, f.pending.of)
	case f.good != nil:
		f.compile(ctx, f.good)
	}
}

// refuse says what is wrong with a tree.
func (f *follower) refuse(findings []diag.Finding) {
	f.metrics.counted.Refused()
	f.said.tell(findings)
	f.fail("the manifests have errors; the last good rules stay in force", nil)
}

// fail logs an error: while the feed is busy, the same one once, until something is loaded.
func (f *follower) fail(message string, err error) {
	if f.from.busy() {
		key := fmt.Sprint(message, err)
		if key == f.failed {
			return
		}
		f.failed = key
	}
	if err != nil {
		f.log.Error(message, "error", err)
		return
	}
	f.log.Error(message)
}

// load loads what is pending. It stays so after an error, of which the same is logged once.
func (f *follower) load(ctx context.Context) {
	if f.pending == nil {
		return
	}
	now := f.pending
	results, err := f.node.Load(ctx, now.pipeline, now.declared)
	if ctx.Err() != nil {
		return
	}
	var inexpressible *agent.InexpressibleError
	if errors.As(err, &inexpressible) {
		f.pending = nil
		if rest := f.from.without(now.of, inexpressible.Findings); rest != nil {
			f.compile(ctx, rest)
			f.load(ctx)
			return
		}
		f.refuse(slices.Concat(now.of.leftOut, now.of.findings, inexpressible.Findings))
		return
	}
	if !now.refused {
		defer f.inspect(now.of) // what it says comes after the rules
	}
	if err != nil {
		now.refused = true
		if err.Error() != f.told {
			f.told = err.Error()
			f.refused(err)
			f.fail("the rules cannot be loaded; the last good ones stay in force", needsRoot(err))
		}
		return
	}
	f.pending, f.good, f.told, f.failed = nil, now.of, "", ""
	f.from.accept(now.of)
	f.announce(now.missed)
	f.countNodes(now)
	for _, r := range results {
		if r.Drifted {
			f.log.Warn("the rules had been changed by somebody else; repaired", "target", r.Artifact.Target)
		}
		if len(r.Artifact.Objects) > 0 || r.Applied {
			f.log.Info("rules in force", "target", r.Artifact.Target, "generation", artifact.Generation(r.Artifact), "number", f.node.Generation().Number, "changes", r.Changes.String())
		}
	}
	if err := remember(f.stateDir, f.host.target, kept{f.node.Generation(), f.node.Pipeline()}); err != nil {
		f.fail("what is loaded could not be kept: 'headgate stats' needs -f, and the next agent may find an older generation", err)
	}
}

// announce tells the network anew which addresses are here, if nodes are back that may have held them meanwhile.
func (f *follower) announce(missed []string) {
	if slices.ContainsFunc(f.missed, func(name string) bool { return !slices.Contains(missed, name) }) {
		f.node.Announce()
	}
	f.missed = missed
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
	f.said.tell(report.Findings())
}
