// Package scale holds what the standard workloads cost on a node of each target, as counts that do not depend on the machine.
package scale

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestNodeCounts: what the node with the most rules holds, and the most that a packet meets there.
func TestNodeCounts(t *testing.T) {
	a := golden.Open(t, "testdata/counts.txtar")
	for _, shape := range workload.Shapes() {
		t.Run(shape.Name, func(t *testing.T) {
			objects := shape.Make()
			if testing.Short() && len(objects.Pods)+len(objects.NetworkPolicies)+len(objects.RankedPolicies) > 5000 {
				return // the larger ones run in full tests
			}
			var report diag.Report
			p := slices.MaxFunc(compiler.Compile(objects, compiler.Options{}, &report).Placed, func(a, b *ir.Pipeline) int {
				return compiler.CountRules(a).Rules - compiler.CountRules(b).Rules
			})
			packets := sample(p)
			text := nftCounts(p, packets, &report) + openflowCounts(p, packets, &report)
			require.False(t, report.HasErrors())
			a.Want(t, "out/"+shape.Name, text)
		})
	}
}

// most limits how many endpoints, peers and ports the sample combines: the first ones.
const most = 10

// sample makes packets both ways between endpoints of the node and a stranger or an address of a set, on ports of rules and on
// one that no rule has: those that no rule wants meet all there is to meet.
func sample(p *ir.Pipeline) []ir.Packet {
	peers := []netip.Addr{netip.MustParseAddr("203.0.113.9")}
	for i := range p.Sets[:min(most, len(p.Sets))] {
		peers = append(peers, p.Sets[i].Addrs.Ranges()[0].From)
	}
	var out []ir.Packet
	for _, e := range p.Endpoints[:min(most, len(p.Endpoints))] {
		for _, peer := range peers {
			for _, port := range ports(p) {
				out = append(out,
					ir.Packet{Src: peer, Dst: e.Addrs[0], Proto: ir.ProtoTCP, SrcPort: 50000, DstPort: port},
					ir.Packet{Src: e.Addrs[0], Dst: peer, Proto: ir.ProtoTCP, SrcPort: 50000, DstPort: port})
			}
		}
	}
	return out
}

func ports(p *ir.Pipeline) []uint16 {
	out := []uint16{9}
	for _, ph := range ir.Phases() {
		for _, list := range p.Classifier(ir.Ingress, ph).Lists {
			for _, r := range list.Rules {
				for _, box := range r.L4 {
					if !slices.Contains(out, box.Dst.From) && len(out) < most {
						out = append(out, box.Dst.From)
					}
				}
			}
		}
	}
	return out
}

func nftCounts(p *ir.Pipeline, packets []ir.Packet, report *diag.Report) string {
	rs := nft.Lower(p, report)
	rules, elements := 0, 0
	for _, c := range rs.AllChains() {
		rules += len(c.Rules)
	}
	for _, s := range rs.AllSets() {
		elements += len(s.Elements)
	}
	e := nft.NewEvaluator(rs, ownAddrs(p))
	met, lookups := 0, 0
	for _, packet := range packets {
		trace := e.Trace(packet)
		met, lookups = max(met, trace.Rules), max(lookups, trace.Lookups)
	}
	return fmt.Sprintf("nftables  chains=%d rules=%d sets=%d maps=%d elements=%d; a packet meets rules<=%d lookups<=%d\n",
		len(rs.AllChains()), rules, len(rs.Sets), len(rs.AllSets())-len(rs.Sets), elements, met, lookups)
}

func ownAddrs(p *ir.Pipeline) []netip.Addr {
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			return n.Addrs
		}
	}
	return nil
}

func openflowCounts(p *ir.Pipeline, packets []ir.Packet, report *diag.Report) string {
	lowered := openflow.Lower(p, report)
	cost := openflow.CostOf(lowered)
	model := openflow.NewModel(p, lowered, openflow.SomeBinding(p))
	tables := 0
	for _, packet := range packets {
		tables = max(tables, len(model.Eval(packet).Path))
	}
	return fmt.Sprintf("openflow  flows=%d (infrastructure %d, plain %d, decisions %d, shared %d with %d clauses) priorities<=%d; a packet meets flows<=%d\n",
		cost.Flows, cost.Infrastructure, cost.Plain, cost.Decisions, cost.Shared, cost.Clauses, cost.Priorities, tables)
}
