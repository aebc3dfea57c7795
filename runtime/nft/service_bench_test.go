package nft_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// BenchmarkServices generates and loads many Services, and then one more: Diff with what was applied before, and Apply.
func BenchmarkServices(b *testing.B) {
	for _, shape := range [][2]int{{1000, 2}, {10_000, 2}, {30_000, 2}, {5000, 50}} {
		p, more := nfttest.Fleet(shape[0], shape[1]), nfttest.Fleet(shape[0]+1, shape[1])
		name := fmt.Sprintf("%dx%d/", shape[0], shape[1])
		b.Run(name+"generate", func(b *testing.B) {
			for b.Loop() {
				generate(b, p)
			}
			cost := target.CostOf(lower(b, p))
			b.ReportMetric(float64(cost.Rules), "rules")
			b.ReportMetric(float64(cost.Chains), "chains")
			b.ReportMetric(float64(cost.Sets), "sets")
			b.ReportMetric(float64(cost.Elements), "elements")
		})
		var report diag.Report
		generator := target.DefaultOptions().Generator()
		want, larger := generator.Generate(p, &report), generator.Generate(more, &report)
		require.Empty(b, report.Findings())
		b.Run(name+"load", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				ns := newNamespace(b)
				state := ns.observe()
				b.StartTimer()
				require.NoError(b, ns.Apply(context.Background(), state, artifact.Diff(state.Artifact, want)))
			}
		})
		b.Run(name+"one-more", func(b *testing.B) {
			ns := newNamespace(b)
			ns.reconcile(larger)
			back := ns.observe()
			ns.reconcile(want)
			there := ns.observe()
			for b.Loop() {
				require.NoError(b, ns.Apply(context.Background(), there, artifact.Diff(want, larger)))
				b.StopTimer()
				require.NoError(b, ns.Apply(context.Background(), back, artifact.Diff(larger, want)))
				b.StartTimer()
			}
		})
	}
}
