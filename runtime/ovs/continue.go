package ovs

import (
	"context"
	"maps"
	"slices"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// # Going on from what is known
//
// Reading a large bridge back takes much longer than changing it. The connection that carries bundles is told what others change, in the
// order in which the switch does it: a barrier's reply comes after the news of all that was done before. So as long as the connection is
// the same and has brought no news, the bridge holds what was read once, and the changes made since.
//
// What others do between the barrier and the bundle is told before the bundle's last reply. Then the bundle is in force, the next change
// begins with a look, and the news has the agent look anyway.

var _ agent.Continuing = (*Dataplane)(nil)

// position is how much a connection had told of what others change.
type position struct {
	link *link
	told uint64
}

// position tells what others have done by now; nil if nobody is told.
func (c *Conn) position(ctx context.Context) (*position, error) {
	var out *position
	err := c.do(ctx, func(l *link) error {
		xid := l.xids(1)
		err := l.exchange(ctx, xid, 1, wire.AppendBarrier(nil, xid), func(m message) (bool, error) { return m.Type == wire.BarrierReply, nil })
		l.mu.Lock()
		defer l.mu.Unlock()
		if out = nil; l.changed != nil {
			out = &position{l, l.told}
		}
		return err
	})
	return out, err
}

// position is the connection's; nil without one.
func (d *Dataplane) position(ctx context.Context) (*position, error) {
	if d.follow == nil {
		return nil, nil
	}
	return d.follow(ctx)
}

// isAt reports whether nobody has done anything since.
func (p *position) isAt(now *position) bool { return p != nil && now != nil && *p == *now }

// Continue is agent.Continuing's. It leaves to Apply what needs the counters of flows that go, or what the bridge has learned.
func (d *Dataplane) Continue(ctx context.Context, from agent.State, plan artifact.Plan) (agent.State, error) {
	seen, ok := from.Private.(*observed)
	if !ok || len(plan.To.Objects) == 0 {
		return agent.State{}, agent.ErrChanged
	}
	state, err := d.proceed(ctx, seen, from.Generation, plan)
	if err != nil || from.Generation == state.Generation && plan.IsEmpty() {
		return state, err
	}
	if err := d.goOn(ctx); err != nil {
		return state, err
	}
	return state, d.settle(ctx)
}

// proceed sends the bundle if only we have changed anything.
func (d *Dataplane) proceed(ctx context.Context, seen *observed, was string, plan artifact.Plan) (agent.State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.isCurrent(ctx, seen) {
		return agent.State{}, agent.ErrChanged
	}
	next := *seen
	state := agent.State{Artifact: plan.To, Generation: artifact.Generation(plan.To), Private: &next}
	if plan.IsEmpty() && was == state.Generation {
		seen.spent = true
		return state, nil
	}
	c, err := planned(seen, plan)
	switch {
	case err != nil:
		return agent.State{}, err
	case c.takesLook():
		return agent.State{}, agent.ErrChanged
	}
	if err := d.carryOut(ctx, c, plan); err != nil {
		return agent.State{}, err
	}
	seen.spent = true
	next.take(c)
	if now, err := d.position(ctx); err != nil || !next.since.isAt(now) {
		next.since = nil // what was sent is in force, but somebody else is at work
	}
	return state, nil
}

// isCurrent reports whether the bridge and its ports are as they were when they were seen. Names that were learned since are flows that
// nobody has seen.
func (d *Dataplane) isCurrent(ctx context.Context, seen *observed) bool {
	if seen.spent || seen.since == nil || seen.names != d.learned {
		return false
	}
	binding, err := d.ports.Binding(ctx)
	if err != nil || !maps.Equal(binding.Ports, seen.binding.Ports) || !maps.Equal(binding.MACs, seen.binding.MACs) {
		return false
	}
	now, err := d.position(ctx)
	return err == nil && seen.since.isAt(now)
}

// takesLook reports whether carrying changes out takes what packets have done: to flows of rules that go, which have counted, and to the
// backends that go, which clients may have.
func (c *changes) takesLook() bool {
	counts := func(e Entry) bool {
		_, ok := openflow.RuleOf(e.Flow.Cookie)
		return ok
	}
	return slices.ContainsFunc(c.gone, counts) || slices.ContainsFunc(c.before, func(m Mod) bool {
		_, ok := openflow.ChoiceOf(&m.Flow)
		return ok
	})
}

// take brings what was seen up to date with changes that were carried out.
func (o *observed) take(c *changes) {
	o.marks = nil
	names := o.binding.Names()
	for _, m := range slices.Concat(c.before, c.groups, c.flows, c.after) {
		if m.Group == nil && m.Meter == nil && m.Flow.Table == generationTable {
			if m.Command != Delete {
				o.marks = append(o.marks, m.Entry)
			}
			continue
		}
		o.takeMod(&m, names)
	}
}

// takeMod brings what was seen up to date with one change.
func (o *observed) takeMod(m *Mod, names openflow.Names) {
	key := keyOf(&m.Entry, names)
	if m.Command == Delete {
		delete(o.entries, key)
	} else {
		o.entries[key] = m.Entry
	}
	if m.Group != nil {
		o.groups[m.Group.ID] = m.Command != Delete
	}
	if m.Meter != nil {
		o.meters[m.Meter.ID] = m.Command != Delete
	}
}
