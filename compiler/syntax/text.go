package syntax

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
	"github.com/headgate-net/headgate/internal/diag"
)

// Problem is something that is wrong with a program, at a place.
type Problem struct {
	Code diag.Code
	Span
	File    string // "" for the file that was parsed
	Message string
	Hint    string   // "" stands for the code's own
	Other   *Problem // what it collides with: a place and a message
}

// text is the text of a file, and where its parts are.
type text struct {
	source   string
	lines    []int32 // byte offsets at which lines begin
	offsets  []int32 // of runes, if some have more than one byte
	problems []Problem
	missing  Missing
}

func newText(source string) *text {
	t := &text{source: source, lines: []int32{0}}
	for i := range len(source) {
		if source[i] == '\n' {
			t.lines = append(t.lines, int32(i+1))
		}
	}
	if utf8.RuneCountInString(source) != len(source) {
		for i := range source {
			t.offsets = append(t.offsets, int32(i))
		}
		t.offsets = append(t.offsets, int32(len(source)))
	}
	return t
}

// offset gives the place of the rune with an index, which is how ANTLR counts, in bytes.
func (t *text) offset(index int) int {
	if t.offsets != nil {
		return int(t.offsets[min(index, len(t.offsets)-1)])
	}
	return min(index, len(t.source))
}

// at gives the line and the column of an offset.
func (t *text) at(offset int) (line, col int32) {
	n := sort.Search(len(t.lines), func(i int) bool { return int(t.lines[i]) > offset })
	return int32(n), int32(offset) - t.lines[n-1] + 1
}

// span is from the first token to the last.
func (t *text) span(first, last antlr.Token) Span {
	var s Span
	s.Line, s.Col = t.at(t.offset(first.GetStart()))
	s.EndLine, s.EndCol = t.at(t.offset(max(last.GetStop(), first.GetStart()-1) + 1))
	return s
}

func (t *text) report(code diag.Code, s Span, hint, format string, args ...any) {
	t.problems = append(t.problems, Problem{Code: code, Span: s, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// unquote gives what a string stands for. Its escapes are those of Go.
func (t *text) unquote(w Word) string {
	s, err := strconv.Unquote(w.Text)
	if err != nil {
		t.report(diag.LanguageSyntax, w.Span, `write \" for a quote and \\ for a backslash`, "the string %s has an escape that means nothing", w.Text)
		return strings.Trim(w.Text, `"`)
	}
	return s
}

// byteOrderMark may stand before a text, and means nothing.
const byteOrderMark = "\ufeff"

// lex cuts a text into tokens: those that count, and those with the comments. The last of both is the end of the text.
func (t *text) lex() (tokens, all []antlr.Token) {
	source := t.source
	if rest, marked := strings.CutPrefix(source, byteOrderMark); marked {
		source = " " + rest // ANTLR counts runes, so that all stay where they are
	}
	lexer := gen.NewHeadgateLexer(antlr.NewInputStream(source))
	lexer.RemoveErrorListeners()
	for {
		token := lexer.NextToken()
		all = append(all, token)
		if token.GetChannel() == antlr.TokenDefaultChannel {
			tokens = append(tokens, token)
		}
		if token.GetTokenType() == antlr.TokenEOF {
			return tokens, all
		}
	}
}
