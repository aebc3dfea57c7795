package nft_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// TestLongListsJudgeAlike holds lists that are cut into parts against the Pipeline.
func TestLongListsJudgeAlike(t *testing.T) {
	levels, judged := map[int]int{}, 0
	for seed := range uint64(150) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Long())
		if seed%2 == 0 {
			narrow(r.IntN, p)
		}
		rs := lower(t, p)
		levels[len(rs.Levels)]++
		want, got := p.Evaluator(), nft.NewEvaluator(rs, nfttest.Own(p))
		for range 200 {
			pkt := nfttest.Packet(r)
			w, g := want.Eval(pkt), got.Eval(pkt)
			if w.Agree(g) != nil || !g.Explains(w) {
				t.Fatalf("seed %d %+v\n%s\n%s\n%s", seed, pkt, w, g, nft.Script(nft.Artifact(rs)))
			}
			judged++
		}
		a := nft.Artifact(rs)
		require.NoError(t, artifact.Check(a))
		loaded := map[string]bool{}
		for _, o := range a.Objects {
			requireReferences(t, o, loaded)
			loaded[o.Key] = true
		}
	}
	require.Greater(t, levels[1], 20, "%v", levels)
	require.Positive(t, levels[2], "%v", levels)
}

// narrow makes the rules of a Pipeline's lists be about few ports or few peers.
func narrow(random func(int) int, p *ir.Pipeline) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for i := range l.Rules {
					if random(8) > 0 {
						from := uint16(78 + random(14))
						l.Rules[i].L4 = ir.L4Set{ir.DstL4([]ir.Proto{ir.ProtoTCP, ir.ProtoUDP}[random(2)], ir.PortRange{From: from, To: from + uint16(random(3))})}
					}
					if random(8) > 0 && len(l.Rules[i].Peers) > 1 {
						l.Rules[i].Peers = l.Rules[i].Peers[:1]
					}
				}
			}
		}
	}
}

// ranked is a node whose only pod has a list of n rules, each about a port and one of groups of addresses.
func ranked(n, groups int) *ir.Pipeline {
	p := fleet(groups)
	c := p.Classifier(ir.Ingress, ir.Namespace)
	rule := c.Lists[0].Rules[0]
	l := ir.List{Key: "ranked", Name: "00000000eeee"}
	for i := range n {
		r := rule
		r.ID, r.Peers, r.Action = ir.RuleID(i+1), []ir.SetID{ir.SetID(i % groups)}, ir.Action(i%2)
		r.L4 = ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.PortRange{From: uint16(1000 + i), To: uint16(1019 + i)})}
		l.Rules = append(l.Rules, r)
	}
	for i := range groups {
		p.Sets[i].Addrs = ir.PrefixSet(netip.MustParsePrefix(fmt.Sprintf("10.1.%d.4/30", i)))
	}
	c.Lists[0] = l
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			if c := p.Classifier(d, ph); len(c.Lists) == 0 {
				c.Assign = slices.Repeat([]ir.ListID{ir.NoList}, groups)
			}
		}
	}
	return p
}

// TestCostOfLongLists: what a packet meets does not grow with the list, and what the kernel holds grows no faster.
func TestCostOfLongLists(t *testing.T) {
	for _, n := range []int{100, 1000, 10_000} {
		p := ranked(n, 50)
		rs := lower(t, p)
		e := nft.NewEvaluator(rs, p.Nodes[0].Addrs)
		for i := range 200 {
			pkt := ir.Packet{Src: p.Sets[i%50].Addrs.Ranges()[0].From, Dst: p.Endpoints[0].Addrs[0], Proto: ir.ProtoTCP, DstPort: uint16(900 + i*n/180)}
			trace := e.Trace(pkt)
			require.Equal(t, p.Eval(pkt).Action, trace.Verdict.Action)
			require.Less(t, trace.Rules, 40, "%d rules, %v", n, pkt)
			require.Less(t, trace.Lookups, 10, "%d %+v\n", n, pkt)
		}
		cost := nft.CostOf(rs)
		require.Less(t, cost.Rules, 3*n+300, "%+v", cost)
		require.Less(t, cost.Elements, 3*n+1000, "%+v", cost)
		require.Less(t, cost.Sets, n/4+200, "%+v", cost)
	}
}

// TestSmallEditOfLongList: a rule or a member more changes little, and no name of what stays.
func TestSmallEditOfLongList(t *testing.T) {
	p := ranked(2000, 50)
	a := nft.Artifact(lower(t, p))
	list := &p.Classifier(ir.Ingress, ir.Namespace).Lists[0]
	edits := map[string]func(){
		"rule":   func() { list.Rules[700].L4 = ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(1700))} },
		"member": func() { p.Sets[7].Addrs = p.Sets[7].Addrs.Union(ir.AddrSetOf(p.Sets[7].Addrs.Ranges()[0].From.Prev())) },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			edit()
			b := nft.Artifact(lower(t, p))
			s := artifact.Diff(a, b).Summary()
			require.Less(t, s.ItemsAdded+s.ItemsDeleted, 20, "%s", s)
			a = b
		})
	}
}

func BenchmarkLowerLong(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := ranked(n, 50)
			for b.Loop() {
				var report diag.Report
				nft.Generate(p, &report)
			}
		})
	}
}
