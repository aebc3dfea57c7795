package packet_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// v4 is a packet of IPv4 with four bytes of options, that says it has the length given.
func v4(proto ir.Proto, fragment byte, total int, payload ...byte) []byte {
	b := []byte{0x46, 0, byte(total >> 8), byte(total), 0, 0, 0, fragment, 64, byte(proto), 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 1}
	return append(b, payload...)
}

// v6 is a packet of IPv6, whose payload begins with the headers given.
func v6(next byte, payload ...byte) []byte {
	b := []byte{0x60, 0, 0, 0, byte(len(payload) >> 8), byte(len(payload)), next, 64}
	b = append(append(b, addr("fd00::1").AsSlice()...), addr("fd00::2").AsSlice()...)
	return append(b, payload...)
}

func TestIPv4(t *testing.T) {
	udp := []byte{0, 53, 0x9c, 0x40, 0, 10, 0, 0, 'h', 'i'}
	p, ok := packet.Parse(append(v4(ir.ProtoUDP, 0, 34, udp...), "padding"...))
	require.True(t, ok)
	require.Equal(t, packet.IP{Src: addr("10.0.0.1"), Dst: addr("10.0.0.2"), Proto: ir.ProtoUDP, Bytes: v4(ir.ProtoUDP, 0, 34, udp...), Payload: udp}, p)
	src, dst, ok := p.Ports()
	require.True(t, ok)
	require.Equal(t, [2]uint16{53, 40000}, [2]uint16{src, dst})
	data, ok := p.UDP()
	require.True(t, ok)
	require.Equal(t, "hi", string(data))
	_, ok = p.TCP()
	require.False(t, ok)
	_, _, ok = p.ICMP()
	require.False(t, ok)

	p, ok = packet.Parse(v4(ir.ProtoUDP, 0, 1000, udp[:9]...))
	require.True(t, ok)
	require.True(t, p.Cut)
	data, ok = p.UDP()
	require.True(t, ok)
	require.Equal(t, "h", string(data))

	p, ok = packet.Parse(v4(ir.ProtoUDP, 7, 34, udp...))
	require.True(t, ok)
	require.True(t, p.Later)
	_, _, ok = p.Ports()
	require.False(t, ok)
	_, ok = p.UDP()
	require.False(t, ok)
}

func TestIPv6(t *testing.T) {
	echo := []byte{128, 1, 0, 0}
	const hopByHop, fragment, icmpv6, authentication = 0, 44, 58, 51
	p, ok := packet.Parse(v6(icmpv6, echo...))
	require.True(t, ok)
	require.Equal(t, packet.IP{Src: addr("fd00::1"), Dst: addr("fd00::2"), Proto: ir.ProtoICMPv6, Bytes: v6(icmpv6, echo...), Payload: echo}, p)
	kind, code, ok := p.ICMP()
	require.True(t, ok)
	require.Equal(t, [2]uint8{128, 1}, [2]uint8{kind, code})
	_, _, ok = p.Ports()
	require.False(t, ok)

	options := append([]byte{fragment, 1}, make([]byte, 14)...)
	first := []byte{icmpv6, 0, 0, 1, 0, 0, 0, 9}
	p, ok = packet.Parse(v6(hopByHop, append(append(options, first...), echo...)...))
	require.True(t, ok)
	require.Equal(t, ir.ProtoICMPv6, p.Proto)
	require.Equal(t, echo, p.Payload)
	require.False(t, p.Later)

	later := []byte{hopByHop, 0, 0, 8, 0, 0, 0, 9, 1, 200} // what would be a header is from the middle
	p, ok = packet.Parse(v6(fragment, later...))
	require.True(t, ok)
	require.True(t, p.Later)
	_, _, ok = p.ICMP()
	require.False(t, ok)

	p, ok = packet.Parse(v6(authentication, make([]byte, 30)...))
	require.True(t, ok)
	require.EqualValues(t, authentication, p.Proto)
}

func TestTCP(t *testing.T) {
	b := []byte{0, 53, 0x9c, 0x40, 0xff, 0, 0, 1, 0, 0, 0, 2, 6 << 4, byte(packet.SYN | packet.ACK), 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 'h', 'i'}
	p, ok := packet.Parse(v4(ir.ProtoTCP, 0, 24+len(b), b...))
	require.True(t, ok)
	s, ok := p.TCP()
	require.True(t, ok)
	require.Equal(t, packet.Segment{Seq: 0xff000001, Ack: 2, Flags: packet.SYN | packet.ACK, Data: []byte("hi")}, s)
	p.Payload = b[:22]
	_, ok = p.TCP()
	require.False(t, ok, "a header that is cut")
	src, dst, ok := p.Ports()
	require.True(t, ok)
	require.Equal(t, [2]uint16{53, 40000}, [2]uint16{src, dst})
}

func TestWhatIsNoPacket(t *testing.T) {
	whole := v4(ir.ProtoUDP, 0, 34, make([]byte, 10)...)
	const destination = 60
	extended := v6(destination, 17, 0, 0, 0, 0, 0, 0, 0)
	for _, b := range [][]byte{nil, {0x45}, {0x10}, whole[:19], whole[:23], extended[:39], extended[:47], v6(destination, 17, 1, 0, 0, 0, 0, 0, 0),
		v4(ir.ProtoUDP, 0, 23, make([]byte, 10)...), append([]byte{0x44}, whole[1:]...)} {
		_, ok := packet.Parse(b)
		require.False(t, ok, "%x", b)
	}
	_, ok := packet.Parse(extended)
	require.True(t, ok)
	p := packet.IP{Proto: ir.ProtoUDP, Payload: []byte{0, 53, 0, 1, 0, 7, 0, 0, 0}}
	_, ok = p.UDP()
	require.False(t, ok, "shorter than its header")
}

func FuzzParse(f *testing.F) {
	f.Add(v4(ir.ProtoUDP, 0, 34, make([]byte, 10)...))
	f.Add(v6(0, append([]byte{44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 9}, make([]byte, 20)...)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := packet.Parse(b)
		if !ok {
			return
		}
		require.True(t, p.Src.IsValid() && p.Dst.IsValid())
		require.LessOrEqual(t, len(p.Payload), len(p.Bytes))
		require.LessOrEqual(t, len(p.Bytes), len(b))
		p.Ports()
		p.ICMP()
		p.UDP()
		p.TCP()
	})
}
