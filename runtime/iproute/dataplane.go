// Package iproute observes and changes what a node's own network stack has for Egresses and for addresses that the node holds.
//
// Guarantees:
//
//   - Only what is ours is touched: the links hg-egress and hg-ext.VLAN, and what is on them; routes and rules with our protocol
//     number, or of tables in our range; addresses that say that they come from us. The kernel remembers all that, so that nothing
//     is forgotten when the process ends.
//   - Apply makes what is new before it takes away what is old, and undoes what it did if a step fails. The error names the step, and
//     the declarations that it came from.
//   - Observe reads what the kernel has, in the texts that targets/iproute generates, so that Diff is the drift.
//   - An address is held for no longer than a Dataplane with a lifetime keeps it: when the process is killed, the kernel takes the
//     address away by itself, so that no two nodes answer for it for long.
package iproute

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/iproute"
)

// DefaultLifetime is how long an address stays that nobody keeps. Another node takes an address over when it finds the holder dead, which
// takes it some seconds; Keep gets three tries in the time.
const DefaultLifetime = 6 * time.Second

// Options say how a Dataplane works.
type Options struct {
	Lifetime time.Duration // of addresses that nobody keeps, in whole seconds; 0: for ever
	VLANs    VLANs         // makes devices for VLANs where the node's own address is on a switch; nil: nobody does
}

// VLANs are devices for VLANs that a switch has.
type VLANs interface {
	// IsPort reports whether a device is a port of the switch.
	IsPort(ctx context.Context, device string) (bool, error)
	// Add makes a device of a VLAN, on the bridge that another device is a port of. The device is there when it returns.
	Add(ctx context.Context, beside, device string, tag uint16) error
	// Delete takes it away.
	Delete(ctx context.Context, device string) error
	// Tag tells the VLAN of a device that Add made, 0 if it is none.
	Tag(ctx context.Context, device string) (uint16, error)
}

// Dataplane is the network stack of one network namespace. It holds nothing between calls, and is safe for concurrent use.
type Dataplane struct {
	netns   int // a file descriptor; negative: the namespace that the process runs in
	options Options
	changes chan struct{}
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup

	mu        sync.Mutex        // held while anything is changed
	want      []iproute.Address // that the last Apply left, or that were Found; nil: neither was called
	transport string            // the interface that Transport stood for then; "": not known
	told      bool              // the kernel tells who gave an address
}

var (
	_ agent.Dataplane = (*Dataplane)(nil)
	_ agent.Keeper    = (*Dataplane)(nil)
	_ agent.Preparing = (*Dataplane)(nil)
	_ agent.Releasing = (*Dataplane)(nil)
)

// Current is the Dataplane of the network namespace that the process runs in.
func Current(o Options) *Dataplane { return InNetNS(-1, o) }

// InNetNS is the Dataplane of the network namespace that the file descriptor refers to, which must stay open until Close.
func InNetNS(fd int, o Options) *Dataplane {
	d := &Dataplane{netns: fd, options: o, changes: make(chan struct{}, 1)}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// Changes receives a value when an address is gone that should be there.
func (d *Dataplane) Changes() <-chan struct{} { return d.changes }

// Close ends what runs. Addresses with a lifetime go when that is over; all else stays.
func (d *Dataplane) Close() {
	d.stop()
	d.running.Wait()
}

// stack is the kernel's side of one call, in the namespace.
type stack struct {
	*netlink.Handle
	ctx     context.Context
	d       *Dataplane
	sockets map[int]*nl.SocketHandle
	links   map[string]netlink.Link
	byIndex map[int]netlink.Link

	transport string // the name of what Transport stands for; "" if that is not known
}

// with calls f with a thread in the namespace.
func (d *Dataplane) with(ctx context.Context, f func(*stack) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.netns < 0 {
		return d.open(ctx, f)
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if err := unix.Setns(d.netns, unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter the network namespace: %w", err)
			return
		}
		done <- d.open(ctx, f)
	}()
	return <-done
}

func (d *Dataplane) open(ctx context.Context, f func(*stack) error) error {
	handle, err := netlink.NewHandleAt(netns.None(), unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer handle.Close()
	socket, err := nl.GetNetlinkSocketAt(netns.None(), netns.None(), unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer socket.Close()
	s := &stack{Handle: handle, ctx: ctx, d: d, sockets: map[int]*nl.SocketHandle{unix.NETLINK_ROUTE: {Socket: socket}}}
	if err := s.readLinks(); err != nil {
		return err
	}
	return f(s)
}

// readLinks learns which links there are.
func (s *stack) readLinks() error {
	s.links, s.byIndex = map[string]netlink.Link{}, map[int]netlink.Link{}
	links, err := retry(s.LinkList)
	if err != nil {
		return fmt.Errorf("list links: %w", err)
	}
	for _, l := range links {
		s.links[l.Attrs().Name], s.byIndex[l.Attrs().Index] = l, l
	}
	return nil
}

// retries is how often a list is read anew because it changed while it was read.
const retries = 5

// retry reads a list that may change meanwhile.
func retry[T any](read func() ([]T, error)) (list []T, err error) {
	for range retries {
		if list, err = read(); err == nil || err != netlink.ErrDumpInterrupted {
			break
		}
	}
	return list, err
}

// named gives what Transport stands for, and other names as they are.
func (s *stack) named(device string) string {
	if device == iproute.Transport {
		return s.transport
	}
	return device
}

// index finds a link of the artifact. It is 0 if there is none.
func (s *stack) index(device string) int {
	if l := s.links[s.named(device)]; l != nil {
		return l.Attrs().Index
	}
	return 0
}
