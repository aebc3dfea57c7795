package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/test/judge"
)

// state is one line of what ./cyclonus writes; see State there.
type state struct {
	Case        int                 `json:"case"`
	Step        int                 `json:"step"`
	Description string              `json:"description"`
	Tags        []string            `json:"tags"`
	Objects     []json.RawMessage   `json:"objects"`
	Pods        []string            `json:"pods"`
	Expected    map[string][]string `json:"expected"`
}

func (s *state) name() string {
	return fmt.Sprintf("%03d.%d %s", s.Case, s.Step, strings.ReplaceAll(s.Description, "/", " "))
}

func (s *state) manifests() []byte {
	var b bytes.Buffer
	for _, o := range s.Objects {
		b.Write(o)
		b.WriteString("\n---\n")
	}
	return b.Bytes()
}

// cyclonusStates runs the generator, a module of its own next to this package.
func cyclonusStates(t *testing.T) []state {
	t.Helper()
	dir, err := filepath.Abs("cyclonus")
	require.NoError(t, err)
	cmd := exec.Command("go", "run", ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var states []state
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var s state
		if err := dec.Decode(&s); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		states = append(states, s)
	}
	return states
}

// TestCyclonus has every judge decide all that cyclonus 0.5.6 expects. A pod to itself is left out: cyclonus judges it as any
// pair, a dataplane never sees it.
//
// spec: 4.1 4.2 4.3 4.4 4.5 4.6
func TestCyclonus(t *testing.T) {
	if testing.Short() {
		t.Skip("builds cyclonus; run without -short")
	}
	states := cyclonusStates(t)
	require.Len(t, states, 256)
	var verdicts, blocked int
	for i := range states {
		s := &states[i]
		t.Run(s.name(), func(t *testing.T) {
			v, b := checkState(t, s)
			verdicts, blocked = verdicts+v, blocked+b
		})
	}
	require.Equal(t, 109_956, verdicts, "verdicts without those of a pod to itself")
	require.Equal(t, 20_782, blocked, "of them blocked, counted apart from headgate")
}

func compile(t *testing.T, s *state) *compiler.Result {
	t.Helper()
	var report diag.Report
	objects := manifest.Parse(s.name(), s.manifests(), &report)
	result := compiler.Compile(objects, compiler.Options{Check: true}, &report)
	if report.HasErrors() {
		var text strings.Builder
		require.NoError(t, diag.WriteText(&text, report.Findings()))
		t.Fatal(text.String())
	}
	return result
}

func checkState(t *testing.T, s *state) (verdicts, blocked int) {
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
