package ovs

import (
	"bytes"
	"context"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// refuser answers the packets that flows hand over to be rejected. It has a connection of its own, so that no bundle waits for
// packets, and takes it up again whenever it breaks.
type refuser struct {
	socket string
	cancel context.CancelFunc
	ended  chan struct{}
}

// Answers are limited, so that a flood of rejected packets becomes no flood of answers: bursts of as many as a second allows.
const answersPerSecond = 1000

// How long a broken connection is left alone: at first, and at most.
const (
	firstPause = 20 * time.Millisecond
	mostPause  = time.Second
)

// refuse begins to answer.
func refuse(socket string) *refuser {
	ctx, cancel := context.WithCancel(context.Background())
	r := &refuser{socket, cancel, make(chan struct{})}
	go r.run(ctx)
	return r
}

// close ends it and its connection.
func (r *refuser) close() {
	r.cancel()
	<-r.ended
}

func (r *refuser) run(ctx context.Context) {
	defer close(r.ended)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		if l, err := connect(ctx, r.socket); err == nil {
			r.serve(ctx, l)
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

// serve answers until the connection or ctx ends. Packets that come while one is answered wait, up to a number beyond which they
// are lost.
func (r *refuser) serve(ctx context.Context, l *link) {
	x := &exchange{l.xids(2), 0, make(chan message, 4*queued), make(chan struct{})}
	l.subscribe(x)
	defer close(x.over)
	select {
	case l.out <- wire.AppendPacketRequest(nil, x.first):
	case <-l.down:
		return
	}
	budget := limiter{per: time.Second / answersPerSecond, most: answersPerSecond}
	for {
		m, err := x.next(ctx, l)
		if err != nil {
			return
		}
		in, err := wire.ParsePacketIn(m.bytes)
		if err != nil || !bytes.Equal(in.Userdata, openflow.RejectMark()) {
			continue
		}
		frame, ok := answer(in.Packet)
		if !ok || !budget.take(time.Now()) {
			continue
		}
		out, err := wire.AppendPacketOut(nil, 0, openflow.AnswerActions(), frame)
		if err != nil {
			continue
		}
		select {
		case l.out <- out:
		case <-l.down:
			return
		}
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
