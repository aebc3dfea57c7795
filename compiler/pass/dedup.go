package pass

import (
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Problem: many policies say the same thing ("allow DNS"), so a pod that several of them select has the same rule many times.
//
// Idea: of rules with equal match, action and logging only the first can decide. It stays, with the origins of all of them, so that
// nobody's declaration is lost from explanations. Equal matches with different actions are left to the pass shadow, which
// tells the user.
//
//	allow A tcp/80 (by P); allow A tcp/80 (by Q)   ->   allow A tcp/80 (by P, Q)
//
// Cost: linear; short lists are compared pairwise, which is faster than hashing them.
func dedup(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	return rewrite(p, func(_ place, rules []ir.Rule) []ir.Rule {
		groups, repeated := equalRules(rules)
		if !repeated {
			return rules
		}
		out := make([]ir.Rule, 0, len(groups))
		for _, group := range groups {
			r := rules[group[0]]
			if len(group) > 1 {
				r.Origins = slices.Clone(r.Origins)
				for _, i := range group[1:] {
					r.Origins = append(r.Origins, rules[i].Origins...)
				}
				r.Origins = ir.SortOrigins(r.Origins)
			}
			out = append(out, r)
		}
		return out
	})
}

// equalRules groups the indices of rules with equal match and verdict, by first occurrence.
func equalRules(rules []ir.Rule) (groups [][]int, repeated bool) {
	const short = 8
	if len(rules) <= short && allDifferent(rules) {
		return nil, false
	}
	type key struct {
		peers, l4 string
		verdict   verdict
	}
	at := make(map[key]int, len(rules))
	for i := range rules {
		k := key{cell.PeersKey(&rules[i]), cell.L4Key(&rules[i]), verdictOf(&rules[i])}
		g, known := at[k]
		if !known {
			at[k] = len(groups)
			groups = append(groups, []int{i})
			continue
		}
		groups[g] = append(groups[g], i)
		repeated = true
	}
	return groups, repeated
}

func allDifferent(rules []ir.Rule) bool {
	for i := range rules {
		for j := range rules[:i] {
			if verdictOf(&rules[i]) == verdictOf(&rules[j]) && sameMatch(&rules[i], &rules[j]) {
				return false
			}
		}
	}
	return true
}
