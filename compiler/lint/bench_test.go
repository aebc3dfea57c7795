package lint

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// BenchmarkLint analyses workloads of NetworkPolicies that are resolved and flattened.
func BenchmarkLint(b *testing.B) {
	for _, shape := range workload.Shapes() {
		b.Run(shape.Name, func(b *testing.B) {
			program := resolve.Of(shape.Make()).Program(resolve.Cluster(), new(diag.Report))
			benchmark(b, program)
		})
	}
}

// BenchmarkRanked analyses 10,000 rules that all have another priority, for one set of pods. Each is for a pair of blocks and a
// port of its own; every tenth drops what its predecessors allow.
func BenchmarkRanked(b *testing.B) { benchmark(b, ranked(10000)) }

// BenchmarkRankedTenants analyses 1,000 ranked rules for the pods of 300 namespaces, each of which has NetworkPolicies of its own.
func BenchmarkRankedTenants(b *testing.B) { benchmark(b, rankedTenants(b, 300, 1000)) }

// rankedTenants has ranked rules for the pods of all namespaces, each of which has NetworkPolicies of its own.
func rankedTenants(t testing.TB, namespaces, rules int) *ir.Program {
	p := resolve.Of(workload.Tenants(namespaces, 4, 3)).Program(resolve.Cluster(), new(diag.Report))
	all := &ir.Group{Key: "all", Kind: ir.Members, Members: p.Endpoints}
	for _, e := range p.Endpoints {
		all.Addrs = all.Addrs.Union(ir.AddrSetOf(e.Addrs...))
	}
	r := ranked(rules)
	for _, policy := range r.Policies {
		policy.Subjects = []*ir.Group{all}
		p.Policies = append(p.Policies, policy)
		p.Groups = append(p.Groups, policy.Rules[ir.Ingress][0].Peers...)
	}
	p.Groups = append(p.Groups, all)
	slices.SortFunc(p.Groups, func(a, b *ir.Group) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(p.Policies, (*ir.Policy).Compare)
	require.NoError(t, p.Check())
	return p
}

func benchmark(b *testing.B, p *ir.Program) {
	flat := flatten.Flatten(p)
	b.ResetTimer()
	findings, limited := 0, 0
	for b.Loop() {
		a := newAnalysis(p, flat)
		a.run()
		findings, limited = len(a.found), 0
		for _, c := range a.classes {
			if c.isLimited {
				limited++
			}
		}
	}
	b.ReportMetric(float64(findings), "findings")
	b.ReportMetric(float64(limited), "limited")
}

// ranked makes a Program of n policies of one rule each.
func ranked(n int) *ir.Program {
	p := resolve.Of(workload.Tenants(1, 100, 1)).Program(resolve.Cluster(), new(diag.Report))
	all := p.Groups[0]
	p.Policies = nil
	for i := range n {
		block := &ir.Group{Key: fmt.Sprintf("block %05d", i), Kind: ir.Blocks,
			Addrs: ir.PrefixSet(netip.PrefixFrom(netip.AddrFrom4([4]byte{20, byte(i >> 8), byte(i), 0}), 24-i%4))}
		p.Groups = append(p.Groups, block)
		policy := &ir.Policy{Kind: "ClusterNetworkPolicy", Name: fmt.Sprintf("p%05d", i), Phase: ir.Admin, Subjects: []*ir.Group{all}}
		policy.Rank = ir.Rank{Tier: 250, Priority: 1 + float64(i)/10000, Interleave: true}
		policy.Origin = source.Origin{Object: policy.Kind + " " + policy.Name}
		rule := ir.PolicyRule{Peers: []*ir.Group{block}, Origin: source.Origin{Object: policy.Origin.Object, Field: "spec.ingress[0]"},
			Ports: []ir.PortSpec{{Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(1000+i%100)))}}}
		if i%10 == 9 {
			rule.Action, rule.Ports = ir.Drop, []ir.PortSpec{{Box: ir.AnyL4()}}
		}
		policy.Rules[ir.Ingress] = []ir.PolicyRule{rule}
		p.Policies = append(p.Policies, policy)
	}
	slices.SortFunc(p.Groups, func(a, b *ir.Group) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(p.Policies, (*ir.Policy).Compare)
	return p
}
