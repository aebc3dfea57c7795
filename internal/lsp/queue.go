package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// queue has the messages that wait, in the order in which they came, and what the server does of its own, which comes before them. One
// goroutine does it all, so that what is done sees the state that what came before left.
type queue struct {
	mu      sync.Mutex
	tasks   []task
	waiting map[jsonrpc2.ID]context.CancelCauseFunc // the requests that have no answer yet
	wake    chan struct{}
	idle    chan struct{} // is closed while nothing is to be done
	ended   chan struct{} // is closed when nothing will be done any more
}

type task func()

func newQueue() *queue {
	q := &queue{waiting: map[jsonrpc2.ID]context.CancelCauseFunc{}, wake: make(chan struct{}, 1), idle: make(chan struct{}), ended: make(chan struct{})}
	close(q.idle)
	return q
}

// add puts a task at the end.
func (q *queue) add(t task) { q.put(func(tasks []task) []task { return append(tasks, t) }) }

// first puts a task before all others.
func (q *queue) first(t task) {
	q.put(func(tasks []task) []task { return append([]task{t}, tasks...) })
}

func (q *queue) put(into func([]task) []task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tasks = into(q.tasks)
	select {
	case <-q.idle:
		q.idle = make(chan struct{})
	default:
	}
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next takes the first task away, nil for none.
func (q *queue) next() task {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.tasks) == 0 {
		select {
		case <-q.idle:
		default:
			close(q.idle)
		}
		return nil
	}
	t := q.tasks[0]
	q.tasks = q.tasks[1:]
	return t
}

// run does what is to be done until the context ends, or the task that was done last says so by ending the queue.
func (q *queue) run(ctx context.Context) {
	for {
		t := q.next()
		switch {
		case t != nil:
			t()
		default:
			select {
			case <-q.wake:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-q.ended:
			return
		default:
		}
	}
}

// drained waits until nothing is to be done.
func (q *queue) drained() {
	q.mu.Lock()
	idle := q.idle
	q.mu.Unlock()
	select {
	case <-idle:
	case <-q.ended:
	}
}

// errCancelled says that the client has cancelled a request.
var errCancelled = errors.New("the client has cancelled the request")

// Handle takes a message in; it is jsonrpc2's Handler. Cancelling overtakes what waits.
func (s *server) Handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) {
	if r.Method == "$/cancelRequest" {
		s.queue.cancel(r)
		return
	}
	if r.Notif {
		s.queue.add(func() { s.answer(ctx, conn, r) })
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	s.queue.mu.Lock()
	s.queue.waiting[r.ID] = cancel
	s.queue.mu.Unlock()
	s.queue.add(func() {
		s.answer(ctx, conn, r)
		s.queue.mu.Lock()
		delete(s.queue.waiting, r.ID)
		s.queue.mu.Unlock()
		cancel(nil)
	})
}

// cancel ends the request that a message names, if it has no answer yet.
func (q *queue) cancel(r *jsonrpc2.Request) {
	var params struct {
		ID jsonrpc2.ID `json:"id"`
	}
	if r.Params == nil || json.Unmarshal(*r.Params, &params) != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if cancel := q.waiting[params.ID]; cancel != nil {
		cancel(errCancelled)
	}
}

// stream gives out messages, and the end of them only when all have been done: a client that has nothing more to say may still want
// its answers.
type stream struct {
	jsonrpc2.ObjectStream
	queue *queue
}

// ReadObject reads a message.
func (s stream) ReadObject(v any) error {
	err := s.ObjectStream.ReadObject(v)
	if err != nil {
		s.queue.drained()
	}
	return err
}
