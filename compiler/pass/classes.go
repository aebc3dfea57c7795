package pass

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// classer divides addresses by the sets of a list that contain them. It remembers what it found out about sets, since lists
// share them; what it returns depends on the sets of the list alone.
type classer struct {
	pipeline *ir.Pipeline
	overlaps map[[2]ir.SetID]bool
	swept    map[string]*classing // by the sets of a component
}

// classing is a division of the addresses of some sets: the classes are numbered from 0.
type classing struct {
	ofSet map[ir.SetID][]int32
	count int
	ok    bool // false: given up
}

func newClasser(p *ir.Pipeline) *classer {
	return &classer{p, map[[2]ir.SetID]bool{}, map[string]*classing{}}
}

// ofRules returns for each of the rules the classes that its peers contain, ascending; class 0 is outside all sets. It returns false if that takes too many steps.
func (c *classer) ofRules(rules []*ir.Rule) ([][]int32, bool) {
	sets := setsOf(rules)
	division := c.divide(sets)
	if !division.ok {
		return nil, false
	}
	outside := c.outsideExists(sets)
	out := make([][]int32, len(rules))
	for i, r := range rules {
		if r.AnyPeer {
			// The class outside all sets comes first: hardly anything else covers it.
			if outside {
				out[i] = append(out[i], 0)
			}
			for class := range division.count {
				out[i] = append(out[i], int32(class)+1)
			}
			continue
		}
		for _, id := range r.Peers {
			for _, class := range division.ofSet[id] {
				out[i] = append(out[i], class+1)
			}
		}
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out, true
}

func setsOf(rules []*ir.Rule) []ir.SetID {
	var out []ir.SetID
	for _, r := range rules {
		out = append(out, r.Peers...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// outsideExists reports whether an address is in none of the sets. Members alone are never every address.
func (c *classer) outsideExists(sets []ir.SetID) bool {
	if !slices.ContainsFunc(sets, func(id ir.SetID) bool { return c.pipeline.Sets[id].Kind == ir.Blocks }) {
		return true
	}
	all := make([]ir.AddrSet, len(sets))
	for i, id := range sets {
		all[i] = c.pipeline.Sets[id].Addrs
	}
	return !ir.UnionAll(all...).IsAny()
}

// divide numbers the classes of the addresses that are in some set. A set that no other overlaps is a class.
func (c *classer) divide(sets []ir.SetID) *classing {
	out := &classing{ofSet: make(map[ir.SetID][]int32, len(sets)), ok: true}
	for _, component := range c.components(sets) {
		part := c.sweep(component)
		if !part.ok {
			return part
		}
		for _, id := range component {
			for _, class := range part.ofSet[id] {
				out.ofSet[id] = append(out.ofSet[id], class+int32(out.count))
			}
		}
		out.count += part.count
	}
	return out
}

// components groups sets that overlap, directly or through others. Many sets are taken as one component: a sweep is cheaper
// than comparing them pairwise.
func (c *classer) components(sets []ir.SetID) [][]ir.SetID {
	const many = 64
	if len(sets) > many {
		return [][]ir.SetID{sets}
	}
	var out [][]ir.SetID
	for _, id := range sets {
		joined := []ir.SetID{id}
		rest := out[:0]
		for _, component := range out {
			if slices.ContainsFunc(component, func(o ir.SetID) bool { return c.overlap(o, id) }) {
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

func (c *classer) overlap(a, b ir.SetID) bool {
	k := [2]ir.SetID{min(a, b), max(a, b)}
	known, seen := c.overlaps[k]
	if !seen {
		known = c.pipeline.Sets[a].Addrs.Overlaps(c.pipeline.Sets[b].Addrs)
		c.overlaps[k] = known
	}
	return known
}

// sweep divides the addresses of overlapping sets.
func (c *classer) sweep(sets []ir.SetID) *classing {
	if len(sets) == 1 {
		if c.pipeline.Sets[sets[0]].Addrs.IsEmpty() {
			return &classing{ok: true}
		}
		return &classing{map[ir.SetID][]int32{sets[0]: {0}}, 1, true}
	}
	key := make([]byte, 0, 4*len(sets))
	for _, id := range sets {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	if known := c.swept[string(key)]; known != nil {
		return known
	}
	w := &sweep{known: map[string]int32{}, ofSet: map[ir.SetID][]int32{}}
	out := &classing{}
	if w.collect(c.pipeline, sets) && w.run() {
		out = &classing{w.ofSet, len(w.known), true}
	}
	c.swept[string(key)] = out
	return out
}

// event is a bound of a range: from at on, addresses are in the set, or are no longer.
type event struct {
	at    netip.Addr
	set   ir.SetID
	enter bool
}

// sweep goes through the bounds of all ranges in order and gives each combination of sets that occurs a number.
type sweep struct {
	events  []event
	members []ir.SetID       // those that the present address is in, ascending
	known   map[string]int32 // by combination
	ofSet   map[ir.SetID][]int32
	steps   int
}

func (w *sweep) collect(p *ir.Pipeline, sets []ir.SetID) bool {
	for _, id := range sets {
		for _, r := range p.Sets[id].Addrs.Ranges() {
			w.events = append(w.events, event{r.From, id, true})
			if after := r.To.Next(); after.IsValid() {
				w.events = append(w.events, event{after, id, false})
			}
		}
		if len(w.events) > stepLimit {
			return false
		}
	}
	return true
}

func (w *sweep) run() bool {
	slices.SortFunc(w.events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.set, b.set)) })
	for i, e := range w.events {
		if i > 0 && w.events[i-1].at.Is4() && !e.at.Is4() {
			w.members = w.members[:0] // ranges that end with the last IPv4 address have no end event
		}
		at, inside := slices.BinarySearch(w.members, e.set)
		switch {
		case e.enter && !inside:
			w.members = slices.Insert(w.members, at, e.set)
		case !e.enter && inside:
			w.members = slices.Delete(w.members, at, at+1)
		}
		if last := i+1 == len(w.events); !last && w.events[i+1].at == e.at || len(w.members) == 0 {
			continue
		}
		w.note()
		if w.steps > stepLimit {
			return false
		}
	}
	return true
}

// note records the present combination.
func (w *sweep) note() {
	w.steps += len(w.members)
	key := make([]byte, 0, 4*len(w.members))
	for _, id := range w.members {
		key = binary.BigEndian.AppendUint32(key, uint32(id))
	}
	if _, seen := w.known[string(key)]; seen {
		return
	}
	class := int32(len(w.known))
	w.known[string(key)] = class
	for _, id := range w.members {
		w.ofSet[id] = append(w.ofSet[id], class)
	}
}
