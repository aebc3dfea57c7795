package manifest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

func podDocument(name, address string) Document {
	text := strings.ReplaceAll(strings.ReplaceAll(onePod, "NAME", name), "10.0.0.1", address)
	return Document{"pods/default/" + name, text}
}

func podAt(name string) diag.Finding {
	return diag.Finding{Severity: diag.Error, Origin: source.Origin{Pos: source.Pos{File: "pods/default/" + name}}}
}

// said lists pods with their addresses.
func said(d *Documents) (out []string) {
	for _, p := range d.Objects().Pods {
		out = append(out, fmt.Sprint(p.Name, p.Addrs))
	}
	return out
}

// TestDocumentsKeepTheLastGoodVersion: of a document with errors what was accepted stays, and nothing if nothing was; the others go on.
func TestDocumentsKeepTheLastGoodVersion(t *testing.T) {
	d := NewDocuments("")
	d.Set([]Document{podDocument("b", "10.0.0.1"), podDocument("a", "10.0.0.2"), podDocument("new", "10.0.0.x")})
	require.Equal(t, []string{"a[10.0.0.2]", "b[10.0.0.1]"}, said(d))
	require.Len(t, d.Findings(), 1)
	require.Equal(t, "pods/default/new:6:17", d.Findings()[0].Origin.Pos.String())
	d.Accept()
	before := d.Objects()

	d.Set([]Document{podDocument("b", "10.0.0.x"), podDocument("c", "10.0.0.3")})
	require.Equal(t, []string{"a[10.0.0.2]", "b[10.0.0.1]", "c[10.0.0.3]"}, said(d))
	require.Len(t, d.Findings(), 2)
	now := d.Objects()
	require.Same(t, podNamed(before, "a"), podNamed(now, "a"))
	require.Same(t, podNamed(before, "b"), podNamed(now, "b"))
	d.Accept()

	d.Set([]Document{podDocument("b", "10.0.0.4"), {"pods/default/new", ""}, {"pods/default/never", ""}})
	require.Equal(t, []string{"a[10.0.0.2]", "b[10.0.0.4]", "c[10.0.0.3]"}, said(d))
	require.Empty(t, d.Findings())
	d.Set([]Document{{"pods/default/b", ""}})
	require.Equal(t, []string{"a[10.0.0.2]", "c[10.0.0.3]"}, said(d))
	d.Accept()
	require.Len(t, d.byName, 2)
	require.Len(t, d.order, 2)
}

// TestDocumentsAreRefused: errors that are found with all objects together take back what they are due to, until it changes.
func TestDocumentsAreRefused(t *testing.T) {
	d := NewDocuments("")
	d.Set([]Document{podDocument("a", "10.0.0.1"), podDocument("b", "10.0.0.1"), podDocument("c", "10.0.0.1")})
	d.Accept()
	d.Set([]Document{podDocument("a", "10.0.0.2"), podDocument("new", "10.0.0.2"), {"pods/default/c", ""}})
	require.False(t, d.Refuse([]diag.Finding{podAt("b")}), "it has not changed")
	warning := podAt("a")
	warning.Severity = diag.Warning
	require.False(t, d.Refuse([]diag.Finding{warning}))

	mentions := podAt("b")
	mentions.Related = []diag.Related{{Origin: podAt("a").Origin}}
	alone := podAt("new")
	alone.Related = []diag.Related{{Origin: podAt("c").Origin}}
	require.True(t, d.Refuse([]diag.Finding{mentions, alone, alone}))
	require.Equal(t, []string{"a[10.0.0.1]", "b[10.0.0.1]"}, said(d))
	require.True(t, d.Refuse([]diag.Finding{podAt("c")}), "it must not go")
	require.Equal(t, []string{"a[10.0.0.1]", "b[10.0.0.1]", "c[10.0.0.1]"}, said(d))
	require.False(t, d.Refuse([]diag.Finding{podAt("a"), podAt("new"), podAt("c")}), "that does not help")
	d.Accept()

	d.Set(nil)
	require.Equal(t, []string{"a[10.0.0.2]", "b[10.0.0.1]", "new[10.0.0.2]"}, said(d), "another chance")
	require.True(t, d.Refuse([]diag.Finding{podAt("a")}))
	require.Equal(t, []string{"a[10.0.0.1]", "b[10.0.0.1]", "new[10.0.0.2]"}, said(d))
}

// TestDocumentsComeInAnyOrder: what is given is that of a reading of the documents in the order of their names.
func TestDocumentsComeInAnyOrder(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 0))
		d, held := NewDocuments("shop"), map[string]string{}
		for range 30 {
			var changes []Document
			for _, i := range r.Perm(12)[:r.IntN(5)] {
				c := podDocument(fmt.Sprint("p", i), fmt.Sprint("10.0.0.", 1+r.IntN(9)))
				if held[c.Name] = c.Text; r.IntN(3) == 0 {
					c.Text, held[c.Name] = "", ""
				}
				changes = append(changes, c)
			}
			if d.Set(changes); r.IntN(2) == 0 {
				d.Accept()
			}
		}
		straight := NewDocuments("shop")
		for name, text := range held {
			straight.Set([]Document{{name, text}})
		}
		require.Equal(t, straight.Objects(), d.Objects())
		require.Equal(t, "shop", d.Objects().Pods[0].Namespace)
	}
}
