package kube

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// quiet and limit are those of the tests.
const (
	quiet = 50 * time.Millisecond
	limit = time.Second
)

// told is a Source that is told of policies by a test instead of by a server.
func told(t *testing.T) (*Source, *collection) {
	t.Helper()
	s := newSource(Options{Quiet: quiet, Cap: limit}.withDefaults(), server{})
	policies := resource{Kind{"networking.k8s.io", "v1", "NetworkPolicy"}, "networkpolicies", true}
	c := &collection{source: s, of: policies, held: map[string]digest{}}
	s.followed[policies.kind], s.known[policies.prefix()], s.looked = c, policies, true
	return s, c
}

func policy(name, label string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"namespace": "shop", "name": name, "labels": map[string]any{"l": label}}}}
}

// given is what Next gives, by the names of objects with the labels that they have.
func given(t *testing.T, s *Source) string {
	t.Helper()
	changes, err := s.Next(t.Context())
	require.NoError(t, err)
	var out []string
	for _, c := range changes {
		word := strings.TrimPrefix(c.Name, "networkpolicies/shop/")
		if _, label, found := strings.Cut(c.Text, "l: "); found {
			word += "=" + strings.Trim(strings.SplitN(label, "\n", 2)[0], `"`)
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// TestBatches: what changes is given when for a while nothing more does, and at the latest some time after the first change; each object
// once, as it is last. What becomes as it was before is not given.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := told(t)
		began := time.Now()
		go func() {
			time.Sleep(10 * time.Second)
			require.NoError(t, c.Replace([]any{policy("b", "1"), policy("a", "1")}, "7"))
		}()
		require.Equal(t, "a=1 b=1", given(t, s))
		require.Equal(t, 10*time.Second+quiet, time.Since(began), "nothing before the first list")

		began = time.Now()
		go func() {
			for i, name := range []string{"b", "c", "b", "a"} {
				require.NoError(t, c.Update(policy(name, fmt.Sprint(i+2))))
				time.Sleep(quiet * 9 / 10)
			}
			require.NoError(t, c.Delete(policy("c", "")))
		}()
		require.Equal(t, "a=5 b=4 c", given(t, s))
		require.Equal(t, 4*quiet*9/10+quiet, time.Since(began))

		require.NoError(t, c.Update(policy("a", "5")))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := s.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "it is as it was")
	})
}

// TestBatchesEnd: changes without an end are given all the same, and those that came while nobody waited, or that a wait was given up
// for, are not lost.
func TestBatchesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := told(t)
		require.NoError(t, c.Replace(nil, "7"))
		require.Empty(t, given(t, s), "an empty cluster is known, too")
		stop := make(chan struct{})
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(quiet / 2):
					require.NoError(t, c.Update(policy("busy", fmt.Sprint(i))))
				}
			}
		}()
		began := time.Now()
		for i := range 3 {
			require.Contains(t, given(t, s), "busy=")
			require.InDelta(t, (time.Duration(i+1) * limit).Seconds(), time.Since(began).Seconds(), quiet.Seconds()*4)
		}
		close(stop)
		rest, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, _ = s.Next(rest) // what is left, if anything
		require.NoError(t, c.Update(policy("late", "1")))
		brief, stopped := context.WithTimeout(t.Context(), quiet/2)
		defer stopped()
		_, err := s.Next(brief)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, "late=1", given(t, s))
	})
}

// TestSeen: a version is told once all that it includes was given, and not before.
func TestSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := told(t)
		requireSeen := func(batch int, version string) {
			t.Helper()
			want := Seen{Batch: uint64(batch)}
			if version != "" {
				want.Versions = []Version{{"networkpolicies.networking.k8s.io", version}}
			}
			require.Equal(t, want, s.Seen())
		}
		requireSeen(0, "")
		require.NoError(t, c.Replace([]any{policy("a", "1")}, "7"))
		c.UpdateResourceVersion("8")
		requireSeen(0, "")
		given(t, s)
		requireSeen(1, "8")
		c.UpdateResourceVersion("9")
		requireSeen(1, "9")

		require.NoError(t, c.Update(policy("a", "2")))
		requireSeen(1, "9")
		c.UpdateResourceVersion("12")
		requireSeen(1, "9")
		c.UpdateResourceVersion("15")
		requireSeen(1, "9")
		given(t, s)
		requireSeen(2, "15")

		require.NoError(t, c.Delete(policy("a", "")))
		given(t, s) // before the version of the deletion is told
		requireSeen(3, "15")
		c.UpdateResourceVersion("20")
		requireSeen(3, "20")

		require.NoError(t, c.Replace([]any{policy("b", "1")}, "30")) // a new list after versions were lost
		requireSeen(3, "20")
		given(t, s)
		requireSeen(4, "30")
		c.drop()
		given(t, s)
		requireSeen(5, "")
	})
}

// TestObjectsOfDocuments: names of documents tell kinds, also those of kinds that are gone.
func TestObjectsOfDocuments(t *testing.T) {
	s := newSource(Options{}.withDefaults(), server{})
	for _, r := range []resource{
		{Kind{"", "v1", "Pod"}, "pods", true},
		{Kind{"networking.k8s.io", "v1", "NetworkPolicy"}, "networkpolicies", true},
		{Kind{"crd.antrea.io", "v1beta1", "NetworkPolicy"}, "networkpolicies", true},
		{Kind{"crd.antrea.io", "v1beta1", "Tier"}, "tiers", false},
	} {
		s.known[r.prefix()] = r
	}
	for document, want := range map[string]Object{
		"pods/shop/web":                        {"Pod", "shop", "web"},
		"networkpolicies/shop/web":             {"NetworkPolicy.networking.k8s.io", "shop", "web"},
		"networkpolicies.crd.antrea.io/shop/a": {"NetworkPolicy.crd.antrea.io", "shop", "a"},
		"tiers.crd.antrea.io/gold":             {"Tier.crd.antrea.io", "", "gold"},
	} {
		o, known := s.Object(document)
		require.True(t, known)
		require.Equal(t, want, o)
	}
	_, known := s.Object("egresses.crd.antrea.io/e")
	require.False(t, known)
}

// TestContact: that nobody answers and that something is denied are different things, each told once, and told when it is over.
func TestContact(t *testing.T) {
	var log bytes.Buffer
	c := newContact(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})))
	said := func() string {
		defer log.Reset()
		return log.String()
	}
	denied := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "", errors.New("no"))
	away := &url.Error{Op: "Get", URL: "https://a/1", Err: errors.New("refused")}
	c.lost("pods", denied)
	require.Equal(t, "level=ERROR msg=\"the API server does not give what the agent has to read; the last good rules stay in force\" error=\"pods is forbidden: no\"\n", said())
	c.lost("pods", denied)
	require.Empty(t, said())
	c.lost("services", away)
	require.Equal(t, "level=ERROR msg=\"the API server does not answer; the last good rules stay in force\" error=refused\n", said())
	c.lost("nodes", &url.Error{Op: "Get", URL: "https://a/2", Err: errors.New("refused")})
	c.found("nodes")
	require.Empty(t, said())
	c.found("services")
	require.Equal(t, "level=INFO msg=\"the API server answers again\"\n", said())
	c.found("services")
	require.Empty(t, said())
	c.found("pods")
	require.Equal(t, "level=INFO msg=\"the API server gives all that the agent has to read\"\n", said())
}
