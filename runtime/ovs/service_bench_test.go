package ovs_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets"
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
	require.Equal(t, 93, len(one.Flows))
	require.Equal(t, 93+2*9_999, len(many.Flows))
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

// BenchmarkOneServiceMore has one Service more, and then one less, in force where there are many, by what the agent does: generate,
// compare, load. An iteration is one of the two. Of the time that passes much is waiting for the switch; see Settle.
func BenchmarkOneServiceMore(b *testing.B) {
	i := startOVS(b, "dummy")
	p, q := fleet(10_000, 5), fleet(10_001, 5)
	i.addPorts(p)
	d, _, err := ovs.Open(background(b), ovs.Options{Node: p.Node, DBSocket: i.path("db.sock"), Bridge: "br-int"})
	require.NoError(b, err)
	b.Cleanup(d.Close)
	target, _ := targets.Lookup(openflow.TargetName)
	node := agent.NewNode(agent.Options{Target: target, Planes: []agent.Plane{{Dataplane: d, Target: openflow.TargetName}}})
	for _, p := range []*ir.Pipeline{p, q, p} {
		_, err := node.Load(b.Context(), p, nil)
		require.NoError(b, err)
	}
	before, n := processorTime(b), 0
	for b.Loop() {
		n++
		_, err := node.Load(b.Context(), []*ir.Pipeline{p, q}[n%2], nil)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// processorTime is what this process has used, in nanoseconds; the switch's is not in it.
func processorTime(t testing.TB) int64 {
	var used unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &used))
	return used.Utime.Nano() + used.Stime.Nano()
}
