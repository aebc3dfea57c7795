// Package judge asks everything in headgate that can judge a packet, so that tests can demand one answer: the Program, the
// Pipeline after every pass, the nodes' Pipelines, and what each target generated.
package judge

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/pass"
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
	Actions Scope = iota // the Action
	Sides                // the Action, the direction that decided, and what is logged
	Reasons              // these, and the declarations that explain it; optional passes may change them
)

// Panel is all judges of one compiled cluster. Reference is Program.Eval. What the targets' judges go by is there to look at,
// in the order of Result.Placed.
type Panel struct {
	Reference func(ir.Packet) ir.Verdict
	Judges    []Judge
	NFTables  []*nft.Ruleset
	OpenFlow  []*openflow.Pipeline
}

// New makes the panel for a result, whose Pipelines are held to scope. The report tells what a target cannot generate.
func New(r *compiler.Result, scope Scope, report *diag.Report) *Panel {
	p := &Panel{Reference: r.Program.Evaluator().Eval}
	p.Add("pipeline", scope, r.Pipeline.Evaluator().Eval)
	p.Add("nodes", scope, ir.NewNodesEvaluator(r.Placed...).Eval)
	p.Add("nftables", Actions, perNode(r, p.nftables(r, report)))
	p.Add("openflow", Actions, perNode(r, p.openFlow(r, report)))
	return p
}

// Compile compiles objects with and without the optional passes, and makes a panel on which the Pipelines after every pass of
// either, those of the cluster and those of the nodes, have a seat too. Known are the addresses of DNS names.
func Compile(objects *manifest.Objects, known map[string][]netip.Addr, report *diag.Report) (*compiler.Result, *Panel) {
	return CompileWith(objects, compiler.Options{Known: known}, report)
}

// CompileWith is Compile with options, of which Check, Dump and Disable are chosen here.
func CompileWith(objects *manifest.Objects, o compiler.Options, report *diag.Report) (*compiler.Result, *Panel) {
	var full, bare recorder
	o.Check, o.Dump, o.Disable = true, full.dump, nil
	r := compiler.Compile(objects, o, report)
	o.Dump, o.Disable = bare.dump, pass.Optional()
	compiler.Compile(objects, o, &diag.Report{})
	p := New(r, Sides, report)
	p.addRecorded("after pass %s%s", &full)
	p.addRecorded("after pass %s%s, without the optional ones", &bare)
	return r, p
}

// recorder keeps what each pass left, in the order of the passes: of the cluster, and of the nodes.
type recorder struct {
	passes    []string
	pipelines map[string][]*ir.Pipeline
}

func (r *recorder) dump(name string, p *ir.Pipeline) {
	if r.pipelines == nil {
		r.pipelines = map[string][]*ir.Pipeline{}
	}
	if r.pipelines[name] == nil {
		r.passes = append(r.passes, name)
	}
	r.pipelines[name] = append(r.pipelines[name], p)
}

func (p *Panel) addRecorded(format string, r *recorder) {
	for _, name := range r.passes {
		if after := r.pipelines[name]; after[0].Node == "" {
			p.Add(fmt.Sprintf(format, name, ""), Sides, after[0].Evaluator().Eval)
		} else {
			p.Add(fmt.Sprintf(format, name, " on the nodes"), Sides, ir.NewNodesEvaluator(after...).Eval)
		}
	}
}

// Add seats one more judge.
func (p *Panel) Add(name string, scope Scope, eval func(ir.Packet) ir.Verdict) {
	p.Judges = append(p.Judges, Judge{name, scope, eval})
}

// Ask has every judge judge a packet, and returns the reference's verdict. The error names those that disagree with it.
func (p *Panel) Ask(packet ir.Packet) (ir.Verdict, error) {
	want := p.Reference(packet)
	var errs []error
	for _, j := range p.Judges {
		if err := j.agrees(packet, want); err != nil {
			errs = append(errs, fmt.Errorf("%+v: %s %w", packet, j.Name, err))
		}
	}
	return want, errors.Join(errs...)
}

// agrees compares a judge's verdict on a packet with the reference's, as far as its scope goes.
func (j *Judge) agrees(packet ir.Packet, want ir.Verdict) error {
	got := j.Eval(packet)
	switch {
	case got.Action != want.Action:
		return fmt.Errorf("says %s, the program %s", got.Action, want)
	case j.Scope >= Sides && got.Agree(want) != nil:
		return fmt.Errorf("says %s, the program %s", got, want)
	case j.Scope >= Sides && !logsAlike(got, want):
		return fmt.Errorf("logs otherwise: %+v, the program %+v", got, want)
	case j.Scope == Reasons && !got.Explains(want):
		return fmt.Errorf("explains with %s, the program with %s", got, want)
	}
	return nil
}

// logsAlike compares what is logged of a packet. Verdicts agree.
func logsAlike(a, b ir.Verdict) bool {
	for i, d := range a.Decisions {
		if !slices.Equal(d.Logged, b.Decisions[i].Logged) {
			return false
		}
	}
	return true
}

// perNode judges end to end: the source's node, that which was dialled if one was, and the destination's, each once.
func perNode(r *compiler.Result, nodes map[string]func(ir.Packet) ir.Action) func(ir.Packet) ir.Verdict {
	home, nodeAt := map[netip.Addr]string{}, map[netip.Addr]string{}
	for _, n := range r.Program.Nodes {
		for _, a := range n.Addrs {
			nodeAt[a.Unmap()] = n.Name
		}
	}
	for _, e := range r.Program.Endpoints {
		for _, a := range e.Addrs {
			home[a.Unmap()] = e.Node
		}
	}
	return func(p ir.Packet) ir.Verdict {
		way := []string{home[p.Src.Unmap()], nodeAt[p.Dial().Addr], home[p.Dst.Unmap()]}
		for i, node := range way {
			judge := nodes[node]
			if judge == nil || slices.Contains(way[:i], node) {
				continue
			}
			if action := judge(p); action != ir.Allow {
				return ir.Verdict{Action: action}
			}
		}
		return ir.Verdict{Action: ir.Allow}
	}
}

func (p *Panel) nftables(r *compiler.Result, report *diag.Report) map[string]func(ir.Packet) ir.Action {
	out := map[string]func(ir.Packet) ir.Action{}
	for _, placed := range r.Placed {
		lowered := nft.Lower(placed, report)
		p.NFTables = append(p.NFTables, lowered)
		e := nft.NewEvaluator(lowered, ownAddrs(placed))
		out[placed.Node] = func(packet ir.Packet) ir.Action { return e.Eval(packet).Action }
	}
	return out
}

// ownAddrs lists the addresses of the node or machine that a Pipeline was placed on.
func ownAddrs(placed *ir.Pipeline) []netip.Addr {
	var own []netip.Addr
	for _, n := range placed.Nodes {
		if n.Name == placed.Node {
			own = append(own, n.Addrs...)
		}
	}
	for _, i := range placed.OfKind(ir.ExternalEndpoint) {
		own = append(own, placed.Endpoints[i].Addrs...)
	}
	return own
}

// openFlow judges by a node's flows what a pod sends or receives, and by its nftables what the node itself does: first what is on
// the packet's way first. Packets are as they are after translation; one to a Service's own address, which flows would translate or
// refuse, is judged by the flows that the node would have without Services.
func (p *Panel) openFlow(r *compiler.Result, report *diag.Report) map[string]func(ir.Packet) ir.Action {
	out := map[string]func(ir.Packet) ir.Action{}
	for _, placed := range r.Placed {
		lowered := openflow.Lower(placed, report)
		p.OpenFlow = append(p.OpenFlow, lowered)
		m := openflow.NewModel(placed, lowered, openflow.SomeBinding(placed))
		bare := placed.WithoutServices()
		plain := openflow.NewModel(bare, openflow.Lower(bare, report), openflow.SomeBinding(bare))
		dials := placed.Evaluator()
		own := nft.NewEvaluator(nft.LowerOwn(placed, report), ownAddrs(placed))
		pods := placed.Restrict(placed.OfKind(ir.PodEndpoint)).Evaluator()
		out[placed.Node] = func(packet ir.Packet) ir.Action {
			bySwitch, byKernel := ir.Allow, own.Eval(packet).Action
			sends := pods.Decide(ir.Egress, packet).Endpoint != nil
			if sends || pods.Decide(ir.Ingress, packet).Endpoint != nil {
				flows := m
				if dials.Dial(ir.OwnPod, packet).Outcome != ir.NotService {
					flows = plain
				}
				bySwitch = flows.Eval(packet).Action()
			}
			if sends && bySwitch != ir.Allow || byKernel == ir.Allow {
				return bySwitch
			}
			return byKernel
		}
	}
	return out
}
