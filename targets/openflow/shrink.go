package openflow

import (
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/ir"
)

// Ports that never come to a rule, because an earlier one of its list with the same peers, or with any, decides them, need no flows.
// Without them a rule conflicts with fewer others, so that there are fewer levels, each of which has flows of its own for the peers'
// addresses; and where the rest is smaller it takes fewer blocks of ports, too. 10,000 rules of which each overlaps 19 others are one
// level instead of 98. Nothing depends on the members of groups, so that one member more is still one flow more. A rule is left as
// it is where the rest would need more flows, and where it is in several lists and has not the same rest in all of them: then they
// would no longer share its flows.

// mostEarlier bounds how many earlier rules of equal peers are looked at for one rule, the latest ones.
const mostEarlier = 256

// shrink returns the rules of each list without such ports.
func shrink(lists []ir.List) [][]ir.Rule {
	out, own := make([][]ir.Rule, len(lists)), make([]map[int]ir.L4Set, len(lists))
	rests := map[string]ir.L4Set{} // by content, of rules that have a smaller one; nil if they have several
	for i := range lists {
		out[i], own[i] = lists[i].Rules, restsOf(lists[i].Rules)
		for at, rest := range own[i] {
			rests[content(&lists[i].Rules[at])] = rest
		}
	}
	if len(rests) == 0 {
		return out
	}
	for i := range lists {
		for at := range lists[i].Rules {
			key := content(&lists[i].Rules[at])
			if rest, smaller := rests[key]; smaller && !rest.Equal(own[i][at]) {
				rests[key] = nil
			}
		}
	}
	for i := range lists {
		out[i] = slices.Clone(lists[i].Rules)
		for at := range out[i] {
			if rest := rests[content(&out[i][at])]; rest != nil {
				out[i][at].L4 = rest
			}
		}
	}
	return out
}

// restsOf gives, by index, what is left of the rules of a list for which it takes no more flows than all of it.
func restsOf(rules []ir.Rule) map[int]ir.L4Set {
	out := map[int]ir.L4Set{}
	earlier := map[string][]ir.L4Set{} // by peers; "" for any
	for i := range rules {
		r := &rules[i]
		key := peersOf(r)
		rest := r.L4
		for _, before := range [][]ir.L4Set{earlier[""], earlier[key]} {
			for _, l4 := range before[max(0, len(before)-mostEarlier):] {
				if l4.Overlaps(rest) {
					rest = without(rest, l4)
				}
			}
		}
		if len(rest) > 0 && !rest.Equal(r.L4) && portMatches(rest) <= portMatches(r.L4) {
			out[i] = rest
		}
		earlier[key] = append(earlier[key], r.L4)
	}
	return out
}

// peersOf tells peers apart; "" is any.
func peersOf(r *ir.Rule) string {
	var b []byte
	if r.AnyPeer {
		return ""
	}
	for _, id := range r.Peers {
		b = append(strconv.AppendInt(b, int64(id), 10), ',')
	}
	return "of " + string(b)
}

// without takes destination ports away, from boxes and by boxes of any source port.
func without(set, taken ir.L4Set) ir.L4Set {
	var out []ir.L4
	for _, box := range set {
		parts := []ir.PortRange{box.Dst}
		for _, t := range taken {
			if box.Proto.HasPorts() && box.Src.IsAll() && t.Src.IsAll() && (t.Proto == box.Proto || t.Proto == ir.ProtoAny) {
				parts = cut(parts, t.Dst)
			}
		}
		for _, part := range parts {
			box.Dst = part
			out = append(out, box)
		}
	}
	return ir.MakeL4Set(out...)
}

// cut takes a range away from others.
func cut(ranges []ir.PortRange, taken ir.PortRange) []ir.PortRange {
	var out []ir.PortRange
	for _, r := range ranges {
		if !r.Overlaps(taken) {
			out = append(out, r)
			continue
		}
		if r.From < taken.From {
			out = append(out, ir.PortRange{From: r.From, To: taken.From - 1})
		}
		if taken.To < r.To {
			out = append(out, ir.PortRange{From: taken.To + 1, To: r.To})
		}
	}
	return out
}

// portMatches is the number of matches that a set takes in one family.
func portMatches(set ir.L4Set) int { return len(l4Matches(ir.IPv4, set)) }
