package pass

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// sameMatch reports whether two canonical rules match the same packets by form.
func sameMatch(a, b *ir.Rule) bool {
	return a.AnyPeer == b.AnyPeer && slices.Equal(a.Peers, b.Peers) && a.L4.Equal(b.L4)
}

// overlap reports whether some packet matches both rules, in time that depends on the smaller sets of addresses.
func overlap(p *ir.Pipeline, a, b *ir.Rule) bool {
	if !a.L4.Overlaps(b.L4) {
		return false
	}
	if a.AnyPeer || b.AnyPeer {
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
