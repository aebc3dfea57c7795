package allot

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// DefaultCap is how many addresses of Egresses a node holds if nothing else is said (maxEgressIPsPerNode of Antrea's configuration).
const DefaultCap = 255

// Caps is how many addresses of Egresses a node holds at most: Of has the numbers of some nodes, Default is that of all others.
type Caps struct {
	Default int
	Of      map[string]int
}

// of returns the cap of a node.
func (c Caps) of(node string) int {
	if n, has := c.Of[node]; has {
		return n
	}
	return c.Default
}

// Seat is an address that a node is to hold. Addresses are seated in their order, which matters where nodes are full: that of
// Claim.Compare. An address that occurs again has the node that it has already, and counts once.
type Seat struct {
	Addr   netip.Addr
	Set    int  // of nodes that can hold it: an index into the sets that NewElection is given
	Capped bool // it counts for Caps: it is an Egress's
	Local  bool // its set is of those with a ready endpoint alone: it is that of a Service with externalTrafficPolicy Local
	Origin source.Origin
}

// Election chooses the nodes that hold addresses: each address goes to the first point of a ring clockwise from its own, to the next
// one if that node is down or full, and so on. It is made once and asked many times, for what happens if this or that node fails.
//
// There is one ring for all nodes; those that cannot hold an address are passed over. That comes to the same as a ring of just the
// others, since what a node's points are does not depend on who else is there.
type Election struct {
	ring  *ring
	sets  []nodeSet
	seats []seat
	caps  []int // by node
	order []string
}

// seat is a Seat with what does not change from one question to the next.
type seat struct {
	Seat
	again int // the index of the seat that has the address already, or -1
	point int // where the ring is asked first: the first point of a node of the set; -1 if the set is empty
}

// NewElection prepares an election. Each set lists the nodes that can hold some addresses, such as those that a pool selects, whether
// they are alive or not; its order does not matter.
func NewElection(sets [][]string, seats []Seat, caps Caps) *Election {
	e := &Election{order: union(sets)}
	e.ring = newRing(e.order)
	number := make(map[string]int, len(e.order))
	for i, name := range e.order {
		number[name] = i
		e.caps = append(e.caps, caps.of(name))
	}
	for _, names := range sets {
		set := newNodeSet(len(e.order))
		for _, name := range names {
			set.add(number[name])
		}
		e.sets = append(e.sets, set)
	}
	first := make(map[netip.Addr]int, len(seats))
	for i, s := range seats {
		out := seat{Seat: s, again: -1, point: -1}
		if at, known := first[s.Addr]; known {
			out.again = at
		} else {
			first[s.Addr] = i
			out.point = e.ring.next(e.ring.start(s.Addr), e.sets[s.Set].has)
		}
		e.seats = append(e.seats, out)
	}
	return e
}

// union returns the names of all sets, sorted.
func union(sets [][]string) []string {
	var all []string
	seen := map[string]bool{}
	for _, set := range sets {
		for _, name := range set {
			if !seen[name] {
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Elect returns the nodes by seat, "" where no node can hold the address. Nodes that are down hold nothing. If there is a report, it
// says why an address has no node; it may be nil.
func (e *Election) Elect(down []string, report *diag.Report) []string {
	v := &vote{Election: e, up: newNodeSet(len(e.order)), held: make([]int, len(e.order)), closed: make([]bool, 2*len(e.sets))}
	for i, name := range e.order {
		if !slices.Contains(down, name) {
			v.up.add(i)
		}
	}
	chosen := make([]int, len(e.seats))
	out := make([]string, len(e.seats))
	for i := range e.seats {
		s := &e.seats[i]
		if s.again >= 0 {
			chosen[i] = chosen[s.again]
		} else {
			chosen[i] = v.seat(s)
		}
		if chosen[i] >= 0 {
			out[i] = e.order[chosen[i]]
		} else if report != nil && s.again < 0 {
			report.Add(diag.NoNodeForAddress, s.Origin, "no node can hold %s: %s", s.Addr, v.why(s))
		}
	}
	return out
}

// vote is one answer in the making.
type vote struct {
	*Election
	up     nodeSet
	held   []int  // how many capped addresses, by node
	closed []bool // no node is left, by twice the set, plus one for capped addresses
}

// seat finds the node for a seat, -1 for none.
func (v *vote) seat(s *seat) int {
	closed := &v.closed[2*s.Set]
	if s.Capped {
		closed = &v.closed[2*s.Set+1]
	}
	if s.point < 0 || *closed {
		return -1
	}
	set := v.sets[s.Set]
	point := v.ring.next(s.point, func(node int) bool {
		return set.has(node) && v.up.has(node) && (!s.Capped || v.held[node] < v.caps[node])
	})
	if point < 0 {
		*closed = true
		return -1
	}
	node := v.ring.points[point].node
	if s.Capped {
		v.held[node]++
	}
	return node
}

// why says why no node can hold an address.
func (v *vote) why(s *seat) string {
	all, up := 0, 0
	for i := range v.order {
		if v.sets[s.Set].has(i) {
			all++
			if v.up.has(i) {
				up++
			}
		}
	}
	switch {
	case all == 0:
		if s.Local {
			return "externalTrafficPolicy is Local, and no node that the pool selects has a ready endpoint"
		}
		return "none is selected"
	case up == 0:
		if s.Local {
			return "externalTrafficPolicy is Local, and all nodes with a ready endpoint that the pool selects are down"
		}
		return "all that are selected are down"
	}
	return "all that are selected hold as many addresses as they may"
}
