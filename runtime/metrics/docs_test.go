package metrics

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/golden"
)

func gathered(t *testing.T, m *Metrics) map[string]*dto.MetricFamily {
	families, err := m.Gatherer().Gather()
	require.NoError(t, err)
	out := map[string]*dto.MetricFamily{}
	for _, f := range families {
		out[f.GetName()] = f
	}
	return out
}

// kubeProxys are the metrics that have kube-proxy's name and meaning.
func kubeProxys() []string {
	return []string{"headgate_sync_proxy_rules_duration_seconds", "headgate_sync_proxy_rules_last_timestamp_seconds",
		"headgate_sync_proxy_rules_last_queued_timestamp_seconds"}
}

// docs/metrics.md lists what there is.
func TestMetricsDoc(t *testing.T) {
	intro, err := os.ReadFile("testdata/metrics.md")
	require.NoError(t, err)
	families := gathered(t, full())
	var b strings.Builder
	b.Write(intro)
	b.WriteString("\n| metric | type | labels | meaning |\n|---|---|---|---|\n")
	var ours []string
	for name := range families {
		if strings.HasPrefix(name, "headgate_") {
			ours = append(ours, name)
		}
	}
	slices.Sort(ours)
	for _, name := range ours {
		var labels []string
		for _, l := range families[name].Metric[0].Label {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		note := ""
		if slices.Contains(kubeProxys(), name) {
			note = " As `kubeproxy_" + strings.TrimPrefix(name, "headgate_") + "`."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s%s |\n", name, strings.ToLower(families[name].GetType().String()), strings.Join(labels, ", "), families[name].GetHelp(), note)
	}
	golden.File(t, "../../docs/metrics.md", b.String())
}

// Every metric, and every value of a label, that the dashboard asks for exists.
func TestDashboardAsksForWhatExists(t *testing.T) {
	text, err := os.ReadFile("../../deploy/grafana/headgate.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	families := gathered(t, full())
	metric, selector := regexp.MustCompile(`\b(headgate|go|process)_\w+`), regexp.MustCompile(`(headgate_\w+)\{[^}]*?(\w+)="(\w+)"`)
	asked := map[string]bool{}
	for _, p := range dashboard.Panels {
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			found := metric.FindAllString(target.Expr, -1)
			require.NotEmpty(t, found, target.Expr)
			for _, name := range found {
				asked[named(families, name)] = true
				require.Contains(t, families, named(families, name), target.Expr)
			}
			for _, m := range selector.FindAllStringSubmatch(target.Expr, -1) {
				require.True(t, hasLabel(families[m[1]], m[2], m[3]), target.Expr)
			}
		}
	}
	for name := range families {
		require.True(t, asked[name] || !strings.HasPrefix(name, "headgate_"), "the dashboard does not show %s", name)
	}
}

// named is the family that a series belongs to.
func named(families map[string]*dto.MetricFamily, series string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, ok := strings.CutSuffix(series, suffix); ok && families[base].GetType() == dto.MetricType_HISTOGRAM {
			return base
		}
	}
	return series
}

func hasLabel(f *dto.MetricFamily, name, value string) bool {
	return slices.ContainsFunc(f.GetMetric(), func(m *dto.Metric) bool {
		return slices.ContainsFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetName() == name && l.GetValue() == value })
	})
}
