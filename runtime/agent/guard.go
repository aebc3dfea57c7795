package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/headgate-net/headgate/ir"
)

// # While a tunnel comes or goes
//
// Nodes send each other what leaves by addresses that others hold, and they hear of a change one after the other. One dataplane takes it in
// and another one translates it. They cannot change at one moment, in no order: the way must be there before anything is sent on it, and who
// translates before anything comes. So where the first address comes to a node's knowledge, or the last one goes, what comes in between and is
// not translated is dropped.

// Guarding is a dataplane that can have what other nodes send dropped.
type Guarding interface {
	// Guard has what other nodes send to be translated dropped, unless the rules that are in force at that moment translate it. It may be
	// called again.
	Guard(ctx context.Context) error
	// Unguard ends that, if it is so, whoever began it.
	Unguard(ctx context.Context) error
}

// Guard guards those dataplanes that can be.
func Guard(ctx context.Context, planes ...Dataplane) error {
	return eachGuarding(planes, func(g Guarding) error { return g.Guard(ctx) })
}

// Unguard ends what Guard began.
func Unguard(ctx context.Context, planes ...Dataplane) error {
	return eachGuarding(planes, func(g Guarding) error { return g.Unguard(ctx) })
}

func eachGuarding(planes []Dataplane, f func(Guarding) error) error {
	var errs []error
	for _, p := range planes {
		if g, ok := p.(Guarding); ok {
			errs = append(errs, f(g))
		}
	}
	return errors.Join(errs...)
}

// guard guards the dataplanes if the tunnel may come or go between the last good generation, of which nothing is known before the first one,
// and some that come after it.
func (n *Node) guard(ctx context.Context, next ...*ir.Pipeline) error {
	stays := n.good != nil
	for _, p := range next {
		stays = stays && sends(p) == sends(n.good.pipeline)
	}
	if stays || n.guarded {
		return nil
	}
	if err := Guard(ctx, n.dataplanes()...); err != nil {
		return fmt.Errorf("guard what comes from other nodes: %w", err)
	}
	n.guarded = true
	return nil
}

// unguard ends that, once a generation is in force as a whole.
func (n *Node) unguard(ctx context.Context) {
	if !n.guarded {
		return
	}
	if err := Unguard(ctx, n.dataplanes()...); err != nil {
		n.log.Warn("what comes from other nodes is still guarded", "error", err) // what is translated passes
		return
	}
	n.guarded = false
}

// sends reports whether nodes send each other anything to be translated, as far as a Pipeline says.
func sends(p *ir.Pipeline) bool {
	for i := range p.SNATs {
		if p.SNATs[i].Node != "" {
			return true
		}
	}
	return false
}

func (n *Node) dataplanes() []Dataplane {
	planes := make([]Dataplane, len(n.options.Planes))
	for i, p := range n.options.Planes {
		planes[i] = p.Dataplane
	}
	return planes
}
