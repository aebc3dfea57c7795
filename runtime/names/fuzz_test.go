package names_test

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/names"
)

// small is a Cache with limits that inputs of a fuzzer can reach.
func small() *names.Cache {
	return names.New(names.Options{MaxNames: 3, MaxAddrs: 4, MaxTotal: 6})
}

// requireSound checks what holds whatever a Cache was given.
func requireSound(t *testing.T, c *names.Cache, now time.Time) {
	require.False(t, c.Expire(now), "no pattern is in force")
	s := c.Stats()
	require.LessOrEqual(t, s.Names, 3)
	require.LessOrEqual(t, s.Addrs, 6)
	require.LessOrEqual(t, s.Streams, 1024)
	var saved bytes.Buffer
	require.NoError(t, c.Save(&saved, now))
	text := saved.String()
	again := small()
	require.NoError(t, again.Restore(&saved, now))
	var twice bytes.Buffer
	require.NoError(t, again.Save(&twice, now))
	require.Equal(t, text, twice.String())
	c.SetPatterns([]string{"*"})
	known := c.Known([]string{"*"})
	require.Equal(t, !known.IsEmpty(), c.Expire(now.Add(2*names.MaxTTL)))
	require.True(t, c.Known([]string{"*"}).IsEmpty())
	require.Zero(t, c.Stats().Names)
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(pack(f, response(f, "a.example", "a.example. 60 IN CNAME b.example.", "b.example. 60 IN A 198.51.100.1",
		"b.example. 4294967295 IN AAAA 2001:db8::1", "x.example. 60 IN A 198.51.100.9", `b.example. 1 IN TXT "x"`)))
	f.Fuzz(func(t *testing.T, msg []byte) {
		c := small()
		c.Message(msg, t0())
		requireSound(t, c, t0())
	})
}

// FuzzPackets reads its input as packets, each after its length.
func FuzzPackets(f *testing.F) {
	msg := pack(f, response(f, "a.example", "a.example. 60 IN A 198.51.100.1"))
	var some []byte
	for _, p := range [][]byte{udp("192.0.2.53", "10.0.0.5", msg), udp("2001:db8::53", "2001:db8::5", msg), tcp(1, 9, 0x12, nil),
		tcp(1, 20, 0x10, framed(msg)[10:]), tcp(1, 10, 0x10, framed(msg)[:10]), tcp(1, 10, 0x14, nil)} {
		some = append(binary.BigEndian.AppendUint16(some, uint16(len(p))), p...)
	}
	f.Add(some)
	f.Fuzz(func(t *testing.T, in []byte) {
		c, now := small(), t0()
		for len(in) >= 2 {
			size := min(int(binary.BigEndian.Uint16(in)), len(in)-2)
			c.Packet(in[2:2+size], now)
			in, now = in[2+size:], now.Add(time.Second/10)
		}
		requireSound(t, c, now)
	})
}

func FuzzRestore(f *testing.F) {
	f.Add([]byte(`{"version":1,"names":{"a.example":{"198.51.100.1":"2026-03-01T13:00:00Z","2001:db8::1":"2027-03-01T13:00:00Z"}}}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := small()
		if c.Restore(bytes.NewReader(in), t0()) != nil {
			require.Zero(t, c.Stats().Names)
		}
		requireSound(t, c, t0())
	})
}
