package openflow

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// TestShrunkRulesJudgeTheSame: lists of many rules that overlap, some of them in several lists, judge each port as before.
func TestShrunkRulesJudgeTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sets := []ir.Set{{Key: "a", Kind: ir.Members, Addrs: ir.AddrSetOf(addr("10.9.0.1"))},
		{Key: "b", Kind: ir.Members, Addrs: ir.AddrSetOf(addr("10.9.0.1"), addr("10.9.0.2"))}}
	shrunk := 0
	for round := range 60 {
		var pool []ir.Rule
		for i := range 20 {
			from := uint16(r.IntN(40))
			box := ir.DstL4([]ir.Proto{ir.ProtoTCP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoAny}[r.IntN(4)], ir.PortRange{From: from, To: from + uint16(r.IntN(20))})
			if box.Proto == ir.ProtoAny {
				box = ir.AnyL4()
			}
			if r.IntN(5) == 0 && box.Proto.HasPorts() {
				box.Src = ir.PortRange{From: 0, To: 49999}
			}
			rule := ir.Rule{AnyPeer: r.IntN(5) == 0, L4: ir.MakeL4Set(box), Action: ir.Action(r.IntN(4)), ID: ir.RuleID(1<<12 + i),
				Origins: []*source.Origin{{Object: fmt.Sprintf("rule %d", i)}}}
			if rule.Logging.On = r.IntN(8) == 0; !rule.AnyPeer {
				rule.Peers = []ir.SetID{ir.SetID(r.IntN(2))}
			}
			pool = append(pool, rule)
		}
		p := one(2, sets)
		c := p.Classifier(ir.Ingress, ir.Namespace)
		c.Lists = nil
		for i := range 2 {
			l := ir.List{Key: fmt.Sprint(i), Name: fmt.Sprintf("%012x", i+1<<20)}
			for _, rule := range pool {
				if r.IntN(3) > 0 {
					l.Rules = append(l.Rules, rule)
				}
			}
			c.Lists, c.Assign[i] = append(c.Lists, l), ir.ListID(i)
			for at, rule := range shrink(c.Lists)[i] {
				if !rule.L4.Equal(l.Rules[at].L4) {
					shrunk++
				}
			}
		}
		lowered := Lower(p, &diag.Report{})
		require.NoError(t, Check(lowered))
		model := NewModel(p, lowered, SomeBinding(p))
		for _, src := range []string{"10.9.0.1", "10.9.0.2", "10.9.0.3"} {
			for _, dst := range p.Endpoints {
				for port := range uint16(62) {
					for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
						pkt := ir.Packet{Src: addr(src), Dst: dst.Addrs[0], Proto: proto, SrcPort: 50000, DstPort: port}
						want := p.Eval(pkt)
						got := model.Eval(pkt)
						require.Equal(t, want.Action, got.Action(), "round %d: %+v\n%s", round, pkt, p)
						logged := 0
						for _, d := range want.Decisions {
							logged += len(d.Logged)
						}
						require.Len(t, got.Logged(), logged)
					}
				}
			}
		}
	}
	require.Greater(t, shrunk, 50)
}

// TestShrinkKeepsWhatIsShared: a rule is left alone where the rest takes more flows, and where two lists leave it another rest.
func TestShrinkKeepsWhatIsShared(t *testing.T) {
	rule := func(id ir.RuleID, peer ir.SetID, from, to uint16) ir.Rule {
		return ir.Rule{ID: id, Peers: []ir.SetID{peer}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.PortRange{From: from, To: to})}}
	}
	l4 := func(lists ...[]ir.Rule) (out [][]string) {
		var in []ir.List
		for _, rules := range lists {
			in = append(in, ir.List{Rules: rules})
		}
		for _, rules := range shrink(in) {
			var texts []string
			for _, r := range rules {
				texts = append(texts, r.L4.String())
			}
			out = append(out, texts)
		}
		return out
	}
	a, b, other := rule(1, 0, 100, 119), rule(2, 0, 101, 120), rule(3, 1, 101, 120)
	wide, one := rule(4, 0, 0, 1023), rule(5, 0, 77, 77)
	require.Equal(t, [][]string{{"tcp/100-119", "tcp/120"}}, l4([]ir.Rule{a, b}))
	require.Equal(t, [][]string{{"tcp/100-119", "tcp/101-120"}}, l4([]ir.Rule{a, other}))
	require.Equal(t, [][]string{{"tcp/100-119", "tcp/120"}, {"tcp/100-119", "tcp/120"}}, l4([]ir.Rule{a, b}, []ir.Rule{a, b}))
	require.Equal(t, [][]string{{"tcp/100-119", "tcp/101-120"}, {"tcp/101-120"}}, l4([]ir.Rule{a, b}, []ir.Rule{b}))
	require.Equal(t, [][]string{{"tcp/77", "tcp/0-1023"}}, l4([]ir.Rule{one, wide}))
}
