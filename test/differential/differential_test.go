// Package differential has every judge in headgate decide random packets in random clusters.
package differential

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/test/judge"
)

// result compiles a Program as compiler.Compile does after resolving.
func result(p *ir.Program, disable []string, report *diag.Report) *compiler.Result {
	options := pass.Options{Check: true, Disable: disable}
	cluster := pass.Run(flatten.Flatten(p), pass.Cluster, options, report)
	r := &compiler.Result{Program: p, Pipeline: cluster}
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	for _, e := range p.Endpoints {
		if e.Kind == ir.ExternalEndpoint && e.Node != "" && !slices.Contains(names, e.Node) {
			names = append(names, e.Node)
		}
	}
	for _, placed := range flatten.PlaceAll(cluster, names) {
		r.Placed = append(r.Placed, pass.Run(placed, pass.Node, options, report))
	}
	return r
}

// check asks the panel about n packets and returns how many of them each action got.
func check(t *testing.T, seed uint64, n int, disable []string) (tally [4]int) {
	t.Helper()
	random := irtest.Rand(seed)
	shape := irtest.Small()
	if seed%3 == 0 {
		shape.Beside = irtest.Machines
	}
	if seed%2 == 0 {
		shape.Peers, shape.Logs = irtest.OpaquePeers, irtest.SomeLogs
	}
	program := irtest.Program(random, shape)
	require.NoError(t, program.Check(), "seed %d", seed)
	var report diag.Report
	r := result(program, disable, &report)
	scope := judge.Sides
	if disable != nil {
		scope = judge.Reasons
	}
	panel := judge.New(r, scope, &report)
	for _, f := range report.Findings() {
		require.True(t, f.Severity < diag.Error || f.Code == diag.CannotExpress, "seed %d: %+v", seed, f)
	}
	packets := irtest.NewPackets(program)
	placed := program.Evaluator()
	for range n {
		packet := packets.Next(random)
		for isNowhere(placed, packet) || isGateway(program, packet) && !isEndpoint(program, packet) {
			packet = packets.Next(random)
		}
		verdict, err := panel.Ask(packet)
		require.NoError(t, err, "seed %d", seed)
		tally[verdict.Action]++
	}
	return tally
}

// isEndpoint reports whether both addresses of a packet are endpoints': a pod may have the first address of its node's prefix here.
func isEndpoint(p *ir.Program, packet ir.Packet) bool {
	known := func(a netip.Addr) bool {
		return slices.ContainsFunc(p.Endpoints, func(e *ir.Endpoint) bool { return slices.Contains(e.Addrs, a) })
	}
	return known(packet.Src) && known(packet.Dst)
}

// isNowhere reports whether a side of the packet has policies and no place where they are enforced: the Program and the Pipeline
// judge it, the nodes cannot.
func isNowhere(e *ir.ProgramEvaluator, p ir.Packet) bool {
	for _, d := range ir.Directions() {
		if ep := e.Decide(d, p).Endpoint; ep != nil && ep.Node == "" {
			return true
		}
	}
	return false
}

// TestRandom is the differential test: 200,000 packets in 400 clusters, half of them compiled without the optional passes.
func TestRandom(t *testing.T) {
	clusters, packets := uint64(200), 500
	if testing.Short() {
		clusters, packets = 40, 200
	}
	var total [4]int
	for seed := range clusters {
		for _, disable := range [][]string{nil, pass.Optional()} {
			for action, n := range check(t, seed, packets, disable) {
				total[action] += n
			}
		}
	}
	t.Logf("%d allowed, %d dropped, %d rejected", total[ir.Allow], total[ir.Drop], total[ir.Reject])
	require.Equal(t, int(clusters)*2*packets, total[ir.Allow]+total[ir.Drop]+total[ir.Reject])
	for _, action := range []ir.Action{ir.Allow, ir.Drop, ir.Reject} {
		require.Greater(t, total[action]*20, int(clusters)*packets, "too few packets of one kind for the test to mean much: %s", action)
	}
}

// FuzzSeed looks for clusters on which judges differ.
func FuzzSeed(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { check(t, seed, 50, nil) })
}

// TestExhaustive has every judge decide every packet of a toy universe, for every set of up to two policies.
func TestExhaustive(t *testing.T) {
	limit := 2
	if testing.Short() {
		limit = 1
	}
	programs, packets := 0, 0
	for program := range irtest.Exhaustive(limit) {
		var report diag.Report
		panel := judge.New(result(program, nil, &report), judge.Sides, &report)
		for _, packet := range irtest.ToyPackets() {
			_, err := panel.Ask(packet)
			require.NoError(t, err)
			packets++
		}
		programs++
	}
	require.Equal(t, irtest.ExhaustiveCount(limit), programs)
	require.Equal(t, programs*len(irtest.ToyPackets()), packets)
	t.Logf("%d programs, %d packets", programs, packets)
}
