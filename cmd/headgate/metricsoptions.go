package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/runtime/metrics"
	"github.com/headgate-net/headgate/runtime/names"
)

// metricsFlags say what of an agent can be watched, and where.
type metricsFlags struct {
	address   string
	profiling bool
	tls       tlsFlags
	counted   *metrics.Metrics // nil: nothing is counted
}

func (m *metricsFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&m.address, "metrics-bind-address", metrics.DefaultAddress, "address of /metrics, /healthz and /readyz, for Prometheus and those who look after the agent; empty: not at all")
	flags.BoolVar(&m.profiling, "profiling", false, "answer /debug/pprof at the address of the metrics, too")
	m.tls.flags(cmd, "metrics-", "the metrics are answered over TLS with")
}

// check refuses what cannot be meant.
func (m *metricsFlags) check() error {
	if err := m.tls.check(); err != nil || m.address == "" {
		return err
	}
	if _, err := netip.ParseAddrPort(m.address); err != nil {
		return fmt.Errorf("--metrics-bind-address: %w", err)
	}
	return nil
}

// count begins to count.
func (m *metricsFlags) count(known *names.Cache) *metrics.Metrics {
	m.counted = metrics.New(metrics.Options{Version: version, Names: known.Stats})
	return m.counted
}

// serve answers until ctx ends.
func (m *metricsFlags) serve(ctx context.Context, log *slog.Logger) {
	if m.address != "" {
		m.counted.Serve(ctx, metrics.ServerOptions{Address: m.address, Profiling: m.profiling, TLS: m.tls.config, Log: log})
	}
}

// countNodes notes how many nodes are alive for what was just loaded, where agents watch each other.
func (f *follower) countNodes(loaded *desired) {
	if f.gossip.keyFile != "" && loaded.declared != nil {
		missed := len(loaded.missed)
		f.metrics.counted.Nodes(len(loaded.declared.Nodes)-missed, missed)
	}
}
