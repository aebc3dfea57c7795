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

// fromLists makes a random pipeline whose lists owe nothing to any program, placed on one of its nodes, and packets for it.
func fromLists(seed uint64) (*ir.Pipeline, *irtest.Packets) {
	r := irtest.Rand(seed)
	all := irtest.Pipeline(r, shape(seed))
	prog := &ir.Program{Nodes: all.Nodes, Endpoints: all.Endpoints}
	for _, s := range all.Sets {
		prog.Groups = append(prog.Groups, &ir.Group{Key: s.Key, Kind: s.Kind, Dials: s.Dials, Addrs: s.Addrs})
	}
	policy := &ir.Policy{}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range all.Classifier(d, ph).Lists {
				for _, rule := range l.Rules {
					for _, box := range rule.L4 {
						policy.Rules[d] = append(policy.Rules[d], ir.PolicyRule{Ports: []ir.PortSpec{{Box: box}}})
					}
				}
			}
		}
	}
	prog.Policies = []*ir.Policy{policy}
	p := all
	if p.Node == "" {
		p = flatten.Place(all, all.Nodes[r.IntN(len(all.Nodes))].Name)
	}
	return p, irtest.NewPackets(prog)
}

// shape is that of the clusters: each second one has names, Services that are dialled, and rules that log.
func shape(seed uint64) irtest.Shape {
	s := irtest.Small()
	if seed%2 == 1 {
		s.Peers, s.Logs = irtest.OpaquePeers, irtest.SomeLogs
	}
	return s
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
		prog := irtest.Program(irtest.Rand(seed), shape(seed))
		packets := irtest.NewPackets(prog)
		for _, p := range placed(prog) {
			compare(t, seed, p, packets, actions)
		}
	}
	t.Log(actions)
	require.Greater(t, actions[ir.Allow], 5000)
	require.Greater(t, actions[ir.Drop], 1000)
	require.Greater(t, actions[logged], 500)
}

// logged counts packets that rules with Logging met.
const logged ir.Action = 99

// TestFlowsJudgeLikeAnyPipeline: lists in which anything follows anything.
func TestFlowsJudgeLikeAnyPipeline(t *testing.T) {
	actions := map[ir.Action]int{}
	for seed := range uint64(400) {
		p, packets := fromLists(seed)
		compare(t, seed, p, packets, actions)
	}
	t.Log(actions)
	require.Greater(t, actions[ir.Allow], 5000)
	require.Greater(t, actions[ir.Drop], 1000)
}

func compare(t *testing.T, seed uint64, p *ir.Pipeline, packets *irtest.Packets, actions map[ir.Action]int) {
	t.Helper()
	r := irtest.Rand(seed)
	lowered := openflow.Lower(p, &diag.Report{})
	require.NoError(t, openflow.Check(lowered))
	binding := openflow.SomeBinding(p)
	model := openflow.NewModel(p, lowered, binding)
	eval := p.Evaluator()
	for range 200 {
		pkt := packets.Next(r)
		if !concerns(p, pkt) {
			continue
		}
		want, got := eval.Eval(pkt), model.Eval(pkt)
		if want.Action != got.Action() {
			t.Fatalf("seed %d node %s %+v: want %s, got %s\n%v\n%s", seed, p.Node, pkt, want, got.Action(), path(got), lowered.Text())
		}
		if d := want.Deciding(); len(d.Origins) > 0 && d.Action != ir.Allow {
			checkOrigin(t, d, got)
		}
		if got.Action() == ir.Allow {
			require.Equal(t, binding.Ports[model.Source(pkt.Dst)], got.Port, "seed %d node %s %+v", seed, p.Node, pkt)
		}
		checkLogged(t, p, want, got)
		actions[want.Action]++
		if len(got.Logged()) > 0 {
			actions[logged]++
		}
	}
}

// checkLogged: the rules that the packet meets and that log are those of which the Pipeline says so. Without names there are no IDs to
// tell them by.
func checkLogged(t *testing.T, p *ir.Pipeline, want ir.Verdict, got openflow.Result) {
	t.Helper()
	if !p.IsNamed() {
		return
	}
	byID := map[ir.RuleID]ir.Logging{}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for _, r := range l.Rules {
					byID[r.ID] = r.Logging
				}
			}
		}
	}
	var wanted, found []ir.Logging
	for _, d := range want.Decisions {
		wanted = append(wanted, d.Logged...)
	}
	for _, id := range got.Logged() {
		found = append(found, byID[id])
	}
	require.Equal(t, wanted, found, "%v%v", want, path(got))
}

// checkOrigin: a packet that a rule drops ends at a flow with the cookie and the origins of a rule of that direction. It need not
// be the very same rule: of two rules with one action, in no conflict, the switch may take either.
func checkOrigin(t *testing.T, d ir.Decision, got openflow.Result) {
	t.Helper()
	last := got.Path[len(got.Path)-1]
	_, ok := openflow.RuleOf(last.Cookie)
	require.True(t, ok || last.Cookie<<16 == 0, "%v", d) // pipelines without names have no IDs
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
