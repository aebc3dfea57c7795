package pass

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// sameMatch reports whether two canonical rules match the same packets by form.
func sameMatch(a, b *ir.Rule) bool {
	return a.AnyPeer == b.AnyPeer && slices.Equal(a.Peers, b.Peers) && a.L4.Equal(b.L4)
}

// verdict is what a rule does with a packet that reaches it. Rules in a row with one verdict may change places.
type verdict struct {
	action  ir.Action
	logging ir.Logging
}

func verdictOf(r *ir.Rule) verdict { return verdict{r.Action, r.Logging} }

// overlap reports whether some packet could match both rules, in time that depends on the smaller sets of addresses. Sets that
// are opaque could match any packet.
func overlap(p *ir.Pipeline, a, b *ir.Rule) bool {
	if !a.L4.Overlaps(b.L4) {
		return false
	}
	if a.AnyPeer || b.AnyPeer {
		return true
	}
	if p.IsOpaque(a) || p.IsOpaque(b) {
		return true
	}
	for _, s := range a.Peers {
		if slices.Contains(b.Peers, s) {
			return true
		}
	}
	for _, s := range a.Peers {
		for _, t := range b.Peers {
			if p.Sets[s].Addrs.Overlaps(p.Sets[t].Addrs) {
				return true
			}
		}
	}
	return false
}
