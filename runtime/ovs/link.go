package ovs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/headgate-net/headgate/runtime/ovs/wire"
)

// link is one connection to a bridge. A goroutine reads, and answers echo requests; another one writes, so that reading never
// waits for writing: a switch that waits for its answers to be read reads nothing.
type link struct {
	conn  net.Conn
	out   chan []byte
	down  chan struct{} // closed with the connection
	ended sync.WaitGroup

	mu      sync.Mutex
	err     error // why the connection is down
	next    uint32
	waiting *exchange
	packets *exchange // gets the packets that flows send
	changed func()    // is called when somebody else has changed something; nil: nobody asks for it
	told    uint64    // how often it was
}

// exchange is a number of requests whose replies are awaited: those with the XIDs from first on.
type exchange struct {
	first, n uint32
	replies  chan message
	over     chan struct{}
}

// message is one whole message.
type message struct {
	wire.Header
	bytes []byte
}

// queued is how many messages may wait to be written. There are never more than one of ours, and the answer to an echo request.
const queued = 16

// lostError says that a connection broke, or could not be made: what was asked for may not have been done.
type lostError struct{ err error }

func (e *lostError) Error() string { return "connection to the bridge: " + e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// connect dials and agrees on a version.
func connect(ctx context.Context, socket string) (*link, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, &lostError{err}
	}
	l := &link{conn: conn, out: make(chan []byte, queued), down: make(chan struct{}), next: 1}
	r := bufio.NewReaderSize(conn, wire.MaxLen)
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := l.hello(r); err != nil {
		conn.Close()
		return nil, err
	}
	l.ended.Add(2)
	go l.read(r)
	go l.writer()
	return l, nil
}

func (l *link) hello(r io.Reader) error {
	if _, err := l.conn.Write(wire.AppendHello(nil, 0)); err != nil {
		return &lostError{err}
	}
	m, err := receive(r)
	switch {
	case err != nil:
		return &lostError{err}
	case m.Type == wire.ErrorType:
		reason, err := wire.ParseError(m.bytes)
		if err != nil {
			return err
		}
		return fmt.Errorf("the bridge does not want to speak OpenFlow 1.5: %w", reason)
	case m.Type != wire.Hello || !wire.Speaks(m.bytes):
		return errors.New("the bridge does not speak OpenFlow 1.5: its column protocols must have OpenFlow15")
	}
	return nil
}

// receive reads one message.
func receive(r io.Reader) (message, error) {
	var head [wire.HeaderLen]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return message{}, err
	}
	h, err := wire.ParseHeader(head[:])
	if err != nil {
		return message{}, err
	}
	m := message{h, make([]byte, h.Length)}
	copy(m.bytes, head[:])
	_, err = io.ReadFull(r, m.bytes[wire.HeaderLen:])
	return m, err
}

// read delivers messages until the connection ends.
func (l *link) read(r io.Reader) {
	defer l.ended.Done()
	for {
		m, err := receive(r)
		if err != nil {
			l.fail(err)
			return
		}
		if m.Type == wire.EchoRequest {
			select {
			case l.out <- wire.AppendEchoReply(nil, m.bytes):
			default:
				l.fail(errors.New("the switch sends echo requests and reads no replies"))
				return
			}
			continue
		}
		l.mu.Lock()
		x, packets, changed := l.waiting, l.packets, l.changed
		news := changed != nil && wire.TellsChange(m.bytes)
		if news {
			l.told++
		}
		l.mu.Unlock()
		if news {
			changed()
			continue
		}
		if packets != nil && wire.IsPacketIn(m.bytes) {
			select {
			case packets.replies <- m:
			case <-packets.over:
			default: // there are more than can be answered
			}
			continue
		}
		if x == nil || m.XID-x.first >= x.n {
			continue // nobody has asked for it
		}
		select {
		case x.replies <- m:
		case <-x.over:
		}
	}
}

func (l *link) writer() {
	defer l.ended.Done()
	for {
		select {
		case b := <-l.out:
			if _, err := l.conn.Write(b); err != nil {
				l.fail(err)
				return
			}
		case <-l.down:
			return
		}
	}
}

// fail closes the connection, of which only the first reason counts.
func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		l.conn.Close()
		close(l.down)
	}
}

// close ends the connection and its goroutines.
func (l *link) close() {
	l.fail(net.ErrClosed)
	l.ended.Wait()
}

// lost is why the connection is down.
func (l *link) lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &lostError{l.err}
}

// xids takes n numbers for messages and returns the first.
func (l *link) xids(n uint32) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := l.next
	l.next += n
	return first
}

// exchange sends requests, which have the n XIDs from first on, and hands their replies over until one is the last. There can be
// one exchange at a time. One that ends early, with an error, leaves replies behind that nobody waits for; so it closes the link.
func (l *link) exchange(ctx context.Context, first, n uint32, requests []byte, reply func(message) (last bool, err error)) (err error) {
	x := &exchange{first, n, make(chan message, queued), make(chan struct{})}
	l.await(x)
	defer func() {
		l.await(nil)
		close(x.over)
		if err != nil {
			l.fail(err)
		}
	}()
	select {
	case l.out <- requests:
	case <-l.down:
		return l.lost()
	}
	for {
		m, err := x.soon(ctx, l)
		if err != nil {
			return err
		}
		if last, err := reply(m); last || err != nil {
			return err
		}
	}
}

// silenceTime is how long a switch may work on a request without a word.
const silenceTime = time.Minute

// soon is next for a switch that has to answer.
func (x *exchange) soon(ctx context.Context, l *link) (message, error) {
	waits, cancel := context.WithTimeout(ctx, silenceTime)
	defer cancel()
	m, err := x.next(waits, l)
	if err != nil && ctx.Err() == nil && waits.Err() != nil {
		err = fmt.Errorf("the bridge has not answered for %s", silenceTime)
	}
	return m, err
}

// next waits for a reply. What came before the connection broke counts.
func (x *exchange) next(ctx context.Context, l *link) (message, error) {
	select {
	case m := <-x.replies:
		return m, nil
	case <-ctx.Done():
		return message{}, ctx.Err()
	case <-l.down:
	}
	select {
	case m := <-x.replies:
		return m, nil
	default:
		return message{}, l.lost()
	}
}

// subscribe hands over the packets that flows send; it can be done once.
func (l *link) subscribe(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.packets = x
}

func (l *link) await(x *exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = x
}
