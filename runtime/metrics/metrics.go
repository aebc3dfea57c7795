// Package metrics counts what an agent does, and answers Prometheus.
//
// What describes one state, such as how many rules are in force, is of one state in each answer. Nothing that is counted makes a dataplane
// do anything, and no answer waits for one. Labels have few values, however large the cluster is. Names are kube-proxy's, but for the
// prefix, where they mean the same.
package metrics

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/names"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Options say what is counted beside what Metrics is told.
type Options struct {
	Version string             // of the program
	Names   func() names.Stats // what is known of DNS names; nil: nobody keeps them
	Now     func() time.Time   // nil: time.Now
}

// Metrics is what was counted. It is an agent.Meter. Its methods may be called concurrently; those of a nil *Metrics that count do nothing.
type Metrics struct {
	options  Options
	registry *prometheus.Registry

	synced, compiled             prometheus.Histogram
	lastSynced, lastQueued       prometheus.Gauge
	generations, failed, refused prometheus.Counter
	repairs                      *prometheus.CounterVec
	now                          state
	alive, missed                atomic.Int64
	watchesNodes, hasFindings    atomic.Bool
	findings                     [3]atomic.Int64 // by diag.Severity
}

// state holds what is in force; nil: nothing yet.
type state struct{ atomic.Pointer[inForce] }

// inForce is what Load put in force last. It does not change.
type inForce struct {
	number    uint64
	planes    []planeState
	addresses int
}

type planeState struct {
	target, hash string
	counts       []artifact.Tally
}

// New makes Metrics with nothing counted.
func New(o Options) *Metrics {
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Metrics{options: o, registry: prometheus.NewRegistry()}
	m.synced = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "headgate_sync_proxy_rules_duration_seconds",
		Help: "How long it took to load a generation of rules, or to find that it cannot be.", Buckets: buckets()})
	m.compiled = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "headgate_compile_duration_seconds",
		Help: "How long it took to compile what had changed to this node's rules, with errors or without.", Buckets: buckets()})
	m.lastSynced = gauge("headgate_sync_proxy_rules_last_timestamp_seconds", "When a generation of rules was last loaded.")
	m.lastQueued = gauge("headgate_sync_proxy_rules_last_queued_timestamp_seconds", "When the last change of what is declared was noticed.")
	m.generations = counter("headgate_generations_total", "Generations of rules that were put in force since the agent started.")
	m.failed = counter("headgate_sync_proxy_rules_failures_total", "Times that rules could not be loaded; the last good ones stayed in force.")
	m.refused = counter("headgate_input_refused_total", "Times that what is declared had errors, so that it was not put in force.")
	m.repairs = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_drift_repairs_total",
		Help: "Times that what somebody else had changed in a dataplane was repaired."}, []string{"target"})
	version := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "headgate_build_info", Help: "The version of headgate; the value is 1.",
		ConstLabels: prometheus.Labels{"version": o.Version}}, func() float64 { return 1 })
	m.registry.MustRegister(m.synced, m.compiled, m.lastSynced, m.lastQueued, m.generations, m.failed, m.refused, m.repairs, version,
		&states{m, newDescriptions()}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// buckets are kube-proxy's: from 1 ms, doubled 14 times.
func buckets() []float64 { return prometheus.ExponentialBuckets(0.001, 2, 15) }

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

// Gatherer gives what was counted.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// InForce counts a generation that was put in force.
func (m *Metrics) InForce(g agent.Generation, p *ir.Pipeline, results []agent.Loaded, took time.Duration) {
	if m == nil {
		return
	}
	next := &inForce{number: g.Number, addresses: len(p.Holdings)}
	for _, r := range results {
		next.planes = append(next.planes, planeState{r.Artifact.Target, r.Hash, targets.Tally(r.Artifact)})
		m.repairs.WithLabelValues(r.Artifact.Target).Add(0) // it is 0, not unknown
	}
	m.now.Store(next)
	m.synced.Observe(took.Seconds())
	m.generations.Inc()
	m.lastSynced.Set(seconds(m.options.Now()))
}

// Failed counts a generation that could not be loaded.
func (m *Metrics) Failed(took time.Duration) {
	if m != nil {
		m.synced.Observe(took.Seconds())
		m.failed.Inc()
	}
}

// Repaired counts a repair of a target's dataplane.
func (m *Metrics) Repaired(target string) {
	if m != nil {
		m.repairs.WithLabelValues(target).Inc()
	}
}

// Queued notes that something has changed in what is declared.
func (m *Metrics) Queued() {
	if m != nil {
		m.lastQueued.Set(seconds(m.options.Now()))
	}
}

// Compiled counts a compilation that began at a time, by the clock of Options.
func (m *Metrics) Compiled(began time.Time) {
	if m != nil {
		m.compiled.Observe(m.options.Now().Sub(began).Seconds())
	}
}

// Refused counts that what is declared has errors.
func (m *Metrics) Refused() {
	if m != nil {
		m.refused.Inc()
	}
}

// Found notes what there is to say of what is declared.
func (m *Metrics) Found(findings []diag.Finding) {
	if m == nil {
		return
	}
	var counts [len(m.findings)]int64
	for _, f := range findings {
		counts[f.Severity]++
	}
	for i, n := range counts {
		m.findings[i].Store(n)
	}
	m.hasFindings.Store(true)
}

// Nodes notes how many nodes are alive and how many are missed. Until it is called, that is not known.
func (m *Metrics) Nodes(alive, missed int) {
	if m == nil {
		return
	}
	m.alive.Store(int64(alive))
	m.missed.Store(int64(missed))
	m.watchesNodes.Store(true)
}

// Ready reports whether there are rules in force.
func (m *Metrics) Ready() bool { return m.now.Load() != nil }

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
