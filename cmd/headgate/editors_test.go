package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The configurations of docs/editors.md start a command that there is, for files that it reads; JSON and TOML are well-formed.
func TestEditors(t *testing.T) {
	text, err := os.ReadFile("../../docs/editors.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	starts := map[string]bool{}
	for _, b := range blocks {
		kind, block := b[1], b[2]
		switch kind {
		case "json":
			var p struct {
				Main        string
				Contributes struct {
					Languages []struct{ Extensions []string }
					Grammars  []struct{ ScopeName, Path string }
				}
			}
			require.NoError(t, json.Unmarshal([]byte(block), &p))
			require.Contains(t, string(text), "`"+strings.TrimPrefix(p.Main, "./")+"`")
			require.Equal(t, []string{".hg"}, p.Contributes.Languages[0].Extensions)
			grammar, err := os.ReadFile("../../docs/language/" + p.Contributes.Grammars[0].Path)
			require.NoError(t, err)
			require.Contains(t, string(grammar), `"scopeName": "`+p.Contributes.Grammars[0].ScopeName+`"`)
			continue
		case "toml": // tables, and pairs whose values are JSON's, too
			for line := range strings.Lines(block) {
				line = strings.TrimSpace(line)
				key, value, pair := strings.Cut(line, " = ")
				if !pair {
					require.Regexp(t, `^(\[[a-z.-]+\]|\[\[[a-z.-]+\]\])?$`, line)
					continue
				}
				require.Regexp(t, `^[a-z-]+$`, key)
				require.True(t, json.Valid([]byte(value)), line)
			}
		}
		require.Regexp(t, `"headgate"[^a-z]*(args[^a-z]*)?"lsp"`, block, kind)
		starts[kind] = true
	}
	require.Equal(t, map[string]bool{"js": true, "lua": true, "elisp": true, "toml": true}, starts)
	command, _, err := newRoot("headgate").Find([]string{"lsp"})
	require.NoError(t, err)
	require.Equal(t, "lsp", command.Name())
}
