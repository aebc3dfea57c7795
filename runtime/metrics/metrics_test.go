package metrics

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/names"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// full has counted something of everything, at a time of its own.
func full() *Metrics {
	now := time.Unix(1000, 500_000_000)
	m := New(Options{Version: "v1", Names: func() names.Stats { return names.Stats{Names: 7} }, Now: func() time.Time { return now }})
	m.Queued()
	m.Compiled(now.Add(-3 * time.Millisecond))
	m.Refused()
	m.Failed(time.Second)
	m.InForce(agent.Generation{Number: 42}, &ir.Pipeline{Holdings: []ir.Holding{{Addr: netip.MustParseAddr("192.0.2.1")}}}, []agent.Loaded{
		{Result: agent.Result{Hash: "aa"}, Artifact: artifact.Artifact{Target: nft.Target, Objects: []artifact.Object{
			{Key: "table"},
			{Key: "set a", Value: &nft.Set{}, Items: []string{"1", "2"}},
			{Key: "set b", Value: &nft.Set{}, Items: []string{"learned"}, Volatile: artifact.VolatileItems},
			{Key: "map m", Value: &nft.Set{Verdicts: true}, Items: []string{"3"}},
			{Key: "chain c", Value: &nft.Chain{}, Items: []string{"x", "y", "z"}},
			{Key: "limit l", Value: &nft.Limit{}}}}},
		{Result: agent.Result{Hash: "bb"}, Artifact: artifact.Artifact{Target: openflow.TargetName, Objects: []artifact.Object{
			{Key: "f", Value: &openflow.Flow{}}, {Key: "v", Value: &openflow.Flow{}, Volatile: artifact.VolatileObject},
			{Key: "g", Value: &openflow.Group{Buckets: make([]openflow.Bucket, 2)}}}}}}, 5*time.Millisecond)
	m.Repaired(nft.Target)
	m.Nodes(4, 1)
	m.Found([]diag.Finding{{Severity: diag.Warning}, {Severity: diag.Warning}, {Severity: diag.Note}})
	return m
}

const wanted = `# HELP headgate_build_info The version of headgate; the value is 1.
# TYPE headgate_build_info gauge
headgate_build_info{version="v1"} 1
# HELP headgate_dataplane_objects Things that this node's dataplanes were given, by the target and its word for them; without what is learned from packets.
# TYPE headgate_dataplane_objects gauge
headgate_dataplane_objects{kind="bucket",target="openflow"} 2
headgate_dataplane_objects{kind="chain",target="nftables"} 1
headgate_dataplane_objects{kind="element",target="nftables"} 3
headgate_dataplane_objects{kind="flow",target="openflow"} 1
headgate_dataplane_objects{kind="group",target="openflow"} 1
headgate_dataplane_objects{kind="limit",target="nftables"} 1
headgate_dataplane_objects{kind="map",target="nftables"} 1
headgate_dataplane_objects{kind="meter",target="openflow"} 0
headgate_dataplane_objects{kind="rule",target="nftables"} 3
headgate_dataplane_objects{kind="set",target="nftables"} 2
# HELP headgate_dns_names DNS names of rules of which addresses are known.
# TYPE headgate_dns_names gauge
headgate_dns_names 7
# HELP headgate_drift_repairs_total Times that what somebody else had changed in a dataplane was repaired.
# TYPE headgate_drift_repairs_total counter
headgate_drift_repairs_total{target="nftables"} 1
headgate_drift_repairs_total{target="openflow"} 0
# HELP headgate_egress_addresses Addresses outside the cluster that this node holds, for Egresses and Services.
# TYPE headgate_egress_addresses gauge
headgate_egress_addresses 1
# HELP headgate_findings What there is to say of what is declared, by severity, as of the last time that it was logged.
# TYPE headgate_findings gauge
headgate_findings{severity="error"} 0
headgate_findings{severity="note"} 1
headgate_findings{severity="warning"} 2
# HELP headgate_generation The number of the generation that is in force, which each node counts for itself, also over restarts.
# TYPE headgate_generation gauge
headgate_generation 42
# HELP headgate_generation_info The generation that is in force: the SHA-256 of what a target's dataplane was given; the value is 1.
# TYPE headgate_generation_info gauge
headgate_generation_info{hash="aa",target="nftables"} 1
headgate_generation_info{hash="bb",target="openflow"} 1
# HELP headgate_generations_total Generations of rules that were put in force since the agent started.
# TYPE headgate_generations_total counter
headgate_generations_total 1
# HELP headgate_input_refused_total Times that what is declared had errors, so that it was not put in force.
# TYPE headgate_input_refused_total counter
headgate_input_refused_total 1
# HELP headgate_nodes Nodes that are alive, this one included, and nodes that are missed.
# TYPE headgate_nodes gauge
headgate_nodes{state="alive"} 4
headgate_nodes{state="missed"} 1
# HELP headgate_sync_proxy_rules_failures_total Times that rules could not be loaded; the last good ones stayed in force.
# TYPE headgate_sync_proxy_rules_failures_total counter
headgate_sync_proxy_rules_failures_total 1
# HELP headgate_sync_proxy_rules_last_queued_timestamp_seconds When the last change of what is declared was noticed.
# TYPE headgate_sync_proxy_rules_last_queued_timestamp_seconds gauge
headgate_sync_proxy_rules_last_queued_timestamp_seconds 1000.5
# HELP headgate_sync_proxy_rules_last_timestamp_seconds When a generation of rules was last loaded.
# TYPE headgate_sync_proxy_rules_last_timestamp_seconds gauge
headgate_sync_proxy_rules_last_timestamp_seconds 1000.5
`

func TestCounts(t *testing.T) {
	m := full()
	require.NoError(t, testutil.GatherAndCompare(m.Gatherer(), strings.NewReader(wanted), gauges(wanted)...))
	families := gathered(t, m)
	require.EqualValues(t, 2, families["headgate_sync_proxy_rules_duration_seconds"].Metric[0].Histogram.GetSampleCount(), "good and failed")
	require.InDelta(t, 1.005, families["headgate_sync_proxy_rules_duration_seconds"].Metric[0].Histogram.GetSampleSum(), 1e-9)
	require.InDelta(t, 0.003, families["headgate_compile_duration_seconds"].Metric[0].Histogram.GetSampleSum(), 1e-9)
	for name := range families {
		require.True(t, strings.Contains(wanted, "TYPE "+name+" ") || strings.HasSuffix(name, "_duration_seconds") || !strings.HasPrefix(name, "headgate_"), name)
	}
}

// gauges are the names that a text in Prometheus' format has types of.
func gauges(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			out = append(out, strings.Fields(rest)[0])
		}
	}
	return out
}

// What is not known is not said: that would be taken for 0.
func TestUnknownIsLeftOut(t *testing.T) {
	families := gathered(t, New(Options{}))
	for _, name := range []string{"headgate_nodes", "headgate_findings", "headgate_dataplane_objects", "headgate_generation", "headgate_generation_info", "headgate_egress_addresses", "headgate_dns_names", "headgate_drift_repairs_total"} {
		require.NotContains(t, families, name)
	}
	require.Contains(t, families, "headgate_generations_total")
	require.Contains(t, families, "process_resident_memory_bytes")
	require.Contains(t, families, "go_goroutines")
}

// Nobody has to ask whether anything is counted.
func TestNothingIsCounted(t *testing.T) {
	var m *Metrics
	m.Queued()
	m.Compiled(time.Time{})
	m.Refused()
	m.Failed(0)
	m.InForce(agent.Generation{}, &ir.Pipeline{}, nil, 0)
	m.Repaired("")
	m.Nodes(0, 0)
	m.Found(nil)
}

func TestNamesAreAsPrometheusWants(t *testing.T) {
	problems, err := testutil.GatherAndLint(full().Gatherer())
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestAnswers(t *testing.T) {
	m := New(Options{})
	server := httptest.NewServer(m.Handler(false))
	t.Cleanup(server.Close)
	get := func(path, accept string) (int, string, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		require.NoError(t, err)
		request.Header.Set("Accept", accept)
		answer, err := server.Client().Do(request)
		require.NoError(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, answer.Header.Get("Content-Type"), string(body)
	}
	status, _, body := get("/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "there are no rules in force yet\n", body)
	status, _, _ = get("/healthz", "")
	require.Equal(t, http.StatusOK, status)
	m.InForce(agent.Generation{}, &ir.Pipeline{}, nil, 0)
	status, _, _ = get("/readyz", "")
	require.Equal(t, http.StatusOK, status)

	_, form, body := get("/metrics", "text/plain;version=0.0.4")
	require.Contains(t, form, "text/plain")
	require.Contains(t, body, "\nheadgate_generations_total 1\n")
	require.NotContains(t, body, "# EOF")
	_, form, body = get("/metrics", "application/openmetrics-text;version=1.0.0")
	require.Contains(t, form, "application/openmetrics-text; version=1.0.0")
	require.Contains(t, body, "# TYPE headgate_generations counter\nheadgate_generations_total 1.0\n")
	require.True(t, strings.HasSuffix(body, "# EOF\n"))

	status, _, _ = get("/debug/pprof/", "")
	require.Equal(t, http.StatusNotFound, status)
	profiled := httptest.NewServer(m.Handler(true))
	t.Cleanup(profiled.Close)
	server = profiled
	status, _, body = get("/debug/pprof/", "")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "goroutine")
}

// An address that somebody else has is tried again; nothing else waits for it.
func TestAddressIsTakenForAWhile(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan string, 1)
	asked := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		New(Options{}).Serve(ctx, ServerOptions{Listen: func(network, _ string) (net.Listener, error) {
			if asked++; asked == 1 {
				return nil, errors.New("taken")
			}
			l, err := net.Listen(network, "127.0.0.1:0")
			if err == nil {
				opened <- l.Addr().String()
			}
			return l, err
		}})
	}()
	answer, err := http.Get("http://" + <-opened + "/healthz")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	cancel()
	<-ended
}
