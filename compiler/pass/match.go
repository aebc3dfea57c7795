package pass

import (
	"encoding/binary"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// peersKey is equal for rules with the same peers.
func peersKey(r *ir.Rule) string {
	if r.AnyPeer {
		return "any"
	}
	key := make([]byte, 0, 4*len(r.Peers))
	for _, id := range r.Peers {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	return string(key)
}

// l4Key is equal for rules with the same canonical layer 4.
func l4Key(r *ir.Rule) string {
	key := make([]byte, 0, 10*len(r.L4))
	for _, b := range r.L4 {
		for _, n := range [5]uint16{uint16(b.Proto), b.Src.From, b.Src.To, b.Dst.From, b.Dst.To} {
			key = binary.BigEndian.AppendUint16(key, n)
		}
	}
	return string(key)
}

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
