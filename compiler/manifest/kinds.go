package manifest

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"

	"github.com/headgate-net/headgate/compiler/manifest/api"
	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// kind is one row of the table of kinds that headgate reads.
type kind struct {
	name        string
	group       string
	version     string
	clusterWide bool
	schema      func() *schema.Type
	badName     func(string) string
	build       func(b *builder, m Meta, root *tree.Node) Object
}

func (k kind) apiVersion() string {
	if k.group == "" {
		return k.version
	}
	return k.group + "/" + k.version
}

// The schemas, each built when it is first needed and then shared by all readings.
var (
	podSchema           = schema.Lazy(corev1.Pod{})
	namespaceSchema     = schema.Lazy(corev1.Namespace{})
	nodeSchema          = schema.Lazy(corev1.Node{})
	serviceSchema       = schema.Lazy(corev1.Service{})
	endpointSliceSchema = schema.Lazy(discoveryv1.EndpointSlice{})
	// Servers from 1.24 to 1.27 print an empty status for policies (KEP-2943, withdrawn).
	policySchema = schema.Lazy(networkingv1.NetworkPolicy{}, "status")

	antreaClusterPolicySchema = schema.LazyCustom(api.ClusterNetworkPolicy{})
	antreaPolicySchema        = schema.LazyCustom(api.NetworkPolicy{})
	tierSchema                = schema.LazyCustom(api.Tier{})
	clusterGroupSchema        = schema.LazyCustom(api.ClusterGroup{})
	groupSchema               = schema.LazyCustom(api.Group{})
	externalNodeSchema        = schema.LazyCustom(api.ExternalNode{})
	externalEntitySchema      = schema.LazyCustom(api.ExternalEntity{})
	egressSchema              = schema.LazyCustom(api.Egress{})
	poolSchema                = schema.LazyCustom(api.ExternalIPPool{})
	clusterPolicySchema       = schema.LazyCustom(v1alpha2.ClusterNetworkPolicy{})
	adminPolicySchema         = schema.LazyCustom(v1alpha1.AdminNetworkPolicy{})
	baselinePolicySchema      = schema.LazyCustom(v1alpha1.BaselineAdminNetworkPolicy{})
	expectationsSchema        = schema.LazyCustom(api.Expectations{})
)

// The groups of the kinds that are not Kubernetes' own.
const (
	antreaGroup   = "crd.antrea.io"
	upstreamGroup = "policy.networking.k8s.io"
)

// kinds is the table.
func kinds() []kind {
	return []kind{
		{"Pod", "", "v1", false, podSchema, badSubdomain, (*builder).pod},
		{"NetworkPolicy", "networking.k8s.io", "v1", false, policySchema, badSubdomain, (*builder).networkPolicy},
		{"Namespace", "", "v1", true, namespaceSchema, badLabelName, (*builder).namespaceObject},
		{"Node", "", "v1", true, nodeSchema, badSubdomain, (*builder).node},
		{"Service", "", "v1", false, serviceSchema, badLabelName, (*builder).service},
		{"EndpointSlice", "discovery.k8s.io", "v1", false, endpointSliceSchema, badSubdomain, (*builder).endpointSlice},
		{"ClusterNetworkPolicy", antreaGroup, "v1beta1", true, antreaClusterPolicySchema, badSubdomain, (*builder).antreaPolicy},
		{"NetworkPolicy", antreaGroup, "v1beta1", false, antreaPolicySchema, badSubdomain, (*builder).antreaPolicy},
		{"Tier", antreaGroup, "v1beta1", true, tierSchema, badSubdomain, (*builder).antreaTier},
		{"ClusterGroup", antreaGroup, "v1beta1", true, clusterGroupSchema, badSubdomain, (*builder).memberGroup},
		{"Group", antreaGroup, "v1beta1", false, groupSchema, badSubdomain, (*builder).memberGroup},
		{"ExternalNode", antreaGroup, "v1alpha1", false, externalNodeSchema, badSubdomain, (*builder).externalNode},
		{"ExternalEntity", antreaGroup, "v1alpha2", false, externalEntitySchema, badSubdomain, (*builder).externalEntity},
		{"Egress", antreaGroup, "v1beta1", true, egressSchema, badSubdomain, (*builder).egress},
		{"ExternalIPPool", antreaGroup, "v1beta1", true, poolSchema, badSubdomain, (*builder).externalIPPool},
		{"ClusterNetworkPolicy", upstreamGroup, "v1alpha2", true, clusterPolicySchema, badSubdomain, (*builder).clusterNetworkPolicy},
		{"AdminNetworkPolicy", upstreamGroup, "v1alpha1", true, adminPolicySchema, badSubdomain, (*builder).adminNetworkPolicy},
		{"BaselineAdminNetworkPolicy", upstreamGroup, "v1alpha1", true, baselinePolicySchema, badSubdomain, (*builder).baselineAdminNetworkPolicy},
		{"Expectations", ownGroup, "v1alpha1", true, expectationsSchema, anyName, (*builder).expectations},
	}
}

// metaGroup is what Meta.Group says of the kind.
func (k kind) metaGroup() string {
	if k.group == antreaGroup || k.group == upstreamGroup || k.group == ownGroup {
		return k.group
	}
	return ""
}

// gvk is what a document says it is.
type gvk struct{ apiVersion, kind string }

func (g gvk) group() string {
	if group, _, ok := strings.Cut(g.apiVersion, "/"); ok {
		return group
	}
	return ""
}

// document reads one document, which is an object or a list of objects.
func (b *builder) document(root *tree.Node) {
	b.out.documents++
	b.object(root, gvk{}, 0)
}

// object reads an object or a list. The default is what a typed list says about items that do not say it themselves.
func (b *builder) object(root *tree.Node, fallback gvk, depth int) {
	b.meta, b.failed = nil, false
	if root.Kind != tree.Mapping {
		b.add(diag.WrongType, root, nil, "begin with apiVersion, kind and metadata", "a manifest must be a mapping, not a %s", root.Kind)
		return
	}
	id, ok := b.identify(root, fallback)
	items := root.Get("items")
	if id.kind != "" {
		b.meta = &Meta{Kind: strings.ToValidUTF8(id.kind, ""), Name: str(root.Get("metadata").Get("name")), Namespace: str(root.Get("metadata").Get("namespace"))}
	}
	if ok && b.isList(id, items) {
		b.repeated(root, items)
		b.list(root, items, id, depth)
		return
	}
	if k, known := b.find(id); ok && known {
		b.known(k, root)
		return
	}
	b.repeated(root, nil)
	if ok {
		b.unknown(id, root)
	}
}

// repeated reports the keys that their mapping has twice, except below skip.
func (b *builder) repeated(root, skip *tree.Node) {
	tree.Repeated(root, skip, func(path tree.Steps, first, again *tree.Node) {
		b.addField(diag.DuplicateKey, again, path.String(), "", fmt.Sprintf("the key %q occurs twice", again.Text))
		last := &b.out.findings[len(b.out.findings)-1]
		origin := last.Origin
		origin.Pos = b.pos(first)
		last.Related = []diag.Related{{Origin: origin, Message: "the first is here"}}
	})
}

func (b *builder) identify(root *tree.Node, fallback gvk) (gvk, bool) {
	id := gvk{str(root.Get("apiVersion")), str(root.Get("kind"))}
	if id == (gvk{}) && fallback != (gvk{}) {
		return fallback, true
	}
	for _, name := range []string{"apiVersion", "kind"} {
		n := root.Get(name)
		path := (*tree.Path)(nil).Field(name)
		switch {
		case n.IsNull() || n.Text == "" && n.Kind == tree.Scalar:
			b.add(diag.MissingField, root, &path, kustomizationHint(root), "the manifest has no %s", name)
		case n.Kind != tree.Scalar || n.Type() != tree.String:
			b.add(diag.WrongType, n, &path, "", "%s must be a string", name)
		}
	}
	return id, !b.failed
}

func kustomizationHint(root *tree.Node) string {
	if root.Get("resources") != nil || root.Get("patches") != nil || root.Get("namePrefix") != nil {
		return "if this is a kustomization, name its directory with -k"
	}
	return ""
}

// isList reports whether a document is a List or a list of one kind. A kind that is not ours may be called a list and have
// no items.
func (b *builder) isList(id gvk, items *tree.Node) bool {
	if !strings.HasSuffix(id.kind, "List") {
		return false
	}
	_, ours := b.find(itemID(id))
	if ours || id == (gvk{"v1", "List"}) {
		return true
	}
	return items != nil && (items.IsNull() || items.Kind == tree.Sequence && (items.First == nil || items.First.Kind == tree.Mapping))
}

// list reads the items of a List or of a typed list such as PodList.
func (b *builder) list(root, items *tree.Node, id gvk, depth int) {
	const deepest = 8
	if depth == deepest {
		b.add(diag.TooLarge, root, nil, "", "lists are nested more than %d deep", deepest)
		return
	}
	for k, v := range root.Pairs() {
		b.listField(k, v, id)
	}
	for _, item := range items.Items() {
		b.object(item, itemID(id), depth+1)
	}
}

// itemID is what the items of a typed list are.
func itemID(list gvk) gvk {
	if list.kind == "List" {
		return gvk{}
	}
	return gvk{list.apiVersion, strings.TrimSuffix(list.kind, "List")}
}

func (b *builder) listField(k, v *tree.Node, id gvk) {
	path := (*tree.Path)(nil).Field(k.Text)
	fields := []string{"apiVersion", "items", "kind", "metadata"}
	switch k.Text {
	case "apiVersion", "kind":
	case "metadata":
		if v.Kind != tree.Mapping && !v.IsNull() {
			b.add(diag.WrongType, v, &path, "", "metadata must be a mapping, not a %s", v.Kind)
		}
	case "items":
		if v.Kind != tree.Sequence && !v.IsNull() {
			b.add(diag.WrongType, v, &path, "", "items must be a list, not a %s", v.Kind)
		}
	default:
		hint := "the fields of " + id.kind + " are " + strings.Join(fields, ", ")
		if near := schema.Nearest(k.Text, fields); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		b.add(diag.UnknownField, k, &path, hint, "unknown field %q in %s", k.Text, id.kind)
	}
}

func (b *builder) find(id gvk) (kind, bool) {
	for i := range b.kinds {
		if k := &b.kinds[i]; k.name == id.kind && k.apiVersion() == id.apiVersion {
			return *k, true
		}
	}
	return kind{}, false
}

// known reads an object of a kind in the table.
func (b *builder) known(k kind, root *tree.Node) {
	m := Meta{Kind: k.name, Group: k.metaGroup(), Pos: b.pos(root)}
	metadata := root.Get("metadata")
	name, namespace := metadata.Get("name"), metadata.Get("namespace")
	m.Name = strings.Clone(str(name))
	if !k.clusterWide {
		if m.Namespace = b.keep(namespace); m.Namespace == "" {
			m.Namespace = b.namespace
		}
	}
	b.meta = &m
	b.repeated(root, nil)
	b.check(k, root)
	b.checkName(k, root, metadata)
	at := (*tree.Path)(nil).Field("metadata")
	path := at.Field("labels")
	m.Labels = b.labels(metadata.Get("labels"), &path)
	m.Annotations = b.annotations(metadata.Get("annotations"))
	if o := k.build(b, m, root); !b.failed {
		b.out.objects = append(b.out.objects, o)
	}
	b.meta = nil
}

func (b *builder) checkName(k kind, root, metadata *tree.Node) {
	at := (*tree.Path)(nil).Field("metadata")
	name, path := metadata.Get("name"), at.Field("name")
	switch {
	case name.IsNull():
		hint, where := "", root
		if metadata != nil {
			where = metadata
		}
		if !metadata.Get("generateName").IsNull() {
			hint = "generateName names an object only when it is created; add a name"
		}
		b.add(diag.MissingField, where, &path, hint, "the %s has no name", k.name)
	case name.Kind == tree.Scalar:
		if bad := k.badName(name.Text); bad != "" {
			hint := ""
			if badSubdomain(name.Text) == "" {
				hint = labelNameHint
			}
			b.add(diag.BadName, name, &path, hint, "the name %q %s", name.Text, bad)
		}
	}
	key, namespace := metadata.Lookup("namespace")
	path = at.Field("namespace")
	switch text := str(namespace); {
	case text == "" || namespace.Kind != tree.Scalar:
	case k.clusterWide:
		// kubectl and the API server take it for nothing.
		b.add(diag.IgnoredValue, key, &path, "remove the namespace", "a %s belongs to no namespace", k.name)
	default:
		if bad := badLabelName(text); bad != "" {
			b.add(diag.BadName, namespace, &path, labelNameHint, "the namespace's name %q %s", text, bad)
		}
	}
}

// unknown handles what is not in the table: a kind in another version and a misspelt kind are errors, everything else is
// counted and skipped.
func (b *builder) unknown(id gvk, root *tree.Node) {
	path := (*tree.Path)(nil).Field("kind")
	if k, ours := b.otherVersion(id); ours {
		path = (*tree.Path)(nil).Field("apiVersion")
		b.meta = &Meta{Kind: k.name, Group: k.metaGroup(), Name: str(root.Get("metadata").Get("name")), Namespace: b.statedNamespace(k, root)}
		b.add(diag.UnknownVersion, at(root, "apiVersion"), &path, "write apiVersion: "+k.apiVersion(),
			"%s is not read in version %s", id.kind, id.apiVersion)
		return
	}
	if near := b.misspelt(id); near != "" {
		b.add(diag.UnknownKind, at(root, "kind"), &path, fmt.Sprintf("did you mean %s?", near),
			"%s has no kind %s", id.apiVersion, id.kind)
		last := &b.out.findings[len(b.out.findings)-1]
		last.Severity = diag.Error
		return
	}
	b.skip(id.kind, root)
}

// otherVersion finds the kind that a document names in a version or group that headgate does not read: the one of the same
// group, or for groups of Kubernetes' own any of that name, its own first. Other groups may use the name for other things.
func (b *builder) otherVersion(id gvk) (kind, bool) {
	group := id.group()
	native := group == "" || group == "extensions" || group == "apps" || strings.HasSuffix(group, ".k8s.io")
	found, rank := kind{}, 0
	for _, k := range b.kinds {
		r := 0
		switch {
		case k.name != id.kind:
		case k.group == group:
			r = 4
		case native && k.metaGroup() == "":
			r = 3
		case native && k.group == upstreamGroup:
			r = 2
		case native:
			r = 1
		}
		if r > rank {
			found, rank = k, r
		}
	}
	return found, rank > 0
}

func at(root *tree.Node, field string) *tree.Node {
	if n := root.Get(field); n != nil {
		return n
	}
	return root
}

func (b *builder) statedNamespace(k kind, root *tree.Node) string {
	switch namespace := str(root.Get("metadata").Get("namespace")); {
	case k.clusterWide:
		return ""
	case namespace == "":
		return b.namespace
	default:
		return namespace
	}
}

// misspelt returns the kind that the document probably means: one of the same API version whose name differs by its
// case, a plural or a letter or two. Kinds that exist are none.
func (b *builder) misspelt(id gvk) string {
	exist := []string{"Ingress", "IngressClass", "IPAddress", "ServiceCIDR", "ServiceAccount", "PodTemplate", "Event", "Secret", "Binding"}
	for _, name := range exist {
		if id.kind == name || strings.TrimSuffix(id.kind, "List") == name {
			return ""
		}
	}
	var names []string
	for _, k := range b.kinds {
		if k.apiVersion() == id.apiVersion {
			names = append(names, k.name)
		}
	}
	return schema.Nearest(id.kind, names)
}

func (b *builder) skip(kind string, root *tree.Node) {
	for i := range b.out.skipped {
		if b.out.skipped[i].kind == kind {
			b.out.skipped[i].count++
			return
		}
	}
	b.out.skipped = append(b.out.skipped, skip{b.intern.text(kind), 1, b.pos(root)})
}

// Kind is a kind that headgate reads, as an API server knows it: Group is "" for the first kinds of Kubernetes.
type Kind struct{ Group, Version, Name string }

// Kinds lists the kinds that headgate reads from API servers: all but its own.
func Kinds() []Kind {
	var out []Kind
	for _, k := range kinds() {
		if k.group != ownGroup {
			out = append(out, Kind{k.group, k.version, k.name})
		}
	}
	return out
}
