package names_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnswerOverUDP(t *testing.T) {
	c := cache("www.example.com", "*.example.org")
	msg := pack(t, response(t, "WWW.Example.com", "www.example.COM. 60 IN A 198.51.100.7", "www.example.com. 30 IN A 198.51.100.8"))
	require.True(t, c.Packet(udp("192.0.2.53", "10.0.0.5", msg), at(0)))
	requireKnown(t, c, "www.example.com", "198.51.100.7", "198.51.100.8")
	requireKnown(t, c, "*.example.org")
	require.False(t, c.Packet(udp("2001:db8::53", "2001:db8::5", msg), at(1)), "nothing new")
	next, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, at(31), next)
	require.False(t, c.Expire(at(30.9)))
	require.True(t, c.Expire(at(31)))
	requireKnown(t, c, "www.example.com", "198.51.100.7")
	require.True(t, c.Expire(at(61)))
	requireKnown(t, c, "www.example.com")
	_, ok = c.Next()
	require.False(t, ok)
}

func TestSegmentThatCompletesTeaches(t *testing.T) {
	c := cache("*")
	one := framed(pack(t, response(t, "a.example", "a.example. 60 IN A 198.51.100.1")))
	two := framed(pack(t, response(t, "b.example", "b.example. 60 IN AAAA 2001:db8::2")))
	all := append(one, two...)
	start := uint32(0xffffffff - 20) // sequence numbers wrap
	require.False(t, c.Packet(tcp(40000, start-1, 0x12, nil), at(0)))
	require.False(t, c.Packet(tcp(40000, start+10, 0x10, all[10:30]), at(0)))
	require.False(t, c.Packet(tcp(40000, start+30, 0x18, all[30:]), at(0)))
	require.False(t, c.Packet(tcp(40000, start+10, 0x10, all[10:25]), at(0)), "twice")
	requireKnown(t, c, "*")
	require.True(t, c.Packet(tcp(40000, start, 0x10, all[:15]), at(0)))
	requireKnown(t, c, "*", "198.51.100.1", "2001:db8::2")
	require.Equal(t, 1, c.Stats().Streams)
	c.Packet(tcp(40000, start+uint32(len(all)), 0x11, nil), at(0))
	require.Zero(t, c.Stats().Streams)
}
