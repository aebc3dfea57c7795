package nft_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// services is a node with every kind of frontend.
const services = `pipeline node=n1
node n1 addrs=192.0.2.1,2001:db8::1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.0.2.2,2001:db8::2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
endpoint shop/web node=n1 addrs=10.0.1.5,fd00:1::5 from="Pod shop/web",-,-
pool one targets=10.0.1.5:8080
pool six targets=[fd00:1::5]:8080,[fd00:2::6]:8080
pool two targets=10.0.1.5:8080,10.0.2.6:8080
frontend node4/tcp/30080 shop/web pod=two node=two inside=two/masquerade outside=one from="Service shop/web",-,-
frontend node6/tcp/30080 shop/web pod=six node=six inside=six/masquerade outside=six/masquerade from="Service shop/web",-,-
frontend 10.96.0.1/tcp/80 shop/web pod=two node=two inside=two/masquerade outside=two/masquerade from="Service shop/web",-,-
frontend 10.96.0.1/udp/53 shop/web pod=two node=two inside=two/masquerade outside=two/masquerade affinity=3h0m0s from="Service shop/web",-,-
frontend 10.96.0.1/sctp/80 shop/web pod=one node=one inside=one outside=one from="Service shop/web",-,-
frontend 10.96.0.1/any/0 shop/web pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/web",-,-
frontend 10.96.0.2/tcp/80 shop/none pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/none",-,-
frontend 10.96.0.3/tcp/80 shop/local pod=discard node=discard inside=discard outside=discard from="Service shop/local",-,-
frontend 198.51.100.7/tcp/80 shop/web pod=two node=two inside=two/masquerade outside=discard sources=203.0.113.0/24,203.0.114.1 affinity=10s from="Service shop/web",-,-
frontend 198.51.100.8/tcp/80 shop/web pod=two node=two inside=two/masquerade outside=two/masquerade sources=fd00::/8 from="Service shop/web",-,-
frontend fd96::1/tcp/80 shop/web pod=six node=six inside=six/masquerade outside=six/masquerade affinity=10s from="Service shop/web",-,-
frontend fd96::1/any/0 shop/web pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/web",-,-
`

func TestServices(t *testing.T) {
	p := parse(t, services)
	require.NoError(t, p.Check())
	var report diag.Report
	whole, own := nft.Generate(p, &report), nft.GenerateOwn(p, &report)
	require.Empty(t, report.Findings())
	golden.File(t, "testdata/services.nft", nft.Script(whole))
	golden.File(t, "testdata/services-own.nft", nft.Script(own))
	require.NoError(t, artifact.Check(own))
	if !testing.Short() {
		nftCheck(t, nft.Script(whole), "-c", "-f", "-")
		nftCheck(t, nft.Script(own), "-c", "-f", "-")
	}
}

func TestDialAgreesWithPipeline(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(1500) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		nfttest.Services(r, p, 14, nfttest.Families{ir.IPv4, ir.IPv6})
		for name, rs := range map[string]*nft.Ruleset{"whole": lower(t, p), "own": nft.LowerOwn(p, &diag.Report{})} {
			want, got := p.Evaluator(), nft.NewEvaluator(rs, nfttest.Own(p))
			for range 60 {
				pkt := nfttest.Dialling(r)
				side := want.SideOf(pkt.Src)
				w, g := want.Dial(side, pkt), got.Dial(side, pkt)
				if !assert.ObjectsAreEqual(w, g) {
					require.Equal(t, w, g, "seed %d %s %s %+v\n%s", seed, name, side, pkt, nft.Script(nft.Artifact(rs)))
				}
				seen[fmt.Sprint(side, w.Outcome)]++
				seen[fmt.Sprint(side, w.Outcome, len(w.Masked) > 0, w.Affinity > 0)]++
			}
		}
	}
	for _, side := range ir.Sides() {
		for _, o := range []ir.Outcome{ir.NotService, ir.Balance, ir.Refuse, ir.Discard} {
			require.Greater(t, seen[fmt.Sprint(side, o)], 50, "%v", seen)
		}
		for _, yes := range []bool{true, false} {
			require.Greater(t, seen[fmt.Sprint(side, ir.Balance, yes, true)], 20, "%v", seen)
		}
	}
}

// TestServicesShareEverything: only elements are as many as Services.
func TestServicesShareEverything(t *testing.T) {
	for _, shape := range [][2]int{{1, 2}, {1000, 2}, {10_000, 2}, {30_000, 2}, {5000, 50}} {
		services, backends := shape[0], shape[1]
		cost := nft.CostOf(lower(t, nfttest.Fleet(services, backends)))
		// 3 elements more are the protocols with ports.
		require.Equal(t, nft.Cost{Sets: 4, Chains: 12, Rules: 18, Elements: services*(2+backends) + 3}, cost, "%v", shape)
	}
}

// TestOneServiceMoreIsASmallPlan: a Service that comes, and one that gets a backend, change elements of their own only.
func TestOneServiceMoreIsASmallPlan(t *testing.T) {
	small, large := nft.Artifact(lower(t, nfttest.Fleet(100, 2))), nft.Artifact(lower(t, nfttest.Fleet(101, 2)))
	require.Equal(t, artifact.Summary{ObjectsModified: 3, ItemsAdded: 4}, artifact.Diff(small, large).Summary())
	grown := nfttest.Fleet(100, 2)
	grown.Pools[7].Targets = append(grown.Pools[7].Targets, netip.MustParseAddrPort("10.250.0.1:8080"))
	require.Equal(t, artifact.Summary{ObjectsAdded: 1, ObjectsModified: 2, ItemsAdded: 4, ItemsDeleted: 2}, artifact.Diff(small, nft.Artifact(lower(t, grown))).Summary())
}

// TestMasqueradeBit: one bit of the mark is ours, whichever it is.
func TestMasqueradeBit(t *testing.T) {
	var report diag.Report
	script := nft.Script(nft.Options{MasqueradeBit: 0x8}.Generate(parse(t, services), &report))
	require.Empty(t, report.Findings())
	require.Contains(t, script, "meta mark set meta mark | 0x00000008\n")
	require.Contains(t, script, "ct status dnat meta mark & 0x00000008 == 0x00000008 masquerade fully-random\n")
	require.NotContains(t, script, "0x00400000")
	for _, bad := range []uint32{0, 0x3} {
		var report diag.Report
		nft.Options{MasqueradeBit: bad}.Generate(parse(t, services), &report)
		require.Len(t, report.Findings(), 1)
	}
}
