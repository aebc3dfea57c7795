package workload

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// ServiceShapes lists the standard workloads of Services, small ones first in each family: the sizes at which the Kubernetes project
// compares the modes of its own proxy (KEP-3866), and those with more endpoints.
func ServiceShapes() []Shape {
	return []Shape{
		{"services-1k", "1,000 Services of 2 endpoints", func() *manifest.Objects { return Balanced(1000, 2, manifest.IPv4) }},
		{"services-10k", "10,000 Services of 2 endpoints", func() *manifest.Objects { return Balanced(10000, 2, manifest.IPv4) }},
		{"services-30k", "30,000 Services of 2 endpoints", func() *manifest.Objects { return Balanced(30000, 2, manifest.IPv4) }},
		{"services-10k-5", "10,000 Services of 5 endpoints", func() *manifest.Objects { return Balanced(10000, 5, manifest.IPv4) }},
		{"services-5k-50", "5,000 Services of 50 endpoints", func() *manifest.Objects { return Balanced(5000, 50, manifest.IPv4) }},
		{"services-dual", "5,000 Services of 4 endpoints in both families", func() *manifest.Objects { return Balanced(5000, 4, manifest.IPv4, manifest.IPv6) }},
	}
}

// mostBalancedPods is how many pods Balanced makes at most. It is a multiple of the usual numbers of endpoints.
const mostBalancedPods = 60000

// balancedSpace is the namespace of what Balanced makes.
const balancedSpace = "services"

// Balanced makes Services of one TCP port and a virtual address of each family, the primary one first, whose endpoints are ready pods
// on nodes of three zones. Each has pods of its own as far as mostBalancedPods reaches; then Services share them.
func Balanced(services, each int, families ...manifest.IPFamily) *manifest.Objects {
	groups := min(services, max(1, mostBalancedPods/each))
	c := newCluster(groups * each)
	c.namespace(balancedSpace)
	for i, n := range c.Nodes {
		n.Labels = manifest.Labels{label(zoneLabel, zoneOf(i))}
		if slices.Contains(families, manifest.IPv6) {
			n.Addrs = append(n.Addrs, wide(0xfdc0, uint32(i)))
			n.PodCIDRs = append(n.PodCIDRs, netip.PrefixFrom(podAddr6(i, 0), 112))
		}
	}
	for i := range groups * each {
		p := c.pod(balancedSpace, fmt.Sprintf("pod-%06d", i), label("app", appOf(i/each)))
		p.Ports = []manifest.ContainerPort{{Name: "http", Protocol: "TCP", Port: 8080}}
		if slices.Contains(families, manifest.IPv6) {
			p.Addrs = append(p.Addrs, podAddr6(i%len(c.nodes), 2+i/len(c.nodes)))
		}
	}
	for i := range services {
		first := i % groups * each
		s, slices := c.balanced(i, c.Pods[first:first+each], families)
		c.Services, c.EndpointSlices = append(c.Services, s), append(c.EndpointSlices, slices...)
	}
	return &c.Objects
}

// OneMoreService makes the Service and the slices that come after those of a cluster that Balanced made, and leaves the cluster as
// it is. Its endpoints are those of the first.
func OneMoreService(o *manifest.Objects) (*manifest.Service, []*manifest.EndpointSlice) {
	each := 0
	for each < len(o.Pods) && o.Pods[each].Labels.String() == o.Pods[0].Labels.String() {
		each++
	}
	last := o.EndpointSlices[len(o.EndpointSlices)-1]
	c := &cluster{line: last.Pos.Line}
	for _, n := range o.Nodes {
		c.nodes = append(c.nodes, n.Name)
	}
	return c.balanced(len(o.Services), o.Pods[:each], o.Services[0].IPFamilies)
}

const zoneLabel = "topology.kubernetes.io/zone"

func zoneOf(node int) string { return fmt.Sprintf("zone-%c", 'a'+node%3) }

func appOf(group int) string { return fmt.Sprintf("app-%05d", group) }

// balanced makes the i-th Service and its slices: one for each family and hundred of its pods.
func (c *cluster) balanced(i int, pods []*manifest.Pod, families []manifest.IPFamily) (*manifest.Service, []*manifest.EndpointSlice) {
	const most = 100 // as Kubernetes' own controller has it
	name := fmt.Sprintf("s-%05d", i)
	s := &manifest.Service{Meta: c.meta("Service", balancedSpace, name), Type: manifest.ClusterIP, IPFamilies: families, IPFamilyPolicy: manifest.SingleStack,
		Selector: pods[0].Labels, InternalTrafficPolicy: manifest.ClusterWide}
	s.Ports = []manifest.ServicePort{{Name: "http", Protocol: "TCP", Port: 80, TargetPort: "8080"}}
	if len(families) > 1 {
		s.IPFamilyPolicy = manifest.RequireDualStack
	}
	var out []*manifest.EndpointSlice
	for _, family := range families {
		s.ClusterIPs = append(s.ClusterIPs, virtualAddr(family, i))
		for part := range slices.Chunk(pods, most) {
			slice := &manifest.EndpointSlice{AddressType: family, Service: name, Ports: []manifest.EndpointPort{{Name: "http", Protocol: "TCP", Port: 8080}}}
			slice.Meta = c.meta("EndpointSlice", balancedSpace, fmt.Sprintf("%s-%d", name, len(out)), label("kubernetes.io/service-name", name))
			for _, p := range part {
				slice.Endpoints = append(slice.Endpoints, c.backend(slice, p, family))
			}
			out = append(out, slice)
		}
	}
	return s, out
}

// backend makes the endpoint of a slice that a pod is.
func (c *cluster) backend(slice *manifest.EndpointSlice, p *manifest.Pod, family manifest.IPFamily) manifest.SliceEndpoint {
	e := manifest.SliceEndpoint{Pos: slice.Pos, NodeName: p.NodeName, Ready: true, Serving: true,
		Target: manifest.TargetRef{Kind: "Pod", Namespace: p.Namespace, Name: p.Name}}
	node, _ := slices.BinarySearch(c.nodes, p.NodeName)
	e.Zone = zoneOf(node)
	for _, a := range p.Addrs {
		if manifest.FamilyOf(a) == family {
			e.Addrs = []netip.Addr{a}
		}
	}
	return e
}

// virtualAddr is the address of the i-th Service: from 10.96.0.0/12 and fd96::/112, the first few of which clusters use themselves.
func virtualAddr(family manifest.IPFamily, i int) netip.Addr {
	n := uint32(i + 16)
	if family == manifest.IPv6 {
		return wide(0xfd96, n)
	}
	return netip.AddrFrom4([4]byte{10, 96 + byte(n>>16), byte(n >> 8), byte(n)})
}

// podAddr6 is the address of a node's pod, as cluster.pod gives them out for IPv4.
func podAddr6(node, ordinal int) netip.Addr { return wide(0xfd10, uint32(node)<<16|uint32(ordinal)) }

// wide makes an IPv6 address of its first two bytes and its last four.
func wide(first uint16, last uint32) netip.Addr {
	return netip.AddrFrom16([16]byte{0: byte(first >> 8), 1: byte(first), 12: byte(last >> 24), 13: byte(last >> 16), 14: byte(last >> 8), 15: byte(last)})
}
