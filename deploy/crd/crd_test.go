package crd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/deploy/crd"
	"github.com/headgate-net/headgate/internal/golden"
)

func TestFilesAreUpToDate(t *testing.T) {
	for dir, files := range map[string][]crd.File{"crds": crd.Definitions(), "admission": crd.Admissions()} {
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
			golden.File(t, filepath.Join("..", dir, f.Name), string(f.YAML))
		}
		entries, err := os.ReadDir(filepath.Join("..", dir))
		require.NoError(t, err)
		var there []string
		for _, e := range entries {
			there = append(there, e.Name())
		}
		require.Equal(t, names, there, "a file that nothing writes")
	}
}
