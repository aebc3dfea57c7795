package nft

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// # Generating again
//
// Of a node with 30,000 Services nearly everything that Generate makes are elements, and each element is there because of one
// frontend. What else there is (chains, rules, which sets there are) follows from the shapes that frontends have: one of a shape is
// enough to make it. So a Generator keeps
//
//	fills    the elements of each set that frontends fill, with their texts, sorted
//	shapes   how many frontends there are of each shape, and one of them
//	objects  what Generate makes for one frontend of each shape
//
// and gives the objects with the elements put in. When frontends come and go, the same code that lowers all of them lowers those, and
// the sets that get or lose elements are copied around these. The rest is made anew only if a shape appears or disappears, or anything
// but frontends changed. What is not changed stays the same in memory, with its sum, so that Diff and Hash pass over it.
//
// Where an address of a Service is also one of the node's own, a frontend can hide part of another. Then nothing is kept.

// Generator makes the artifacts of one node again and again, at the cost of what changed. They are those of Generate, or of
// GenerateOwn, byte for byte. It is not safe for concurrent use; what it returns is immutable.
type Generator struct {
	options  Options
	generate func(*ir.Pipeline, *diag.Report) artifact.Artifact
	last     *ir.Pipeline // nil if nothing is kept
	own      []netip.Addr // of the node
	fills    map[string]*fill
	shapes   map[shape]*specimen
	reshaped bool // a shape has appeared or disappeared since objects were made
	objects  []artifact.Object
}

// Generator returns a Generator that gives what Generate gives.
func (o Options) Generator() *Generator { return &Generator{options: o, generate: o.Generate} }

// OwnGenerator returns a Generator that gives what GenerateOwn gives.
func (o Options) OwnGenerator() *Generator { return &Generator{options: o, generate: o.GenerateOwn} }

// Generate is the function of that name, at the cost of what changed since the last call. A Pipeline must not be changed afterwards.
func (g *Generator) Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	var found diag.Report
	out := artifact.Artifact{Target: Target, Node: p.Node}
	if g.follow(p) {
		g.remake(p, &found)
		out.Objects = g.filled()
		g.last = p
	} else {
		g.forget()
		out.Objects = g.generate(p, &found).Objects
	}
	for _, f := range found.Findings() {
		report.AddFinding(f)
	}
	if len(found.Findings()) > 0 {
		g.forget() // so that it is said the next time, too
	}
	return out
}

func (g *Generator) forget() {
	g.last, g.own, g.objects = nil, nil, nil
	g.fills, g.shapes, g.reshaped = map[string]*fill{}, map[shape]*specimen{}, true
}

// follow brings fills and shapes up to date with a Pipeline's frontends. If it gives up, they are of no use any more.
func (g *Generator) follow(p *ir.Pipeline) bool {
	if own := ownAddrs(p); g.last == nil || g.last.Node != p.Node || !slices.Equal(g.own, own) {
		g.forget()
		g.last, g.own = &ir.Pipeline{Node: p.Node}, own
	}
	gone, come := changedFrontends(g.last, p)
	hides := func(f *ir.Frontend) bool { return slices.Contains(g.own, f.Entry.Addr) }
	if slices.ContainsFunc(come, hides) {
		return false
	}
	g.count(gone, -1)
	g.count(come, 1)
	return g.fill(g.rows(g.last, gone), g.rows(p, come))
}

func ownAddrs(p *ir.Pipeline) []netip.Addr {
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			return n.Addrs
		}
	}
	return nil
}

// changedFrontends compares two Pipelines of one node: what is only in the first, or not the same in the second, and the other way
// round.
func changedFrontends(old, new *ir.Pipeline) (gone, come []*ir.Frontend) {
	a, b := old.Frontends, new.Frontends
	for len(a) > 0 && len(b) > 0 {
		order := 0
		if a[0] != b[0] && a[0].Entry != b[0].Entry {
			order = a[0].Entry.Compare(b[0].Entry)
		}
		switch {
		case order < 0:
			gone, a = append(gone, a[0]), a[1:]
		case order > 0:
			come, b = append(come, b[0]), b[1:]
		default:
			if !sameFrontend(a[0], b[0]) {
				gone, come = append(gone, a[0]), append(come, b[0])
			}
			a, b = a[1:], b[1:]
		}
	}
	return append(gone, a...), append(come, b...)
}

// sameFrontend compares what clients meet at two frontends with one entry.
func sameFrontend(f, g *ir.Frontend) bool {
	if f == g {
		return true
	}
	for side := range f.Routes {
		x, y := &f.Routes[side], &g.Routes[side]
		if x.Outcome != y.Outcome || x.Masquerade != y.Masquerade {
			return false
		}
		if x.Outcome == ir.Balance && !sameTargets(x.Pool.Targets, y.Pool.Targets) {
			return false
		}
	}
	return f.Affinity == g.Affinity && f.Sources.Equal(g.Sources)
}

func sameTargets(a, b []netip.AddrPort) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.Equal(a, b))
}

// shape is all of a frontend that counts for chains, rules, and which sets there are.
type shape struct {
	family   ir.Family
	proto    ir.Proto
	nodePort bool
	routes   [ir.NumSides]routeShape
	affinity time.Duration
	sources  string
}

// routeShape is all of a route that counts.
type routeShape struct {
	outcome    ir.Outcome
	masquerade bool
	targets    int // how many
	like       int // the first side with the same targets
}

// specimen is a frontend, and how many there are of its shape.
type specimen struct {
	*ir.Frontend
	count int
}

func shapeOf(f *ir.Frontend) shape {
	s := shape{family: f.Entry.Family, proto: f.Entry.Proto, nodePort: !f.Entry.Addr.IsValid(), affinity: f.Affinity}
	if !f.Sources.Equal(ir.AnyAddr()) {
		s.sources = f.Sources.String()
	}
	for side, r := range f.Routes {
		s.routes[side] = routeShape{outcome: r.Outcome, masquerade: r.Masquerade}
		if r.Outcome == ir.Balance {
			s.routes[side].targets = len(r.Pool.Targets)
			s.routes[side].like = slices.IndexFunc(f.Routes[:], func(o ir.Route) bool { return o.Outcome == ir.Balance && o.Pool == r.Pool })
		}
	}
	return s
}

// count counts frontends in or out.
func (g *Generator) count(list []*ir.Frontend, by int) {
	for _, f := range list {
		key := shapeOf(f)
		s := g.shapes[key]
		if s == nil {
			s = &specimen{Frontend: f}
			g.shapes[key] = s
			g.reshaped = true
		}
		if s.count += by; s.count == 0 {
			delete(g.shapes, key)
			g.reshaped = true
		}
	}
}

// specimens is a Pipeline with one frontend of each shape.
func (g *Generator) specimens(p *ir.Pipeline) *ir.Pipeline {
	out := *p
	out.Frontends, out.Pools = nil, nil
	for _, s := range g.shapes {
		out.Frontends = append(out.Frontends, s.Frontend)
	}
	slices.SortFunc(out.Frontends, func(a, b *ir.Frontend) int { return a.Entry.Compare(b.Entry) })
	return &out
}

// remake brings the objects up to date, all but the elements that frontends put in.
func (g *Generator) remake(p *ir.Pipeline, report *diag.Report) {
	was, is := *g.last, *p
	was.Frontends, was.Pools, is.Frontends, is.Pools = nil, nil, nil, nil
	if !g.reshaped && g.objects != nil && reflect.DeepEqual(was, is) {
		return
	}
	old := make(map[string]*artifact.Object, len(g.objects))
	for i := range g.objects {
		old[g.objects[i].Key] = &g.objects[i]
	}
	g.objects = g.generate(g.specimens(p), report).Objects
	g.reshaped = false
	for i := range g.objects {
		o := &g.objects[i]
		if g.fills[o.Key] != nil {
			continue
		}
		if was := old[o.Key]; was != nil && was.Ordered == o.Ordered && slices.Equal(was.Items, o.Items) {
			kept := *was
			kept.Head, kept.Volatile, kept.Value = o.Head, o.Volatile, o.Value
			*o = kept
			continue
		}
		*o = artifact.Summed(*o)
	}
}

// filled gives the objects with what frontends put in.
func (g *Generator) filled() []artifact.Object {
	out := slices.Clone(g.objects)
	for i, o := range out {
		if f := g.fills[o.Key]; f != nil {
			f.object.Key, f.object.Head, f.object.Volatile = o.Key, o.Head, o.Volatile
			out[i] = f.object
		}
	}
	return out
}

// fill is a set with all that frontends put in: an object with its Value.
type fill struct{ object artifact.Object }

// row is an element with its text.
type row struct {
	text string
	*Element
}

// rows are the elements that some frontends of a Pipeline put into a set, by their texts.
type rows struct {
	set  *Set // without elements
	list []row
}

// rows lowers some of a Pipeline's frontends, by themselves: what they put into sets, by the sets' keys.
func (g *Generator) rows(p *ir.Pipeline, list []*ir.Frontend) map[string]rows {
	some := *p
	some.Frontends = list
	l := newLowering(&some, &diag.Report{}, false)
	l.options = g.options
	b := newBalancing(l)
	for _, f := range ir.Families() {
		for _, e := range b.entries(f) {
			b.entry(e)
		}
	}
	out := map[string]rows{}
	for _, s := range b.filled() {
		r := rows{list: make([]row, len(s.Elements))}
		for i, e := range s.Elements {
			r.list[i] = row{ElementText(s, e), e}
		}
		slices.SortFunc(r.list, func(x, y row) int { return cmp.Compare(x.text, y.text) })
		empty := *s
		empty.Elements, r.set = nil, &empty
		out[SetKey(s)] = r
	}
	return out
}

// fill takes rows out of the sets and puts others in. It gives up if a row is not there, or is there already: then two frontends have
// put the same in, and it cannot be told whose it is.
func (g *Generator) fill(gone, come map[string]rows) bool {
	for key, r := range gone {
		if !g.change(key, r.set, r.list, come[key].list) {
			return false
		}
	}
	for key, r := range come {
		if _, both := gone[key]; !both && !g.change(key, r.set, nil, r.list) {
			return false
		}
	}
	return true
}

// change takes rows out of one set and puts others in.
func (g *Generator) change(key string, s *Set, gone, come []row) bool {
	if isRepeated(gone) || isRepeated(come) {
		return false
	}
	gone, come = without(gone, come), without(come, gone)
	if len(gone)+len(come) == 0 {
		return true
	}
	f := g.fills[key]
	if f == nil {
		f = &fill{artifact.Object{Value: s}}
		g.fills[key] = f
	}
	old := f.object
	elements := old.Value.(*Set).Elements
	c := changer{items: old.Items, elements: elements}
	c.newItems = make([]string, 0, len(old.Items)+len(come))
	c.newElements = make([]*Element, 0, len(old.Items)+len(come))
	for len(gone)+len(come) > 0 {
		ok := false
		if len(come) == 0 || len(gone) > 0 && gone[0].text < come[0].text {
			ok, gone = c.drop(gone[0]), gone[1:]
		} else {
			ok, come = c.insert(come[0]), come[1:]
		}
		if !ok {
			return false
		}
	}
	return g.put(key, &c)
}

func isRepeated(sorted []row) bool {
	for i := 1; i < len(sorted); i++ {
		if sorted[i].text == sorted[i-1].text {
			return true
		}
	}
	return false
}

// without gives the rows that are not among others. Both are sorted.
func without(list, others []row) []row {
	if len(others) == 0 {
		return list
	}
	var out []row
	for _, r := range list {
		if _, found := slices.BinarySearchFunc(others, r, func(a, b row) int { return strings.Compare(a.text, b.text) }); !found {
			out = append(out, r)
		}
	}
	return out
}

// changer copies a set's items and elements, with some left out and others put in, in ascending order of their texts.
type changer struct {
	items       []string // what is still to be copied
	elements    []*Element
	newItems    []string
	newElements []*Element
	gone, come  []string
}

// upTo copies what stands before a text, and reports whether that itself comes next.
func (c *changer) upTo(text string) bool {
	at, found := slices.BinarySearch(c.items, text)
	c.newItems, c.items = append(c.newItems, c.items[:at]...), c.items[at:]
	c.newElements, c.elements = append(c.newElements, c.elements[:at]...), c.elements[at:]
	return found
}

func (c *changer) drop(r row) bool {
	if !c.upTo(r.text) {
		return false
	}
	c.items, c.elements, c.gone = c.items[1:], c.elements[1:], append(c.gone, r.text)
	return true
}

func (c *changer) insert(r row) bool {
	if c.upTo(r.text) {
		return false
	}
	c.newItems, c.newElements, c.come = append(c.newItems, r.text), append(c.newElements, r.Element), append(c.come, r.text)
	return true
}

// put makes what was copied the set's content.
func (g *Generator) put(key string, c *changer) bool {
	f := g.fills[key]
	s := *f.object.Value.(*Set)
	s.Elements = append(c.newElements, c.elements...)
	now := artifact.Object{Items: append(c.newItems, c.items...), Value: &s}
	if len(now.Items) == 0 {
		delete(g.fills, key)
		return true
	}
	f.object = artifact.SummedFrom(f.object, now, c.gone, c.come)
	return true
}
