package iproute_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/iproute"
)

// holdUp is a dataplane that has whatever is changed wait, as on a node that is busy.
type holdUp struct{ *iproute.Dataplane }

const busy = 30 * time.Millisecond

func (h holdUp) Prepare(ctx context.Context, from agent.State, plan artifact.Plan) error {
	err := h.Dataplane.Prepare(ctx, from, plan)
	time.Sleep(busy)
	return err
}

func (h holdUp) Apply(ctx context.Context, from agent.State, plan artifact.Plan) error {
	time.Sleep(busy)
	return h.Dataplane.Apply(ctx, from, plan)
}

// sends has packets go to both destinations outside all the time, until the test ends or stop is called.
func (n *namespace) sends() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		n.in(func() {
			var conns []net.PacketConn
			ticker := time.NewTicker(500 * time.Microsecond)
			defer ticker.Stop()
			for ; ; <-ticker.C {
				select {
				case <-end:
					return
				default:
				}
				for i, to := range []string{"203.0.113.9", "2001:db8:9::1"} {
					c, err := net.ListenPacket("udp", []string{"10.0.1.5:0", "[fd00:1::5]:0"}[i]) // each begins anew
					require.NoError(n.t, err)
					conns = append(conns, c)
					_, _ = c.WriteTo([]byte("x"), &net.UDPAddr{IP: net.ParseIP(to), Port: 9}) // refused while there is no tunnel
				}
				for ; len(conns) > 200; conns = conns[1:] {
					conns[0].Close()
				}
			}
		})
	}()
	return func() { close(end); <-ended }
}

// TestNothingLeavesUntranslated: while a node gets the tunnel and what is there for Egresses with it, and loses both, again and again,
// nothing that another node sends it leaves with its own source.
func TestNothingLeavesUntranslated(t *testing.T) {
	n := newNetwork(t)
	const addr4, addr6 = "192.168.7.200", "fd07::200"
	text1, text2 := placed("n1", leaving("n1", addr4, addr6)...), placed("n2", leaving("n2", addr4, addr6)...)
	load(t, n.node1.plane(iproute.Options{}), generate(t, text1))
	n.marks(t, text1, text2, addr4, addr6)
	n.node2.sh("nft flush ruleset")
	n.outside.sh(`nft 'flush ruleset; table inet t { chain p { type filter hook prerouting priority -300;
		ip saddr 10.0.1.5 counter
		ip6 saddr fd00:1::5 counter
		ip saddr 192.168.7.200 counter
		ip6 saddr fd07::200 counter; }; }'`)
	kind, ok := targets.Lookup("nftables")
	require.True(t, ok)
	tables := nft.InNetNS(int(n.node2.file.Fd()))
	t.Cleanup(func() { tables.Close() })
	node := agent.NewNode(agent.Options{Target: kind, Planes: []agent.Plane{{Dataplane: tables, Target: kind.Name},
		{Dataplane: holdUp{n.node2.plane(iproute.Options{})}, Target: target.Target}}})
	stop := n.pod.sends()
	const rounds = 5
	for range rounds {
		for _, text := range []string{text2, placed("n2")} {
			_, err := node.Load(t.Context(), parse(t, text), nil)
			require.NoError(t, err)
			require.NotContains(t, n.node2.sh("nft list tables"), "guard")
		}
	}
	_, err := node.Load(t.Context(), parse(t, text2), nil)
	require.NoError(t, err)
	seen := func() string { return n.outside.sh("nft list table inet t") }
	const none = "counter packets 0 "
	require.Eventually(t, func() bool { return strings.Count(seen(), none) <= 2 }, 10*time.Second, 10*time.Millisecond, "packets leave by the address")
	stop()
	require.Equal(t, 2, strings.Count(seen(), none), seen())
	require.Regexp(t, `10\.0\.1\.5 counter packets 0 bytes 0\s+ip6 saddr fd00:1::5 counter packets 0 bytes 0`, seen())
}
