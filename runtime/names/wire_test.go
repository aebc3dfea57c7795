package names_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/names"
)

// t0 is when the tests begin.
func t0() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func at(seconds float64) time.Time { return t0().Add(time.Duration(seconds * float64(time.Second))) }

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// response is a message with the records given in the presentation format of RFC 1035.
func response(t testing.TB, question string, records ...string) *dns.Msg {
	m := new(dns.Msg).SetQuestion(dns.Fqdn(question), dns.TypeA)
	m.Response = true
	for _, text := range records {
		rr, err := dns.NewRR(text)
		require.NoError(t, err)
		m.Answer = append(m.Answer, rr)
	}
	m.Compress = true
	return m
}

func pack(t testing.TB, m *dns.Msg) []byte {
	b, err := m.Pack()
	require.NoError(t, err)
	return b
}

// udp is an IP packet from a server to a client.
func udp(src, dst string, data []byte) []byte {
	b := []byte{0, 53, 0x9c, 0x40}
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(data)))
	return ip(src, dst, ir.ProtoUDP, append(append(b, 0, 0), data...))
}

// tcp is one from port 53 of 192.0.2.53.
func tcp(port uint16, seq uint32, flags byte, data []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, 53}, port)
	b = binary.BigEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 1, 5<<4, flags, 0x10, 0, 0, 0, 0, 0)
	return ip("192.0.2.53", "10.0.0.5", ir.ProtoTCP, append(b, data...))
}

// framed is a message as TCP carries it.
func framed(msg []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
}

func ip(src, dst string, proto ir.Proto, payload []byte) []byte {
	from, to := addr(src), addr(dst)
	var b []byte
	if from.Is4() {
		b = binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(payload)))
		b = append(b, 0, 0, 0x40, 0, 64, byte(proto), 0, 0)
	} else {
		b = binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(payload)))
		b = append(b, byte(proto), 64)
	}
	return append(append(append(b, from.AsSlice()...), to.AsSlice()...), payload...)
}

// cache is one with patterns in force and no grace.
func cache(patterns ...string) *names.Cache {
	c := names.New(names.Options{Grace: -1})
	c.SetPatterns(patterns)
	return c
}

// requireKnown compares what is known of a pattern.
func requireKnown(t testing.TB, c *names.Cache, pattern string, want ...string) {
	t.Helper()
	var addrs []netip.Addr
	for _, w := range want {
		addrs = append(addrs, addr(w))
	}
	require.Equal(t, ir.AddrSetOf(addrs...).String(), c.Known([]string{pattern}).String())
}
