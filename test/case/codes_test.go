package testcase

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/expect"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// TestCodes reads an input for each code that an input alone can produce. A file is named after its code; the comment says
// what is wrong. The section "args" names what to read instead of the archive's own files, "needs" is a list for package guard.
func TestCodes(t *testing.T) {
	files, err := filepath.Glob("testdata/codes/*.txtar")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, file := range files {
		code := strings.TrimSuffix(filepath.Base(file), ".txtar")
		seen[code] = true
		t.Run(code, func(t *testing.T) { runCode(t, file, diag.Code(code)) })
	}
	for _, row := range diag.Codes() {
		// Analyses, targets, the runtime and conversions have tests of their own.
		if row.Code < diag.ShadowedRule && row.Code != diag.LeftOut {
			require.True(t, seen[string(row.Code)], "testdata/codes has no input for %s", row.Code)
		}
	}
}

func runCode(t *testing.T, file string, code diag.Code) {
	a := golden.Open(t, file)
	report := &diag.Report{}
	objects := read(t, a, report)
	if args, ok := a.Section("args"); ok {
		report = &diag.Report{}
		options := manifest.Options{Files: strings.Fields(args)}
		if dir, ok := strings.CutPrefix(args, "-k "); ok {
			options = manifest.Options{Kustomize: strings.Fields(dir)}
		}
		objects = manifest.Read(t.Context(), options, report)
	}
	options := compiler.Options{Check: true}
	if needs, ok := a.Section("needs"); ok {
		options.Needs = guard.Read("needs.yaml", []byte(needs), report)
	}
	result := compiler.Compile(objects, options, report)
	expect.Report(expect.Judge(objects, result.Program), report)
	said := false
	for _, f := range report.Findings() {
		said = said || f.Code == code
	}
	require.True(t, said, "the input does not produce %s", code)
	var b strings.Builder
	require.NoError(t, diag.WriteText(&b, report.Findings()))
	a.Want(t, "out/diag", b.String())
}
