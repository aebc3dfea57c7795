package testcase

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

const examples = "../../examples"

// TestExamples holds every stage against each example's reach.txt and packets.txt, which are worked out by hand, and its outputs
// against testdata/examples.
func TestExamples(t *testing.T) {
	entries, err := os.ReadDir(examples)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(entries), 6)
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) { runExample(t, e.Name()) })
	}
}

func runExample(t *testing.T, name string) {
	dir := filepath.Join(examples, name)
	text, err := os.ReadFile(filepath.Join(dir, "reach.txt"))
	require.NoError(t, err)
	want, err := grid.Parse(string(text))
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	require.NoError(t, err)
	_, block, _ := strings.Cut(string(readme), "```\n")
	block, _, _ = strings.Cut(block, "```")
	require.Contains(t, string(text), block, "the table in README.md is one of reach.txt")
	require.NotEmpty(t, block)

	archive := golden.Open(t, filepath.Join("testdata/examples", name+".txtar"))
	t.Chdir(examples)
	report := &diag.Report{}
	c := compile(manifest.Read(t.Context(), manifest.Options{Files: []string{name}}, report), compiler.Options{}, report)
	require.False(t, report.HasErrors())
	require.Len(t, want.Pods, len(c.result.Program.Pods()), "reach.txt has a row for every pod")
	for _, d := range reach(t, c, want).Compare(want) {
		t.Error(d)
	}
	askTable(t, c, filepath.Join(name, "packets.txt"))
	if table, err := os.ReadFile(filepath.Join(name, "departs.txt")); err == nil {
		require.NotZero(t, checkDepartsTable(t, string(table), c))
	}
	sections := []string{"out/diag", "out/ir", "out/stats"}
	for _, p := range c.result.Placed {
		sections = append(sections, "out/nft/"+p.Node, "out/openflow/"+p.Node)
	}
	for _, section := range sections {
		text, ok := c.output(section)
		require.True(t, ok)
		archive.Want(t, section, text)
	}
}

// askTable asks the judges about an example's table of packets, if it has one.
func askTable(t *testing.T, c *compiled, path string) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	table, err := parsePackets(c.result.Program, string(text))
	require.NoError(t, err)
	require.NotEmpty(t, table)
	for _, e := range table {
		for _, p := range e.packets {
			v, err := c.panel.Ask(p)
			require.NoError(t, err)
			require.NoError(t, e.check(v))
		}
	}
}

// reach asks the judges about every pair of pods and every port of a table.
func reach(t *testing.T, c *compiled, like grid.Grid) grid.Grid {
	cells := map[string][][]string{}
	places := make([]place.Place, len(like.Pods))
	for i, pod := range like.Pods {
		var err error
		places[i], err = place.Find(c.result.Program, pod, "")
		require.NoError(t, err)
	}
	for _, port := range like.Ports() {
		traffic, err := place.ParseTraffic(port)
		require.NoError(t, err)
		for i, from := range places {
			cells[port] = append(cells[port], nil)
			for _, to := range places {
				cells[port][i] = append(cells[port][i], cell(t, c, traffic.Packets(from, to)))
			}
		}
	}
	return grid.Grid{Pods: like.Pods, Cells: cells}
}

// cell is the common verdict on packets between two pods; a pod to itself is no matter of a dataplane.
func cell(t *testing.T, c *compiled, packets []ir.Packet) string {
	word := "none"
	for _, p := range packets {
		if p.Src == p.Dst {
			return "allow"
		}
		v, err := c.panel.Ask(p)
		require.NoError(t, err)
		switch got := v.Action.String(); word {
		case "none":
			word = got
		case got:
		default:
			word = "mixed"
		}
	}
	return word
}
