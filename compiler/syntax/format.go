package syntax

import (
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
)

// Format lays out a program: each sentence on a line of its own, two blanks deeper in each block, one blank between words, and at
// most one empty line. Lines that are broken within a sentence stay so, as does a block of one sentence that is on one line. Comments
// stay where they are. A program with errors of the grammar is not formatted; they are returned.
func Format(name, source string) (string, []Problem) {
	file, problems := Parse(name, source)
	if len(problems) > 0 {
		return "", problems
	}
	t := newText(source)
	_, all := t.lex()
	l := layout{text: t, starts: map[[2]int32]bool{}}
	l.sentences(file)
	for i, token := range all {
		l.token(all, i, token)
	}
	out := l.out.String()
	if out != "" {
		out += "\n"
	}
	return out, nil
}

// layout writes tokens one by one.
type layout struct {
	text   *text
	starts map[[2]int32]bool // lines and columns at which sentences begin
	out    strings.Builder
	line   int    // number of the line that is being written
	depth  int    // of blocks
	open   []int  // of brackets in the sentence: the lines on which they were opened
	blocks []bool // of the blocks that are open: whether they are on one line
	last   last   // what was written
}

// last is what was written last.
type last struct {
	text    string
	comment bool
	opens   bool // it is the brace that opens a block
	end     int  // the line of the source on which it ends
}

// sentences notes where they begin.
func (l *layout) sentences(f *File) {
	for _, i := range f.Imports {
		l.start(i.Span)
	}
	l.decls(f.Decls)
}

func (l *layout) start(s Span) { l.starts[[2]int32{s.Line, s.Col}] = true }

func (l *layout) decls(decls []Decl) {
	for _, d := range decls {
		l.start(d.Where())
		switch d := d.(type) {
		case *Namespace:
			l.decls(d.Decls)
		case *Policy:
			for _, r := range d.Rules {
				l.start(r.Span)
			}
		}
		for _, f := range fieldsOf(d) {
			l.start(f.Span)
		}
	}
}

func (l *layout) isStart(token antlr.Token) bool {
	s := l.text.span(token, token)
	return l.starts[[2]int32{s.Line, s.Col}]
}

func isComment(token antlr.Token) bool { return token.GetTokenType() == gen.HeadgateLexerCOMMENT }

// token writes one.
func (l *layout) token(all []antlr.Token, i int, token antlr.Token) {
	text := token.GetText()
	switch {
	case token.GetTokenType() == antlr.TokenEOF:
		return
	case isComment(token):
		l.comment(all, i, strings.TrimRight(text, " \t"))
	case l.isStart(token):
		l.open = nil
		if len(l.blocks) > 0 && l.blocks[len(l.blocks)-1] && l.last.opens {
			l.write(" ", text)
		} else {
			l.newline(token, l.depth, !l.last.opens)
			l.write("", text)
		}
	case text == "{" && !strings.Contains("=[,", l.last.text):
		l.write(l.separator(token, false), text)
		single := oneLine(l, all[i:])
		l.blocks = append(l.blocks, single)
		l.depth++
		l.open = nil
		l.last.opens = true
	case text == "}" && len(l.open) == 0:
		l.closing(token, text)
	default:
		l.inner(token, text)
	}
	l.last.end = token.GetLine()
	l.last.comment = isComment(token)
}

// closing ends a block.
func (l *layout) closing(token antlr.Token, text string) {
	single := l.blocks[len(l.blocks)-1]
	l.blocks, l.depth = l.blocks[:len(l.blocks)-1], l.depth-1
	switch {
	case l.last.opens: // there is nothing in it
		l.write("", text)
	case single:
		l.write(" ", text)
	default:
		l.newline(token, l.depth, false)
		l.write("", text)
	}
}

// inner writes a token within a sentence.
func (l *layout) inner(token antlr.Token, text string) {
	if closes := text == ")" || text == "]" || text == "}"; closes && len(l.open) > 0 {
		l.open = l.open[:len(l.open)-1]
	}
	l.write(l.separator(token, text != ","), text)
	if text == "(" || text == "[" || text == "{" {
		l.open = append(l.open, l.line)
	}
}

// separator is what comes before a token within a sentence: a line break if there is one in the source and there may be one, else what
// the two words need.
func (l *layout) separator(token antlr.Token, breaks bool) string {
	text := token.GetText()
	if l.last.comment || breaks && token.GetLine() > l.last.end {
		l.line++
		return "\n" + strings.Repeat("  ", l.depth+l.continued(text))
	}
	return gap(l.last.text, text)
}

// continued is how much deeper a line within a sentence is: once for each earlier line with a bracket that is still open, or once.
func (l *layout) continued(text string) int {
	levels := 0
	for i, line := range l.open {
		if i == 0 || l.open[i-1] != line {
			levels++
		}
	}
	if levels == 0 && !strings.Contains(")]}", text) {
		return 1
	}
	return levels
}

// gap is what stands between two words of a line.
func gap(before, text string) string {
	switch {
	case before == "(" || before == "[" || before == "{" || before == "!":
		return ""
	case text == "," || text == ")" || text == "]" || text == "}":
		return ""
	}
	return " "
}

// oneLine reports whether the block that begins with the first token stays on its line: it did, and has one sentence and no comment.
func oneLine(l *layout, tokens []antlr.Token) bool {
	depth, sentences := 0, 0
	for _, token := range tokens {
		if isComment(token) || token.GetLine() != tokens[0].GetLine() {
			return false
		}
		if depth == 1 && l.isStart(token) {
			sentences++
		}
		switch token.GetText() {
		case "{":
			depth++
		case "}":
			if depth--; depth == 0 {
				return sentences <= 1
			}
		}
	}
	return false
}

// comment writes a comment: behind what is on its line, or on a line of its own, as deep as what follows.
func (l *layout) comment(all []antlr.Token, i int, text string) {
	token := all[i]
	if l.last.end == token.GetLine() && l.last.text != "" {
		opens := l.last.opens
		l.write(" ", text)
		l.last.opens = opens
		return
	}
	next := all[i+1]
	for j := i + 1; isComment(next); j++ {
		next = all[j+1]
	}
	between := next.GetTokenType() == antlr.TokenEOF || l.isStart(next) || next.GetText() == "}" && len(l.open) == 0
	depth := l.depth
	if !between {
		depth += l.continued("")
	}
	l.newline(token, depth, between && !l.last.opens)
	l.write("", text)
}

// newline goes to a new line; an empty one stays if there may be one.
func (l *layout) newline(token antlr.Token, depth int, empty bool) {
	if l.out.Len() == 0 {
		return
	}
	l.out.WriteString("\n")
	if empty && token.GetLine() > l.last.end+1 {
		l.out.WriteString("\n")
	}
	l.line++
	l.out.WriteString(strings.Repeat("  ", depth))
}

func (l *layout) write(before, text string) {
	l.out.WriteString(before + text)
	l.last.text, l.last.opens = text, false
}
