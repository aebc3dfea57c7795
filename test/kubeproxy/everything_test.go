package kubeproxy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
)

// town is a cluster under construction: two nodes and a handful of pods, of both families.
type town struct {
	*manifest.Objects
	line int32
}

// everything is a town with Services of every kind.
func everything() *manifest.Objects {
	t := newTown()
	t.plain()
	t.external()
	t.conditions()
	t.hints()
	return t.Objects
}

// newTown makes one without Services. Endpoints are named by a word: a, b and c are pods of n1 (and q, a client), x and y of n2 (and z, a client), far is no pod. What follows a sign changes one:
// "b!" drains, "b?" is not ready, "b~zone-a" and "b^n1" have hints.
func newTown() *town {
	t := &town{Objects: &manifest.Objects{}}
	t.Namespaces = append(t.Namespaces, &manifest.Namespace{Meta: t.meta("Namespace", "", "d")})
	for i, name := range []string{"n1", "n2"} {
		n := &manifest.Node{Meta: t.meta("Node", "", name)}
		n.Labels = manifest.Labels{{Key: "topology.kubernetes.io/zone", Value: []string{"zone-a", "zone-b"}[i]}}
		n.Addrs = addrs(fmt.Sprintf("192.168.0.%d", i+1), fmt.Sprintf("fdc0::%d", i+1))
		n.PodCIDRs = []netip.Prefix{netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i+1)), netip.MustParsePrefix(fmt.Sprintf("fd10:0:%d::/64", i+1))}
		t.Nodes = append(t.Nodes, n)
	}
	for _, name := range []string{"a", "b", "c", "q", "x", "y", "z"} {
		p := &manifest.Pod{Meta: t.meta("Pod", "d", name), NodeName: nodeOf(name), Addrs: addrsOf(name)}
		t.Pods = append(t.Pods, p)
	}
	return t
}

func (t *town) meta(kind, namespace, name string) manifest.Meta {
	t.line += 10
	return manifest.Meta{Kind: kind, Namespace: namespace, Name: name, Pos: source.Pos{File: "everything.yaml", Line: t.line, Col: 1}}
}

func nodeOf(pod string) string {
	switch pod {
	case "far":
		return ""
	case "x", "y", "z":
		return "n2"
	}
	return "n1"
}

func addrsOf(pod string) []netip.Addr {
	switch pod {
	case "far":
		return addrs("192.0.2.77", "2001:db8:2::77")
	case "x", "y", "z":
		return addrs(fmt.Sprintf("10.0.2.%d", pod[0]), fmt.Sprintf("fd10:0:2::%x", pod[0]))
	}
	return addrs(fmt.Sprintf("10.0.1.%d", pod[0]), fmt.Sprintf("fd10:0:1::%x", pod[0]))
}

// service adds a Service of type LoadBalancer with node ports, an external IP and virtual addresses of both families; less if change
// takes it away. Its ports are the same number of TCP and UDP.
func (t *town) service(name, endpoints string, change func(s *manifest.Service)) {
	i := len(t.Services) + 1
	both := []manifest.IPFamily{manifest.IPv4, manifest.IPv6}
	s := &manifest.Service{Meta: t.meta("Service", "d", name), Type: manifest.LoadBalanced, IPFamilies: both, IPFamilyPolicy: manifest.RequireDualStack,
		InternalTrafficPolicy: manifest.ClusterWide, ExternalTrafficPolicy: manifest.ClusterWide}
	s.ClusterIPs = addrs(fmt.Sprintf("10.96.0.%d", i+10), fmt.Sprintf("fd96::%x", i+10))
	s.ExternalIPs = addrs(fmt.Sprintf("192.0.2.%d", i), fmt.Sprintf("fde0::%x", i))
	for k, proto := range []string{"TCP", "UDP"} {
		s.Ports = append(s.Ports, manifest.ServicePort{Name: proto, Protocol: proto, Port: 80, NodePort: uint16(30000 + 10*i + k), TargetPort: "8080"})
	}
	for _, a := range addrs(fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("fdb0::%x", i)) {
		s.LoadBalancer.Ingress = append(s.LoadBalancer.Ingress, manifest.LoadBalancerIngress{Addr: a, Mode: manifest.VIPMode})
	}
	s.LoadBalancer.AllocateNodePorts = true
	change(s)
	if s.NeedsHealthCheck() {
		s.LoadBalancer.HealthCheckNodePort = uint16(32000 + i)
	}
	t.Services = append(t.Services, s)
	t.slices(s, endpoints)
}

// clusterIP takes everything away that is for clients outside.
func clusterIP(s *manifest.Service) {
	s.Type, s.ExternalTrafficPolicy, s.ExternalIPs, s.LoadBalancer = manifest.ClusterIP, "", nil, manifest.LoadBalancer{}
	for i := range s.Ports {
		s.Ports[i].NodePort = 0
	}
}

func nodeLocal(s *manifest.Service) { s.ExternalTrafficPolicy = manifest.NodeLocal }

func insideLocal(s *manifest.Service) { s.InternalTrafficPolicy = manifest.NodeLocal }

func ranges(prefixes ...string) func(s *manifest.Service) {
	return func(s *manifest.Service) {
		for _, p := range prefixes {
			s.LoadBalancer.SourceRanges = append(s.LoadBalancer.SourceRanges, netip.MustParsePrefix(p))
		}
	}
}

func all(changes ...func(s *manifest.Service)) func(s *manifest.Service) {
	return func(s *manifest.Service) {
		for _, c := range changes {
			c(s)
		}
	}
}

func (t *town) plain() {
	t.service("plain", "a b x", clusterIP)
	t.service("single", "a", clusterIP)
	t.service("remote", "x y", clusterIP)
	t.service("far", "far", clusterIP)
	t.service("empty", "", clusterIP)
	t.service("inside-local", "a b x", all(clusterIP, insideLocal))
	t.service("inside-elsewhere", "x y", all(clusterIP, insideLocal))
	t.service("only-ipv6", "a x", all(clusterIP, func(s *manifest.Service) {
		s.IPFamilies, s.IPFamilyPolicy, s.ClusterIPs = []manifest.IPFamily{manifest.IPv6}, manifest.SingleStack, s.ClusterIPs[1:]
	}))
	t.service("ports", "a x", all(clusterIP, func(s *manifest.Service) {
		s.Ports = append(s.Ports, manifest.ServicePort{Name: "more", Protocol: "TCP", Port: 443, TargetPort: "8443"})
	}))
}

func (t *town) external() {
	t.service("wide", "a x y", func(*manifest.Service) {})
	t.service("wide-empty", "", func(*manifest.Service) {})
	t.service("local", "a b x", nodeLocal)
	t.service("local-elsewhere", "x y far", nodeLocal)
	t.service("local-empty", "", nodeLocal)
	t.service("both-local", "a x", all(nodeLocal, insideLocal))
	t.service("both-elsewhere", "x", all(nodeLocal, insideLocal))
	t.service("ranged", "a x", ranges("203.0.113.0/24", "2001:db8::/64", "10.0.1.0/24"))
	t.service("ranged-nodes", "a x", ranges("192.168.0.0/24", "fdc0::/64"))
	t.service("ranged-local", "a x", all(nodeLocal, ranges("198.51.100.0/24", "2001:db8:1::/64")))
	t.service("ranged-local-elsewhere", "x", all(nodeLocal, ranges("203.0.113.0/24", "fd10::/32")))
	t.service("ranged-empty", "", ranges("203.0.113.0/24", "2001:db8::/64"))
	t.service("ranged-one-family", "a x", ranges("203.0.113.0/24"))
	t.service("node-ports", "a x", func(s *manifest.Service) {
		s.Type, s.ExternalIPs, s.LoadBalancer = manifest.NodePort, nil, manifest.LoadBalancer{}
	})
	t.service("external-ips", "b x", func(s *manifest.Service) {
		external := s.ExternalIPs
		clusterIP(s)
		s.ExternalIPs, s.ExternalTrafficPolicy = external, manifest.ClusterWide
	})
	t.service("elsewhere-proxied", "a x", func(s *manifest.Service) {
		for i := range s.LoadBalancer.Ingress {
			s.LoadBalancer.Ingress[i].Mode = manifest.ProxyMode
		}
	})
}

func (t *town) conditions() {
	t.service("draining", "a! x!", func(*manifest.Service) {})
	t.service("partly-draining", "a! b x", func(*manifest.Service) {})
	t.service("not-ready", "a? b x?", func(*manifest.Service) {})
	t.service("none-ready", "a? x?", func(*manifest.Service) {})
	t.service("local-draining", "a! x", nodeLocal)
	t.service("local-not-ready", "a? x", nodeLocal)
	t.service("inside-local-draining", "a! b? x", all(clusterIP, insideLocal))
}

func (t *town) hints() {
	t.service("zones", "a~zone-a b~zone-a x~zone-b", func(*manifest.Service) {})
	t.service("zones-elsewhere", "a~zone-b x~zone-b", func(*manifest.Service) {})
	t.service("zones-of-some", "a~zone-a b x~zone-b", func(*manifest.Service) {})
	t.service("zones-none-here", "x~zone-a y~zone-b", nodeLocal)
	t.service("zones-local", "a~zone-b x~zone-a", all(nodeLocal, insideLocal))
	t.service("nodes", "a^n1 b^n2 x^n2", func(*manifest.Service) {})
	t.service("nodes-elsewhere", "a^n2~zone-a x^n2~zone-b", func(*manifest.Service) {})
	t.service("zones-not-ready", "a~zone-a b?~zone-b x~zone-b", func(*manifest.Service) {})
	t.service("zones-draining", "a!~zone-b b~zone-a x~zone-b", func(*manifest.Service) {})
}

// slices adds the slices of a Service, one for each family.
func (t *town) slices(s *manifest.Service, endpoints string) {
	for i, family := range s.IPFamilies {
		o := &manifest.EndpointSlice{Meta: t.meta("EndpointSlice", "d", fmt.Sprintf("%s-%d", s.Name, i)), AddressType: family, Service: s.Name}
		o.Labels = manifest.Labels{{Key: "kubernetes.io/service-name", Value: s.Name}}
		for k, p := range s.Ports {
			o.Ports = append(o.Ports, manifest.EndpointPort{Name: p.Name, Protocol: p.Protocol, Port: uint16(8080 + k%2)})
		}
		for word := range strings.FieldsSeq(endpoints) {
			o.Endpoints = append(o.Endpoints, endpoint(o, word))
		}
		t.EndpointSlices = append(t.EndpointSlices, o)
	}
}

func endpoint(slice *manifest.EndpointSlice, word string) manifest.SliceEndpoint {
	e := manifest.SliceEndpoint{Pos: slice.Pos, Ready: true, Serving: true}
	at := strings.IndexAny(word+"!", "!?~^")
	name, signs := word[:at], word[at:]
	e.NodeName = nodeOf(name)
	if name != "far" {
		e.Target = manifest.TargetRef{Kind: "Pod", Namespace: "d", Name: name}
	}
	e.Addrs = slices.DeleteFunc(addrsOf(name), func(a netip.Addr) bool { return manifest.FamilyOf(a) != slice.AddressType })
	for signs != "" {
		end := strings.IndexAny(signs[1:]+"!", "!?~^") + 1
		sign, rest := signs[0], signs[1:end]
		signs = signs[end:]
		switch sign {
		case '!':
			e.Ready, e.Terminating = false, true
		case '?':
			e.Ready, e.Serving = false, false
		case '~':
			e.ForZones = append(e.ForZones, rest)
		case '^':
			e.ForNodes = append(e.ForNodes, rest)
		}
	}
	return e
}
