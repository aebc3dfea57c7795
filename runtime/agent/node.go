package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Names is what is known of DNS names at the moment, as a names.Cache keeps it. Its methods may be called concurrently.
type Names interface {
	// Packet takes in an IP packet with an answer of DNS, or a part of one over TCP. It tells whether Known has changed.
	Packet(packet []byte, now time.Time) bool
	// Known returns the addresses of the names that a pattern stands for, see ir.MatchesName.
	Known(patterns []string) ir.AddrSet
	// SetPatterns says which names matter from now on. The others are forgotten.
	SetPatterns(patterns []string)
	// Expire forgets what has been known for too long by now. It tells whether Known has changed.
	Expire(now time.Time) bool
	// Next tells when to call Expire; false if never.
	Next() (time.Time, bool)
}

// Plane is one of a node's dataplanes.
type Plane struct {
	Dataplane
	Target  string          // the artifacts that are for it, as in artifact.Artifact.Target
	Changes <-chan struct{} // receives a value when it should be looked at, for instance because ports appeared; may be nil
}

// Options say what a Node works on and with.
type Options struct {
	Target  targets.Target
	Planes  []Plane          // in the order in which they are loaded
	Names   Names            // nil: names stay unknown
	Journal *journal.Journal // gets the records; nil: nobody asks for them
	Health  Health           // is told what Load does; nil: nobody asks for it
	Meter   Meter            // is told what the Node does; nil: nobody asks for it
	Last    Generation       // what was in force before, as far as that is known
	Log     *slog.Logger     // nil: nothing is said
	Check   time.Duration    // how often to look whether somebody else changed the rules; 0: DefaultCheck; negative: never
}

// DefaultCheck is how often a Node looks whether somebody else changed its rules.
const DefaultCheck = 10 * time.Second

// restoreTime is how long going back to the last good generation may take. The context of a Load that failed may have ended.
const restoreTime = 30 * time.Second

// Node keeps the dataplanes of one node at what is wanted: what Load was last given without an error, with the names that are
// known at the moment filled in. While it runs, it learns names from the DNS answers that its dataplanes see, hands on records
// of packets, and repairs what somebody else changed. Its methods may be called concurrently.
type Node struct {
	options Options
	log     *slog.Logger
	loaded  chan struct{} // a token: toWatch may have changed
	taught  chan struct{} // a token: names were learned, so that the next one expires at another time
	alarm   chan struct{} // a token: look at the dataplanes now

	toWatch atomic.Bool // the dataplanes have something to tell, or will have in a moment

	mu     sync.Mutex // held while dataplanes change
	good   *generation
	target targets.Target // of Options, remembering
	// held is what each dataplane was left with, by its index; nil: it has to be observed. It is right as long as nobody else changes
	// anything, which a Continuing dataplane finds out; and but for names, if they were learned since.
	held    []*State
	learnt  bool
	guarded bool // by Guard; what it was before the first Load is not known

	journalled *generation // the newest that the Journal knows

	numbering sync.Mutex // held while the following changes
	current   Generation
}

// generation is one desired state. It does not change, but for wanted, under the Node's lock. Its slices are parallel to
// Options.Planes.
type generation struct {
	pipeline *ir.Pipeline        // with known names filled in
	declared *ir.Program         // what it was made of; may be nil
	wanted   []artifact.Artifact // nil after names were learned, until it is needed
}

// NewNode makes a Node that wants nothing yet. The dataplanes are the caller's to close, after Run has returned.
func NewNode(o Options) *Node {
	n := &Node{options: o, target: o.Target.Again(), held: make([]*State, len(o.Planes)), current: o.Last, log: o.Log, loaded: make(chan struct{}, 1), taught: make(chan struct{}, 1), alarm: make(chan struct{}, 1)}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if n.options.Check == 0 {
		n.options.Check = DefaultCheck
	}
	return n
}

// Loaded says what Load did to one dataplane.
type Loaded struct {
	Result
	Artifact artifact.Artifact // what the dataplane holds now
}

// Load makes the node hold what a Pipeline that was placed on it says, and what is known of names. declared, which may be nil, is
// what the Pipeline was made of; records tell the names that it gave to rules. The results are those of the dataplanes, in their order.
// On error the last good generation is in force, or is brought back where a dataplane had the new one already; before the first good
// one, what was loaded stays. What the target cannot express is an InexpressibleError.
func (n *Node) Load(ctx context.Context, p *ir.Pipeline, declared *ir.Program) (results []Loaded, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	began := time.Now()
	defer func() { n.measure(p, results, time.Since(began), err) }()
	next := &generation{pipeline: p, declared: declared}
	n.announce(n.good, next)
	results, err = n.bringOver(ctx, next)
	if err != nil {
		err = n.restore(ctx, err)
		n.announce(n.good)
		return results, err
	}
	n.unguard(ctx)
	before := &ir.Pipeline{}
	if n.good != nil {
		before = n.good.pipeline
	}
	n.good = next
	n.number(next)
	n.announce(next)
	if n.options.Health != nil {
		n.options.Health.InForce(next.pipeline)
	}
	n.clean(ctx, before, next.pipeline)
	return results, nil
}

// clean has the dataplanes forget what a change of Services left behind. The rules are in force even where that fails.
func (n *Node) clean(ctx context.Context, before, after *ir.Pipeline) {
	if len(before.Frontends)+len(after.Frontends) == 0 {
		return
	}
	for _, plane := range n.options.Planes {
		if c, ok := plane.Dataplane.(Cleaner); ok {
			if err := c.Clean(ctx, before, after); err != nil {
				n.log.Warn("connections to backends that are gone may go on", "target", plane.Target, "error", err)
			}
		}
	}
}

// announce says which names matter, whether there is anything to watch, and what the ids of rules mean, while the given generations
// are in force; the last one is the newest. They may be nil. What is watched from before a generation is in force misses little of it.
func (n *Node) announce(all ...*generation) {
	var patterns []string
	toWatch := false
	for _, g := range all {
		if g == nil {
			continue
		}
		toWatch = toWatch || n.needsWatch(g.pipeline)
		for i := range g.pipeline.Sets {
			patterns = append(patterns, g.pipeline.Sets[i].Patterns...)
		}
	}
	if n.options.Names != nil {
		slices.Sort(patterns)
		n.options.Names.SetPatterns(slices.Compact(patterns))
	}
	n.toWatch.Store(toWatch)
	signal(n.loaded)
	if newest := all[len(all)-1]; newest != nil && n.options.Journal != nil && newest != n.journalled {
		n.options.Journal.SetRules(newest.pipeline, newest.declared)
		n.journalled = newest
	}
}

// bring fills in what is known of names, and brings the dataplanes to the generation. One for which there are no rules is no change that
// could be put in force.
func (n *Node) bring(ctx context.Context, g *generation, o order) ([]Loaded, error) {
	if n.options.Names != nil {
		g.pipeline = g.pipeline.WithNames(n.options.Names.Known)
	}
	if err := n.want(g); err != nil {
		return nil, err
	}
	if n.options.Health != nil {
		n.options.Health.Queued()
	}
	if o == backwards {
		if err := n.release(ctx, g); err != nil {
			return nil, err
		}
	}
	if err := n.prepare(ctx, g); err != nil {
		return nil, err
	}
	return n.reconcile(ctx, g, o)
}

// restore goes back to the last good generation after an error, which it returns.
func (n *Node) restore(ctx context.Context, why error) error {
	if n.good == nil {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	if _, err := n.reconcile(ctx, n.good, forwards); err != nil {
		return errors.Join(why, fmt.Errorf("and the last good generation could not be brought back: %w", err))
	}
	n.unguard(ctx)
	return why
}

// artifacts makes what the dataplanes are to hold. It may be called whoever holds the lock.
func (n *Node) artifacts(p *ir.Pipeline) ([]artifact.Artifact, error) {
	return n.artifactsBy(n.options.Target, p)
}

func (n *Node) artifactsBy(target targets.Target, p *ir.Pipeline) ([]artifact.Artifact, error) {
	var report diag.Report
	made := target.Artifacts(p, &report)
	if report.HasErrors() {
		return nil, fmt.Errorf("generate: %w", &InexpressibleError{report.Findings()})
	}
	return n.perPlane(p, made), nil
}

// perPlane puts artifacts into the order of the dataplanes. One for which there is none is to hold nothing.
func (n *Node) perPlane(p *ir.Pipeline, made []artifact.Artifact) []artifact.Artifact {
	out := make([]artifact.Artifact, len(n.options.Planes))
	for i, plane := range n.options.Planes {
		out[i] = artifact.Artifact{Target: plane.Target, Node: p.Node}
		if at := slices.IndexFunc(made, func(a artifact.Artifact) bool { return a.Target == plane.Target }); at >= 0 {
			out[i] = made[at]
		}
	}
	return out
}

// InexpressibleError is what a target found wrong with a Pipeline: at least one error.
type InexpressibleError struct{ Findings []diag.Finding }

// Error gives the first error's message.
func (e *InexpressibleError) Error() string {
	for _, f := range e.Findings {
		if f.Severity == diag.Error {
			return f.Message
		}
	}
	return ""
}

// reconcile brings the dataplanes to a generation, one after the other, until one fails. The results are those of the dataplanes in
// their own order, up to the first that was not reached.
func (n *Node) reconcile(ctx context.Context, g *generation, o order) ([]Loaded, error) {
	if err := n.want(g); err != nil {
		return nil, err
	}
	if n.learnt && n.good != nil && n.good != g {
		if err := n.want(n.good); err != nil {
			return nil, err
		}
	}
	if n.learnt && n.good != nil {
		n.holdNames()
	}
	out, reached := make([]Loaded, len(n.options.Planes)), make([]bool, len(n.options.Planes))
	for _, i := range n.sequence(o) {
		result, err := n.settle(ctx, i, g.wanted[i])
		if err != nil {
			return out[:slices.Index(append(reached, false), false)], fmt.Errorf("%s: %w", n.options.Planes[i].Target, err)
		}
		out[i], reached[i] = Loaded{result, g.wanted[i]}, true
	}
	return out, nil
}

// want makes what the dataplanes are to hold, unless that is known.
func (n *Node) want(g *generation) (err error) {
	if g.wanted == nil {
		g.wanted, err = n.artifactsBy(n.target, g.pipeline)
	}
	return err
}

// holdNames takes in that the dataplanes have learned the names that are known to the good generation.
func (n *Node) holdNames() {
	n.learnt = false
	for i, held := range n.held {
		if held != nil {
			now := *held
			now.Artifact = n.good.wanted[i]
			n.held[i] = &now
		}
	}
}

// settle brings one dataplane to what is wanted: from what it was left with, or if somebody else may have changed that, from what is
// observed.
func (n *Node) settle(ctx context.Context, i int, want artifact.Artifact) (Result, error) {
	plane, held := n.options.Planes[i].Dataplane, n.held[i]
	n.held[i] = nil
	if c, ok := plane.(Continuing); ok && held != nil {
		result, after, err := proceed(ctx, c, *held, want)
		if err == nil {
			n.held[i] = &after
		}
		if !errors.Is(err, ErrChanged) {
			return result, err
		}
	}
	result, after, err := settle(ctx, plane, want)
	if err == nil {
		n.held[i] = &after
	}
	return result, err
}

// doubt has the dataplanes observed before they are changed again.
func (n *Node) doubt() { clear(n.held) }

// learned brings what is known of names now into the dataplanes, without looking at them. Where that fails they are looked at.
func (n *Node) learned(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.good == nil {
		return
	}
	next := &generation{pipeline: n.good.pipeline.WithNames(n.options.Names.Known), declared: n.good.declared}
	var failed error
	for i, plan := range n.plans(n.good.pipeline, next.pipeline) {
		if err := learn(ctx, n.options.Planes[i], plan); err != nil {
			failed = err
		}
	}
	if n.journalled == n.good {
		n.journalled = next
	}
	n.good, n.learnt = next, true
	if failed == nil {
		return
	}
	n.doubt()
	if ctx.Err() != nil {
		return
	}
	n.log.Warn("names could not be learned; loading everything", "error", failed)
	if _, err := n.reconcile(ctx, n.good, forwards); err != nil {
		n.log.Error("the rules could not be loaded", "error", err)
	}
}

func learn(ctx context.Context, plane Plane, plan artifact.Plan) error {
	live, ok := plane.Dataplane.(Live)
	switch {
	case plan.IsEmpty():
		return nil
	case !ok:
		return fmt.Errorf("%s cannot learn", plane.Target)
	}
	if err := live.Learn(ctx, plan); err != nil {
		return fmt.Errorf("%s: %w", plane.Target, err)
	}
	return nil
}

// plans tells what has to be learned when names have other addresses. What targets make of one address does not depend on the others,
// so that those which are the same on both sides can be left out: an answer costs what it changes, not what is known.
func (n *Node) plans(was, is *ir.Pipeline) []artifact.Plan {
	var changes []ir.AddrSet
	for i := range is.Sets {
		if is.Sets[i].Kind == ir.Names && !was.Sets[i].Addrs.Equal(is.Sets[i].Addrs) {
			before, now := was.Sets[i].Addrs, is.Sets[i].Addrs
			changes = append(changes, before.Subtract(now), now.Subtract(before))
		}
	}
	change := ir.UnionAll(changes...)
	was, is = within(was, change), within(is, change)
	before := n.perPlane(was, n.options.Target.Volatiles(was))
	out := make([]artifact.Plan, len(before))
	for i, now := range n.perPlane(is, n.options.Target.Volatiles(is)) {
		out[i] = artifact.Diff(before[i], now)
	}
	return out
}

// within is a Pipeline that knows of names only what is among some addresses.
func within(p *ir.Pipeline, some ir.AddrSet) *ir.Pipeline {
	out := *p
	out.Sets = slices.Clone(p.Sets)
	for i := range out.Sets {
		if s := &out.Sets[i]; s.Kind == ir.Names {
			s.Addrs = s.Addrs.Intersect(some)
		}
	}
	return &out
}

// Pipeline is what is in force, as far as the Node knows; nil before the first Load.
func (n *Node) Pipeline() *ir.Pipeline {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.good == nil {
		return nil
	}
	return n.good.pipeline
}

// Counts tells what each rule has decided, on all dataplanes together.
func (n *Node) Counts(ctx context.Context) (map[ir.RuleID]Count, error) {
	return CountsOf(ctx, n.dataplanes()...)
}

// Statistics tells what the declared rules have decided; nothing before the first Load.
func (n *Node) Statistics(ctx context.Context) (Statistics, error) {
	n.mu.Lock()
	good := n.good
	var p *ir.Pipeline
	if good != nil {
		p = good.pipeline
	}
	n.mu.Unlock()
	if p == nil {
		return Statistics{}, nil
	}
	counts, err := n.Counts(ctx)
	if err != nil {
		return Statistics{}, err
	}
	return StatisticsOf(p, good.declared, counts), nil
}

// CountsOf tells what each rule has decided, on all of the dataplanes together.
func CountsOf(ctx context.Context, planes ...Dataplane) (map[ir.RuleID]Count, error) {
	sum := map[ir.RuleID]Count{}
	for _, plane := range planes {
		live, ok := plane.(Live)
		if !ok {
			continue
		}
		counts, err := live.Counts(ctx)
		if err != nil {
			return nil, err
		}
		for id, c := range counts {
			s := sum[id]
			s.add(c)
			sum[id] = s
		}
	}
	return sum, nil
}

// signal leaves a token, unless there is one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
