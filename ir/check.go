package ir

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
)

// checker collects violations of the invariants that the types' comments state.
type checker struct {
	errs    []error
	owner   map[netip.Addr]*Endpoint // of the addresses seen
	entered map[NodePort]bool        // those seen
}

func newChecker() *checker {
	return &checker{owner: map[netip.Addr]*Endpoint{}, entered: map[NodePort]bool{}}
}

// expect records a violation by an object unless the condition holds.
func (c *checker) expect(holds bool, object any, what string) {
	if !holds {
		c.errs = append(c.errs, fmt.Errorf("%v: %s", object, what))
	}
}

func (c *checker) err() error { return errors.Join(c.errs...) }

// Check tells every invariant that the Program violates, each with the object that does; nil if there is none. A violation is
// a mistake of the stage that made the Program, never of the user.
func (p *Program) Check() error {
	c := newChecker()
	c.nodes(p.Nodes)
	known := c.endpoints(p.Endpoints)
	c.machines(p.Nodes, p.Endpoints)
	groups := c.groups(p, known)
	c.services(p.Services)
	c.departures(p, groups)
	for i, policy := range p.Policies {
		c.expect(i == 0 || p.Policies[i-1].Compare(policy) < 0, policy.Origin.Object, "policies are not in order")
		c.policy(policy, groups)
		if i > 0 {
			before, rank := p.Policies[i-1], policy.Rank
			same := before.Phase == policy.Phase && before.Rank.Tier == rank.Tier && before.Rank.Priority == rank.Priority
			c.expect(!same || before.Rank.Interleave == rank.Interleave, policy.Origin.Object,
				"policies of equal tier and priority differ in Interleave")
		}
	}
	return c.err()
}

func (c *checker) nodes(nodes []*Node) {
	for i, n := range nodes {
		object := any("node " + n.Name)
		c.expect(n.Name != "" && !IsMachine(n.Name), object, "no name, or that of a machine outside the cluster")
		c.expect(i == 0 || nodes[i-1].Name < n.Name, object, "nodes are not in order")
		c.expect(n.Origin.Object != "", object, "no origin")
		c.addrs(object, n.Addrs)
		for j, cidr := range n.PodCIDRs {
			c.expect(cidr.IsValid() && cidr == cidr.Masked() && !cidr.Addr().Is4In6(), object, "a pod CIDR is not masked")
			c.expect(j == 0 || n.PodCIDRs[j-1].Compare(cidr) < 0, object, "pod CIDRs are not in order")
		}
	}
}

// addrs checks a list of single addresses.
func (c *checker) addrs(object any, addrs []netip.Addr) {
	for i, a := range addrs {
		c.expect(a.IsValid() && !a.Is4In6() && a.Zone() == "", object, "an address is invalid, IPv4-mapped or has a zone")
		c.expect(i == 0 || addrs[i-1].Less(a), object, "addresses are not in order")
	}
}

// endpoints checks a list of endpoints and returns it as a set.
func (c *checker) endpoints(endpoints []*Endpoint) map[*Endpoint]bool {
	known := make(map[*Endpoint]bool, len(endpoints))
	for i, e := range endpoints {
		object := any("endpoint " + e.String())
		known[e] = true
		c.expect((e.Namespace == "") == (e.Kind == NodeEndpoint) && e.Name != "", object, "no namespace or no name, or a node with one")
		c.expect(e.Kind <= ServiceEndpoint, object, "unknown kind")
		c.expect((e.Kind == ServiceEndpoint) == (len(e.NodePorts) > 0), object, "a Service without node ports, or node ports without a Service")
		for j, p := range e.NodePorts {
			c.expect(p.Proto.HasPorts() && p.Port != 0, object, "a node port lacks protocol or number")
			c.expect(j == 0 || e.NodePorts[j-1].Compare(p) < 0, object, "node ports are not in order")
			c.expect(!c.entered[p], object, "another Service has one of its node ports")
			c.entered[p] = true
		}
		c.expect(i == 0 || endpoints[i-1].Compare(e) < 0, object, "endpoints are not in order")
		c.expect(e.Origin.Object != "", object, "no origin")
		c.addrs(object, e.Addrs)
		for _, a := range e.Addrs {
			c.expect(c.owner[a] == nil || c.owner[a] == e, object, "another endpoint has one of its addresses")
			c.owner[a] = e
		}
		for j, p := range e.Ports {
			c.expect(p.Name != "" && p.Proto.HasPorts() && p.Port != 0, object, "a named port lacks name, protocol or number")
			same := func(q NamedPort) bool { return q.Name == p.Name && q.Proto == p.Proto }
			c.expect(!slices.ContainsFunc(e.Ports[:j], same), object, "a port name is declared twice for one protocol")
		}
		for _, b := range e.Listens {
			c.expect(b.isValid() && b.Proto.HasPorts(), object, "a declared port is not a valid box")
		}
	}
	return known
}

// machines checks the endpoints that are no pods against the nodes.
func (c *checker) machines(nodes []*Node, endpoints []*Endpoint) {
	for _, e := range endpoints {
		object := any("endpoint " + e.String())
		switch e.Kind {
		case PodEndpoint:
			c.expect(!IsMachine(e.Node), object, "a pod runs outside the cluster")
		case NodeEndpoint:
			i, found := slices.BinarySearchFunc(nodes, e.Name, func(n *Node, name string) int { return cmp.Compare(n.Name, name) })
			c.expect(e.Node == e.Name, object, "a node is not on itself")
			own := func(a netip.Addr) bool { return slices.Contains(nodes[i].Addrs, a) }
			c.expect(found && allOf(e.Addrs, own), object, "is no node, or has not the node's addresses")
		case ExternalEndpoint:
			c.expect(e.Node == "" || IsMachine(e.Node), object, "an external entity is on a node")
		case ServiceEndpoint:
			c.expect(e.Node == "" && len(e.Addrs)+len(e.Ports) == 0, object, "a Service is on a node, or has addresses")
		}
	}
}

// allOf reports whether a condition holds for every item.
func allOf[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}

// groups checks the Program's groups and returns them as a set.
func (c *checker) groups(p *Program, known map[*Endpoint]bool) map[*Group]bool {
	var nodeAddrs []netip.Addr
	for _, n := range p.Nodes {
		nodeAddrs = append(nodeAddrs, n.Addrs...)
	}
	nodes := AddrSetOf(nodeAddrs...)
	set := make(map[*Group]bool, len(p.Groups))
	for i, g := range p.Groups {
		object := any("group " + g.Key)
		set[g] = true
		c.expect(g.Key != "", object, "no key")
		c.expect(i == 0 || p.Groups[i-1].Key < g.Key, object, "groups are not in order")
		c.expect(g.Kind <= Dialled, object, "unknown kind")
		c.opaque(object, g.Kind, g.Patterns, g.Dials)
		if g.Kind != Members {
			c.expect(len(g.Members) == 0, object, "blocks have members")
			continue
		}
		var addrs []netip.Addr
		for j, m := range g.Members {
			c.expect(known[m], object, "a member is no endpoint of the program")
			c.expect(j == 0 || g.Members[j-1].Compare(m) < 0, object, "members are not in order")
			addrs = append(addrs, m.Addrs...)
		}
		members := AddrSetOf(addrs...)
		c.expect(g.Addrs.Covers(members), object, "addresses of its members are missing")
		c.expect(nodes.Covers(g.Addrs.Subtract(members)), object, "an address is neither a member's nor a node's")
	}
	return set
}

// opaque checks the patterns and dials of a group or set.
func (c *checker) opaque(object any, kind GroupKind, patterns []string, dials []Dial) {
	c.expect(kind == Dialled || len(dials) == 0, object, "dials where nothing is dialled")
	for i, dial := range dials {
		c.expect(dial.Addr.IsValid() && !dial.Addr.Is4In6() && dial.Proto.HasPorts() && dial.Port != 0, object, "a dial lacks address, protocol or port")
		c.expect(i == 0 || dials[i-1].Compare(dial) < 0, object, "dials are not in order")
	}
	c.expect((kind == Names) == (len(patterns) > 0), object, "names without patterns, or patterns without names")
	for i, pattern := range patterns {
		c.expect(pattern != "" && (i == 0 || patterns[i-1] < pattern), object, "patterns are empty or not in order")
	}
}

func (c *checker) policy(p *Policy, groups map[*Group]bool) {
	object := any(p.Origin.Object)
	c.expect(p.Origin.Object != "" && p.Kind != "" && p.Name != "", object, "no origin, kind or name")
	c.expect(p.Phase < NumPhases, object, "unknown phase")
	c.expect(!math.IsNaN(p.Rank.Priority), object, "the priority is no number")
	c.expect(p.Phase != Namespace || p.Rank == Rank{}, object, "a policy of phase namespace has a rank")
	c.expect(p.Phase == Namespace || p.Isolates == [2]bool{}, object, "a policy of another phase isolates")
	c.expect(p.Logging.On || p.Logging.Label == "", object, "a label without logging")
	c.expect(p.Phase == Namespace || !p.Logging.On, object, "a policy of another phase logs what isolation drops")
	c.subjects(object, p.Subjects, groups)
	for _, d := range Directions() {
		c.expect(p.Phase != Namespace || p.Isolates[d] || len(p.Rules[d]) == 0, object,
			"has rules in a direction that it does not isolate")
		for i := range p.Rules[d] {
			r := &p.Rules[d][i]
			c.policyRule(p, r, groups)
			opaque := slices.ContainsFunc(r.Peers, func(g *Group) bool { return g != nil && g.Kind.IsOpaque() })
			c.expect(d == Egress || !opaque, &r.Origin, "names, or what is dialled, as peers of an ingress rule")
			c.expect(r.Turn >= 0 && (i == 0 || p.Rules[d][i-1].Turn <= r.Turn), &r.Origin, "turns descend")
		}
	}
}

func (c *checker) subjects(object any, subjects []*Group, groups map[*Group]bool) {
	for i, g := range subjects {
		c.expect(groups[g], object, "a subject is no group of the program")
		c.expect(g == nil || g.Kind == Members, object, "a subject is no group of members")
		c.expect(!slices.Contains(subjects[:i], g), object, "a subject is repeated")
	}
}

func (c *checker) policyRule(p *Policy, r *PolicyRule, groups map[*Group]bool) {
	object := any(&r.Origin)
	c.expect(r.Origin.Object != "", p.Origin.Object, "a rule has no origin")
	c.expect(r.Action <= Pass, object, "unknown action")
	c.expect(r.Logging.On || r.Logging.Label == "", object, "a label without logging")
	c.expect(p.Phase != Namespace || r.Action == Allow, object, "a rule of phase namespace does not allow")
	c.expect(p.Phase != Namespace || r.Subjects == nil, object, "a rule of phase namespace has subjects of its own")
	c.expect(!r.AnyPeer || len(r.Peers) == 0, object, "any peer, and peers")
	c.subjects(object, r.Subjects, groups)
	for i, g := range r.Peers {
		c.expect(groups[g], object, "a peer is no group of the program")
		c.expect(!slices.Contains(r.Peers[:i], g), object, "a peer is repeated")
	}
	c.expect(len(r.Ports) > 0, object, "no ports")
	opaque := slices.ContainsFunc(r.Peers, func(g *Group) bool { return g != nil && g.Kind.IsOpaque() })
	named := slices.ContainsFunc(r.Ports, func(s PortSpec) bool { return s.Name != "" })
	c.expect(!opaque || !named, object, "a port's name, and peers of which no port is known")
	for _, s := range r.Ports {
		if s.Name == "" {
			c.expect(s.Box.isValid(), object, "a box is not valid")
			continue
		}
		c.expect(s.Box.Proto == ProtoAny || s.Box.Proto.HasPorts(), object, "a named port of a protocol without ports")
		c.expect(s.Box.Dst.IsAll() && s.Box.Src.isValid(), object, "the box of a named port has a destination port")
	}
}

// isValid reports whether the box is one that L4's comment admits.
func (b L4) isValid() bool {
	switch {
	case b.Proto > ProtoAny || !b.Src.isValid() || !b.Dst.isValid():
		return false
	case b.Proto.HasPorts():
		return true
	}
	typed := b.Proto == ProtoICMP || b.Proto == ProtoICMPv6 || b.Proto == ProtoIGMP && b.Dst.From&0xff == 0 && b.Dst.To&0xff == 0xff
	return b.Src.IsAll() && (typed || b.Dst.IsAll())
}

func (r PortRange) isValid() bool { return r.From <= r.To }
