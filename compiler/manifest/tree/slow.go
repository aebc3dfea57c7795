package tree

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// parseSlow reads a document with yaml.v3. The doubt is the scanner's: where yaml.v3 refuses the text too, it tells the
// column, which yaml.v3 does not.
func parseSlow(text string, at Start, arena *Arena, doubt *Error) (root *Node, err *Error) {
	defer func() {
		if r := recover(); r != nil { // a defect of the library must not end the program
			root, err = nil, &Error{Line: at.Line, Col: at.Col, Message: fmt.Sprintf("the YAML library gave up: %v", r)}
		}
	}()
	if doubt.Reason == Excessive {
		return nil, doubt
	}
	var doc yaml.Node
	if yerr := yaml.Unmarshal([]byte(text), &doc); yerr != nil {
		return nil, syntaxError(yerr.Error(), text, at, doubt)
	}
	if doc.Kind == 0 || len(doc.Content) == 0 {
		return nil, nil
	}
	c := converter{arena: arena, at: at, budget: maxExpansionFloor + maxExpansion*len(text)}
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		c.lines = strings.Split(text, "\n")
	}
	root = c.convert(doc.Content[0], 0)
	return root, c.err
}

// converter turns yaml.v3 nodes into ours. lines is set if the text has characters of more than one byte: yaml.v3 counts
// columns in characters.
type converter struct {
	arena  *Arena
	at     Start
	lines  []string
	budget int
	err    *Error
}

func (c *converter) convert(y *yaml.Node, depth int) *Node {
	n := c.place(y)
	if c.budget--; c.budget < 0 || depth > MaxDepth && y.Kind != yaml.ScalarNode {
		c.fail(n, Excessive, tooDeepOrLarge(depth))
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		// Findings belong where the alias stands only if it does not exist; its content is the anchor's.
		return c.convert(y.Alias, depth+1)
	case yaml.SequenceNode:
		n.Kind = Sequence
		last := &n.First
		for _, item := range y.Content {
			*last = c.convert(item, depth+1)
			last = &(*last).Next
			if c.err != nil {
				return n
			}
		}
	case yaml.MappingNode:
		n.Kind = Mapping
		c.mapping(n, y, depth)
	default:
		c.scalar(n, y)
	}
	return n
}

func tooDeepOrLarge(depth int) string {
	if depth > MaxDepth {
		return fmt.Sprintf("values are nested more than %d deep", MaxDepth)
	}
	return "aliases expand to too many values"
}

func (c *converter) fail(n *Node, reason Reason, message string) {
	if c.err == nil {
		c.err = &Error{Reason: reason, Line: n.Line, Col: n.Col, Message: message}
	}
}

// mapping appends the pairs of y, then those of its merge keys that y does not have itself: the mapping's own keys and
// then the merged ones in order take precedence (YAML merge key type).
func (c *converter) mapping(n *Node, y *yaml.Node, depth int) {
	last := &n.First
	var merged []*yaml.Node
	for i := 0; i+1 < len(y.Content) && c.err == nil; i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.Value == "<<" && (k.Tag == "!!merge" || k.Tag == "" && k.Style == 0) {
			merged = append(merged, v)
			continue
		}
		key := c.convert(k, depth+1)
		if key.Kind != Scalar {
			c.fail(key, Malformed, "a mapping's key must be a scalar")
			return
		}
		value := c.convert(v, depth+1)
		key.Next = value
		*last = key
		last = &value.Next
	}
	for _, m := range merged {
		last = c.merge(n, last, m, depth+1)
	}
}

func (c *converter) merge(n *Node, last **Node, y *yaml.Node, depth int) **Node {
	src := c.convert(y, depth)
	if c.err != nil {
		return last
	}
	sources := []*Node{src}
	if src.Kind == Sequence {
		sources = sources[:0]
		for _, item := range src.Items() {
			sources = append(sources, item)
		}
	}
	for _, s := range sources {
		if s.Kind != Mapping {
			c.fail(s, Malformed, "a merge key needs a mapping or a list of mappings")
			return last
		}
		for k := s.First; k != nil; {
			v := k.Next
			next := v.Next
			if n.Get(k.Text) == nil {
				v.Next = nil
				*last = k
				last = &v.Next
			}
			k = next
		}
	}
	return last
}

func (c *converter) scalar(n *Node, y *yaml.Node) {
	n.Text = y.Value
	switch {
	case y.Style&yaml.SingleQuotedStyle != 0:
		n.Style = SingleQuoted
	case y.Style&yaml.DoubleQuotedStyle != 0:
		n.Style = DoubleQuoted
	case y.Style&yaml.LiteralStyle != 0:
		n.Style = Literal
	case y.Style&yaml.FoldedStyle != 0:
		n.Style = Folded
	}
	if y.Style&yaml.TaggedStyle == 0 {
		return
	}
	switch y.ShortTag() {
	case "!!str":
		n.Style = DoubleQuoted
	case "!!int", "!!bool", "!!float", "!!null", "!!timestamp":
		n.Style = Plain
	default:
		c.fail(n, Malformed, fmt.Sprintf("the tag %s has no meaning in Kubernetes manifests", y.ShortTag()))
	}
}

// place makes the node at y's position.
func (c *converter) place(y *yaml.Node) *Node {
	line, col := int32(y.Line), int32(y.Column)
	if c.lines != nil && y.Line >= 1 && y.Line <= len(c.lines) {
		col = byteColumn(c.lines[y.Line-1], y.Column)
	}
	if line <= 1 {
		col += c.at.Col - 1
	}
	return c.arena.node(Scalar, line+c.at.Line-1, col)
}

func byteColumn(line string, runes int) int32 {
	at := 0
	for i := range line {
		if at++; at == runes {
			return int32(i + 1)
		}
	}
	return int32(len(line) + 1)
}

// syntaxError words what yaml.v3 says, "yaml: line 3: did not find ...", and finds the place.
func syntaxError(message, text string, at Start, doubt *Error) *Error {
	message = strings.TrimPrefix(message, "yaml: ")
	line := int32(0)
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); m != nil {
		if v, err := strconv.Atoi(m[1]); err == nil {
			line = int32(v)
		}
		message = message[len(m[0]):]
	}
	if m := regexp.MustCompile(`^unknown anchor '(.*)' referenced$`).FindStringSubmatch(message); m != nil {
		if i := strings.Index(text, "*"+m[1]); i >= 0 {
			place := at.After(text[:i])
			return &Error{Line: place.Line, Col: place.Col, Message: message, Hint: "declare it with &" + m[1] + " before, or quote the value if it is none"}
		}
	}
	e := &Error{Line: at.Line + max(line, 1) - 1, Col: 1, Message: message}
	if line <= 1 {
		e.Col = at.Col
	}
	if doubt.Message != "" {
		e.Line, e.Col, e.Message, e.Hint = doubt.Line, doubt.Col, doubt.Message, doubt.Hint
	}
	return e
}
