package syntax

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/internal/diag"
)

// Directory gives the programs of a directory, for imports: from names the file that imports it, dir is its path as written there. The
// name of each File is where problems with it are told. What is wrong with the directory itself is an error; it must not be "" for
// one without programs.
type Directory func(from, dir string) (files []*File, err error)

// scope is where names are known: a file's own, with an outer scope for those in a namespace.
type scope struct {
	outer   *scope
	file    *File
	lets    map[string]*Let
	imports map[string]*library
}

// library is what an import gives: names, each with the scope that it was declared in.
type library struct {
	lets    map[string]*Let
	scopes  map[string]*scope
	missing map[string]bool // names that it might have if it had no errors
	failed  bool            // it cannot be read
}

// open makes the scope of declarations.
func (t *translator) open(outer *scope, file *File, decls []Decl) *scope {
	s := &scope{outer: outer, file: file, lets: map[string]*Let{}}
	for _, d := range decls {
		let, ok := d.(*Let)
		if !ok {
			continue
		}
		if first, scope := s.find(let.Name.Text); first != nil {
			t.problem(Problem{Code: diag.DeclaredTwice, Span: let.Name.Span, File: t.elsewhere(file), Message: let.Name.Text + " is declared twice",
				Other: &Problem{Span: first.Name.Span, File: t.elsewhere(scope.file), Message: "the first declaration"}})
			continue
		}
		s.lets[let.Name.Text] = let
	}
	return s
}

// elsewhere names a file unless it is the one that is translated.
func (t *translator) elsewhere(f *File) string {
	if f == t.file {
		return ""
	}
	return f.Name
}

// find looks a name up from the inside to the outside.
func (s *scope) find(name string) (*Let, *scope) {
	for ; s != nil; s = s.outer {
		if let := s.lets[name]; let != nil {
			return let, s
		}
	}
	return nil, nil
}

// root is the scope of the whole file.
func (s *scope) root() *scope {
	for s.outer != nil {
		s = s.outer
	}
	return s
}

// names lists what is known, for suggestions.
func (s *scope) names() []string {
	var out []string
	for in := s; in != nil; in = in.outer {
		out = append(out, slices.Sorted(maps.Keys(in.lets))...)
	}
	for _, alias := range slices.Sorted(maps.Keys(s.root().imports)) {
		for _, name := range slices.Sorted(maps.Keys(s.root().imports[alias].lets)) {
			out = append(out, alias+"."+name)
		}
	}
	return out
}

// imported reads what a file imports, once.
func (t *translator) imported(s *scope) {
	if s.imports != nil {
		return
	}
	s.imports = map[string]*library{}
	at := map[string]*Import{}
	for _, i := range s.file.Imports {
		alias := path.Base(i.Path.Text)
		if first := at[alias]; first != nil {
			t.problem(Problem{Code: diag.DeclaredTwice, Span: i.Path.Span, File: t.elsewhere(s.file), Message: "two imports are called " + alias,
				Other: &Problem{Span: first.Path.Span, File: t.elsewhere(s.file), Message: "the first one"}})
			continue
		}
		at[alias] = i
		s.imports[alias] = t.library(s, i)
	}
}

// library reads an imported directory.
func (t *translator) library(s *scope, i *Import) *library {
	lib := &library{lets: map[string]*Let{}, scopes: map[string]*scope{}, missing: map[string]bool{}}
	if t.directory == nil {
		lib.failed = true
		t.problem(Problem{Code: diag.BadImport, Span: i.Path.Span, File: t.elsewhere(s.file), Message: "what is not in a file cannot import",
			Hint: "write the program to a file"})
		return lib
	}
	files, err := t.directory(s.file.Name, i.Path.Text)
	if err != nil {
		lib.failed = true
		t.problem(Problem{Code: diag.BadImport, Span: i.Path.Span, File: t.elsewhere(s.file), Message: "cannot import " + i.Path.Text + ": " + err.Error()})
	}
	for _, f := range files {
		scope := t.scopes[f.Name]
		if scope == nil {
			scope = t.open(nil, f, f.Decls)
			t.scopes[f.Name] = scope
		}
		maps.Copy(lib.missing, f.Missing.Names)
		lib.failed = lib.failed || f.Missing.Any
		for _, name := range slices.Sorted(maps.Keys(scope.lets)) {
			let := scope.lets[name]
			if first := lib.lets[name]; first != nil && first != let {
				t.problem(Problem{Code: diag.DeclaredTwice, Span: let.Name.Span, File: t.elsewhere(f), Message: name + " is declared twice in " + i.Path.Text,
					Other: &Problem{Span: first.Name.Span, File: t.elsewhere(lib.scopes[name].file), Message: "the first declaration"}})
				continue
			}
			lib.lets[name], lib.scopes[name] = let, scope
		}
	}
	return lib
}

// resolve finds what a name stands for, and where that is declared; nil after telling that it stands for nothing.
func (t *translator) resolve(s *scope, name Word) (*Let, *scope) {
	if let, in := s.find(name.Text); let != nil {
		return let, in
	}
	root := s.root()
	t.imported(root)
	if alias, inner, dotted := strings.Cut(name.Text, "."); dotted && root.imports[alias] != nil {
		if lib := root.imports[alias]; lib.lets[inner] != nil {
			return lib.lets[inner], lib.scopes[inner]
		}
	}
	if s.excuses(name.Text) {
		return nil, nil
	}
	p := Problem{Code: diag.UndeclaredName, Span: name.Span, File: t.elsewhere(s.file), Message: name.Text + " is not declared"}
	switch near := schema.Nearest(name.Text, append(s.names(), bare()...)); {
	case near != "":
		p.Hint = "did you mean " + near + "?"
	case t.groups[name.Text]:
		p.Hint = "write group " + name.Text
	}
	t.problem(p)
	return nil, nil
}

// bare are the keywords that may stand where a name stands that has been declared with let.
func bare() []string {
	return strings.Fields("any none pods machines nodes namespaces tcp udp sctp icmp igmp")
}

// maxExpansion bounds what names stand for in one file, all uses together: a constant plus so many times its declarations and rules.
const (
	maxExpansion      = 1000
	maxExpansionFloor = 100_000
)

// use is how far a use of a name has come: the names that lead to it.
type use struct {
	at   Span // of the name in the file that is translated
	seen []*Let
}

// enter goes from a name to what it stands for; false after telling why not.
func (t *translator) enter(s *scope, name Word, from use) (*Let, *scope, use, bool) {
	let, in, next, ok := t.reach(s, name, from)
	if !ok {
		t.unknown++
	}
	return let, in, next, ok
}

func (t *translator) reach(s *scope, name Word, from use) (*Let, *scope, use, bool) {
	let, in := t.resolve(s, name)
	if let == nil {
		return nil, nil, from, false
	}
	if slices.Contains(from.seen, let) {
		t.problem(Problem{Code: diag.EndlessName, Span: let.Name.Span, File: t.elsewhere(in.file), Message: let.Name.Text + " stands for itself"})
		return nil, nil, from, false
	}
	if len(from.seen) == 0 {
		from.at = name.Span
	}
	from.seen = append(slices.Clip(from.seen), let)
	if t.expanded++; t.expanded > t.most {
		if t.expanded == t.most+1 {
			t.problem(Problem{Code: diag.TooLarge, Span: from.at, Message: "names stand for too much, all uses together"})
		}
		return nil, nil, from, false
	}
	return let, in, from, true
}

// peers replaces names by what they stand for.
func (t *translator) peers(s *scope, list []Peer, from use) []Peer {
	var out []Peer
	for _, p := range list {
		if p.Kind != PeerNamed {
			if s.file != t.file {
				p = p.moved(from.at)
			}
			t.expanded++
			out = append(out, p)
			continue
		}
		let, in, next, ok := t.enter(s, p.Name, from)
		switch {
		case !ok:
		case len(let.Ports) > 0:
			t.unknown++
			t.misplaced(next.at, "use it behind on", "%s stands for ports, not for peers", p.Name.Text)
		default:
			out = append(out, t.peers(in, let.Peers, next)...)
		}
	}
	return out
}

// moved is a peer of another file at a place in this one.
func (p Peer) moved(at Span) Peer {
	p.Span, p.Name.Span = at, at
	p.Except = slices.Clone(p.Except)
	for i := range p.Except {
		p.Except[i].Span = at
	}
	p.Selector = p.Selector.moved(at)
	if p.In != nil {
		in := *p.In
		in.Span, in.Name.Span, in.Selector = at, at, in.Selector.moved(at)
		in.Keys = slices.Clone(in.Keys)
		for i := range in.Keys {
			in.Keys[i].Span = at
		}
		p.In = &in
	}
	return p
}

func (s *Selector) moved(at Span) *Selector {
	if s == nil {
		return nil
	}
	out := &Selector{Span: at}
	for _, r := range s.Requirements {
		r.Span, r.Key.Span, r.Values = at, at, slices.Clone(r.Values)
		for i := range r.Values {
			r.Values[i].Span = at
		}
		out.Requirements = append(out.Requirements, r)
	}
	return out
}

// ports replaces names by what they stand for, and gives each number the protocol that counts for it.
func (t *translator) ports(s *scope, list []Port, from use) []Port {
	var out []Port
	var protocol Word
	for _, p := range list {
		if s.file != t.file {
			p.Span, p.Protocol.Span, p.Value.Span, p.Source.Span, p.Group.Span = from.at, from.at, from.at, from.at, from.at
		}
		switch p.Kind {
		case PortsNamed:
			out = append(out, t.portsOf(s, p.Value, from)...)
			protocol = Word{}
			continue
		case Transport:
			protocol = p.Protocol
		case AnotherPort:
			if !protocol.Stated() {
				t.misplaced(p.Span, "write tcp "+p.Value.Text, "the port %s has no protocol", p.Value.Text)
				protocol = Word{Span: p.Span, Text: "tcp"} // those behind it are not told
			}
			p.Kind, p.Protocol = Transport, protocol
		default:
			protocol = Word{}
		}
		t.expanded++
		if t.ranges(p.Value) && t.ranges(p.Source) {
			out = append(out, p)
		}
	}
	return out
}

// ranges judges a range of ports.
func (t *translator) ranges(w Word) bool {
	first, last, both := strings.Cut(w.Text, "-")
	if !both || w.Quoted || first == "" || first[0] < '0' || first[0] > '9' {
		return true
	}
	from, err := strconv.ParseUint(first, 10, 16)
	to, wrong := strconv.ParseUint(last, 10, 16)
	switch {
	case err != nil || wrong != nil:
		t.problem(Problem{Code: diag.BadPortRange, Span: w.Span, Message: w.Text + " is no range of ports", Hint: "write two numbers up to 65535, as in tcp 8000-8080"})
	case from > to:
		t.problem(Problem{Code: diag.BadPortRange, Span: w.Span, Message: "the range " + w.Text + " ends before it begins", Hint: "write the smaller port first"})
	default:
		return true
	}
	return false
}

func (t *translator) portsOf(s *scope, name Word, from use) []Port {
	let, in, next, ok := t.enter(s, name, from)
	if !ok {
		return nil
	}
	list := let.Ports
	for _, p := range let.Peers { // names alone may be either
		if p.Kind != PeerNamed {
			t.misplaced(next.at, "use it behind from, to or for; ports are written tcp 80", "%s stands for peers, not for ports", name.Text)
			return nil
		}
		list = append(slices.Clip(list), Port{Span: p.Span, Kind: PortsNamed, Value: p.Name})
	}
	return t.ports(in, list, next)
}
