package system

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
	"github.com/headgate-net/headgate/test/conformance"
)

// TestCyclonus loads cases of cyclonus one after the other into a running cluster of each target, and compares what real
// packets do on every port with cyclonus's own tables. The cases are every fourth one, and for each tag the first that has it:
// all tags occur.
func TestCyclonus(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	states := conformance.States(t)
	chosen := choose(states)
	require.GreaterOrEqual(t, len(chosen), 60)
	const shards = 3
	for _, target := range targets() {
		for shard := range shards {
			t.Run(fmt.Sprintf("%s/%d", target, shard), func(t *testing.T) {
				t.Parallel()
				l := up(t, compileState(t, &states[0]), target)
				for i := shard; i < len(chosen); i += shards {
					s := chosen[i]
					t.Run(s.Name(), func(t *testing.T) {
						_, err := enforce.Load(t.Context(), l, compileState(t, s).Placed...)
						require.NoError(t, err)
						compareState(t, l, s)
					})
				}
			})
		}
	}
}

// choose leaves out the states of another set of pods than the first, because the lab's pods do not change.
func choose(states []conformance.State) []*conformance.State {
	var out []*conformance.State
	seen := map[string]bool{}
	for i := range states {
		s := &states[i]
		if !slices.Equal(s.Pods, states[0].Pods) {
			continue
		}
		fresh := slices.ContainsFunc(s.Tags, func(tag string) bool { return !seen[tag] })
		if s.Case%4 == 0 || fresh {
			out = append(out, s)
			for _, tag := range s.Tags {
				seen[tag] = true
			}
		}
	}
	return out
}

func compileState(t *testing.T, s *conformance.State) *compiler.Result {
	t.Helper()
	var report diag.Report
	return compileObjects(t, manifest.Parse(s.Name(), s.Manifests(), &report), &report)
}

func compareState(t *testing.T, l *lab.Lab, s *conformance.State) {
	t.Helper()
	words := map[byte]string{'.': "allow", 'X': "drop"}
	want := grid.Grid{Pods: s.Pods, Cells: map[string][][]string{}}
	for _, port := range slices.Sorted(maps.Keys(s.Expected)) {
		for i, row := range s.Expected[port] {
			var cells []string
			for j := range row {
				word := words[row[j]]
				if i == j {
					word = "allow"
				}
				cells = append(cells, word)
			}
			want.Cells[port] = append(want.Cells[port], cells)
		}
	}
	compare(t, l, want)
}
