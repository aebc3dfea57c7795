package repo

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is a module's source, parsed. Paths are relative to its root and use slashes; everything is sorted by path.
type Tree struct {
	Root     string
	Module   string // module path of go.mod
	Fset     *token.FileSet
	Packages []*Package
	Texts    []Text // every file that is not binary
}

// Package is one directory with Go files. Nested says that it belongs to a module of its own inside the repository.
type Package struct {
	Dir    string
	Nested bool
	Files  []*File
}

// File is one Go file.
type File struct {
	Path      string
	Source    []byte
	AST       *ast.File
	Test      bool
	Generated bool
}

// Text is one file of any kind.
type Text struct {
	Path string
	Data []byte
}

// Load reads the module at root. The directories .git and build are not part of it.
func Load(root string) (*Tree, error) {
	t := &Tree{Root: root, Fset: token.NewFileSet()}
	nested := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			if rel == ".git" || rel == "build" {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if path.Base(rel) == "go.mod" && rel != "go.mod" {
			nested[path.Dir(rel)] = true
		}
		if !bytes.Contains(data[:min(len(data), 8000)], []byte{0}) {
			t.Texts = append(t.Texts, Text{Path: rel, Data: data})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if t.Module = t.modulePath(); t.Module == "" {
		return nil, fmt.Errorf("%s has no go.mod that names a module", root)
	}
	return t, t.parse(nested)
}

func (t *Tree) modulePath() string {
	for line := range strings.Lines(string(t.text("go.mod"))) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// text returns the contents of a file, nil if there is none.
func (t *Tree) text(name string) []byte {
	i, found := slices.BinarySearchFunc(t.Texts, name, func(x Text, name string) int { return compareWalk(x.Path, name) })
	if !found {
		return nil
	}
	return t.Texts[i].Data
}

// compareWalk is the order of filepath.WalkDir: by path elements, not by bytes of the whole path.
func compareWalk(a, b string) int {
	return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
}

// parse fills Packages. Files under testdata are data, not source, as for the go command.
func (t *Tree) parse(nested map[string]bool) error {
	byDir := map[string]*Package{}
	for _, text := range t.Texts {
		if path.Ext(text.Path) != ".go" || slices.Contains(strings.Split(text.Path, "/"), "testdata") {
			continue
		}
		parsed, err := parser.ParseFile(t.Fset, text.Path, text.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(text.Path)
		if byDir[dir] == nil {
			byDir[dir] = &Package{Dir: dir, Nested: insideAny(dir, nested)}
			t.Packages = append(t.Packages, byDir[dir])
		}
		byDir[dir].Files = append(byDir[dir].Files, &File{
			Path: text.Path, Source: text.Data, AST: parsed,
			Test: strings.HasSuffix(text.Path, "_test.go"), Generated: ast.IsGenerated(parsed),
		})
	}
	return nil
}

func insideAny(dir string, roots map[string]bool) bool {
	for ; dir != "."; dir = path.Dir(dir) {
		if roots[dir] {
			return true
		}
	}
	return false
}

// at formats a complaint about a place.
func (t *Tree) at(pos token.Pos, format string, args ...any) string {
	p := t.Fset.Position(pos)
	return fmt.Sprintf("%s:%d: %s", p.Filename, p.Line, fmt.Sprintf(format, args...))
}

// each calls f for every Go file that people wrote; with tests, also for test files.
func (t *Tree) each(tests bool, f func(*Package, *File)) {
	for _, p := range t.Packages {
		for _, file := range p.Files {
			if !file.Generated && (tests || !file.Test) {
				f(p, file)
			}
		}
	}
}

// lines counts the lines from the first to the last of a node.
func (t *Tree) lines(n ast.Node) int {
	return t.Fset.Position(n.End()).Line - t.Fset.Position(n.Pos()).Line + 1
}
