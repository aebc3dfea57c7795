package system

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// TestRandom builds random clusters with random policies of every phase and sends a sample of random packets, which must fare
// as the reference semantics say. On OpenFlow the policies do not reject, which that target does not do.
func TestRandom(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const clusters, packets = 4, 250
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			seen := map[ir.Action]int{}
			for seed, done := uint64(0), 0; done < clusters; seed++ {
				require.Less(t, seed, uint64(1000), "the generator makes too few clusters that a lab can build")
				random := irtest.Rand(seed)
				program := irtest.Program(random, irtest.Shape{Nodes: 3, Endpoints: 12, Groups: 10, Policies: 8})
				if !feasible(program, target) {
					continue
				}
				done++
				t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { sample(t, random, program, target, packets, seen) })
			}
			require.Greater(t, seen[ir.Allow], clusters*packets/10)
			require.Greater(t, seen[ir.Drop], clusters*packets/20)
			require.Positive(t, seen[ir.Reject])
		})
	}
}

// feasible tells whether a lab can be built of a random cluster, and probes in it mean anything: addresses may clash with those
// of gateways, and a node without an address of a family cannot say by ICMP that it rejects.
func feasible(p *ir.Program, target lab.Target) bool {
	spec := lab.FromProgram(p, target)
	if len(spec.Pods) < 4 || spec.Check() != nil {
		return false
	}
	for _, n := range spec.Nodes {
		if len(n.Addrs) < 2 {
			return false
		}
	}
	return true
}

// sample loads the cluster and compares n packets with the reference semantics.
func sample(t *testing.T, random *rand.Rand, p *ir.Program, target lab.Target, n int, seen map[ir.Action]int) {
	var report diag.Report
	cluster := pass.Run(flatten.Flatten(p), pass.Cluster, pass.Options{Check: true}, &report)
	var names []string
	for _, node := range p.Nodes {
		names = append(names, node.Name)
	}
	placed := flatten.PlaceAll(cluster, names)
	for i := range placed {
		placed[i] = pass.Run(placed[i], pass.Node, pass.Options{Check: true}, &report)
	}
	require.False(t, report.HasErrors(), "%v", report.Findings())

	packets, probes, ports := choosePackets(random, p, target, n)
	l, err := lab.Up(t.Context(), lab.FromProgram(p, target), lab.Options{Ports: ports})
	require.NoError(t, err)
	defer takeDown(t, l)
	_, err = enforce.Load(t.Context(), l, placed...)
	require.NoError(t, err)
	results, err := l.Probe(t.Context(), probes)
	require.NoError(t, err)
	evaluator := p.Evaluator()
	for i, r := range results {
		want := evaluator.Eval(packets[i])
		seen[want.Action]++
		if string(r.Verdict) != want.Action.String() {
			t.Errorf("%+v from %s: got %s (%s), want %s", packets[i], probes[i].From, r.Verdict, r.Detail, want)
		}
	}
}

// choosePackets makes packets that a lab can send: from the first address of a pod or node to a pod, over TCP, UDP or SCTP. It
// returns the ports on which pods must answer, too. No two probes are of one connection. On OpenFlow a node talks to pods from
// the address of its gateway port, so there the sources are pods.
func choosePackets(random *rand.Rand, p *ir.Program, target lab.Target, n int) (packets []ir.Packet, probes []lab.ProbeRequest, ports []lab.Port) {
	sources := map[netip.Addr]string{}
	for _, node := range p.Nodes {
		if target == lab.OpenFlow {
			break
		}
		for _, f := range ir.Families() {
			firstOf(sources, node.Addrs, f, "node/"+node.Name)
		}
	}
	pods := map[netip.Addr]bool{}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			pods[a] = e.Node != ""
		}
		for _, f := range ir.Families() {
			firstOf(sources, e.Addrs, f, "pod/"+e.String())
		}
	}
	generator := irtest.NewPackets(p)
	used := map[ir.Packet]bool{}
	for len(packets) < n {
		packet := generator.Next(random)
		packet.Established, packet.SrcPort = false, 20000+uint16(len(packets))
		from, ok := sources[packet.Src]
		if !ok || !pods[packet.Dst] || !packet.Proto.HasPorts() || packet.DstPort == 0 || used[packet] {
			continue
		}
		used[packet] = true
		port := lab.Port{Proto: lab.Proto(strings.ToUpper(packet.Proto.String())), Port: packet.DstPort}
		packets = append(packets, packet)
		probes = append(probes, lab.ProbeRequest{From: from, To: packet.Dst, Port: port, SourcePort: packet.SrcPort})
		ports = append(ports, port)
	}
	slices.SortFunc(ports, lab.Port.Compare)
	return packets, probes, slices.Compact(ports)
}

func firstOf(sources map[netip.Addr]string, addrs []netip.Addr, f ir.Family, where string) {
	for _, a := range addrs {
		if ir.FamilyOf(a) == f {
			sources[a] = where
			return
		}
	}
}
