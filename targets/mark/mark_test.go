package mark_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/mark"
)

// leaving is a Pipeline with SNATs to n addresses that are held.
func leaving(n int) *ir.Pipeline {
	p := &ir.Pipeline{Node: "n1"}
	for i := range n {
		p.SNATs = append(p.SNATs, ir.SNAT{Addr: netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), Node: "n2",
			Sources: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})}})
	}
	return p
}

func TestIdsAreDistinctAndInTheirFields(t *testing.T) {
	p := leaving(mark.MaxRoutes)
	p.SNATs = append(p.SNATs, p.SNATs[0], ir.SNAT{}, ir.SNAT{Addr: netip.MustParseAddr("192.0.2.9")}) // twice, without address, held by nobody
	ids, ok := mark.Of(p)
	require.True(t, ok)
	require.Len(t, ids, mark.MaxRoutes)
	routes, connections := map[uint32]bool{0: true, mark.Replies: true}, map[uint32]bool{0: true}
	for a, id := range ids {
		require.Zero(t, id.Route&^mark.RouteMask, a)
		require.Zero(t, id.Connection&^mark.ConnectionMask, a)
		require.False(t, routes[id.Route] || connections[id.Connection], a)
		routes[id.Route], connections[id.Connection] = true, true
	}
}

func TestTooManyAddresses(t *testing.T) {
	ids, ok := mark.Of(leaving(mark.MaxRoutes + 1))
	require.False(t, ok)
	require.Len(t, ids, mark.MaxRoutes)
}

// Connections keep their id while other addresses come and go.
func TestConnectionsKeepTheirIds(t *testing.T) {
	all, _ := mark.Of(leaving(200))
	p := leaving(200)
	p.SNATs = append(p.SNATs[:50], p.SNATs[51:]...)
	rest, _ := mark.Of(p)
	require.Len(t, rest, 199)
	for a, id := range rest {
		require.Equal(t, all[a].Connection, id.Connection, a)
	}
}

// Addresses that no pod of the node leaves by take nothing from those by which some do.
func TestAddressesWithoutSourcesComeLast(t *testing.T) {
	p := leaving(mark.MaxRoutes)
	want, _ := mark.Of(p)
	for i := range byte(100) {
		p.SNATs = append(p.SNATs, ir.SNAT{Addr: netip.AddrFrom4([4]byte{1, 2, 3, i}), Node: "n2"})
	}
	ids, ok := mark.Of(p)
	require.True(t, ok)
	require.Equal(t, want, ids)
	p.SNATs = p.SNATs[100:]
	some, ok := mark.Of(p)
	require.True(t, ok)
	require.Len(t, some, mark.MaxRoutes)
}
