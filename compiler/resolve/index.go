// Package resolve turns manifest objects into an ir.Program: selectors become their members.
//
// An Index is incremental: after any sequence of Upsert and Delete it yields the same Program as a new Index that was given
// the surviving objects in any order. Values in a Program are immutable and shared between Programs: an endpoint, a group or
// a policy that did not change is the same pointer. The work of a change is proportional to what could depend on it, not to
// the cluster.
package resolve

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Index holds the objects of a cluster and what was resolved from them. It is not safe for concurrent use; the Programs it
// returns are.
type Index struct {
	namespaces map[string]*namespace
	nodes      map[string]*node
	pods       map[objectName]*pod
	policies   map[objectName]*policy

	ordered   []*policy // the policies, and those that were forgotten since, in any order: see inOrder
	forgotten int

	all    posting                     // every endpoint
	labels map[manifest.Label]*posting // endpoints by label
	owners map[netip.Addr][]*pod       // endpoints by address; more than one is a finding

	groups   map[string]*group // by key
	groupsBy groupIndex
	fresh    []*group // interned, members not yet looked up
	touched  []*group // members changed since the last flush
	dirty    map[*pod]bool

	contested map[netip.Addr]bool // addresses that had or have several owners since the last flush
}

type objectName struct{ namespace, name string }

// New returns an empty Index.
func New() *Index {
	return sized(&manifest.Objects{})
}

// sized returns an Index with room for as many objects, which saves growing maps step by step.
func sized(objects *manifest.Objects) *Index {
	return &Index{
		namespaces: make(map[string]*namespace, len(objects.Namespaces)),
		nodes:      map[string]*node{},
		pods:       make(map[objectName]*pod, len(objects.Pods)),
		policies:   make(map[objectName]*policy, len(objects.NetworkPolicies)),
		labels:     map[manifest.Label]*posting{},
		owners:     make(map[netip.Addr][]*pod, len(objects.Pods)),
		groups:     make(map[string]*group, len(objects.NetworkPolicies)),
		groupsBy:   newGroupIndex(),
		dirty:      make(map[*pod]bool, len(objects.Pods)),
		contested:  map[netip.Addr]bool{},
	}
}

// Of returns an Index that holds the objects of a reading.
func Of(objects *manifest.Objects) *Index {
	x := sized(objects)
	x.Add(objects)
	return x
}

// Add upserts every object of a reading. Of objects with the same kind and name, the last one counts.
func (x *Index) Add(objects *manifest.Objects) {
	for _, n := range objects.Namespaces {
		x.Upsert(n)
	}
	for _, n := range objects.Nodes {
		x.Upsert(n)
	}
	for _, p := range objects.Pods {
		x.Upsert(p)
	}
	for _, p := range objects.NetworkPolicies {
		x.Upsert(p)
	}
}

// Upsert adds an object or replaces the one of its kind and name: a *manifest.Namespace, *manifest.Node, *manifest.Pod or
// *manifest.NetworkPolicy, which must not change afterwards. Objects of other kinds are ignored.
func (x *Index) Upsert(object any) {
	switch o := object.(type) {
	case *manifest.Namespace:
		x.declareNamespace(o.Name, o)
	case *manifest.Node:
		x.node(o.Name).declare(o)
	case *manifest.Pod:
		x.upsertPod(o)
	case *manifest.NetworkPolicy:
		x.upsertPolicy(o)
	}
}

// Delete removes the object of a kind ("Namespace", "Node", "Pod", "NetworkPolicy") and name; namespace is "" for
// cluster-wide kinds. Deleting what is not there does nothing.
func (x *Index) Delete(kind, namespace, name string) {
	switch kind {
	case "Namespace":
		if _, known := x.namespaces[name]; known {
			x.declareNamespace(name, nil)
		}
	case "Node":
		if n := x.nodes[name]; n != nil {
			n.declare(nil)
			x.forgetNode(n)
		}
	case "Pod":
		if p := x.pods[objectName{namespace, name}]; p != nil {
			x.removePod(p)
		}
	case "NetworkPolicy":
		if p := x.policies[objectName{namespace, name}]; p != nil {
			x.removePolicy(p)
		}
	}
}

// node is a machine that is declared, or that a pod names.
type node struct {
	name      string
	declared  *manifest.Node
	endpoints posting
	mentions  int // pods that name it
	resolved  *ir.Node
	strays    []*ir.Endpoint // those with an address outside the node's prefixes; stale unless settled
	settled   bool
}

func (x *Index) node(name string) *node {
	n := x.nodes[name]
	if n == nil {
		n = &node{name: name}
		n.declare(nil)
		x.nodes[name] = n
	}
	return n
}

func (n *node) declare(o *manifest.Node) {
	if o != nil && n.declared == o {
		return
	}
	n.declared, n.settled = o, false
	n.resolved = &ir.Node{Name: n.name, Origin: source.Origin{Object: "Node " + n.name}}
	if o == nil {
		return
	}
	n.resolved.Origin = o.Origin("", o.Pos)
	n.resolved.Addrs = sortedAddrs(o.Addrs)
	for _, p := range o.PodCIDRs {
		n.resolved.PodCIDRs = append(n.resolved.PodCIDRs, p.Masked())
	}
	slices.SortFunc(n.resolved.PodCIDRs, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	n.resolved.PodCIDRs = slices.Compact(n.resolved.PodCIDRs)
}

func (x *Index) forgetNode(n *node) {
	if n.declared == nil && n.mentions == 0 {
		delete(x.nodes, n.name)
	}
}

func sortedAddrs(in []netip.Addr) []netip.Addr {
	if len(in) == 0 {
		return nil
	}
	out := make([]netip.Addr, len(in))
	for i, a := range in {
		out[i] = a.Unmap().WithZone("")
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// pod is a declared pod. endpoint is nil if policies cannot select it: it uses its node's network, or it has ended.
type pod struct {
	object   *manifest.Pod
	space    *namespace
	node     *node
	endpoint *ir.Endpoint
	groups   []*group // those it is a member of
	gone     bool
}

func comparePods(a, b *pod) int { return a.endpoint.Compare(b.endpoint) }

func (x *Index) upsertPod(o *manifest.Pod) {
	id := objectName{o.Namespace, o.Name}
	if old := x.pods[id]; old != nil {
		if samePod(old.object, o) {
			return
		}
		x.removePod(old)
	}
	p := &pod{object: o}
	x.pods[id] = p
	if o.NodeName != "" {
		p.node = x.node(o.NodeName)
		p.node.mentions++
	}
	if o.HostNetwork || o.Terminated {
		return
	}
	p.endpoint = endpointOf(o)
	p.space = x.namespace(o.Namespace)
	p.space.endpoints.insert(p)
	if p.node != nil {
		p.node.endpoints.insert(p)
		p.node.settled = false
	}
	x.all.insert(p)
	for _, l := range o.Labels {
		x.posting(l).insert(p)
	}
	for _, a := range p.endpoint.Addrs {
		x.owners[a] = append(x.owners[a], p)
		x.contest(a)
	}
	x.dirty[p] = true
}

func (x *Index) removePod(p *pod) {
	delete(x.pods, objectName{p.object.Namespace, p.object.Name})
	if p.node != nil {
		p.node.mentions--
		defer x.forgetNode(p.node)
	}
	if p.endpoint == nil {
		return
	}
	p.gone = true
	p.space.endpoints.remove(p)
	x.forgetNamespace(p.space)
	if p.node != nil {
		p.node.endpoints.remove(p)
		p.node.settled = false
	}
	x.all.remove(p)
	for _, l := range p.object.Labels {
		post := x.labels[l]
		post.remove(p)
		if post.len() == 0 {
			delete(x.labels, l)
		}
	}
	for _, a := range sortedAddrs(p.object.Addrs) {
		x.contest(a)
		rest := slices.DeleteFunc(x.owners[a], func(q *pod) bool { return q == p })
		if x.owners[a] = rest; len(rest) == 0 {
			delete(x.owners, a)
		}
	}
	x.dirty[p] = true
}

func (x *Index) contest(a netip.Addr) {
	if len(x.owners[a]) > 1 {
		x.contested[a] = true
	}
}

func (x *Index) posting(l manifest.Label) *posting {
	p := x.labels[l]
	if p == nil {
		p = &posting{}
		x.labels[l] = p
	}
	return p
}

func samePod(a, b *manifest.Pod) bool {
	return a == b || a.NodeName == b.NodeName && a.HostNetwork == b.HostNetwork && a.Terminated == b.Terminated &&
		a.Pos == b.Pos && slices.Equal(a.Labels, b.Labels) && slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.Ports, b.Ports)
}

// endpointOf resolves what a pod is by itself. A name that a pod gives to two ports of one protocol means the first.
func endpointOf(o *manifest.Pod) *ir.Endpoint {
	e := &ir.Endpoint{
		Namespace: o.Namespace, Name: o.Name, Node: o.NodeName,
		Addrs:  sortedAddrs(o.Addrs),
		Origin: source.Origin{Object: o.ID(), Pos: o.Pos},
	}
	for _, c := range o.Ports {
		proto := protoOf(c.Protocol)
		e.Listens = append(e.Listens, ir.DstL4(proto, ir.OnePort(c.Port)))
		if c.Name == "" {
			continue
		}
		known := slices.ContainsFunc(e.Ports, func(p ir.NamedPort) bool { return p.Name == c.Name && p.Proto == proto })
		if !known {
			e.Ports = append(e.Ports, ir.NamedPort{Name: c.Name, Proto: proto, Port: c.Port})
		}
	}
	return e
}

func protoOf(protocol string) ir.Proto {
	switch protocol {
	case "UDP":
		return ir.ProtoUDP
	case "SCTP":
		return ir.ProtoSCTP
	}
	return ir.ProtoTCP
}
