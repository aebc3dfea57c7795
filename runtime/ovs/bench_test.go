package ovs_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
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

// switches are what benchmarks compare: our own connection and, for each request, a run of ovs-ofctl.
func switches(socket string) map[string]ovs.Switch {
	return map[string]ovs.Switch{"conn": ovs.NewConn(socket), "ofctl": newOfctl(socket)}
}

// compare runs a benchmark for each switch of an instance.
func compare(b *testing.B, name string, run func(*testing.B, *instance, ovs.Switch)) {
	for _, kind := range []string{"conn", "ofctl"} {
		b.Run(fmt.Sprintf("%s/switch=%s", name, kind), func(b *testing.B) {
			i := startOVS(b, "dummy")
			run(b, i, switches(i.path("br-int.mgmt"))[kind])
		})
	}
}

// mods are a command on each flow of an artifact.
func mods(command ovs.Command, a artifact.Artifact) []ovs.Mod {
	out := make([]ovs.Mod, len(a.Objects))
	for i := range out {
		out[i] = ovs.Mod{Command: command, Entry: ovs.Entry{Flow: *a.Objects[i].Value.(*openflow.Flow)}}
	}
	return out
}

// BenchmarkBundle is a bundle until it is committed: one flow more on a bridge with a thousand, or all flows of an empty one.
func BenchmarkBundle(b *testing.B) {
	const held = 1_000
	delta := addresses(held + 1)
	delta.Objects = delta.Objects[held:]
	compare(b, "flows=1", func(b *testing.B, _ *instance, sw ovs.Switch) {
		require.NoError(b, sw.Bundle(b.Context(), mods(ovs.Add, addresses(held))))
		for b.Loop() {
			require.NoError(b, sw.Bundle(b.Context(), mods(ovs.Add, delta)))
		}
	})
	for _, n := range []int{1_000, 100_000} {
		all := mods(ovs.Add, addresses(n))
		compare(b, fmt.Sprintf("flows=%d", n), func(b *testing.B, i *instance, sw ovs.Switch) {
			for b.Loop() {
				b.StopTimer()
				i.ofctl("del-flows")
				b.StartTimer()
				require.NoError(b, sw.Bundle(b.Context(), all))
			}
		})
	}
}

// BenchmarkDump reads all flows of a bridge.
func BenchmarkDump(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		all := mods(ovs.Add, addresses(n))
		compare(b, fmt.Sprintf("flows=%d", n), func(b *testing.B, _ *instance, sw ovs.Switch) {
			require.NoError(b, sw.Bundle(b.Context(), all))
			for b.Loop() {
				dump, err := sw.Dump(b.Context())
				require.NoError(b, err)
				require.Len(b, dump, n)
			}
		})
	}
}

// BenchmarkSettle is the wait after a bundle, on a bridge without packets.
func BenchmarkSettle(b *testing.B) {
	i := startOVS(b, "dummy")
	sw := ovs.NewConn(i.path("br-int.mgmt"))
	for b.Loop() {
		require.NoError(b, sw.Settle(b.Context()))
	}
}

// BenchmarkLoad is one bundle that loads a bridge from nothing, with the wait after it; observing and verifying are not in it.
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

// BenchmarkDelta adds and removes ten flows on a bridge that holds many. "apply" is the bundle and the wait after it, "reconcile" all that the
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

// BenchmarkRanked loads the flows of 10,000 rules in distinct positions of the order into an empty bridge.
func BenchmarkRanked(b *testing.B) {
	for _, shape := range workload.Shapes() {
		if !strings.HasPrefix(shape.Name, "ranked") {
			continue
		}
		var report diag.Report
		p := slices.MaxFunc(compiler.Compile(shape.Make(), compiler.Options{}, &report).Placed, func(a, b *ir.Pipeline) int {
			return compiler.CountRules(a).Rules - compiler.CountRules(b).Rules
		})
		bound, _ := openflow.SomeBinding(p).Bind(openflow.Lower(p, &report).Flows)
		all := mods(ovs.Add, openflow.Pack(&openflow.Pipeline{Node: p.Node, Flows: bound}))
		b.Run(shape.Name, func(b *testing.B) {
			i := startOVS(b, "dummy")
			sw := ovs.NewConn(i.path("br-int.mgmt"))
			defer sw.Close()
			for b.Loop() {
				b.StopTimer()
				i.ofctl("del-flows")
				b.StartTimer()
				require.NoError(b, sw.Bundle(b.Context(), all))
			}
			b.ReportMetric(float64(len(all)), "flows")
		})
	}
}
