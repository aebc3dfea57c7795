package syntax

import (
	"strings"

	"github.com/antlr4-go/antlr/v4"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
)

// Missing is what sentences with errors might have said, so that nothing is told that follows from their absence alone.
type Missing struct {
	Names  map[string]bool // that they might have declared
	Any    bool            // or any name at all
	Import bool            // one of them might have been an import
	Brace  bool            // one of them is a brace that closes nothing, so that one that opens is missing
	at     []int           // the bytes of the text at which they begin
}

// note adds a sentence that is taken away.
func (m *Missing) note(t *text, gone []antlr.Token) {
	if len(gone) == 0 {
		return
	}
	m.at = append(m.at, t.offset(gone[0].GetStart()))
	m.Brace = m.Brace || gone[0].GetText() == "}"
	for i, token := range gone {
		if token.GetText() == "import" || i == 1 && token.GetTokenType() == gen.HeadgateLexerSTRING {
			m.Import = true
		}
		if token.GetText() == "let" && (i+1 == len(gone) || gone[i+1].GetTokenType() != gen.HeadgateLexerWORD) {
			m.Any = true
		}
		declared := i+1 < len(gone) && gone[i+1].GetText() == "=" || i > 0 && gone[i-1].GetText() == "let"
		if !declared || token.GetTokenType() != gen.HeadgateLexerWORD {
			continue
		}
		if m.Names == nil {
			m.Names = map[string]bool{}
		}
		m.Names[token.GetText()] = true
	}
}

// within reports whether a sentence is missing between two tokens.
func (m *Missing) within(t *text, first, last antlr.Token) bool {
	for _, at := range m.at {
		if at >= t.offset(first.GetStart()) && at <= t.offset(last.GetStop()) {
			return true
		}
	}
	return false
}

// excuses reports whether a name might be known if no sentence were missing.
func (s *scope) excuses(name string) bool {
	missing := s.root().file.Missing
	if missing.Any || missing.Names[name] {
		return true
	}
	alias, inner, dotted := strings.Cut(name, ".")
	if !dotted {
		return false
	}
	lib := s.root().imports[alias]
	if lib == nil {
		return missing.Import
	}
	return lib.failed || lib.missing[inner]
}
