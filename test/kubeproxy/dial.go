package kubeproxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// Seen is what clients saw of a Service. The zero value: their connections were not answered at all.
type Seen struct {
	Refused  bool             // by ICMP or a reset
	Backends []netip.AddrPort // sorted; those that served
	Sources  []netip.Addr     // sorted; the clients' addresses as the backends saw them
	Unlike   string           // an error of another kind
	Nobody   bool             // of what is expected only: what was dialled is nothing, so that it is not served, in whatever way
}

// meets reports whether what was seen is what is expected.
func (s Seen) meets(expected Seen) bool {
	if expected.Nobody {
		return len(s.Backends) == 0
	}
	return s.String() == expected.String()
}

// String gives "dropped", "refused", or "10.0.0.1:80 10.0.0.2:80 from 10.0.0.3".
func (s Seen) String() string {
	switch {
	case s.Nobody:
		return "not served"
	case s.Unlike != "":
		return s.Unlike
	case s.Refused && len(s.Backends) == 0:
		return "refused"
	case len(s.Backends) == 0:
		return "dropped"
	}
	var words []string
	for _, b := range s.Backends {
		words = append(words, b.String())
	}
	words = append(words, "from")
	for _, a := range s.Sources {
		words = append(words, a.String())
	}
	if s.Refused {
		words = append(words, "or refused")
	}
	return strings.Join(words, " ")
}

// add adds what one connection met.
func (s *Seen) add(reply string, err error) error {
	var timeout net.Error
	switch {
	case err == nil:
		backend, source, _ := strings.Cut(reply, " ")
		at, err := netip.ParseAddrPort(backend)
		if err != nil {
			return err
		}
		from, err := netip.ParseAddr(source)
		if err != nil {
			return err
		}
		s.Backends = insert(s.Backends, at, netip.AddrPort.Compare)
		s.Sources = insert(s.Sources, from, netip.Addr.Compare)
	case errors.Is(err, syscall.ECONNREFUSED):
		s.Refused = true
	case errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, os.ErrDeadlineExceeded):
	default:
		s.Unlike = err.Error()
	}
	return nil
}

func insert[T comparable](list []T, v T, compare func(x, y T) int) []T {
	at, found := slices.BinarySearchFunc(list, v, compare)
	if found {
		return list
	}
	return slices.Insert(list, at, v)
}

// ask makes one connection from an address and returns what the server says. It must be called in the client's place.
func ask(ctx context.Context, proto ir.Proto, from netip.Addr, to netip.AddrPort) (string, error) {
	d := net.Dialer{}
	network := "tcp"
	if proto == ir.ProtoUDP {
		network, d.LocalAddr = "udp", &net.UDPAddr{IP: from.AsSlice()}
	} else {
		d.LocalAddr = &net.TCPAddr{IP: from.AsSlice()}
	}
	c, err := d.DialContext(ctx, network, to.String())
	if err != nil {
		return "", err
	}
	defer c.Close()
	deadline, _ := ctx.Deadline()
	if proto == ir.ProtoUDP {
		return askPacket(c, deadline)
	}
	if err := c.SetDeadline(deadline); err != nil {
		return "", err
	}
	buf := make([]byte, 128)
	n, err := c.Read(buf)
	return string(buf[:n]), err
}

// askPacket asks again and again until the deadline: a packet, or what says that nobody wants it, may be lost. A node is told at once
// that its packet was not sent, and only then why.
func askPacket(c net.Conn, deadline time.Time) (string, error) {
	const pause = 500 * time.Millisecond
	buf := make([]byte, 128)
	for {
		if _, err := c.Write([]byte("?")); err != nil && !errors.Is(err, syscall.EPERM) {
			return "", err
		}
		next := time.Now().Add(pause)
		if deadline.Before(next) {
			next = deadline
		}
		if err := c.SetReadDeadline(next); err != nil {
			return "", err
		}
		n, err := c.Read(buf)
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(deadline) {
			return string(buf[:n]), err
		}
	}
}

// Look makes connections until everything that is expected was seen and then some, so that what is not expected has its chance; at
// most most. It stops at the first one that is not served.
func (p *Place) Look(proto ir.Proto, from netip.Addr, to netip.AddrPort, expected Seen, patience time.Duration) (seen Seen, err error) {
	const most, extra = 300, 4
	left := 1
	if len(expected.Backends) > 1 {
		left = extra * len(expected.Backends)
	}
	err = p.In(func() error {
		for range most {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			reply, err := ask(ctx, proto, from, to)
			cancel()
			if e := seen.add(reply, err); e != nil {
				return fmt.Errorf("an answer that is none: %q: %w", reply, e)
			}
			left--
			if err != nil || left <= 0 && len(seen.Backends) >= len(expected.Backends) {
				return nil
			}
		}
		return nil
	})
	return seen, err
}
