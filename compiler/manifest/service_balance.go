package manifest

import (
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// trafficPolicies reads internalTrafficPolicy and externalTrafficPolicy.
func (r *serviceReader) trafficPolicies() {
	s := r.s
	internal := string(ClusterWide)
	if s.Type == ExternalName {
		internal = ""
	}
	s.InternalTrafficPolicy = TrafficPolicy(r.strictChoice("internalTrafficPolicy", "traffic policy", internal, string(ClusterWide), string(NodeLocal)))
	if s.Type == ExternalName {
		s.InternalTrafficPolicy = ""
	}
	n, _ := r.get("externalTrafficPolicy")
	// Not ExternallyReachable: a list with wrong addresses is a list.
	if s.Type == ExternalName || s.Type == ClusterIP && r.spec.Get("externalIPs").Len() == 0 {
		if str(n) != "" {
			r.forbid("externalTrafficPolicy", "remove it: there is no way in from outside", "a Service of type %s without externalIPs has no externalTrafficPolicy", s.Type)
		}
		return
	}
	s.ExternalTrafficPolicy = TrafficPolicy(r.choice("externalTrafficPolicy", "traffic policy", string(ClusterWide), string(ClusterWide), string(NodeLocal)))
}

// distribution reads trafficDistribution and the annotation that came before it, which whoever makes EndpointSlices turns into hints.
func (r *serviceReader) distribution() {
	r.s.TrafficDistribution = TrafficDistribution(r.strictChoice("trafficDistribution", "traffic distribution", "",
		string(PreferClose), string(PreferSameZone), string(PreferSameNode)))
	mode, hints := r.annotations.Get(topologyModeAnnotation), r.annotations.Get(topologyHintsAnnotation)
	switch {
	case mode != nil && hints != nil && str(mode) != str(hints):
		at := r.notes.Field(topologyModeAnnotation)
		r.add(diag.BadService, mode, &at, "keep "+topologyModeAnnotation+" alone", "the annotations %s and %s differ", topologyModeAnnotation, topologyHintsAnnotation)
	case mode == nil:
		mode = hints
	}
	r.s.TopologyMode = r.keep(mode)
}

// loadBalancer reads what only Services of type LoadBalancer may have.
func (r *serviceReader) loadBalancer() {
	r.sourceRanges()
	r.healthCheck()
	r.sharing()
	l := &r.s.LoadBalancer
	allocate, class := r.spec.Get("allocateLoadBalancerNodePorts"), r.spec.Get("loadBalancerClass")
	if r.s.Type != LoadBalanced {
		for _, field := range []string{"allocateLoadBalancerNodePorts", "loadBalancerClass"} {
			if !r.spec.Get(field).IsNull() {
				r.forbid(field, "remove it, or write type: LoadBalancer", "a Service of type %s has no %s", r.s.Type, field)
			}
		}
		return
	}
	l.AllocateNodePorts = boolOr(allocate, true)
	if !class.IsNull() && class.Kind == tree.Scalar {
		if bad := badLabelKey(class.Text); bad != "" {
			at := r.top.Field("loadBalancerClass")
			r.add(diag.BadName, class, &at, "write a name such as internal or example.com/internal", "the class %q %s", class.Text, bad)
		}
		l.Class = r.keep(class)
	}
	// The API server does not look at this one.
	if wanted, at := r.get("loadBalancerIP"); str(wanted) != "" {
		if a, err := netip.ParseAddr(str(wanted)); err == nil && a.Zone() == "" && !a.Is4In6() {
			l.IP = a
		} else {
			r.add(diag.IgnoredValue, wanted, &at, "write one IPv4 or IPv6 address", "loadBalancerIP %q is not an IP address", str(wanted))
		}
	}
}

// healthCheck reads healthCheckNodePort, which only a LoadBalancer with local endpoints needs, and which no port of its may use.
func (r *serviceReader) healthCheck() {
	n, at := r.get("healthCheckNodePort")
	v, ok := n.Int()
	if !ok || v == 0 {
		return
	}
	if !r.s.NeedsHealthCheck() {
		r.forbid("healthCheckNodePort", "remove it, or write type: LoadBalancer and externalTrafficPolicy: Local", "only Services of type LoadBalancer with externalTrafficPolicy Local have a healthCheckNodePort")
		return
	}
	port := r.builder.port(n, &at)
	for _, p := range r.s.Ports {
		if port != 0 && p.NodePort == port {
			r.add(diag.BadPort, n, &at, "choose another one, or leave it out", "the node port %d is taken by a port of the Service", port)
			return
		}
	}
	r.s.LoadBalancer.HealthCheckNodePort = port
}

// sharing reads Antrea's annotations about external addresses (Antrea documentation, "Service of type LoadBalancer").
func (r *serviceReader) sharing() {
	for _, name := range []string{poolAnnotation, shareAnnotation} {
		n, at := r.annotations.Get(name), r.notes.Field(name)
		switch text := str(n); {
		case text == "":
		case r.s.Type != LoadBalanced:
			r.add(diag.IgnoredValue, n, &at, "remove it, or write type: LoadBalancer", "the annotation %s has no meaning for a Service of type %s", name, r.s.Type)
		case name == poolAnnotation:
			r.s.LoadBalancer.Pool = r.keep(n)
		case text == "true":
			r.s.LoadBalancer.SharesIP = true
		case text != "false":
			r.add(diag.IgnoredValue, n, &at, `write "true" or "false"`, "the annotation %s cannot be %q", name, text)
		}
	}
}

// status reads status.loadBalancer.ingress, as the API server judges it when it is written.
func (r *serviceReader) status() {
	status := (*tree.Path)(nil).Field("status")
	balancer := status.Field("loadBalancer")
	path := balancer.Field("ingress")
	n := r.root.Get("status").Get("loadBalancer").Get("ingress")
	if n.Len() > 0 && r.s.Type != LoadBalanced {
		r.add(diag.BadService, n, &path, "remove it, or write type: LoadBalancer", "a Service of type %s has no load balancer", r.s.Type)
		return
	}
	for item, at := range list(n, &path) {
		r.s.LoadBalancer.Ingress = append(r.s.LoadBalancer.Ingress, r.ingress(item, at))
	}
}

func (r *serviceReader) ingress(n *tree.Node, path *tree.Path) LoadBalancerIngress {
	var out LoadBalancerIngress
	at := path.Field("ip")
	out.Addr = r.addr(n.Get("ip"), &at)
	at = path.Field("ipMode")
	mode := n.Get("ipMode")
	switch {
	case mode.IsNull() && str(n.Get("ip")) != "":
		out.Mode = VIPMode
	case !mode.IsNull() && str(n.Get("ip")) == "":
		r.add(diag.BadService, mode, &at, "remove it, or write ip too", "ipMode says something about an ip, and there is none")
	default:
		out.Mode = LoadBalancerMode(r.word(diag.BadService, mode, &at, "ipMode", string(VIPMode), string(ProxyMode)))
	}
	at = path.Field("hostname")
	name := str(n.Get("hostname"))
	if bad := badSubdomain(name); name != "" && bad != "" {
		r.add(diag.BadDomainName, n.Get("hostname"), &at, "write a DNS name in lower case", "the name %q %s", name, bad)
	} else if looseAddr(name) {
		r.add(diag.BadDomainName, n.Get("hostname"), &at, "write the address as ip", "%s is an address, not a name", name)
	}
	out.Hostname = strings.Clone(name)
	return out
}

// looseAddr reports whether text is an IP address, also one with leading zeros.
func looseAddr(text string) bool {
	parts := strings.Split(text, ".")
	for i, p := range parts {
		if trimmed := strings.TrimLeft(p, "0"); trimmed != "" || p == "" {
			parts[i] = trimmed
		} else {
			parts[i] = "0"
		}
	}
	_, err := netip.ParseAddr(strings.Join(parts, "."))
	return err == nil
}
