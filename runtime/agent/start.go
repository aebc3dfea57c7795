package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/targets/artifact"
)

// Generation names what is in force on a node, on all dataplanes together. The number grows by one with each that differs from the one
// before; nodes count for themselves. The hash is that of what was generated: equal rules have equal ones. What is known of DNS names
// does not count.
type Generation struct {
	Number uint64
	Hash   string // 16 hexadecimal digits; "" before the first
}

// Generation is the one in force: before the first Load, Options.Last.
func (n *Node) Generation() Generation {
	n.numbering.Lock()
	defer n.numbering.Unlock()
	return n.current
}

// Next is the generation of artifacts, one for each dataplane, after this one.
func (g Generation) Next(wanted []artifact.Artifact) Generation {
	sum := sha256.New()
	for _, a := range wanted {
		fmt.Fprintf(sum, "%s %s\n", a.Target, generationOf(a))
	}
	hash := hex.EncodeToString(sum.Sum(nil))[:16]
	if hash == g.Hash {
		return g
	}
	return Generation{g.Number + 1, hash}
}

// number gives the generation that was put in force its number.
func (n *Node) number(g *generation) {
	n.numbering.Lock()
	defer n.numbering.Unlock()
	n.current = n.current.Next(g.wanted)
}

// Beginning is what a dataplane for pods holds before the first Load.
type Beginning uint8

// The beginnings.
const (
	Ruled  Beginning = iota // rules, or there is no such dataplane
	Bare                    // nothing of ours
	Closed                  // what Close left
)

// Begin tells what there is.
func (n *Node) Begin(ctx context.Context) (Beginning, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.begin(ctx, n.podsPlane())
}

// podsPlane is the index of the dataplane for pods; -1 if there is none.
func (n *Node) podsPlane() int {
	if n.target.Closed == nil {
		return -1
	}
	return slices.IndexFunc(n.options.Planes, func(p Plane) bool { return p.Target == n.target.Name })
}

func (n *Node) begin(ctx context.Context, at int) (Beginning, error) {
	if at < 0 {
		return Ruled, nil
	}
	state, err := n.options.Planes[at].Observe(ctx)
	switch {
	case err != nil:
		return Ruled, err
	case state.Generation == "":
		return Bare, nil
	case state.Generation == artifact.Generation(n.target.Closed("")):
		return Closed, nil
	}
	return Ruled, nil
}

// Close has what pods send and get dropped until the first Load, if there are no rules. It reports whether it is.
func (n *Node) Close(ctx context.Context) (closed bool, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := n.podsPlane()
	found, err := n.begin(ctx, at)
	if err != nil || n.good != nil || found == Ruled {
		return false, err
	}
	if err := n.guard(ctx); err != nil { // an earlier process may have left a tunnel
		return false, err
	}
	if _, _, err := settle(ctx, n.options.Planes[at], n.target.Closed("")); err != nil {
		return false, fmt.Errorf("%s: %w", n.options.Planes[at].Target, err)
	}
	return true, nil
}
