package lsp

import (
	"strings"
	"unicode/utf8"

	"github.com/headgate-net/headgate/compiler/syntax"
)

// lines is a text, line by line, without what ends the lines.
type lines []string

func linesOf(text string) lines {
	out := strings.Split(text, "\n")
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], "\r")
	}
	return out
}

// units counts the UTF-16 code units of a text.
func units(text string) int {
	n := 0
	for _, r := range text {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

// position turns a line and a column in bytes, both from 1, into the protocol's. Places outside are taken to the nearest within.
func (l lines) position(line, col int32) position {
	at := max(0, min(int(line)-1, len(l)-1))
	if int(line) > len(l) {
		return position{at, units(l[at])}
	}
	return position{at, units(l[at][:max(0, min(int(col)-1, len(l[at])))])}
}

// span turns a piece of the text into the protocol's.
func (l lines) span(s syntax.Span) span {
	return span{l.position(s.Line, s.Col), l.position(s.EndLine, s.EndCol)}
}

// place turns a position into a line and a column in bytes, both from 1.
func (l lines) place(p position) (line, col int32) {
	if p.Line < 0 {
		return 1, 1
	}
	if p.Line >= len(l) {
		return int32(len(l)), int32(len(l[len(l)-1]) + 1)
	}
	text, n := l[p.Line], 0
	at := 0
	for at < len(text) && n < p.Character {
		r, size := utf8.DecodeRuneInString(text[at:])
		if n++; r > 0xffff {
			n++
		}
		at += size
	}
	return int32(p.Line + 1), int32(at + 1)
}

// apply makes a change. Places that a document has not are taken to the nearest that it has.
func (c change) apply(text string) string {
	if c.Range == nil {
		return c.Text
	}
	from, to := offset(text, c.Range.Start), offset(text, c.Range.End)
	if to < from {
		from, to = to, from
	}
	return text[:from] + c.Text + text[to:]
}

// offset turns a position into a place in the text, in bytes.
func offset(text string, p position) int {
	begin := 0
	for line := 0; line < p.Line; line++ {
		next := strings.IndexByte(text[begin:], '\n')
		if next < 0 {
			return len(text)
		}
		begin += next + 1
	}
	rest, _, _ := strings.Cut(text[begin:], "\n")
	_, col := lines{strings.TrimSuffix(rest, "\r")}.place(position{Character: p.Character})
	if p.Line < 0 {
		return 0
	}
	return begin + int(col) - 1
}

// word is what stands at a place: a string, or all up to the next sign.
func (l lines) word(line, col int32) span {
	if line < 1 || int(line) > len(l) {
		p := l.position(max(line, 1), 1)
		return span{p, p}
	}
	text := l[line-1]
	begin := max(0, min(int(col)-1, len(text)))
	rest := text[begin:]
	width := strings.IndexAny(rest, " \t,()[]{}=")
	switch {
	case strings.HasPrefix(rest, `"`) && strings.Contains(rest[1:], `"`):
		width = strings.Index(rest[1:], `"`) + 2
	case width < 0:
		width = len(rest)
	case width == 0:
		width = 1
	}
	return span{l.position(line, col), l.position(line, col+int32(width))}
}

// all is the whole text.
func (l lines) all() span {
	return span{End: position{len(l) - 1, units(l[len(l)-1])}}
}
