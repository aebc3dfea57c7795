package ir_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func addrs(s ...string) []netip.Addr {
	var out []netip.Addr
	for _, a := range s {
		out = append(out, addr(a))
	}
	return out
}

func origin(object, field string) source.Origin {
	return source.Origin{Object: object, Field: field, Pos: source.Pos{File: "p.yaml", Line: 7, Col: 3}}
}

func group(key string, members ...*ir.Endpoint) *ir.Group {
	g := &ir.Group{Key: key, Kind: ir.Members, Members: members}
	for _, m := range members {
		g.Addrs = g.Addrs.Union(ir.AddrSetOf(m.Addrs...))
	}
	return g
}

func tcp(port uint16) ir.PortSpec {
	return ir.PortSpec{Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(port))}
}

func named(proto ir.Proto, name string) ir.PortSpec {
	return ir.PortSpec{Box: ir.DstL4(proto, ir.AllPorts()), Name: name}
}

func anyPort() []ir.PortSpec { return []ir.PortSpec{{Box: ir.AnyL4()}} }

// fixture is a small cluster: two nodes, web and db on n1, api on n2, dual stack.
type fixture struct {
	web, api, db *ir.Endpoint
	prog         *ir.Program
}

func newFixture() *fixture {
	f := &fixture{
		web: &ir.Endpoint{Namespace: "shop", Name: "web", Node: "n1", Addrs: addrs("10.0.1.1", "fd00:1::1")},
		api: &ir.Endpoint{Namespace: "shop", Name: "api", Node: "n2", Addrs: addrs("10.0.2.1", "fd00:2::1"),
			Ports: []ir.NamedPort{{Name: "http", Proto: ir.ProtoTCP, Port: 8080}, {Name: "http", Proto: ir.ProtoUDP, Port: 9090}}},
		db: &ir.Endpoint{Namespace: "shop", Name: "db", Node: "n1", Addrs: addrs("10.0.1.2", "fd00:1::2"),
			Ports: []ir.NamedPort{{Name: "http", Proto: ir.ProtoTCP, Port: 80}}},
	}
	f.prog = &ir.Program{
		Nodes: []*ir.Node{{Name: "n1", Addrs: addrs("192.0.2.1", "2001:db8::1")},
			{Name: "n2", Addrs: addrs("192.0.2.2", "2001:db8::2")}},
		Endpoints: []*ir.Endpoint{f.api, f.db, f.web},
	}
	return f
}

func (f *fixture) add(policies ...*ir.Policy) *fixture {
	f.prog.Policies = append(f.prog.Policies, policies...)
	return f
}

// netpol is a NetworkPolicy that isolates its subjects for ingress and allows what the rules say.
func netpol(name string, subject *ir.Group, rules ...ir.PolicyRule) *ir.Policy {
	p := &ir.Policy{Kind: "NetworkPolicy", Namespace: "shop", Name: name, Phase: ir.Namespace,
		Origin: origin("NetworkPolicy shop/"+name, ""), Subjects: []*ir.Group{subject}}
	p.Isolates[ir.Ingress] = true
	for i := range rules {
		rules[i].Turn = i
		rules[i].Origin = origin("NetworkPolicy shop/"+name, "spec.ingress["+string(rune('0'+i))+"]")
	}
	p.Rules[ir.Ingress] = rules
	return p
}

// tiered is a cluster-wide policy with ingress rules.
func tiered(name string, phase ir.Phase, rank ir.Rank, subject *ir.Group, rules ...ir.PolicyRule) *ir.Policy {
	p := &ir.Policy{Kind: "ClusterNetworkPolicy", Name: name, Phase: phase, Rank: rank,
		Origin: origin("ClusterNetworkPolicy "+name, ""), Subjects: []*ir.Group{subject}}
	for i := range rules {
		rules[i].Turn = i
		rules[i].Origin = origin("ClusterNetworkPolicy "+name, "spec.ingress["+string(rune('0'+i))+"]")
	}
	p.Rules[ir.Ingress] = rules
	return p
}

func packet(src, dst string, proto ir.Proto, port uint16) ir.Packet {
	return ir.Packet{Src: addr(src), Dst: addr(dst), Proto: proto, SrcPort: 50000, DstPort: port}
}

// spec: 3.1
func TestProgramEvalAlwaysTrue(t *testing.T) {
	f := newFixture()
	f.add(netpol("deny", group("all", f.api, f.db, f.web)))
	f.prog.Policies[0].Isolates[ir.Egress] = true
	e := f.prog.Evaluator()
	for _, c := range []struct {
		name   string
		packet ir.Packet
		want   ir.Action
		reason string
	}{
		{"isolated", packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 80), ir.Drop, ""},
		{"isolated, other family", packet("fd00:1::1", "fd00:2::1", ir.ProtoTCP, 80), ir.Drop, ""},
		{"from outside", packet("203.0.113.1", "10.0.2.1", ir.ProtoTCP, 80), ir.Drop, ""},
		{"to outside", packet("10.0.2.1", "203.0.113.1", ir.ProtoTCP, 80), ir.Drop, ""},
		{"neither side has policies", packet("203.0.113.1", "203.0.113.2", ir.ProtoTCP, 80), ir.Allow, ir.ReasonNoEndpoint},
		{"itself", packet("10.0.1.1", "10.0.1.1", ir.ProtoTCP, 80), ir.Allow, ir.ReasonItself},
		{"own node", packet("192.0.2.2", "10.0.2.1", ir.ProtoTCP, 80), ir.Allow, ir.ReasonOwnNode},
		{"own node, IPv6", packet("2001:db8::2", "fd00:2::1", ir.ProtoTCP, 80), ir.Allow, ir.ReasonOwnNode},
		{"other node", packet("192.0.2.1", "10.0.2.1", ir.ProtoTCP, 80), ir.Drop, ""},
		{"to the own node", packet("10.0.2.1", "192.0.2.2", ir.ProtoTCP, 80), ir.Drop, ""},
		{"echo request", packet("fd00:1::1", "fd00:2::1", ir.ProtoICMPv6, 128<<8), ir.Drop, ""},
		{"neighbour solicitation", packet("fd00:1::1", "fd00:2::1", ir.ProtoICMPv6, 135<<8), ir.Allow, ir.ReasonNeighbour},
		{"listener report", packet("fd00:1::1", "ff02::16", ir.ProtoICMPv6, 143<<8), ir.Allow, ir.ReasonNeighbour},
		{"ICMP has no such types", packet("10.0.1.1", "10.0.2.1", ir.ProtoICMP, 135<<8), ir.Drop, ""},
		{"mapped address", packet("::ffff:10.0.1.1", "10.0.1.1", ir.ProtoTCP, 80), ir.Allow, ir.ReasonItself},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := e.Eval(c.packet)
			require.Equal(t, c.want, got.Action, got)
			require.Equal(t, c.reason, got.Deciding().Reason)
			c.packet.Established = true
			require.Equal(t, ir.Allow, e.Eval(c.packet).Action, "established")
		})
	}
}

// spec: 3.2
func TestProgramEvalIsolationNamesItsPolicies(t *testing.T) {
	f := newFixture()
	f.add(netpol("a", group("api", f.api), ir.PolicyRule{Peers: []*ir.Group{group("web", f.web)}, Ports: []ir.PortSpec{tcp(80)}}),
		netpol("b", group("api", f.api)))
	v := f.prog.Eval(packet("10.0.1.2", "10.0.2.1", ir.ProtoTCP, 80))
	require.Equal(t, "drop: egress of shop/db: allow, no policy applies; ingress of shop/api: drop by "+
		"NetworkPolicy shop/a spec.policyTypes (p.yaml:7:3), NetworkPolicy shop/b spec.policyTypes (p.yaml:7:3)", v.String())
	v = f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 80))
	require.Equal(t, ir.Allow, v.Action)
	require.Equal(t, "NetworkPolicy shop/a spec.ingress[0]", v.Deciding().Origins[0].Label())
	require.Equal(t, ir.Drop, f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 81)).Action)
	require.Equal(t, ir.Allow, f.prog.Eval(packet("10.0.2.1", "10.0.1.1", ir.ProtoTCP, 81)).Action, "web is not isolated")
}

// spec: 3.4
func TestProgramEvalNamedPorts(t *testing.T) {
	f := newFixture()
	all := group("all", f.api, f.db, f.web)
	f.add(netpol("tcp", all, ir.PolicyRule{AnyPeer: true, Ports: []ir.PortSpec{named(ir.ProtoTCP, "http")}}))
	e := f.prog.Evaluator()
	require.Equal(t, ir.Allow, e.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 8080)).Action)
	require.Equal(t, ir.Drop, e.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 80)).Action)
	require.Equal(t, ir.Drop, e.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoUDP, 9090)).Action, "the protocol must match too")
	require.Equal(t, ir.Allow, e.Eval(packet("10.0.1.1", "10.0.1.2", ir.ProtoTCP, 80)).Action, "db's own meaning of http")
	require.Equal(t, ir.Drop, e.Eval(packet("10.0.2.1", "10.0.1.1", ir.ProtoTCP, 80)).Action, "web has no such name, yet is isolated")

	f = newFixture()
	f.add(netpol("any", group("all", f.api), ir.PolicyRule{AnyPeer: true, Ports: []ir.PortSpec{named(ir.ProtoAny, "http")}}))
	require.Equal(t, ir.Allow, f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 8080)).Action, "the first of the name")
	require.Equal(t, ir.Drop, f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoUDP, 9090)).Action)

	// Egress to a block: the name is the destination pod's, and outside the cluster nothing has a name.
	f = newFixture()
	p := netpol("out", group("web", f.web))
	p.Isolates = [2]bool{ir.Egress: true}
	block := &ir.Group{Key: "10.0.0.0/8", Kind: ir.Blocks, Addrs: ir.PrefixSet(netip.MustParsePrefix("10.0.0.0/8"))}
	p.Rules[ir.Egress] = []ir.PolicyRule{{Peers: []*ir.Group{block}, Ports: []ir.PortSpec{named(ir.ProtoTCP, "http")}}}
	f.add(p)
	require.Equal(t, ir.Allow, f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 8080)).Action)
	require.Equal(t, ir.Drop, f.prog.Eval(packet("10.0.1.1", "10.0.1.2", ir.ProtoTCP, 8080)).Action)
	require.Equal(t, ir.Drop, f.prog.Eval(packet("10.0.1.1", "10.9.9.9", ir.ProtoTCP, 8080)).Action)
}

// spec: 3.2
func TestProgramEvalPhases(t *testing.T) {
	f := newFixture()
	all := group("all", f.api, f.db, f.web)
	rule := func(action ir.Action, ports ...ir.PortSpec) ir.PolicyRule {
		return ir.PolicyRule{AnyPeer: true, Ports: ports, Action: action}
	}
	f.add(
		tiered("first", ir.Admin, ir.Rank{Tier: 100, Priority: 1}, all, rule(ir.Pass, tcp(1), tcp(5)), rule(ir.Drop, tcp(2))),
		tiered("second", ir.Admin, ir.Rank{Tier: 220, Priority: 0.5}, all, rule(ir.Allow, tcp(1), tcp(2), tcp(3))),
		netpol("api", group("api", f.api), rule(ir.Allow, tcp(4), tcp(5))),
		tiered("base", ir.Baseline, ir.Rank{Tier: 253, Priority: 1}, all, rule(ir.Pass, tcp(7))),
		tiered("last", ir.Baseline, ir.Rank{Tier: 254, Priority: 1}, all, rule(ir.Reject, anyPort()...)),
	)
	e := f.prog.Evaluator()
	for _, c := range []struct {
		dst  string
		port uint16
		want ir.Action
		by   string
	}{
		{"10.0.2.1", 1, ir.Drop, "NetworkPolicy shop/api spec.policyTypes"},     // passed over "second", then isolated
		{"10.0.1.2", 1, ir.Reject, "ClusterNetworkPolicy last spec.ingress[0]"}, // passed, not isolated: the baseline
		{"10.0.2.1", 2, ir.Drop, "ClusterNetworkPolicy first spec.ingress[1]"},
		{"10.0.2.1", 3, ir.Allow, "ClusterNetworkPolicy second spec.ingress[0]"},
		{"10.0.2.1", 4, ir.Allow, "NetworkPolicy shop/api spec.ingress[0]"},
		{"10.0.2.1", 5, ir.Allow, "NetworkPolicy shop/api spec.ingress[0]"},
		{"10.0.2.1", 6, ir.Drop, "NetworkPolicy shop/api spec.policyTypes"},
		{"10.0.2.1", 7, ir.Drop, "NetworkPolicy shop/api spec.policyTypes"}, // a baseline cannot reopen
		{"10.0.1.2", 6, ir.Reject, "ClusterNetworkPolicy last spec.ingress[0]"},
		{"10.0.1.2", 7, ir.Allow, ""}, // Pass in the baseline means the default
	} {
		v := e.Eval(packet("10.0.1.1", c.dst, ir.ProtoTCP, c.port))
		require.Equal(t, c.want, v.Action, "%s:%d: %s", c.dst, c.port, v)
		by := ""
		if o := v.Deciding().Origins; len(o) > 0 {
			by = o[0].Label()
		}
		require.Equal(t, c.by, by, "%s:%d", c.dst, c.port)
	}
}

// spec: 3.3
func TestOrderedRules(t *testing.T) {
	f := newFixture()
	all := group("all", f.api)
	two := func() []ir.PolicyRule { return []ir.PolicyRule{{}, {}} }
	f.add(
		tiered("e", ir.Admin, ir.Rank{Tier: 220, Priority: 1}, all, two()...),
		tiered("d", ir.Admin, ir.Rank{Tier: 220, Priority: 1}, all, two()...),
		tiered("c", ir.Admin, ir.Rank{Tier: 100, Priority: 2, Interleave: true}, all, two()...),
		tiered("b", ir.Admin, ir.Rank{Tier: 100, Priority: 2, Interleave: true}, all, two()...),
		tiered("a", ir.Admin, ir.Rank{Tier: 100, Priority: 1.5, Interleave: true}, all, two()...),
		tiered("base", ir.Baseline, ir.Rank{Tier: 0}, all, two()...),
	)
	var got []string
	for _, r := range f.prog.OrderedRules(ir.Ingress, ir.Admin) {
		require.Same(t, &r.Policy.Rules[ir.Ingress][r.Index], r.Rule(ir.Ingress))
		got = append(got, r.Policy.Name+string(rune('0'+r.Index)))
	}
	require.Equal(t, []string{"a0", "a1", "b0", "c0", "b1", "c1", "d0", "d1", "e0", "e1"}, got)
	require.Empty(t, f.prog.OrderedRules(ir.Egress, ir.Admin))
	require.Len(t, f.prog.OrderedRules(ir.Ingress, ir.Baseline), 2)
}

// spec: 3.4
func TestRuleSubjectsReplaceThePolicys(t *testing.T) {
	f := newFixture()
	p := tiered("p", ir.Admin, ir.Rank{Tier: 100}, group("api", f.api),
		ir.PolicyRule{Subjects: []*ir.Group{group("db", f.db)}, AnyPeer: true, Ports: anyPort(), Action: ir.Drop})
	f.add(p)
	require.Equal(t, ir.Allow, f.prog.Eval(packet("10.0.1.1", "10.0.2.1", ir.ProtoTCP, 80)).Action)
	require.Equal(t, ir.Drop, f.prog.Eval(packet("10.0.1.1", "10.0.1.2", ir.ProtoTCP, 80)).Action)
}

// testPipeline is what newFixture with one isolating policy on api (allow tcp/80 from web) flattens to.
func testPipeline(f *fixture) *ir.Pipeline {
	allow, isolate := origin("NetworkPolicy shop/a", "spec.ingress[0]"), origin("NetworkPolicy shop/a", "spec.policyTypes")
	p := &ir.Pipeline{Nodes: f.prog.Nodes, Endpoints: f.prog.Endpoints,
		Sets: []ir.Set{{Key: "web", Kind: ir.Members, Addrs: ir.AddrSetOf(f.web.Addrs...)}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Stages[d].Classifiers[ph].Assign = []ir.ListID{ir.NoList, ir.NoList, ir.NoList}
		}
	}
	c := p.Classifier(ir.Ingress, ir.Namespace)
	c.Assign[0] = 0
	c.Lists = []ir.List{{Key: "a", Rules: []ir.Rule{
		{Peers: []ir.SetID{0}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}, Origins: []*source.Origin{&allow}},
		{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, Origins: []*source.Origin{&isolate}},
	}}}
	return p
}

// spec: 3.5 6.2
func TestPipelineEvalAgreesWithProgram(t *testing.T) {
	f := newFixture()
	f.add(netpol("a", group("api", f.api), ir.PolicyRule{Peers: []*ir.Group{group("web", f.web)}, Ports: []ir.PortSpec{tcp(80)}}))
	whole := testPipeline(f)
	n1, n2 := testPipeline(f), testPipeline(f)
	place := func(p *ir.Pipeline, node string, keep ...int) {
		p.Node = node
		var endpoints []*ir.Endpoint
		for _, i := range keep {
			endpoints = append(endpoints, p.Endpoints[i])
		}
		p.Endpoints = endpoints
		for _, d := range ir.Directions() {
			for _, ph := range ir.Phases() {
				c := p.Classifier(d, ph)
				var assign []ir.ListID
				for _, i := range keep {
					assign = append(assign, c.Assign[i])
				}
				c.Assign = assign
			}
		}
	}
	place(n1, "n1", 1, 2)
	place(n2, "n2", 0)
	at := []string{"10.0.1.1", "10.0.1.2", "10.0.2.1", "192.0.2.1", "192.0.2.2", "203.0.113.9", "fd00:1::1", "fd00:2::1"}
	drops := 0
	for _, src := range at {
		for _, dst := range at {
			for _, port := range []uint16{80, 81} {
				pkt := packet(src, dst, ir.ProtoTCP, port)
				want := f.prog.Eval(pkt)
				if want.Action == ir.Drop {
					drops++
				}
				require.NoError(t, want.Agree(whole.Eval(pkt)))
				require.True(t, whole.Eval(pkt).Explains(want), "%s\n%s", want, whole.Eval(pkt))
				require.NoError(t, want.Agree(ir.EvalNodes([]*ir.Pipeline{n1, n2}, pkt)))
				require.Equal(t, want.Action == ir.Drop, n2.Eval(pkt).Action == ir.Drop)
				require.Equal(t, ir.Allow, n1.Eval(pkt).Action, "nothing on n1 is isolated")
			}
		}
	}
	// To each of api's addresses: from db, n1 and outside; from both of web's only on port 81.
	require.Equal(t, 2*(2+2+2+1+1), drops)
}

// spec: 3.5
func TestVerdictAgreeAndExplains(t *testing.T) {
	f := newFixture()
	pkt := packet("10.0.1.2", "10.0.2.1", ir.ProtoTCP, 80)
	free := f.prog.Eval(pkt)
	f.add(netpol("a", group("api", f.api)))
	dropped := f.prog.Eval(pkt)
	require.NoError(t, free.Agree(free))
	require.Error(t, free.Agree(dropped))
	require.True(t, dropped.Explains(dropped))
	require.False(t, dropped.Explains(free))
	other := f.prog.Eval(pkt)
	other.Decisions[1].Origins = nil
	require.NoError(t, other.Agree(dropped))
	require.False(t, other.Explains(dropped))
	require.True(t, dropped.Explains(other))
}

// Families are judged apart: a block of one says nothing about the other, a selector matches all addresses of its pods, and
// isolation is for both.
//
// spec: 4.7
func TestProgramEvalFamilies(t *testing.T) {
	f := newFixture()
	v4 := &ir.Group{Key: "block", Kind: ir.Blocks, Addrs: mustSet(t, "0.0.0.0/0")}
	f.add(netpol("a", group("api", f.api), ir.PolicyRule{Peers: []*ir.Group{v4}, Ports: anyPort()}),
		netpol("b", group("api", f.api), ir.PolicyRule{Peers: []*ir.Group{group("web", f.web)}, Ports: []ir.PortSpec{tcp(80)}}))
	e := f.prog.Evaluator()
	require.Equal(t, ir.Allow, e.Eval(packet("10.0.1.2", "10.0.2.1", ir.ProtoTCP, 1)).Action)
	require.Equal(t, ir.Drop, e.Eval(packet("fd00:1::2", "fd00:2::1", ir.ProtoTCP, 1)).Action)
	require.Equal(t, ir.Drop, e.Eval(packet("fd00:1::2", "fd00:2::1", ir.ProtoTCP, 80)).Action)
	require.Equal(t, ir.Allow, e.Eval(packet("fd00:1::1", "fd00:2::1", ir.ProtoTCP, 80)).Action)
}

// spec: 5.1
func TestOriginsAreSortedAndDistinct(t *testing.T) {
	a, b, c := origin("A x", "f"), origin("A x", "g"), origin("B x", "f")
	same := a
	require.Equal(t, []*source.Origin{&a, &b, &c}, ir.SortOrigins([]*source.Origin{&c, &same, &b, &a}))
	p := netpol("a", group("none"))
	require.Equal(t, *p.IsolationOrigin(), *p.IsolationOrigin())
	require.Equal(t, "NetworkPolicy shop/a spec.policyTypes", p.IsolationOrigin().Label())
}
