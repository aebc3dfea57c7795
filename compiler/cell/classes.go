package cell

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Addrs divides addresses by the sets of a Pipeline that contain them. It remembers what it found out about sets, since lists
// share them; what it returns depends on the sets of the rules alone. It is not safe for concurrent use.
type Addrs struct {
	pipeline *ir.Pipeline
	want     *Want // nil: no examples
	overlaps map[[2]ir.SetID]bool
	swept    map[string]*classing // by the sets of a component
}

// Classes is a division of addresses by rules. Classes are numbered from 0, which is what lies outside all sets.
//
// Which packets an opaque set matches is not known: each is a class of its own, beside those of addresses, that the rules which name
// it or any peer contain. So what contains all classes of a rule matches all its packets, but the converse does not hold.
type Classes struct {
	Of       [][]int32        // by rule: the classes that its peers contain, ascending
	Examples [][]ir.AddrRange // by class: a part of it, as Want says; none for opaque sets
	Opaque   int32            // the number of the first class that is an opaque set
}

// classing is a division of the addresses of some sets: the classes are numbered from 1, as Classes has them.
type classing struct {
	sets  []ir.SetID // ascending
	ofSet [][]int32  // by index in sets, ascending; the last ones may lack
	kept  []sample   // by class, from 1 on
	ok    bool       // false: given up
}

// of returns the classes that one of the sets contains.
func (c *classing) of(id ir.SetID) []int32 {
	if i, has := slices.BinarySearch(c.sets, id); has && i < len(c.ofSet) {
		return c.ofSet[i]
	}
	return nil
}

// Want says which examples classes should have: so many addresses of each family, or all there are, and the range around each
// preferred address.
type Want struct {
	Count  int
	Prefer []netip.Addr
}

// NewAddrs prepares the division of addresses by sets of the Pipeline. Without wants, Classes have no examples.
func NewAddrs(p *ir.Pipeline, want *Want) *Addrs {
	return &Addrs{p, want, map[[2]ir.SetID]bool{}, map[string]*classing{}}
}

// OfRules divides the addresses by the sets that the rules name. It returns false if that takes more than Limit steps.
func (c *Addrs) OfRules(rules []*ir.Rule) (*Classes, bool) {
	sets, opaque := c.split(SetsOf(rules))
	division := c.divide(sets)
	if !division.ok {
		return nil, false
	}
	outside := c.OutsideExists(sets)
	out := &Classes{Of: make([][]int32, len(rules)), Examples: make([][]ir.AddrRange, 1, len(division.kept)+1), Opaque: int32(len(division.kept)) + 1}
	for i, r := range rules {
		if r.AnyPeer {
			// The class outside all sets comes first: hardly anything else covers it.
			if outside {
				out.Of[i] = append(out.Of[i], 0)
			}
			for class := range division.kept {
				out.Of[i] = append(out.Of[i], int32(class)+1)
			}
			for k := range opaque {
				out.Of[i] = append(out.Of[i], out.Opaque+int32(k))
			}
			continue
		}
		if len(r.Peers) == 1 && !c.isOpaque(r.Peers[0]) {
			out.Of[i] = division.of(r.Peers[0])
			continue
		}
		for _, id := range r.Peers {
			if k, is := slices.BinarySearch(opaque, id); is {
				out.Of[i] = append(out.Of[i], out.Opaque+int32(k))
			}
			out.Of[i] = append(out.Of[i], division.of(id)...)
		}
		slices.Sort(out.Of[i])
		out.Of[i] = slices.Compact(out.Of[i])
	}
	for _, kept := range division.kept {
		out.Examples = append(out.Examples, kept.ranges)
	}
	if outside && c.want != nil {
		var kept sample
		for _, r := range ir.AnyAddr().Subtract(c.union(sets)).Ranges() {
			kept.add(r, c.want)
		}
		out.Examples[0] = kept.ranges
	}
	return out, true
}

// split takes the opaque sets out of a list.
func (c *Addrs) split(sets []ir.SetID) (plain, opaque []ir.SetID) {
	if !slices.ContainsFunc(sets, c.isOpaque) {
		return sets, nil
	}
	for _, id := range sets {
		if c.isOpaque(id) {
			opaque = append(opaque, id)
		} else {
			plain = append(plain, id)
		}
	}
	return plain, opaque
}

func (c *Addrs) isOpaque(id ir.SetID) bool { return c.pipeline.Sets[id].Kind.IsOpaque() }

// SetsOf lists the sets that the rules name.
func SetsOf(rules []*ir.Rule) []ir.SetID {
	var out []ir.SetID
	for _, r := range rules {
		out = append(out, r.Peers...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// OutsideExists reports whether an address is in none of the sets, those that are opaque left aside. Members alone are never every
// address.
func (c *Addrs) OutsideExists(sets []ir.SetID) bool {
	if !slices.ContainsFunc(sets, func(id ir.SetID) bool { return c.pipeline.Sets[id].Kind == ir.Blocks }) {
		return true
	}
	return !c.union(sets).IsAny()
}

func (c *Addrs) union(sets []ir.SetID) ir.AddrSet {
	all := make([]ir.AddrSet, 0, len(sets))
	for _, id := range sets {
		if !c.isOpaque(id) {
			all = append(all, c.pipeline.Sets[id].Addrs)
		}
	}
	return ir.UnionAll(all...)
}

// divide numbers the classes of the addresses that are in some set. A set that no other overlaps is a class.
func (c *Addrs) divide(sets []ir.SetID) *classing {
	components := c.components(sets)
	if len(components) == 1 {
		return c.sweep(components[0])
	}
	out := &classing{sets: sets, ofSet: make([][]int32, len(sets)), ok: true}
	for _, component := range components {
		part := c.sweep(component)
		if !part.ok {
			return part
		}
		for _, id := range component {
			at, _ := slices.BinarySearch(sets, id)
			for _, class := range part.of(id) {
				out.ofSet[at] = append(out.ofSet[at], class+int32(len(out.kept)))
			}
		}
		out.kept = append(out.kept, part.kept...)
	}
	return out
}

// components groups sets that overlap, directly or through others. Many sets are taken as one component: a sweep is cheaper
// than comparing them pairwise.
func (c *Addrs) components(sets []ir.SetID) [][]ir.SetID {
	const many = 64
	if len(sets) > many {
		return [][]ir.SetID{sets}
	}
	var out [][]ir.SetID
	for _, id := range sets {
		joined := []ir.SetID{id}
		rest := out[:0]
		for _, component := range out {
			if slices.ContainsFunc(component, func(o ir.SetID) bool { return c.Overlap(o, id) }) {
				joined = append(joined, component...)
			} else {
				rest = append(rest, component)
			}
		}
		out = append(rest, joined)
	}
	for _, component := range out {
		slices.Sort(component)
	}
	return out
}

// Overlap reports whether two sets are known to share an address, which of opaque ones is never known.
func (c *Addrs) Overlap(a, b ir.SetID) bool {
	if c.isOpaque(a) || c.isOpaque(b) {
		return false
	}
	k := [2]ir.SetID{min(a, b), max(a, b)}
	known, seen := c.overlaps[k]
	if !seen {
		known = c.pipeline.Sets[a].Addrs.Overlaps(c.pipeline.Sets[b].Addrs)
		c.overlaps[k] = known
	}
	return known
}

// sweep divides the addresses of overlapping sets.
func (c *Addrs) sweep(sets []ir.SetID) *classing {
	if len(sets) == 1 {
		if c.pipeline.Sets[sets[0]].Addrs.IsEmpty() {
			return &classing{sets: sets, ok: true}
		}
		var kept sample
		if c.want != nil {
			for _, r := range c.pipeline.Sets[sets[0]].Addrs.Ranges() {
				kept.add(r, c.want)
			}
		}
		return &classing{sets, [][]int32{{1}}, []sample{kept}, true}
	}
	key := make([]byte, 0, 4*len(sets))
	for _, id := range sets {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	if known := c.swept[string(key)]; known != nil {
		return known
	}
	w := &sweep{want: c.want, known: map[string]int32{}, classes: make([][]int32, 1)}
	out := &classing{}
	if w.collect(c.pipeline, sets) && w.run() {
		out = &classing{sets, Invert(w.classes), w.kept, true}
	}
	c.swept[string(key)] = out
	return out
}

// event is a bound of a range: from at on, addresses are in the set, which is given by its index, or are no longer.
type event struct {
	at    netip.Addr
	set   int32
	enter bool
}

// sweep goes through the bounds of all ranges in order and gives each combination of sets that occurs a number.
type sweep struct {
	want    *Want
	packed  []uint64         // events of IPv4: address, set, and whether it is entered
	long    []event          // events of IPv6
	members []int32          // the sets that the present address is in, ascending
	key     []byte           // of the present combination
	known   map[string]int32 // by combination
	classes [][]int32        // the combinations, by number, the empty one first
	kept    []sample         // likewise, without it
	steps   int
}

// collect lists the events in order. Those of IPv4, which are most, are numbers.
func (w *sweep) collect(p *ir.Pipeline, sets []ir.SetID) bool {
	ranges := 0
	for _, id := range sets {
		ranges += p.Sets[id].Addrs.RangeCount()
	}
	if ranges > Limit/2 {
		return false
	}
	w.packed = make([]uint64, 0, 2*ranges)
	add := func(e event) {
		switch {
		case e.at.Is4():
			w.packed = append(w.packed, e.pack())
		case e.at.IsValid():
			w.long = append(w.long, e)
		}
	}
	for i, id := range sets {
		for _, r := range p.Sets[id].Addrs.Ranges() {
			add(event{r.From, int32(i), true})
			add(event{r.To.Next(), int32(i), false})
		}
	}
	slices.Sort(w.packed)
	slices.SortFunc(w.long, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.set, b.set)) })
	return true
}

// pack makes a number of an event of IPv4.
func (e event) pack() uint64 {
	b := e.at.As4()
	n := uint64(binary.BigEndian.Uint32(b[:]))<<32 | uint64(e.set)<<1
	if e.enter {
		n |= 1
	}
	return n
}

func unpack(n uint64) event {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(n>>32))
	return event{netip.AddrFrom4(b), int32(uint32(n) >> 1), n&1 == 1}
}

func (w *sweep) events() int { return len(w.packed) + len(w.long) }

// event returns one of the events in order, which end with those of IPv6.
func (w *sweep) event(i int) event {
	if i < len(w.packed) {
		return unpack(w.packed[i])
	}
	return w.long[i-len(w.packed)]
}

func (w *sweep) run() bool {
	for i := range w.events() {
		e := w.event(i)
		if i == len(w.packed) {
			w.members = w.members[:0] // ranges that end with the last IPv4 address have no end event
		}
		at, inside := slices.BinarySearch(w.members, e.set)
		switch {
		case e.enter && !inside:
			w.members = slices.Insert(w.members, at, e.set)
		case !e.enter && inside:
			w.members = slices.Delete(w.members, at, at+1)
		}
		if last := i+1 == w.events(); !last && w.event(i+1).at == e.at || len(w.members) == 0 {
			continue
		}
		w.note(i)
		if w.steps > Limit {
			return false
		}
	}
	return true
}

// note records the present combination, which holds from event i on.
func (w *sweep) note(i int) {
	w.steps += len(w.members)
	w.key = w.key[:0]
	for _, set := range w.members {
		w.key = binary.BigEndian.AppendUint32(w.key, uint32(set))
	}
	class, seen := w.known[string(w.key)]
	if !seen {
		class = int32(len(w.classes))
		w.classes = append(w.classes, slices.Clone(w.members))
		w.known[string(w.key)] = class
		w.kept = append(w.kept, sample{})
	}
	if w.want != nil {
		w.kept[class-1].add(w.until(i), w.want)
	}
}

// until returns the addresses from event i to the next one.
func (w *sweep) until(i int) ir.AddrRange {
	from := w.event(i).at
	if i+1 < w.events() && w.event(i+1).at.Is4() == from.Is4() {
		return ir.AddrRange{From: from, To: w.event(i + 1).at.Prev()}
	}
	last := ir.AnyOf(ir.FamilyOf(from)).Ranges()
	return ir.AddrRange{From: from, To: last[0].To}
}

// sample is a part of a class.
type sample struct {
	ranges []ir.AddrRange
	counts [2]int // of addresses, IPv4 and IPv6
}

// add adds a range unless there are enough addresses of its family. No packet on a wire has a loopback address, or an IPv4 one
// within IPv6.
func (s *sample) add(r ir.AddrRange, want *Want) {
	if r.From.IsLoopback() && r.To.IsLoopback() || r.From.Is4In6() && r.To.Is4In6() {
		return
	}
	family := 0
	if !r.From.Is4() {
		family = 1
	}
	preferred := slices.ContainsFunc(want.Prefer, func(a netip.Addr) bool {
		return a.Is4() == r.From.Is4() && r.From.Compare(a) <= 0 && a.Compare(r.To) <= 0
	})
	if s.counts[family] >= want.Count && !preferred {
		return
	}
	s.ranges = append(s.ranges, r)
	for at := r.From; s.counts[family] < want.Count; at = at.Next() {
		s.counts[family]++
		if at == r.To {
			return
		}
	}
}
