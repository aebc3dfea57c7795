// Package place turns what people type about a packet ("shop/web", "node/n1", "203.0.113.5", "tcp/80") into packets for Eval.
//
// It knows nothing but the Program; every error says what is there instead, in a stable order.
package place

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// Place is one end of a packet. Endpoint or Node is set if the place is one.
type Place struct {
	Name     string
	Addrs    []netip.Addr
	Endpoint *ir.Endpoint
	Node     *ir.Node
}

// Find resolves "NAMESPACE/POD", "POD" (in the given namespace), "node/NAME", "external/NAMESPACE/NAME", "service/NAMESPACE/NAME" (its
// cluster addresses) or an IP address, which is the place of the endpoint that has it, if any. A pod named "node/NAME" would need a namespace "node"; the node comes first.
func Find(p *ir.Program, text, namespace string) (Place, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return at(p, addr.Unmap()), nil
	}
	first, name, qualified := strings.Cut(text, "/")
	if !qualified {
		first, name = namespace, text
	}
	if first == "node" {
		for _, n := range p.Nodes {
			if n.Name == name {
				return Place{"node/" + name, n.Addrs, nil, n}, nil
			}
		}
	}
	for _, s := range p.Services {
		if first == "service" && s.String() == name {
			if len(s.ClusterIPs) == 0 {
				return Place{}, fmt.Errorf("service %s has no cluster address", name)
			}
			return Place{"service/" + name, s.ClusterIPs, nil, nil}, nil
		}
	}
	for _, e := range p.Endpoints {
		external := e.Kind == ir.ExternalEndpoint && first == "external" && e.Namespace+"/"+e.Name == name
		if external || e.Kind == ir.PodEndpoint && e.Namespace == first && e.Name == name {
			return ofEndpoint(e, text)
		}
	}
	return Place{}, fmt.Errorf("there is no pod %s/%s%s", first, name, elsewhere(p, name))
}

func at(p *ir.Program, addr netip.Addr) Place {
	place := Place{Name: addr.String(), Addrs: []netip.Addr{addr}}
	for _, e := range p.Endpoints {
		if slices.Contains(e.Addrs, addr) {
			place.Endpoint = e
		}
	}
	for _, n := range p.Nodes {
		if slices.Contains(n.Addrs, addr) {
			place.Node = n
		}
	}
	return place
}

func ofEndpoint(e *ir.Endpoint, text string) (Place, error) {
	if len(e.Addrs) == 0 {
		return Place{}, fmt.Errorf("%s has no address", what(e))
	}
	return Place{e.String(), e.Addrs, e, nil}, nil
}

// what gives "pod namespace/name", "node name" or "external namespace/name".
func what(e *ir.Endpoint) string {
	if e.Kind == ir.PodEndpoint {
		return "pod " + e.String()
	}
	return e.String()
}

// elsewhere names the places whose names resemble the one that was not found, at most three.
func elsewhere(p *ir.Program, name string) string {
	var like []string
	pods := p.Pods()
	for _, e := range pods {
		if name != "" && strings.Contains(e.Name, name) {
			like = append(like, e.String())
		}
	}
	for _, n := range p.Nodes {
		if n.Name == name {
			like = append(like, "node/"+n.Name)
		}
	}
	switch {
	case len(like) == 0:
		return fmt.Sprintf(" among the %d pods of the input", len(pods))
	case len(like) > 3:
		return ": did you mean " + strings.Join(like[:3], ", ") + ", ...?"
	}
	return ": did you mean " + strings.Join(like, " or ") + "?"
}

// Traffic is what a packet carries. Echo stands for an ICMP echo request of the packet's family.
type Traffic struct {
	Proto    ir.Proto
	Src, Dst uint16
	Echo     bool
}

// DefaultSource is the source port of a packet unless another one is asked for.
const DefaultSource = 50000

// ParseTraffic reads "tcp/80", "80" (TCP), "tcp/80<1024" with a source port, "icmp" (an echo request), "icmp/3/1" or
// "icmpv6/128" (type and code), "igmp/0x16" (type), or a protocol number such as "47" with the prefix "proto/".
func ParseTraffic(text string) (Traffic, error) {
	rest, src, hasSrc := strings.Cut(text, "<")
	proto, value, hasValue := strings.Cut(rest, "/")
	t := Traffic{Src: DefaultSource}
	switch {
	case !hasValue && isNumber(proto):
		proto, value, hasValue = "tcp", proto, true
	case strings.EqualFold(proto, "proto"):
		proto, value, hasValue = value, "", false
	}
	var err error
	if t.Proto, err = ir.ParseProto(proto); err != nil || t.Proto == ir.ProtoAny {
		return t, fmt.Errorf("%q: %q is not a protocol", text, proto)
	}
	switch {
	case t.Proto.HasPorts() && !hasValue:
		return t, fmt.Errorf("%q: %s needs a port, as in %s/80", text, t.Proto, t.Proto)
	case t.Proto.HasPorts():
		t.Dst, err = parsePort(value)
		if err == nil && hasSrc {
			t.Src, err = parsePort(src)
		}
	case t.Proto == ir.ProtoICMP || t.Proto == ir.ProtoICMPv6:
		t.Src, t.Echo = 0, !hasValue
		if hasValue {
			t.Dst, err = parseType(value)
		}
	case t.Proto == ir.ProtoIGMP && hasValue:
		var kind uint64
		if kind, err = strconv.ParseUint(value, 0, 8); err != nil {
			err = fmt.Errorf("%q is not an IGMP type", value)
		}
		t.Src, t.Dst = 0, uint16(kind)<<8
	default:
		t.Src = 0
	}
	if err != nil {
		return t, fmt.Errorf("%q: %w", text, err)
	}
	return t, nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

func parsePort(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a port from 1 to 65535", s)
	}
	return uint16(n), nil
}

// parseType reads "TYPE" or "TYPE/CODE" into type<<8|code.
func parseType(s string) (uint16, error) {
	kind, code, hasCode := strings.Cut(s, "/")
	if !hasCode {
		code = "0"
	}
	a, errA := strconv.ParseUint(kind, 10, 8)
	b, errB := strconv.ParseUint(code, 10, 8)
	if errA != nil || errB != nil {
		return 0, fmt.Errorf("%q is not an ICMP type, or type/code", s)
	}
	return uint16(a<<8 | b), nil
}

// Packet makes the packet between two addresses of one family.
func (t Traffic) Packet(src, dst netip.Addr) ir.Packet {
	p := ir.Packet{Src: src, Dst: dst, Proto: t.Proto, SrcPort: t.Src, DstPort: t.Dst}
	if !t.Echo {
		return p
	}
	p.Proto, p.DstPort = ir.ProtoICMP, 8<<8
	if ir.FamilyOf(dst) == ir.IPv6 {
		p.Proto, p.DstPort = ir.ProtoICMPv6, 128<<8
	}
	return p
}

// Packets makes one packet for each family that both places have, IPv4 first, between their first addresses of it.
func (t Traffic) Packets(src, dst Place) []ir.Packet {
	var out []ir.Packet
	for _, f := range ir.Families() {
		from, okFrom := first(src.Addrs, f)
		to, okTo := first(dst.Addrs, f)
		if okFrom && okTo {
			out = append(out, t.Packet(from, to))
		}
	}
	return out
}

func first(addrs []netip.Addr, f ir.Family) (netip.Addr, bool) {
	i := slices.IndexFunc(addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == f })
	if i < 0 {
		return netip.Addr{}, false
	}
	return addrs[i], true
}
