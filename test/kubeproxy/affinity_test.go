package kubeproxy

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestAffinity has clients come back: through the rules of each they get the backend that they had, and another in the end once
// their time is over. kube-proxy remembers a client for all addresses of a Service's port together, headgate for each of them.
func TestAffinity(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	t.Parallel()
	c := compile(t, sticky())
	proxied, proxyAt := c.build(t)
	feed, addr := NewFeedOn(proxied.Node)
	c.feed(t, feed)
	proxy := Start(proxied.Node, addr, nodeName, clusterCIDR, "1s")
	gated, gateAt := c.build(t)
	report := &diag.Report{}
	load(t, gated.Node, nft.Generate(c.placed, report))
	require.False(t, report.HasErrors(), "%v", report.Findings())
	proxy.WaitFull()
	t.Run("kube-proxy", func(t *testing.T) { c.comeBack(t, proxyAt) })
	t.Run("headgate", func(t *testing.T) { c.comeBack(t, gateAt) })
}

// sticky has two Services with affinity: for hours, and for a second.
func sticky() *manifest.Objects {
	o := newTown()
	o.service("hours", "a b c x y", func(s *manifest.Service) { s.AffinitySeconds = 10800 })
	o.service("second", "a b c x y", func(s *manifest.Service) { s.AffinitySeconds = 1 })
	return o.Objects
}

func (c *cluster) comeBack(t *testing.T, at map[netip.Addr]*Place) {
	t.Parallel()
	for _, s := range c.program.Services {
		for _, port := range s.Ports {
			for _, to := range []netip.Addr{s.ClusterIPs[0], s.ClusterIPs[1], s.LoadBalancers[0]} {
				for _, from := range addrs("203.0.113.5", "2001:db8::5", addrsOf("q")[0].String(), addrsOf("q")[1].String(), c.node.Addrs[0].String()) {
					// To wait takes time: one client of each family will do.
					isOne := s.Affinity > time.Minute || to != s.LoadBalancers[0] && isPod(from)
					if from.BitLen() == to.BitLen() && isOne {
						call := Call{Service: s.String(), Proto: port.Proto, From: from, To: netip.AddrPortFrom(to, port.Port)}
						call.comeBack(t, at[from], s.Affinity)
					}
				}
			}
		}
	}
}

// comeBack calls again and again.
func (c Call) comeBack(t *testing.T, p *Place, affinity time.Duration) {
	const often = 15 // with five backends, more than a coincidence
	require.NoError(t, p.In(func() error {
		dial := func() string {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			reply, err := ask(ctx, c.Proto, c.From, c.To)
			require.NoError(t, err, "%v", c)
			var s Seen
			require.NoError(t, s.add(reply, nil))
			return s.Backends[0].String()
		}
		first := dial()
		for range often {
			if affinity < time.Minute {
				// Its time begins anew whenever it comes back; here it is over.
				time.Sleep(affinity + affinity/2)
				if dial() != first {
					return nil
				}
				continue
			}
			require.Equal(t, first, dial(), "%v", c)
		}
		require.Greater(t, affinity, time.Minute, "%v never gets another backend", c)
		return nil
	}))
}
