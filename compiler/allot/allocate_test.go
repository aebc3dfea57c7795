package allot

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

func addr(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(s)
}

func origin(object string) source.Origin {
	return source.Origin{Object: object, Pos: source.Pos{File: "x.yaml", Line: 1, Col: 1}}
}

// aPool has ranges "FIRST-LAST".
func aPool(name, gateway string, ranges ...string) Pool {
	p := Pool{Name: name, Gateway: addr(gateway), Origin: origin("ExternalIPPool " + name)}
	for _, r := range ranges {
		first, last, _ := strings.Cut(r, "-")
		p.Ranges = append(p.Ranges, Range{addr(first), addr(last), origin("ExternalIPPool " + name + " " + r)})
	}
	return p
}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// claim wants one address of a pool. With a status, requests and so on are for the caller to add.
func claim(kind Kind, name string, created int, pool, asked, current string) Claim {
	c := Claim{Kind: kind, Name: name, Wants: []Want{{Pool: pool, Requested: addr(asked), Origin: origin(kind.String() + " " + name)}}}
	if created > 0 {
		c.Created = day(created)
	}
	if current != "" {
		c.Current = []netip.Addr{addr(current)}
	}
	return c
}

func sharing(c Claim, ports ...Port) Claim {
	c.MayShare, c.Ports = true, ports
	return c
}

func tcp(port uint16) Port { return Port{"TCP", port} }

func four() Pool { return aPool("p", "", "192.0.2.1-192.0.2.4") }

// TestAllocate has a case for each rule; want lists addresses by claim, "-" for none, and said the findings.
func TestAllocate(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			var report diag.Report
			got := Allocate(c.pools, c.claims, c.reserved, &report)
			var words []string
			for _, list := range got.Addrs {
				for _, a := range list {
					word := "-"
					if a.IsValid() {
						word = a.String()
					}
					words = append(words, word)
				}
			}
			require.Equal(t, c.want, strings.Join(words, " "))
			var said []string
			for _, f := range report.Findings() {
				require.NotEmpty(t, f.Hint)
				said = append(said, string(f.Code)+" "+f.Message)
			}
			require.ElementsMatch(t, c.said, said)
		})
	}
}

type allocation struct {
	pools    []Pool
	claims   []Claim
	reserved []Reserved
	want     string
	said     []string
}

//headgate:table
func cases() map[string]allocation {
	pools := []Pool{four()}
	taken := func(who, a string) string { return "HG2022 " + who + " has the address " + a }
	both := Claim{Name: "e", Wants: []Want{{Pool: "both"}, {Pool: "four"}}}
	mixed := []Pool{aPool("both", "", "192.0.2.1-192.0.2.2", "2001:db8::1-2001:db8::2"), aPool("four", "", "198.51.100.1-198.51.100.2")}
	dual := Claim{Kind: Service, Name: "s/a", AnyWill: true, Wants: []Want{{Pool: "p", Family: IPv4}, {Pool: "p", Family: IPv6}}}
	strict := dual
	strict.AnyWill = false
	return map[string]allocation{
		"by age, then name": {pools: pools, claims: []Claim{
			claim(Egress, "new", 0, "p", "", ""), claim(Egress, "b", 2, "p", "", ""), claim(Egress, "a", 2, "p", "", ""), claim(Service, "s/old", 1, "p", "", "")},
			want: "192.0.2.4 192.0.2.3 192.0.2.2 192.0.2.1"},
		"requests come before the rest": {pools: pools, claims: []Claim{
			claim(Egress, "old", 1, "p", "", ""), claim(Egress, "young", 2, "p", "192.0.2.1", "")}, want: "192.0.2.2 192.0.2.1"},
		"who has an address keeps it": {pools: pools, claims: []Claim{
			claim(Service, "s/old", 1, "p", "192.0.2.3", ""), claim(Egress, "young", 2, "p", "", "192.0.2.3")},
			want: "- 192.0.2.3", said: []string{taken("Egress young", "192.0.2.3")}},
		"status is no claim where another address is requested": {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "192.0.2.2", "192.0.2.3")}, want: "192.0.2.2"},
		"status outside the pool":                               {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "", "192.0.2.9")}, want: "192.0.2.1"},
		"one status for two":                                    {pools: pools, claims: []Claim{claim(Egress, "b", 1, "p", "", "192.0.2.3"), claim(Egress, "a", 1, "p", "", "192.0.2.3")}, want: "192.0.2.1 192.0.2.3"},
		"no pool":                                               {pools: pools, claims: []Claim{claim(Egress, "a", 1, "q", "", "192.0.2.3"), claim(Egress, "b", 1, "q", "192.0.2.3", "")}, want: "- -", said: []string{"HG2019 there is no ExternalIPPool q", "HG2019 there is no ExternalIPPool q"}},
		"ranges in their order":                                 {pools: []Pool{aPool("p", "", "192.0.2.9-192.0.2.9", "192.0.2.1-192.0.2.1")}, claims: []Claim{claim(Egress, "a", 1, "p", "", ""), claim(Egress, "b", 1, "p", "", "")}, want: "192.0.2.9 192.0.2.1"},
		"the gateway is left out":                               {pools: []Pool{aPool("p", "192.0.2.1", "192.0.2.1-192.0.2.2")}, claims: []Claim{claim(Egress, "a", 1, "p", "", "192.0.2.1")}, want: "192.0.2.2"},
		"the gateway requested":                                 {pools: []Pool{aPool("p", "192.0.2.1", "192.0.2.1-192.0.2.2")}, claims: []Claim{claim(Egress, "a", 1, "p", "192.0.2.1", "192.0.2.1")}, want: "-", said: []string{"HG2021 192.0.2.1 is the gateway of the pool p, which nobody else can have"}},
		"outside the pool":                                      {pools: pools, claims: []Claim{claim(Service, "s/a", 1, "p", "192.0.2.5", "192.0.2.5")}, want: "-", said: []string{"HG2021 192.0.2.5 is not in the pool p"}},
		"exhausted":                                             {pools: []Pool{aPool("p", "192.0.2.1", "192.0.2.1-192.0.2.2")}, claims: []Claim{claim(Egress, "b", 1, "p", "", ""), claim(Egress, "a", 1, "p", "", "")}, want: "- 192.0.2.2", said: []string{"HG2020 all addresses of the pool p are taken"}},
		"no addresses at all":                                   {pools: []Pool{aPool("p", "")}, claims: []Claim{claim(Egress, "b", 1, "p", "", "")}, want: "-", said: []string{"HG2020 the pool p has no addresses"}},
		"a node's address":                                      {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "", "192.0.2.1"), claim(Egress, "b", 1, "p", "192.0.2.1", "")}, reserved: []Reserved{{addr("192.0.2.1"), origin("Node n")}}, want: "192.0.2.2 -", said: []string{"HG2022 192.0.2.1 is the address of Node n"}},
		"static":                                                {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "", ""), claim(Egress, "b", 2, "", "192.0.2.1", ""), claim(Egress, "c", 3, "", "203.0.113.7", "")}, want: "192.0.2.2 192.0.2.1 203.0.113.7"},
		"nothing stated":                                        {claims: []Claim{claim(Egress, "a", 1, "", "", "192.0.2.1")}, want: "-"},
		"Egresses share requests":                               {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "192.0.2.2", ""), claim(Egress, "b", 1, "p", "192.0.2.2", ""), claim(Egress, "c", 1, "", "192.0.2.2", "")}, want: "192.0.2.2 192.0.2.2 192.0.2.2"},
		"a request shares what an Egress has":                   {pools: pools, claims: []Claim{claim(Egress, "a", 1, "p", "", "192.0.2.2"), claim(Egress, "b", 1, "p", "192.0.2.2", "")}, want: "192.0.2.2 192.0.2.2"},
		"a shared one stays so":                                 {pools: pools, claims: []Claim{claim(Egress, "a", 2, "p", "", "192.0.2.2"), claim(Egress, "b", 1, "p", "192.0.2.2", "192.0.2.2")}, want: "192.0.2.2 192.0.2.2"},
		"Egress and Service":                                    {pools: pools, claims: []Claim{claim(Egress, "b", 1, "p", "192.0.2.2", ""), sharing(claim(Service, "s/a", 2, "p", "192.0.2.2", ""))}, want: "192.0.2.2 -", said: []string{taken("Egress b", "192.0.2.2")}},
		"Services that agree":                                   {pools: pools, claims: []Claim{sharing(claim(Service, "s/a", 1, "p", "192.0.2.2", ""), tcp(80)), sharing(claim(Service, "s/b", 1, "p", "192.0.2.2", ""), tcp(81), Port{"UDP", 80})}, want: "192.0.2.2 192.0.2.2"},
		"Services that do not ask do not share":                 {pools: pools, claims: []Claim{sharing(claim(Service, "s/a", 1, "p", "", ""), tcp(80)), sharing(claim(Service, "s/b", 1, "p", "", ""), tcp(81))}, want: "192.0.2.1 192.0.2.2"},
		"a Service that does not agree":                         {pools: pools, claims: []Claim{claim(Service, "s/a", 1, "p", "192.0.2.2", ""), sharing(claim(Service, "s/b", 1, "p", "192.0.2.2", ""), tcp(81))}, want: "192.0.2.2 -", said: []string{taken("Service s/a", "192.0.2.2")}},
		"a third one does not agree":                            {pools: pools, claims: []Claim{sharing(claim(Service, "s/a", 1, "p", "192.0.2.2", ""), tcp(80)), sharing(claim(Service, "s/b", 1, "p", "192.0.2.2", ""), tcp(81)), claim(Service, "s/c", 1, "p", "192.0.2.2", "")}, want: "192.0.2.2 192.0.2.2 -", said: []string{taken("Service s/a", "192.0.2.2")}},
		"ports collide":                                         {pools: pools, claims: []Claim{sharing(claim(Service, "s/a", 1, "p", "192.0.2.2", ""), tcp(80)), sharing(claim(Service, "s/b", 1, "p", "192.0.2.2", ""), tcp(81), tcp(80))}, want: "192.0.2.2 -", said: []string{taken("Service s/a", "192.0.2.2") + ", and the port TCP/80 too"}},
		"sharing goes on":                                       {pools: pools, claims: []Claim{claim(Service, "s/a", 1, "p", "192.0.2.2", "192.0.2.2"), sharing(claim(Service, "s/b", 1, "p", "192.0.2.2", "192.0.2.2"), tcp(81))}, want: "192.0.2.2 192.0.2.2"},
		"one of each family":                                    {pools: mixed, claims: []Claim{both}, want: "2001:db8::1 198.51.100.1"},
		"two pools of one family":                               {pools: mixed, claims: []Claim{{Name: "e", Wants: []Want{{Pool: "four"}, {Pool: "four"}}}}, want: "198.51.100.1 -", said: []string{"HG2020 the pool four has no addresses of IPv6"}},
		"one family is enough":                                  {pools: pools, claims: []Claim{dual}, want: "192.0.2.1 -"},
		"one family is not enough":                              {pools: pools, claims: []Claim{strict}, want: "192.0.2.1 -", said: []string{"HG2020 the pool p has no addresses of IPv6"}},
		"the last address there is":                             {pools: []Pool{aPool("p", "", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}, claims: []Claim{claim(Egress, "a", 1, "p", "", ""), claim(Egress, "b", 1, "p", "", "")}, want: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -", said: []string{"HG2020 all addresses of the pool p are taken"}},
		"overlapping pools":                                     {pools: []Pool{aPool("p", "", "192.0.2.1-192.0.2.9"), aPool("q", "", "192.0.2.2-192.0.2.3", "192.0.2.4-192.0.2.5"), aPool("r", "", "192.0.2.9-192.0.2.12")}, claims: []Claim{claim(Egress, "a", 1, "p", "192.0.2.2", ""), claim(Egress, "b", 1, "q", "", "")}, want: "192.0.2.2 192.0.2.3", said: []string{"HG2023 q has addresses that p has, too", "HG2023 q has addresses that p has, too", "HG2023 r has addresses that p has, too"}},
	}
}

func TestUsage(t *testing.T) {
	for name, c := range map[string]struct {
		pool Pool
		want Usage
	}{
		"plain":           {aPool("p", "", "192.0.2.1-192.0.2.4", "192.0.2.9-192.0.2.9"), Usage{5, 2}},
		"gateway":         {aPool("p", "192.0.2.1", "192.0.2.1-192.0.2.4"), Usage{3, 2}},
		"overlap":         {aPool("p", "", "192.0.2.1-192.0.2.4", "192.0.2.3-192.0.2.6"), Usage{6, 2}},
		"large":           {aPool("p", "2001:db8::1", "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"), Usage{most, 2}},
		"reserved":        {aPool("p", "", "192.0.2.1-192.0.2.4", "203.0.113.1-203.0.113.2"), Usage{5, 2}},
		"reserved router": {aPool("p", "203.0.113.1", "192.0.2.1-192.0.2.4", "203.0.113.1-203.0.113.2"), Usage{5, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			var report diag.Report
			got := Allocate([]Pool{c.pool}, []Claim{claim(Egress, "a", 1, "p", "", ""), claim(Service, "s/b", 1, "p", "", "")},
				[]Reserved{{addr("203.0.113.1"), origin("Node n")}}, &report)
			require.Equal(t, []Usage{c.want}, got.Usage)
		})
	}
	require.Equal(t, uint64(1<<62), count(Range{First: addr("2001:db8::"), Last: addr("2001:db8::3fff:ffff:ffff:ffff")}))
}

// random makes pools, and claims of which some have a status, as an earlier allocation gave it to them.
func random(r *rand.Rand) ([]Pool, []Claim) {
	pools := []Pool{aPool("a", "192.0.2.3", "192.0.2.1-192.0.2.12", "2001:db8::1-2001:db8::4"), aPool("b", "", "198.51.100.1-198.51.100.6", "198.51.100.9-198.51.100.9")}
	var claims []Claim
	for i := range 4 + r.IntN(24) {
		kind := Kind(r.IntN(2))
		name := fmt.Sprintf("n%d", i)
		c := claim(kind, name, r.IntN(4), pools[r.IntN(2)].Name, "", "")
		c.MayShare = r.IntN(2) == 0
		c.Ports = []Port{tcp(uint16(80 + r.IntN(3)))}
		if r.IntN(2) == 0 {
			c.Wants[0].Requested = addr(fmt.Sprintf("192.0.2.%d", 1+r.IntN(8)))
		}
		if r.IntN(12) == 0 {
			c.Wants[0].Pool = ""
		}
		if r.IntN(6) == 0 {
			c.Wants = append(c.Wants, Want{Pool: "a"})
		}
		claims = append(claims, c)
	}
	return pools, claims
}

// withStatus gives claims what they got.
func withStatus(claims []Claim, got [][]netip.Addr) []Claim {
	out := slices.Clone(claims)
	for i := range out {
		out[i].Current = slices.DeleteFunc(slices.Clone(got[i]), func(a netip.Addr) bool { return !a.IsValid() })
	}
	return out
}

func allocate(pools []Pool, claims []Claim) ([][]netip.Addr, []diag.Finding) {
	var report diag.Report
	got := Allocate(pools, claims, nil, &report)
	return got.Addrs, report.Findings()
}

func TestProperties(t *testing.T) {
	sharedOnce, refused := 0, 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 5))
		pools, claims := random(r)
		got, said := allocate(pools, claims)
		refused += len(said)

		// No address has two owners that do not agree.
		owners := map[netip.Addr][]*Claim{}
		for i, list := range got {
			for w, a := range list {
				if !a.IsValid() {
					continue
				}
				if want := claims[i].Wants[w]; want.Pool != "" {
					p := newPool(&pools[slices.IndexFunc(pools, func(p Pool) bool { return p.Name == want.Pool })])
					require.True(t, p.hands(a))
				}
				for _, other := range owners[a] {
					sharedOnce++
					require.Equal(t, claims[i].Kind, other.Kind)
					require.True(t, other.Kind == Egress || claims[i].MayShare && other.MayShare && collision(&claims[i], other) == nil)
				}
				owners[a] = append(owners[a], &claims[i])
			}
			require.False(t, len(list) == 2 && list[0].IsValid() && FamilyOf(list[0]) == FamilyOf(list[1]))
		}

		// The order of the input is irrelevant.
		mixed := slices.Clone(claims)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		shuffled, saidThen := allocate(pools, mixed)
		require.Equal(t, said, saidThen)
		for i := range mixed {
			at := slices.IndexFunc(claims, func(c Claim) bool { return c.Name == mixed[i].Name })
			require.Equal(t, got[at], shuffled[i], seed)
		}

		// Who has an address keeps it, whoever comes or goes.
		settled := withStatus(claims, got)
		more := claim(Kind(r.IntN(2)), "more", 0, "a", "", "")
		if r.IntN(2) == 0 {
			more.Wants[0].Requested = addr(fmt.Sprintf("192.0.2.%d", 1+r.IntN(14)))
		}
		more.Created = day(1).Add(-time.Hour)
		again, _ := allocate(pools, append(slices.Clone(settled), more))
		for i := range settled {
			for w, a := range got[i] {
				if a.IsValid() {
					require.Equal(t, a, again[i][w], "seed %d: %s", seed, settled[i].Name)
				}
			}
		}
		gone := r.IntN(len(settled))
		fewer, _ := allocate(pools, slices.Delete(slices.Clone(settled), gone, gone+1))
		for i := range fewer {
			at := i
			if i >= gone {
				at++
			}
			for w, a := range got[at] {
				if a.IsValid() {
					require.Equal(t, a, fewer[i][w], "seed %d: %s", seed, settled[at].Name)
				}
			}
		}
	}
	require.Greater(t, sharedOnce, 200)
	require.Greater(t, refused, 1000)
}
