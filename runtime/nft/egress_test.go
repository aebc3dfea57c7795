package nft_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

func leavingPipeline(seed uint64) *ir.Pipeline {
	r := nfttest.Rand(seed)
	p := nfttest.Pipeline(r, big())
	nfttest.Services(r, p, 6, nfttest.Families{ir.IPv4, ir.IPv6})
	nfttest.Leaving(r, p)
	return p
}

// TestLeavingIsHeld loads what Egresses need by nft and by ourselves: both leave the same, and it is read back as what it is.
func TestLeavingIsHeld(t *testing.T) {
	bySeed(t, 12, func(t *testing.T, seed uint64) {
		p := leavingPipeline(seed)
		var report diag.Report
		for _, want := range []artifact.Artifact{generate(t, p), target.GenerateOwn(p, &report)} {
			ours := newNamespace(t)
			require.True(t, ours.reconcile(want).Applied)
			ours.requireHolds(want)
			require.Equal(t, agent.Result{Hash: artifact.Hash(want)}, ours.reconcile(want))
		}
	})
	p, err := ir.ParsePipeline(leavingText)
	require.NoError(t, err)
	want := generate(t, p)
	byNft, ours := newNamespace(t), newNamespace(t)
	byNft.nft(target.Script(want), "-f", "-")
	byNft.requireHolds(want)
	byNft.nft(loadable(want), "-f", "-")
	ours.reconcile(want)
	requireSame(t, byNft.list(), ours.list())
}

// leavingText has SNATs of all kinds, by both families.
const leavingText = `pipeline node=n1
node n1 addrs=192.168.7.1,fd00:7::1 cidrs=10.0.0.0/24,fd00::/64 from="Node n1",-,-
endpoint ns/a node=n1 addrs=10.0.0.1,fd00::1 from="Pod ns/a",-,-
inside 10.0.0.0/8,192.168.7.1,fd00::/16
snat lost ipv4=none sources=10.0.1.9 from="Egress lost",-,-
snat here ipv4=172.18.181.40 node=n1 sources=10.0.0.1,10.0.2.7 limit=100000000/8000000 from="Egress here",-,-
snat elsewhere ipv4=172.18.181.41 node=n2 sources=10.0.1.6 from="Egress elsewhere",-,-
snat nobody ipv4=172.18.181.42 sources=10.0.1.8 from="Egress nobody",-,-
snat here ipv6=fd18:b5::40 node=n1 sources=fd00::1,fd00:2::7 limit=100000000/8000000 from="Egress here",-,-
`

// TestLeavingChanges walks through edits: what is applied is what is read back, and a pod or a holder is no reason to load anew.
func TestLeavingChanges(t *testing.T) {
	needRoot(t)
	var edits atomic.Int64
	t.Cleanup(func() { require.Greater(t, int(edits.Load()), 200) })
	bySeed(t, 12, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := leavingPipeline(seed)
		n := newNamespace(t)
		n.reconcile(generate(t, p))
		for range 15 {
			for range 1 + r.IntN(3) {
				p = nfttest.EditLeaving(r, p)
			}
			want := generate(t, p)
			state := n.observe()
			plan := artifact.Diff(state.Artifact, want)
			edits.Add(int64(len(plan.Changes)))
			require.NoError(t, n.Apply(context.Background(), state, plan), plan.Text())
			n.requireHolds(want)
		}
	})
}
