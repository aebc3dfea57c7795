package syntax

import (
	"slices"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
)

// repair takes the sentence with the error away, and puts in the brace that is missing where a line is not indented more than the one
// that opened the block. Only here, after an error, does indentation count. It gives what is left, and what is gone.
func (t *text) repair(tokens []antlr.Token, f *failure) (left, gone []antlr.Token) {
	begin, _ := f.sentence()
	open := f.block()
	if at := unclosed(tokens); f.token == len(tokens)-1 && at > 0 {
		return slices.Insert(slices.Clone(tokens), at, closing(tokens[at-1])), nil
	}
	outside := begin == f.token && first(tokens, begin) && open >= 0 && (begin == len(tokens)-1 || tokens[begin].GetColumn() <= margin(tokens, open))
	if !outside || tokens[begin].GetText() == "}" {
		return f.remove(tokens)
	}
	left = tokens
	if begin < len(tokens)-1 && !slices.Contains(beginnings(), tokens[begin].GetText()) {
		left, gone = f.remove(tokens)
	}
	return slices.Insert(slices.Clone(left), begin, closing(tokens[begin-1])), gone
}

// unclosed gives the line within a block that is indented as the one that opened the block, though what is in the block was indented
// more: the brace that closes it is missing before. It is the first token of the line, 0 for none.
func unclosed(tokens []antlr.Token) int {
	var open []int
	for i, token := range tokens[:len(tokens)-1] {
		if last := len(open) - 1; last >= 0 && first(tokens, i) && token.GetText() != "}" {
			column := margin(tokens, open[last])
			if token.GetColumn() <= column && open[last]+1 < i && tokens[open[last]+1].GetColumn() > column && first(tokens, open[last]+1) {
				return i
			}
		}
		switch token.GetText() {
		case "{":
			open = append(open, i)
		case "}":
			open = open[:max(0, len(open)-1)]
		}
	}
	return 0
}

// block gives the token that opens the block in which the error is, -1 for none.
func (f *failure) block() int {
	for t := antlr.Tree(f.context); t != nil; t = t.GetParent() {
		switch ctx := t.(type) {
		case *gen.NamespaceContext, *gen.PolicyContext, *gen.BodyContext:
			if open := openingOf(ctx.(antlr.ParserRuleContext)); open != nil {
				return open[1] - 1
			}
		}
	}
	return -1
}

// closing is a brace that closes a block behind a token, and has its place.
func closing(behind antlr.Token) antlr.Token {
	kind := 0
	for of, word := range keywords() {
		if word == "}" {
			kind = of
		}
	}
	token := antlr.CommonTokenFactoryDEFAULT.Create(&antlr.TokenSourceCharStreamPair{}, kind, "}", antlr.TokenDefaultChannel, behind.GetStart(),
		behind.GetStop(), behind.GetLine(), behind.GetColumn())
	token.SetText("}")
	return token
}

// first reports whether a token is the first one of its line.
func first(tokens []antlr.Token, at int) bool {
	return at == 0 || at == len(tokens)-1 || tokens[at-1].GetLine() != tokens[at].GetLine()
}

// margin is the column at which a token's line begins.
func margin(tokens []antlr.Token, at int) int {
	for !first(tokens, at) {
		at--
	}
	return tokens[at].GetColumn()
}

// remove takes the sentence with the error away: up to the next line that is not indented more than the line on which it begins, or that
// is its closing brace.
func (f *failure) remove(tokens []antlr.Token) (left, gone []antlr.Token) {
	begin, lead := f.sentence()
	if lead < begin && begin == f.token && (!first(tokens, begin) || tokens[begin].GetColumn() > margin(tokens, lead)) {
		if behind := tokens[begin-1].GetText(); behind != "}" && behind != "{" {
			begin = lead // what does not fit goes on with the sentence before
		}
	}
	column, outer := margin(tokens, begin), -1
	if open := f.block(); open >= 0 && open < begin {
		outer = margin(tokens, open)
	}
	before := 0 // braces that are open where it begins, on its line
	for i := begin - 1; i >= 0 && tokens[i].GetLine() == tokens[begin].GetLine(); i-- {
		switch tokens[i].GetText() {
		case "{":
			before++
		case "}":
			before--
		}
	}
	depth := 0
	for end := begin; end < len(tokens)-1; end++ {
		token := tokens[end]
		closes, leads := token.GetText() == "}", first(tokens, end)
		switch {
		case end > max(begin, f.token) && leads && token.GetColumn() <= column:
			if closes && before <= 0 && token.GetColumn() > outer && (depth > 0 || outer < 0 || token.GetColumn() == column) {
				end++
			}
			return cut(tokens, begin, end)
		case closes && depth == 0 && end > begin:
			return cut(tokens, begin, end)
		case token.GetText() == "{":
			depth++
		case closes && depth > 0:
			depth--
		}
		if closes && depth == 0 && end >= f.token && !leads {
			return cut(tokens, begin, end+1)
		}
	}
	return cut(tokens, begin, len(tokens)-1)
}

// cut leaves tokens away, at least one unless there is nothing but the end.
func cut(tokens []antlr.Token, from, to int) (left, gone []antlr.Token) {
	last := len(tokens) - 1
	if from >= last { // the end is missing something: what is open goes
		return tokens[last:], tokens[:last]
	}
	to = min(max(to, from+1), last)
	left = append([]antlr.Token{}, tokens[:from]...)
	return append(left, tokens[to:]...), tokens[from:to]
}
