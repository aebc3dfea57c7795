package ovs_test

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
)

// spreadCluster has a Service of all pods' at 10.96.0.1 and fd96::1, which other Services may follow.
func spreadCluster(t testing.TB, others ...func(*cluster) *ir.Service) *cluster {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
	}
	c.prog.Services = []*ir.Service{c.serviceOf("all", addrsOf("10.96.0.1", "fd96::1"), 0, "a", "b", "c")}
	for _, other := range others {
		c.prog.Services = append(c.prog.Services, other(c))
	}
	c.enforce()
	return c
}

// chiSquare tells how far counts are from an even spread over the names.
func chiSquare(got map[string]int, names ...string) float64 {
	tries := 0
	for _, n := range got {
		tries += n
	}
	chi, want := 0.0, float64(tries)/float64(len(names))
	for _, name := range names {
		d := float64(got[name]) - want
		chi += d * d / want
	}
	return chi
}

// TestConnectionsAreSpread: each backend is as likely as the others, for connections of one client to one address.
func TestConnectionsAreSpread(t *testing.T) {
	c := spreadCluster(t)
	names := []string{"a", "b", "c"}
	for _, network := range []string{"tcp", "udp"} {
		for _, vip := range []string{"10.96.0.1:80", "[fd96::1]:80"} {
			got := map[string]int{}
			for range 600 {
				who, _, err := c.pods["a"].ask(network, vip, 10*time.Second)
				require.NoError(t, err)
				require.True(t, slices.Contains(names, who), who)
				got[who]++
			}
			chi := chiSquare(got, names...)
			require.Less(t, chi, 13.816, "chi-square of 2 degrees of freedom at 0.001: %s %s %v", network, vip, got)
			t.Log(network, vip, got, chi)
		}
	}
}

// BenchmarkConnections is one connection after the other through a Service: a handshake and its end, or a datagram and its answer.
func BenchmarkConnections(b *testing.B) {
	c := spreadCluster(b)
	for _, network := range []string{"tcp", "udp"} {
		b.Run(network, func(b *testing.B) {
			require.NoError(b, c.pods["a"].inside(func() error {
				for b.Loop() {
					conn, err := net.Dial(network, "10.96.0.1:80")
					if err != nil {
						return err
					}
					conn.SetDeadline(time.Now().Add(10 * time.Second))
					if network == "udp" {
						conn.Write([]byte("who"))
					}
					if _, err := conn.Read(make([]byte, 64)); err != nil {
						return fmt.Errorf("%s: %w", network, err)
					}
					conn.Close()
				}
				return nil
			}))
		})
	}
}

// TestManyBackends: more than fit into one message with what leads to them. Each is a port of pod b.
func TestManyBackends(t *testing.T) {
	const backends, tries = 1000, 400
	c := spreadCluster(t, func(c *cluster) *ir.Service {
		s := c.serviceOf("many", addrsOf("10.96.0.7", "fd96::7"), 0, "b")
		for i := range s.Ports {
			port := &s.Ports[i]
			few := port.Backends
			port.Backends = nil
			for _, b := range few {
				for n := range uint16(backends) {
					b.Port = 20_000 + n
					port.Backends = append(port.Backends, b)
				}
			}
		}
		return s
	})
	for n := range backends {
		c.pods["b"].greet(fmt.Sprint(n), 20_000+n)
	}
	for _, vip := range []string{"10.96.0.7:80", "[fd96::7]:80"} {
		got := map[string]int{}
		for range tries {
			who, _, err := c.pods["a"].ask("tcp", vip, 10*time.Second)
			require.NoError(t, err)
			got[who]++
		}
		// Of that many even choices 330 are expected to be distinct, with a standard deviation of 7.
		require.InDelta(t, 330, len(got), 40, vip)
	}
	again, err := agent.Reconcile(background(t), c.dps["n0"], generate(place(c.prog, "n0")))
	require.NoError(t, err)
	require.False(t, again.Applied)
}
