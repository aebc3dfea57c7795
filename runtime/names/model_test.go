package names_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/names"
)

// model is what a Cache should know, found without any cleverness.
type model struct {
	patterns []string
	until    map[string]map[netip.Addr]time.Time
	grace    time.Duration
	min      time.Duration
}

func (m *model) learn(msg *dns.Msg, now time.Time) {
	text := strings.TrimSuffix(strings.ToLower(msg.Question[0].Name), ".")
	chain := []string{text}
	for again := true; again; {
		again = false
		for _, rr := range msg.Answer {
			c, ok := rr.(*dns.CNAME)
			if !ok || name(c) != chain[len(chain)-1] {
				continue
			}
			if next := strings.TrimSuffix(strings.ToLower(c.Target), "."); !slices.Contains(chain, next) {
				chain, again = append(chain, next), true
			}
			break // the first counts
		}
	}
	for _, rr := range msg.Answer {
		var a netip.Addr
		switch rr := rr.(type) {
		case *dns.A:
			a, _ = netip.AddrFromSlice(rr.A.To4())
		case *dns.AAAA:
			a, _ = netip.AddrFromSlice(rr.AAAA)
		}
		last := slices.Index(chain, name(rr))
		if !a.IsValid() || a.IsLoopback() || last < 0 {
			continue
		}
		until := now.Add(max(time.Duration(rr.Header().Ttl)*time.Second, m.min) + m.grace)
		for _, text := range chain[:last+1] {
			if strings.Contains(text, `\`) || !slices.ContainsFunc(m.patterns, func(p string) bool { return ir.MatchesName(p, text) }) {
				continue
			}
			if m.until[text] == nil {
				m.until[text] = map[netip.Addr]time.Time{}
			}
			if m.until[text][a].Before(until) {
				m.until[text][a] = until
			}
		}
	}
}

func name(rr dns.RR) string { return strings.TrimSuffix(strings.ToLower(rr.Header().Name), ".") }

func (m *model) forget(gone func(text string, until time.Time) bool) {
	for text, addrs := range m.until {
		for a, until := range addrs {
			if gone(text, until) {
				delete(addrs, a)
			}
		}
	}
}

func (m *model) known(patterns []string) ir.AddrSet {
	var out []netip.Addr
	for text, addrs := range m.until {
		for _, p := range patterns {
			if slices.Contains(m.patterns, p) && ir.MatchesName(p, text) {
				for a := range addrs {
					out = append(out, a)
				}
			}
		}
	}
	return ir.AddrSetOf(out...)
}

// next is when the first address goes.
func (m *model) next() (first time.Time, ok bool) {
	for _, addrs := range m.until {
		for _, until := range addrs {
			if !ok || until.Before(first) {
				first, ok = until, true
			}
		}
	}
	return first, ok
}

// universe is small, so that things happen to the same names and addresses again and again.
func universe() (patterns, texts, addrs []string) {
	patterns = []string{"*", "*.b", "a.b", "c.a.b", "*a*", "x.*", "c*b", "*.c", "a.*.c", "nothing"}
	texts = []string{"a.b", "A.b", "b", "c.a.b", "x.y", "x.c", "a.x.c", "c", "q.c", `we\ ird.b`, `d\.ot.b`}
	addrs = []string{"A 198.51.100.1", "A 198.51.100.2", "A 198.51.100.3", "A 127.0.0.1", "AAAA 2001:db8::1", "AAAA 2001:db8::2", "TXT hello"}
	return patterns, texts, addrs
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// random is a response with a chain that may be broken, doubled or loop.
func random(t testing.TB, r *rand.Rand) *dns.Msg {
	_, texts, addrs := universe()
	question := pick(r, texts)
	var records []string
	at := question
	for range r.IntN(5) {
		if r.IntN(2) == 0 {
			next := pick(r, texts)
			records = append(records, fmt.Sprintf("%s. %d IN CNAME %s.", at, r.IntN(100), next))
			if r.IntN(4) > 0 {
				at = next
			}
		} else {
			records = append(records, fmt.Sprintf("%s. %d IN %s", at, r.IntN(100), pick(r, addrs)))
		}
	}
	r.Shuffle(len(records), func(i, k int) { records[i], records[k] = records[k], records[i] })
	return response(t, question, records...)
}

// TestAgreesWithModel does the same to a Cache and to the model, and finds them alike after every step.
func TestAgreesWithModel(t *testing.T) {
	patterns, _, _ := universe()
	taught := 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(1, seed))
		options := names.Options{Grace: time.Duration(r.IntN(3)-1) * 7 * time.Second, MinTTL: time.Duration(r.IntN(2)*20) * time.Second}
		c := names.New(options)
		m := &model{until: map[string]map[netip.Addr]time.Time{}, grace: max(options.Grace, 0), min: options.MinTTL}
		if options.Grace == 0 {
			m.grace = names.DefaultGrace
		}
		now := t0()
		c.SetPatterns(nil)
		for step := range 60 {
			all := make([]ir.AddrSet, len(patterns))
			for i, p := range patterns {
				all[i] = c.Known([]string{p})
			}
			changed := false
			switch kind := r.IntN(10); {
			case kind == 0 || step == 0:
				m.patterns = slices.Clone(patterns[r.IntN(4):][:1+r.IntN(6)])
				m.forget(func(text string, _ time.Time) bool {
					return !slices.ContainsFunc(m.patterns, func(p string) bool { return ir.MatchesName(p, text) })
				})
				c.SetPatterns(m.patterns)
				changed = true // not told, so not compared
				all = nil
			case kind == 1:
				now = now.Add(time.Duration(r.IntN(40)) * time.Second)
				m.forget(func(_ string, until time.Time) bool { return !now.Before(until) })
				changed = c.Expire(now)
			case kind == 2:
				var b bytes.Buffer
				require.NoError(t, c.Save(&b, now))
				m.forget(func(_ string, until time.Time) bool { return !now.Before(until) })
				c = names.New(options)
				require.NoError(t, c.Restore(&b, now))
				c.SetPatterns(m.patterns)
				all = nil
			default:
				msg := random(t, r)
				m.learn(msg, now)
				changed = c.Message(pack(t, msg), now)
				if changed {
					taught++
				}
			}
			same := true
			for i, p := range patterns {
				got := c.Known([]string{p})
				require.Equal(t, m.known([]string{p}).String(), got.String(), "seed %d step %d pattern %s", seed, step, p)
				same = same && (all == nil || all[i].Equal(got))
			}
			if all != nil {
				require.Equal(t, !same, changed, "seed %d step %d: whether it has changed", seed, step)
			}
			some := patterns[r.IntN(5):][:r.IntN(5)]
			require.Equal(t, m.known(some).String(), c.Known(some).String(), "seed %d step %d patterns %s", seed, step, some)
			wantNext, wantAny := m.next()
			next, any := c.Next()
			require.Equal(t, wantAny, any)
			require.True(t, wantNext.Equal(next), "seed %d step %d: %s %s", seed, step, wantNext, next)
		}
		require.Zero(t, c.Stats().Evicted)
	}
	require.Greater(t, taught, 2000)
}

// TestStreamsAgreeWithBytesSeen cuts streams of messages into segments that overlap, come twice and out of order, and finds after
// each of them that exactly the messages are known whose bytes, and all before them, have come.
func TestStreamsAgreeWithBytesSeen(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(2, seed))
		c := cache("*")
		start := r.Uint32()
		if r.IntN(2) == 0 {
			start = -uint32(r.IntN(600)) // it wraps
		}
		var all []byte
		var ends []int
		for i := range 1 + r.IntN(12) {
			text := fmt.Sprintf("n%d.example", i)
			msg := response(t, text, fmt.Sprintf("%s. 60 IN A 198.51.100.%d", text, i))
			if r.IntN(5) == 0 {
				msg.Response = false // teaches nothing, but is no reason to give up
			}
			all = append(all, framed(pack(t, msg))...)
			ends = append(ends, len(all))
			if !msg.Response {
				ends[i] = -1
			}
		}
		type cut struct{ from, to int }
		var cuts []cut
		for from := 0; from < len(all); {
			to := min(from+1+r.IntN(90), len(all))
			cuts = append(cuts, cut{max(from-r.IntN(2)*r.IntN(20), 0), to})
			if r.IntN(4) == 0 {
				cuts = append(cuts, cut{from, min(to+r.IntN(30), len(all))})
			}
			from = to
		}
		for i := range cuts {
			k := min(i+r.IntN(6), len(cuts)-1)
			cuts[i], cuts[k] = cuts[k], cuts[i]
		}
		const port = 40000
		c.Packet(tcp(port, start-1, 0x12, nil), t0())
		seen := make([]bool, len(all))
		for i, s := range cuts {
			c.Packet(tcp(port, start+uint32(s.from), 0x10, all[s.from:s.to]), t0())
			for b := s.from; b < s.to; b++ {
				seen[b] = true
			}
			whole := slices.Index(append(slices.Clone(seen), false), false)
			var want []netip.Addr
			for n, end := range ends {
				if end > 0 && end <= whole {
					want = append(want, netip.AddrFrom4([4]byte{198, 51, 100, byte(n)}))
				}
			}
			require.Equal(t, ir.AddrSetOf(want...).String(), c.Known([]string{"*"}).String(), "seed %d segment %d", seed, i)
		}
		require.Zero(t, c.Stats().Dropped)
	}
}
