package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	from   feed
	node   *agent.Node
	log    *slog.Logger
	again  <-chan struct{}                         // receives a value when what was read is to be compiled again; may be nil
	down   func() []string                         // the nodes that are not alive at the moment; nil: none
	meet   func(context.Context, *ir.Program) bool // takes in which nodes there are; reports whether that changes down; nil: no
	said   *teller
	state  *reporter // nil: nobody asks
	keeper *keeper

	session *compiler.Session
	held    *tree             // what the session holds
	pending *desired          // what is to be loaded, and could not be yet
	inForce *desired          // what was loaded last
	last    *ir.Pipeline      // of the last good generation, until it is loaded or of no use
	awaited string            // why it was to be loaded when that could not be done
	open    bool              // what pods send and get is to be cut off
	coming  chan error        // what the feed's next will return, while it is waited for
	resting time.Time         // until then what was read is not compiled again
	meeting bool              // meet has been called for what is being compiled
	told    string            // the last failure to load
	failed  string            // the last of all failures, while the feed is busy
	leftOut string            // where errors lie that hold up nothing else
	noted   string            // of Services, the last time
	tried   map[string]string // by what could not be done, what was said of it the last time
}

// desired is what a tree says of this host.
type desired struct {
	pipeline *ir.Pipeline
	declared *ir.Program
	of       *tree
	missed   []string // the nodes that are not alive
	refused  bool     // it could not be loaded, at least once
	denied   bool     // the last time because a dataplane did not accept it
}

// retryAfter is how long to wait before what could not be loaded is tried again.
const retryAfter = 2 * time.Second

func newFollower(o *agentOptions, from feed, node *agent.Node, log *slog.Logger) *follower {
	f := &follower{agentOptions: o, from: from, node: node, log: log, tried: map[string]string{}, said: newTeller(log, o.metrics.counted.Found)}
	f.said.once = from.busy()
	f.keeper = newKeeper(o, log, from.busy())
	return f
}

// event is what a follower waits for.
type event uint8

const (
	ended  event = iota
	news         // the feed has something to read
	turned       // what was read may be compiled again
	due          // it is time to try again
)

// follow returns when ctx ends. What was loaded last is kept then.
func (f *follower) follow(ctx context.Context) error {
	defer f.keeper.start()()
	go f.said.run(ctx)
	for {
		what, err := f.next(ctx)
		if ctx.Err() != nil {
			f.leave()
			return ctx.Err()
		}
		began := time.Now()
		switch {
		case err != nil:
			return err
		case what == news:
			f.metrics.counted.Queued()
			f.read(ctx)
		case what == turned:
			f.compileAgain(ctx)
		}
		f.load(ctx)
		if what == turned {
			// Nodes that come and go have this one work half of its time at most, however slow it is, and what they do meanwhile is
			// taken together.
			f.resting = time.Now().Add(time.Since(began))
			continue
		}
		f.takeUp(ctx, "nothing came that could be loaded")
		f.shut(ctx)
	}
}

// next waits until the feed has something new, or until it is time to compile or to load again. The feed is waited for all the while: it
// takes a while to come to rest, in which nodes may come and go.
func (f *follower) next(ctx context.Context) (event, error) {
	if f.coming == nil {
		coming := make(chan error, 1)
		f.coming = coming
		go func() { coming <- f.from.next(ctx) }()
	}
	var retry <-chan time.Time
	if f.pending != nil || f.last != nil || f.open {
		timer := time.NewTimer(retryAfter)
		defer timer.Stop()
		retry = timer.C
	}
	rest := time.NewTimer(time.Until(f.resting))
	defer rest.Stop()
	var again <-chan struct{}
	for {
		select {
		case <-ctx.Done():
			return ended, ctx.Err()
		case err := <-f.coming:
			f.coming = nil
			return news, err
		case <-rest.C:
			again = f.again
		case <-again:
			return turned, nil
		case <-retry:
			return due, nil
		}
	}
}

// leave waits for the feed after the context has ended.
func (f *follower) leave() {
	if f.coming != nil {
		<-f.coming
		f.coming = nil
	}
}

// read reads and compiles the tree. What is to be loaded then is pending; after an error nothing is.
func (f *follower) read(ctx context.Context) {
	t, err := f.from.read(ctx)
	if t == nil && err == nil || ctx.Err() != nil {
		return
	}
	f.pending = nil
	if err != nil {
		f.stuck("the directory cannot be read; the last good rules stay in force", err)
		return
	}
	report := reportWith(t.findings)
	if t.needs, err = readNeeds(f.needs, report); err != nil {
		f.stuck("what no policy may cut this host off from cannot be read; the last good rules stay in force", err)
		return
	}
	t.objects = f.gates.apply(t.objects, report)
	t.findings = report.Findings()
	f.compile(ctx, t)
}

// compileAgain compiles what is to be loaded or was loaded last, if other nodes are alive than it was compiled for: not what is in the
// directory, where that has errors.
func (f *follower) compileAgain(ctx context.Context) {
	now := f.pending
	if now == nil {
		now = f.inForce
	}
	if now == nil {
		return
	}
	if f.meet != nil {
		f.meet(ctx, now.declared)
	}
	if !slices.Equal(now.missed, f.notAlive()) {
		f.compile(ctx, now.of)
	}
}

// refuse says what is wrong with a tree.
func (f *follower) refuse(findings []diag.Finding) {
	f.metrics.counted.Refused()
	f.said.tell(findings)
	const message = "the manifests have errors; the last good rules stay in force"
	f.fail(message, nil)
	f.state.stuck(message + ": " + firstErrors(findings))
}

// stuck says why what is declared could not be put in force.
func (f *follower) stuck(message string, err error) {
	f.fail(message, err)
	f.state.stuck(because(message, err))
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
		if rest := f.rest(now.of, inexpressible.Findings, nil); rest != nil {
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
		now.refused, now.denied = true, errors.As(err, new(*agent.RefusedError))
		if err.Error() != f.told {
			f.told = err.Error()
			f.refused(err)
			f.stuck("the rules cannot be loaded; the last good ones stay in force", needsRoot(err))
		}
		return
	}
	before := f.inForce
	f.pending, f.inForce, f.told, f.failed = nil, now, "", ""
	f.from.accept(now.of)
	f.state.inForce(f.node.Generation(), now.pipeline, results, now.of.batch)
	f.announce(before, now)
	f.countNodes(now)
	for _, r := range results {
		if r.Drifted {
			f.log.Warn("the rules had been changed by somebody else; repaired", "target", r.Artifact.Target)
		}
		if len(r.Artifact.Objects) > 0 || r.Applied {
			f.log.Info("rules in force", "target", r.Artifact.Target, "generation", artifact.Generation(r.Artifact), "number", f.node.Generation().Number, "changes", r.Changes.String())
		}
	}
	f.keeper.keep(kept{f.node.Generation(), f.node.Pipeline(), now.missed})
}

// announce tells the network anew which addresses are here, if nodes are back that may have held them meanwhile.
func (f *follower) announce(before, now *desired) {
	if before != nil && slices.ContainsFunc(before.missed, func(name string) bool { return !slices.Contains(now.missed, name) }) {
		f.node.Announce()
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
	f.said.tell(report.Findings())
}
