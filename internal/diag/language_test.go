package diag

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The standard way out of every code that a program can have speaks the language, or of no field at all.
func TestLanguageHints(t *testing.T) {
	field := regexp.MustCompile(`\b[a-z]{2,}[A-Z][a-zA-Z]*\b|\bcidr\b`)
	never := []Code{BadSelector, IgnoredRules, NoNodeForAddress} // the grammar has no such selector, what is isolated follows from the rules; a field's name
	for _, row := range Codes() {
		require.Equal(t, row.Hint, hintFor("a.yaml", row.Hint))
		if !slices.Contains(never, row.Code) {
			require.NotRegexp(t, field, hintFor("a.hg", row.Hint), row.Code)
		}
	}
	for hint := range languageHints() {
		require.NotEmpty(t, hint)
	}
	require.Equal(t, "leave the tier out: it exists without being declared", hintFor("a.hg", "remove the Tier, which exists without being declared, or write priority: 5"))
	r := &Report{}
	r.Add(BadEgress, at("a.hg", 1, "", ""), "m")
	require.Equal(t, "write as ADDRESS, from pool NAME, or both", r.Findings()[0].Hint)
}
