package nft_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
)

// members is an artifact whose only endpoint lets in a set of n addresses.
func members(t testing.TB, n int) (*ir.Pipeline, artifact.Artifact) {
	p := pipeline()
	var addrs []netip.Addr
	for i := range n {
		addrs = append(addrs, netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 11<<24+2*uint32(i)))))
	}
	p.Sets[0].Addrs = ir.AddrSetOf(addrs...)
	return p, generate(t, p)
}

// TestLargeSetReadsBack observes sets while the kernel still enlarges their hash tables, and lists some elements twice.
func TestLargeSetReadsBack(t *testing.T) {
	for _, n := range []int{3000, 20_000, 60_000} {
		ns := newNamespace(t)
		p, want := members(t, n)
		ns.reconcile(want)
		p.Sets[0].Addrs = p.Sets[0].Addrs.Union(ir.AddrSetOf(netip.MustParseAddr("12.0.0.1")))
		result := ns.reconcile(generate(t, p))
		require.Equal(t, artifact.Summary{ObjectsModified: 1, ItemsAdded: 1}, result.Changes)
	}
}

func BenchmarkLoadSet(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ns := newNamespace(b)
			_, want := members(b, n)
			empty := artifact.Artifact{Target: target.Target}
			for b.Loop() {
				state := ns.observe()
				require.NoError(b, ns.Apply(context.Background(), state, artifact.Diff(state.Artifact, want)))
				b.StopTimer()
				state = ns.observe()
				require.NoError(b, ns.Apply(context.Background(), state, artifact.Diff(state.Artifact, empty)))
				b.StartTimer()
			}
		})
	}
}

func BenchmarkObserveSet(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ns := newNamespace(b)
			_, want := members(b, n)
			ns.reconcile(want)
			for b.Loop() {
				ns.observe()
			}
		})
	}
}

// BenchmarkDelta applies plans that are known already, forwards and backwards.
func BenchmarkDelta(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		for _, k := range []int{1, 10} {
			b.Run(fmt.Sprintf("%d-of-%d", k, n), func(b *testing.B) {
				ns := newNamespace(b)
				p, small := members(b, n)
				extra := make([]netip.Addr, k)
				for i := range extra {
					extra[i] = netip.AddrFrom4([4]byte{12, 0, 0, byte(i)})
				}
				p.Sets[0].Addrs = p.Sets[0].Addrs.Union(ir.AddrSetOf(extra...))
				large := generate(b, p)
				ns.reconcile(small)
				there, back := ns.observe(), ns.observe()
				grow := artifact.Diff(there.Artifact, large)
				ns.reconcile(large)
				back = ns.observe()
				shrink := artifact.Diff(back.Artifact, small)
				ns.reconcile(small)
				for b.Loop() {
					require.NoError(b, ns.Apply(context.Background(), there, grow))
					require.NoError(b, ns.Apply(context.Background(), back, shrink))
				}
			})
		}
	}
}

// node250 has 250 pods in 25 classes; each class has one rule list with as many rules as policies, over 50 shared sets.
func node250(policies int) *ir.Pipeline {
	p := &ir.Pipeline{Node: "n1", Nodes: []*ir.Node{{Name: "n1"}}}
	for i := range 250 {
		p.Endpoints = append(p.Endpoints, &ir.Endpoint{Namespace: "ns", Name: fmt.Sprintf("p%03d", i), Node: "n1",
			Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), netip.MustParseAddr(fmt.Sprintf("fd00::%x", i))}})
	}
	for i := range 50 {
		var addrs []netip.Addr
		for j := range 100 {
			addrs = append(addrs, netip.AddrFrom4([4]byte{10, 1, byte(i), byte(j)}), netip.MustParseAddr(fmt.Sprintf("fd01::%x:%x", i, j)))
		}
		p.Sets = append(p.Sets, ir.Set{Key: fmt.Sprint(i), Name: fmt.Sprintf("%012x", i), Addrs: ir.AddrSetOf(addrs...)})
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			for i := range 250 {
				c.Assign = append(c.Assign, ir.NoList)
				if ph == ir.Namespace {
					c.Assign[i] = ir.ListID(i % 25)
				}
			}
		}
		c := p.Classifier(d, ir.Namespace)
		for i := range 25 {
			l := ir.List{Key: fmt.Sprint(i), Name: fmt.Sprintf("%012x", i)}
			for j := range policies {
				l.Rules = append(l.Rules, ir.Rule{Peers: []ir.SetID{ir.SetID((i + j) % 50)}, ID: ir.RuleID(i*1000 + j),
					L4:      ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(uint16(8000+j)))},
					Origins: []*source.Origin{{Object: fmt.Sprintf("NetworkPolicy ns/policy-%d", j), Field: "spec.ingress[0]"}}})
			}
			l.Rules = append(l.Rules, ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop})
			c.Lists = append(c.Lists, l)
		}
	}
	return p
}

func BenchmarkNode250(b *testing.B) {
	for _, policies := range []int{4, 40} {
		p := node250(policies)
		want := generate(b, p)
		name := fmt.Sprintf("%d-rules-a-class/", policies)
		b.Run(name+"generate", func(b *testing.B) {
			for b.Loop() {
				generate(b, p)
			}
			cost := target.CostOf(lower(b, p))
			b.ReportMetric(float64(cost.Rules), "rules")
			b.ReportMetric(float64(cost.Sets), "sets")
			b.ReportMetric(float64(cost.Elements), "elements")
		})
		b.Run(name+"load", func(b *testing.B) {
			ns := newNamespace(b)
			for b.Loop() {
				state := ns.observe()
				require.NoError(b, ns.Apply(context.Background(), state, artifact.Diff(artifact.Artifact{}, want)))
			}
		})
		b.Run(name+"observe", func(b *testing.B) {
			ns := newNamespace(b)
			ns.reconcile(want)
			for b.Loop() {
				ns.observe()
			}
		})
		b.Run(name+"nft-f", func(b *testing.B) {
			ns := newNamespace(b)
			script := target.Script(want)
			for b.Loop() {
				ns.nft(script, "-f", "-")
			}
		})
	}
}
