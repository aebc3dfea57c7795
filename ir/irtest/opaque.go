package irtest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// opaqueGroup is a group of names of which some addresses are known, or of what Services are reached by, seldom of nothing.
func (g *generator) opaqueGroup(i int) *ir.Group {
	if g.chance(50) {
		group := &ir.Group{Key: "names", Kind: ir.Names, Addrs: g.known()}
		for _, pattern := range []string{"*.n%d.example", "n%d.example", "www.n%d.example"} {
			if len(group.Patterns) == 0 || g.chance(40) {
				group.Patterns = append(group.Patterns, fmt.Sprintf(pattern, i))
			}
		}
		slices.Sort(group.Patterns)
		return group
	}
	group := &ir.Group{Key: "dialled", Kind: ir.Dialled}
	for range g.IntN(4) {
		d := ir.Dial{Addr: addr4(10, 96, 0, 1+g.IntN(3)), Proto: pick(g.Rand, portProtos()), Port: pick(g.Rand, portNumbers())}
		if g.chance(40) {
			d.Addr = addr6(0xfd00, 96, 1+g.IntN(3))
		}
		group.Dials = append(group.Dials, d)
	}
	slices.SortFunc(group.Dials, ir.Dial.Compare)
	group.Dials = slices.Compact(group.Dials)
	return group
}

// known is what DNS might have given: a few addresses of endpoints and outside, of a kind that blocks and members have too.
func (g *generator) known() ir.AddrSet {
	addrs := []netip.Addr{addr4(203, 0, 113, 7), addr4(198, 51, 100, 7), addr6(0x2001, 0xdb8, 7)}
	for _, e := range g.prog.Endpoints {
		addrs = append(addrs, e.Addrs...)
	}
	return ir.AddrSetOf(slices.DeleteFunc(addrs, func(netip.Addr) bool { return !g.chance(30) })...)
}

// Learn gives the Program's groups of names other addresses, in place, and returns what tells Pipeline.WithNames the same.
func Learn(r *rand.Rand, p *ir.Program) func(patterns []string) ir.AddrSet {
	g, learned := &generator{Rand: r, prog: p}, map[string]ir.AddrSet{}
	for _, group := range p.Groups {
		if group.Kind == ir.Names {
			group.Addrs = g.known()
			learned[strings.Join(group.Patterns, ",")] = group.Addrs
		}
	}
	return func(patterns []string) ir.AddrSet { return learned[strings.Join(patterns, ",")] }
}

// withoutOpaque takes away what the peers of a rule cannot be: on ingress those that are opaque, and beside such on egress ports by
// name.
func withoutOpaque(d ir.Direction, r *ir.PolicyRule) {
	isOpaque := func(group *ir.Group) bool { return group.Kind.IsOpaque() }
	if d == ir.Ingress {
		if r.Peers = slices.DeleteFunc(r.Peers, isOpaque); len(r.Peers) == 0 {
			r.Peers = nil
		}
	}
	if slices.ContainsFunc(r.Peers, isOpaque) {
		r.Ports = slices.DeleteFunc(r.Ports, func(s ir.PortSpec) bool { return s.Name != "" })
	}
	if len(r.Ports) == 0 {
		r.Ports = []ir.PortSpec{{Box: ir.AnyL4()}}
	}
}

// logging is that of a rule or of isolation.
func (g *generator) logging() ir.Logging {
	if g.shape.Logs == Silent || !g.chance(25) {
		return ir.Logging{}
	}
	return ir.Logging{On: true, Label: pick(g.Rand, []string{"", "audit", "x"})}
}

// dial has a packet sent to where a rule looks: what its destination was before, or what it is.
func (p *Packets) dial(r *rand.Rand, pkt *ir.Packet) {
	d := pick(r, p.dials)
	if d.Addr.Is4() != pkt.Dst.Is4() || !pkt.Proto.HasPorts() {
		return
	}
	switch r.IntN(4) {
	case 0:
		d.Port++
	case 1:
		pkt.Dst, pkt.DstPort = d.Addr, d.Port
		return
	case 2:
		pkt.Proto = d.Proto
	}
	if d.Port == 0 {
		d.Port = 1
	}
	pkt.Dialled = netip.AddrPortFrom(d.Addr, d.Port)
}
