package irtest

import (
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Packets makes packets for one Program.
type Packets struct {
	addrs [2][]netip.Addr // by family: IPv4, IPv6; in order
	local [2][]netip.Addr // of endpoints only
	ports []uint16        // in order
	dials []ir.Dial       // of what rules look for
}

// NewPackets gathers the values at which the Program's rules change their mind: addresses of endpoints and nodes, addresses at
// and just beyond the edges of groups, ports at and just beyond the edges of boxes, and values that nothing mentions.
func NewPackets(p *ir.Program) *Packets {
	out := &Packets{ports: []uint16{0, 1, 50000, math.MaxUint16}}
	addrs := []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:db8:ffff::1")}
	if len(p.Pods()) < len(p.Endpoints) {
		addrs = append(addrs, netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback())
	}
	for _, n := range p.Nodes {
		addrs = append(addrs, n.Addrs...)
	}
	for _, e := range p.Endpoints {
		addrs = append(addrs, e.Addrs...)
		for _, a := range e.Addrs {
			out.local[familyIndex(a)] = append(out.local[familyIndex(a)], a)
		}
		for _, port := range e.Ports {
			out.ports = append(out.ports, port.Port, port.Port+1)
		}
	}
	for _, g := range p.Groups {
		out.dials = append(out.dials, g.Dials...)
		for _, r := range g.Addrs.Ranges() {
			addrs = append(addrs, r.From, r.To, r.From.Prev(), r.To.Next())
		}
	}
	for _, a := range addrs {
		if a.IsValid() && !a.Is4In6() {
			out.addrs[familyIndex(a)] = append(out.addrs[familyIndex(a)], a)
		}
	}
	out.addEdges(p)
	for i := range out.addrs {
		slices.SortFunc(out.addrs[i], netip.Addr.Compare)
		out.addrs[i] = slices.Compact(out.addrs[i])
	}
	slices.Sort(out.ports)
	out.ports = slices.Compact(out.ports)
	return out
}

func familyIndex(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// addEdges adds the ports in the Program's rules.
func (p *Packets) addEdges(prog *ir.Program) {
	for _, policy := range prog.Policies {
		for _, d := range ir.Directions() {
			for _, r := range policy.Rules[d] {
				for _, s := range r.Ports {
					for _, edge := range []ir.PortRange{s.Box.Src, s.Box.Dst} {
						p.ports = append(p.ports, edge.From, edge.To, edge.From-1, edge.To+1)
					}
				}
			}
		}
	}
}

// Next makes a packet. Source and destination are of one family; ICMP comes in IPv4 only and ICMPv6 in IPv6 only; most packets
// are between endpoints; few are part of an established connection.
func (p *Packets) Next(r *rand.Rand) ir.Packet {
	family := r.IntN(2)
	pkt := ir.Packet{Src: p.addr(r, family), Dst: p.addr(r, family), Established: r.IntN(100) < 2}
	for i := 0; i < 2 && pkt.Src == pkt.Dst; i++ {
		pkt.Dst = p.addr(r, family)
	}
	switch n := r.IntN(100); {
	case n < 55:
		pkt.Proto = ir.ProtoTCP
	case n < 75:
		pkt.Proto = ir.ProtoUDP
	case n < 85:
		pkt.Proto = ir.ProtoSCTP
	case n < 95 && family == 0:
		pkt.Proto, pkt.DstPort = ir.ProtoICMP, uint16(r.IntN(5))<<8|uint16(r.IntN(2))
	case n < 95:
		pkt.Proto, pkt.DstPort = ir.ProtoICMPv6, uint16(125+r.IntN(20))<<8|uint16(r.IntN(2))
	default:
		pkt.Proto = pick(r, []ir.Proto{ir.ProtoIGMP, 47, 254})
	}
	if pkt.Proto.HasPorts() {
		pkt.SrcPort, pkt.DstPort = 50000, pick(r, p.ports)
		if r.IntN(3) == 0 {
			pkt.SrcPort = pick(r, p.ports)
		}
	}
	if len(p.dials) > 0 && r.IntN(3) == 0 {
		p.dial(r, &pkt)
	}
	return pkt
}

func (p *Packets) addr(r *rand.Rand, family int) netip.Addr {
	if local := p.local[family]; len(local) > 0 && r.IntN(100) < 75 {
		return pick(r, local)
	}
	return pick(r, p.addrs[family])
}
