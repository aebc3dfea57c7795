package grid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/grid"
)

// FuzzParse wants no panic on any text, and of what can be read that printing and reading give it back.
func FuzzParse(f *testing.F) {
	f.Add(two)
	f.Add("ICMP\n1 a .\n")
	f.Add("TCP/1 1 2\n1 a/b . R\n2 a/c - #\n")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := grid.Parse(text)
		if err != nil {
			return
		}
		again, err := grid.Parse(g.Text(nil))
		require.NoError(t, err)
		require.Equal(t, g, again)
	})
}
