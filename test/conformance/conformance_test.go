package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/test/conformance"
	"github.com/headgate-net/headgate/test/judge"
)

// TestCyclonus has every judge decide all that cyclonus 0.5.6 expects. A pod to itself is left out: cyclonus judges it as any
// pair, a dataplane never sees it.
//
// spec: 4.1 4.2 4.3 4.4 4.5 4.6
func TestCyclonus(t *testing.T) {
	if testing.Short() {
		t.Skip("builds cyclonus; run without -short")
	}
	states := conformance.States(t)
	require.Len(t, states, 256)
	var verdicts, blocked int
	for i := range states {
		s := &states[i]
		t.Run(s.Name(), func(t *testing.T) {
			v, b := checkState(t, s)
			verdicts, blocked = verdicts+v, blocked+b
		})
	}
	require.Equal(t, 109_956, verdicts, "verdicts without those of a pod to itself")
	require.Equal(t, 20_782, blocked, "of them blocked, counted apart from headgate")
}

func compile(t *testing.T, s *conformance.State) *compiler.Result {
	t.Helper()
	var report diag.Report
	objects := manifest.Parse(s.Name(), s.Manifests(), &report)
	result := compiler.Compile(objects, compiler.Options{Check: true}, &report)
	if report.HasErrors() {
		var text strings.Builder
		require.NoError(t, diag.WriteText(&text, report.Findings()))
		t.Fatal(text.String())
	}
	return result
}

func checkState(t *testing.T, s *conformance.State) (verdicts, blocked int) {
	t.Helper()
	result := compile(t, s)
	var report diag.Report
	panel := judge.New(result, judge.Sides, &report)
	require.False(t, report.HasErrors(), "%v", report.Findings())
	pods := map[string]*ir.Endpoint{}
	for _, e := range result.Program.Endpoints {
		pods[e.String()] = e
	}
	for port, table := range s.Expected {
		proto, number, _ := strings.Cut(port, "/")
		p, err := ir.ParseProto(proto)
		require.NoError(t, err)
		var dst uint16
		fmt.Sscan(number, &dst)
		for i, from := range s.Pods {
			for j, to := range s.Pods {
				want := table[i][j]
				if i == j || want == '-' {
					continue
				}
				packet := ir.Packet{Src: pods[from].Addrs[0], Dst: pods[to].Addrs[0], Proto: p, SrcPort: 50000, DstPort: dst}
				got, err := panel.Ask(packet)
				require.NoError(t, err)
				require.Equal(t, want == '.', got.Action == ir.Allow, "%s -> %s %s: %s", from, to, port, got)
				verdicts++
				if want == 'X' {
					blocked++
				}
			}
		}
	}
	return verdicts, blocked
}
