package agent

import (
	"context"
	"sync"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Run does what has to be done between Loads, until ctx ends: it watches the dataplanes while the rules have names or log, lets
// names expire, and looks after the dataplanes. It is called once.
func (n *Node) Run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	var lives []Live
	for _, plane := range n.options.Planes {
		if live, ok := plane.Dataplane.(Live); ok {
			lives = append(lives, live)
		}
		if keeper, ok := plane.Dataplane.(Keeper); ok {
			group.Go(func() { keeper.Keep(ctx) })
		}
		if plane.Changes != nil {
			group.Go(func() { n.forward(ctx, plane.Changes) })
		}
	}
	group.Go(func() { n.keepWatching(ctx, lives) })
	if n.options.Names != nil {
		group.Go(func() { n.keepForgetting(ctx) })
	}
	n.keepChecking(ctx)
}

// Announce has the node's neighbours told anew what it has: nodes that could not be heard for a while may have had it meanwhile.
func (n *Node) Announce() {
	for _, plane := range n.options.Planes {
		if keeper, ok := plane.Dataplane.(Keeper); ok {
			keeper.Announce()
		}
	}
}

// forward turns a dataplane's changes into alarms.
func (n *Node) forward(ctx context.Context, changes <-chan struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-changes:
			if !open {
				return
			}
			signal(n.alarm)
		}
	}
}

// keepWatching watches the dataplanes while there is something to see.
func (n *Node) keepWatching(ctx context.Context, lives []Live) {
	var watches sync.WaitGroup
	stop := func() {}
	defer func() {
		stop()
		watches.Wait()
	}()
	watching := false
	for {
		if need := n.toWatch.Load(); need != watching {
			watching = need
			stop()
			watches.Wait()
			stop = func() {}
			if need {
				inner, cancel := context.WithCancel(ctx)
				stop = cancel
				for _, live := range lives {
					watches.Go(func() { n.watch(inner, live) })
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-n.loaded:
		}
	}
}

// needsWatch reports whether a dataplane with the rules of a Pipeline can have something to tell.
func (n *Node) needsWatch(p *ir.Pipeline) bool {
	return n.options.Names != nil && HasNames(p) || n.options.Journal != nil && HasLogging(p)
}

// HasNames reports whether rules depend on DNS names.
func HasNames(p *ir.Pipeline) bool {
	for i := range p.Sets {
		if p.Sets[i].Kind == ir.Names {
			return true
		}
	}
	return false
}

// HasLogging reports whether packets that rules decide are to be written down.
func HasLogging(p *ir.Pipeline) bool {
	found := false
	eachRule(p, func(_ ir.Direction, r *ir.Rule) { found = found || r.Logging.On })
	return found
}

// eachRule calls f with every rule, in order.
func eachRule(p *ir.Pipeline, f func(ir.Direction, *ir.Rule)) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for i := range l.Rules {
					f(d, &l.Rules[i])
				}
			}
		}
	}
}

// rewatchAfter is how long a watch that failed rests before the next one.
const rewatchAfter = time.Second

// watch watches one dataplane, again and again. The same failure is told once.
func (n *Node) watch(ctx context.Context, live Live) {
	told := ""
	for {
		err := live.Watch(ctx, &listener{n, ctx})
		if ctx.Err() != nil {
			return
		}
		if err != nil && err.Error() != told {
			told = err.Error()
			n.log.Error("the dataplane cannot be watched: names are not learned, and records are lost", "error", err)
		}
		if !pause(ctx, rewatchAfter) {
			return
		}
	}
}

// pause waits. It reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// listener is what a dataplane tells a Node.
type listener struct {
	n   *Node
	ctx context.Context
}

func (l *listener) Logged(r Record) {
	if l.n.options.Journal != nil {
		l.n.options.Journal.Record(journal.Record(r))
	}
}

func (l *listener) Answered(packet []byte) {
	if l.n.options.Names != nil && l.n.options.Names.Packet(packet, time.Now()) {
		l.n.learned(l.ctx)
		signal(l.n.taught)
	}
}

// keepForgetting has names expire when their time has come.
func (n *Node) keepForgetting(ctx context.Context) {
	for {
		if n.options.Names.Expire(time.Now()) {
			n.learned(ctx)
		}
		if !n.sleepUntilNext(ctx) {
			return
		}
	}
}

// sleepUntilNext waits until a name expires, or names are learned, which may expire before that. It reports whether ctx goes on.
func (n *Node) sleepUntilNext(ctx context.Context) bool {
	var due <-chan time.Time
	if next, ok := n.options.Names.Next(); ok {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-n.taught:
	case <-due:
	}
	return true
}

// keepChecking looks at the dataplanes now and then, and on alarms.
func (n *Node) keepChecking(ctx context.Context) {
	var due <-chan time.Time
	if n.options.Check > 0 {
		ticker := time.NewTicker(n.options.Check)
		defer ticker.Stop()
		due = ticker.C
	}
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-due:
		case <-n.alarm:
		}
		switch err := n.check(ctx); {
		case ctx.Err() != nil:
			return
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			n.log.Error("the rules could not be looked after", "error", err)
		}
	}
}

// check compares the dataplanes with what they should hold, and repairs them if they do not. Names are learned while it looks, which
// can take long, so a difference counts only if it is still there when nothing changes.
func (n *Node) check(ctx context.Context) error {
	n.mu.Lock()
	good := n.good
	if good == nil {
		n.mu.Unlock()
		return nil
	}
	wanted := good.wanted
	n.mu.Unlock()
	if wanted == nil {
		var err error
		if wanted, err = n.artifacts(good.pipeline); err != nil {
			return err
		}
	}
	if same, err := n.holds(ctx, wanted); err != nil || same {
		return err
	}
	return n.repair(ctx)
}

// holds compares what the dataplanes hold with artifacts.
func (n *Node) holds(ctx context.Context, wanted []artifact.Artifact) (bool, error) {
	for i, plane := range n.options.Planes {
		state, err := plane.Observe(ctx)
		if err != nil {
			return false, err
		}
		if state.Generation != generationOf(wanted[i]) || !artifact.Diff(state.Artifact, wanted[i]).IsEmpty() {
			return false, nil
		}
	}
	return true, nil
}

// repair loads what is wanted, and tells what was wrong.
func (n *Node) repair(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.doubt()
	results, err := n.reconcile(ctx, n.good, forwards)
	for _, r := range results {
		if r.Applied {
			n.mended(&r)
		}
	}
	return err
}

// brief is the beginning of a plan's text.
func brief(p artifact.Plan) string {
	const most = 1000
	text := p.Text()
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
