package openflow_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestWhatIsLearnedIsVolatile: with other addresses known for names nothing but the volatile objects changes, the generation stays, and
// Volatile makes just those objects.
func TestWhatIsLearnedIsVolatile(t *testing.T) {
	volatile := func(a artifact.Artifact) []artifact.Object {
		return slices.DeleteFunc(slices.Clone(a.Objects), func(o artifact.Object) bool { return o.Volatile == artifact.Lasting })
	}
	found := 0
	for seed := range uint64(60) {
		s := irtest.Everything()
		prog := irtest.Program(irtest.Rand(seed), s)
		for _, p := range placed(prog) {
			report := &diag.Report{}
			before := openflow.Generate(p, report)
			for range 3 {
				learned := p.WithNames(irtest.Learn(irtest.Rand(seed+1), prog))
				after := openflow.Generate(learned, report)
				require.Equal(t, volatile(after), append([]artifact.Object{}, openflow.Volatile(learned)...))
				require.Equal(t, artifact.Hash(before), artifact.Hash(after))
				for _, c := range artifact.Diff(before, after).Changes {
					require.True(t, c.Op == artifact.Delete || c.New.Volatile == artifact.VolatileObject)
					require.True(t, c.Op == artifact.Add || c.Old.Volatile == artifact.VolatileObject)
				}
				found += len(volatile(after))
			}
		}
	}
	require.Greater(t, found, 100)
}

// named is a node with one pod whose rules are about n names, each of which has an address.
func named(n int) *ir.Pipeline {
	p := &ir.Pipeline{Node: "n", Nodes: []*ir.Node{{Name: "n"}}, Endpoints: []*ir.Endpoint{
		{Namespace: "x", Name: "a", Node: "n", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}}}
	list := ir.List{Key: "list", Name: "111111111111"}
	for i := range n {
		p.Sets = append(p.Sets, ir.Set{Key: fmt.Sprintf("names %04d", i), Name: fmt.Sprintf("%012x", 7*i), Kind: ir.Names,
			Patterns: []string{fmt.Sprintf("n%d.example", i)}, Addrs: ir.AddrSetOf(netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}))})
		list.Rules = append(list.Rules, ir.Rule{Peers: []ir.SetID{ir.SetID(i)}, L4: ir.AnyL4Set(), Action: ir.Allow, ID: ir.RuleID(1<<12 + i),
			Origins: []*source.Origin{{Object: fmt.Sprintf("ACNP p%d", i)}}})
	}
	list.Rules = append(list.Rules, ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 1 << 20, Origins: []*source.Origin{{Object: "ACNP drop"}}})
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	p.Classifier(ir.Egress, ir.Admin).Lists = []ir.List{list}
	p.Classifier(ir.Egress, ir.Admin).Assign[0] = 0
	return p
}

// TestEveryNameHasABit: as many names as there are bits, and none more. One name more or less leaves almost all others their bits.
func TestEveryNameHasABit(t *testing.T) {
	report := &diag.Report{}
	p := named(256)
	lowered := openflow.Lower(p, report)
	require.Empty(t, report.Findings())
	require.NoError(t, openflow.Check(lowered))
	model := openflow.NewModel(p, lowered, openflow.SomeBinding(p))
	for i := range 300 {
		pkt := ir.Packet{Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)}), Proto: ir.ProtoTCP, DstPort: 80}
		r := model.Eval(pkt)
		require.Equal(t, p.Eval(pkt).Action, r.Action(), i)
		if i < 256 {
			require.Equal(t, []ir.RuleID{ir.RuleID(1<<12 + i)}, r.Rules())
		}
	}
	openflow.Lower(named(257), report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, diag.CannotExpress, report.Findings()[0].Code)
	require.Contains(t, report.Findings()[0].Origin.Object, "ACNP p")

	few, more := openflow.Volatile(named(40)), openflow.Volatile(named(41))
	have := map[string]bool{}
	for _, o := range few {
		have[o.Head] = true
	}
	require.Less(t, len(slices.DeleteFunc(more, func(o artifact.Object) bool { return have[o.Head] })), 4)
}

// BenchmarkVolatile is what an agent computes for each answer that brings an address: a node of 100 names with 10 addresses each.
func BenchmarkVolatile(b *testing.B) {
	p := named(100)
	for i := range p.Sets {
		var addrs []netip.Addr
		for n := range 10 {
			addrs = append(addrs, netip.AddrFrom4([4]byte{198, byte(n), byte(i >> 8), byte(i)}))
		}
		p.Sets[i].Addrs = ir.AddrSetOf(addrs...)
	}
	for b.Loop() {
		openflow.Volatile(p)
	}
}
