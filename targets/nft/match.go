package nft

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// matches gives the alternatives of what a rule matches; there may be none.
func (l *lowering) matches(d ir.Direction, r *ir.Rule, families []ir.Family) [][]Match {
	var out [][]Match
	for _, peer := range l.peers(d, r, families) {
		for _, part := range l.l4(r.L4) {
			out = append(out, join(part, peer))
		}
	}
	for _, id := range r.Peers {
		if set := &l.p.Sets[id]; set.Kind == ir.Dialled {
			out = append(out, l.dialled(set, r.L4, families)...)
		}
	}
	return out
}

// dialled gives the alternatives of a rule's match of what was dialled: for each protocol and family, a set of address and port.
func (l *lowering) dialled(set *ir.Set, l4 ir.L4Set, families []ir.Family) [][]Match {
	var out [][]Match
	for _, f := range families {
		for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP} {
			parts := l.ofProto(l4, proto)
			name := l.dialSet(set, f, proto, len(parts) > 0)
			if name == "" {
				continue
			}
			addr := [...]Field{ir.IPv4: CtDst4, ir.IPv6: CtDst6}[f]
			for _, part := range parts {
				out = append(out, join(part, []Match{{Fields: []Field{addr, CtDstPort}, Set: name}}))
			}
		}
	}
	return out
}

// ofProto gives the alternatives of a layer-4 match for packets of one protocol that has ports; each begins with the protocol.
func (l *lowering) ofProto(l4 ir.L4Set, proto ir.Proto) [][]Match {
	if l4.IsAny() {
		return [][]Match{{oneProto(proto)}}
	}
	var boxes ir.L4Set
	for _, b := range l4 {
		if b.Proto == proto {
			boxes = append(boxes, b)
		}
	}
	return l.l4(boxes)
}

// dialSet names the set of what is dialled by one protocol and family; "" if it would be empty, or nothing needs it.
func (l *lowering) dialSet(set *ir.Set, f ir.Family, proto ir.Proto, isNeeded bool) string {
	s := &Set{Name: fmt.Sprintf("d%d_%s_%s", f, proto, set.Name), Key: []Type{addrType(f), InetService}, Source: set.Key}
	if old, ok := l.sets[s.Name]; ok && old.Source == set.Key {
		return s.Name
	}
	for _, dial := range set.Dials {
		if ir.FamilyOf(dial.Addr) == f && dial.Proto == proto {
			v := addrValue(dial.Addr) + portValue(dial.Port)
			s.Elements = append(s.Elements, &Element{From: v, To: v})
		}
	}
	if len(s.Elements) == 0 || !isNeeded {
		return ""
	}
	l.keep(s, set)
	return s.Name
}

// keep adds a set that holds what is in a set of the Pipeline.
func (l *lowering) keep(s *Set, of *ir.Set) {
	if old, ok := l.sets[s.Name]; ok {
		l.report.Add(diag.IDCollision, source.Origin{}, "sets %q and %q are both named %s", old.Source, of.Key, s.Name)
		return
	}
	if !isDigits(of.Name) {
		l.report.Add(diag.Internal, source.Origin{}, "set %q has no name", of.Key)
	}
	sortElements(s)
	l.sets[s.Name] = s
}

// peers gives the alternatives of a rule's address match; nil matches any address. A rule whose peers have no address yields
// none, unless DNS may still give some. With endpoints of one family only, nothing needs to tell the families apart.
func (l *lowering) peers(d ir.Direction, r *ir.Rule, families []ir.Family) [][]Match {
	if r.AnyPeer {
		return [][]Match{nil}
	}
	var out [][]Match
	for _, id := range r.Peers {
		set := &l.p.Sets[id]
		switch set.Kind {
		case ir.Dialled:
			continue
		case ir.Names:
			for _, f := range families {
				out = append(out, []Match{{Fields: []Field{peerField(d, f)}, Set: l.addrSet(set, f)}})
			}
			continue
		}
		if !slices.ContainsFunc(families, func(f ir.Family) bool { return !set.Addrs.Of(f).Equal(ir.AnyOf(f)) }) {
			return [][]Match{nil}
		}
		for _, f := range families {
			if addrs := set.Addrs.Of(f); !addrs.IsEmpty() {
				out = append(out, []Match{l.peer(peerField(d, f), set, f)})
			}
		}
	}
	return out
}

func peerField(d ir.Direction, f ir.Family) Field {
	if d == ir.Egress {
		return subject(ir.Ingress, f)
	}
	return subject(ir.Egress, f)
}

// peer matches a non-empty set of addresses of one family. A block that is one range is written in the rule: it comes from
// the policy's text and cannot change without it, and the kernel's cost of a table grows with the square of its sets.
func (l *lowering) peer(field Field, set *ir.Set, f ir.Family) Match {
	addrs := set.Addrs.Of(f)
	if addrs.Equal(ir.AnyOf(f)) {
		v := nfproto(f)
		return Match{Fields: []Field{NFProto}, From: v, To: v}
	}
	if set.Kind == ir.Blocks && addrs.RangeCount() == 1 {
		r := addrs.Ranges()[0]
		return Match{Fields: []Field{field}, From: addrValue(r.From), To: addrValue(r.To)}
	}
	return Match{Fields: []Field{field}, Set: l.addrSet(set, f)}
}

func nfproto(f ir.Family) Value {
	if f == ir.IPv4 {
		return NFProtoIPv4
	}
	return NFProtoIPv6
}

// maxMembers bounds the addresses of one set of members; beyond it something else than endpoints was put there.
const maxMembers = 1 << 20

// addrSet names the set that holds the addresses: a hash set for members and for what DNS gave, a set of disjoint intervals for
// blocks. The kind is in the name because a set in the kernel cannot change it.
func (l *lowering) addrSet(set *ir.Set, f ir.Family) string {
	name := addrSetName(set, f)
	if old, ok := l.sets[name]; ok && old.Source == set.Key {
		return name
	}
	s := l.addrsOf(set, f)
	l.keep(s, set)
	return name
}

// addrSetPrefix begins the names of the sets that hold addresses, by kind.
func addrSetPrefix(k ir.GroupKind) string {
	return [...]string{ir.Members: "s", ir.Blocks: "b", ir.Names: "n", ir.Dialled: "d"}[k]
}

func addrSetName(set *ir.Set, f ir.Family) string {
	return fmt.Sprintf("%s%d_%s", addrSetPrefix(set.Kind), f, set.Name)
}

// addrsOf makes the set of the addresses of one family.
func (l *lowering) addrsOf(set *ir.Set, f ir.Family) *Set {
	s := &Set{Name: addrSetName(set, f), Key: []Type{addrType(f)}, Interval: set.Kind == ir.Blocks, Source: set.Key}
	if s.Interval {
		for _, r := range set.Addrs.Of(f).Ranges() {
			s.Elements = append(s.Elements, &Element{From: addrValue(r.From), To: addrValue(r.To)})
		}
	} else {
		addrs, err := set.Addrs.Of(f).Addrs(maxMembers)
		if err != nil {
			l.report.Add(diag.Internal, source.Origin{}, "set %q: %v", set.Key, err)
		}
		for _, a := range addrs {
			s.Elements = append(s.Elements, &Element{From: addrValue(a), To: addrValue(a)})
		}
	}
	return s
}

// l4 gives the alternatives of a rule's layer-4 match; an empty one matches all. A union of boxes becomes, in this order:
//
//	whole protocols                  one comparison, or one set of protocols
//	destination ports of one         one comparison, or one set of ports (with intervals where there are ranges)
//	single ports of several          one set of protocol . port
//	ranges of several                as if each protocol were alone: concatenations with intervals are slow to change
//	source ports, ICMP types         one comparison each
func (l *lowering) l4(boxes ir.L4Set) [][]Match {
	if boxes.IsAny() {
		return [][]Match{nil}
	}
	var whole []ir.Proto
	var ports, others []ir.L4
	for _, b := range boxes {
		switch {
		case b.Proto == ir.ProtoAny:
			l.report.Add(diag.CannotExpress, source.Origin{}, "ports %s of any protocol", b)
		case b.Src.IsAll() && b.Dst.IsAll():
			whole = append(whole, b.Proto)
		case b.Src.IsAll() && b.Proto.HasPorts():
			ports = append(ports, b)
		default:
			others = append(others, b)
		}
	}
	out := l.protos(whole)
	out = append(out, l.ports(ports)...)
	for _, b := range others {
		out = append(out, l.box(b))
	}
	return out
}

func protoValue(p ir.Proto) Value { return Value([]byte{byte(p)}) }

func portValue(p uint16) Value { return Value(binary.BigEndian.AppendUint16(nil, p)) }

func oneProto(p ir.Proto) Match {
	return Match{Fields: []Field{L4Proto}, From: protoValue(p), To: protoValue(p)}
}

func (l *lowering) protos(protos []ir.Proto) [][]Match {
	switch len(protos) {
	case 0:
		return nil
	case 1:
		return [][]Match{{oneProto(protos[0])}}
	}
	s := &Set{Key: []Type{InetProto}}
	for _, p := range protos {
		s.Elements = append(s.Elements, &Element{From: protoValue(p), To: protoValue(p)})
	}
	return [][]Match{{{Fields: []Field{L4Proto}, Set: l.contentSet(s)}}}
}

// ports matches boxes of destination ports.
func (l *lowering) ports(boxes []ir.L4) [][]Match {
	if len(boxes) == 0 {
		return nil
	}
	several := boxes[0].Proto != boxes[len(boxes)-1].Proto
	ranges := slices.ContainsFunc(boxes, func(b ir.L4) bool { return b.Dst.From != b.Dst.To })
	if several && !ranges {
		s := &Set{Key: []Type{InetProto, InetService}}
		for _, b := range boxes {
			v := protoValue(b.Proto) + portValue(b.Dst.From)
			s.Elements = append(s.Elements, &Element{From: v, To: v})
		}
		return [][]Match{{{Fields: []Field{L4Proto, DstPort}, Set: l.contentSet(s)}}}
	}
	var out [][]Match
	for len(boxes) > 0 {
		n := 1
		for n < len(boxes) && boxes[n].Proto == boxes[0].Proto {
			n++
		}
		out = append(out, l.portsOfProto(boxes[:n]))
		boxes = boxes[n:]
	}
	return out
}

// portsOfProto matches boxes of destination ports of one protocol.
func (l *lowering) portsOfProto(boxes []ir.L4) []Match {
	if len(boxes) == 1 {
		return l.box(boxes[0])
	}
	s := &Set{Key: []Type{InetService}}
	for _, b := range boxes {
		s.Interval = s.Interval || b.Dst.From != b.Dst.To
		s.Elements = append(s.Elements, &Element{From: portValue(b.Dst.From), To: portValue(b.Dst.To)})
	}
	return []Match{oneProto(boxes[0].Proto), {Fields: []Field{DstPort}, Set: l.contentSet(s)}}
}

// box matches one box by comparisons.
func (l *lowering) box(b ir.L4) []Match {
	out := []Match{oneProto(b.Proto)}
	switch {
	case b.Proto.HasPorts():
		out = append(out, portRange(SrcPort, b.Src)...)
		out = append(out, portRange(DstPort, b.Dst)...)
	case b.Proto == ir.ProtoICMP || b.Proto == ir.ProtoICMPv6 || b.Proto == ir.ProtoIGMP:
		if b.Dst.From&0xff == 0 && b.Dst.To&0xff == 0xff {
			from, to := Value([]byte{byte(b.Dst.From >> 8)}), Value([]byte{byte(b.Dst.To >> 8)})
			return append(out, Match{Fields: []Field{ICMPType}, From: from, To: to})
		}
		out = append(out, portRange(ICMPTypeCode, b.Dst)...)
	default:
		l.report.Add(diag.CannotExpress, source.Origin{}, "ports of a protocol that has none: %s", b)
	}
	return out
}

func portRange(f Field, r ir.PortRange) []Match {
	if r.IsAll() {
		return nil
	}
	return []Match{{Fields: []Field{f}, From: portValue(r.From), To: portValue(r.To)}}
}

// contentSet names a set by its content and keeps it, unless it is there already. Such a set never changes: another content is
// another set.
func (l *lowering) contentSet(s *Set) string {
	sortElements(s)
	h := sha256.New()
	fmt.Fprintln(h, s.Key, s.Interval)
	for _, e := range s.Elements {
		fmt.Fprintf(h, "%x-%x\n", e.From, e.To)
	}
	s.Name = "l4_" + hex.EncodeToString(h.Sum(nil))[:12]
	if _, ok := l.sets[s.Name]; !ok {
		l.sets[s.Name] = s
	}
	return s.Name
}

// sortElements orders a set's elements by their texts and drops repetitions.
func sortElements(s *Set) {
	type row struct {
		text string
		*Element
	}
	rows := make([]row, len(s.Elements))
	for i, e := range s.Elements {
		rows[i] = row{ElementText(s, e), e}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.text, b.text) })
	rows = slices.CompactFunc(rows, func(a, b row) bool { return a.text == b.text })
	s.Elements = s.Elements[:len(rows)]
	for i, r := range rows {
		s.Elements[i] = r.Element
	}
}
