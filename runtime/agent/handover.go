package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// # Addresses that come and go
//
// What leaves a node by an address must find, at every moment, either all of what gives it that source or nothing that leads it there.
// So the dataplanes take an address over in their order, in which the one that translates comes before the one that leads packets to it,
// and the network stack, which has the neighbours told, comes last; and they give one up in the opposite order. If a generation does
// both, there is one in between, which has given up and not yet taken.

// Ways come before both: a mark that leads nowhere yet would lose the packet. A dataplane that is Preparing makes them before any other
// changes.

// Preparing is a dataplane of which a part can be loaded before the others.
type Preparing interface {
	// Prepare makes what a plan adds and nobody follows until the other dataplanes lead there. It takes nothing away, and nothing that
	// another node may have. The plan for what is left is made anew.
	Prepare(ctx context.Context, from State, plan artifact.Plan) error
}

// Releasing is a dataplane that holds what another node may have after this one.
type Releasing interface {
	// Release takes that away of what a plan deletes, and nothing else. The plan for what is left is made anew.
	Release(ctx context.Context, from State, plan artifact.Plan) error
}

// release has what a generation gives up released.
func (n *Node) release(ctx context.Context, g *generation) error {
	for i, plane := range n.options.Planes {
		r, ok := plane.Dataplane.(Releasing)
		if !ok {
			continue
		}
		n.held[i] = nil
		from, err := plane.Observe(ctx)
		if err == nil {
			err = r.Release(ctx, from, artifact.Diff(from.Artifact, g.wanted[i]))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", plane.Target, err)
		}
	}
	return nil
}

// sequence is the order in which dataplanes are loaded.
func (n *Node) sequence(o order) []int {
	out := o.of(len(n.options.Planes))
	if o == backwards {
		slices.SortStableFunc(out, func(a, b int) int { return n.rank(a) - n.rank(b) })
	}
	return out
}

// rank is 1 for what has released before.
func (n *Node) rank(plane int) int {
	if _, ok := n.options.Planes[plane].Dataplane.(Releasing); ok {
		return 1
	}
	return 0
}

// prepare has what is new of a generation prepared.
func (n *Node) prepare(ctx context.Context, g *generation) error {
	for i, plane := range n.options.Planes {
		p, ok := plane.Dataplane.(Preparing)
		if !ok || n.good != nil && n.good.wanted != nil && artifact.Generation(n.good.wanted[i]) == artifact.Generation(g.wanted[i]) {
			continue
		}
		n.held[i] = nil
		from, err := plane.Observe(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", plane.Target, err)
		}
		if err := p.Prepare(ctx, from, artifact.Diff(from.Artifact, g.wanted[i])); err != nil {
			return fmt.Errorf("%s: %w", plane.Target, err)
		}
	}
	return nil
}

// order is the order in which dataplanes are loaded.
type order bool

const (
	forwards  order = false
	backwards order = true
)

// of returns the indices of n dataplanes.
func (o order) of(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	if o == backwards {
		slices.Reverse(out)
	}
	return out
}

// bringOver brings the dataplanes from the last good generation to the next one, in the order that what it holds demands.
func (n *Node) bringOver(ctx context.Context, next *generation) ([]Loaded, error) {
	if n.good == nil {
		if err := n.guard(ctx); err != nil {
			return nil, err
		}
		return n.bring(ctx, next, forwards)
	}
	given, taken := heldOnly(n.good.pipeline, next.pipeline), heldOnly(next.pipeline, n.good.pipeline)
	between := next
	if len(given) > 0 && len(taken) > 0 {
		between = &generation{pipeline: without(next.pipeline, taken), declared: next.declared}
	}
	if err := n.guard(ctx, between.pipeline, next.pipeline); err != nil {
		return nil, err
	}
	switch {
	case len(given) == 0:
		return n.bring(ctx, next, forwards)
	case len(taken) == 0:
		return n.bring(ctx, next, backwards)
	}
	if results, err := n.bring(ctx, between, backwards); err != nil {
		return results, err
	}
	return n.bring(ctx, next, forwards)
}

// heldOnly returns the addresses that a Pipeline's node holds and another one's does not.
func heldOnly(p, other *ir.Pipeline) map[netip.Addr]bool {
	out := map[netip.Addr]bool{}
	for _, h := range p.Holdings {
		if !slices.ContainsFunc(other.Holdings, func(o ir.Holding) bool { return o.Addr == h.Addr }) {
			out[h.Addr] = true
		}
	}
	return out
}

// without returns a Pipeline that differs in that nobody holds the given addresses of its node.
func without(p *ir.Pipeline, taken map[netip.Addr]bool) *ir.Pipeline {
	out := *p
	out.Holdings = slices.DeleteFunc(slices.Clone(p.Holdings), func(h ir.Holding) bool { return taken[h.Addr] })
	out.SNATs = slices.Clone(p.SNATs)
	for i := range out.SNATs {
		if taken[out.SNATs[i].Addr] {
			out.SNATs[i].Node = ""
		}
	}
	return &out
}

// Unclaimed returns a Pipeline whose node holds none of the addresses that another node can hold in its place; p itself if it holds none.
func Unclaimed(p *ir.Pipeline) *ir.Pipeline {
	held := map[netip.Addr]bool{}
	for _, h := range p.Holdings {
		if !h.Static {
			held[h.Addr] = true
		}
	}
	if len(held) == 0 {
		return p
	}
	return without(p, held)
}
