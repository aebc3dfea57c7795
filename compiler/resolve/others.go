package resolve

import (
	"cmp"
	"crypto/sha1" // what names of objects are made with elsewhere; nothing depends on its strength
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// other is an endpoint that is no pod: a node, or an external entity.
type other struct {
	endpoint *ir.Endpoint
	labels   manifest.Labels
	claims   []netip.Addr // the addresses it declares, of which others may have some
}

// others are all endpoints that are no pods, in order. There are few; they are made anew after a change, and keep their
// identity if they come out the same.
type others struct {
	nodes    []other // declared ones
	external []other
	members  []*ir.Endpoint // the nodes and Services that some group has as members
	last     map[string]*ir.Endpoint
}

// remake finds the nodes and external entities as they are now. An address belongs to one endpoint at most: pods come first,
// then nodes, then external entities, each by name.
func (o *others) remake(x *Index) {
	last := o.last
	*o = others{last: map[string]*ir.Endpoint{}}
	if len(x.computed)+len(x.machines)+len(x.entities) == 0 {
		return // nobody asks for nodes, and there is nothing else
	}
	taken := map[netip.Addr]bool{}
	keep := func(e *ir.Endpoint, labels manifest.Labels) other {
		out := other{e, labels, e.Addrs}
		e.Addrs = nil
		for _, a := range out.claims {
			if len(x.owners[a]) == 0 && !taken[a] {
				e.Addrs = append(e.Addrs, a)
				taken[a] = true
			}
		}
		if was := last[e.String()]; was != nil && sameEndpoint(was, e) {
			out.endpoint = was
		}
		o.last[e.String()] = out.endpoint
		return out
	}
	for _, n := range sortedByName(x.nodes) {
		if n.declared != nil {
			e := &ir.Endpoint{Kind: ir.NodeEndpoint, Name: n.name, Node: n.name, Addrs: n.resolved.Addrs, Origin: n.resolved.Origin}
			o.nodes = append(o.nodes, keep(e, n.declared.Labels))
		}
	}
	for _, e := range x.externalEndpoints() {
		o.external = append(o.external, keep(e.endpoint, e.labels))
	}
}

func sameEndpoint(a, b *ir.Endpoint) bool {
	return a.Kind == b.Kind && a.Node == b.Node && a.Origin == b.Origin && slices.Equal(a.Addrs, b.Addrs) &&
		slices.Equal(a.Ports, b.Ports) && slices.Equal(a.Listens, b.Listens) && slices.Equal(a.NodePorts, b.NodePorts)
}

// entries lists the node ports of a Service, by protocol and port.
func entries(s *manifest.Service) []ir.NodePort {
	var out []ir.NodePort
	for _, p := range s.Ports {
		if proto, err := ir.ParseProto(strings.ToLower(p.Protocol)); err == nil && p.NodePort != 0 {
			out = append(out, ir.NodePort{Proto: proto, Port: p.NodePort})
		}
	}
	slices.SortFunc(out, ir.NodePort.Compare)
	return slices.Compact(out)
}

// acquireEntry interns the group of a Service's node ports.
func (x *Index) acquireEntry(service objectName) *group {
	return x.acquire("node ports of "+service.namespace+"/"+service.name, func() *group {
		var last []*ir.Endpoint
		return &group{compute: func() []*ir.Endpoint {
			e := x.entryOf(service)
			if e == nil {
				return nil
			}
			if len(last) == 0 || !sameEndpoint(last[0], e) {
				last = []*ir.Endpoint{e}
			}
			return last
		}}
	})
}

// ownsEntry reports whether a node port is a Service's. No API server lets two Services have one; of manifests that say so, the first
// by namespace and name has it.
func (x *Index) ownsEntry(name objectName, p ir.NodePort) bool {
	return !slices.ContainsFunc(x.entries[p], func(o objectName) bool {
		return cmp.Or(cmp.Compare(o.namespace, name.namespace), cmp.Compare(o.name, name.name)) < 0
	})
}

// entryOf makes the endpoint that stands for a Service's node ports, nil if it has none.
func (x *Index) entryOf(name objectName) *ir.Endpoint {
	s := x.services[name]
	if s == nil {
		return nil
	}
	ports := slices.DeleteFunc(entries(s), func(p ir.NodePort) bool { return !x.ownsEntry(name, p) })
	if len(ports) == 0 {
		return nil
	}
	return &ir.Endpoint{Kind: ir.ServiceEndpoint, Namespace: s.Namespace, Name: s.Name, NodePorts: ports, Origin: s.Origin("", s.Pos)}
}

func sortedByName(nodes map[string]*node) []*node {
	out := make([]*node, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	return out
}

// externalEndpoints makes one endpoint for each interface of each ExternalNode and for each ExternalEntity, in order. An entity
// with the name that an interface's has is a copy of it.
func (x *Index) externalEndpoints() []other {
	var out []other
	for _, n := range x.machines {
		for i := range n.Interfaces {
			e := &ir.Endpoint{Kind: ir.ExternalEndpoint, Namespace: n.Namespace, Name: EntityName(n.Name, n.Interfaces[i].Name),
				Node: n.Namespace + "/" + n.Name, Addrs: sortedAddrs(n.Interfaces[i].Addrs), Origin: n.Origin("", n.Pos)}
			out = append(out, other{endpoint: e, labels: n.Labels})
		}
	}
	for _, o := range x.entities {
		e := &ir.Endpoint{Kind: ir.ExternalEndpoint, Namespace: o.Namespace, Name: o.Name, Addrs: sortedAddrs(o.Addrs),
			Origin: source.Origin{Object: o.ID(), Pos: o.Pos}}
		if o.Node != "" {
			e.Node = o.Namespace + "/" + o.Node
		}
		e.Ports, e.Listens = declaredPorts(o.Ports)
		out = append(out, other{endpoint: e, labels: o.Labels})
	}
	slices.SortFunc(out, func(a, b other) int {
		return cmp.Or(a.endpoint.Compare(b.endpoint), -a.endpoint.Origin.Compare(b.endpoint.Origin)) // ExternalNode first
	})
	return slices.CompactFunc(out, func(a, b other) bool { return a.endpoint.Compare(b.endpoint) == 0 })
}

// EntityName is the name of the external entity that stands for an interface of an ExternalNode: the node's, and five digits
// of a hash of the interface's name if it has one. Source: Antrea gives the ExternalEntity that it makes this name.
func EntityName(node, iface string) string {
	if iface == "" {
		return node
	}
	sum := sha1.Sum([]byte(iface))
	return node + "-" + hex.EncodeToString(sum[:])[:5]
}

// acquireNodes interns the group of the nodes that a selector selects.
func (x *Index) acquireNodes(labels manifest.Selector) *group {
	return x.acquire("nodes "+cmp.Or(labels.String(), "*"), func() *group {
		return &group{compute: func() []*ir.Endpoint {
			return selected(x.others.nodes, func(o other) bool { return labels.Matches(o.labels) })
		}}
	})
}

// acquireExternal interns the group of the external entities that a selector selects in a namespace, or in those that another
// selector does.
func (x *Index) acquireExternal(namespace string, spaces *manifest.Selector, labels manifest.Selector) *group {
	key, blank := "external ns="+namespace, " "
	if spaces != nil {
		key, blank = "external nsel:"+cmp.Or(spaces.String(), "*"), ";"
	}
	if text := labels.String(); text != "" {
		key += blank + text
	}
	matches := func(o other) bool {
		in := o.endpoint.Namespace == namespace
		if spaces != nil {
			in = spaces.Matches(x.labelsOf(o.endpoint.Namespace))
		}
		return in && labels.Matches(o.labels)
	}
	return x.acquire(key, func() *group {
		return &group{compute: func() []*ir.Endpoint { return selected(x.others.external, matches) }}
	})
}

// labelsOf returns the labels of a namespace, which need not have any pods.
func (x *Index) labelsOf(namespace string) manifest.Labels {
	if n := x.namespaces[namespace]; n != nil {
		return n.labels
	}
	return impliedLabels(namespace, nil)
}

func selected(from []other, matches func(other) bool) []*ir.Endpoint {
	var out []*ir.Endpoint
	for _, o := range from {
		if matches(o) {
			out = append(out, o.endpoint)
		}
	}
	return out
}

// acquireSlices interns the group of the pods whose addresses a Service's slices list, ready or not. Only those of the Service's
// own namespace count: who may write slices shall not choose from other namespaces.
func (x *Index) acquireSlices(service objectName) *group {
	return x.acquire("service "+service.namespace+"/"+service.name, func() *group {
		return &group{compute: func() []*ir.Endpoint {
			var out []*ir.Endpoint
			for _, s := range x.slicesOf[service] {
				for _, e := range s.Endpoints {
					for _, a := range sortedAddrs(e.Addrs) {
						if p := x.podAt(a); p != nil && p.endpoint.Namespace == service.namespace {
							out = append(out, p.endpoint)
						}
					}
				}
			}
			slices.SortFunc(out, (*ir.Endpoint).Compare)
			return slices.Compact(out)
		}}
	})
}

// podAt returns the pod that has an address, after settle.
func (x *Index) podAt(a netip.Addr) *pod {
	for _, p := range x.owners[a] {
		if slices.Contains(p.endpoint.Addrs, a) {
			return p
		}
	}
	return nil
}

// recompute brings the groups up to date whose members do not follow from single pods, and tells which nodes and Services are
// members.
func (x *Index) recompute() {
	var members [][]*ir.Endpoint
	for g := range x.computed {
		if g.dial != nil {
			if dials := g.dial(); !slices.Equal(dials, g.dials) {
				g.dials, g.resolved = dials, nil
			}
			continue
		}
		if members := g.compute(); !slices.Equal(members, g.members) || g.resolved == nil {
			g.members, g.resolved = members, nil
			g.addrs = ir.AddrsOf(members)
		}
		if len(g.members) > 0 && (g.members[0].Kind == ir.NodeEndpoint || g.members[0].Kind == ir.ServiceEndpoint) {
			members = append(members, g.members)
		}
	}
	x.others.members = unionOf(members)
}
