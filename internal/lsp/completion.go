package lsp

import (
	"maps"
	"slices"

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
func (l *look) completion(p positionParams) (any, error) {
	items := []completionItem{}
	in := l.program(pathOf(p.Document.URI))
	if in == nil {
		return items, nil
	}
	line, _ := in.lines.place(p.Position)
	c := syntax.Complete(in.text, offset(in.text, p.Position))
	kind := syntax.SymbolKind(c.Before)
	switch kind {
	case "on": // pods are
		kind = "node"
	case "of": // entities are
		kind = "machine"
	}
	if len(kinds(kind)) > 0 && len(c.Words) == 0 {
		for _, name := range l.names(kind, syntax.NamespaceAt(in.file, line)) {
			items = append(items, completionItem{name, itemReference, string(kind)})
		}
	}
	if c.Peers || c.Ports {
		for _, name := range syntax.Names(in.file, line, l.directory) {
			items = append(items, completionItem{name, itemVariable, "let"})
		}
	}
	for _, word := range c.Words {
		items = append(items, completionItem{Label: word, Kind: itemKeyword})
	}
	return items, nil
}

// names lists what is declared of a kind in the folder, as it is called in a namespace, or outside of all.
func (l *look) names(kind syntax.SymbolKind, within string) []string {
	if l.declared == nil {
		l.index()
	}
	found := map[string]bool{}
	for k := range l.declared {
		switch {
		case k.kind != kind:
		case k.namespace == within, k.namespace == "" && kind != "group":
			found[k.name] = true
		case kind == "pod", kind == "service":
			found[k.namespace+"/"+k.name] = true
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

// symbolKind is the protocol's kind of a declaration.
func symbolKind(k syntax.SymbolKind) int {
	switch k {
	case "namespace":
		return symbolNamespace
	case "let":
		return symbolVariable
	}
	return symbolObject
}

// outline lists a program's declarations; what is in a namespace is below it.
func (l *look) outline(p documentParams) (any, error) {
	out := []documentSymbol{}
	in := l.program(pathOf(p.Document.URI))
	if in == nil {
		return out, nil
	}
	for _, s := range in.symbols {
		if !s.Declares {
			continue
		}
		d := documentSymbol{Name: s.Name, Detail: string(s.Kind), Kind: symbolKind(s.Kind), Range: in.lines.span(s.Whole), SelectionRange: in.lines.span(s.Span)}
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
