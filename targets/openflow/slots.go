package openflow

// slots gives each of some keys a number of its own: the one that the key wants or, where others have that, one of those after it. Of two
// keys that could have a number the lesser one has it, so that the numbers do not depend on the order in which keys came and went, and
// few change with a key. Source: Amble and Knuth, "Ordered hash tables", The Computer Journal 17 (1974).
type slots[K comparable] struct {
	home    func(K) uint32      // what a key wants
	next    func(uint32) uint32 // what comes after a number; all numbers must be among those after any other, with some to spare
	compare func(a, b K) int
	at      map[uint32]K
	of      map[K]uint32
}

func newSlots[K comparable](home func(K) uint32, next func(uint32) uint32, compare func(a, b K) int) *slots[K] {
	return &slots[K]{home, next, compare, map[uint32]K{}, map[K]uint32{}}
}

// add takes in a key that is not there. It returns the keys that got another number by that, and the new one.
func (s *slots[K]) add(k K) (changed []K) {
	for n := s.home(k); ; n = s.next(n) {
		other, taken := s.at[n]
		if taken && s.compare(other, k) < 0 {
			continue
		}
		s.at[n], s.of[k] = k, n
		changed = append(changed, k)
		if !taken {
			return changed
		}
		k = other
	}
}

// remove takes out a key that is there. It returns the keys that got another number by that.
func (s *slots[K]) remove(k K) (changed []K) {
	n := s.of[k]
	delete(s.at, n)
	delete(s.of, k)
	was := map[K]uint32{}
	var after []K
	for n = s.next(n); ; n = s.next(n) {
		other, taken := s.at[n]
		if !taken {
			break
		}
		delete(s.at, n)
		was[other], after = n, append(after, other)
	}
	for _, other := range after {
		s.add(other)
	}
	for _, other := range after {
		if s.of[other] != was[other] {
			changed = append(changed, other)
		}
	}
	return changed
}
