package repo

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// checked is what the type checker knows of the module: one Info for all its packages, test files left out.
type checked struct {
	info     *types.Info
	problems []string
}

// loader type-checks this module's packages from source, so that an object is the same wherever it is used, and takes
// everything else from the export data that the go command keeps.
type loader struct {
	tree     *Tree
	result   *checked
	packages map[string]*types.Package
	outside  types.Importer
}

// check type-checks the packages of the main module, generated files included.
func (t *Tree) check() (*checked, error) {
	exports, err := t.exportData()
	if err != nil {
		return nil, err
	}
	l := &loader{tree: t, packages: map[string]*types.Package{}, result: &checked{info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}}
	l.outside = importer.ForCompiler(t.Fset, "gc", func(name string) (io.ReadCloser, error) {
		if exports[name] == "" {
			return nil, fmt.Errorf("no export data for %s", name)
		}
		return os.Open(exports[name])
	})
	for _, p := range t.Packages {
		if !p.Nested {
			if _, err := l.Import(t.importPath(p)); err != nil {
				l.result.problems = append(l.result.problems, t.at(p.Files[0].AST.Package, "%v", err))
			}
		}
	}
	return l.result, nil
}

func (t *Tree) importPath(p *Package) string { return path.Join(t.Module, p.Dir) }

// Import implements types.Importer.
func (l *loader) Import(name string) (*types.Package, error) {
	if !within(name, l.tree.Module) {
		return l.outside.Import(name)
	}
	if done, ok := l.packages[name]; ok {
		if done == nil {
			return nil, fmt.Errorf("import cycle through %s", name)
		}
		return done, nil
	}
	i := slices.IndexFunc(l.tree.Packages, func(p *Package) bool { return l.tree.importPath(p) == name })
	if i < 0 {
		return nil, fmt.Errorf("no package %s", name)
	}
	var files []*ast.File
	for _, f := range l.tree.Packages[i].Files {
		match, err := build.Default.MatchFile(path.Join(l.tree.Root, path.Dir(f.Path)), path.Base(f.Path))
		if err != nil {
			return nil, err
		}
		if match && !f.Test {
			files = append(files, f.AST)
		}
	}
	l.packages[name] = nil
	var first error
	config := types.Config{Importer: l, Error: func(err error) { first = cmp.Or(first, err) }}
	checked, _ := config.Check(name, l.tree.Fset, files, l.result.info) // goes on after errors, because Error is set
	if e, ok := first.(types.Error); ok {
		l.result.problems = append(l.result.problems, l.tree.at(e.Pos, "does not type-check: %s", e.Msg))
	}
	l.packages[name] = checked
	return checked, nil
}

// exportData asks the go command where the export data of every package is that the module imports from outside.
func (t *Tree) exportData() (map[string]string, error) {
	var outside []string
	for _, p := range t.Packages {
		for _, f := range p.Files {
			for _, spec := range f.AST.Imports {
				if name := importPath(spec); !p.Nested && !f.Test && name != "C" && name != "unsafe" && !within(name, t.Module) {
					outside = append(outside, name)
				}
			}
		}
	}
	slices.Sort(outside)
	exports := map[string]string{}
	if len(outside) == 0 {
		return exports, nil
	}
	args := append([]string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, slices.Compact(outside)...)
	cmd := exec.Command("go", args...)
	cmd.Dir = t.Root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, stderr.String())
	}
	for line := range strings.Lines(string(out)) {
		if name, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			exports[name] = file
		}
	}
	return exports, nil
}
