package irtest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// Egresses adds up to n Egresses to a Program, with pods among its endpoints, and the addresses that nodes hold for them and for
// others: in the nodes' own network and in others, static ones, some that nobody holds.
func Egresses(p *ir.Program, r *rand.Rand, n int) {
	g := &generator{Rand: r}
	if g.chance(50) {
		p.Except = ir.PrefixSet(netip.MustParsePrefix("198.51.100.0/25"), netip.MustParsePrefix("2001:db8:5::/64"))
	}
	for i := range 8 {
		for _, h := range []ir.Holding{
			{Addr: addr4(172, 18, 181, 40+i), Subnet: ir.Subnet{Gateway: addr4(172, 18, 181, 1), Bits: 24, VLAN: 181}},
			{Addr: addr6(0xfd18, 181, 0x40+i), Subnet: ir.Subnet{Gateway: addr6(0xfd18, 181, 1), Bits: 64, VLAN: uint16(g.IntN(2))}},
			{Addr: addr4(192, 0, 2, 200+i), Static: g.chance(20)},
		} {
			if len(p.Nodes) > 0 && (h.Static || g.chance(80)) {
				h.Node = pick(r, p.Nodes).Name
			}
			h.Static = h.Static && h.Node != ""
			h.Origin = g.origin(fmt.Sprintf("ExternalIPPool p%d", i), "spec")
			p.Holdings = append(p.Holdings, h)
		}
	}
	slices.SortFunc(p.Holdings, func(a, b ir.Holding) int { return a.Addr.Compare(b.Addr) })
	for i := range g.upTo(n) {
		e := &ir.EgressIP{Name: fmt.Sprintf("e%02d", i), Who: g.who(p, i)}
		e.Origin = g.origin("Egress "+e.Name, "")
		families := [...][]ir.Family{{ir.IPv4}, {ir.IPv6}, {ir.IPv4, ir.IPv6}}[g.IntN(3)]
		for _, f := range families {
			lease := ir.Lease{Family: f}
			if g.chance(90) {
				lease.Addr = g.held(p, f)
			}
			e.Leases = append(e.Leases, lease)
		}
		if g.chance(30) {
			e.Limit = ir.Limit{Rate: uint64(1+g.IntN(100)) * 1e6, Burst: 1e6}
		}
		p.Egresses = append(p.Egresses, e)
	}
	slices.SortFunc(p.Groups, func(a, b *ir.Group) int { return strings.Compare(a.Key, b.Key) })
}

// who makes a group of some pods.
func (g *generator) who(p *ir.Program, i int) *ir.Group {
	group := &ir.Group{Key: fmt.Sprintf("leaving %d", i)}
	var addrs []netip.Addr
	for _, e := range p.Endpoints {
		if e.Kind == ir.PodEndpoint && g.chance(40) {
			group.Members = append(group.Members, e)
			addrs = append(addrs, e.Addrs...)
		}
	}
	group.Addrs = ir.AddrSetOf(addrs...)
	p.Groups = append(p.Groups, group)
	return group
}

func (g *generator) held(p *ir.Program, f ir.Family) netip.Addr {
	for {
		if h := pick(g.Rand, p.Holdings); ir.FamilyOf(h.Addr) == f {
			return h.Addr
		}
	}
}
