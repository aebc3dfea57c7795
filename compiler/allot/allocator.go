package allot

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
)

// stage is one round of giving out addresses.
type stage uint8

const (
	kept      stage = iota // those that somebody has by status
	requested              // those that somebody asks for
	free                   // any
)

// allocator gives out addresses. Addresses that were given stay given.
type allocator struct {
	report *diag.Report
	pools  []pool
	byName map[string]*pool
	claims []Claim
	order  []int // of claims, by Compare
	taken  map[netip.Addr]*holding
	given  [][]netip.Addr // by claim and want
	said   [][]bool       // that there is a finding about it, likewise
}

// holding is an address that somebody has. Either it is reserved, or it has owners.
type holding struct {
	reserved *Reserved
	owners   []owner
}

// owner is the want of a claim that has an address.
type owner struct {
	claim     *Claim
	requested bool
}

func newAllocator(pools []Pool, claims []Claim, reserved []Reserved, report *diag.Report) *allocator {
	a := &allocator{report: report, claims: claims, pools: make([]pool, len(pools)), byName: make(map[string]*pool, len(pools)),
		taken: make(map[netip.Addr]*holding, len(claims)+len(reserved)), given: make([][]netip.Addr, len(claims)), said: make([][]bool, len(claims))}
	for i := range pools {
		a.pools[i] = newPool(&pools[i])
		if a.byName[pools[i].Name] == nil {
			a.byName[pools[i].Name] = &a.pools[i]
		}
	}
	for i := range reserved {
		a.taken[reserved[i].Addr] = &holding{reserved: &reserved[i]}
	}
	a.order = make([]int, len(claims))
	for i := range claims {
		a.order[i] = i
		a.given[i] = make([]netip.Addr, len(claims[i].Wants))
		a.said[i] = make([]bool, len(claims[i].Wants))
	}
	slices.SortStableFunc(a.order, func(i, j int) int { return claims[i].Compare(&claims[j]) })
	return a
}

// serve gives a claim what it is to get at a stage.
func (a *allocator) serve(c int, s stage) {
	for w := range a.claims[c].Wants {
		if a.given[c][w].IsValid() || a.said[c][w] {
			continue
		}
		switch want := &a.claims[c].Wants[w]; {
		case s == kept:
			a.keep(c, w)
		case s == requested && want.Requested.IsValid():
			a.request(c, w)
		case s == free && !want.Requested.IsValid():
			a.next(c, w)
		}
	}
}

// keep gives a want the address that its object has by its status, if that is what it wants.
func (a *allocator) keep(c, w int) {
	claim, want := &a.claims[c], &a.claims[c].Wants[w]
	for _, addr := range claim.Current {
		switch p := a.byName[want.Pool]; {
		case want.Requested.IsValid() && addr != want.Requested:
		case !a.suits(c, w, addr):
		case want.Pool == "" && !want.Requested.IsValid():
		case want.Pool != "" && (p == nil || !p.hands(addr)):
		case a.mayHave(claim, addr, want.Requested == addr, kept):
			a.give(c, w, addr)
			return
		}
	}
}

// suits reports whether an address is of a family that a want can have: the one it states, and none that the claim has, or is to
// have, elsewhere.
func (a *allocator) suits(c, w int, addr netip.Addr) bool {
	if !a.claims[c].Wants[w].Family.takes(addr) {
		return false
	}
	for i := range a.claims[c].Wants {
		if i != w && a.familyOf(c, i, w) == FamilyOf(addr) {
			return false
		}
	}
	return true
}

// familyOf returns the family of what a want has got, or is to get, AnyFamily if that is open, as another want of the claim sees it:
// what a later one has to take, for its pool has nothing else, concerns only those that have a choice.
func (a *allocator) familyOf(c, w, other int) Family {
	want := &a.claims[c].Wants[w]
	switch p := a.byName[want.Pool]; {
	case a.given[c][w].IsValid():
		return FamilyOf(a.given[c][w])
	case want.Requested.IsValid():
		return FamilyOf(want.Requested)
	case want.Family != AnyFamily || p == nil:
		return want.Family
	case w < other || a.choice(c, other):
		return p.family
	}
	return AnyFamily
}

// choice reports whether a want's pool has both families.
func (a *allocator) choice(c, w int) bool {
	p := a.byName[a.claims[c].Wants[w].Pool]
	return p != nil && p.family == AnyFamily
}

// give gives a want an address.
func (a *allocator) give(c, w int, addr netip.Addr) {
	h := a.taken[addr]
	if h == nil {
		h = &holding{}
		a.taken[addr] = h
	}
	h.owners = append(h.owners, owner{&a.claims[c], a.claims[c].Wants[w].Requested == addr})
	a.given[c][w] = addr
}

// mayHave reports whether a claim may have an address beside those who have it already.
func (a *allocator) mayHave(c *Claim, addr netip.Addr, asked bool, s stage) bool {
	h := a.taken[addr]
	if h == nil {
		return true
	}
	return h.reserved == nil && !slices.ContainsFunc(h.owners, func(o owner) bool { return o.claim != c && !shares(c, asked, o, s) })
}

// shares reports whether a claim can share an address with an owner.
func shares(c *Claim, asked bool, o owner, s stage) bool {
	switch {
	case c.Kind != o.claim.Kind:
		return false
	case s == kept && !asked && !o.requested: // then one status at least is wrong
		return false
	case s != kept && !asked:
		return false
	case c.Kind == Egress:
		return true
	}
	return (s == kept || c.MayShare && o.claim.MayShare) && collision(c, o.claim) == nil
}

// collision returns a port that two Services have in common, nil if there is none.
func collision(a, b *Claim) *Port {
	for i := range a.Ports {
		if slices.Contains(b.Ports, a.Ports[i]) {
			return &a.Ports[i]
		}
	}
	return nil
}

// request gives a want the address that it asks for, or says why not.
func (a *allocator) request(c, w int) {
	claim, want := &a.claims[c], &a.claims[c].Wants[w]
	addr := want.Requested
	if want.Pool != "" && !a.inPool(c, w) {
		return
	}
	if a.mayHave(claim, addr, true, requested) {
		a.give(c, w, addr)
		return
	}
	a.refuse(c, w, addr)
}

// next gives a want the lowest free address of its pool.
func (a *allocator) next(c, w int) {
	p := a.byName[a.claims[c].Wants[w].Pool]
	if p == nil {
		return
	}
	if addr := p.next(a.taken, func(addr netip.Addr) bool { return a.suits(c, w, addr) }); addr.IsValid() {
		a.give(c, w, addr)
	}
}
