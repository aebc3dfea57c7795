package pass_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// long makes a Pipeline with one list of n rules. Each has a set of ten addresses of its own out of n, and one of 50 ports, so
// that every rule overlaps some others and few are covered; every hundredth drops.
func long(r *rand.Rand, n int) *ir.Pipeline {
	p := &ir.Pipeline{Endpoints: []*ir.Endpoint{{Namespace: "a", Name: "self", Origin: source.Origin{Object: "Pod a/self"}}}}
	l := ir.List{Key: "list"}
	for i := range n {
		var addrs []netip.Addr
		for range 10 {
			k := r.IntN(n)
			addrs = append(addrs, netip.AddrFrom4([4]byte{10, byte(k >> 16), byte(k >> 8), byte(k)}))
		}
		p.Sets = append(p.Sets, ir.Set{Key: fmt.Sprintf("set %06d", i), Addrs: ir.AddrSetOf(addrs...)})
		rule := ir.Rule{Peers: []ir.SetID{ir.SetID(i)}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(r.IntN(50))))},
			Origins: []*source.Origin{{Object: fmt.Sprintf("ClusterNetworkPolicy p%06d", i), Field: "spec.ingress[0]"}}}
		if i%100 == 99 {
			rule.Action = ir.Drop
		}
		l.Rules = append(l.Rules, rule)
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	*p.Classifier(ir.Ingress, ir.Admin) = ir.Classifier{Lists: []ir.List{l}, Assign: []ir.ListID{0}}
	return p
}

// BenchmarkLongList runs each pass on one list of 10,000 rules with as many sets.
func BenchmarkLongList(b *testing.B) {
	p := long(irtest.Rand(1), 10000)
	require.NoError(b, p.Check())
	for _, name := range names() {
		row := pass.Table()[slices.Index(names(), name)]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				row.Func(p, new(diag.Report))
			}
		})
	}
}

// TestLongListsAreAnalysedToTheirEnd holds that the limits of shadow and merge are out of the way of lists of 10,000 rules.
func TestLongListsAreAnalysedToTheirEnd(t *testing.T) {
	var report diag.Report
	p := long(irtest.Rand(1), 10000)
	require.NoError(t, p.Check())
	for _, row := range pass.Table() {
		p = row.Func(p, &report)
	}
	for _, f := range report.Findings() {
		require.NotEqual(t, diag.AnalysisLimited, f.Code)
	}
	require.Less(t, len(p.Classifier(ir.Ingress, ir.Admin).Lists[0].Rules), 10000)
}
