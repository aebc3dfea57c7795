package ovs

import (
	"context"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// ethernetHeader is what Open vSwitch counts of each packet besides what agent.Count does.
const ethernetHeader = 14

// Counts adds up what the switch has counted at the flows that decide for each rule. The switch brings its numbers up to date when it
// looks at its cached flows, so that they are behind by up to a second. What a flow had counted before a later generation gave its
// rule another one is remembered, but not longer than the Dataplane and the rule live. Of two rules that do the same and are about
// the same packet, the switch may count either.
func (d *Dataplane) Counts(ctx context.Context) (map[ir.RuleID]agent.Count, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	dump, err := d.sw.Dump(ctx)
	if err != nil {
		return nil, err
	}
	sum := tally{}
	for id, c := range d.past {
		sum.add(id, c)
	}
	for i := range dump {
		sum.entry(&dump[i])
	}
	out := make(map[ir.RuleID]agent.Count, len(sum))
	for id, c := range sum {
		out[id] = agent.Count{Sessions: c.Packets, Packets: c.Packets, Bytes: c.Bytes - min(c.Bytes, ethernetHeader*c.Packets)}
	}
	return out, nil
}

// tally is what was counted for each rule.
type tally map[ir.RuleID]wire.Counters

func (t tally) add(id ir.RuleID, c wire.Counters) {
	if was := t[id]; c.Packets > 0 {
		t[id] = wire.Counters{Packets: was.Packets + c.Packets, Bytes: was.Bytes + c.Bytes}
	}
}

// entry adds what a flow has counted that decides for a rule. Those that only lead to it have no rule in their cookie.
func (t tally) entry(e *Entry) {
	if id, ok := openflow.RuleOf(e.Flow.Cookie); ok && e.Group == nil {
		t.add(id, e.Counted)
	}
}

// remember keeps what flows that are gone had counted when they were last observed, for the rules that go on without them.
func (t tally) remember(gone []Entry, now []artifact.Object) {
	decided := false
	for i := range gone {
		_, ok := openflow.RuleOf(gone[i].Flow.Cookie)
		decided = decided || ok && gone[i].Group == nil
		t.entry(&gone[i])
	}
	if len(t) == 0 || !decided { // no rule has lost a flow
		return
	}
	goesOn := map[ir.RuleID]bool{}
	for _, o := range now {
		if f, ok := o.Value.(*openflow.Flow); ok {
			id, _ := openflow.RuleOf(f.Cookie)
			goesOn[id] = true
		}
	}
	for id := range t {
		if !goesOn[id] {
			delete(t, id)
		}
	}
}
