package nft_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// balanced is a random Pipeline with Services; none has affinity by IPv6, which nft cannot read.
func balanced(seed uint64) *ir.Pipeline {
	r := nfttest.Rand(seed)
	p := nfttest.Pipeline(r, big())
	nfttest.Services(r, p, 30, nfttest.Families{ir.IPv4})
	return p
}

func TestServicesLoadAsNftLoadsThem(t *testing.T) {
	bySeed(t, 30, func(t *testing.T, seed uint64) {
		want := generate(t, balanced(seed))
		byNft, ours := newNamespace(t), newNamespace(t)
		byNft.nft(target.Script(want), "-f", "-")
		byNft.requireHolds(want)
		byNft.nft(loadable(want), "-f", "-")
		ours.reconcile(want)
		requireSame(t, byNft.list(), ours.list())
		require.Equal(t, agent.Result{Hash: artifact.Hash(want)}, ours.reconcile(want))
	})
}

// TestServicesOfBothFamiliesLoadByNft: nft leaves out the rules alone that it cannot read.
func TestServicesOfBothFamiliesLoadByNft(t *testing.T) {
	needRoot(t)
	var unread atomic.Int64
	t.Cleanup(func() { require.Greater(t, int(unread.Load()), 5) })
	bySeed(t, 10, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, big())
		nfttest.Services(r, p, 30, nfttest.Families{ir.IPv4, ir.IPv6})
		want := generate(t, p)
		byNft, ours := newNamespace(t), newNamespace(t)
		byNft.nft(loadable(want), "-f", "-")
		ours.reconcile(want)
		withoutBraces := strings.NewReplacer(" }", "")
		lines := strings.Split(ours.list(), "\n")
		readable := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return strings.Contains(line, "update @affinity6_") })
		unread.Add(int64(len(lines) - len(readable)))
		requireSame(t, withoutBraces.Replace(byNft.list()), withoutBraces.Replace(strings.Join(readable, "\n")))
	})
}

// TestListedServicesLoad: what nft lists, nft can load, but for affinity, where it leaves out matches of the protocol that it asks for.
func TestListedServicesLoad(t *testing.T) {
	bySeed(t, 10, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, big())
		nfttest.Services(r, p, 30, nil)
		p.Stages = (&ir.Pipeline{}).Stages
		p.Endpoints = nil
		ours, again := newNamespace(t), newNamespace(t)
		ours.reconcile(generate(t, p))
		again.nft(ours.nft("", "list", "ruleset"), "-f", "-")
		requireSame(t, ours.list(), again.list())
	})
}

// TestAffinityByIPv6 has rules that nft lists, though it could not load them.
func TestAffinityByIPv6(t *testing.T) {
	found := 0
	for seed := range uint64(10) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, big())
		nfttest.Services(r, p, 30, nfttest.Families{ir.IPv6})
		want := generate(t, p)
		n := newNamespace(t)
		n.reconcile(want)
		n.requireHolds(want)
		found += strings.Count(n.list(), "update @affinity6_")
	}
	require.Greater(t, found, 5)
}

func TestDeltasOfServices(t *testing.T) {
	needRoot(t)
	var edits atomic.Int64
	t.Cleanup(func() { require.Greater(t, int(edits.Load()), 400) })
	bySeed(t, 10, func(t *testing.T, seed uint64) {
		r := nfttest.Rand(seed)
		p := balanced(seed)
		n := newNamespace(t)
		if ir.IsMachine(p.Node) {
			return
		}
		for range 8 {
			p = nfttest.EditServices(r, p)
			want := generate(t, p)
			state := n.observe()
			plan := artifact.Diff(state.Artifact, want)
			edits.Add(int64(len(plan.Changes)))
			require.NoError(t, n.Apply(context.Background(), state, plan), plan.Text())
			n.requireHolds(want)
		}
		fresh := newNamespace(t)
		fresh.nft(loadable(generate(t, p)), "-f", "-")
		requireSame(t, fresh.list(), n.list())
	})
}
