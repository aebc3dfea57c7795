package nft

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The words of the kernel's packet logging (linux/netfilter/nfnetlink_log.h).
const (
	ulogSubsystem  = unix.NFNL_SUBSYS_ULOG << 8
	ulogPacket     = 0 // NFULNL_MSG_PACKET
	ulogConfig     = 1 // NFULNL_MSG_CONFIG
	cfgCommand     = 1 // NFULA_CFG_CMD
	cfgMode        = 2 // NFULA_CFG_MODE
	cfgTimeout     = 4 // NFULA_CFG_TIMEOUT, in hundredths of a second
	cfgThreshold   = 5 // NFULA_CFG_QTHRESH, in packets
	cfgFlags       = 6 // NFULA_CFG_FLAGS
	cfgBind        = 1 // NFULNL_CFG_CMD_BIND
	cfgCopyPacket  = 2 // NFULNL_COPY_PACKET
	cfgNumbers     = 1 // NFULNL_CFG_F_SEQ
	logTimestamp   = 3 // NFULA_TIMESTAMP
	logPayload     = 9
	logPrefixText  = 10
	logNumber      = 12     // NFULA_SEQ
	wholePackets   = 0xfffb // what one attribute can hold
	logRecordBytes = 128
)

// grouping says how the kernel hands packets over: cut at so many bytes, so many at once, or those that there are after so many
// hundredths of a second.
type grouping struct{ bytes, packets, delay uint32 }

// logged is a packet that the kernel handed over. lost are those before it that it had no room for.
type logged struct {
	prefix string
	time   time.Time // the zero value where the kernel does not know
	packet []byte
	lost   uint64
}

// listening is a group's listener: the only one in its network namespace.
type listening struct {
	*socket
	file *os.File // has the socket, for the runtime's poller
	conn syscall.RawConn
	next uint32 // number of the next packet
}

// listen begins to listen to a group in a namespace as of dial.
func listen(netns int, group uint16, g grouping) (*listening, error) {
	s, err := dial(netns)
	if err != nil {
		return nil, err
	}
	if err := s.bind(group, g); err != nil {
		s.close()
		return nil, fmt.Errorf("listen to group %d: %w", group, err)
	}
	return listeningBy(s)
}

// listeningBy makes a listening of a socket that is bound, which it closes on error.
func listeningBy(s *socket) (*listening, error) {
	if err := unix.SetNonblock(s.fd, true); err != nil {
		s.close()
		return nil, err
	}
	l := &listening{socket: s, file: os.NewFile(uintptr(s.fd), "netlink")}
	conn, err := l.file.SyscallConn()
	if err != nil {
		l.close()
		return nil, err
	}
	l.conn = conn
	return l, nil
}

// bind asks for the packets of a group.
func (s *socket) bind(group uint16, g grouping) error {
	var w buffer
	w.attr(cfgCommand, []byte{cfgBind})
	w.attr(cfgMode, append(binary.BigEndian.AppendUint32(nil, g.bytes), cfgCopyPacket, 0))
	w.u32(cfgThreshold, g.packets)
	w.u32(cfgTimeout, g.delay)
	w.attr(cfgFlags, binary.BigEndian.AppendUint16(nil, cfgNumbers))
	seq := s.seq
	b := s.append(nil, ulogSubsystem|ulogConfig, unix.NLM_F_ACK, group, unix.AF_UNSPEC, w.b)
	if err := retry(func() error { return unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) }); err != nil {
		return err
	}
	return s.acknowledged(seq)
}

// acknowledged waits for the answer to one message.
func (s *socket) acknowledged(seq uint32) error {
	for done := false; !done; {
		data, err := s.receive(0)
		if err != nil {
			return err
		}
		err = eachMessage(data, func(typ, flags uint16, got uint32, body []byte) error {
			if typ != unix.NLMSG_ERROR || got != seq {
				return nil
			}
			done = true
			if errno, _ := parseError(flags, body); errno != 0 {
				return errno
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *listening) close() { l.file.Close() }

// stop makes each return os.ErrDeadlineExceeded once there is nothing more to read.
func (l *listening) stop() { l.file.SetReadDeadline(time.Unix(1, 0)) }

// wait returns the next datagram, valid until the next call. ENOBUFS says that the kernel had no room for some.
func (l *listening) wait() (data []byte, err error) {
	var received error
	err = l.conn.Read(func(uintptr) bool {
		data, received = l.receive(unix.MSG_DONTWAIT)
		return !errors.Is(received, unix.EAGAIN)
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// The poller may refuse before it looks.
		if data, received = l.receive(unix.MSG_DONTWAIT); errors.Is(received, unix.EAGAIN) {
			return nil, err
		}
		err = nil
	}
	return data, errors.Join(err, received)
}

// each waits for packets and calls f for each; its slices are valid during the call only.
func (l *listening) each(f func(logged) error) error {
	data, err := l.wait()
	switch {
	case errors.Is(err, unix.ENOBUFS):
		return nil // the numbers will tell how many were lost
	case errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case err != nil:
		return fmt.Errorf("receive packets: %w", err)
	}
	return eachMessage(data, func(typ, _ uint16, _ uint32, body []byte) error {
		if typ != ulogSubsystem|ulogPacket || len(body) < nfgenmsgSize {
			return nil
		}
		p, err := l.read(body[nfgenmsgSize:])
		if err != nil {
			return err
		}
		return f(p)
	})
}

func (l *listening) read(body []byte) (logged, error) {
	a, err := parseAttrs(body)
	if err != nil {
		return logged{}, err
	}
	p := logged{prefix: a.str(logPrefixText), packet: a[logPayload]}
	if number := a[logNumber]; number != nil {
		p.lost = uint64(a.u32(logNumber) - l.next)
		l.next = a.u32(logNumber) + 1
	}
	if at := a[logTimestamp]; len(at) == 16 {
		p.time = time.Unix(int64(binary.BigEndian.Uint64(at)), int64(binary.BigEndian.Uint64(at[8:]))*int64(time.Microsecond))
	}
	return p, nil
}
