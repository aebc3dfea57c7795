package kube

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// objectsOf reads the objects of a file, those of Lists one by one.
func objectsOf(t *testing.T, file string) (out []*unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		var object map[string]any
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err, file)
		u := &unstructured.Unstructured{Object: object}
		if !u.IsList() {
			out = append(out, u)
			continue
		}
		require.NoError(t, u.EachListItem(func(item runtime.Object) error {
			out = append(out, item.(*unstructured.Unstructured))
			return nil
		}))
	}
}

// meaning is the Program that objects come to.
func meaning(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	d := manifest.NewDocuments("")
	var documents []manifest.Document
	for i, o := range objects {
		text, err := textOf(o)
		require.NoError(t, err)
		documents = append(documents, manifest.Document{Name: string(rune('a'+i/26)) + string(rune('a'+i%26)), Text: text})
	}
	d.Set(documents)
	report := &diag.Report{}
	r := compiler.Compile(d.Objects(), compiler.Options{}, report)
	require.False(t, report.HasErrors())
	return r.Program.String()
}

// TestStrippedObjectsMeanTheSame: what is left out of objects is not read.
func TestStrippedObjectsMeanTheSame(t *testing.T) {
	files, err := filepath.Glob("../../examples/*")
	require.NoError(t, err)
	more, err := filepath.Glob("../../test/system/testdata/*.yaml")
	require.NoError(t, err)
	for _, file := range append(files, more...) {
		parts := []string{file}
		if !strings.HasSuffix(file, ".yaml") {
			parts, err = filepath.Glob(filepath.Join(file, "*.yaml"))
			require.NoError(t, err)
		}
		var whole []*unstructured.Unstructured
		for _, part := range parts {
			if filepath.Base(part) != "egress-vlan.yaml" { // the rest of another file
				whole = append(whole, objectsOf(t, part)...)
			}
		}
		if len(whole) == 0 {
			continue
		}
		var stripped []*unstructured.Unstructured
		for i, o := range whole {
			o.SetCreationTimestamp(metav1.Unix(int64(1_700_000_000-i), 0)) // the last is the oldest
			o.SetManagedFields(nil)
			c := o.DeepCopy()
			resourceOf(c).strip(c)
			stripped = append(stripped, c)
		}
		require.Equal(t, meaning(t, whole), meaning(t, stripped), file)
	}
}

func resourceOf(o *unstructured.Unstructured) resource {
	kind := o.GroupVersionKind()
	return resource{kind: Kind{kind.Group, kind.Version, kind.Kind}}
}

// What decides which object comes first, and what it has, is kept.
func TestWhatDecidesIsKept(t *testing.T) {
	for kind, want := range map[string][]string{
		"v1/Service":                   {"metadata.creationTimestamp", "metadata.annotations", "spec", "status.loadBalancer"},
		"crd.antrea.io/v1beta1/Egress": {"metadata.creationTimestamp", "spec", "status.egressIP"},
		"v1/Pod":                       {"metadata.labels", "spec.nodeName", "status.podIPs"},
		"v1/Node":                      {"metadata.labels", "spec.podCIDR", "status.addresses"},
	} {
		at := strings.LastIndex(kind, "/")
		object := map[string]any{"apiVersion": kind[:at], "kind": kind[at+1:], "metadata": map[string]any{"name": "x"}}
		for _, path := range want {
			require.NoError(t, unstructured.SetNestedField(object, "here", strings.Split(path, ".")...))
		}
		o := &unstructured.Unstructured{Object: object}
		resourceOf(o).strip(o)
		for _, path := range want {
			_, there, err := unstructured.NestedFieldNoCopy(o.Object, strings.Split(path, ".")...)
			require.NoError(t, err)
			require.True(t, there, "%s %s", kind, path)
		}
	}
}

// Who observes sees objects whole, each version once, and then that they are gone; what Document gives is what a Source gives.
func TestObserve(t *testing.T) {
	var seen []string
	s := &Source{options: Options{Observe: func(name string, o *unstructured.Unstructured) {
		if o == nil {
			seen = append(seen, name+" gone")
			return
		}
		phase, _, _ := unstructured.NestedString(o.Object, "status", "phase")
		seen = append(seen, name+" "+o.GetResourceVersion()+" "+phase)
	}}, changed: make(chan struct{}, 1), pending: map[string]string{}}
	c := &collection{source: s, of: resource{Kind{"crd.antrea.io", "v1beta1", "NetworkPolicy"}, "networkpolicies", true}, held: map[string]digest{}}
	policy := func(name, version, phase string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "crd.antrea.io/v1beta1", "kind": "NetworkPolicy",
			"metadata": map[string]any{"name": name, "namespace": "shop", "resourceVersion": version}, "status": map[string]any{"phase": phase}}}
	}
	listed := policy("a", "3", "Realizing")
	_, err := c.Transformer()(listed)
	require.NoError(t, err)
	require.NoError(t, c.Replace([]any{listed}, "3"))
	require.NoError(t, c.Update(policy("a", "4", "Realized")))
	require.Len(t, s.pending, 1)
	require.NoError(t, c.Add(policy("b", "5", "")))
	require.NoError(t, c.Delete(policy("b", "6", "")))
	require.NoError(t, c.Replace(nil, "9"))
	const at = "networkpolicies.crd.antrea.io/shop/"
	require.Equal(t, []string{at + "a 3 Realizing", at + "a 4 Realized", at + "b 5 ", at + "b gone", at + "a gone"}, seen)

	require.NoError(t, c.Add(policy("a", "10", "Realized")))
	d, err := Document(c.of.kind, "networkpolicies", policy("a", "11", ""))
	require.NoError(t, err)
	require.Equal(t, Change{d.Name, s.pending[d.Name]}, d)
}
