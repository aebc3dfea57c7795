package lsp

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// findings are what is wrong with a program.
func findings(t *testing.T, text string) []diag.Finding {
	report := &diag.Report{}
	r := manifest.NewReader("")
	r.Overlay(map[string]string{"x.hg": text})
	r.Read(t.Context(), []string{"x.hg"}, report)
	return report.Findings()
}

// A word that cannot stand where it does is one error, whatever it stands for, and nothing follows from what could not be read.
//
// spec: 12.14
func TestOneMistakeIsOneError(t *testing.T) {
	words := regexp.MustCompile(`//.*|"[^"]*"|[^\s(){},=]+|[(){},=]`)
	tried := 0
	for _, name := range []string{"default-deny-dns", "egress", "external-node", "node-policies", "services", "tiers", "yelb"} {
		raw, err := os.ReadFile("../../docs/language/" + name + ".hg")
		require.NoError(t, err)
		text := string(raw)
		require.Empty(t, findings(t, text))
		for i, at := range words.FindAllStringIndex(text, -1) {
			if i%2 == 0 || strings.HasPrefix(text[at[0]:], "//") {
				continue
			}
			changed := text[:at[0]] + "?" + text[at[1]:]
			got := findings(t, changed)
			require.Len(t, got, 1, "%s: %v", changed, got)
			require.Equal(t, diag.LanguageSyntax, got[0].Code, changed)
			shown := linesOf(changed)[got[0].Origin.Pos.Line-1]
			require.Greater(t, len(shown), int(got[0].Origin.Pos.Col)-1, "the place can be seen")
			tried++
		}
	}
	require.Greater(t, tried, 250)
}

// What is forgotten is told once, where it is missing, and what was meant is offered.
func TestMeant(t *testing.T) {
	for text, want := range map[string]string{
		"polcy p priority 5 for pods { allow from any }\n":                                                                            `1:1 unexpected "polcy" did you mean policy?`,
		"policy p priority 5 for pods { alow from any }\n":                                                                            `1:32 unexpected "alow" did you mean allow?`,
		"policy p priority 5 for pods { allow from podss }\n":                                                                         `1:43 podss is not declared did you mean pods?`,
		"policy p priority 5 for pods { allow from pod (a = b) }\n":                                                                   `1:47 unexpected "(" did you mean pods instead of pod?`,
		"policy p priority 5 for pods { allow from any on tpc 80 }\n":                                                                 `1:54 unexpected "80" did you mean tcp instead of tpc?`,
		"let web = any\npolicy p priority 5 for wep { allow from any }\n":                                                             `2:25 wep is not declared did you mean web?`,
		"policy p priority 5 for pods {\n  allow from any\n":                                                                          `2:14 the file ends too early write }`,
		"policy p priority 5 for pods {\n  allow from any\n\npolicy q priority 6 for pods { drop from any }\n":                        `4:1 unexpected "policy" see section 12.3 of spec.md for the grammar`,
		"namespace a {\n  policy p for pods {\n    allow from any\n  }\n\nnamespace b {\n  policy p for pods { allow from any }\n}\n": `6:1 unexpected "namespace" write }`,
		"namespace a\n  policy p for pods { allow from any }\n}\n":                                                                    `3:1 unexpected "}" no { is open here: write the one that is missing before, or leave this one out`,
		"let a pods\nlet b = a\n":                                `1:7 unexpected "pods" see section 12.3 of spec.md for the grammar`,
		"import \"nowhere\"\nlet a = nowhere.b\n":                `1:8 cannot import nowhere: no such file or directory import a directory with .hg files, by its path from the file's own directory`,
		"\ufeffpolicy p priority 5 for pods { alow from any }\n": `1:35 unexpected "alow" did you mean allow?`,
		"let":                     `1:1 the file ends too early see section 12.3 of spec.md for the grammar`,
		"let p = tcp 90-80, 81\n": `1:13 the range 90-80 ends before it begins write the smaller port first`,
		"policy p priority 5 for pods { allow from any on 80, 81 }\n": `1:50 the port 80 has no protocol write tcp 80`,
		"pool p = nothing\n": `1:10 "nothing" is not an IP address write one IPv4 or IPv6 address without prefix length`,
		"policy p priority 5 for machines { allow from any }\n": `1:25 a policy outside of namespaces is not for machines write it within namespace NAME { ... }`,
	} {
		var got []string
		for _, f := range findings(t, text) {
			message, _, _ := strings.Cut(f.Message, ";")
			_, pos, _ := strings.Cut(f.Origin.Pos.String(), ":")
			got = append(got, pos+" "+message+" "+f.Hint)
		}
		require.Equal(t, []string{want}, got, text)
	}
}

// Ways out speak of the language, and not of fields that a program has not.
func TestHintsSpeakTheLanguage(t *testing.T) {
	fields := regexp.MustCompile(`[a-z][A-Z]|\bspec\b|appliedTo|\bcidr\b|: [a-z0-9]+$`)
	for text, code := range map[string]diag.Code{
		"policy p priority 5 { allow from any }\n":                                         diag.BadAppliedTo,
		"tier securityops priority 77\n":                                                   diag.BadPriority,
		"policy p priority 5 for pods { allow from 10.0.0.0/8 except 11.0.0.0/8 }\n":       diag.ExceptOutside,
		"policy p priority 5 for pods { allow from any on icmp 300 }\n":                    diag.BadICMP,
		"group g = group g\n":                                                              diag.BadGroup,
		"egress e for pods (a = b)\n":                                                      diag.BadEgress,
		"egress e for pods as 10.0.0.1\n":                                                  diag.IgnoredValue,
		"egress e for pods (a = b) as 10.0.0.1, 10.0.0.2, 10.0.0.3\n":                      diag.BadEgress,
		"pool p = 10.0.0.9-10.0.0.1\n":                                                     diag.BadPool,
		"legacy baseline policy other for namespaces { drop from namespaces }\n":           diag.BadName,
		"legacy baseline policy default for namespaces { pass from namespaces }\n":         diag.BadAction,
		"namespace a { service b for pods (c = d) }\n":                                     diag.MissingField,
		"namespace a { service b for pods (c = d) ports (tcp 80, tcp 81) }\n":              diag.MissingField,
		"namespace a { policy p priority 5 for nodes { allow from any } }\n":               diag.Misplaced,
		"namespace a { policy p priority 5 for pods in namespace b { allow from any } }\n": diag.Misplaced,
		"policy p priority 5 for pods { allow from domain a.example }\n":                   diag.Misplaced,
		"policy p priority 5 for pods { allow from service a/b }\n":                        diag.Misplaced,
		"policy p priority 5 for pods { allow from machines }\n":                           diag.Misplaced,
	} {
		got := findings(t, text)
		require.NotEmpty(t, got, text)
		for _, f := range got {
			require.Equal(t, code, f.Code, text)
			require.NotRegexp(t, fields, f.Hint, text)
		}
	}
}
