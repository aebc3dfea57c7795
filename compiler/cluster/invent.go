package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// nameLabel is the label that Kubernetes gives every namespace.
const nameLabel = "kubernetes.io/metadata.name"

// inventor collects the pods and namespaces that the policies speak of.
type inventor struct {
	namespaces map[string]manifest.Labels
	declared   map[string]bool
	pods       map[string]*manifest.Pod // by namespace and labels
	ports      []manifest.ContainerPort
	objects    *manifest.Objects
	nodes      []manifest.Labels // that nodes should have
}

// inventPods makes a population on which the policies have something to decide.
func (c *completion) inventPods() {
	inv := &inventor{namespaces: map[string]manifest.Labels{}, declared: map[string]bool{}, pods: map[string]*manifest.Pod{},
		ports: policyPorts(&c.out), objects: &c.out}
	for _, ns := range c.out.Namespaces {
		inv.namespaces[ns.Name] = ns.Labels
		inv.declared[ns.Name] = true
	}
	for _, p := range c.out.NetworkPolicies {
		inv.policy(p)
	}
	for _, p := range c.out.RankedPolicies {
		inv.ranked(p)
	}
	inv.namespaceLike("bystanders", nil)
	for _, name := range sortedKeys(inv.namespaces) {
		inv.pod(name, nil)
	}
	c.out.Namespaces = slices.Clone(c.out.Namespaces)
	for _, name := range sortedKeys(inv.namespaces) {
		if !inv.declared[name] {
			meta := manifest.Meta{Kind: "Namespace", Name: name, Labels: inv.namespaces[name]}
			c.out.Namespaces = append(c.out.Namespaces, &manifest.Namespace{Meta: meta})
			c.added.Namespaces++
		}
	}
	for _, key := range sortedKeys(inv.pods) {
		c.out.Pods = append(c.out.Pods, inv.pods[key])
		c.added.Pods++
	}
	c.nodeLabels = inv.nodes
}

func (inv *inventor) policy(p *manifest.NetworkPolicy) {
	inv.namespaceLike(p.Namespace, nil)
	inv.podLike(p.Namespace, p.PodSelector)
	for _, rule := range slices.Concat(p.IngressRules, p.EgressRules) {
		for _, peer := range rule.Peers {
			inv.peer(p.Namespace, peer)
		}
	}
}

func (inv *inventor) peer(namespace string, peer manifest.Peer) {
	if peer.NamespaceSelector != nil {
		var ok bool
		if namespace, ok = inv.namespaceFor(*peer.NamespaceSelector); !ok {
			return
		}
	}
	switch {
	case peer.PodSelector != nil:
		inv.podLike(namespace, *peer.PodSelector)
	case peer.NamespaceSelector != nil:
		inv.pod(namespace, nil)
	}
}

// namespaceFor returns a namespace that satisfies the selector, an existing one if possible.
func (inv *inventor) namespaceFor(s manifest.Selector) (string, bool) {
	for _, name := range sortedKeys(inv.namespaces) {
		if holds(s, inv.namespaces[name]) {
			return name, true
		}
	}
	labels, ok := satisfy(s)
	if !ok {
		return "", false
	}
	name := "ns"
	for _, l := range labels {
		if l.Key == nameLabel {
			name = l.Value
			break
		}
		name += "-" + l.Value
	}
	inv.namespaceLike(nameOf(name), labels)
	return nameOf(name), true
}

func (inv *inventor) namespaceLike(name string, labels manifest.Labels) {
	if _, ok := inv.namespaces[name]; !ok {
		inv.namespaces[name] = withLabel(labels, manifest.Label{Key: nameLabel, Value: name})
	}
}

func (inv *inventor) podLike(namespace string, s manifest.Selector) {
	if labels, ok := satisfy(s); ok {
		inv.pod(namespace, labels)
	}
}

// pod adds a pod with these labels unless the namespace has one. Its name is made of the labels' values.
func (inv *inventor) pod(namespace string, labels manifest.Labels) {
	inv.podOf(namespace, "default", labels)
}

// podOf is pod for one that runs under a service account.
func (inv *inventor) podOf(namespace, account string, labels manifest.Labels) {
	name := "pod"
	if account != "default" {
		name = account
	}
	words := make([]string, 0, len(labels))
	for _, l := range labels {
		words = append(words, l.Value)
	}
	if len(words) > 0 {
		name = nameOf(strings.Join(words, "-"))
	}
	key := namespace + "/" + name
	other := func(p *manifest.Pod) bool {
		return p != nil && (p.ServiceAccount != account || !slices.Equal(p.Labels, labels))
	}
	for n := 2; other(inv.pods[key]); n++ {
		key = fmt.Sprintf("%s/%s-%d", namespace, name, n)
	}
	_, name, _ = strings.Cut(key, "/")
	inv.pods[key] = &manifest.Pod{
		Meta:           manifest.Meta{Kind: "Pod", Namespace: namespace, Name: name, Labels: labels},
		ServiceAccount: account,
		Ports:          inv.ports,
	}
}

// nameOf makes a valid object name out of label values.
func nameOf(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, s)
	if s = strings.Trim(s[:min(len(s), 50)], "-"); s == "" {
		return "x"
	}
	return s
}

// satisfy returns labels that meet a selector, or false if none can.
func satisfy(s manifest.Selector) (manifest.Labels, bool) {
	var labels manifest.Labels
	for _, r := range s.Requirements {
		if slices.ContainsFunc(labels, func(l manifest.Label) bool { return l.Key == r.Key }) {
			continue
		}
		switch r.Op {
		case manifest.In:
			for _, v := range r.Values {
				if try := withLabel(labels, manifest.Label{Key: r.Key, Value: v}); holdsFor(s, r.Key, try) {
					labels = try
					break
				}
			}
		case manifest.Exists:
			labels = withLabel(labels, manifest.Label{Key: r.Key, Value: "x"})
		}
	}
	return labels, holds(s, labels)
}

func withLabel(labels manifest.Labels, l manifest.Label) manifest.Labels {
	out := append(slices.Clone(labels), l)
	slices.SortFunc(out, func(a, b manifest.Label) int { return cmp.Compare(a.Key, b.Key) })
	return slices.CompactFunc(out, func(a, b manifest.Label) bool { return a.Key == b.Key })
}

// holds reports whether labels meet a selector.
func holds(s manifest.Selector, labels manifest.Labels) bool {
	return !slices.ContainsFunc(s.Requirements, func(r manifest.Requirement) bool { return !meets(r, labels) })
}

// holdsFor is holds for the requirements on one key.
func holdsFor(s manifest.Selector, key string, labels manifest.Labels) bool {
	return !slices.ContainsFunc(s.Requirements, func(r manifest.Requirement) bool { return r.Key == key && !meets(r, labels) })
}

func meets(r manifest.Requirement, labels manifest.Labels) bool {
	i := slices.IndexFunc(labels, func(l manifest.Label) bool { return l.Key == r.Key })
	has := i >= 0
	switch r.Op {
	case manifest.In:
		return has && slices.Contains(r.Values, labels[i].Value)
	case manifest.NotIn:
		return !has || !slices.Contains(r.Values, labels[i].Value)
	case manifest.Exists:
		return has
	}
	return !has
}

// policyPorts lists every port that the policies name, by protocol, number and name: the first port of a range, 80 for a
// protocol alone, a number from 10001 on for each name. Without any it is TCP 80.
func policyPorts(o *manifest.Objects) []manifest.ContainerPort {
	var ports []manifest.ContainerPort
	add := func(port manifest.Port) {
		ports = append(ports, manifest.ContainerPort{Name: port.Name, Protocol: cmp.Or(port.Protocol, "TCP"), Port: portNumber(port)})
	}
	for _, p := range o.NetworkPolicies {
		for _, rule := range slices.Concat(p.IngressRules, p.EgressRules) {
			for _, port := range rule.Ports {
				add(port)
			}
		}
	}
	for _, p := range o.RankedPolicies {
		for _, rule := range slices.Concat(p.IngressRules, p.EgressRules) {
			for _, port := range rule.Ports {
				if slices.Contains([]string{"", "TCP", "UDP", "SCTP"}, port.Protocol) {
					add(port.Port)
				}
			}
		}
	}
	if len(ports) == 0 {
		ports = append(ports, manifest.ContainerPort{Protocol: "TCP", Port: 80})
	}
	slices.SortFunc(ports, func(a, b manifest.ContainerPort) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Name, b.Name))
	})
	ports = slices.Compact(ports)
	next := uint16(10001)
	for i := range ports {
		if ports[i].Name != "" {
			ports[i].Port = next
			next++
		}
	}
	return ports
}

func portNumber(p manifest.Port) uint16 {
	switch {
	case p.Name != "":
		return 0
	case p.From == 0:
		return 80
	}
	return p.From
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
