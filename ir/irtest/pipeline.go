package irtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Pipeline makes a random Pipeline over the nodes, endpoints and groups of a random Program, with rules that have nothing to do
// with the Program's: for printers, parsers and passes. Half of them have names.
func Pipeline(r *rand.Rand, s Shape) *ir.Pipeline {
	g := &generator{Rand: r, shape: s, prog: &ir.Program{}}
	g.nodes()
	g.endpoints()
	g.machines()
	g.makeGroups()
	p := &ir.Pipeline{Nodes: g.prog.Nodes, Endpoints: g.prog.Endpoints}
	if g.chance(30) {
		place(p)
	}
	named := g.chance(50)
	for _, group := range g.groups {
		p.Sets = append(p.Sets, ir.Set{Key: group.Key, Name: g.hex(named), Kind: group.Kind, Patterns: group.Patterns,
			Dials: group.Dials, Addrs: group.Addrs})
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			g.classifier(p, d, ph, named)
		}
	}
	return p
}

// place puts the Pipeline on its first node. Random endpoints have addresses outside their node's prefixes from the 64th on, or
// in a family for which the node has no prefix.
func place(p *ir.Pipeline) {
	inside := map[string]ir.AddrSet{}
	for _, n := range p.Nodes {
		inside[n.Name] = ir.PrefixSet(n.PodCIDRs...)
	}
	all := p.Endpoints
	p.Node, p.Endpoints = p.Nodes[0].Name, nil
	for _, e := range all {
		switch {
		case e.Node == p.Node:
			p.Endpoints = append(p.Endpoints, e)
		case e.Kind == ir.PodEndpoint && !inside[e.Node].Covers(ir.AddrSetOf(e.Addrs...)):
			p.Remote = append(p.Remote, e)
		}
	}
}

// hex gives a name as the pass "name" does, or none.
func (g *generator) hex(named bool) string {
	if !named {
		return ""
	}
	return fmt.Sprintf("%012x", g.Uint64()>>16)
}

func (g *generator) classifier(p *ir.Pipeline, d ir.Direction, ph ir.Phase, named bool) {
	c := p.Classifier(d, ph)
	for i := range g.IntN(4) {
		l := ir.List{Key: g.name("list", i), Name: g.hex(named)}
		for range g.IntN(4) {
			l.Rules = append(l.Rules, g.rule(p, d, named))
		}
		c.Lists = append(c.Lists, l)
	}
	slices.SortFunc(c.Lists, func(a, b ir.List) int { return strings.Compare(a.Key, b.Key) })
	for range p.Endpoints {
		c.Assign = append(c.Assign, ir.ListID(g.IntN(len(c.Lists)+1)-1))
	}
}

func (g *generator) rule(p *ir.Pipeline, d ir.Direction, named bool) ir.Rule {
	r := ir.Rule{Action: pick(g.Rand, []ir.Action{ir.Allow, ir.Drop, ir.Reject, ir.Pass}), L4: g.l4Set(), Logging: g.logging()}
	for range g.IntN(3) {
		r.Peers = append(r.Peers, ir.SetID(g.IntN(len(p.Sets))))
	}
	r.Peers = slices.DeleteFunc(r.Peers, func(id ir.SetID) bool { return d == ir.Ingress && p.Sets[id].Kind.IsOpaque() })
	slices.Sort(r.Peers)
	r.Peers = slices.Compact(r.Peers)
	if r.AnyPeer = len(r.Peers) == 0; r.AnyPeer {
		r.Peers = nil
	}
	for i := range 1 + g.IntN(3) {
		o := g.origin("NetworkPolicy a/"+g.name("np", i), "spec.ingress[0]")
		r.Origins = append(r.Origins, &source.Origin{Object: o.Object, Field: o.Field, Pos: o.Pos})
	}
	r.Origins = ir.SortOrigins(r.Origins)
	if named {
		r.ID = ir.RuleID(1 + g.Uint64()>>17)
	}
	return r
}

// l4Set gives a set of boxes that is not empty.
func (g *generator) l4Set() ir.L4Set {
	var boxes []ir.L4
	for len(boxes) == 0 || g.chance(50) {
		if s := g.portSpec(); s.Name == "" {
			boxes = append(boxes, s.Box)
		}
	}
	return ir.MakeL4Set(boxes...)
}
