package differential

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/test/judge"
)

// TestRandomManifests is TestRandom from the manifests on: every kind of policy, group and machine, resolved and compiled, and
// judged by the Program, by the Pipeline after every pass with and without the optional ones, and by both targets.
func TestRandomManifests(t *testing.T) {
	clusters := uint64(600)
	if testing.Short() {
		clusters = 40
	}
	known := map[string][]netip.Addr{"example.com": {netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("2001:db8::1")},
		"www.example.com": {netip.MustParseAddr("10.0.1.3"), netip.MustParseAddr("fd00::4")}, "other.example": {netip.MustParseAddr("10.0.2.4")}}
	var total [4]int
	for seed := range clusters {
		var report diag.Report
		result, panel := judge.Compile(workload.Random(seed, workload.AllPeers), known, &report)
		for _, f := range report.Findings() {
			require.NotContains(t, []diag.Code{diag.Internal, diag.CannotExpress, diag.IDCollision}, f.Code, "seed %d: %+v", seed, f)
		}
		random, packets, evaluator := irtest.Rand(seed), irtest.NewPackets(result.Program), result.Program.Evaluator()
		for range 150 {
			packet := packets.Next(random)
			if isNowhere(evaluator, packet) || isGateway(result.Program, packet) {
				continue
			}
			verdict, err := panel.Ask(packet)
			require.NoError(t, err, "seed %d", seed)
			total[verdict.Action]++
		}
	}
	t.Logf("%d allowed, %d dropped", total[ir.Allow], total[ir.Drop])
	require.Greater(t, total[ir.Allow], int(clusters)*30)
	require.Greater(t, total[ir.Drop], int(clusters)*10)
}

// isGateway reports whether a packet comes from or goes to the first address of a node's prefix, which is the node's own where
// OpenFlow needs one, and nobody's in the Program.
func isGateway(p *ir.Program, packet ir.Packet) bool {
	for _, n := range p.Nodes {
		for _, cidr := range n.PodCIDRs {
			if gateway := cidr.Addr().Next(); packet.Src == gateway || packet.Dst == gateway {
				return true
			}
		}
	}
	return false
}
