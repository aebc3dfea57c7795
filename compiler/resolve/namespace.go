package resolve

import (
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// namespace is one that is declared or that holds endpoints. Every namespace has nameLabel, declared or not.
type namespace struct {
	name      string
	declared  *manifest.Namespace
	labels    manifest.Labels
	endpoints posting
	selectors []*spaceSelector // those that match it
}

// spaceSelector is a namespace selector in use, with what it matches.
type spaceSelector struct {
	selector manifest.Selector
	key      string
	refs     int
	spaces   map[*namespace]bool
	rest     []*group // groups behind this selector that no pod label narrows further
}

func (x *Index) namespace(name string) *namespace {
	n := x.namespaces[name]
	if n == nil {
		n = &namespace{name: name}
		x.namespaces[name] = n
		x.relabel(n, impliedLabels(name, nil))
	}
	return n
}

func (x *Index) declareNamespace(name string, o *manifest.Namespace) {
	n := x.namespace(name)
	logged := n.logs()
	if n.declared = o; n.logs() != logged {
		x.setLogs(name, n.logs())
	}
	var labels manifest.Labels
	if o != nil {
		labels = o.Labels
	}
	if labels = impliedLabels(name, labels); !slices.Equal(labels, n.labels) {
		x.relabel(n, labels)
		x.disturb(dependency{kind: onNamespaces})
		for _, p := range n.endpoints.list() {
			x.dirty[p] = true
		}
	}
	x.forgetNamespace(n)
}

// enableLogging is the annotation of a namespace that has its NetworkPolicies logged. Source: Antrea's documentation of audit
// logging for NetworkPolicies.
const enableLogging = "networkpolicy.antrea.io/enable-logging"

func (n *namespace) logs() bool {
	if n.declared == nil {
		return false
	}
	value, _ := n.declared.Annotations.Get(enableLogging)
	return value == "true"
}

// logs reports whether the NetworkPolicies of a namespace are logged.
func (x *Index) logs(namespace string) bool {
	n := x.namespaces[namespace]
	return n != nil && n.logs()
}

// setLogs goes through all policies, since it seldom happens.
func (x *Index) setLogs(namespace string, logs bool) {
	for _, p := range x.policies {
		if p.object != nil && p.meta.Namespace == namespace && p.logs != logs {
			p.logs, p.resolved = logs, nil
		}
	}
}

func (x *Index) forgetNamespace(n *namespace) {
	if n.declared == nil && n.endpoints.len() == 0 {
		x.relabel(n, nil)
		for _, s := range slices.Clone(n.selectors) {
			s.drop(n)
		}
		delete(x.namespaces, n.name)
	}
}

// impliedLabels returns labels with nameLabel as it must be.
func impliedLabels(name string, labels manifest.Labels) manifest.Labels {
	i, has := slices.BinarySearchFunc(labels, nameLabel, func(l manifest.Label, key string) int { return strings.Compare(l.Key, key) })
	if has && labels[i].Value == name {
		return labels
	}
	out := slices.Clone(labels)
	if has {
		out[i].Value = name
		return out
	}
	return slices.Insert(out, i, manifest.Label{Key: nameLabel, Value: name})
}

// NamespaceLabels returns the labels that a namespace has if its manifest gives it some: these and its name.
func NamespaceLabels(name string, labels manifest.Labels) manifest.Labels {
	return impliedLabels(name, labels)
}

// relabel gives n its labels and finds the selectors that match it now. It does not look at n's pods.
func (x *Index) relabel(n *namespace, labels manifest.Labels) {
	in := &x.groupsBy
	for _, l := range n.labels {
		in.unpost(l, n)
	}
	n.labels = labels
	for _, s := range slices.Clone(n.selectors) {
		if !s.selector.Matches(labels) {
			s.drop(n)
		}
	}
	for _, l := range labels {
		in.spaces[l] = append(in.spaces[l], n)
		for _, s := range in.spaceByLabel[l] {
			s.consider(n)
		}
	}
	if labels == nil {
		return
	}
	for _, s := range in.spaceRest {
		s.consider(n)
	}
}

func (s *spaceSelector) consider(n *namespace) {
	if !s.spaces[n] && s.selector.Matches(n.labels) {
		s.spaces[n] = true
		n.selectors = append(n.selectors, s)
	}
}

func (s *spaceSelector) drop(n *namespace) {
	delete(s.spaces, n)
	n.selectors = slices.DeleteFunc(n.selectors, func(o *spaceSelector) bool { return o == s })
}

// acquireSpaces interns a namespace selector.
func (x *Index) acquireSpaces(sel manifest.Selector) *spaceSelector {
	in, key := &x.groupsBy, sel.String()
	s := in.spaceSelectors[key]
	if s == nil {
		s = &spaceSelector{selector: sel, key: key, spaces: map[*namespace]bool{}}
		in.spaceSelectors[key] = s
		if labels := anchor(sel); labels != nil {
			for _, l := range labels {
				in.spaceByLabel[l] = append(in.spaceByLabel[l], s)
				for _, n := range in.spaces[l] {
					s.consider(n)
				}
			}
		} else {
			in.spaceRest = append(in.spaceRest, s)
			for _, n := range x.namespaces {
				s.consider(n)
			}
		}
	}
	s.refs++
	return s
}

func (x *Index) releaseSpaces(s *spaceSelector) {
	if s.refs--; s.refs > 0 {
		return
	}
	in, is := &x.groupsBy, func(o *spaceSelector) bool { return o == s }
	delete(in.spaceSelectors, s.key)
	in.spaceRest = slices.DeleteFunc(in.spaceRest, is)
	for _, l := range anchor(s.selector) {
		removeFrom(in.spaceByLabel, l, s)
	}
	for n := range s.spaces {
		n.selectors = slices.DeleteFunc(n.selectors, is)
	}
}

// removeFrom takes one value out of a multimap and leaves no empty entry behind.
func removeFrom[K, V comparable](m map[K][]V, key K, value V) {
	rest := slices.DeleteFunc(m[key], func(v V) bool { return v == value })
	if m[key] = rest; len(rest) == 0 {
		delete(m, key)
	}
}
