package controller

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// What Events say of themselves.
const (
	reporter  = "headgate-net.github.io/controller"
	longest   = 1024 // of a note, in bytes; source: the API's validation
	elsewhere = metav1.NamespaceDefault
)

// event is an Event that is to be recorded. Its name says what it says, so that it is recorded once, whoever does it.
type event struct {
	name    string
	refusal Refusal
	about   about
}

// about is the object that an Event is about. Without uid it is asked for.
type about struct {
	at     schema.GroupVersionResource
	kind   string
	object objectName
	uid    string
}

// events lists what has not been recorded yet, and forgets what is not so any more. The caller holds the lock.
func (c *Controller) events() []event {
	if c.view == nil {
		return nil
	}
	now := map[string]event{}
	refused := map[string]bool{}
	for _, refusal := range c.view.Refusals {
		refused[refusal.Document] = true
		c.event(now, refusal)
	}
	c.rejections(func(r *record, no *nodestatus.Rejected) {
		if refused[r.document] {
			return // what the controller says of it has a way out
		}
		refusal := refusalBy(r, no)
		refusal.Hint = diag.Lookup(diag.Code(no.Code)).Hint
		c.event(now, *refusal)
	})
	var out []event
	for name, e := range now {
		if !c.told[name] {
			out = append(out, e)
		}
	}
	for name := range c.told {
		if _, still := now[name]; !still {
			delete(c.told, name)
		}
	}
	slices.SortFunc(out, func(a, b event) int { return strings.Compare(a.name, b.name) })
	return out
}

// rejections yields what nodes say of objects that they have seen in their last version.
func (c *Controller) rejections(yield func(*record, *nodestatus.Rejected)) {
	var byName map[string]*record
	for _, says := range c.nodes {
		for i := range says.Status.Rejected {
			no := &says.Status.Rejected[i]
			if byName == nil {
				byName = c.byName()
			}
			r := byName[no.Kind+" "+no.Namespace+"/"+no.Name]
			if r == nil {
				continue
			}
			resource, _, _ := strings.Cut(r.document, "/")
			if r.since == "" || says.Status.Includes(resource, r.since) {
				yield(r, no)
			}
		}
	}
}

func (c *Controller) byName() map[string]*record {
	out := make(map[string]*record, len(c.records))
	for _, r := range c.records {
		kind := r.kind
		if r.at.Group != "" {
			kind += "." + r.at.Group
		}
		out[kind+" "+r.object.namespace+"/"+r.object.name] = r
	}
	return out
}

// event adds the Event of a refusal.
func (c *Controller) event(to map[string]event, refusal Refusal) {
	e := event{refusal: refusal}
	generation := int64(0)
	if r := c.records[refusal.Document]; r != nil {
		e.about, generation = about{r.at, r.kind, r.object, r.uid}, r.generation
	} else {
		var known bool
		if e.about, known = unrecorded(refusal.Document); !known {
			return
		}
	}
	sum := sha256.Sum256([]byte(fmt.Sprint(refusal.Document, e.about.uid, generation, refusal.Code, refusal.Field, refusal.Message)))
	// Names of objects are longer than those of Events may be.
	e.name = e.about.object.name[:min(len(e.about.object.name), 200)] + "." + hex.EncodeToString(sum[:8])
	to[e.name] = e
}

// unrecorded is an object of which there is no record, by its document.
func unrecorded(document string) (about, bool) {
	kinds := map[string]about{
		"pods":                            {at: schema.GroupVersionResource{Version: "v1", Resource: "pods"}, kind: "Pod"},
		"nodes":                           {at: schema.GroupVersionResource{Version: "v1", Resource: "nodes"}, kind: "Node"},
		"namespaces":                      {at: schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, kind: "Namespace"},
		"endpointslices.discovery.k8s.io": {at: schema.GroupVersionResource{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"}, kind: "EndpointSlice"},
	}
	parts := strings.Split(document, "/")
	out, known := kinds[parts[0]]
	out.object.name = parts[len(parts)-1]
	if len(parts) == 3 {
		out.object.namespace = parts[1]
	}
	return out, known
}

// record records an Event. One that is there already has been recorded by this controller or another one.
func (c *Controller) record(ctx context.Context, e event) error {
	if e.about.uid == "" {
		o, err := c.resource(e.about.at, e.about.object.namespace).Get(ctx, e.about.object.name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		e.about.uid = string(o.GetUID())
	}
	at := schema.GroupVersionResource{Group: "events.k8s.io", Version: "v1", Resource: "events"}
	object := c.eventObject(e)
	_, err := c.resource(at, object.GetNamespace()).Create(ctx, object, metav1.CreateOptions{FieldManager: Manager})
	switch {
	case apierrors.IsAlreadyExists(err):
		err = nil
	case apierrors.IsNotFound(err), apierrors.HasStatusCause(err, "NamespaceTerminating"):
		return nil // its namespace is gone, or about to be
	default:
		c.options.Meter.Recorded(err)
	}
	if err == nil {
		c.mu.Lock()
		c.told[e.name] = true
		c.mu.Unlock()
	}
	return err
}

func (c *Controller) eventObject(e event) *unstructured.Unstructured {
	namespace := e.about.object.namespace
	if namespace == "" {
		namespace = elsewhere
	}
	reason, action, note := "Rejected", "Compile", "the last text is not in force: "
	if e.refusal.What == NoAddress {
		reason, action, note = "NoAddress", "Allocate", ""
	}
	note += e.refusal.Code + ": " + e.refusal.text()
	if len(note) > longest {
		note = strings.ToValidUTF8(note[:longest-3], "") + "..."
	}
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "events.k8s.io/v1", "kind": "Event",
		"metadata":  map[string]any{"name": e.name, "namespace": namespace},
		"eventTime": c.now().UTC().Format(metav1.RFC3339Micro), "type": "Warning", "reason": reason, "action": action, "note": note,
		"reportingController": reporter, "reportingInstance": c.options.Identity,
		"regarding": map[string]any{"apiVersion": e.about.at.GroupVersion().String(), "kind": e.about.kind, "namespace": e.about.object.namespace,
			"name": e.about.object.name, "uid": e.about.uid}}}
}
