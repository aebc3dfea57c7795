package openflow

import (
	"math/bits"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Frame is a packet with its metadata: the value of every field, indexed by Field. Fields that the packet does not have are 0.
// CTState is what connection tracking will say of it, or for SCTP, whether the switch has learned the association.
type Frame [numFields]Value

// Result is what the flows did to a packet: the flows that it met, in order, the port by which it left, and what the switch
// learned from it. Port is 0 if it was dropped or Rejected.
type Result struct {
	Path    []*Flow
	Port    uint32
	Learned []Flow

	Rejected bool
	Refused  bool           // nobody is there where it wanted to go
	Balanced netip.AddrPort // where a Service led it; the zero value if none did

	Departs uint32     // what the connection's mark says of how it leaves from now on; 0 if it begins none that does
	Tunnel  netip.Addr // the node's address that it goes to through the tunnel, if it does
	Meter   uint32     // the ID of the meter that it meets; 0 if none
}

// Action is ir.Allow if the packet left, ir.Reject if its sender is told that it did not, else ir.Drop.
func (r Result) Action() ir.Action {
	switch {
	case r.Port != 0:
		return ir.Allow
	case r.Rejected:
		return ir.Reject
	}
	return ir.Drop
}

// Cookie is that of the last flow: the rule or the table that dropped, or table Output.
func (r Result) Cookie() uint64 { return r.Path[len(r.Path)-1].Cookie }

// Rules lists the rules that decided something on the way, those that passed included.
func (r Result) Rules() []ir.RuleID {
	var out []ir.RuleID
	for _, f := range r.Path {
		if id, ok := RuleOf(f.Cookie); ok {
			out = append(out, id)
		}
	}
	return out
}

// Logged lists the rules on the way that log, in order.
func (r Result) Logged() []ir.RuleID {
	var out []ir.RuleID
	for _, f := range r.Path {
		if id, ok := RuleOf(f.Cookie); ok && slices.ContainsFunc(f.Actions, func(a Action) bool { return a.Op == Log }) {
			out = append(out, id)
		}
	}
	return out
}

// Switch interprets flows as Open vSwitch does. It is immutable and safe for concurrent use.
type Switch struct {
	tables map[Table][]Flow // by descending priority
	groups map[Value]*Group // by ID
}

// NewSwitch indexes flows, which must be bound.
func NewSwitch(bound []Flow) *Switch {
	s := &Switch{map[Table][]Flow{}, map[Value]*Group{}}
	for _, f := range bound {
		s.tables[f.Table] = append(s.tables[f.Table], f)
	}
	for _, flows := range s.tables {
		slices.SortStableFunc(flows, func(a, b Flow) int { return a.Compare(&b) })
	}
	return s
}

// Run sends a packet through the tables, from the first one on. Flows that the switch has learned count besides its own.
func (s *Switch) Run(frame Frame, learned ...Flow) Result {
	r := run{table: s, learned: learned, frame: frame, tracked: frame[CTState]}
	r.frame[CTState] = Value{}
	r.from(0)
	return r.result
}

// run is a packet on its way.
type run struct {
	table   *Switch
	learned []Flow
	frame   Frame
	tracked Value
	result  Result
}

// from goes on in a table, to where no later one follows.
func (r *run) from(t Table) {
	for next := r.meet(t); next > t; next = r.meet(t) {
		t = next
	}
}

// meet carries out the flow that the packet meets in a table, and tells where it goes on: in the same table if nowhere.
func (r *run) meet(t Table) (next Table) {
	f := r.find(t)
	if f == nil {
		return t
	}
	r.result.Path = append(r.result.Path, f)
	return r.carryOut(t, f.Actions)
}

// carryOut does what a flow of a table or a bucket says.
func (r *run) carryOut(t Table, actions []Action) (next Table) {
	next = t
	for _, a := range actions {
		switch a.Op {
		case SetField:
			r.frame[a.Field] = a.Value
		case Move:
			r.frame[a.Field] = r.frame[a.From]
		case Track:
			r.frame[CTState], next = r.tracked, a.Table
		case Goto:
			next = a.Table
		case Resubmit:
			r.from(a.Table)
		case LearnFlow:
			r.result.Learned = append(r.result.Learned, a.Learn.Flow(&r.frame))
		case OutputReg:
			r.send(r.frame[a.Field])
		case Hairpin:
			r.result.Port = uint32(r.frame[InPort].Lo)
		case Reject:
			r.result.Rejected = true
		case Depart:
			r.result.Departs = uint32(a.Value.Lo)
		case Metered:
			r.result.Meter = uint32(a.Value.Lo)
		case TrackBack, Balance, Admit, Arrive, Masquerade, Refuse, ToGroup:
			if went := r.serve(t, &a); went != t {
				next = went
			}
		case DecTTL, TrackNew, Log, HoldBack: // Lower makes none of the last one
		}
	}
	return next
}

// send sends the packet out of a port, which cannot be the one it came from.
func (r *run) send(port Value) {
	if port == r.frame[InPort] {
		return
	}
	r.result.Port = uint32(port.Lo)
	switch {
	case r.frame[TunnelDst4] != Value{}:
		r.result.Tunnel = r.frame[TunnelDst4].addr(ipv4)
	case r.frame[TunnelDst6] != Value{}:
		r.result.Tunnel = r.frame[TunnelDst6].addr(ipv6)
	}
}

// find looks among the switch's flows and those that it has learned.
func (r *run) find(t Table) *Flow {
	found := r.table.lookup(t, &r.frame)
	for i := range r.learned {
		f := &r.learned[i]
		if f.Table == t && f.Matches(&r.frame) && (found == nil || f.Priority > found.Priority) {
			found = f
		}
	}
	return found
}

// Matches reports whether the packet fulfils the flow's match.
func (f *Flow) Matches(frame *Frame) bool {
	for _, t := range f.Match {
		if frame[t.Field].And(t.Mask) != t.Value {
			return false
		}
	}
	return true
}

// lookup finds the flow that a packet meets in a table: see "Conjunctive match fields" in ovs-fields(7). Going down the
// priorities, a flow with actions is it; or else, if the matching flows have all clauses of a conjunction, the flow that is found
// with conj_id set to it, ignoring conjunctions. Of several such conjunctions the lowest ID is taken.
func (s *Switch) lookup(t Table, frame *Frame) *Flow {
	flows := s.tables[t]
	for from := 0; from < len(flows); {
		upTo := from
		var have map[Conjunction]uint64 // by ID and Of: the clauses seen, as bits
		for ; upTo < len(flows) && flows[upTo].Priority == flows[from].Priority; upTo++ {
			f := &flows[upTo]
			if !f.Matches(frame) {
				continue
			}
			if len(f.Conjunctions) == 0 {
				return f
			}
			if have == nil {
				have = map[Conjunction]uint64{}
			}
			for _, c := range f.Conjunctions {
				have[Conjunction{ID: c.ID, Of: c.Of}] |= 1 << c.Clause
			}
		}
		if f := s.conjunction(flows, frame, have); f != nil {
			return f
		}
		from = upTo
	}
	return nil
}

func (s *Switch) conjunction(flows []Flow, frame *Frame, have map[Conjunction]uint64) *Flow {
	var complete []uint32
	for c, seen := range have {
		if bits.OnesCount64(seen) == int(c.Of) {
			complete = append(complete, c.ID)
		}
	}
	slices.Sort(complete)
	for _, id := range complete {
		with := *frame
		with[ConjID] = Uint(uint64(id))
		for i := range flows {
			if len(flows[i].Conjunctions) == 0 && flows[i].Matches(&with) {
				return &flows[i]
			}
		}
	}
	return nil
}
