package pass

import (
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Problem: some of what a node would load can never matter.
//
// Idea: leave away, in this order,
//
//	sets that stay empty         from the rules that name them: a set of names may fill at any time
//	rules without peers          which match nothing then
//	rules behind a catch-all     which no packet reaches
//	trailing rules               that do what a miss does, and log nothing: pass, and in the last phase allow
//	lists without rules          endpoints get no list instead
//	sets and lists               that nothing refers to
//
// Cost: linear.
func prune(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	out := rewrite(p, func(at place, rules []ir.Rule) []ir.Rule {
		rules = withoutEmpty(p, rules)
		if i := slices.IndexFunc(rules, func(r ir.Rule) bool { return isCatchAll(&r) }); i >= 0 {
			rules = rules[:i+1]
		}
		for len(rules) > 0 && isMiss(at.phase, &rules[len(rules)-1]) {
			rules = rules[:len(rules)-1]
		}
		return rules
	})
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			pruneLists(out.Classifier(d, ph))
		}
	}
	keepSets(out)
	return out
}

// isMiss reports whether a rule does what happens when no rule of the phase matches.
func isMiss(ph ir.Phase, r *ir.Rule) bool {
	return !r.Logging.On && (r.Action == ir.Pass || ph == ir.Baseline && r.Action == ir.Allow)
}

// staysEmpty reports whether a set matches nothing, whatever is learned later.
func staysEmpty(s *ir.Set) bool {
	switch s.Kind {
	case ir.Names:
		return false
	case ir.Dialled:
		return len(s.Dials) == 0
	}
	return s.Addrs.IsEmpty()
}

func withoutEmpty(p *ir.Pipeline, rules []ir.Rule) []ir.Rule {
	empty := func(id ir.SetID) bool { return staysEmpty(&p.Sets[id]) }
	if !slices.ContainsFunc(rules, func(r ir.Rule) bool { return slices.ContainsFunc(r.Peers, empty) }) {
		return rules
	}
	out := make([]ir.Rule, 0, len(rules))
	for _, r := range rules {
		if !r.AnyPeer {
			r.Peers = slices.DeleteFunc(slices.Clone(r.Peers), empty)
		}
		if r.AnyPeer || len(r.Peers) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// pruneLists drops the lists that have no rules or no endpoint. The classifier's slices are replaced, not changed.
func pruneLists(c *ir.Classifier) {
	used := make([]bool, len(c.Lists))
	for _, id := range c.Assign {
		if id != ir.NoList {
			used[id] = len(c.Lists[id].Rules) > 0
		}
	}
	moved := make([]ir.ListID, len(c.Lists))
	var lists []ir.List
	for id, l := range c.Lists {
		moved[id] = ir.NoList
		if used[id] {
			moved[id] = ir.ListID(len(lists))
			lists = append(lists, l)
		}
	}
	assign := slices.Clone(c.Assign)
	for i, id := range assign {
		if id != ir.NoList {
			assign[i] = moved[id]
		}
	}
	c.Lists, c.Assign = lists, assign
}

// keepSets drops the sets that no rule names.
func keepSets(p *ir.Pipeline) {
	used := make([]bool, len(p.Sets))
	places(p, func(_ place, l *ir.List) {
		for _, r := range l.Rules {
			for _, id := range r.Peers {
				used[id] = true
			}
		}
	})
	if !slices.Contains(used, false) {
		return
	}
	moved := make([]ir.SetID, len(p.Sets))
	var sets []ir.Set
	for id, s := range p.Sets {
		if used[id] {
			moved[id] = ir.SetID(len(sets))
			sets = append(sets, s)
		}
	}
	*p = *renumber(p, sets, moved)
}

// renumber returns p with other sets, where set id becomes moved[id] in every rule. Several sets may become one.
func renumber(p *ir.Pipeline, sets []ir.Set, moved []ir.SetID) *ir.Pipeline {
	out := rewrite(p, func(_ place, rules []ir.Rule) []ir.Rule {
		rules = slices.Clone(rules)
		for i := range rules {
			peers := slices.Clone(rules[i].Peers)
			for j, id := range peers {
				peers[j] = moved[id]
			}
			slices.Sort(peers)
			rules[i].Peers = slices.Compact(peers)
		}
		return rules
	})
	out.Sets = sets
	return out
}
