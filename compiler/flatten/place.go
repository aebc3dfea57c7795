package flatten

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Place restricts a Pipeline to the endpoints of one node, their lists, and the sets that these use; the cluster's nodes stay.
// A node without endpoints gets a Pipeline without lists. The result shares lists and sets with the argument.
func Place(p *ir.Pipeline, node string) *ir.Pipeline {
	var local []int
	for i, e := range p.Endpoints {
		if e.Node == node {
			local = append(local, i)
		}
	}
	return place(p, node, local)
}

// PlaceAll places a Pipeline on each of the given nodes, in that order, looking at every endpoint once.
func PlaceAll(p *ir.Pipeline, nodes []string) []*ir.Pipeline {
	local := make(map[string][]int, len(nodes))
	for _, n := range nodes {
		local[n] = nil
	}
	for i, e := range p.Endpoints {
		if at, wanted := local[e.Node]; wanted {
			local[e.Node] = append(at, i)
		}
	}
	out := make([]*ir.Pipeline, len(nodes))
	for i, n := range nodes {
		out[i] = place(p, n, local[n])
	}
	return out
}

func place(p *ir.Pipeline, node string, local []int) *ir.Pipeline {
	out := &ir.Pipeline{Node: node, Nodes: p.Nodes, Endpoints: make([]*ir.Endpoint, len(local))}
	for i, at := range local {
		out.Endpoints[i] = p.Endpoints[at]
	}
	used := map[ir.SetID]ir.SetID{}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := placeClassifier(p.Classifier(d, ph), local)
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
	keep := make([]ir.SetID, 0, len(used))
	for id := range used {
		keep = append(keep, id)
	}
	slices.Sort(keep)
	for to, from := range keep {
		used[from] = ir.SetID(to)
		out.Sets = append(out.Sets, p.Sets[from])
	}
	renumber(out, used)
	return out
}

func placeClassifier(c *ir.Classifier, local []int) ir.Classifier {
	out := ir.Classifier{Assign: make([]ir.ListID, len(local))}
	moved := map[ir.ListID]ir.ListID{}
	for i, at := range local {
		if out.Assign[i] = c.Assign[at]; out.Assign[i] != ir.NoList {
			moved[out.Assign[i]] = 0
		}
	}
	keep := make([]ir.ListID, 0, len(moved))
	for id := range moved {
		keep = append(keep, id)
	}
	slices.Sort(keep)
	for to, from := range keep {
		moved[from] = ir.ListID(to)
		out.Lists = append(out.Lists, c.Lists[from])
	}
	for i, id := range out.Assign {
		if id != ir.NoList {
			out.Assign[i] = moved[id]
		}
	}
	return out
}

// renumber gives every rule's peers their new ids. Rules are copied: the old Pipeline keeps its own.
func renumber(p *ir.Pipeline, to map[ir.SetID]ir.SetID) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
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
