// Package kube is a Kubernetes API server as a source of desired state.
//
// A Source follows every object of the kinds that it is told, and gives what changed in batches: each object as the document that
// kubectl get -o yaml prints of it. Nothing is given before the first complete list of all kinds that there are; from then on every
// object's last state is given once, whatever is lost on the way: connections, watches that expired, the server itself for a while.
// Kinds whose definitions are absent are followed as soon as they appear. It knows nothing of what objects say, but which parts of
// them nobody reads; and it tells up to which versions what was given goes.
package kube

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// Kind is a kind of object.
type Kind struct{ Group, Version, Name string }

// Change is the new text of an object, "" if it is gone. The name is RESOURCE/NAMESPACE/NAME, or RESOURCE/NAME for cluster-wide kinds; a
// resource that is not Kubernetes' own has its group, as in kubectl get RESOURCE.GROUP.
type Change struct{ Name, Text string }

// Options say what to follow and how. A zero duration is the default.
type Options struct {
	Kinds []Kind
	Quiet time.Duration // without a change, until what changed is given: 50 ms
	Cap   time.Duration // from the first change on, after which it is given all the same: 1 s
	Look  time.Duration // between looks whether kinds have appeared that were absent, and whether the server answers: 30 s
	Retry time.Duration // the longest wait before a server that does not answer is asked again: 10 s
	// Defined is told of the names of definitions that are there, and that change; nil: nobody asks. It returns soon.
	Defined func(name string)

	Log *slog.Logger // is told when the server cannot be reached, and when it can again; nil: nobody

	// Observe is shown every version of every object that is told of, whole, before Next gives it, under the name of its Change; nil says
	// that it is gone. It may be called concurrently, may keep nothing of the object, and must not call the Source. nil: nobody.
	Observe func(name string, o *unstructured.Unstructured)
}

func (o Options) withDefaults() Options {
	o.Quiet = cmp.Or(o.Quiet, 50*time.Millisecond)
	o.Cap = cmp.Or(o.Cap, time.Second)
	o.Look = cmp.Or(o.Look, 30*time.Second)
	o.Retry = cmp.Or(o.Retry, 10*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Source follows an API server. Next may not be called concurrently.
type Source struct {
	options Options
	server  server
	contact *contact
	soon    []time.Duration // the next pauses between looks; for look alone
	work    sync.WaitGroup
	end     context.CancelFunc
	changed chan struct{} // a token: something has changed since it was taken
	dropped chan struct{} // a token: a kind is absent again
	defined chan struct{} // a token: a definition has changed

	mu       sync.Mutex
	followed map[Kind]*collection
	known    map[string]resource // by the beginning of the names of their documents; they stay when they are absent again
	looked   bool                // the kinds that there are have been found once
	begun    bool                // Next has given the first complete list
	batches  uint64
	pending  map[string]string
}

// Open starts to follow a server, which need not answer yet.
func Open(config *rest.Config, o Options) (*Source, error) {
	o = o.withDefaults()
	server, err := connect(config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := newSource(o, server)
	s.end = cancel
	s.work.Go(func() { s.look(ctx) })
	s.work.Go(func() { s.watchDefinitions(ctx) })
	return s, nil
}

func newSource(o Options, server server) *Source {
	return &Source{options: o, server: server, contact: newContact(o.Log), changed: make(chan struct{}, 1), dropped: make(chan struct{}, 1), defined: make(chan struct{}, 1),
		followed: map[Kind]*collection{}, known: map[string]resource{}, pending: map[string]string{}}
}

// Close ends the following, and waits for that.
func (s *Source) Close() {
	s.end()
	s.work.Wait()
}

// Next waits until something has changed, and that for a while nothing more does, and gives what has changed since it last did, in the
// order of names. The first time it gives everything that there is, which may be nothing. It returns an error when ctx ends: what has
// changed is then given the next time.
func (s *Source) Next(ctx context.Context) ([]Change, error) {
	if err := s.wake(ctx); err != nil {
		return nil, err
	}
	quiet, limit := time.NewTimer(s.options.Quiet), time.NewTimer(s.options.Cap)
	defer quiet.Stop()
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			token(s.changed)
			return nil, ctx.Err()
		case <-s.changed:
			quiet.Reset(s.options.Quiet)
			continue
		case <-quiet.C:
		case <-limit.C:
		}
		return s.take(), nil
	}
}

// wake waits until there is something to give.
func (s *Source) wake(ctx context.Context) error {
	for !s.ready() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.changed:
		}
	}
	return nil
}

func (s *Source) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun {
		return len(s.pending) > 0
	}
	if !s.looked {
		return false
	}
	for _, c := range s.followed {
		if !c.complete {
			return false
		}
	}
	return true
}

func (s *Source) take() []Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Change, 0, len(s.pending))
	for name, text := range s.pending {
		out = append(out, Change{name, text})
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Name, b.Name) })
	s.pending, s.begun = map[string]string{}, true
	s.batches++
	for _, c := range s.followed {
		c.waiting, c.given = false, c.version
	}
	return out
}

// token puts a token into a channel that holds one.
func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// server is what is asked.
type server struct {
	objects     dynamic.Interface
	kinds       rest.Interface
	definitions metadata.Interface
}
