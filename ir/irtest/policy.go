package irtest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

func (g *generator) makeGroups() {
	for i := range max(1, g.upTo(g.shape.Groups)) {
		var group *ir.Group
		switch n := g.IntN(100); {
		case g.shape.Peers == OpaquePeers && g.chance(25):
			group = g.opaqueGroup(i)
		case n < 60:
			group = g.podGroup()
		case n < 90 || g.shape.Kinds == NetworkPolicies:
			group = g.blockGroup()
		default:
			group = g.nodeGroup()
		}
		group.Key = g.name(group.Key, i)
		g.groups = append(g.groups, group)
	}
	slices.SortFunc(g.groups, func(a, b *ir.Group) int { return strings.Compare(a.Key, b.Key) })
}

// podGroup selects everything, a namespace, or any endpoints, seldom none.
func (g *generator) podGroup() *ir.Group {
	ns, percent := pick(g.Rand, []string{"", "", "a", "b"}), pick(g.Rand, []int{100, 60, 30, 0})
	group := &ir.Group{Key: "pods", Kind: ir.Members}
	for _, e := range g.prog.Endpoints {
		if (ns == "" || e.Namespace == ns || e.Kind == ir.NodeEndpoint) && g.chance(percent) {
			group.Members = append(group.Members, e)
		}
	}
	group.Addrs = addrsOf(group.Members)
	return group
}

func addrsOf(members []*ir.Endpoint) ir.AddrSet {
	var addrs []netip.Addr
	for _, e := range members {
		addrs = append(addrs, e.Addrs...)
	}
	return ir.AddrSetOf(addrs...)
}

func (g *generator) nodeGroup() *ir.Group {
	group := &ir.Group{Key: "nodes", Kind: ir.Members}
	for _, n := range g.prog.Nodes {
		if g.chance(60) {
			group.Addrs = group.Addrs.Union(ir.AddrSetOf(n.Addrs...))
		}
	}
	return group
}

// blockGroup is a block around interesting addresses, half of the time with exceptions.
func (g *generator) blockGroup() *ir.Group {
	block := pick(g.Rand, blocks())
	group := &ir.Group{Key: "block " + block.String(), Kind: ir.Blocks, Addrs: ir.PrefixSet(block)}
	for range g.IntN(2) * (1 + g.IntN(3)) {
		group.Addrs = group.Addrs.Subtract(ir.PrefixSet(g.inside(block)))
	}
	return group
}

// inside gives a prefix within another one, near an endpoint if there is one in it.
func (g *generator) inside(p netip.Prefix) netip.Prefix {
	at := p.Addr()
	for range 8 {
		if len(g.prog.Endpoints) > 0 {
			if e := pick(g.Rand, g.prog.Endpoints); len(e.Addrs) > 0 && p.Contains(e.Addrs[0]) {
				at = e.Addrs[0]
			}
		}
	}
	longer := p.Bits() + 1 + g.IntN(at.BitLen()-p.Bits()+1)
	return netip.PrefixFrom(at, min(longer, at.BitLen())).Masked()
}

func blocks() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{"0.0.0.0/0", "::/0", "10.0.0.0/8", "10.244.0.0/16", "10.244.1.0/24", "10.244.0.0/29",
		"10.244.0.5/32", "192.168.0.0/24", "203.0.113.0/24", "fd00::/16", "fd00::/64", "fd00:0:0:1::/64", "2001:db8::/32"} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func (g *generator) policies() {
	for i := range g.upTo(g.shape.Policies) {
		if g.shape.Kinds == NetworkPolicies || g.chance(30) {
			g.prog.Policies = append(g.prog.Policies, g.networkPolicy(i))
		} else {
			g.prog.Policies = append(g.prog.Policies, g.tieredPolicy(i))
		}
	}
	slices.SortFunc(g.prog.Policies, (*ir.Policy).Compare)
}

func (g *generator) networkPolicy(i int) *ir.Policy {
	p := &ir.Policy{Kind: "NetworkPolicy", Namespace: pick(g.Rand, []string{"a", "b"}), Name: g.name("np", i), Phase: ir.Namespace}
	p.Origin = g.origin("NetworkPolicy "+p.Namespace+"/"+p.Name, "")
	p.Subjects = g.subjects(1)
	p.Isolates = pick(g.Rand, [][2]bool{{true, false}, {false, true}, {true, true}})
	p.Logging = g.logging()
	for _, d := range ir.Directions() {
		if p.Isolates[d] {
			g.rules(p, d)
		}
	}
	return p
}

// tieredPolicy is of phase Admin or Baseline. Whether policies interleave is a property of their tier.
func (g *generator) tieredPolicy(i int) *ir.Policy {
	p := &ir.Policy{Kind: pick(g.Rand, []string{"ClusterNetworkPolicy", "AdminNetworkPolicy"}), Name: g.name("tiered", i)}
	p.Rank.Tier = pick(g.Rand, []uint8{50, 100, 220, 250, 253, 254})
	p.Rank.Priority = pick(g.Rand, []float64{1, 1, 1.5, 10000})
	p.Rank.Interleave = p.Rank.Tier != 220 && p.Rank.Tier != 254
	if p.Rank.Tier >= 253 {
		p.Phase = ir.Baseline
	}
	p.Origin = g.origin(p.Kind+" "+p.Name, "")
	p.MayLockOut = i%7 == 3
	p.Subjects = g.subjects(2)
	for _, d := range ir.Directions() {
		g.rules(p, d)
	}
	return p
}

// subjects picks up to n distinct groups of members.
func (g *generator) subjects(n int) []*ir.Group {
	var out []*ir.Group
	for range 1 + g.IntN(n) {
		if s := pick(g.Rand, g.groups); s.Kind == ir.Members && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (g *generator) rules(p *ir.Policy, d ir.Direction) {
	for i := range g.IntN(4) {
		r := ir.PolicyRule{Turn: (i + 1) / 2, Origin: g.origin(p.Origin.Object, fmt.Sprintf("spec.%s[%d]", d, i))}
		if r.AnyPeer = g.chance(30); !r.AnyPeer {
			for range g.IntN(4) {
				if peer := pick(g.Rand, g.groups); !slices.Contains(r.Peers, peer) {
					r.Peers = append(r.Peers, peer)
				}
			}
		}
		for range 1 + g.IntN(3) {
			r.Ports = append(r.Ports, g.portSpec())
		}
		if p.Phase != ir.Namespace {
			g.tierRule(p, &r, i)
		}
		withoutOpaque(d, &r)
		r.Logging = g.logging()
		p.Rules[d] = append(p.Rules[d], r)
	}
}

// tierRule adds what NetworkPolicy rules do not have. Only tier 254 may pass in the baseline.
func (g *generator) tierRule(p *ir.Policy, r *ir.PolicyRule, i int) {
	actions := []ir.Action{ir.Allow, ir.Drop, ir.Reject, ir.Pass}
	if p.Rank.Tier == 253 {
		actions = actions[:3]
	}
	r.Action = pick(g.Rand, actions)
	if g.chance(50) {
		r.Name = g.name("rule", i)
	}
	if g.chance(15) {
		r.Subjects = append([]*ir.Group{}, g.subjects(2)...) // never nil: nobody differs from the policy's
	}
}

func (g *generator) portSpec() ir.PortSpec {
	proto, port := pick(g.Rand, portProtos()), pick(g.Rand, portNumbers())
	box := ir.DstL4(proto, ir.OnePort(port))
	tiers := g.shape.Kinds != NetworkPolicies
	switch n := g.IntN(100); {
	case n < 15:
		return ir.PortSpec{Box: ir.AnyL4()}
	case n < 25:
		return ir.PortSpec{Box: ir.DstL4(proto, ir.AllPorts())}
	case n < 45:
		return ir.PortSpec{Box: ir.DstL4(proto, ir.AllPorts()), Name: pick(g.Rand, portNames())}
	case n < 60:
		box.Dst.To = port + uint16(g.IntN(min(2000, 65536-int(port))))
	case n < 65 && tiers:
		box.Src = ir.PortRange{From: 1024, To: pick(g.Rand, []uint16{1024, 49999, 50000, 65535})}
	case n < 70 && tiers:
		return ir.PortSpec{Box: ir.DstL4(ir.ProtoAny, ir.AllPorts()), Name: pick(g.Rand, portNames())}
	case n < 78 && tiers:
		t := uint16(g.IntN(4)) << 8
		box = ir.DstL4(ir.ProtoICMP, ir.PortRange{From: t, To: t | pick(g.Rand, []uint16{0, 255})})
	case n < 84 && tiers:
		t := uint16(127+g.IntN(10)) << 8
		box = ir.DstL4(ir.ProtoICMPv6, ir.PortRange{From: t, To: t | pick(g.Rand, []uint16{0, 255})})
	case n < 86 && tiers:
		box = ir.DstL4(pick(g.Rand, []ir.Proto{ir.ProtoIGMP, 47}), ir.AllPorts())
	}
	return ir.PortSpec{Box: box}
}

// keepReferredGroups puts the groups that some policy refers to into the Program.
func (g *generator) keepReferredGroups() {
	referred := map[*ir.Group]bool{}
	mark := func(groups []*ir.Group) {
		for _, group := range groups {
			referred[group] = true
		}
	}
	for _, p := range g.prog.Policies {
		mark(p.Subjects)
		for _, d := range ir.Directions() {
			for _, r := range p.Rules[d] {
				mark(r.Subjects)
				mark(r.Peers)
			}
		}
	}
	for _, group := range g.groups {
		if referred[group] {
			g.prog.Groups = append(g.prog.Groups, group)
		}
	}
}
