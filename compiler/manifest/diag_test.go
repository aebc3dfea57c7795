package manifest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// TestDiagnostics runs each archive of testdata: its .yaml and .json sections are read in their order, and "out/diag" is
// what headgate says about them, written by hand or read before it was accepted.
func TestDiagnostics(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	said := map[diag.Code]bool{}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			path, err := filepath.Abs(path)
			require.NoError(t, err)
			archive := golden.Open(t, path)
			files, names := map[string]string{}, []string{}
			for _, name := range archive.Names("") {
				if !strings.HasPrefix(name, "out/") {
					files[name], _ = archive.Section(name)
					names = append(names, name)
				}
			}
			write(t, files)
			var report diag.Report
			Read(t.Context(), Options{Files: names}, &report)
			var text strings.Builder
			require.NoError(t, diag.WriteText(&text, report.Findings()))
			archive.Want(t, "out/diag", text.String())
			for _, f := range report.Findings() {
				said[f.Code] = true
			}
		})
	}
	elsewhere := []diag.Code{diag.Unreadable, diag.RemoteInput, diag.BadNeed, diag.UnmetExpectation, diag.LeftOut} // what no text of manifests makes alone
	for _, row := range diag.Codes() {
		if strings.HasPrefix(string(row.Code), "HG1") && !slices.Contains(elsewhere, row.Code) {
			require.True(t, said[row.Code], "no archive makes %s", row.Code)
		}
	}
}
