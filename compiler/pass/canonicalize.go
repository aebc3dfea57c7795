package pass

import (
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Problem: the same rule can be put in several ways, and later passes compare rules by their form.
//
// Idea: one form. Layer 4 is as MakeL4Set gives it, peers and origins are sorted without repetitions, and a rule whose peers
// together are every address says "any peer", which is what targets and other passes look for. A rule that names no peer, or
// no traffic, matches nothing and goes.
//
//	peers {0.0.0.0/0}, {::/0}          ->  any peer
//	L4 tcp/80-90, tcp/85               ->  tcp/80-90
//	peers {}                           ->  (no rule)
//
// Cost: linear in the rules; sets of blocks are united once per rule that names them, which are few and small.
func canonicalize(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	blocks := make([]bool, len(p.Sets))
	for i, s := range p.Sets {
		blocks[i] = s.Kind == ir.Blocks
	}
	return rewrite(p, func(_ place, rules []ir.Rule) []ir.Rule {
		out := make([]ir.Rule, 0, len(rules))
		for _, r := range rules {
			canonicalRule(&r)
			if !r.AnyPeer && isEverything(p, &r, blocks) {
				r.AnyPeer, r.Peers = true, nil
			}
			if len(r.L4) > 0 && (r.AnyPeer || len(r.Peers) > 0) {
				out = append(out, r)
			}
		}
		return out
	})
}

// canonicalRule replaces the rule's slices by canonical ones where they are not that already.
func canonicalRule(r *ir.Rule) {
	if r.AnyPeer {
		r.Peers = nil
	}
	if !ascending(r.Peers) {
		r.Peers = slices.Clone(r.Peers)
		slices.Sort(r.Peers)
		r.Peers = slices.Compact(r.Peers)
	}
	if len(r.L4) > 1 {
		r.L4 = ir.MakeL4Set(r.L4...)
	}
	if len(r.Origins) > 1 {
		r.Origins = ir.SortOrigins(slices.Clone(r.Origins))
	}
}

func ascending(ids []ir.SetID) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i-1] >= ids[i] {
			return false
		}
	}
	return true
}

// isEverything reports whether the rule's blocks alone are every address; members never are.
func isEverything(p *ir.Pipeline, r *ir.Rule, blocks []bool) bool {
	if !slices.ContainsFunc(r.Peers, func(id ir.SetID) bool { return blocks[id] }) {
		return false
	}
	var sets []ir.AddrSet
	for _, id := range r.Peers {
		if blocks[id] {
			sets = append(sets, p.Sets[id].Addrs)
		}
	}
	return ir.UnionAll(sets...).IsAny()
}
