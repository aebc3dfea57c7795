package lsp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
)

// maxShown bounds how many pods are named.
const maxShown = 20

// hover shows what stands at a place: as it is written where it is declared, and whom it selects in the folder.
func (w *workspace) hover(p positionParams) (any, error) {
	file, text, ok := w.program(pathOf(p.Document.URI))
	if !ok {
		return nil, nil
	}
	line, col := text.place(p.Position)
	symbol := syntax.At(syntax.Symbols(file), line, col)
	if symbol == nil {
		return nil, nil
	}
	parts, m := []string{}, match{workspace: w, namespace: symbol.Namespace, found: map[string]bool{}}
	if symbol.Kind == "selector" {
		m.peers(file, []syntax.Peer{*symbol.Peer}, 0)
		parts = append(parts, "```hg\n"+text.cut(symbol.Span)+"\n```")
	}
	for _, t := range w.targets(file, *symbol) {
		parts = append(parts, t.text(w))
		m.target(t, 0)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	if m.selects {
		parts = append(parts, m.text())
	}
	return hover{markup{"markdown", strings.Join(parts, "\n\n")}, text.span(symbol.Span)}, nil
}

// cut gives a piece of the text.
func (l lines) cut(s syntax.Span) string {
	if s.Line < 1 || int(s.EndLine) > len(l) {
		return ""
	}
	part := slices.Clone(l[s.Line-1 : s.EndLine])
	last := len(part) - 1
	part[last] = part[last][:min(int(s.EndCol)-1, len(part[last]))]
	part[0] = part[0][min(int(s.Col)-1, len(part[0])):]
	return strings.Join(part, "\n")
}

// text shows a declaration; of what has a block, the beginning.
func (t target) text(w *workspace) string {
	switch {
	case t.let != nil:
		return "```hg\n" + t.lines.cut(t.let.Span) + "\n```"
	case t.symbol != nil:
		text, _, _ := strings.Cut(t.lines.cut(t.symbol.Whole), "\n")
		return "```hg\n" + text + "\n```"
	}
	return fmt.Sprintf("%s (%s)", t.object.Header().ID(), w.uri(t.path))
}

// match collects whom peers select, as what says so stands in a namespace.
type match struct {
	workspace *workspace
	namespace string
	selects   bool
	found     map[string]bool
}

// maxNested bounds names that stand for names.
const maxNested = 16

func (m *match) target(t target, depth int) {
	switch {
	case depth > maxNested:
	case t.let != nil:
		m.peers(t.file, t.let.Peers, depth)
	case t.symbol != nil && t.symbol.Kind == "group":
		for _, g := range groups(t.file.Decls) {
			if g.Name.Span == t.symbol.Span {
				m.peers(t.file, g.Peers, depth)
			}
		}
	case t.object != nil:
		if g, ok := t.object.(*manifest.Group); ok {
			m.members(g)
		}
	}
}

func groups(decls []syntax.Decl) []*syntax.Group {
	var out []*syntax.Group
	for _, d := range decls {
		switch d := d.(type) {
		case *syntax.Namespace:
			out = append(out, groups(d.Decls)...)
		case *syntax.Group:
			out = append(out, d)
		}
	}
	return out
}

// members are those of a group in YAML.
func (m *match) members(g *manifest.Group) {
	for _, p := range g.Members {
		if p.PodSelector == nil && p.NamespaceSelector == nil {
			continue
		}
		m.selects = true
		for _, pod := range m.workspace.objects.Pods {
			inside := g.Namespace == "" || g.Namespace == pod.Namespace
			if p.NamespaceSelector != nil {
				inside = p.NamespaceSelector.Matches(m.workspace.labelsOf(pod.Namespace))
			}
			if inside && (p.PodSelector == nil || p.PodSelector.Matches(pod.Labels)) {
				m.found[pod.Namespace+"/"+pod.Name] = true
			}
		}
	}
}

func (m *match) peers(file *syntax.File, list []syntax.Peer, depth int) {
	for _, p := range list {
		switch p.Kind {
		case syntax.Pods, syntax.Everybody:
			m.selects = true
			for _, pod := range m.workspace.objects.Pods {
				if m.inside(p, pod.Namespace) && selected(p.Selector, pod.Labels) {
					m.found[pod.Namespace+"/"+pod.Name] = true
				}
			}
		case syntax.Nodes:
			m.selects = true
			for _, n := range m.workspace.objects.Nodes {
				if selected(p.Selector, n.Labels) {
					m.found["node "+n.Name] = true
				}
			}
		case syntax.PeerNamed, syntax.GroupNamed:
			for _, s := range syntax.Symbols(file) {
				if s.Span == p.Name.Span && s.Peer != nil {
					for _, t := range m.workspace.targets(file, s) {
						m.target(t, depth+1)
					}
				}
			}
		}
	}
}

// inside reports whether a namespace is one of a peer's.
func (m *match) inside(p syntax.Peer, namespace string) bool {
	switch {
	case p.In == nil || p.In.Kind == syntax.Own:
		return m.namespace == "" || m.namespace == namespace
	case p.In.Kind == syntax.Named:
		return p.In.Name.Text == namespace
	case p.In.Kind == syntax.Selected:
		return selected(p.In.Selector, m.workspace.labelsOf(namespace))
	}
	own, other := m.workspace.labelsOf(m.namespace), m.workspace.labelsOf(namespace)
	return !slices.ContainsFunc(p.In.Keys, func(key syntax.Word) bool {
		a, has := own.Get(key.Text)
		b, too := other.Get(key.Text)
		return !has || !too || a != b
	})
}

// labelsOf gives a namespace's labels; one that is not declared has its name.
func (w *workspace) labelsOf(namespace string) manifest.Labels {
	const name = "kubernetes.io/metadata.name"
	out := manifest.Labels{{Key: name, Value: namespace}}
	for _, n := range w.objects.Namespaces {
		if n.Name == namespace {
			out = append(slices.DeleteFunc(slices.Clone(n.Labels), func(l manifest.Label) bool { return l.Key == name }), out[0])
		}
	}
	slices.SortFunc(out, func(a, b manifest.Label) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// selected reports whether labels meet all conditions.
func selected(s *syntax.Selector, labels manifest.Labels) bool {
	if s == nil {
		return true
	}
	for _, r := range s.Requirements {
		value, has := labels.Get(r.Key.Text)
		among := has && slices.ContainsFunc(r.Values, func(w syntax.Word) bool { return w.Text == value })
		switch r.Is {
		case syntax.Equal, syntax.Among:
			has = among
		case syntax.Differs, syntax.NotAmong:
			has = !among
		case syntax.Absent:
			has = !has
		}
		if !has {
			return false
		}
	}
	return true
}

// text lists who was found.
func (m *match) text() string {
	names := make([]string, 0, len(m.found))
	for name := range m.found {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "selects nobody in this folder"
	}
	out := fmt.Sprintf("selects %d in this folder:\n", len(names))
	for i, name := range names {
		if i == maxShown {
			return out + fmt.Sprintf("\n- and %d more", len(names)-i)
		}
		out += "\n- " + name
	}
	return out
}
