package iproute_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/runtime/nft"
	rules "github.com/headgate-net/headgate/targets/nft"
)

// The marks that the rules of nftables set are those that lead packets to the holder and replies back.
func TestMarksOfNftables(t *testing.T) {
	n := newNetwork(t)
	const addr4, addr6 = "192.168.7.200", "fd07::200"
	n.outside.tell(80)
	for name, ns := range map[string]*namespace{"n1": n.node1, "n2": n.node2} {
		text := placed(name, leaving(name, addr4, addr6)...)
		load(t, ns.plane(iproute.Options{}), generate(t, text))
		var report diag.Report
		tables := nft.InNetNS(int(ns.file.Fd()))
		t.Cleanup(func() { tables.Close() })
		_, err := agent.Reconcile(context.Background(), tables, rules.Generate(parse(t, text), &report))
		require.NoError(t, err)
		require.Empty(t, report.Findings())
	}
	require.Equal(t, addr4, n.pod.ask("203.0.113.9", 80))
	require.Equal(t, addr6, n.pod.ask("2001:db8:9::1", 80))
}
