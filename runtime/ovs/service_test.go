package ovs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestBytesOfServices: flows and groups of random Services are sent as ovs-ofctl sends them.
func TestBytesOfServices(t *testing.T) {
	var mods []ovs.Mod
	for seed := range uint64(40) {
		p := servicesOf(seed)
		lowered := openflow.Lower(p, &diag.Report{})
		for i := range lowered.Groups {
			mods = append(mods, ovs.Mod{Command: ovs.Command(i % 2), Entry: ovs.Entry{Group: &lowered.Groups[i]}})
		}
		bound, held := openflow.SomeBinding(p).Bind(lowered.Flows)
		require.Empty(t, held)
		for i, f := range bound {
			mods = append(mods, ovs.Mod{Command: ovs.Command(i % 3), Entry: ovs.Entry{Flow: f}})
		}
	}
	require.Greater(t, len(mods), 1000)
	sameBytes(t, mods)
}

// servicesOf is a random node with Services.
func servicesOf(seed uint64) *ir.Pipeline {
	r := nfttest.Rand(seed)
	p := nfttest.Pipeline(r, nfttest.Small())
	nfttest.Services(r, p, 14, nfttest.Families{ir.IPv4, ir.IPv6})
	return p
}

// TestServicesAreReadBack: what is loaded is what is seen, and the next Services take its place.
func TestServicesAreReadBack(t *testing.T) {
	i := startOVS(t, "dummy")
	conn := ovs.NewConn(i.path("br-int.mgmt"))
	defer conn.Close()
	for seed := range uint64(20) {
		p := servicesOf(seed)
		d := ovs.New(p.Node, conn, &binder{b: openflow.SomeBinding(p)})
		want := generate(p)
		_, err := agent.Reconcile(background(t), d, want)
		require.NoError(t, err)
		again, err := agent.Reconcile(background(t), d, want)
		require.NoError(t, err)
		require.False(t, again.Applied)
		require.False(t, again.Drifted)
	}
}
