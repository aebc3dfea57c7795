package iproute_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/targets/artifact"
)

// prepare has a dataplane do what comes before other dataplanes change.
func prepare(t testing.TB, d *iproute.Dataplane, want artifact.Artifact) {
	state, err := d.Observe(context.Background())
	require.NoError(t, err)
	require.NoError(t, d.Prepare(context.Background(), state, artifact.Diff(state.Artifact, want)))
}

// What is prepared is all that leads packets anywhere, and no address that another node may have; what was there stays until Apply.
func TestPrepare(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{})
	const before, after = "192.0.2.200", "192.0.2.77"
	held := func(addr string) []string {
		return []string{"inside 10.0.0.0/8", "holding " + addr + " node=n1 subnet=192.0.2.1/24/0 from=\"ExternalIPPool p\",-,-",
			"snat a ipv4=" + addr + " node=n1 sources=10.0.1.5,10.0.2.5 from=\"Egress a\",-,-", "snat b ipv4=192.0.2.203 node=n2 sources=10.0.1.6 from=\"Egress b\",-,-"}
	}
	first, second := generate(t, placed("n1", held(before)...)), generate(t, placed("n1", held(after)...))
	prepare(t, d, first)
	require.Empty(t, n.sh("ip -o addr show to "+before))
	require.Contains(t, n.sh("ip -o addr show dev hg-egress"), "127.104.0.1/32")
	rules := n.sh("ip rule show priority 8670")
	require.Contains(t, n.sh("ip link show hg-egress"), "state UNKNOWN")
	require.Contains(t, n.sh("ip route show table all proto 104"), "default via 192.0.2.1 dev eth0")
	load(t, d, first)
	require.Equal(t, rules, n.sh("ip rule show priority 8670"))
	require.NotEmpty(t, n.sh("ip -o addr show to "+before))

	prepare(t, d, second)
	require.NotEmpty(t, n.sh("ip -o addr show to "+before))
	require.Empty(t, n.sh("ip -o addr show to "+after))
	require.Subset(t, strings.Fields(n.sh("ip rule show priority 8670")), strings.Fields(rules))
	load(t, d, second)
	require.Empty(t, n.sh("ip -o addr show to "+before))

	prepare(t, d, generate(t, placed("n1")))
	require.NotEmpty(t, n.sh("ip -o addr show to "+after))
	load(t, d, generate(t, placed("n1")))
	require.Empty(t, observed(t, d).Objects)
}

// What is released is what another node may have, and nothing else; neither that nor what is prepared is anybody else's doing.
func TestRelease(t *testing.T) {
	n := lone(t)
	d := n.plane(iproute.Options{})
	const addr = "192.0.2.200"
	with := generate(t, placed("n1", "inside 10.0.0.0/8", "holding "+addr+" node=n1 subnet=192.0.2.1/24/0 from=\"ExternalIPPool p\",-,-",
		"snat a ipv4="+addr+" node=n1 sources=10.0.1.5,10.0.2.5 from=\"Egress a\",-,-", "snat b ipv4=192.0.2.203 node=n2 sources=10.0.1.6 from=\"Egress b\",-,-"))
	without := generate(t, placed("n1", "inside 10.0.0.0/8", "snat a ipv4="+addr+" node=n2 sources=10.0.1.5 from=\"Egress a\",-,-"))
	load(t, d, with)
	ways := func() []string { // but for the generation's
		return strings.Split(n.sh("ip rule show priority 8670; ip route show table all proto 104 | grep -v ^blackhole"), "\n")
	}
	before := ways()
	for _, part := range []func(context.Context, agent.State, artifact.Plan) error{d.Release, d.Prepare} {
		state, err := d.Observe(context.Background())
		require.NoError(t, err)
		require.NoError(t, part(context.Background(), state, artifact.Diff(state.Artifact, without)))
		require.Empty(t, n.sh("ip -o addr show to "+addr))
		require.Contains(t, n.sh("ip -o addr show dev hg-egress"), "127.104.0.1/32")
		require.Subset(t, ways(), before)
	}
	result, err := agent.Reconcile(context.Background(), d, without)
	require.NoError(t, err)
	require.False(t, result.Drifted)
}
