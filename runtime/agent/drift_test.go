package agent

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// TestNodeCountsRepairs: each repair counts, and tells what was different, also where all was flushed, the generation with it.
func TestNodeCountsRepairs(t *testing.T) {
	d := newLively()
	var log bytes.Buffer
	counted := repairs{}
	n := NewNode(Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Meter: counted, Check: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	require.NoError(t, n.check(t.Context()))
	require.Empty(t, counted)
	for i, generation := range []string{"", d.memory.generation} {
		log.Reset()
		d.tamper(artifact.Artifact{Target: "t"})
		d.memory.generation = generation
		require.NoError(t, n.check(t.Context()))
		require.Equal(t, repairs{"t": i + 1}, counted)
		require.Contains(t, log.String(), `difference="+web\n"`)
	}
}

// repairs is a Meter that counts repairs by target.
type repairs map[string]int

func (repairs) InForce(Generation, *ir.Pipeline, []Loaded, time.Duration) {}
func (repairs) Failed(time.Duration)                                      {}
func (r repairs) Repaired(target string)                                  { r[target]++ }
