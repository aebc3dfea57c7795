package openflow

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// How a group is even. The datapath's hash has a power of two of values, 16 at least, and Open vSwitch gives each bucket some of them, in
// proportion to the weights; there are as many values as the weights together are, divided by the least of them. So three equal buckets
// would get 6, 5 and 5 of 16. Therefore one of the buckets is there twice, with a weight of 1 besides the rest, unless their number is a
// power of two: with valuesPerBucket values for each, no bucket has 4 percent more than another. More values cost memory, and a cached
// flow each while connections meet them.
//
// A message has no more than 64 KiB, and neither has a description of a group. The translations of more than directTargets backends do
// not fit in; so their buckets only say which backend it is, and Comeback has the translations.
const (
	valuesPerBucket = 32
	fewerValues     = 16 // with more than directTargets buckets
	directTargets   = 250
	maxTargets      = 1300
)

// weights gives those of n buckets; there may be one more, which is the first one again.
func (s Selector) weights(n int) []uint16 {
	out := slices.Repeat([]uint16{1}, n)
	if s == BySwitch || n&(n-1) == 0 {
		return out
	}
	each := uint16(valuesPerBucket)
	if n > directTargets {
		each = fewerValues
	}
	for i := range out {
		out[i] = each
	}
	out[0]--
	return append(out, 1)
}

// selector tells who chooses for a frontend. A client with affinity may have its next connection a moment after the first.
func selector(f *ir.Frontend) Selector {
	if f.Affinity > 0 {
		return BySwitch
	}
	return ByDatapath
}

// toGroup is the action that spreads a frontend's connections; frontends with equal targets share the group.
func (s *balancing) toGroup(f *ir.Frontend) Action {
	return Action{Op: ToGroup, Value: Uint(uint64(GroupMarker | s.groups.of[groupKey(f)]))}
}

// group makes a group, and writes what its packets meet after it. users are the frontends that lead to it, in order.
func (s *balancing) group(key string, users []*ir.Frontend) Group {
	f := users[0]
	g := Group{ID: GroupMarker | s.groups.of[key], By: selector(f), Origins: make([]*source.Origin, len(users))}
	for i, user := range users {
		g.Origins[i] = user.Origin
	}
	targets := targetIDs(s.targets(f))
	numbers := slices.SortedFunc(maps.Keys(targets), func(a, b uint32) int { return targets[a].Compare(targets[b]) })
	weights := g.By.weights(len(numbers))
	g.Buckets = make([]Bucket, len(weights))
	for i, weight := range weights {
		n := numbers[i%len(numbers)]
		g.Buckets[i] = Bucket{Weight: weight, Actions: s.lead(f, n, targets[n])}
	}
	if f.Affinity == 0 && s.isIndirect(f) {
		for n, target := range targets {
			s.add(Comeback, 150, []Term{ethOf(f.Entry.Family), Is(regFrontend, uint64(g.ID)), Is(regTarget, uint64(n))}, balance(target))
		}
	}
	return g
}

// isIndirect reports whether a group of a frontend's targets would be too large with their translations in it.
func (s *balancing) isIndirect(f *ir.Frontend) bool { return len(s.targets(f)) > directTargets }

// lead is what a bucket does. Of a bucket's actions Open vSwitch makes a set, and a set has no place for those that learn; so with
// affinity, too, the bucket only says which backend it is.
func (s *balancing) lead(f *ir.Frontend, n uint32, target netip.AddrPort) []Action {
	if f.Affinity == 0 && !s.isIndirect(f) {
		return []Action{balance(target)}
	}
	return []Action{set(regTarget, uint64(n)), resubmit(Comeback)}
}
