package controller

import (
	"context"
	"encoding/json"
	"slices"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/dynamic"
)

// workers is how many requests are under way at a time.
const workers = 8

// change is a status that is to be written.
type change struct {
	record *record
	status map[string]any
}

// write writes what is to be written, and reports whether it could be.
func (c *Controller) write(ctx context.Context) bool {
	c.mu.Lock()
	changes := c.changes()
	events := c.events()
	c.mu.Unlock()
	var work errgroup.Group
	work.SetLimit(workers)
	for _, ch := range changes {
		work.Go(func() error { return c.apply(ctx, ch) })
	}
	for _, e := range events {
		work.Go(func() error { return c.record(ctx, e) })
	}
	err := work.Wait()
	if err == nil || ctx.Err() != nil {
		return true
	}
	c.log.Error("the status of objects cannot be written; it is tried again", "error", err)
	return false
}

// changes lists the statuses that are not what they should be. The caller holds the lock.
func (c *Controller) changes() []change {
	if c.view == nil {
		return nil
	}
	var out []change
	want := func(r *record, status map[string]any) {
		if says(r.status, status) {
			return
		}
		timed(r.status, status, c.now())
		out = append(out, change{r, status})
	}
	refusals := c.refusals()
	for i := range c.view.Policies {
		p := &c.view.Policies[i]
		c.policy(p.Document, p, refusals[p.Document], want)
		delete(refusals, p.Document)
	}
	for _, g := range c.view.Groups {
		if r := c.records[g.Document]; r != nil {
			want(r, members(g.Computed && refusals[g.Document] == nil))
		}
		delete(refusals, g.Document)
	}
	for document, refusal := range refusals {
		c.policy(document, nil, refusal, want)
	}
	for i := range c.view.Egresses {
		if e := &c.view.Egresses[i]; c.records[e.Document] != nil {
			want(c.records[e.Document], c.egress(e, refusals[e.Document]))
		}
	}
	for i := range c.view.Pools {
		if p := &c.view.Pools[i]; c.records[p.Document] != nil {
			want(c.records[p.Document], p.status())
		}
	}
	out = append(out, c.services(refusals)...)
	slices.SortFunc(out, func(a, b change) int { return compareDocuments(a.record, b.record) })
	return out
}

// refusals are those of the view, the first of each document.
func (c *Controller) refusals() map[string]*Refusal {
	out := make(map[string]*Refusal, len(c.view.Refusals))
	for i := range c.view.Refusals {
		if r := &c.view.Refusals[i]; out[r.Document] == nil {
			out[r.Document] = r
		}
	}
	return out
}

// policy finds the status of a policy; nil: nothing of it is in force, which may also be a group.
func (c *Controller) policy(document string, p *Policy, refusal *Refusal, want func(*record, map[string]any)) {
	r := c.records[document]
	if r == nil {
		return
	}
	now := c.progressOf(r, p, refusal)
	switch r.form {
	case phases:
		want(r, now.phases())
	case conditions:
		want(r, now.conditions())
	case computed:
		want(r, members(false))
	}
}

// services finds Services that are to get addresses, and those that are to give theirs back.
func (c *Controller) services(refusals map[string]*Refusal) []change {
	var out []change
	listed := make(map[string]bool, len(c.view.Services))
	for i := range c.view.Services {
		s := &c.view.Services[i]
		listed[s.Document] = true
		r := c.records[s.Document]
		if r == nil || s.Kept || hasIngress(r.status, s.Addrs) || len(s.Addrs) == 0 && !r.ours {
			continue
		}
		out = append(out, change{r, s.ingress()})
	}
	for document, r := range c.records {
		if r.form == ingressAddress && r.ours && !listed[document] && refusals[document] == nil {
			out = append(out, change{r, map[string]any{}})
		}
	}
	return out
}

// apply writes a status.
func (c *Controller) apply(ctx context.Context, ch change) error {
	r := ch.record
	body, err := json.Marshal(map[string]any{"apiVersion": r.at.GroupVersion().String(), "kind": r.kind, "status": ch.status,
		"metadata": map[string]any{"name": r.object.name, "uid": r.uid}})
	if err != nil {
		return err
	}
	force := true
	now, err := c.resource(r.at, r.object.namespace).Patch(ctx, r.object.name, types.ApplyPatchType, body,
		metav1.PatchOptions{FieldManager: Manager, Force: &force}, "status")
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // it is gone, or another one has its name
	}
	c.options.Meter.Wrote(r.at.GroupResource().String(), err)
	if err == nil {
		c.wrote(r, now)
	}
	return err
}

// wrote takes in what the server has made of a status, before it says so to all who watch.
func (c *Controller) wrote(r *record, now *unstructured.Unstructured) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if order, err := resourceversion.CompareResourceVersion(now.GetResourceVersion(), r.version); err == nil && order > 0 && now.GetGeneration() == r.generation {
		r.take(now.GetResourceVersion(), now)
	}
}

func (c *Controller) resource(at schema.GroupVersionResource, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return c.objects.Resource(at)
	}
	return c.objects.Resource(at).Namespace(namespace)
}
