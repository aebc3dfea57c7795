// Package flatten turns an ir.Program into an ir.Pipeline, and restricts a Pipeline to one node.
//
// The Pipeline that Flatten returns means what the Program means: Eval agrees on every packet. Isolation is explicit in the
// form of rules: a list of phase Namespace ends in one rule for each policy that isolates, each dropping everything; the pass
// "isolate" makes them one. Keys of sets and lists derive from what is declared, never from what else is in the Program, so
// that flattening a part of the cluster gives that part of flattening all of it.
package flatten

import (
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Flatten makes a Pipeline of the whole Program.
//
// Endpoints that the same policies concern, and that give the same numbers to the ports those policies name, are one class
// and share a rule list. Classes are found through the groups of subjects, each looked at once: policies that all have one
// group of subjects cost their number plus the group's size, not the product.
func Flatten(p *ir.Program) *ir.Pipeline { return flatten(p, p.Endpoints) }

// Of is Flatten for some of the Program's endpoints, in their order, at the cost of these.
func Of(p *ir.Program, endpoints []*ir.Endpoint) *ir.Pipeline { return flatten(p, endpoints) }

// On is Flatten for the endpoints on one node only: what Place leaves of Flatten's result is left of it, at the cost of that
// node. Sets that only other nodes use may still be there; Place drops them. The strays of all nodes must be given; see Strays.
func On(p *ir.Program, node string, strays []*ir.Endpoint) *ir.Pipeline {
	var local []*ir.Endpoint
	for _, e := range p.Endpoints {
		if isOn(e, node) {
			local = append(local, e)
		}
	}
	out := flatten(p, local)
	if out.Node = node; ir.IsMachine(node) {
		out.Nodes = nil
	} else {
		out.Remote = remote(strays, node)
	}
	return out
}

func flatten(p *ir.Program, endpoints []*ir.Endpoint) *ir.Pipeline {
	out := &ir.Pipeline{Nodes: p.Nodes, Endpoints: endpoints}
	f := &flattener{program: p, endpoints: endpoints, members: map[*ir.Group][]int32{}, ports: newPartitions(p.Endpoints)}
	f.index = make(map[*ir.Endpoint]int32, len(endpoints))
	for i, e := range endpoints {
		f.index[e] = int32(i)
	}
	f.collectSets()
	out.Sets = f.sets
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			*out.Classifier(d, ph) = f.classifier(d, ph)
		}
	}
	return out
}

// flattener holds what all stages share.
type flattener struct {
	program   *ir.Program
	endpoints []*ir.Endpoint
	index     map[*ir.Endpoint]int32
	members   map[*ir.Group][]int32 // of large groups; see membersOf
	ports     *partitions
	sets      []ir.Set
	ids       map[string]ir.SetID
}

// collectSets makes a set of every group that a rule names as peer, and of its parts where an egress rule names a port.
func (f *flattener) collectSets() {
	f.ids = map[string]ir.SetID{}
	add := func(s ir.Set) {
		if _, known := f.ids[s.Key]; !known {
			f.ids[s.Key] = 0
			f.sets = append(f.sets, s)
		}
	}
	seen := map[*ir.Group]bool{}
	for _, policy := range f.program.Policies {
		for _, d := range ir.Directions() {
			for i := range policy.Rules[d] {
				r := &policy.Rules[d][i]
				for _, g := range r.Peers {
					if !seen[g] {
						seen[g] = true
						add(ir.Set{Key: g.Key, Kind: g.Kind, Patterns: g.Patterns, Dials: g.Dials, Addrs: g.Addrs})
					}
				}
				if d == ir.Egress {
					f.ports.ofRule(r, func(_ ir.PortSpec, part part) { add(part.set) })
				}
			}
		}
	}
	slices.SortFunc(f.sets, func(a, b ir.Set) int { return compareText(a.Key, b.Key) })
	for i, s := range f.sets {
		f.ids[s.Key] = ir.SetID(i)
	}
}

// boxes returns the unnamed boxes of a rule's ports, and whether all of them are unnamed.
func boxes(r *ir.PolicyRule) ([]ir.L4, bool) {
	var out []ir.L4
	for _, s := range r.Ports {
		if s.Name == "" {
			out = append(out, s.Box)
		}
	}
	return out, len(out) == len(r.Ports)
}

// rule makes a rule, or none if it could match nothing.
func rule(r *ir.PolicyRule, peers []ir.SetID, l4 ...ir.L4) []ir.Rule {
	if len(l4) == 0 || !r.AnyPeer && len(peers) == 0 {
		return nil
	}
	set := ir.L4Set(l4)
	if len(l4) > 1 {
		set = ir.MakeL4Set(l4...)
	}
	return []ir.Rule{{AnyPeer: r.AnyPeer, Peers: peers, L4: set, Action: r.Action, Logging: r.Logging, Origins: []*source.Origin{&r.Origin}}}
}

func (f *flattener) peers(r *ir.PolicyRule) []ir.SetID {
	if len(r.Peers) == 0 {
		return nil
	}
	out := make([]ir.SetID, len(r.Peers))
	for i, g := range r.Peers {
		out[i] = f.ids[g.Key]
	}
	slices.Sort(out)
	return out
}

// ingress flattens a rule for endpoints that give the ports it names the numbers in values: named ports of ingress rules are
// the subject's own.
func (f *flattener) ingress(r *ir.PolicyRule, values []value) []ir.Rule {
	l4, _ := boxes(r)
	for _, s := range r.Ports {
		if s.Name == "" {
			continue
		}
		for _, v := range values {
			if v.name == nameOf(s) && v.known {
				l4 = append(l4, v.box(s))
			}
		}
	}
	return rule(r, f.peers(r), l4...)
}

// egress flattens a rule: named ports of egress rules are the peers', so each number that peers give to a name makes a rule
// for those peers.
func (f *flattener) egress(r *ir.PolicyRule) []ir.Rule {
	l4, plain := boxes(r)
	out := rule(r, f.peers(r), l4...)
	if plain {
		return out
	}
	byBox := map[ir.L4][]ir.SetID{}
	var order []ir.L4
	f.ports.ofRule(r, func(s ir.PortSpec, part part) {
		box := part.value.box(s)
		if byBox[box] == nil {
			order = append(order, box)
		}
		byBox[box] = append(byBox[box], f.ids[part.set.Key])
	})
	slices.SortFunc(order, ir.L4.Compare)
	for _, box := range order {
		peers := byBox[box]
		slices.Sort(peers)
		named := *r
		named.AnyPeer = false
		made := rule(&named, slices.Compact(peers), box)
		made[0].Origins[0] = &r.Origin
		out = append(out, made...)
	}
	return out
}
