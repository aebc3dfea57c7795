package nft_test

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/headgate-net/headgate/ir"
)

// podsOutside counts what comes to the server with the address of a pod.
const podsOutside = `flush ruleset
table inet outside {
	chain in { type filter hook prerouting priority -300;
		ip saddr 10.0.0.0/16 counter
		ip6 saddr { fd00:1::/64, fd00:2::/64, fd00:3::/64 } counter
	}
}
`

// endings are connections of pods in each family: one to be closed, one to be reset, one that goes on.
type endings struct {
	pods []string
	open map[string][]*talk
}

func (r *region) opens(as string, pods ...string) *endings {
	r.t.Helper()
	e := &endings{pods, map[string][]*talk{}}
	for _, pod := range pods {
		for range 3 {
			for f := range 2 {
				c := r.pods[pod].connect("tcp", regional["server"][f])
				require.Equal(r.t, regional[as][f], c.heardAs(patience), pod)
				e.open[pod] = append(e.open[pod], c)
			}
		}
	}
	return e
}

// end ends the connections, and wants the server to see nothing of the pods' own addresses; as is by which it sees them from now on.
func (r *region) end(e *endings, as map[string]string) {
	r.t.Helper()
	require.NotRegexp(r.t, "packets [1-9]", r.ends(e, as))
}

// ends is end that tells what the server sees.
func (r *region) ends(e *endings, as map[string]string) (strangers string) {
	r.t.Helper()
	r.server.nft(podsOutside, "-f", "-")
	for _, pod := range e.pods {
		for i, c := range e.open[pod][:4] {
			if i >= 2 {
				require.NoError(r.t, c.Conn.(*net.TCPConn).SetLinger(0))
			}
			require.NoError(r.t, c.Close())
		}
		r.requireHeard(pod, "server", as[pod]) // what was sent before has arrived
	}
	return r.server.nft("", "list", "table", "inet", "outside")
}

// refused wants what is left of the connections to be reset by the node.
func (r *region) refused(e *endings) {
	r.t.Helper()
	for _, pod := range e.pods {
		for _, c := range e.open[pod][4:] {
			require.NoError(r.t, c.SetDeadline(time.Now().Add(patience)))
			_, err := c.Write([]byte("x\n"))
			require.NoError(r.t, err)
			_, err = c.Read(make([]byte, 1))
			require.True(r.t, errors.Is(err, syscall.ECONNRESET), "%s: %v", pod, err)
		}
	}
}

// forgetEverything has connection tracking begin anew.
func (n *namespace) forgetEverything() {
	n.in(func() { require.NoError(n.t, netlink.ConntrackTableFlush(netlink.ConntrackTable)) })
}

// TestConnectionsEndWithoutTheirOwnSource: what ends a connection by an address that is gone, or that connection tracking had to forget,
// leaves nowhere, on the holder, on other nodes, and where nothing is left of Egresses. There, those that go on are refused.
func TestConnectionsEndWithoutTheirOwnSource(t *testing.T) {
	r := newRegion(t)
	both := func() {
		r.egress("e1", "n2", ir.Limit{}, "a1", "a2")
		r.egress("e2", "n3", ir.Limit{}, "c1")
		r.apply()
	}
	plain := map[string]string{"a1": "n1", "a2": "n2", "b1": "n1"}

	// Where nothing has been there for Egresses, nobody sees to it.
	r.apply()
	open := r.opens("n1", "a1")
	r.nodes["n1"].forgetEverything()
	require.Regexp(t, "packets [1-9]", r.ends(open, plain))

	both()
	open = r.opens("e1", "a1", "a2")
	datagrams := r.pods["a1"].connect("udp", regional["server"][0])
	require.Equal(t, regional["e1"][0], datagrams.heardAs(patience))
	r.program.Egresses, r.program.Holdings = r.program.Egresses[1:], r.program.Holdings[:0]
	r.egress("e2", "n3", ir.Limit{}, "c1")
	r.apply()
	r.end(open, plain)
	require.Equal(t, regional["n1"][0], datagrams.heardAs(patience), "what begins anew is not lost")

	both()
	open = r.opens("e1", "a1", "a2")
	r.program.Egresses, r.program.Holdings = r.program.Egresses[1:], r.program.Holdings[:0]
	r.egress("e2", "n3", ir.Limit{}, "c1")
	r.program.Egresses[0].Leases, r.program.Holdings = r.program.Egresses[0].Leases[:1], r.program.Holdings[:1] // none is left of IPv6
	require.True(t, r.program.Holdings[0].Addr.Is4())
	r.apply()
	r.end(open, plain)

	both()
	open = r.opens("e1", "a1", "a2")
	r.program.Egresses, r.program.Holdings = nil, nil
	r.apply()
	r.end(open, plain)
	r.refused(open)
	require.Contains(t, r.nodes["n1"].nft("", "list", "tables"), "headgate_left")

	both()
	open = r.opens("e1", "a1", "a2")
	r.program.Egresses, r.program.Holdings = nil, nil
	r.apply()
	for _, n := range r.nodes {
		n.forgetEverything()
	}
	r.end(open, plain)

	both()
	require.NotContains(t, r.nodes["n1"].nft("", "list", "tables"), "headgate_left")
	open = r.opens("e1", "a1")
	r.egress("e1", "n2", ir.Limit{}, "a2")
	r.apply()
	r.egress("e1", "n1", ir.Limit{}, "a2") // to the node of a pod that is not selected any more
	r.apply()
	r.end(open, plain)
}
