package ovs

import (
	"encoding/binary"
	"net/netip"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
	"github.com/headgate-net/headgate/targets/openflow"
)

// Sizes and numbers of RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 792 and 1812 (ICMP), RFC 4443 (ICMPv6).
const (
	ethernetLen = 14
	ipv4Len     = 20
	ipv6Len     = 40
	tcpLen      = 20
	icmpLen     = 8
	answerTTL   = 64

	typeIPv4 = 0x0800
	typeIPv6 = 0x86dd

	tcpFIN = 1 << 0
	tcpSYN = 1 << 1
	tcpRST = 1 << 2
	tcpACK = 1 << 4

	// Destination unreachable: communication administratively prohibited, or the port.
	icmpUnreachable, icmpProhibited, icmpPort       = 3, 10, 3
	icmpv6Unreachable, icmpv6Prohibited, icmpv6Port = 1, 1, 4

	// An ICMPv6 error is no longer than the least packet that any link carries, an ICMP error no longer than 576 bytes.
	icmpMost, icmpv6Most = 576, 1280
)

// packetIP is an IP packet taken apart.
type packetIP struct {
	src, dst netip.Addr
	proto    ir.Proto
	header   []byte // and all that follows
	payload  []byte
}

// answer makes the frame that tells a frame's sender that it was rejected: a TCP reset, or else an ICMP error "administratively
// prohibited", from the address that the sender wanted. There is none for what must not be answered: a reset, an ICMP error, a
// fragment that is not the first, what comes from or goes to many, and what is no IP packet.
func answer(frame []byte) ([]byte, bool) {
	return answerWith(frame, map[ir.Proto]byte{ir.ProtoICMP: icmpProhibited, ir.ProtoICMPv6: icmpv6Prohibited})
}

// refusal is answer for packets to where nobody is: the ICMP error is "port unreachable".
func refusal(frame []byte) ([]byte, bool) {
	return answerWith(frame, map[ir.Proto]byte{ir.ProtoICMP: icmpPort, ir.ProtoICMPv6: icmpv6Port})
}

// answerWith takes the codes of the ICMP errors.
func answerWith(frame []byte, codes map[ir.Proto]byte) ([]byte, bool) {
	if len(frame) < ethernetLen || frame[0]&1 != 0 {
		return nil, false
	}
	kind := binary.BigEndian.Uint16(frame[12:])
	if kind != typeIPv4 && kind != typeIPv6 {
		return nil, false
	}
	ip, ok := packet.Parse(frame[ethernetLen:])
	if !ok || ip.Cut || ip.Later || ip.Src.Is6() != (kind == typeIPv6) || !isOneHost(ip.Src) || !isOneHost(ip.Dst) {
		return nil, false
	}
	p := packetIP{ip.Src, ip.Dst, ip.Proto, ip.Bytes, ip.Payload}
	mac := openflow.RouterMAC()
	out := append(append([]byte{}, frame[6:12]...), mac[:]...)
	out = binary.BigEndian.AppendUint16(out, kind)
	if p.proto == ir.ProtoTCP {
		return p.reset(out)
	}
	return p.unreachable(out, codes)
}

// isOneHost reports whether an address is a single machine's, on its own or any other.
func isOneHost(a netip.Addr) bool {
	broadcast := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return !a.IsMulticast() && !a.IsUnspecified() && !a.IsLoopback() && a != broadcast
}

// reset appends a TCP reset as RFC 9293 has it for a connection that does not exist (section 3.10.7.1).
func (p *packetIP) reset(out []byte) ([]byte, bool) {
	b := p.payload
	if len(b) < tcpLen || int(b[12]>>4)*4 < tcpLen || int(b[12]>>4)*4 > len(b) {
		return nil, false
	}
	flags := b[13]
	if flags&tcpRST != 0 {
		return nil, false
	}
	r := make([]byte, tcpLen)
	copy(r, b[2:4])
	copy(r[2:], b[:2])
	r[12] = tcpLen / 4 << 4
	if flags&tcpACK != 0 {
		copy(r[4:8], b[8:12])
		r[13] = tcpRST
	} else {
		length := uint32(len(b)) - uint32(b[12]>>4)*4
		if flags&tcpSYN != 0 {
			length++
		}
		if flags&tcpFIN != 0 {
			length++
		}
		binary.BigEndian.PutUint32(r[8:], binary.BigEndian.Uint32(b[4:])+length)
		r[13] = tcpRST | tcpACK
	}
	binary.BigEndian.PutUint16(r[16:], p.checksum(ir.ProtoTCP, r))
	return append(p.head(out, ir.ProtoTCP, len(r)), r...), true
}

// unreachable appends an ICMP error that quotes the packet.
func (p *packetIP) unreachable(out []byte, codes map[ir.Proto]byte) ([]byte, bool) {
	proto, quote := ir.ProtoICMP, p.header[:min(len(p.header), icmpMost-ipv4Len-icmpLen)]
	r := []byte{icmpUnreachable, codes[ir.ProtoICMP], 0, 0, 0, 0, 0, 0}
	if p.src.Is6() {
		proto, quote = ir.ProtoICMPv6, p.header[:min(len(p.header), icmpv6Most-ipv6Len-icmpLen)]
		r[0], r[1] = icmpv6Unreachable, codes[proto]
	}
	if p.proto == proto && (len(p.payload) == 0 || isICMPError(proto, p.payload[0])) {
		return nil, false
	}
	r = append(r, quote...)
	binary.BigEndian.PutUint16(r[2:], p.checksum(proto, r))
	return append(p.head(out, proto, len(r)), r...), true
}

// isICMPError reports whether a type is an error or a redirect, or for ICMP, not known to be a request or reply.
func isICMPError(proto ir.Proto, kind byte) bool {
	if proto == ir.ProtoICMPv6 {
		const redirect = 137
		return kind < 128 || kind == redirect
	}
	switch kind {
	case 0, 8, 9, 10, 13, 14, 15, 16, 17, 18:
		return false
	}
	return true
}

// head appends the IP header of the answer.
func (p *packetIP) head(out []byte, proto ir.Proto, size int) []byte {
	if p.src.Is6() {
		out = binary.BigEndian.AppendUint16(append(out, 0x60, 0, 0, 0), uint16(size))
		out = append(out, byte(proto), answerTTL)
		return append(append(out, p.dst.AsSlice()...), p.src.AsSlice()...)
	}
	from := len(out)
	out = binary.BigEndian.AppendUint16(append(out, 0x45, 0), uint16(ipv4Len+size))
	out = append(out, 0, 0, 0x40, 0, answerTTL, byte(proto), 0, 0) // not to be fragmented
	out = append(append(out, p.dst.AsSlice()...), p.src.AsSlice()...)
	binary.BigEndian.PutUint16(out[from+10:], ^sum(0, out[from:]))
	return out
}

// checksum is that of the answer's payload, whose own checksum is still 0. That of ICMP covers no addresses.
func (p *packetIP) checksum(proto ir.Proto, payload []byte) uint16 {
	var initial uint16
	if proto != ir.ProtoICMP {
		initial = sum(sum(uint16(proto), p.src.AsSlice()), p.dst.AsSlice())
		initial = sum(initial, binary.BigEndian.AppendUint16(nil, uint16(len(payload))))
	}
	return ^sum(initial, payload)
}

// sum adds 16-bit words in ones' complement arithmetic (RFC 1071).
func sum(initial uint16, b []byte) uint16 {
	total := uint64(initial)
	for ; len(b) >= 2; b = b[2:] {
		total += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		total += uint64(b[0]) << 8
	}
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return uint16(total)
}
