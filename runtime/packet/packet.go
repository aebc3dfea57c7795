// Package packet takes IP packets apart: addresses, protocol, ports, payload.
//
// It reads what dataplanes hand over, whole packets or their beginnings, IPv4 and IPv6, from the IP header on. It allocates
// nothing, keeps no state, and panics on no bytes; slices in what it returns are parts of what it was given. It does not
// verify checksums: what it reads has not reached its receiver yet, and some are only filled in by the hardware that sends.
package packet

import (
	"encoding/binary"
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// Sizes of headers: RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 768 (UDP).
const (
	ipv4Len = 20
	ipv6Len = 40
	tcpLen  = 20
	udpLen  = 8
)

// IP is an IP packet.
type IP struct {
	Src, Dst netip.Addr
	Proto    ir.Proto
	Bytes    []byte // the packet, without what follows it (as the padding of a short frame)
	Payload  []byte // what follows the IP header and, for IPv6, the extension headers that are not Proto's
	Cut      bool   // the packet was longer
	Later    bool   // a fragment that is not the first: Payload is from the middle
}

// Parse takes a packet apart. It reports false for what is no IP packet, or ends before its payload begins. For IPv6, Proto is
// what follows hop-by-hop options, routing, fragment and destination options headers: another kind of extension header
// counts as a protocol.
func Parse(b []byte) (IP, bool) {
	if len(b) == 0 {
		return IP{}, false
	}
	switch b[0] >> 4 {
	case 4:
		return parseIPv4(b)
	case 6:
		return parseIPv6(b)
	}
	return IP{}, false
}

func parseIPv4(b []byte) (IP, bool) {
	if len(b) < ipv4Len {
		return IP{}, false
	}
	head, total := int(b[0]&0xf)*4, int(binary.BigEndian.Uint16(b[2:]))
	if head < ipv4Len || total < head || head > len(b) {
		return IP{}, false
	}
	p := IP{Proto: ir.Proto(b[9]), Cut: total > len(b), Later: binary.BigEndian.Uint16(b[6:])&0x1fff != 0}
	p.Src, p.Dst = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	p.Bytes = b[:min(total, len(b))]
	p.Payload = p.Bytes[head:]
	return p, true
}

func parseIPv6(b []byte) (IP, bool) {
	if len(b) < ipv6Len {
		return IP{}, false
	}
	total := ipv6Len + int(binary.BigEndian.Uint16(b[4:]))
	p := IP{Bytes: b[:min(total, len(b))], Cut: total > len(b)}
	p.Src, p.Dst = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	next, payload := b[6], p.Bytes[ipv6Len:]
	const hopByHop, routing, fragment, destination = 0, 43, 44, 60
	for !p.Later && (next == hopByHop || next == routing || next == fragment || next == destination) {
		if len(payload) < 8 {
			return IP{}, false
		}
		size := 8 + int(payload[1])*8
		if next == fragment {
			size, p.Later = 8, binary.BigEndian.Uint16(payload[2:])&^7 != 0
		}
		if size > len(payload) {
			return IP{}, false
		}
		next, payload = payload[0], payload[size:]
	}
	p.Proto, p.Payload = ir.Proto(next), payload
	return p, true
}

// Ports returns the source and destination port. It reports false if the protocol has none, or they are not in the packet.
func (p *IP) Ports() (src, dst uint16, ok bool) {
	if p.Later || !p.Proto.HasPorts() || len(p.Payload) < 4 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint16(p.Payload), binary.BigEndian.Uint16(p.Payload[2:]), true
}

// ICMP returns type and code of a packet of ICMP or ICMPv6. It reports false if they are not in the packet.
func (p *IP) ICMP() (kind, code uint8, ok bool) {
	if p.Later || p.Proto != ir.ProtoICMP && p.Proto != ir.ProtoICMPv6 || len(p.Payload) < 2 {
		return 0, 0, false
	}
	return p.Payload[0], p.Payload[1], true
}

// UDP returns the data of a packet of UDP, as far as it is there. It reports false if there is no such header.
func (p *IP) UDP() (data []byte, ok bool) {
	if p.Later || p.Proto != ir.ProtoUDP || len(p.Payload) < udpLen {
		return nil, false
	}
	size := int(binary.BigEndian.Uint16(p.Payload[4:]))
	if size < udpLen {
		return nil, false
	}
	return p.Payload[udpLen:min(size, len(p.Payload))], true
}

// Flags of a TCP segment.
const (
	FIN uint8 = 1 << 0
	SYN uint8 = 1 << 1
	RST uint8 = 1 << 2
	ACK uint8 = 1 << 4
)

// Segment is a TCP segment: its place in the stream, its flags, and its data as far as they are there.
type Segment struct {
	Seq, Ack uint32
	Flags    uint8
	Data     []byte
}

// TCP returns the segment of a packet of TCP. It reports false if its header is not there as a whole.
func (p *IP) TCP() (Segment, bool) {
	b := p.Payload
	if p.Later || p.Proto != ir.ProtoTCP || len(b) < tcpLen {
		return Segment{}, false
	}
	head := int(b[12]>>4) * 4
	if head < tcpLen || head > len(b) {
		return Segment{}, false
	}
	return Segment{binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:]), b[13], b[head:]}, true
}
