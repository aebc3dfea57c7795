package differential

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// TestNamesMayChangeAfterCompiling compiles with some addresses known of DNS names, and has others put in their place: everything
// then judges and logs what a Program with those addresses does. The text is what compiling with those addresses gives.
//
// spec: 2.2 3.4 8.9 8.11
func TestNamesMayChangeAfterCompiling(t *testing.T) {
	clusters := uint64(300)
	if testing.Short() {
		clusters = 60
	}
	decided := 0
	for seed := range clusters {
		for _, disable := range [][]string{nil, pass.Optional()} {
			decided += checkNames(t, seed, disable)
		}
	}
	require.Greater(t, decided, int(clusters)*30, "packets to addresses of names, or sent to Services")
}

func checkNames(t *testing.T, seed uint64, disable []string) int {
	t.Helper()
	random := irtest.Rand(seed)
	program := irtest.Program(random, irtest.Everything())
	require.NoError(t, program.Check())
	var report diag.Report
	before := result(program, disable, &report)
	learned := irtest.Learn(random, program)
	after := result(program, disable, &report)
	require.Equal(t, after.Pipeline.String(), before.Pipeline.WithNames(learned).String(), "seed %d", seed)
	placed := make([]*ir.Pipeline, len(before.Placed))
	for i, p := range before.Placed {
		placed[i] = p.WithNames(learned)
		require.Equal(t, after.Placed[i].String(), placed[i].String(), "seed %d", seed)
	}
	reference, whole, nodes := program.Evaluator(), before.Pipeline.WithNames(learned).Evaluator(), ir.NewNodesEvaluator(placed...)
	packets := irtest.NewPackets(program)
	opaque := 0
	for range 150 {
		packet := packets.Next(random)
		want := reference.Eval(packet)
		requireSame(t, seed, want, whole.Eval(packet))
		if !isNowhere(reference, packet) {
			requireSame(t, seed, want, nodes.Eval(packet))
		}
		for _, g := range program.Groups {
			if g.Kind.IsOpaque() && g.Has(ir.Egress, packet) {
				opaque++
				break
			}
		}
	}
	return opaque
}

func requireSame(t *testing.T, seed uint64, want, got ir.Verdict) {
	t.Helper()
	require.NoError(t, want.Agree(got), "seed %d", seed)
	for i, d := range want.Decisions {
		require.Equal(t, d.Logged, got.Decisions[i].Logged, "seed %d: %s", seed, d)
	}
}
