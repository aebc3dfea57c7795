package ir

import (
	"net/netip"
	"slices"
)

// departures checks what a Program says of how packets leave the cluster.
func (c *checker) departures(p *Program, groups map[*Group]bool) {
	c.holdings(p.Holdings)
	names := map[string]bool{}
	for _, e := range p.Egresses {
		object := any("egress " + e.Name)
		c.expect(e.Name != "" && e.Origin.Object != "", object, "no name or origin")
		c.expect(!names[e.Name], object, "the name is taken")
		names[e.Name] = true
		c.expect(groups[e.Who] && e.Who.Kind == Members, object, "its pods are no group of the program")
		c.expect(len(e.Leases) > 0, object, "no lease")
		for i, l := range e.Leases {
			c.expect(i == 0 || e.Leases[i-1].Family < l.Family, object, "leases are not in order")
			c.expect(!l.Addr.IsValid() || !l.Addr.Is4In6() && FamilyOf(l.Addr) == l.Family, object, "an address of another family")
			held := func(h Holding) bool { return h.Addr == l.Addr }
			c.expect(!l.Addr.IsValid() || slices.ContainsFunc(p.Holdings, held), object, "an address that is no holding")
		}
		c.limit(object, e.Limit)
	}
}

func (c *checker) limit(object any, l Limit) {
	c.expect((l.Rate == 0) == (l.Burst == 0), object, "a rate without burst, or the other way round")
}

func (c *checker) holdings(holdings []Holding) {
	for i, h := range holdings {
		object := any("holding " + h.Addr.String())
		c.expect(h.Addr.IsValid() && !h.Addr.Is4In6() && h.Addr.Zone() == "", object, "not an address")
		c.expect(i == 0 || holdings[i-1].Addr.Less(h.Addr), object, "holdings are not in order")
		c.expect(h.Origin.Object != "", object, "no origin")
		s := h.Subnet
		c.expect(s.IsZero() || s.Gateway.IsValid() && FamilyOf(s.Gateway) == FamilyOf(h.Addr) && s.Gateway != h.Addr, object, "a gateway of no use")
		inNetwork := func() bool { return netip.PrefixFrom(s.Gateway, s.Bits).Masked().Contains(h.Addr) }
		c.expect(s.IsZero() || s.Bits > 0 && s.Bits <= h.Addr.BitLen() && s.VLAN < 4095 && inNetwork(), object, "is not in its subnet")
		c.expect(!h.Static || h.Node != "" && s.IsZero(), object, "a static address of no node, or in a subnet of its own")
	}
}

// snats checks what a placed Pipeline says of it.
func (c *checker) snats(p *Pipeline) {
	c.holdings(p.Holdings)
	for _, h := range p.Holdings {
		c.expect(p.Node != "" && h.Node == p.Node, any("holding "+h.Addr.String()), "is another node's")
	}
	c.expect(len(p.SNATs) > 0 || p.Inside.IsEmpty(), any("inside"), "is of no use")
	taken := map[netip.Addr]bool{}
	for i := range p.SNATs {
		s := &p.SNATs[i]
		object := any("snat " + s.Egress)
		c.expect(p.Node != "" && !IsMachine(p.Node), object, "is on no node")
		c.expect(i == 0 || p.SNATs[i-1].Compare(s) < 0, object, "snats are not in order")
		c.expect(s.Egress != "" && s.Origin != nil && s.Origin.Object != "", object, "no name or origin")
		c.expect(s.Addr.IsValid() || s.Node == "", object, "a node holds no address")
		c.expect(!s.Addr.IsValid() || FamilyOf(s.Addr) == s.Family, object, "an address of another family")
		c.expect(len(s.Sources) > 0 || s.Node != "", object, "no sources, and no node holds the address")
		c.addrs(object, s.Sources)
		c.limit(object, s.Limit)
		for _, a := range s.Sources {
			c.expect(FamilyOf(a) == s.Family && !taken[a], object, "a source is of another family, or of two")
			taken[a] = true
		}
		held := func(h Holding) bool { return h.Addr == s.Addr }
		c.expect(s.Node != p.Node || slices.ContainsFunc(p.Holdings, held), object, "the node does not hold the address")
	}
}
