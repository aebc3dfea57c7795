package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
)

// wayIn is how a packet gets into a Service.
type wayIn struct {
	service *ir.Service
	port    *ir.ServicePort // nil: the Service has no such port
	node    *ir.Node
	family  ir.Family
	by      string
	policy  string // the traffic policy that counts
	local   bool   // it leaves backends of the node alone
	barred  bool   // its source may not dial
}

// wayInto finds the way of a packet that a Service is known to get.
func wayInto(s *ir.Service, node *ir.Node, side ir.Side, p ir.Packet) wayIn {
	w := wayIn{service: s, node: node, family: ir.FamilyOf(p.Dst), policy: "externalTrafficPolicy", local: s.LocalOutside && side == ir.OutsideSide}
	at := slices.IndexFunc(s.Ports, func(port ir.ServicePort) bool { return s.Dial(&port, node, side, p).Outcome != ir.NotService })
	if at < 0 {
		return w
	}
	w.port = &s.Ports[at]
	switch isPort := w.port.Port == p.DstPort; {
	case isPort && slices.Contains(s.ClusterIPs, p.Dst):
		w.by, w.policy, w.local = "cluster address", "internalTrafficPolicy", s.LocalInside
	case isPort && slices.Contains(s.LoadBalancers, p.Dst):
		w.by, w.barred = "load balancer's address", !s.Sources.Contains(p.Src)
	case isPort && slices.Contains(s.ExternalIPs, p.Dst):
		w.by = "external address"
	default:
		w.by = "node port"
	}
	return w
}

// portText gives "http (tcp/80)", or "tcp/80" for a port without a name.
func portText(p *ir.ServicePort) string {
	if p.Name == "" {
		return p.String()
	}
	return p.Name + " (" + p.String() + ")"
}

// havePorts tells which ports there are.
func havePorts(s *ir.Service) string {
	var names []string
	for i := range s.Ports {
		names = append(names, portText(&s.Ports[i]))
	}
	return ": it has " + enough(names)
}

// candidates lists the endpoints of a port, with the reason of each that is left out: backends first, by address; then those that
// are none, in the order of the input.
func (in *evalInput) candidates(w *wayIn, b *ir.Balanced) []candidate {
	out := []candidate{}
	for i := range w.port.Backends {
		backend := &w.port.Backends[i]
		if ir.FamilyOf(backend.Addr) != w.family {
			continue
		}
		c := in.candidate(backend.Target(), backend.Node)
		if !slices.Contains(b.Targets, backend.Target()) {
			c.LeftOut = w.leftOut(backend)
		}
		out = append(out, c)
	}
	return append(out, in.unlisted(w)...)
}

func (in *evalInput) candidate(target netip.AddrPort, node string) candidate {
	return candidateOf(in.endpoints, target, node)
}

func candidateOf(endpoints map[netip.Addr]*ir.Endpoint, target netip.AddrPort, node string) candidate {
	c := candidate{Backend: target.String(), Node: node}
	if e := endpoints[target.Addr()]; e != nil && e.Kind == ir.PodEndpoint {
		c.Pod = e.String()
	}
	return c
}

// leftOut says why the client does not get a backend: the first reason that is enough.
func (w *wayIn) leftOut(b *ir.Backend) string {
	ready := func(o *ir.Backend) bool { return ir.FamilyOf(o.Addr) == w.family && !o.Draining }
	here := func(o *ir.Backend) bool { return w.node != nil && o.Node == w.node.Name }
	any := func(holds func(*ir.Backend) bool) bool {
		return slices.ContainsFunc(w.port.Backends, func(o ir.Backend) bool { return ready(&o) && holds(&o) })
	}
	switch {
	case w.barred:
		return barredText
	case w.local && !here(b):
		return w.policy + " is Local, and it is on another node"
	case b.Draining && (any(here) || !w.local && any(func(*ir.Backend) bool { return true })):
		return "it terminates, and others are ready"
	case w.node != nil && len(b.Nodes) > 0 && !slices.Contains(b.Nodes, w.node.Name) && any(func(o *ir.Backend) bool { return slices.Contains(o.Nodes, w.node.Name) }):
		return fmt.Sprintf("its hint is for nodes %s, not %s", strings.Join(b.Nodes, ", "), w.node.Name)
	}
	return fmt.Sprintf("its hint is for zones %s, and %s is in %s", strings.Join(b.Zones, ", "), w.node.Name, w.node.Zone)
}

// barredText is said of clients outside a load balancer's source ranges.
const barredText = "the source is not in loadBalancerSourceRanges"

// unlisted lists the endpoints of the manifests that are no backends: those that are not ready, and pods that cannot be one.
func (in *evalInput) unlisted(w *wayIn) []candidate {
	var out []candidate
	hasSlices := false
	for _, s := range in.objects.EndpointSlices {
		if s.Namespace != w.service.Namespace || s.Service != w.service.Name {
			continue
		}
		hasSlices = true
		if !s.LeftAlone() {
			out = append(out, in.unlistedOf(w, s)...)
		}
	}
	if hasSlices {
		return out
	}
	declared := in.declared(w.service.Namespace, w.service.Name)
	for _, pod := range in.objects.Pods {
		if declared == nil || len(declared.Selector) == 0 || pod.Namespace != w.service.Namespace || !hasLabels(pod, declared.Selector) {
			continue
		}
		c := candidate{Pod: pod.Namespace + "/" + pod.Name, Node: pod.NodeName}
		switch {
		case pod.Terminated:
			c.LeftOut = "it has ended"
		case len(pod.Addrs) == 0:
			c.LeftOut = "it has no address"
		case slices.ContainsFunc(w.port.Backends, func(b ir.Backend) bool { return slices.Contains(pod.Addrs, b.Addr) }):
			continue
		default:
			c.LeftOut = "it has no port of the name that targetPort says"
		}
		out = append(out, c)
	}
	return out
}

// unlistedOf lists the endpoints of a slice that are no backends.
func (in *evalInput) unlistedOf(w *wayIn, s *manifest.EndpointSlice) []candidate {
	proto := strings.ToUpper(w.port.Proto.String())
	port := uint16(0)
	for _, q := range s.Ports {
		if q.Name == w.port.Name && q.Protocol == proto {
			port = q.Port
		}
	}
	var out []candidate
	for i := range s.Endpoints {
		e := &s.Endpoints[i]
		if len(e.Addrs) == 0 || ir.FamilyOf(e.Addrs[0]) != w.family {
			continue
		}
		c := in.candidate(netip.AddrPortFrom(e.Addrs[0].Unmap().WithZone(""), port), e.NodeName)
		switch {
		case port == 0:
			c.Backend, c.LeftOut = e.Addrs[0].String(), fmt.Sprintf("EndpointSlice %s has no such port", s.Name)
		case slices.ContainsFunc(w.port.Backends, func(b ir.Backend) bool { return b.Target().String() == c.Backend }):
			continue
		case e.Terminating:
			c.LeftOut = "it terminates, and serves no longer"
		default:
			c.LeftOut = "not ready"
		}
		out = append(out, c)
	}
	return out
}

func hasLabels(pod *manifest.Pod, want manifest.Labels) bool {
	return !slices.ContainsFunc(want, func(l manifest.Label) bool {
		value, ok := pod.Labels.Get(l.Key)
		return !ok || value != l.Value
	})
}
