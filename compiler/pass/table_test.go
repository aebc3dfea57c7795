package pass_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

func names() []string {
	var out []string
	for _, p := range pass.Table() {
		out = append(out, p.Name)
	}
	return out
}

func TestTableKeepsItsConstraints(t *testing.T) {
	all := names()
	for _, c := range pass.Constraints() {
		before, after := slices.Index(all, c.Before), slices.Index(all, c.After)
		require.GreaterOrEqual(t, before, 0, c.Before)
		require.GreaterOrEqual(t, after, 0, c.After)
		require.Less(t, before, after, "%s must come before %s: %s", c.Before, c.After, c.Why)
		require.NotEmpty(t, c.Why)
	}
}

func TestTableIsWellFormed(t *testing.T) {
	all := names()
	require.Equal(t, []string{"canonicalize", "isolate", "dedup", "shadow", "merge", "prune", "factor", "name"}, all)
	for i, p := range pass.Table() {
		require.NotContains(t, all[:i], p.Name)
		require.NotEmpty(t, p.Doc)
		require.True(t, i == 0 || pass.Table()[i-1].Scope <= p.Scope, "%s runs before a pass of an earlier scope", p.Name)
	}
}

func TestOptionsValidate(t *testing.T) {
	require.NoError(t, pass.Options{Disable: []string{"merge", "factor"}}.Validate())
	require.ErrorContains(t, pass.Options{Disable: []string{"merge", "frobnicate"}}.Validate(), `no pass "frobnicate"`)
	require.ErrorContains(t, pass.Options{Disable: []string{"isolate"}}.Validate(), `"isolate" is required`)
}

func TestRunSkipsDumpsAndChecks(t *testing.T) {
	var ran []string
	o := pass.Options{Disable: []string{"shadow", "name"}, Check: true, Dump: func(pass string, _ *ir.Pipeline) { ran = append(ran, pass) }}
	var report diag.Report
	p := pass.Run(&ir.Pipeline{}, pass.Cluster, o, &report)
	require.Equal(t, []string{"canonicalize", "isolate", "dedup", "merge"}, ran)
	p = pass.Run(p, pass.Node, o, &report)
	require.Equal(t, []string{"canonicalize", "isolate", "dedup", "merge", "prune", "factor", "name"}, ran, "name is required")
	require.Empty(t, report.Findings())

	broken := *p
	broken.Sets = []ir.Set{{Key: "b"}, {Key: "a"}}
	pass.Run(&broken, pass.Cluster, o, &report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, diag.Internal, report.Findings()[0].Code)
	require.Contains(t, report.Findings()[0].Message, "sets are not in order")
}
