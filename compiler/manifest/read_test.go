package manifest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// readWith reads text through windows of the given size; 0 is the usual one.
func readWith(t *testing.T, r io.Reader, window int) (*Objects, []diag.Finding) {
	t.Helper()
	var report diag.Report
	f := newFront("")
	f.window = window
	c := newCollector(&report)
	f.decode(t.Context(), one(input{name: "in", argument: "in", open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}), c.take)
	return c.finish(t.Context()), report.Findings()
}

// small is a stream of every shape with all sorts of objects, some of them wrong.
func small(s shape) []byte {
	text := generate(s, 20_000)
	text = bytes.Replace(text, []byte("web-6d4cf56db6-1\n"), []byte("web_6\n"), 1)
	text = bytes.Replace(text, []byte("podSelector"), []byte("podSelectr"), 1)
	return text
}

func TestWindowsMakeNoDifference(t *testing.T) {
	for _, s := range []shape{documents, yamlList, jsonList, jsonLine} {
		text := small(s)
		whole, wholeFindings := readWith(t, bytes.NewReader(text), 1<<20)
		require.NotEmpty(t, whole.Pods, s)
		require.NotEmpty(t, whole.NetworkPolicies, s)
		require.NotEmpty(t, wholeFindings, s)
		for _, window := range []int{700, 2500, 4096, 9999} {
			for _, r := range []io.Reader{bytes.NewReader(text), iotest.HalfReader(bytes.NewReader(text))} {
				cut, findings := readWith(t, r, window)
				require.Equal(t, wholeFindings, findings, "%s %d", s, window)
				require.Equal(t, whole, cut, "%s %d", s, window)
			}
		}
	}
}

// The four shapes say the same; only the positions differ.
func TestShapesMeanTheSame(t *testing.T) {
	var first *Objects
	for _, s := range []shape{documents, yamlList, jsonList, jsonLine} {
		objects, findings := readWith(t, &generator{shape: s, left: 20_000}, 1500)
		require.Empty(t, findings)
		for _, p := range objects.Pods {
			p.Pos = source.Pos{}
		}
		for _, p := range objects.NetworkPolicies {
			p.Pos = source.Pos{}
			for _, rules := range [][]Rule{p.IngressRules, p.EgressRules} {
				for i := range rules {
					rules[i].Pos = source.Pos{}
					for j := range rules[i].Peers {
						rules[i].Peers[j].Pos = source.Pos{}
					}
					for j := range rules[i].Ports {
						rules[i].Ports[j].Pos = source.Pos{}
					}
				}
			}
		}
		if first == nil {
			first = objects
		}
		n := min(len(first.Pods), len(objects.Pods))
		require.Greater(t, n, 3)
		require.Equal(t, first.Pods[:n], objects.Pods[:n])
		n = min(len(first.NetworkPolicies), len(objects.NetworkPolicies))
		require.Greater(t, n, 1)
		require.Equal(t, first.NetworkPolicies[:n], objects.NetworkPolicies[:n])
	}
}

func namespaces(o *Objects) (names []string) {
	for _, n := range o.Namespaces {
		names = append(names, n.Name)
	}
	return names
}

func ns(name string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n"
}

func item(name string) string {
	return "- " + strings.ReplaceAll(strings.TrimSpace(ns(name)), "\n", "\n  ") + "\n"
}

func TestStreams(t *testing.T) {
	padding := "# " + strings.Repeat("x", 300) + "\n"
	object := `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"NAME"}}`
	named := func(name string) string { return strings.Replace(object, "NAME", name, 1) }
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"documents":                {ns("a") + "---\n" + ns("b") + "---\n---\n# nothing\n--- # c\n" + ns("c") + "...\n" + ns("d"), []string{"a", "b", "c", "d"}},
		"windows line ends":        {strings.ReplaceAll(ns("a")+"---\n"+ns("b"), "\n", "\r\n"), []string{"a", "b"}},
		"byte order mark":          {"\ufeff" + ns("a"), []string{"a"}},
		"directives":               {"%YAML 1.1\n---\n" + ns("a") + "...\n%YAML 1.1\n---\n" + ns("b"), []string{"a", "b"}},
		"concatenated JSON":        {named("a") + named("b") + "\n" + named("c") + "\n\n", []string{"a", "b", "c"}},
		"concatenated odd JSON":    {strings.Replace(named("a"), "v1", `v\u0031`, 1) + named("b"), []string{"a", "b"}},
		"JSON and YAML":            {named("a") + "\n---\n" + ns("b"), []string{"a", "b"}},
		"list":                     {"apiVersion: v1\nkind: List\nitems:\n" + item("a") + padding + item("b"), []string{"a", "b"}},
		"indented list":            {"apiVersion: v1\nkind: List\nitems:\n  " + strings.ReplaceAll(item("a")+padding+item("b"), "\n", "\n  ") + "\n---\n" + ns("c"), []string{"a", "b", "c"}},
		"list with its kind last":  {"apiVersion: v1\nitems: # all\n# first\n" + item("a") + padding + item("b") + "kind: List\n", []string{"a", "b"}},
		"list and document":        {"items:\n" + item("a") + padding + item("b") + "kind: List\napiVersion: v1\n---\n" + ns("c"), []string{"a", "b", "c"}},
		"typed list":               {"kind: NamespaceList\napiVersion: v1\nitems:\n- metadata: {name: a}\n" + padding + "- metadata: {name: b}\n", []string{"a", "b"}},
		"typed JSON list":          {`{"kind":"NamespaceList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},` + "\n\n" + `{"metadata":{"name":"b"}}]}`, []string{"a", "b"}},
		"list in list":             {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: [" + named("a") + "]\n" + item("b"), []string{"a", "b"}},
		"empty lists":              {"{apiVersion: v1, kind: List, items: []}\n---\n{apiVersion: v1, kind: PodList, items: null}\n", nil},
		"JSON list":                {`{"items":[` + named("a") + ` , ` + named("b") + `],"kind":"List","apiVersion":"v1"}` + named("c"), []string{"a", "b", "c"}},
		"JSON list with its kind":  {`{"kind":"List","apiVersion":"v1","metadata":{"x":"items"},"items" : [ ` + named("a") + `,` + named("b") + `] }`, []string{"a", "b"}},
		"no list after all":        {"apiVersion: x/v1\nkind: Crate\nitems:\n" + item("a") + padding + item("b"), nil},
		"items that are something": {"apiVersion: x/v1\nkind: Crate\nmetadata:\n  items: 1\nitems: 3\n" + padding, nil},
		"a list by name only":      {"apiVersion: x/v1\nkind: AllowList\nitems: [a, b]\n---\n" + ns("c"), []string{"c"}},
		"anchors":                  {"apiVersion: &v v1\nkind: Namespace\nmetadata: {name: &n a, labels: {version: *v, name: *n}}\n", []string{"a"}},
		"merge keys":               {"apiVersion: v1\nkind: List\nitems:\n- &o {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- {<<: *o, metadata: {name: b}}\n", []string{"a", "b"}},
	} {
		for _, window := range []int{0, 256, 300, 400} {
			if window > 0 && name == "merge keys" {
				continue // an alias reaches no further than a window
			}
			objects, findings := readWith(t, strings.NewReader(c.text), window)
			for _, f := range findings {
				require.NotEqual(t, diag.Error, f.Severity, "%s in windows of %d: %v", name, window, f)
			}
			require.Equal(t, c.want, namespaces(objects), "%s in windows of %d", name, window)
		}
	}
}

func TestLimits(t *testing.T) {
	big := "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  annotations:\n    a: " + strings.Repeat("x", 9000) + "\n"
	objects, findings := readWith(t, strings.NewReader(big+"---\n"+ns("b")), 256)
	require.Equal(t, []string{"b"}, namespaces(objects))
	require.Len(t, findings, 1)
	require.Equal(t, diag.TooLarge, findings[0].Code)

	deep := "apiVersion: v1\nkind: X\nspec: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n"
	_, findings = readWith(t, strings.NewReader(deep), 0)
	require.Len(t, findings, 1)
	require.Equal(t, diag.TooLarge, findings[0].Code)

	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 10) + "]\n"
	}
	_, findings = readWith(t, strings.NewReader(bomb), 0)
	require.Len(t, findings, 1)
	require.Equal(t, diag.TooLarge, findings[0].Code)
}

func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	t.Chdir(dir)
	return dir
}

func codes(r *diag.Report) (out []diag.Code) {
	for _, f := range r.Findings() {
		out = append(out, f.Code)
	}
	return out
}

func TestFilesAndDirectories(t *testing.T) {
	write(t, map[string]string{"d/b.yaml": ns("b"), "d/a.yml": ns("a"), "d/c.json": `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "c"}}`,
		"d/README.md": "no", "d/sub/z.yaml": ns("z"), "x.txt": ns("x"), "empty/e.yaml": "# nothing\n", "none/x": ""})
	var report diag.Report
	objects := Read(t.Context(), Options{Files: []string{"x.txt", "d", "-"}, Stdin: strings.NewReader(ns("in"))}, &report)
	require.Empty(t, report.Findings())
	require.Equal(t, []string{"x", "a", "b", "c", "in"}, namespaces(objects))
	require.Equal(t, source.Pos{File: "d/a.yml", Line: 1, Col: 1}, objects.Namespaces[1].Pos)
	require.Equal(t, source.Pos{File: StdinName, Line: 1, Col: 1}, objects.Namespaces[4].Pos)

	objects = Read(t.Context(), Options{Files: []string{"d"}, Recursive: true}, &report)
	require.Equal(t, []string{"a", "b", "c", "z"}, namespaces(objects))

	for arg, want := range map[string]diag.Code{"missing": diag.Unreadable, "empty": diag.NoManifests, "none": diag.NoManifests, "-": diag.Unreadable} {
		var report diag.Report
		Read(t.Context(), Options{Files: []string{arg}}, &report)
		require.Equal(t, []diag.Code{want}, codes(&report), arg)
	}
}

func TestReadErrorKeepsWhatCameBefore(t *testing.T) {
	r := io.MultiReader(strings.NewReader(ns("a")+"---\n"+ns("b")), iotest.ErrReader(errors.New("cable torn")))
	_, findings := readWith(t, r, 40)
	require.Len(t, findings, 1)
	require.Equal(t, "cannot read: cable torn", findings[0].Message)
}

func TestDefaultNamespace(t *testing.T) {
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: own}\n"
	var report diag.Report
	objects := Read(t.Context(), Options{Files: []string{"-"}, Stdin: strings.NewReader(text), Namespace: "shop"}, &report)
	require.Empty(t, report.Findings())
	require.Equal(t, "Pod shop/a", objects.Pods[0].ID())
	require.Equal(t, "Pod own/a", objects.Pods[1].ID())
	require.Equal(t, "Pod default/a", Parse("x", []byte(text), &report).Pods[0].ID())
}

func TestDecodeStopsEarlyAndStreams(t *testing.T) {
	var report diag.Report
	seen := 0
	for o := range Decode(t.Context(), "in", &generator{shape: documents, left: 1 << 40}, &report) {
		require.NotEmpty(t, o.Header().Name)
		if seen++; seen == 5000 {
			break
		}
	}
	require.Equal(t, 5000, seen)
	require.Empty(t, report.Findings())
}

func TestCancelledContextIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var report diag.Report
	objects := Read(ctx, Options{Files: []string{"-"}, Stdin: strings.NewReader(ns("a"))}, &report)
	require.Empty(t, objects.Namespaces)
	require.True(t, report.HasErrors())
}

func TestSeedClusterShape(t *testing.T) {
	text := generate(documents, 50_000)
	var report diag.Report
	objects := Parse("x.yaml", text, &report)
	require.Empty(t, report.Findings())
	require.Same(t, &objects.Pods[0].Labels[0], &objects.Pods[11].Labels[0], "equal label lists are one")
	pod := objects.Pods[2]
	require.Equal(t, "app=web-2,pod-template-hash=6d4cf56db6,tier=frontend", pod.Labels.String())
	require.Equal(t, []ContainerPort{{"http", "TCP", 8080}, {"metrics", "TCP", 9090}}, pod.Ports)
	policy := objects.NetworkPolicies[0]
	require.Equal(t, "NetworkPolicy team-3/web-3", policy.ID())
	require.Equal(t, "kubernetes.io/metadata.name in (ingress,monitoring)", policy.IngressRules[0].Peers[1].NamespaceSelector.String())
	require.Equal(t, "spec.egress[0].ports[1]", policy.EgressRules[0].Ports[1].Field)
}
