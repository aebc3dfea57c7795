package openflow

import (
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// builder collects flows. The first flow of a key wins, but conjunctions of one key gather in one flow.
type builder struct {
	flows []Flow
	index map[string]int
	buf   []byte

	repeated int // how often a flow was added that was there

	known  map[altKey]*alternatives
	shared map[place][]int // indices of flows
}

func newBuilder() *builder {
	return &builder{index: map[string]int{}, known: map[altKey]*alternatives{}, shared: map[place][]int{}}
}

// at returns the flow of a table, priority and match, and its index. A flow that is new has no cookie.
func (b *builder) at(t Table, priority int, match []Term) (*Flow, int) {
	match = slices.Clone(match)
	slices.SortFunc(match, compareTerms)
	f := Flow{Table: t, Priority: uint16(priority), Match: match}
	b.buf = f.appendKey(b.buf[:0])
	if i, ok := b.index[string(b.buf)]; ok {
		return &b.flows[i], i
	}
	b.index[string(b.buf)] = len(b.flows)
	b.flows = append(b.flows, f)
	return &b.flows[len(b.flows)-1], len(b.flows) - 1
}

// add is a flow of the pipeline's own.
func (b *builder) add(t Table, priority int, match []Term, actions ...Action) {
	if f, _ := b.at(t, priority, match); f.Cookie == 0 {
		f.Cookie, f.Actions = infraCookie(t), actions
	} else {
		b.repeated++
	}
}

// rule is a flow that a policy rule decides.
func (b *builder) rule(t Table, priority int, match []Term, by ruleMark, actions ...Action) {
	if f, _ := b.at(t, priority, match); f.Cookie == 0 {
		f.Cookie, f.Origins, f.Actions = by.cookie, by.origins, actions
	}
}

// clause adds a conjunction to the flows of some alternatives.
func (b *builder) clause(t Table, priority int, as *alternatives, c Conjunction) {
	at := place{t, priority, as}
	flows, known := b.shared[at]
	if !known {
		for _, match := range as.matches {
			f, i := b.at(t, priority, match)
			f.Cookie = infraCookie(t)
			flows = append(flows, i)
		}
		b.shared[at] = flows
	}
	for _, i := range flows {
		b.flows[i].Conjunctions = append(b.flows[i].Conjunctions, c)
	}
}

// place is where alternatives have their flows.
type place struct {
	table    Table
	priority int
	as       *alternatives
}

// ruleMark says whose decision a flow is.
type ruleMark struct {
	cookie  uint64
	origins []*source.Origin
}

func infraCookie(t Table) uint64 { return CookieMarker | uint64(t) }

// misses adds what happens on a miss. No packet meets the table EgressNames of a node without names, or those for Services or Egresses of
// one without any.
func (b *builder) misses() {
	for _, t := range Tables() {
		if t.Table == EgressNames || isForServices(t.Table) || isForEgresses(t.Table) {
			continue
		}
		if t.Miss == t.Table {
			b.add(t.Table, 0, nil)
		} else {
			b.add(t.Table, 0, nil, to(t.Miss))
		}
	}
}

// finish puts everything in order.
func (b *builder) finish() []Flow {
	for i := range b.flows {
		c := b.flows[i].Conjunctions
		slices.SortFunc(c, Conjunction.compare)
		b.flows[i].Conjunctions = slices.Compact(c)
	}
	slices.SortFunc(b.flows, func(x, y Flow) int { return x.Compare(&y) })
	return b.flows
}

// The actions, as short as the tables need them.

func to(t Table) Action                   { return Action{Op: Goto, Table: t} }
func set(f Field, n uint64) Action        { return Action{Op: SetField, Field: f, Value: Uint(n)} }
func setValue(f Field, v Value) Action    { return Action{Op: SetField, Field: f, Value: v} }
func setRef(f Field, r Ref) Action        { return Action{Op: SetField, Field: f, Ref: r} }
func move(from, dst Field) Action         { return Action{Op: Move, Field: dst, From: from} }
func track(t Table) Action                { return Action{Op: Track, Table: t, Zone: Zone} }
func resubmit(t Table) Action             { return Action{Op: Resubmit, Table: t} }
func simple(op Op) Action                 { return Action{Op: op, Zone: zoneOf(op)} }
func output(f Field) Action               { return Action{Op: OutputReg, Field: f} }
func terms(head []Term, t ...Term) []Term { return append(slices.Clone(head), t...) }

func zoneOf(op Op) uint16 {
	if op == TrackNew {
		return Zone
	}
	return 0
}
