package nft

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// The kernel hands packets over as it has them: segments of TCP merged to long ones, fragments put together, and the checksums of
// what was sent on this machine still to be made. Before such a packet comes in again, its checksum is made here, or by the kernel
// for each segment; and what is longer than the shortest link is cut again: TCP by the kernel, the rest here, into fragments, which
// connection tracking puts together as it did before.

// virtioHeader stands before each packet that is written to a device (linux/virtio_net.h), in host byte order: flags, type of
// segmentation, length of the headers, length of a segment's payload, where checksumming starts, and where the checksum is from there.
const (
	virtioHeader  = 10
	virtioNeedSum = 1 // VIRTIO_NET_HDR_F_NEEDS_CSUM
	virtioTCP4    = 1 // VIRTIO_NET_HDR_GSO_TCPV4
	virtioTCP6    = 4 // VIRTIO_NET_HDR_GSO_TCPV6
)

// shortest is a length that every link can carry (RFC 8200, section 5).
const shortest = 1280

const (
	ipv4Header     = 20
	ipv6Header     = 40
	udpHeader      = 8
	tcpHeader      = 20
	tcpSum         = 16 // offset of the checksum
	udpSum         = 6
	fragmentHeader = 8
)

// parsed is an IP packet taken apart.
type parsed struct {
	packet []byte // trimmed to its own length
	is6    bool
	proto  byte
	header int // length of the IP header
}

// parse takes an IP packet apart. ok is false if it is cut or no IP packet.
func parse(packet []byte) (p parsed, ok bool) {
	if len(packet) < ipv4Header {
		return p, false
	}
	total := 0
	switch packet[0] >> 4 {
	case 4:
		p.header, p.proto = int(packet[0]&15)*4, packet[9]
		total = int(binary.BigEndian.Uint16(packet[2:]))
	case 6:
		if len(packet) < ipv6Header {
			return p, false
		}
		p.is6, p.header, p.proto = true, ipv6Header, packet[6]
		total = ipv6Header + int(binary.BigEndian.Uint16(packet[4:]))
	}
	if p.header < ipv4Header || total < p.header || total > len(packet) {
		return p, false
	}
	p.packet = packet[:total]
	return p, true
}

// payload is the length of what a packet of TCP or UDP carries; 0 for any other.
func (p parsed) payload() int {
	body := p.packet[p.header:]
	switch {
	case p.proto == unix.IPPROTO_UDP && len(body) >= udpHeader:
		return len(body) - udpHeader
	case p.proto == unix.IPPROTO_TCP && len(body) >= tcpHeader:
		return max(0, len(body)-int(body[12]>>4)*4)
	}
	return 0
}

// frames gives what is to be written for an IP packet; nothing for what is none.
func frames(packet []byte) [][]byte {
	p, ok := parse(packet)
	if !ok {
		return nil
	}
	p.packet = slices.Clone(p.packet)
	body := p.packet[p.header:]
	head := make([]byte, virtioHeader)
	switch {
	case p.proto == unix.IPPROTO_TCP && len(body) >= tcpHeader:
		binary.BigEndian.PutUint16(body[tcpSum:], fold(p.pseudoSum()))
		head[0] = virtioNeedSum
		binary.NativeEndian.PutUint16(head[6:], uint16(p.header))
		binary.NativeEndian.PutUint16(head[8:], tcpSum)
		if headers := p.header + int(body[12]>>4)*4; len(p.packet) > shortest && headers < shortest {
			head[1] = virtioTCP4
			if p.is6 {
				head[1] = virtioTCP6
			}
			binary.NativeEndian.PutUint16(head[2:], uint16(headers))
			binary.NativeEndian.PutUint16(head[4:], uint16(shortest-headers))
		}
	case p.proto == unix.IPPROTO_UDP && len(body) >= udpHeader:
		p.sumUDP(body)
		if len(p.packet) > shortest {
			return p.fragments()
		}
	}
	return [][]byte{append(head, p.packet...)}
}

// sumUDP makes the checksum; 0 means that there is none, which IPv4 allows.
func (p parsed) sumUDP(body []byte) {
	if !p.is6 && body[udpSum] == 0 && body[udpSum+1] == 0 {
		return
	}
	body[udpSum], body[udpSum+1] = 0, 0
	sum := ^fold(p.pseudoSum() + sumOf(body))
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(body[udpSum:], sum)
}

// pseudoSum is the sum of the pseudo header: addresses, protocol, length.
func (p parsed) pseudoSum() uint64 {
	addrs := p.packet[12:20]
	if p.is6 {
		addrs = p.packet[8:40]
	}
	return sumOf(addrs) + uint64(p.proto) + uint64(len(p.packet)-p.header)
}

func sumOf(b []byte) uint64 {
	var sum uint64
	for ; len(b) > 1; b = b[2:] {
		sum += uint64(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	return sum
}

func fold(sum uint64) uint16 {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// fragments cuts a packet that cannot be segmented.
func (p parsed) fragments() [][]byte {
	header, next := p.packet[:p.header], p.packet[p.header:]
	room := shortest - p.header
	if p.is6 {
		room -= fragmentHeader
	}
	room &^= 7
	var out [][]byte
	for at := 0; at < len(next); at += room {
		part := next[at:min(at+room, len(next))]
		offset := uint16(at)
		more := at+room < len(next)
		frame := append(make([]byte, virtioHeader), header...)
		ip := frame[virtioHeader:]
		if p.is6 {
			binary.BigEndian.PutUint16(ip[4:], uint16(fragmentHeader+len(part)))
			ip[6] = unix.IPPROTO_FRAGMENT
			if more {
				offset |= 1
			}
			frame = append(frame, p.proto, 0)
			frame = binary.BigEndian.AppendUint16(frame, offset)
			frame = binary.BigEndian.AppendUint32(frame, p.identity())
		} else {
			offset >>= 3
			if more {
				offset |= 1 << 13
			}
			binary.BigEndian.PutUint16(ip[2:], uint16(p.header+len(part)))
			binary.BigEndian.PutUint16(ip[6:], offset)
			ip[10], ip[11] = 0, 0
			binary.BigEndian.PutUint16(ip[10:], ^fold(sumOf(ip)))
		}
		out = append(out, append(frame, part...))
	}
	return out
}

// identity distinguishes the fragments of one packet of IPv6 from those of another between the same addresses.
func (p parsed) identity() uint32 {
	body := p.packet[p.header:]
	return binary.BigEndian.Uint32(body[udpSum-2:]) ^ binary.BigEndian.Uint32(body[udpHeader-8:])<<16
}
