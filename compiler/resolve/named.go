package resolve

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// dependency is something besides pods and their groups that a policy was derived from.
type dependency struct {
	kind            dependencyKind
	namespace, name string
}

type dependencyKind uint8

const (
	onTier       dependencyKind = iota
	onGroup                     // a ClusterGroup (without namespace) or Group
	onService                   // and its slices
	onNamespaces                // which of them have endpoints, and their labels
)

func (x *Index) depend(p *policy) {
	for _, d := range p.needs {
		if x.dependents[d] == nil {
			x.dependents[d] = map[*policy]bool{}
		}
		x.dependents[d][p] = true
	}
}

func (x *Index) undepend(p *policy) {
	for _, d := range p.needs {
		if delete(x.dependents[d], p); len(x.dependents[d]) == 0 {
			delete(x.dependents, d)
		}
	}
}

// disturb has the policies derived again that depend on what changed.
func (x *Index) disturb(d dependency) {
	for p := range x.dependents[d] {
		x.stale[p] = true
	}
}

func (d *derivation) add(code diag.Code, at source.Origin, format string, args ...any) {
	d.findings = append(d.findings, diag.Finding{Code: code, Origin: at, Message: fmt.Sprintf(format, args...)})
}

// put stores an object under a key, or takes it away if it is nil. It returns false if that changes nothing.
func put[K comparable, V any](m map[K]*V, key K, value *V) bool {
	old := m[key]
	switch {
	case old == value || old != nil && value != nil && reflect.DeepEqual(old, value):
		return false
	case value == nil:
		delete(m, key)
	default:
		m[key] = value
	}
	return true
}

func (x *Index) putTier(name string, t *manifest.Tier) {
	name = strings.ToLower(name)
	if put(x.tiers, name, t) {
		x.disturb(dependency{kind: onTier, name: name})
	}
}

func (x *Index) putGroup(name objectName, g *manifest.Group) {
	if put(x.named, name, g) {
		x.disturb(dependency{onGroup, name.namespace, name.name})
	}
}

func (x *Index) putService(name objectName, s *manifest.Service) {
	old := x.services[name]
	if put(x.services, name, s) {
		x.enter(name, old, s)
		x.pool(name, s)
		x.balanced.put(name, s)
		x.disturb(dependency{onService, name.namespace, name.name})
	}
}

// enter keeps the Services that have a node port, after one of them changed; either may be nil.
func (x *Index) enter(name objectName, old, s *manifest.Service) {
	if old != nil {
		for _, p := range entries(old) {
			rest := slices.DeleteFunc(x.entries[p], func(o objectName) bool { return o == name })
			if x.entries[p] = rest; len(rest) == 0 {
				delete(x.entries, p)
			}
			x.restale(rest)
		}
	}
	if s != nil {
		for _, p := range entries(s) {
			x.restale(x.entries[p])
			x.entries[p] = append(x.entries[p], name)
		}
	}
}

// restale has Services looked at again that contend for a node port.
func (x *Index) restale(services []objectName) {
	for _, name := range services {
		x.balanced.stale[name] = true
	}
}

func (x *Index) putSlice(name objectName, s *manifest.EndpointSlice) {
	old := x.slices[name]
	if !put(x.slices, name, s) {
		return
	}
	if old != nil && old.Service != "" {
		of := objectName{name.namespace, old.Service}
		if delete(x.slicesOf[of], name.name); len(x.slicesOf[of]) == 0 {
			delete(x.slicesOf, of)
		}
		x.balanced.stale[of] = true
		x.disturb(dependency{onService, of.namespace, of.name})
	}
	if s != nil && s.Service != "" {
		of := objectName{name.namespace, s.Service}
		if x.slicesOf[of] == nil {
			x.slicesOf[of] = map[string]*manifest.EndpointSlice{}
		}
		x.slicesOf[of][name.name] = s
		x.balanced.stale[of] = true
		x.disturb(dependency{onService, of.namespace, of.name})
	}
}
