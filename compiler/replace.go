package compiler

import (
	"reflect"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
)

// Replace has the Session hold the given objects and no others. Lists that begin and end with the same pointers as those that were
// given last, as those of a manifest.Reader do, cost what stands between: of it, what has changed is upserted, and what is gone is
// deleted. No two objects may have the same kind and name. A Session that is given objects like this must not be given any by Upsert,
// or told Delete. The lists must not be changed afterwards.
func (s *Session) Replace(objects *manifest.Objects) {
	was, is := s.objects, *objects
	s.objects = is
	replace(s, was.Namespaces, is.Namespaces)
	replace(s, was.Nodes, is.Nodes)
	replace(s, was.Pods, is.Pods)
	replace(s, was.NetworkPolicies, is.NetworkPolicies)
	replace(s, was.Services, is.Services)
	replace(s, was.EndpointSlices, is.EndpointSlices)
	replace(s, was.RankedPolicies, is.RankedPolicies)
	replace(s, was.Tiers, is.Tiers)
	replace(s, was.Groups, is.Groups)
	replace(s, was.ExternalNodes, is.ExternalNodes)
	replace(s, was.ExternalEntities, is.ExternalEntities)
	replace(s, was.Egresses, is.Egresses)
	replace(s, was.ExternalIPPools, is.ExternalIPPools)
}

// objectKey is what there can be one object of. The kind is as resolve.KindOf gives it.
type objectKey struct{ kind, namespace, name string }

// listed is an object that can be compared by identity.
type listed interface {
	comparable
	manifest.Object
}

// replace replaces the objects of one list.
func replace[T listed](s *Session, was, is []T) {
	for len(was) > 0 && len(is) > 0 && was[0] == is[0] {
		was, is = was[1:], is[1:]
	}
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	key := func(o T) objectKey {
		m := o.Header()
		return objectKey{resolve.KindOf(m), m.Namespace, m.Name}
	}
	gone := make(map[objectKey]T, len(was))
	for _, o := range was {
		gone[key(o)] = o
	}
	for _, o := range is {
		k := key(o)
		if before, held := gone[k]; !held || before != o && !reflect.DeepEqual(before, o) {
			s.Upsert(o)
		}
		delete(gone, k)
	}
	for k := range gone {
		s.Delete(k.kind, k.namespace, k.name)
	}
}
