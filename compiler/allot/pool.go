package allot

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
)

// pool is a Pool with how far its addresses are given out.
type pool struct {
	*Pool
	family Family       // of all its ranges, AnyFamily if it has both
	from   []netip.Addr // by range: all before it are taken; invalid at the range's end
}

func newPool(p *Pool) pool {
	out := pool{Pool: p}
	for i, r := range p.Ranges {
		out.from = append(out.from, r.First)
		if f := FamilyOf(r.First); i == 0 {
			out.family = f
		} else if f != out.family {
			out.family = AnyFamily
		}
	}
	return out
}

// contains reports whether an address is in one of the ranges.
func (p *pool) contains(a netip.Addr) bool {
	return slices.ContainsFunc(p.Ranges, func(r Range) bool { return r.has(a) })
}

// hands reports whether an address is one of those that the pool hands out.
func (p *pool) hands(a netip.Addr) bool { return a != p.Gateway && p.contains(a) }

// next returns the lowest address that nobody has, in the first range that suits; the zero value if there is none.
func (p *pool) next(taken map[netip.Addr]*holding, suits func(netip.Addr) bool) netip.Addr {
	for i, r := range p.Ranges {
		if !suits(r.First) {
			continue
		}
		for a := p.from[i]; a.IsValid(); a = p.from[i] {
			p.from[i] = a.Next()
			if a == r.Last {
				p.from[i] = netip.Addr{}
			}
			if taken[a] == nil && a != p.Gateway {
				return a
			}
		}
	}
	return netip.Addr{}
}

// usage counts the addresses that the pool hands out, and those of them that somebody has. Both lists are sorted.
func (p *pool) usage(owned, reserved []netip.Addr) Usage {
	var out Usage
	without := uint64(0)
	for _, r := range p.merged() {
		out.Total = min(most, out.Total+count(r))
		out.Used += within(owned, r)
		without += within(reserved, r)
		if r.has(p.Gateway) {
			without++
			out.Used -= within(owned, Range{First: p.Gateway, Last: p.Gateway})
			without -= within(reserved, Range{First: p.Gateway, Last: p.Gateway})
		}
	}
	if out.Total < most {
		out.Total -= without
	}
	return out
}

// merged returns the ranges in order and without overlaps.
func (p *pool) merged() []Range {
	ranges := slices.Clone(p.Ranges)
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Or(a.First.Compare(b.First), a.Last.Compare(b.Last)) })
	var out []Range
	for _, r := range ranges {
		if last := len(out) - 1; last >= 0 && out[last].has(r.First) {
			if out[last].Last.Less(r.Last) {
				out[last].Last = r.Last
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// within counts the addresses of a sorted list that a range has.
func within(sorted []netip.Addr, r Range) uint64 {
	from, _ := slices.BinarySearchFunc(sorted, r.First, netip.Addr.Compare)
	to, found := slices.BinarySearchFunc(sorted, r.Last, netip.Addr.Compare)
	if found {
		to++
	}
	return uint64(to - from)
}

// count returns how many addresses a range has, most if there are more.
func count(r Range) uint64 {
	first, last := r.First.As16(), r.Last.As16()
	low, borrow := bits.Sub64(binary.BigEndian.Uint64(last[8:]), binary.BigEndian.Uint64(first[8:]), 0)
	high, _ := bits.Sub64(binary.BigEndian.Uint64(last[:8]), binary.BigEndian.Uint64(first[:8]), borrow)
	if high != 0 || low >= most {
		return most
	}
	return low + 1
}
