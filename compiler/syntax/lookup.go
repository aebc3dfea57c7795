package syntax

import (
	"path"
	"strings"
)

// SymbolKind is what a Symbol names, in the word that the language has for it: "let", "namespace", "policy" and so on; "selector" for peers
// that no name stands for.
type SymbolKind string

// Symbol is a place of a program that stands for something: a name where it is declared or used, or a selector.
type Symbol struct {
	Span
	Kind      SymbolKind
	Name      string
	Namespace string // in which it stands, or which it states; "" outside of namespaces
	Declares  bool
	Whole     Span  // of the declaration, if Declares
	Decl      Decl  // the same
	Peer      *Peer // of a selector, and of names that are peers
	within    *Namespace
}

// Symbols lists what stands for something, in the order of the text. Of overlapping ones, an outer comes before an inner.
func Symbols(f *File) []Symbol {
	s := &symbols{}
	for _, d := range f.Decls {
		s.declaration(d)
	}
	return s.out
}

// At finds the innermost symbol at a place, nil if nothing is there. The place behind a symbol belongs to it.
func At(list []Symbol, line, col int32) *Symbol {
	var out *Symbol
	for i := range list {
		s := &list[i]
		behind := line < s.Line || line == s.Line && col < s.Col
		before := line > s.EndLine || line == s.EndLine && col > s.EndCol
		if !behind && !before {
			out = s
		}
	}
	return out
}

// Resolver finds what names of a file stand for. Each import is read once.
type Resolver struct {
	translator *translator
	file       *scope
	within     map[*Namespace]*scope
}

// NewResolver makes a Resolver of a file. The directory is that of Translate.
func NewResolver(f *File, directory Directory) *Resolver {
	t := &translator{file: f, directory: directory, scopes: map[string]*scope{}, groups: map[string]bool{}}
	r := &Resolver{t, t.open(nil, f, f.Decls), map[*Namespace]*scope{}}
	t.scopes[f.Name] = r.file
	return r
}

// Let finds what a symbol of the kind "let" stands for, and the file that declares it; nil if nothing does.
func (r *Resolver) Let(s Symbol) (*Let, *File) {
	in := r.file
	if s.within != nil {
		if in = r.within[s.within]; in == nil {
			in = r.translator.open(r.file, r.file.file, s.within.Decls)
			r.within[s.within] = in
		}
	}
	let, found := r.translator.resolve(in, Word{Span: s.Span, Text: s.Name})
	if let == nil {
		return nil, nil
	}
	return let, found.file
}

// NamespaceAt names the namespace within whose braces a line stands, "" for none.
func NamespaceAt(f *File, line int32) string {
	for _, d := range f.Decls {
		if n, ok := d.(*Namespace); ok && n.Line <= line && line <= n.EndLine {
			return n.Name.Text
		}
	}
	return ""
}

// Names lists the names of lets that are known where a line stands, those of imports with the import's name before.
func Names(f *File, line int32, directory Directory) []string {
	t := &translator{file: f, directory: directory, scopes: map[string]*scope{}, groups: map[string]bool{}}
	in := t.open(nil, f, f.Decls)
	t.scopes[f.Name] = in
	t.imported(in)
	for _, d := range f.Decls {
		if n, ok := d.(*Namespace); ok && n.Line <= line && line <= n.EndLine {
			in = t.open(in, f, n.Decls)
		}
	}
	return in.names()
}

// symbols collects.
type symbols struct {
	out    []Symbol
	within *Namespace
}

func (s *symbols) add(kind SymbolKind, w Word, p *Peer) {
	if !w.Stated() || w.Span == (Span{}) {
		return
	}
	sym := Symbol{Span: w.Span, Kind: kind, Name: w.Text, Peer: p, within: s.within}
	if s.within != nil {
		sym.Namespace = s.within.Name.Text
	}
	switch kind {
	case "service", "pod", "account": // NAMESPACE/NAME
		if namespace, name, both := strings.Cut(w.Text, "/"); both {
			sym.Namespace, sym.Name = namespace, name
		}
	case "tier", "pool", "namespace", "node":
		sym.Namespace = ""
	}
	s.out = append(s.out, sym)
}

func (s *symbols) declare(kind SymbolKind, name Word, d Decl) {
	before := len(s.out)
	s.add(kind, name, nil)
	if len(s.out) > before {
		s.out[before].Declares, s.out[before].Whole, s.out[before].Decl = true, d.Where(), d
		s.out[before].Name = name.Text
	}
}

func (s *symbols) declaration(d Decl) {
	switch d := d.(type) {
	case *Let:
		s.declare("let", d.Name, d)
		s.peers(d.Peers)
		s.ports(d.Ports)
	case *Namespace:
		s.declare("namespace", d.Name, d)
		s.within = d
		for _, inner := range d.Decls {
			s.declaration(inner)
		}
		s.within = nil
	case *Policy:
		s.policy(d)
	case *Tier:
		s.declare("tier", d.Name, d)
	case *Group:
		s.declare("group", d.Name, d)
		s.peers(d.Peers)
	case *Egress:
		s.declare("egress", d.Name, d)
		s.peers(d.For)
		for _, pool := range d.Pools {
			s.add("pool", pool, nil)
		}
	case *Expect:
		s.peers(d.From)
		s.peers(d.To)
		s.ports(d.Ports)
	default:
		s.cluster(d)
	}
}

// cluster is for what a cluster consists of.
func (s *symbols) cluster(d Decl) {
	switch d := d.(type) {
	case *Pool:
		s.declare("pool", d.Name, d)
		if d.Nodes != nil {
			s.selector(&Peer{Span: d.Nodes.Span, Kind: Nodes, Selector: d.Nodes})
		}
	case *Node:
		s.declare("node", d.Name, d)
	case *Pod:
		s.declare("pod", d.Name, d)
		s.add("node", d.Node, nil)
	case *Service:
		s.declare("service", d.Name, d)
		if d.Selects && d.Pods != nil {
			s.selector(&Peer{Span: d.Pods.Span, Kind: Pods, Selector: d.Pods})
		}
	case *Machine:
		s.declare("machine", d.Name, d)
	case *Entity:
		s.declare("entity", d.Name, d)
		s.add("machine", d.Machine, nil)
	case *Object:
		s.declare("object", d.Name, d)
	}
}

func (s *symbols) policy(d *Policy) {
	s.declare("policy", d.Name, d)
	s.add("tier", d.Tier, nil)
	s.peers(d.For)
	for _, r := range d.Rules {
		s.peers(r.Peers)
		s.ports(r.Ports)
		s.peers(r.For)
	}
}

func (s *symbols) selector(p *Peer) {
	sym := Symbol{Span: p.Span, Kind: "selector", Peer: p, within: s.within}
	if s.within != nil {
		sym.Namespace = s.within.Name.Text
	}
	s.out = append(s.out, sym)
}

func (s *symbols) peers(list []Peer) {
	for i := range list {
		p := &list[i]
		switch p.Kind {
		case PeerNamed:
			s.add("let", p.Name, p)
		case GroupNamed:
			s.add("group", p.Name, p)
		case ServiceOf:
			s.add("service", p.Name, p)
		case PodNamed:
			s.add("pod", p.Name, p)
		case NodeNamed:
			s.add("node", p.Name, p)
		case AccountOf:
			s.add("account", p.Name, p)
		case Pods, Machines, Everybody, Nodes:
			s.selector(p)
		}
		if p.In != nil && p.In.Kind == Named {
			s.add("namespace", p.In.Name, nil)
		}
	}
}

func (s *symbols) ports(list []Port) {
	for _, p := range list {
		if p.Kind == PortsNamed {
			s.add("let", p.Value, nil)
		}
	}
}

// ImportAt finds the import whose path, or whose name before a dot, is at a place; nil if none is. Word is the dotted name there, "" if
// there is none.
func ImportAt(f *File, word string, line, col int32) *Import {
	alias, _, dotted := strings.Cut(word, ".")
	for _, i := range f.Imports {
		if i.Path.Line == line && i.Path.Col <= col && col <= i.Path.EndCol || dotted && path.Base(i.Path.Text) == alias {
			return i
		}
	}
	return nil
}
