package resolve_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

const leavers = `
{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {egress: "yes"}}, spec: {podCIDR: 10.0.1.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2, labels: {egress: "yes"}}, spec: {podCIDR: 10.0.2.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.2}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n3}, spec: {podCIDR: 10.0.3.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.3}]}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n3}, status: {podIP: 10.0.3.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {nodeName: n1}, status: {podIP: 10.0.1.1}}
---
apiVersion: crd.antrea.io/v1beta1
kind: ExternalIPPool
metadata: {name: vlan}
spec:
  ipRanges: [{start: 172.18.181.40, end: 172.18.181.50}]
  subnetInfo: {gateway: 172.18.181.1, prefixLength: 24, vlan: 181}
  nodeSelector: {matchLabels: {egress: "yes"}}
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: old, creationTimestamp: "2024-01-01T00:00:00Z"}
spec: {appliedTo: {podSelector: {matchLabels: {app: web}}}, externalIPPool: vlan, bandwidth: {rate: 10M, burst: 1M}}
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: all, creationTimestamp: "2025-01-01T00:00:00Z"}
spec: {appliedTo: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}, egressIP: 192.0.2.3}
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: nobody}
spec: {appliedTo: {}, externalIPPool: vlan}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {service.antrea.io/external-ip-pool: vlan}}
spec: {type: LoadBalancer, clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1], externalTrafficPolicy: Local, selector: {app: db}, ports: [{port: 80}]}
`

// departures prints what a Program says of how packets leave.
func departures(p *ir.Program) string {
	var out strings.Builder
	for _, h := range p.Holdings {
		fmt.Fprintf(&out, "%s on %q static=%t subnet=%s\n", h.Addr, h.Node, h.Static, h.Subnet)
	}
	for _, e := range p.Egresses {
		fmt.Fprintf(&out, "%s %s %v %v\n", e.Name, e.Who.Key, e.Leases, e.Limit)
	}
	for _, s := range p.Services {
		fmt.Fprintf(&out, "%s %v\n", s, s.LoadBalancers)
	}
	return out.String()
}

// spec: 11.1
func TestEgressesGetAddresses(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, leavers))
	var report diag.Report
	p := x.Program(resolve.Cluster(), &report)
	require.NoError(t, p.Check())
	require.Equal(t, `172.18.181.40 on "n1" static=false subnet=172.18.181.1/24@181
172.18.181.41 on "n2" static=false subnet=172.18.181.1/24@181
172.18.181.42 on "n1" static=false subnet=172.18.181.1/24@181
192.0.2.3 on "n3" static=true subnet=invalid IP/0
old pods nsel:*;app=web [{ipv4 172.18.181.40}] {10000000 1000000}
all pods ns=shop [{ipv4 192.0.2.3}] {0 0}
shop/web [172.18.181.42]
`, departures(p))
	var codes []string
	for _, f := range report.Findings() {
		codes = append(codes, string(f.Code)+" "+f.Message)
	}
	require.Contains(t, codes, "HG2025 Egress old comes first for pod shop/web, which both select")

	// A node that is down holds nothing; an address of its own is gone with it. A Service that is served on single nodes has its
	// address on those.
	x.SetDown([]string{"n1", "n3"})
	p = x.Program(resolve.Cluster(), nil)
	require.NoError(t, p.Check())
	require.Contains(t, departures(p), `172.18.181.40 on "n2"`)
	require.Contains(t, departures(p), `172.18.181.42 on "" `)
	require.Contains(t, departures(p), `192.0.2.3 on "" static=false`)
	var down diag.Report
	x.Program(resolve.Cluster(), &down)
	require.True(t, slices.ContainsFunc(down.Findings(), func(f diag.Finding) bool {
		return f.Code == diag.NoNodeForAddress && strings.HasSuffix(f.Message, "192.0.2.3: it is n3's own, which is down, and of no pool")
	}), down.Findings())
	same := x.Program(resolve.Cluster(), nil)
	require.Same(t, p.Egresses[0], same.Egresses[0])

	// Nodes without such pods and addresses know who holds the addresses, but no pods.
	x.SetDown(nil)
	x.Delete("Egress.crd.antrea.io", "", "all")
	away := x.Program(resolve.OnNodes("n9"), nil)
	require.NoError(t, away.Check())
	require.Len(t, away.Egresses, 1)
	require.Empty(t, away.Egresses[0].Who.Members)
	require.Equal(t, x.Program(resolve.Cluster(), nil).Egresses[0].Leases, away.Egresses[0].Leases)
	require.Same(t, away.Egresses[0], x.Program(resolve.OnNodes("n9"), nil).Egresses[0])
	require.Len(t, x.Program(resolve.OnNodes("n3"), nil).Egresses, 1, "has a pod")
	require.Len(t, x.Program(resolve.OnNodes("n1"), nil).Egresses, 1, "holds an address")

	// Without its pool a Service keeps what its status says, and an Egress has nothing, not even for IPv6.
	x.Delete("ExternalIPPool.crd.antrea.io", "", "vlan")
	p = x.Program(resolve.Cluster(), nil)
	require.NoError(t, p.Check())
	require.Equal(t, "old pods nsel:*;app=web [{ipv4 invalid IP} {ipv6 invalid IP}] {10000000 1000000}\nshop/web []\n", departures(p))
}
