package openflow

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// sound is a pipeline with plain flows and conjunctions.
func sound() *Pipeline {
	sets := []ir.Set{{Key: "peers", Kind: ir.Members, Addrs: ir.AddrSetOf(addr("10.9.0.1"), addr("10.9.0.2"))}}
	return Lower(one(2, sets, ir.Rule{Peers: []ir.SetID{0}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}}), &diag.Report{})
}

func TestCheckFindsBreaches(t *testing.T) {
	require.NoError(t, Check(sound()))
	find := func(p *Pipeline, what func(*Flow) bool) int {
		i := slices.IndexFunc(p.Flows, func(f Flow) bool { return what(&f) })
		require.GreaterOrEqual(t, i, 0)
		return i
	}
	isDecision := func(f *Flow) bool { return len(f.Match) > 0 && f.Match[0].Field == ConjID }
	isClause := func(f *Flow) bool { return len(f.Conjunctions) > 0 && f.Match[0].Field == EthType }
	learn := func(p *Pipeline) *Learn {
		f := &p.Flows[find(p, func(f *Flow) bool { return len(f.Actions) > 1 && f.Actions[1].Op == LearnFlow })]
		return f.Actions[1].Learn
	}
	isSpoof := func(f *Flow) bool { return f.Table == SpoofGuard && len(f.Actions) > 0 }
	for _, breach := range []struct {
		want string
		make func(p *Pipeline)
	}{
		{"is out of order or repeated", func(p *Pipeline) { p.Flows = append(p.Flows, p.Flows[0]) }},
		{"is in no table of ours", func(p *Pipeline) { p.Flows[len(p.Flows)-1].Table = 99 }},
		{"has a foreign cookie", func(p *Pipeline) { p.Flows[0].Cookie = 1 }},
		{"does not go forward", func(p *Pipeline) { p.Flows[find(p, isSpoof)].Actions[1].Table = Classify }},
		{"does not go forward", func(p *Pipeline) { slices.Reverse(p.Flows[find(p, isSpoof)].Actions) }},
		{"lacks the Ethernet type", func(p *Pipeline) { f := &p.Flows[find(p, isSpoof)]; f.Match = f.Match[1:] }},
		{"conditions out of order", func(p *Pipeline) { slices.Reverse(p.Flows[find(p, isSpoof)].Match) }},
		{"bits outside of its mask", func(p *Pipeline) { p.Flows[find(p, isSpoof)].Match[0].Mask = Value{} }},
		{"lacks the protocol", func(p *Pipeline) {
			f := &p.Flows[len(p.Flows)-1]
			f.Match = []Term{Is(EthType, ethIPv4), Is(L4Dst, 80)}
		}},
		{"actions besides conjunctions", func(p *Pipeline) { p.Flows[find(p, isClause)].Actions = []Action{to(Output)} }},
		{"does not resubmit forward", func(p *Pipeline) { p.Flows[find(p, isSpoof)].Actions[0] = resubmit(Classify) }},
		{"learns flows without end", func(p *Pipeline) { learn(p).IdleTimeout = 0 }},
		{"learns from packets that it need not match", func(p *Pipeline) { learn(p).Match[1] = Is(IPProto, 6) }},
		{"learns a flow that is not ours", func(p *Pipeline) { learn(p).Copies = learn(p).Copies[1:] }},
		{"learns a flow that is not ours", func(p *Pipeline) { learn(p).Field = regPort }},
		{"is not complete", func(p *Pipeline) { i := find(p, isDecision); p.Flows = slices.Delete(p.Flows, i, i+1) }},
		{"is not complete", func(p *Pipeline) {
			p.Flows = slices.DeleteFunc(p.Flows, func(f Flow) bool { return isClause(&f) && f.Match[1].Field == IPv4Src })
		}},
		{"disagrees on a conjunction's clauses", func(p *Pipeline) { p.Flows[find(p, isClause)].Conjunctions[0].Of = 5 }},
		{"too many conjunctions", func(p *Pipeline) {
			f := &p.Flows[find(p, isClause)]
			f.Conjunctions = slices.Repeat(f.Conjunctions, MaxClauses+1)
		}},
	} {
		p := sound()
		breach.make(p)
		require.ErrorContains(t, Check(p), breach.want)
	}
}

// TestTunnelEnds: IPv4 if the other node has it, else IPv6; without an address there is no route to it, nor ever one to oneself.
func TestTunnelEnds(t *testing.T) {
	node := func(name, prefix string, addrs ...string) *ir.Node {
		n := &ir.Node{Name: name, PodCIDRs: []netip.Prefix{netip.MustParsePrefix(prefix)}}
		for _, a := range addrs {
			n.Addrs = append(n.Addrs, addr(a))
		}
		return n
	}
	p := &ir.Pipeline{Node: "n", Nodes: []*ir.Node{
		node("a", "10.1.0.0/16", "fd01::1"), node("b", "10.2.0.0/16"), node("c", "10.3.0.0/16", "fd01::3", "192.168.0.3"),
		node("n", "10.4.0.0/16", "192.168.0.4"),
	}}
	routes := map[string]string{}
	for _, f := range Lower(p, &diag.Report{}).Flows {
		for _, a := range f.Actions {
			if a.Field == TunnelDst4 || a.Field == TunnelDst6 {
				routes[f.Key()] = string(a.append(nil))
			}
		}
	}
	require.Equal(t, map[string]string{
		"table=40,priority=116,ip,nw_dst=10.1.0.0/16": "set_field:fd01::1->tun_ipv6_dst",
		"table=40,priority=116,ip,nw_dst=10.3.0.0/16": "set_field:192.168.0.3->tun_dst",
	}, routes)
}
