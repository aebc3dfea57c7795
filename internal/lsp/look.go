package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
)

// program is a file in the policy language as it was read.
type program struct {
	path    string
	text    string
	lines   lines
	file    *syntax.File
	symbols []syntax.Symbol
	named   map[syntax.Span]*syntax.Symbol // the symbols by their places
}

// look is one look at the workspace, for one request. What it finds out it keeps; each file is gone through once.
type look struct {
	*workspace
	ctx       context.Context
	programs  []*program
	declared  map[key][]target
	resolvers map[*syntax.File]*syntax.Resolver
}

// key is what tells declarations apart.
type key struct {
	kind      syntax.SymbolKind
	namespace string
	name      string
}

// target is where something is declared. The program is nil for objects in YAML, the symbol as well; the let is there for names of lets alone.
type target struct {
	program *program
	symbol  *syntax.Symbol
	let     *syntax.Let
	object  manifest.Object
}

func (w *workspace) look(ctx context.Context) *look { return &look{workspace: w, ctx: ctx} }

// kinds are the kinds of objects that words of the language stand for.
func kinds(k syntax.SymbolKind) []string {
	return map[syntax.SymbolKind][]string{
		"group": {"ClusterGroup", "Group"}, "tier": {"Tier"}, "pool": {"ExternalIPPool"}, "namespace": {"Namespace"}, "service": {"Service"},
		"pod": {"Pod"}, "node": {"Node"}, "machine": {"ExternalNode"}, "entity": {"ExternalEntity"}, "egress": {"Egress"},
	}[k]
}

// words are the words that the language has for kinds of objects.
func words() map[string]syntax.SymbolKind {
	out := map[string]syntax.SymbolKind{}
	for _, word := range []syntax.SymbolKind{"group", "tier", "pool", "namespace", "service", "pod", "node", "machine", "entity", "egress"} {
		for _, kind := range kinds(word) {
			out[kind] = word
		}
	}
	return out
}

// keyOf is the key of what a symbol names. An object that is written field by field is of its own kind.
func keyOf(s syntax.Symbol) key {
	k := key{s.Kind, s.Namespace, s.Name}
	if o, ok := s.Decl.(*syntax.Object); ok {
		if word, known := words()[o.Kind.Text]; known {
			k.kind = word
		}
	}
	return k
}

// all gives the programs of the workspace.
func (l *look) all() []*program {
	if l.programs == nil {
		for _, path := range l.files() {
			if l.ctx.Err() != nil {
				break
			}
			if p := l.program(path); p != nil {
				l.programs = append(l.programs, p)
			}
		}
	}
	return l.programs
}

// targets finds the declarations of what a symbol names. Namespaces may have several.
func (l *look) targets(p *program, s syntax.Symbol) []target {
	if s.Kind == "let" {
		if let, in := l.let(p, s); let != nil {
			return []target{{program: l.program(in.Name), let: let}}
		}
		return nil
	}
	if l.declared == nil {
		l.index()
	}
	return l.declared[keyOf(s)]
}

// let finds the let that a symbol names, and the file that has it.
func (l *look) let(p *program, s syntax.Symbol) (*syntax.Let, *syntax.File) {
	r := l.resolvers[p.file]
	if r == nil {
		if r = syntax.NewResolver(p.file, l.directory); l.resolvers == nil {
			l.resolvers = map[*syntax.File]*syntax.Resolver{}
		}
		l.resolvers[p.file] = r
	}
	return r.Let(s)
}

func (l *look) index() {
	l.declared = map[key][]target{}
	for _, p := range l.all() {
		for i := range p.symbols {
			if s := &p.symbols[i]; s.Declares && s.Kind != "let" {
				l.declared[keyOf(*s)] = append(l.declared[keyOf(*s)], target{program: p, symbol: s})
			}
		}
	}
	l.refresh(l.ctx)
	known := words()
	for o := range l.objects.All() {
		m := o.Header()
		if word, ok := known[m.Kind]; ok && filepath.Ext(m.Pos.File) != manifest.ProgramExtension {
			k := key{word, m.Namespace, m.Name}
			l.declared[k] = append(l.declared[k], target{object: o})
		}
	}
}

// place is where a target's name stands.
func (l *look) place(t target) location {
	switch {
	case t.let != nil:
		return location{l.uri(t.program.path), t.program.lines.span(t.let.Name.Span)}
	case t.symbol != nil:
		return location{l.uri(t.program.path), t.program.lines.span(t.symbol.Span)}
	}
	return l.location(t.object.Header().Pos)
}

// at finds the symbol at a place of a document; false if there is none.
func (l *look) at(p positionParams) (*program, *syntax.Symbol) {
	in := l.program(pathOf(p.Document.URI))
	if in == nil {
		return nil, nil
	}
	line, col := in.lines.place(p.Position)
	return in, syntax.At(in.symbols, line, col)
}

// definition goes to where what stands at a place is declared.
func (l *look) definition(p positionParams) (any, error) {
	out := []location{}
	in, symbol := l.at(p)
	switch {
	case in == nil:
	case symbol != nil:
		for _, t := range l.targets(in, *symbol) {
			out = append(out, l.place(t))
		}
	default:
		line, col := in.lines.place(p.Position)
		if i := syntax.ImportAt(in.file, "", line, col); i != nil {
			files, _ := l.directory(in.path, i.Path.Text)
			for _, f := range files {
				out = append(out, location{URI: l.uri(f.Name)})
			}
		}
	}
	return out, nil
}

// references lists where what stands at a place is named, in programs, and if it is asked for where it is declared.
func (l *look) references(p referenceParams) (any, error) {
	out := []location{}
	in, symbol := l.at(p.positionParams)
	if symbol == nil || symbol.Kind == "selector" {
		return out, nil
	}
	this := key{}
	var let *syntax.Let
	if symbol.Kind == "let" {
		if let, _ = l.let(in, *symbol); let == nil {
			return out, nil
		}
	} else {
		this = keyOf(*symbol)
	}
	for _, other := range l.all() {
		for _, s := range other.symbols {
			if s.Declares && !p.Context.Declaration || !l.same(other, s, this, let) {
				continue
			}
			out = append(out, location{l.uri(other.path), other.lines.span(s.Span)})
		}
	}
	if p.Context.Declaration {
		for _, t := range l.targets(in, *symbol) {
			if t.object != nil {
				out = append(out, l.place(t))
			}
		}
	}
	return out, nil
}

// same reports whether a symbol names a let, or else what has a key.
func (l *look) same(p *program, s syntax.Symbol, this key, let *syntax.Let) bool {
	if let == nil {
		return s.Kind != "let" && s.Kind != "selector" && keyOf(s) == this
	}
	if s.Kind != "let" || s.Name != let.Name.Text && !strings.HasSuffix(s.Name, "."+let.Name.Text) {
		return false
	}
	found, _ := l.let(p, s)
	return found == let
}

// mostSymbols bounds the answer to a search for declarations.
const mostSymbols = 500

// everywhere lists the declarations of all programs whose names have a text in them, whatever the case of its letters.
func (l *look) everywhere(p queryParams) (any, error) {
	out := []symbolInformation{}
	for _, in := range l.all() {
		for _, s := range in.symbols {
			if !s.Declares || !strings.Contains(strings.ToLower(s.Name), strings.ToLower(p.Query)) {
				continue
			}
			if out = append(out, symbolInformation{s.Name, symbolKind(s.Kind), location{l.uri(in.path), in.lines.span(s.Span)}, s.Namespace}); len(out) == mostSymbols {
				return out, nil
			}
		}
	}
	return slices.Clip(out), nil
}
