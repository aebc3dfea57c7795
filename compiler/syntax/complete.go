package syntax

import (
	"maps"
	"slices"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
)

// Completion is what may stand at a place of a program.
type Completion struct {
	Begin  int      // the byte of the text at which the word begins that is being written
	Before string   // the word or sign before that
	Words  []string // the keywords that may stand there, none where any name may
	Peers  bool     // whether peers may
	Ports  bool     // whether ports may
}

// Complete finds what may stand at an offset of a text, of which what comes behind does not count. What is written of a word already
// does not, either. Within comments and strings there is nothing to complete.
func Complete(source string, offset int) Completion {
	offset = max(0, min(offset, len(source)))
	begin := offset
	for begin > 0 && wordByte(source[begin-1]) {
		begin--
	}
	out := Completion{Begin: begin}
	if offset > MaxSize || within(source[:offset]) {
		return out
	}
	t := newText(source[:begin])
	tokens, _ := t.lex()
	if t.tooDeep(tokens) {
		return out
	}
	if len(tokens) > 1 {
		out.Before = tokens[len(tokens)-2].GetText()
	}
	words := t.next(tokens)
	out.Peers = slices.Contains(words, "any") && slices.Contains(words, "pods")
	out.Ports = slices.Contains(words, "icmp") && slices.Contains(words, "igmp")
	anyName := append(slices.Collect(maps.Values(keywords())), "name")
	if missing := slices.ContainsFunc(anyName, func(w string) bool { return wordByte(w[0]) && !slices.Contains(words, w) }); !missing {
		return Completion{Begin: begin, Before: out.Before} // a name: every keyword is one
	}
	for _, w := range words {
		if wordByte(w[0]) && !slices.Contains([]string{"name", "number", "address", "string", "label", "end"}, w) {
			out.Words = append(out.Words, w)
		}
	}
	slices.Sort(out.Words)
	return out
}

// wordByte reports whether a byte may be part of a word.
func wordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '*' || b == '.' || b == '-' || b == '/'
}

// within reports whether a text ends within a comment or a string.
func within(text string) bool {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\n':
			quoted = false
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && text[i] == '/' && i+1 < len(text) && text[i+1] == '/':
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
			if i+1 == len(text) {
				return true
			}
		}
	}
	return quoted
}

// next finds what may come at the end of tokens: what could stand in place of one that fits nowhere. Sentences with errors do not count.
func (t *text) next(tokens []antlr.Token) []string {
	p := parser{text: t}
	end := tokens[len(tokens)-1]
	tokens = append(slices.Clone(tokens[:len(tokens)-1]), newToken(gen.HeadgateLexerSTRAY, "?"), end)
	for range MaxErrors {
		_, f := p.attempt(tokens)
		if f == nil {
			return nil
		}
		if f.token >= len(tokens)-2 {
			return p.expected(tokens, f)
		}
		if tokens, _ = f.remove(tokens); len(tokens) < 2 || tokens[len(tokens)-2].GetTokenType() != gen.HeadgateLexerSTRAY {
			return nil
		}
	}
	return nil
}
