package syntax

import (
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// node makes a node at the beginning of the span.
func (s Span) node(kind tree.Kind) *tree.Node {
	return &tree.Node{Kind: kind, Line: s.Line, Col: s.Col}
}

// str makes a string.
func (s Span) str(text string) *tree.Node {
	n := s.node(tree.Scalar)
	n.Style, n.Text = tree.DoubleQuoted, text
	return n
}

// plain makes what may be a number or a boolean.
func (s Span) plain(text string) *tree.Node {
	n := s.node(tree.Scalar)
	n.Text = text
	return n
}

// str is the word as a string.
func (w Word) str() *tree.Node { return w.Span.str(w.Text) }

// plain is the word as what it looks like, unless it was written as a string.
func (w Word) plain() *tree.Node {
	if w.Quoted {
		return w.str()
	}
	return w.Span.plain(w.Text)
}

// list makes a list.
func (s Span) list(items ...*tree.Node) *tree.Node {
	n := s.node(tree.Sequence)
	last := &n.First
	for _, item := range items {
		*last = item
		last = &item.Next
	}
	return n
}

// strs makes a list of strings.
func strs(at Span, words []Word) *tree.Node {
	var items []*tree.Node
	for _, w := range words {
		items = append(items, w.str())
	}
	return at.list(items...)
}

// entry is a pair of a mapping. One without a value is left out.
type entry struct {
	key   string
	value *tree.Node
}

// mapping makes a mapping.
func (s Span) mapping(entries ...entry) *tree.Node {
	n := s.node(tree.Mapping)
	for _, e := range entries {
		if e.value != nil {
			add(n, e.key, e.value)
		}
	}
	return n
}

// add puts a pair at the end of a mapping. The key is where the value is.
func add(n *tree.Node, key string, value *tree.Node) {
	last := &n.First
	for *last != nil {
		last = &(*last).Next
	}
	k := &tree.Node{Style: tree.DoubleQuoted, Line: value.Line, Col: value.Col, Text: key}
	k.Next, *last = value, k
}

// put sets a field below a mapping: its path has the names of fields, separated by dots. What the field says already stays, so that
// it is seen to be said twice.
func put(n *tree.Node, path string, value *tree.Node) {
	for {
		name, rest, more := strings.Cut(path, ".")
		if !more {
			add(n, name, value)
			return
		}
		inner := n.Get(name)
		if inner == nil {
			inner = &tree.Node{Kind: tree.Mapping, Line: value.Line, Col: value.Col}
			add(n, name, inner)
		}
		if inner.Kind != tree.Mapping {
			add(n, name, value)
			return
		}
		n, path = inner, rest
	}
}

// value makes the tree of a Value.
func (v Value) node() *tree.Node {
	switch v.Kind {
	case List:
		var items []*tree.Node
		for _, item := range v.Items {
			items = append(items, item.node())
		}
		return v.Span.list(items...)
	case Mapping:
		n := v.Span.mapping()
		for _, f := range v.Fields {
			add(n, f.Path.Text, f.Value.node())
		}
		return n
	default:
		return v.Word.plain()
	}
}
