package ovs_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// addresses is an artifact of n flows, each for an address of its own.
func addresses(n int) artifact.Artifact {
	p := &openflow.Pipeline{Node: "n", Flows: make([]openflow.Flow, n)}
	for i := range p.Flows {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		full := openflow.Value{Lo: 0xffffffff}
		p.Flows[i] = openflow.Flow{Table: openflow.IngressNamespace, Priority: 12, Cookie: openflow.CookieMarker | uint64(openflow.IngressNamespace),
			Match:        []openflow.Term{openflow.Is(openflow.EthType, 0x800), openflow.IsMasked(openflow.IPv4Src, openflow.AddrValue(a), full)},
			Conjunctions: []openflow.Conjunction{{ID: 7, Clause: 1, Of: 2}}}
	}
	return openflow.Pack(p)
}

// BenchmarkLoad is one bundle that loads a bridge from nothing; observing and verifying are not in it.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			i := startOVS(b, "dummy")
			want := addresses(n)
			d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), &binder{})
			for b.Loop() {
				b.StopTimer()
				i.ofctl("del-flows")
				from, err := d.Observe(b.Context())
				require.NoError(b, err)
				plan := artifact.Diff(from.Artifact, want)
				b.StartTimer()
				require.NoError(b, d.Apply(b.Context(), from, plan))
			}
		})
	}
}

// BenchmarkDelta adds and removes ten flows on a bridge that holds many. "apply" is the bundle alone, "reconcile" all that the
// agent does: reading the bridge back twice, and the difference.
func BenchmarkDelta(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		i := startOVS(b, "dummy")
		d := ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), &binder{})
		states := [2]artifact.Artifact{addresses(n), addresses(n + 10)}
		_, err := agent.Reconcile(b.Context(), d, states[0])
		require.NoError(b, err)
		b.Run(fmt.Sprintf("apply/%d", n), func(b *testing.B) {
			turn := 0
			for b.Loop() {
				b.StopTimer()
				turn++
				from, err := d.Observe(b.Context())
				require.NoError(b, err)
				plan := artifact.Diff(from.Artifact, states[turn%2])
				b.StartTimer()
				require.NoError(b, d.Apply(b.Context(), from, plan))
			}
		})
		b.Run(fmt.Sprintf("reconcile/%d", n), func(b *testing.B) {
			turn := 0
			for b.Loop() {
				turn++
				_, err := agent.Reconcile(b.Context(), d, states[turn%2])
				require.NoError(b, err)
			}
		})
	}
}
