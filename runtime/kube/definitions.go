package kube

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/cache"
)

// watchDefinitions has kinds looked for as soon as something changes in the definitions of custom resources: of which it asks for names
// alone. Who may not watch them does not.
func (s *Source) watchDefinitions(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	asked := &askedDefinitions{definitions: s.server.definitions.Resource(at), tell: func(err error) {
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			cancel()
		}
	}}
	quiet := logr.Discard()
	retry := s.options.Retry
	r := cache.NewReflectorWithOptions(asked, &metav1.PartialObjectMetadata{}, &definitions{s}, cache.ReflectorOptions{Logger: &quiet, Name: at.Resource,
		Backoff: &wait.Backoff{Duration: min(retry, 800*time.Millisecond), Cap: retry, Steps: 10, Factor: 2, Jitter: 1}})
	r.RunWithContext(logr.NewContext(ctx, quiet))
}

// definitions is told of definitions, and keeps nothing of them.
type definitions struct{ source *Source }

// Add notes a definition.
func (d *definitions) Add(object any) error {
	o, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	if d.ours(o.GetName()) {
		token(d.source.defined)
	}
	if told := d.source.options.Defined; told != nil {
		told(o.GetName())
	}
	return nil
}

// ours reports whether a definition, whose name is PLURAL.GROUP, may be of a kind that is followed.
func (d *definitions) ours(name string) bool {
	_, group, _ := strings.Cut(name, ".")
	return slices.ContainsFunc(d.source.options.Kinds, func(k Kind) bool { return k.Group == group })
}

// Update notes a definition.
func (d *definitions) Update(object any) error { return d.Add(object) }

// Delete does nothing: those who follow the kind are told.
func (d *definitions) Delete(any) error { return nil }

// Replace notes definitions.
func (d *definitions) Replace(objects []any, _ string) error {
	for _, o := range objects {
		_ = d.Add(o)
	}
	return nil
}

// Resync does nothing.
func (d *definitions) Resync() error { return nil }

// askedDefinitions asks for the metadata of definitions, and tells how it goes.
type askedDefinitions struct {
	definitions metadata.ResourceInterface
	tell        func(error)
}

// List is for callers without a context, of whom there are none.
func (a *askedDefinitions) List(o metav1.ListOptions) (runtime.Object, error) {
	return a.ListWithContext(context.Background(), o)
}

// Watch is for callers without a context, of whom there are none.
func (a *askedDefinitions) Watch(o metav1.ListOptions) (watch.Interface, error) {
	return a.WatchWithContext(context.Background(), o)
}

// ListWithContext lists them.
func (a *askedDefinitions) ListWithContext(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
	list, err := a.definitions.List(ctx, o)
	a.tell(err)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// WatchWithContext watches them.
func (a *askedDefinitions) WatchWithContext(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
	w, err := a.definitions.Watch(ctx, o)
	a.tell(err)
	return w, err
}
