package metrics

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// DefaultControllerAddress is where a controller answers Prometheus unless it is told otherwise.
const DefaultControllerAddress = "127.0.0.1:10263"

// Controller counts what a controller does. Its methods may be called concurrently.
type Controller struct {
	registry      *prometheus.Registry
	leads         prometheus.Gauge
	synced        prometheus.Histogram
	lastSynced    prometheus.Gauge
	refused       prometheus.Gauge
	writes        *prometheus.CounterVec
	events        *prometheus.CounterVec
	judged        *prometheus.CounterVec
	judging       prometheus.Histogram
	follows, ends atomic.Bool
}

// NewController makes a Controller with nothing counted.
func NewController(version string) *Controller {
	c := &Controller{registry: prometheus.NewRegistry(),
		leads: gauge("headgate_controller_leader", "1 while this controller is the one that writes, 0 while another one is."),
		synced: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "headgate_controller_sync_duration_seconds",
			Help: "How long it took to find what a change of the cluster comes to.", Buckets: buckets()}),
		lastSynced: gauge("headgate_controller_sync_last_timestamp_seconds", "When that was last found."),
		refused:    gauge("headgate_controller_rejected_objects", "Objects with errors, of which what they said before is in force."),
		writes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_controller_status_writes_total",
			Help: "Times that the status of an object was written, or could not be."}, []string{"resource", "result"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_controller_events_total", Help: "Events that were recorded, or could not be."}, []string{"result"}),
		judged: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "headgate_webhook_requests_total",
			Help: "Requests of the API server to look at an object, by what came of it: allowed, warned, refused or failed."}, []string{"result"}),
		judging: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "headgate_webhook_duration_seconds", Help: "How long it took to answer them.", Buckets: buckets()}),
	}
	for _, result := range []string{"allowed", "warned", "refused", "failed"} {
		c.judged.WithLabelValues(result).Add(0)
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "headgate_build_info", Help: "The version of headgate; the value is 1.",
		ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 })
	c.registry.MustRegister(build, c.leads, c.synced, c.lastSynced, c.refused, c.writes, c.events, c.judged, c.judging,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return c
}

// Gatherer gives what was counted.
func (c *Controller) Gatherer() prometheus.Gatherer { return c.registry }

// Leads notes whether this controller is the one that writes.
func (c *Controller) Leads(yes bool) {
	if yes {
		c.leads.Set(1)
	} else {
		c.leads.Set(0)
	}
}

// Synced counts that it was found what the cluster comes to, with some objects that have errors. From then on the controller is ready.
func (c *Controller) Synced(took time.Duration, refused int) {
	c.synced.Observe(took.Seconds())
	c.lastSynced.SetToCurrentTime()
	c.refused.Set(float64(refused))
	c.follows.Store(true)
}

// Wrote counts that the status of an object of a resource was written.
func (c *Controller) Wrote(resource string, err error) {
	c.writes.WithLabelValues(resource, resultOf(err)).Inc()
}

// Recorded counts an Event.
func (c *Controller) Recorded(err error) { c.events.WithLabelValues(resultOf(err)).Inc() }

func resultOf(err error) string {
	if err != nil {
		return "failed"
	}
	return "done"
}

// Judged counts a request of the API server, by what came of it: "allowed", "warned", "refused" or "failed".
func (c *Controller) Judged(result string, took time.Duration) {
	c.judged.WithLabelValues(result).Inc()
	c.judging.Observe(took.Seconds())
}

// Ends notes that the controller is about to end: it is not ready any more.
func (c *Controller) Ends() { c.ends.Store(true) }

// Serve answers until ctx ends, as that of Metrics does. /readyz is 200 once it was found what the cluster comes to.
func (c *Controller) Serve(ctx context.Context, o ServerOptions) {
	serve(ctx, c.Handler(o.Profiling), o)
}

// Handler answers what Serve does.
func (c *Controller) Handler(profiling bool) http.Handler {
	return pages(c.registry, profiling, func() string {
		switch {
		case c.ends.Load():
			return "it is about to end"
		case !c.follows.Load():
			return "the API server has not told yet what there is"
		}
		return ""
	})
}
