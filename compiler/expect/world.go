package expect

import (
	"fmt"
	"net/netip"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/ir"
)

// maxCells is the number of classes of addresses that a block may have.
const maxCells = 1 << 12

// place is somebody whom an expectation names: an endpoint or a node with all its addresses, or one address.
type place struct {
	name     string
	endpoint *ir.Endpoint // nil: none
	node     string       // that it is, "" for none
	addrs    []netip.Addr
}

// is reports whether two places are one, so that what they send each other leaves no machine and no pod.
func (p place) is(o place) bool {
	return p.name == o.name || p.endpoint != nil && p.endpoint == o.endpoint || p.node != "" && p.node == o.node
}

// world finds whom expectations name.
type world struct {
	objects   *manifest.Objects
	program   *ir.Program
	endpoints map[string]*ir.Endpoint // by what String gives
	at        map[netip.Addr]place
	single    ir.AddrSet // addresses of which each is a class of its own
	odd       ir.AddrSet // no machine outside has one of these
	cells     int        // how many classes a block may have
}

func newWorld(objects *manifest.Objects, program *ir.Program) *world {
	w := &world{objects, program, map[string]*ir.Endpoint{}, map[netip.Addr]place{}, ir.AddrSet{}, oddAddrs(program), maxCells}
	var single []netip.Addr
	for _, n := range program.Nodes {
		for _, a := range n.Addrs {
			w.at[a], single = w.ofNode(n), append(single, a)
		}
	}
	for _, e := range program.Endpoints {
		w.endpoints[e.String()] = e
		for _, a := range e.Addrs {
			if e.Kind != ir.NodeEndpoint {
				w.at[a] = ofEndpoint(e)
			}
			single = append(single, a)
		}
	}
	for _, g := range program.Groups {
		for _, d := range g.Dials {
			single = append(single, d.Addr)
		}
	}
	w.single = ir.AddrSetOf(single...)
	return w
}

// oddAddrs are the addresses that no machine outside the cluster has: those for special purposes, says RFC 6890, and those of pods.
func oddAddrs(program *ir.Program) ir.AddrSet {
	var out []netip.Prefix
	for _, text := range []string{"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8"} {
		out = append(out, netip.MustParsePrefix(text))
	}
	for _, n := range program.Nodes {
		out = append(out, n.PodCIDRs...)
	}
	return ir.PrefixSet(out...)
}

func ofEndpoint(e *ir.Endpoint) place {
	return place{name: e.String(), endpoint: e, addrs: e.Addrs}
}

func (w *world) ofNode(n *ir.Node) place {
	return place{name: "node/" + n.Name, endpoint: w.endpoints["node "+n.Name], node: n.Name, addrs: n.Addrs}
}

// side lists whom one side names, each once, or says which entry names nobody.
func (w *world) side(field string, list []manifest.ExpectEndpoint) (out []place, problem string) {
	seen := map[string]bool{}
	for i := range list {
		found, problem := w.entry(&list[i])
		switch {
		case problem != "":
			return nil, problem
		case len(found) == 0:
			return nil, fmt.Sprintf("no packet tests it: %s, in %s[%d], is nobody that has an address", peerText(&list[i]), field, i)
		}
		for _, p := range found {
			if key := fmt.Sprint(p.name, p.addrs); !seen[key] {
				seen[key] = true
				out = append(out, p)
			}
		}
	}
	return out, ""
}

// entry lists whom an entry names, as far as they have addresses.
func (w *world) entry(e *manifest.ExpectEndpoint) (out []place, problem string) {
	add := func(p place) {
		if len(p.addrs) > 0 {
			out = append(out, p)
		}
	}
	switch {
	case e.IPBlock != nil:
		return w.block(e.IPBlock)
	case e.Node != "" || e.NodeSelector != nil:
		for _, n := range w.program.Nodes {
			if n.Name == e.Node || e.NodeSelector != nil && w.hasLabels(n.Name, *e.NodeSelector) {
				add(w.ofNode(n))
			}
		}
	case e.ExternalEntitySelector != nil:
		w.machines(e, func(name string) { add(w.endpoint("external " + name)) })
	default:
		for _, pod := range w.objects.Pods {
			if w.isMeant(e, pod) {
				add(w.endpoint(pod.Namespace + "/" + pod.Name))
			}
		}
	}
	return out, ""
}

// endpoint finds one by what its String gives; a place without addresses stands for none.
func (w *world) endpoint(name string) place {
	if e := w.endpoints[name]; e != nil {
		return ofEndpoint(e)
	}
	return place{}
}

func (w *world) isMeant(e *manifest.ExpectEndpoint, pod *manifest.Pod) bool {
	if e.Pod != nil {
		return *e.Pod == manifest.ObjectRef{Namespace: pod.Namespace, Name: pod.Name}
	}
	return w.isIn(e, pod.Namespace) && (e.PodSelector == nil || e.PodSelector.Matches(pod.Labels))
}

func (w *world) isIn(e *manifest.ExpectEndpoint, namespace string) bool {
	if e.NamespaceSelector == nil {
		return true
	}
	var labels manifest.Labels
	for _, n := range w.objects.Namespaces {
		if n.Name == namespace {
			labels = n.Labels
		}
	}
	return e.NamespaceSelector.Matches(resolve.NamespaceLabels(namespace, labels))
}

func (w *world) hasLabels(node string, s manifest.Selector) bool {
	for _, n := range w.objects.Nodes {
		if n.Name == node {
			return s.Matches(n.Labels)
		}
	}
	return false
}

// machines names the external entities that an entry selects.
func (w *world) machines(e *manifest.ExpectEndpoint, add func(name string)) {
	for _, o := range w.objects.ExternalEntities {
		if w.isIn(e, o.Namespace) && e.ExternalEntitySelector.Matches(o.Labels) {
			add(o.Namespace + "/" + o.Name)
		}
	}
	for _, n := range w.objects.ExternalNodes {
		if !w.isIn(e, n.Namespace) || !e.ExternalEntitySelector.Matches(n.Labels) {
			continue
		}
		for i := range n.Interfaces {
			add(n.Namespace + "/" + resolve.EntityName(n.Name, n.Interfaces[i].Name))
		}
	}
}

// block lists an address of each class of a block: those of pods, nodes, machines and Services one by one, all others by the blocks of
// rules that have them.
func (w *world) block(b *manifest.IPBlock) (out []place, problem string) {
	all := ir.PrefixSet(b.CIDR).Subtract(ir.PrefixSet(b.Except...))
	one, _ := all.Intersect(w.single).Addrs(Limit) // there are no more than the input has
	for _, a := range one {
		p := place{name: a.String()}
		if known, ok := w.at[a]; ok {
			p = known
		}
		p.addrs = []netip.Addr{a}
		out = append(out, p)
	}
	cells := []ir.AddrSet{all.Subtract(w.single)}
	split := []ir.AddrSet{ir.PrefixSet(netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))}
	for _, g := range w.program.Groups {
		if g.Kind == ir.Blocks || g.Kind == ir.Names {
			split = append(split, g.Addrs)
		}
	}
	for _, s := range split {
		var next []ir.AddrSet
		for _, c := range cells {
			for _, part := range [2]ir.AddrSet{c.Intersect(s), c.Subtract(s)} {
				if !part.IsEmpty() {
					next = append(next, part)
				}
			}
		}
		if cells = next; len(cells) > w.cells {
			return nil, fmt.Sprintf("rules tell more than %d parts of %s apart: say it of a smaller block", w.cells, b.CIDR)
		}
	}
	for _, c := range cells {
		if usual := c.Subtract(w.odd); !usual.IsEmpty() {
			c = usual
		}
		a := c.Ranges()[0].From
		out = append(out, place{name: a.String(), addrs: []netip.Addr{a}})
	}
	return out, ""
}
