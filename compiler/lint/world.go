package lint

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// world knows which packets exist and are judged at all: the rest of what spec.md says is always true.
type world struct {
	endpoints map[netip.Addr]*ir.Endpoint
	nodes     map[string]*ir.Node
	exempt    int // no endpoint has more addresses with which it may always talk
}

func newWorld(p *ir.Program) *world {
	w := &world{map[netip.Addr]*ir.Endpoint{}, map[string]*ir.Node{}, 0}
	for _, n := range p.Nodes {
		w.nodes[n.Name] = n
	}
	on, machines := map[string]int{}, false
	for _, e := range p.Endpoints {
		machines = machines || e.Kind != ir.PodEndpoint
		on[e.Node] += len(e.Addrs)
		for _, a := range e.Addrs {
			w.endpoints[a] = e
		}
	}
	for _, e := range p.Endpoints {
		n := len(e.Addrs)
		if machines {
			n = max(n, on[e.Node])
		}
		if node := w.nodes[e.Node]; node != nil {
			n += len(node.Addrs)
		}
		w.exempt = max(w.exempt, n)
	}
	return w
}

// isJudged reports whether the policies of an endpoint judge packets between it and an address, for some traffic.
func (w *world) isJudged(d ir.Direction, e *ir.Endpoint, peer netip.Addr) bool {
	other := w.endpoints[peer]
	isPod := e.Kind == ir.PodEndpoint
	switch {
	case other == e || peer.IsLoopback() || peer.Is4In6() || !hasFamily(e, ir.FamilyOf(peer)):
		return false
	case other != nil && !isPod && other.Kind != ir.PodEndpoint && e.Node != "" && e.Node == other.Node:
		return false // within one machine
	case d == ir.Ingress && isPod:
		node := w.nodes[e.Node]
		return node == nil || !slices.Contains(node.Addrs, peer)
	case d == ir.Egress && e.Kind == ir.NodeEndpoint:
		return other == nil || other.Kind != ir.PodEndpoint || other.Node != e.Node
	}
	return true
}

func hasFamily(e *ir.Endpoint, f ir.Family) bool {
	return slices.ContainsFunc(e.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == f })
}

// peer is an address that an endpoint exchanges packets with.
type peer struct {
	endpoint *ir.Endpoint // nil: there is none
	addr     netip.Addr
}

// peerIn returns an address of a class of addresses that the policies of one of a class's endpoints judge. An example has more addresses
// than are exempt for any endpoint, or all there are. Addresses set aside for documentation make the best examples (RFC 5737,
// RFC 3849).
func (w *world) peerIn(c *class, example []ir.AddrRange) peer {
	var candidates []netip.Addr
	example = slices.DeleteFunc(slices.Clone(example), func(r ir.AddrRange) bool { return !c.families[ir.FamilyOf(r.From)] })
	for _, r := range example {
		for _, a := range documentation() {
			if r.From.Is4() == a.Is4() && r.From.Compare(a) <= 0 && a.Compare(r.To) <= 0 {
				candidates = append(candidates, a)
			}
		}
	}
	for _, r := range example {
		at := r.From
		for range w.exempt + 1 {
			if at == r.To {
				break
			}
			at = at.Next()
			candidates = append(candidates, at)
		}
		candidates = append(candidates, r.From)
	}
	for _, e := range c.endpoints {
		for _, a := range candidates {
			if w.isJudged(c.direction, e, a) {
				return peer{e, a}
			}
		}
	}
	return peer{}
}

func documentation() []netip.Addr {
	return []netip.Addr{netip.AddrFrom4([4]byte{203, 0, 113, 1}), netip.AddrFrom4([4]byte{198, 51, 100, 1}),
		netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: 1})}
}

// traffic is the layer 4 of a packet.
type traffic struct {
	proto    ir.Proto // ProtoAny: there is none
	src, dst uint16
}

// defaultSource is the source port of a packet where any will do: the one that eval takes.
const defaultSource = 50000

// trafficIn returns a packet's layer 4 in a box. ProtoAny stands for the protocols that are not named. Port 0 is reserved, and
// neighbour discovery is never judged.
func trafficIn(box ir.L4, named []ir.Proto) traffic {
	switch {
	case box.Proto == ir.ProtoAny:
		for _, p := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP} {
			if !slices.Contains(named, p) {
				return trafficIn(ir.DstL4(p, ir.AllPorts()), nil)
			}
		}
		for p := ir.Proto(253); p > 0; p-- { // from the numbers for experiments on (RFC 3692)
			if p != ir.ProtoICMPv6 && !slices.Contains(named, p) {
				return traffic{proto: p}
			}
		}
	case box.Proto.HasPorts():
		src, okSrc := portIn(box.Src, defaultSource)
		dst, okDst := portIn(box.Dst, 80)
		if okSrc && okDst {
			return traffic{box.Proto, src, dst}
		}
	case box.Proto == ir.ProtoICMP:
		if box.Dst.Contains(8 << 8) {
			return traffic{proto: box.Proto, dst: 8 << 8}
		}
		return traffic{proto: box.Proto, dst: box.Dst.From}
	case box.Proto == ir.ProtoICMPv6:
		for _, dst := range []int{128 << 8, int(box.Dst.From), 138 << 8, 144 << 8} {
			if box.Dst.Contains(uint16(dst)) && !slices.Contains(ir.NeverFilteredICMPv6(), uint8(dst>>8)) {
				return traffic{proto: box.Proto, dst: uint16(dst)}
			}
		}
	case box.Proto == ir.ProtoIGMP:
		return traffic{proto: box.Proto, dst: box.Dst.From}
	default:
		return traffic{proto: box.Proto}
	}
	return traffic{proto: ir.ProtoAny}
}

// portIn returns a port in a range: the preferred one if it can.
func portIn(r ir.PortRange, preferred uint16) (uint16, bool) {
	switch {
	case r.Contains(preferred):
		return preferred, true
	case r.From > 0:
		return r.From, true
	}
	return 1, r.To > 0
}

// packet is a packet that an endpoint's policies judge in a direction. The zero value is none.
type packet struct {
	direction ir.Direction
	peer      peer
	traffic   traffic
}

// ir returns the packet, with the endpoint's first address of the family.
func (p packet) ir() ir.Packet {
	own := p.peer.endpoint.Addrs[slices.IndexFunc(p.peer.endpoint.Addrs,
		func(a netip.Addr) bool { return a.Is4() == p.peer.addr.Is4() })]
	out := ir.Packet{Src: own, Dst: p.peer.addr, Proto: p.traffic.proto, SrcPort: p.traffic.src, DstPort: p.traffic.dst}
	if p.direction == ir.Ingress {
		out.Src, out.Dst = out.Dst, out.Src
	}
	return out
}
