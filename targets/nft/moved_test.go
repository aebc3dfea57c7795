package nft_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/mark"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestConnectionsOfChanges: addresses that come, that go to another node or are given up by all, and none of those that stay.
func TestConnectionsOfChanges(t *testing.T) {
	connection := func(i int) uint32 {
		ids, _ := mark.Of(fleetLeaving(10, 5))
		return ids[netip.AddrFrom4([4]byte{172, 20, 0, byte(i)})].Connection
	}
	with := func(edit func(p *ir.Pipeline)) artifact.Artifact {
		p := fleetLeaving(10, 5)
		edit(p)
		return nft.Artifact(lower(t, p))
	}
	all := with(func(*ir.Pipeline) {})
	less := with(func(p *ir.Pipeline) { p.SNATs = append(p.SNATs[:1], p.SNATs[2:]...) })
	moved := with(func(p *ir.Pipeline) { p.SNATs[2].Node = "n2" })
	none := with(func(p *ir.Pipeline) { p.SNATs = nil })
	every := []uint32{connection(0), connection(1), connection(2), connection(3), connection(4)}
	for _, c := range []struct {
		from, to     artifact.Artifact
		moved, gone  []uint32
		begins, ends bool
	}{
		{all, all, nil, nil, false, false},
		{all, less, nil, []uint32{connection(1)}, false, false},
		{less, all, []uint32{connection(1)}, nil, false, false},
		{all, moved, []uint32{connection(2)}, nil, false, false},
		{all, none, nil, every, false, true},
		{none, all, every, nil, true, false},
		{none, none, nil, nil, false, false},
	} {
		plan := artifact.Diff(c.from, c.to)
		ids, mask := nft.Moved(plan)
		require.ElementsMatch(t, c.moved, ids)
		require.Equal(t, mark.ConnectionMask, mask)
		ids, _ = nft.Gone(plan)
		require.ElementsMatch(t, c.gone, ids)
		require.Equal(t, c.begins, nft.Begins(plan))
		require.Equal(t, c.ends, nft.Ends(plan))
	}
}

// TestInvalidLeavesNowhere: what connection tracking cannot make anything of stays inside, whether or not an Egress selects who sends it.
func TestInvalidLeavesNowhere(t *testing.T) {
	rs := lower(t, parse(t, leaving))
	eval := nft.NewEvaluator(rs, nil)
	for _, src := range []string{"10.0.1.5", "10.0.1.77"} {
		in := nft.Departing{Src: netip.MustParseAddr(src), Dst: netip.MustParseAddr("203.0.113.9"), Unknown: true}
		require.True(t, eval.Depart(in).Dropped, src)
		in.Dst = netip.MustParseAddr("10.0.9.9")
		require.False(t, eval.Depart(in).Dropped, src)
	}
	in := nft.Departing{Src: netip.MustParseAddr("203.0.113.9"), Dst: netip.MustParseAddr("203.0.113.10"), Unknown: true}
	require.False(t, eval.Depart(in).Dropped, "others' packets are their own")
}
