package compiler_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// seeds is the number of random clusters that each property is tried on.
func seeds() uint64 {
	if testing.Short() {
		return 120
	}
	return 600
}

func compileChecked(t *testing.T, objects *manifest.Objects, o compiler.Options) *compiler.Result {
	t.Helper()
	var report diag.Report
	o.Check = true
	result := compiler.Compile(objects, o, &report)
	for _, f := range report.Findings() {
		require.NotEqual(t, diag.Internal, f.Code, f.Message)
	}
	return result
}

// packets makes packets between the addresses that occur in the cluster and a few that do not.
func packets(seed uint64, p *ir.Program, n int) []ir.Packet {
	r := rand.New(rand.NewPCG(seed, 2))
	addrs := []netip.Addr{netip.MustParseAddr("10.0.1.200"), netip.MustParseAddr("203.0.113.1"),
		netip.MustParseAddr("fd00::99"), netip.MustParseAddr("2001:db8::1")}
	for _, e := range p.Endpoints {
		addrs = append(addrs, e.Addrs...)
	}
	for _, n := range p.Nodes {
		addrs = append(addrs, n.Addrs...)
	}
	out := make([]ir.Packet, 0, n)
	for len(out) < n {
		src, dst := addrs[r.IntN(len(addrs))], addrs[r.IntN(len(addrs))]
		if ir.FamilyOf(src) != ir.FamilyOf(dst) {
			continue
		}
		protos := []ir.Proto{ir.ProtoTCP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP, ir.ProtoIGMP}
		ports := []uint16{53, 80, 8080, 85, 9000, 1}
		pkt := ir.Packet{Src: src, Dst: dst, Proto: protos[r.IntN(len(protos))], SrcPort: 50000 + uint16(r.IntN(2)), DstPort: ports[r.IntN(len(ports))]}
		switch pkt.Proto {
		case ir.ProtoICMP:
			if pkt.SrcPort, pkt.DstPort = 0, uint16(8<<8+r.IntN(2)); ir.FamilyOf(src) == ir.IPv6 {
				pkt.Proto = ir.ProtoICMPv6
			}
		case ir.ProtoIGMP:
			pkt.SrcPort, pkt.DstPort = 0, 0
		}
		if d, ok := aDial(r, p); ok && pkt.Proto.HasPorts() && d.Addr.Is4() == dst.Is4() && r.IntN(3) == 0 {
			pkt.Proto, pkt.Dialled = d.Proto, netip.AddrPortFrom(d.Addr, d.Port)
		}
		out = append(out, pkt)
	}
	return out
}

// aDial picks one of what the Program's rules look for, if they do.
func aDial(r *rand.Rand, p *ir.Program) (ir.Dial, bool) {
	var all []ir.Dial
	for _, g := range p.Groups {
		all = append(all, g.Dials...)
	}
	if len(all) == 0 {
		return ir.Dial{}, false
	}
	return all[r.IntN(len(all))], true
}

// knownNames has addresses that packets are sent to, for names that random policies match.
func knownNames() map[string][]netip.Addr {
	return map[string][]netip.Addr{"example.com": {netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1")},
		"www.example.com": {netip.MustParseAddr("10.0.1.3"), netip.MustParseAddr("fd00::4")}, "other.example": {netip.MustParseAddr("fd00::99")}}
}

func TestEveryStageMeansTheSame(t *testing.T) {
	options := map[string]compiler.Options{"all passes": {}, "required passes": {Disable: pass.Optional()}}
	for _, name := range pass.Optional() {
		options["without "+name] = compiler.Options{Disable: []string{name}}
	}
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			for seed := range seeds() / uint64(len(options)) {
				objects := workload.Random(seed, workload.Peers(seed%2))
				stages := map[string]*ir.PipelineEvaluator{}
				o.Dump = func(pass string, p *ir.Pipeline) {
					if p.Node == "" {
						stages[pass] = p.Evaluator()
					}
				}
				o.Known = knownNames()
				result := compileChecked(t, objects, o)
				reference, nodes := result.Program.Evaluator(), ir.NewNodesEvaluator(result.Placed...)
				for _, pkt := range packets(seed, result.Program, 60) {
					want := reference.Eval(pkt)
					for stage, e := range stages {
						require.NoError(t, want.Agree(e.Eval(pkt)), "seed %d, after %s: %+v", seed, stage, pkt)
					}
					if scheduled(reference, pkt) {
						require.NoError(t, want.Agree(nodes.Eval(pkt)), "seed %d, placed: %+v", seed, pkt)
					}
				}
			}
		})
	}
}

// scheduled reports whether both sides of the packet have a node to judge them, as far as they are endpoints.
func scheduled(e *ir.ProgramEvaluator, pkt ir.Packet) bool {
	for _, d := range ir.Directions() {
		if ep := e.Decide(d, pkt).Endpoint; ep != nil && ep.Node == "" {
			return false
		}
	}
	return true
}

func TestInputOrderIsIrrelevant(t *testing.T) {
	for seed := range seeds() / 3 {
		objects := workload.Random(seed, workload.Peers(seed%2))
		want := compileChecked(t, objects, compiler.Options{})
		r := rand.New(rand.NewPCG(seed, 3))
		shuffle(r, objects.Pods)
		shuffle(r, objects.Namespaces)
		shuffle(r, objects.Nodes)
		shuffle(r, objects.NetworkPolicies)
		shuffle(r, objects.RankedPolicies)
		shuffle(r, objects.Tiers)
		shuffle(r, objects.Groups)
		shuffle(r, objects.Services)
		shuffle(r, objects.EndpointSlices)
		shuffle(r, objects.ExternalNodes)
		shuffle(r, objects.ExternalEntities)
		got := compileChecked(t, objects, compiler.Options{})
		require.Equal(t, want.Program, got.Program, "seed %d", seed)
		requireSamePipelines(t, want.Placed, got.Placed, fmt.Sprintf("seed %d", seed))
	}
}

func shuffle[T any](r *rand.Rand, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func requireSamePipelines(t *testing.T, want, got []*ir.Pipeline, why string) {
	t.Helper()
	require.Equal(t, len(want), len(got), why)
	for i := range want {
		require.Equal(t, want[i], got[i], why)
	}
}
