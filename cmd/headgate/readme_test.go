package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/golden"
)

// Every "$ headgate ..." in README.md is run from the root of the repository, and what follows it is what it prints. With
// -update the outputs are rewritten, never the commands.
func TestReadmeCommands(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	got, count := runConsole(t, string(text))
	require.GreaterOrEqual(t, count, 4)
	golden.File(t, "README.md", got)
}

// runConsole fills the console blocks of a text with what their commands print. Labs need root; without it what stands there
// is believed.
func runConsole(t *testing.T, text string) (string, int) {
	var out strings.Builder
	count, inBlock, keep := 0, false, true
	for line := range strings.Lines(text) {
		switch {
		case line == "```console\n":
			inBlock = true
		case inBlock && line == "```\n":
			inBlock, keep = false, true
		case inBlock && strings.HasPrefix(line, "$ "):
			out.WriteString(line)
			count++
			keep = testing.Short() && strings.Contains(line, " lab ")
			if !keep {
				out.WriteString(console(t, strings.Fields(line)[1:]))
			}
			continue
		}
		if keep || !inBlock {
			out.WriteString(line)
		}
	}
	return out.String(), count
}

// console runs the program in this process and returns what a terminal would show.
func console(t *testing.T, argv []string) string {
	require.Equal(t, "headgate", argv[0])
	t.Setenv("NO_COLOR", "1")
	var both bytes.Buffer
	run(argv, strings.NewReader(""), &both, &both)
	return both.String()
}
