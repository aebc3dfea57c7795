package ir

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Proto is an IP protocol number, or ProtoAny.
type Proto uint16

// The protocols that have names in the textual form. ProtoAny matches every protocol.
const (
	ProtoICMP   Proto = 1
	ProtoIGMP   Proto = 2
	ProtoTCP    Proto = 6
	ProtoUDP    Proto = 17
	ProtoICMPv6 Proto = 58
	ProtoSCTP   Proto = 132
	ProtoAny    Proto = 256
)

// protoNames lists the named protocols by ascending number.
func protoNames() []struct {
	Proto Proto
	Name  string
} {
	return []struct {
		Proto Proto
		Name  string
	}{{ProtoICMP, "icmp"}, {ProtoIGMP, "igmp"}, {ProtoTCP, "tcp"}, {ProtoUDP, "udp"}, {ProtoICMPv6, "icmpv6"},
		{ProtoSCTP, "sctp"}, {ProtoAny, "any"}}
}

// String gives the protocol's name in lower case, or its number.
func (p Proto) String() string {
	for _, n := range protoNames() {
		if n.Proto == p {
			return n.Name
		}
	}
	return strconv.Itoa(int(p))
}

// ParseProto reads what String prints, in either case.
func ParseProto(s string) (Proto, error) {
	for _, n := range protoNames() {
		if strings.EqualFold(n.Name, s) {
			return n.Proto, nil
		}
	}
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		return Proto(n), nil
	}
	return 0, fmt.Errorf("%q is not a protocol", s)
}

// HasPorts reports whether packets of the protocol carry 16-bit source and destination ports in their first four bytes.
func (p Proto) HasPorts() bool { return p == ProtoTCP || p == ProtoUDP || p == ProtoSCTP }

// PortRange is a closed interval of 16-bit values.
type PortRange struct{ From, To uint16 }

// AllPorts is the range of every port.
func AllPorts() PortRange { return PortRange{0, math.MaxUint16} }

// OnePort is the range of a single port.
func OnePort(p uint16) PortRange { return PortRange{p, p} }

// Contains reports whether the range has the port.
func (r PortRange) Contains(p uint16) bool { return r.From <= p && p <= r.To }

// IsAll reports whether the range has every port.
func (r PortRange) IsAll() bool { return r == AllPorts() }

// Overlaps reports whether the ranges share a port.
func (r PortRange) Overlaps(o PortRange) bool { return r.From <= o.To && o.From <= r.To }

// Covers reports whether o lies within r.
func (r PortRange) Covers(o PortRange) bool { return r.From <= o.From && o.To <= r.To }

// String gives "80", "80-90" or "*".
func (r PortRange) String() string {
	switch {
	case r.IsAll():
		return "*"
	case r.From == r.To:
		return strconv.Itoa(int(r.From))
	}
	return fmt.Sprintf("%d-%d", r.From, r.To)
}

// L4 is one box of layer-4 traffic: a protocol and ranges of source and destination ports. For ICMP and ICMPv6 the
// destination "port" is type<<8|code and the source is unused; for IGMP it is type<<8 in packets, and whole types in boxes. A box of a protocol without ports, or of ProtoAny, has both
// ranges full.
type L4 struct {
	Proto    Proto
	Src, Dst PortRange
}

// AnyL4 is the box of all traffic.
func AnyL4() L4 { return L4{ProtoAny, AllPorts(), AllPorts()} }

// DstL4 is the box of one protocol and a range of destination ports.
func DstL4(p Proto, dst PortRange) L4 { return L4{p, AllPorts(), dst} }

// Matches reports whether a packet with these fields is in the box.
func (b L4) Matches(p Proto, src, dst uint16) bool {
	return (b.Proto == ProtoAny || b.Proto == p) && b.Src.Contains(src) && b.Dst.Contains(dst)
}

// Covers reports whether every packet of o is in b.
func (b L4) Covers(o L4) bool {
	return (b.Proto == ProtoAny || b.Proto == o.Proto) && b.Src.Covers(o.Src) && b.Dst.Covers(o.Dst)
}

// Overlaps reports whether the boxes share a packet.
func (b L4) Overlaps(o L4) bool {
	return (b.Proto == ProtoAny || o.Proto == ProtoAny || b.Proto == o.Proto) && b.Src.Overlaps(o.Src) && b.Dst.Overlaps(o.Dst)
}

// Compare orders boxes by protocol, source, destination.
func (b L4) Compare(o L4) int {
	return cmp.Or(cmp.Compare(b.Proto, o.Proto), cmp.Compare(b.Src.From, o.Src.From), cmp.Compare(b.Src.To, o.Src.To),
		cmp.Compare(b.Dst.From, o.Dst.From), cmp.Compare(b.Dst.To, o.Dst.To))
}

// String gives "any", "tcp", "tcp/80", "udp/5000-5010" or "tcp/80<1024-65535" where source ports are limited.
func (b L4) String() string {
	s := b.Proto.String()
	if !b.Dst.IsAll() || !b.Src.IsAll() {
		s += "/" + b.Dst.String()
	}
	if !b.Src.IsAll() {
		s += "<" + b.Src.String()
	}
	return s
}

// L4Set is a union of boxes in canonical form, as MakeL4Set gives it. The empty set matches nothing.
type L4Set []L4

// AnyL4Set matches all traffic.
func AnyL4Set() L4Set { return L4Set{AnyL4()} }

// MakeL4Set gives the canonical form of a union of boxes: sorted, boxes of one protocol and source range joined where their
// destinations touch, boxes inside another one dropped. Cost O(n log n), or O(n²) where boxes of one protocol differ in their
// source ports.
func MakeL4Set(boxes ...L4) L4Set {
	in := slices.Clone(boxes)
	slices.SortFunc(in, L4.Compare)
	var joined L4Set
	for _, b := range in {
		if n := len(joined); n > 0 {
			last := &joined[n-1]
			if last.Proto == b.Proto && last.Src == b.Src && uint32(b.Dst.From) <= uint32(last.Dst.To)+1 {
				last.Dst.To = max(last.Dst.To, b.Dst.To)
				continue
			}
		}
		joined = append(joined, b)
	}
	return dropCovered(joined)
}

// dropCovered drops boxes that lie within another one. Joined boxes of one protocol and source range are disjoint, so that
// there is nothing to look for unless the source ranges differ or a box is of any protocol (which sorts last).
func dropCovered(in L4Set) L4Set {
	alike := len(in) < 2 || in[len(in)-1].Proto != ProtoAny
	for i := 1; alike && i < len(in); i++ {
		alike = in[i].Proto != in[i-1].Proto || in[i].Src == in[i-1].Src
	}
	if alike {
		return in
	}
	out := in[:0:0]
	for i, b := range in {
		covered := slices.ContainsFunc(in, func(o L4) bool { return o != in[i] && o.Covers(b) })
		if !covered {
			out = append(out, b)
		}
	}
	return out
}

// IsAny reports whether the set matches all traffic.
func (s L4Set) IsAny() bool { return len(s) == 1 && s[0] == AnyL4() }

// Matches reports whether a packet with these fields is in the set.
func (s L4Set) Matches(p Proto, src, dst uint16) bool {
	return slices.ContainsFunc(s, func(b L4) bool { return b.Matches(p, src, dst) })
}

// Overlaps reports whether the sets share a packet.
func (s L4Set) Overlaps(o L4Set) bool {
	return slices.ContainsFunc(s, func(b L4) bool { return slices.ContainsFunc(o, b.Overlaps) })
}

// Covers reports whether each box of o lies within one box of s; true implies o ⊆ s, and for sets without source ports the
// converse holds too.
func (s L4Set) Covers(o L4Set) bool {
	return !slices.ContainsFunc(o, func(b L4) bool { return !slices.ContainsFunc(s, func(c L4) bool { return c.Covers(b) }) })
}

// Equal reports whether the canonical forms are the same.
func (s L4Set) Equal(o L4Set) bool { return slices.Equal(s, o) }

// Union returns the canonical union.
func (s L4Set) Union(o L4Set) L4Set { return MakeL4Set(append(slices.Clone(s), o...)...) }

// String lists the boxes, comma-separated; "none" for the empty set.
func (s L4Set) String() string {
	if len(s) == 0 {
		return "none"
	}
	words := make([]string, len(s))
	for i, b := range s {
		words[i] = b.String()
	}
	return strings.Join(words, ",")
}

// ParseL4Set reads what String prints.
func ParseL4Set(text string) (L4Set, error) {
	if text == "none" {
		return nil, nil
	}
	var boxes []L4
	for item := range strings.SplitSeq(text, ",") {
		b, err := ParseL4(item)
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, b)
	}
	return MakeL4Set(boxes...), nil
}

// ParseL4 reads what L4.String prints.
func ParseL4(text string) (L4, error) {
	rest, src, hasSrc := strings.Cut(text, "<")
	proto, dst, hasDst := strings.Cut(rest, "/")
	p, err := ParseProto(proto)
	if err != nil {
		return L4{}, err
	}
	b := L4{p, AllPorts(), AllPorts()}
	if hasDst {
		if b.Dst, err = parsePortRange(dst); err != nil {
			return L4{}, err
		}
	}
	if hasSrc {
		if b.Src, err = parsePortRange(src); err != nil {
			return L4{}, err
		}
	}
	return b, nil
}

func parsePortRange(text string) (PortRange, error) {
	if text == "*" {
		return AllPorts(), nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	a, errA := strconv.ParseUint(from, 10, 16)
	b, errB := strconv.ParseUint(to, 10, 16)
	if errA != nil || errB != nil || a > b {
		return PortRange{}, fmt.Errorf("%q is not a port or range of ports", text)
	}
	return PortRange{uint16(a), uint16(b)}, nil
}
