package lsp

import (
	"maps"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/syntax"
)

// The protocol's kinds of completion items.
const (
	itemVariable  = 6
	itemKeyword   = 14
	itemReference = 18
)

// completion lists what may stand at a place: keywords by the grammar, the names of lets where peers or ports may stand, and behind a word
// such as group what is declared of that kind in the folder.
func (w *workspace) completion(p positionParams) (any, error) {
	items := []completionItem{}
	path := pathOf(p.Document.URI)
	file, text, ok := w.program(path)
	if !ok {
		return items, nil
	}
	whole, _ := w.text(path)
	line, col := text.place(p.Position)
	offset := int(col) - 1
	for _, l := range strings.SplitAfter(whole, "\n")[:line-1] {
		offset += len(l)
	}
	c := syntax.Complete(whole, offset)
	if kind := syntax.SymbolKind(c.Before); len(kinds(kind)) > 0 && len(c.Words) == 0 {
		for _, name := range w.declared(kind) {
			items = append(items, completionItem{name, itemReference, c.Before})
		}
	}
	if c.Peers || c.Ports {
		for _, name := range syntax.Names(file, line, w.directory) {
			items = append(items, completionItem{name, itemVariable, "let"})
		}
	}
	for _, word := range c.Words {
		items = append(items, completionItem{Label: word, Kind: itemKeyword})
	}
	return items, nil
}

// declared lists the names of a kind in the folder.
func (w *workspace) declared(kind syntax.SymbolKind) []string {
	found := map[string]bool{}
	for _, path := range w.files() {
		file, _, ok := w.program(path)
		if !ok {
			continue
		}
		for _, s := range syntax.Symbols(file) {
			if s.Declares && s.Kind == kind {
				found[s.Name] = true
			}
		}
	}
	for o := range w.objects.All() {
		if m := o.Header(); slices.Contains(kinds(kind), m.Kind) {
			found[m.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// The protocol's kinds of symbols.
const (
	symbolNamespace = 3
	symbolVariable  = 13
	symbolObject    = 19
)

// outline lists a program's declarations; what is in a namespace is below it.
func (w *workspace) outline(p documentParams) (any, error) {
	out := []documentSymbol{}
	file, text, ok := w.program(pathOf(p.Document.URI))
	if !ok {
		return out, nil
	}
	for _, s := range syntax.Symbols(file) {
		if !s.Declares {
			continue
		}
		d := documentSymbol{Name: s.Name, Detail: string(s.Kind), Kind: symbolObject, Range: text.span(s.Whole), SelectionRange: text.span(s.Span)}
		switch s.Kind {
		case "namespace":
			d.Kind = symbolNamespace
		case "let":
			d.Kind = symbolVariable
		}
		if last := len(out) - 1; last >= 0 && out[last].Kind == symbolNamespace && before(d.Range.End, out[last].Range.End) {
			out[last].Children = append(out[last].Children, d)
			continue
		}
		out = append(out, d)
	}
	return out, nil
}

func before(a, b position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character <= b.Character
}
