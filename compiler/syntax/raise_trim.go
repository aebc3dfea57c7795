package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// What a cluster says of an object is more than rules depend on: who wrote it and when, how its containers are run, what others found out
// about it. Raising begins with leaving that away, which is told once for each kind, and what holds anyway, of which there is nothing to
// tell.

// counted lists the fields of objects of a kind that count, beside apiVersion, kind, and names, namespaces, labels and annotations. Those of
// the items of a list are written as those of the list. Whatever is below one counts with it.
func counted(kind string) []string {
	switch kind {
	case "v1 Namespace":
		return nil
	case "v1 Node":
		return []string{"metadata.deletionTimestamp", "spec.podCIDR", "spec.podCIDRs", "spec.taints", "status.addresses"}
	case "v1 Pod":
		ports := []string{"spec.nodeName", "spec.hostNetwork", "spec.serviceAccountName", "spec.serviceAccount", "spec.initContainers.restartPolicy",
			"status.phase", "status.podIP", "status.podIPs"}
		for _, list := range []string{"spec.containers.", "spec.initContainers."} {
			ports = append(ports, list+"name", list+"ports.name", list+"ports.containerPort", list+"ports.protocol")
		}
		return ports
	case "v1 Service":
		return []string{"metadata.creationTimestamp", "spec", "status.loadBalancer"}
	case "discovery.k8s.io/v1 EndpointSlice":
		target := "endpoints.targetRef."
		return []string{"addressType", "ports", "endpoints.addresses", "endpoints.conditions", "endpoints.nodeName", "endpoints.zone", "endpoints.hostname",
			"endpoints.hints", target + "kind", target + "namespace", target + "name"}
	case "crd.antrea.io/v1beta1 Egress":
		return []string{"metadata.creationTimestamp", "spec", "status.egressIP", "status.egressNode"}
	}
	return []string{"spec"}
}

// fieldSet is fields that count, and of each the fields below that do; nil: all.
type fieldSet map[string]fieldSet

func fieldSetOf(kind string) fieldSet {
	out := fieldSet{"apiVersion": nil, "kind": nil, "metadata": {"name": nil, "namespace": nil, "labels": nil, "annotations": nil}}
	for _, path := range counted(kind) {
		at := out
		for {
			name, rest, more := strings.Cut(path, ".")
			if !more {
				at[name] = nil
				break
			}
			if at[name] == nil {
				at[name] = fieldSet{}
			}
			at, path = at[name], rest
		}
	}
	return out
}

// omission is what was left out of the objects of a kind.
type omission struct {
	at      Span // of the first
	objects int
	fields  []string
}

// trimmer trims one object.
type trimmer struct {
	kind   string
	root   *tree.Node
	left   []string
	leftAt *tree.Node // the first key that is left out
}

// trim gives what counts of an object.
func (r *Raiser) trim(root *tree.Node, kind string) *tree.Node {
	if r.counted[kind] == nil {
		if r.counted == nil {
			r.counted, r.omissions = map[string]fieldSet{}, map[string]*omission{}
		}
		r.counted[kind] = fieldSetOf(kind)
	}
	t := &trimmer{kind: kind, root: root}
	out := t.value(root, r.counted[kind], "")
	if len(t.left) == 0 {
		return out
	}
	o := r.omissions[kind]
	if o == nil {
		at := t.leftAt
		o = &omission{at: Span{at.Line, at.Col, at.Line, at.Col + int32(len(at.Text))}}
		r.omissions[kind] = o
	}
	o.objects++
	for _, field := range t.left {
		if at, found := slices.BinarySearch(o.fields, field); !found {
			o.fields = slices.Insert(o.fields, at, field)
		}
	}
	return out
}

// Omissions tells what was left out since it was called last, once for each kind, at the first place.
func (r *Raiser) Omissions() []Problem {
	var out []Problem
	for kind, o := range r.omissions {
		whose := "an object"
		if o.objects > 1 {
			whose = fmt.Sprintf("%d objects", o.objects)
		}
		out = append(out, Problem{Code: diag.LeftOut, Span: o.at,
			Message: fmt.Sprintf("left out of %s of the kind %s, for no rule depends on it: %s", whose, kind, strings.Join(o.fields, ", "))})
	}
	slices.SortFunc(out, func(a, b Problem) int { return strings.Compare(a.Message, b.Message) })
	clear(r.omissions)
	return out
}

// value gives what counts of a value.
func (t *trimmer) value(n *tree.Node, keep fieldSet, path string) *tree.Node {
	out := *n
	out.Next = nil
	if whole := keep == nil && !strings.HasPrefix(path, "metadata.") && path != "spec" && path != "status.addresses"; whole || n.Kind == tree.Scalar {
		return &out
	}
	out.First = nil
	last := &out.First
	for _, item := range n.Items() {
		if t.kind == "v1 Node" && path == "status.addresses" && !strings.HasSuffix(scalar(item.Get("type")), "IP") {
			continue // a name
		}
		*last = t.value(item, keep, path)
		last = &(*last).Next
	}
	for key, value := range n.Pairs() {
		at := key.Text
		if path != "" {
			at = path + "." + key.Text
		}
		inner, counts := keep[key.Text]
		switch counts = keep == nil || counts; {
		case value.IsNull() || t.isUsual(at, value):
			continue
		case !counts || !t.depends(at, value):
			t.leave(key, value, at)
			continue
		}
		k := *key
		k.Next = t.value(value, inner, at)
		*last = &k
		last = &k.Next.Next
	}
	return &out
}

// leave notes that a field is left out. One without a value says nothing.
func (t *trimmer) leave(key, value *tree.Node, path string) {
	if value.Kind != tree.Scalar && value.First == nil {
		return
	}
	if t.leftAt == nil {
		t.leftAt = key
	}
	if len(t.left) == 0 || t.left[len(t.left)-1] != path {
		t.left = append(t.left, path)
	}
}

// leavingTaint is the key of the only taint that counts.
const leavingTaint = "ToBeDeletedByClusterAutoscaler"

// depends reports whether something depends on a field that counts in some objects of the kind.
func (t *trimmer) depends(path string, n *tree.Node) bool {
	key, isAnnotation := strings.CutPrefix(path, "metadata.annotations.")
	switch {
	case isAnnotation:
		return t.dependsOn(key)
	case t.kind == "v1 Service" && path == "metadata.creationTimestamp":
		return t.root.Get("metadata").Get("annotations").Get("service.antrea.io/external-ip-pool") != nil // the oldest come first
	case t.kind == "v1 Node" && path == "spec.taints":
		for _, taint := range n.Items() {
			if scalar(taint.Get("key")) == leavingTaint {
				return true
			}
		}
		return false
	}
	return true
}

// dependsOn reports whether an annotation is of interest: of what a cluster consists of those that headgate reads, of what people write all but
// those that Kubernetes itself writes.
func (t *trimmer) dependsOn(key string) bool {
	domain, _, _ := strings.Cut(key, "/")
	ours := domain == "headgate-net.github.io" || strings.HasPrefix(domain, "headgate.") || strings.HasSuffix(domain, ".antrea.io")
	switch t.kind {
	case "v1 Node", "v1 Pod", "discovery.k8s.io/v1 EndpointSlice":
		return ours
	}
	return ours || strings.HasPrefix(domain, "service.") || domain != "kubernetes.io" && !strings.HasSuffix(domain, ".kubernetes.io") && !strings.HasSuffix(domain, ".k8s.io")
}

// isUsual reports whether a field says what holds without it.
func (t *trimmer) isUsual(path string, n *tree.Node) bool {
	text := ""
	if n.Kind == tree.Scalar {
		text = n.Text
	}
	spec := t.root.Get("spec")
	switch t.kind + " " + path {
	case "v1 Namespace metadata.labels." + namespaceName:
		return text == scalar(t.root.Get("metadata").Get("name"))
	case "v1 Pod status.phase":
		return text == "Running" || text == "Pending" || text == "Unknown"
	case "v1 Pod spec.serviceAccountName", "v1 Pod spec.hostNetwork":
		return text == "default" || text == "false"
	case "v1 Pod spec.serviceAccount":
		return text == "default" || scalar(spec.Get("serviceAccountName")) != ""
	case "v1 Service spec.type":
		return text == "ClusterIP"
	case "v1 Service spec.sessionAffinity":
		return text == "None"
	case "v1 Service spec.internalTrafficPolicy", "v1 Service spec.externalTrafficPolicy":
		return text == "Cluster"
	case "v1 Service spec.allocateLoadBalancerNodePorts":
		return text == "true"
	case "v1 Service spec.publishNotReadyAddresses":
		return text == "false"
	case "v1 Service spec.ipFamilyPolicy":
		return text == "SingleStack" && isAddress(scalar(spec.Get("clusterIP")))
	case "v1 Service spec.ipFamilies":
		return n.Len() == 1 && isAddress(scalar(spec.Get("clusterIP"))) && spec.Get("clusterIPs").Len() < 2
	case "v1 Service status.loadBalancer":
		return n.Kind == tree.Mapping && n.First == nil
	}
	return false
}
