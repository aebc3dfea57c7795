package tree

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a scalar in single or double quotes into n, up to behind the closing quote. Escapes are those of YAML; as
// JSON has them too, "\/" and pairs of surrogates are read as in JSON.
func (z *scanner) quoted(n *Node) {
	quote := z.s[z.pos]
	n.Style = SingleQuoted
	stop := "'\n"
	if quote == '"' {
		n.Style = DoubleQuoted
		stop = "\"\\\n"
	}
	z.pos++
	i := strings.IndexAny(z.s[z.pos:], stop)
	if i >= 0 && z.s[z.pos+i] == quote && !(quote == '\'' && z.at(i+1) == '\'') {
		n.Text = z.s[z.pos : z.pos+i]
		z.pos += i + 1
		return
	}
	var text []byte
	for z.doubt == nil {
		if z.pos >= len(z.s) {
			z.failAt(int(n.Line), int(n.Col), "this quote is never closed", "add a closing "+string(quote))
			return
		}
		switch c := z.s[z.pos]; {
		case c == quote && quote == '\'' && z.at(1) == '\'':
			text = append(text, '\'')
			z.pos += 2
		case c == quote:
			z.pos++
			n.Text = string(text)
			return
		case c == '\\' && quote == '"':
			text = z.escape(text)
		case c == ' ' || c == '\t' || c == '\n':
			text = z.quotedSpace(text)
		default:
			text = append(text, c)
			z.pos++
		}
	}
}

// quotedSpace reads white space within quotes: it is kept within a line and folded around line breaks.
func (z *scanner) quotedSpace(text []byte) []byte {
	from, breaks := z.pos, 0
	for z.pos < len(z.s) {
		switch z.s[z.pos] {
		case ' ', '\t':
			z.pos++
			continue
		case '\n':
			breaks++
			z.newline()
			if marker(z.s[z.pos:]) {
				z.unsure()
			}
			continue
		}
		break
	}
	if breaks > 0 {
		return fold(text, breaks)
	}
	return append(text, z.s[from:z.pos]...)
}

// escape reads a backslash and what belongs to it.
func (z *scanner) escape(text []byte) []byte {
	c := z.at(1)
	if z.pos+1 >= len(z.s) {
		z.pos++ // the quote is never closed
		return text
	}
	if i := strings.IndexByte(`0abt	nvfre "'\/`, c); i >= 0 {
		z.pos += 2
		return append(text, "\x00\a\b\t\t\n\v\f\r\x1b \"'\\/"[i])
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		z.unsure() // a line break, one of YAML's special spaces, or an error
		return text
	}
	r, ok := z.hex(z.pos+2, digits)
	z.pos += 2 + digits
	if ok && utf16.IsSurrogate(r) && c == 'u' && z.at(0) == '\\' && z.at(1) == 'u' {
		low, ok2 := z.hex(z.pos+2, 4)
		if r = utf16.DecodeRune(r, low); ok2 && r != utf8.RuneError {
			z.pos += 6
		}
	}
	if !ok || !utf8.ValidRune(r) || r == utf8.RuneError {
		z.unsure()
		return text
	}
	return utf8.AppendRune(text, r)
}

func (z *scanner) hex(from, digits int) (rune, bool) {
	if from+digits > len(z.s) {
		return 0, false
	}
	for _, c := range []byte(z.s[from : from+digits]) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return 0, false
		}
	}
	v, err := strconv.ParseUint(z.s[from:from+digits], 16, 32)
	return rune(v), err == nil && v <= utf8.MaxRune
}
