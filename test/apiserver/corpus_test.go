package apiserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// manifestCase is one document, or several that belong together.
type manifestCase struct{ name, text string }

// accepted reads testdata/accepted/*.yaml, a case for each document.
func accepted(t *testing.T) []manifestCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/accepted/*.yaml")
	require.NoError(t, err)
	var out []manifestCase
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for i, doc := range strings.Split(string(text), "\n---\n") {
			out = append(out, manifestCase{fmt.Sprintf("%s/%d", strings.TrimSuffix(filepath.Base(path), ".yaml"), i), doc + "\n"})
		}
	}
	require.NotEmpty(t, out)
	return out
}

// refused reads the cases of the reader's own test, which must be refused or at least remarked upon.
func refused(t *testing.T) []manifestCase {
	t.Helper()
	paths, err := filepath.Glob("../../compiler/manifest/testdata/refused/*.txtar")
	require.NoError(t, err)
	var out []manifestCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		for _, file := range archive.Files[1:] {
			name := strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + file.Name
			out = append(out, manifestCase{name, string(archive.Files[0].Data) + string(file.Data)})
		}
	}
	require.GreaterOrEqual(t, len(out), 120)
	return out
}

// complaint says why headgate refuses a text, or nothing. What is valid, but what headgate cannot enforce yet, does not count.
func complaint(text string) string {
	var report diag.Report
	manifest.Parse("case.yaml", []byte(text), &report)
	for _, f := range report.Findings() {
		if f.Severity == diag.Error && f.Code != diag.NotSupported {
			return fmt.Sprintf("%s %s: %s", f.Code, f.Origin.Field, f.Message)
		}
	}
	return ""
}
