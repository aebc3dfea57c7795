package compiler

import (
	"slices"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Session compiles a cluster that changes. At every point it gives, byte for byte, what Compile gives for the objects that it
// holds then; the cost is that of what the change could affect on the nodes that are asked for. It is not safe for
// concurrent use; what it returns is immutable.
type Session struct {
	options   Options
	index     *resolve.Index
	nodes     map[string]*compiled
	elsewhere compiled         // of what Faults found about other nodes
	objects   manifest.Objects // of the last Replace
}

// compiled is a node's last result, what it was made from, and what of it would cut the node off.
type compiled struct {
	program  *ir.Program
	bare     *ir.Pipeline // without Services and SNATs
	pipeline *ir.Pipeline
	cuts     []diag.Finding
	balance  guard.Balance // of when the cuts were found
	balancer *flatten.Balancer
}

// NewSession returns a Session without objects. Of the options, Nodes is for Full only.
func NewSession(o Options) *Session {
	index := resolve.New()
	o.tell(index)
	return &Session{options: o, index: index, nodes: map[string]*compiled{}}
}

// Upsert adds an object or replaces the one of its kind and name: a pointer to one of package manifest's kinds, which must not
// change afterwards. Objects of other types are ignored.
func (s *Session) Upsert(object any) { s.index.Upsert(object) }

// Delete removes the object of a kind, as resolve.KindOf gives it, and name; namespace is "" for cluster-wide kinds. Deleting what
// is not there does nothing.
func (s *Session) Delete(kind, namespace, name string) { s.index.Delete(kind, namespace, name) }

// SetDown tells which nodes are not alive from now on, in place of Options.Down.
func (s *Session) SetDown(nodes []string) { s.index.SetDown(nodes) }

// Compile returns the Pipelines of the given nodes, in that order. A node that the last changes do not concern has the same
// Pipeline, the same pointer, as before.
//
// The report gets defects, collisions of names, and every time what would cut one of the nodes off from what manages it
// (diag.LocksOut): a Pipeline with such a finding must not be put in force. Other findings about the input need a view of the
// whole cluster: see Full.
func (s *Session) Compile(report *diag.Report, nodes ...string) []*ir.Pipeline {
	out := make([]*ir.Pipeline, len(nodes))
	for i, node := range nodes {
		out[i] = s.compile(node, report)
	}
	return out
}

// Faults reports what Full would report as errors, but for defects and collisions, without compiling everything: what must be known
// before any of the input is put in force. The cost is that of a look at each object, and of what concerns nodes and machines themselves.
func (s *Session) Faults(report *diag.Report) {
	program := s.index.Program(resolve.Machines(), nil)
	s.index.Faults(report)
	balance := balanceOf(s.index)
	if last := s.elsewhere.program; last == nil || !sameButServices(last, program) || !balance.Equal(s.elsewhere.balance) {
		s.elsewhere = compiled{program: program, cuts: s.guard(program, flatten.Flatten(program), balance), balance: balance}
	}
	s.elsewhere.tell(report)
}

// Declared is what the last Compile of a node made its Pipeline of: all nodes, and what concerns this one. It is nil before.
func (s *Session) Declared(node string) *ir.Program {
	if last := s.nodes[node]; last != nil {
		return last.program
	}
	return nil
}

// Full compiles everything, with every finding about the input.
func (s *Session) Full(report *diag.Report) *Result { return compile(s.index, s.options, report) }

func (s *Session) compile(node string, report *diag.Report) *ir.Pipeline {
	program := s.index.Program(resolve.OnNodes(node), nil)
	last := s.nodes[node]
	if last == nil {
		last = &compiled{balancer: flatten.NewBalancer()}
	}
	now := &compiled{program: program, bare: last.bare, pipeline: last.pipeline, cuts: last.cuts, balance: balanceOf(s.index), balancer: last.balancer}
	same := last.program != nil && sameButServices(last.program, program)
	switch {
	case !same:
		s.judge(now, node, report)
	case !now.balance.Equal(last.balance):
		now.cuts = s.guard(program, flatten.On(program, node, s.index.Strays()), now.balance)
	}
	if !same || !slices.Equal(last.program.Services, program.Services) {
		s.options.check(program, report)
		now.pipeline = flatten.SNATs(now.balancer.Frontends(now.bare, program.Services), program)
		s.options.checkPlaced(now.pipeline, report)
	}
	s.nodes[node] = now
	now.tell(report)
	return now.pipeline
}

// judge makes all of a node's Pipeline but what translates addresses, which no pass looks at, and finds what would cut the node off.
func (s *Session) judge(now *compiled, node string, report *diag.Report) {
	pipeline := flatten.On(now.program, node, s.index.Strays())
	now.cuts = s.guard(now.program, pipeline, now.balance)
	pipeline = pass.Run(pipeline, pass.Cluster, s.options.passes(), report)
	now.bare = pass.Run(flatten.Place(pipeline, node), pass.Node, s.options.passes(), report)
}

// guard finds what a Pipeline without any pass would cut off.
func (s *Session) guard(program *ir.Program, pipeline *ir.Pipeline, balance guard.Balance) []diag.Finding {
	var cuts diag.Report
	guard.Check(guard.Cluster{Program: program, Pipeline: pipeline, Labels: s.index.NodeLabels, Balance: balance}, s.options.needs(), &cuts)
	return cuts.Findings()
}

func (c *compiled) tell(report *diag.Report) {
	for _, f := range c.cuts {
		report.AddFinding(f)
	}
}

// sameButServices compares by identity: resolving returns the same pointer for what did not change.
func sameButServices(a, b *ir.Program) bool {
	return slices.Equal(a.Nodes, b.Nodes) && slices.Equal(a.Policies, b.Policies) && slices.Equal(a.Groups, b.Groups) &&
		slices.Equal(a.Endpoints, b.Endpoints) && slices.Equal(a.Egresses, b.Egresses) && slices.Equal(a.Holdings, b.Holdings) && a.Except.Equal(b.Except)
}
