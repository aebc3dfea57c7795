package syntax

import (
	"slices"
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
	"github.com/headgate-net/headgate/internal/diag"
)

// The limits of what is read.
const (
	MaxSize   = 16 << 20 // bytes of a file
	MaxDepth  = 64       // open brackets
	MaxErrors = 10       // of the grammar in a file; what comes after them is not looked at
)

// Parse reads a program. The File has what could be understood: of a sentence with an error nothing, but all others. Positions in the
// problems are within the text.
func Parse(name, source string) (*File, []Problem) {
	t := newText(source)
	if len(source) > MaxSize {
		t.report(diag.TooLarge, Span{1, 1, 1, 1}, "", "the file has more than %d MiB", MaxSize>>20)
		return &File{Name: name}, t.problems
	}
	tokens, _ := t.lex()
	if t.tooDeep(tokens) {
		return &File{Name: name}, t.problems
	}
	p := parser{text: t}
	tree := p.parse(tokens)
	file := read[*File](&builder{text: t}, tree)
	file.Name, file.Missing = name, t.missing
	return file, t.problems
}

// tooDeep reports brackets that are nested too deep.
func (t *text) tooDeep(tokens []antlr.Token) bool {
	depth := 0
	for _, token := range tokens {
		switch token.GetText() {
		case "(", "[", "{":
			if depth++; depth > MaxDepth {
				t.report(diag.TooLarge, t.span(token, token), "", "brackets are nested more than %d deep", MaxDepth)
				return true
			}
		case ")", "]", "}":
			depth--
		}
	}
	return false
}

// parser finds the errors of a text one by one: at the first one it stops, says what was expected, takes the sentence with the error
// away, and begins anew with what is left. So no error is a consequence of another one's repair, and what ANTLR gives in the end is a
// tree without errors.
type parser struct {
	text    *text
	grammar *gen.HeadgateParser
}

func (p *parser) parse(tokens []antlr.Token) gen.IFileContext {
	for range MaxErrors {
		tree, f := p.attempt(tokens)
		if f == nil {
			return tree
		}
		p.text.problems = append(p.text.problems, p.explain(tokens, f))
		var gone []antlr.Token
		tokens, gone = p.text.repair(tokens, f)
		p.text.missing.note(p.text, gone)
	}
	tree, f := p.attempt(tokens)
	for f != nil { // what has an error still is taken away unsaid; in the end nothing is left
		last := len(tokens) - 1
		p.text.missing.note(p.text, tokens[f.token:last])
		tokens = append(tokens[:f.token:f.token], tokens[last])
		if tree, f = p.attempt(tokens); f != nil && f.token == len(tokens)-1 { // the end is missing something
			p.text.missing.note(p.text, tokens[:f.token])
			tokens = tokens[f.token:]
			tree, f = p.attempt(tokens)
		}
	}
	return tree
}

// attempt parses tokens up to the first error.
func (p *parser) attempt(tokens []antlr.Token) (tree gen.IFileContext, f *failure) {
	stream := newStream(tokens)
	if p.grammar == nil {
		p.grammar = gen.NewHeadgateParser(stream)
		p.grammar.RemoveErrorListeners()
		p.grammar.AddErrorListener(&listener{antlr.NewDefaultErrorListener()})
		// The grammar needs no look at what surrounds a sentence to tell its parts, and where a name may be a peer or a port the first counts.
		p.grammar.GetInterpreter().SetPredictionMode(antlr.PredictionModeSLL)
	} else {
		p.grammar.SetInputStream(stream)
		p.grammar.SetError(nil) // of the attempt before
	}
	p.grammar.SetErrorHandler(&strategy{DefaultErrorStrategy: antlr.NewDefaultErrorStrategy()})
	defer func() {
		if r := recover(); r != nil {
			found, ours := r.(*failure)
			if !ours {
				panic(r)
			}
			f = found
		}
	}()
	return p.grammar.File(), nil
}

// failure is the first error of an attempt: the index of the token that does not fit, and what was being read.
type failure struct {
	token   int
	context antlr.ParserRuleContext
}

// strategy ends the attempt at the first error.
type strategy struct{ *antlr.DefaultErrorStrategy }

// Sync leaves finding errors to where a token is taken.
func (s *strategy) Sync(antlr.Parser) {}

// RecoverInline ends the attempt at a token that does not fit.
func (s *strategy) RecoverInline(p antlr.Parser) antlr.Token {
	panic(&failure{p.GetCurrentToken().GetTokenIndex(), p.GetParserRuleContext()})
}

// ReportError ends the attempt at a token that fits none of several ways to go on. ANTLR tells it to listeners only.
func (s *strategy) ReportError(p antlr.Parser, e antlr.RecognitionException) {
	s.DefaultErrorStrategy.ReportError(p, e)
	panic(&failure{p.GetCurrentToken().GetTokenIndex(), p.GetParserRuleContext()})
}

// listener ends the attempt at the token that it is told.
type listener struct{ *antlr.DefaultErrorListener }

// SyntaxError hears of an error.
func (l *listener) SyntaxError(p antlr.Recognizer, token any, _, _ int, _ string, _ antlr.RecognitionException) {
	panic(&failure{token.(antlr.Token).GetTokenIndex(), p.(antlr.Parser).GetParserRuleContext()})
}

// sentence tells where the sentence with the error begins, and where the part of the text begins that leads to the error: the sentence
// itself, or the one before it, which might have gone on.
func (f *failure) sentence() (begin, lead int) {
	begin, lead = f.token, f.token
	for t := antlr.Tree(f.context); t != nil; t = t.GetParent() {
		ctx := t.(antlr.ParserRuleContext)
		switch ctx.(type) {
		case *gen.FileContext, *gen.NamespaceContext, *gen.PolicyContext, *gen.BodyContext:
			if last := block(ctx); last >= 0 {
				return begin, min(last, begin)
			}
		}
		switch ctx.(type) {
		case gen.IDeclarationContext, gen.IPolicyRuleContext, gen.IImportingContext, gen.IFieldContext:
			if start := ctx.GetStart(); start != nil && start.GetTokenIndex() <= f.token {
				return start.GetTokenIndex(), start.GetTokenIndex()
			}
		}
	}
	return begin, lead
}

// block returns, of something that is being read within its block, where the last sentence of the block begins; else -1.
func block(ctx antlr.ParserRuleContext) int {
	_, isFile := ctx.(*gen.FileContext)
	open, last := isFile, -1
	for _, child := range ctx.GetChildren() {
		switch c := child.(type) {
		case antlr.TerminalNode:
			if c.GetSymbol().GetText() == "{" {
				open, last = true, c.GetSymbol().GetTokenIndex()+1
			}
		case antlr.ParserRuleContext:
			if start := c.GetStart(); open && start != nil {
				last = start.GetTokenIndex()
			}
		}
	}
	switch {
	case !open:
		return -1
	case last < 0:
		return 0
	}
	return last
}

// keywords are the keywords of the language and its signs, by type of token.
func keywords() map[int]string {
	out := map[int]string{}
	gen.HeadgateParserInit()
	for i, name := range gen.HeadgateParserStaticData.LiteralNames {
		if name != "" {
			out[i] = strings.Trim(name, "'")
		}
	}
	return out
}

// Likely reports whether a text, of which the beginning is enough, is a program rather than YAML or JSON: whether its first word
// behind comments is one that declarations begin with, and not a key.
func Likely(begin string) bool {
	for line := range strings.Lines(strings.TrimPrefix(begin, byteOrderMark)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, "//") {
			return true
		}
		word, rest, _ := strings.Cut(line, " ")
		return rest != "" && slices.Contains(beginnings(), word)
	}
	return false
}

// beginnings are the words that sentences of a file begin with.
func beginnings() []string {
	return strings.Fields("import let namespace policy tier group egress pool node pod service machine entity object expect legacy admin baseline")
}
