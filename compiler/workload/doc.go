// Package workload makes clusters for tests and benchmarks: large ones in the shapes that other projects publish figures for,
// and small random ones. Equal arguments give equal objects, and every name, address and label is valid Kubernetes.
package workload

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
)

// Shape is a named workload.
type Shape struct {
	Name string
	Doc  string
	Make func() *manifest.Objects
}

// Shapes lists the standard workloads, small ones first in each family. Sources of the shapes: the scale test of Antrea's
// NetworkPolicy controller ("tenants", "all-select-all", "one-per-pod", "hundred"), Calico's published scale scenario of
// isolated customers ("customers"), and the case of OVN's recompute time that its developers discuss ("acls"). "ranked" has as many positions in the order of judgement as rules.
func Shapes() []Shape {
	return []Shape{
		{"tenants-1k", "250 namespaces of 4 pods and 3 policies", func() *manifest.Objects { return Tenants(250, 4, 3) }},
		{"tenants-10k", "2,500 namespaces of 4 pods and 3 policies", func() *manifest.Objects { return Tenants(2500, 4, 3) }},
		{"tenants-100k", "25,000 namespaces of 4 pods and 3 policies", func() *manifest.Objects { return Tenants(25000, 4, 3) }},
		{"hundred", "100 namespaces of 100 pods and 101 policies", func() *manifest.Objects { return Tenants(100, 100, 101) }},
		{"all-select-all", "10,000 policies that each let 10,000 pods talk to all", func() *manifest.Objects { return AllSelectAll(10000, 10000) }},
		{"one-per-pod", "10,000 pods with a policy each", func() *manifest.Objects { return OnePerPod(10000) }},
		{"customers-1k", "1,000 pods and 1,000 policies, 10 pods a customer", func() *manifest.Objects { return Customers(1000, 1000) }},
		{"customers-10k", "10,000 pods and 10,000 policies, 10 pods a customer", func() *manifest.Objects { return Customers(10000, 10000) }},
		{"customers-100k", "100,000 pods and 75,000 policies, 10 pods a customer", func() *manifest.Objects { return Customers(100000, 75000) }},
		{"acls", "3,500 rules on one pod, for groups of 450 pods and 20 ports each", func() *manifest.Objects { return ACLs(3500, 450, 20) }},
		{"ranked", "10,000 policies of one rule, each in a tier and priority of its own", func() *manifest.Objects { return Ranked(10000, 1) }},
		{"ranked-overlapping", "the same, every rule overlapping 19 before it", func() *manifest.Objects { return Ranked(10000, 20) }},
	}
}

// podsPerNode is how many pods a node of a workload runs.
const podsPerNode = 100

// cluster collects objects. Pods go round the nodes.
type cluster struct {
	manifest.Objects
	line  int32
	nodes []string
}

func newCluster(pods int) *cluster {
	c := &cluster{}
	for i := range max(3, (pods+podsPerNode-1)/podsPerNode) {
		n := &manifest.Node{Meta: c.meta("Node", "", fmt.Sprintf("node-%04d", i))}
		n.Addrs = []netip.Addr{netip.AddrFrom4([4]byte{192, 168, byte(i >> 8), byte(i)})}
		n.PodCIDRs = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)}
		c.Nodes, c.nodes = append(c.Nodes, n), append(c.nodes, n.Name)
	}
	return c
}

// meta gives the next object its identity and a place of its own in an imagined file.
func (c *cluster) meta(kind, namespace, name string, labels ...manifest.Label) manifest.Meta {
	c.line += 20
	slices.SortFunc(labels, func(a, b manifest.Label) int { return strings.Compare(a.Key, b.Key) })
	return manifest.Meta{Kind: kind, Namespace: namespace, Name: name, Labels: labels,
		Pos: source.Pos{File: "workload.yaml", Line: c.line, Col: 1}}
}

func (c *cluster) namespace(name string, labels ...manifest.Label) {
	c.Namespaces = append(c.Namespaces, &manifest.Namespace{Meta: c.meta("Namespace", "", name, labels...)})
}

func (c *cluster) pod(namespace, name string, labels ...manifest.Label) *manifest.Pod {
	i := len(c.Pods)
	node, ordinal := i%len(c.nodes), 2+i/len(c.nodes)
	p := &manifest.Pod{Meta: c.meta("Pod", namespace, name, labels...), NodeName: c.nodes[node], ServiceAccount: "default"}
	p.Addrs = []netip.Addr{netip.AddrFrom4([4]byte{10, byte(node >> 8), byte(node), byte(ordinal)})}
	c.Pods = append(c.Pods, p)
	return p
}

func (c *cluster) policy(namespace, name string, subject manifest.Selector) *manifest.NetworkPolicy {
	p := &manifest.NetworkPolicy{Meta: c.meta("NetworkPolicy", namespace, name), PodSelector: subject}
	c.NetworkPolicies = append(c.NetworkPolicies, p)
	return p
}

// allow adds a rule in a direction: from or to the peer, on TCP ports (none: all traffic).
func allow(p *manifest.NetworkPolicy, ingress bool, peer manifest.Peer, ports ...uint16) {
	rules, field, side := &p.IngressRules, "spec.ingress", "from"
	if !ingress {
		rules, field, side = &p.EgressRules, "spec.egress", "to"
	}
	p.Ingress, p.Egress = p.Ingress || ingress, p.Egress || !ingress
	at := p.Pos
	at.Line += int32(4 + len(p.IngressRules) + len(p.EgressRules))
	r := manifest.Rule{Field: fmt.Sprintf("%s[%d]", field, len(*rules)), Pos: at}
	peer.Field, peer.Pos = r.Field+"."+side+"[0]", at
	r.Peers = []manifest.Peer{peer}
	for i, port := range ports {
		r.Ports = append(r.Ports, manifest.Port{Field: fmt.Sprintf("%s.ports[%d]", r.Field, i), Pos: at, Protocol: "TCP", From: port, To: port})
	}
	*rules = append(*rules, r)
}

func label(key, value string) manifest.Label { return manifest.Label{Key: key, Value: value} }

func where(labels ...manifest.Label) manifest.Selector {
	var s manifest.Selector
	for _, l := range labels {
		s.Requirements = append(s.Requirements, manifest.Requirement{Key: l.Key, Op: manifest.In, Values: []string{l.Value}})
	}
	return s
}

func pods(s manifest.Selector) manifest.Peer { return manifest.Peer{PodSelector: &s} }
