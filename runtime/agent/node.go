package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Names is what is known of DNS names at the moment. Its methods may be called concurrently.
type Names interface {
	// Learn takes in an IP packet with an answer of DNS, or a part of one over TCP. It tells whether what is known changed.
	Learn(packet []byte) (changed bool)
	// Known returns the addresses of the names that a pattern stands for, see ir.MatchesName.
	Known(patterns []string) ir.AddrSet
	// Expire forgets what has been known for too long by now, and tells whether there was such a thing, and when to call it next; the
	// zero time if nothing will ever expire.
	Expire(now time.Time) (next time.Time, changed bool)
}

// Journal writes down what rules with Logging decided. Its method may be called concurrently.
type Journal interface {
	// Write takes a packet that a rule of the pipeline decided, or of the one before it.
	Write(p *ir.Pipeline, r Record) error
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
	Planes  []Plane       // in the order in which they are loaded
	Names   Names         // nil: names stay unknown
	Journal Journal       // nil: records are not asked for
	Log     *slog.Logger  // nil: nothing is said
	Check   time.Duration // how often to look whether somebody else changed the rules; 0: DefaultCheck
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
	loaded  chan struct{} // a token: there was a Load
	taught  chan struct{} // a token: names were learned, so that the next one expires at another time
	alarm   chan struct{} // a token: look at the dataplanes now

	mu   sync.Mutex // held while dataplanes change
	good *generation
}

// generation is one desired state. Its slices are parallel to Options.Planes.
type generation struct {
	pipeline *ir.Pipeline        // with known names filled in
	wanted   []artifact.Artifact // nil after names were learned, until it is needed
	volatile []artifact.Artifact // what of it follows packets
}

// NewNode makes a Node that wants nothing yet. It owns the dataplanes: see Close.
func NewNode(o Options) *Node {
	n := &Node{options: o, log: o.Log, loaded: make(chan struct{}, 1), taught: make(chan struct{}, 1), alarm: make(chan struct{}, 1)}
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

// Load makes the node hold what a Pipeline that was placed on it says, and what is known of names. The results are those of the
// dataplanes, in their order. On error the last good generation is in force, or is brought back where a dataplane had the new one
// already; before the first good one, what was loaded stays.
func (n *Node) Load(ctx context.Context, p *ir.Pipeline) ([]Loaded, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next, err := n.generate(p)
	if err != nil {
		return nil, err
	}
	results, err := n.reconcile(ctx, next)
	if err != nil {
		return results, n.restore(ctx, err)
	}
	n.good = next
	signal(n.loaded)
	return results, nil
}

// restore goes back to the last good generation after an error, which it returns.
func (n *Node) restore(ctx context.Context, why error) error {
	if n.good == nil {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	if _, err := n.reconcile(ctx, n.good); err != nil {
		return errors.Join(why, fmt.Errorf("and the last good generation could not be brought back: %w", err))
	}
	return why
}

// generate makes what the dataplanes are to hold.
func (n *Node) generate(p *ir.Pipeline) (*generation, error) {
	if n.options.Names != nil {
		p = p.WithNames(n.options.Names.Known)
	}
	wanted, err := n.artifacts(p)
	if err != nil {
		return nil, err
	}
	return &generation{p, wanted, n.volatile(p)}, nil
}

func (n *Node) artifacts(p *ir.Pipeline) ([]artifact.Artifact, error) {
	var report diag.Report
	made := n.options.Target.Artifacts(p, &report)
	if report.HasErrors() {
		return nil, fmt.Errorf("generate: %w", errors.New(firstError(&report)))
	}
	return n.perPlane(p, made), nil
}

func (n *Node) volatile(p *ir.Pipeline) []artifact.Artifact {
	return n.perPlane(p, n.options.Target.Volatile(p))
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

func firstError(report *diag.Report) string {
	for _, f := range report.Findings() {
		if f.Severity == diag.Error {
			return f.Message
		}
	}
	return ""
}

// reconcile brings the dataplanes to a generation, one after the other, until one fails.
func (n *Node) reconcile(ctx context.Context, g *generation) ([]Loaded, error) {
	if g.wanted == nil {
		wanted, err := n.artifacts(g.pipeline)
		if err != nil {
			return nil, err
		}
		g.wanted = wanted
	}
	var out []Loaded
	for i, plane := range n.options.Planes {
		result, err := Reconcile(ctx, plane.Dataplane, g.wanted[i])
		if err != nil {
			return out, fmt.Errorf("%s: %w", plane.Target, err)
		}
		out = append(out, Loaded{result, g.wanted[i]})
	}
	return out, nil
}

// learned brings what is known of names now into the dataplanes, without looking at them. Where that fails they are looked at.
func (n *Node) learned(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.good == nil {
		return
	}
	p := n.good.pipeline.WithNames(n.options.Names.Known)
	next := &generation{pipeline: p, volatile: n.volatile(p)}
	var failed error
	for i, plane := range n.options.Planes {
		plan := artifact.Diff(n.good.volatile[i], next.volatile[i])
		if plan.IsEmpty() {
			continue
		}
		live, ok := plane.Dataplane.(Live)
		if !ok {
			failed = fmt.Errorf("%s cannot learn", plane.Target)
			continue
		}
		if err := live.Learn(ctx, plan); err != nil {
			failed = fmt.Errorf("%s: %w", plane.Target, err)
		}
	}
	n.good = next
	if failed == nil || ctx.Err() != nil {
		return
	}
	n.log.Warn("names could not be learned; loading everything", "error", failed)
	if _, err := n.reconcile(ctx, next); err != nil {
		n.log.Error("the rules could not be loaded", "error", err)
	}
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
	planes := make([]Dataplane, len(n.options.Planes))
	for i, p := range n.options.Planes {
		planes[i] = p.Dataplane
	}
	return CountsOf(ctx, planes...)
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
