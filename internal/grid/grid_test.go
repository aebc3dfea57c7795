package grid_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/grid"
)

const two = `# from row to column; . allow, X drop, # mixed

TCP/80       1 2
1 shop/api   . X
2 shop/web   . .

TCP/8080     1 2
1 shop/api   . #
2 shop/web   X .
`

func TestTextAndParse(t *testing.T) {
	g, err := grid.Parse(two)
	require.NoError(t, err)
	require.Equal(t, []string{"shop/api", "shop/web"}, g.Pods)
	require.Equal(t, "drop", g.Cells["TCP/80"][0][1])
	require.Equal(t, two, g.Text(nil))
	require.Contains(t, g.Text(func(s string) string { return "<" + s + ">" }), "2 shop/web   <X> <.>")
}

// spec: 7.2
func TestJSON(t *testing.T) {
	g, err := grid.Parse(two)
	require.NoError(t, err)
	var text strings.Builder
	require.NoError(t, g.View().WriteJSON(&text))
	require.Equal(t, `{
  "pods": ["shop/api","shop/web"],
  "ports": {
    "TCP/80": [
      ["allow", "drop"],
      ["allow", "allow"]
    ],
    "TCP/8080": [
      ["allow", "mixed"],
      ["drop", "allow"]
    ]
  }
}
`, text.String())
	var again grid.Grid
	require.NoError(t, json.Unmarshal([]byte(text.String()), &again))
	require.Equal(t, g, again)
	require.Equal(t, g, g.View().Grid())

	text.Reset()
	require.NoError(t, grid.Of[string](nil, map[string][][]string{"TCP/1": nil}).View().WriteJSON(&text))
	require.JSONEq(t, `{"pods": [], "ports": {"TCP/1": []}}`, text.String())
}

func TestTextAlignsManyPods(t *testing.T) {
	var pods []string
	rows := make([][]string, 10)
	for i := range rows {
		pods = append(pods, fmt.Sprintf("n/p%d", i))
		for range rows {
			rows[i] = append(rows[i], "allow")
		}
	}
	g := grid.Of(pods, map[string][][]string{"UDP/53": rows})
	text := g.Text(nil)
	require.Contains(t, text, "UDP/53     1  2")
	require.Contains(t, text, "\n 1 n/p0    .  .")
	back, err := grid.Parse(text)
	require.NoError(t, err)
	require.Equal(t, g, back)
}

func TestPortsAreSortedByNumber(t *testing.T) {
	g := grid.Of(nil, map[string][][]string{"TCP/8080": nil, "UDP/53": nil, "TCP/80": nil, "SCTP/9": nil, "ICMP": nil})
	require.Equal(t, []string{"ICMP", "TCP/80", "TCP/8080", "UDP/53", "SCTP/9"}, g.Ports())
}

func TestCompare(t *testing.T) {
	want, err := grid.Parse(two)
	require.NoError(t, err)
	got := grid.Of([]string{"shop/api", "shop/extra", "shop/web"}, map[string][][]string{"TCP/80": {
		{"allow", "allow", "allow"}, {"drop", "drop", "drop"}, {"allow", "allow", "allow"}}})
	var lines []string
	for _, d := range got.Compare(want) {
		lines = append(lines, d.String())
	}
	require.Equal(t, []string{
		"TCP/80 shop/api -> shop/web: got allow, want drop",
		"TCP/8080 shop/api -> shop/api: got nothing, want allow",
		"TCP/8080 shop/api -> shop/web: got nothing, want mixed",
		"TCP/8080 shop/web -> shop/api: got nothing, want drop",
		"TCP/8080 shop/web -> shop/web: got nothing, want allow",
	}, lines)
	require.Empty(t, want.Compare(want))
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"1 a/b .":                              "line 1: want a port and its columns, or a number, a pod and its cells",
		"TCP/80 1\n1 a/b ?":                    `line 2: "?" is not a sign`,
		"TCP/80 1 2\n1 a/b . .":                "TCP/80: the row of a/b has 2 cells for 1 pods",
		"TCP/80 1\n1 a/b .\nTCP/81 1\n1 a/c .": "TCP/81: the pods are not those of the first table",
	} {
		_, err := grid.Parse(text)
		require.EqualError(t, err, want)
	}
}

func TestOnly(t *testing.T) {
	g, err := grid.Parse(two)
	require.NoError(t, err)
	part := g.Only([]string{"shop/web", "shop/nobody"})
	require.Equal(t, grid.Grid{Pods: []string{"shop/web"}, Cells: map[string][][]string{"TCP/80": {{"allow"}}, "TCP/8080": {{"allow"}}}}, part)
}
