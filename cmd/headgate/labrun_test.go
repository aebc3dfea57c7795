package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/grid"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

// A lab that disobeys is told cell by cell.
func TestLabReportTellsDifferences(t *testing.T) {
	probed := &lab.Matrix{Pods: []string{"a/x", "a/y"}, Ports: map[string][][]lab.Verdict{
		"TCP/80": {{lab.Allow, lab.Allow}, {lab.Drop, lab.Allow}}}}
	want, err := grid.Parse("TCP/80 1 2\n1 a/x . X\n2 a/y X .\n")
	require.NoError(t, err)
	r := &labReport{Target: "nftables", Probed: probed, Differences: labGrid(probed).Compare(want)}
	text := r.text(&ir.Program{}, palette{})
	require.Contains(t, text, "1 of 4 cells differ from what the policies say\n  TCP/80 a/x -> a/y: got allow, want drop\n")
	require.Contains(t, r.text(&ir.Program{}, palette{true}), "\x1b[31m1 of 4")
}
