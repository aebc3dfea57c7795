// Package tree reads one YAML or JSON document into a tree of nodes that know their place in the input.
//
// There are two readers: a scanner for the YAML that people and kubectl write, and yaml.v3 for everything else (anchors,
// tags, directives, ...). Guarantees: both give the same tree for the same text; where the scanner has any doubt it
// leaves the document to yaml.v3; no input makes either panic; aliases and merge keys are expanded within a bound.
package tree

import "strings"

// Kind is what a node is.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Mapping
	Sequence
)

// String gives the kind's word in messages.
func (k Kind) String() string { return [...]string{"scalar", "mapping", "list"}[k] }

// Style tells how a scalar was written. It matters because only plain scalars can be numbers, booleans and null.
type Style uint8

// The styles of scalars. Collections are Plain.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal
	Folded
)

// Node is one value of a document. A mapping's children are its keys and values in turn, a sequence's its items.
// Nodes belong to the Arena that they were read into and die with its Reset.
type Node struct {
	Kind  Kind
	Style Style
	Line  int32 // from 1
	Col   int32 // in bytes, from 1
	Text  string
	First *Node
	Next  *Node
}

// Pairs yields a mapping's keys and values in the order of the text; nothing for other kinds.
func (n *Node) Pairs() func(yield func(key, value *Node) bool) {
	return func(yield func(key, value *Node) bool) {
		if n == nil || n.Kind != Mapping {
			return
		}
		for k := n.First; k != nil; k = k.Next.Next {
			if !yield(k, k.Next) {
				return
			}
		}
	}
}

// Items yields a sequence's items with their index; nothing for other kinds.
func (n *Node) Items() func(yield func(i int, item *Node) bool) {
	return func(yield func(int, *Node) bool) {
		if n == nil || n.Kind != Sequence {
			return
		}
		i := 0
		for item := n.First; item != nil; item = item.Next {
			if !yield(i, item) {
				return
			}
			i++
		}
	}
}

// Len counts a mapping's pairs or a sequence's items; 0 for a scalar or nil.
func (n *Node) Len() int {
	if n == nil {
		return 0
	}
	count := 0
	for k := n.First; k != nil; k = k.Next {
		count++
	}
	if n.Kind == Mapping {
		return count / 2
	}
	return count
}

// Lookup returns the key node and the value of a mapping's key, or nil and nil.
func (n *Node) Lookup(name string) (key, value *Node) {
	for k, v := range n.Pairs() {
		if k.Text == name {
			return k, v
		}
	}
	return nil, nil
}

// Get returns the value of a mapping's key, or nil.
func (n *Node) Get(name string) *Node {
	_, v := n.Lookup(name)
	return v
}

// Arena holds nodes in blocks that are used again after Reset. The zero value is ready. Not safe for concurrent use.
type Arena struct {
	blocks [][]Node
	block  int
	used   int
}

const arenaBlock = 2048

// Reset forgets every node that was read into the arena and keeps the memory.
func (a *Arena) Reset() {
	for i := range min(a.block+1, len(a.blocks)) {
		clear(a.blocks[i])
	}
	const keep = 64 // blocks; more came from one unusual document
	if len(a.blocks) > keep {
		a.blocks = a.blocks[:keep:keep]
	}
	a.block, a.used = 0, 0
}

func (a *Arena) node(kind Kind, line, col int32) *Node {
	if a.block < len(a.blocks) && a.used == arenaBlock {
		a.block++
		a.used = 0
	}
	if a.block == len(a.blocks) {
		a.blocks = append(a.blocks, make([]Node, arenaBlock))
	}
	n := &a.blocks[a.block][a.used]
	a.used++
	n.Kind, n.Line, n.Col = kind, line, col
	return n
}

// Start is the place in a file where a text begins.
type Start struct{ Line, Col int32 }

// Reason tells what an Error is about.
type Reason uint8

// The reasons why a document is refused.
const (
	Malformed Reason = iota // not well-formed
	Excessive               // too deep, or too large after expansion of aliases
)

// Error is a reason why a document cannot be read, at a place.
type Error struct {
	Reason  Reason
	Line    int32
	Col     int32
	Message string
	Hint    string
}

// Error gives the message without the place.
func (e *Error) Error() string { return e.Message }

// MaxDepth is the deepest nesting of collections that is read.
const MaxDepth = 200

// maxExpansion bounds the nodes of a document with aliases: a constant plus so many times its bytes.
const (
	maxExpansion      = 8
	maxExpansionFloor = 10_000
)

// Parse reads the document at the beginning of the text, which may begin with a "---" line, into the arena and returns
// how much of the text it took: all, unless another mapping in brackets follows one in brackets, as in JSON streams. The
// root is nil if there is nothing but comments or null.
func Parse(text string, at Start, arena *Arena) (root *Node, length int, err *Error) {
	root, length, doubt := scanDocument(text, at, arena)
	if doubt != nil {
		length = len(text)
		if end := JSONEnd(text); end > 0 && strings.HasPrefix(strings.TrimLeft(text[end:], " \t\r\n"), "{") {
			length = end
		}
		if root, err = parseSlow(text[:length], at, arena, doubt); err != nil {
			return nil, length, err
		}
	}
	if root.IsNull() {
		root = nil
	}
	return root, length, nil
}

// After is where the text behind the given one begins.
func (s Start) After(text string) Start {
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		return Start{s.Line + int32(strings.Count(text, "\n")), int32(len(text) - i)}
	}
	return Start{s.Line, s.Col + int32(len(text))}
}

// JSONEnd returns the offset behind the first mapping in brackets if the text begins with one, by counting brackets
// outside of strings; 0 if there is none or it does not end.
func JSONEnd(text string) int {
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	if start == len(text) || text[start] != '{' {
		return 0
	}
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// Repeated reports each key that its mapping already has, in the order of the text, everywhere below n except in the
// value skip.
func Repeated(n, skip *Node, report func(path Steps, first, again *Node)) {
	w := repeats{skip: skip, report: report, path: make(Steps, 0, 32)}
	w.walk(n)
}

type repeats struct {
	skip   *Node
	report func(path Steps, first, again *Node)
	path   Steps
}

func (w *repeats) walk(n *Node) {
	if n == nil || n == w.skip {
		return
	}
	top := len(w.path)
	switch n.Kind {
	case Mapping:
		var keys keySet
		for k, v := range n.Pairs() {
			first := keys.add(n, k)
			if first == nil && v.Kind == Scalar {
				continue
			}
			w.path = append(w.path[:top], Step{Key: k.Text})
			if first != nil {
				w.report(w.path, first, k)
			}
			w.walk(v)
		}
	case Sequence:
		for i, item := range n.Items() {
			if item.Kind != Scalar {
				w.path = append(w.path[:top], Step{Index: i})
				w.walk(item)
			}
		}
	}
	w.path = w.path[:top]
}

// keySet finds the keys of a mapping again: pairwise while there are few, then by a map.
type keySet struct {
	count int
	seen  map[string]*Node
}

// add returns the earlier key that is equal to key, if there is one.
func (s *keySet) add(mapping, key *Node) *Node {
	const few = 24
	s.count++
	if s.count <= few {
		for k := mapping.First; k != key; k = k.Next.Next {
			if k.Text == key.Text {
				return k
			}
		}
		return nil
	}
	if s.seen == nil {
		s.seen = make(map[string]*Node)
		for k := mapping.First; k != key; k = k.Next.Next {
			if s.seen[k.Text] == nil {
				s.seen[k.Text] = k
			}
		}
	}
	if first := s.seen[key.Text]; first != nil {
		return first
	}
	s.seen[key.Text] = key
	return nil
}
