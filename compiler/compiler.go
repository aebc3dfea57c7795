// Package compiler turns manifest objects into one Pipeline per node, ready for a target to lower.
//
// Compiling is pure: the same objects, in any order, give the same bytes; nothing is read but the arguments. A Session gives
// the same results as Compile while objects come and go, at the cost of what changed.
package compiler

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Options says what to compile and how. The zero value compiles every node with every pass.
type Options struct {
	Nodes   []string                          // the nodes and external machines to place on; nil: all that are declared or that run a pod
	Needs   []guard.Need                      // what no policy may cut a node off from; nil: guard.Default
	Known   map[string][]netip.Addr           // addresses of DNS names, in lower case and without a final dot, for who judges packets; nil: none
	Down    []string                          // nodes that are not alive: they hold no addresses
	Except  ir.AddrSet                        // what Egresses leave alone beside what is inside the cluster
	Disable []string                          // optional passes to leave away; see pass.Options.Validate
	Check   bool                              // whether to check every invariant between the passes
	Dump    func(pass string, p *ir.Pipeline) // called after every pass of the cluster and of each node, if not nil
}

// Result is everything that compiling produced. Nothing of it may be changed.
type Result struct {
	Program  *ir.Program
	Allotted *resolve.Allotment // who has which address outside the cluster
	Pipeline *ir.Pipeline       // of the whole cluster, after the passes of scope Cluster
	Placed   []*ir.Pipeline     // one for each node, by Node
}

// On returns the Pipeline of a node, nil if it was not placed there.
func (r *Result) On(node string) *ir.Pipeline {
	i := slices.IndexFunc(r.Placed, func(p *ir.Pipeline) bool { return p.Node == node })
	if i < 0 {
		return nil
	}
	return r.Placed[i]
}

// Compile resolves the objects and compiles them. Everything there is to say about the input goes to the report; there is a
// result all the same.
//
// A pod whose node is not declared is placed there under the name it gives; a pod without a node is placed nowhere.
func Compile(objects *manifest.Objects, o Options, report *diag.Report) *Result {
	index := resolve.Of(objects)
	o.tell(index)
	return compile(index, o, report)
}

// tell has an index know what is no object.
func (o Options) tell(index *resolve.Index) {
	index.Know(o.Known)
	index.SetDown(o.Down)
	index.Except(o.Except)
}

// compile is all of the compiler after the front end.
func compile(index *resolve.Index, o Options, report *diag.Report) *Result {
	program := index.Program(resolve.Cluster(), report)
	o.check(program, report)
	pipeline := flatten.Flatten(program)
	guard.Check(guard.Cluster{Program: program, Pipeline: pipeline, Labels: index.NodeLabels, Balance: balanceOf(index)}, o.needs(), report)
	pipeline = pass.Run(pipeline, pass.Cluster, o.passes(), report)
	placed := flatten.PlaceAll(pipeline, o.nodesOf(program))
	for i, p := range placed {
		p = flatten.SNATs(flatten.Frontends(p, program.Services), program)
		placed[i] = pass.Run(p, pass.Node, o.passes(), report)
	}
	return &Result{Program: program, Allotted: index.Allotment(), Pipeline: pipeline, Placed: placed}
}

func balanceOf(index *resolve.Index) guard.Balance {
	isUsed, checks := index.LoadBalancers()
	return guard.Balance{IsUsed: isUsed, Checks: checks}
}

func (o Options) needs() []guard.Need {
	if o.Needs == nil {
		return guard.Default()
	}
	return o.Needs
}

func (o Options) passes() pass.Options {
	return pass.Options{Disable: o.Disable, Check: o.Check, Dump: o.Dump}
}

func (o Options) check(p *ir.Program, report *diag.Report) {
	if !o.Check {
		return
	}
	if err := p.Check(); err != nil {
		report.Add(diag.Internal, source.Origin{}, "resolving broke an invariant of the program: %v", err)
	}
}

func (o Options) checkPlaced(p *ir.Pipeline, report *diag.Report) {
	if !o.Check {
		return
	}
	if err := p.Check(); err != nil {
		report.Add(diag.Internal, source.Origin{}, "placing what translates addresses broke an invariant of the pipeline: %v", err)
	}
}

// nodesOf returns the names of the nodes to place on, and of the machines outside the cluster, in order. A Program has every
// node that is declared or that runs a pod.
func (o Options) nodesOf(p *ir.Program) []string {
	if o.Nodes != nil {
		return slices.Compact(slices.Sorted(slices.Values(o.Nodes)))
	}
	names := make([]string, len(p.Nodes))
	for i, n := range p.Nodes {
		names[i] = n.Name
	}
	for _, e := range p.Endpoints {
		if e.Kind == ir.ExternalEndpoint && e.Node != "" {
			names = append(names, e.Node)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
