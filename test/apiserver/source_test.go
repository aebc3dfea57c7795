package apiserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/test/apiserver"
)

// wire is the way to a server, on which a test counts and breaks things.
type wire struct {
	way http.RoundTripper

	mu     sync.Mutex
	asked  map[string]int // by verb and whether it is a watch
	cut    context.CancelFunc
	expire string // the resource whose next watch is answered with 410
}

// RoundTrip passes questions on.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	verb := r.Method
	watches := r.URL.Query().Get("watch") == "true"
	if watches {
		verb = "WATCH"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[verb]++
	if !watches {
		return w.way.RoundTrip(r)
	}
	resource := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if resource == w.expire {
		w.expire = ""
		const gone = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old","reason":"Expired","code":410}}`
		return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader([]byte(gone)))}, nil
	}
	if resource == "networkpolicies" && strings.Contains(r.URL.Path, "networking.k8s.io") {
		ctx, cancel := context.WithCancel(r.Context())
		w.cut = cancel
		r = r.WithContext(ctx)
	}
	return w.way.RoundTrip(r)
}

// count returns how often each verb was asked since the last time.
func (w *wire) count() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = map[string]int{}
	return out
}

// lead is a Source of all that headgate reads, as an agent has it.
func lead(t *testing.T, s *apiserver.Server) (*kube.Source, *wire, *rest.Config) {
	w := &wire{asked: map[string]int{}}
	config, err := kube.Config(s.Config(), "test")
	require.NoError(t, err)
	config.Wrap(func(way http.RoundTripper) http.RoundTripper { w.way = way; return w })
	var kinds []kube.Kind
	for _, k := range manifest.Kinds() {
		kinds = append(kinds, kube.Kind(k))
	}
	source, err := kube.Open(config, kube.Options{Kinds: kinds})
	require.NoError(t, err)
	t.Cleanup(source.Close)
	return source, w, config
}

// until reads changes until all of some were given, the last text of each.
func until(t *testing.T, source *kube.Source, want map[string]string) {
	t.Helper()
	given := map[string]string{}
	require.True(t, assertEventually(func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		changes, _ := source.Next(ctx)
		for _, c := range changes {
			given[c.Name] = c.Text
		}
		for name, part := range want {
			text, some := given[name]
			if !some || part == "" && text != "" || !strings.Contains(text, part) {
				return false
			}
		}
		return true
	}), "%v", given)
}

// TestSource: what a server does to those who watch it.
func TestSource(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a built API server")
	}
	s := apiserver.Start(t)
	kubectl := func(input string, args ...string) string {
		t.Helper()
		out, err := s.Kubectl(input, args...)
		require.NoError(t, err)
		return out
	}
	kubectl("", "apply", "-f", "../../deploy/crds")
	kubectl("", "wait", "--for=condition=Established", "--timeout=120s", "crd", "--all")
	kubectl("", "create", "namespace", "shop")
	kubectl(`{apiVersion: v1, kind: Node, metadata: {name: n1}}`, "apply", "-f", "-")
	source, w, config := lead(t, s)
	until(t, source, map[string]string{"nodes/n1": "name: n1"})
	t.Run("load", func(t *testing.T) { quietLoad(t, source, w, config) })
	t.Run("expired", func(t *testing.T) { expired(t, source, w, kubectl) })
	t.Run("kinds come and go", func(t *testing.T) { kindsComeAndGo(t, source, kubectl) })
}

func policyOf(name, port string) string {
	return strings.NewReplacer("NAME", name, "PORT", port).Replace(another)
}

// expired: what changes while a watch is broken, and is not told by the next one because its version has expired, is not lost.
func expired(t *testing.T, source *kube.Source, w *wire, kubectl func(string, ...string) string) {
	kubectl(policyOf("gone", "1")+"---"+policyOf("changed", "1"), "apply", "-f", "-")
	until(t, source, map[string]string{"networkpolicies/shop/gone": "port: 1", "networkpolicies/shop/changed": "port: 1"})
	before := source.Seen()
	w.mu.Lock()
	w.expire = "networkpolicies"
	w.cut()
	w.mu.Unlock()
	kubectl("", "delete", "networkpolicy", "-n", "shop", "gone")
	kubectl(policyOf("changed", "2")+"---"+policyOf("new", "3"), "apply", "-f", "-")
	until(t, source, map[string]string{"networkpolicies/shop/gone": "", "networkpolicies/shop/changed": "port: 2", "networkpolicies/shop/new": "port: 3"})
	w.mu.Lock()
	require.Empty(t, w.expire, "the watch was refused")
	w.mu.Unlock()
	var object struct {
		Metadata struct{ ResourceVersion string }
	}
	require.NoError(t, json.Unmarshal([]byte(kubectl("", "get", "networkpolicy", "-n", "shop", "new", "-o", "json")), &object))
	status := nodestatus.Status{}
	for _, v := range source.Seen().Versions {
		status.Seen = append(status.Seen, nodestatus.Seen(v))
	}
	require.True(t, status.Includes("networkpolicies.networking.k8s.io", object.Metadata.ResourceVersion))
	require.Greater(t, source.Seen().Batch, before.Batch)
}

// kindsComeAndGo: objects of a kind that is not defined any more are gone, and those of one that is defined again are there.
func kindsComeAndGo(t *testing.T, source *kube.Source, kubectl func(string, ...string) string) {
	const tiers = "tiers.crd.antrea.io"
	follows := func() bool {
		return slices.ContainsFunc(source.Seen().Versions, func(v kube.Version) bool { return v.Resource == tiers })
	}
	for _, priority := range []string{"30", "31"} {
		kubectl(strings.Replace(goldTier, "30", priority, 1), "apply", "-f", "-")
		until(t, source, map[string]string{tiers + "/gold": "priority: " + priority})
		require.True(t, follows())
		kubectl("", "delete", "crd", tiers)
		until(t, source, map[string]string{tiers + "/gold": ""})
		require.True(t, assertEventually(func() bool { return !follows() }))
		kubectl("", "apply", "-f", "../../deploy/crds/crd.antrea.io_tiers.yaml")
		kubectl("", "wait", "--for=condition=Established", "--timeout=120s", "crd", tiers)
	}
}

// quietLoad: in a cluster in which nothing changes an agent asks for nothing, but to renew its watches and what it says. HEADGATE_QUIET is
// for how long that is looked at.
func quietLoad(t *testing.T, source *kube.Source, w *wire, config *rest.Config) {
	length := 3 * time.Second
	if said := os.Getenv("HEADGATE_QUIET"); said != "" {
		var err error
		length, err = time.ParseDuration(said)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	writer, err := nodestatus.NewWriter(config, nodestatus.Options{Node: "n1", Current: func() (nodestatus.Status, uint64, bool) {
		return nodestatus.Status{Hash: "0123456789abcdef"}, source.Seen().Batch, true
	}})
	require.NoError(t, err)
	var work sync.WaitGroup
	work.Go(func() { writer.Run(ctx) })
	defer work.Wait()
	defer cancel()
	time.Sleep(4 * time.Second) // the last looks for kinds
	start := w.count()
	t.Logf("to begin: %v", start)
	require.LessOrEqual(t, start["WATCH"], 2*(len(manifest.Kinds())+1))
	require.Equal(t, 1, start["POST"])
	time.Sleep(length)
	then := w.count()
	t.Logf("in %v: %v", length, then)
	if length < 10*time.Second {
		require.LessOrEqual(t, then["GET"], 1, "whether the server answers is asked every 30 seconds")
		delete(then, "GET")
		require.Empty(t, then)
	}
}
