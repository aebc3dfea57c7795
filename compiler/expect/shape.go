package expect

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/ir"
)

// UsualSource is the source port of packets where rules leave the choice: the first of those that RFC 6335 calls dynamic.
const UsualSource = 49152

// cuts are the values at which rules may begin to judge otherwise, by protocol, ascending.
type cuts map[ir.Proto]*bounds

type bounds struct{ src, dst []uint16 }

// cutsOf finds what the rules of a Program tell apart.
func cutsOf(p *ir.Program) cuts {
	c := cuts{ir.ProtoICMPv6: {}}
	for _, t := range ir.NeverFilteredICMPv6() {
		c.add(ir.L4{Proto: ir.ProtoICMPv6, Src: ir.AllPorts(), Dst: typeRange(t)})
	}
	for _, policy := range p.Policies {
		for _, d := range ir.Directions() {
			for i := range policy.Rules[d] {
				for _, port := range policy.Rules[d][i].Ports {
					c.add(port.Box)
				}
			}
		}
	}
	for _, e := range p.Endpoints {
		for _, port := range e.Ports {
			c.add(ir.DstL4(port.Proto, ir.OnePort(port.Port)))
		}
	}
	for _, g := range p.Groups {
		for _, d := range g.Dials {
			c.add(ir.DstL4(d.Proto, ir.OnePort(d.Port)))
		}
	}
	c.spread()
	return c
}

func typeRange(t uint8) ir.PortRange {
	return ir.PortRange{From: uint16(t) << 8, To: uint16(t)<<8 | 0xff}
}

func (c cuts) add(b ir.L4) {
	at := c[b.Proto]
	if at == nil {
		at = &bounds{}
		c[b.Proto] = at
	}
	cut := func(list []uint16, r ir.PortRange) []uint16 {
		list = append(list, r.From)
		if r.To != math.MaxUint16 {
			list = append(list, r.To+1)
		}
		return list
	}
	at.src, at.dst = cut(at.src, b.Src), cut(at.dst, b.Dst)
}

// spread has the bounds that count for any protocol count for each.
func (c cuts) spread() {
	any := cmp.Or(c[ir.ProtoAny], &bounds{})
	for _, b := range c {
		b.src, b.dst = sorted(append(b.src, any.src...)), sorted(append(b.dst, any.dst...))
	}
}

func sorted(list []uint16) []uint16 {
	slices.Sort(list)
	return slices.Compact(list)
}

// protos lists what ProtoAny stands for: all protocols that rules name, those that have names, and one that stands for all others.
func (c cuts) protos() []ir.Proto {
	out := []ir.Proto{ir.ProtoICMP, ir.ProtoIGMP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoICMPv6, ir.ProtoSCTP}
	for p := range c {
		if p != ir.ProtoAny {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for other := ir.Proto(253); other > 0; other-- { // 253 is for experiments, RFC 3692
		if !slices.Contains(out, other) {
			return append(out, other)
		}
	}
	return out
}

// shape is a packet without its addresses, and the name of the port that it is for.
type shape struct {
	src, dst netip.Addr
	proto    ir.Proto
	from, to uint16
	name     string
}

func (s shape) packet(_, _ place) ir.Packet {
	return ir.Packet{Src: s.src, Dst: s.dst, Proto: s.proto, SrcPort: s.from, DstPort: s.to}
}

// boxesOf resolves ports; none stand for all traffic.
func boxesOf(ports []manifest.RankedPort) []ir.PortSpec { return resolve.RankedPorts(ports) }

// shapes lists a packet of each class from one place to another, for each family that both have.
func (c cuts) shapes(boxes []ir.PortSpec, src, dst place) []shape {
	var out []shape
	for _, s := range src.addrs {
		for _, d := range dst.addrs {
			if ir.FamilyOf(s) != ir.FamilyOf(d) || s == d {
				continue
			}
			for _, b := range boxes {
				out = c.ofBox(out, b, shape{src: s, dst: d, name: b.Name}, dst.endpoint)
			}
		}
	}
	return out
}

func (c cuts) ofBox(out []shape, spec ir.PortSpec, base shape, dst *ir.Endpoint) []shape {
	box := spec.Box
	if spec.Name != "" {
		if dst == nil {
			return out
		}
		port, ok := dst.Lookup(spec.Name, box.Proto)
		if !ok {
			return out
		}
		box.Proto, box.Dst = port.Proto, ir.OnePort(port.Port)
	}
	protos := []ir.Proto{box.Proto}
	if box.Proto == ir.ProtoAny {
		protos = c.protos()
	}
	for _, proto := range protos {
		if !occurs(proto, ir.FamilyOf(base.src)) {
			continue
		}
		base.proto = proto
		at := cmp.Or(c[proto], c[ir.ProtoAny], &bounds{})
		for _, to := range starts(at.dst, box.Dst) {
			if base.to = to.From; proto == ir.ProtoICMPv6 && isLeftOut(box.Dst, to.From) {
				continue
			}
			for _, from := range starts(at.src, box.Src) {
				if base.from = from.From; from.Contains(UsualSource) {
					base.from = UsualSource
				}
				if !proto.HasPorts() {
					base.from = 0
				}
				out = append(out, base)
			}
		}
	}
	return out
}

// occurs reports whether a protocol is one of a family's.
func occurs(p ir.Proto, f ir.Family) bool {
	switch p {
	case ir.ProtoICMP, ir.ProtoIGMP:
		return f == ir.IPv4
	case ir.ProtoICMPv6:
		return f == ir.IPv6
	}
	return true
}

// isLeftOut reports whether a type is never filtered, and the box is about more than that type.
func isLeftOut(box ir.PortRange, dst uint16) bool {
	t := uint8(dst >> 8)
	return slices.Contains(ir.NeverFilteredICMPv6(), t) && !typeRange(t).Covers(box)
}

// starts cuts a range at the bounds that lie in it.
func starts(at []uint16, r ir.PortRange) []ir.PortRange {
	var out []ir.PortRange
	for _, cut := range at {
		if r.From < cut && cut <= r.To {
			out = append(out, ir.PortRange{From: r.From, To: cut - 1})
			r.From = cut
		}
	}
	return append(out, r)
}

// textOf words an expectation.
func textOf(e *manifest.Expectation) string {
	side := func(list []manifest.ExpectEndpoint) string {
		var words []string
		for i := range list {
			words = append(words, peerText(&list[i]))
		}
		return strings.Join(words, ", ")
	}
	text := fmt.Sprintf("%s from %s to %s", strings.ToLower(e.Verdict), side(e.From), side(e.To))
	if len(e.Ports) == 0 {
		return text
	}
	var words []string
	for _, p := range boxesOf(e.Ports) {
		word := p.Box.String()
		if p.Name != "" {
			word = p.Name
		}
		words = append(words, word)
	}
	return text + " on " + strings.Join(words, ", ")
}

// peerText words an entry.
func peerText(e *manifest.ExpectEndpoint) string {
	switch {
	case e.Pod != nil:
		return "pod " + e.Pod.Namespace + "/" + e.Pod.Name
	case e.Node != "":
		return "node " + e.Node
	case e.IPBlock != nil:
		if e.IPBlock.CIDR.IsSingleIP() {
			return e.IPBlock.CIDR.Addr().String()
		}
		return e.IPBlock.CIDR.String()
	case e.NodeSelector != nil:
		return "nodes (" + e.NodeSelector.String() + ")"
	}
	text := "pods"
	if e.ExternalEntitySelector != nil {
		text = "machines (" + e.ExternalEntitySelector.String() + ")"
	} else if e.PodSelector != nil {
		text = "pods (" + e.PodSelector.String() + ")"
	}
	if e.NamespaceSelector != nil {
		text += " in namespaces (" + e.NamespaceSelector.String() + ")"
	}
	return text
}
