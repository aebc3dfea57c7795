package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
)

// look follows the kinds that there are, and looks for the others when definitions change and now and then, until ctx ends. It asks also
// when there are none left to look for: those that watch say nothing while nobody answers them.
func (s *Source) look(ctx context.Context) {
	pause := min(time.Second, s.options.Retry)
	for {
		absent := s.absent()
		found, err := s.server.find(ctx, absent)
		if ctx.Err() != nil {
			return
		}
		wait := s.options.Look
		if err != nil {
			wait, pause = pause, min(2*pause, s.options.Retry)
			s.contact.lost("", err)
		} else {
			pause = min(time.Second, s.options.Retry)
			s.contact.found("")
			s.begin(ctx, found)
		}
		if !s.pause(ctx, wait) {
			return
		}
	}
}

// pause waits for some time; not long if a definition has changed, when it looks several times, for what the server says of kinds follows
// later; and not much longer than a second if a kind is absent again, which the server may go on to name. It reports whether ctx goes on.
func (s *Source) pause(ctx context.Context, length time.Duration) bool {
	if len(s.soon) > 0 {
		length, s.soon = min(length, s.soon[0]), s.soon[1:]
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case <-s.dropped:
			timer.Reset(min(s.options.Look, time.Second))
		case <-s.defined:
			timer.Reset(min(s.options.Look, soon))
			s.soon = []time.Duration{2 * soon, 4 * soon, 8 * soon, 16 * soon}
		}
	}
}

// soon is how long after a definition has changed the kinds are looked for.
const soon = 100 * time.Millisecond

func (s *Source) absent() []Kind {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.options.Kinds), func(k Kind) bool { return s.followed[k] != nil })
}

// begin starts to follow kinds.
func (s *Source) begin(ctx context.Context, found []resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked = true
	for _, r := range found {
		c := &collection{source: s, of: r, held: map[string]digest{}}
		s.followed[r.kind], s.known[r.prefix()] = c, r
		s.work.Go(func() { c.follow(ctx) })
	}
	token(s.changed)
}

// resource is where the objects of a kind are found.
type resource struct {
	kind       Kind
	name       string
	namespaced bool
}

func (r resource) at() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: r.kind.Group, Version: r.kind.Version, Resource: r.name}
}

// follow follows a kind until ctx ends, or the kind is absent.
func (c *collection) follow(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := logr.Discard()
	example := &unstructured.Unstructured{}
	example.SetGroupVersionKind(schema.GroupVersionKind{Group: c.of.kind.Group, Version: c.of.kind.Version, Kind: c.of.kind.Name})
	retry := c.source.options.Retry
	r := cache.NewReflectorWithOptions(c.lister(cancel), example, c, cache.ReflectorOptions{Logger: &quiet, Name: c.of.name,
		Backoff: &wait.Backoff{Duration: min(retry, 800*time.Millisecond), Cap: retry, Steps: 10, Factor: 2, Jitter: 1}})
	r.RunWithContext(logr.NewContext(ctx, quiet))
}

// lister asks the server, and tells what comes of it. It ends everything when the kind is absent.
func (c *collection) lister(end context.CancelFunc) cache.ListerWatcher {
	objects := c.source.server.objects.Resource(c.of.at())
	tell := func(err error) {
		switch {
		case err == nil:
			c.source.contact.found(c.of.name)
		case apierrors.IsNotFound(err):
			end()
			c.drop()
		case !apierrors.IsResourceExpired(err) && !apierrors.IsGone(err):
			c.source.contact.lost(c.of.name, err)
		}
	}
	return &asked{objects: objects, tell: tell}
}

// asked is a client that tells how it goes.
type asked struct {
	objects dynamic.ResourceInterface
	tell    func(error)
}

// List is for callers without a context, of whom there are none.
func (a *asked) List(o metav1.ListOptions) (runtime.Object, error) {
	return a.ListWithContext(context.Background(), o)
}

// Watch is for callers without a context, of whom there are none.
func (a *asked) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return a.WatchWithContext(context.Background(), o)
}

// ListWithContext lists the objects.
func (a *asked) ListWithContext(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	list, err := a.objects.List(ctx, o)
	if ctx.Err() == nil {
		a.tell(err)
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// WatchWithContext watches the objects.
func (a *asked) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	w, err := a.objects.Watch(ctx, o)
	if ctx.Err() == nil {
		a.tell(err)
	}
	return w, err
}

// find returns which of the kinds there are, in their order.
func (s server) find(ctx context.Context, kinds []Kind) ([]resource, error) {
	var out []resource
	asked := map[string]*metav1.APIResourceList{}
	served, err := s.groups(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		path := "/apis/" + k.Group + "/" + k.Version
		switch {
		case k.Group == "":
			path = "/api/" + k.Version
		case !slices.Contains(served, k.Group+"/"+k.Version):
			continue
		}
		if asked[path] == nil {
			list := &metav1.APIResourceList{}
			if err := s.get(ctx, path, list); err != nil && !apierrors.IsNotFound(err) {
				return nil, err
			}
			asked[path] = list
		}
		for _, r := range asked[path].APIResources {
			if r.Kind == k.Name && slices.Contains(r.Verbs, "watch") {
				out = append(out, resource{k, r.Name, r.Namespaced})
			}
		}
	}
	return out, nil
}

// groups lists the versions of groups that there are, as "GROUP/VERSION".
func (s server) groups(ctx context.Context) ([]string, error) {
	var list metav1.APIGroupList
	if err := s.get(ctx, "/apis", &list); err != nil {
		return nil, err
	}
	var out []string
	for _, g := range list.Groups {
		for _, v := range g.Versions {
			out = append(out, v.GroupVersion)
		}
	}
	return out, nil
}

func (s server) get(ctx context.Context, path string, into any) error {
	text, err := s.kinds.Get().AbsPath(path).SetHeader("Accept", "application/json").DoRaw(ctx)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
