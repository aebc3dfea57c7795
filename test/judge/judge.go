// Package judge asks everything in headgate that can judge a packet, so that tests can demand one answer: the Program, the
// Pipeline after every pass, the nodes' Pipelines, and what each target generated.
package judge

import (
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Judge is one opinion on packets. Full says that its Verdict names the deciding rules as Program's does; otherwise only the
// Action counts.
type Judge struct {
	Name string
	Full bool
	Eval func(ir.Packet) ir.Verdict
}

// Panel is all judges of one compiled cluster. Reference is Program.Eval.
type Panel struct {
	Reference func(ir.Packet) ir.Verdict
	Judges    []Judge
}

// New makes the panel for a result. Every target must be able to generate every node, or the report tells why not.
func New(r *compiler.Result, report *diag.Report) *Panel {
	p := &Panel{Reference: r.Program.Evaluator().Eval}
	p.Add("pipeline", true, r.Pipeline.Evaluator().Eval)
	p.Add("nodes", true, ir.NewNodesEvaluator(r.Placed...).Eval)
	p.Add("nftables", false, perNode(r, nftables(r, report)))
	p.Add("openflow", false, perNode(r, openFlow(r, report)))
	return p
}

// Add seats one more judge.
func (p *Panel) Add(name string, full bool, eval func(ir.Packet) ir.Verdict) {
	p.Judges = append(p.Judges, Judge{name, full, eval})
}

// Ask has every judge judge a packet. The error names the first that disagrees with the reference, and both verdicts.
func (p *Panel) Ask(packet ir.Packet) (ir.Verdict, error) {
	want := p.Reference(packet)
	for _, j := range p.Judges {
		got := j.Eval(packet)
		if got.Action != want.Action {
			return want, fmt.Errorf("%+v: %s says %s, the program %s", packet, j.Name, got, want)
		}
		if !j.Full {
			continue
		}
		if err := got.Agree(want); err != nil {
			return want, fmt.Errorf("%+v: %s: %w", packet, j.Name, err)
		}
		if !got.Explains(want) {
			return want, fmt.Errorf("%+v: %s explains with %s, the program with %s", packet, j.Name, got, want)
		}
	}
	return want, nil
}

// perNode judges end to end: the source's node, then the destination's, if they are two.
func perNode(r *compiler.Result, nodes map[string]func(ir.Packet) ir.Action) func(ir.Packet) ir.Verdict {
	home := map[any]string{}
	for _, e := range r.Program.Endpoints {
		for _, a := range e.Addrs {
			home[a.Unmap()] = e.Node
		}
	}
	return func(p ir.Packet) ir.Verdict {
		way := slices.Compact([]string{home[p.Src.Unmap()], home[p.Dst.Unmap()]})
		for _, node := range way {
			judge := nodes[node]
			if judge == nil {
				continue
			}
			if action := judge(p); action != ir.Allow {
				return ir.Verdict{Action: action}
			}
		}
		return ir.Verdict{Action: ir.Allow}
	}
}

func nftables(r *compiler.Result, report *diag.Report) map[string]func(ir.Packet) ir.Action {
	out := map[string]func(ir.Packet) ir.Action{}
	for _, p := range r.Placed {
		var own ir.Node
		for _, n := range p.Nodes {
			if n.Name == p.Node {
				own = *n
			}
		}
		e := nft.NewEvaluator(nft.Lower(p, report), own.Addrs)
		out[p.Node] = func(packet ir.Packet) ir.Action { return e.Eval(packet).Action }
	}
	return out
}

func openFlow(r *compiler.Result, report *diag.Report) map[string]func(ir.Packet) ir.Action {
	out := map[string]func(ir.Packet) ir.Action{}
	for _, p := range r.Placed {
		m := openflow.NewModel(p, openflow.Lower(p, report), openflow.SomeBinding(p))
		out[p.Node] = func(packet ir.Packet) ir.Action { return m.Eval(packet).Action() }
	}
	return out
}
