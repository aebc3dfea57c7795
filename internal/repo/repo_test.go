package repo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

// TestRules holds this repository to every rule.
func TestRules(t *testing.T) {
	tree, err := Load("../..")
	require.NoError(t, err)
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			complaints := rule.Check(tree)
			if len(complaints) > 0 {
				t.Errorf("%s:\n%s", rule.Why, strings.Join(complaints, "\n"))
			}
		})
	}
}

// TestRulesCanFail runs each rule on a module that breaks it, testdata/NAME.txtar. The archive's section "want" has the
// complaints, worked out by hand; what the module does right must not be among them.
func TestRulesCanFail(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.Len(t, archives, len(Rules()), "one archive for each rule")
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", rule.Name+".txtar"))
			require.NoError(t, err)
			root := t.TempDir()
			write(t, root, "go.mod", []byte("module example.org/m\n\ngo 1.26\n"))
			want := ""
			for _, f := range archive.Files {
				data := bytes.ReplaceAll(f.Data, []byte("¦"), nil)
				if f.Name == "want" {
					want = string(data)
					continue
				}
				write(t, root, f.Name, data)
			}
			require.NotEmpty(t, want)
			tree, err := Load(root)
			require.NoError(t, err)
			require.Equal(t, want, strings.Join(rule.Check(tree), "\n")+"\n")
		})
	}
}

func write(t *testing.T, root, name string, data []byte) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, data, 0o644))
}
