package openflow

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// Ref names a port of the bridge: "pod/NAMESPACE/NAME", "gateway" or "tunnel". In a field that holds a MAC address it means the
// one at the other end of that port.
type Ref string

// The refs of a bridge's ports that are no pod's.
const (
	GatewayRef Ref = "gateway"
	TunnelRef  Ref = "tunnel"
)

// PodRef names a pod's port.
func PodRef(namespace, name string) Ref { return Ref("pod/" + namespace + "/" + name) }

// MAC is an Ethernet address.
type MAC [6]byte

// String gives six pairs of hexadecimal digits with colons between them.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Value returns the address as a field holds it.
func (m MAC) Value() Value {
	return Value{Lo: uint64(binary.BigEndian.Uint16(m[:2]))<<32 | uint64(binary.BigEndian.Uint32(m[2:]))}
}

// Value is a field's content: a number of up to 128 bits.
type Value struct{ Hi, Lo uint64 }

// Uint is a small number as a Value.
func Uint(n uint64) Value { return Value{Lo: n} }

// AddrValue is an address as its family's fields hold it.
func AddrValue(a netip.Addr) Value {
	a = a.Unmap()
	if a.Is4() {
		b := a.As4()
		return Value{Lo: uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return Value{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

// And returns the bits that both have.
func (v Value) And(o Value) Value { return Value{v.Hi & o.Hi, v.Lo & o.Lo} }

func (v Value) compare(o Value) int { return cmp.Or(cmp.Compare(v.Hi, o.Hi), cmp.Compare(v.Lo, o.Lo)) }

// ones is the mask of the upper n of width bits.
func ones(n, width int) Value {
	mask := func(n int) uint64 { return ^uint64(0) << (64 - max(0, min(n, 64))) }
	if width > 64 {
		hi, lo := uint64(0), uint64(0)
		if n > 0 {
			hi = mask(n)
		}
		if n > 64 {
			lo = mask(n - 64)
		}
		return Value{hi, lo}
	}
	if n == 0 {
		return Value{}
	}
	return Value{Lo: mask(n) >> (64 - width)}
}

// Term is one condition on a packet: its Field, under Mask, has Value. With a Ref, Value is only known once the port is, and
// Mask is full.
type Term struct {
	Field Field
	Value Value
	Mask  Value
	Ref   Ref
}

// Is is the condition that a field has exactly a value.
func Is(f Field, n uint64) Term { return Term{Field: f, Value: Uint(n), Mask: f.full()} }

// IsRef is the condition that a field has the number or the MAC address of a port.
func IsRef(f Field, r Ref) Term { return Term{Field: f, Mask: f.full(), Ref: r} }

// IsMasked is the condition that the bits of a field that mask has are those of value.
func IsMasked(f Field, value, mask Value) Term {
	return Term{Field: f, Value: value.And(mask), Mask: mask}
}

// Op is what an action does.
type Op uint8

// The operations. A flow without actions and conjunctions drops.
const (
	SetField   Op = iota // Field := Value, or the port's number or MAC that Ref names
	Move                 // Field := From
	DecTTL               // as a router does; at 0 the packet is dropped
	Track                // connection tracking in Zone, then on in Table
	TrackNew             // commits the connection to Zone
	OutputReg            // out of the port whose number Field holds
	Hairpin              // out of the port where the packet came from
	ToGroup              // through the group whose ID is Value
	Goto                 // on in Table
	Resubmit             // what Table does, then on with the next action
	LearnFlow            // adds the flow that Learn describes
	Reject               // hands the packet to the agent, which tells its sender: see RejectMark
	Log                  // hands the packet's beginning to the agent, which writes it down: see LogMark
	HoldBack             // hands the packet to the agent, which sends it on later: see HoldMark
	TrackBack            // Track that translates the packets of balanced connections, both ways
	Balance              // commits the connection to Zone with To as its destination and CTMark Pending, then on in Table
	Admit                // TrackNew that ends CTMark's Pending
	Masquerade           // commits the connection to Zone with To's address as its source, then on in Table
	Refuse               // hands the packet to the agent, which tells its sender that nobody is there: see RefuseMark
	Depart               // TrackNew that puts Value into the bits of CTMark that DepartureMask has
	Arrive               // TrackNew that sets CTMark's FromGateway
	Metered              // the packet is dropped if it is more than the meter whose ID is Value lets pass; before all other actions
)

// Action is one step; which members mean something depends on Op.
type Action struct {
	Op    Op
	Field Field
	From  Field
	Table Table
	Zone  uint16
	Value Value
	Ref   Ref
	To    netip.AddrPort
	Learn *Learn
}

// Conjunction says that a packet which matches the flow satisfies clause Clause (from 1) of the Of clauses of conjunction ID.
// See "Conjunctive match fields" in ovs-fields(7).
type Conjunction struct {
	ID         uint32
	Clause, Of uint8
}

func (c Conjunction) compare(o Conjunction) int {
	return cmp.Or(cmp.Compare(c.ID, o.ID), cmp.Compare(c.Clause, o.Clause), cmp.Compare(c.Of, o.Of))
}

// Flow is one entry of a flow table. Table, Priority and Match identify it. A flow has Actions or Conjunctions, not both.
// IdleTimeout is after how many seconds without packets the flow goes, 0 for never; only learned flows go. Origins are the
// declarations that the flow came from, if it is a single rule's; they are not part of its text.
type Flow struct {
	Table        Table
	Priority     uint16
	Cookie       uint64
	IdleTimeout  uint16
	Match        []Term // by Field, each at most once
	Actions      []Action
	Conjunctions []Conjunction // by ID, Clause
	Origins      []*source.Origin
}

// Pipeline is everything that the bridge of one node must hold. Groups and Meters are in order of ID, Flows of table, descending
// priority, match.
type Pipeline struct {
	Node   string
	Groups []Group
	Meters []Meter
	Flows  []Flow
}

func compareTerms(a, b Term) int {
	return cmp.Or(cmp.Compare(a.Field, b.Field), a.Value.compare(b.Value), b.Mask.compare(a.Mask), cmp.Compare(a.Ref, b.Ref))
}

// Compare orders flows by table, descending priority and match. It is 0 for flows that exclude each other.
func (f *Flow) Compare(o *Flow) int {
	return cmp.Or(cmp.Compare(f.Table, o.Table), cmp.Compare(o.Priority, f.Priority),
		slices.CompareFunc(f.Match, o.Match, compareTerms))
}
