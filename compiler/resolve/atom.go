package resolve

import (
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// atomKind tells what an atom selects.
type atomKind uint8

const (
	podAtom      atomKind = iota // pods by labels
	accountAtom                  // the pods of a service account
	sliceAtom                    // the pods that a Service's slices list
	nodeAtom                     // nodes by labels
	externalAtom                 // external entities by labels
	blockAtom                    // addresses
	entryAtom                    // the node ports of a Service
)

// atom is the least thing that peers, entries of appliedTo and groups consist of: what becomes one group.
type atom struct {
	kind      atomKind
	namespace string             // the only namespace, or
	spaces    *manifest.Selector // of namespaces; both are empty for nodes and blocks
	labels    manifest.Selector
	name      string // of the service account or Service
	block     *manifest.IPBlock
	confined  bool // from a Group, which as a subject must not have members of other namespaces than its own
}

// within restricts an atom to one namespace; it returns false if that leaves nothing.
func (a atom) within(n *namespace) (atom, bool) {
	switch {
	case a.kind == nodeAtom || a.kind == blockAtom || a.kind == entryAtom:
		return a, false
	case a.spaces != nil && !a.spaces.Matches(n.labels), a.spaces == nil && a.namespace != n.name:
		return a, false
	}
	a.namespace, a.spaces = n.name, nil
	return a, true
}

func (x *Index) acquireAtoms(atoms []atom) []*group {
	var out []*group
	for _, a := range atoms {
		out = append(out, x.acquireAtom(a))
	}
	return x.distinct(out)
}

// acquireSubjects interns the groups of subjects; the second list is those that must not reach into other namespaces.
func (x *Index) acquireSubjects(m *manifest.Meta, atoms []atom) (subjects, confined []*group) {
	for _, a := range atoms {
		g := x.acquireAtom(a)
		subjects = append(subjects, g)
		if a.confined && m.Namespace != "" {
			confined = append(confined, g)
		}
	}
	return x.distinct(subjects), confined
}

func (x *Index) acquireAtom(a atom) *group {
	switch a.kind {
	case accountAtom:
		return x.acquireAccount(a.namespace, a.name)
	case sliceAtom:
		return x.acquireSlices(objectName{a.namespace, a.name})
	case nodeAtom:
		return x.acquireNodes(a.labels)
	case externalAtom:
		return x.acquireExternal(a.namespace, a.spaces, a.labels)
	case blockAtom:
		return x.acquireBlock(a.block)
	case entryAtom:
		return x.acquireEntry(objectName{a.namespace, a.name})
	}
	if a.spaces != nil {
		return x.acquireSelected(*a.spaces, a.labels)
	}
	return x.acquirePods(a.namespace, a.labels)
}

// speaker is an object that names peers, a policy or a group, with the policy's derivation.
type speaker struct {
	x     *Index
	meta  *manifest.Meta
	found *derivation
}

func (s *speaker) need(d dependency) { s.found.needs = append(s.found.needs, d) }

func (s *speaker) say(code diag.Code, at source.Origin, format string, args ...any) {
	s.found.add(code, at, format, args...)
}

func (s *speaker) origin(p *manifest.RankedPeer) source.Origin {
	return source.Origin{Object: s.meta.ID(), Field: p.Field, Pos: p.Pos}
}

// subjects returns what the entries of an appliedTo select.
func (s *speaker) subjects(entries []manifest.RankedPeer) []atom {
	var out []atom
	for i := range entries {
		p := &entries[i]
		if p.Service != nil {
			out = append(out, s.entry(p)...)
			continue
		}
		blocks := 0
		for _, a := range s.atoms(p, 0) {
			if a.kind == blockAtom {
				blocks++
				continue
			}
			a.confined = p.Group != "" && a.spaces != nil
			out = append(out, a)
		}
		if blocks > 0 {
			s.say(diag.BlocksInAppliedTo, s.origin(p), "group %s has address blocks, to which a policy cannot be applied; they are ignored here", p.Group)
		}
	}
	return out
}

// entry returns the node ports of a Service, to which a policy is applied.
func (s *speaker) entry(p *manifest.RankedPeer) []atom {
	name := objectName{p.Service.Namespace, p.Service.Name}
	s.need(dependency{onService, name.namespace, name.name})
	switch service := s.x.services[name]; {
	case service == nil:
		s.say(diag.UnknownService, s.origin(p), "there is no Service %s/%s; the policy is not applied to it", name.namespace, name.name)
	case len(entries(service)) == 0:
		s.say(diag.UnknownService, s.origin(p), "Service %s/%s has no node ports to which a policy could be applied", name.namespace, name.name)
	}
	return []atom{{kind: entryAtom, namespace: name.namespace, name: name.name}}
}

// atoms returns what a peer selects, Namespaces aside. depth is the number of groups that lead here.
func (s *speaker) atoms(p *manifest.RankedPeer, depth int) []atom {
	switch {
	case p.IPBlock != nil:
		return []atom{{kind: blockAtom, block: p.IPBlock}}
	case p.Group != "":
		return s.group(p, depth)
	case p.Service != nil:
		return s.service(p)
	case p.ServiceAccount != nil:
		return []atom{{kind: accountAtom, namespace: p.ServiceAccount.Namespace, name: p.ServiceAccount.Name}}
	case p.NodeSelector != nil:
		return []atom{{kind: nodeAtom, labels: *p.NodeSelector}}
	}
	a := s.placed(p)
	switch {
	case p.ExternalEntitySelector != nil:
		a.kind, a.labels = externalAtom, *p.ExternalEntitySelector
	case p.PodSelector != nil:
		a.labels = *p.PodSelector
	}
	return []atom{a}
}

// placed is an atom in the namespaces that a peer means: those of its selector, else the speaker's own, else all.
func (s *speaker) placed(p *manifest.RankedPeer) atom {
	switch {
	case p.NamespaceSelector != nil:
		if name, only := onlyName(*p.NamespaceSelector); only {
			return atom{namespace: name}
		}
		return atom{spaces: p.NamespaceSelector}
	case s.meta.Namespace == "":
		return atom{spaces: &manifest.Selector{}}
	}
	return atom{namespace: s.meta.Namespace}
}

// group returns what a ClusterGroup or Group consists of. A group may have child groups; these may not.
func (s *speaker) group(p *manifest.RankedPeer, depth int) []atom {
	name := objectName{s.meta.Namespace, p.Group}
	s.need(dependency{onGroup, name.namespace, name.name})
	g := s.x.named[name]
	if g == nil {
		s.say(diag.UnknownGroup, s.origin(p), "there is no %s %s; it selects nothing", groupKind(name.namespace), p.Group)
		return nil
	}
	inner := &speaker{s.x, &g.Meta, s.found}
	var out []atom
	for i := range g.Members {
		m := &g.Members[i]
		if m.Group != "" && depth > 0 {
			inner.say(diag.GroupNesting, inner.origin(m), "%s is a child of another group and has child groups itself", g.ID())
			continue
		}
		out = append(out, inner.atoms(m, depth+1)...)
	}
	return out
}

func groupKind(namespace string) string {
	if namespace == "" {
		return "ClusterGroup"
	}
	return "Group"
}

// service returns the pods behind a Service: those of its namespace that its slices list if it has any, else those that its
// selector selects.
func (s *speaker) service(p *manifest.RankedPeer) []atom {
	name := objectName{p.Service.Namespace, p.Service.Name}
	s.need(dependency{onService, name.namespace, name.name})
	service := s.x.services[name]
	if service == nil {
		s.say(diag.UnknownService, s.origin(p), "there is no Service %s/%s; the group has no members", name.namespace, name.name)
		return nil
	}
	if len(s.x.slicesOf[name]) > 0 {
		return []atom{{kind: sliceAtom, namespace: name.namespace, name: name.name}}
	}
	var labels []manifest.Requirement
	for _, l := range service.Selector {
		labels = append(labels, manifest.Requirement{Key: l.Key, Op: manifest.In, Values: []string{l.Value}})
	}
	if len(labels) == 0 {
		return nil
	}
	return []atom{{kind: podAtom, namespace: name.namespace, labels: manifest.MakeSelector(labels...)}}
}
