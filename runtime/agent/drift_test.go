package agent

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/targets/artifact"
)

// TestNodeCountsRepairs: each repair counts, and tells what was different, also where all was flushed, the generation with it.
func TestNodeCountsRepairs(t *testing.T) {
	d := newLively()
	var log bytes.Buffer
	n := NewNode(Options{Target: plain("t"), Planes: []Plane{{Dataplane: d, Target: "t"}}, Check: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, err := n.Load(t.Context(), pipeline(t, "web", ""), nil)
	require.NoError(t, err)
	require.NoError(t, n.check(t.Context()))
	require.Empty(t, n.Repairs())
	for i, generation := range []string{"", d.memory.generation} {
		log.Reset()
		d.tamper(artifact.Artifact{Target: "t"})
		d.memory.generation = generation
		require.NoError(t, n.check(t.Context()))
		require.Equal(t, map[string]uint64{"t": uint64(i + 1)}, n.Repairs())
		require.Contains(t, log.String(), `difference="+web\n"`)
	}
}
