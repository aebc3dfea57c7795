package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func seeds(f *testing.F) {
	files, err := filepath.Glob("../../docs/language/*.hg")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
	}
	for _, text := range []string{"", "}", "{", "\"", "policy p { allow from any on tcp 80 }", "let a = a", "namespace a {\n policy b {\n", "é = \x80",
		"\ufeffpolicy", "a:b::c", "object v1 X y {\r\n a.b = [{c = \"d\\n\"}] // e\r\n}", "import \"..\"\nlet x = y.z", "// a\n\n\n// b", strings.Repeat("(", 99)} {
		f.Add(text)
	}
}

// No text makes reading panic; problems have a place in it; and what is without errors can be formatted once and for all, printed, and
// read again, and is the same.
func FuzzProgram(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4<<10 {
			return
		}
		file, problems := Parse("x.hg", text)
		lines := int32(strings.Count(text, "\n") + 1)
		for _, p := range problems {
			require.NotEmpty(t, p.Message)
			require.True(t, p.Line >= 1 && p.Line <= lines && p.Col >= 1, "%v", p)
		}
		Translate(file, func(string, string) ([]*File, error) { return nil, nil })
		Findings("x.hg", text, problems)
		if len(problems) > 0 {
			return
		}
		placeless(file)
		formatted, problems := Format("x.hg", text)
		require.Empty(t, problems)
		again, problems := Parse("x.hg", formatted)
		require.Empty(t, problems, formatted)
		require.Equal(t, file, placeless(again), formatted)
		twice, _ := Format("x.hg", formatted)
		require.Equal(t, formatted, twice)

		printed := Print(file)
		back, problems := Parse("x.hg", printed)
		require.Empty(t, problems, printed)
		require.Equal(t, file, placeless(back), printed)
		laid, _ := Format("x.hg", printed)
		require.Equal(t, printed, laid)
	})
}
