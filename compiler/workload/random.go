package workload

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
)

// Peers says what kinds of peers policies have.
type Peers uint8

// The choices of Peers.
const (
	PlainPeers Peers = iota // addresses, and what selects them
	AllPeers                // DNS names and Services that are dialled, too
)

// Random makes a small cluster that has a little of everything: declared and undeclared namespaces and nodes, pods that no
// policy can select, both families, named ports that differ between pods, tiers, groups, machines outside the cluster, every kind of
// policy, selector, peer and port that is enforced, and every action but Reject. Labels,
// names and addresses come from small pools, so that policies overlap. Equal arguments give equal clusters. With AllPeers, namespaces
// and rules log, too.
func Random(seed uint64, peers Peers) *manifest.Objects {
	g := &random{rand.New(rand.NewPCG(seed, 0)), 0, peers}
	out := &manifest.Objects{}
	for i := range 3 {
		if g.chance(70) {
			out.Namespaces = append(out.Namespaces, g.Namespace(i))
		}
	}
	for i := range 3 {
		if g.chance(80) {
			out.Nodes = append(out.Nodes, g.Node(i))
		}
	}
	for i := range 4 + g.IntN(12) {
		out.Pods = append(out.Pods, g.Pod(i))
	}
	for i := range 1 + g.IntN(8) {
		out.NetworkPolicies = append(out.NetworkPolicies, g.Policy(i))
	}
	some(g, &out.Tiers, 2, g.Tier)
	some(g, &out.Groups, 6, g.Group)
	some(g, &out.Services, 4, g.Service)
	some(g, &out.EndpointSlices, 2, g.Slice)
	some(g, &out.ExternalNodes, 2, g.ExternalNode)
	some(g, &out.ExternalEntities, 3, g.ExternalEntity)
	some(g, &out.RankedPolicies, 7, g.Ranked)
	return out
}

// some makes most of the first n objects of a kind.
func some[T any](g *random, list *[]*T, n int, make func(i int) *T) {
	for i := range n {
		if g.chance(70) {
			*list = append(*list, make(i))
		}
	}
}

// Edit changes a cluster at random in one object: one is added, replaced or removed. It returns what was upserted (nil after a
// removal), and the kind (as manifest.Meta.ID has it), namespace and name of the object.
func Edit(seed uint64, peers Peers, o *manifest.Objects) (upserted any, kind, namespace, name string) {
	g := &random{rand.New(rand.NewPCG(seed, 1)), int32(1000 + seed%1000), peers}
	switch g.IntN(16) {
	case 8:
		return edit(g, &o.Tiers, g.Tier(g.IntN(2)), func(t *manifest.Tier) *manifest.Meta { return &t.Meta })
	case 9:
		return edit(g, &o.Groups, g.Group(g.IntN(6)), func(t *manifest.Group) *manifest.Meta { return &t.Meta })
	case 10:
		return edit(g, &o.Services, g.Service(g.IntN(4)), func(s *manifest.Service) *manifest.Meta { return &s.Meta })
	case 11:
		return edit(g, &o.EndpointSlices, g.Slice(g.IntN(2)), func(s *manifest.EndpointSlice) *manifest.Meta { return &s.Meta })
	case 12:
		return edit(g, &o.ExternalNodes, g.ExternalNode(g.IntN(2)), func(n *manifest.ExternalNode) *manifest.Meta { return &n.Meta })
	case 13:
		return edit(g, &o.ExternalEntities, g.ExternalEntity(g.IntN(3)), func(e *manifest.ExternalEntity) *manifest.Meta { return &e.Meta })
	case 14, 15:
		return edit(g, &o.RankedPolicies, g.Ranked(g.IntN(9)), func(p *manifest.RankedPolicy) *manifest.Meta { return &p.Meta })
	case 0:
		return edit(g, &o.Namespaces, g.Namespace(g.IntN(3)), func(n *manifest.Namespace) *manifest.Meta { return &n.Meta })
	case 1:
		return edit(g, &o.Nodes, g.Node(g.IntN(3)), func(n *manifest.Node) *manifest.Meta { return &n.Meta })
	case 2, 3, 4:
		return edit(g, &o.Pods, g.Pod(g.IntN(16)), func(p *manifest.Pod) *manifest.Meta { return &p.Meta })
	}
	return edit(g, &o.NetworkPolicies, g.Policy(g.IntN(10)), func(p *manifest.NetworkPolicy) *manifest.Meta { return &p.Meta })
}

func edit[T any](g *random, list *[]*T, object *T, meta func(*T) *manifest.Meta) (any, string, string, string) {
	m := meta(object)
	kind, _, _ := strings.Cut(m.ID(), " ")
	same := func(other *T) bool { return meta(other).ID() == m.ID() }
	at := slices.IndexFunc(*list, same)
	switch {
	case at >= 0 && g.chance(40):
		*list = slices.Delete(slices.Clone(*list), at, at+1)
		return nil, kind, m.Namespace, m.Name
	case at >= 0:
		*list = slices.Clone(*list)
		(*list)[at] = object
	default:
		*list = append(slices.Clip(*list), object)
	}
	return object, kind, m.Namespace, m.Name
}

type random struct {
	*rand.Rand
	line  int32
	peers Peers
}

func (g *random) chance(percent int) bool { return g.IntN(100) < percent }

func (g *random) pos() source.Pos {
	g.line += 10
	return source.Pos{File: "random.yaml", Line: g.line, Col: 1}
}

func pick[T any](g *random, from ...T) T { return from[g.IntN(len(from))] }

func (g *random) space() string { return pick(g, "a", "b", "c") }

func (g *random) labels(keys ...string) manifest.Labels {
	var out manifest.Labels
	for _, k := range keys {
		if g.chance(60) {
			out = append(out, manifest.Label{Key: k, Value: pick(g, "x", "y", "z")})
		}
	}
	return out
}

// Namespace makes the i-th namespace.
func (g *random) Namespace(i int) *manifest.Namespace {
	n := &manifest.Namespace{Meta: manifest.Meta{Kind: "Namespace", Name: string(rune('a' + i)), Pos: g.pos()}}
	n.Labels = g.labels("env", "team")
	if g.peers == AllPeers && g.chance(40) {
		n.Annotations = manifest.Labels{{Key: "networkpolicy.antrea.io/enable-logging", Value: pick(g, "true", "false")}}
	}
	return n
}

// Node makes the i-th node.
func (g *random) Node(i int) *manifest.Node {
	n := &manifest.Node{Meta: manifest.Meta{Kind: "Node", Name: fmt.Sprintf("n%d", i), Pos: g.pos()}}
	n.Addrs = []netip.Addr{netip.AddrFrom4([4]byte{192, 168, 0, byte(i + 1)})}
	n.PodCIDRs = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), 0}), 24)}
	n.Labels = g.labels("role")
	return n
}

// Pod makes the i-th pod; now and then it has the address of another. The first address of a node's prefix is its gateway's.
func (g *random) Pod(i int) *manifest.Pod {
	p := &manifest.Pod{Meta: manifest.Meta{Kind: "Pod", Namespace: g.space(), Name: fmt.Sprintf("p%d", i), Pos: g.pos()}}
	p.Namespace = string(rune('a' + i%3))
	p.Labels, p.ServiceAccount = g.labels("app", "tier"), pick(g, "default", "default", "robot")
	p.NodeName = pick(g, "n0", "n1", "n2", "n9", "")
	p.HostNetwork, p.Terminated = g.chance(4), g.chance(4)
	last := i
	if g.chance(2) {
		last = g.IntN(16)
	}
	if g.chance(90) {
		p.Addrs = append(p.Addrs, netip.AddrFrom4([4]byte{10, 0, byte(last % 3), byte(last + 2)}))
		if i%3 == last%3 && g.chance(70) {
			p.NodeName = fmt.Sprintf("n%d", i%3) // whose prefixes have the address
		}
	}
	if g.chance(40) {
		p.Addrs = append(p.Addrs, netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(last + 2)}))
	}
	for range g.IntN(3) {
		p.Ports = append(p.Ports, manifest.ContainerPort{
			Name: pick(g, "", "http", "dns"), Protocol: pick(g, "TCP", "UDP"), Port: pick[uint16](g, 53, 80, 8080),
		})
	}
	return p
}

// Policy makes the i-th NetworkPolicy.
func (g *random) Policy(i int) *manifest.NetworkPolicy {
	p := &manifest.NetworkPolicy{Meta: manifest.Meta{Kind: "NetworkPolicy", Name: fmt.Sprintf("np%d", i), Pos: g.pos()}}
	p.Namespace = string(rune('a' + i%3))
	p.PodSelector = g.selector("app", "tier")
	p.Ingress = g.chance(70)
	p.Egress = !p.Ingress || g.chance(45)
	for j := range g.IntN(4) {
		if rule := g.rule(fmt.Sprintf("spec.ingress[%d]", j), "from"); p.Ingress {
			p.IngressRules = append(p.IngressRules, rule)
		}
	}
	for j := range g.IntN(4) {
		if rule := g.rule(fmt.Sprintf("spec.egress[%d]", j), "to"); p.Egress {
			p.EgressRules = append(p.EgressRules, rule)
		}
	}
	return p
}

func (g *random) selector(keys ...string) manifest.Selector {
	var s manifest.Selector
	for _, k := range keys {
		if g.chance(50) {
			continue
		}
		r := manifest.Requirement{Key: k, Op: pick(g, manifest.In, manifest.In, manifest.NotIn, manifest.Exists, manifest.DoesNotExist)}
		if r.Op == manifest.In || r.Op == manifest.NotIn {
			r.Values = pick(g, []string{"x"}, []string{"y"}, []string{"x", "y"})
		}
		s.Requirements = append(s.Requirements, r)
	}
	return s
}

func (g *random) rule(field, side string) manifest.Rule {
	r := manifest.Rule{Field: field, Pos: g.pos(), AnyPeer: g.chance(15)}
	if !r.AnyPeer {
		for i := range 1 + g.IntN(3) {
			r.Peers = append(r.Peers, g.peer(fmt.Sprintf("%s.%s[%d]", field, side, i)))
		}
	}
	for i := range g.IntN(3) {
		p := manifest.Port{Field: fmt.Sprintf("%s.ports[%d]", field, i), Pos: g.pos(), Protocol: pick(g, "TCP", "UDP")}
		switch g.IntN(4) {
		case 0:
			p.Name = pick(g, "http", "dns")
		case 1:
			p.From = pick[uint16](g, 53, 80, 8080)
			p.To = p.From + pick[uint16](g, 0, 10, 9000)
		case 2:
			p.From = pick[uint16](g, 53, 80, 8080)
			p.To = p.From
		}
		r.Ports = append(r.Ports, p)
	}
	return r
}

func (g *random) peer(field string) manifest.Peer {
	p := manifest.Peer{Field: field, Pos: g.pos()}
	pods, spaces := g.selector("app", "tier"), g.selector("env", "team")
	switch g.IntN(6) {
	case 0:
		p.IPBlock = pick(g,
			&manifest.IPBlock{CIDR: netip.MustParsePrefix("10.0.0.0/8"), Except: []netip.Prefix{netip.MustParsePrefix("10.0.1.0/24")}},
			&manifest.IPBlock{CIDR: netip.MustParsePrefix("10.0.0.0/24")},
			&manifest.IPBlock{CIDR: netip.MustParsePrefix("0.0.0.0/0")},
			&manifest.IPBlock{CIDR: netip.MustParsePrefix("::/0")},
			&manifest.IPBlock{CIDR: netip.MustParsePrefix("fd00::/16")})
	case 1, 2:
		p.PodSelector = &pods
	case 3:
		p.NamespaceSelector = &spaces
	case 4:
		named := manifest.Selector{Requirements: []manifest.Requirement{
			{Key: "kubernetes.io/metadata.name", Op: manifest.In, Values: []string{g.space()}}}}
		p.NamespaceSelector, p.PodSelector = &named, &pods
	default:
		p.NamespaceSelector, p.PodSelector = &spaces, &pods
	}
	return p
}
