package pass_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/pass"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
)

// TestGolden runs one pass on each testdata/PASS*.txtar: "in" is the Pipeline before it, "out/pipeline" the one after it,
// "out/diag" what it had to say.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	tested := map[string]bool{}
	for _, path := range archives {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".txtar"), "-")
		tested[name] = true
		t.Run(filepath.Base(path), func(t *testing.T) {
			a := golden.Open(t, path)
			in, _ := a.Section("in")
			p, err := ir.ParsePipeline(in)
			require.NoError(t, err)
			require.NoError(t, p.Check())
			var report diag.Report
			out := pass.Table()[slices.Index(names(), name)].Func(p, &report)
			require.NoError(t, out.Check())
			a.Want(t, "out/pipeline", out.String())
			var text strings.Builder
			require.NoError(t, diag.WriteText(&text, report.Findings()))
			a.Want(t, "out/diag", text.String())
		})
	}
	for _, name := range names() {
		require.True(t, tested[name], "no golden test for pass %s", name)
	}
}
