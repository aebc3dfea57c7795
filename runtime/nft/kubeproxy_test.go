package nft_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKubeProxy looks for what kube-proxy leaves, among tables that are like it. The real one is asked about in test/kubeproxy.
func TestKubeProxy(t *testing.T) {
	ns := newNamespace(t)
	look := func() []string {
		found, err := ns.KubeProxy(context.Background())
		require.NoError(t, err)
		return found
	}
	require.Empty(t, look())
	ns.shell("nft 'add table inet kube-proxy; add table ip nat; add chain ip nat KUBE-POSTROUTING; add table ip filter; add chain ip filter KUBE-SERVICES'")
	require.Empty(t, look())
	ns.shell("nft 'add chain ip nat KUBE-SERVICES'")
	require.Equal(t, []string{"chain ip nat KUBE-SERVICES"}, look())
	ns.shell("nft 'add table ip6 kube-proxy; add table ip6 nat; add chain ip6 nat KUBE-SERVICES'")
	require.Equal(t, []string{"chain ip nat KUBE-SERVICES", "table ip6 kube-proxy", "chain ip6 nat KUBE-SERVICES"}, look())
	ns.shell("nft flush ruleset; nft add table ip kube-proxy")
	require.Equal(t, []string{"table ip kube-proxy"}, look())
}
