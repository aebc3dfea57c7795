package system

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
)

// TestMetricsAreTrue: what an agent tells Prometheus is what the dataplane has, and what was done to it.
func TestMetricsAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	t.Parallel()
	r := compileDir(t, "testdata/logs.yaml")
	l, err := lab.Up(t.Context(), lab.FromProgram(r.Program, lab.NFTables), lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	f := startFleet(t, l, builtProgram(t), lab.NFTables, "testdata/logs.yaml")
	node := l.Spec().Nodes[0].Name
	get := func(path string) string {
		return shell(t, l, "node/"+node, "busybox wget -q -O - http://127.0.0.1:10262"+path+" 2>/dev/null || true", "")
	}
	value := func(series string) float64 {
		for line := range strings.Lines(get("/metrics")) {
			if rest, ok := strings.CutPrefix(line, series+" "); ok {
				v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
				require.NoError(t, err)
				return v
			}
		}
		return -1
	}
	require.Eventually(t, func() bool { return get("/readyz") == "ok\n" }, patience, 10*time.Millisecond)
	holds := func() map[string]int {
		var listed struct{ Nftables []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(shell(t, l, "node/"+node, "nft -j list table inet headgate", "")), &listed))
		counts := map[string]int{}
		for _, item := range listed.Nftables {
			for kind := range item {
				counts[kind]++
			}
		}
		return counts
	}
	same := func() {
		held := holds()
		require.Positive(t, held["rule"])
		for _, kind := range []string{"rule", "chain", "map"} {
			require.EqualValues(t, held[kind], value(`headgate_dataplane_objects{kind="`+kind+`",target="nftables"}`), kind)
		}
	}
	same()
	require.EqualValues(t, len(l.Spec().Nodes), value(`headgate_nodes{state="alive"}`)+value(`headgate_nodes{state="missed"}`))
	require.Zero(t, value(`headgate_drift_repairs_total{target="nftables"}`))
	require.Zero(t, value("headgate_sync_proxy_rules_failures_total"))
	require.InDelta(t, float64(time.Now().Unix()), value("headgate_sync_proxy_rules_last_timestamp_seconds"), patience.Seconds()*2)

	shell(t, l, "node/"+node, "nft flush table inet headgate", "")
	require.Eventually(t, func() bool { return value(`headgate_drift_repairs_total{target="nftables"}`) == 1 }, patience, 10*time.Millisecond)
	same()
	f.stop(t, node)
}
