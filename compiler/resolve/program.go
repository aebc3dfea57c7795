package resolve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// Scope says which endpoints a Program must be complete for. The zero value is the whole cluster.
type Scope struct {
	nodes    []string // nil: all
	machines bool     // no pods
}

// Cluster is the scope of every endpoint.
func Cluster() Scope { return Scope{} }

// OnNodes is the scope of the endpoints on the given nodes.
func OnNodes(names ...string) Scope {
	nodes := slices.Clone(names)
	slices.Sort(nodes)
	return Scope{nodes: append([]string{}, slices.Compact(nodes)...)}
}

// Machines is the scope of the nodes themselves and the machines outside the cluster, without pods.
func Machines() Scope { return Scope{nodes: []string{}, machines: true} }

// Program resolves what the Index holds. For the whole cluster it has everything. For nodes it has the policies that select
// an endpoint on one of them, the groups these name, and as endpoints those of the nodes, the members of the groups, those of
// other nodes that their node's prefixes do not cover, and all there are if one of the policies gives a port by name to
// destinations that are no group of members; so it judges the nodes' endpoints as the whole Program does, and knows what Place
// needs. Nodes are always complete.
//
// Findings about the cluster (HG2001 and on) go to the report, which may be nil, for the whole cluster only: that a policy
// selects nothing cannot be known of a part.
func (x *Index) Program(scope Scope, report *diag.Report) *ir.Program {
	if x.changed {
		x.update()
	}
	out := &ir.Program{Nodes: x.resolvedNodes(), Services: x.servicesNow()}
	policies := x.inOrder()
	if scope.nodes != nil {
		policies = x.policiesOn(scope)
	}
	out.Policies = make([]*ir.Policy, len(policies))
	for i, p := range policies {
		out.Policies[i] = p.resolve()
	}
	out.Egresses, out.Holdings, out.Except = x.egressesOn(scope), x.leaving.holdings, x.leaving.except
	out.Groups = groupsOf(policies, out.Egresses)
	if scope.nodes != nil {
		out.Endpoints = x.endpointsOf(scope, out)
		return out
	}
	out.Endpoints = x.everyone()
	if report != nil {
		x.diagnose(report)
	}
	return out
}

// update brings everything up to date with the objects.
func (x *Index) update() {
	x.rederive()
	x.settle()
	x.flush()
	x.others.remake(x)
	x.recompute()
	x.allot()
	x.changed = false
}

// everyone returns the endpoints of a Program for the whole cluster.
func (x *Index) everyone() []*ir.Endpoint {
	return unionOf([][]*ir.Endpoint{endpointsIn(x.all.list()), x.others.members, x.others.entities()})
}

// entities returns the external entities' endpoints.
func (o *others) entities() []*ir.Endpoint {
	return selected(o.external, func(other) bool { return true })
}

func (x *Index) resolvedNodes() []*ir.Node {
	out := make([]*ir.Node, 0, len(x.nodes))
	for _, n := range x.nodes {
		out = append(out, n.resolved)
	}
	slices.SortFunc(out, func(a, b *ir.Node) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// inOrder returns the policies by Compare. Those that were removed or added since the last time are sorted out here, at once.
func (x *Index) inOrder() []*policy {
	x.dropGone()
	if !slices.IsSortedFunc(x.ordered, comparePolicies) {
		slices.SortFunc(x.ordered, comparePolicies)
	}
	return x.ordered
}

func (x *Index) dropGone() {
	if x.forgotten > 0 {
		x.ordered = slices.DeleteFunc(x.ordered, func(p *policy) bool { return p.gone })
		x.forgotten = 0
	}
}

// policiesOn returns the policies that select an endpoint of the scope, in order.
func (x *Index) policiesOn(scope Scope) []*policy {
	subjects := map[*group]bool{}
	var out []*policy
	take := func(g *group) {
		if len(g.subjectOf) > 0 && !subjects[g] {
			subjects[g] = true
			out = append(out, g.subjectOf...)
		}
	}
	for _, name := range scope.nodes {
		n := x.nodes[name]
		if n == nil {
			continue
		}
		for _, p := range n.endpoints.list() {
			for _, g := range p.groups {
				take(g)
			}
		}
	}
	for g := range x.computed {
		if len(g.subjectOf) > 0 && slices.ContainsFunc(g.members, scope.has) {
			take(g)
		}
	}
	slices.SortFunc(out, comparePolicies)
	return slices.Compact(out)
}

// has reports whether an endpoint is on one of the scope's nodes; every node has the node ports of Services.
func (s Scope) has(e *ir.Endpoint) bool {
	if s.machines {
		return e.Kind == ir.NodeEndpoint || e.Kind == ir.ExternalEndpoint
	}
	if e.Kind == ir.ServiceEndpoint {
		return slices.ContainsFunc(s.nodes, func(name string) bool { return !ir.IsMachine(name) })
	}
	return slices.Contains(s.nodes, e.Node)
}

// groupsOf returns the groups that the policies and Egresses name, by key.
func groupsOf(policies []*policy, egresses []*ir.EgressIP) []*ir.Group {
	seen := make(map[*group]bool, len(policies))
	var out []*ir.Group
	add := func(g *group) {
		if !seen[g] {
			seen[g] = true
			out = append(out, g.resolve())
		}
	}
	for _, p := range policies {
		for g := range p.groups() {
			add(g)
		}
	}
	for _, e := range egresses {
		out = append(out, e.Who)
	}
	slices.SortFunc(out, func(a, b *ir.Group) int { return cmp.Compare(a.Key, b.Key) })
	return slices.Compact(out)
}

func endpointsIn(pods []*pod) []*ir.Endpoint {
	out := make([]*ir.Endpoint, len(pods))
	for i, p := range pods {
		out[i] = p.endpoint
	}
	return out
}

// endpointsOf returns the endpoints that a Program of the scope must have.
func (x *Index) endpointsOf(scope Scope, p *ir.Program) []*ir.Endpoint {
	if slices.ContainsFunc(p.Policies, namesPortsAnywhere) {
		return x.everyone()
	}
	var lists [][]*ir.Endpoint
	for _, name := range scope.nodes {
		if n := x.nodes[name]; n != nil {
			lists = append(lists, endpointsIn(n.endpoints.list()))
		}
	}
	for _, list := range [][]*ir.Endpoint{x.others.members, x.others.entities()} {
		lists = append(lists, slices.DeleteFunc(slices.Clone(list), func(e *ir.Endpoint) bool { return !scope.has(e) }))
	}
	for _, g := range p.Groups {
		lists = append(lists, g.Members)
	}
	return unionOf(append(lists, x.Strays()))
}

// Strays returns the endpoints on any node that have an address outside its prefixes, in order, as of the last Program.
func (x *Index) Strays() []*ir.Endpoint {
	var out []*ir.Endpoint
	for _, n := range x.nodes {
		if !n.settled {
			n.settled, n.strays = true, nil
			for _, p := range n.endpoints.list() {
				if !n.resolved.Covers(p.endpoint) {
					n.strays = append(n.strays, p.endpoint)
				}
			}
		}
		out = append(out, n.strays...)
	}
	slices.SortFunc(out, (*ir.Endpoint).Compare)
	return out
}

// namesPortsAnywhere reports whether an egress rule names a port of destinations that are not members of a group.
func namesPortsAnywhere(p *ir.Policy) bool {
	return slices.ContainsFunc(p.Rules[ir.Egress], func(r ir.PolicyRule) bool {
		named := slices.ContainsFunc(r.Ports, func(s ir.PortSpec) bool { return s.Name != "" })
		return named && (r.AnyPeer || slices.ContainsFunc(r.Peers, func(g *ir.Group) bool { return g.Kind != ir.Members }))
	})
}

// unionOf merges sorted lists, two by two, so that each endpoint moves O(log n) times.
func unionOf(lists [][]*ir.Endpoint) []*ir.Endpoint {
	switch len(lists) {
	case 0:
		return nil
	case 1:
		return lists[0]
	}
	a, b := unionOf(lists[:len(lists)/2]), unionOf(lists[len(lists)/2:])
	if len(a) < len(b) {
		a, b = b, a
	}
	b = beyond(a, b)
	if len(b) == 0 {
		return a
	}
	out := make([]*ir.Endpoint, 0, len(a)+len(b))
	for i, e := range b {
		// All of a before e moves at once: lists of very different length take few comparisons.
		at := seek(a, e)
		out, a = append(out, a[:at]...), a[at:]
		if len(a) > 0 && a[0] == e {
			continue
		}
		if len(a) == 0 {
			return append(out, b[i:]...)
		}
		out = append(out, e)
	}
	return append(out, a...)
}

// beyond leaves out the first endpoints of a list that are all in another one.
func beyond(in, list []*ir.Endpoint) []*ir.Endpoint {
	for len(list) > 0 {
		at := seek(in, list[0])
		if at == len(in) || in[at] != list[0] {
			break
		}
		in, list = in[at+1:], list[1:]
	}
	return list
}

// seek returns the index of the first endpoint that is not before e, in steps that double: O(log of the result).
func seek(list []*ir.Endpoint, e *ir.Endpoint) int {
	from, step := 0, 1
	for from+step <= len(list) && list[from+step-1].Compare(e) < 0 {
		from += step
		step *= 2
	}
	at, _ := slices.BinarySearchFunc(list[from:min(from+step, len(list))], e, (*ir.Endpoint).Compare)
	return from + at
}
