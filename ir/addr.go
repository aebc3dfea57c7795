package ir

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"math/bits"
	"net/netip"
	"slices"
	"strings"
)

// Family is an address family.
type Family uint8

// The address families, in the order in which they are listed everywhere.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// Families returns both families in order.
func Families() [2]Family { return [2]Family{IPv4, IPv6} }

// String gives "ipv4" or "ipv6".
func (f Family) String() string {
	if f == IPv4 {
		return "ipv4"
	}
	return "ipv6"
}

// Bits is the length of the family's addresses: 32 or 128.
func (f Family) Bits() int {
	if f == IPv4 {
		return 32
	}
	return 128
}

// FamilyOf returns the family of a valid address; IPv4-mapped IPv6 addresses count as IPv4.
func FamilyOf(a netip.Addr) Family {
	if a.Unmap().Is4() {
		return IPv4
	}
	return IPv6
}

type addr4 uint32

func (a addr4) compare(b addr4) int { return cmp.Compare(a, b) }
func (a addr4) next() (addr4, bool) { return a + 1, a != math.MaxUint32 }
func (a addr4) prev() (addr4, bool) { return a - 1, a != 0 }
func (a addr4) addr() netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(a))
	return netip.AddrFrom4(b)
}
func addr4From(a netip.Addr) addr4 { b := a.As4(); return addr4(binary.BigEndian.Uint32(b[:])) }

type addr6 struct{ hi, lo uint64 }

func (a addr6) compare(b addr6) int {
	if a.hi != b.hi {
		return cmp.Compare(a.hi, b.hi)
	}
	return cmp.Compare(a.lo, b.lo)
}

func (a addr6) next() (addr6, bool) {
	lo, carry := bits.Add64(a.lo, 1, 0)
	hi, over := bits.Add64(a.hi, 0, carry)
	return addr6{hi, lo}, over == 0
}

func (a addr6) prev() (addr6, bool) {
	lo, borrow := bits.Sub64(a.lo, 1, 0)
	hi, under := bits.Sub64(a.hi, 0, borrow)
	return addr6{hi, lo}, under == 0
}

func (a addr6) addr() netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return netip.AddrFrom16(b)
}

func addr6From(a netip.Addr) addr6 {
	b := a.As16()
	return addr6{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// AddrRange is a closed interval of addresses of one family.
type AddrRange struct{ From, To netip.Addr }

// String gives an address, a CIDR where the range is one, or FROM-TO.
func (r AddrRange) String() string {
	if r.From == r.To {
		return r.From.String()
	}
	if p := rawRange(r.From, r.To).Prefixes(); len(p) == 1 {
		return p[0].String()
	}
	return r.From.String() + "-" + r.To.String()
}

// AddrSet is an immutable set of IPv4 and IPv6 addresses, held as sorted disjoint ranges: 8 bytes a range for IPv4, 32 for
// IPv6. The zero value is the empty set. Every set has exactly one representation, so Equal is structural.
type AddrSet struct {
	v4 spans[addr4]
	v6 spans[addr6]
}

// AnyAddr is the set of all addresses of both families.
func AnyAddr() AddrSet { return AnyOf(IPv4).Union(AnyOf(IPv6)) }

// AnyOf is the set of all addresses of one family.
func AnyOf(f Family) AddrSet {
	if f == IPv4 {
		return AddrSet{v4: spans[addr4]{{0, math.MaxUint32}}}
	}
	return AddrSet{v6: spans[addr6]{{addr6{}, addr6{math.MaxUint64, math.MaxUint64}}}}
}

// AddrSetOf is the set of the given addresses. Zones are ignored; IPv4-mapped addresses count as IPv4.
func AddrSetOf(addrs ...netip.Addr) AddrSet {
	all := addrList{v4: make([]addr4, 0, len(addrs))}
	all.add(addrs)
	return all.set()
}

// AddrsOf is the set of the endpoints' addresses.
func AddrsOf(endpoints []*Endpoint) AddrSet {
	all := addrList{v4: make([]addr4, 0, len(endpoints))}
	for _, e := range endpoints {
		all.add(e.Addrs)
	}
	return all.set()
}

// addrList is addresses in any order.
type addrList struct {
	v4 []addr4
	v6 []span[addr6]
}

func (l *addrList) add(addrs []netip.Addr) {
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() {
			l.v4 = append(l.v4, addr4From(a))
		} else {
			l.v6 = append(l.v6, span[addr6]{addr6From(a), addr6From(a)})
		}
	}
}

// set makes a set of the list, which is of no use any more then.
func (l *addrList) set() AddrSet {
	slices.Sort(l.v4)
	var s4 []span[addr4]
	for _, a := range l.v4 {
		if n := len(s4); n > 0 && uint64(a) <= uint64(s4[n-1].to)+1 {
			s4[n-1].to = a
			continue
		}
		s4 = append(s4, span[addr4]{a, a})
	}
	return AddrSet{slices.Clip(spans[addr4](s4)), normalize(l.v6)}
}

// PrefixSet is the union of the given prefixes; host bits are ignored. Prefixes of IPv4-mapped addresses (96 bits or more)
// count as IPv4.
func PrefixSet(prefixes ...netip.Prefix) AddrSet {
	var s4 []span[addr4]
	var s6 []span[addr6]
	for _, p := range prefixes {
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.Addr().Is4() {
			s4 = append(s4, span4(p))
		} else {
			s6 = append(s6, span6(p))
		}
	}
	return AddrSet{normalize(s4), normalize(s6)}
}

func span4(p netip.Prefix) span[addr4] {
	host := addr4(uint64(1)<<(32-p.Bits()) - 1)
	from := addr4From(p.Addr()) &^ host
	return span[addr4]{from, from | host}
}

func span6(p netip.Prefix) span[addr6] { return block6(addr6From(p.Addr()), 128-p.Bits()) }

func lowBits(n int) uint64 {
	if n >= 64 {
		return math.MaxUint64
	}
	return uint64(1)<<n - 1
}

// RangeSet is the set of the addresses from..to, which must be of one family; it is empty if from > to.
func RangeSet(from, to netip.Addr) AddrSet {
	from, to = from.Unmap(), to.Unmap()
	if from.Compare(to) > 0 {
		return AddrSet{}
	}
	if from.Is4() {
		return AddrSet{v4: spans[addr4]{{addr4From(from), addr4From(to)}}}
	}
	return AddrSet{v6: spans[addr6]{{addr6From(from), addr6From(to)}}}
}

// rawRange is RangeSet for the bounds of a set's own ranges: it takes IPv4-mapped addresses as the IPv6 ones that they are,
// because a range of IPv6 addresses may begin or end among them.
func rawRange(from, to netip.Addr) AddrSet {
	if from.Is4() {
		return AddrSet{v4: spans[addr4]{{addr4From(from), addr4From(to)}}}
	}
	return AddrSet{v6: spans[addr6]{{addr6From(from), addr6From(to)}}}
}

// UnionAll is the union of many sets in one normalisation: O(n log n) in the number of ranges.
func UnionAll(sets ...AddrSet) AddrSet {
	var n4, n6 int
	for _, s := range sets {
		n4, n6 = n4+len(s.v4), n6+len(s.v6)
	}
	s4, s6 := make([]span[addr4], 0, n4), make([]span[addr6], 0, n6)
	for _, s := range sets {
		s4, s6 = append(s4, s.v4...), append(s6, s.v6...)
	}
	return AddrSet{normalize(s4), normalize(s6)}
}

// Union returns a ∪ b.
func (a AddrSet) Union(b AddrSet) AddrSet { return AddrSet{a.v4.union(b.v4), a.v6.union(b.v6)} }

// Intersect returns a ∩ b in O(|a|+|b|).
func (a AddrSet) Intersect(b AddrSet) AddrSet {
	return AddrSet{a.v4.intersect(b.v4), a.v6.intersect(b.v6)}
}

// Subtract returns a \ b in O(|a|+|b|).
func (a AddrSet) Subtract(b AddrSet) AddrSet {
	return AddrSet{a.v4.subtract(b.v4), a.v6.subtract(b.v6)}
}

// Overlaps reports whether a and b share an address.
func (a AddrSet) Overlaps(b AddrSet) bool { return a.v4.overlaps(b.v4) || a.v6.overlaps(b.v6) }

// Covers reports whether b ⊆ a.
func (a AddrSet) Covers(b AddrSet) bool { return a.v4.covers(b.v4) && a.v6.covers(b.v6) }

// Contains reports whether the address is in the set, in O(log n).
func (a AddrSet) Contains(ip netip.Addr) bool {
	if ip = ip.Unmap(); ip.Is4() {
		return a.v4.contains(addr4From(ip))
	}
	return a.v6.contains(addr6From(ip))
}

// IsEmpty reports whether the set has no address.
func (a AddrSet) IsEmpty() bool { return len(a.v4) == 0 && len(a.v6) == 0 }

// IsAny reports whether the set is AnyAddr.
func (a AddrSet) IsAny() bool { return a.Equal(AnyAddr()) }

// Equal reports whether the sets have the same addresses.
func (a AddrSet) Equal(b AddrSet) bool { return slices.Equal(a.v4, b.v4) && slices.Equal(a.v6, b.v6) }

// Of returns the part of the set in one family.
func (a AddrSet) Of(f Family) AddrSet {
	if f == IPv4 {
		return AddrSet{v4: a.v4}
	}
	return AddrSet{v6: a.v6}
}

// RangeCount is the number of disjoint ranges.
func (a AddrSet) RangeCount() int { return len(a.v4) + len(a.v6) }

// Ranges returns the disjoint ranges in order, IPv4 first.
func (a AddrSet) Ranges() []AddrRange {
	out := make([]AddrRange, 0, a.RangeCount())
	for _, s := range a.v4 {
		out = append(out, AddrRange{s.from.addr(), s.to.addr()})
	}
	for _, s := range a.v6 {
		out = append(out, AddrRange{s.from.addr(), s.to.addr()})
	}
	return out
}

// Addrs lists every address of the set in order. It is meant for sets of endpoints, not for prefixes: the error says so when
// there are more than limit addresses.
func (a AddrSet) Addrs(limit int) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, r := range a.Ranges() {
		for ip := r.From; ; ip = ip.Next() {
			if len(out) == limit {
				return nil, fmt.Errorf("more than %d addresses", limit)
			}
			out = append(out, ip)
			if ip == r.To {
				break
			}
		}
	}
	return out, nil
}

// Prefixes returns the unique smallest list of prefixes that covers exactly the set, in order.
func (a AddrSet) Prefixes() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range a.v4 {
		for from := uint64(s.from); from <= uint64(s.to); {
			n := min(bits.TrailingZeros64(from|1<<32), bits.Len64(uint64(s.to)-from+1)-1)
			out = append(out, netip.PrefixFrom(addr4(from).addr(), 32-n))
			from += uint64(1) << n
		}
	}
	for _, s := range a.v6 {
		out = appendPrefixes6(out, s)
	}
	return out
}

func appendPrefixes6(out []netip.Prefix, s span[addr6]) []netip.Prefix {
	for from := s.from; ; {
		// The largest aligned block that starts at from and does not pass s.to.
		n := 0
		for n < 128 {
			block := block6(from, n+1)
			if block.from != from || block.to.compare(s.to) > 0 {
				break
			}
			n++
		}
		out = append(out, netip.PrefixFrom(from.addr(), 128-n))
		after, ok := block6(from, n).to.next()
		if !ok || after.compare(s.to) > 0 {
			return out
		}
		from = after
	}
}

// block6 is the aligned block of 2^n addresses that a lies in.
func block6(a addr6, n int) span[addr6] {
	lo, hi := lowBits(min(n, 64)), lowBits(max(n-64, 0))
	return span[addr6]{addr6{a.hi &^ hi, a.lo &^ lo}, addr6{a.hi | hi, a.lo | lo}}
}

// HashTo writes the set's canonical form to h: the numbers of ranges of each family, then their bounds, so that no form is
// the beginning of another one.
func (a AddrSet) HashTo(h hash.Hash) {
	var b [32]byte
	binary.BigEndian.PutUint64(b[:], uint64(len(a.v4)))
	binary.BigEndian.PutUint64(b[8:], uint64(len(a.v6)))
	h.Write(b[:16])
	for _, s := range a.v4 {
		binary.BigEndian.PutUint32(b[:], uint32(s.from))
		binary.BigEndian.PutUint32(b[4:], uint32(s.to))
		h.Write(b[:8])
	}
	for _, s := range a.v6 {
		binary.BigEndian.PutUint64(b[:], s.from.hi)
		binary.BigEndian.PutUint64(b[8:], s.from.lo)
		binary.BigEndian.PutUint64(b[16:], s.to.hi)
		binary.BigEndian.PutUint64(b[24:], s.to.lo)
		h.Write(b[:32])
	}
}

// String lists the ranges, comma-separated: "10.0.0.1,10.1.0.0/16,10.2.0.1-10.2.0.5"; "none" and "any" for the extremes.
func (a AddrSet) String() string {
	switch {
	case a.IsEmpty():
		return "none"
	case a.IsAny():
		return "any"
	}
	var b strings.Builder
	for i, r := range a.Ranges() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(r.String())
	}
	return b.String()
}

// ParseAddrSet reads what String prints.
func ParseAddrSet(text string) (AddrSet, error) {
	switch text {
	case "none":
		return AddrSet{}, nil
	case "any":
		return AnyAddr(), nil
	}
	var parts []AddrSet
	for item := range strings.SplitSeq(text, ",") {
		part, err := parseAddrItem(item)
		if err != nil {
			return AddrSet{}, err
		}
		parts = append(parts, part)
	}
	return UnionAll(parts...), nil
}

func parseAddrItem(item string) (AddrSet, error) {
	if strings.Contains(item, "/") {
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return AddrSet{}, err
		}
		if p.Addr().Is4() {
			return AddrSet{v4: spans[addr4]{span4(p)}}, nil
		}
		return AddrSet{v6: spans[addr6]{span6(p)}}, nil
	}
	from, to, isRange := strings.Cut(item, "-")
	if !isRange {
		to = from
	}
	a, err := netip.ParseAddr(from)
	if err != nil {
		return AddrSet{}, err
	}
	b, err := netip.ParseAddr(to)
	if err != nil {
		return AddrSet{}, err
	}
	if a.Is4() != b.Is4() || a.Compare(b) > 0 {
		return AddrSet{}, fmt.Errorf("%q is not a range of addresses", item)
	}
	return rawRange(a, b), nil
}
