package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net"
	"net/netip"
	"sync"
)

// SCTP is spoken just far enough to see whether an association could start: INIT is answered by INIT ACK, and ABORT ends it.
// Kernels need no SCTP of their own for that. Formats: RFC 9260 sections 3.1, 3.3.2, 3.3.3, 3.3.7; checksum: appendix A.

// Chunk types.
const (
	sctpInit    = 1
	sctpInitAck = 2
	sctpAbort   = 6
)

const sctpProtocol = 132

const (
	sctpInitLength = 20 // of the chunks INIT and INIT ACK, without parameters
	sctpCookie     = 7  // the parameter State Cookie
)

// sctpPacket is a packet with one chunk. InitTag is that of INIT and INIT ACK.
type sctpPacket struct {
	Src, Dst uint16
	Tag      uint32 // verification tag: 0 in a packet with INIT
	Chunk    byte
	InitTag  uint32
	Cookie   []byte // of INIT ACK, which must have one: what the responder says
}

// encode gives the packet's bytes, with checksum.
func (p sctpPacket) encode() []byte {
	b := make([]byte, 0, 48)
	b = binary.BigEndian.AppendUint16(b, p.Src)
	b = binary.BigEndian.AppendUint16(b, p.Dst)
	b = binary.BigEndian.AppendUint32(b, p.Tag)
	b = append(b, 0, 0, 0, 0) // checksum
	switch p.Chunk {
	case sctpInit:
		b = p.appendInit(b, sctpInitLength)
	case sctpInitAck:
		b = p.appendInit(b, uint16(sctpInitLength+4+len(p.Cookie)))
		b = binary.BigEndian.AppendUint16(b, sctpCookie)
		b = binary.BigEndian.AppendUint16(b, uint16(4+len(p.Cookie)))
		b = append(b, p.Cookie...)
		b = append(b, make([]byte, -len(b)&3)...)
	default:
		b = append(b, p.Chunk, 0, 0, 4)
	}
	// The CRC32c goes in least significant byte first: appendix A.
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// appendInit adds the part that INIT and INIT ACK share: tag, window, one stream each way, first sequence number.
func (p sctpPacket) appendInit(b []byte, length uint16) []byte {
	b = append(b, p.Chunk, 0)
	b = binary.BigEndian.AppendUint16(b, length)
	b = binary.BigEndian.AppendUint32(b, p.InitTag)
	b = binary.BigEndian.AppendUint32(b, 65536)
	b = binary.BigEndian.AppendUint16(b, 1)
	b = binary.BigEndian.AppendUint16(b, 1)
	return binary.BigEndian.AppendUint32(b, p.InitTag)
}

// decodeSCTP reads a packet by its first chunk. It is false for what is too short or has a wrong checksum.
func decodeSCTP(b []byte) (sctpPacket, bool) {
	if len(b) < 16 {
		return sctpPacket{}, false
	}
	sum := binary.LittleEndian.Uint32(b[8:])
	table := crc32.MakeTable(crc32.Castagnoli)
	crc := crc32.Update(crc32.Checksum(b[:8], table), table, []byte{0, 0, 0, 0})
	if crc32.Update(crc, table, b[12:]) != sum {
		return sctpPacket{}, false
	}
	p := sctpPacket{
		Src: binary.BigEndian.Uint16(b), Dst: binary.BigEndian.Uint16(b[2:]), Tag: binary.BigEndian.Uint32(b[4:]), Chunk: b[12],
	}
	if p.Chunk == sctpInit || p.Chunk == sctpInitAck {
		if len(b) < 32 {
			return sctpPacket{}, false
		}
		p.InitTag = binary.BigEndian.Uint32(b[16:])
	}
	if rest := b[12:]; p.Chunk == sctpInitAck && len(rest) > sctpInitLength+4 && binary.BigEndian.Uint16(rest[sctpInitLength:]) == sctpCookie {
		length := int(binary.BigEndian.Uint16(rest[sctpInitLength+2:]))
		if length < 4 || sctpInitLength+length > len(rest) {
			return sctpPacket{}, false
		}
		p.Cookie = rest[sctpInitLength+4 : sctpInitLength+length]
	}
	return p, true
}

// sctpResponder answers on one address, for a set of ports.
type sctpResponder struct {
	where string
	conn  net.PacketConn

	mu    sync.Mutex
	ports map[uint16]bool
}

// openSCTP opens a port; the calling thread is in the address's namespace.
func (ls *listeners) openSCTP(where string, addr netip.Addr, port uint16) error {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	r := ls.sctp[addr]
	if r == nil {
		network := "ip4:132"
		if addr.Is6() {
			network = "ip6:132"
		}
		var config net.ListenConfig
		conn, err := config.ListenPacket(context.Background(), network, addr.String())
		if err != nil {
			return err
		}
		r = &sctpResponder{where: where, conn: conn, ports: map[uint16]bool{}}
		ls.sctp[addr] = r
		go r.serve()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ports[port] = true
	return nil
}

func (r *sctpResponder) serve() {
	buffer := make([]byte, 2048)
	for {
		n, peer, err := r.conn.ReadFrom(buffer)
		if err != nil {
			if isClosed(err) {
				return
			}
			continue
		}
		p, ok := decodeSCTP(buffer[:n])
		if !ok || p.Chunk != sctpInit || !r.listens(p.Dst) {
			continue
		}
		seen, _ := netip.ParseAddr(peer.String())
		said := answer{Responder: r.where, Seen: netip.AddrPortFrom(seen.Unmap(), p.Src)}
		ack := sctpPacket{Src: p.Dst, Dst: p.Src, Tag: p.InitTag, Chunk: sctpInitAck, InitTag: p.InitTag ^ 0x5a5a5a5a | 1, Cookie: said.line()}
		r.conn.WriteTo(ack.encode(), peer)
	}
}

func (r *sctpResponder) listens(port uint16) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ports[port]
}

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }
