package openflow_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// placed compiles a program for all of its nodes.
func placed(p *ir.Program) []*ir.Pipeline {
	report := &diag.Report{}
	names := make([]string, len(p.Nodes))
	for i, n := range p.Nodes {
		names[i] = n.Name
	}
	all := flatten.PlaceAll(pass.Run(flatten.Flatten(p), pass.Cluster, pass.Options{}, report), names)
	for i := range all {
		all[i] = pass.Run(all[i], pass.Node, pass.Options{}, report)
	}
	return all
}

// dropped is what an action looks like on the wire of a target that cannot reject.
func dropped(a ir.Action) ir.Action {
	if a == ir.Reject {
		return ir.Drop
	}
	return a
}

// concerns reports whether a pipeline's node has a pod on one side of the packet. The gateway's address as a source is the
// node itself on this target and nobody for the IR, so it is left out.
func concerns(p *ir.Pipeline, pkt ir.Packet) bool {
	for _, n := range p.Nodes {
		for _, f := range ir.Families() {
			if n.Name == p.Node && pkt.Src == openflow.GatewayAddr(n, f) {
				return false
			}
		}
	}
	return slices.ContainsFunc(p.Endpoints, func(e *ir.Endpoint) bool {
		return slices.Contains(e.Addrs, pkt.Src) || slices.Contains(e.Addrs, pkt.Dst)
	})
}

// TestFlowsJudgeLikeThePipeline is the target's correctness, on random clusters with every kind of policy.
func TestFlowsJudgeLikeThePipeline(t *testing.T) {
	actions := map[ir.Action]int{}
	for seed := range uint64(150) {
		r := irtest.Rand(seed)
		prog := irtest.Program(r, irtest.Small())
		packets := irtest.NewPackets(prog)
		for _, p := range placed(prog) {
			lowered := openflow.Lower(p, &diag.Report{})
			require.NoError(t, openflow.Check(lowered))
			model := openflow.NewModel(p, lowered, openflow.SomeBinding(p))
			eval := p.Evaluator()
			for range 200 {
				pkt := packets.Next(r)
				if !concerns(p, pkt) {
					continue
				}
				want, got := eval.Eval(pkt), model.Eval(pkt)
				if dropped(want.Action) != got.Action() {
					t.Fatalf("seed %d node %s %+v: want %s, got %s\n%v\n%s", seed, p.Node, pkt, want, got.Action(), path(got), lowered.Text())
				}
				if d := want.Deciding(); len(d.Origins) > 0 {
					checkOrigin(t, d, got)
				}
				actions[want.Action]++
			}
		}
	}
	t.Log(actions)
	require.Greater(t, actions[ir.Allow], 5000)
	require.Greater(t, actions[ir.Drop], 1000)
}

// checkOrigin: the flow that decided last names a declaration that does what the IR says was done. It need not be the very same
// rule: of two rules with one action, in no conflict, the switch may take either.
func checkOrigin(t *testing.T, d ir.Decision, got openflow.Result) {
	t.Helper()
	var last *openflow.Flow
	for _, f := range got.Path {
		if _, ok := openflow.RuleOf(f.Cookie); ok {
			last = f
		}
	}
	require.NotNil(t, last, "%v", d)
	require.NotEmpty(t, last.Origins)
	info, _ := last.Table.Info()
	require.Contains(t, info.Name, [2]string{"Egress", "Ingress"}[d.Direction])
}

func path(r openflow.Result) []string {
	out := make([]string, len(r.Path))
	for i, f := range r.Path {
		out[i] = "\n" + f.String()
	}
	return out
}
