package nft

import (
	"runtime"
	"sync"

	"github.com/headgate-net/headgate/runtime/agent"
)

// Dataplane is the nftables of one network namespace. It holds nothing but a socket, from its first use until Close: a socket
// for each call would cost milliseconds, because the kernel waits for all packets in flight when one is closed after a
// transaction. It is safe for concurrent use; transactions are made one after the other.
type Dataplane struct {
	netns   int
	applied chan struct{} // full if Apply has changed something since Watch looked
	mu      sync.Mutex
	socket  *socket
	count   count
	own     authors
	room    int             // bytes, for what is told of changes; 0: as for answers
	cleanup runtime.Cleanup // closes the socket of a Dataplane that was left without Close
}

var (
	_ agent.Continuing = (*Dataplane)(nil)
	_ agent.Cleaner    = (*Dataplane)(nil)
)

// Current is the Dataplane of the network namespace that the process runs in.
func Current() *Dataplane { return InNetNS(-1) }

// InNetNS is the Dataplane of the network namespace that the file descriptor refers to, which must stay open until the first
// use has returned, and until Watch and Forget have.
func InNetNS(fd int) *Dataplane { return &Dataplane{netns: fd, applied: make(chan struct{}, 1)} }

// Close gives the socket back. The Dataplane can be used again afterwards, as long as its file descriptor is open.
func (d *Dataplane) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop()
	return nil
}

func (d *Dataplane) drop() {
	if d.socket != nil {
		d.cleanup.Stop()
		d.socket.close()
		d.socket = nil
	}
}

// with calls f with the socket. After an error the socket may still have answers to come, and is not used again.
func (d *Dataplane) with(f func(*socket) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.socket == nil {
		s, err := dial(d.netns)
		if err != nil {
			return err
		}
		d.own.add(s.port)
		d.socket = s
		d.cleanup = runtime.AddCleanup(d, (*socket).close, s)
	}
	err := f(d.socket)
	if err != nil {
		d.drop()
	}
	return err
}
