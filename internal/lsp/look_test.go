package lsp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// every has each kind of name, in a program and in YAML. A name is tried where the mark ^ stands before it.
const every = `import "^lib"
tier ^ops priority 60
pool ^partner = 198.51.100.0/24 on nodes ^(egress = yes)
egress ^mail for namespace ^shop from pool ^partner
node ^n1 at 192.0.2.1
group ^sites = 203.0.113.0/24
group ^both = group ^sites, group ^everybody
policy ^guard tier ^ops priority 5 for ^pods (app = web) in namespace ^shop {
  allow from group ^sites, ^lib.office, account ^shop/web on ^lib.dns
}
namespace ^shop {
  let ^web = pods (app = web)
  let ^number = tcp 80
  pod ^web-1 (app = web) on ^n1 at 10.0.0.1
  service ^front for pods ^(app = web) ports (tcp 80)
  machine ^db interfaces (198.51.100.7)
  entity ^disk of ^db at 198.51.100.7
  object v1 Pod ^plain { spec.nodeName = n1 }
  policy ^open for ^web {
    allow from ^web on ^number
  }
  policy ^out priority 6 for ^web { allow to service ^front, service ^shop/back }
  expect allow from ^web to pod ^web-1 on ^number
  expect drop from pod ^plain to node ^n1
}
`

const everyYAML = `apiVersion: crd.antrea.io/v1beta1
kind: ClusterGroup
metadata: {name: everybody}
spec: {namespaceSelector: {}}
---
apiVersion: v1
kind: Service
metadata: {name: back, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
`

func workspaceOf(t *testing.T, files map[string]string) (*workspace, string) {
	root := t.TempDir()
	w := newWorkspace()
	w.folders = []string{root}
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	w.read(t.Context())
	return w, root
}

func here(path string, line, character int) positionParams {
	return positionParams{Document: documentID{"file://" + path}, Position: position{line, character}}
}

// Every kind of name has a hover, a definition, and references that lead back to where it is.
func TestEveryName(t *testing.T) {
	w, root := workspaceOf(t, map[string]string{"a.hg": strings.ReplaceAll(every, "^", ""), "b.yaml": everyYAML,
		"lib/names.hg": "let office = 192.0.2.0/24\nlet dns = udp 53\n"})
	require.Empty(t, w.findings)
	marks := 0
	for i, line := range strings.Split(every, "\n") {
		for n, before := 0, 0; ; n++ {
			at := strings.Index(line, "^")
			if at < 0 {
				break
			}
			line = line[:at] + line[at+1:]
			before, marks = at, marks+1
			what := fmt.Sprintf("%d:%d %s", i, before, line)
			p := here(root+"/a.hg", i, at)
			l := w.look(t.Context())
			h, err := l.hover(p)
			require.NoError(t, err)
			require.NotNil(t, h, what)
			text := h.(hover).Contents.Value
			selector := line[at] == '(' || strings.HasPrefix(line[at:], "pods (")
			declared := !selector && !strings.Contains(text, "is not declared in this folder")
			require.Equal(t, !strings.HasPrefix(line[at:], "shop/web"), selector || declared, "%s: %s", what, text) // nobody declares accounts
			where, err := l.definition(p)
			require.NoError(t, err)
			require.Equal(t, declared, len(where.([]location)) > 0, what)
			if !declared || i == 0 {
				continue
			}
			r := referenceParams{positionParams: p}
			r.Context.Declaration = true
			all, err := l.references(r)
			require.NoError(t, err)
			found := false
			for _, one := range all.([]location) {
				found = found || one.URI == "file://"+root+"/a.hg" && one.Range.Start.Line == i && one.Range.Start.Character <= at && at <= one.Range.End.Character
			}
			require.True(t, found, "%s: %v", what, all)
			require.Subset(t, all, where, what)
		}
	}
	require.Equal(t, strings.Count(every, "^"), marks)

	found, err := w.look(t.Context()).everywhere(queryParams{"WEB"})
	require.NoError(t, err)
	require.Len(t, found, 2)
}

// Behind the word for a kind, what is declared of it comes, as it is called there.
func TestEveryCompletion(t *testing.T) {
	for text, want := range map[string]string{
		"policy p tier |":                                   "ops",
		"egress e for pods (a = b) from pool |":             "partner",
		"policy p priority 5 for group |":                   "both everybody sites",
		"policy p priority 5 for pods in namespace |":       "shop",
		"policy p priority 5 for pods { allow to service |": "shop/back shop/front",
		"expect allow from node |":                          "n1",
		"expect allow from pod |":                           "shop/plain shop/web-1",
		"namespace shop {\n  pod x on |\n}\n":               "n1",
		"namespace shop {\n  entity x of |\n}\n":            "db",
		"namespace shop {\n  expect allow from pod |\n}\n":  "plain web-1",
	} {
		w, root := workspaceOf(t, map[string]string{"a.hg": strings.ReplaceAll(every, "^", ""), "b.yaml": everyYAML,
			"lib/names.hg": "let office = 192.0.2.0/24\nlet dns = udp 53\n", "c.hg": strings.Replace(text, "|", "", 1)})
		before, _, _ := strings.Cut(text, "|")
		line := strings.Count(before, "\n")
		got, err := w.look(t.Context()).completion(here(root+"/c.hg", line, len(before)-strings.LastIndex(before, "\n")-1))
		require.NoError(t, err)
		var labels []string
		for _, item := range got.([]completionItem) {
			labels = append(labels, item.Label)
		}
		require.Equal(t, want, strings.Join(labels, " "), text)
	}
}

// Names that stand for each other, all for all, are gone through once.
func TestHoverIsLinear(t *testing.T) {
	const n = 60
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "group g%d = pods (app = a%d)", i, i)
		for j := range n {
			fmt.Fprintf(&b, ", group g%d, l%d", j, j)
		}
		fmt.Fprintf(&b, "\nlet l%d = group g%d, l%d\n", i, i, (i+1)%n)
	}
	w, root := workspaceOf(t, map[string]string{"a.hg": b.String(), "b.hg": "namespace s { pod p (app = a41) }\n"})
	l := w.look(t.Context())
	in, symbol := l.at(here(root+"/a.hg", 0, 6))
	m := match{look: l, found: map[string]bool{}, seen: map[any]bool{}}
	for _, target := range l.targets(in, *symbol) {
		m.target(target)
	}
	require.Len(t, m.seen, 2*n)
	require.Equal(t, map[string]bool{"s/p": true}, m.found)
}

// What is open counts, though it is not on disk: for imports, too.
func TestUnsavedImports(t *testing.T) {
	w, root := workspaceOf(t, map[string]string{"a.hg": "import \"lib\"\nlet a = lib.b\n"})
	require.Len(t, w.findings, 1)
	path := root + "/lib/new.hg"
	w.open[path] = document{uri: "file://" + path, text: "let b = any\n"}
	w.read(t.Context())
	require.Empty(t, w.findings)
	where, err := w.look(t.Context()).definition(here(root+"/a.hg", 1, 12))
	require.NoError(t, err)
	require.Equal(t, []location{{"file://" + path, span{position{0, 4}, position{0, 5}}}}, where)
	w.open[path] = document{uri: "file://" + path, text: "let c = any\n"}
	w.read(t.Context())
	require.Len(t, w.findings, 1)
}

// One file has one path, however an editor writes its URI.
func TestPathOf(t *testing.T) {
	for uri, want := range map[string]string{
		"file:///a/b.hg":                   "/a/b.hg",
		"file:///a%20b/%C3%A9%23.hg":       "/a b/é#.hg",
		"file:///a b.hg":                   "/a b.hg",
		"file://localhost/a.hg":            "/a.hg",
		"file:///C:/x/a.hg":                "/c:/x/a.hg",
		"file:///c%3A/x/a.hg":              "/c:/x/a.hg",
		"file://server/share/a.hg":         "/server/share/a.hg",
		"file:///a/../b.hg":                "/b.hg",
		"untitled:Untitled-1":              "",
		"file:a.hg":                        "",
		"file:///%zz":                      "",
		"vscode-notebook-cell:/a/b.hg#abc": "",
		"":                                 "",
	} {
		require.Equal(t, want, pathOf(uri), uri)
	}
	require.Equal(t, "file:///a%20b/%C3%A9%23.hg", newWorkspace().uri("/a b/é#.hg"))
}
