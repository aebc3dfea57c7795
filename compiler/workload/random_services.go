package workload

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// RandomServices makes a small cluster that has a little of everything that Services can say: every type, family, protocol, policy,
// preference and affinity, headless ones and such as another proxy sees to; slices with endpoints in every condition, with hints for
// zones and nodes on all, some or none of them, ports that are missing or have no number, and slices of no Service. Namespaces,
// nodes, pods and NetworkPolicies are those of Random, the nodes in zones. No two Services have an address or node port in common.
// Equal seeds give equal clusters.
func RandomServices(seed uint64) *manifest.Objects {
	from := Random(seed, PlainPeers)
	out := &manifest.Objects{Namespaces: from.Namespaces, Nodes: from.Nodes, Pods: from.Pods, NetworkPolicies: from.NetworkPolicies}
	g := newServices(seed, 2, out)
	for i, n := range out.Nodes {
		n.Labels = append(slices.Clone(n.Labels), label(zoneLabel, zoneOf(i)))
	}
	for i := range 2 + g.IntN(7) {
		s := g.service(i)
		out.Services = append(out.Services, s)
		for j := range g.IntN(4) {
			out.EndpointSlices = append(out.EndpointSlices, g.slice(s, j))
		}
	}
	return out
}

// EditServices changes a cluster that RandomServices made in one Service or slice: it is added, replaced or removed. It returns what
// Edit returns.
func EditServices(seed uint64, o *manifest.Objects) (upserted any, kind, namespace, name string) {
	g := newServices(seed, 3, o)
	g.line += int32(10000 + seed%1000*10)
	s := g.service(g.IntN(9))
	if g.chance(40) {
		return edit(g.random, &o.Services, s, func(s *manifest.Service) *manifest.Meta { return &s.Meta })
	}
	for _, there := range o.Services {
		if there.Name == s.Name {
			s = there
		}
	}
	return edit(g.random, &o.EndpointSlices, g.slice(s, g.IntN(4)), func(s *manifest.EndpointSlice) *manifest.Meta { return &s.Meta })
}

// services makes Services for the pods of a cluster.
type services struct {
	*random
	pods []*manifest.Pod
}

func newServices(seed, stream uint64, o *manifest.Objects) services {
	return services{&random{Rand: rand.New(rand.NewPCG(seed, stream))}, o.Pods}
}

// service makes the i-th Service.
func (g services) service(i int) *manifest.Service {
	s := &manifest.Service{Meta: g.meta("Service", "", spaceOf(i), fmt.Sprintf("s%d", i))}
	s.Type = pick(g.random, manifest.ClusterIP, manifest.ClusterIP, manifest.NodePort, manifest.LoadBalanced, manifest.ExternalName)
	if g.chance(70) {
		s.Selector = g.labels("app", "tier")
	}
	if g.chance(6) {
		s.Labels = manifest.Labels{label(pick(g.random, manifest.ProxyNameLabel, manifest.HeadlessLabel), pick(g.random, "", "other"))}
	}
	s.TrafficDistribution = pick(g.random, "", "", manifest.PreferClose, manifest.PreferSameZone, manifest.PreferSameNode)
	s.TopologyMode = pick(g.random, "", "", "Auto", "Disabled")
	s.PublishNotReadyAddresses = g.chance(10)
	if g.chance(30) {
		s.AffinitySeconds = pick[int32](g.random, 1, 60, 10800, 86400)
	}
	if s.Type == manifest.ExternalName {
		s.ExternalName = pick(g.random, "db.example.com", "db.example.com.")
		return s
	}
	s.InternalTrafficPolicy = pick(g.random, manifest.ClusterWide, manifest.ClusterWide, manifest.NodeLocal)
	g.virtual(s, i)
	g.ports(s, i)
	if g.chance(25) {
		s.ExternalIPs = append(s.ExternalIPs, netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}), wide(0xfde0, uint32(i+1)))
	}
	if s.ExternallyReachable() {
		s.ExternalTrafficPolicy = pick(g.random, manifest.ClusterWide, manifest.ClusterWide, manifest.NodeLocal)
	}
	if s.Type == manifest.LoadBalanced {
		g.balancer(s, i)
	}
	return s
}

// virtual gives a Service its families and addresses, or makes it headless.
func (g services) virtual(s *manifest.Service, i int) {
	s.IPFamilies = pick(g.random, []manifest.IPFamily{manifest.IPv4}, []manifest.IPFamily{manifest.IPv4}, []manifest.IPFamily{manifest.IPv6},
		[]manifest.IPFamily{manifest.IPv4, manifest.IPv6}, []manifest.IPFamily{manifest.IPv6, manifest.IPv4})
	s.IPFamilyPolicy = pick(g.random, manifest.SingleStack, manifest.PreferDualStack)
	if len(s.IPFamilies) == 2 {
		s.IPFamilyPolicy = pick(g.random, manifest.PreferDualStack, manifest.RequireDualStack)
	}
	switch {
	case s.Type == manifest.ClusterIP && g.chance(15):
		s.Headless = true
	case g.chance(95): // else it has none yet
		for _, f := range s.IPFamilies {
			s.ClusterIPs = append(s.ClusterIPs, virtualAddr(f, i))
		}
	}
}

// ports gives a Service one to three ports. A TCP and a UDP port of one number now and then share their node port.
func (g services) ports(s *manifest.Service, i int) {
	count := 1 + g.IntN(3)
	for k := range count {
		p := manifest.ServicePort{Protocol: pick(g.random, "TCP", "TCP", "UDP", "SCTP"), Port: pick[uint16](g.random, 53, 80, 443)}
		if slices.ContainsFunc(s.Ports, func(q manifest.ServicePort) bool { return p.Protocol == q.Protocol && p.Port == q.Port }) {
			p.Port = uint16(1000 + k)
		}
		if count > 1 || g.chance(50) {
			p.Name = fmt.Sprintf("p%d", k)
		}
		p.TargetPort = pick(g.random, "http", "dns", "8080", strconv.Itoa(int(p.Port)))
		p.AppProtocol = pick(g.random, "", "", "kubernetes.io/h2c")
		if (s.Type == manifest.NodePort || s.Type == manifest.LoadBalanced) && g.chance(80) {
			p.NodePort = uint16(30000 + 10*i + k)
			if k == 1 && s.Ports[0].NodePort != 0 && s.Ports[0].Port == p.Port && g.chance(50) {
				p.NodePort = s.Ports[0].NodePort
			}
		}
		s.Ports = append(s.Ports, p)
	}
}

// balancer gives a Service of type LoadBalancer what only that may have.
func (g services) balancer(s *manifest.Service, i int) {
	l := &s.LoadBalancer
	l.AllocateNodePorts = g.chance(70)
	l.Class = pick(g.random, "", "", "example.com/internal")
	if l.SharesIP = g.chance(20); l.SharesIP {
		s.Annotations = append(s.Annotations, label("service.antrea.io/allow-shared-load-balancer-ip", "true"))
	}
	if g.chance(30) {
		l.Pool = "pool"
		s.Annotations = append(s.Annotations, label("service.antrea.io/external-ip-pool", l.Pool))
	}
	if g.chance(30) {
		l.IP = netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)})
	}
	if g.chance(40) {
		l.SourceRanges = pick(g.random, []netip.Prefix{prefix("203.0.113.0/28")}, []netip.Prefix{prefix("10.0.0.0/16"), prefix("fd00::/16")}, []netip.Prefix{prefix("fd00::/8")})
	}
	if s.NeedsHealthCheck() && g.chance(80) {
		l.HealthCheckNodePort = uint16(30009 + 10*i)
	}
	for _, a := range []netip.Addr{netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)}), wide(0xfdb0, uint32(i+1))} {
		if g.chance(60) {
			l.Ingress = append(l.Ingress, manifest.LoadBalancerIngress{Addr: a, Mode: pick(g.random, manifest.VIPMode, manifest.VIPMode, manifest.ProxyMode)})
		}
	}
	if g.chance(15) {
		l.Ingress = append(l.Ingress, manifest.LoadBalancerIngress{Hostname: "lb.example.com"})
	}
}

// slice makes the j-th slice of a Service.
func (g services) slice(s *manifest.Service, j int) *manifest.EndpointSlice {
	o := &manifest.EndpointSlice{Meta: g.meta("EndpointSlice", "", s.Namespace, fmt.Sprintf("%s-%d", s.Name, j))}
	o.AddressType = pick(g.random, manifest.IPv4, manifest.IPv4, manifest.IPv6)
	if g.chance(95) {
		o.Service = s.Name
		o.Labels = append(o.Labels, label("kubernetes.io/service-name", s.Name))
	}
	if g.chance(4) {
		o.Labels = append(o.Labels, label(manifest.ProxyNameLabel, "other"))
	}
	for _, p := range s.Ports {
		if g.chance(90) {
			port := manifest.EndpointPort{Name: p.Name, Protocol: p.Protocol, AppProtocol: p.AppProtocol}
			if g.chance(95) {
				port.Port = pick[uint16](g.random, 53, 80, 8080)
			}
			o.Ports = append(o.Ports, port)
		}
	}
	zones, nodes := g.IntN(3), g.IntN(3) // on none, on some, on all of them
	for range g.IntN(6) {
		o.Endpoints = append(o.Endpoints, g.endpoint(o, zones, nodes))
	}
	return o
}

// endpoint makes an endpoint of a slice: mostly a pod, or a machine elsewhere. How many have hints: 0 none, 1 some, 2 all.
func (g services) endpoint(slice *manifest.EndpointSlice, zones, nodes int) manifest.SliceEndpoint {
	e := manifest.SliceEndpoint{Pos: g.pos(), Zone: pick(g.random, "", zoneOf(0), zoneOf(1))}
	e.Addrs = []netip.Addr{g.outside()}
	if slice.AddressType == manifest.IPv6 {
		e.Addrs = []netip.Addr{wide(0xfdf0, uint32(1+g.IntN(8)))}
	}
	if p := pick(g.random, g.pods...); g.chance(85) {
		for _, a := range p.Addrs {
			if manifest.FamilyOf(a) == slice.AddressType {
				e.Addrs, e.NodeName = []netip.Addr{a}, p.NodeName
				e.Target = manifest.TargetRef{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}
			}
		}
	}
	switch g.IntN(6) {
	case 0:
		e.Serving = true // a pod that is about to start or to stop
		e.Terminating = g.chance(80)
	case 1:
		e.Terminating = g.chance(50)
	case 2:
		e.Ready, e.Serving, e.Terminating = true, g.chance(50), g.chance(30) // publishNotReadyAddresses
	default:
		e.Ready, e.Serving = true, true
	}
	hinted := func(amount int) bool { return amount == 2 || amount == 1 && g.chance(50) }
	if hinted(zones) {
		e.ForZones = pick(g.random, []string{zoneOf(0)}, []string{zoneOf(1)}, []string{zoneOf(0), zoneOf(2)})
	}
	if hinted(nodes) {
		e.ForNodes = pick(g.random, []string{"n0"}, []string{"n1"}, []string{"n0", "n2"})
	}
	e.Hostname = pick(g.random, "", "", "host")
	return e
}
