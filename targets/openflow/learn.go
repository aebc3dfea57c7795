package openflow

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Why SCTP has flows of its own: the connection tracking of Open vSwitch's userspace datapath (3.1) knows SCTP by its pair of
// addresses only, so that one established association would let every port between the two pass. Instead, each packet that
// policy allowed makes the switch learn two flows, one for each direction of its addresses and ports, and those are what lets
// the association's later packets pass. Packets are tracked all the same, for the ICMP errors that relate to them.

// Learn is a flow that a packet makes the switch add, or use again if it is there: the learn action of ovs-actions(7).
type Learn struct {
	Table       Table
	Priority    uint16
	IdleTimeout uint16 // seconds
	Cookie      uint64
	Match       []Term // Ethernet type and IP protocol
	Copies      []Copy
	Field       Field // what the flow sets
	Value       Value
}

// Copy is the condition that Field has the value that From has in the packet that is learned from.
type Copy struct{ Field, From Field }

// Flow is what is learned from a packet.
func (l *Learn) Flow(frame *Frame) Flow {
	match := slices.Clone(l.Match)
	for _, c := range l.Copies {
		match = append(match, IsMasked(c.Field, frame[c.From], c.Field.full()))
	}
	slices.SortFunc(match, compareTerms)
	return Flow{Table: l.Table, Priority: l.Priority, Cookie: l.Cookie, IdleTimeout: l.IdleTimeout, Match: match,
		Actions: []Action{setValue(l.Field, l.Value)}}
}

// associationTimeout: an endpoint of an idle association sends a heartbeat every HB.interval, 30 s, plus the retransmission
// timeout, which is 60 s at most (RFC 9260 sections 8.3 and 16), and the other one answers. This is three of them missed.
//
// The action's own limit on the number of flows is not used: Open vSwitch counts them anew for each flow that it learns, which
// takes 1 ms from 13,000 flows on. A flow_limit of the table in OVSDB costs nothing, and does bound what a pod that may open
// associations from any port makes the switch hold: packets of associations beyond it are judged by policy, replies included.
const associationTimeout = 300

// associations is what a packet that policy allowed makes the switch learn: a flow for its own direction and one for replies, which
// get a value of their own in regBypass.
func associations(f ir.Family, replies uint64) []Action {
	src, dst := srcField(f), dstField(f)
	learn := func(bypass uint64, copies ...Copy) Action {
		return Action{Op: LearnFlow, Learn: &Learn{
			Table: Associations, Priority: 100, IdleTimeout: associationTimeout, Cookie: infraCookie(Associations),
			Match: []Term{ethOf(f), Is(IPProto, uint64(ir.ProtoSCTP))}, Copies: copies, Field: regBypass, Value: Uint(bypass)}}
	}
	return []Action{
		learn(1, Copy{src, src}, Copy{dst, dst}, Copy{L4Src, L4Src}, Copy{L4Dst, L4Dst}),
		learn(replies, Copy{src, dst}, Copy{dst, src}, Copy{L4Src, L4Dst}, Copy{L4Dst, L4Src}),
	}
}

// IsAssociation reports whether a flow is one that the switch has learned: it comes and goes with SCTP associations, and no
// Pipeline has it.
func IsAssociation(f *Flow) bool {
	if f.Table != Associations || f.IdleTimeout == 0 {
		return false
	}
	var frame Frame
	for _, t := range f.Match {
		frame[t.Field] = t.Value
	}
	for _, family := range ir.Families() {
		want := associations(family, 1)[0].Learn.Flow(&frame)
		back := []Action{set(regBypass, returning)}
		if f.Compare(&want) == 0 && f.Cookie == want.Cookie && f.IdleTimeout == want.IdleTimeout &&
			(slices.Equal(f.Actions, want.Actions) || slices.Equal(f.Actions, back)) && len(f.Conjunctions) == 0 {
			return true
		}
	}
	return false
}

// Association lists the flows that a switch holds by the time it gets a packet which Frame says to be established: if it is
// SCTP's, those learned from the other side's packets.
func Association(frame Frame) []Flow {
	if frame[IPProto] != Uint(uint64(ir.ProtoSCTP)) || frame[CTState].Lo&ctEstablished == 0 {
		return nil
	}
	var out []Flow
	for _, f := range ir.Families() {
		if frame[EthType] != ethOf(f).Value {
			continue
		}
		other := frame
		other[srcField(f)], other[dstField(f)] = frame[dstField(f)], frame[srcField(f)]
		other[L4Src], other[L4Dst] = frame[L4Dst], frame[L4Src]
		for _, a := range associations(f, 1) {
			out = append(out, a.Learn.Flow(&other))
		}
	}
	return out
}
