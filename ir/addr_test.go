package ir_test

import (
	"crypto/sha256"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// window is 32 consecutive addresses, aligned. Sets over a few windows are compared with bitmaps.
const windowSize = 32

// windows lie at both ends of both families, in the middle, next to each other across the 64-bit boundary of IPv6, and on both
// sides of the IPv4-mapped addresses.
func windows() []netip.Addr {
	return addrs("0.0.0.0", "10.0.0.0", "10.0.0.32", "127.255.255.224", "128.0.0.0", "255.255.255.224",
		"::", "fd00::ffff:ffff:ffff:ffe0", "fd00:0:0:1::", "::fffe:ffff:ffe0", "::1:0:0:0",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffe0")
}

// universe lists the addresses of all windows.
func universe() []netip.Addr {
	var out []netip.Addr
	for _, a := range windows() {
		for range windowSize {
			out = append(out, a)
			a = a.Next()
		}
	}
	return out
}

// bitmap is a set of addresses of the universe.
type bitmap map[netip.Addr]bool

// randomSet makes a set within the windows in every way that the package offers, and its bitmap.
func randomSet(r *rand.Rand) (ir.AddrSet, bitmap) {
	set, bits := ir.AddrSet{}, bitmap{}
	for range r.IntN(8) {
		base := windows()[r.IntN(len(windows()))]
		var part ir.AddrSet
		var in []netip.Addr
		nth := func(n int) netip.Addr {
			a := base
			for range n {
				a = a.Next()
			}
			return a
		}
		from := r.IntN(windowSize)
		switch to := from + r.IntN(windowSize-from); r.IntN(3) {
		case 0:
			part, in = ir.AddrSetOf(nth(from), nth(to)), []netip.Addr{nth(from), nth(to)}
		case 1:
			part = ir.RangeSet(nth(from), nth(to))
			for i := from; i <= to; i++ {
				in = append(in, nth(i))
			}
		default:
			p := netip.PrefixFrom(nth(from), base.BitLen()-r.IntN(6))
			part = ir.PrefixSet(p)
			for i := range windowSize {
				if p.Contains(nth(i)) {
					in = append(in, nth(i))
				}
			}
		}
		set = set.Union(part)
		for _, a := range in {
			bits[a] = true
		}
	}
	return set, bits
}

func requireBits(t *testing.T, want bitmap, got ir.AddrSet) {
	t.Helper()
	for _, a := range universe() {
		require.Equal(t, want[a], got.Contains(a), "%s in %s", a, got)
	}
	count := 0
	for _, in := range want {
		if in {
			count++
		}
	}
	all, err := got.Addrs(count) // no address outside the universe either
	require.NoError(t, err)
	require.Len(t, all, count)
}

func combine(a, b bitmap, f func(x, y bool) bool) bitmap {
	out := bitmap{}
	for _, ip := range universe() {
		out[ip] = f(a[ip], b[ip])
	}
	return out
}

// trieCount is the size of the smallest list of prefixes for the set's part in a block of 2^n addresses, by definition: none
// for an empty block, one for a full block, else that of its halves.
func trieCount(bits bitmap, first netip.Addr, n int) int {
	in, a := 0, first
	for range 1 << n {
		if bits[a] {
			in++
		}
		a = a.Next()
	}
	switch in {
	case 0:
		return 0
	case 1 << n:
		return 1
	}
	middle := first
	for range 1 << (n - 1) {
		middle = middle.Next()
	}
	return trieCount(bits, first, n-1) + trieCount(bits, middle, n-1)
}

// spec: 2.3
func TestAddrSetOperations(t *testing.T) {
	r := irtest.Rand(1)
	for range 400 {
		a, x := randomSet(r)
		b, y := randomSet(r)
		requireBits(t, x, a)
		requireBits(t, combine(x, y, func(p, q bool) bool { return p || q }), a.Union(b))
		requireBits(t, combine(x, y, func(p, q bool) bool { return p && q }), a.Intersect(b))
		requireBits(t, combine(x, y, func(p, q bool) bool { return p && !q }), a.Subtract(b))
		requireBits(t, combine(x, y, func(p, q bool) bool { return p || q }), ir.UnionAll(a, b, a))
		require.Equal(t, !a.Intersect(b).IsEmpty(), a.Overlaps(b))
		require.Equal(t, b.Subtract(a).IsEmpty(), a.Covers(b))
		require.True(t, a.Union(b).Covers(a))
		require.Equal(t, a.Subtract(b).IsEmpty() && b.Subtract(a).IsEmpty(), a.Equal(b))
		require.True(t, a.Equal(a.Subtract(b).Union(a.Intersect(b))), "one representation for one set")
		require.True(t, a.Equal(a.Of(ir.IPv4).Union(a.Of(ir.IPv6))))
		require.Equal(t, len(a.Ranges()), a.RangeCount())
		require.True(t, ir.AnyAddr().Subtract(ir.AnyAddr().Subtract(a)).Equal(a), "complement of the complement")
	}
}

// spec: 2.3
func TestAddrSetText(t *testing.T) {
	r := irtest.Rand(2)
	for range 400 {
		a, _ := randomSet(r)
		for _, set := range []ir.AddrSet{a, ir.AnyAddr().Subtract(a), ir.AnyOf(ir.IPv6).Subtract(a)} {
			got, err := ir.ParseAddrSet(set.String())
			require.NoError(t, err, set)
			require.True(t, set.Equal(got), "%s\n%s", set, got)
		}
	}
	for text, want := range map[string]string{
		"none": "none", "any": "any", "0.0.0.0/0,::/0": "any", "10.0.0.7/24": "10.0.0.0/24",
		"10.0.0.2-10.0.0.3,10.0.0.0/31": "10.0.0.0/30", "10.0.0.1-10.0.0.2": "10.0.0.1-10.0.0.2", "fd00::1-fd00::1": "fd00::1",
	} {
		got, err := ir.ParseAddrSet(text)
		require.NoError(t, err)
		require.Equal(t, want, got.String())
	}
	for _, bad := range []string{"", "x", "10.0.0.1-", "10.0.0.2-10.0.0.1", "10.0.0.1-fd00::1", "10.0.0.0/33", "10.0.0.1,,"} {
		_, err := ir.ParseAddrSet(bad)
		require.Error(t, err, bad)
	}
}

// An IPv6 range may end among or next to the IPv4-mapped addresses; printing one used to panic.
//
// spec: 2.3
func TestAddrSetNextToMappedAddresses(t *testing.T) {
	set := ir.AnyOf(ir.IPv6).Subtract(ir.AddrSetOf(addr("::fffe:ffff:ffff")))
	require.Equal(t, "::-::fffe:ffff:fffe,::ffff:0.0.0.0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", set.String())
	got, err := ir.ParseAddrSet(set.String())
	require.NoError(t, err)
	require.True(t, set.Equal(got))
	mapped := ir.PrefixSet(netip.MustParsePrefix("::ffff:10.0.0.0/104"))
	require.Equal(t, "10.0.0.0/8", mapped.String())
	require.True(t, mapped.Contains(addr("::ffff:10.1.2.3")))
	require.True(t, ir.AddrSetOf(addr("::ffff:10.1.2.3")).Contains(addr("10.1.2.3")))
}

// spec: 2.3
func TestAddrSetPrefixesAreMinimal(t *testing.T) {
	r := irtest.Rand(3)
	for range 400 {
		a, bits := randomSet(r)
		prefixes := a.Prefixes()
		require.True(t, ir.PrefixSet(prefixes...).Equal(a))
		for i := 1; i < len(prefixes); i++ {
			require.True(t, ir.PrefixSet(prefixes[i-1]).Ranges()[0].To.Less(prefixes[i].Addr()), "ascending and disjoint")
		}
		// No two windows make a larger block together but those at 10.0.0.0; so count that pair as one block.
		want := trieCount(bits, addr("10.0.0.0"), 6)
		for _, w := range windows() {
			if !netip.MustParsePrefix("10.0.0.0/26").Contains(w) {
				want += trieCount(bits, w, 5)
			}
		}
		require.Len(t, prefixes, want, "%s", a)
	}
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}, ir.AnyAddr().Prefixes())
}

// holes makes n distinct random addresses of 10.0.0.0/8.
func holes(n int) []netip.Addr {
	r, seen := irtest.Rand(4), map[netip.Addr]bool{}
	var out []netip.Addr
	for len(out) < n {
		v := r.Uint32N(1 << 24)
		if a := netip.AddrFrom4([4]byte{10, byte(v >> 16), byte(v >> 8), byte(v)}); !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	return out
}

// holedCount is the size of the smallest list of prefixes for a prefix without some of its addresses.
func holedCount(p netip.Prefix, holes []netip.Addr) int {
	var within []netip.Addr
	for _, h := range holes {
		if p.Contains(h) {
			within = append(within, h)
		}
	}
	if len(within) == 0 {
		return 1
	}
	if p.IsSingleIP() {
		return 0
	}
	low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
	high := netip.PrefixFrom(ir.PrefixSet(low).Ranges()[0].To.Next(), p.Bits()+1)
	return holedCount(low, within) + holedCount(high, within)
}

func blockWithHoles(holes []netip.Addr) []netip.Prefix {
	return ir.PrefixSet(netip.MustParsePrefix("10.0.0.0/8")).Subtract(ir.AddrSetOf(holes...)).Prefixes()
}

// spec: 2.3
func TestBlockWithManyHolesHasTheSmallestCover(t *testing.T) {
	for _, n := range []int{0, 1, 2, 500} {
		h := holes(n)
		require.Len(t, blockWithHoles(h), holedCount(netip.MustParsePrefix("10.0.0.0/8"), h))
	}
}

func BenchmarkBlockMinus500Addresses(b *testing.B) {
	h := holes(500)
	var n int
	for b.Loop() {
		n = len(blockWithHoles(h))
	}
	b.ReportMetric(float64(n), "prefixes")
}

func TestAddrSetHash(t *testing.T) {
	hash := func(s ir.AddrSet) string {
		h := sha256.New()
		s.HashTo(h)
		return string(h.Sum(nil))
	}
	r, seen := irtest.Rand(5), map[string]ir.AddrSet{}
	for range 400 {
		a, _ := randomSet(r)
		key := hash(a)
		require.Equal(t, key, hash(a.Union(a)))
		if before, ok := seen[key]; ok {
			require.True(t, before.Equal(a))
		}
		seen[key] = a
	}
	// Four IPv4 ranges whose bytes are, shifted by the separator, those of one IPv6 range.
	v4 := mustSet(t, "47.0.0.0-47.0.0.1,47.0.0.3-47.0.0.4,47.0.0.6-47.0.0.7,47.0.0.9-47.0.0.10")
	require.NotEqual(t, hash(v4), hash(v4.Of(ir.IPv6)))
}

func TestAddrs(t *testing.T) {
	_, err := mustSet(t, "10.0.0.0/24").Addrs(255)
	require.ErrorContains(t, err, "more than 255 addresses")
	all, err := mustSet(t, "255.255.255.254/31,::").Addrs(3)
	require.NoError(t, err)
	require.Equal(t, addrs("255.255.255.254", "255.255.255.255", "::"), all)
}

func FuzzParseAddrSet(f *testing.F) {
	for _, text := range []string{"any", "none", "10.0.0.1,10.1.0.0/16,10.2.0.1-10.2.0.5", "::fffe:0:0/95,::ffff:1.2.3.4", "::-fd00::1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, err := ir.ParseAddrSet(text)
		if err != nil {
			return
		}
		again, err := ir.ParseAddrSet(set.String())
		require.NoError(t, err)
		require.True(t, set.Equal(again))
		require.True(t, ir.AnyAddr().Subtract(ir.AnyAddr().Subtract(set)).Equal(set))
		require.Equal(t, set.RangeCount() == 0, len(set.Prefixes()) == 0)
	})
}
