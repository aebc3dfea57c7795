package nft_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// TestGeneratorGivesWhatGenerateGives walks through random sequences of Pipelines: endpoints, sets, rules and Services change, now
// these and now those, or nothing does.
func TestGeneratorGivesWhatGenerateGives(t *testing.T) {
	kept, hidden := 0, 0
	for seed := range uint64(250) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		nfttest.Services(r, p, 30, nfttest.Families{ir.IPv4, ir.IPv6})
		whole, own := nft.DefaultOptions().Generator(), nft.DefaultOptions().OwnGenerator()
		var before []artifact.Object
		for step := range 20 {
			if seed%4 > 0 {
				p = withoutOwn(p)
			} else {
				hidden++
			}
			why := fmt.Sprintf("seed %d step %d", seed, step)
			now := requireSameGenerated(t, p, whole, nft.Generate, why)
			requireSameGenerated(t, p, own, nft.GenerateOwn, why)
			for i := range now {
				at := slices.IndexFunc(before, func(o artifact.Object) bool { return o.Key == now[i].Key })
				if at >= 0 && len(now[i].Items) > 0 && len(before[at].Items) > 0 && &now[i].Items[0] == &before[at].Items[0] {
					kept++
				}
			}
			before = now
			p = edited(r, p)
		}
	}
	require.Greater(t, kept, 10_000, "what does not change stays the same in memory")
	require.Greater(t, hidden, 1000)
}

func edited(r *rand.Rand, p *ir.Pipeline) *ir.Pipeline {
	if len(p.Pools) == 0 { // a machine outside the cluster has no Services
		return nfttest.Edit(r, p)
	}
	switch r.IntN(6) {
	case 0:
		return nfttest.Edit(r, p)
	case 1:
		p = nfttest.Edit(r, p)
	case 2:
		q := *p
		return &q
	}
	return nfttest.EditServices(r, p)
}

// withoutOwn leaves out the frontends with an address of the node itself.
func withoutOwn(p *ir.Pipeline) *ir.Pipeline {
	q := *p
	own := nfttest.Own(p)
	q.Frontends = slices.DeleteFunc(slices.Clone(p.Frontends), func(f *ir.Frontend) bool { return slices.Contains(own, f.Entry.Addr) })
	return &q
}

func requireSameGenerated(t *testing.T, p *ir.Pipeline, g *nft.Generator, full func(*ir.Pipeline, *diag.Report) artifact.Artifact, why string) []artifact.Object {
	t.Helper()
	var one, other diag.Report
	want, got := full(p, &one), g.Generate(p, &other)
	require.True(t, artifact.Equal(want, got), "%s\n%s", why, artifact.Diff(want, got).Text())
	require.Equal(t, artifact.Hash(want), artifact.Hash(got), why)
	require.Equal(t, one.Findings(), other.Findings(), why)
	for i := range want.Objects {
		require.Equal(t, want.Objects[i].Value, got.Objects[i].Value, "%s %s", why, want.Objects[i].Key)
		require.Equal(t, want.Objects[i].Volatile, got.Objects[i].Volatile, "%s %s", why, want.Objects[i].Key)
	}
	return got.Objects
}

// A Generator says every time what is wrong.
func TestGeneratorRepeatsFindings(t *testing.T) {
	g := nft.Options{}.Generator()
	p := parse(t, services)
	for range 2 {
		var report diag.Report
		g.Generate(p, &report)
		require.Len(t, report.Findings(), 1)
	}
}

// BenchmarkGeneratorOneServiceMore makes the artifact of a node that gets one more Service, and loses it again.
func BenchmarkGeneratorOneServiceMore(b *testing.B) {
	for _, shape := range [][2]int{{1000, 2}, {10_000, 2}, {30_000, 2}, {5000, 50}} {
		b.Run(fmt.Sprintf("%dx%d", shape[0], shape[1]), func(b *testing.B) {
			more := nfttest.Fleet(shape[0]+1, shape[1])
			less := *more
			less.Frontends = more.Frontends[:2*shape[0]]
			g := nft.DefaultOptions().Generator()
			was := g.Generate(&less, &diag.Report{})
			for b.Loop() {
				for _, p := range []*ir.Pipeline{more, &less} {
					now := g.Generate(p, &diag.Report{})
					artifact.Hash(now)
					require.Equal(b, 3, len(artifact.Diff(was, now).Changes))
					was = now
				}
			}
		})
	}
}
