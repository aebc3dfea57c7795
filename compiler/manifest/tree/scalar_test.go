package tree

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// kubectl gives what kubectl sends to the server for a plain scalar.
func kubectl(t *testing.T, text string) string {
	out, err := yaml.YAMLToJSON([]byte("v: " + text + "\n"))
	require.NoError(t, err, "%q", text)
	var doc struct{ V json.RawMessage }
	require.NoError(t, json.Unmarshal(out, &doc))
	return string(doc.V)
}

func words() []string {
	return []string{"y", "Y", "yes", "Yes", "YES", "yEs", "n", "N", "no", "on", "On", "oN", "off", "OFF", "true", "True", "TRUE", "tRue", "false", "~", "null",
		"Null", "nULL", "0", "00", "07", "08", "09.5", "0x1F", "0X1f", "0xg", "0b11", "0b2", "0o17", "0o8", "-0b1", "-0o7", "-1", "+1", "+", "-", "1_000", "_1",
		"1_", "0x_1", "1.5", ".5", "5.", ".", "..", "1e3", "1e+3", "1E-3", "1e", "e1", "1.2.3.4", "10.0.0.0/8", "1:30", "2024-01-01", "2024-01-01T00:00:00Z",
		".inf", "-.Inf", "+.INF", ".nan", ".NaN", "nan", "inf", "9223372036854775807", "99999999999999999999", "-9223372036854775808", "1__2", "._1", "-.5",
		"0.0", "-0", "+0", "0e0", "1.10", "080", "1-2", "--1", "a", "fe80::1", "1e400", "0x", "0b", "0o", "-0x1f", "0_7", "_", "._5", "5_.1"}
}

func TestTypesAreThoseOfKubectl(t *testing.T) {
	all := words()
	r := rand.New(rand.NewPCG(1, 2))
	const letters = "0123456789.+-_eExXoOb017f"
	for range 20_000 {
		word := make([]byte, 1+r.IntN(6))
		for i := range word {
			word[i] = letters[r.IntN(len(letters))]
		}
		if word[0] != '-' && word[0] != '_' || len(word) > 1 {
			all = append(all, string(word))
		}
	}
	for _, text := range all {
		if text == "-" || text == "---" || text == "1e400" || text == ".inf" || text == "-.Inf" || text == "+.INF" || text == ".nan" || text == ".NaN" {
			continue // no JSON
		}
		n := &Node{Text: text}
		got := kubectl(t, text)
		switch typ := n.Type(); typ {
		case Null:
			require.Equal(t, "null", got, "%q", text)
		case Bool:
			v, ok := n.Bool()
			require.True(t, ok)
			require.Equal(t, strconv.FormatBool(v), got, "%q", text)
		case String:
			require.Equal(t, strconv.Quote(text), got, "%q", text)
		case Int, Float:
			require.NotContains(t, "\"tfn", got[:1], "%q is %s: %s", text, typ, got)
			if v, err := strconv.ParseInt(got, 10, 64); err == nil {
				mine, ok := n.Int()
				require.True(t, ok, "%q", text)
				require.Equal(t, v, mine, "%q", text)
			}
			if want, err := strconv.ParseFloat(got, 64); err == nil {
				mine, ok := n.Float()
				require.True(t, ok, "%q", text)
				require.Equal(t, want, mine, "%q", text)
			}
			if typ == Int && n.Canonical() {
				require.Equal(t, text, got)
			}
		}
	}
}

func TestSpecialFloats(t *testing.T) {
	for text, want := range map[string]float64{".inf": math.Inf(1), "+.INF": math.Inf(1), "-.Inf": math.Inf(-1), ".5": 0.5, "1_0.5": 10.5} {
		v, ok := (&Node{Text: text}).Float()
		require.True(t, ok, text)
		require.Equal(t, want, v, text)
	}
	v, ok := (&Node{Text: ".NaN"}).Float()
	require.True(t, ok)
	require.True(t, math.IsNaN(v))
	for _, n := range []*Node{nil, {Text: "x"}, {Text: "1", Style: SingleQuoted}, {Kind: Mapping}} {
		_, ok := n.Float()
		require.False(t, ok)
	}
}
