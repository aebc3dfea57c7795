package manifest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// TestMutations puts wrong values in every place of the accepted manifests, and takes out every field: nothing panics, what is
// read without an error is what ranked.go says, and whatever is wrong has a place and a way out.
func TestMutations(t *testing.T) {
	archive := golden.Open(t, "testdata/accepted/objects.txtar")
	count := 0
	for _, name := range acceptedFiles() {
		text, _ := archive.Section(name)
		for doc := range strings.SplitSeq(text, "---\n") {
			var root any
			require.NoError(t, yaml.Unmarshal([]byte(doc), &root))
			mutate(&root, func() {
				count++
				mutant, err := json.Marshal(root)
				require.NoError(t, err)
				checkMutant(t, mutant)
			})
		}
	}
	require.Greater(t, count, 5000)
}

// mutants reads every mutant of manifests. It tells how many there were, and how many objects check found to be what they should.
func mutants(t *testing.T, texts []string, check func(*Objects) int) (count, read int) {
	for _, text := range texts {
		var root any
		require.NoError(t, yaml.Unmarshal([]byte(text), &root))
		mutate(&root, func() {
			count++
			mutant, err := json.Marshal(root)
			require.NoError(t, err)
			var report diag.Report
			objects := Parse("x.json", mutant, &report)
			for _, f := range report.Findings() {
				require.True(t, f.Message != "" && (f.Hint != "" || f.Severity == diag.Note), "%s", mutant)
				require.Equal(t, int32(1), f.Origin.Pos.Line)
			}
			read += check(objects)
		})
	}
	return count, read
}

// mutate calls try with each mutant of what at points to, which it restores.
func mutate(at *any, try func()) {
	original := *at
	for _, wrong := range []any{nil, "", "x", -1, 70000, 1.5, true, []any{}, []any{nil}, map[string]any{}} {
		*at = wrong
		try()
	}
	*at = original
	switch v := original.(type) {
	case []any:
		for i := range v {
			mutate(&v[i], try)
		}
		*at = append(append([]any{}, v...), v...)
		try()
		*at = original
	case map[string]any:
		for key, inner := range v {
			delete(v, key)
			try()
			v["more"] = inner
			try()
			delete(v, "more")
			v[key] = inner
			mutate(&inner, func() {
				v[key] = inner
				try()
			})
			v[key] = inner
		}
	}
}

func checkMutant(t *testing.T, text []byte) {
	t.Helper()
	var report diag.Report
	defer func() {
		if t.Failed() {
			t.Logf("the manifest: %s", text)
		}
	}()
	objects := Parse("x.json", text, &report)
	for _, f := range report.Findings() {
		require.True(t, f.Hint != "" || f.Severity == diag.Note, "%s", f.Message)
		require.Equal(t, int32(1), f.Origin.Pos.Line)
		require.NotEmpty(t, f.Message)
	}
	for _, p := range objects.RankedPolicies {
		checkRanked(t, p)
	}
	for _, g := range objects.Groups {
		require.NotEmpty(t, g.Members)
		checkPeers(t, g.Members)
	}
	for _, e := range objects.ExternalNodes {
		require.Len(t, e.Interfaces, 1)
		require.NotEmpty(t, e.Interfaces[0].Addrs)
	}
}
