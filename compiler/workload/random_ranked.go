package workload

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// The API groups of the kinds below.
const (
	antrea   = "crd.antrea.io"
	upstream = "policy.networking.k8s.io"
)

func (g *random) meta(kind, group, namespace, name string) manifest.Meta {
	return manifest.Meta{Kind: kind, Group: group, Namespace: namespace, Name: name, Pos: g.pos()}
}

// spaceOf is the namespace that the i-th object of a namespaced kind is in.
func spaceOf(i int) string { return string(rune('a' + i%3)) }

// Tier makes the i-th tier. The others than these two that policies name always exist.
func (g *random) Tier(i int) *manifest.Tier {
	return &manifest.Tier{Meta: g.meta("Tier", antrea, "", fmt.Sprintf("t%d", i)), Priority: pick[uint8](g, 20, 120, 219)}
}

// Group makes the i-th group: the first three are ClusterGroups.
func (g *random) Group(i int) *manifest.Group {
	o := &manifest.Group{Meta: g.meta("ClusterGroup", antrea, "", fmt.Sprintf("g%d", i%3))}
	if i >= 3 {
		o.Meta = g.meta("Group", antrea, spaceOf(i), fmt.Sprintf("g%d", i%3))
	}
	p := func() manifest.RankedPeer {
		return manifest.RankedPeer{Peer: manifest.Peer{Field: "spec", Pos: g.pos()}}
	}
	switch n := g.IntN(10); {
	case n < 2:
		for range 1 + g.IntN(2) {
			m := p()
			if m.Group = fmt.Sprintf("g%d", g.IntN(3)); m.Group == o.Name {
				m.Group = "g9" // which there is not
			}
			o.Members = append(o.Members, m)
		}
	case n < 4:
		m := p()
		m.IPBlock = g.block()
		o.Members = append(o.Members, m)
	case n < 5:
		m := p()
		m.Service = &manifest.ServiceRef{Pos: m.Pos, ObjectRef: manifest.ObjectRef{Namespace: g.space(), Name: pick(g, "s0", "s1")}}
		o.Members = append(o.Members, m)
	case n < 6 && i < 3:
		m := p()
		s := g.selector("role")
		m.NodeSelector = &s
		o.Members = append(o.Members, m)
	default:
		m := p()
		g.pods(&m)
		o.Members = append(o.Members, m)
	}
	return o
}

// pods has a peer select pods, or external entities.
func (g *random) pods(p *manifest.RankedPeer) {
	s, spaces := g.selector("app", "tier"), g.selector("env", "team")
	switch g.IntN(8) {
	case 0, 1, 2:
		p.PodSelector = &s
	case 3, 4:
		p.PodSelector, p.NamespaceSelector = &s, &spaces
	case 5:
		p.ExternalEntitySelector = &s
	case 6:
		p.ExternalEntitySelector, p.NamespaceSelector = &s, &spaces
	default:
		p.NamespaceSelector = &spaces
	}
}

func (g *random) block() *manifest.IPBlock {
	b := &manifest.IPBlock{CIDR: pick(g, prefix("10.0.0.0/8"), prefix("10.0.1.0/28"), prefix("fd00::/64"), prefix("203.0.113.0/30"), prefix("192.168.0.0/31"))}
	if b.CIDR == prefix("10.0.0.0/8") && g.chance(60) {
		b.Except = []netip.Prefix{prefix("10.0.1.0/30")}
	}
	return b
}

// Service makes the i-th Service.
func (g *random) Service(i int) *manifest.Service {
	o := &manifest.Service{Meta: g.meta("Service", "", spaceOf(i), fmt.Sprintf("s%d", i%2))}
	if g.chance(80) {
		o.Selector = g.labels("app", "tier")
	}
	if g.peers == AllPeers && g.chance(80) { // else it is headless
		last := byte(i + 1)
		o.ClusterIPs = pick(g, []netip.Addr{netip.AddrFrom4([4]byte{10, 96, 0, last})},
			[]netip.Addr{netip.AddrFrom16([16]byte{0: 0xfd, 1: 0x96, 15: last}), netip.AddrFrom4([4]byte{10, 96, 0, last})})
		for range g.IntN(3) {
			o.Ports = append(o.Ports, manifest.ServicePort{Protocol: pick(g, "TCP", "TCP", "UDP"), Port: pick[uint16](g, 53, 80, 443)})
		}
	}
	return o
}

// Slice makes the i-th EndpointSlice.
func (g *random) Slice(i int) *manifest.EndpointSlice {
	o := &manifest.EndpointSlice{Meta: g.meta("EndpointSlice", "", spaceOf(i), fmt.Sprintf("es%d", i)), Service: fmt.Sprintf("s%d", g.IntN(2))}
	for range g.IntN(3) {
		last := g.IntN(16)
		addr := netip.AddrFrom4([4]byte{10, 0, byte(last % 3), byte(last + 2)})
		o.Endpoints = append(o.Endpoints, manifest.SliceEndpoint{Addrs: []netip.Addr{addr}, Ready: g.chance(80)})
	}
	return o
}

func (g *random) outside() netip.Addr {
	return netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + g.IntN(8))})
}

// ExternalNode makes the i-th machine outside the cluster.
func (g *random) ExternalNode(i int) *manifest.ExternalNode {
	o := &manifest.ExternalNode{Meta: g.meta("ExternalNode", antrea, spaceOf(i), fmt.Sprintf("vm%d", i))}
	o.Labels = g.labels("app", "tier")
	face := manifest.ExternalInterface{Name: "eth0"} // the API takes one only
	for range 1 + g.IntN(2) {
		if a := g.outside(); !slices.Contains(face.Addrs, a) {
			face.Addrs = append(face.Addrs, a)
		}
	}
	o.Interfaces = append(o.Interfaces, face)
	return o
}

// ExternalEntity makes the i-th external entity, of a machine or of none.
func (g *random) ExternalEntity(i int) *manifest.ExternalEntity {
	o := &manifest.ExternalEntity{Meta: g.meta("ExternalEntity", antrea, spaceOf(i), fmt.Sprintf("ee%d", i)), Addrs: []netip.Addr{g.outside()}}
	o.Labels, o.Node = g.labels("app", "tier"), pick(g, "", "vm0", "vm1")
	o.Ports = []manifest.ContainerPort{{Name: "http", Protocol: "TCP", Port: pick[uint16](g, 80, 8080)}}
	return o
}

// Ranked makes the i-th policy of those that are judged in order; its kind follows from i.
func (g *random) Ranked(i int) *manifest.RankedPolicy {
	p := &manifest.RankedPolicy{Priority: float64(pick(g, 1, 1, 2, 3))}
	name := fmt.Sprintf("rp%d", i)
	switch i % 7 {
	case 0, 1, 2:
		p.Meta = g.meta("ClusterNetworkPolicy", antrea, "", name)
	case 3, 4:
		p.Meta = g.meta("NetworkPolicy", antrea, spaceOf(i), name)
	case 5:
		p.Meta = g.meta("ClusterNetworkPolicy", upstream, "", name)
	default:
		p.Meta = g.meta(pick(g, "AdminNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"), upstream, "", name)
		if p.Kind == "BaselineAdminNetworkPolicy" {
			p.Name = "default" // no other is one
		}
	}
	p.Tier, p.TierPos = pick(g, "emergency", "platform", "application", "application", "baseline", "t0", "t1"), g.pos()
	if p.Group == upstream {
		p.Tier = pick(g, "admin", "baseline")
	}
	perRule := p.Group == antrea && g.chance(30)
	if !perRule {
		p.AppliedTo = g.appliedTo(p, "spec.appliedTo")
	}
	for j := range 1 + g.IntN(3) {
		p.IngressRules = append(p.IngressRules, g.rankedRule(p, fmt.Sprintf("spec.ingress[%d]", j), perRule))
	}
	for j := range g.IntN(3) {
		p.EgressRules = append(p.EgressRules, g.rankedRule(p, fmt.Sprintf("spec.egress[%d]", j), perRule))
	}
	admit(p)
	return p
}

// appliedTo lists one or two entries of the kinds that the policy's kind may have.
func (g *random) appliedTo(p *manifest.RankedPolicy, field string) []manifest.RankedPeer {
	count := 1
	if p.Group == antrea {
		count += g.IntN(2)
	}
	var out []manifest.RankedPeer
	for i := range count {
		e := manifest.RankedPeer{Peer: manifest.Peer{Field: fmt.Sprintf("%s[%d]", field, i), Pos: g.pos()}}
		s, spaces := g.selector("app", "tier"), g.selector("env", "team")
		switch n := g.IntN(12); {
		case p.Group == upstream && n < 6:
			e.NamespaceSelector = &spaces
		case p.Group == upstream:
			e.NamespaceSelector, e.PodSelector = &spaces, &s
		case n < 4:
			e.PodSelector = &s
		case n < 6:
			e.Peer.Field, e.Group = field, g.groupOf(p)
		case p.Namespace != "" && n < 8:
			e.ExternalEntitySelector = &s
		case p.Namespace != "":
			e.PodSelector = &manifest.Selector{}
		case n < 8:
			e.ServiceAccount = &manifest.ObjectRef{Namespace: g.space(), Name: pick(g, "default", "robot")}
		case n < 9:
			roles := g.selector("role")
			e.NodeSelector = &roles
		case n < 10:
			e.NamespaceSelector = &spaces
		default:
			e.NamespaceSelector, e.PodSelector = &spaces, &s
		}
		out = append(out, e)
	}
	return out
}

func (g *random) rankedRule(p *manifest.RankedPolicy, field string, perRule bool) manifest.RankedRule {
	actions := []string{"Allow", "Drop", "Pass"}
	if p.Tier == "baseline" && p.Group == antrea {
		actions = actions[:2]
	}
	r := manifest.RankedRule{Field: field, Pos: g.pos(), Action: pick(g, actions...), AnyPeer: g.chance(10) && p.Group == antrea}
	if perRule {
		r.AppliedTo = g.appliedTo(p, field+".appliedTo")
	}
	if g.peers == AllPeers {
		r.Logging = pick(g, manifest.Logging{}, manifest.Logging{}, manifest.Logging{On: true}, manifest.Logging{On: true, Label: "a-label-of-more"})
		if p.Group == upstream {
			r.Logging = manifest.Logging{}
		}
		if p.Group == antrea && strings.Contains(field, "egress") && g.chance(20) {
			r.AnyPeer = false
			for i := range 1 + g.IntN(2) {
				ref := manifest.ObjectRef{Namespace: g.space(), Name: pick(g, "s0", "s1")}
				r.ToServices = append(r.ToServices, manifest.ServiceRef{Field: fmt.Sprintf("%s.toServices[%d]", field, i), Pos: g.pos(), ObjectRef: ref})
			}
			return r
		}
	}
	side := map[bool]string{true: "from", false: "to"}[strings.Contains(field, "ingress")]
	for i := 0; !r.AnyPeer && i < 1+g.IntN(2); i++ {
		r.Peers = append(r.Peers, g.rankedPeer(p, fmt.Sprintf("%s.%s[%d]", field, side, i)))
	}
	if g.peers == AllPeers && side == "to" && !r.AnyPeer && g.chance(40) {
		for i := range 1 + g.IntN(2) {
			name := pick(g, "example.com", "*.example.com", "www.example.com", "*")
			r.Peers = append(r.Peers, manifest.RankedPeer{Peer: manifest.Peer{Field: fmt.Sprintf("%s.%s[%d]", field, side, i+2), Pos: g.pos()}, FQDN: name})
		}
	}
	for i := range g.IntN(3) {
		r.Ports = append(r.Ports, g.rankedPort(p, fmt.Sprintf("%s.ports[%d]", field, i)))
	}
	return r
}

func (g *random) rankedPeer(p *manifest.RankedPolicy, field string) manifest.RankedPeer {
	e := manifest.RankedPeer{Peer: manifest.Peer{Field: field, Pos: g.pos()}}
	s := g.selector("app", "tier")
	switch n := g.IntN(14); {
	case n < 2:
		e.IPBlock = g.block()
	case p.Group == upstream && n < 4, p.Namespace == "" && n == 2:
		roles := g.selector("role")
		e.NodeSelector = &roles
	case p.Group == upstream:
		spaces := g.selector("env", "team")
		if e.NamespaceSelector = &spaces; n < 9 {
			e.PodSelector = &s
		}
	case p.Namespace == "" && n < 7:
		e.Namespaces = &manifest.NamespaceMatch{Self: n < 5}
		if !e.Namespaces.Self {
			e.Namespaces.SameLabels = pick(g, []string{"env"}, []string{"env", "team"})
		}
		if g.chance(50) {
			e.PodSelector = &s
		}
	case p.Namespace == "" && n == 7:
		e.ServiceAccount = &manifest.ObjectRef{Namespace: g.space(), Name: pick(g, "default", "robot")}
	case n < 10:
		e.Group = g.groupOf(p)
	default:
		g.pods(&e)
	}
	return e
}

// groupOf names a group for a policy: of a namespace the one that Group may have made there.
func (g *random) groupOf(p *manifest.RankedPolicy) string {
	if p.Namespace != "" && g.chance(80) {
		return fmt.Sprintf("g%d", p.Namespace[0]-'a')
	}
	return fmt.Sprintf("g%d", g.IntN(4))
}

func (g *random) rankedPort(p *manifest.RankedPolicy, field string) manifest.RankedPort {
	out := manifest.RankedPort{Port: manifest.Port{Field: field, Pos: g.pos(), Protocol: pick(g, "TCP", "TCP", "UDP", "SCTP")}, SourceTo: 65535}
	switch n := g.IntN(10); {
	case n < 2:
		out.Name = pick(g, "http", "dns")
		if p.Group == upstream {
			out.Protocol = ""
		}
	case n < 5:
		out.From = pick[uint16](g, 53, 80, 8080)
		out.To = out.From + pick[uint16](g, 0, 0, 10)
	case p.Group == upstream:
	case n < 6:
		out.SourceFrom, out.SourceTo = 40000, 50000
		out.From, out.To = 80, 80
	case n < 8:
		kind, code := uint8(8), uint8(0)
		if out.Protocol = "ICMP"; g.chance(70) {
			out.ICMPType = &kind
			if g.chance(50) {
				out.ICMPCode = &code
			}
		}
	case n < 9:
		out.Protocol = "IGMP"
	}
	return out
}
