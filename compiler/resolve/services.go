package resolve

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
)

// balanced are the Services as nodes serve them, and what has to be looked at again.
type balanced struct {
	made    map[objectName]*ir.Service
	ordered []*ir.Service // by Compare; never changed in place: Programs share it
	stale   map[objectName]bool
	chosen  map[string]map[objectName]bool // by namespace: the Services whose backends are the pods that they select
	hosts   map[string]map[*pod]bool       // by namespace: the pods that use their node's network
	outside map[objectName]uint16          // the Services of type LoadBalancer, with their health ports; 0: none
}

func newBalanced(size int) balanced {
	return balanced{made: make(map[objectName]*ir.Service, size), stale: make(map[objectName]bool, size),
		chosen: map[string]map[objectName]bool{}, hosts: map[string]map[*pod]bool{}, outside: map[objectName]uint16{}}
}

// put notes a Service that changed; nil: it is gone.
func (b *balanced) put(name objectName, s *manifest.Service) {
	b.stale[name] = true
	delete(b.outside, name)
	switch {
	case s == nil || s.Type != manifest.LoadBalanced || s.LeftAlone():
	case s.NeedsHealthCheck():
		b.outside[name] = s.LoadBalancer.HealthCheckNodePort
	default:
		b.outside[name] = 0
	}
}

// LoadBalancers tells whether Services ask for load balancers, and at which ports nodes tell these about one Service each, sorted.
func (x *Index) LoadBalancers() (isAny bool, checks []uint16) {
	for _, port := range x.balanced.outside {
		if port != 0 {
			checks = append(checks, port)
		}
	}
	slices.Sort(checks)
	return len(x.balanced.outside) > 0, slices.Compact(checks)
}

// reselect has the Services looked at again whose backends may be pods of a namespace.
func (b *balanced) reselect(namespace string) {
	for name := range b.chosen[namespace] {
		b.stale[name] = true
	}
}

// host notes whether a pod that uses its node's network is there.
func (b *balanced) host(p *pod, there bool) {
	namespace := p.object.Namespace
	b.reselect(namespace)
	if !p.object.HostNetwork || p.object.Terminated {
		return
	}
	if there {
		insertIn(b.hosts, namespace, p)
	} else if delete(b.hosts[namespace], p); len(b.hosts[namespace]) == 0 {
		delete(b.hosts, namespace)
	}
}

func insertIn[K, V comparable](m map[K]map[V]bool, key K, value V) {
	if m[key] == nil {
		m[key] = map[V]bool{}
	}
	m[key][value] = true
}

// servicesNow returns the Services that nodes serve, in order. One that comes out as it was stays the same.
func (x *Index) servicesNow() []*ir.Service {
	b := &x.balanced
	changed := make(map[*ir.Service]bool, len(b.stale)) // what goes
	var fresh []*ir.Service
	for name := range b.stale {
		was, now := b.made[name], x.balance(name)
		if was != nil && now != nil && sameService(was, now) {
			continue
		}
		if was != nil {
			changed[was] = true
			delete(b.made, name)
		}
		if now != nil {
			fresh = append(fresh, now)
			b.made[name] = now
		}
	}
	clear(b.stale)
	if len(changed)+len(fresh) > 0 {
		b.ordered = merged(b.ordered, changed, fresh)
	}
	return b.ordered
}

// merged returns sorted Services without some and with others, which come in any order.
func merged(old []*ir.Service, without map[*ir.Service]bool, with []*ir.Service) []*ir.Service {
	slices.SortFunc(with, (*ir.Service).Compare)
	gone := slices.SortedFunc(maps.Keys(without), (*ir.Service).Compare)
	out := make([]*ir.Service, 0, len(old)+len(with))
	upTo := func(s *ir.Service) {
		at, _ := slices.BinarySearchFunc(old, s, (*ir.Service).Compare)
		out, old = append(out, old[:at]...), old[at:]
	}
	for len(gone)+len(with) > 0 {
		if len(with) == 0 || len(gone) > 0 && gone[0].Compare(with[0]) <= 0 {
			upTo(gone[0])
			old, gone = old[1:], gone[1:]
			continue
		}
		upTo(with[0])
		out, with = append(out, with[0]), with[1:]
	}
	return append(out, old...)
}

func sameService(a, b *ir.Service) bool {
	same := func(p, q ir.Backend) bool {
		return p.Compare(q) == 0 && p.Node == q.Node && p.Draining == q.Draining && slices.Equal(p.Zones, q.Zones) && slices.Equal(p.Nodes, q.Nodes)
	}
	samePorts := func(p, q ir.ServicePort) bool {
		return p.Name == q.Name && p.Proto == q.Proto && p.Port == q.Port && p.NodePort == q.NodePort && slices.EqualFunc(p.Backends, q.Backends, same)
	}
	return a.Origin == b.Origin && a.LocalInside == b.LocalInside && a.LocalOutside == b.LocalOutside && a.Affinity == b.Affinity &&
		a.HealthPort == b.HealthPort && slices.Equal(a.ClusterIPs, b.ClusterIPs) && slices.Equal(a.ExternalIPs, b.ExternalIPs) &&
		slices.Equal(a.LoadBalancers, b.LoadBalancers) && a.Sources.Equal(b.Sources) && slices.EqualFunc(a.Ports, b.Ports, samePorts)
}

// balance makes what nodes serve of a Service; nil if that is nothing.
func (x *Index) balance(name objectName) *ir.Service {
	o := x.services[name]
	delete(x.balanced.chosen[name.namespace], name)
	if o == nil || o.LeftAlone() {
		return nil
	}
	s := &ir.Service{Namespace: o.Namespace, Name: o.Name, Origin: o.Origin("", o.Pos), ClusterIPs: sortedAddrs(o.ClusterIPs),
		ExternalIPs: sortedAddrs(o.ExternalIPs), Sources: ir.AnyAddr(), LocalInside: o.InternalTrafficPolicy == manifest.NodeLocal,
		LocalOutside: o.ExternalTrafficPolicy == manifest.NodeLocal, Affinity: time.Duration(o.AffinitySeconds) * time.Second}
	if o.NeedsHealthCheck() {
		s.HealthPort = o.LoadBalancer.HealthCheckNodePort
	}
	if o.Type == manifest.LoadBalanced {
		addrs := statusAddrs(o)
		if x.leaving.pooled[name] {
			addrs = x.leaving.addrs[name]
		}
		s.LoadBalancers = sortedAddrs(addrs)
		if len(o.LoadBalancer.SourceRanges) > 0 {
			s.Sources = ir.PrefixSet(o.LoadBalancer.SourceRanges...)
		}
	}
	backends := x.backendsOf(name, o)
	for i := range o.Ports {
		p := &o.Ports[i]
		if proto, err := ir.ParseProto(strings.ToLower(p.Protocol)); err == nil && proto.HasPorts() && p.Port != 0 {
			port := ir.ServicePort{Name: p.Name, Proto: proto, Port: p.Port, NodePort: p.NodePort, Backends: backends(p)}
			if !x.ownsEntry(name, ir.NodePort{Proto: proto, Port: p.NodePort}) {
				port.NodePort = 0
			}
			s.Ports = append(s.Ports, port)
		}
	}
	slices.SortStableFunc(s.Ports, comparePorts)
	s.Ports = slices.CompactFunc(s.Ports, func(a, b ir.ServicePort) bool { return comparePorts(a, b) == 0 })
	return s
}

func comparePorts(a, b ir.ServicePort) int {
	return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Port, b.Port))
}

// backendsOf returns where the backends of a Service's ports come from: its slices, or if it has none and a selector, the pods that
// this selects, as a cluster's controller would list them.
func (x *Index) backendsOf(name objectName, o *manifest.Service) func(*manifest.ServicePort) []ir.Backend {
	if len(x.slicesOf[name]) == 0 && len(o.Selector) > 0 {
		insertIn(x.balanced.chosen, name.namespace, name)
		pods := x.selectedPods(name.namespace, o.Selector)
		return func(p *manifest.ServicePort) []ir.Backend { return podBackends(pods, p) }
	}
	return func(p *manifest.ServicePort) []ir.Backend { return sliceBackends(x.slicesOf[name], p) }
}

// sliceBackends lists what slices have for a port: the endpoints that are ready, and those that serve while they terminate. An
// endpoint that two slices list counts as in the first by name that calls it ready.
func sliceBackends(from map[string]*manifest.EndpointSlice, p *manifest.ServicePort) []ir.Backend {
	var out []ir.Backend
	for _, name := range slices.Sorted(maps.Keys(from)) {
		s := from[name]
		at := slices.IndexFunc(s.Ports, func(q manifest.EndpointPort) bool { return q.Name == p.Name && q.Protocol == p.Protocol && q.Port != 0 })
		if at < 0 || s.LeftAlone() {
			continue
		}
		for i := range s.Endpoints {
			e := &s.Endpoints[i]
			draining := e.Serving && e.Terminating
			if len(e.Addrs) == 0 || !e.Ready && !draining {
				continue
			}
			out = append(out, ir.Backend{Addr: e.Addrs[0].Unmap().WithZone(""), Port: s.Ports[at].Port, Node: e.NodeName, Draining: !e.Ready,
				Zones: sortedWords(e.ForZones), Nodes: sortedWords(e.ForNodes)})
		}
	}
	return distinctBackends(out)
}

// podBackends lists the port of every address of the pods.
func podBackends(pods []*pod, p *manifest.ServicePort) []ir.Backend {
	var out []ir.Backend
	for _, pod := range pods {
		port := targetPort(pod.object, p)
		if port == 0 {
			continue
		}
		for _, a := range sortedAddrs(pod.object.Addrs) {
			out = append(out, ir.Backend{Addr: a, Port: port, Node: pod.object.NodeName})
		}
	}
	return distinctBackends(out)
}

// targetPort is the number that a pod gives to a Service's target port; 0 if it has none of that name.
func targetPort(o *manifest.Pod, p *manifest.ServicePort) uint16 {
	if p.TargetPort == "" || p.TargetPort == "0" {
		return p.Port
	}
	if n, err := strconv.ParseUint(p.TargetPort, 10, 16); err == nil {
		return uint16(n)
	}
	for _, c := range o.Ports {
		if c.Name == p.TargetPort && c.Protocol == p.Protocol {
			return c.Port
		}
	}
	return 0
}

// distinctBackends sorts backends; of equal ones the first that is ready stays.
func distinctBackends(list []ir.Backend) []ir.Backend {
	slices.SortStableFunc(list, func(a, b ir.Backend) int {
		drains := 0
		if a.Draining != b.Draining {
			drains = 1
			if b.Draining {
				drains = -1
			}
		}
		return cmp.Or(a.Compare(b), drains)
	})
	return slices.CompactFunc(list, func(a, b ir.Backend) bool { return a.Compare(b) == 0 })
}

func sortedWords(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	out := slices.Clone(words)
	slices.Sort(out)
	return slices.Compact(out)
}

// selectedPods returns the pods of a namespace, those on their node's network among them, that have all the labels.
func (x *Index) selectedPods(namespace string, labels manifest.Labels) []*pod {
	least := x.labels[labels[0]]
	for _, l := range labels {
		if p := x.labels[l]; p == nil || p.len() < least.len() {
			least = p
		}
		if least == nil {
			break
		}
	}
	has := func(p *pod) bool {
		return !slices.ContainsFunc(labels, func(l manifest.Label) bool {
			value, ok := p.object.Labels.Get(l.Key)
			return !ok || value != l.Value
		})
	}
	var out []*pod
	if least != nil {
		for _, p := range least.list() {
			if p.object.Namespace == namespace && has(p) {
				out = append(out, p)
			}
		}
	}
	for p := range x.balanced.hosts[namespace] {
		if has(p) {
			out = append(out, p)
		}
	}
	return out
}
