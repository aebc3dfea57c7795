package syntax

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The examples are formatted, and what Print writes of them is, too, and parses back to the same.
func TestFormatOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../docs/language/*.hg")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		got, problems := Format(file, string(text))
		require.Empty(t, problems)
		require.Equal(t, string(text), got, file)

		f, _ := Parse(file, string(text))
		printed := Print(f)
		again, problems := Parse(file, printed)
		require.Empty(t, problems, printed)
		formatted, _ := Format(file, printed)
		require.Equal(t, formatted, printed)
		require.Equal(t, placeless(f), placeless(again))
	}
}
