package lab

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// probeTCP connects and reads the responder's answer.
func (c *cluster) probeTCP(p ProbeRequest, wait time.Duration) ProbeResult {
	s, err := c.openSocket(p, unix.SOCK_STREAM, 0)
	if err != nil {
		return errnoVerdict(err)
	}
	defer s.close()
	// Closing with a reset leaves no TIME_WAIT behind, which would use up a fixed source port.
	if err := unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
		return errnoVerdict(err)
	}
	until := time.Now().Add(wait)
	var refused *ProbeResult
	if !s.await(until, s.raw.Write, func() bool { return s.connected(&refused) }) {
		return ProbeResult{Verdict: Drop}
	}
	if refused != nil {
		return *refused
	}
	var got []byte
	if !s.await(time.Now().Add(wait), s.raw.Read, func() bool { return s.readLine(&got, &refused) }) {
		return ProbeResult{Verdict: Drop, Detail: "connected, but no data came back"}
	}
	if refused != nil {
		return *refused
	}
	return answered(got)
}

// connected tells whether the connection attempt is over; refused is set if it failed.
func (s *probeSocket) connected(refused **ProbeResult) bool {
	if e, ok := s.queuedError(); ok {
		result := e.verdict()
		*refused = &result
		return true
	}
	errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	if err != nil {
		result := errnoVerdict(err)
		if e, ok := s.queuedError(); ok { // it came just now, and says more
			result = e.verdict()
		}
		*refused = &result
		return true
	}
	_, err = unix.Getpeername(s.fd)
	return err == nil
}

// readLine gathers what comes until the end of a line.
func (s *probeSocket) readLine(got *[]byte, refused **ProbeResult) bool {
	var buffer [512]byte
	for {
		n, err := unix.Read(s.fd, buffer[:])
		switch {
		case err == unix.EAGAIN:
			return false
		case err == unix.EINTR:
			continue
		case err != nil:
			*refused = &ProbeResult{Verdict: Reject, Detail: "connected, then " + err.Error()}
			return true
		case n == 0:
			*refused = &ProbeResult{Verdict: Reject, Detail: "connected, then closed"}
			return true
		}
		*got = append(*got, buffer[:n]...)
		if bytes.IndexByte(*got, '\n') >= 0 {
			return true
		}
	}
}

// answered is the result of a probe to which a responder said got.
func answered(got []byte) ProbeResult {
	line, _, _ := bytes.Cut(got, []byte("\n"))
	var a answer
	if json.Unmarshal(line, &a) != nil {
		return ProbeResult{Verdict: Allow, Detail: "answered by something that is not the lab's"}
	}
	return ProbeResult{Verdict: Allow, Responder: a.Responder, Seen: a.Seen}
}

// exchange is a question in one datagram: its socket, its bytes, and how to know the answer.
type exchange struct {
	kind, proto int
	question    []byte
	isAnswer    func(b []byte) bool
	said        func(answer []byte) []byte // what the responder says in it; nil if it says nothing
	isOurs      func(quoted []byte) bool   // whether an ICMP error is about this question; nil if the kernel sees to that
	goodbye     func(answer []byte) []byte // a last datagram that ends what the answer began; may be nil
}

// exchangeFor composes the question of a probe.
func (c *cluster) exchangeFor(p ProbeRequest) exchange {
	id := c.ports.next()
	switch {
	case p.Port.Proto == SCTP:
		return sctpExchange(p, id)
	case p.Port.Proto == ICMP && p.To.Is4():
		return echoExchange(unix.IPPROTO_ICMP, 8, 0, id)
	case p.Port.Proto == ICMP:
		return echoExchange(unix.IPPROTO_ICMPV6, 128, 129, id)
	}
	question := []byte("headgate lab")
	return exchange{
		kind: unix.SOCK_DGRAM, question: question, isAnswer: func(b []byte) bool { return bytes.HasSuffix(b, question) },
		said: func(b []byte) []byte { return b },
	}
}

func sctpExchange(p ProbeRequest, id uint16) exchange {
	src := p.SourcePort
	if src == 0 {
		src = id
	}
	ask := sctpPacket{Src: src, Dst: p.Port.Port, Chunk: sctpInit, InitTag: uint32(id)<<16 | uint32(p.Port.Port) | 1}
	return exchange{
		kind: unix.SOCK_RAW, proto: sctpProtocol, question: ask.encode(),
		isAnswer: func(b []byte) bool {
			got, ok := decodeSCTP(b)
			return ok && got.Chunk == sctpInitAck && got.Src == ask.Dst && got.Dst == ask.Src && got.Tag == ask.InitTag
		},
		said: func(b []byte) []byte {
			got, _ := decodeSCTP(b)
			return got.Cookie
		},
		isOurs: func(quoted []byte) bool { // the ports
			return len(quoted) >= 4 && binary.BigEndian.Uint16(quoted) == ask.Src && binary.BigEndian.Uint16(quoted[2:]) == ask.Dst
		},
		goodbye: func(b []byte) []byte {
			got, _ := decodeSCTP(b)
			return sctpPacket{Src: ask.Src, Dst: ask.Dst, Tag: got.InitTag, Chunk: sctpAbort}.encode()
		},
	}
}

// echoExchange is an echo request. The kernel fills in the checksum for ICMPv6 only.
func echoExchange(proto int, ask, reply byte, id uint16) exchange {
	question := []byte{ask, 0, 0, 0, byte(id >> 8), byte(id), 0, 1, 'h', 'e', 'a', 'd', 'g', 'a', 't', 'e'}
	if proto == unix.IPPROTO_ICMP {
		binary.BigEndian.PutUint16(question[2:], internetChecksum(question))
	}
	return exchange{
		kind: unix.SOCK_RAW, proto: proto, question: question,
		isAnswer: func(b []byte) bool {
			return len(b) >= 8 && b[0] == reply && bytes.Equal(b[4:8], question[4:8])
		},
		isOurs: func(quoted []byte) bool {
			return len(quoted) >= 8 && quoted[0] == ask && bytes.Equal(quoted[4:8], question[4:8])
		},
	}
}

// internetChecksum is that of RFC 1071.
func internetChecksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// probeDatagram asks, and asks again while time remains.
func (c *cluster) probeDatagram(p ProbeRequest, wait time.Duration) ProbeResult {
	x := c.exchangeFor(p)
	s, err := c.openNumbered(p, x.kind, x.proto)
	if err != nil {
		return errnoVerdict(err)
	}
	defer s.close()
	const asks = 3
	stripHeader := x.kind == unix.SOCK_RAW && p.To.Is4()
	var result ProbeResult
	for range asks {
		if s.send(&x, &result) {
			return result
		}
		var got []byte
		over := s.await(time.Now().Add(wait/asks), s.raw.Read, func() bool { return s.receive(&x, stripHeader, &got, &result) })
		if !over {
			continue
		}
		if got != nil && x.goodbye != nil {
			unix.Write(s.fd, x.goodbye(got))
		}
		return result
	}
	return ProbeResult{Verdict: Drop}
}

// openNumbered opens a socket. Over UDP without a source port it takes one that has not been used for long: the kernel picks
// at random, and would by chance pick that of an earlier probe, whose connection is still established.
func (c *cluster) openNumbered(p ProbeRequest, kind, proto int) (*probeSocket, error) {
	if p.Port.Proto != UDP || p.SourcePort != 0 {
		return c.openSocket(p, kind, proto)
	}
	for {
		p.SourcePort = c.ports.next()
		s, err := c.openSocket(p, kind, proto)
		if !errors.Is(err, unix.EADDRINUSE) {
			return s, err
		}
	}
}

// send sends the question. It is true when that already settles the result.
func (s *probeSocket) send(x *exchange, result *ProbeResult) bool {
	const tries = 10 // a pending error about another probe's packet makes a raw socket refuse once
	for range tries {
		_, err := unix.Write(s.fd, x.question)
		if err == nil {
			return false
		}
		if s.failed(x, err, result) {
			return true
		}
	}
	return false
}

// failed judges an error of a read or write. It is false for one that is not about this probe: a raw socket is told of every
// ICMP error about its protocol.
func (s *probeSocket) failed(x *exchange, err error, result *ProbeResult) bool {
	if s.refused(x, result) {
		return true
	}
	if x.isOurs != nil && err != unix.EPERM {
		return false
	}
	*result = errnoVerdict(err)
	return true
}

// refused looks for a queued error about this probe.
func (s *probeSocket) refused(x *exchange, result *ProbeResult) bool {
	for {
		e, ok := s.queuedError()
		if !ok {
			return false
		}
		if x.isOurs == nil || e.fromLocal || x.isOurs(e.quoted) {
			*result = e.verdict()
			return true
		}
	}
}

// receive looks for an error or the answer. It sets got for an answer, and result for both.
func (s *probeSocket) receive(x *exchange, stripHeader bool, got *[]byte, result *ProbeResult) bool {
	if s.refused(x, result) {
		return true
	}
	const reads = 1000 // then look at the clock again
	var buffer [2048]byte
	for range reads {
		n, err := unix.Read(s.fd, buffer[:])
		switch {
		case err == unix.EAGAIN:
			return false
		case err == unix.EINTR:
			continue
		case err != nil:
			if s.failed(x, err, result) {
				return true
			}
			continue
		}
		b := buffer[:n]
		if stripHeader && len(b) > 0 {
			b = b[min(len(b), int(b[0]&0x0f)*4):]
		}
		if x.isAnswer(b) {
			*got = bytes.Clone(b)
			*result = ProbeResult{Verdict: Allow}
			if x.said != nil {
				*result = answered(x.said(b))
			}
			return true
		}
	}
	return false
}
