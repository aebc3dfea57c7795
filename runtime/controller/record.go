package controller

import (
	"cmp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// record is what is known of an object.
type record struct {
	document string
	form     form
	at       schema.GroupVersionResource
	kind     string
	object   objectName
	uid      string

	version    string // of the object as it was observed, or written, last
	generation int64
	since      string // the version at which the generation was first observed; "": before that, and it was in force already
	status     map[string]any
	ours       bool // the status has fields that are ours
}

// objectName names an object within its kind.
type objectName struct{ namespace, name string }

// form is the shape of a kind's status.
type form uint8

const (
	noStatus       form = iota // none that is ours
	phases                     // a phase, and how many nodes
	conditions                 // conditions alone
	computed                   // of groups: one condition
	egressStatus               // of Egresses
	poolStatus                 // of ExternalIPPools
	ingressAddress             // of Services
)

// forms are the shapes, by what documents' names begin with. Objects of resources that are not listed are not recorded.
//
//headgate:table
func forms() map[string]form {
	return map[string]form{
		"networkpolicies.networking.k8s.io":                     noStatus,
		"clusternetworkpolicies.crd.antrea.io":                  phases,
		"networkpolicies.crd.antrea.io":                         phases,
		"clusternetworkpolicies.policy.networking.k8s.io":       conditions,
		"adminnetworkpolicies.policy.networking.k8s.io":         conditions,
		"baselineadminnetworkpolicies.policy.networking.k8s.io": conditions,
		"tiers.crd.antrea.io":                                   noStatus,
		"clustergroups.crd.antrea.io":                           computed,
		"groups.crd.antrea.io":                                  computed,
		"externalnodes.crd.antrea.io":                           noStatus,
		"externalentities.crd.antrea.io":                        noStatus,
		"egresses.crd.antrea.io":                                egressStatus,
		"externalippools.crd.antrea.io":                         poolStatus,
		"services":                                              ingressAddress,
	}
}

// Observe is shown every version of every object, under the name of its document; nil says that it is gone. It is the Observe of package
// kube's Options.
func (c *Controller) Observe(document string, o *unstructured.Unstructured) {
	resource, _, _ := strings.Cut(document, "/")
	if resource == nodestatus.Resource+"."+nodestatus.Group {
		c.hear(document, o)
		return
	}
	is, recorded := forms()[resource]
	if !recorded {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if o == nil {
		delete(c.records, document)
		c.changed()
		return
	}
	r := c.records[document]
	if r == nil || r.uid != string(o.GetUID()) {
		r = newRecord(document, is, o)
		c.records[document] = r
	}
	if r.see(o) {
		c.changed()
	}
}

// hear takes in what an agent says.
func (c *Controller) hear(document string, o *unstructured.Unstructured) {
	name := document[strings.LastIndexByte(document, '/')+1:]
	var says *nodestatus.NodeStatus
	if o != nil {
		var err error
		if says, err = nodestatus.Parse(o); err != nil {
			c.log.Warn("what an agent says cannot be read", "node", name, "error", err)
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if says == nil {
		delete(c.nodes, name)
	} else {
		c.nodes[name] = says
	}
	c.changed()
}

func newRecord(document string, is form, o *unstructured.Unstructured) *record {
	resource, _, _ := strings.Cut(document, "/")
	name, _, _ := strings.Cut(resource, ".")
	kind := o.GroupVersionKind()
	return &record{document: document, form: is, at: kind.GroupVersion().WithResource(name), kind: kind.Kind,
		object: objectName{o.GetNamespace(), o.GetName()}, uid: string(o.GetUID())}
}

// see takes in a version. It reports whether that changes anything; versions that are older than what is known do not.
func (r *record) see(o *unstructured.Unstructured) bool {
	version := o.GetResourceVersion()
	if order, err := resourceversion.CompareResourceVersion(version, r.version); r.version != "" && err == nil && order < 0 {
		return false
	}
	if generation := o.GetGeneration(); r.version == "" || generation != r.generation {
		first := r.version == ""
		r.generation, r.since = generation, version
		if first && r.form.saysRealized(o) {
			// A controller before this one has seen all nodes enforce it, at an earlier version.
			r.since = ""
		}
	}
	r.take(version, o)
	return true
}

// take notes what an object has, as far as it matters.
func (r *record) take(version string, o *unstructured.Unstructured) {
	r.version, r.status, r.ours = version, nil, false
	if r.form == noStatus {
		return
	}
	status, _, _ := unstructured.NestedMap(o.Object, "status")
	r.status = status
	for _, m := range o.GetManagedFields() {
		r.ours = r.ours || m.Manager == Manager && m.Subresource == "status"
	}
}

// saysRealized reports whether the status of a policy says that all nodes enforce it as it is.
func (f form) saysRealized(o *unstructured.Unstructured) bool {
	switch f {
	case phases:
		phase, _, _ := unstructured.NestedString(o.Object, "status", "phase")
		observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
		return phase == phaseRealized && observed == o.GetGeneration()
	case conditions:
		list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		c := conditionIn(list, conditionRealized)
		observed, _ := c["observedGeneration"].(int64)
		return c["status"] == "True" && observed == o.GetGeneration()
	}
	return false
}

// compareDocuments orders records, so that they are written in an order.
func compareDocuments(a, b *record) int { return cmp.Compare(a.document, b.document) }
