package resolve_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

const opaque = cluster + `---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: out}
spec:
  priority: 1
  appliedTo: [{podSelector: {}}]
  egress:
  - {action: Allow, enableLogging: true, logLabel: out, to: [{fqdn: WWW.Example.com.}, {fqdn: "*.example.org"}, {ipBlock: {cidr: 192.0.2.0/24}}]}
  - {action: Drop, toServices: [{name: b, namespace: shop}, {name: a, namespace: shop}, {name: b, namespace: shop}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: same}
spec:
  priority: 2
  appliedTo: [{podSelector: {}}]
  egress:
  - {action: Drop, enableLogging: false, logLabel: unused, to: [{fqdn: "*.example.org"}, {fqdn: www.example.com}]}
`

func service(name string, ports []manifest.ServicePort, addrs ...string) *manifest.Service {
	s := &manifest.Service{Meta: manifest.Meta{Kind: "Service", Namespace: "shop", Name: name}, Ports: ports}
	for _, a := range addrs {
		s.ClusterIPs = append(s.ClusterIPs, netip.MustParseAddr(a))
	}
	return s
}

func groupKeys(groups []*ir.Group) string {
	var keys []string
	for _, g := range groups {
		keys = append(keys, g.Key)
	}
	return strings.Join(keys, "; ")
}

// spec: 8.9
func TestNamesOfARuleAreOneGroup(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, opaque))
	p := x.Program(resolve.Cluster(), nil)
	require.NoError(t, p.Check())
	out, same := named(p, "out").Rules[ir.Egress], named(p, "same").Rules[ir.Egress]
	require.Equal(t, "block 192.0.2.0/24; names *.example.org,www.example.com", groupKeys(out[0].Peers))
	require.Same(t, out[0].Peers[1], same[0].Peers[0], "equal patterns, written otherwise")
	require.Equal(t, []string{"*.example.org", "www.example.com"}, out[0].Peers[1].Patterns)
	require.True(t, out[0].Peers[1].Addrs.IsEmpty())

	x.Know(map[string][]netip.Addr{"www.example.com": {netip.MustParseAddr("203.0.113.1")}, "example.org": {netip.MustParseAddr("203.0.113.2")},
		"a.b.example.org": {netip.MustParseAddr("2001:db8::1")}})
	q := x.Program(resolve.Cluster(), nil)
	require.Equal(t, "203.0.113.1,2001:db8::1", named(q, "same").Rules[ir.Egress][0].Peers[0].Addrs.String())
	require.True(t, out[0].Peers[1].Addrs.IsEmpty(), "the earlier Program stays as it was")
}

// spec: 8.10
func TestDialsFollowTheServices(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, opaque))
	dialled := func() *ir.Group {
		p := x.Program(resolve.Cluster(), nil)
		require.NoError(t, p.Check())
		return named(p, "out").Rules[ir.Egress][1].Peers[0]
	}
	require.Equal(t, "services shop/a,shop/b", dialled().Key)
	require.Empty(t, dialled().Dials)
	var report diag.Report
	x.Program(resolve.Cluster(), &report)
	count := 0
	for _, f := range report.Findings() {
		if f.Code == diag.UnknownService {
			count++
		}
	}
	require.Equal(t, 3, count, "each reference")

	web := []manifest.ServicePort{{Protocol: "TCP", Port: 80}, {Protocol: "UDP", Port: 53}}
	x.Upsert(service("b", web, "10.96.0.2", "fd96::2"))
	require.Equal(t, []ir.Dial{{Addr: netip.MustParseAddr("10.96.0.2"), Proto: ir.ProtoTCP, Port: 80},
		{Addr: netip.MustParseAddr("10.96.0.2"), Proto: ir.ProtoUDP, Port: 53}, {Addr: netip.MustParseAddr("fd96::2"), Proto: ir.ProtoTCP, Port: 80},
		{Addr: netip.MustParseAddr("fd96::2"), Proto: ir.ProtoUDP, Port: 53}}, dialled().Dials)
	x.Upsert(service("a", web[:1], "10.96.0.1"))
	before := dialled()
	require.Len(t, before.Dials, 5)
	x.Upsert(service("other", web, "10.96.0.9"))
	require.Same(t, before, dialled(), "another Service")
	x.Upsert(service("b", web))
	require.Len(t, dialled().Dials, 1, "headless now")
	x.Delete("Service", "shop", "a")
	require.Empty(t, dialled().Dials)
	require.Len(t, before.Dials, 5, "the earlier Program stays as it was")
}

// spec: 8.11
func TestLoggingOfRulesAndNamespaces(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, opaque))
	before := x.Program(resolve.Cluster(), nil)
	out := named(before, "out").Rules[ir.Egress]
	require.Equal(t, ir.Logging{On: true, Label: "out"}, out[0].Logging)
	require.Zero(t, out[1].Logging)
	require.Zero(t, named(before, "same").Rules[ir.Egress][0].Logging, "a label alone logs nothing")
	require.Zero(t, named(before, "db").Logging)

	space := func(value string) *manifest.Namespace {
		n := &manifest.Namespace{Meta: manifest.Meta{Kind: "Namespace", Name: "shop", Labels: manifest.Labels{{Key: "env", Value: "prod"}}}}
		n.Annotations = manifest.Labels{{Key: "networkpolicy.antrea.io/enable-logging", Value: value}}
		return n
	}
	x.Upsert(space("true"))
	logged := x.Program(resolve.Cluster(), nil)
	require.NoError(t, logged.Check())
	db := named(logged, "db")
	require.True(t, db.Logging.On)
	for _, rules := range db.Rules {
		for _, r := range rules {
			require.Equal(t, ir.Logging{On: true}, r.Logging)
		}
	}
	require.Same(t, named(before, "out"), named(logged, "out"), "it is about NetworkPolicies only")
	x.Upsert(space("yes"))
	require.Zero(t, named(x.Program(resolve.Cluster(), nil), "db").Logging)
	x.Upsert(space("true"))
	require.True(t, named(x.Program(resolve.Cluster(), nil), "db").Logging.On)
	x.Delete("Namespace", "", "shop")
	require.Zero(t, named(x.Program(resolve.Cluster(), nil), "db").Logging)
}
