package openflow

import (
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// with adds groups.
func (s *Switch) with(groups []Group) *Switch {
	for i := range groups {
		s.groups[Uint(uint64(groups[i].ID))] = &groups[i]
	}
	return s
}

// serve carries out an action that has to do with Services. Of a group's buckets it takes the one that the packet's source port leads to.
func (r *run) serve(t Table, a *Action) (next Table) {
	switch a.Op {
	case ToGroup:
		g := r.table.groups[a.Value]
		if g == nil || len(g.Buckets) == 0 {
			return t
		}
		return r.carryOut(t, g.Buckets[int(r.frame[L4Src].Lo)%len(g.Buckets)].Actions)
	case TrackBack:
		r.frame[CTState] = r.tracked
		return a.Table
	case Balance:
		r.result.Balanced = a.To
		f := ir.FamilyOf(a.To.Addr())
		r.frame[dstField(f)], r.frame[L4Dst] = AddrValue(a.To.Addr()), Uint(uint64(a.To.Port()))
		r.frame[CTMark] = Uint(Pending)
		r.frame[CTState] = Value{Lo: r.frame[CTState].Lo | ctTranslated}
		return a.Table
	case Admit:
		r.frame[CTMark] = Value{}
	case Arrive:
		r.frame[CTMark] = Uint(FromGateway)
	case Masquerade:
		r.frame[srcField(ir.FamilyOf(a.To.Addr()))] = AddrValue(a.To.Addr())
		return a.Table
	case Refuse:
		r.result.Refused = true
	}
	return t
}

// Dial tells what the bridge makes of what a pod of the node dials: ir.PipelineEvaluator's Dial for ir.OwnPod, but for the Service. It
// follows every bucket.
func (m *Model) Dial(p ir.Packet) ir.Balanced {
	frame := m.Frame(p)
	r := run{table: m.table, frame: frame, tracked: frame[CTState]}
	r.frame[CTState] = Value{}
	var f *Flow
	for t, next := Table(0), Table(0); f == nil; t = next {
		if t == Service {
			f = r.find(Service)
			break
		}
		if next = r.meet(t); next <= t {
			return ir.Balanced{}
		}
	}
	if f == nil || len(f.Actions) == 0 {
		return ir.Balanced{Outcome: ir.Discard}
	}
	return r.balanced(f)
}

// balanced tells what a flow of Service does.
func (r *run) balanced(f *Flow) ir.Balanced {
	switch last := f.Actions[len(f.Actions)-1]; {
	case last.Op == Refuse:
		return ir.Balanced{Outcome: ir.Refuse}
	case last.Op == ToGroup:
		return r.table.spread(last.Value, f.Actions[0].Value) // which is nobody's, if it is the group
	case last.Table == Comeback:
		r.carryOut(Service, f.Actions[:1])
		return r.table.spread(r.find(Comeback).Actions[0].Value, r.frame[regFrontend])
	}
	return ir.Balanced{}
}

// balances reports whether a flow leads to a backend.
func (f *Flow) balances() bool {
	n := len(f.Actions)
	return n > 0 && f.Actions[n-1].Op == Balance
}

// spread tells where a group leads that asks Comeback, for a frontend, or that does not.
func (s *Switch) spread(id, frontend Value) ir.Balanced {
	out := ir.Balanced{Outcome: ir.Balance}
	for _, b := range s.groups[id].Buckets {
		actions := b.Actions
		if actions[0].Op == SetField {
			frame := Frame{regFrontend: frontend, regTarget: actions[0].Value}
			for _, f := range ir.Families() {
				frame[EthType] = ethOf(f).Value
				if found := s.lookup(Comeback, &frame); found != nil && found.balances() {
					actions = found.Actions
				}
			}
			if learn := actions[0].Learn; learn != nil {
				out.Affinity = time.Duration(learn.IdleTimeout) * time.Second
			}
		}
		out.Targets = append(out.Targets, actions[len(actions)-1].To)
	}
	slices.SortFunc(out.Targets, netip.AddrPort.Compare)
	out.Targets = slices.Compact(out.Targets)
	return out
}
