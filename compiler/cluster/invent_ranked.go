package cluster

import (
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// everywhere is in how many namespaces a selector of all namespaces gets a pod: in two, so that rules which tell a pod's own
// namespace from the others have something to tell.
const everywhere = 2

// ranked has a population for a policy that is judged in order.
func (inv *inventor) ranked(p *manifest.RankedPolicy) {
	if p.Namespace != "" {
		inv.namespaceLike(p.Namespace, nil)
	}
	inv.rankedPeers(p.Namespace, p.AppliedTo)
	for _, r := range slices.Concat(p.IngressRules, p.EgressRules) {
		inv.rankedPeers(p.Namespace, r.AppliedTo)
		inv.rankedPeers(p.Namespace, r.Peers)
	}
}

func (inv *inventor) rankedPeers(namespace string, peers []manifest.RankedPeer) {
	for i := range peers {
		inv.rankedPeer(namespace, &peers[i], 0)
	}
}

// rankedPeer invents what a peer of an object in a namespace ("": of the cluster) selects; depth is the number of groups that lead
// here.
func (inv *inventor) rankedPeer(namespace string, p *manifest.RankedPeer, depth int) {
	switch {
	case p.IPBlock != nil, p.FQDN != "", p.ExternalEntitySelector != nil:
	case p.Group != "":
		inv.group(namespace, p.Group, depth)
	case p.Service != nil:
		inv.service(p.Service)
	case p.ServiceAccount != nil:
		inv.namespaceLike(p.ServiceAccount.Namespace, nil)
		inv.podOf(p.ServiceAccount.Namespace, p.ServiceAccount.Name, nil)
	case p.NodeSelector != nil:
		inv.nodeLike(*p.NodeSelector)
	case p.NamespaceSelector != nil || namespace != "" && p.Namespaces == nil:
		inv.peer(namespace, p.Peer)
	default:
		inv.spread(p)
	}
}

// spread invents pods for a peer that means every namespace, or the subject's own.
func (inv *inventor) spread(p *manifest.RankedPeer) {
	spaces := manifest.Selector{}
	if p.Namespaces != nil {
		var keys []manifest.Requirement
		for _, key := range p.Namespaces.SameLabels {
			keys = append(keys, manifest.Requirement{Key: key, Op: manifest.Exists})
		}
		spaces = manifest.MakeSelector(keys...)
	}
	if len(spaces.Requirements) > 0 {
		inv.namespaceFor(spaces)
	}
	for n := 1; len(spaces.Requirements) == 0 && len(inv.namespaces) < everywhere; n++ {
		inv.namespaceLike(fmt.Sprintf("ns-%d", n), nil)
	}
	count := 0
	for _, name := range sortedKeys(inv.namespaces) {
		if count < everywhere && holds(spaces, inv.namespaces[name]) {
			count++
			if p.PodSelector != nil {
				inv.podLike(name, *p.PodSelector)
			} else {
				inv.pod(name, nil)
			}
		}
	}
}

func (inv *inventor) group(namespace, name string, depth int) {
	for _, g := range inv.objects.Groups {
		if g.Namespace != namespace || g.Name != name || depth > 1 {
			continue
		}
		for i := range g.Members {
			inv.rankedPeer(namespace, &g.Members[i], depth+1)
		}
	}
}

// service invents a pod that a Service selects.
func (inv *inventor) service(ref *manifest.ServiceRef) {
	for _, s := range inv.objects.Services {
		if s.Namespace == ref.Namespace && s.Name == ref.Name && len(s.Selector) > 0 {
			inv.namespaceLike(s.Namespace, nil)
			inv.pod(s.Namespace, s.Selector)
		}
	}
}

// nodeLike remembers labels that a node should have.
func (inv *inventor) nodeLike(s manifest.Selector) {
	labels, ok := satisfy(s)
	if ok && len(labels) > 0 && !slices.ContainsFunc(inv.nodes, func(l manifest.Labels) bool { return slices.Equal(l, labels) }) {
		inv.nodes = append(inv.nodes, labels)
	}
}

// inventNodes gives nodes the labels that the policies ask for, in turn, and adds nodes where labels exclude each other.
func inventNodes(names []string, wanted []manifest.Labels) []*manifest.Node {
	var out []*manifest.Node
	add := func(name string) *manifest.Node {
		out = append(out, &manifest.Node{Meta: manifest.Meta{Kind: "Node", Name: name}})
		return out[len(out)-1]
	}
	for _, name := range names {
		add(name)
	}
	for i, labels := range wanted {
		n := out[i%len(out)]
		if !compatible(n.Labels, labels) {
			n = add(fmt.Sprintf("node-%d", len(out)+1))
		}
		for _, l := range labels {
			n.Labels = withLabel(n.Labels, l)
		}
	}
	return out
}

// compatible reports whether two sets of labels do not contradict each other.
func compatible(a, b manifest.Labels) bool {
	return !slices.ContainsFunc(b, func(l manifest.Label) bool {
		value, has := a.Get(l.Key)
		return has && value != l.Value
	})
}
