package flatten

import (
	"maps"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Place restricts a Pipeline to the endpoints of one node, the node itself among them if it is an endpoint, their lists, and the
// sets that these use. The cluster's nodes stay, and so do, as Remote, the pods of other nodes that their node's prefixes do not
// lead to. A node without endpoints gets a Pipeline without lists. The result shares lists and sets with the argument.
//
// A machine outside the cluster (ir.IsMachine) gets its external entities, and nothing of the cluster's own network.
func Place(p *ir.Pipeline, node string) *ir.Pipeline {
	var local []int
	for i, e := range p.Endpoints {
		if e.Node == node {
			local = append(local, i)
		}
	}
	return place(p, node, local, Strays(p.Nodes, p.Endpoints))
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
	out, astray := make([]*ir.Pipeline, len(nodes)), Strays(p.Nodes, p.Endpoints)
	for i, n := range nodes {
		out[i] = place(p, n, local[n], astray)
	}
	return out
}

// Strays returns the pods on any node that have an address outside its prefixes: routes to prefixes do not lead there.
func Strays(nodes []*ir.Node, endpoints []*ir.Endpoint) []*ir.Endpoint {
	byName := make(map[string]*ir.Node, len(nodes))
	for _, n := range nodes {
		byName[n.Name] = n
	}
	var out []*ir.Endpoint
	for _, e := range endpoints {
		if e.Kind == ir.PodEndpoint && e.Node != "" && !byName[e.Node].Covers(e) {
			out = append(out, e)
		}
	}
	return out
}

// remote returns those of the endpoints that are not on the node.
func remote(endpoints []*ir.Endpoint, node string) []*ir.Endpoint {
	var out []*ir.Endpoint
	for _, e := range endpoints {
		if e.Node != node {
			out = append(out, e)
		}
	}
	return out
}

func place(p *ir.Pipeline, node string, local []int, strays []*ir.Endpoint) *ir.Pipeline {
	out := &ir.Pipeline{Node: node, Endpoints: make([]*ir.Endpoint, len(local))}
	switch {
	case ir.IsMachine(node):
	case p.Node == node:
		out.Nodes, out.Remote = p.Nodes, p.Remote
	default:
		out.Nodes, out.Remote = p.Nodes, remote(strays, node)
	}
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
	out.Sets = pick(p.Sets, used)
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
	out.Lists = pick(c.Lists, moved)
	for i, id := range out.Assign {
		if id != ir.NoList {
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
