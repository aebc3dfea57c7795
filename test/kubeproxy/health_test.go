package kubeproxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/health"
)

// healthTown has Services that load balancers ask for, with all kinds of endpoints, and others. In the second state some of them differ.
func healthTown(second bool) *manifest.Objects {
	t := newTown()
	either := func(first, then string) string {
		if second {
			return then
		}
		return first
	}
	t.service("wide", "a x", func(*manifest.Service) {})
	t.service("two", "a b x", nodeLocal)
	t.service("elsewhere", "x y far", nodeLocal)
	t.service("empty", "", nodeLocal)
	t.service("draining", "a! x", nodeLocal)
	t.service("partly-draining", "a! b x", nodeLocal)
	t.service("not-ready", "a? x", nodeLocal)
	t.service("hints", "a~zone-b x~zone-a", all(nodeLocal, insideLocal))
	t.service("ranged", "a x", all(nodeLocal, ranges("203.0.113.0/24")))
	t.service("only-ipv6", "a x", all(nodeLocal, func(s *manifest.Service) {
		s.IPFamilies, s.IPFamilyPolicy, s.ClusterIPs, s.ExternalIPs = []manifest.IPFamily{manifest.IPv6}, manifest.SingleStack, s.ClusterIPs[1:], s.ExternalIPs[1:]
		s.LoadBalancer.Ingress = s.LoadBalancer.Ingress[1:]
	}))
	t.service("moves", either("a", "x"), nodeLocal)
	t.service("comes", either("x", "a b c"), nodeLocal)
	t.service("drains", either("a b", "a! b!"), nodeLocal)
	t.service("widens", "a b", nodeLocal)
	t.service("narrows", "a b", nodeLocal)
	t.service("moves-its-port", "a b", nodeLocal)
	by := func(name string) *manifest.Service {
		for _, s := range t.Services {
			if s.Name == name {
				return s
			}
		}
		return nil
	}
	changed := by(either("narrows", "widens"))
	changed.ExternalTrafficPolicy, changed.LoadBalancer.HealthCheckNodePort = manifest.ClusterWide, 0
	if second {
		by("moves-its-port").LoadBalancer.HealthCheckNodePort += 100
	}
	t.Nodes[0].Leaving = second
	return t.Objects
}

// answered is what one of a node's ports says.
type answered struct {
	Status int
	Header http.Header // but for Date
	Body   string
}

// inquire asks a node from the node itself. Ports that nobody has refuse, which is no answer.
func inquire(node *Place, url string) (answered, bool) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: node.dial}, Timeout: 10 * time.Second}
	r, err := client.Get(url)
	if err != nil {
		return answered{}, false
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	r.Header.Del("Date")
	return answered{r.StatusCode, r.Header, string(body)}, err == nil
}

// withoutTimes replaces the times in what a node says of itself.
func (a answered) withoutTimes(t require.TestingT) answered {
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.Body), &all))
	strip(t, all)
	text, err := json.Marshal(all)
	require.NoError(t, err)
	a.Body = string(text)
	a.Header.Del("Content-Length")
	return a
}

func strip(t require.TestingT, object map[string]any) {
	for key, value := range object {
		switch v := value.(type) {
		case map[string]any:
			strip(t, v)
		case string:
			_, err := time.Parse(time.RFC3339Nano, v)
			require.NoError(t, err, key)
			object[key] = "a time"
		}
	}
}

// asked asks for all that load balancers may ask about, and more.
func asked(t require.TestingT, node *Place, addrs []netip.Addr) map[string]answered {
	out := map[string]answered{}
	for _, addr := range addrs {
		for port := 32001; port < 32120; port++ {
			if a, ok := inquire(node, "http://"+net.JoinHostPort(addr.String(), strconv.Itoa(port))+"/healthz"); ok {
				out[fmt.Sprintf("ipv%d %d", ir.FamilyOf(addr), port)] = a
			}
		}
	}
	for _, path := range []string{"/healthz", "/livez"} {
		if a, ok := inquire(node, "http://"+healthAt+path); ok {
			out[path] = a.withoutTimes(t)
		}
	}
	if a, ok := inquire(node, "http://"+healthAt+"/"); ok {
		out["/"] = a
	}
	return out
}

// TestHealthAsKubeProxy asks kube-proxy and headgate for all that load balancers may ask about, before and after a change, and compares
// status, headers and body.
func TestHealthAsKubeProxy(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	t.Parallel()
	first, second := compile(t, healthTown(false)), compile(t, healthTown(true))
	proxied, _ := first.build(t)
	feed, addr := NewFeedOn(proxied.Node)
	first.feed(t, feed)
	Start(proxied.Node, addr, nodeName, clusterCIDR, "1s").WaitFull()

	gated, _ := first.build(t)
	server := health.New(health.Options{Address: healthAt, Listen: func(network, address string) (l net.Listener, err error) {
		err = gated.Node.In(func() (err error) {
			l, err = net.Listen(network, address)
			return err
		})
		return l, err
	}})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		server.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	server.InForce(first.placed)
	statuses := compareHealth(t, proxied, gated, first)
	require.Equal(t, map[int]int{http.StatusOK: 19, http.StatusServiceUnavailable: 10, http.StatusNotFound: 1}, statuses)

	second.feed(t, feed)
	for _, s := range first.objects.Services[:2] {
		require.NoError(t, feed.Delete("services", s.Namespace, s.Name))
	}
	second.objects.Services = second.objects.Services[2:]
	second = compile(t, second.objects)
	server.InForce(second.placed)
	statuses = compareHealth(t, proxied, gated, second)
	require.Equal(t, map[int]int{http.StatusOK: 14, http.StatusServiceUnavailable: 13, http.StatusNotFound: 1}, statuses)
}

// compareHealth waits until both sides say the same, and counts their statuses.
func compareHealth(t *testing.T, proxied, gated *Network, c cluster) map[int]int {
	var want, got map[string]answered
	if !eventually(func() bool {
		want, got = asked(t, proxied.Node, c.node.Addrs), asked(t, gated.Node, c.node.Addrs)
		return fmt.Sprint(want) == fmt.Sprint(got) && len(got) > 2
	}) {
		require.Equal(t, want, got)
	}
	statuses := map[int]int{}
	for _, a := range got {
		statuses[a.Status]++
	}
	return statuses
}

// eventually tries for a minute.
func eventually(holds func() bool) bool {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if holds() {
			return true
		}
	}
	return false
}
