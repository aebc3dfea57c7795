package syntax

import (
	"fmt"
	"path"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// Translate turns a file's declarations into the documents that stand for the same objects, each in the order of the text, and tells
// what is wrong with names and with what stands where it cannot. What is wrong with an object as such is left to those who read
// documents. directory is asked for what the file imports; nil refuses imports.
func Translate(f *File, directory Directory) ([]*tree.Node, []Problem) {
	t := &translator{file: f, directory: directory, scopes: map[string]*scope{}, groups: map[string]bool{}}
	t.survey(f.Decls)
	s := t.open(nil, f, f.Decls)
	if f.Name != "" {
		t.scopes[f.Name] = s
	}
	t.imported(s)
	t.declarations(place{scope: s}, f.Decls)
	t.expectations()
	return t.documents, t.problems
}

type translator struct {
	file      *File
	directory Directory
	scopes    map[string]*scope // of files, by name
	groups    map[string]bool   // the names of groups
	documents []*tree.Node
	problems  []Problem
	told      map[told]bool // the problems
	expected  []*tree.Node  // items of Expectations
	expanded  int
	most      int
	unknown   int  // uses of names that stand for nothing, which have been told
	headless  bool // the policy's subject has one of them, or is none
}

// told tells problems apart.
type told struct {
	at            Span
	file, message string
}

// place is where a declaration stands.
type place struct {
	scope     *scope
	namespace *Word // nil outside of namespaces
}

// survey looks at all declarations before any is translated.
func (t *translator) survey(decls []Decl) {
	t.most += maxExpansionFloor
	var walk func([]Decl)
	walk = func(decls []Decl) {
		for _, d := range decls {
			t.most += maxExpansion
			switch d := d.(type) {
			case *Namespace:
				walk(d.Decls)
			case *Policy:
				t.most += maxExpansion * len(d.Rules)
			case *Group:
				t.groups[d.Name.Text] = true
			}
		}
	}
	walk(decls)
}

func (t *translator) problem(p Problem) {
	this := told{p.Span, p.File, p.Message}
	if t.told[this] {
		return // a name may be used more than once
	}
	if t.told == nil {
		t.told = map[told]bool{}
	}
	t.told[this] = true
	t.problems = append(t.problems, p)
}

func (t *translator) misplaced(at Span, hint, format string, args ...any) {
	t.problem(Problem{Code: diag.Misplaced, Span: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (t *translator) declarations(in place, decls []Decl) {
	for _, d := range decls {
		t.declaration(in, d)
	}
}

func (t *translator) declaration(in place, d Decl) {
	documents, expected, unknown := len(t.documents), len(t.expected), t.unknown
	defer func() {
		if t.headless || t.unknown > unknown && depends(d) {
			t.documents, t.expected = t.documents[:documents], t.expected[:expected]
		}
		t.headless = false
	}()
	switch d := d.(type) {
	case *Let:
		t.unused(in, d)
	case *Namespace:
		t.namespace(in, d)
	case *Policy:
		t.policy(in, d)
	case *Tier:
		t.tier(in, d)
	case *Group:
		t.group(in, d)
	case *Egress:
		t.egress(in, d)
	case *Pool:
		t.pool(in, d)
	case *Node:
		t.node(in, d)
	case *Pod:
		t.pod(in, d)
	case *Service:
		t.service(in, d)
	case *Machine:
		t.machine(in, d)
	case *Entity:
		t.entity(in, d)
	case *Object:
		t.object(in, d)
	case *Expect:
		t.expect(in, d)
	}
}

// depends reports whether a declaration says nothing without what its names stand for. A policy says something if its subject is known.
func depends(d Decl) bool {
	switch d.(type) {
	case *Group, *Egress, *Expect:
		return true
	}
	return false
}

// unused judges what a name stands for even if nobody uses it.
func (t *translator) unused(in place, l *Let) {
	start := use{at: l.Name.Span, seen: []*Let{l}}
	if len(l.Ports) > 0 {
		t.ports(in.scope, l.Ports, start)
		return
	}
	for _, p := range l.Peers {
		if p.Kind == PeerNamed { // of either kind
			t.follow(in.scope, p.Name, start)
		}
	}
}

// follow goes along names to see whether they end somewhere.
func (t *translator) follow(s *scope, name Word, from use) {
	let, in, next, ok := t.enter(s, name, from)
	if !ok {
		return
	}
	for _, p := range let.Peers {
		if p.Kind == PeerNamed {
			t.follow(in, p.Name, next)
		}
	}
}

func (t *translator) namespace(in place, n *Namespace) {
	if in.namespace != nil {
		t.misplaced(n.Name.Span, "close the other one before", "namespaces are not nested")
		return
	}
	if len(n.Labels)+len(n.Annotations) > 0 || !n.Block {
		t.begin("v1", "Namespace", n.Head, nil)
	}
	t.declarations(place{t.open(in.scope, t.file, n.Decls), &n.Name}, n.Decls)
}

// begin makes the document of an object.
func (t *translator) begin(version, kind string, h Head, namespace *Word) *tree.Node {
	meta := h.Name.Span.mapping(entry{"name", h.Name.str()})
	if namespace != nil {
		add(meta, "namespace", namespace.str())
	}
	if len(h.Labels) > 0 {
		add(meta, "labels", pairs(h.Labels))
	}
	if len(h.Annotations) > 0 {
		add(meta, "annotations", pairs(h.Annotations))
	}
	root := h.Span.mapping(entry{"apiVersion", h.Span.str(version)}, entry{"kind", h.Span.str(kind)}, entry{"metadata", meta})
	t.documents = append(t.documents, root)
	return root
}

func pairs(list []Pair) *tree.Node {
	n := list[0].Key.Span.mapping()
	for _, p := range list {
		add(n, p.Key.Text, p.Value.str())
		last := n.First
		for last.Next.Next != nil {
			last = last.Next.Next
		}
		last.Line, last.Col = p.Key.Line, p.Key.Col
	}
	return n
}

// needsNamespace tells that an object belongs into one.
func (t *translator) needsNamespace(in place, h Head, what string) bool {
	if in.namespace == nil && !t.file.Missing.Brace {
		t.misplaced(h.Name.Span, "write it within namespace NAME { ... }", "%s belongs into a namespace", what)
	}
	return in.namespace != nil
}

// clusterWide tells that an object belongs into none.
func (t *translator) clusterWide(in place, h Head, what string) bool {
	if in.namespace != nil {
		t.misplaced(h.Name.Span, "write it outside of the namespace's braces", "%s belongs into no namespace", what)
	}
	return in.namespace == nil
}

// selector translates a selector; nil selects everything.
func selector(at Span, s *Selector) *tree.Node {
	if s == nil {
		return at.mapping()
	}
	n := s.Span.mapping()
	var labels *tree.Node
	var expressions []*tree.Node
	for _, r := range s.Requirements {
		if r.Is == Equal {
			if labels == nil {
				labels = r.Span.mapping()
			}
			add(labels, r.Key.Text, r.Values[0].str())
			continue
		}
		e := r.Span.mapping(entry{"key", r.Key.str()}, entry{"operator", r.Span.str(operator(r.Is))})
		if len(r.Values) > 0 {
			add(e, "values", strs(r.Span, r.Values))
		}
		expressions = append(expressions, e)
	}
	if labels != nil {
		add(n, "matchLabels", labels)
	}
	if len(expressions) > 0 {
		add(n, "matchExpressions", s.Span.list(expressions...))
	}
	return n
}

func operator(c Comparison) string {
	switch c {
	case Among:
		return "In"
	case Differs, NotAmong:
		return "NotIn"
	case Present:
		return "Exists"
	default:
		return "DoesNotExist"
	}
}

// namespaceName is the label that every namespace has.
const namespaceName = "kubernetes.io/metadata.name"

// where translates a place that does not depend on who the subject is.
func (p *Place) where() *tree.Node {
	if p.Kind == Named {
		return p.Span.mapping(entry{"matchLabels", p.Span.mapping(entry{namespaceName, p.Name.str()})})
	}
	return selector(p.Span, p.Selector)
}

// reference splits NAMESPACE/NAME; the namespace is by default the one that it is said in.
func (t *translator) reference(in place, name Word) *tree.Node {
	namespace, own, both := strings.Cut(name.Text, "/")
	switch {
	case both:
	case in.namespace != nil:
		namespace, own = in.namespace.Text, name.Text
	case t.file.Missing.Brace:
		return nil
	default:
		t.misplaced(name.Span, "write NAMESPACE/"+name.Text, "%s is in no namespace", name.Text)
		return nil
	}
	return name.Span.mapping(entry{"name", name.Span.str(own)}, entry{"namespace", name.Span.str(namespace)})
}

// stem is a file's name without directories and without what says what kind of a file it is.
func stem(name string) string { return strings.TrimSuffix(path.Base(name), ".hg") }
