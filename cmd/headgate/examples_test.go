package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/grid"
)

// What `reach` prints of an example is its reach.txt, as text and as JSON.
func TestReachOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/reach.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 6)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		want, err := grid.Parse(string(text))
		require.NoError(t, err)
		argv := []string{"headgate", "reach", "-q", "-f", filepath.Dir(file)}
		for _, port := range want.Ports() {
			argv = append(argv, "--port", port)
		}
		var out, errs bytes.Buffer
		require.Zero(t, run(argv, strings.NewReader(""), &out, &errs), errs.String())
		got, err := grid.Parse(out.String())
		require.NoError(t, err)
		require.Equal(t, want, got, file)

		out.Reset()
		require.Zero(t, run(append(argv, "-o", "json"), strings.NewReader(""), &out, &errs), errs.String())
		var m grid.Grid
		require.NoError(t, json.Unmarshal(out.Bytes(), &m))
		require.Equal(t, want, m, file)
	}
}

// What `reach --to` prints of an example is its services.txt.
func TestServicesOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/services.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		_, tables, _ := strings.Cut(string(text), "\n") // the first line is a comment
		for table := range strings.SplitSeq(tables, "service/") {
			head, want, _ := strings.Cut(table, "\n")
			if head == "" {
				continue
			}
			var out, errs bytes.Buffer
			argv := []string{"headgate", "reach", "-q", "-f", filepath.Dir(file), "--to", "service/" + strings.Replace(head, " ", ":", 1)}
			require.Zero(t, run(argv, strings.NewReader(""), &out, &errs), errs.String())
			_, got, _ := strings.Cut(out.String(), "\n")
			require.Equal(t, strings.Fields(want), strings.Fields(got), "%s: %s", file, head)
		}
	}
}
