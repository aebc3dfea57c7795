package lab

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// FromProgram describes the lab of a cluster: every node, and every pod that has a node and an address, with a responder
// on each port that it declares. A machine outside the cluster is a host with the addresses of all of its entities. What else the
// lab needs to have, a node's address above all, Spec.Check tells.
func FromProgram(p *ir.Program, target Target) Spec {
	spec := Spec{Target: target}
	for _, n := range p.Nodes {
		spec.Nodes = append(spec.Nodes, Node{Name: n.Name, Addrs: plainAddrs(n.Addrs), PodCIDRs: slices.Clone(n.PodCIDRs)})
	}
	for _, e := range p.Pods() {
		if e.Node == "" || len(e.Addrs) == 0 {
			continue
		}
		spec.Pods = append(spec.Pods, Pod{
			Namespace: e.Namespace, Name: e.Name, Node: e.Node, Addrs: plainAddrs(e.Addrs), Ports: portsOf(e.Listens),
		})
	}
	for _, e := range p.Endpoints {
		if e.Kind == ir.ExternalEndpoint && e.Node != "" {
			spec.addMachine(e)
		}
	}
	for _, h := range p.Holdings {
		if h.Subnet.VLAN == 0 && !h.Static {
			spec.Held = append(spec.Held, h.Addr)
		}
	}
	for _, s := range p.Services {
		spec.addService(s)
	}
	return spec
}

// addService makes the addresses of a Service lead to nodes, and has its backends answer.
func (s *Spec) addService(o *ir.Service) {
	outside := append(plainAddrs(o.ExternalIPs), plainAddrs(o.LoadBalancers)...)
	for _, a := range append(plainAddrs(o.ClusterIPs), outside...) {
		if !slices.Contains(s.Virtual, a) {
			s.Virtual = append(s.Virtual, a)
		}
	}
	for _, a := range outside {
		if !slices.Contains(s.External, a) && !slices.Contains(s.Held, a) {
			s.External = append(s.External, a)
		}
	}
	for _, p := range o.Ports {
		proto, ok := protoOf(p.Proto)
		for _, b := range p.Backends {
			at := slices.IndexFunc(s.Pods, func(pod Pod) bool { return slices.Contains(pod.Addrs, b.Addr.Unmap()) })
			if port := (Port{Proto: proto, Port: b.Port}); ok && at >= 0 && !slices.Contains(s.Pods[at].Ports, port) {
				s.Pods[at].Ports = append(s.Pods[at].Ports, port)
			}
		}
	}
}

// addMachine adds an entity's addresses and ports to the host that it is on. Kubernetes names have no underscore.
func (s *Spec) addMachine(e *ir.Endpoint) {
	at := slices.IndexFunc(s.Hosts, func(h Host) bool { return h.Machine == e.Node })
	if at < 0 {
		at = len(s.Hosts)
		s.Hosts = append(s.Hosts, Host{Name: strings.ReplaceAll(e.Node, "/", "_"), Machine: e.Node})
	}
	h := &s.Hosts[at]
	h.Addrs = append(h.Addrs, plainAddrs(e.Addrs)...)
	for _, port := range portsOf(e.Listens) {
		if !slices.Contains(h.Ports, port) {
			h.Ports = append(h.Ports, port)
		}
	}
}

// plainAddrs writes IPv4 addresses that are mapped into IPv6 as what they are.
func plainAddrs(addrs []netip.Addr) []netip.Addr {
	plain := make([]netip.Addr, len(addrs))
	for i, a := range addrs {
		plain[i] = a.Unmap()
	}
	return plain
}

// portsOf returns the ports of boxes that are one port each, without repetitions. Other boxes are nothing to listen on.
func portsOf(boxes []ir.L4) []Port {
	var ports []Port
	for _, box := range boxes {
		proto, ok := protoOf(box.Proto)
		if !ok || box.Dst.From != box.Dst.To || box.Dst.From == 0 {
			continue
		}
		if port := (Port{Proto: proto, Port: box.Dst.From}); !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports
}

func protoOf(p ir.Proto) (Proto, bool) {
	switch p {
	case ir.ProtoTCP:
		return TCP, true
	case ir.ProtoUDP:
		return UDP, true
	case ir.ProtoSCTP:
		return SCTP, true
	}
	return "", false
}
