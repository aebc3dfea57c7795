package allot

import (
	"fmt"
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
