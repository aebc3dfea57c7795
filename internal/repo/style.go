package repo

import (
	"bytes"
	"go/ast"
	"go/format"
	"path"
	"slices"
	"strings"
)

// The limits of length. A table may be longer: see tableDirective.
const (
	maxFunction  = 60
	maxFile      = 600
	maxInterface = 5
	// In a function marked as a table, everything outside the table, and each of its entries.
	maxAroundTable = 30
	maxTableEntry  = 30
)

// tableDirective marks, in a function's doc comment, a function that is one long table or flat switch. A reason may follow.
const tableDirective = "//headgate:table"

func packageDocs(t *Tree) []string {
	var out []string
	for _, p := range t.Packages {
		var docs []*File
		var first *File
		for _, f := range p.Files {
			if f.Generated {
				continue
			}
			if first == nil {
				first = f
			}
			if f.AST.Doc != nil && !strings.HasSuffix(f.AST.Name.Name, "_test") {
				docs = append(docs, f)
			}
		}
		switch {
		case first == nil:
		case len(docs) == 0:
			out = append(out, t.at(first.AST.Package, "package %s has no package comment", p.Dir))
		case len(docs) > 1:
			out = append(out, t.at(docs[1].AST.Package, "package %s has a second package comment; the first is in %s", p.Dir, docs[0].Path))
		default:
			want := "Package " + docs[0].AST.Name.Name + " "
			if docs[0].AST.Name.Name == "main" {
				want = "Command " + path.Base(p.Dir) + " "
			}
			if !strings.HasPrefix(docs[0].AST.Doc.Text(), want) {
				out = append(out, t.at(docs[0].AST.Doc.Pos(), "the package comment does not begin with %q", want))
			}
		}
	}
	return out
}

func documented(t *Tree) []string {
	var out []string
	missing := func(name *ast.Ident, doc ...*ast.CommentGroup) {
		if name.IsExported() && !slices.ContainsFunc(doc, func(c *ast.CommentGroup) bool { return c.Text() != "" }) {
			out = append(out, t.at(name.Pos(), "%s is exported and has no comment", name.Name))
		}
	}
	t.each(false, func(_ *Package, f *File) {
		for _, decl := range f.AST.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if receiver := receiverName(d); receiver == "" || ast.IsExported(receiver) {
					missing(d.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						doc := []*ast.CommentGroup{s.Doc, s.Comment}
						if !d.Lparen.IsValid() {
							doc = append(doc, d.Doc)
						}
						missing(s.Name, doc...)
					case *ast.ValueSpec: // one comment may speak for a group of constants
						for _, name := range s.Names {
							missing(name, s.Doc, s.Comment, d.Doc)
						}
					}
				}
			}
		}
	})
	return out
}

// receiverName is the name of the type that a method belongs to, "" for a function.
func receiverName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	name := ""
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == "" {
			name = id.Name
		}
		return name == ""
	})
	return name
}

func noInit(t *Tree) []string {
	var out []string
	t.each(true, func(_ *Package, f *File) {
		for _, decl := range f.AST.Decls {
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == "init" {
				out = append(out, t.at(d.Pos(), "init function"))
			}
		}
	})
	return out
}

func lengths(t *Tree) []string {
	var out []string
	t.each(true, func(_ *Package, f *File) {
		if n := bytes.Count(f.Source, []byte("\n")); n > maxFile {
			out = append(out, t.at(f.AST.FileStart, "file of %d lines; the limit is %d", n, maxFile))
		}
		for _, decl := range f.AST.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || f.Test {
				continue
			}
			length := t.lines(d)
			switch marked := hasDirective(d.Doc, tableDirective); {
			case length <= maxFunction:
			case !marked:
				out = append(out, t.at(d.Pos(), "%s has %d lines; the limit is %d, except for tables and flat switches marked %s", d.Name.Name, length, maxFunction, tableDirective))
			case !t.isTable(d):
				out = append(out, t.at(d.Pos(), "%s is marked %s, but is not one table or switch with entries of at most %d lines", d.Name.Name, tableDirective, maxTableEntry))
			}
		}
	})
	return out
}

func hasDirective(doc *ast.CommentGroup, directive string) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return c.Text == directive || strings.HasPrefix(c.Text, directive+" ")
	})
}

// isTable reports whether one switch or composite literal makes up the function, and none of its entries is long.
func (t *Tree) isTable(d *ast.FuncDecl) bool {
	found := false
	ast.Inspect(d, func(n ast.Node) bool {
		var entries []ast.Node
		switch n := n.(type) {
		case *ast.SwitchStmt:
			entries = nodes(n.Body.List)
		case *ast.TypeSwitchStmt:
			entries = nodes(n.Body.List)
		case *ast.SelectStmt:
			entries = nodes(n.Body.List)
		case *ast.CompositeLit:
			entries = nodes(n.Elts)
		default:
			return !found
		}
		long := slices.ContainsFunc(entries, func(e ast.Node) bool { return t.lines(e) > maxTableEntry })
		found = found || !long && t.lines(d)-t.lines(n) <= maxAroundTable
		return !found
	})
	return found
}

func nodes[N ast.Node](list []N) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, n := range list {
		out[i] = n
	}
	return out
}

func smallInterfaces(t *Tree) []string {
	var out []string
	t.each(false, func(_ *Package, f *File) {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxInterface {
				out = append(out, t.at(i.Pos(), "interface with %d methods; the limit is %d", i.Methods.NumFields(), maxInterface))
			}
			return true
		})
	})
	return out
}

func adjacentBools(t *Tree) []string {
	var out []string
	t.each(false, func(_ *Package, f *File) {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if fn, ok := n.(*ast.FuncType); ok && hasAdjacentBools(fn.Params) {
				out = append(out, t.at(fn.Pos(), "adjacent bool parameters"))
			}
			return true
		})
	})
	return out
}

func hasAdjacentBools(params *ast.FieldList) bool {
	before := false
	for _, field := range params.List {
		id, ok := field.Type.(*ast.Ident)
		isBool := ok && id.Name == "bool"
		if isBool && (before || len(field.Names) > 1) {
			return true
		}
		before = isBool
	}
	return false
}

func packageNames(t *Tree) []string {
	drawers := []string{"base", "common", "helper", "helpers", "lib", "misc", "shared", "stuff", "types", "util", "utils"}
	var out []string
	for _, p := range t.Packages {
		for _, name := range []string{path.Base(p.Dir), p.Files[0].AST.Name.Name} {
			if slices.Contains(drawers, strings.TrimSuffix(name, "_test")) {
				out = append(out, t.at(p.Files[0].AST.Package, "package called %s", name))
				break
			}
		}
	}
	return out
}

// formatted holds for generated code too: make generate formats it.
func formatted(t *Tree) []string {
	var out []string
	for _, p := range t.Packages {
		for _, f := range p.Files {
			if clean, err := format.Source(f.Source); err != nil || !bytes.Equal(clean, f.Source) {
				out = append(out, t.at(f.AST.FileStart, "not formatted by gofmt"))
			}
		}
	}
	return out
}
