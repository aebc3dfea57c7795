package manifest

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

const onePod = `---
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec: {nodeName: n1, containers: [{name: c}]}
status: {podIP: 10.0.0.1}
`

// TestReaderGivesWhatReadGives changes a tree in every way that there is: after each, a Reader that has seen the trees before gives what
// Read gives, findings included, and of files that are as they were the same pointers.
func TestReaderGivesWhatReadGives(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) { require.NoError(t, os.WriteFile(path(name), []byte(text), 0o644)) }
	pod := func(name string) string { return strings.ReplaceAll(onePod, "NAME", name) }
	many := pod("many")
	for range 300 {
		many += "# a comment that makes the file long enough to be cut into several windows, or at least nearly so\n"
	}
	r := NewReader("shop")
	var last *Objects
	steps := []struct {
		why   string
		make  func()
		files string
		same  []string // pods that must be the same pointers as before
	}{
		{"new", func() {
			write("a.yaml", pod("a"))
			write("b.yaml", pod("b1")+pod("b2"))
			write("c.yaml", "# nothing\n")
		}, "a b c", nil},
		{"nothing", func() {}, "a b c", []string{"a", "b1", "b2"}},
		{"one changed", func() { write("a.yaml", "\n"+pod("a")) }, "a b c", []string{"b1", "b2"}},
		{"errors", func() { write("c.yaml", pod("c")+"broken: yes\n") }, "a b c", []string{"a", "b1", "b2"}},
		{"and again", func() {}, "a b c", []string{"a", "b1", "b2"}},
		{"one gone", func() {}, "a c", []string{"a"}},
		{"back, twice", func() { write("c.yaml", pod("a")) }, "a b c", []string{"a"}},
		{"missing", func() { write("c.yaml", many) }, "a b c d", []string{"a", "b1", "b2"}},
		{"a list", func() { write("d.yaml", "apiVersion: v1\nkind: List\nitems: []\n") }, "d a b c", []string{"a", "b1", "b2", "many"}},
		{"kinds that are not read", func() { write("d.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n") }, "a b d", []string{"a", "b1", "b2"}},
	}
	for _, s := range steps {
		s.make()
		var files []string
		for _, f := range strings.Fields(s.files) {
			files = append(files, path(f+".yaml"))
		}
		var want, got diag.Report
		whole := Read(t.Context(), Options{Files: files, Namespace: "shop"}, &want)
		now := r.Read(t.Context(), files, &got)
		require.Equal(t, whole, now, s.why)
		require.Equal(t, want.Findings(), got.Findings(), s.why)
		for _, name := range s.same {
			require.Same(t, podNamed(last, name), podNamed(now, name), s.why)
		}
		last = now
	}
}

func podNamed(o *Objects, name string) *Pod {
	for _, p := range o.Pods {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// TestReaderForgetsWhatWasBrokenOff: what a cancelled reading saw of a file is not taken for the file.
func TestReaderForgetsWhatWasBrokenOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yaml")
	require.NoError(t, os.WriteFile(file, []byte(onePod), 0o644))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	r := NewReader("")
	var broken, report diag.Report
	require.Empty(t, r.Read(cancelled, []string{file}, &broken).Pods)
	require.True(t, broken.HasErrors())
	var want diag.Report
	require.Equal(t, Read(t.Context(), Options{Files: []string{file}}, &want), r.Read(t.Context(), []string{file}, &report))
	require.Equal(t, want.Findings(), report.Findings())
}

// TestAllYieldsEveryKind: an object of each list comes out, so that a new kind is not forgotten.
func TestAllYieldsEveryKind(t *testing.T) {
	kinds := []Object{&Namespace{}, &Node{}, &Pod{}, &NetworkPolicy{}, &Service{}, &EndpointSlice{}, &RankedPolicy{}, &Tier{}, &Group{},
		&ExternalNode{}, &ExternalEntity{}, &Egress{}, &ExternalIPPool{}, &Expectations{}}
	var o Objects
	for _, k := range kinds {
		o.add(k)
	}
	var got []Object
	for x := range o.All() {
		got = append(got, x)
	}
	require.Equal(t, len(kinds), len(got))
	require.ElementsMatch(t, kinds, got)
	require.Equal(t, reflect.TypeFor[Objects]().NumField(), len(kinds))
	for range o.All() {
		break
	}
}
