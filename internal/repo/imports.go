package repo

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// layer says what the packages under a directory may import of this module. The longest matching directory counts. An
// entry ending in "/..." stands for the directory and all below it; any other for that one package.
type layer struct {
	dir     string
	imports []string
}

func layers() []layer {
	front := []string{"ir", "internal/source", "internal/diag"}
	target := []string{"ir", "targets/artifact", "targets/mark", "internal/source", "internal/diag"}
	node := []string{"ir/...", "compiler", "targets", "targets/artifact", "runtime/source", "internal/source", "internal/diag", "internal/place"}
	all := []string{"ir/...", "compiler/...", "targets/...", "runtime/...", "internal/..."}
	with := func(base []string, more ...string) []string { return append(slices.Clone(base), more...) }
	return []layer{
		{"internal", []string{"internal/..."}},
		{"internal/source", nil},
		{"internal/place", []string{"ir", "internal/source"}},
		{"internal/diag", []string{"internal/source"}},
		{"internal/lsp", with(front, "compiler/manifest", "compiler/syntax")},
		{"ir", []string{"internal/source"}},
		{"ir/reach", []string{"ir", "internal/source"}},
		{"compiler", with(front, "compiler/...")},
		{"compiler/manifest", with(front, "compiler/manifest/...", "compiler/syntax")},
		{"compiler/manifest/tree", front},
		{"compiler/syntax", with(front, "compiler/syntax/...", "compiler/manifest/tree", "compiler/manifest/schema")},
		{"compiler/resolve", with(front, "compiler/allot", "compiler/manifest", "compiler/syntax", "compiler/resolve/...")},
		{"compiler/allot", []string{"internal/source", "internal/diag"}},
		{"compiler/cell", front},
		{"compiler/pass", with(front, "compiler/cell")},
		{"compiler/lint", with(front, "compiler/cell")},
		{"targets", with(target, "targets/...")},
		{"targets/artifact", []string{"internal/source"}},
		{"targets/mark", []string{"ir"}},
		{"targets/nft", target},
		{"targets/openflow", target},
		{"targets/iproute", with(target, "targets/mark")},
		{"runtime", with(node, "runtime/...", "targets/...")},
		{"runtime/source", with(front, "compiler")},
		{"runtime/kube", nil},
		{"runtime/nodestatus", nil},
		{"runtime/packet", []string{"ir"}},
		{"runtime/names", []string{"ir", "runtime/packet"}},
		{"runtime/journal", []string{"ir", "internal/source", "runtime/packet"}},
		{"runtime/member", nil},
		{"runtime/metrics", []string{"ir", "internal/diag", "runtime/agent", "runtime/names", "targets", "targets/artifact"}},
		{"runtime/agent", with(node, "runtime/names", "runtime/journal", "runtime/packet", "targets/...")},
		{"runtime/nft", with(node, "runtime/agent", "runtime/packet", "targets/nft")},
		{"runtime/iproute", with(node, "runtime/agent", "targets/iproute")},
		{"runtime/ovs", with(node, "runtime/agent", "runtime/packet", "runtime/ovs/wire", "targets/openflow")},
		{"runtime/ovs/wire", []string{"targets/openflow"}},
		{"deploy", []string{"compiler/manifest/api", "runtime/nodestatus"}},
		{"cmd", with(all, "deploy/agent", "deploy/crd")},
		{"test", all},
	}
}

// layerOf finds the row for a package. A package outside every layer has no row: the layout is closed.
func layerOf(dir string) (layer, bool) {
	best, found := layer{}, false
	for _, l := range layers() {
		if within(dir, l.dir) && len(l.dir) >= len(best.dir) {
			best, found = l, true
		}
	}
	return best, found
}

// within reports whether dir is root or lies below it.
func within(dir, root string) bool { return dir == root || strings.HasPrefix(dir, root+"/") }

func (l layer) allows(dir string) bool {
	return slices.ContainsFunc(l.imports, func(entry string) bool {
		if root, ok := strings.CutSuffix(entry, "/..."); ok {
			return within(dir, root)
		}
		return dir == entry
	})
}

// forTests reports whether a file serves tests alone: it is one, or its package's name ends in "test" (as httptest's), or
// it is internal/golden, or it lies under test.
func forTests(p *Package, f *File) bool {
	return f.Test || strings.HasSuffix(p.Dir, "test") || p.Dir == "internal/golden" || within(p.Dir, "test")
}

// importDirection checks the imports of the program, and that nobody, tests included, imports a command. Code for tests
// may otherwise import what it likes: a back end is best tested with what a front end produces.
func importDirection(t *Tree) []string {
	var out []string
	t.each(true, func(p *Package, f *File) {
		if p.Nested {
			return
		}
		l, known := layerOf(p.Dir)
		if !known {
			out = append(out, t.at(f.AST.Package, "package %s is in none of the layers that internal/repo knows", p.Dir))
			return
		}
		for _, spec := range f.AST.Imports {
			dir, ours := strings.CutPrefix(importPath(spec), t.Module+"/")
			switch {
			case !ours || dir == p.Dir:
			case within(dir, "cmd"):
				out = append(out, t.at(spec.Pos(), "%s imports the command %s", p.Dir, dir))
			case !forTests(p, f) && !l.allows(dir):
				out = append(out, t.at(spec.Pos(), "%s may not import %s", p.Dir, dir))
			}
		}
	})
	return out
}

func importPath(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return name
}

// pureImports checks that the compiler can do nothing but compute. The manifest reader alone opens files; kustomize runs
// in it too. Package time is good for parsing and comparing, and math/rand/v2 for generators with a given seed: only the
// clock and the seed that comes from nowhere are out of bounds.
func pureImports(t *Tree) []string {
	impure := []string{"math/rand", "crypto/rand", "os", "os/exec", "os/signal", "net", "net/http", "syscall", "golang.org/x/sys/unix"}
	readers := []string{"os", "os/exec"}
	var out []string
	t.each(false, func(p *Package, f *File) {
		pure := within(p.Dir, "ir") || within(p.Dir, "compiler") || within(p.Dir, "targets")
		if !pure || forTests(p, f) {
			return
		}
		for _, spec := range f.AST.Imports {
			name := importPath(spec)
			if slices.Contains(impure, name) && !(p.Dir == "compiler/manifest" && slices.Contains(readers, name)) {
				out = append(out, t.at(spec.Pos(), "%s imports %s, but must be pure", p.Dir, name))
			}
		}
		out = append(out, t.impureUses(f)...)
	})
	return out
}

// impureUses finds what reads or waits for the clock, and what draws from the random source that nobody seeded.
func (t *Tree) impureUses(f *File) []string {
	clock := []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}
	seeded := []string{"New", "NewChaCha8", "NewPCG", "NewZipf", "ChaCha8", "PCG", "Rand", "Source", "Zipf"}
	var out []string
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		switch name := sel.Sel.Name; {
		case !ok:
		case id.Name == "time" && slices.Contains(clock, name):
			out = append(out, t.at(sel.Pos(), "time.%s: compiling knows no clock", name))
		case id.Name == "rand" && !slices.Contains(seeded, name):
			out = append(out, t.at(sel.Pos(), "rand.%s: compiling knows no chance", name))
		}
		return true
	})
	return out
}

// testImports checks that the program imports nothing that is made for tests.
func testImports(t *Tree) []string {
	var out []string
	t.each(false, func(p *Package, f *File) {
		if forTests(p, f) {
			return
		}
		for _, spec := range f.AST.Imports {
			name := importPath(spec)
			ours, isOurs := strings.CutPrefix(name, t.Module+"/")
			if within(name, "testing") || within(name, "github.com/stretchr/testify") || isOurs && forTests(&Package{Dir: ours}, &File{}) {
				out = append(out, t.at(spec.Pos(), "%s is not a test, but imports %s", f.Path, name))
			}
		}
	})
	return out
}
