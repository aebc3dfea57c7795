package names_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/names"
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

func TestChain(t *testing.T) {
	c := cache("www.example.com", "edge.cdn.example", "*.pool.example", "stranger.example", "off.example")
	msg := response(t, "www.example.com",
		"node7.pool.example. 60 IN AAAA 2001:db8::7", // in any order
		"www.example.com. 300 IN CNAME edge.cdn.example.",
		"www.example.com. 300 IN CNAME off.example.", // a second one is none
		"edge.cdn.example. 60 IN A 198.51.100.1",
		"edge.cdn.example. 20 IN CNAME node7.pool.example.",
		"node7.pool.example. 60 IN A 198.51.100.7",
		"stranger.example. 60 IN A 198.51.100.66",
		"off.example. 60 IN A 198.51.100.67")
	require.True(t, c.Message(pack(t, msg), at(0)))
	requireKnown(t, c, "www.example.com", "198.51.100.1", "198.51.100.7", "2001:db8::7")
	requireKnown(t, c, "edge.cdn.example", "198.51.100.1", "198.51.100.7", "2001:db8::7")
	requireKnown(t, c, "*.pool.example", "198.51.100.7", "2001:db8::7")
	requireKnown(t, c, "stranger.example")
	requireKnown(t, c, "off.example")
}

func TestEndlessChains(t *testing.T) {
	c := cache("*")
	loop := response(t, "a.example", "a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example.", "b.example. 60 IN A 198.51.100.1")
	require.True(t, c.Message(pack(t, loop), at(0)))
	require.Equal(t, 2, c.Stats().Names)
	var records []string
	for i := range 100 {
		records = append(records, fmt.Sprintf("n%d.example. 60 IN CNAME n%d.example.", i, i+1), fmt.Sprintf("n%d.example. 60 IN A 198.51.100.2", i))
	}
	c = cache("*")
	c.Message(pack(t, response(t, "n0.example", records...)), at(0))
	require.Equal(t, 32, c.Stats().Names)
}

func TestWhatTeachesNothing(t *testing.T) {
	good := func() *dns.Msg { return response(t, "a.example", "a.example. 60 IN A 198.51.100.1") }
	for what, change := range map[string]func(m *dns.Msg){
		"a query":               func(m *dns.Msg) { m.Response = false },
		"an error":              func(m *dns.Msg) { m.Rcode = dns.RcodeNameError },
		"a failure":             func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure },
		"another opcode":        func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate },
		"no question":           func(m *dns.Msg) { m.Question = nil },
		"two questions":         func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) },
		"another class":         func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
		"a record's class":      func(m *dns.Msg) { m.Answer[0].Header().Class = dns.ClassCHAOS },
		"an additional section": func(m *dns.Msg) { m.Extra, m.Answer = m.Answer, nil },
		"an authority section":  func(m *dns.Msg) { m.Ns, m.Answer = m.Answer, nil },
		"a name of no interest": func(m *dns.Msg) {
			m.Question[0].Name, m.Answer[0].Header().Name = "b.example.", "b.example."
		},
	} {
		m := good()
		change(m)
		c := cache("a.example")
		require.False(t, c.Message(pack(t, m), at(0)), what)
		requireKnown(t, c, "a.example")
	}
	require.True(t, cache("a.example").Message(pack(t, good()), at(0)))
}

func TestAddressesThatAreNeverLearned(t *testing.T) {
	c := cache("*")
	m := response(t, "a.example")
	for _, text := range []string{"A 0.0.0.0", "A 0.1.2.3", "A 127.0.0.1", "A 127.8.9.10", "A 169.254.169.254", "A 224.0.0.1", "A 255.255.255.255",
		"AAAA ::", "AAAA ::1", "AAAA fe80::1", "AAAA ff02::1", "AAAA ::ffff:198.51.100.9", "A 10.1.2.3", "AAAA fd00::1"} {
		rr, err := dns.NewRR("a.example. 60 IN " + text)
		require.NoError(t, err)
		m.Answer = append(m.Answer, rr)
	}
	require.True(t, c.Message(pack(t, m), at(0)))
	requireKnown(t, c, "*", "10.1.2.3", "fd00::1")
	require.EqualValues(t, 12, c.Stats().Refused)
}

func TestTimes(t *testing.T) {
	ttl := func(seconds uint32) []byte {
		m := response(t, "a.example", "a.example. 0 IN A 198.51.100.1")
		m.Answer[0].Header().Ttl = seconds
		return pack(t, m)
	}
	for _, test := range []struct {
		options names.Options
		ttl     uint32
		want    float64
	}{
		{names.Options{}, 60, 65},
		{names.Options{}, 0, 5},
		{names.Options{Grace: -1}, 60, 60},
		{names.Options{Grace: 1500 * time.Millisecond, MinTTL: 30 * time.Second}, 10, 31.5},
		{names.Options{MinTTL: 30 * time.Second}, 40, 45},
		{names.Options{}, 1 << 30, names.MaxTTL.Seconds() + 5},
		{names.Options{}, 1 << 31, 5}, // RFC 2181 has such a TTL be 0
	} {
		c := names.New(test.options)
		c.SetPatterns([]string{"*"})
		require.True(t, c.Message(ttl(test.ttl), at(0)))
		next, ok := c.Next()
		require.True(t, ok)
		require.Equal(t, at(test.want), next, test)
	}
	c := cache("*")
	c.Message(ttl(60), at(0))
	require.False(t, c.Message(ttl(10), at(10)), "the longest wins")
	next, _ := c.Next()
	require.Equal(t, at(60), next)
	require.False(t, c.Message(ttl(10), at(55)))
	next, _ = c.Next()
	require.Equal(t, at(65), next)
	require.False(t, c.Message(ttl(10), at(70)), "over, but nobody has said so")
	require.False(t, c.Expire(at(79)))
	require.True(t, c.Expire(at(80)))
}

// TestNamesAsOnTheWire: a dot within a label, which the presentation format escapes, ends no label.
func TestNamesAsOnTheWire(t *testing.T) {
	c := cache("*.example.com", "*", "xn--bcher-kva.example", "_tcp.example")
	for _, text := range []string{`a\.example.com`, `x\.example.com`, `\120\000.example.com`, `a\"b.example`, `.`} {
		require.False(t, c.Message(pack(t, response(t, text, text+" 60 IN A 198.51.100.1")), at(0)), text)
	}
	require.True(t, c.Message(pack(t, response(t, `a\.b.x`, `a\.b.x. 60 IN CNAME \119ww.Example.com.`, "www.example.com. 60 IN A 198.51.100.1")), at(0)))
	requireKnown(t, c, "*.example.com", "198.51.100.1")
	require.Equal(t, 1, c.Stats().Names, "a link that cannot be spelled is not kept")
	require.True(t, c.Message(pack(t, response(t, "XN--bcher-KVA.example", "xn--BCHER-kva.example. 60 IN A 198.51.100.2")), at(0)))
	requireKnown(t, c, "xn--bcher-kva.example", "198.51.100.2")
	require.True(t, c.Message(pack(t, response(t, "_tcp.example", "_tcp.example. 60 IN A 198.51.100.3")), at(0)))
	requireKnown(t, c, "_tcp.example", "198.51.100.3")
}

// TestWhatFollowsDoesNotMatter: a client takes the addresses of a message whose end is missing, or says what nobody understands.
func TestWhatFollowsDoesNotMatter(t *testing.T) {
	m := response(t, "a.example", `a.example. 60 IN TYPE65280 \# 3 abcdef`, "a.example. 60 IN A 198.51.100.1", "a.example. 60 IN A 198.51.100.2")
	m.Truncated = true
	m.SetEdns0(4096, true)
	msg := pack(t, m)
	c := cache("*")
	require.True(t, c.Message(msg, at(0)))
	requireKnown(t, c, "*", "198.51.100.1", "198.51.100.2")
	c = cache("*")
	require.True(t, c.Message(msg[:len(msg)-11-1], at(0)), "without OPT, and cut")
	requireKnown(t, c, "*", "198.51.100.1")
	c = cache("*")
	packet := udp("192.0.2.53", "10.0.0.5", msg)
	require.True(t, c.Packet(packet[:len(packet)-12], at(0)), "the first fragment")
	requireKnown(t, c, "*", "198.51.100.1")
}

func TestLimits(t *testing.T) {
	c := names.New(names.Options{Grace: -1, MaxNames: 3, MaxAddrs: 2, MaxTotal: 5})
	c.SetPatterns([]string{"*"})
	learn := func(text, ttl, a string) bool {
		return c.Message(pack(t, response(t, text, fmt.Sprintf("%s. %s IN A 198.51.100.%s", text, ttl, a))), at(0))
	}
	require.True(t, learn("a.example", "60", "1"))
	require.True(t, learn("a.example", "50", "2"))
	require.True(t, learn("a.example", "70", "3"))
	requireKnown(t, c, "*", "198.51.100.1", "198.51.100.3")
	require.True(t, learn("b.example", "55", "4"))
	require.True(t, learn("b.example", "80", "5"))
	require.True(t, learn("c.example", "65", "6"))
	require.True(t, learn("c.example", "65", "7"))
	require.EqualValues(t, 2, c.Stats().Evicted)
	requireKnown(t, c, "*", "198.51.100.1", "198.51.100.3", "198.51.100.5", "198.51.100.6", "198.51.100.7")
	require.True(t, learn("d.example", "1", "8"), "instead of c, whose last address goes first")
	requireKnown(t, c, "*", "198.51.100.1", "198.51.100.3", "198.51.100.5", "198.51.100.8")
	require.Equal(t, names.Stats{Names: 3, Addrs: 4, Evicted: 4}, c.Stats())
}

func TestNobodyFillsMemory(t *testing.T) {
	c := names.New(names.Options{MaxNames: 50, MaxAddrs: 20, MaxTotal: 300})
	c.SetPatterns([]string{"*", "*.example"})
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 2000 {
		text := fmt.Sprintf("n%d.example", r.IntN(200))
		var records []string
		for range 40 {
			records = append(records, fmt.Sprintf("%s. %d IN A 198.51.%d.%d", text, r.IntN(1000), r.IntN(256), r.IntN(256)))
		}
		c.Message(pack(t, response(t, text, records...)), at(float64(i)))
		s := c.Stats()
		require.LessOrEqual(t, s.Names, 50)
		require.LessOrEqual(t, s.Addrs, 300)
	}
	require.Equal(t, c.Known([]string{"*"}), c.Known([]string{"*.example"}))
	require.LessOrEqual(t, c.Known([]string{"*"}).RangeCount(), 300)
	require.True(t, c.Expire(at(1e6)))
	requireKnown(t, c, "*")
}

// TestSetClocks: an address lasts as long as its TTL says, whatever becomes of the clock on the wall meanwhile: while the program runs, and
// between two runs, where a clock that was put forward alone cannot be told from time that passed.
func TestSetClocks(t *testing.T) {
	for _, jump := range []time.Duration{0, -time.Hour, -10 * 365 * 24 * time.Hour, 5 * time.Second} {
		c := cache("*")
		learned := time.Now() // with a reading of the monotonic clock
		c.Message(pack(t, response(t, "a.example", "a.example. 60 IN A 198.51.100.1")), learned)
		next, _ := c.Next()
		require.Equal(t, 60*time.Second, next.Sub(learned).Round(time.Millisecond))
		require.Contains(t, next.String(), " m=", "the monotonic clock counts")

		var saved bytes.Buffer
		require.NoError(t, c.Save(&saved, learned.Add(10*time.Second)))
		again := names.New(names.Options{})
		restored := learned.Add(10 * time.Second).Add(jump)
		require.NoError(t, again.Restore(&saved, restored))
		next, known := again.Next()
		require.True(t, known, jump)
		require.Contains(t, next.String(), " m=")
		require.InDelta(t, (50*time.Second - max(jump, 0)).Seconds(), next.Sub(restored).Seconds(), 0.002, jump)
	}
}

func TestSaveAndRestore(t *testing.T) {
	c := cache("*.example")
	c.Message(pack(t, response(t, "b.example", "b.example. 60 IN A 198.51.100.2", "b.example. 30 IN AAAA 2001:db8::2")), at(0.25))
	c.Message(pack(t, response(t, "a.example", "a.example. 1000000 IN A 198.51.100.1")), at(0))
	var saved bytes.Buffer
	require.NoError(t, c.Save(&saved, at(1)))
	text := `{"version":1,"saved":"2026-03-01T12:00:01Z","names":{"a.example":{"198.51.100.1":"2026-03-08T12:00:00Z"},` +
		`"b.example":{"198.51.100.2":"2026-03-01T12:01:00.25Z","2001:db8::2":"2026-03-01T12:00:30.25Z"}}}` + "\n"
	require.Equal(t, text, saved.String())
	again := names.New(names.Options{})
	require.NoError(t, again.Restore(&saved, at(31)))
	again.SetPatterns([]string{"b.example"})
	requireKnown(t, again, "b.example", "198.51.100.2")
	require.Equal(t, 1, again.Stats().Names, "what no pattern is for is gone")
	require.True(t, again.Expire(at(60.25)))

	ahead := names.New(names.Options{})
	require.NoError(t, ahead.Restore(strings.NewReader(`{"version":1,"names":{"a.example":{"198.51.100.1":"2222-01-01T00:00:00Z"}}}`), at(0)))
	next, _ := ahead.Next()
	require.Equal(t, at(0).Add(names.MaxTTL+names.DefaultGrace), next, "the clock was wrong")
	for _, bad := range []string{"", "{", `{"version":2}`, `{"version":1,"names":{"a":{"x":"2026-03-08T12:00:00Z"}}}`,
		`{"version":1,"names":{"a":{"198.51.100.1":"2026-03-08T12:00:00Z","127.0.0.1":"2026-03-08T12:00:00Z"}}}`,
		`{"version":1,"names":{"a\\.b":{"198.51.100.1":"2026-03-08T12:00:00Z"}}}`, `{"version":1,"names":{"a":{"198.51.100.1":"soon"}}}`} {
		broken := names.New(names.Options{})
		require.Error(t, broken.Restore(strings.NewReader(bad), at(0)), bad)
		require.Zero(t, broken.Stats().Names)
	}
}

func TestStreamsThatAreGivenUp(t *testing.T) {
	msg := framed(pack(t, response(t, "a.example", "a.example. 600 IN A 198.51.100.1")))
	more := framed(pack(t, response(t, "b.example", "b.example. 600 IN A 198.51.100.2")))
	t.Run("seen from the middle on", func(t *testing.T) {
		c := cache("*")
		require.False(t, c.Packet(tcp(1, 500, 0x10, msg[30:]), at(0)), "the second half of a message, which is none")
		require.True(t, c.Packet(tcp(1, 500+uint32(len(msg)-30), 0x10, more), at(0)))
		requireKnown(t, c, "*", "198.51.100.2")
	})
	t.Run("a gap that nothing fills", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 499, 0x12, nil), at(0))
		require.False(t, c.Packet(tcp(1, 500+1000, 0x10, msg), at(1)))
		require.False(t, c.Packet(tcp(1, 500+1000+uint32(len(msg)), 0x10, more[:10]), at(3)))
		require.True(t, c.Packet(tcp(1, 500+1000+uint32(len(msg))+10, 0x10, more[10:]), at(4.5)))
		requireKnown(t, c, "*", "198.51.100.1", "198.51.100.2")
		require.EqualValues(t, 1, c.Stats().Dropped)
	})
	t.Run("far away", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 499, 0x12, nil), at(0))
		require.True(t, c.Packet(tcp(1, 1<<30, 0x10, msg), at(0)))
	})
	t.Run("reset", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 500, 0x10, msg[:20]), at(0))
		c.Packet(tcp(1, 520, 0x14, nil), at(0))
		require.Zero(t, c.Stats().Streams)
	})
	t.Run("a new connection with the same ports", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 500, 0x10, msg[:20]), at(0))
		c.Packet(tcp(1, 400, 0x12, nil), at(0))
		require.True(t, c.Packet(tcp(1, 401, 0x19, more), at(0)))
		require.Zero(t, c.Stats().Streams)
	})
	t.Run("idle", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 500, 0x10, msg[:20]), at(0))
		c.Expire(at(30))
		require.Equal(t, 1, c.Stats().Streams)
		c.Expire(at(30.1))
		require.Zero(t, c.Stats().Streams)
	})
	t.Run("too many", func(t *testing.T) {
		c := cache("*")
		for port := range uint16(3000) {
			c.Packet(tcp(port, 500, 0x10, msg[:20]), at(0))
		}
		require.Equal(t, 1024, c.Stats().Streams)
		require.True(t, c.Packet(tcp(2999, 520, 0x10, msg[20:]), at(0)), "the newest is there")
	})
	t.Run("too much", func(t *testing.T) {
		c := cache("*")
		long := append([]byte{0xff, 0xff}, make([]byte, 60_000)...)
		for port := range uint16(500) {
			c.Packet(tcp(port, 499, 0x12, nil), at(0))
			c.Packet(tcp(port, 500, 0x10, long), at(0))
		}
		require.LessOrEqual(t, c.Stats().Streams, (4<<20)/60_000)
		require.Greater(t, c.Stats().Streams, 50)
	})
	t.Run("too many small parts of one", func(t *testing.T) {
		c := cache("*")
		c.Packet(tcp(1, 499, 0x12, nil), at(0))
		for i := range uint32(5000) {
			c.Packet(tcp(1, 510+2*i, 0x10, []byte{1}), at(0))
		}
		require.Positive(t, c.Stats().Dropped)
	})
}

func TestPatternsComeAndGo(t *testing.T) {
	c := names.New(names.Options{})
	msg := pack(t, response(t, "a.example", "a.example. 600 IN A 198.51.100.1"))
	require.False(t, c.Message(msg, at(0)), "kept, but nobody asks for it yet")
	c.SetPatterns([]string{"a.example", "*.org"})
	requireKnown(t, c, "a.example", "198.51.100.1")
	c.SetPatterns([]string{"*.org", "*.example"})
	requireKnown(t, c, "a.example")
	requireKnown(t, c, "*.example", "198.51.100.1")
	require.Equal(t, "198.51.100.1", c.Known([]string{"*.org", "*.example"}).String())
	require.False(t, c.Message(msg, at(0)))
	c.SetPatterns(nil)
	require.Zero(t, c.Stats().Names)
	require.False(t, c.Message(msg, at(0)))
	require.Zero(t, c.Stats().Names)
}
