package manifest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha1"
	"sigs.k8s.io/network-policy-api/apis/v1alpha2"

	"github.com/headgate-net/headgate/compiler/manifest/api"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

func acceptedFiles() []string {
	return []string{"acnp.yaml", "annp.json", "others.yaml", "upstream.yaml", "baseline.yaml", "nodes.yaml"}
}

// TestAccepted reads the manifests of testdata/accepted/objects.txtar: nothing is said of them, and "out/objects" is what was read.
func TestAccepted(t *testing.T) {
	archive := golden.Open(t, "testdata/accepted/objects.txtar")
	var out strings.Builder
	for _, name := range acceptedFiles() {
		text, ok := archive.Section(name)
		require.True(t, ok)
		var report diag.Report
		objects := Parse(name, []byte(text), &report)
		require.Empty(t, report.Findings())
		write := printer{&out}
		write.all(objects)
	}
	archive.Want(t, "out/objects", out.String())
}

// printer writes objects as a person would take notes of them.
type printer struct{ *strings.Builder }

func (p printer) all(o *Objects) {
	for _, v := range o.RankedPolicies {
		fmt.Fprintf(p, "%s tier %s priority %v labels %q annotations %q\n", v.ID(), v.Tier, v.Priority, v.Labels, v.Annotations)
		p.peers("  applied to ", v.AppliedTo)
		p.rules(v.IngressRules)
		p.rules(v.EgressRules)
	}
	for _, v := range o.Tiers {
		fmt.Fprintf(p, "%s %d\n", v.ID(), v.Priority)
	}
	for _, v := range o.Groups {
		fmt.Fprintf(p, "%s\n", v.ID())
		p.peers("  ", v.Members)
	}
	for _, v := range o.ExternalNodes {
		fmt.Fprintf(p, "%s %s %v\n", v.ID(), v.Labels, v.Interfaces)
	}
	for _, v := range o.ExternalEntities {
		fmt.Fprintf(p, "%s %s %v %v of %s\n", v.ID(), v.Labels, v.Addrs, v.Ports, v.Node)
	}
}

func (p printer) rules(rules []RankedRule) {
	for _, r := range rules {
		fmt.Fprintf(p, "  %s %q %s any %v log %v %q\n", r.Field, r.Name, r.Action, r.AnyPeer, r.Logging.On, r.Logging.Label)
		p.peers("    applied to ", r.AppliedTo)
		p.peers("    peer ", r.Peers)
		for _, s := range r.ToServices {
			fmt.Fprintf(p, "    %s service %s/%s\n", s.Field, s.Namespace, s.Name)
		}
		for _, port := range r.Ports {
			fmt.Fprintf(p, "    %s %s %q %d-%d from %d-%d icmp %s %s igmp %s %v\n", port.Field, port.Protocol, port.Name, port.From, port.To,
				port.SourceFrom, port.SourceTo, number(port.ICMPType), number(port.ICMPCode), number(port.IGMPType), port.MulticastGroup)
		}
	}
}

func number(n *uint8) string {
	if n == nil {
		return "any"
	}
	return fmt.Sprint(*n)
}

func (p printer) peers(prefix string, peers []RankedPeer) {
	for _, r := range peers {
		fmt.Fprint(p, prefix, r.Field)
		for _, s := range []struct {
			name     string
			selector *Selector
		}{{"pods", r.PodSelector}, {"namespaces", r.NamespaceSelector}, {"nodes", r.NodeSelector}, {"external", r.ExternalEntitySelector}} {
			if s.selector != nil {
				fmt.Fprintf(p, " %s (%s)", s.name, s.selector)
			}
		}
		if r.IPBlock != nil {
			fmt.Fprint(p, " block ", r.IPBlock.CIDR, r.IPBlock.Except)
		}
		if r.Namespaces != nil {
			fmt.Fprintf(p, " namespaces %+v", *r.Namespaces)
		}
		if r.ServiceAccount != nil {
			fmt.Fprint(p, " account ", *r.ServiceAccount)
		}
		if r.Service != nil {
			fmt.Fprint(p, " service ", r.Service.ObjectRef)
		}
		if r.Group != "" || r.FQDN != "" {
			fmt.Fprintf(p, " group %q fqdn %q", r.Group, r.FQDN)
		}
		fmt.Fprintln(p)
	}
}

// The accepted manifests have every field of every type of the kinds, so that none is read by accident only.
func TestAcceptedHasEveryField(t *testing.T) {
	have := map[string]bool{}
	archive := golden.Open(t, "testdata/accepted/objects.txtar")
	for _, name := range acceptedFiles() {
		text, _ := archive.Section(name)
		for text != "" {
			doc, rest := nextDocument(text)
			var arena tree.Arena
			root, _, err := tree.Parse(doc, tree.Start{Line: 1, Col: 1}, &arena)
			require.Nil(t, err)
			collect(have, root)
			text = rest
		}
	}
	for _, value := range []any{api.ClusterNetworkPolicy{}, api.NetworkPolicy{}, api.Tier{}, api.ClusterGroup{}, api.Group{}, api.ExternalNode{},
		api.ExternalEntity{}, v1alpha2.ClusterNetworkPolicy{}, v1alpha1.AdminNetworkPolicy{}, v1alpha1.BaselineAdminNetworkPolicy{}} {
		kind := reflect.TypeOf(value)
		version := kind.PkgPath()[strings.LastIndex(kind.PkgPath(), "/")+1:]
		spec, ok := kind.FieldByName("Spec")
		require.True(t, ok)
		for _, path := range fieldPaths("spec", spec.Type) {
			assert.True(t, have[version+" "+kind.Name()+" "+path], "no accepted manifest of %s %s has %s", version, kind.Name(), path)
		}
	}
}

// collect notes the paths of an object's fields, without indices.
func collect(have map[string]bool, root *tree.Node) {
	for _, item := range root.Get("items").Items() {
		collect(have, item)
	}
	kind := str(root.Get("kind"))
	version := str(root.Get("apiVersion"))
	version = version[strings.LastIndex(version, "/")+1:]
	if strings.HasPrefix(str(root.Get("apiVersion")), antreaGroup) {
		version = "api"
	}
	var walk func(path string, n *tree.Node)
	walk = func(path string, n *tree.Node) {
		have[version+" "+kind+" "+path] = true
		for k, v := range n.Pairs() {
			walk(path+"."+k.Text, v)
		}
		for _, v := range n.Items() {
			walk(path, v)
		}
	}
	walk("spec", root.Get("spec"))
}

// fieldPaths lists the paths of a type's fields below path; selectors are leaves.
func fieldPaths(path string, t reflect.Type) (out []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[metav1.LabelSelector]() || strings.HasPrefix(t.String(), "intstr.") {
		return []string{path}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "":
			out = append(out, fieldPaths(path, f.Type)...)
		case name != "l7Protocols":
			out = append(out, fieldPaths(path+"."+name, f.Type)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
