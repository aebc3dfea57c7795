package kubeproxy

import (
	"context"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// keep connects to a Service from an address of a place, and stays connected.
func keep(t *testing.T, p *Place, from netip.Addr, to netip.AddrPort) net.Conn {
	t.Helper()
	var c net.Conn
	require.NoError(t, p.In(func() (err error) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from.AsSlice()}, Timeout: 10 * time.Second}
		c, err = d.Dial("tcp", to.String())
		return err
	}))
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err := c.Read(make([]byte, 128)) // what the server says of itself
	require.NoError(t, err)
	return c
}

// isAlive has a server echo.
func isAlive(t *testing.T, c net.Conn, word string) {
	t.Helper()
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err := c.Write([]byte(word))
	require.NoError(t, err)
	buf := make([]byte, len(word))
	_, err = c.Read(buf)
	require.NoError(t, err, "after %s", word)
	require.Equal(t, word, string(buf))
}

// TestHandOver goes from kube-proxy to headgate and back while connections last: rules first come beside those that are there, then
// the others go. At every moment new connections are served.
func TestHandOver(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	t.Parallel()
	ctx := context.Background()
	c := compile(t, everything())
	n, at := c.build(t)
	d := runtimenft.InNetNS(n.Node.FD())
	t.Cleanup(func() { d.Close() })
	kubeProxy := func() []string {
		found, err := d.KubeProxy(ctx)
		require.NoError(t, err)
		return found
	}
	require.Empty(t, kubeProxy(), "before anything runs")

	feed, addr := NewFeedOn(n.Node)
	c.feed(t, feed)
	proxy := Start(n.Node, addr, nodeName, clusterCIDR, "1s")
	proxy.WaitFull()
	require.Equal(t, []string{"table ip kube-proxy", "table ip6 kube-proxy"}, kubeProxy())

	wide := c.program.Services[slices.IndexFunc(c.program.Services, func(s *ir.Service) bool { return s.Name == "wide" })]
	var talks []net.Conn
	served := func(when string) {
		for _, who := range []struct {
			from netip.Addr
			to   netip.Addr
		}{
			{addrsOf("q")[0], wide.ClusterIPs[0]}, {addrsOf("q")[1], wide.ClusterIPs[1]}, {c.node.Addrs[0], wide.ClusterIPs[0]},
			{outside[0][0], wide.LoadBalancers[0]}, {outside[1][1], wide.ExternalIPs[1]},
		} {
			to := netip.AddrPortFrom(who.to, 80)
			talks = append(talks, keep(t, at[who.from], who.from, to))
		}
		for _, talk := range talks {
			isAlive(t, talk, when)
		}
	}
	served("kube-proxy")

	report := &diag.Report{}
	want := nft.Generate(c.placed, report)
	apply := func(to artifact.Artifact) {
		state, err := d.Observe(ctx)
		require.NoError(t, err)
		require.NoError(t, d.Apply(ctx, state, artifact.Diff(state.Artifact, to)))
	}
	apply(want)
	require.Equal(t, []string{"table ip kube-proxy", "table ip6 kube-proxy"}, kubeProxy(), "nothing of others was touched")
	served("both")

	proxy.Stop()
	served("headgate, and what is left")
	require.NoError(t, n.Node.In(func() error {
		out, err := exec.Command(Program(t), "--cleanup").CombinedOutput()
		t.Logf("kube-proxy --cleanup: %s", tail(string(out), 5))
		return err
	}))
	require.Empty(t, kubeProxy(), "it has cleaned up")
	served("headgate")
	state, err := d.Observe(ctx)
	require.NoError(t, err)
	require.Empty(t, artifact.Diff(state.Artifact, want).Text(), "kube-proxy touched nothing of ours")

	proxy = Start(n.Node, addr, nodeName, clusterCIDR, "1s")
	proxy.WaitFull()
	served("both again")
	apply(artifact.Artifact{Target: nft.Target})
	served("kube-proxy again")
}
