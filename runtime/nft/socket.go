package nft

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// message is one netlink message: its type within nf_tables, flags, and what follows the nfgenmsg header.
type message struct {
	typ   uint16
	flags uint16
	body  []byte
}

// refusal is the kernel's answer to a message that it did not accept.
type refusal struct {
	index int // of the message in its batch; -1 for the batch as a whole
	errno syscall.Errno
	text  string // the kernel's own words, often empty
}

// socket is a netlink socket in one network namespace.
type socket struct {
	fd     int
	port   uint32 // the kernel's name for it
	seq    uint32
	buffer []byte // of the last receive
}

const (
	nlmsgHeader  = 16
	nfgenmsgSize = 4
	receiveSize  = 1 << 16 // the kernel's dumps come in parts of at most half of it
)

// dial opens a socket for nf_tables in the namespace of the file descriptor, or in the current one if it is negative.
func dial(netns int) (*socket, error) {
	var s *socket
	err := inside(netns, func() (err error) {
		s, err = open(unix.NETLINK_NETFILTER)
		return err
	})
	return s, err
}

// inside calls f with the thread in the namespace of the file descriptor, or in the current one if it is negative.
func inside(netns int, f func() error) error {
	if netns < 0 {
		return f()
	}
	runtime.LockOSThread()
	own, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("own network namespace: %w", err)
	}
	defer unix.Close(own)
	if err := unix.Setns(netns, unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("enter network namespace: %w", err)
	}
	err = f()
	// A thread that cannot come back stays locked, so that it ends with its goroutine.
	if back := unix.Setns(own, unix.CLONE_NEWNET); back != nil {
		return fmt.Errorf("leave network namespace: %w", errors.Join(back, err))
	}
	runtime.UnlockOSThread()
	return err
}

// open opens a socket of a netlink protocol in the current namespace.
func open(protocol int) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("netlink socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("netlink bind: %w", err)
	}
	// Older kernels may lack these; errors are then told with fewer words, or repeat the request.
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1)
	setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, 4<<20)
	name, err := unix.Getsockname(fd)
	bound, ok := name.(*unix.SockaddrNetlink)
	if err != nil || !ok {
		unix.Close(fd)
		return nil, fmt.Errorf("netlink name: %w", err)
	}
	return &socket{fd: fd, port: bound.Pid, seq: 1, buffer: make([]byte, receiveSize)}, nil
}

func (s *socket) close() { unix.Close(s.fd) }

// setBuffer sets a socket buffer's size; without the privilege to exceed the system's limit, up to that limit.
func setBuffer(fd, force, plain, size int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, plain, size)
	}
}

func (s *socket) append(b []byte, typ, flags, resID uint16, family byte, body []byte) []byte {
	n := nlmsgHeader + nfgenmsgSize + len(body)
	b = binary.NativeEndian.AppendUint32(b, uint32(n))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, flags|unix.NLM_F_REQUEST)
	b = binary.NativeEndian.AppendUint32(b, s.seq)
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = append(b, family, unix.NFNETLINK_V0)
	b = binary.BigEndian.AppendUint16(b, resID)
	s.seq++
	return append(b, body...)
}

const subsystem = unix.NFNL_SUBSYS_NFTABLES << 8

// transact sends the messages as one batch and returns what the kernel refused, in order; nothing refused means that all of it
// is in force. Unless only is 0, all is refused with ERESTART if the kernel's count of transactions is another. The kernel works within the system call, and its answers are queued when that returns.
func (s *socket) transact(messages []message, only uint32) ([]refusal, error) {
	var condition buffer
	if only != 0 {
		condition.u32(unix.NFNL_BATCH_GENID, only)
	}
	size := 2*(nlmsgHeader+nfgenmsgSize) + len(condition.b)
	for _, m := range messages {
		size += nlmsgHeader + nfgenmsgSize + len(m.body)
	}
	batch := make([]byte, 0, size)
	batch = s.append(batch, unix.NFNL_MSG_BATCH_BEGIN, 0, unix.NFNL_SUBSYS_NFTABLES, unix.AF_UNSPEC, condition.b)
	first := s.seq
	for i, m := range messages {
		flags := m.flags
		if i == len(messages)-1 {
			flags |= unix.NLM_F_ACK
		}
		batch = s.append(batch, subsystem|m.typ, flags, 0, unix.NFPROTO_INET, m.body)
	}
	batch = s.append(batch, unix.NFNL_MSG_BATCH_END, 0, unix.NFNL_SUBSYS_NFTABLES, unix.AF_UNSPEC, nil)
	setBuffer(s.fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, 2*len(batch)+1<<16)
	err := retry(func() error { return unix.Sendto(s.fd, batch, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) })
	if errors.Is(err, unix.EMSGSIZE) {
		return nil, fmt.Errorf("a transaction of %d bytes exceeds this user's limit (sysctl net.core.wmem_max): %w", len(batch), err)
	}
	if err != nil {
		return nil, fmt.Errorf("send batch: %w", err)
	}
	return s.answers(first, len(messages))
}

// answers collects the answers to the batch whose first message has the given sequence number.
func (s *socket) answers(first uint32, n int) ([]refusal, error) {
	var out []refusal
	acknowledged := false
	for {
		data, err := s.receive(unix.MSG_DONTWAIT)
		if errors.Is(err, unix.EAGAIN) {
			break
		}
		if errors.Is(err, unix.ENOBUFS) {
			continue // more errors than fit; the first ones are queued
		}
		if err != nil {
			return nil, fmt.Errorf("receive: %w", err)
		}
		err = eachMessage(data, func(typ, flags uint16, seq uint32, body []byte) error {
			if typ != unix.NLMSG_ERROR || seq+1 < first || seq >= first+uint32(n) {
				return nil
			}
			if errno, text := parseError(flags, body); errno != 0 {
				out = append(out, refusal{int(seq) - int(first), errno, text})
			} else {
				acknowledged = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 && !acknowledged {
		return nil, errors.New("the kernel did not acknowledge the transaction")
	}
	return out, nil
}

// parseError reads an NLMSG_ERROR: the error number, and the message of an extended acknowledgement if there is one.
func parseError(flags uint16, body []byte) (syscall.Errno, string) {
	if len(body) < 4+nlmsgHeader {
		return unix.EBADMSG, ""
	}
	errno := syscall.Errno(-int32(binary.NativeEndian.Uint32(body)))
	if flags&unix.NLM_F_ACK_TLVS == 0 {
		return errno, ""
	}
	rest := body[4+nlmsgHeader:]
	if flags&unix.NLM_F_CAPPED == 0 {
		echoed := int(binary.NativeEndian.Uint32(body[4:])) - nlmsgHeader
		rest = rest[max(0, min((echoed+3)&^3, len(rest))):]
	}
	a, err := parseAttrs(rest)
	if err != nil {
		return errno, ""
	}
	return errno, a.str(unix.NLMSGERR_ATTR_MSG)
}

// errInterrupted means that the ruleset changed while it was being read.
var errInterrupted = errors.New("the ruleset changed while it was read")

// request sends one message outside of a batch and calls f with the body of each answer. With flags NLM_F_DUMP it reads until
// the dump is done.
func (s *socket) request(m message, f func(body []byte) error) error {
	return s.requestOf(unix.NFPROTO_INET, m, f)
}

// requestOf is request about what tables of another family have.
func (s *socket) requestOf(family byte, m message, f func(body []byte) error) error {
	m.typ |= subsystem
	return s.ask(family, m, f)
}

// ask is requestOf for a message of any subsystem, which is in its type.
func (s *socket) ask(family byte, m message, f func(body []byte) error) error {
	seq := s.seq
	b := s.append(nil, m.typ, m.flags, 0, family, m.body)
	if err := retry(func() error { return unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) }); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	interrupted := false
	for done := false; !done; {
		data, err := s.receive(0)
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		err = eachMessage(data, func(typ, flags uint16, got uint32, body []byte) error {
			switch {
			case got != seq:
				return nil
			case flags&unix.NLM_F_DUMP_INTR != 0:
				interrupted = true
			}
			switch typ {
			case unix.NLMSG_DONE:
				done = true
				return nil
			case unix.NLMSG_ERROR:
				done = true
				if errno, _ := parseError(flags, body); errno != 0 {
					return errno
				}
				return nil
			}
			done = done || m.flags&unix.NLM_F_DUMP == 0
			if len(body) < nfgenmsgSize {
				return errShort
			}
			return f(body[nfgenmsgSize:])
		})
		if err != nil {
			return err
		}
	}
	if interrupted {
		return errInterrupted
	}
	return nil
}

// receive returns one datagram, valid until the next call.
func (s *socket) receive(flags int) ([]byte, error) {
	var n int
	err := retry(func() (err error) {
		n, _, err = unix.Recvfrom(s.fd, s.buffer, flags)
		return err
	})
	return s.buffer[:max(n, 0)], err
}

func retry(f func() error) error {
	for {
		if err := f(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func eachMessage(data []byte, f func(typ, flags uint16, seq uint32, body []byte) error) error {
	for len(data) >= nlmsgHeader {
		n := int(binary.NativeEndian.Uint32(data))
		if n < nlmsgHeader || n > len(data) {
			return errShort
		}
		typ, flags := binary.NativeEndian.Uint16(data[4:]), binary.NativeEndian.Uint16(data[6:])
		if err := f(typ, flags, binary.NativeEndian.Uint32(data[8:]), data[nlmsgHeader:n]); err != nil {
			return err
		}
		data = data[min((n+3)&^3, len(data)):]
	}
	return nil
}
