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
	policies   map[policyID]*policy
	tiers      map[string]*manifest.Tier // by name in lower case
	named      map[objectName]*manifest.Group
	services   map[objectName]*manifest.Service
	entries    map[ir.NodePort][]objectName // the Services that have a node port
	slices     map[objectName]*manifest.EndpointSlice
	slicesOf   map[objectName]map[string]*manifest.EndpointSlice // by Service, then name
	machines   map[objectName]*manifest.ExternalNode
	entities   map[objectName]*manifest.ExternalEntity
	others     others
	balanced   balanced
	leaving    leaving

	ordered   []*policy // the policies, and those that were forgotten since, in any order: see inOrder
	forgotten int

	all    posting                     // every endpoint
	last   *pod                        // the last one that was added to it
	labels map[manifest.Label]*posting // endpoints by label
	posted posted
	owners map[netip.Addr][]*pod // endpoints by address; more than one is a finding

	groups   map[string]*group // by key
	groupsBy groupIndex
	fresh    []*group // interned, members not yet looked up
	touched  []*group // members changed since the last flush
	dirty    map[*pod]bool
	computed map[*group]bool // those whose members do not follow from single pods

	dependents map[dependency]map[*policy]bool
	stale      map[*policy]bool // to be derived again
	changed    bool             // whether anything was upserted or deleted since the last Program

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
		policies:   make(map[policyID]*policy, len(objects.NetworkPolicies)+len(objects.RankedPolicies)),
		tiers:      map[string]*manifest.Tier{},
		named:      make(map[objectName]*manifest.Group, len(objects.Groups)),
		services:   make(map[objectName]*manifest.Service, len(objects.Services)),
		entries:    map[ir.NodePort][]objectName{},
		slices:     make(map[objectName]*manifest.EndpointSlice, len(objects.EndpointSlices)),
		slicesOf:   map[objectName]map[string]*manifest.EndpointSlice{},
		machines:   map[objectName]*manifest.ExternalNode{},
		entities:   map[objectName]*manifest.ExternalEntity{},
		balanced:   newBalanced(len(objects.Services)),
		leaving:    newLeaving(),
		computed:   map[*group]bool{},
		dependents: map[dependency]map[*policy]bool{},
		stale:      map[*policy]bool{},
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
	upsertAll(x, objects.Namespaces)
	upsertAll(x, objects.Nodes)
	upsertAll(x, objects.Pods)
	upsertAll(x, objects.Services)
	upsertAll(x, objects.EndpointSlices)
	upsertAll(x, objects.ExternalNodes)
	upsertAll(x, objects.ExternalEntities)
	upsertAll(x, objects.Tiers)
	upsertAll(x, objects.Groups)
	upsertAll(x, objects.NetworkPolicies)
	upsertAll(x, objects.RankedPolicies)
	upsertAll(x, objects.ExternalIPPools)
	upsertAll(x, objects.Egresses)
}

func upsertAll[T any](x *Index, list []*T) {
	for _, o := range list {
		x.Upsert(o)
	}
}

// Upsert adds an object or replaces the one of its kind and name: a pointer to one of package manifest's kinds, which must not
// change afterwards. Objects of other types are ignored.
func (x *Index) Upsert(object any) {
	x.changed = true
	switch o := object.(type) {
	case *manifest.Namespace:
		x.declareNamespace(o.Name, o)
	case *manifest.Node:
		x.node(o.Name).declare(o)
		x.leaving.stale = true
	case *manifest.Pod:
		x.upsertPod(o)
	case *manifest.NetworkPolicy:
		x.upsertPolicy(o)
	case *manifest.RankedPolicy:
		x.upsertRanked(o)
	case *manifest.Tier:
		x.putTier(o.Name, o)
	case *manifest.Group:
		x.putGroup(objectName{o.Namespace, o.Name}, o)
	case *manifest.Service:
		x.putService(objectName{o.Namespace, o.Name}, o)
	case *manifest.EndpointSlice:
		x.putSlice(objectName{o.Namespace, o.Name}, o)
	case *manifest.ExternalNode:
		x.machines[objectName{o.Namespace, o.Name}] = o
	case *manifest.ExternalEntity:
		x.entities[objectName{o.Namespace, o.Name}] = o
	case *manifest.Egress:
		x.putEgress(o.Name, o)
	case *manifest.ExternalIPPool:
		x.putPool(o.Name, o)
	}
}

// Delete removes the object of a kind, as KindOf gives it, and name; namespace is "" for cluster-wide kinds. Deleting what is
// not there does nothing.
func (x *Index) Delete(kind, namespace, name string) {
	x.changed = true
	switch kind {
	case "Namespace":
		if _, known := x.namespaces[name]; known {
			x.declareNamespace(name, nil)
		}
	case "Node":
		if n := x.nodes[name]; n != nil {
			n.declare(nil)
			x.forgetNode(n)
			x.leaving.stale = true
		}
	case "Pod":
		if p := x.pods[objectName{namespace, name}]; p != nil {
			x.removePod(p)
		}
	case "Service":
		x.putService(objectName{namespace, name}, nil)
	case "EndpointSlice":
		x.putSlice(objectName{namespace, name}, nil)
	case "Tier." + antreaGroup:
		x.putTier(name, nil)
	case "ClusterGroup." + antreaGroup, "Group." + antreaGroup:
		x.putGroup(objectName{namespace, name}, nil)
	case "ExternalNode." + antreaGroup:
		delete(x.machines, objectName{namespace, name})
	case "ExternalEntity." + antreaGroup:
		delete(x.entities, objectName{namespace, name})
	case "Egress." + antreaGroup:
		x.putEgress(name, nil)
	case "ExternalIPPool." + antreaGroup:
		x.putPool(name, nil)
	default:
		if p := x.policies[policyID{kind, namespace, name}]; p != nil {
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

// zoneLabel is the label that tells where a node stands (Kubernetes documentation, "Well-Known Labels").
const zoneLabel = "topology.kubernetes.io/zone"

func (x *Index) node(name string) *node {
	n := x.nodes[name]
	if n == nil {
		n = &node{name: name}
		n.declare(nil)
		x.nodes[name] = n
	}
	return n
}

// NodeLabels returns the labels of a node, none if it is not declared.
func (x *Index) NodeLabels(name string) manifest.Labels {
	if n := x.nodes[name]; n != nil && n.declared != nil {
		return n.declared.Labels
	}
	return nil
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
	n.resolved.Zone, _ = o.Labels.Get(zoneLabel)
	n.resolved.Leaving = o.Leaving
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
	run      int      // pods that were added in order, one after the other, are one run
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
	x.balanced.host(p, true)
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
	if p.space.endpoints.len() == 1 {
		x.disturb(dependency{kind: onNamespaces})
	}
	if p.node != nil {
		p.node.endpoints.insert(p)
		p.node.settled = false
	}
	if x.last != nil {
		if p.run = x.last.run; comparePods(x.last, p) > 0 {
			p.run++
		}
	}
	x.last = p
	x.all.insert(p)
	for _, l := range x.post(o.Labels) {
		l.insert(p)
	}
	for _, a := range p.endpoint.Addrs {
		x.owners[a] = append(x.owners[a], p)
		x.contest(a)
	}
	x.dirty[p] = true
}

func (x *Index) removePod(p *pod) {
	delete(x.pods, objectName{p.object.Namespace, p.object.Name})
	x.balanced.host(p, false)
	if p.node != nil {
		p.node.mentions--
		defer x.forgetNode(p.node)
	}
	if p.endpoint == nil {
		return
	}
	p.gone = true
	p.space.endpoints.remove(p)
	if p.space.endpoints.len() == 0 {
		x.disturb(dependency{kind: onNamespaces})
	}
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
			x.posted = posted{}
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

// posted is the labels that were last looked up, and where they led.
type posted struct {
	labels   manifest.Labels
	postings []*posting
	before   []*posting // its room is used next
}

// post returns the posting of each label, until the next call. Pods that come one after the other mostly have the same labels, which are not looked up again.
func (x *Index) post(labels manifest.Labels) []*posting {
	last, at := x.posted, 0
	out := last.before[:0]
	for _, l := range labels {
		for at < len(last.labels) && last.labels[at].Key < l.Key {
			at++
		}
		if at < len(last.labels) && last.labels[at] == l {
			out = append(out, last.postings[at])
			continue
		}
		p := x.labels[l]
		if p == nil {
			p = &posting{}
			x.labels[l] = p
		}
		out = append(out, p)
	}
	x.posted = posted{labels, out, last.postings}
	return out
}

func samePod(a, b *manifest.Pod) bool {
	return a == b || a.NodeName == b.NodeName && a.HostNetwork == b.HostNetwork && a.Terminated == b.Terminated &&
		a.ServiceAccount == b.ServiceAccount && a.Pos == b.Pos && slices.Equal(a.Labels, b.Labels) && slices.Equal(a.Addrs, b.Addrs) && slices.Equal(a.Ports, b.Ports)
}

// endpointOf resolves what a pod is by itself. A name that a pod gives to two ports of one protocol means the first.
func endpointOf(o *manifest.Pod) *ir.Endpoint {
	e := &ir.Endpoint{
		Namespace: o.Namespace, Name: o.Name, Node: o.NodeName,
		Addrs:  sortedAddrs(o.Addrs),
		Origin: source.Origin{Object: o.ID(), Pos: o.Pos},
	}
	e.Ports, e.Listens = declaredPorts(o.Ports)
	return e
}

// declaredPorts returns the named ports, and all ports.
func declaredPorts(ports []manifest.ContainerPort) (named []ir.NamedPort, listens []ir.L4) {
	for _, c := range ports {
		proto := protoOf(c.Protocol)
		listens = append(listens, ir.DstL4(proto, ir.OnePort(c.Port)))
		if c.Name == "" {
			continue
		}
		known := slices.ContainsFunc(named, func(p ir.NamedPort) bool { return p.Name == c.Name && p.Proto == proto })
		if !known {
			named = append(named, ir.NamedPort{Name: c.Name, Proto: proto, Port: c.Port})
		}
	}
	return named, listens
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
