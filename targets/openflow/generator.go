package openflow

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// # Generating again
//
// Of a node with 10,000 Services nearly everything that Generate makes are the flows and groups of single Services, and most changes
// concern one of them. So a Generator keeps
//
//	serving   what the frontends give, each by itself: their flows, and the groups that they lead to, with their texts
//	declared  all other flows, and the meters
//	made      all of that, in order
//
// When frontends come and go, the same code that lowers all of them lowers those, and those whose number or whose group's number has
// changed by that; the list is copied around them. What does not follow from single frontends is made anew if anything else has
// changed, but what comes out as it was stays the same in memory, with its sum, so that Diff and Hash pass over it.

// Generator makes the artifacts of one node again and again, at the cost of what changed. They are those of Generate, byte for byte. It
// is not safe for concurrent use; what it returns is immutable.
type Generator struct {
	last     *ir.Pipeline // nil if nothing is kept
	serving  *serving
	backends map[netip.Addr]int // in how many pools an address is
	local    []netip.Addr       // those of the node's pods that were in any when flows were made
	declared []artifact.Object  // what does not follow from single frontends
	findings []diag.Finding     // about that
	made     artifact.Artifact
}

// NewGenerator returns a Generator that has made nothing yet.
func NewGenerator() *Generator { return &Generator{} }

// Generate is the function of that name, at the cost of what changed since the last call. A Pipeline must not be changed afterwards.
func (g *Generator) Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	if ir.IsMachine(p.Node) {
		*g = Generator{}
		return Generate(p, report)
	}
	if !g.follow(p) {
		*g = Generator{}
		return Generate(p, report)
	}
	g.last = p
	for _, f := range g.findings {
		report.AddFinding(f)
	}
	g.serving.tell(report)
	return g.made
}

// follow brings everything up to date with a Pipeline. If it gives up, nothing of it is of use any more.
func (g *Generator) follow(p *ir.Pipeline) bool {
	if g.last == nil || g.last.Node != p.Node {
		*g = Generator{last: &ir.Pipeline{Node: p.Node}, serving: newServing(p), backends: map[netip.Addr]int{}}
		g.made = artifact.Artifact{Target: TargetName, Node: p.Node}
	}
	g.countBackends(p)
	var c change
	if g.declared == nil || !g.isDeclared(p) {
		g.declare(p, &c)
	}
	was := g.last.Frontends
	if !g.serving.fits(p) {
		g.serving.empty(&c)
		g.serving, was = newServing(p), nil
	}
	gone, come := changedFrontends(was, p.Frontends)
	if len(gone)+len(come) > 0 && !g.serving.update(p, &c, gone, come) {
		return false
	}
	ok := true
	if len(c.gone)+len(c.come) > 0 {
		g.made, ok = c.apply(g.made)
	}
	return ok
}

// countBackends takes in which addresses are those of a backend.
func (g *Generator) countBackends(p *ir.Pipeline) {
	a, b := g.last.Pools, p.Pools
	count := func(pool *ir.Pool, by int) {
		for _, t := range pool.Targets {
			at := t.Addr().Unmap()
			if g.backends[at] += by; g.backends[at] == 0 {
				delete(g.backends, at)
			}
		}
	}
	for len(a)+len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		case a[0] != b[0]:
			order = cmp.Compare(a[0].Key, b[0].Key)
		}
		if order < 0 {
			count(a[0], -1)
		}
		if order > 0 {
			count(b[0], 1)
		}
		if order <= 0 {
			a = a[1:]
		}
		if order >= 0 {
			b = b[1:]
		}
	}
}

func (g *Generator) isBackend(a netip.Addr) bool { return g.backends[a] > 0 }

// localBackends lists the addresses of the node's endpoints that are those of a backend.
func (g *Generator) localBackends(p *ir.Pipeline) []netip.Addr {
	var out []netip.Addr
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			if a = a.Unmap(); g.isBackend(a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// isDeclared reports whether what does not follow from single frontends is as it was. Where Egresses concern the node, that depends on
// all addresses of Services.
func (g *Generator) isDeclared(p *ir.Pipeline) bool {
	was, is := *g.last, *p
	if len(is.SNATs) > 0 && !slices.Equal(was.Frontends, is.Frontends) || (len(was.Frontends) > 0) != (len(is.Frontends) > 0) {
		return false
	}
	for _, p := range []*ir.Pipeline{&was, &is} {
		p.Frontends, p.Pools, p.Health = nil, nil, nil
	}
	return slices.Equal(g.local, g.localBackends(p)) && reflect.DeepEqual(was, is)
}

// declare makes what does not follow from single frontends.
func (g *Generator) declare(p *ir.Pipeline, c *change) {
	var found diag.Report
	l := newLowering(p, &found)
	l.isBackend = g.isBackend
	l.declared()
	flows := l.finish()
	made := make([]artifact.Object, 0, len(l.meters)+len(flows))
	for i := range l.meters {
		made = append(made, artifact.Summed(meterObject(&l.meters[i])))
	}
	old := g.declared
	for i := range flows {
		f := &flows[i]
		for len(old) > 0 && isBefore(&old[0], f) {
			old = old[1:]
		}
		if len(old) > 0 && sameFlow(old[0].Value.(*Flow), f) {
			made = append(made, old[0])
		} else {
			made = append(made, artifact.Summed(object(f)))
		}
	}
	c.replace(g.declared, made)
	g.declared, g.findings, g.local = made, found.Findings(), g.localBackends(p)
}

// isBefore reports whether an object stands before a flow.
func isBefore(o *artifact.Object, f *Flow) bool {
	g, ok := o.Value.(*Flow)
	return !ok || g.Compare(f) < 0
}

// sameFlow reports whether two flows are equal, origins included.
func sameFlow(a, b *Flow) bool {
	return a.Table == b.Table && a.Priority == b.Priority && a.Cookie == b.Cookie && a.IdleTimeout == b.IdleTimeout &&
		slices.Equal(a.Match, b.Match) && slices.Equal(a.Conjunctions, b.Conjunctions) &&
		slices.EqualFunc(a.Actions, b.Actions, sameAction) && reflect.DeepEqual(a.Origins, b.Origins)
}

func sameAction(a, b Action) bool {
	return a == b || a.Learn != nil && b.Learn != nil && reflect.DeepEqual(a, b)
}

// changedFrontends compares two sorted lists by what pods meet: what is only in the first, or not the same in the second, and the other
// way round.
func changedFrontends(a, b []*ir.Frontend) (gone, come []*ir.Frontend) {
	for len(a) > 0 && len(b) > 0 {
		order := 0
		if a[0] != b[0] {
			order = a[0].Entry.Compare(b[0].Entry)
		}
		switch {
		case order < 0:
			gone, a = append(gone, a[0]), a[1:]
		case order > 0:
			come, b = append(come, b[0]), b[1:]
		default:
			if a[0] != b[0] && !sameForPods(a[0], b[0]) {
				gone, come = append(gone, a[0]), append(come, b[0])
			}
			a, b = a[1:], b[1:]
		}
	}
	return append(gone, a...), append(come, b...)
}

// sameForPods compares two frontends with one entry by what lowering looks at.
func sameForPods(f, g *ir.Frontend) bool {
	x, y := &f.Routes[ir.OwnPod], &g.Routes[ir.OwnPod]
	return x.Outcome == y.Outcome && (x.Outcome != ir.Balance || x.Pool.Key == y.Pool.Key) && f.Affinity == g.Affinity &&
		f.Sources.Equal(g.Sources) && reflect.DeepEqual(f.Origin, g.Origin)
}
