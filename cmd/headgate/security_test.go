package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/names"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestWhatIsExecuted: of the packages that the program is made of, the lab alone starts other programs. It gives each argument as it is,
// without a shell and without text that is put together.
func TestWhatIsExecuted(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if .Module}}{{if .Module.Main}}{{.Dir}} {{join .Imports \",\"}}{{end}}{{end}}", ".").Output()
	require.NoError(t, err)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	var starts []string
	for line := range strings.Lines(string(out)) {
		dir, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		dir, err := filepath.Rel(root, dir)
		require.NoError(t, err)
		for _, imported := range strings.Split(imports, ",") {
			require.NotEqual(t, "C", imported, "%s: no C code", dir)
			require.NotEqual(t, "plugin", imported, "%s: what is not in the program is not loaded", dir)
			if imported == "os/exec" {
				starts = append(starts, startsIn(t, root, dir)...)
			}
		}
	}
	require.NotEmpty(t, starts)
	for _, start := range starts {
		require.True(t, strings.HasPrefix(start, "runtime/lab/"), start)
		for _, no := range []string{`"sh"`, `"bash"`, `"-c"`, `"-ec"`, "Sprint", " + ", "/bin/"} {
			require.NotContains(t, start, no)
		}
	}
}

// startsIn lists the calls that start programs in the files of a package, tests excepted.
func startsIn(t *testing.T, root, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	require.NoError(t, err)
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, _ := name.X.(*ast.Ident)
			if from != nil && slices.Contains([]string{"exec.Command", "exec.CommandContext", "os.StartProcess", "syscall.ForkExec", "syscall.Exec", "unix.Exec"}, from.Name+"."+name.Sel.Name) {
				var text bytes.Buffer
				require.NoError(t, printer.Fprint(&text, set, call))
				out = append(out, fmt.Sprintf("%s/%s: %s", dir, filepath.Base(file), text.String()))
			}
			return true
		})
	}
	return out
}

// TestStateIsPrivate: nobody but its owner can read what an agent keeps.
func TestStateIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	lock, err := lockAgent(dir)
	require.NoError(t, err)
	defer lock.Close()
	p, err := ir.ParsePipeline("pipeline node=n1\n")
	require.NoError(t, err)
	require.NoError(t, remember(dir, nft.Target, kept{Generation: agent.Generation{Number: 1}, pipeline: p}))
	o := &agentOptions{stateDir: dir}
	require.NoError(t, o.retain(names.New(names.Options{})))
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		files++
		return nil
	}))
	require.Equal(t, 4, files, "the directory, the lock, rules and names")
}

// TestSecurityClaims: the tests that docs/security.md names are there.
func TestSecurityClaims(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	require.NoError(t, err)
	named := regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(string(text), -1)
	require.Greater(t, len(named), 8)
	there := map[string]bool{}
	require.NoError(t, filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := os.ReadFile(path)
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(string(file), -1) {
			there[found[1]] = true
		}
		return err
	}))
	for _, name := range named {
		require.True(t, there[name], name)
	}
}
