package names_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/names"
)

// large is a Cache with 1,000 patterns, half of them with wildcards, and 100,000 addresses: 10 of each of 10,000 names.
func large(b *testing.B) (*names.Cache, []string) {
	var patterns []string
	for i := range 500 {
		patterns = append(patterns, fmt.Sprintf("www.zone%d.example", i), fmt.Sprintf("*.zone%d.example", i))
	}
	c := names.New(names.Options{})
	c.SetPatterns(patterns)
	for n := range 10_000 {
		c.Message(answer(b, n, 10), t0())
	}
	require.Equal(b, 100_000, c.Stats().Addrs)
	require.Zero(b, c.Stats().Evicted)
	return c, patterns
}

// answer is a response with addresses that no other name has.
func answer(b *testing.B, n, addrs int) []byte {
	text := fmt.Sprintf("n%d.zone%d.example", n, n%500)
	var records []string
	for i := range addrs {
		k := n*addrs + i
		records = append(records, fmt.Sprintf("%s. 60 IN A %s", text, netip.AddrFrom4([4]byte{100 + byte(k>>24), byte(k >> 16), byte(k >> 8), byte(k)})))
	}
	return pack(b, response(b, text, records...))
}

// BenchmarkNewName learns a name that was not known and its address, and finds what is known of its pattern then.
func BenchmarkNewName(b *testing.B) {
	c, patterns := large(b)
	var messages [][]byte
	for i := range 1000 {
		messages = append(messages, answer(b, 1_000_000+i, 1))
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		now := at(float64(i/len(messages)) * 100) // by the time they come again they are gone
		if i > 0 && i%len(messages) == 0 {
			b.StopTimer()
			c, _ = large(b)
			b.StartTimer()
		}
		if !c.Message(messages[i%len(messages)], now) {
			b.Fatal("nothing learned")
		}
		c.Known(patterns[2*((1_000_000+i%len(messages))%500)+1:][:1])
		i++
	}
}

// BenchmarkSameAnswer hears again what is known.
func BenchmarkSameAnswer(b *testing.B) {
	c, _ := large(b)
	msg := answer(b, 17, 10)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		c.Message(msg, at(float64(i)/1e6))
	}
}

// BenchmarkOfNoInterest hears a name that matches nothing.
func BenchmarkOfNoInterest(b *testing.B) {
	c, _ := large(b)
	msg := pack(b, response(b, "www.elsewhere.example", "www.elsewhere.example. 60 IN A 198.51.100.1"))
	b.ReportAllocs()
	for b.Loop() {
		c.Message(msg, t0())
	}
}

// BenchmarkKnown asks for what is known of each of the 1,000 patterns, when nothing has changed.
func BenchmarkKnown(b *testing.B) {
	c, patterns := large(b)
	b.ReportAllocs()
	for b.Loop() {
		for i := range patterns {
			c.Known(patterns[i : i+1])
		}
	}
}

// BenchmarkSetPatterns exchanges one pattern of 1,000.
func BenchmarkSetPatterns(b *testing.B) {
	c, patterns := large(b)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		patterns[0] = fmt.Sprintf("*.other%d.example", i)
		c.SetPatterns(patterns)
	}
}
