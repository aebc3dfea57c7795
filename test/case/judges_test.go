package testcase

import (
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

// judge is one stage that has an opinion on packets. It returns false for packets that this stage never sees.
type judge struct {
	stage string
	eval  func(ir.Packet) (ir.Verdict, bool)
	exact bool // whether it names every declaration that decides; stages after an optional pass may name fewer
}

// compiled is everything that one input was turned into.
type compiled struct {
	result *compiler.Result
	report *diag.Report
	nft    []*nft.Ruleset       // by node
	flows  []*openflow.Pipeline // by node
	judges []judge
}

// compile runs every stage on the objects and lists the judges: the Program, the Pipeline after every pass, the Pipelines of
// the nodes after every pass, the same without the optional passes, and both targets.
func compile(objects *manifest.Objects, report *diag.Report) *compiled {
	c := &compiled{report: report}
	full := newRecorder()
	c.result = compiler.Compile(objects, compiler.Options{Check: true, Dump: full.dump}, report)
	c.add("program", true, c.result.Program.Evaluator().Eval)
	c.addRecorded("", full)

	bare := newRecorder()
	compiler.Compile(objects, compiler.Options{Check: true, Dump: bare.dump, Disable: optionalPasses()}, &diag.Report{})
	c.addRecorded("without optional passes, ", bare)

	for _, p := range c.result.Placed {
		c.nft = append(c.nft, nft.Lower(p, report))
		c.flows = append(c.flows, openflow.Lower(p, report))
	}
	c.judges = append(c.judges, judge{"nftables", c.evalNFT(), false}, judge{"openflow", c.evalFlows(), false})
	return c
}

func optionalPasses() []string {
	var names []string
	for _, p := range pass.Table() {
		if !p.Required {
			names = append(names, p.Name)
		}
	}
	return names
}

func (c *compiled) add(stage string, exact bool, eval func(ir.Packet) ir.Verdict) {
	c.judges = append(c.judges, judge{stage, func(p ir.Packet) (ir.Verdict, bool) { return eval(p), true }, exact})
}

// recorder keeps what each pass left, in the order of the passes: of the cluster, and of the nodes.
type recorder struct {
	passes []string
	after  map[string][]*ir.Pipeline
}

func newRecorder() *recorder { return &recorder{after: map[string][]*ir.Pipeline{}} }

func (r *recorder) dump(name string, p *ir.Pipeline) {
	if !slices.Contains(r.passes, name) {
		r.passes = append(r.passes, name)
	}
	r.after[name] = append(r.after[name], p)
}

func (c *compiled) addRecorded(prefix string, r *recorder) {
	for _, name := range r.passes {
		pipelines := r.after[name]
		stage := fmt.Sprintf("%safter pass %s", prefix, name)
		if pipelines[0].Node == "" {
			c.add(stage, false, pipelines[0].Evaluator().Eval)
		} else {
			c.add(stage+" on the nodes", false, ir.NewNodesEvaluator(pipelines...).Eval)
		}
	}
}

// concerned lists the nodes, by their place in Placed, that see a packet: those of its source and its destination, in this
// order. Nothing sees what a pod sends to itself.
func (c *compiled) concerned(p ir.Packet) []int {
	if p.Src == p.Dst {
		return nil
	}
	var out []int
	for _, a := range []netip.Addr{p.Src, p.Dst} {
		for i, placed := range c.result.Placed {
			local := slices.ContainsFunc(placed.Endpoints, func(e *ir.Endpoint) bool { return slices.Contains(e.Addrs, a) })
			if local && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// evalNFT sends a packet through the ruleset of each node that sees it; the first that does not allow decides.
func (c *compiled) evalNFT() func(ir.Packet) (ir.Verdict, bool) {
	var evaluators []*nft.Evaluator
	for i, rs := range c.nft {
		evaluators = append(evaluators, nft.NewEvaluator(rs, ownAddrs(c.result.Placed[i])))
	}
	return func(p ir.Packet) (ir.Verdict, bool) {
		nodes := c.concerned(p)
		var v ir.Verdict
		for _, i := range nodes {
			if v = evaluators[i].Eval(p); v.Action != ir.Allow {
				break
			}
		}
		return v, len(nodes) > 0
	}
}

// evalFlows is evalNFT for OpenFlow, which says nothing of reasons and drops what should be rejected. The gateway's address is
// the node itself there and nobody for the declaration, so packets from it are not compared.
func (c *compiled) evalFlows() func(ir.Packet) (ir.Verdict, bool) {
	var models []*openflow.Model
	for i, lowered := range c.flows {
		placed := c.result.Placed[i]
		models = append(models, openflow.NewModel(placed, lowered, openflow.SomeBinding(placed)))
	}
	return func(p ir.Packet) (ir.Verdict, bool) {
		nodes := c.concerned(p)
		v := ir.Verdict{Decisions: []ir.Decision{{}}}
		for _, i := range nodes {
			if v.Action = models[i].Eval(p).Action(); v.Action != ir.Allow {
				break
			}
		}
		return v, len(nodes) > 0
	}
}

func ownAddrs(p *ir.Pipeline) []netip.Addr {
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			return n.Addrs
		}
	}
	return nil
}
