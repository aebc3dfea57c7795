package ovs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Conn is a Switch that speaks OpenFlow 1.5 with a bridge. It connects when it first has to, and again whenever the connection
// has broken. Its methods may be called concurrently; they take turns.
type Conn struct {
	socket string
	daemon vswitchd
	turn   chan *link // holds the link, or nil if there is none, while nobody uses it
}

var _ Switch = (*Conn)(nil)

// NewConn talks to a bridge through its management socket, usually RUNDIR/BRIDGE.mgmt.
func NewConn(socket string) *Conn {
	c := &Conn{socket, vswitchd(filepath.Dir(socket)), make(chan *link, 1)}
	c.turn <- nil
	return c
}

// Close ends the connection. Using c again makes a new one.
func (c *Conn) Close() {
	if l := <-c.turn; l != nil {
		l.close()
	}
	c.turn <- nil
}

// A bridge drops all connections, those just being made included, when its datapath ID changes, which ports can cause that come
// or go, and when its daemon restarts. What has not been done can be tried again.
const (
	connectAttempts = 5
	connectPause    = 20 * time.Millisecond
)

// do calls f with a connection, and again with a new one if that breaks.
func (c *Conn) do(ctx context.Context, f func(*link) error) error {
	var l *link
	select {
	case l = <-c.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { c.turn <- l }()
	for attempt := 1; ; attempt++ {
		var err error
		if l == nil {
			l, err = connect(ctx, c.socket)
		}
		if err == nil {
			err = f(l)
		}
		if l != nil && l.isDown() {
			l.close()
			l = nil
		}
		var lost *lostError
		switch {
		case ctx.Err() != nil && err != nil:
			return ctx.Err()
		case !errors.As(err, &lost) || attempt == connectAttempts:
			return err
		}
		if attempt == 1 {
			continue // the connection may have broken long ago
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(connectPause << attempt):
		}
	}
}

// isDown reports whether the connection has ended.
func (l *link) isDown() bool {
	select {
	case <-l.down:
		return true
	default:
		return false
	}
}

// Bundle sends all mods and a barrier, and commits only if there was no error before the barrier's reply: a switch would commit
// a bundle without the mods that it refused.
func (c *Conn) Bundle(ctx context.Context, mods []Mod) error {
	if len(mods) == 0 {
		return nil
	}
	return c.do(ctx, func(l *link) error { return l.metered(ctx, mods) })
}

// usualMod is about how many bytes a mod takes in a bundle. Most take less, large groups more.
const usualMod = 256

// bundle carries mods out. The XID of mods[i] is the i-th after that of the message that opens the bundle, which also numbers the
// bundle.
func (l *link) bundle(ctx context.Context, mods []Mod) error {
	b := make([]byte, 0, len(mods)*usualMod)
	if slices.ContainsFunc(mods, func(m Mod) bool { return m.Command != Delete && logs(&m.Flow) }) {
		// No bundle can have it, and flows cannot be without it. That it is there already is not worth a reply.
		b = wire.AppendMeter(b, l.xids(1), openflow.LogMeter, openflow.LogsPerSecond)
	}
	open := l.xids(uint32(len(mods)) + 3)
	barrier := open + uint32(len(mods)) + 1
	commit := barrier + 1
	b = wire.AppendBundle(b, open, open, wire.OpenBundle)
	for i := range mods {
		xid := open + 1 + uint32(i)
		var err error
		b, err = wire.AppendBundleAdd(b, xid, open, func(b []byte) ([]byte, error) { return mods[i].append(b, xid) })
		if err != nil {
			return &ModError{i, err.Error()}
		}
	}
	b = wire.AppendBarrier(b, barrier)
	refused := &refusals{first: open + 1, n: uint32(len(mods))}
	err := l.exchange(ctx, open, commit-open, b, func(m message) (bool, error) {
		return m.Type == wire.BarrierReply, refused.note(m)
	})
	if err != nil {
		return err
	}
	what := wire.CommitBundle
	if refused.err != nil {
		what = wire.DiscardBundle
	}
	err = l.exchange(ctx, open, commit-open+1, wire.AppendBundle(nil, commit, open, what), func(m message) (bool, error) {
		return m.XID == commit, refused.note(m)
	})
	var lost *lostError
	if errors.As(err, &lost) && what == wire.CommitBundle {
		return fmt.Errorf("whether the bundle is in force is not known: %s", err)
	}
	if refused.err != nil {
		return refused.err
	}
	return err
}

// logs reports whether a flow hands packets over through the meter.
func logs(f *openflow.Flow) bool {
	return slices.ContainsFunc(f.Actions, func(a openflow.Action) bool { return a.Op == openflow.Log })
}

// refusals finds the first mod of which a switch says that it cannot be, or why the bundle as a whole cannot.
type refusals struct {
	first, n uint32
	err      *ModError
}

func (r *refusals) note(m message) error {
	if m.Type != wire.ErrorType {
		return nil
	}
	e, err := wire.ParseError(m.bytes)
	if err != nil {
		return err
	}
	index := -1
	if i := e.XID - r.first; i < r.n {
		index = int(i)
	}
	// The errors of a bundle that was not opened, or not committed because of one mod, say less than the mod's.
	if r.err == nil || index >= 0 && (r.err.Index < 0 || index < r.err.Index) {
		r.err = &ModError{index, e.Name}
	}
	return nil
}

// append appends the mod's message. A delete matches by our cookies, so that a foreign flow that has taken the place stays; a
// modify by the flow's own, without which it would add a flow where there is none.
func (m *Mod) append(b []byte, xid uint32) ([]byte, error) {
	command := [...]wire.Command{Add: wire.Add, Modify: wire.Modify, Delete: wire.Delete}[m.Command]
	if m.Group != nil {
		return wire.AppendGroupMod(b, xid, command, m.Group)
	}
	mod := wire.FlowMod{Command: command, Flow: &m.Flow, Cookie: m.Flow.Cookie, CookieMask: ^uint64(0)}
	if command == wire.Delete {
		mod.Cookie, mod.CookieMask, mod.Match = openflow.CookieMarker, openflow.CookieMask, m.match
	}
	return wire.AppendFlowMod(b, xid, mod)
}

// Settle waits until no packet meets the flows from before a bundle any more: as long as the switch takes to look twice at what its
// datapath has cached.
//
// A command tells when the switch has done so the next time. That may be a look that began before the bundle, so it takes the end of
// one more. The switch looks by itself every half second; so that nobody waits for that, it is given a reason.
func (c *Conn) Settle(ctx context.Context) error {
	for range 2 {
		wait, err := c.daemon.look(ctx)
		if err != nil {
			return err
		}
		err = c.nudge(ctx)
		if failed := wait(); err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
	}
	return c.daemon.forget(ctx)
}

// nudge gives the switch a reason to look at what it has cached: a flow that no packet can meet comes and goes.
func (c *Conn) nudge(ctx context.Context) error {
	f := openflow.Flow{Table: generationTable, Cookie: openflow.HoldCookie | 1}
	return c.do(ctx, func(l *link) error {
		first := l.xids(3)
		b, err := wire.AppendFlowMod(nil, first, wire.FlowMod{Command: wire.Add, Flow: &f})
		if err != nil {
			return err
		}
		b, err = wire.AppendFlowMod(b, first+1, wire.FlowMod{Command: wire.Delete, Flow: &f, Cookie: f.Cookie, CookieMask: ^uint64(0)})
		if err != nil {
			return err
		}
		return l.exchange(ctx, first, 3, wire.AppendBarrier(b, first+2), func(m message) (bool, error) { return m.XID == first+2, nil })
	})
}

// dumps is the number of requests of Dump.
const dumps = 3

// Dump asks for every flow with our cookie, and for every group and meter with our mark.
func (c *Conn) Dump(ctx context.Context) ([]Entry, error) {
	var out []Entry
	err := c.do(ctx, func(l *link) error {
		d := dump{first: l.xids(dumps)}
		b := wire.AppendFlowDescs(nil, d.first, openflow.CookieMarker, openflow.CookieMask)
		b = wire.AppendMeterDescs(wire.AppendGroupDescs(b, d.first+1), d.first+2)
		err := l.exchange(ctx, d.first, dumps, b, d.reply)
		out = d.entries
		return err
	})
	return out, err
}

// dump collects what the replies of the requests describe.
type dump struct {
	first   uint32
	ended   int // requests that have been answered to the end
	entries []Entry
}

func (d *dump) reply(m message) (last bool, err error) {
	if m.Type == wire.ErrorType {
		reason, err := wire.ParseError(m.bytes)
		if err != nil {
			return false, err
		}
		return false, fmt.Errorf("the switch does not tell what it holds: %w", reason)
	}
	what, more, body, err := wire.ParseMultipart(m.bytes)
	if err != nil || m.Type != wire.MultipartReply {
		return false, fmt.Errorf("unexpected reply of type %d: %w", m.Type, err)
	}
	for len(body) > 0 && err == nil {
		switch what {
		case wire.FlowDescs:
			var f wire.FlowDesc
			f, body, err = wire.ParseFlowDesc(body)
			d.entries = append(d.entries, Entry{Flow: f.Flow, Foreign: f.Foreign, Counted: f.Counted, match: f.Match})
		case wire.GroupDescs:
			var g wire.GroupDesc
			g, body, err = wire.ParseGroupDesc(body)
			if g.Group.IsOurs() {
				d.entries = append(d.entries, Entry{Group: &g.Group, Foreign: g.Foreign})
			}
		case wire.MeterDescs:
			var m wire.MeterDesc
			m, body, err = wire.ParseMeterDesc(body)
			if m.Meter.IsOurs() {
				d.entries = append(d.entries, Entry{Meter: &m.Meter, Foreign: m.Foreign})
			}
		default:
			err = fmt.Errorf("unexpected reply about %d", what)
		}
	}
	if !more {
		d.ended++
	}
	return d.ended == dumps, err
}
