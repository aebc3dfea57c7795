package ovs_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// fleet is a node with one pod and many Services.
func fleet(services, backends int) *ir.Pipeline {
	p := nfttest.Fleet(services, backends)
	p.Endpoints = []*ir.Endpoint{{Namespace: "ns", Name: "client", Node: p.Node, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.5")}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	return p
}

// TestServicesCostTwoFlowsAndOneGroup each, above what a node with any has.
func TestServicesCostTwoFlowsAndOneGroup(t *testing.T) {
	one, many := openflow.Lower(fleet(1, 5), &diag.Report{}), openflow.Lower(fleet(10_000, 5), &diag.Report{})
	require.Equal(t, 98, len(one.Flows))
	require.Equal(t, 98+2*9_999, len(many.Flows))
	require.Equal(t, 10_000, len(many.Groups))
}

// BenchmarkServices is a bundle with all of a node's Services, on a bridge that has nothing.
func BenchmarkServices(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("services=%d", n), func(b *testing.B) {
			i := startOVS(b, "dummy")
			conn := ovs.NewConn(i.path("br-int.mgmt"))
			defer conn.Close()
			p := fleet(n, 5)
			want := openflow.Generate(p, &diag.Report{})
			d := ovs.New(p.Node, conn, &binder{b: openflow.SomeBinding(p)})
			for b.Loop() {
				b.StopTimer()
				i.ofctl("del-flows")
				i.ofctl("del-groups")
				b.StartTimer()
				_, err := agent.Reconcile(background(b), d, want)
				require.NoError(b, err)
			}
		})
	}
}
