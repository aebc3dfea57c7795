package kube

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Seen says what of the API all that Next has given includes.
type Seen struct {
	Batch    uint64 // how often Next has given something
	Versions []Version
}

// Version is how far a resource is included: everything up to that resourceVersion, which moves on also while nothing changes.
type Version struct {
	Resource string // with its group, as in networkpolicies.networking.k8s.io, or pods
	Version  string
}

// Seen gives the versions, in the order of resources. Those of kinds that are absent are not among them. It may be called concurrently.
func (s *Source) Seen() Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Seen{Batch: s.batches}
	for _, c := range s.followed {
		if c.given != "" {
			out.Versions = append(out.Versions, Version{c.of.at().GroupResource().String(), c.given})
		}
	}
	slices.SortFunc(out.Versions, func(a, b Version) int { return cmp.Compare(a.Resource, b.Resource) })
	return out
}

// Object is what a document is of.
type Object struct {
	Kind            string // with its group, as in NetworkPolicy.networking.k8s.io, or Pod
	Namespace, Name string
}

// Object tells of which object a document with the name of a Change is; false if there was none of that kind. It may be called
// concurrently.
func (s *Source) Object(document string) (o Object, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix, rest, _ := strings.Cut(document, "/")
	r, known := s.known[prefix]
	if !known {
		return o, false
	}
	o.Kind = schema.GroupKind{Group: r.kind.Group, Kind: r.kind.Name}.String()
	o.Name = rest
	if r.namespaced {
		o.Namespace, o.Name, _ = strings.Cut(rest, "/")
	}
	return o, true
}
