package member

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/hashicorp/memberlist"
)

// transport sends to declared addresses only, whatever a message says where to answer.
type transport struct {
	*memberlist.NetTransport
	ctx     context.Context // dialling ends with it
	within  func(func() error) error
	allowed atomic.Pointer[map[netip.AddrPort]bool]
}

// errUndeclared says that nothing is sent to where no peer is.
var errUndeclared = errors.New("no peer is declared there")

// listen opens the sockets.
func listen(ctx context.Context, o Options, sink *sink) (*transport, error) {
	t := &transport{ctx: ctx, within: o.Within}
	if t.within == nil {
		t.within = func(f func() error) error { return f() }
	}
	err := t.within(func() (err error) {
		t.NetTransport, err = memberlist.NewNetTransport(&memberlist.NetTransportConfig{
			BindAddrs: []string{o.Bind.Addr().String()}, BindPort: int(o.Bind.Port()), Logger: log.New(sink, "", 0),
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.Bind, err)
	}
	return t, nil
}

// allow says where messages may go.
func (t *transport) allow(known map[string][]netip.AddrPort) {
	allowed := map[netip.AddrPort]bool{}
	for _, addrs := range known {
		for _, a := range addrs {
			allowed[plain(a)] = true
		}
	}
	t.allowed.Store(&allowed)
}

// plain is an address in the one form in which it is compared.
func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func (t *transport) check(addr string) error {
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		return err
	}
	if !(*t.allowed.Load())[plain(a)] {
		return fmt.Errorf("%s: %w", a, errUndeclared)
	}
	return nil
}

// WriteTo sends a packet.
func (t *transport) WriteTo(b []byte, addr string) (time.Time, error) {
	return t.WriteToAddress(b, memberlist.Address{Addr: addr})
}

// WriteToAddress sends a packet.
func (t *transport) WriteToAddress(b []byte, to memberlist.Address) (time.Time, error) {
	if err := t.check(to.Addr); err != nil {
		return time.Time{}, err
	}
	return t.NetTransport.WriteToAddress(b, to)
}

// DialTimeout opens a stream.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	return t.DialAddressTimeout(memberlist.Address{Addr: addr}, timeout)
}

// DialAddressTimeout opens a stream.
func (t *transport) DialAddressTimeout(to memberlist.Address, timeout time.Duration) (conn net.Conn, err error) {
	if err := t.check(to.Addr); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: timeout}
	err = t.within(func() (err error) {
		conn, err = dialer.DialContext(t.ctx, "tcp", to.Addr)
		return err
	})
	return conn, err
}
