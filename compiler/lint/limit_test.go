package lint

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// TestTotalLimits: when the limits for all classes together are reached, that is said, little more than they allow is done, and what
// was found is right nevertheless.
// spec: 9.7
func TestTotalLimits(t *testing.T) {
	p := rankedTenants(t, 10, 100)
	all := newAnalysis(p, flatten.Flatten(p))
	all.run()
	require.Zero(t, limitedClasses(all))
	require.Greater(t, len(all.found), 10)
	largest := 0
	for _, c := range all.classes {
		largest = max(largest, len(c.rules))
	}
	for name, set := range map[string]func(a *analysis, share int){
		"looks":   func(a *analysis, share int) { a.mostLooks = all.looks * share / 8 },
		"divided": func(a *analysis, share int) { a.mostDivided = all.divided * share / 8 },
	} {
		for share := range 8 {
			a := newAnalysis(p, flatten.Flatten(p))
			set(a, share)
			a.run()
			require.Positive(t, limitedClasses(a), "%s %d/8", name, share)
			require.LessOrEqual(t, a.looks, a.mostLooks+looksPerRule*largest)
			require.LessOrEqual(t, len(a.found), len(all.found))
			var report diag.Report
			a.report(&report)
			said := slices.ContainsFunc(report.Findings(), func(f diag.Finding) bool { return f.Code == diag.AnalysisLimited })
			require.True(t, said, "%s %d/8", name, share)
			requireRemovable(t, p, a)
		}
		a := newAnalysis(p, flatten.Flatten(p))
		set(a, 8)
		a.run()
		require.Zero(t, limitedClasses(a))
		require.Equal(t, all.list(), a.list())
	}
}

func limitedClasses(a *analysis) int {
	n := 0
	for _, c := range a.classes {
		if c.isLimited {
			n++
		}
	}
	return n
}

// requireRemovable takes everything out that was found removable: no packet may fare otherwise.
func requireRemovable(t *testing.T, p *ir.Program, a *analysis) {
	t.Helper()
	var gone []source.Origin
	for _, f := range a.found {
		if f.kind == shadowed || f.kind == redundant {
			gone = append(gone, f.decl.origin)
		}
	}
	rest := *p
	rest.Policies = nil
	for _, policy := range p.Policies {
		copied := *policy
		for _, d := range ir.Directions() {
			copied.Rules[d] = slices.DeleteFunc(slices.Clone(policy.Rules[d]), func(r ir.PolicyRule) bool { return slices.Contains(gone, r.Origin) })
		}
		rest.Policies = append(rest.Policies, &copied)
	}
	before, after, r := p.Evaluator(), rest.Evaluator(), rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		src := netip.AddrFrom4([4]byte{20, 0, byte(r.IntN(128)), byte(r.IntN(4))})
		if r.IntN(2) == 0 {
			src = p.Endpoints[r.IntN(len(p.Endpoints))].Addrs[0]
		}
		dst := p.Endpoints[r.IntN(len(p.Endpoints))].Addrs[0]
		packet := ir.Packet{Src: src, Dst: dst, Proto: ir.ProtoTCP, SrcPort: 50000, DstPort: uint16(1000 + r.IntN(100))}
		require.Equal(t, before.Eval(packet).Action, after.Eval(packet).Action, packet)
	}
}
