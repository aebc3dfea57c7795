package openflow_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// shares gives what Open vSwitch makes of a group's weights: how many values of its hash lead to each bucket. It is the divisor method
// of Webster and Sainte-Laguë, over a power of two of values, 16 at least, that gives one to the least weight.
func shares(g *openflow.Group) (hits []int, values int) {
	total, least := 0, 1<<16
	for _, b := range g.Buckets {
		total, least = total+int(b.Weight), min(least, int(b.Weight))
	}
	for values = 16; values*least < total; values *= 2 {
	}
	hits = make([]int, len(g.Buckets))
	for range values {
		best, of := 0, 0.0
		for i, b := range g.Buckets {
			if rating := float64(b.Weight) / float64(2*hits[i]+1); rating > of {
				best, of = i, rating
			}
		}
		hits[best]++
	}
	return hits, values
}

// TestGroupsAreEven: no backend's part is far from the others', and each has one.
func TestGroupsAreEven(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 10, 16, 17, 31, 33, 64, 100, 129, 250, 251, 256, 300, 1000, 1300} {
		report := &diag.Report{}
		lowered := openflow.Lower(fleet(1, n), report)
		require.Empty(t, report.Findings())
		require.Len(t, lowered.Groups, 1)
		hits, values := shares(&lowered.Groups[0])
		require.LessOrEqual(t, values, 32*1024)
		if len(hits) > n {
			require.Len(t, hits, n+1)
			hits[0] += hits[n]
		}
		far := 0.04
		if n > 250 {
			far = 0.08
		}
		for _, h := range hits[:n] {
			require.InDelta(t, float64(values)/float64(n), h, 1e-9+far*float64(values)/float64(n), "%d: %v", n, hits)
		}
	}
}

// TestManyBackends: what a group has no room for is in flows, and what is more than a switch can tell of is reported.
func TestManyBackends(t *testing.T) {
	few, many, more := openflow.Lower(fleet(2, 250), &diag.Report{}), openflow.Lower(fleet(2, 251), &diag.Report{}), &diag.Report{}
	require.Len(t, many.Flows, len(few.Flows)+2*251)
	p := fleet(1, 1301)
	require.Len(t, openflow.Lower(p, more).Groups[0].Buckets, 1301) // the first one again
	require.Len(t, more.Findings(), 1)
	require.Equal(t, diag.CannotExpress, more.Findings()[0].Code)

	p = fleet(1, 700)
	entry := p.Frontends[0].Entry
	pkt := ir.Packet{Src: netip.MustParseAddr("10.0.0.5"), Dst: entry.Addr, Proto: entry.Proto, DstPort: entry.Port}
	model := openflow.NewModel(p, openflow.Lower(p, &diag.Report{}), openflow.SomeBinding(p))
	require.Equal(t, p.Pools[0].Targets, model.Dial(pkt).Targets)
	met := map[string]bool{}
	for port := range uint16(1400) {
		pkt.SrcPort = 20_000 + port
		r := model.Eval(pkt)
		require.True(t, r.Balanced.IsValid())
		met[fmt.Sprint(r.Balanced)] = true
	}
	require.Len(t, met, 700)
}
