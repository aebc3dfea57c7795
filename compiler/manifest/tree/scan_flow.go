package tree

// flow reads "{...}" or "[...]", on one line or several. JSON is a case of it.
func (z *scanner) flow() *Node {
	kind, closing := Mapping, byte('}')
	if z.s[z.pos] == '[' {
		kind, closing = Sequence, ']'
	}
	n := z.node(kind)
	z.enter()
	z.pos++
	last := &n.First
	for z.doubt == nil {
		z.flowSpace()
		if z.at(0) == closing {
			z.pos++
			break
		}
		if z.pos >= len(z.s) {
			z.failAt(int(n.Line), int(n.Col), "this "+string("{["[kind-Mapping])+" is never closed", "add "+string(closing))
			break
		}
		if kind == Mapping {
			last = z.flowPair(last)
		} else if item := z.flowValue(); z.doubt == nil {
			*last = item
			last = &item.Next
		}
		if z.doubt == nil {
			z.flowSpace()
			if z.at(0) == ',' {
				z.pos++
			} else if z.at(0) != closing {
				z.flowUnexpected(n)
			}
		}
	}
	z.depth--
	return n
}

func (z *scanner) flowUnexpected(n *Node) {
	opening := string("{["[n.Kind-Mapping])
	if z.pos >= len(z.s) {
		z.failAt(int(n.Line), int(n.Col), "this "+opening+" is never closed", "add "+string("}]"[n.Kind-Mapping]))
		return
	}
	z.fail("a comma or the end of "+opening+" is expected here", "")
}

// flowPair reads "key: value", appends both and returns where the next key goes.
func (z *scanner) flowPair(last **Node) **Node {
	const longest = 1000
	key := z.node(Scalar)
	from := z.pos
	switch c := z.at(0); {
	case c == '"' || c == '\'':
		z.quoted(key)
		if z.line != key.Line {
			z.unsure()
		}
		if c == '"' {
			z.flowSpace() // as in JSON
		}
	default:
		z.flowPlain(key)
	}
	for z.at(0) == ' ' {
		z.pos++
	}
	if z.doubt == nil && (z.at(0) != ':' || z.pos-from > longest || key.Style == Plain && !blank(z.at(1))) {
		z.fail("a colon and a value are expected behind the key", "write key: value, with a space behind the colon")
	}
	if z.doubt != nil {
		return last
	}
	if key.Text == "<<" {
		z.unsure() // a merge key
	}
	z.pos++
	z.flowSpace()
	value := z.flowValue()
	if z.doubt != nil {
		return last
	}
	key.Next = value
	*last = key
	return &value.Next
}

func (z *scanner) flowValue() *Node {
	if z.doubt != nil {
		return nil
	}
	switch c := z.at(0); c {
	case '{', '[':
		return z.flow()
	case '"', '\'':
		n := z.node(Scalar)
		z.quoted(n)
		return n
	}
	n := z.node(Scalar)
	z.flowPlain(n)
	return n
}

// flowPlain reads a plain scalar on one line. That it ends there is for the caller to see: a comma or bracket must follow.
func (z *scanner) flowPlain(n *Node) {
	switch c := z.at(0); {
	case c == '}' || c == ']':
		z.fail("this bracket does not close the one before it", "close brackets in the order in which they were opened")
		return
	case c == '?' || c == ':' || !plainStart(c, z.at(1)):
		z.unsure()
		return
	case c == '-' && (z.at(1) == ',' || z.at(1) == ']' || z.at(1) == '}'):
		z.unsure()
		return
	}
	from, end := z.pos, z.pos
loop:
	for i := z.pos; i < len(z.s); i++ {
		switch c := z.s[i]; c {
		case '\n', ',', '[', ']', '{', '}':
			break loop
		case '\t', '?':
			z.unsure()
			return
		case ' ':
			continue
		case ':':
			if i+1 == len(z.s) || blank(z.s[i+1]) {
				break loop
			}
		case '#':
			if i > from && z.s[i-1] == ' ' {
				break loop
			}
		}
		end = i + 1
	}
	z.pos = end
	n.Text = z.s[from:end]
}

// flowSpace skips spaces, tabs, line ends and comments between brackets.
func (z *scanner) flowSpace() {
	for z.pos < len(z.s) && z.doubt == nil {
		switch z.s[z.pos] {
		case ' ', '\t':
			z.pos++
		case '\n':
			z.newline()
			if marker(z.s[z.pos:]) {
				z.unsure()
			}
		case '#':
			if z.pos == 0 || !blank(z.s[z.pos-1]) {
				z.unsure()
				return
			}
			for z.pos < len(z.s) && z.s[z.pos] != '\n' {
				z.pos++
			}
		default:
			return
		}
	}
}
