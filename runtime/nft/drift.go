package nft

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// # What others change
//
// The kernel tells who listens of every object that a transaction touches, and by which socket it came. What is in our table and came by
// none of our sockets is drift. Where more was told than there was room for, the kernel's count of transactions says whether there were
// others than ours; see Continue.

// authors are the netlink ports of the sockets that a Dataplane has used.
type authors struct {
	mu    sync.Mutex
	ports map[uint32]bool
}

func (a *authors) add(port uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ports == nil {
		a.ports = map[uint32]bool{}
	}
	a.ports[port] = true
}

func (a *authors) has(port uint32) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ports[port]
}

// Follow begins to listen, until the returned function is called. The channel receives a value after somebody else has changed, or may
// have changed, our table; several changes may give one value.
func (d *Dataplane) Follow() (changes <-chan struct{}, stop func(), err error) {
	s, err := dial(d.netns)
	if err != nil {
		return nil, nil, err
	}
	if d.room > 0 {
		setBuffer(s.fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, d.room)
	}
	if err := unix.SetsockoptInt(s.fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, unix.NFNLGRP_NFTABLES); err != nil {
		s.close()
		return nil, nil, fmt.Errorf("listen to changes of rules: %w", err)
	}
	l, err := listeningBy(s)
	if err != nil {
		return nil, nil, err
	}
	out := make(chan struct{}, 1)
	var work sync.WaitGroup
	work.Go(func() { d.follow(l, out) })
	return out, func() {
		l.stop()
		work.Wait()
		l.close()
	}, nil
}

// follow leaves a token for each change by others, until the listening is stopped.
func (d *Dataplane) follow(l *listening, out chan<- struct{}) {
	var epoch uint64
	d.alone(&epoch)
	for {
		data, err := l.wait()
		switch {
		case errors.Is(err, unix.ENOBUFS):
			if !d.alone(&epoch) {
				note(out)
			}
		case err == nil:
			if d.byOthers(data) {
				note(out)
			}
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, os.ErrClosed):
			return
		default:
			note(out)
			return
		}
	}
}

// note leaves one token.
func note(out chan<- struct{}) {
	select {
	case out <- struct{}{}:
	default:
	}
}

// byOthers reports whether messages tell of something in our table that came by none of our sockets.
func (d *Dataplane) byOthers(data []byte) bool {
	const portAt = 12 // in a message's header
	for len(data) >= nlmsgHeader {
		n := int(binary.NativeEndian.Uint32(data))
		if n < nlmsgHeader || n > len(data) {
			return true
		}
		if !d.own.has(binary.NativeEndian.Uint32(data[portAt:])) && isOurs(data[:n]) {
			return true
		}
		data = data[min((n+3)&^3, len(data)):]
	}
	return false
}

// isOurs reports whether a message is about our table or something in it: every kind of object has its table's name as attribute 1, but for
// the count of transactions, which has none.
func isOurs(m []byte) bool {
	typ := binary.NativeEndian.Uint16(m[4:])
	if typ&0xff00 != subsystem || typ&0xff == unix.NFT_MSG_NEWGEN || len(m) < nlmsgHeader+nfgenmsgSize || m[nlmsgHeader] != unix.NFPROTO_INET {
		return false
	}
	a, err := parseAttrs(m[nlmsgHeader+nfgenmsgSize:])
	return err == nil && a.str(1) == nft.TableName
}

// alone reports whether, as far as can be told, all transactions since the given epoch began were ours. It moves the epoch on.
func (d *Dataplane) alone(epoch *uint64) bool {
	same := false
	err := d.with(func(s *socket) error {
		err := d.count.look(s)
		same, *epoch = d.count.epoch == *epoch, d.count.epoch
		return err
	})
	return err == nil && same
}
