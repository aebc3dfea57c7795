package main

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// declaredNodes is a cluster of nodes with loopback addresses.
func declaredNodes(names ...string) *ir.Program {
	p := &ir.Program{}
	for _, name := range names {
		p.Nodes = append(p.Nodes, &ir.Node{Name: name, Addrs: []netip.Addr{netip.AddrFrom4([4]byte{127, 83, 7, name[1] - '0'})}})
	}
	return p
}

func gossipKeys(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(path, []byte("c2l4dGVlbiBieXRlcy4uIQ==\n"), 0o600))
	return path
}

// alive makes the liveness of a node, with a log.
func alive(t *testing.T, node, keys string) (*liveness, lines) {
	log := make(lines, 1000)
	l := newLiveness(gossipFlags{keyFile: keys, interval: 50 * time.Millisecond}, node, slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(l.close)
	return l, log
}

// untilDown waits, told of changes alone, until some nodes are down.
func (l *liveness) untilDown(t *testing.T, want ...string) {
	t.Helper()
	end := time.After(time.Minute)
	for !slices.Equal(l.down(), want) && len(l.down())+len(want) > 0 {
		select {
		case <-l.changes:
		case <-end:
			require.Equal(t, want, l.down())
		}
	}
}

// TestLivenessFollowsNodes as they are declared, move and fail.
func TestLivenessFollowsNodes(t *testing.T) {
	keys := gossipKeys(t)
	n1, log := alive(t, "n1", keys)
	n2, _ := alive(t, "n2", keys)
	all := declaredNodes("n1", "n2")
	require.False(t, n1.meet(t.Context(), all), "those that have not started yet count as alive")
	require.False(t, n2.meet(t.Context(), all))
	log.until(t, "watching which nodes are alive", "")
	member := n1.members
	require.Eventually(t, func() bool { return isClosed(member.Ready()) }, time.Minute, time.Millisecond)

	n2.close()
	n1.untilDown(t, "n2")
	require.True(t, n1.meet(t.Context(), declaredNodes("n1", "n3")), "n2 is no longer declared")
	require.Empty(t, n1.down())
	require.Same(t, member, n1.members)
	require.True(t, n1.meet(t.Context(), all))
	require.Equal(t, []string{"n2"}, n1.down())
	n2.meet(t.Context(), all)
	n1.untilDown(t)

	moved := declaredNodes("n1", "n2")
	moved.Nodes[0].Addrs[0] = netip.MustParseAddr("127.83.7.100")
	n1.meet(t.Context(), moved)
	require.NotSame(t, member, n1.members)
	n1.meet(t.Context(), declaredNodes("n2"))
	require.Nil(t, n1.members, "it is no node")
	require.Empty(t, n1.down())
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestLivenessIsTriedAgain while somebody else has the port.
func TestLivenessIsTriedAgain(t *testing.T) {
	n4, log := alive(t, "n4", gossipKeys(t))
	other, err := net.Listen("tcp", "127.83.7.4:10261")
	require.NoError(t, err)
	for range 2 {
		require.False(t, n4.meet(t.Context(), declaredNodes("n4", "n5")))
		require.Nil(t, n4.members)
		<-n4.changes
	}
	require.NoError(t, other.Close())
	n4.meet(t.Context(), declaredNodes("n4", "n5"))
	require.NotNil(t, n4.members)
	require.Equal(t, 1, log.until(t, "watching which nodes are alive", "all count as alive"), "the same is said once")
}

// TestLivenessWaitsBeforeAddressesMove: an agent that starts anew first hears whom the others miss.
func TestLivenessWaitsBeforeAddressesMove(t *testing.T) {
	n6, _ := alive(t, "n6", gossipKeys(t))
	p := declaredNodes("n6", "n7")
	p.Holdings = []ir.Holding{{}}
	n6.meet(t.Context(), p)
	require.True(t, isClosed(n6.members.Ready()))

	n8, _ := alive(t, "n8", gossipKeys(t))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	n8.meet(ended, p)
	require.Nil(t, n8.members)
	p.Nodes = append(p.Nodes, declaredNodes("n8").Nodes...)
	n8.meet(ended, p)
	require.False(t, isClosed(n8.members.Ready()), "the agent is about to end")
}

func TestLivenessNeedsAKey(t *testing.T) {
	l, log := alive(t, "n1", "")
	p := declaredNodes("n1", "n2")
	require.False(t, l.meet(t.Context(), p))
	p.Holdings = []ir.Holding{{}}
	require.False(t, l.meet(t.Context(), p))
	require.False(t, l.meet(t.Context(), p))
	require.Nil(t, l.members)
	require.Nil(t, l.down())
	close(log)
	var said []string
	for line := range log {
		said = append(said, line)
	}
	require.Len(t, said, 1)
	require.Contains(t, said[0], "there is no --gossip-key-file")
}

func TestGossipFlags(t *testing.T) {
	keys := gossipKeys(t)
	for want, g := range map[string]gossipFlags{
		"":                                        {bind: "192.0.2.1:10261", keyFile: keys, interval: time.Second},
		"--gossip-bind: ":                         {bind: "192.0.2.1", keyFile: keys, interval: time.Second},
		"--gossip-bind: the port must":            {bind: "192.0.2.1:0", keyFile: keys, interval: time.Second},
		"--gossip-bind needs --gossip-key-file":   {bind: "192.0.2.1:10261", interval: time.Second},
		"--gossip-interval must be 20ms to 1m":    {interval: time.Millisecond},
		"--gossip-key-file: open " + keys + "not": {keyFile: keys + "not", interval: time.Second},
	} {
		err := g.check()
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	l := newLiveness(gossipFlags{bind: "0.0.0.0:7000", keyFile: keys}, "n1", nil)
	p := declaredNodes("n1", "n2", "n3")
	p.Nodes[1].Addrs = []netip.Addr{netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("192.0.2.2")}
	p.Nodes[2].Addrs = nil
	o, ok := l.options(p)
	require.True(t, ok)
	require.Equal(t, "127.83.7.1:7000", o.Advertise.String())
	require.Equal(t, "0.0.0.0:7000", o.Bind.String())
	require.Len(t, o.Peers, 1)
	require.Equal(t, "192.0.2.2:7000", o.Peers[0].Addr.String())
	require.False(t, strings.Contains(o.Timing.String(), "0s"))
}
