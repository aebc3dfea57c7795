// Package schema checks trees against the fields of Go API types: unknown fields, values of another type, missing fields.
//
// Guarantees: a table is built once per type by reflection over the same structs and json tags that the API server
// decodes into, so no list of fields can be out of date; a check reports every problem, each at its own place; it never
// changes the tree.
package schema

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type form uint8

const (
	anything form = iota
	structure
	mapOf
	listOf
	text
	boolean
	integer
	float
	intOrString
	quantity
	timestamp
	duration
)

// Type is the table of one Go type.
type Type struct {
	form     form
	name     string // of structures: the Go type's name
	fields   map[string]*Type
	names    []string // of fields, sorted
	required []string
	elem     *Type // of maps and lists
	min, max int64 // of integers
	layout   string
	custom   bool // part of a custom resource: see OfCustom
}

// Of builds the table of a struct; value is its zero value. The optional names are further fields of any shape, for what
// other versions of the API had.
func Of(value any, optional ...string) *Type {
	b := newBuilder()
	t := b.of(reflect.TypeOf(value))
	for _, name := range optional {
		if t.fields[name] == nil {
			t.fields[name] = &Type{form: anything}
			t.names = append(t.names, name)
		}
	}
	slices.Sort(t.names)
	return t
}

// Lazy returns a function that builds the table at its first call and returns the same one ever after. It is safe for
// concurrent use, and so is the table.
func Lazy(value any, optional ...string) func() *Type {
	return sync.OnceValue(func() *Type { return Of(value, optional...) })
}

// OfCustom builds the table of a custom resource, whose nulls the API server takes otherwise: a null field is an absent one,
// which a required list must not be either, and a list has no null items (Kubernetes documentation, "Defaulting and
// Nullable"). Metadata is read as in all objects; status is of any shape, for others write it.
func OfCustom(value any) *Type {
	b := newBuilder()
	b.custom = true
	t := b.of(reflect.TypeOf(value))
	if t.fields["status"] != nil {
		t.fields["status"] = &Type{form: anything}
	}
	return t
}

// LazyCustom is Lazy for a custom resource.
func LazyCustom(value any) func() *Type {
	return sync.OnceValue(func() *Type { return OfCustom(value) })
}

// requiredFields lists what the API documentation calls required and whose zero value the API server refuses, by Go type
// name, for the parts of objects that headgate reads. A name with its package goes before one without.
//
//headgate:table
func requiredFields() map[string][]string {
	return map[string][]string{
		"IPBlock":                  {"cidr"},
		"LabelSelectorRequirement": {"key", "operator"},
		"Container":                {"name"},
		"ContainerPort":            {"containerPort"},
		"NodeAddress":              {"type", "address"},
		"PodIP":                    {"ip"},
		"ServicePort":              {"port"},
		"EndpointSlice":            {"addressType"},
		"Endpoint":                 {"addresses"},

		"api.ClusterNetworkPolicy":     {"spec"},
		"api.ClusterNetworkPolicySpec": {"priority"},
		"api.ClusterIngressRule":       {"action"},
		"api.ClusterEgressRule":        {"action"},
		"api.NetworkPolicy":            {"spec"},
		"api.NetworkPolicySpec":        {"priority"},
		"api.IngressRule":              {"action"},
		"api.EgressRule":               {"action"},
		"api.NamespacedName":           {"name", "namespace"},
		"api.PeerService":              {"name", "namespace"},
		"api.LocalPeerService":         {"name"},
		"api.Tier":                     {"spec"},
		"api.TierSpec":                 {"priority"},
		"api.ClusterGroup":             {"spec"},
		"api.Group":                    {"spec"},
		"api.ServiceReference":         {"name"},
		"api.ExternalNode":             {"spec"},
		"api.ExternalNodeSpec":         {"interfaces"},
		"api.NetworkInterface":         {"ips"},
		"api.ExternalEndpoint":         {"ip"},
		"api.NamedPort":                {"port"},
		"api.Egress":                   {"spec"},
		"api.EgressSpec":               {"appliedTo"},
		"api.Bandwidth":                {"rate", "burst"},
		"api.ExternalIPPool":           {"spec"},
		"api.ExternalIPPoolSpec":       {"ipRanges", "nodeSelector"},
		"api.SubnetInfo":               {"gateway", "prefixLength"},
		"api.NeedList":                 {"needs"},
		"api.Need":                     {"name", "ports", "direction", "peers"},

		"v1alpha1.AdminNetworkPolicy":                    {"spec"},
		"v1alpha1.AdminNetworkPolicySpec":                {"priority", "subject"},
		"v1alpha1.AdminNetworkPolicyIngressRule":         {"action", "from"},
		"v1alpha1.AdminNetworkPolicyEgressRule":          {"action", "to"},
		"v1alpha1.BaselineAdminNetworkPolicy":            {"spec"},
		"v1alpha1.BaselineAdminNetworkPolicySpec":        {"subject"},
		"v1alpha1.BaselineAdminNetworkPolicyIngressRule": {"action", "from"},
		"v1alpha1.BaselineAdminNetworkPolicyEgressRule":  {"action", "to"},
		"v1alpha1.NamespacedPod":                         {"namespaceSelector", "podSelector"},
		"v1alpha1.Port":                                  {"port"},
		"v1alpha1.PortRange":                             {"start", "end"},
		"v1alpha2.ClusterNetworkPolicy":                  {"spec"},
		"v1alpha2.ClusterNetworkPolicySpec":              {"tier", "priority", "subject"},
		"v1alpha2.ClusterNetworkPolicyIngressRule":       {"action", "from"},
		"v1alpha2.ClusterNetworkPolicyEgressRule":        {"action", "to"},
		"v1alpha2.NamespacedPod":                         {"podSelector"},
		"v1alpha2.PortRange":                             {"start", "end"},
	}
}

type builder struct {
	known    map[reflect.Type]*Type
	required map[string][]string
	custom   bool
}

func newBuilder() *builder {
	return &builder{known: make(map[reflect.Type]*Type), required: requiredFields()}
}

func (b *builder) of(t reflect.Type) *Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := b.known[t]; ok {
		return known
	}
	if _, isMeta := reflect.New(t).Interface().(*metav1.ObjectMeta); isMeta && b.custom {
		return newBuilder().of(t)
	}
	out := &Type{custom: b.custom}
	b.known[t] = out
	if special(t, out) {
		return out
	}
	switch t.Kind() {
	case reflect.Struct:
		out.form, out.name, out.fields = structure, t.Name(), make(map[string]*Type)
		var qualified bool
		if out.required, qualified = b.required[t.String()]; !qualified {
			out.required = b.required[t.Name()]
		}
		b.addFields(out, t)
		for name := range out.fields {
			out.names = append(out.names, name)
		}
		slices.Sort(out.names)
	case reflect.Map:
		out.form, out.elem = mapOf, b.of(t.Elem())
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			out.form = text // base64
			return out
		}
		out.form, out.elem = listOf, b.of(t.Elem())
	case reflect.String:
		out.form = text
	case reflect.Bool:
		out.form = boolean
	case reflect.Float32, reflect.Float64:
		out.form = float
	default:
		integerType(t, out)
	}
	return out
}

func integerType(t reflect.Type, out *Type) {
	out.form = integer
	bits := min(t.Bits(), 63)
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		bits = t.Bits() - 1
		out.min = -1 << bits
	}
	out.max = 1<<bits - 1
	if bits == 63 {
		out.max = 1<<63 - 1
	}
}

// special handles the types that decode themselves.
func special(t reflect.Type, out *Type) bool {
	switch reflect.New(t).Interface().(type) {
	case *intstr.IntOrString:
		out.form = intOrString
	case *resource.Quantity:
		out.form = quantity
	case *metav1.Time:
		out.form, out.layout = timestamp, time.RFC3339
	case *metav1.MicroTime:
		out.form, out.layout = timestamp, metav1.RFC3339Micro
	case *metav1.Duration:
		out.form = duration
	case *metav1.FieldsV1, *runtime.RawExtension:
		out.form = anything
	case interface{ UnmarshalJSON([]byte) error }:
		out.form = anything // decodes itself in a way not known here
	case encoding.TextUnmarshaler:
		out.form = text
	default:
		return t.Kind() == reflect.Interface
	}
	return true
}

func (b *builder) addFields(out *Type, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous && name == "":
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			b.addFields(out, inner)
		case name == "":
			out.fields[f.Name] = b.of(f.Type)
		default:
			out.fields[name] = b.of(f.Type)
		}
	}
}
