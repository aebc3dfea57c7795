package main

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
)

// serviceChange is what changes about one port of a Service, other than who reaches it: where dialling leads.
type serviceChange struct {
	Service string   `json:"service"`
	Port    string   `json:"port"`
	Added   bool     `json:"added,omitempty"`
	Removed bool     `json:"removed,omitempty"`
	Gained  []string `json:"backendsAdded,omitempty"` // "10.0.1.20:5432 (shop/db-0 on n1)"
	Lost    []string `json:"backendsRemoved,omitempty"`
}

func (c *serviceChange) text(w io.Writer, colors palette) {
	name := servicePrefix + c.Service + " " + c.Port
	switch {
	case c.Added:
		fmt.Fprintf(w, "%s is new\n", name)
	case c.Removed:
		fmt.Fprintf(w, "%s is gone\n", name)
	}
	if len(c.Gained) > 0 {
		fmt.Fprintln(w, colors.paint(green, fmt.Sprintf("%s leads to %s", name, enough(c.Gained))))
	}
	if len(c.Lost) > 0 {
		fmt.Fprintln(w, colors.paint(red, fmt.Sprintf("%s no longer leads to %s", name, enough(c.Lost))))
	}
}

// serviceKey names a port of a Service.
type serviceKey struct {
	service string
	port    reach.Port
}

// compareServices adds what changes through Services, in their order.
func (r *reachDiff) compareServices(old, now *ir.Program) {
	sides := [2]map[serviceKey]*reach.ClientTable{{}, {}}
	names := [2][]string{}
	owners := [2]map[netip.Addr]*ir.Endpoint{}
	var keys []serviceKey
	for side, p := range []*ir.Program{old, now} {
		got := reach.ComputeClients(p, reach.PodClients(p), reach.ServicePorts(p), reach.Options{})
		names[side], owners[side] = got.Names, endpointsOf(p)
		for i := range got.Tables {
			t := &got.Tables[i]
			key := serviceKey{t.Service.String(), reach.Port{Proto: t.Port.Proto, Port: t.Port.Port}}
			if sides[0][key] == nil {
				keys = append(keys, key)
			}
			sides[side][key] = t
		}
	}
	slices.SortFunc(keys, func(a, b serviceKey) int {
		if a.service != b.service {
			return compareNames(a.service, b.service)
		}
		return a.port.Compare(b.port)
	})
	for _, key := range keys {
		before, after := sides[0][key], sides[1][key]
		c := serviceChange{Service: key.service, Port: key.port.String(), Added: before == nil, Removed: after == nil}
		c.Gained = backendsWithout(after, before, owners[1])
		c.Lost = backendsWithout(before, after, owners[0])
		if c.Added || c.Removed || len(c.Gained)+len(c.Lost) > 0 {
			r.Services = append(r.Services, c)
		}
		r.compareClients(key, wordsOf(before, names[0]), wordsOf(after, names[1]))
	}
}

// compareClients adds the pods that newly reach a port of a Service, or no longer do. A port that is not there lets nobody in.
func (r *reachDiff) compareClients(key serviceKey, before, after map[string]reach.Word) {
	var pods []string
	for pod := range after {
		pods = append(pods, pod)
	}
	for pod := range before {
		if _, twice := after[pod]; !twice {
			pods = append(pods, pod)
		}
	}
	slices.SortFunc(pods, compareNames)
	for _, pod := range pods {
		was, had := before[pod]
		is, has := after[pod]
		if slices.Contains(r.Added, pod) || slices.Contains(r.Removed, pod) {
			continue // they are told as such
		}
		if !had {
			was = reach.Absent
		}
		if !has {
			is = reach.Absent
		}
		if was == reach.None && is == reach.Absent || was == reach.Absent && is == reach.None {
			continue // there was nobody to reach, nor is there now
		}
		if was != is {
			r.Changes = append(r.Changes, reachChange{key.port.String(), pod, servicePrefix + key.service, was.String(), is.String()})
		}
	}
}

func wordsOf(t *reach.ClientTable, names []string) map[string]reach.Word {
	if t == nil {
		return nil
	}
	out := make(map[string]reach.Word, len(names))
	for i, w := range t.Cells {
		out[names[i]] = w
	}
	return out
}

// compareNames orders "namespace/name" by namespace, then name.
func compareNames(a, b string) int {
	spaceA, nameA, _ := strings.Cut(a, "/")
	spaceB, nameB, _ := strings.Cut(b, "/")
	return cmp.Or(cmp.Compare(spaceA, spaceB), cmp.Compare(nameA, nameB))
}

// backendsWithout lists the backends of one table that the other one does not have.
func backendsWithout(t, other *reach.ClientTable, owners map[netip.Addr]*ir.Endpoint) []string {
	if t == nil {
		return nil
	}
	had := map[netip.AddrPort]bool{}
	if other != nil {
		for _, b := range other.Port.Backends {
			had[b.Target()] = true
		}
	}
	var out []string
	for _, b := range t.Port.Backends {
		if !had[b.Target()] {
			out = append(out, candidateOf(owners, b.Target(), b.Node).String())
		}
	}
	return out
}
