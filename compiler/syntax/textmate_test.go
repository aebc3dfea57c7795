package syntax

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
		if match != p.Match {
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
