package syntax

import (
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// Raiser turns documents into the declarations that mean the same: the way back from Translate. Of each kind it takes the sentence that is
// made for it if that says everything that the document says and something depends on, and else the declaration of an object, field by
// field. Objects of a namespace are within its braces, which stand where the first of them stood.
type Raiser struct {
	Namespace string                    // of objects that belong into one and state none
	Comments  func(line int32) []string // gives the comments before a line, without what begins them; may be nil
	file      File
	spaces    map[string]*Namespace
	notes     map[note][]string
	fallbacks map[string]int
	problems  []Problem
	counted   map[string]fieldSet  // by kind
	omissions map[string]*omission // by kind
}

// note is what a comment stands before: a declaration, or one of a policy's rules.
type note struct {
	decl Decl
	rule int // -1: the declaration
}

// Add raises a document, which may be a list of objects. What cannot be said, because headgate does not read the kind, is reported.
func (r *Raiser) Add(root *tree.Node) []Problem {
	r.problems = nil
	r.add(root, "", "")
	return r.problems
}

// File gives what was added.
func (r *Raiser) File() *File { return &r.file }

// Fallbacks counts the objects of each kind that no sentence could say, by API version and kind.
func (r *Raiser) Fallbacks() map[string]int { return r.fallbacks }

// add raises an object or the items of a list; version and kind are of those that do not state them.
func (r *Raiser) add(root *tree.Node, version, kind string) {
	if own := scalar(root.Get("kind")); own != "" {
		version, kind = scalar(root.Get("apiVersion")), own
	}
	items := root.Get("items")
	if inner, isList := strings.CutSuffix(kind, "List"); isList && (items != nil || kind == "List") {
		if inner == "" {
			version = ""
		}
		for _, item := range items.Items() {
			r.add(item, version, inner)
		}
		return
	}
	k, known := raisable()[version+" "+kind]
	if !known {
		at := root
		if n := root.Get("kind"); n != nil {
			at = n
		}
		width := int32(len(at.Text))
		r.problems = append(r.problems, Problem{Code: diag.UnknownKind, Span: Span{at.Line, at.Col, at.Line, at.Col + max(width, 1)},
			Message: "objects of the kind " + strings.TrimSpace(version+" "+kind) + " cannot be converted", Hint: "leave it out; headgate does not read this kind"})
		return
	}
	r.object(root, version, kind, k)
}

func scalar(n *tree.Node) string {
	if n.IsNull() || n.Kind != tree.Scalar {
		return ""
	}
	return n.Text
}

// object raises one object.
func (r *Raiser) object(root *tree.Node, version, kind string, k raising) {
	namespace := ""
	if k.namespaced {
		if namespace = scalar(root.Get("metadata").Get("namespace")); namespace == "" {
			namespace = r.Namespace
		}
	}
	counts := r.trim(root, version+" "+kind)
	decls, ok := r.sentence(counts, namespace, k)
	if !ok {
		decls = []Decl{generic(counts, version, kind, k.namespaced)}
		if r.fallbacks == nil {
			r.fallbacks = map[string]int{}
		}
		r.fallbacks[version+" "+kind]++
	}
	if len(decls) > 0 {
		r.comment(decls[0], -1, root.Line)
	}
	if p, isPolicy := decls[0].(*Policy); isPolicy {
		for i, rule := range p.Rules {
			r.comment(p, i, rule.Line)
		}
	}
	r.put(namespace, decls)
}

func (r *Raiser) sentence(root *tree.Node, namespace string, k raising) (decls []Decl, ok bool) {
	if k.raise == nil {
		return nil, false
	}
	o := &reading{namespace: namespace, root: root}
	o.head = o.meta(root, k)
	decls = k.raise(o)
	return decls, !o.failed && len(decls) > 0
}

// put puts declarations where they belong.
func (r *Raiser) put(namespace string, decls []Decl) {
	if r.spaces == nil {
		r.spaces = map[string]*Namespace{}
	}
	if namespace == "" {
		for _, d := range decls {
			if n, isSpace := d.(*Namespace); isSpace && r.adopt(n) {
				continue
			}
			r.file.Decls = append(r.file.Decls, d)
		}
		return
	}
	space := r.spaces[namespace]
	switch {
	case space == nil:
		space = &Namespace{Head: Head{Name: Name(namespace)}}
		r.spaces[namespace] = space
		r.file.Decls = append(r.file.Decls, space)
	}
	space.Block = true
	space.Decls = append(space.Decls, decls...)
}

// adopt makes one declaration of a namespace with labels and its block. One without labels is only declared without braces.
func (r *Raiser) adopt(n *Namespace) bool {
	if len(n.Labels)+len(n.Annotations) == 0 {
		return false
	}
	space := r.spaces[n.Name.Text]
	if space == nil {
		r.spaces[n.Name.Text] = n
		return false
	}
	if len(space.Labels)+len(space.Annotations) > 0 {
		return false // there is one of the name already
	}
	space.Labels, space.Annotations = n.Labels, n.Annotations
	if c, noted := r.notes[note{n, -1}]; noted {
		r.notes[note{space, -1}] = c
	}
	return true
}

func (r *Raiser) comment(d Decl, rule int, line int32) {
	if r.Comments == nil {
		return
	}
	if lines := r.Comments(line); len(lines) > 0 {
		if r.notes == nil {
			r.notes = map[note][]string{}
		}
		r.notes[note{d, rule}] = lines
	}
}

// Print writes what was added as Print does, with the comments.
func (r *Raiser) Print() string {
	text := Print(&r.file)
	if len(r.notes) == 0 {
		return text
	}
	printed, problems := Parse("", text)
	if len(problems) > 0 {
		return text
	}
	before := map[int32][]string{}
	r.places(r.file.Decls, printed.Decls, before)
	var out strings.Builder
	line := int32(0)
	for text := range strings.Lines(text) {
		line++
		indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
		for _, c := range before[line] {
			out.WriteString(indent + strings.TrimRight("// "+c, " ") + "\n")
		}
		out.WriteString(text)
	}
	if formatted, problems := Format("", out.String()); len(problems) == 0 {
		return formatted
	}
	return text
}

// places finds the lines of what has comments: the declarations that were printed are the same, in the same order.
func (r *Raiser) places(own, printed []Decl, before map[int32][]string) {
	for i, d := range own {
		at := printed[i].Where().Line
		before[at] = append(before[at], r.notes[note{d, -1}]...)
		switch d := d.(type) {
		case *Namespace:
			r.places(d.Decls, printed[i].(*Namespace).Decls, before)
		case *Policy:
			for j, rule := range printed[i].(*Policy).Rules {
				before[rule.Line] = append(before[rule.Line], r.notes[note{d, j}]...)
			}
		}
	}
}

// reading takes a document apart. It fails at everything that the sentence does not say.
type reading struct {
	namespace string // "" outside of namespaces
	root      *tree.Node
	head      Head
	failed    bool
}

func (o *reading) fail() { o.failed = true }

// only gives the values of a mapping's fields, nil for what is absent or null, and fails if it has others.
func (o *reading) only(n *tree.Node, names ...string) []*tree.Node {
	out := make([]*tree.Node, len(names))
	if n.IsNull() {
		return out
	}
	if n.Kind != tree.Mapping {
		o.fail()
		return out
	}
next:
	for key, value := range n.Pairs() {
		if value.IsNull() {
			continue
		}
		for i, name := range names {
			if key.Text == name {
				out[i] = value
				continue next
			}
		}
		o.fail()
	}
	return out
}

// items gives a list's items, none for nil.
func (o *reading) items(n *tree.Node) []*tree.Node {
	if n == nil {
		return nil
	}
	if n.Kind != tree.Sequence {
		o.fail()
		return nil
	}
	var out []*tree.Node
	for _, item := range n.Items() {
		out = append(out, item)
	}
	return out
}

// text is a string.
func (o *reading) text(n *tree.Node) string {
	if n == nil || n.Kind != tree.Scalar || n.Type() != tree.String {
		o.fail()
		return ""
	}
	return n.Text
}

// name is a string as a word, absent for nil.
func (o *reading) name(n *tree.Node) Word {
	if n == nil {
		return Word{}
	}
	return Name(o.text(n))
}

// number is a number as it stands there, absent for nil.
func (o *reading) number(n *tree.Node) Word {
	if n == nil {
		return Word{}
	}
	if n.Kind != tree.Scalar || n.Type() == tree.String || !isNumber(n.Text) {
		o.fail()
	}
	return Word{Text: n.Text}
}

// quantity is a number or a string that looks like one, as 10M.
func (o *reading) quantity(n *tree.Node) Word {
	if n == nil {
		return Word{}
	}
	if n.Kind != tree.Scalar || !isNumber(n.Text) {
		o.fail()
	}
	return Word{Text: n.Text}
}

// eachItem reads every item of a list, none for nil.
func eachItem[T any](o *reading, n *tree.Node, read func(*tree.Node) T) []T {
	var out []T
	for _, item := range o.items(n) {
		out = append(out, read(item))
	}
	return out
}

// names is a list of strings.
func (o *reading) names(n *tree.Node) []Word { return eachItem(o, n, o.name) }

// address is an address alone.
func (o *reading) address(n *tree.Node) Word {
	text := o.text(n)
	if a, err := netip.ParseAddr(text); err != nil || a.Zone() != "" {
		o.fail()
	}
	return Word{Text: text}
}

func (o *reading) addresses(n *tree.Node) []Word { return eachItem(o, n, o.address) }

// countStated counts the nodes that are there.
func countStated(list []*tree.Node) int {
	n := 0
	for _, value := range list {
		if value != nil {
			n++
		}
	}
	return n
}

// network is a prefix; one of a single address is written as that.
func (o *reading) network(n *tree.Node) Word {
	text := o.text(n)
	p, err := netip.ParsePrefix(text)
	if err != nil {
		o.fail()
		return Word{}
	}
	if address, _, _ := strings.Cut(text, "/"); p.IsSingleIP() {
		return Word{Text: address}
	}
	return Word{Text: text}
}

// pairs is labels or annotations.
func (o *reading) pairs(n *tree.Node) []Pair {
	if n == nil {
		return nil
	}
	var out []Pair
	for key, value := range n.Pairs() {
		out = append(out, Pair{Name(key.Text), o.name(value)})
	}
	return out
}

// meta reads the metadata. What else it says has no place in a sentence without fields.
func (o *reading) meta(root *tree.Node, k raising) Head {
	h := Head{Span: Span{Line: root.Line, Col: root.Col}}
	for key, value := range root.Get("metadata").Pairs() {
		switch {
		case value.IsNull():
		case key.Text == "name":
			h.Name = o.name(value)
		case key.Text == "namespace" && k.namespaced:
		case key.Text == "labels":
			h.Labels = o.pairs(value)
		case key.Text == "annotations":
			h.Annotations = o.pairs(value)
		case !k.open:
			o.fail()
		}
	}
	if !h.Name.Stated() {
		o.fail()
	}
	return h
}

// spec gives fields of spec, and fails if the object has others, or more beside it.
func (o *reading) spec(names ...string) []*tree.Node {
	top := o.only(o.root, "apiVersion", "kind", "metadata", "spec")
	return o.only(top[3], names...)
}
