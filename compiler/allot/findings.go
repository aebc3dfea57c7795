package allot

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// say reports a finding about a want, the only one.
func (a *allocator) say(c, w int, f diag.Finding, format string, args ...any) {
	a.said[c][w] = true
	f.Origin, f.Message = a.claims[c].Wants[w].Origin, fmt.Sprintf(format, args...)
	a.report.AddFinding(f)
}

// inPool reports whether a want's pool hands out the address that is requested, and says so if not.
func (a *allocator) inPool(c, w int) bool {
	want := &a.claims[c].Wants[w]
	p := a.byName[want.Pool]
	switch {
	case p == nil:
		a.missing(c, w)
	case !p.contains(want.Requested):
		a.say(c, w, diag.Finding{Code: diag.AddressOutsidePool, Related: related(p.Origin, "the pool")},
			"%s is not in the pool %s", want.Requested, want.Pool)
	case want.Requested == p.Gateway:
		a.say(c, w, diag.Finding{Code: diag.AddressOutsidePool, Related: related(p.Origin, "the pool")},
			"%s is the gateway of the pool %s, which nobody else can have", want.Requested, want.Pool)
	default:
		return true
	}
	return false
}

func related(at source.Origin, message string) []diag.Related {
	if at == (source.Origin{}) {
		return nil
	}
	return []diag.Related{{Origin: at, Message: message}}
}

// missing says that a want's pool does not exist.
func (a *allocator) missing(c, w int) {
	a.say(c, w, diag.Finding{Code: diag.UnknownPool}, "there is no ExternalIPPool %s", a.claims[c].Wants[w].Pool)
}

// refuse says why a claim cannot have the address that it asks for.
func (a *allocator) refuse(c, w int, addr netip.Addr) {
	claim, h := &a.claims[c], a.taken[addr]
	if h.reserved != nil {
		a.say(c, w, diag.Finding{Code: diag.AddressTaken, Hint: "request another one", Related: related(h.reserved.Origin, "who has it")},
			"%s is the address of %s", addr, cmp.Or(h.reserved.Origin.Object, "something else"))
		return
	}
	at := slices.IndexFunc(h.owners, func(o owner) bool { return !shares(claim, true, o, requested) })
	o := h.owners[at].claim
	f := diag.Finding{Code: diag.AddressTaken, Related: related(o.Origin, "who has it")}
	switch {
	case claim.Kind != o.Kind:
		f.Hint = "request another one: an Egress and a Service cannot share"
	case !claim.MayShare || !o.MayShare:
		f.Hint = "request another one, or let both share: annotate them with service.antrea.io/allow-shared-load-balancer-ip: \"true\""
	default:
		a.say(c, w, f, "%s has the address %s, and the port %s too", o.label(), addr, collision(claim, o))
		return
	}
	a.say(c, w, f, "%s has the address %s", o.label(), addr)
}

// unmet says why wants without a request got nothing.
func (a *allocator) unmet() {
	for _, c := range a.order {
		met := slices.ContainsFunc(a.given[c], netip.Addr.IsValid)
		for w := range a.claims[c].Wants {
			want := &a.claims[c].Wants[w]
			if a.given[c][w].IsValid() || a.said[c][w] || want.Pool == "" {
				continue
			}
			p := a.byName[want.Pool]
			switch {
			case p == nil:
				a.missing(c, w)
			case !slices.ContainsFunc(p.Ranges, func(r Range) bool { return a.suits(c, w, r.First) }):
				if !met || !a.claims[c].AnyWill {
					a.say(c, w, diag.Finding{Code: diag.PoolExhausted, Hint: "name a pool that has some, or add a range", Related: related(p.Origin, "the pool")},
						"the pool %s has no addresses%s", want.Pool, a.wanted(c, w))
				}
			default:
				a.say(c, w, diag.Finding{Code: diag.PoolExhausted, Related: related(p.Origin, "the pool")},
					"all addresses of the pool %s%s are taken", want.Pool, a.wanted(c, w))
			}
		}
	}
}

// wanted names the family that a want needs, as the end of a phrase.
func (a *allocator) wanted(c, w int) string {
	for _, f := range []Family{IPv4, IPv6} {
		other := IPv4 + IPv6 - f
		want := a.claims[c].Wants[w].Family
		if want == f || want == AnyFamily && slices.ContainsFunc(a.given[c], func(addr netip.Addr) bool { return FamilyOf(addr) == other }) {
			return " of " + f.String()
		}
	}
	return ""
}

// overlaps says which ranges of different pools have addresses in common.
func (a *allocator) overlaps() {
	type piece struct {
		pool *pool
		Range
	}
	var all []piece
	for i := range a.pools {
		for _, r := range a.pools[i].Ranges {
			all = append(all, piece{&a.pools[i], r})
		}
	}
	slices.SortFunc(all, func(x, y piece) int {
		return cmp.Or(x.First.Compare(y.First), y.Last.Compare(x.Last), cmp.Compare(x.pool.Name, y.pool.Name))
	})
	// Of the ranges so far, reach is the one that goes on the longest, and other the longest of the pools other than that one's.
	var reach, other *piece
	for i := range all {
		now := &all[i]
		for _, before := range []*piece{reach, other} {
			if before != nil && before.pool != now.pool && before.has(now.First) {
				a.report.AddFinding(diag.Finding{Code: diag.OverlappingPools, Origin: now.Origin, Related: related(before.Origin, "the other range"),
					Message: fmt.Sprintf("%s has addresses that %s has, too", now.pool.Name, before.pool.Name)})
				break
			}
		}
		switch {
		case reach == nil || reach.Last.Less(now.Last):
			if reach != nil && reach.pool != now.pool {
				other = reach
			}
			reach = now
		case reach.pool != now.pool && (other == nil || other.Last.Less(now.Last)):
			other = now
		}
	}
}

// result is what everybody got.
func (a *allocator) result() *Allocation {
	var owned, reserved []netip.Addr
	for addr, h := range a.taken {
		if h.reserved != nil {
			reserved = append(reserved, addr)
		} else {
			owned = append(owned, addr)
		}
	}
	slices.SortFunc(owned, netip.Addr.Compare)
	slices.SortFunc(reserved, netip.Addr.Compare)
	out := &Allocation{Addrs: a.given}
	for i := range a.pools {
		out.Usage = append(out.Usage, a.pools[i].usage(owned, reserved))
	}
	return out
}
