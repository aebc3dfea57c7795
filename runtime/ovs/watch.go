package ovs

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/openflow"
)

// The flows that hold answers of DNS live for holdSeconds unless they are renewed, so that for no longer than that answers are lost to
// an agent which was killed.
const (
	holdSeconds = 10
	renewEvery  = 3 * time.Second
)

var _ agent.Live = (*Dataplane)(nil)

// watch is what waits for somebody who watches. Its members are the desk's, but for the channels.
type watch struct {
	events chan event
	renew  chan struct{} // has a value when the flows that hold are not as they should be
	lost   uint64        // records, since the last one that was queued
}

// event is a packet that a flow has handed over.
type event struct {
	in   wire.PacketIn
	at   time.Time
	lost uint64
}

func (e *event) isLog() bool  { return bytes.Equal(e.in.Userdata, openflow.LogMark()) }
func (e *event) isHeld() bool { return bytes.Equal(e.in.Userdata, openflow.HoldMark()) }

// wake asks for the flows that hold.
func (w *watch) wake() {
	select {
	case w.renew <- struct{}{}:
	default:
	}
}

// take queues a packet. Of those that come when the queue is full, answers are asked for again, and records are lost.
func (w *watch) take(in *wire.PacketIn) {
	e := event{*in, time.Now(), w.lost}
	select {
	case w.events <- e:
		if e.isLog() {
			w.lost = 0
		}
	default:
		if e.isLog() {
			w.lost++
		}
	}
}

// begin lets somebody watch; one at a time can.
func (d *desk) begin() (*watch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watcher != nil {
		return nil, errors.New("somebody watches already")
	}
	d.watcher = &watch{events: make(chan event, packetsQueued), renew: make(chan struct{}, 1)}
	d.watcher.wake()
	return d.watcher, nil
}

// end lets go what is held, in order, and everything that comes later.
func (d *desk) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.watcher
	d.watcher = nil
	for {
		select {
		case e := <-w.events:
			if e.isHeld() && d.link != nil {
				d.link.packetOut(openflow.ReleaseActions(e.in.Metadata), e.in.Packet)
			}
		default:
			return
		}
	}
}

// wake asks whoever watches for the flows that hold.
func (d *desk) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watcher != nil {
		d.watcher.wake()
	}
}

// isWatched reports whether somebody watches.
func (d *desk) isWatched() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.watcher != nil
}

// Watch puts flows before a watched pod's port that hold answers of DNS back, and renews them while it lasts; those that nobody renews
// go within ten seconds. Segments of one connection keep their order. Records are lost that come faster than the listener takes them,
// and those that the switch's meter stops, of which it is asked once a second at most.
func (d *Dataplane) Watch(ctx context.Context, l agent.Listener) error {
	if d.desk == nil {
		return errors.New("this dataplane has no connection for packets")
	}
	w, err := d.desk.begin()
	if err != nil {
		return err
	}
	h, m := &holding{}, &metering{}
	defer func() {
		d.desk.end()
		d.desk.send(h.change(nil))
	}()
	again := time.NewTicker(renewEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			w.wake()
		case <-w.renew:
			d.renew(ctx, h)
			m.ask(d.desk)
		case e := <-w.events:
			if ctx.Err() == nil {
				if e.isLog() {
					e.lost += m.take(d.desk)
				}
				d.deliver(l, &e)
			} else {
				d.letGo(&e)
			}
		}
	}
}

// deliver tells the listener of a packet, and lets go what was held.
func (d *Dataplane) deliver(l agent.Listener, e *event) {
	packet := e.in.Packet[min(ethernetHeader, len(e.in.Packet)):]
	if id, ok := openflow.RuleOf(e.in.Cookie); ok && e.isLog() {
		cut := packet[:min(len(packet), openflow.LogBytes-ethernetHeader)] // Open vSwitch 3.1 does not
		l.Logged(agent.Record{Rule: id, Time: e.at, Packet: cut, Lost: e.lost})
	}
	if !e.isHeld() {
		return
	}
	l.Answered(slices.Clone(packet))
	d.mu.Lock()
	settled := d.settled
	d.settled = nil
	d.mu.Unlock()
	if settled != nil {
		settled()
	}
	d.letGo(e)
}

// letGo sends a packet on its way, if it is held.
func (d *Dataplane) letGo(e *event) {
	if !e.isHeld() {
		return
	}
	if out, err := wire.AppendPacketOut(nil, 0, openflow.ReleaseActions(e.in.Metadata), e.in.Packet); err == nil {
		d.desk.send(out)
	}
}

// renew sees to it that the watched pods that have a port have their flows for some time to come.
func (d *Dataplane) renew(ctx context.Context, h *holding) {
	binding, err := d.ports.Binding(ctx)
	if err != nil {
		return // the next time it may be known
	}
	d.mu.Lock()
	pods := d.watched
	d.mu.Unlock()
	flows, _ := binding.Bind(openflow.Hold(pods))
	d.desk.send(h.change(flows))
}

// metering follows how many packets the meter has stopped.
type metering struct {
	asked   time.Time
	known   bool
	stopped uint64 // in all
	lost    uint64 // since the last record
}

// take returns how many were stopped since it did so the last time.
func (m *metering) take(d *desk) uint64 {
	if time.Since(m.asked) > time.Second {
		m.ask(d)
	}
	lost := m.lost
	m.lost = 0
	return lost
}

// ask updates the number. A switch that was started anew counts from 0.
func (m *metering) ask(d *desk) {
	m.asked = time.Now()
	stopped, ok := d.stopped()
	switch {
	case !ok:
		return
	case stopped < m.stopped:
		m.lost += stopped
	case m.known:
		m.lost += stopped - m.stopped
	}
	m.known, m.stopped = true, stopped
}

// patience is how long the meter may let wait: as long as the switch takes for the largest bundles, and more, since the connection
// does not outlive a reply that does not come.
const patience = 10 * time.Second

// stopped asks the meter; it is not ok if there is no connection, and 0 if there is no meter.
func (d *desk) stopped() (n uint64, ok bool) {
	d.mu.Lock()
	l := d.link
	d.mu.Unlock()
	if l == nil {
		return 0, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	xid := l.xids(1)
	err := l.exchange(ctx, xid, 1, wire.AppendMeterStats(nil, xid, openflow.LogMeter), func(m message) (bool, error) {
		if m.Type == wire.ErrorType {
			return true, nil
		}
		_, _, body, err := wire.ParseMultipart(m.bytes)
		if err == nil && len(body) > 0 {
			n, err = wire.ParseMeterStats(body)
		}
		return true, err
	})
	return n, err == nil
}

// holding is what the switch was told to hold.
type holding struct{ flows []openflow.Flow }

// change is the messages that add or renew flows and delete all others.
func (h *holding) change(flows []openflow.Flow) []byte {
	var b []byte
	for i := range h.flows {
		f := &h.flows[i]
		if !slices.ContainsFunc(flows, func(g openflow.Flow) bool { return f.Compare(&g) == 0 }) {
			b, _ = wire.AppendFlowMod(b, 0, wire.FlowMod{Command: wire.Delete, Flow: f, Cookie: openflow.HoldCookie, CookieMask: ^uint64(0)})
		}
	}
	for i := range flows {
		b, _ = wire.AppendFlowMod(b, 0, wire.FlowMod{Flow: &flows[i], HardTimeout: holdSeconds})
	}
	h.flows = flows
	return b
}

// isAboutSubject reports whether it may depend on a change whose answers of DNS matter.
func isAboutSubject(c artifact.Change) bool {
	for _, value := range []any{c.Old.Value, c.New.Value} {
		if f, ok := value.(*openflow.Flow); ok && f.Table == openflow.EgressSubject {
			return true
		}
	}
	return false
}

// watch remembers whose answers of DNS matter, by the flows that a bridge is to have. The caller has the lock.
func (d *Dataplane) watch(objects []artifact.Object) {
	var pods []openflow.Ref
	for _, o := range objects {
		if f, ok := o.Value.(*openflow.Flow); ok {
			if pod, ok := openflow.WatchedBy(f); ok {
				pods = append(pods, pod)
			}
		}
	}
	slices.Sort(pods)
	if d.desk != nil && !slices.Equal(pods, d.watched) {
		d.desk.wake()
	}
	d.watched = pods
}
