package syntax

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/antlr4-go/antlr/v4"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/syntax/gen"
)

// The grammar for editors knows every keyword, and no other word; its patterns compile. What they look at on both sides of a word, which Go's
// expressions cannot say, is left away here.
func TestTextMate(t *testing.T) {
	text, err := os.ReadFile("../../docs/language/headgate.tmLanguage.json")
	require.NoError(t, err)
	var grammar struct {
		Patterns []struct{ Name, Match string }
	}
	require.NoError(t, json.Unmarshal(text, &grammar))
	var got, want []string
	around := regexp.MustCompile(`\(\?<?!\[[^\]]*\]\)`)
	for _, p := range grammar.Patterns {
		match := around.ReplaceAllString(p.Match, "")
		_, err := regexp.Compile(match)
		require.NoError(t, err, p.Match)
		if match != p.Match && strings.HasPrefix(match, "(?:") {
			got = append(got, strings.Split(strings.TrimSuffix(strings.TrimPrefix(match, "(?:"), ")"), "|")...)
		}
	}
	for _, word := range keywords() {
		if word[0] >= 'a' && word[0] <= 'z' {
			want = append(want, word)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)
}

// scoped is a pattern of the grammar for editors. What surrounds a match is checked by itself.
type scoped struct {
	name          string
	match         *regexp.Regexp
	alone, behind bool
}

// An editor that goes by the grammar sees the words as the lexer does.
func TestTextMateSeesTokens(t *testing.T) {
	text, err := os.ReadFile("../../docs/language/headgate.tmLanguage.json")
	require.NoError(t, err)
	var grammar struct {
		Patterns []struct{ Name, Match string }
	}
	require.NoError(t, json.Unmarshal(text, &grammar))
	var patterns []scoped
	around := regexp.MustCompile(`\(\?<?!\[[^\]]*\]\)`)
	for _, p := range grammar.Patterns {
		patterns = append(patterns, scoped{strings.TrimSuffix(p.Name, ".headgate"), regexp.MustCompile("^(?:" + around.ReplaceAllString(p.Match, "") + ")"),
			strings.HasPrefix(p.Match, "(?<!"), strings.HasSuffix(p.Match, ":-])")})
	}
	files, err := filepath.Glob("../../docs/language/*.hg")
	require.NoError(t, err)
	tokens := 0
	for _, file := range files {
		whole, err := os.ReadFile(file)
		require.NoError(t, err)
		lines := strings.Split(string(whole), "\n")
		lines = append(lines, "let web-1 = pods (app-2 = v1.5), fd00::/8 // pods", "  x-1: allow from any on tcp 80-90, icmp 3/4 log \"in \\\" out\"", "pool-a namespaces.x 10.0.0.0/8 -5")
		for _, line := range lines {
			_, all := newText(line).lex()
			for _, token := range all[:len(all)-1] {
				at := len(string([]rune(line)[:token.GetStart()]))
				require.Equal(t, kindOf(token), colour(patterns, line, at), "%s in %s", token.GetText(), line)
				tokens++
			}
		}
	}
	require.Greater(t, tokens, 500)
}

// kindOf is the beginning of the scope that a token should have.
func kindOf(token antlr.Token) string {
	switch token.GetTokenType() {
	case gen.HeadgateLexerCOMMENT:
		return "comment"
	case gen.HeadgateLexerSTRING:
		return "string"
	case gen.HeadgateLexerADDRESS, gen.HeadgateLexerNUMBER:
		return "constant"
	case gen.HeadgateLexerLABEL:
		return "entity"
	}
	if word := token.GetText(); keywords()[token.GetTokenType()] == word && word[0] >= 'a' && word[0] <= 'z' {
		return "keyword"
	}
	return ""
}

// colour is what an editor takes a place of a line for: the first match from the left counts, of several there the first pattern's.
func colour(patterns []scoped, line string, at int) string {
	const inner = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.*/-"
	for i := 0; i < len(line); {
		next, kind := i+1, ""
		for _, p := range patterns {
			found := p.match.FindString(line[i:])
			end := i + len(found)
			if found == "" || p.alone && i > 0 && strings.IndexByte(inner, line[i-1]) >= 0 || p.behind && end < len(line) && strings.IndexByte(inner+":", line[end]) >= 0 {
				continue
			}
			next, kind = end, strings.NewReplacer("support", "keyword").Replace(strings.SplitN(p.name, ".", 2)[0])
			break
		}
		if at < next {
			return kind
		}
		i = next
	}
	return ""
}

// A byte order mark before a program means nothing, and is not written.
func TestByteOrderMark(t *testing.T) {
	const text = "policy p priority 5 for pods {\n  allow from any\n}\n"
	file, problems := Parse("a.hg", byteOrderMark+text)
	require.Empty(t, problems)
	require.Len(t, file.Decls, 1)
	formatted, problems := Format("a.hg", byteOrderMark+text)
	require.Empty(t, problems)
	require.Equal(t, text, formatted)
	require.True(t, Likely(byteOrderMark+text))
	_, problems = Parse("a.hg", "let a = any\n"+byteOrderMark+text)
	require.Len(t, problems, 1)
}
