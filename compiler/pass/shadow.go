package pass

import (
	"maps"
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Problem: a rule that others cover never decides anything. It costs room in the dataplane, and often it is a mistake.
//
// Idea: a rule is dead if each of its packets matches a rule before it, or another one of the same run: rules of one action
// in a row commute, so that in a list which only allows, a narrow rule is dead because of a wide one wherever they stand. Rules
// go one at a time, and each is judged by those that remain. Whether "each of its packets" holds is decided exactly, by cells:
//
//	addresses   fall into classes by the sets of the list that they are in; a class is in a set whole or not at all
//	layer 4     falls into boxes, cut by protocol and at every bound of a port range that occurs in the list
//	a cell      is a class and a box: each rule covers it whole or not at all, so one look tells which rules do
//
// Sets that are opaque are a class each, whatever addresses they have: rules that name them or any peer cover it. "Action" stands
// here for what is logged, too.
//
// A rule that lives mostly shows it at its first cell. What a declaration became is reported when it is dead in every list
// that has it: as shadowed (HG3001) if a rule with another verdict covers a part of it, else as redundant (HG3002). A
// declaration that equals another is redundant too. Isolation is no declared rule and is never reported. Nothing is reported of
// a Pipeline for one node: a declaration that is dead there may live elsewhere.
//
// Cost: rules that overlap no other cost a comparison with each of the list, or in lists of more than pairwiseLimit rules a
// look at one cell. Dead ones cost their number of cells. A list for which looksPerRule looks for each of its rules are not
// enough keeps the rules that were not judged by then, which is reported too (HG3003).
func shadow(p *ir.Pipeline, report *diag.Report) *ir.Pipeline {
	s := &shadower{pipeline: p, classes: cell.NewAddrs(p, nil), dead: map[source.Origin]*death{}}
	out := rewrite(p, s.list)
	if p.Node == "" {
		s.revive(out)
		s.report(report)
	}
	return out
}

const (
	pairwiseLimit = 16   // up to this length, rules are compared with each other before cells are made
	looksPerRule  = 4096 // looks at a rule in a cell, on average over a list
)

type shadower struct {
	pipeline *ir.Pipeline
	classes  *cell.Addrs
	dead     map[source.Origin]*death
	limited  []source.Origin // the first declaration of each list that was given up
}

// death says why a declaration is dead in some list.
type death struct {
	by       []*source.Origin // of the covering rules
	shadowed bool             // one of them has another action
}

// list returns the rules of one list that live. When all rules of a run have gone, its neighbours may be one run, in which more
// rules commute than before; then it looks again.
func (s *shadower) list(at place, rules []ir.Rule) []ir.Rule {
	s.noteEqual(at, rules)
	for {
		out := s.once(at, rules)
		if runs(out) == runs(rules) {
			return out
		}
		rules = out
	}
}

// runs counts the runs of equal actions.
func runs(rules []ir.Rule) int {
	n := min(len(rules), 1)
	for i := 1; i < len(rules); i++ {
		if verdictOf(&rules[i]) != verdictOf(&rules[i-1]) {
			n++
		}
	}
	return n
}

func (s *shadower) once(at place, rules []ir.Rule) []ir.Rule {
	if !s.suspicious(rules) {
		return rules
	}
	c, ok := newCells(s.classes, rules)
	if !ok {
		s.giveUp(rules)
		return rules
	}
	out := make([]ir.Rule, 0, len(rules))
	for i := range rules {
		by, covered := c.covers(i)
		if !covered {
			out = append(out, rules[i])
			continue
		}
		c.remove(i)
		if at.phase != ir.Namespace || !isIsolation(&rules[i]) {
			s.noteDead(rules, i, by)
		}
	}
	if c.isOver() {
		s.giveUp(rules)
	}
	return out
}

// suspicious reports whether some rule could be dead. It is quick and errs on that side.
func (s *shadower) suspicious(rules []ir.Rule) bool {
	if len(rules) > pairwiseLimit {
		return true
	}
	for i := range rules {
		var helpers []*ir.Rule
		for j := range rules {
			canHelp := j < i || j > i && verdictOf(&rules[j]) == verdictOf(&rules[i])
			if canHelp && s.overlap(&rules[j], &rules[i]) {
				helpers = append(helpers, &rules[j])
			}
		}
		if len(helpers) > 0 && (!rules[i].AnyPeer || s.coverAll(helpers)) {
			return true
		}
	}
	return false
}

// coverAll reports whether every address is a peer of one of the rules.
func (s *shadower) coverAll(rules []*ir.Rule) bool {
	anyPeer := slices.ContainsFunc(rules, func(r *ir.Rule) bool { return r.AnyPeer })
	return anyPeer || !s.classes.OutsideExists(cell.SetsOf(rules))
}

func (s *shadower) overlap(a, b *ir.Rule) bool {
	if !a.L4.Overlaps(b.L4) {
		return false
	}
	return a.AnyPeer || b.AnyPeer || slices.ContainsFunc(a.Peers, func(t ir.SetID) bool {
		return slices.ContainsFunc(b.Peers, func(u ir.SetID) bool { return t == u || s.classes.Overlap(t, u) })
	})
}

// noteEqual notes declarations that dedup found equal to another: all but the first add nothing.
func (s *shadower) noteEqual(at place, rules []ir.Rule) {
	for i := range rules {
		if origins := rules[i].Origins; len(origins) > 1 && !(at.phase == ir.Namespace && isIsolation(&rules[i])) {
			for _, o := range origins[1:] {
				s.note(o, false, origins[0])
			}
		}
	}
}

func (s *shadower) noteDead(rules []ir.Rule, i int, by coverage) {
	for _, o := range rules[i].Origins {
		for _, j := range by.by {
			s.note(o, by.shadowed, rules[j].Origins[0])
		}
	}
}

func (s *shadower) note(o *source.Origin, shadowed bool, by *source.Origin) {
	d := s.dead[*o]
	if d == nil {
		d = &death{}
		s.dead[*o] = d
	}
	d.shadowed = d.shadowed || shadowed
	if *by != *o && !slices.ContainsFunc(d.by, func(k *source.Origin) bool { return *k == *by }) && len(d.by) < maxRelated {
		d.by = append(d.by, by)
	}
}

// maxRelated is the number of covering declarations that a finding names at most.
const maxRelated = 4

func (s *shadower) giveUp(rules []ir.Rule) { s.limited = append(s.limited, *rules[0].Origins[0]) }

// revive forgets declarations that still decide something in some list: the first of a rule's origins stands for the rule.
func (s *shadower) revive(p *ir.Pipeline) {
	if len(s.dead) == 0 {
		return
	}
	places(p, func(_ place, l *ir.List) {
		for i := range l.Rules {
			delete(s.dead, *l.Rules[i].Origins[0])
		}
	})
}

func (s *shadower) report(report *diag.Report) {
	for _, o := range slices.SortedFunc(maps.Keys(s.dead), source.Origin.Compare) {
		d := s.dead[o]
		f := diag.Finding{Code: diag.RedundantRule, Origin: o,
			Message: "this rule adds nothing: other rules with the same verdict match all its traffic"}
		word := "matches some or all of it first, with the same verdict"
		if d.shadowed {
			f.Code, word = diag.ShadowedRule, "matches some or all of it first"
			f.Message = "this rule never decides: earlier rules, some with another verdict, match all its traffic"
		}
		for _, by := range d.by {
			f.Related = append(f.Related, diag.Related{Origin: *by, Message: word})
		}
		report.AddFinding(f)
	}
	for _, o := range s.limited {
		report.Add(diag.AnalysisLimited, o, "the rule list that begins with this rule was not analysed to its end: its rules overlap in too many ways")
	}
}
