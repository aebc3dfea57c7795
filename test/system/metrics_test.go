package system

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestMetricsAreTrue: what an agent tells Prometheus is what the dataplane has, and what was done to it. It listens where it says, and
// nowhere else.
func TestMetricsAreTrue(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			metricsAreTrue(t, target, program)
		})
	}
}

func metricsAreTrue(t *testing.T, target lab.Target, program string) {
	r := compileDir(t, "testdata/logs.yaml")
	l, err := lab.Up(t.Context(), lab.FromProgram(r.Program, target), lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	f := startFleet(t, l, program, target, "testdata/logs.yaml")
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
		if target == lab.NFTables {
			return heldByKernel(t, shell(t, l, "node/"+node, "nft -j list table inet headgate", ""))
		}
		return heldBySwitch(t, func(command string) string {
			return shell(t, l, "node/"+node, "ovs-ofctl -O OpenFlow15 "+command+" $OVS_RUNDIR/br-int.mgmt", "")
		})
	}
	same := func() {
		t.Helper()
		for kind, held := range holds() {
			require.EqualValues(t, held, value(fmt.Sprintf("headgate_dataplane_objects{kind=%q,target=%q}", kind, target)), kind)
		}
	}
	same()
	require.EqualValues(t, len(l.Spec().Nodes), value(`headgate_nodes{state="alive"}`)+value(`headgate_nodes{state="missed"}`))
	require.Zero(t, value(fmt.Sprintf("headgate_drift_repairs_total{target=%q}", target)))
	require.Zero(t, value("headgate_sync_proxy_rules_failures_total"))
	require.InDelta(t, float64(time.Now().Unix()), value("headgate_sync_proxy_rules_last_timestamp_seconds"), patience.Seconds()*2)
	listening := shell(t, l, "node/"+node, `ss -Hltunp | awk '/"headgate"/ { print $1, $5 }' | sort`, "")
	address := l.Spec().Nodes[0].Addrs[0].String()
	require.Equal(t, "tcp 127.0.0.1:10262\ntcp "+address+":10261\nudp "+address+":10261\n", listening)

	shell(t, l, "node/"+node, map[lab.Target]string{lab.NFTables: "nft flush table inet headgate", lab.OpenFlow: "ovs-ofctl -O OpenFlow15 del-flows $OVS_RUNDIR/br-int.mgmt"}[target], "")
	require.Eventually(t, func() bool { return value(fmt.Sprintf("headgate_drift_repairs_total{target=%q}", target)) == 1 }, patience, 10*time.Millisecond)
	same()
	f.stop(t, node)
}

// heldByKernel counts what nft lists as JSON.
func heldByKernel(t *testing.T, text string) map[string]int {
	t.Helper()
	var listed struct {
		Nftables []map[string]struct {
			Name  string   `json:"name"`
			Elem  []any    `json:"elem"`
			Flags []string `json:"flags"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &listed))
	out := map[string]int{}
	for _, item := range listed.Nftables {
		for kind, one := range item {
			if kind == "set" && one.Name == "generation" {
				continue // it marks which generation it is
			}
			out[kind]++
			if !slices.Contains(one.Flags, "timeout") { // what is learned, and that somebody learns
				out["element"] += len(one.Elem)
			}
		}
	}
	for _, kind := range []string{"metainfo", "table"} {
		delete(out, kind)
	}
	for _, kind := range []string{"chain", "rule", "set", "map", "element"} {
		require.Positive(t, out[kind], kind)
	}
	return out
}

// heldBySwitch counts what ovs-ofctl dumps, but for the flow that only marks which generation it is.
func heldBySwitch(t *testing.T, dump func(command string) string) map[string]int {
	t.Helper()
	out := map[string]int{"flow": -1}
	for line := range strings.Lines(dump("dump-flows")) {
		if strings.Contains(line, "cookie=") {
			out["flow"]++
		}
	}
	for line := range strings.Lines(dump("dump-groups")) {
		if strings.Contains(line, "group_id=") {
			out["group"]++
			out["bucket"] += strings.Count(line, "bucket=")
		}
	}
	out["meter"] = 0
	for _, found := range regexp.MustCompile(`meter=(\d+)`).FindAllStringSubmatch(dump("dump-meters"), -1) {
		id, err := strconv.ParseUint(found[1], 10, 32)
		require.NoError(t, err)
		if uint32(id) >= openflow.MeterMarker { // the one below keeps logs from being too much
			out["meter"]++
		}
	}
	require.Greater(t, out["flow"], 10)
	return out
}
