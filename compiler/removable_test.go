package compiler_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/lint"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// removable lists the rules that findings say never decide or add nothing.
func removable(findings []diag.Finding) []source.Origin {
	var out []source.Origin
	for _, f := range findings {
		if f.Code == diag.ShadowedRule || f.Code == diag.RedundantRule {
			out = append(out, f.Origin)
		}
	}
	return out
}

// without is the Program without some declared rules.
func without(p *ir.Program, rules ...source.Origin) *ir.Program {
	out := *p
	out.Policies = nil
	for _, policy := range p.Policies {
		copied := *policy
		for _, d := range ir.Directions() {
			copied.Rules[d] = slices.DeleteFunc(slices.Clone(policy.Rules[d]), func(r ir.PolicyRule) bool { return slices.Contains(rules, r.Origin) })
		}
		out.Policies = append(out.Policies, &copied)
	}
	return &out
}

// TestWhatCompileCallsRemovableIs: the rules that compile names, each alone and all together, and those that lint names, all together,
// can be taken out without changing any verdict. They need not be the same: compile keeps as few rules as it can, lint the first ones.
// spec: 9.2
func TestWhatCompileCallsRemovableIs(t *testing.T) {
	byCompile, byLint, differ := 0, 0, 0
	for seed := range seeds() / 2 {
		var said, linted diag.Report
		r := compiler.Compile(workload.Random(seed, workload.Peers(seed%2)), compiler.Options{}, &said)
		lint.Analyse(r.Program, flatten.Flatten(r.Program), &linted)
		compiled, found := removable(said.Findings()), removable(linted.Findings())
		byCompile, byLint = byCompile+len(compiled), byLint+len(found)
		if slices.ContainsFunc(compiled, func(o source.Origin) bool { return !slices.Contains(found, o) }) {
			differ++
		}
		others := []*ir.Program{without(r.Program, compiled...), without(r.Program, found...)}
		for _, o := range compiled {
			others = append(others, without(r.Program, o))
		}
		want := r.Program.Evaluator()
		all := packets(seed, r.Program, 200)
		for i, other := range others {
			e := other.Evaluator()
			for _, p := range all {
				require.Equal(t, want.Eval(p).Action, e.Eval(p).Action, "seed %d, %d: %s\n%s", seed, i, p, r.Program)
			}
		}
	}
	require.Greater(t, byCompile, 50)
	require.Greater(t, byLint, byCompile, "lint looks at all phases together")
	require.Positive(t, differ, "if they agree by now, the specification should say so")
}
