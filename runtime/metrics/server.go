package metrics

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// DefaultAddress is where an agent answers Prometheus unless it is told otherwise: on the node alone, as kube-proxy does, on a port that
// kube-proxy does not have, as both may run there.
const DefaultAddress = "127.0.0.1:10262"

// retryAfter is how long to wait before an address that could not be had is tried again.
const retryAfter = 2 * time.Second

// headerTimeout is how long a client may take for its question.
const headerTimeout = 10 * time.Second

// ServerOptions say where and what a server answers.
type ServerOptions struct {
	Address   string       // host:port
	Profiling bool         // pprof's pages are answered under /debug/pprof
	TLS       *tls.Config  // nil: plain HTTP
	Log       *slog.Logger // nil: nothing is said

	Listen func(network, address string) (net.Listener, error) // nil: net.Listen
}

// Serve answers until ctx ends. An address that cannot be had is told once, and tried again every other second: nothing else depends on it.
func (m *Metrics) Serve(ctx context.Context, o ServerOptions) { serve(ctx, m.Handler(o.Profiling), o) }

func serve(ctx context.Context, handler http.Handler, o ServerOptions) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	told := ""
	for ctx.Err() == nil {
		listener, err := o.Listen("tcp", o.Address)
		if err == nil {
			o.Log.Info("metrics are answered", "at", listener.Addr().String(), "tls", o.TLS != nil)
			if o.TLS != nil {
				listener = tls.NewListener(listener, o.TLS)
			}
			err = server.Serve(listener)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return
		}
		if err.Error() != told {
			told = err.Error()
			o.Log.Error("metrics cannot be answered", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// Handler answers /metrics, in the form of OpenMetrics for those who ask for it; /healthz, 200 as long as there is anybody to answer;
// /readyz, 200 once there are rules in force and 503 before; and with profiling /debug/pprof.
func (m *Metrics) Handler(profiling bool) http.Handler {
	return pages(m.registry, profiling, func() string {
		if m.Ready() {
			return ""
		}
		return "there are no rules in force yet"
	})
}

// pages are what both an agent and a controller answer. unready says why there is nobody ready, "" if there is.
func pages(registry *prometheus.Registry, profiling bool, unready func() string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 8}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if why := unready(); why != "" {
			say(w, http.StatusServiceUnavailable, why)
			return
		}
		say(w, http.StatusOK, "ok")
	})
	if profiling {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// A client that is gone is no reason to stop.
	_, _ = w.Write([]byte(text + "\n"))
}
