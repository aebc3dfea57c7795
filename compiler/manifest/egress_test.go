package manifest

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// wholeEgress and its like have every field of their kinds. The last one is the project's example of a VLAN.
func wholeEgress() string {
	return `apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: one, creationTimestamp: "2026-03-04T05:06:07Z"}
spec:
  appliedTo:
    podSelector: {matchLabels: {app: web}}
    namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [b, a]}]}
  egressIP: 203.0.113.10
  externalIPPool: outside
  bandwidth: {rate: 10M, burst: 1500500m}
status: {egressNode: n1, egressIP: "2001:db8::11", conditions: [{type: IPAssigned}]}
`
}

func egressPair() string {
	return `apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: pair}
spec:
  appliedTo: {podSelector: {matchLabels: {app: web}}}
  egressIPs: ["", "2001:db8::11"]
  externalIPPools: [outside, ""]
`
}

func wholePool() string {
	return `apiVersion: crd.antrea.io/v1beta1
kind: ExternalIPPool
metadata: {name: outside}
spec:
  ipRanges:
  - cidr: 203.0.113.64/26
  - start: 203.0.113.10
    end: 203.0.113.10
  subnetInfo:
    gateway: 203.0.113.1
    prefixLength: 24
    vlan: 181
  nodeSelector: {matchLabels: {egress-role: egress-node}}
status: {usage: {total: 63, used: 1}}
`
}

func vlanExample() string {
	return `apiVersion: crd.antrea.io/v1beta1
kind: ExternalIPPool
metadata:
  name: egress-vlan-external-ip-pool
spec:
  ipRanges:
  - start: 172.18.181.40
    end: 172.18.181.50
  subnetInfo:
    gateway: 172.18.181.1
    prefixLength: 24
    vlan: 181
  nodeSelector:
    matchLabels:
      egress-role: egress-node
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata:
  name: egress-vlan
spec:
  appliedTo:
    podSelector:
      matchLabels:
        app: egress-1
  externalIPPool: egress-vlan-external-ip-pool
status:
  egressNode: k8s-node-vm-2-cl-02
`
}

func place(line, col int32) source.Pos { return source.Pos{File: "x.yaml", Line: line, Col: col} }

func chosen(key string, values ...string) Selector { return MakeSelector(Requirement{key, In, values}) }

func TestEgressIsReadWhole(t *testing.T) {
	got := parseOne(t, wholeEgress()).Egresses[0]
	require.Equal(t, "Egress.crd.antrea.io one", got.ID())
	got.Meta = Meta{}
	pods, namespaces := chosen("app", "web"), chosen("team", "a", "b")
	require.Equal(t, &Egress{
		Created: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), PodSelector: &pods, NamespaceSelector: &namespaces, AppliedToPos: place(6, 5),
		Addresses: []EgressAddress{{Field: "spec.egressIP", Pos: place(8, 13), Addr: netip.MustParseAddr("203.0.113.10"), Pool: "outside",
			PoolField: "spec.externalIPPool", PoolPos: place(9, 19)}},
		Bandwidth: &Bandwidth{Field: "spec.bandwidth", Pos: place(10, 14), Rate: 10_000_000, Burst: 1501},
		Status:    EgressStatus{netip.MustParseAddr("2001:db8::11"), "n1"},
	}, got)
	require.False(t, got.SelectsNothing())
}

func TestEgressOfBothFamilies(t *testing.T) {
	got := parseOne(t, egressPair()).Egresses[0]
	require.True(t, got.Created.IsZero())
	require.Nil(t, got.NamespaceSelector)
	require.Equal(t, []EgressAddress{
		{Field: "spec.externalIPPools[0]", Pos: place(7, 21), Pool: "outside", PoolField: "spec.externalIPPools[0]", PoolPos: place(7, 21)},
		{Field: "spec.egressIPs[1]", Pos: place(6, 19), Addr: netip.MustParseAddr("2001:db8::11")},
	}, got.Addresses)
}

func TestPoolIsReadWhole(t *testing.T) {
	got := parseOne(t, wholePool()).ExternalIPPools[0]
	got.Meta = Meta{}
	one := netip.MustParseAddr("203.0.113.10")
	require.Equal(t, &ExternalIPPool{
		Ranges: []IPRange{
			{"spec.ipRanges[0]", place(6, 5), netip.MustParsePrefix("203.0.113.64/26"), netip.MustParseAddr("203.0.113.65"), netip.MustParseAddr("203.0.113.126")},
			{"spec.ipRanges[1]", place(7, 5), netip.Prefix{}, one, one},
		},
		Subnet:       &SubnetInfo{"spec.subnetInfo", place(10, 5), netip.MustParseAddr("203.0.113.1"), 24, 181},
		NodeSelector: chosen("egress-role", "egress-node"),
	}, got)
	require.Equal(t, netip.MustParsePrefix("203.0.113.0/24"), got.Subnet.Prefix())
}

// What a block leaves out: its first address, and of IPv4 the last.
func TestBlocksOfPools(t *testing.T) {
	for block, want := range map[string][2]string{
		"198.51.100.0/30":   {"198.51.100.1", "198.51.100.2"},
		"10.0.0.0/8":        {"10.0.0.1", "10.255.255.254"},
		"2001:db8::/127":    {"2001:db8::1", "2001:db8::1"},
		"2001:db8::f0/124":  {"2001:db8::f1", "2001:db8::ff"},
		"2001:db8:0:1::/64": {"2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"},
	} {
		got := parseOne(t, "apiVersion: crd.antrea.io/v1beta1\nkind: ExternalIPPool\nmetadata: {name: p}\nspec: {nodeSelector: {}, ipRanges: [{cidr: \""+block+"\"}]}\n")
		r := got.ExternalIPPools[0].Ranges[0]
		require.Equal(t, want, [2]string{r.First.String(), r.Last.String()}, block)
		require.Nil(t, got.ExternalIPPools[0].Subnet)
	}
}

// A block of which nothing is left stays what it is: it can get neighbours, but no others on its addresses.
func TestBlockWithoutAddresses(t *testing.T) {
	var report diag.Report
	got := Parse("x.yaml", []byte("apiVersion: crd.antrea.io/v1beta1\nkind: ExternalIPPool\nmetadata: {name: p}\nspec: {nodeSelector: {}, ipRanges: [{cidr: 10.0.0.0/31}, {start: 10.0.0.2, end: 10.0.0.3}]}\n"), &report)
	require.Equal(t, []diag.Code{diag.IgnoredValue}, codes(&report))
	ranges := got.ExternalIPPools[0].Ranges
	require.Len(t, ranges, 2)
	require.Equal(t, IPRange{Field: "spec.ipRanges[0]", Pos: place(4, 37), CIDR: netip.MustParsePrefix("10.0.0.0/31")}, ranges[0])
}

func TestVLANExample(t *testing.T) {
	got := parseOne(t, vlanExample())
	require.Equal(t, "k8s-node-vm-2-cl-02", got.Egresses[0].Status.Node)
	require.Equal(t, uint16(181), got.ExternalIPPools[0].Subnet.VLAN)
}

// Both selectors absent or empty: nothing is meant. One of them is enough.
func TestEgressesThatSelectNothing(t *testing.T) {
	for appliedTo, nothing := range map[string]bool{
		"{}": true, "{podSelector: null}": true, "{podSelector: {}}": true, "{namespaceSelector: {}, podSelector: {matchLabels: {}}}": true,
		"{podSelector: {matchLabels: {a: b}}}": false, "{podSelector: {}, namespaceSelector: {matchExpressions: [{key: a, operator: Exists}]}}": false,
	} {
		var report diag.Report
		got := Parse("x.yaml", []byte("apiVersion: crd.antrea.io/v1beta1\nkind: Egress\nmetadata: {name: e}\nspec: {egressIP: 203.0.113.1, appliedTo: "+appliedTo+"}\n"), &report)
		require.Len(t, got.Egresses, 1, appliedTo)
		require.Equal(t, nothing, got.Egresses[0].SelectsNothing(), appliedTo)
		require.Equal(t, nothing, report.Findings() != nil, appliedTo)
	}
}

func TestServicesHaveAnAge(t *testing.T) {
	text := strings.Replace(wholeService(), "  name: web\n", "  name: web\n  creationTimestamp: 2026-03-04T05:06:07+01:00\n", 1)
	require.Equal(t, time.Date(2026, 3, 4, 4, 6, 7, 0, time.UTC), parseOne(t, text).Services[0].Created)
}

// TestMutatedEgresses is TestMutations for Egresses and pools.
func TestMutatedEgresses(t *testing.T) {
	count, read := mutants(t, []string{wholeEgress(), egressPair(), wholePool()}, func(o *Objects) int {
		checkOutside(t, o)
		return len(o.Egresses) + len(o.ExternalIPPools)
	})
	require.Greater(t, count, 700)
	require.Greater(t, read, 100)
}

// checkOutside asserts what the types say of Egresses and pools.
func checkOutside(t *testing.T, o *Objects) {
	t.Helper()
	for _, e := range o.Egresses {
		require.LessOrEqual(t, len(e.Addresses), 2)
		var families []IPFamily
		for _, a := range e.Addresses {
			require.True(t, a.Addr.IsValid() || a.Pool != "")
			require.Equal(t, a.Pool != "", a.PoolField != "")
			require.NotEmpty(t, a.Field)
			require.True(t, a.Pos.IsValid())
			if a.Addr.IsValid() {
				require.True(t, a.Addr.IsGlobalUnicast() && !a.Addr.Is4In6())
				families = append(families, FamilyOf(a.Addr))
			}
		}
		require.False(t, len(families) == 2 && families[0] == families[1])
		if e.Bandwidth != nil {
			require.True(t, e.Bandwidth.Rate >= 1000 && e.Bandwidth.Rate <= 1e15 && e.Bandwidth.Burst >= 1000 && e.Bandwidth.Burst <= 1e15)
		}
	}
	for _, p := range o.ExternalIPPools {
		for i, r := range p.Ranges {
			require.Equal(t, r.First.IsValid(), r.Last.IsValid())
			require.True(t, r.First.IsValid() || r.CIDR.IsValid())
			if !r.First.IsValid() {
				continue
			}
			require.Equal(t, FamilyOf(r.First), FamilyOf(r.Last))
			require.False(t, r.Last.Less(r.First))
			require.True(t, p.Subnet == nil || p.Subnet.Prefix().Contains(r.First) && p.Subnet.Prefix().Contains(r.Last))
			for _, other := range p.Ranges[:i] {
				require.False(t, other.First.IsValid() && extent{first: r.First, last: r.Last}.has(other.First))
			}
		}
		if p.Subnet != nil {
			require.True(t, p.Subnet.Gateway.IsValid() && p.Subnet.Bits > 0 && p.Subnet.Bits < p.Subnet.Gateway.BitLen() && p.Subnet.VLAN <= 4094)
		}
	}
}
