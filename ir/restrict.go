package ir

import (
	"maps"
	"slices"
)

// Restrict returns a Pipeline with the endpoints of the given ascending indices alone, their lists, and the sets that these use.
// Everything else stays. The result shares lists and sets with the receiver.
func (p *Pipeline) Restrict(keep []int) *Pipeline {
	out := &Pipeline{Node: p.Node, Nodes: p.Nodes, Remote: p.Remote, Pools: p.Pools, Frontends: p.Frontends, Health: p.Health,
		SNATs: p.SNATs, Holdings: p.Holdings, Inside: p.Inside, Endpoints: make([]*Endpoint, len(keep))}
	for i, at := range keep {
		out.Endpoints[i] = p.Endpoints[at]
	}
	used := map[SetID]SetID{}
	for _, d := range Directions() {
		for _, ph := range Phases() {
			c := p.Classifier(d, ph).restrict(keep)
			for _, l := range c.Lists {
				for _, r := range l.Rules {
					for _, id := range r.Peers {
						used[id] = 0
					}
				}
			}
			*out.Classifier(d, ph) = c
		}
	}
	out.Sets = pick(p.Sets, used)
	renumber(out, used)
	return out
}

// OfKind returns the indices of the endpoints of a kind, ascending, for Restrict.
func (p *Pipeline) OfKind(k EndpointKind) []int {
	var out []int
	for i, e := range p.Endpoints {
		if e.Kind == k {
			out = append(out, i)
		}
	}
	return out
}

// restrict keeps the assignments of the endpoints with the given indices, and the lists that they need.
func (c *Classifier) restrict(local []int) Classifier {
	out := Classifier{Assign: make([]ListID, len(local))}
	moved := map[ListID]ListID{}
	for i, at := range local {
		if out.Assign[i] = c.Assign[at]; out.Assign[i] != NoList {
			moved[out.Assign[i]] = 0
		}
	}
	out.Lists = pick(c.Lists, moved)
	for i, id := range out.Assign {
		if id != NoList {
			out.Assign[i] = moved[id]
		}
	}
	return out
}

// pick returns the values with the given ids in their order, and maps each id to its place among them.
func pick[ID ~int32, T any](values []T, ids map[ID]ID) []T {
	var out []T
	for to, from := range slices.Sorted(maps.Keys(ids)) {
		ids[from] = ID(to)
		out = append(out, values[from])
	}
	return out
}

// renumber gives every rule's peers their new ids. Rules are copied: the old Pipeline keeps its own.
func renumber(p *Pipeline, to map[SetID]SetID) {
	for _, d := range Directions() {
		for _, ph := range Phases() {
			lists := p.Classifier(d, ph).Lists
			for i := range lists {
				rules := slices.Clone(lists[i].Rules)
				for j := range rules {
					peers := slices.Clone(rules[j].Peers)
					for k := range peers {
						peers[k] = to[peers[k]]
					}
					rules[j].Peers = peers
				}
				lists[i].Rules = rules
			}
		}
	}
}
