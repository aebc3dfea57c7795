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

// Judge is one opinion on packets.
type Judge struct {
	Name  string
	Scope Scope
	Eval  func(ir.Packet) ir.Verdict
}

// Scope says how much of a Judge's verdicts must equal the reference's.
type Scope uint8

// The scopes.
const (
	Actions  Scope = iota // the Action
	NoReject              // the Action, but for Reject, which the judge knows as Drop
	Sides                 // the Action and the direction that decided
	Reasons               // these, and the declarations that explain it; optional passes may change them
)

// Panel is all judges of one compiled cluster. Reference is Program.Eval.
type Panel struct {
	Reference func(ir.Packet) ir.Verdict
	Judges    []Judge
}

// New makes the panel for a result, whose Pipelines are held to scope. The report tells what a target cannot generate.
func New(r *compiler.Result, scope Scope, report *diag.Report) *Panel {
	p := &Panel{Reference: r.Program.Evaluator().Eval}
	p.Add("pipeline", scope, r.Pipeline.Evaluator().Eval)
	p.Add("nodes", scope, ir.NewNodesEvaluator(r.Placed...).Eval)
	p.Add("nftables", Actions, perNode(r, nftables(r, report)))
	p.Add("openflow", NoReject, perNode(r, openFlow(r, report)))
	return p
}

// Add seats one more judge.
func (p *Panel) Add(name string, scope Scope, eval func(ir.Packet) ir.Verdict) {
	p.Judges = append(p.Judges, Judge{name, scope, eval})
}

// Ask has every judge judge a packet. The error names the first that disagrees with the reference, and both verdicts.
func (p *Panel) Ask(packet ir.Packet) (ir.Verdict, error) {
	want := p.Reference(packet)
	for _, j := range p.Judges {
		got := j.Eval(packet)
		expected := want.Action
		if j.Scope == NoReject && expected == ir.Reject {
			expected = ir.Drop
		}
		if got.Action != expected {
			return want, fmt.Errorf("%+v: %s says %s, the program %s", packet, j.Name, got.Action, want)
		}
		if j.Scope < Sides {
			continue
		}
		if err := got.Agree(want); err != nil {
			return want, fmt.Errorf("%+v: %s: %w", packet, j.Name, err)
		}
		if j.Scope == Reasons && !got.Explains(want) {
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
