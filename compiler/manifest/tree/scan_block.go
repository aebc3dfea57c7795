package tree

import "strings"

// pairValue reads what stands behind a colon: a value on the same line, or on the following ones if they are indented
// more than the mapping or are the items of a list in its column; else null.
func (z *scanner) pairValue(indent int) *Node {
	null := z.node(Scalar)
	if z.inline() {
		if z.s[z.pos] == '-' && blank(z.at(1)) {
			z.fail("a list cannot begin behind a key", "begin the list on the next line")
			return nil
		}
		return z.value(indent)
	}
	switch {
	case z.doubt != nil:
		return nil
	case z.next > indent:
		return z.blockNode(indent)
	case z.next == indent && z.s[z.pos] == '-' && blank(z.at(1)):
		return z.blockSequence(indent)
	}
	return null
}

// inline skips spaces and reports whether content follows on this line; if not, it goes to the next content.
func (z *scanner) inline() bool {
	from := z.pos
	for z.at(0) == ' ' {
		z.pos++
	}
	if z.pos < len(z.s) {
		switch c := z.s[z.pos]; {
		case c == '\t':
			z.unsure()
			return false
		case c != '\n' && (c != '#' || z.pos == from):
			return true
		}
	}
	z.pos = from
	z.endOfLine()
	z.skipBlank()
	return false
}

// blockSequence reads the items whose dashes stand in the given column.
func (z *scanner) blockSequence(indent int) *Node {
	n := z.node(Sequence)
	z.enter()
	last := &n.First
	for z.doubt == nil {
		z.pos++ // the dash
		item := z.item(indent)
		if z.doubt != nil {
			break
		}
		*last = item
		last = &item.Next
		if z.next != indent || z.s[z.pos] != '-' || !blank(z.at(1)) {
			break
		}
	}
	z.depth--
	return n
}

func (z *scanner) item(indent int) *Node {
	null := z.node(Scalar)
	if z.inline() {
		return z.blockNode(indent)
	}
	if z.doubt == nil && z.next > indent {
		return z.blockNode(indent)
	}
	return null
}

// value reads a scalar or flow collection up to the end of its last line. Its lines after the first must be indented
// more than parent, unless they are quoted or within brackets.
func (z *scanner) value(parent int) *Node {
	if z.doubt != nil {
		return nil
	}
	var n *Node
	switch c := z.s[z.pos]; {
	case c == '"' || c == '\'':
		n = z.node(Scalar)
		z.quoted(n)
	case c == '{' || c == '[':
		n = z.flow()
	case c == '|':
		n = z.node(Scalar)
		z.literal(n, parent)
		z.skipBlank()
		return n
	case plainStart(c, z.at(1)):
		n = z.node(Scalar)
		z.plain(n, parent)
	default:
		z.unsure()
	}
	if z.doubt == nil {
		z.endOfLine()
		z.skipBlank()
	}
	return n
}

// plain reads a plain scalar and folds its lines.
func (z *scanner) plain(n *Node, parent int) {
	n.Text = z.plainLine()
	var folded []byte
	for z.doubt == nil {
		if z.at(0) == ':' && z.pos < len(z.s) && blank(z.at(1)) {
			z.fail("a value cannot hold a colon with a space behind it", "quote the value, or check the indentation")
			return
		}
		breaks, start := z.continuation(parent)
		if breaks == 0 {
			break
		}
		if folded == nil {
			folded = append(folded, n.Text...)
		}
		folded = fold(folded, breaks)
		z.pos = start
		folded = append(folded, z.plainLine()...)
	}
	if folded != nil {
		n.Text = string(folded)
	}
}

// continuation looks for a further line of a plain scalar that ends at pos: it returns the number of line breaks before it
// and its first character, and moves the line; 0 if there is none.
func (z *scanner) continuation(parent int) (breaks, start int) {
	i := z.pos
	for i < len(z.s) && z.s[i] == ' ' {
		i++
	}
	bol := z.bol
	for i < len(z.s) {
		switch z.s[i] {
		case '\n':
			breaks++
			bol = i + 1
		case ' ':
		case '\t':
			z.unsure()
			return 0, 0
		case '#':
			return 0, 0
		default:
			if breaks == 0 || i-bol <= parent {
				return 0, 0
			}
			if i == bol && marker(z.s[i:]) {
				z.unsure()
				return 0, 0
			}
			z.bol = bol
			z.line += int32(breaks)
			return breaks, i
		}
		i++
	}
	return 0, 0
}

// fold appends what so many line breaks in a row stand for.
func fold(text []byte, breaks int) []byte {
	if breaks == 1 {
		return append(text, ' ')
	}
	for range breaks - 1 {
		text = append(text, '\n')
	}
	return text
}

// literal reads a block scalar "|" with its chomping indicator, up to the beginning of the line behind it.
func (z *scanner) literal(n *Node, parent int) {
	n.Style = Literal
	z.pos++
	chomp := z.at(0)
	if chomp == '+' || chomp == '-' {
		z.pos++
	}
	switch c := z.at(0); {
	case z.pos == len(z.s):
		return
	case c != ' ' && c != '\n':
		z.unsure() // an indentation indicator, or an error
		return
	}
	z.endOfLine()
	var text strings.Builder
	breaks, ended := 0, false // line breaks since the last line with text; whether that line has one itself
	for indent := 0; z.literalLine(&indent, &breaks, parent); {
		for range breaks {
			text.WriteByte('\n')
		}
		breaks = 0
		end := strings.IndexByte(z.s[z.pos:], '\n')
		if ended = end >= 0; !ended {
			end = len(z.s) - z.pos
		}
		text.WriteString(z.s[z.pos : z.pos+end])
		z.pos += end
		if !ended {
			break
		}
		z.newline()
		breaks = 1
	}
	keep := 0
	switch {
	case chomp == '+':
		keep = breaks
	case chomp != '-' && ended:
		keep = 1
	}
	for range keep {
		text.WriteByte('\n')
	}
	n.Text = text.String()
}

// literalLine goes to the text of the next line of a block scalar, behind the indentation, which the first line sets. It
// counts the empty lines before it. At the end it stays at the beginning of the line and returns false.
func (z *scanner) literalLine(indent, breaks *int, parent int) bool {
	for z.doubt == nil {
		spaces := 0
		for (*indent == 0 || spaces < *indent) && z.at(spaces) == ' ' {
			spaces++
		}
		if z.pos+spaces >= len(z.s) {
			z.pos = len(z.s)
			return false
		}
		switch c := z.at(spaces); {
		case c == '\n':
			if *indent == 0 && spaces > parent {
				z.unsure() // spaces on an empty line before the first may set the indentation
			}
			*breaks++
			z.pos += spaces
			z.newline()
			continue
		case c == '\t' && (*indent == 0 || spaces < *indent):
			z.unsure()
			return false
		}
		if *indent == 0 {
			*indent = max(spaces, parent+1, 1)
		}
		if spaces < *indent {
			return false
		}
		z.pos += spaces
		return true
	}
	return false
}
