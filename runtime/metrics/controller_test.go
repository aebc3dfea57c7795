package metrics

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/certificate"
)

func counted() *Controller {
	c := NewController("v1")
	c.Leads(true)
	c.Wrote("egresses", nil)
	c.Wrote("egresses", errors.New("no"))
	c.Recorded(nil)
	c.Judged("refused", time.Millisecond)
	c.Synced(time.Second, 2)
	return c
}

// What a controller counts is good OpenMetrics, and docs/controller.md lists it.
func TestController(t *testing.T) {
	c := counted()
	problems, err := testutil.GatherAndLint(c.Gatherer())
	require.NoError(t, err)
	require.Empty(t, problems)
	require.NoError(t, testutil.GatherAndCompare(c.Gatherer(), strings.NewReader(`
# HELP headgate_controller_leader 1 while this controller is the one that writes, 0 while another one is.
# TYPE headgate_controller_leader gauge
headgate_controller_leader 1
# HELP headgate_controller_status_writes_total Times that the status of an object was written, or could not be.
# TYPE headgate_controller_status_writes_total counter
headgate_controller_status_writes_total{resource="egresses",result="done"} 1
headgate_controller_status_writes_total{resource="egresses",result="failed"} 1
`), "headgate_controller_leader", "headgate_controller_status_writes_total"))

	text, err := os.ReadFile("../../docs/controller.md")
	require.NoError(t, err)
	families, err := c.Gatherer().Gather()
	require.NoError(t, err)
	for _, f := range families {
		if name := f.GetName(); strings.HasPrefix(name, "headgate_") && name != "headgate_build_info" {
			require.Contains(t, string(text), "| `"+name+"` | "+strings.ToLower(f.GetType().String())+" | ")
			require.Contains(t, string(text), " | "+f.GetHelp()+" |")
		}
	}
}

// A controller is ready from when it knows what there is, until it is about to end.
func TestControllerReady(t *testing.T) {
	c := NewController("v1")
	ready := func() int {
		w := httptest.NewRecorder()
		c.Handler(false).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	require.Equal(t, http.StatusServiceUnavailable, ready())
	c.Synced(time.Second, 0)
	require.Equal(t, http.StatusOK, ready())
	c.Ends()
	require.Equal(t, http.StatusServiceUnavailable, ready())
}

// With a certificate, metrics are answered to those alone who speak TLS.
func TestServeTLS(t *testing.T) {
	pair, err := certificate.Make([]string{"127.0.0.1"}, time.Now(), certificate.Pair{})
	require.NoError(t, err)
	served, err := pair.TLS()
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended, opened := make(chan struct{}), make(chan string, 1)
	go func() {
		defer close(ended)
		New(Options{}).Serve(ctx, ServerOptions{TLS: &tls.Config{Certificates: []tls.Certificate{*served}}, Listen: func(network, _ string) (net.Listener, error) {
			l, err := net.Listen(network, "127.0.0.1:0")
			if err == nil {
				opened <- l.Addr().String()
			}
			return l, err
		}})
	}()
	at := <-opened
	plain, err := http.Get("http://" + at + "/metrics")
	require.NoError(t, err)
	require.NoError(t, plain.Body.Close())
	require.Equal(t, http.StatusBadRequest, plain.StatusCode)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pair.Roots)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	answer, err := client.Get("https://" + at + "/metrics")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	cancel()
	<-ended
}
