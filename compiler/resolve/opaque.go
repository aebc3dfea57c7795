package resolve

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Know tells what addresses DNS names have, for groups of names: none but those told last. Names are in lower case and without a
// final dot.
func (x *Index) Know(addrs map[string][]netip.Addr) {
	x.groupsBy.known, x.changed = addrs, true
	for _, g := range x.groups {
		if g.kind == ir.Names {
			g.addrs, g.resolved = x.addressesOf(g.patterns), nil
		}
	}
}

// addressesOf returns the known addresses of all names that one of the patterns stands for.
func (x *Index) addressesOf(patterns []string) ir.AddrSet {
	var out []netip.Addr
	for name, addrs := range x.groupsBy.known {
		if slices.ContainsFunc(patterns, func(p string) bool { return ir.MatchesName(p, name) }) {
			out = append(out, addrs...)
		}
	}
	return ir.AddrSetOf(out...)
}

// acquireNames interns the group of the addresses that DNS gives for names.
func (x *Index) acquireNames(patterns []string) *group {
	patterns = slices.Clone(patterns)
	slices.Sort(patterns)
	patterns = slices.Compact(patterns)
	return x.acquire("names "+strings.Join(patterns, ","), func() *group {
		return &group{kind: ir.Names, patterns: patterns, addrs: x.addressesOf(patterns)}
	})
}

// dialled interns the group of what Services are dialled by, and tells of those that nobody can dial.
func (s *speaker) dialled(refs []manifest.ServiceRef) *group {
	var names []objectName
	for _, ref := range refs {
		name := objectName{ref.Namespace, ref.Name}
		names = append(names, name)
		s.need(dependency{onService, name.namespace, name.name})
		at := source.Origin{Object: s.meta.ID(), Field: ref.Field, Pos: ref.Pos}
		switch service := s.x.services[name]; {
		case service == nil:
			s.say(diag.UnknownService, at, "there is no Service %s/%s; the rule matches nothing for it", name.namespace, name.name)
		case len(dialsOf(service)) == 0:
			s.found.findings = append(s.found.findings, diag.Finding{Code: diag.UnknownService, Origin: at,
				Message: "Service " + name.namespace + "/" + name.name + " has no cluster address; the rule matches nothing for it",
				Hint:    "select the Service's pods with podSelector, and their ports"})
		}
	}
	slices.SortFunc(names, compareNames)
	names = slices.Compact(names)
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = n.namespace + "/" + n.name
	}
	return s.x.acquire("services "+strings.Join(words, ","), func() *group {
		return &group{kind: ir.Dialled, dial: func() []ir.Dial { return s.x.dials(names) }}
	})
}

func compareNames(a, b objectName) int {
	if c := strings.Compare(a.namespace, b.namespace); c != 0 {
		return c
	}
	return strings.Compare(a.name, b.name)
}

// dials returns what the Services are dialled by, in order.
func (x *Index) dials(services []objectName) []ir.Dial {
	var out []ir.Dial
	for _, name := range services {
		if s := x.services[name]; s != nil {
			out = append(out, dialsOf(s)...)
		}
	}
	slices.SortFunc(out, ir.Dial.Compare)
	return slices.Compact(out)
}

// dialsOf returns the ports of a Service on each of its cluster addresses.
func dialsOf(s *manifest.Service) []ir.Dial {
	var out []ir.Dial
	for _, a := range s.ClusterIPs {
		for _, p := range s.Ports {
			if p.Port != 0 {
				out = append(out, ir.Dial{Addr: a.Unmap().WithZone(""), Proto: protoOf(p.Protocol), Port: p.Port})
			}
		}
	}
	return out
}
