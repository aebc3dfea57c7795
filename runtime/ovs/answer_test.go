package ovs

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
	"github.com/headgate-net/headgate/targets/openflow"
)

// frame is a packet from one address to another.
func frame(from, to string, proto ir.Proto, payload ...byte) []byte {
	src, dst := netip.MustParseAddr(from), netip.MustParseAddr(to)
	p := packetIP{src: dst, dst: src} // head writes that of an answer
	b := []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 7, 0x08, 0x00}
	if src.Is6() {
		b[12], b[13] = 0x86, 0xdd
	}
	return append(p.head(b, proto, len(payload)), payload...)
}

// segment is a TCP header from port 1000 to port 80 with data.
func segment(flags byte, data string) []byte {
	b := []byte{3, 0xe8, 0, 80, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0x50, flags, 0, 0, 0, 0, 0, 0}
	return append(b, data...)
}

// requireValid checks the sums of an answer and returns its protocol and payload.
func requireValid(t *testing.T, frame, answer []byte) (ir.Proto, []byte) {
	t.Helper()
	mac := openflow.RouterMAC()
	require.Equal(t, frame[6:12], answer[:6])
	require.Equal(t, mac[:], answer[6:12])
	require.Equal(t, frame[12:14], answer[12:14])
	if frame[12] != 0x86 {
		require.Equal(t, uint16(0xffff), sum(0, answer[14:34]))
	}
	was, ok := packet.Parse(frame[14:])
	require.True(t, ok)
	p, ok := packet.Parse(answer[14:])
	require.True(t, ok && !p.Cut && !p.Later)
	require.Equal(t, was.Src, p.Dst)
	require.Equal(t, was.Dst, p.Src)
	back := packetIP{src: p.Dst, dst: p.Src}
	require.Zero(t, back.checksum(p.Proto, p.Payload))
	return p.Proto, p.Payload
}

// TestResets: sequence numbers as RFC 9293 has them, for both families.
func TestResets(t *testing.T) {
	for name, c := range map[string]struct {
		segment  []byte
		seq, ack uint32
		flags    byte
	}{
		"first":         {segment(tcpSYN, ""), 0, 0x1001, tcpRST | tcpACK},
		"first, data":   {segment(tcpSYN, "abc"), 0, 0x1004, tcpRST | tcpACK},
		"last, no ack":  {segment(tcpFIN, "a"), 0, 0x1002, tcpRST | tcpACK},
		"nothing":       {segment(0, ""), 0, 0x1000, tcpRST | tcpACK},
		"acknowledging": {segment(tcpACK, "abc"), 0x2000, 0, tcpRST},
		"second":        {segment(tcpSYN|tcpACK, ""), 0x2000, 0, tcpRST},
	} {
		for _, ends := range [][2]string{{"10.0.0.1", "10.0.0.2"}, {"fd00::1", "fd00::2"}} {
			in := frame(ends[0], ends[1], ir.ProtoTCP, c.segment...)
			out, ok := answer(in)
			require.True(t, ok, name)
			proto, r := requireValid(t, in, out)
			require.Equal(t, ir.ProtoTCP, proto)
			require.Len(t, r, tcpLen)
			require.Equal(t, []byte{0, 80, 3, 0xe8}, r[:4], name)
			require.Equal(t, c.seq, binary.BigEndian.Uint32(r[4:]), name)
			require.Equal(t, c.ack, binary.BigEndian.Uint32(r[8:]), name)
			require.Equal(t, c.flags, r[13], name)
			_, ok = answer(out)
			require.False(t, ok, "an answer to an answer")
		}
	}
}

// TestProhibited: what is no TCP is answered by ICMP, which quotes it, and is never answered in turn.
func TestProhibited(t *testing.T) {
	for _, c := range []struct {
		ends   [2]string
		proto  ir.Proto
		size   int
		answer ir.Proto
		most   int
		head   []byte
	}{
		{[2]string{"10.0.0.1", "10.0.0.2"}, ir.ProtoUDP, 12, ir.ProtoICMP, 576, []byte{3, icmpProhibited}},
		{[2]string{"10.0.0.1", "10.0.0.2"}, ir.ProtoSCTP, 1400, ir.ProtoICMP, 576, []byte{3, icmpProhibited}},
		{[2]string{"fd00::1", "fd00::2"}, ir.ProtoUDP, 12, ir.ProtoICMPv6, 1280, []byte{1, 1}},
		{[2]string{"fd00::1", "fd00::2"}, ir.ProtoUDP, 1400, ir.ProtoICMPv6, 1280, []byte{1, 1}},
	} {
		in := frame(c.ends[0], c.ends[1], c.proto, make([]byte, c.size)...)
		out, ok := answer(in)
		require.True(t, ok)
		proto, r := requireValid(t, in, out)
		require.Equal(t, c.answer, proto)
		require.Equal(t, c.head, r[:2])
		require.LessOrEqual(t, len(out)-14, c.most)
		require.Equal(t, in[14:14+len(r)-8], r[8:])
		_, ok = answer(out)
		require.False(t, ok, "an answer to an answer")
	}
}

// TestNeverAnswered: what could make a loop, or reach many.
func TestNeverAnswered(t *testing.T) {
	never := map[string][]byte{
		"a reset":          frame("10.0.0.1", "10.0.0.2", ir.ProtoTCP, segment(tcpRST, "")...),
		"to many":          frame("10.0.0.1", "224.0.0.1", ir.ProtoUDP, make([]byte, 8)...),
		"to all":           frame("10.0.0.1", "255.255.255.255", ir.ProtoUDP, make([]byte, 8)...),
		"from nobody":      frame("0.0.0.0", "10.0.0.2", ir.ProtoUDP, make([]byte, 8)...),
		"to many, IPv6":    frame("fd00::1", "ff02::1", ir.ProtoUDP, make([]byte, 8)...),
		"from nobody too":  frame("::", "fd00::1", ir.ProtoUDP, make([]byte, 8)...),
		"ICMP error":       frame("10.0.0.1", "10.0.0.2", ir.ProtoICMP, 11, 0, 0, 0, 0, 0, 0, 0),
		"ICMPv6 error":     frame("fd00::1", "fd00::2", ir.ProtoICMPv6, 3, 0, 0, 0, 0, 0, 0, 0),
		"redirect":         frame("fd00::1", "fd00::2", ir.ProtoICMPv6, 137, 0, 0, 0, 0, 0, 0, 0),
		"empty ICMP":       frame("10.0.0.1", "10.0.0.2", ir.ProtoICMP),
		"half a header":    frame("10.0.0.1", "10.0.0.2", ir.ProtoTCP, segment(tcpSYN, "")[:19]...),
		"ARP":              {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 7, 8, 6, 0, 1},
		"nothing":          nil,
		"later fragment":   frame("10.0.0.1", "10.0.0.2", ir.ProtoUDP, make([]byte, 8)...),
		"frame to many":    frame("10.0.0.1", "10.0.0.2", ir.ProtoUDP, make([]byte, 8)...),
		"fragment of IPv6": frame("fd00::1", "fd00::2", 44, 17, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
	}
	never["later fragment"][14+7] = 1
	never["frame to many"][0] |= 1
	for name, in := range never {
		_, ok := answer(in)
		require.False(t, ok, name)
	}
	for _, in := range [][]byte{
		frame("10.0.0.1", "10.0.0.2", ir.ProtoICMP, 8, 0, 0, 0, 0, 0, 0, 0),
		frame("fd00::1", "fd00::2", ir.ProtoICMPv6, 128, 0, 0, 0, 0, 0, 0, 0),
		frame("fd00::1", "fd00::2", 0, 17, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), // after options for each hop
	} {
		_, ok := answer(in)
		require.True(t, ok)
	}
}

// FuzzAnswer: no packet is too much, and no answer is answered.
func FuzzAnswer(f *testing.F) {
	f.Add(frame("10.0.0.1", "10.0.0.2", ir.ProtoTCP, segment(tcpSYN, "abc")...))
	f.Add(frame("fd00::1", "fd00::2", ir.ProtoUDP, make([]byte, 8)...))
	f.Add(frame("fd00::1", "fd00::2", 0, 17, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, ok := answer(in)
		if !ok {
			return
		}
		requireValid(t, in, out)
		_, ok = answer(out)
		require.False(t, ok)
	})
}

// TestLimiter: a burst, and then one for each time that goes by.
func TestLimiter(t *testing.T) {
	l := limiter{per: time.Millisecond, most: 10}
	now := time.Unix(1000, 0)
	taken := func(tries int) (n int) {
		for range tries {
			if l.take(now) {
				n++
			}
		}
		return n
	}
	require.Equal(t, 10, taken(100))
	now = now.Add(3 * time.Millisecond)
	require.Equal(t, 3, taken(100))
	now = now.Add(time.Hour)
	require.Equal(t, 10, taken(100))
}
