// Package cluster completes the manifests of a cluster so far that a lab can be built from them.
//
// Complete never changes what it is given, adds only what is missing, and gives the same answer for the same input: it uses
// neither clock nor randomness. What it adds is marked by source positions that name no file.
package cluster

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// Added counts what Complete had to invent.
type Added struct {
	Namespaces int
	Nodes      int
	Pods       int
	Placements int // pods that had no node
	Addresses  int // pods that had no address
}

// IsZero reports whether nothing was missing.
func (a Added) IsZero() bool { return a == Added{} }

// Complete returns the objects with everything a lab needs:
//
//   - If there is no Pod, a pod for every distinct selector, service account and peer of the policies and of the groups that they
//     name, with labels that satisfy it, in a namespace that satisfies its namespaceSelector (in two if it means every
//     namespace); and in every namespace, one of them without any policy, a pod without labels. Each has every port that a
//     policy names. Machines outside the cluster are not invented.
//   - If there is no Node, the nodes that pods name, or else two, with labels that satisfy each nodeSelector. A node without an
//     address gets one.
//   - A pod without a node is placed, in turn, on the nodes by name; a pod without an address gets one of its node's.
//
// Terminated pods and pods on the host's network stay as they are.
func Complete(in *manifest.Objects) (*manifest.Objects, Added) {
	c := completion{out: *in, used: map[netip.Addr]bool{}}
	if len(in.Pods) == 0 {
		c.inventPods()
	}
	c.copyPods()
	c.nodes()
	c.place()
	c.address()
	return &c.out, c.added
}

// completion is the work in progress. out starts as a shallow copy; its lists are replaced before they are changed.
type completion struct {
	out   manifest.Objects
	added Added
	used  map[netip.Addr]bool

	nodeLabels []manifest.Labels // for nodes that are invented
}

func (c *completion) copyPods() {
	pods := make([]*manifest.Pod, len(c.out.Pods))
	for i, p := range c.out.Pods {
		clone := *p
		pods[i] = &clone
		for _, a := range p.Addrs {
			c.used[a] = true
		}
	}
	c.out.Pods = pods
}

// lives reports whether the pod needs a place in a lab.
func lives(p *manifest.Pod) bool { return !p.Terminated && !p.HostNetwork }

// nodes adds the nodes that are missing and gives each an address.
func (c *completion) nodes() {
	nodes := make([]*manifest.Node, 0, len(c.out.Nodes))
	known := map[string]bool{}
	for _, n := range c.out.Nodes {
		clone := *n
		nodes = append(nodes, &clone)
		known[n.Name] = true
		for _, a := range n.Addrs {
			c.used[a] = true
		}
	}
	if missing := c.missingNodes(known); len(missing) > 0 {
		invented := inventNodes(missing, c.nodeLabels)
		nodes = append(nodes, invented...)
		c.added.Nodes += len(invented)
	}
	slices.SortFunc(nodes, func(a, b *manifest.Node) int { return compareNames(a.Name, b.Name) })
	for i, n := range nodes {
		if len(n.Addrs) == 0 {
			n.Addrs = c.nodeAddrs()
		}
		if len(n.PodCIDRs) == 0 && !known[n.Name] {
			n.PodCIDRs = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, byte(i + 1), 0}), 24)}
		}
	}
	c.out.Nodes = nodes
}

// nodeAddrs makes up a node's addresses: an IPv4 one, and an IPv6 one if any pod has one.
func (c *completion) nodeAddrs() []netip.Addr {
	addrs := []netip.Addr{c.free(netip.AddrFrom4([4]byte{192, 168, 10, 11}))}
	hasIPv6 := slices.ContainsFunc(c.out.Pods, func(p *manifest.Pod) bool { return slices.ContainsFunc(p.Addrs, netip.Addr.Is6) })
	if hasIPv6 {
		addrs = append(addrs, c.free(netip.AddrFrom16([16]byte{0xfd, 0, 1, 0x92, 1, 0x68, 0, 0x10, 15: 0x11})))
	}
	return addrs
}

func (c *completion) missingNodes(known map[string]bool) []string {
	var names []string
	for _, p := range c.out.Pods {
		if lives(p) && p.NodeName != "" && !known[p.NodeName] {
			names = append(names, p.NodeName)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(known)+len(names) == 0 {
		return []string{"node-1", "node-2"}
	}
	return names
}

// place gives every pod a node, in turn.
func (c *completion) place() {
	next := 0
	for _, p := range c.sortedPods() {
		if lives(p) && p.NodeName == "" {
			p.NodeName = c.out.Nodes[next%len(c.out.Nodes)].Name
			next++
			c.added.Placements++
		}
	}
}

// address gives every pod an address of its node's first pod prefix, or of a prefix that stands in for it.
func (c *completion) address() {
	from := map[string]netip.Addr{}
	for i, n := range c.out.Nodes {
		first := netip.AddrFrom4([4]byte{10, 245, byte(i + 1), 0})
		if len(n.PodCIDRs) > 0 {
			first = n.PodCIDRs[0].Addr()
		}
		from[n.Name] = skip(first, firstHost)
	}
	for _, p := range c.sortedPods() {
		if start, ok := from[p.NodeName]; ok && lives(p) && len(p.Addrs) == 0 {
			p.Addrs = []netip.Addr{c.free(start)}
			c.added.Addresses++
		}
	}
}

// firstHost leaves room for a gateway and other fixed addresses at the start of a prefix.
const firstHost = 10

func skip(a netip.Addr, n int) netip.Addr {
	for range n {
		a = a.Next()
	}
	return a
}

// free returns the first unused address from a on, and marks it as used.
func (c *completion) free(a netip.Addr) netip.Addr {
	for c.used[a] {
		a = a.Next()
	}
	c.used[a] = true
	return a
}

func (c *completion) sortedPods() []*manifest.Pod {
	pods := slices.Clone(c.out.Pods)
	slices.SortFunc(pods, func(a, b *manifest.Pod) int {
		if d := compareNames(a.Namespace, b.Namespace); d != 0 {
			return d
		}
		return compareNames(a.Name, b.Name)
	})
	return pods
}

// compareNames orders names as people do: runs of digits by their value.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		wordA, numA, restA := chunk(a)
		wordB, numB, restB := chunk(b)
		switch {
		case wordA != wordB && wordA < wordB:
			return -1
		case wordA != wordB:
			return 1
		case numA != numB:
			return numA - numB
		}
		a, b = restA, restB
	}
	return len(a) - len(b)
}

// chunk splits off the leading text without digits and the number after it (-1 if none, or if it is too long to matter).
func chunk(s string) (word string, number int, rest string) {
	i := 0
	for i < len(s) && (s[i] < '0' || s[i] > '9') {
		i++
	}
	j := i
	for j < len(s) && j-i < 9 && s[j] >= '0' && s[j] <= '9' {
		j++
	}
	number = -1
	if j > i {
		number, _ = strconv.Atoi(s[i:j])
	}
	return s[:i], number, s[j:]
}
