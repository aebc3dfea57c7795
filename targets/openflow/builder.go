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
}

func newBuilder() *builder { return &builder{index: map[string]int{}} }

// at returns the flow of a table, priority and match, and whether it was there before.
func (b *builder) at(t Table, priority int, match []Term) (*Flow, bool) {
	match = slices.Clone(match)
	slices.SortFunc(match, compareTerms)
	f := Flow{Table: t, Priority: uint16(priority), Match: match}
	b.buf = f.appendKey(b.buf[:0])
	if i, ok := b.index[string(b.buf)]; ok {
		return &b.flows[i], true
	}
	b.index[string(b.buf)] = len(b.flows)
	b.flows = append(b.flows, f)
	return &b.flows[len(b.flows)-1], false
}

// add is a flow of the pipeline's own.
func (b *builder) add(t Table, priority int, match []Term, actions ...Action) {
	if f, exists := b.at(t, priority, match); !exists {
		f.Cookie, f.Actions = infraCookie(t), actions
	}
}

// rule is a flow that a policy rule decides.
func (b *builder) rule(t Table, priority int, match []Term, by ruleMark, actions ...Action) {
	if f, exists := b.at(t, priority, match); !exists {
		f.Cookie, f.Origins, f.Actions = by.cookie, by.origins, actions
	}
}

// clause is a flow that satisfies one clause of a conjunction, perhaps besides others.
func (b *builder) clause(t Table, priority int, match []Term, c Conjunction) {
	f, _ := b.at(t, priority, match)
	f.Cookie = infraCookie(t)
	f.Conjunctions = append(f.Conjunctions, c)
}

// ruleMark says whose decision a flow is.
type ruleMark struct {
	cookie  uint64
	origins []*source.Origin
}

func infraCookie(t Table) uint64 { return CookieMarker | uint64(t) }

// finish adds what happens on a miss and puts everything in order.
func (b *builder) finish() []Flow {
	for _, t := range Tables() {
		if t.Miss == t.Table {
			b.add(t.Table, 0, nil)
		} else {
			b.add(t.Table, 0, nil, to(t.Miss))
		}
	}
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
func simple(op Op) Action                 { return Action{Op: op, Zone: zoneOf(op)} }
func output(f Field) Action               { return Action{Op: OutputReg, Field: f} }
func terms(head []Term, t ...Term) []Term { return append(slices.Clone(head), t...) }

func zoneOf(op Op) uint16 {
	if op == TrackNew {
		return Zone
	}
	return 0
}
