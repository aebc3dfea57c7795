package flatten

import (
	"github.com/headgate-net/headgate/ir"
)

// Place restricts a Pipeline to the endpoints of one node, the node itself among them if it is an endpoint, and the Services whose
// node ports every node has, their lists, and the sets that these use. The cluster's nodes stay, and so do, as Remote, the pods of other nodes that their node's prefixes do not
// lead to. A node without endpoints gets a Pipeline without lists. The result shares lists and sets with the argument.
//
// A machine outside the cluster (ir.IsMachine) gets its external entities, and nothing of the cluster's own network.
func Place(p *ir.Pipeline, node string) *ir.Pipeline {
	var local []int
	for i, e := range p.Endpoints {
		if isOn(e, node) {
			local = append(local, i)
		}
	}
	return place(p, node, local, Strays(p.Nodes, p.Endpoints))
}

// isOn reports whether an endpoint's policies are enforced on a node, or on a machine outside the cluster.
func isOn(e *ir.Endpoint, node string) bool {
	return e.Node == node || e.Kind == ir.ServiceEndpoint && !ir.IsMachine(node)
}

// PlaceAll places a Pipeline on each of the given nodes, in that order, looking at every endpoint once.
func PlaceAll(p *ir.Pipeline, nodes []string) []*ir.Pipeline {
	local := make(map[string][]int, len(nodes))
	for _, n := range nodes {
		local[n] = nil
	}
	for i, e := range p.Endpoints {
		if e.Kind == ir.ServiceEndpoint {
			for _, n := range nodes {
				if isOn(e, n) {
					local[n] = append(local[n], i)
				}
			}
		} else if at, wanted := local[e.Node]; wanted {
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
	out := p.Restrict(local)
	switch {
	case ir.IsMachine(node):
		out.Nodes, out.Remote = nil, nil
	case p.Node != node:
		out.Remote = remote(strays, node)
	}
	out.Node = node
	return out
}
