package allot

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

// knownOwner is who holds an address if some nodes are alive.
type knownOwner struct{ addr, node string }

// A small program that shares nothing with this one made these, for the nodes k8s-node-vm-1-cl-02 to k8s-node-vm-8-cl-02 without
// those of the case:
//
//	import zlib
//	def owner(nodes, addr):
//	    points = sorted((zlib.crc32((str(i) + n).encode()), n) for n in nodes for i in range(50))
//	    key = zlib.crc32(addr.encode())
//	    return next((n for h, n in points if h >= key), points[0][1])
func knownOwners() map[string][]knownOwner {
	return map[string][]knownOwner{
		"": {
			{"172.18.181.40", "k8s-node-vm-2-cl-02"},
			{"172.18.181.41", "k8s-node-vm-1-cl-02"},
			{"172.18.181.42", "k8s-node-vm-8-cl-02"},
			{"172.18.181.43", "k8s-node-vm-2-cl-02"},
			{"172.18.181.44", "k8s-node-vm-8-cl-02"},
			{"172.18.181.45", "k8s-node-vm-8-cl-02"},
			{"172.18.181.46", "k8s-node-vm-3-cl-02"},
			{"172.18.181.47", "k8s-node-vm-7-cl-02"},
			{"172.18.181.48", "k8s-node-vm-5-cl-02"},
			{"172.18.181.49", "k8s-node-vm-3-cl-02"},
			{"172.18.181.50", "k8s-node-vm-1-cl-02"},
			{"10.0.0.1", "k8s-node-vm-8-cl-02"},
			{"203.0.113.254", "k8s-node-vm-6-cl-02"},
			{"2001:db8::1", "k8s-node-vm-6-cl-02"},
			{"2001:db8:0:1::ff", "k8s-node-vm-2-cl-02"},
			{"fd00::a:b", "k8s-node-vm-6-cl-02"},
			{"198.51.7.50", "k8s-node-vm-5-cl-02"},
		},
		"k8s-node-vm-2-cl-02": {
			{"172.18.181.40", "k8s-node-vm-5-cl-02"},
			{"172.18.181.41", "k8s-node-vm-1-cl-02"},
			{"172.18.181.42", "k8s-node-vm-8-cl-02"},
			{"172.18.181.43", "k8s-node-vm-7-cl-02"},
			{"172.18.181.44", "k8s-node-vm-8-cl-02"},
			{"172.18.181.45", "k8s-node-vm-8-cl-02"},
			{"172.18.181.46", "k8s-node-vm-3-cl-02"},
			{"172.18.181.47", "k8s-node-vm-7-cl-02"},
			{"172.18.181.48", "k8s-node-vm-5-cl-02"},
			{"172.18.181.49", "k8s-node-vm-3-cl-02"},
			{"172.18.181.50", "k8s-node-vm-1-cl-02"},
			{"10.0.0.1", "k8s-node-vm-8-cl-02"},
			{"203.0.113.254", "k8s-node-vm-6-cl-02"},
			{"2001:db8::1", "k8s-node-vm-6-cl-02"},
			{"2001:db8:0:1::ff", "k8s-node-vm-5-cl-02"},
			{"fd00::a:b", "k8s-node-vm-6-cl-02"},
			{"198.51.7.50", "k8s-node-vm-5-cl-02"},
		},
		"k8s-node-vm-5-cl-02 k8s-node-vm-7-cl-02": {
			{"172.18.181.40", "k8s-node-vm-2-cl-02"},
			{"172.18.181.41", "k8s-node-vm-1-cl-02"},
			{"172.18.181.42", "k8s-node-vm-8-cl-02"},
			{"172.18.181.43", "k8s-node-vm-2-cl-02"},
			{"172.18.181.44", "k8s-node-vm-8-cl-02"},
			{"172.18.181.45", "k8s-node-vm-8-cl-02"},
			{"172.18.181.46", "k8s-node-vm-3-cl-02"},
			{"172.18.181.47", "k8s-node-vm-3-cl-02"},
			{"172.18.181.48", "k8s-node-vm-1-cl-02"},
			{"172.18.181.49", "k8s-node-vm-3-cl-02"},
			{"172.18.181.50", "k8s-node-vm-1-cl-02"},
			{"10.0.0.1", "k8s-node-vm-8-cl-02"},
			{"203.0.113.254", "k8s-node-vm-6-cl-02"},
			{"2001:db8::1", "k8s-node-vm-6-cl-02"},
			{"2001:db8:0:1::ff", "k8s-node-vm-2-cl-02"},
			{"fd00::a:b", "k8s-node-vm-6-cl-02"},
			{"198.51.7.50", "k8s-node-vm-6-cl-02"},
		},
	}
}

func vms() []string {
	var out []string
	for i := range 8 {
		out = append(out, fmt.Sprintf("k8s-node-vm-%d-cl-02", i+1))
	}
	return out
}

// elect seats addresses among nodes of one set, without a cap.
func elect(t *testing.T, nodes, addrs, down []string) []string {
	t.Helper()
	var seats []Seat
	for _, a := range addrs {
		seats = append(seats, Seat{Addr: netip.MustParseAddr(a), Capped: true})
	}
	var report diag.Report
	out := NewElection([][]string{nodes}, seats, Caps{Default: DefaultCap}).Elect(down, &report)
	require.Empty(t, report.Findings())
	return out
}

func TestOwnersAreTheKnownOnes(t *testing.T) {
	for gone, want := range knownOwners() {
		t.Run(gone, func(t *testing.T) {
			var addrs, owners []string
			for _, k := range want {
				addrs, owners = append(addrs, k.addr), append(owners, k.node)
			}
			require.Equal(t, owners, elect(t, vms(), addrs, strings.Fields(gone)), "nodes that are down")
			without := slices.DeleteFunc(vms(), func(name string) bool { return slices.Contains(strings.Fields(gone), name) })
			slices.Reverse(without)
			require.Equal(t, owners, elect(t, without, addrs, nil), "nodes that are not there")
		})
	}
}

// The cap passes addresses on to the next node of the ring. Of the known owners with all nodes, vm-8 has .42, .44, .45 and 10.0.0.1: the
// program of knownOwners, which passed over nodes that had two already (three for vm-8), gave these.
func TestFullNodesArePassedOver(t *testing.T) {
	var seats []Seat
	for _, k := range knownOwners()[""] {
		seats = append(seats, Seat{Addr: netip.MustParseAddr(k.addr), Capped: true})
	}
	got := NewElection([][]string{vms()}, seats, Caps{Default: 2, Of: map[string]int{"k8s-node-vm-8-cl-02": 3}}).Elect(nil, nil)
	require.Equal(t, []string{"k8s-node-vm-2-cl-02", "k8s-node-vm-1-cl-02", "k8s-node-vm-8-cl-02", "k8s-node-vm-2-cl-02", "k8s-node-vm-8-cl-02", "k8s-node-vm-8-cl-02", "k8s-node-vm-3-cl-02", "k8s-node-vm-7-cl-02", "k8s-node-vm-5-cl-02", "k8s-node-vm-3-cl-02", "k8s-node-vm-1-cl-02", "k8s-node-vm-4-cl-02", "k8s-node-vm-6-cl-02", "k8s-node-vm-6-cl-02", "k8s-node-vm-5-cl-02", "k8s-node-vm-7-cl-02", "k8s-node-vm-4-cl-02"}, got)
}

// An address that several have counts once, Services' do not count, and a cap is no matter for them.
func TestWhatCounts(t *testing.T) {
	a, b, c := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")
	seats := []Seat{{Addr: c}, {Addr: a, Capped: true}, {Addr: a, Capped: true}, {Addr: b, Capped: true}, {Addr: c}}
	election := NewElection([][]string{{"n"}}, seats, Caps{Default: 2})
	var report diag.Report
	require.Equal(t, []string{"n", "n", "n", "n", "n"}, election.Elect(nil, &report))
	require.Empty(t, report.Findings())
	require.Equal(t, []string{"n", "n", "n", "", "n"}, NewElection([][]string{{"n"}}, seats, Caps{Default: 1}).Elect(nil, &report))
	require.Equal(t, []string{"n", "", "", "", "n"}, NewElection([][]string{{"n"}}, seats, Caps{Default: 255, Of: map[string]int{"n": 0}}).Elect(nil, nil))
	require.Len(t, report.Findings(), 1)
}

func TestWhyNobodyCan(t *testing.T) {
	seats := []Seat{{Addr: netip.MustParseAddr("192.0.2.1"), Set: 0}, {Addr: netip.MustParseAddr("192.0.2.2"), Set: 1},
		{Addr: netip.MustParseAddr("192.0.2.3"), Set: 2, Capped: true}, {Addr: netip.MustParseAddr("192.0.2.3"), Set: 1},
		{Addr: netip.MustParseAddr("192.0.2.4"), Set: 0, Local: true}, {Addr: netip.MustParseAddr("192.0.2.5"), Set: 1, Local: true}}
	var report diag.Report
	got := NewElection([][]string{nil, {"a", "b"}, {"c"}}, seats, Caps{}).Elect([]string{"a", "b"}, &report)
	require.Equal(t, make([]string, 6), got)
	var said []string
	for _, f := range report.Findings() {
		require.Equal(t, diag.NoNodeForAddress, f.Code)
		said = append(said, f.Message)
	}
	require.Equal(t, []string{"no node can hold 192.0.2.1: none is selected", "no node can hold 192.0.2.2: all that are selected are down",
		"no node can hold 192.0.2.3: all that are selected hold as many addresses as they may",
		"no node can hold 192.0.2.4: externalTrafficPolicy is Local, and no node that the pool selects has a ready endpoint",
		"no node can hold 192.0.2.5: externalTrafficPolicy is Local, and all nodes with a ready endpoint that the pool selects are down"}, said)
}

// crowd is many addresses among many nodes, in several sets.
func crowd(addresses, nodes, sets int) ([][]string, []Seat) {
	r := rand.New(rand.NewPCG(uint64(addresses), uint64(nodes)))
	all := make([]string, nodes)
	for i := range all {
		all[i] = fmt.Sprintf("node-%d", i)
	}
	lists := [][]string{all}
	for range sets - 1 {
		r.Shuffle(nodes, func(i, j int) { all[i], all[j] = all[j], all[i] })
		lists = append(lists, slices.Clone(all[:1+r.IntN(nodes)]))
	}
	seats := make([]Seat, addresses)
	for i := range seats {
		seats[i] = Seat{Addr: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), Set: r.IntN(sets), Capped: r.IntN(4) > 0}
	}
	return lists, seats
}

// Whoever fails, only what they held moves, unless nodes are full; and nobody else's addresses move when they return.
func TestFailuresMoveOnlyWhatFailed(t *testing.T) {
	sets, seats := crowd(600, 20, 5)
	election := NewElection(sets, seats, Caps{Default: len(seats)})
	before := election.Elect(nil, nil)
	moved := 0
	for i := range 20 {
		down := []string{fmt.Sprintf("node-%d", i), fmt.Sprintf("node-%d", i*7%20)}
		for s, node := range election.Elect(down, nil) {
			require.NotContains(t, down, node)
			if !slices.Contains(down, before[s]) {
				require.Equal(t, before[s], node)
			} else {
				moved++
				require.True(t, node == "" || slices.Contains(sets[seats[s].Set], node))
			}
		}
	}
	require.Greater(t, moved, 600)
	require.Equal(t, before, election.Elect(nil, nil))
}

// The order of nodes in their sets is irrelevant, and no node has more than it may.
func TestCapsHold(t *testing.T) {
	sets, seats := crowd(600, 20, 5)
	caps := Caps{Default: 25, Of: map[string]int{"node-3": 2}}
	got := NewElection(sets, seats, caps).Elect(nil, nil)
	held, none := map[string]int{}, 0
	for i, node := range got {
		if node == "" {
			none++
		} else if seats[i].Capped {
			held[node]++
		}
	}
	for node, count := range held {
		require.LessOrEqual(t, count, caps.of(node), node)
	}
	require.Equal(t, 2, held["node-3"])
	require.Greater(t, none, 0)
	for _, set := range sets {
		slices.Reverse(set)
	}
	require.Equal(t, got, NewElection(sets, seats, caps).Elect(nil, nil))
}

// What happens if each single node fails: 10,000 addresses among 100 nodes, asked 100 times.
func BenchmarkEachFailure(b *testing.B) {
	for name, most := range map[string]int{"roomy": DefaultCap, "full": 60} {
		b.Run(name, func(b *testing.B) {
			sets, seats := crowd(10_000, 100, 10)
			for b.Loop() {
				election := NewElection(sets, seats, Caps{Default: most})
				for i := range 100 {
					election.Elect([]string{fmt.Sprintf("node-%d", i)}, nil)
				}
			}
		})
	}
}

func BenchmarkAllocate(b *testing.B) {
	pools := []Pool{aPool("p", "10.0.0.1", "10.0.0.1-10.0.255.254")}
	claims := make([]Claim, 10_000)
	for i := range claims {
		claims[i] = claim(Kind(i%2), fmt.Sprintf("n%d", i), 0, "p", "", "")
	}
	for b.Loop() {
		var report diag.Report
		Allocate(pools, claims, nil, &report)
	}
}
