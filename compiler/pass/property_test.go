package pass_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

func rounds(full uint64) uint64 {
	if testing.Short() {
		return full / 8
	}
	return full
}

// toy makes a Pipeline with one endpoint, and one list per direction and phase over so few addresses, ports and sets that rules
// overlap, cover and equal each other all the time.
func toy(r *rand.Rand) *ir.Pipeline {
	self := &ir.Endpoint{Namespace: "a", Name: "self", Node: "n", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.100")},
		Origin: source.Origin{Object: "Pod a/self"}}
	p := &ir.Pipeline{Endpoints: []*ir.Endpoint{self}}
	if r.IntN(2) == 0 {
		p.Node = "n"
	}
	for i := range 1 + r.IntN(7) {
		p.Sets = append(p.Sets, toySet(r, i))
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			l := ir.List{Key: "list"}
			for i := range r.IntN([]int{4, 12, 40}[r.IntN(3)]) {
				l.Rules = append(l.Rules, toyRule(r, p, ph, i))
			}
			if ph == ir.Namespace && len(l.Rules) > 0 && r.IntN(2) == 0 {
				l.Rules = append(l.Rules, isolation("NetworkPolicy a/p"), isolation("NetworkPolicy a/q"))
			}
			*p.Classifier(d, ph) = ir.Classifier{Lists: []ir.List{l}, Assign: []ir.ListID{0}}
		}
	}
	return p
}

// isolation drops everything; that of policies whose names end in "p" is logged.
func isolation(object string) ir.Rule {
	return ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, Logging: ir.Logging{On: strings.HasSuffix(object, "p")},
		Origins: []*source.Origin{{Object: object, Field: "spec.policyTypes"}}}
}

func toySet(r *rand.Rand, i int) ir.Set {
	s := ir.Set{Key: fmt.Sprintf("set %d", i)}
	if s.Kind = []ir.GroupKind{ir.Members, ir.Members, ir.Blocks, ir.Blocks, ir.Names, ir.Dialled}[r.IntN(6)]; s.Kind == ir.Blocks {
		s.Addrs = [...]ir.AddrSet{ir.AnyOf(ir.IPv4), ir.AnyOf(ir.IPv6), ir.PrefixSet(netip.MustParsePrefix("10.0.0.0/30")),
			ir.AnyOf(ir.IPv4).Subtract(ir.PrefixSet(netip.MustParsePrefix("10.0.0.2/31"))), ir.AnyAddr()}[r.IntN(5)]
		return s
	}
	if s.Kind == ir.Dialled {
		for _, d := range toyDials() {
			if r.IntN(2) == 0 {
				s.Dials = append(s.Dials, d)
			}
		}
		return s
	}
	if s.Kind == ir.Names {
		s.Patterns = []string{s.Key}
	}
	s.Addrs = toyMembers(r)
	return s
}

func toyMembers(r *rand.Rand) ir.AddrSet {
	var addrs []netip.Addr
	for _, a := range toyAddrs()[:10] {
		if r.IntN(3) == 0 {
			addrs = append(addrs, a)
		}
	}
	return ir.AddrSetOf(addrs...)
}

// relearn makes what is known of each name something else.
func relearn(r *rand.Rand) func([]string) ir.AddrSet {
	learned := map[string]ir.AddrSet{}
	return func(patterns []string) ir.AddrSet {
		key := strings.Join(patterns, " ")
		if _, known := learned[key]; !known {
			learned[key] = toyMembers(r)
		}
		return learned[key]
	}
}

func toyDials() []ir.Dial {
	return []ir.Dial{{Addr: netip.MustParseAddr("10.96.0.1"), Proto: ir.ProtoTCP, Port: 1},
		{Addr: netip.MustParseAddr("10.96.0.1"), Proto: ir.ProtoUDP, Port: 1}, {Addr: netip.MustParseAddr("10.96.0.2"), Proto: ir.ProtoTCP, Port: 1}}
}

// toyAddrs lists the peers' addresses: members of sets can only be the first ten.
func toyAddrs() []netip.Addr {
	var out []netip.Addr
	for i := range 6 {
		out = append(out, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}))
	}
	for i := range 4 {
		out = append(out, netip.AddrFrom16([16]byte{0: 0xfd, 15: byte(i)}))
	}
	return append(out, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"))
}

func toyBoxes() []ir.L4 {
	return []ir.L4{ir.AnyL4(), ir.DstL4(ir.ProtoTCP, ir.AllPorts()), ir.DstL4(ir.ProtoTCP, ir.OnePort(1)),
		ir.DstL4(ir.ProtoTCP, ir.PortRange{From: 1, To: 2}), ir.DstL4(ir.ProtoTCP, ir.PortRange{From: 2, To: 65535}),
		ir.DstL4(ir.ProtoTCP, ir.OnePort(0)), ir.DstL4(ir.ProtoUDP, ir.OnePort(1)),
		{Proto: ir.ProtoTCP, Src: ir.PortRange{From: 0, To: 9}, Dst: ir.AllPorts()},
		{Proto: ir.ProtoTCP, Src: ir.PortRange{From: 10, To: 65535}, Dst: ir.OnePort(1)}}
}

func toyRule(r *rand.Rand, p *ir.Pipeline, ph ir.Phase, i int) ir.Rule {
	rule := ir.Rule{AnyPeer: r.IntN(6) == 0, Origins: []*source.Origin{{Object: fmt.Sprintf("NetworkPolicy a/np%02d", i), Field: "spec.rule"}}}
	if ph != ir.Namespace {
		rule.Action = ir.Action(r.IntN(4))
	}
	if r.IntN(4) == 0 {
		rule.Logging = ir.Logging{On: true, Label: []string{"", "a"}[r.IntN(2)]}
	}
	for range 1 + r.IntN(2) {
		if !rule.AnyPeer {
			rule.Peers = append(rule.Peers, ir.SetID(r.IntN(len(p.Sets))))
		}
	}
	slices.Sort(rule.Peers)
	rule.Peers = slices.Compact(rule.Peers)
	var boxes []ir.L4
	for range 1 + r.IntN(2) {
		boxes = append(boxes, toyBoxes()[r.IntN(len(toyBoxes()))])
	}
	rule.L4 = ir.MakeL4Set(boxes...)
	return rule
}

// toyPackets lists a packet for everything that toy rules can tell apart, both ways.
func toyPackets() []ir.Packet {
	self := netip.MustParseAddr("10.0.0.100")
	var out []ir.Packet
	for _, a := range toyAddrs() {
		for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP} {
			for _, src := range []uint16{0, 10} {
				for _, d := range toyDials() {
					if d.Proto == proto && a.Is4() && src == 0 {
						out = append(out, ir.Packet{Src: self, Dst: a, Proto: proto, DstPort: 2, Dialled: netip.AddrPortFrom(d.Addr, d.Port)})
					}
				}
				for _, dst := range []uint16{0, 1, 2, 3} {
					out = append(out, ir.Packet{Src: self, Dst: a, Proto: proto, SrcPort: src, DstPort: dst},
						ir.Packet{Src: a, Dst: self, Proto: proto, SrcPort: src, DstPort: dst})
				}
			}
		}
	}
	return out
}

// TestPassesKeepToysMeaning runs every pass alone and all in order, and judges every packet that the rules can tell apart.
func TestPassesKeepToysMeaning(t *testing.T) {
	packets := toyPackets()
	for seed := range rounds(400) {
		r := irtest.Rand(seed)
		p := toy(r)
		require.NoError(t, p.Check())
		chain, learned := p, relearn(r)
		later := p.WithNames(learned)
		for _, row := range pass.Table() {
			var report diag.Report
			before := p.String()
			alone := row.Func(p, &report)
			require.Equal(t, before, p.String(), "seed %d: %s changed its argument", seed, row.Name)
			chain = row.Func(chain, &report)
			requireSameVerdicts(t, later, chain.WithNames(learned), packets, fmt.Sprintf("seed %d, %s, other addresses of names", seed, row.Name))
			require.Equal(t, row.Func(later, &report).String(), alone.WithNames(learned).String(), "seed %d: %s looked at the addresses of names", seed, row.Name)
			for _, after := range []*ir.Pipeline{alone, chain} {
				require.NoError(t, after.Check(), "seed %d, %s", seed, row.Name)
				requireSameVerdicts(t, p, after, packets, fmt.Sprintf("seed %d, %s", seed, row.Name))
			}
		}
	}
}

func requireSameVerdicts(t *testing.T, want, got *ir.Pipeline, packets []ir.Packet, why string) {
	t.Helper()
	a, b := want.Evaluator(), got.Evaluator()
	for _, pkt := range packets {
		for _, d := range ir.Directions() {
			x, y := a.Decide(d, pkt), b.Decide(d, pkt)
			if x.Action != y.Action || !slices.Equal(x.Logged, y.Logged) {
				t.Fatalf("%s: %+v\n%s was %v, is %v\n%s\n%s", why, pkt, d, x, y, want, got)
			}
		}
	}
}

// TestPassesKeepRandomMeaning does the same for Pipelines of several endpoints, in random packets.
func TestPassesKeepRandomMeaning(t *testing.T) {
	for seed := range rounds(400) {
		r := irtest.Rand(seed)
		shape := irtest.Everything()
		if seed%2 == 0 {
			shape = irtest.Small()
		}
		p := irtest.Pipeline(r, shape)
		unname(p)
		source := irtest.NewPackets(asProgram(p))
		var packets []ir.Packet
		for range 150 {
			packets = append(packets, source.Next(r))
		}
		chain := p
		for _, row := range pass.Table() {
			chain = row.Func(chain, new(diag.Report))
			require.NoError(t, chain.Check(), "seed %d, %s", seed, row.Name)
			requireSameVerdicts(t, p, chain, packets, fmt.Sprintf("seed %d, %s", seed, row.Name))
		}
	}
}

func unname(p *ir.Pipeline) {
	for i := range p.Sets {
		p.Sets[i].Name = ""
	}
	eachList(p, func(_ ir.Phase, l *ir.List) {
		l.Name = ""
		for i := range l.Rules {
			l.Rules[i].ID = 0
		}
	})
}

func eachList(p *ir.Pipeline, f func(ir.Phase, *ir.List)) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			lists := p.Classifier(d, ph).Lists
			for i := range lists {
				f(ph, &lists[i])
			}
		}
	}
}

// asProgram gives the values that a Pipeline's rules mention the form from which packets are made.
func asProgram(p *ir.Pipeline) *ir.Program {
	out := &ir.Program{Nodes: p.Nodes, Endpoints: p.Endpoints}
	for _, s := range p.Sets {
		out.Groups = append(out.Groups, &ir.Group{Key: s.Key, Kind: s.Kind, Dials: s.Dials, Addrs: s.Addrs})
	}
	var rule ir.PolicyRule
	eachList(p, func(_ ir.Phase, l *ir.List) {
		for _, r := range l.Rules {
			for _, b := range r.L4 {
				rule.Ports = append(rule.Ports, ir.PortSpec{Box: b})
			}
		}
	})
	out.Policies = []*ir.Policy{{Rules: [2][]ir.PolicyRule{{rule}}}}
	return out
}

// TestShadowIsExact compares with brute force: after the pass no rule is left that its helpers, the rules before it and those of
// its run, cover in every packet.
func TestShadowIsExact(t *testing.T) {
	shadow := pass.Table()[slices.Index(names(), "shadow")]
	packets := toyPackets()
	removed := 0
	for seed := range rounds(600) {
		p := toy(irtest.Rand(seed))
		before := 0
		eachList(p, func(_ ir.Phase, l *ir.List) { before += len(l.Rules) })
		out := shadow.Func(p, new(diag.Report))
		eachList(out, func(_ ir.Phase, l *ir.List) {
			before -= len(l.Rules)
			for i := range l.Rules {
				require.True(t, lives(out, l.Rules, i, packets), "seed %d: rule %d of\n%s", seed, i, out)
			}
		})
		removed += before
	}
	require.NotZero(t, removed)
}

func lives(p *ir.Pipeline, rules []ir.Rule, i int, packets []ir.Packet) bool {
	from, to := i, i
	alike := func(j int) bool { return rules[j].Action == rules[i].Action && rules[j].Logging == rules[i].Logging }
	for from > 0 && alike(from-1) {
		from--
	}
	for to+1 < len(rules) && alike(to+1) {
		to++
	}
	if p.IsOpaque(&rules[i]) {
		return true // what it matches is not known here
	}
	certain := *p
	certain.Sets = slices.Clone(p.Sets)
	for k := range certain.Sets {
		if certain.Sets[k].Kind.IsOpaque() {
			certain.Sets[k] = ir.Set{Key: certain.Sets[k].Key}
		}
	}
	p = &certain
	sets := 0
	for _, id := range rules[i].Peers {
		if !p.Sets[id].Addrs.IsEmpty() {
			sets++
		}
	}
	if !rules[i].AnyPeer && sets == 0 {
		return true // matches nothing: prune's business
	}
	return slices.ContainsFunc(packets, func(pkt ir.Packet) bool {
		if !p.Matches(&rules[i], ir.Egress, pkt) {
			return false
		}
		for j := range rules[:to+1] {
			if j != i && p.Matches(&rules[j], ir.Egress, pkt) {
				return false
			}
		}
		return true
	})
}
