package ovs

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// desk receives the packets that flows hand over: it answers those to be rejected, and passes the others on to who watches. It has a
// connection of its own, so that no bundle waits for packets, and takes it up again whenever it breaks.
type desk struct {
	socket string
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	link    *link  // nil while there is no connection
	watcher *watch // nil while nobody watches
}

// Answers are limited, so that a flood of rejected packets becomes no flood of answers: bursts of as many as a second allows.
const answersPerSecond = 1000

// How long a broken connection is left alone: at first, and at most.
const (
	firstPause = 20 * time.Millisecond
	mostPause  = time.Second
)

// packetsQueued is how many packets may wait for the desk, and then for who watches. More are lost.
const packetsQueued = 1024

// openDesk begins to receive.
func openDesk(socket string) *desk {
	ctx, cancel := context.WithCancel(context.Background())
	d := &desk{socket: socket, cancel: cancel, ended: make(chan struct{})}
	go d.run(ctx)
	return d
}

// close ends it and its connection.
func (d *desk) close() {
	d.cancel()
	<-d.ended
}

func (d *desk) run(ctx context.Context) {
	defer close(d.ended)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		if l, err := connect(ctx, d.socket); err == nil {
			d.serve(ctx, l)
			l.close()
		}
		if time.Since(began) > mostPause { // it has been of use
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, mostPause)
	}
}

// serve receives until the connection or ctx ends.
func (d *desk) serve(ctx context.Context, l *link) {
	x := &exchange{l.xids(2), 0, make(chan message, packetsQueued), make(chan struct{})}
	l.subscribe(x)
	defer close(x.over)
	if !l.write(wire.AppendPacketRequest(nil, x.first)) {
		return
	}
	d.use(l)
	defer d.use(nil)
	budget := limiter{per: time.Second / answersPerSecond, most: answersPerSecond}
	for {
		m, err := x.next(ctx, l)
		if err != nil {
			return
		}
		in, err := wire.ParsePacketIn(m.bytes)
		if err != nil {
			continue
		}
		if reply := answerTo(in.Userdata); reply != nil {
			if frame, ok := reply(in.Packet); ok && budget.take(time.Now()) {
				l.packetOut(openflow.AnswerActions(in.Metadata), frame)
			}
			continue
		}
		d.hand(l, &in)
	}
}

// answerTo chooses what answers a packet with some userdata; nil if nothing does.
func answerTo(userdata []byte) func(frame []byte) ([]byte, bool) {
	switch {
	case bytes.Equal(userdata, openflow.RejectMark()):
		return answer
	case bytes.Equal(userdata, openflow.RefuseMark()):
		return refusal
	}
	return nil
}

// use says which connection there is now.
func (d *desk) use(l *link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.link = l
	if l != nil && d.watcher != nil {
		d.watcher.wake()
	}
}

// hand gives a packet to who watches. Who does not any more cannot hold any either.
func (d *desk) hand(l *link, in *wire.PacketIn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.watcher != nil:
		d.watcher.take(in)
	case bytes.Equal(in.Userdata, openflow.HoldMark()):
		l.packetOut(openflow.ReleaseActions(in.Metadata), in.Packet)
	}
}

// send writes messages that have no replies. Without a connection it does nothing.
func (d *desk) send(b []byte) {
	d.mu.Lock()
	l := d.link
	d.mu.Unlock()
	if l != nil {
		l.write(b)
	}
}

// write queues messages; false says that the connection is down.
func (l *link) write(b []byte) bool {
	select {
	case l.out <- b:
		return true
	case <-l.down:
		return false
	}
}

// packetOut sends a packet through actions.
func (l *link) packetOut(actions []openflow.Action, frame []byte) {
	if out, err := wire.AppendPacketOut(nil, 0, actions, frame); err == nil {
		l.write(out)
	}
}

// limiter allows one event each time that per goes by, and most at once.
type limiter struct {
	per  time.Duration
	most int
	next time.Time // when the budget is full again
}

func (l *limiter) take(now time.Time) bool {
	if l.next.Before(now) {
		l.next = now
	}
	if l.next.Sub(now) > time.Duration(l.most-1)*l.per {
		return false
	}
	l.next = l.next.Add(l.per)
	return true
}
