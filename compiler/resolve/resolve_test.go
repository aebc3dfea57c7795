package resolve_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// cluster is read by the real front end, so that positions are those of this text.
const cluster = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {podCIDR: 10.0.1.0/24, podCIDRs: [10.0.1.0/24]}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}, {name: http, containerPort: 9090}]}]}
status: {podIP: 10.0.1.1, podIPs: [{ip: 10.0.1.1}, {ip: "fd00::1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {podIP: 10.0.1.2}
---
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, hostNetwork: true, containers: [{name: c, image: i}]}
status: {podIP: 192.0.2.1}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: i}]}
status: {phase: Succeeded, podIP: 10.0.1.1}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: web}}
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
      podSelector: {matchExpressions: [{key: app, operator: In, values: [web]}]}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/17, 10.1.128.0/17]}
    ports: [{port: 5432}, {port: 1, endPort: 9, protocol: UDP}]
`

func read(t *testing.T, text string) *manifest.Objects {
	t.Helper()
	var report diag.Report
	objects := manifest.Parse("c.yaml", []byte(text), &report)
	require.Empty(t, slices.DeleteFunc(report.Findings(), func(f diag.Finding) bool { return f.Severity < diag.Error }))
	return objects
}

func program(t *testing.T, text string) (*ir.Program, []diag.Finding) {
	t.Helper()
	x := resolve.New()
	x.Add(read(t, text))
	var report diag.Report
	p := x.Program(resolve.Cluster(), &report)
	require.NoError(t, p.Check())
	return p, report.Findings()
}

func TestProgram(t *testing.T) {
	p, findings := program(t, cluster)
	require.Empty(t, findings)
	require.Equal(t, strings.TrimPrefix(`
program
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,c.yaml:5:1
endpoint shop/db node=n1 addrs=10.0.1.2 from="Pod shop/db",-,c.yaml:17:1
endpoint shop/web node=n1 addrs=10.0.1.1,fd00::1 ports=http:tcp/8080 listens=tcp/8080,tcp/9090 from="Pod shop/web",-,c.yaml:11:1
group "block 10.0.0.0/8 except 10.1.0.0/16" blocks=10.0.0.0/16,10.2.0.0-10.255.255.255
group "pods ns=shop app=db" members=shop/db
group "pods ns=shop app=web" members=shop/web

policy NetworkPolicy shop/db namespace isolates=ingress subjects="pods ns=shop app=db" from="NetworkPolicy shop/db",-,c.yaml:35:1
  ingress allow peers="block 10.0.0.0/8 except 10.1.0.0/16","pods ns=shop app=web" ports=tcp/5432,udp/1-9 from="NetworkPolicy shop/db",spec.ingress[0],c.yaml:41:5
`, "\n"), p.String())
}

func TestFindings(t *testing.T) {
	_, findings := program(t, cluster+`---
apiVersion: v1
kind: Pod
metadata: {name: twin, namespace: other}
spec: {nodeName: n7, containers: [{name: c, image: i}]}
status: {podIP: 10.0.1.2}
---
apiVersion: v1
kind: Pod
metadata: {name: young, namespace: other}
spec: {nodeName: n7, containers: [{name: c, image: i}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: none, namespace: shop}
spec:
  podSelector: {matchLabels: {app: nothing}}
  ingress:
  - ports: [{port: http}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ports, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
  - ports: [{port: http}, {port: http, protocol: UDP}]
  egress:
  - to: [{podSelector: {matchLabels: {app: db}}}]
    ports: [{port: http}]
  - to: [{ipBlock: {cidr: 10.0.1.2/32}}]
    ports: [{port: http}]
  - to: [{ipBlock: {cidr: 10.0.1.0/24}}]
    ports: [{port: http}]
  - ports: [{port: dns}]
`)
	var got []string
	for _, f := range findings {
		got = append(got, string(f.Code)+" "+f.Origin.Label()+": "+f.Message)
	}
	require.Equal(t, []string{
		`HG2001 Pod shop/db: pods other/twin and shop/db both have address 10.0.1.2`,
		`HG2002 Pod other/twin: node n7 is not declared (pods on it: 2)`,
		`HG2005 Pod other/twin: namespace other is not declared (objects in it: 2)`,
		`HG2006 Pod other/young: pod other/young has no address yet`,
		`HG2003 NetworkPolicy shop/none: NetworkPolicy shop/none selects no pod`,
		`HG2004 NetworkPolicy shop/ports spec.ingress[0].ports[1]: no pod that the rule could apply to names a udp port "http"`,
		`HG2004 NetworkPolicy shop/ports spec.egress[0].ports[0]: no pod that the rule could apply to names a tcp port "http"`,
		`HG2004 NetworkPolicy shop/ports spec.egress[1].ports[0]: no pod that the rule could apply to names a tcp port "http"`,
		`HG2004 NetworkPolicy shop/ports spec.egress[3].ports[0]: no pod that the rule could apply to names a tcp port "dns"`,
	}, got)
}

// TestSharing holds that a change leaves every value alone that it does not concern.
func TestSharing(t *testing.T) {
	objects := read(t, cluster)
	x := resolve.New()
	x.Add(objects)
	before := x.Program(resolve.Cluster(), nil)
	relabelled := *objects.Pods[1]
	relabelled.Labels = manifest.Labels{{Key: "app", Value: "web"}}
	x.Upsert(&relabelled)
	after := x.Program(resolve.Cluster(), nil)
	require.NoError(t, after.Check())
	require.Same(t, before.Groups[0], after.Groups[0], "the block")
	require.Equal(t, "shop/web", before.Groups[2].Members[0].String())
	require.Len(t, before.Groups[2].Members, 1, "an old program stays as it was")
	require.Len(t, after.Groups[2].Members, 2)
	require.Empty(t, after.Groups[1].Members)
	require.Same(t, before.Endpoints[1], after.Endpoints[1])

	x.Upsert(objects.Pods[1])
	x.Delete("NetworkPolicy", "shop", "db")
	x.Delete("Pod", "shop", "absent")
	last := x.Program(resolve.Cluster(), nil)
	require.Empty(t, last.Policies)
	require.Empty(t, last.Groups)
	require.Equal(t, before.Endpoints[0].String(), last.Endpoints[0].String())
}

// TestScopeOfNodes: a Program for a node has what concerns the node and what its rules name, no more.
func TestScopeOfNodes(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, cluster+`---
apiVersion: v1
kind: Node
metadata: {name: n2}
spec: {podCIDR: 10.0.2.0/24}
---
apiVersion: v1
kind: Pod
metadata: {name: far, namespace: other}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {podIP: 10.0.2.1}
---
apiVersion: v1
kind: Pod
metadata: {name: astray, namespace: other}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
status: {podIP: 10.9.9.9}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: far, namespace: other}
spec:
  podSelector: {}
  ingress:
  - from: [{podSelector: {}}]
`))
	p := x.Program(resolve.OnNodes("n1", "n1", "unknown"), nil)
	require.NoError(t, p.Check())
	require.Len(t, p.Nodes, 2)
	require.Len(t, p.Policies, 1)
	require.Equal(t, "other/astray shop/db shop/web", join(p.Endpoints))
	p = x.Program(resolve.OnNodes("n2"), nil)
	require.NoError(t, p.Check())
	require.Equal(t, "NetworkPolicy other/far", p.Policies[0].Origin.Object)
	require.Len(t, p.Policies, 1)
	require.Len(t, p.Groups, 1)
}

func join(endpoints []*ir.Endpoint) string {
	var words []string
	for _, e := range endpoints {
		words = append(words, e.String())
	}
	return strings.Join(words, " ")
}

// TestLongKeys: a block with many exceptions has a short key that is its own, whatever the order of the exceptions.
func TestLongKeys(t *testing.T) {
	keys := map[string]bool{}
	for _, skip := range []int{0, 1} {
		for _, reverse := range []bool{false, true} {
			block := &manifest.IPBlock{CIDR: netip.MustParsePrefix("10.0.0.0/8")}
			for i := skip; i < 500; i++ {
				block.Except = append(block.Except, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}), 32))
			}
			if reverse {
				slices.Reverse(block.Except)
			}
			x := resolve.New()
			x.Upsert(&manifest.NetworkPolicy{Meta: manifest.Meta{Kind: "NetworkPolicy", Namespace: "a", Name: "b"}, Ingress: true,
				IngressRules: []manifest.Rule{{Field: "spec.ingress[0]", Peers: []manifest.Peer{{IPBlock: block}}}}})
			p := x.Program(resolve.Cluster(), nil)
			require.Less(t, len(p.Groups[0].Key), 200)
			keys[p.Groups[0].Key] = true
		}
	}
	require.Len(t, keys, 2)
}
