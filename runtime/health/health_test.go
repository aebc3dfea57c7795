package health_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/health"
)

// host is where a Server listens in a test: on loopback, at ports of the kernel's choice.
type host struct {
	t      *testing.T
	server *health.Server

	mu    sync.Mutex
	at    map[string]string // what was asked for, to where that is
	asked map[string]int
	taken map[string]bool
	now   time.Time
	log   bytes.Buffer
}

func newHost(t *testing.T, always bool) *host {
	h := &host{t: t, at: map[string]string{}, asked: map[string]int{}, taken: map[string]bool{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	h.server = health.New(health.Options{Address: "0.0.0.0:10256", Always: always, Listen: h.listen, Now: h.clock, Log: slog.New(slog.NewTextHandler(h, nil))})
	return h
}

func (h *host) run() *host {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		h.server.Run(ctx)
		close(done)
	}()
	h.t.Cleanup(func() {
		cancel()
		<-done
		for port := range h.at {
			require.True(h.t, h.closed(port), "%s is closed in the end", port)
		}
	})
	return h
}

func (h *host) listen(network, address string) (net.Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := network + " " + address
	h.asked[key]++
	if h.taken[key] {
		return nil, errors.New("address already in use")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		h.at[key] = l.Addr().String()
	}
	return l, err
}

func (h *host) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *host) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *host) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Write(p)
}

func (h *host) said(what string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.log.String(), what)
}

func (h *host) where(port string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at[port]
}

func (h *host) times(port string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked[port]
}

func (h *host) closed(port string) bool {
	c, err := net.Dial("tcp", h.where(port))
	if err == nil {
		c.Close()
	}
	return err != nil
}

// get asks on a port, over a connection of its own.
func (h *host) get(port, path string) (*http.Response, string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + h.where(port) + path)
	require.NoError(h.t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(h.t, err)
	return r, string(body)
}

func (h *host) requireService(port, service string, n int) {
	h.t.Helper()
	r, body := h.get(port, "/")
	want := http.StatusServiceUnavailable
	if n > 0 {
		want = http.StatusOK
	}
	require.Equal(h.t, want, r.StatusCode)
	var got struct {
		Service        struct{ Namespace, Name string }
		LocalEndpoints int
	}
	require.NoError(h.t, json.Unmarshal([]byte(body), &got))
	require.Equal(h.t, service, got.Service.Namespace+"/"+got.Service.Name)
	require.Equal(h.t, n, got.LocalEndpoints)
}

const (
	four  = "tcp4 0.0.0.0:32000"
	six   = "tcp6 [::]:32000"
	other = "tcp4 0.0.0.0:32001"
	own   = "tcp 0.0.0.0:10256"
)

const node = `node n1 addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
`

func placed(t *testing.T, text string) *ir.Pipeline {
	p, err := ir.ParsePipeline("pipeline node=n1\n" + text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

func TestServicesAreAnsweredFor(t *testing.T) {
	h := newHost(t, false)
	h.server.InForce(placed(t, node+`health ipv4/32000 shop/web local=2 from="Service shop/web",-,-
health ipv6/32000 shop/web local=0 from="Service shop/web",-,-
`))
	require.Zero(t, h.times(four), "it does not run yet")
	h.run()
	require.Eventually(t, func() bool { return h.where(four) != "" && h.where(six) != "" }, 10*time.Second, time.Millisecond)
	require.Zero(t, h.times(own), "no Services are served")
	r, body := h.get(four, "/healthz")
	require.Equal(t, http.StatusOK, r.StatusCode)
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	require.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
	require.Equal(t, "2", r.Header.Get("X-Load-Balancing-Endpoint-Weight"))
	require.Equal(t, `{
	"service": {
		"namespace": "shop",
		"name": "web"
	},
	"localEndpoints": 2,
	"serviceProxyHealthy": true
}`, body)
	r, body = h.get(six, "/any/thing")
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	require.Equal(t, "0", r.Header.Get("X-Load-Balancing-Endpoint-Weight"))
	require.Contains(t, body, `"serviceProxyHealthy": true`)

	h.server.Queued()
	h.pass(health.DefaultTimeout)
	r, body = h.get(four, "/")
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	require.Equal(t, "2", r.Header.Get("X-Load-Balancing-Endpoint-Weight"))
	require.Contains(t, body, `"localEndpoints": 2`)
	require.Contains(t, body, `"serviceProxyHealthy": false`)
}

func TestPortsChangeAtOnce(t *testing.T) {
	h := newHost(t, false).run()
	in := func(text string) { h.server.InForce(placed(t, node+text)) }
	const a = `health ipv4/32000 shop/a local=1 from="Service shop/a",-,-
`
	in(a)
	require.Eventually(t, func() bool { return h.where(four) != "" }, 10*time.Second, time.Millisecond)
	h.requireService(four, "shop/a", 1)
	in(`health ipv4/32000 shop/b local=3 from="Service shop/b",-,-
health ipv4/32001 shop/a local=1 from="Service shop/a",-,-
`)
	h.requireService(four, "shop/b", 3)
	h.requireService(other, "shop/a", 1)
	require.Equal(t, 1, h.times(four), "the port has stayed open")
	in(`health ipv4/32001 shop/a local=0 from="Service shop/a",-,-
`)
	require.True(t, h.closed(four))
	h.requireService(other, "shop/a", 0)

	in(a)
	h.requireService(four, "shop/a", 1)
	require.True(t, h.closed(other))
	in("")
	require.True(t, h.closed(four))
}

func TestPortsThatAreTaken(t *testing.T) {
	h := newHost(t, false)
	h.taken[four] = true
	h.run()
	in := func() {
		h.server.InForce(placed(t, node+`health ipv4/32000 shop/a local=1 from="Service shop/a",-,-
health ipv4/32001 shop/b local=2 from="Service shop/b",-,-
health ipv4/32001 shop/c local=3 from="Service shop/c",-,-
`))
	}
	in()
	require.Eventually(t, func() bool { return h.where(other) != "" }, 10*time.Second, time.Millisecond, "one that is taken keeps none from being had")
	h.requireService(other, "shop/b", 2)
	in()
	require.GreaterOrEqual(t, h.times(four), 2)
	require.Equal(t, 1, h.said("address already in use"), "it is said once")
	require.Equal(t, 1, h.said("service=shop/a"))
	require.Equal(t, 1, h.said("the port is that of shop/b"))
	require.Equal(t, 1, h.said("service=shop/c"))

	h.mu.Lock()
	h.taken[four] = false
	h.mu.Unlock()
	require.Eventually(t, func() bool { return h.where(four) != "" }, time.Minute, time.Millisecond, "it is tried again")
	h.requireService(four, "shop/a", 1)
}

const frontend = `endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
pool "10.0.1.5:80" targets=10.0.1.5:80
frontend 10.96.0.1/tcp/80 shop/web pod="10.0.1.5:80" node="10.0.1.5:80" from="Service shop/web",-,-
`

// requireOwn asks for the node's own health.
func (h *host) requireOwn(path string, status int, body string) {
	h.t.Helper()
	r, got := h.get(own, path)
	require.Equal(h.t, status, r.StatusCode)
	require.Equal(h.t, "application/json", r.Header.Get("Content-Type"))
	require.Equal(h.t, "nosniff", r.Header.Get("X-Content-Type-Options"))
	require.JSONEq(h.t, body, got)
}

func TestOwnHealth(t *testing.T) {
	h := newHost(t, false).run()
	h.server.InForce(placed(t, node+frontend))
	require.Eventually(t, func() bool { return h.where(own) != "" }, 10*time.Second, time.Millisecond)
	h.pass(time.Minute)
	const status = `"status":{"IPv4":{"lastUpdated":"2026-01-02T03:04:05Z","healthy":true},"IPv6":{"lastUpdated":"2026-01-02T03:04:05Z","healthy":true}}`
	const well = `{"lastUpdated":"2026-01-02T03:05:05Z","currentTime":"2026-01-02T03:05:05Z","nodeEligible":true,"healthy":true,` + status + `}`
	h.requireOwn("/healthz", http.StatusOK, well)
	h.requireOwn("/livez", http.StatusOK, strings.Replace(well, `"nodeEligible":true,`, "", 1))
	r, _ := h.get(own, "/")
	require.Equal(t, http.StatusNotFound, r.StatusCode)

	h.server.InForce(placed(t, strings.Replace(node, " from=", " leaving=yes from=", 1)+frontend))
	h.requireOwn("/healthz", http.StatusServiceUnavailable, `{"lastUpdated":"2026-01-02T03:05:05Z","currentTime":"2026-01-02T03:05:05Z","nodeEligible":false,"healthy":true,
		"status":{"IPv4":{"lastUpdated":"2026-01-02T03:05:05Z","healthy":true},"IPv6":{"lastUpdated":"2026-01-02T03:05:05Z","healthy":true}}}`)
	h.requireOwn("/livez", http.StatusOK, strings.NewReplacer("03:04:05", "03:05:05", `"nodeEligible":true,`, "").Replace(well))

	h.server.InForce(placed(t, node))
	require.True(t, h.closed(own), "no Services are served")
}

func TestChangesThatWait(t *testing.T) {
	h := newHost(t, false).run()
	h.server.InForce(placed(t, node+frontend))
	require.Eventually(t, func() bool { return h.where(own) != "" }, 10*time.Second, time.Millisecond)
	healthy := func() int {
		r, _ := h.get(own, "/livez")
		return r.StatusCode
	}
	h.pass(time.Hour)
	require.Equal(t, http.StatusOK, healthy(), "nothing waits")
	h.server.Queued()
	h.pass(health.DefaultTimeout - 1)
	require.Equal(t, http.StatusOK, healthy())
	h.server.Queued() // tried again: it is the first one that counts
	h.pass(1)
	require.Equal(t, http.StatusServiceUnavailable, healthy())
	const late = `{"lastUpdated":"2026-01-02T03:04:05Z","currentTime":"2026-01-02T04:05:05Z","nodeEligible":true,"healthy":false,
		"status":{"IPv4":{"lastUpdated":"2026-01-02T03:04:05Z","healthy":false},"IPv6":{"lastUpdated":"2026-01-02T03:04:05Z","healthy":false}}}`
	h.requireOwn("/healthz", http.StatusServiceUnavailable, late)
	h.server.InForce(placed(t, node+frontend))
	require.Equal(t, http.StatusOK, healthy())
}

func TestAlways(t *testing.T) {
	h := newHost(t, true).run()
	require.Eventually(t, func() bool { return h.where(own) != "" }, 10*time.Second, time.Millisecond)
	r, body := h.get(own, "/healthz")
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode, "nothing is known of the node yet")
	require.Contains(t, body, `"nodeEligible":false`)
	r, _ = h.get(own, "/livez")
	require.Equal(t, http.StatusOK, r.StatusCode)
	h.server.InForce(placed(t, node))
	r, _ = h.get(own, "/healthz")
	require.Equal(t, http.StatusOK, r.StatusCode)
	p, err := ir.ParsePipeline("pipeline node=shop/vm\n")
	require.NoError(t, err)
	h.server.InForce(p)
	r, _ = h.get(own, "/healthz")
	require.Equal(t, http.StatusOK, r.StatusCode, "a machine outside the cluster has no Node object")
}
