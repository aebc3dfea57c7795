package lsp

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/syntax"
)

// maxShown bounds how many pods are named.
const maxShown = 20

// hover shows what stands at a place: as it is written where it is declared, and whom it selects in the folder.
func (l *look) hover(p positionParams) (any, error) {
	in, symbol := l.at(p)
	if in == nil {
		return nil, nil
	}
	if symbol == nil {
		return l.imported(in, p)
	}
	l.refresh(l.ctx)
	var parts []string
	m := match{look: l, namespace: symbol.Namespace, found: map[string]bool{}, seen: map[any]bool{}}
	if symbol.Kind == "selector" {
		m.peers(in, []syntax.Peer{*symbol.Peer})
		parts = append(parts, "```hg\n"+in.lines.cut(symbol.Span)+"\n```")
	}
	for _, t := range l.targets(in, *symbol) {
		parts = append(parts, t.text(l))
		m.target(t)
	}
	if len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%s %s is not declared in this folder", symbol.Kind, symbol.Name))
	}
	if m.selects {
		parts = append(parts, m.text())
	}
	return hover{markup{"markdown", strings.Join(parts, "\n\n")}, in.lines.span(symbol.Span)}, nil
}

// imported shows the names that an import makes known.
func (l *look) imported(in *program, p positionParams) (any, error) {
	line, col := in.lines.place(p.Position)
	i := syntax.ImportAt(in.file, "", line, col)
	if i == nil {
		return nil, nil
	}
	files, err := l.directory(in.path, i.Path.Text)
	if err != nil {
		return hover{markup{"markdown", err.Error()}, in.lines.span(i.Path.Span)}, nil
	}
	var names []string
	for _, f := range files {
		for _, d := range f.Decls {
			if let, ok := d.(*syntax.Let); ok {
				names = append(names, "- "+path.Base(i.Path.Text)+"."+let.Name.Text)
			}
		}
	}
	slices.Sort(names)
	text := fmt.Sprintf("makes %d names known:\n\n%s", len(names), strings.Join(names[:min(len(names), maxShown)], "\n"))
	if more := len(names) - maxShown; more > 0 {
		text += fmt.Sprintf("\n- and %d more", more)
	}
	return hover{markup{"markdown", text}, in.lines.span(i.Path.Span)}, nil
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
func (t target) text(l *look) string {
	switch {
	case t.let != nil:
		return "```hg\n" + t.program.lines.cut(t.let.Span) + "\n```"
	case t.symbol != nil:
		text, _, _ := strings.Cut(t.program.lines.cut(t.symbol.Whole), "\n")
		return "```hg\n" + text + "\n```"
	}
	return fmt.Sprintf("%s (%s)", t.object.Header().ID(), l.uri(t.object.Header().Pos.File))
}

// match collects whom peers select, as what says so stands in a namespace. Each declaration is gone through once, however many name it.
type match struct {
	*look
	namespace string
	selects   bool
	found     map[string]bool
	seen      map[any]bool // declarations
}

// mostSeen bounds how many declarations are gone through: names may stand for names that stand for names.
const mostSeen = 10_000

// enter reports whether a declaration has not been gone through.
func (m *match) enter(d any) bool {
	if m.seen[d] || len(m.seen) >= mostSeen || m.ctx.Err() != nil {
		return false
	}
	m.seen[d] = true
	return true
}

func (m *match) target(t target) {
	switch {
	case t.let != nil:
		if m.enter(t.let) {
			m.peers(t.program, t.let.Peers)
		}
	case t.symbol != nil:
		if m.enter(t.symbol.Decl) {
			m.declaration(t)
		}
	case m.enter(t.object):
		switch o := t.object.(type) {
		case *manifest.Group:
			m.members(o)
		case *manifest.Namespace:
			m.all(o.Name)
		case *manifest.Service:
			m.behind(o)
		}
	}
}

func (m *match) declaration(t target) {
	switch d := t.symbol.Decl.(type) {
	case *syntax.Group:
		m.peers(t.program, d.Peers)
	case *syntax.Policy:
		m.peers(t.program, d.For)
	case *syntax.Egress:
		m.peers(t.program, d.For)
	case *syntax.Namespace:
		m.all(d.Name.Text)
	case *syntax.Service:
		if d.Selects {
			place := &syntax.Place{Kind: syntax.Named, Name: syntax.Word{Text: t.symbol.Namespace}}
			m.peers(t.program, []syntax.Peer{{Kind: syntax.Pods, Selector: d.Pods, In: place}})
		}
	}
}

// all finds the pods of a namespace.
func (m *match) all(namespace string) {
	m.peers(nil, []syntax.Peer{{Kind: syntax.Everybody, In: &syntax.Place{Kind: syntax.Named, Name: syntax.Word{Text: namespace}}}})
}

// behind finds the pods of a Service in YAML.
func (m *match) behind(s *manifest.Service) {
	if len(s.Selector) == 0 {
		return
	}
	m.selects = true
	for _, pod := range m.objects.Pods {
		missing := slices.ContainsFunc(s.Selector, func(want manifest.Label) bool {
			value, has := pod.Labels.Get(want.Key)
			return !has || value != want.Value
		})
		if pod.Namespace == s.Namespace && !missing {
			m.found[pod.Namespace+"/"+pod.Name] = true
		}
	}
}

// members are those of a group in YAML.
func (m *match) members(g *manifest.Group) {
	for _, p := range g.Members {
		if p.PodSelector == nil && p.NamespaceSelector == nil {
			continue
		}
		m.selects = true
		for _, pod := range m.objects.Pods {
			inside := g.Namespace == "" || g.Namespace == pod.Namespace
			if p.NamespaceSelector != nil {
				inside = p.NamespaceSelector.Matches(m.labelsOf(pod.Namespace))
			}
			if inside && (p.PodSelector == nil || p.PodSelector.Matches(pod.Labels)) {
				m.found[pod.Namespace+"/"+pod.Name] = true
			}
		}
	}
}

func (m *match) peers(in *program, list []syntax.Peer) {
	for _, p := range list {
		switch p.Kind {
		case syntax.Pods, syntax.Everybody:
			m.selects = true
			for _, pod := range m.objects.Pods {
				if m.inside(p, pod.Namespace) && selected(p.Selector, pod.Labels) {
					m.found[pod.Namespace+"/"+pod.Name] = true
				}
			}
		case syntax.Nodes:
			m.selects = true
			for _, n := range m.objects.Nodes {
				if selected(p.Selector, n.Labels) {
					m.found["node "+n.Name] = true
				}
			}
		case syntax.PeerNamed, syntax.GroupNamed:
			if s := in.named[p.Name.Span]; s != nil {
				for _, t := range m.targets(in, *s) {
					m.target(t)
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
		return selected(p.In.Selector, m.labelsOf(namespace))
	}
	own, other := m.labelsOf(m.namespace), m.labelsOf(namespace)
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
