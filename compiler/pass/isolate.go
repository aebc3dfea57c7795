package pass

import (
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Problem: a pod that a NetworkPolicy selects drops what no policy allows. Flatten says so once for each policy that
// isolates: as many drops of everything as there are policies, of which the first one decides and names only itself.
//
// Idea: the list ends in one drop with the origins of all of them, so that whoever asks why a packet was dropped sees every
// policy that could have allowed it. Other rules of the phase only allow, so the drops can only stand at the end.
//
//	allow A; drop any (by P); drop any (by Q)   ->   allow A; drop any (by P, Q)
//
// The first drop is the one that decides, so that it tells what is logged: see Policy.Logging.
//
// Form: a list of phase Namespace has at most one rule that drops everything, and it is the last. Targets may rely on it.
// Cost: linear.
func isolate(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	return rewrite(p, func(at place, rules []ir.Rule) []ir.Rule {
		if at.phase != ir.Namespace {
			return rules
		}
		keep := len(rules)
		for keep > 0 && isIsolation(&rules[keep-1]) {
			keep--
		}
		if len(rules)-keep < 2 {
			return rules
		}
		drop := rules[keep]
		drop.Origins = make([]*source.Origin, 0, len(rules)-keep)
		for _, r := range rules[keep:] {
			drop.Origins = append(drop.Origins, r.Origins...)
		}
		drop.Origins = ir.SortOrigins(drop.Origins)
		return append(rules[:keep:keep], drop)
	})
}

// isIsolation reports whether a rule of phase Namespace is what isolation amounts to: declared rules of that phase only allow.
func isIsolation(r *ir.Rule) bool { return r.Action == ir.Drop && isCatchAll(r) }
