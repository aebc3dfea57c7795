package openflow

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// TestPortBlocksAreExactAndFew compares with the classic bound and with every port.
func TestPortBlocksAreExactAndFew(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	ranges := []ir.PortRange{ir.AllPorts(), ir.OnePort(0), ir.OnePort(65535), {From: 1, To: 65534}, {From: 1024, To: 65535}}
	for range 60 {
		a, b := uint16(r.Uint32()), uint16(r.Uint32())
		ranges = append(ranges, ir.PortRange{From: min(a, b), To: max(a, b)})
	}
	for _, want := range ranges {
		var count [65536]int
		blocks := portBlocks(want)
		require.LessOrEqual(t, len(blocks), 30)
		for _, b := range blocks {
			for p := range count {
				if uint16(p)&b.mask == b.value {
					count[p]++
				}
			}
		}
		for p, n := range count {
			if (n == 1) != want.Contains(uint16(p)) || n > 1 {
				t.Fatalf("%s: port %d is in %d blocks", want, p, n)
			}
		}
	}
	require.Equal(t, []block{{0, 0}}, portBlocks(ir.AllPorts()))
	require.Len(t, portBlocks(ir.PortRange{From: 1024, To: 65535}), 6)
	require.Equal(t, []block{{80, 0xffff}}, portBlocks(ir.OnePort(80)))
}

func TestICMPRangesAreExact(t *testing.T) {
	for _, want := range []ir.PortRange{ir.OnePort(8 << 8), {From: 8 << 8, To: 8<<8 | 255}, {From: 3<<8 | 7, To: 5<<8 | 1}, {From: 0xff00, To: 0xffff}} {
		count := 0
		for _, m := range icmpMatches(nil, want) {
			require.True(t, want.Contains(uint16(m[0].Value.Lo<<8)) || len(m) == 2)
			n := 256
			if len(m) == 2 {
				n = 1
				require.True(t, want.Contains(uint16(m[0].Value.Lo<<8|m[1].Value.Lo)))
			}
			count += n
		}
		require.Equal(t, int(want.To)-int(want.From)+1, count)
	}
}

// TestLevelsKeepOrderWhereItMatters: rules of one level do not conflict, and of two that do the earlier has the higher level.
func TestLevelsKeepOrderWhereItMatters(t *testing.T) {
	conflicts, shared := 0, 0
	for seed := range uint64(600) {
		p := irtest.Pipeline(irtest.Rand(seed), irtest.Small())
		for _, d := range ir.Directions() {
			for _, ph := range ir.Phases() {
				for _, l := range p.Classifier(d, ph).Lists {
					got := levels(p, l.Rules)
					for i := range l.Rules {
						for j := i + 1; j < len(l.Rules); j++ {
							a, b := &l.Rules[i], &l.Rules[j]
							switch {
							case a.Action != b.Action && a.L4.Overlaps(b.L4) && p.PeerSet(a).Overlaps(p.PeerSet(b)):
								require.Greater(t, got[i], got[j])
								conflicts++
							case got[i] == got[j]:
								shared++
							}
						}
					}
				}
			}
		}
	}
	require.Greater(t, conflicts, 1000)
	require.Greater(t, shared, 1000)
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

// one makes a pipeline of a node with pods in one namespace phase list, of the given ingress rules and a drop at the end.
func one(pods int, sets []ir.Set, rules ...ir.Rule) *ir.Pipeline {
	at := &source.Origin{Object: "NetworkPolicy x/p"}
	p := &ir.Pipeline{Node: "n", Nodes: []*ir.Node{{Name: "n", Addrs: []netip.Addr{addr("192.168.0.1")}}}, Sets: sets}
	for i := range rules {
		rules[i].ID, rules[i].Origins = ir.RuleID(1000+i), []*source.Origin{at}
	}
	rules = append(rules, ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 999, Origins: []*source.Origin{at}})
	for i := range pods {
		p.Endpoints = append(p.Endpoints, &ir.Endpoint{Namespace: "x", Name: fmt.Sprintf("p%04d", i), Node: "n",
			Addrs: []netip.Addr{addr(fmt.Sprintf("10.0.%d.%d", i/250, i%250+1))}})
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			c.Assign = make([]ir.ListID, pods)
			for i := range c.Assign {
				c.Assign[i] = ir.NoList
			}
		}
	}
	c := p.Classifier(ir.Ingress, ir.Namespace)
	c.Lists = []ir.List{{Key: "k", Name: "0123456789ab", Rules: rules}}
	clear(c.Assign)
	return p
}

// TestCrowdedFlowsAreSplit: more rules for one address than a flow has room for still judge right.
func TestCrowdedFlowsAreSplit(t *testing.T) {
	sets := []ir.Set{{Key: "peer", Kind: ir.Members, Addrs: ir.AddrSetOf(addr("10.9.0.1"))}}
	var rules []ir.Rule
	for i := range 2*MaxClauses + 100 {
		rules = append(rules, ir.Rule{Peers: []ir.SetID{0}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(2*i)))}})
	}
	p := one(1, sets, rules...)
	lowered := Lower(p, &diag.Report{})
	require.NoError(t, Check(lowered))
	require.Equal(t, 4, CostOf(lowered).Priorities) // three parts, and the drop
	model := NewModel(p, lowered, SomeBinding(p))
	for port := uint16(0); port < uint16(2*len(rules)); port += 97 {
		pkt := ir.Packet{Src: addr("10.9.0.1"), Dst: addr("10.0.0.1"), Proto: ir.ProtoTCP, DstPort: port}
		require.Equal(t, p.Eval(pkt).Action, model.Eval(pkt).Action(), port)
	}
}

// TestOneMemberMoreIsOneFlowMore, however many rules name the group.
func TestOneMemberMoreIsOneFlowMore(t *testing.T) {
	lower := func(members int) *Pipeline {
		var set ir.AddrSet
		for i := range members {
			set = set.Union(ir.AddrSetOf(addr(fmt.Sprintf("10.9.0.%d", i+1))))
		}
		sets := []ir.Set{{Key: "peers", Kind: ir.Members, Addrs: set}}
		var rules []ir.Rule
		for i := range 5 {
			rules = append(rules, ir.Rule{Peers: []ir.SetID{0}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(i)))}})
		}
		lowered := Lower(one(3, sets, rules...), &diag.Report{})
		require.NoError(t, Check(lowered))
		return lowered
	}
	for n := 1; n < 9; n++ {
		a, b := Pack(lower(n)), Pack(lower(n+1))
		have := map[string]bool{}
		for _, o := range a.Objects {
			have[o.Head] = true
		}
		added := 0
		for _, o := range b.Objects {
			if !have[o.Head] {
				added++
			}
		}
		require.Equal(t, 1, added)
		require.Len(t, b.Objects, len(a.Objects)+1)
	}
	cost := CostOf(lower(100))
	require.Equal(t, 100+5+1, cost.Shared) // addresses, ports, the list
	require.Equal(t, 5, cost.Decisions)
	require.Equal(t, 1, cost.Plain)
	require.Equal(t, 6, cost.Rules)
}

// TestRejected: the rule's flow hands the packet over, and what is sent in answer leaves unjudged, whatever the policy.
func TestRejected(t *testing.T) {
	report := &diag.Report{}
	p := one(1, nil, ir.Rule{AnyPeer: true, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}, Action: ir.Reject})
	lowered := Lower(p, report)
	require.Empty(t, report.Findings())
	model := NewModel(p, lowered, SomeBinding(p))
	require.Equal(t, ir.Reject, model.Eval(ir.Packet{Src: addr("9.9.9.9"), Dst: addr("10.0.0.1"), Proto: ir.ProtoTCP, DstPort: 80}).Action())
}

// TestListNumbersDiffer: names that begin alike get other digits; names that are alike are reported.
func TestListNumbersDiffer(t *testing.T) {
	lists := func(names ...string) (*lowering, *diag.Report) {
		l := &lowering{p: &ir.Pipeline{}, report: &diag.Report{}}
		for i, name := range names {
			c := l.p.Classifier(ir.Egress, ir.Admin)
			c.Lists = append(c.Lists, ir.List{Key: fmt.Sprint(i), Name: name})
		}
		return l, l.report
	}
	l, report := lists("0123456789ab", "0123456799ab", "000000000000")
	require.Equal(t, []uint32{0x01234567, 0x12345679, 0}, l.listNumbers(ir.Egress, ir.Admin))
	require.Len(t, report.Findings(), 1) // nothing but zeros
	l, report = lists("111111111111", "111111111111")
	l.listNumbers(ir.Egress, ir.Admin)
	require.Equal(t, diag.IDCollision, report.Findings()[0].Code)
}

// TestConjunctionIDsStay when other rules come and go at their level.
func TestConjunctionIDsStay(t *testing.T) {
	rule := func(id ir.RuleID) *ir.Rule { return &ir.Rule{ID: id, L4: ir.AnyL4Set()} }
	a := []*conj{{rule: rule(1)}, {rule: rule(2)}, {rule: rule(3), level: 1}}
	identify(a, ir.Egress, ir.Admin)
	b := []*conj{{rule: rule(2)}, {rule: rule(7)}, {rule: rule(3), level: 1}, {rule: rule(2)}}
	identify(b, ir.Egress, ir.Admin)
	require.Equal(t, a[1].id, b[0].id)
	require.Equal(t, a[2].id, b[2].id)
	require.NotEqual(t, b[0].id, b[3].id)
	identify(b[:2], ir.Ingress, ir.Admin)
	require.NotEqual(t, a[1].id, b[0].id)
}
