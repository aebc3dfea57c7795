package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// What `egress plan` prints of an example is its plan.txt. Lines that begin with "plan" say with which flags.
//
// spec: 11.1
func TestPlanOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/plan.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, section := range strings.Split("\n"+string(text), "\nplan")[1:] {
			flags, want, _ := strings.Cut(section, "\n")
			var out, errs bytes.Buffer
			argv := append([]string{"headgate", "egress", "plan", "-f", filepath.Dir(file)}, strings.Fields(flags)...)
			require.Zero(t, run(argv, strings.NewReader(""), &out, &errs), errs.String())
			require.Equal(t, words(want), words(out.String()), "%s: plan%s", file, flags)
		}
	}
}

// words splits the lines of a text into words, and leaves empty ones out.
func words(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 {
			out = append(out, fields)
		}
	}
	return out
}

// Every command in docs/egress.md is run, and what follows it is what it prints.
func TestEgressDoc(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile("docs/egress.md")
	require.NoError(t, err)
	got, count := runConsole(t, string(text))
	require.GreaterOrEqual(t, count, 5)
	golden.File(t, "docs/egress.md", got)
}

// crowdOfEgresses has Egresses for addresses of one pool, and nodes of which each may hold 255.
func crowdOfEgresses(nodes, egresses int) string {
	var b strings.Builder
	for i := range nodes {
		fmt.Fprintf(&b, "{apiVersion: v1, kind: Node, metadata: {name: node-%d}}\n---\n", i)
	}
	for i := range egresses {
		fmt.Fprintf(&b, "{apiVersion: crd.antrea.io/v1beta1, kind: Egress, metadata: {name: e%05d}, spec: {externalIPPool: p, appliedTo: {podSelector: {matchLabels: {app: a%d}}}}}\n---\n", i, i)
	}
	b.WriteString("{apiVersion: crd.antrea.io/v1beta1, kind: ExternalIPPool, metadata: {name: p}, spec: {nodeSelector: {}, ipRanges: [{cidr: 10.0.0.0/16}]}}\n")
	return b.String()
}

// compileText compiles a text without placing it.
func compileText(t testing.TB, text string, down ...string) *compiler.Result {
	report := &diag.Report{}
	objects := manifest.Read(t.Context(), manifest.Options{Files: []string{"-"}, Stdin: strings.NewReader(text), Namespace: "default"}, report)
	result := compiler.Compile(objects, compiler.Options{Nodes: []string{}, Down: down}, report)
	require.False(t, report.HasErrors(), "%v", report.Findings())
	return result
}

// Where nodes are full, what one cannot hold goes elsewhere, so that the failure of one moves what others hold, too. What is foreseen is
// what compiling without the node gives.
func TestFullNodesPassOn(t *testing.T) {
	text := crowdOfEgresses(3, 2*allot.DefaultCap+60)
	plan := newEgressPlanOf(compileText(t, text), nil)
	moved, stranded := 0, 0
	for _, failed := range []string{"node-0", "node-1", "node-2"} {
		then := newEgressPlanOf(compileText(t, text, failed), []string{failed})
		for i := range plan.Addresses {
			a, want := &plan.Addresses[i], then.Addresses[i].Node
			got := a.Node
			for _, f := range a.Failures {
				if f.Node == failed {
					got = f.To
					require.NotEqual(t, a.Node, f.To)
					if failed != a.Node {
						moved++
					}
				}
			}
			require.Equal(t, want, got, "%s without %s", a.Address, failed)
			if want == "" {
				stranded++
			}
		}
	}
	require.Equal(t, 3*60, stranded)
	require.Positive(t, moved)
	require.Contains(t, plan.text(), "\nIF             ADDRESS")
}

// A plan costs elections, not compiles: 5,000 addresses among 100 nodes, each of which fails.
func BenchmarkEgressPlan(b *testing.B) {
	result := compileText(b, crowdOfEgresses(100, 5000))
	for b.Loop() {
		newEgressPlanOf(result, nil)
	}
}
