package ovs

import (
	"context"
	"errors"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
)

// metered carries mods out of which some may be about meters. No bundle can have those: what flows will refer to is there before them, and
// goes after them, for with a meter its flows would go.
func (l *link) metered(ctx context.Context, mods []Mod) error {
	var before, after, undo, bundle []Mod
	var at [2][]int // where the mods of before and bundle are in mods
	for i, m := range mods {
		switch {
		case m.Meter == nil:
			bundle, at[1] = append(bundle, m), append(at[1], i)
		case m.Command == Delete:
			after = append(after, m)
		default:
			before, at[0] = append(before, m), append(at[0], i)
			if m.Command == Add {
				undo = append(undo, Mod{Delete, m.Entry})
			}
		}
	}
	err := within(at[0], l.meters(ctx, before))
	if err == nil && len(bundle) > 0 {
		err = within(at[1], l.bundle(ctx, bundle))
	}
	var refused *ModError
	switch {
	case err == nil:
		return l.meters(ctx, after)
	case errors.As(err, &refused):
		return errors.Join(err, l.meters(ctx, undo))
	}
	return err
}

// within tells of an error about some mods which of all mods it is about.
func within(at []int, err error) error {
	var refused *ModError
	if errors.As(err, &refused) && refused.Index >= 0 {
		refused.Index = at[refused.Index]
	}
	return err
}

// meters changes meters. One that is to be added may be there, after a connection broke.
func (l *link) meters(ctx context.Context, mods []Mod) error {
	if len(mods) == 0 {
		return nil
	}
	n := uint32(len(mods))
	added := l.xids(2*n + 1)
	changed, barrier := added+n, added+2*n
	var b []byte
	for i := range mods {
		m, xid := &mods[i], uint32(i)
		if m.Command == Add {
			b = wire.AppendMeterMod(b, added+xid, wire.Add, m.Meter)
		}
		b = wire.AppendMeterMod(b, changed+xid, [...]wire.Command{Add: wire.Modify, Modify: wire.Modify, Delete: wire.Delete}[m.Command], m.Meter)
	}
	add, change := &refusals{first: added, n: n}, &refusals{first: changed, n: n}
	err := l.exchange(ctx, added, 2*n+1, wire.AppendBarrier(b, barrier), func(m message) (bool, error) {
		if m.XID-added < n {
			return false, add.note(m)
		}
		return m.Type == wire.BarrierReply, change.note(m)
	})
	switch {
	case err != nil:
		return err
	case change.err == nil:
		return nil
	case add.err != nil && add.err.Index == change.err.Index: // which says why
		return add.err
	}
	return change.err
}
