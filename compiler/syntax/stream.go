package syntax

import "github.com/antlr4-go/antlr/v4"

// stream gives out tokens that are there already. The last one is the end, and comes again and again.
type stream struct {
	tokens []antlr.Token
	next   int
}

var _ antlr.TokenStream = (*stream)(nil)

// newStream numbers the tokens.
func newStream(tokens []antlr.Token) *stream {
	for i, token := range tokens {
		token.SetTokenIndex(i)
	}
	return &stream{tokens: tokens}
}

// Consume goes on by one token.
func (s *stream) Consume() { s.next = min(s.next+1, len(s.tokens)-1) }

// LT gives the token at a distance: 1 is the next one, -1 the last one.
func (s *stream) LT(k int) antlr.Token {
	if k < 0 {
		if s.next+k < 0 {
			return nil
		}
		return s.tokens[s.next+k]
	}
	return s.tokens[min(s.next+k-1, len(s.tokens)-1)]
}

// LA gives the type of LT.
func (s *stream) LA(k int) int {
	if token := s.LT(k); token != nil {
		return token.GetTokenType()
	}
	return antlr.TokenInvalidType
}

// Index is the index of the next token.
func (s *stream) Index() int { return s.next }

// Seek goes to a token.
func (s *stream) Seek(index int) { s.next = max(0, min(index, len(s.tokens)-1)) }

// Get gives the token with an index.
func (s *stream) Get(index int) antlr.Token { return s.tokens[index] }

// Size counts the tokens.
func (s *stream) Size() int { return len(s.tokens) }

// Mark and Release keep nothing: all tokens stay.
func (s *stream) Mark() int { return 0 }

// Release is the other half of Mark.
func (s *stream) Release(int) {}

// Reset goes back to the first token.
func (s *stream) Reset() { s.next = 0 }

// GetSourceName is for messages of ANTLR's own, which nobody sees; so is all that follows.
func (s *stream) GetSourceName() string { return "" }

// GetTokenSource gives none.
func (s *stream) GetTokenSource() antlr.TokenSource { return nil }

// SetTokenSource does nothing.
func (s *stream) SetTokenSource(antlr.TokenSource) {}

// GetAllText gives none.
func (s *stream) GetAllText() string { return "" }

// GetTextFromInterval gives none.
func (s *stream) GetTextFromInterval(antlr.Interval) string { return "" }

// GetTextFromRuleContext gives none.
func (s *stream) GetTextFromRuleContext(antlr.RuleContext) string { return "" }

// GetTextFromTokens gives none.
func (s *stream) GetTextFromTokens(antlr.Token, antlr.Token) string { return "" }
