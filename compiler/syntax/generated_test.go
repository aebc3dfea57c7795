package syntax

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The lexer and the parser are those of the grammar: `make generate` writes the sums of what it reads and of what it makes.
func TestGeneratedCodeIsFresh(t *testing.T) {
	sums, err := os.ReadFile("gen/sums.txt")
	require.NoError(t, err)
	files := 0
	for line := range strings.Lines(string(sums)) {
		sum, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, sum, fmt.Sprintf("%x", sha256.Sum256(text)), "%s: run make generate", file)
		files++
	}
	require.Equal(t, 5, files)
}
