package irtest

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// toy is the universe of Exhaustive: endpoints a and b on node n1 and c on n2, an address outside, and a list of policies with
// at most one rule each, in the order of Policy.Compare.
type toy struct {
	nodes     []*ir.Node
	endpoints []*ir.Endpoint
	groups    []*ir.Group
	policies  []*ir.Policy
}

// Exhaustive yields a Program for every set of at most n policies of the toy universe, which have at most one rule each. The
// Programs share their parts; do not modify them. The number of them is ExhaustiveCount.
func Exhaustive(n int) iter.Seq[*ir.Program] {
	return func(yield func(*ir.Program) bool) {
		t := newToy()
		t.choose(nil, 0, n, yield)
	}
}

// choose yields every Program that has the chosen policies and at most n more from policies[from:].
func (t *toy) choose(chosen []*ir.Policy, from, n int, yield func(*ir.Program) bool) bool {
	prog := &ir.Program{Nodes: t.nodes, Endpoints: t.endpoints, Groups: t.groups, Policies: slices.Clone(chosen)}
	if !yield(prog) {
		return false
	}
	for i := from; n > 0 && i < len(t.policies); i++ {
		if !t.choose(append(chosen, t.policies[i]), i+1, n-1, yield) {
			return false
		}
	}
	return true
}

// ExhaustiveCount is the number of Programs that Exhaustive(n) yields: the sum of the binomials (policies choose k), k ≤ n.
func ExhaustiveCount(n int) int {
	sum, term, m := 0, 1, len(newToy().policies)
	for k := range n + 1 {
		sum += term
		term = term * (m - k) / (k + 1)
	}
	return sum
}

// ToyPackets lists the packets of the toy universe: every ordered pair of its addresses, on TCP 80, TCP 81 and UDP 80.
func ToyPackets() []ir.Packet {
	t := newToy()
	addrs := []netip.Addr{netip.MustParseAddr("203.0.113.1")}
	for _, n := range t.nodes {
		addrs = append(addrs, n.Addrs...)
	}
	for _, e := range t.endpoints {
		addrs = append(addrs, e.Addrs...)
	}
	var out []ir.Packet
	for _, src := range addrs {
		for _, dst := range addrs {
			for _, b := range []ir.L4{ir.DstL4(ir.ProtoTCP, ir.OnePort(80)), ir.DstL4(ir.ProtoTCP, ir.OnePort(81)),
				ir.DstL4(ir.ProtoUDP, ir.OnePort(80))} {
				out = append(out, ir.Packet{Src: src, Dst: dst, Proto: b.Proto, SrcPort: 50000, DstPort: b.Dst.From})
			}
		}
	}
	return out
}

func newToy() *toy {
	origin := func(object string) source.Origin { return source.Origin{Object: object} }
	t := &toy{}
	for i, name := range []string{"n1", "n2"} {
		t.nodes = append(t.nodes, &ir.Node{Name: name, Addrs: []netip.Addr{addr4(192, 168, 0, i+1)}, Origin: origin("Node " + name)})
	}
	http := []ir.NamedPort{{Name: "http", Proto: ir.ProtoTCP, Port: 80}}
	t.endpoints = []*ir.Endpoint{
		{Namespace: "x", Name: "a", Node: "n1", Addrs: []netip.Addr{addr4(10, 0, 1, 1)}, Ports: http, Origin: origin("Pod x/a")},
		{Namespace: "x", Name: "b", Node: "n1", Addrs: []netip.Addr{addr4(10, 0, 1, 2)}, Origin: origin("Pod x/b")},
		{Namespace: "y", Name: "c", Node: "n2", Addrs: []netip.Addr{addr4(10, 0, 2, 1)}, Origin: origin("Pod y/c")},
	}
	members := func(key string, e ...*ir.Endpoint) *ir.Group {
		return &ir.Group{Key: key, Kind: ir.Members, Members: e, Addrs: addrsOf(e)}
	}
	block := &ir.Group{Key: "block", Kind: ir.Blocks, Addrs: ir.PrefixSet(netip.MustParsePrefix("0.0.0.0/0")).
		Subtract(ir.PrefixSet(netip.MustParsePrefix("10.0.1.0/30")))}
	t.groups = []*ir.Group{block, members("x", t.endpoints[:2]...), members("xa", t.endpoints[0])}
	for _, subject := range t.groups[1:] {
		for _, d := range ir.Directions() {
			t.addPolicies(subject, d)
		}
	}
	slices.SortFunc(t.policies, (*ir.Policy).Compare)
	return t
}

// addPolicies adds the policies for a subject and direction: for each phase the actions that it has, on a choice of peers and
// ports.
func (t *toy) addPolicies(subject *ir.Group, d ir.Direction) {
	rules := []ir.PolicyRule{
		{AnyPeer: true, Ports: []ir.PortSpec{{Box: ir.AnyL4()}}},
		{Peers: t.groups[1:2], Ports: []ir.PortSpec{{Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}}},
		{Peers: t.groups[:1], Ports: []ir.PortSpec{{Box: ir.DstL4(ir.ProtoTCP, ir.AllPorts()), Name: "http"}}},
	}
	t.add(subject, d, ir.Namespace, nil)
	for i := range rules {
		t.add(subject, d, ir.Namespace, &rules[i])
		for _, action := range []ir.Action{ir.Allow, ir.Drop, ir.Pass} {
			rules[i].Action = action
			t.add(subject, d, ir.Admin, &rules[i])
		}
	}
	rules[0].Action = ir.Reject
	t.add(subject, d, ir.Admin, &rules[0])
	t.add(subject, d, ir.Baseline, &rules[0])
	rules[1].Action = ir.Pass
	t.add(subject, d, ir.Baseline, &rules[1])
}

func (t *toy) add(subject *ir.Group, d ir.Direction, ph ir.Phase, rule *ir.PolicyRule) {
	p := &ir.Policy{Kind: "ClusterNetworkPolicy", Name: fmt.Sprintf("p%02d", len(t.policies)), Phase: ph, Subjects: []*ir.Group{subject}}
	switch ph {
	case ir.Namespace:
		p.Kind, p.Namespace = "NetworkPolicy", "x"
		p.Isolates[d] = true
	case ir.Admin:
		p.Rank = ir.Rank{Tier: 100, Priority: 1, Interleave: true}
	case ir.Baseline:
		p.Rank = ir.Rank{Tier: 254, Priority: 1}
	}
	p.Origin = source.Origin{Object: p.Kind + " " + p.Name}
	if rule != nil {
		r := *rule
		if ph == ir.Namespace {
			r.Action = ir.Allow
		}
		r.Origin = source.Origin{Object: p.Origin.Object, Field: "spec." + d.String() + "[0]"}
		p.Rules[d] = []ir.PolicyRule{r}
	}
	t.policies = append(t.policies, p)
}
