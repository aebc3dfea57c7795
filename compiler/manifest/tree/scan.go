package tree

import (
	"strings"
	"unicode/utf8"
)

// The scanner reads block mappings and sequences, flow collections, comments, and plain, quoted and literal scalars. It
// follows yaml.v3 character by character in what it accepts and stops with a doubt at everything else, valid or not:
// anchors, aliases, tags, directives, explicit keys, folded scalars, tabs between tokens of the block style, empty
// entries of the flow style and so on. A doubt that has a message is probably an error in the text; the message is used if
// yaml.v3 refuses the text as well.
//
// The state between two block nodes is always the same: pos is at the first character of the next content, and next is
// its column (from 0), or -1 at the end of the text.

type scanner struct {
	s     string
	pos   int
	bol   int // where the line begins; negative if the text begins within a line
	line  int32
	next  int
	depth int
	arena *Arena
	doubt *Error
}

// scanDocument reads the first document of the text and returns its length; a non-nil doubt leaves it to yaml.v3.
func scanDocument(text string, at Start, arena *Arena) (*Node, int, *Error) {
	if !simpleText(text) {
		return nil, 0, &Error{}
	}
	z := scanner{s: text, bol: int(1 - at.Col), line: at.Line, arena: arena}
	if marker(text) && text[0] == '-' {
		z.pos = 3
		z.endOfLine()
	}
	z.skipBlank()
	if z.doubt != nil || z.next < 0 {
		return nil, len(text), z.doubt
	}
	var root *Node
	if text[z.pos] == '{' {
		root = z.jsonRoot()
	} else if root = z.blockNode(-1); z.doubt == nil && z.next >= 0 {
		z.fail("this does not belong to what stands before it", "check the indentation")
	}
	if z.doubt == nil && root.Kind == Scalar {
		z.unsure() // no manifest
	}
	if z.doubt != nil {
		return nil, 0, z.doubt
	}
	return root, z.pos, nil
}

// jsonRoot reads a mapping in brackets and stops where another one begins behind it: JSON texts may simply follow each
// other.
func (z *scanner) jsonRoot() *Node {
	root := z.flow()
	if z.doubt != nil {
		return nil
	}
	end := *z
	z.flowSpace()
	if z.at(0) == '{' && z.doubt == nil {
		return root
	}
	*z = end
	z.endOfLine()
	z.skipBlank()
	if z.doubt == nil && z.next >= 0 {
		z.fail("there is more text behind the end of the document", "begin a new document with a line ---")
	}
	return root
}

// simpleText reports whether the text is printable UTF-8 with plain newlines, without the characters that only YAML 1.1
// takes for line breaks.
func simpleText(s string) bool {
	ascii := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			return false
		}
	}
	if ascii {
		return true
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		case r >= 0x80 && r < 0xa0, r == 0x2028, r == 0x2029, r == 0xfeff, r == 0xfffe, r == 0xffff:
			return false
		}
	}
	return true
}

// marker reports whether s begins with a document marker.
func marker(s string) bool {
	return len(s) >= 3 && (s[:3] == "---" || s[:3] == "...") && (len(s) == 3 || blank(s[3]))
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' }

// fail stops with a doubt about the text at the current place.
func (z *scanner) fail(message, hint string) {
	z.failAt(int(z.line), z.pos-z.bol+1, message, hint)
}

func (z *scanner) failAt(line, col int, message, hint string) {
	if z.doubt == nil {
		z.doubt = &Error{Line: int32(line), Col: int32(col), Message: message, Hint: hint}
	}
}

// unsure stops with a doubt that says nothing against the text.
func (z *scanner) unsure() {
	if z.doubt == nil {
		z.doubt = &Error{}
	}
}

func (z *scanner) node(kind Kind) *Node {
	return z.arena.node(kind, z.line, int32(z.pos-z.bol+1))
}

// at gives the character at pos+i, or a newline behind the end.
func (z *scanner) at(i int) byte {
	if z.pos+i < len(z.s) {
		return z.s[z.pos+i]
	}
	return '\n'
}

func (z *scanner) newline() {
	z.pos++
	z.bol = z.pos
	z.line++
}

// enter counts the nesting of collections.
func (z *scanner) enter() {
	if z.depth > MaxDepth {
		z.doubt = &Error{Reason: Excessive, Line: z.line, Col: int32(z.pos - z.bol + 1), Message: tooDeepOrLarge(z.depth)}
	}
	z.depth++
}

// endOfLine goes from the end of a value to the beginning of the next line, over spaces and a comment.
func (z *scanner) endOfLine() {
	from := z.pos
	for z.pos < len(z.s) && z.s[z.pos] == ' ' {
		z.pos++
	}
	if z.pos == len(z.s) {
		return
	}
	switch {
	case z.s[z.pos] == '#' && z.pos > from:
		if i := strings.IndexByte(z.s[z.pos:], '\n'); i >= 0 {
			z.pos += i
			z.newline()
		} else {
			z.pos = len(z.s)
		}
	case z.s[z.pos] == '\n':
		z.newline()
	case z.s[z.pos] == '\t':
		z.unsure()
	default:
		z.fail("there is more text behind the end of the value", "if it belongs to the value, quote the whole value")
	}
}

// skipBlank goes from the beginning of a line to the next content, over empty lines and comments.
func (z *scanner) skipBlank() {
	for z.pos < len(z.s) && z.doubt == nil {
		switch z.s[z.pos] {
		case ' ':
			z.pos++
		case '\n':
			z.newline()
		case '#':
			if i := strings.IndexByte(z.s[z.pos:], '\n'); i >= 0 {
				z.pos += i
				z.newline()
			} else {
				z.pos = len(z.s)
			}
		case '\t':
			z.fail("a tab stands in the indentation", "indent with spaces")
		default:
			z.next = z.pos - z.bol
			if z.next == 0 && marker(z.s[z.pos:]) {
				z.unsure()
			}
			return
		}
	}
	z.next = -1
}

// blockNode reads the collection or scalar at pos, inside a block collection at column parent.
func (z *scanner) blockNode(parent int) *Node {
	c := z.s[z.pos]
	if c == '-' && blank(z.at(1)) {
		return z.blockSequence(z.pos - z.bol)
	}
	if c != '{' && c != '[' && c != '|' {
		save := *z
		if key := z.key(); key != nil {
			return z.blockMapping(key)
		}
		z.pos, z.line, z.bol = save.pos, save.line, save.bol
	}
	return z.value(parent)
}

// key reads a scalar with a colon behind it, up to the colon; nil if there is none on this line.
func (z *scanner) key() *Node {
	const longest = 1000 // YAML allows 1024 characters
	from := z.pos
	n := z.node(Scalar)
	switch c := z.s[z.pos]; {
	case c == '"' || c == '\'':
		z.quoted(n)
		if z.doubt != nil || z.line != n.Line {
			return nil
		}
		for z.at(0) == ' ' {
			z.pos++
		}
	case plainStart(c, z.at(1)):
		n.Text = z.plainLine()
	default:
		z.unsure()
		return nil
	}
	if z.at(0) != ':' || !blank(z.at(1)) || z.pos-from > longest || z.pos >= len(z.s) {
		return nil
	}
	if n.Text == "<<" {
		z.unsure() // a merge key
	}
	return n
}

// plainStart reports whether a plain scalar may begin with c in the block style.
func plainStart(c, after byte) bool {
	switch c {
	case '-', '?', ':':
		return !blank(after)
	case ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	}
	return true
}

// plainLine reads the part of a plain scalar on this line, without the spaces behind it, and stops at a colon, the spaces
// before a comment or the end of the line.
func (z *scanner) plainLine() string {
	from, end := z.pos, z.pos
loop:
	for i := z.pos; ; i++ {
		if i == len(z.s) {
			break
		}
		switch c := z.s[i]; c {
		case '\n':
			break loop
		case '\t':
			z.unsure()
			break loop
		case ' ':
			continue
		case ':':
			if i+1 == len(z.s) || blank(z.s[i+1]) {
				z.pos = i
				return z.s[from:end]
			}
		case '#':
			if i > from && z.s[i-1] == ' ' {
				break loop
			}
		}
		end = i + 1
	}
	z.pos = end
	return z.s[from:end]
}

// blockMapping reads the pairs at the column of the first key, which was read already.
func (z *scanner) blockMapping(key *Node) *Node {
	n := z.arena.node(Mapping, key.Line, key.Col)
	indent := int(key.Col) - 1
	z.enter()
	last := &n.First
	for z.doubt == nil {
		z.pos++ // the colon
		value := z.pairValue(indent)
		if z.doubt != nil {
			break
		}
		key.Next = value
		*last = key
		last = &value.Next
		if z.next < indent {
			break
		}
		if z.next > indent {
			z.fail("the indentation fits neither the key before nor its value", "begin each key of a mapping in the same column")
			break
		}
		if key = z.key(); key == nil {
			z.fail("this line is neither a key with a colon nor an item of a list", "write key: value")
			break
		}
	}
	z.depth--
	return n
}
