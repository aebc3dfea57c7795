package openflow

import (
	"fmt"
	"testing"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// workload is a node of pods, each with one ingress list of its own: policies rules, each allowing a group on a port. There are
// groups groups of members addresses each; a rule's group and port follow from its place, so that rules share them.
func workload(pods, policies, groups, members int) *ir.Pipeline {
	var sets []ir.Set
	for g := range groups {
		var all []ir.AddrSet
		for m := range members {
			all = append(all, ir.AddrSetOf(addr(fmt.Sprintf("10.%d.%d.%d", 16+g/250, g%250, 2*m+1))))
		}
		key := fmt.Sprintf("group %05d", g)
		sets = append(sets, ir.Set{Key: key, Name: fmt.Sprintf("%012x", g), Kind: ir.Members, Addrs: ir.UnionAll(all...)})
	}
	p := one(pods, sets)
	c := p.Classifier(ir.Ingress, ir.Namespace)
	drop := c.Lists[0].Rules[0]
	c.Lists = nil
	n := 0
	for i := range pods {
		l := ir.List{Key: fmt.Sprintf("list %05d", i), Name: fmt.Sprintf("%08x%04x", i+1, i)}
		for range policies {
			l.Rules = append(l.Rules, ir.Rule{Peers: []ir.SetID{ir.SetID(n % groups)}, ID: ir.RuleID(1<<20 + n),
				L4:      ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(8000+n%20)))},
				Origins: []*source.Origin{{Object: fmt.Sprintf("NetworkPolicy x/p%d", n)}}})
			n++
		}
		l.Rules = append(l.Rules, drop)
		c.Lists = append(c.Lists, l)
		c.Assign[i] = ir.ListID(i)
	}
	return p
}

// BenchmarkLower shows flows and conjunction actions as counts: "naive" is what one flow for each rule, address and port takes.
func BenchmarkLower(b *testing.B) {
	for _, shape := range []struct{ pods, policies, groups, members int }{
		{100, 10, 50, 20}, {100, 100, 50, 20}, {100, 100, 500, 100}, {250, 40, 10000, 10},
	} {
		p := workload(shape.pods, shape.policies, shape.groups, shape.members)
		b.Run(fmt.Sprintf("pods=%d/rules=%d/groups=%d/members=%d", shape.pods, shape.pods*shape.policies, shape.groups, shape.members), func(b *testing.B) {
			b.ReportAllocs()
			var lowered *Pipeline
			for b.Loop() {
				lowered = Lower(p, &diag.Report{})
			}
			cost := CostOf(lowered)
			b.ReportMetric(float64(cost.Flows), "flows")
			b.ReportMetric(float64(cost.Clauses), "clauses")
			b.ReportMetric(cost.FlowsPerRule(), "flows/rule")
			b.ReportMetric(float64(shape.pods*shape.policies*shape.members), "naive")
			b.ReportMetric(float64(cost.Priorities), "priorities")
		})
	}
}

// BenchmarkPack is printing: all keys and heads.
func BenchmarkPack(b *testing.B) {
	lowered := Lower(workload(100, 100, 500, 100), &diag.Report{})
	b.ReportAllocs()
	for b.Loop() {
		Pack(lowered)
	}
	b.ReportMetric(float64(len(lowered.Flows)), "flows")
}

// BenchmarkEval is the model's cost for one packet.
func BenchmarkEval(b *testing.B) {
	p := workload(100, 10, 50, 20)
	model := NewModel(p, Lower(p, &diag.Report{}), SomeBinding(p))
	pkt := ir.Packet{Src: addr("10.16.7.3"), Dst: addr("10.0.0.9"), Proto: ir.ProtoTCP, DstPort: 8007}
	for b.Loop() {
		model.Eval(pkt)
	}
}
