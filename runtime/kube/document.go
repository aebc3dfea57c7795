package kube

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// textOf gives the text of an object, as kubectl get -o yaml does.
func textOf(o *unstructured.Unstructured) (string, error) {
	text, err := yaml.Marshal(o.Object)
	return string(text), err
}

// Document gives the document of an object as a Source would, under the name that it would have there: what an API server is asked to
// store, say. Resource is the plural name. The object is changed.
func Document(kind Kind, resourceName string, o *unstructured.Unstructured) (Change, error) {
	r := resource{kind: kind, name: resourceName, namespaced: o.GetNamespace() != ""}
	r.strip(o)
	text, err := textOf(o)
	return Change{Name: r.document(o), Text: text}, err
}

// strippedVersion is what objects have instead of a version.
const strippedVersion = "0"

// strip takes from an object what nobody reads, so that it does not count as a change: who wrote it when, and for kinds that
// controllers write to all the time all but what is read. The lines of a policy stay where kubectl prints them.
func (r resource) strip(o *unstructured.Unstructured) {
	o.SetManagedFields(nil)
	if o.GetResourceVersion() != "" {
		o.SetResourceVersion(strippedVersion)
	}
	keep, limited := fields()[r.kind]
	if limited {
		o.Object = pick(o.Object, keep)
		return
	}
	if r.kind.Name != "Egress" { // whose address stays what it was
		unstructured.RemoveNestedField(o.Object, "status")
	}
}

// picked says what of a mapping is kept; nil keeps a value whole. Of a list that holds for each item.
type picked map[string]picked

// fields lists, for kinds of which little is kept, what that is.
func fields() map[Kind]picked {
	metadata := picked{"name": nil, "namespace": nil, "labels": nil, "annotations": nil, "creationTimestamp": nil, "deletionTimestamp": nil}
	top := func(more picked) picked {
		more["apiVersion"], more["kind"], more["metadata"] = nil, nil, metadata
		return more
	}
	container := picked{"name": nil, "ports": nil, "restartPolicy": nil}
	return map[Kind]picked{
		{"", "v1", "Pod"}: top(picked{
			"spec":   {"nodeName": nil, "serviceAccountName": nil, "serviceAccount": nil, "hostNetwork": nil, "containers": container, "initContainers": container},
			"status": {"phase": nil, "podIP": nil, "podIPs": nil},
		}),
		{"", "v1", "Node"}:      top(picked{"spec": {"podCIDR": nil, "podCIDRs": nil, "taints": nil}, "status": {"addresses": nil}}),
		{"", "v1", "Namespace"}: top(picked{}),
		{"", "v1", "Service"}:   top(picked{"spec": nil, "status": nil}),
	}
}

func pick(from map[string]any, keep picked) map[string]any {
	out := make(map[string]any, len(keep))
	for name, below := range keep {
		value, there := from[name]
		if !there {
			continue
		}
		out[name] = pickValue(value, below)
	}
	return out
}

func pickValue(value any, keep picked) any {
	if keep == nil {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		return pick(v, keep)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = pickValue(item, keep)
		}
		return out
	}
	return value
}
