package crd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
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

// TestBuiltinTiers: the definition of Tier knows the tiers that the compiler knows. Within quotes YAML doubles them.
func TestBuiltinTiers(t *testing.T) {
	var words []string
	for _, tier := range manifest.DefaultTiers() {
		words = append(words, fmt.Sprintf("''%s'': %d", tier.Name, tier.Priority))
	}
	text, err := os.ReadFile("../crds/crd.antrea.io_tiers.yaml")
	require.NoError(t, err)
	require.Contains(t, strings.Join(strings.Fields(string(text)), " "), "{"+strings.Join(words, ", ")+"}")
}
