package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// probeSocket is a connected, non-blocking socket at a place, with ICMP errors queued (ip(7), IP_RECVERR).
type probeSocket struct {
	fd   int
	file *os.File
	raw  syscall.RawConn
}

// openSocket makes a socket at a place and connects it.
func (c *cluster) openSocket(p ProbeRequest, kind, proto int) (*probeSocket, error) {
	space, err := c.space(p.From)
	if err != nil {
		return nil, err
	}
	domain := unix.AF_INET
	if p.To.Is6() {
		domain = unix.AF_INET6
	}
	s := &probeSocket{}
	err = space.do(func() (err error) {
		s.fd, err = unix.Socket(domain, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, proto)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.connect(p, kind); err != nil {
		unix.Close(s.fd)
		return nil, err
	}
	s.file = os.NewFile(uintptr(s.fd), "probe")
	if s.raw, err = s.file.SyscallConn(); err != nil {
		s.file.Close()
		return nil, err
	}
	return s, nil
}

func (s *probeSocket) connect(p ProbeRequest, kind int) error {
	level, option := unix.SOL_IP, unix.IP_RECVERR
	var any netip.Addr = netip.IPv4Unspecified()
	if p.To.Is6() {
		level, option, any = unix.SOL_IPV6, unix.IPV6_RECVERR, netip.IPv6Unspecified()
	}
	if err := unix.SetsockoptInt(s.fd, level, option, 1); err != nil {
		return err
	}
	port := p.Port.Port
	if kind == unix.SOCK_RAW {
		port = 0
	} else if p.SourcePort != 0 {
		if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
		if err := unix.Bind(s.fd, sockaddr(any, p.SourcePort)); err != nil {
			return fmt.Errorf("source port %d: %w", p.SourcePort, err)
		}
	}
	err := unix.Connect(s.fd, sockaddr(p.To, port))
	if errors.Is(err, unix.EINPROGRESS) {
		return nil
	}
	return err
}

func sockaddr(addr netip.Addr, port uint16) unix.Sockaddr {
	if addr.Is4() {
		return &unix.SockaddrInet4{Addr: addr.As4(), Port: int(port)}
	}
	return &unix.SockaddrInet6{Addr: addr.As16(), Port: int(port)}
}

func (s *probeSocket) close() { s.file.Close() }

// await calls try whenever the socket may have become ready, until it returns true or the time is up. After that it is called
// once more, because time can pass while this process does not run.
func (s *probeSocket) await(until time.Time, wait func(func(fd uintptr) bool) error, try func() bool) bool {
	if s.file.SetDeadline(until) != nil {
		return try()
	}
	done := false
	for time.Now().Before(until) {
		err := wait(func(uintptr) bool {
			done = try()
			return done
		})
		if done || errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			time.Sleep(time.Millisecond) // the poller gives up on a socket with nothing but an error
		}
	}
	return done || try()
}

// icmpError is an ICMP error that a probe brought about.
type icmpError struct {
	errno     unix.Errno
	quoted    []byte // the start of what was sent, from its transport header on
	v6        bool
	kind      byte
	code      byte
	fromLocal bool // not ICMP: this side's own kernel refused
}

// queuedError takes an error from the socket's error queue.
func (s *probeSocket) queuedError() (icmpError, bool) {
	var data [256]byte
	var oob [512]byte
	n, oobn, _, _, err := unix.Recvmsg(s.fd, data[:], oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return icmpError{}, false
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return icmpError{}, false
	}
	for _, m := range messages {
		v4 := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR
		v6 := m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		if (v4 || v6) && len(m.Data) >= 16 { // struct sock_extended_err: ip(7)
			return icmpError{
				quoted:    data[:n],
				errno:     unix.Errno(binary.NativeEndian.Uint32(m.Data)),
				fromLocal: m.Data[4] != unix.SO_EE_ORIGIN_ICMP && m.Data[4] != unix.SO_EE_ORIGIN_ICMP6,
				v6:        m.Data[4] == unix.SO_EE_ORIGIN_ICMP6, kind: m.Data[5], code: m.Data[6],
			}, true
		}
	}
	return icmpError{}, false
}

// verdict judges an ICMP error: refusals say so in their code, an unreachable host is one that is silent already when asked for
// its link address, and the others mean that the packet found no way.
func (e icmpError) verdict() ProbeResult {
	if e.fromLocal {
		return errnoVerdict(e.errno)
	}
	if (!e.v6 && e.kind == 3 && e.code == 1) || (e.v6 && e.kind == 1 && e.code == 3) {
		return ProbeResult{Verdict: Drop, Detail: "the next hop is silent"} // no neighbour answered, as when a switch has no flows
	}
	name, known := icmpRefusals()[[3]byte{version(e.v6), e.kind, e.code}]
	if !known {
		return ProbeResult{Verdict: Failed, Detail: fmt.Sprintf("no way there: %v (ICMP type %d code %d)", e.errno, e.kind, e.code)}
	}
	return ProbeResult{Verdict: Reject, Detail: fmt.Sprintf("%s (ICMP type %d code %d)", name, e.kind, e.code)}
}

func version(v6 bool) byte {
	if v6 {
		return 6
	}
	return 4
}

// icmpRefusals maps version, type and code to a name: RFC 792, RFC 1812 section 5.2.7.1, RFC 4443 sections 3.1 and 3.4.
func icmpRefusals() map[[3]byte]string {
	return map[[3]byte]string{
		{4, 3, 2}:  "protocol unreachable",
		{4, 3, 3}:  "port unreachable",
		{4, 3, 9}:  "network prohibited",
		{4, 3, 10}: "host prohibited",
		{4, 3, 13}: "administratively prohibited",
		{6, 1, 1}:  "administratively prohibited",
		{6, 1, 4}:  "port unreachable",
		{6, 1, 5}:  "source address failed policy",
		{6, 1, 6}:  "route rejected",
		{6, 4, 1}:  "protocol unreachable",
	}
}

// errnoVerdict judges an error that came without an ICMP message.
func errnoVerdict(err error) ProbeResult {
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		return ProbeResult{Verdict: Reject, Detail: "connection refused (TCP reset)"}
	case errors.Is(err, unix.EPERM):
		return ProbeResult{Verdict: Drop, Detail: "dropped on its way out"}
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOBUFS):
		return ProbeResult{Verdict: Drop} // try again
	}
	return ProbeResult{Verdict: Failed, Detail: err.Error()}
}
