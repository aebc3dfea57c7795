package lsp

import (
	"path/filepath"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
	"github.com/headgate-net/headgate/internal/source"
)

// target is where something is declared. The symbol is nil for objects in YAML.
type target struct {
	path   string
	file   *syntax.File
	lines  lines
	symbol *syntax.Symbol
	let    *syntax.Let
	object manifest.Object
}

// kinds are the kinds of objects that words of the language stand for.
func kinds(k syntax.SymbolKind) []string {
	return map[syntax.SymbolKind][]string{
		"group": {"ClusterGroup", "Group"}, "tier": {"Tier"}, "pool": {"ExternalIPPool"}, "namespace": {"Namespace"}, "service": {"Service"},
		"pod": {"Pod"}, "node": {"Node"}, "machine": {"ExternalNode"},
	}[k]
}

// definition goes to where what stands at a place is declared.
func (w *workspace) definition(p positionParams) (any, error) {
	out := []location{}
	path := pathOf(p.Document.URI)
	file, text, ok := w.program(path)
	if !ok {
		return out, nil
	}
	line, col := text.place(p.Position)
	symbol := syntax.At(syntax.Symbols(file), line, col)
	if symbol == nil {
		if i := syntax.ImportAt(file, "", line, col); i != nil {
			files, _ := w.directory(path, i.Path.Text)
			for _, f := range files {
				out = append(out, location{URI: w.uri(f.Name)})
			}
		}
		return out, nil
	}
	for _, t := range w.targets(file, *symbol) {
		out = append(out, w.place(t))
	}
	return out, nil
}

// place is where a target's name stands.
func (w *workspace) place(t target) location {
	switch {
	case t.let != nil:
		return location{w.uri(t.path), t.lines.span(t.let.Name.Span)}
	case t.symbol != nil:
		return location{w.uri(t.path), t.lines.span(t.symbol.Span)}
	}
	pos := t.object.Header().Pos
	return w.location(source.Pos{File: pos.File, Line: pos.Line, Col: pos.Col})
}

// targets finds the declarations of what a symbol names. Namespaces may have several.
func (w *workspace) targets(file *syntax.File, s syntax.Symbol) []target {
	if s.Kind == "let" {
		let, in := syntax.LetOf(file, s, w.directory)
		if let == nil {
			return nil
		}
		text, _ := w.text(in.Name)
		return []target{{path: in.Name, file: in, lines: linesOf(text), let: let}}
	}
	var out []target
	for _, path := range w.files() {
		f, text, ok := w.program(path)
		if !ok {
			continue
		}
		for _, d := range syntax.Symbols(f) {
			if d.Declares && d.Kind == s.Kind && d.Name == s.Name && d.Namespace == s.Namespace {
				out = append(out, target{path: path, file: f, lines: text, symbol: &d})
			}
		}
	}
	for o := range w.objects.All() {
		m := o.Header()
		if slices.Contains(kinds(s.Kind), m.Kind) && m.Name == s.Name && m.Namespace == s.Namespace && filepath.Ext(m.Pos.File) != manifest.ProgramExtension {
			out = append(out, target{path: m.Pos.File, object: o})
		}
	}
	return out
}
