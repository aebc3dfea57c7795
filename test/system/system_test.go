// Package system runs whole clusters of network namespaces with the real rules in the real dataplanes, and sends real packets.
package system

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

func TestMain(m *testing.M) {
	lab.Main(&forgetful{})
	play()
	flag.Parse()
	// Labs mostly wait for packets that are dropped, so several share a processor well.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir())
	os.Exit(code)
}

func targets() []lab.Target { return []lab.Target{lab.NFTables, lab.OpenFlow} }

// targetsOf are those that can do on this machine what a cluster asks for.
func targetsOf(r *compiler.Result) []lab.Target {
	if hasVLAN(r) {
		return vlanTargets()
	}
	return targets()
}

// TestExamples loads every example on both targets and compares what real packets between all pods do with the example's
// reach.txt, which is worked out by hand. Loading the same again must change nothing.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	dirs, err := filepath.Glob("../../examples/*/reach.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(dirs), 6)
	for _, path := range dirs {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		want, err := grid.Parse(string(text))
		require.NoError(t, err)
		r := compileDir(t, filepath.Dir(path))
		for _, target := range targetsOf(r) {
			t.Run(fmt.Sprintf("%s/%s", filepath.Base(filepath.Dir(path)), target), func(t *testing.T) {
				t.Parallel()
				l := up(t, r, target)
				loaded, err := enforce.Load(t.Context(), l, r.Placed...)
				require.NoError(t, err)
				require.Len(t, loaded, len(r.Placed))
				compare(t, l, want)
				requireServices(t, l, r.Program, filepath.Dir(path))

				again, err := enforce.Load(t.Context(), l, r.Placed...)
				require.NoError(t, err)
				for i := range again {
					requireUnchanged(t, &loaded[i], &again[i])
				}
			})
		}
	}
}

// requireUnchanged wants that loading again found what was loaded, on the node's dataplanes one by one.
func requireUnchanged(t *testing.T, first, again *enforce.Loaded) {
	t.Helper()
	require.Equal(t, enforce.Loaded{Node: first.Node, Hash: first.Hash, Summary: "no changes", Own: again.Own, Stack: again.Stack}, *again)
	for _, part := range [][2]*enforce.Loaded{{first.Own, again.Own}, {first.Stack, again.Stack}} {
		require.Equal(t, part[0] == nil, part[1] == nil)
		if part[0] != nil {
			requireUnchanged(t, part[0], part[1])
		}
	}
}

func compileDir(t *testing.T, dir string) *compiler.Result {
	t.Helper()
	var report diag.Report
	objects := manifest.Read(t.Context(), manifest.Options{Files: []string{dir}}, &report)
	return compileObjects(t, objects, &report)
}

func compileObjects(t *testing.T, objects *manifest.Objects, report *diag.Report) *compiler.Result {
	t.Helper()
	r := compiler.Compile(objects, compiler.Options{Check: true}, report)
	if report.HasErrors() {
		var text strings.Builder
		require.NoError(t, diag.WriteText(&text, report.Findings()))
		t.Fatal(text.String())
	}
	return r
}

func up(t *testing.T, r *compiler.Result, target lab.Target) *lab.Lab {
	t.Helper()
	l, err := lab.Up(t.Context(), lab.FromProgram(r.Program, target), lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	return l
}

// takeDown ends a lab. The test's own context may have ended.
func takeDown(t testing.TB, l *lab.Lab) {
	require.NoError(t, l.Down(context.Background()))
}

// compare sends packets between all pods on all ports of want.
func compare(t *testing.T, l *lab.Lab, want grid.Grid) {
	t.Helper()
	var ports []lab.Port
	for _, p := range want.Ports() {
		port, err := lab.ParsePort(p)
		require.NoError(t, err)
		ports = append(ports, port)
	}
	got, err := l.Matrix(t.Context(), lab.MatrixRequest{Ports: ports})
	require.NoError(t, err)
	for _, d := range grid.Of(got.Pods, got.Ports).Compare(want) {
		t.Errorf("%s; tried again: %+v", d, again(t, l, d))
	}
}

// again repeats the probes of one cell, for the details.
func again(t *testing.T, l *lab.Lab, d grid.Difference) []lab.ProbeResult {
	port, err := lab.ParsePort(d.Port)
	require.NoError(t, err)
	var probes []lab.ProbeRequest
	for _, p := range l.Spec().Pods {
		if p.String() == d.To {
			for _, a := range p.Addrs {
				probes = append(probes, lab.ProbeRequest{From: "pod/" + d.From, To: a, Port: port})
			}
		}
	}
	results, err := l.Probe(t.Context(), probes)
	require.NoError(t, err)
	return results
}
