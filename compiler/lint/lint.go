// Package lint finds rules that do not do what they seem to: that never decide, that add nothing, that match nothing, whose
// order is an accident, or that pass to nobody.
//
// What it finds is exact with respect to Eval and the endpoints of the Program: every finding is true of every packet, over the
// union of all other rules, and none that is true is left out, unless the analysis of a list was given up at its limit, which is
// a finding too. Findings depend on the Program alone, not on the order of the input.
package lint

import (
	"cmp"
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Problem: is there a packet that a declared rule decides, and would the verdict be another one without it? The answer depends
// on all rules before it, on those after it, on three phases, and differs from endpoint to endpoint.
//
// Idea: endpoints with the same rule lists in all phases are a class. The packets of a class fall into cells that its rules do
// not tell apart (package cell); one packet of a cell speaks for all. Cells that no packet of the class is in are left out: those
// of an address family that no endpoint has, of an endpoint's own addresses, and of all else that is always allowed. So every
// question is one about finitely many cells:
//
//	removable   in each cell of the rule, the verdict is the same without it
//	decides     in some cell it is reached, and matches first
//	leads on    in some cell where a Pass decides, a later phase has a rule, or isolates
//	ambiguous   in some cell two rules of one rank are reached, and would end in different verdicts
//
// What rules by DNS names or by Services match is not known here. Of such rules nothing is found; of others, "in each cell" holds
// whatever they match, and "in some cell" if they match nothing, which is what the witness shows.
//
// Rules are removed one by one, the last judged first, and each is held against all others and against what is left: of two equal
// rules the later one is reported, and what is reported can be removed alone or all together. A declaration is judged over all classes that have it, and
// most show in the first cell of the first class that they matter.
//
// Cost: a class is divided only when a rule of it is asked about. A rule that lives mostly takes a few looks; one that is dead
// takes all its cells. A class for which looksPerRule looks for each of its rules are not enough is given up, and so is what is
// left when all classes together have had maxLooks looks, or maxDivided rules.

const (
	looksPerRule = 4096    // looks at a combination of peers and layer 4, on average over the rules of a class
	maxLooks     = 1 << 30 // the same, for all classes
	maxDivided   = 4 << 20 // rules, each counted in every class that has it
)

// maxRelated is the number of other declarations that a finding names at most.
const maxRelated = 8

// Analyse reports every finding about the rules of the Program. The Pipeline must be what Flatten makes of it, before any pass.
//
// That a policy has another one's priority (HG2014) is taken back where a rule of that policy turns out to be ambiguous for it: the
// mistake is one, and a packet says more.
func Analyse(p *ir.Program, flat *ir.Pipeline, report *diag.Report) {
	newAnalysis(p, flat).tell(report)
}

// AnalyseFile is Analyse for the declarations of one file alone, each held against all rules that there are. The Pipeline may lack
// endpoints that none of them applies to. The analysis is given up after that many looks at a rule.
func AnalyseFile(p *ir.Program, flat *ir.Pipeline, file string, looks int, report *diag.Report) {
	a := newAnalysis(p, flat)
	a.decls = slices.DeleteFunc(a.decls, func(d *declaration) bool { return d.origin.Pos.File != file })
	a.mostLooks = looks
	a.tell(report)
}

// tell looks for everything, and reports it.
func (a *analysis) tell(report *diag.Report) {
	a.run()
	a.report(report)
	tied := map[string]bool{} // policies, by their identity
	for _, f := range a.found {
		if f.kind == ambiguous {
			tied[f.decl.origin.Object] = true
		}
	}
	report.Drop(func(f diag.Finding) bool { return f.Code == diag.EqualPriority && tied[f.Origin.Object] })
}

// rank is what the order of judgement within a phase and direction depends on, but for the tie-break.
type rank struct {
	phase    ir.Phase
	tier     uint8
	priority float64
	round    int
}

// declaration is a declared rule. It may have become several rules of the IR, which are judged one after the other.
type declaration struct {
	policy    *ir.Policy
	direction ir.Direction
	rank      rank
	action    ir.Action
	origin    source.Origin
	peers     bool  // whether it has peers, though perhaps none that any packet has
	subjects  bool  // whether it applies to an endpoint that has an address
	opaque    bool  // whether what it matches is not known, or in part
	uses      []use // by class
	gone      bool  // removable, and taken as removed
}

// use says which rules of a class a declaration became: rules[from:to].
type use struct {
	class    *class
	from, to int
}

// analysis is what is known of a Program.
type analysis struct {
	program *ir.Program
	flat    *ir.Pipeline
	world   *world
	addrs   *cell.Addrs
	decls   []*declaration // in the order of judgement: by direction, phase, rank, policy
	of      map[*source.Origin]*declaration
	classes []*class
	found   []finding
	looks   int // of all classes
	divided int // rules of all classes that were divided

	mostLooks, mostDivided int // maxLooks and maxDivided but in tests
}

// kind is what a finding says.
type kind uint8

const (
	matchesNothing kind = iota // no packet is in it
	shadowed                   // never decides, and others decide otherwise
	redundant                  // removable, and not shadowed
	passesNowhere              // a Pass after which nothing comes
	ambiguous                  // against others: a tie-break decides
)

// finding is what was found of one declaration. Packet shows it, with its endpoint as the direction's side.
type finding struct {
	kind    kind
	decl    *declaration
	by      []*source.Origin // the declarations that matter, at most maxRelated
	packet  packet
	verdict ir.Action // what becomes of the packet
	other   ir.Action // what the declaration would make of it
}

func newAnalysis(p *ir.Program, flat *ir.Pipeline) *analysis {
	a := &analysis{program: p, flat: flat, world: newWorld(p), of: map[*source.Origin]*declaration{}, mostLooks: maxLooks, mostDivided: maxDivided}
	a.addrs = cell.NewAddrs(flat, &cell.Want{Count: a.world.exempt + 1, Prefer: documentation()})
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			a.declare(d, ph)
		}
	}
	for _, d := range ir.Directions() {
		a.classify(d)
	}
	return a
}

// declare gathers the declarations of one direction and phase, in order.
func (a *analysis) declare(d ir.Direction, ph ir.Phase) {
	type key struct {
		policy *ir.Policy
		origin source.Origin
	}
	known := map[key]*declaration{}
	for _, ref := range a.program.OrderedRules(d, ph) {
		r := ref.Rule(d)
		k := key{ref.Policy, r.Origin}
		decl := known[k]
		if decl == nil {
			decl = &declaration{policy: ref.Policy, direction: d, action: r.Action, origin: r.Origin}
			decl.rank = rank{ph, ref.Policy.Rank.Tier, ref.Policy.Rank.Priority, 0}
			if ref.Policy.Rank.Interleave {
				decl.rank.round = r.Turn
			}
			known[k] = decl
			a.decls = append(a.decls, decl)
		}
		a.of[&r.Origin] = decl
		decl.peers = decl.peers || r.AnyPeer || slices.ContainsFunc(r.Peers, func(g *ir.Group) bool { return !g.Addrs.IsEmpty() })
		decl.opaque = decl.opaque || slices.ContainsFunc(r.Peers, func(g *ir.Group) bool { return g.Kind.IsOpaque() })
		for _, g := range ref.Subjects(d) {
			decl.subjects = decl.subjects || slices.ContainsFunc(g.Members, func(e *ir.Endpoint) bool { return len(e.Addrs) > 0 })
		}
	}
}

// run looks for everything. What needs the whole Program comes before anything is taken as removed.
func (a *analysis) run() {
	for _, d := range a.decls {
		a.findAmbiguous(d)
	}
	nowhere := map[*declaration]finding{}
	for _, d := range a.decls {
		if f, ok := a.findNowhere(d); ok {
			nowhere[d] = f
		}
	}
	for _, d := range slices.Backward(a.decls) {
		if !a.findDead(d) {
			if f, ok := nowhere[d]; ok {
				a.found = append(a.found, f)
			}
		}
	}
	slices.SortStableFunc(a.found, func(f, g finding) int {
		return cmp.Or(f.decl.origin.Compare(g.decl.origin), cmp.Compare(f.kind, g.kind))
	})
}
