package nft

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// ruleBody encodes a rule and returns its attributes as the kernel would give them back.
func ruleBody(t testing.TB, c *nft.Chain, r *nft.Rule) attrs {
	var b batch
	require.NoError(t, b.rule(c, r, "", 0))
	a, err := parseAttrs(b.messages[0].body)
	require.NoError(t, err)
	return a
}

// withServices is a random Pipeline that has Services, too.
func withServices(seed uint64) *ir.Pipeline {
	r := nfttest.Rand(seed)
	p := nfttest.Pipeline(r, nfttest.Small())
	nfttest.Services(r, p, 10, nfttest.Families{ir.IPv4, ir.IPv6})
	return p
}

func TestRulesAndElementsReadBack(t *testing.T) {
	rules, elements := 0, 0
	for seed := range uint64(200) {
		var report diag.Report
		rs := nft.Lower(withServices(seed), &report)
		for _, c := range rs.AllChains() {
			for _, r := range c.Rules {
				require.Equal(t, nft.RuleText(r), readRule(ruleBody(t, c, r)))
				rules++
			}
		}
		for _, s := range rs.AllSets() {
			require.ElementsMatch(t, s.Elements, readBack(t, s))
			elements += len(s.Elements)
		}
	}
	require.Greater(t, rules, 5000)
	require.Greater(t, elements, 5000)
}

func readBack(t testing.TB, s *nft.Set) []*nft.Element {
	messages, err := elementMessages(unix.NFT_MSG_NEWSETELEM, s, s.Elements)
	require.NoError(t, err)
	var raw []rawElement
	for _, m := range messages {
		a, err := parseAttrs(m.body)
		require.NoError(t, err)
		require.NoError(t, each(a[unix.NFTA_SET_ELEM_LIST_ELEMENTS], func(_ uint16, data []byte) error {
			e, err := readElement(s, data)
			raw = append(raw, e)
			return err
		}))
	}
	return joinElements(s, raw)
}

func TestSetHeadReadsBack(t *testing.T) {
	for _, s := range []*nft.Set{
		{Name: "x", Key: []nft.Type{nft.IPv4Addr}},
		{Name: "x", Key: []nft.Type{nft.IPv6Addr}, Interval: true},
		{Name: "x", Key: []nft.Type{nft.InetService}, Interval: true, Verdicts: true},
		{Name: "x", Key: []nft.Type{nft.InetProto, nft.InetService}},
		{Name: "x", Key: []nft.Type{nft.IPv4Addr}, Verdicts: true},
		{Name: "x", Key: []nft.Type{nft.IPv6Addr, nft.InetProto, nft.InetService, nft.Number}, Modulus: 300, Data: []nft.Type{nft.IPv6Addr, nft.InetService}},
		{Name: "x", Key: []nft.Type{nft.Label}, Counts: true},
		{Name: "x", Key: []nft.Type{nft.IPv4Addr, nft.InetService}, Data: []nft.Type{nft.IPv4Addr}, Lifetime: 1500 * time.Millisecond, Size: 7},
	} {
		a, err := parseAttrs(newSet(s, 1).body)
		require.NoError(t, err)
		got, head, ok := readSet(a)
		require.True(t, ok)
		require.Equal(t, s, got)
		require.Equal(t, nft.SetObject(s).Head, head)
	}
}

// TestForeignRulesAreNotMistaken changes one byte of an encoded rule at a time: what still reads as a rule must encode to what
// was read.
func TestForeignRulesAreNotMistaken(t *testing.T) {
	var report diag.Report
	foreignRules := 0
	for seed := range uint64(6) {
		rs := nft.Lower(withServices(seed), &report)
		for _, c := range rs.AllChains() {
			for _, r := range c.Rules {
				list := ruleBody(t, c, r)[unix.NFTA_RULE_EXPRESSIONS]
				for i := range list {
					if checkBytes(t, flip(list, i)) {
						foreignRules++
					}
				}
			}
		}
	}
	require.Greater(t, foreignRules, 1000)
}

func flip(b []byte, i int) []byte {
	out := slices.Clone(b)
	out[i] ^= 1 << (i % 8)
	return out
}

// checkBytes reports whether the bytes are no rule of ours.
func checkBytes(t testing.TB, data []byte) bool {
	list, err := readExpressions(data)
	if err != nil {
		return true
	}
	rule, err := decompile(list)
	if err != nil {
		return true
	}
	again, err := compile(rule)
	require.NoError(t, err)
	require.True(t, sameExpressions(list, again))
	nft.RuleText(rule)
	return false
}

func FuzzReadRule(f *testing.F) {
	var report diag.Report
	for seed := range uint64(5) {
		rs := nft.Lower(withServices(seed), &report)
		for _, c := range rs.AllChains() {
			for _, r := range c.Rules {
				f.Add([]byte(ruleBody(f, c, r)[unix.NFTA_RULE_EXPRESSIONS]))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkBytes(t, data)
		readRule(attrs{unix.NFTA_RULE_EXPRESSIONS: data, unix.NFTA_RULE_USERDATA: data})
		s := &nft.Set{Name: "x", Key: []nft.Type{nft.IPv4Addr}, Interval: true}
		if e, err := readElement(s, data); err == nil && e.key != "" {
			joinElements(s, []rawElement{e})
		}
	})
}

// TestSocketsEnd checks that neither Close nor forgetting a Dataplane leaves a socket behind.
func TestSocketsEnd(t *testing.T) {
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		n := 0
		for _, e := range entries {
			if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, "socket:") {
				n++
			}
		}
		return n
	}
	use := func(d *Dataplane) { require.NoError(t, d.with(func(*socket) error { return nil })) }
	before := open()
	kept := Current()
	use(kept)
	use(kept)
	require.Equal(t, before+1, open())
	require.NoError(t, kept.Close())
	require.NoError(t, kept.Close())
	require.Equal(t, before, open())
	use(kept)
	require.Error(t, kept.with(func(*socket) error { return errForeign }))
	require.Equal(t, before, open())
	for range 5 {
		use(Current())
	}
	require.Eventually(t, func() bool { runtime.GC(); return open() == before }, time.Minute, time.Millisecond)
}
