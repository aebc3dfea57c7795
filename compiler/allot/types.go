package allot

import (
	"cmp"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/headgate-net/headgate/internal/source"
)

// Family is a family of addresses.
type Family uint8

// The families. AnyFamily stands for either.
const (
	AnyFamily Family = iota
	IPv4
	IPv6
)

// FamilyOf returns the family of an address, AnyFamily for none.
func FamilyOf(a netip.Addr) Family {
	switch {
	case !a.IsValid():
		return AnyFamily
	case a.Is4():
		return IPv4
	}
	return IPv6
}

// String gives "IPv4", "IPv6" or, for AnyFamily, "any".
func (f Family) String() string { return [...]string{"any", "IPv4", "IPv6"}[f] }

// takes reports whether an address is of the family.
func (f Family) takes(a netip.Addr) bool { return f == AnyFamily || f == FamilyOf(a) }

// Pool is a supply of addresses. Names are unique. Addresses are handed out in the order of the ranges, each from its first on; the
// gateway is never handed out.
type Pool struct {
	Name    string
	Ranges  []Range
	Gateway netip.Addr // the zero value: there is none
	Origin  source.Origin
}

// Range is the addresses from First to Last, of one family and in this order. Network and broadcast addresses are the caller's to
// leave out.
type Range struct {
	First, Last netip.Addr
	Origin      source.Origin
}

// has reports whether the range has an address.
func (r Range) has(a netip.Addr) bool {
	return FamilyOf(a) == FamilyOf(r.First) && a.Compare(r.First) >= 0 && a.Compare(r.Last) <= 0
}

// Kind is what wants an address.
type Kind uint8

// The kinds.
const (
	Egress Kind = iota
	Service
)

// String gives "Egress" or "Service".
func (k Kind) String() string { return [...]string{"Egress", "Service"}[k] }

// Claim is an object that wants addresses. A Kind and Name occur once.
type Claim struct {
	Kind    Kind
	Name    string    // "name" of an Egress, "namespace/name" of a Service
	Created time.Time // the zero value: it does not exist yet, and comes after all that do

	// Wants are the addresses that are wanted: at most one of each family, so two at most.
	Wants []Want

	// AnyWill says that one address is enough: if any of the wants is met, nothing is said of others for whose family their pool
	// has no range. It is for Services of two families.
	AnyWill bool

	// Current are the addresses that the object has by its status. They are kept if they are still what is wanted.
	Current []netip.Addr

	// For Services: what is dialled, and whether the Service takes an address that others have, too.
	Ports    []Port
	MayShare bool
	Origin   source.Origin
}

// Want is one address. Without a Pool it is the one that is requested, which somebody else has put onto a node; with one, a
// requested address must be the pool's, and without a request any will do.
type Want struct {
	Pool      string
	Family    Family
	Requested netip.Addr // the zero value: any
	Origin    source.Origin
}

// Port is what packets to a Service's address are told apart by.
type Port struct {
	Protocol string // TCP, UDP, SCTP
	Port     uint16
}

// String gives "TCP/80".
func (p Port) String() string { return p.Protocol + "/" + strconv.Itoa(int(p.Port)) }

// CompareAge orders by age, the oldest first. What has no time does not exist yet: it is younger than all that do.
func CompareAge(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

// Compare is the order in which claims are served: the oldest first, then by name, then Egresses before Services.
func (c *Claim) Compare(d *Claim) int {
	return cmp.Or(CompareAge(c.Created, d.Created), cmp.Compare(c.Name, d.Name), cmp.Compare(c.Kind, d.Kind))
}

// label gives "Egress name" or "Service namespace/name".
func (c *Claim) label() string { return c.Kind.String() + " " + c.Name }

// Reserved is an address that no pool hands out, since somebody has it already, such as a node.
type Reserved struct {
	Addr   netip.Addr
	Origin source.Origin // of who has it
}

// Allocation is what everybody gets.
type Allocation struct {
	// Addrs are the addresses by claim and want, in the order of the input; the zero value where there is none.
	Addrs [][]netip.Addr
	Usage []Usage // by pool, in the order of the input
}

// Usage says how many addresses of a pool there are to hand out, and how many of them somebody has. Numbers end at math.MaxInt64.
type Usage struct{ Total, Used uint64 }

// most is where numbers of addresses end: what the API has for them.
const most = uint64(math.MaxInt64)
