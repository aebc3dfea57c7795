package nft_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	target "github.com/headgate-net/headgate/targets/nft"
)

// longPipeline gives b a list of rules for what comes in, which is cut by peer and by port.
func longPipeline() *ir.Pipeline {
	p := pipeline()
	withoutPolicies(p)
	host := ir.AddrSetOf(netip.MustParseAddr(addrs["host"][0]), netip.MustParseAddr(addrs["host"][1]))
	p.Sets = append(p.Sets, ir.Set{Key: "host", Name: "ee", Addrs: host},
		ir.Set{Key: "hosts", Name: "ff", Kind: ir.Blocks, Addrs: ir.PrefixSet(netip.MustParsePrefix("10.9.0.0/16"), netip.MustParsePrefix("fd09::/16"))})
	l := ir.List{Key: "long", Name: "dd"}
	for i := range 120 {
		from := uint16(100 + i%60)
		r := ir.Rule{Peers: []ir.SetID{[]ir.SetID{0, 2, 0, 3}[i%4]}, ID: ir.RuleID(i + 1), Action: ir.Action(i * 7 % 3),
			L4: ir.L4Set{ir.DstL4([]ir.Proto{ir.ProtoTCP, ir.ProtoUDP}[i%2*(i/60)], ir.PortRange{From: from, To: from + uint16(i%4)})}}
		if i%20 == 19 {
			r.Peers, r.AnyPeer = nil, true
		}
		r.Origins = []*source.Origin{{Object: "ClusterNetworkPolicy p"}}
		l.Rules = append(l.Rules, r)
	}
	c := p.Classifier(ir.Ingress, ir.Admin)
	c.Lists, c.Assign[1] = []ir.List{l}, 0
	return p
}

// TestPacketsObeyLongLists holds real packets, and what rules count, against a list that is cut into parts.
func TestPacketsObeyLongLists(t *testing.T) {
	n := newNetwork(t)
	var ports []int
	for port := 98; port < 168; port += 3 {
		ports = append(ports, port)
	}
	n.b.serve("b", ports...)
	p := longPipeline()
	n.node.reconcile(generate(t, p))
	rs := lower(t, p)
	require.Len(t, rs.Levels, 2)
	judge, eval := p.Evaluator(), target.NewEvaluator(rs, p.Nodes[0].Addrs)
	seen, decided := map[ir.Action]int{}, map[ir.RuleID]uint64{}
	for name, ns := range map[string]*namespace{"a": n.a, "host": n.host} {
		for i, port := range ports {
			pkt := ir.Packet{Src: netip.MustParseAddr(addrs[name][i%2]), Dst: netip.MustParseAddr(addrs["b"][i%2]), Proto: ir.ProtoTCP, SrcPort: 50000, DstPort: uint16(port)}
			want := judge.Eval(pkt).Action
			trace := eval.Trace(pkt)
			require.Equal(t, want, trace.Verdict.Action)
			if last := trace.Last[len(trace.Last)-1]; last != nil && last.ID != 0 {
				decided[last.ID]++
			}
			timeout := patience
			if want == ir.Drop {
				timeout = silence
			}
			require.Equal(t, want.String(), ns.probe("tcp", "", addrs["b"][i%2], port, timeout), "%v", pkt)
			seen[want]++
		}
	}
	for _, a := range []ir.Action{ir.Allow, ir.Drop, ir.Reject} {
		require.Greater(t, seen[a], 5)
	}
	counts, err := n.node.Counts(context.Background())
	require.NoError(t, err)
	got := map[ir.RuleID]uint64{}
	for id, c := range counts {
		got[id] = c.Sessions
	}
	require.Equal(t, decided, got)
}
