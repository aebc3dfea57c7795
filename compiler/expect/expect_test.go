package expect_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/expect"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// cluster has two pods of both families. Only web gets to db: on TCP 5432 to 5440 but not 5436, which an earlier rule rejects; and from
// 203.0.113.0/24 but for one address on TCP 443.
const cluster = `
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {nodeName: n1, containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}, status: {podIPs: [{ip: 10.0.0.2}, {ip: "fd00::2"}]}}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: no-admin}
spec:
  priority: 1
  appliedTo: [{podSelector: {matchLabels: {app: db}}}]
  ingress: [{action: Reject, from: [{podSelector: {}}], ports: [{protocol: TCP, port: 5436}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{protocol: TCP, port: 5432, endPort: 5440}]
  - from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.77/32]}}]
    ports: [{protocol: TCP, port: 443}]
`

func judge(t *testing.T, sentence string) expect.Result {
	t.Helper()
	return judgeIn(t, "", nil, sentence)
}

// judgeIn judges a sentence where there is more, and names are known.
func judgeIn(t *testing.T, more string, known map[string][]netip.Addr, sentence string) expect.Result {
	t.Helper()
	report := &diag.Report{}
	objects := manifest.Read(t.Context(), manifest.Options{Files: []string{"-"}, Namespace: "default", Stdin: strings.NewReader(cluster + more + `---
apiVersion: headgate-net.github.io/v1alpha1
kind: Expectations
metadata: {name: e}
spec: {expect: [` + sentence + `]}
`)}, report)
	require.False(t, report.HasErrors(), report.Findings())
	results := expect.Judge(objects, compiler.Compile(objects, compiler.Options{Known: known}, report).Program)
	require.Len(t, results, 1)
	return results[0]
}

func TestJudge(t *testing.T) {
	const web, db = "from: [{podSelector: {matchLabels: {app: web}}}]", "to: [{pod: {namespace: shop, name: db}}]"
	for name, c := range map[string]struct {
		sentence string
		packet   string // the first that contradicts; "" for none
		problem  string
	}{
		"ports before the hole":   {"{verdict: Allow, " + web + ", " + db + ", ports: [{protocol: TCP, port: 5432, endPort: 5435}]}", "", ""},
		"a hole in a range":       {"{verdict: Allow, " + web + ", " + db + ", ports: [{protocol: TCP, port: 5432, endPort: 5440}]}", "tcp/5436", ""},
		"the hole":                {"{verdict: Reject, " + web + ", " + db + ", ports: [{protocol: TCP, port: 5436}]}", "", ""},
		"after the range":         {"{verdict: Allow, " + web + ", " + db + ", ports: [{protocol: TCP, port: 5437, endPort: 5441}]}", "tcp/5441", ""},
		"a port by name":          {"{verdict: Allow, " + web + ", " + db + ", ports: [{protocol: TCP, port: sql}]}", "", ""},
		"a name nobody has":       {"{verdict: Allow, " + web + ", " + db + ", ports: [{protocol: TCP, port: http}]}", "", `no destination has a port of the name "http"`},
		"all traffic back":        {"{verdict: Allow, from: [{pod: {namespace: shop, name: db}}], to: [{pod: {namespace: shop, name: web}}]}", "", ""},
		"all traffic, but some":   {"{verdict: Drop, " + web + ", " + db + "}", "tcp/5432", ""},
		"neighbours are left out": {"{verdict: Drop, " + web + ", " + db + ", protocols: [{icmp: {}}]}", "", ""},
		"a block's exception":     {"{verdict: Allow, from: [{ipBlock: {cidr: 203.0.113.0/24}}], " + db + ", ports: [{protocol: TCP, port: 443}]}", "tcp/443", ""},
		"a block without it":      {"{verdict: Allow, from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.77/32]}}], " + db + ", ports: [{protocol: TCP, port: 443}]}", "", ""},
		"a block with pods":       {"{verdict: Drop, from: [{ipBlock: {cidr: 10.0.0.0/8}}], " + db + ", ports: [{protocol: TCP, port: 5432}]}", "tcp/5432", ""},
		"the pod's own node":      {"{verdict: Drop, from: [{node: n1}], " + db + ", ports: [{protocol: TCP, port: 80}]}", "tcp/80", ""},
		"another node":            {"{verdict: Drop, from: [{node: n2}], " + db + ", ports: [{protocol: TCP, port: 80}]}", "", ""},
		"nobody":                  {"{verdict: Drop, from: [{podSelector: {matchLabels: {app: cache}}}], " + db + "}", "", "no packet tests it: pods (app=cache), in from[0], is nobody that has an address"},
		"only itself":             {"{verdict: Allow, from: [{podSelector: {matchLabels: {app: db}}}], " + db + "}", "", "no packet tests it: the two sides have no address family in common, or each is but itself"},
		"no family in common":     {"{verdict: Allow, from: [{ipBlock: {cidr: 2001:db8::/64}}], to: [{node: n1}]}", "", "no packet tests it: the two sides have no address family in common, or each is but itself"},
	} {
		t.Run(name, func(t *testing.T) {
			r := judge(t, c.sentence)
			require.Equal(t, c.problem, r.Problem)
			require.Equal(t, c.packet == "" && c.problem == "", r.Holds())
			if c.packet == "" {
				require.Empty(t, r.Contradictions)
				return
			}
			require.NotEmpty(t, r.Contradictions)
			require.Equal(t, c.packet, expect.Traffic(r.Contradictions[0].Packet))
		})
	}
}

// The address that is excepted is the one that is told.
func TestJudgeTellsTheAddress(t *testing.T) {
	r := judge(t, "{verdict: Allow, from: [{ipBlock: {cidr: 203.0.113.0/24}}], to: [{pod: {namespace: shop, name: db}}], ports: [{protocol: TCP, port: 443}]}")
	require.Len(t, r.Contradictions, 1)
	require.Equal(t, "203.0.113.77", r.Contradictions[0].From.String())
	require.Equal(t, 2, r.Packets)
}

// more is what does not belong to pods and addresses: two machines, of which only web gets to the database's; an edge node without ssh; what
// client programs may not send from privileged ports; a Service that web may not dial; and the one name outside that db may reach.
const more = `
---
{apiVersion: v1, kind: Node, metadata: {name: edge, labels: {role: edge}}, status: {addresses: [{type: InternalIP, address: 192.168.0.3}]}}
---
{apiVersion: crd.antrea.io/v1alpha1, kind: ExternalNode, metadata: {name: vm, namespace: shop, labels: {app: vm}}, spec: {interfaces: [{ips: [198.51.100.10]}]}}
---
{apiVersion: crd.antrea.io/v1alpha2, kind: ExternalEntity, metadata: {name: printer, namespace: shop, labels: {app: printer}}, spec: {endpoints: [{ip: 198.51.100.20}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop}, spec: {clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1], selector: {app: db}, ports: [{port: 80, targetPort: 5433}]}}
---
apiVersion: crd.antrea.io/v1beta1
kind: NetworkPolicy
metadata: {name: vm, namespace: shop}
spec:
  priority: 1
  appliedTo: [{externalEntitySelector: {matchLabels: {app: vm}}}]
  ingress:
  - {action: Allow, from: [{podSelector: {matchLabels: {app: web}}}], ports: [{protocol: TCP, port: 5432}]}
  - {action: Drop, ports: [{protocol: TCP, port: 5432}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: edge}
spec:
  priority: 1
  appliedTo: [{nodeSelector: {matchLabels: {role: edge}}}]
  ingress: [{action: Drop, from: [{nodeSelector: {}}, {ipBlock: {cidr: 198.51.100.0/24}}], ports: [{protocol: TCP, port: 22}]}]
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: sources}
spec:
  priority: 2
  appliedTo: [{podSelector: {matchLabels: {app: web}}}]
  egress:
  - {action: Drop, to: [{ipBlock: {cidr: 198.51.100.20/32}}], ports: [{protocol: UDP, port: 514, sourcePort: 1, sourceEndPort: 1023}]}
  - {action: Drop, toServices: [{name: db, namespace: shop}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: names}
spec:
  priority: 3
  appliedTo: [{podSelector: {matchLabels: {app: db}}}]
  egress:
  - {action: Allow, to: [{fqdn: "*.example.com"}], ports: [{protocol: TCP, port: 443}]}
  - {action: Drop, to: [{ipBlock: {cidr: 203.0.113.0/24}}]}
`

// Machines, nodes, source ports, Services that are dialled, and names count as what they are.
// spec: 12.13
func TestJudgeEverybody(t *testing.T) {
	const web, db = "from: [{podSelector: {matchLabels: {app: web}}}]", "from: [{podSelector: {matchLabels: {app: db}}}]"
	const vm, printer = "to: [{externalEntitySelector: {matchLabels: {app: vm}}}]", "to: [{externalEntitySelector: {matchLabels: {app: printer}}}]"
	known := map[string][]netip.Addr{"pay.example.com": {netip.MustParseAddr("203.0.113.7")}}
	for name, c := range map[string]struct {
		sentence string
		contrary string // FROM TRAFFIC of the first packet; "" for none
	}{
		"a machine":                 {"{verdict: Allow, " + web + ", " + vm + ", ports: [{protocol: TCP, port: 5432}]}", ""},
		"not from elsewhere":        {"{verdict: Drop, from: [{podSelector: {matchLabels: {app: db}}}, {ipBlock: {cidr: 203.0.113.0/24}}], " + vm + ", ports: [{protocol: TCP, port: 5432}]}", ""},
		"machines are told by name": {"{verdict: Allow, " + db + ", " + vm + ", ports: [{protocol: TCP, port: 5432}]}", "shop/db tcp/5432"},
		"from a machine":            {"{verdict: Drop, from: [{externalEntitySelector: {}}], to: [{pod: {namespace: shop, name: db}}], ports: [{protocol: TCP, port: 80}]}", ""},
		"nodes by labels":           {"{verdict: Drop, from: [{node: n1}, {ipBlock: {cidr: 198.51.100.7/32}}], to: [{nodeSelector: {matchLabels: {role: edge}}}], ports: [{protocol: TCP, port: 22}]}", ""},
		"other nodes":               {"{verdict: Drop, from: [{node: n1}], to: [{nodeSelector: {}}], ports: [{protocol: TCP, port: 22}]}", "node/n1 tcp/22"},
		"any source port":           {"{verdict: Allow, " + web + ", " + printer + ", ports: [{protocol: UDP, port: 514}]}", "shop/web udp/514"},
		"the free source ports":     {"{verdict: Allow, " + web + ", " + printer + ", ports: [{protocol: UDP, port: 514, sourcePort: 1024, sourceEndPort: 65535}]}", ""},
		"the other source ports":    {"{verdict: Drop, " + web + ", " + printer + ", ports: [{protocol: UDP, port: 514, sourcePort: 1, sourceEndPort: 1023}]}", ""},
		"what is not dialled":       {"{verdict: Allow, " + web + ", to: [{pod: {namespace: shop, name: db}}], ports: [{protocol: TCP, port: 5433}]}", ""},
		"a name":                    {"{verdict: Allow, " + db + ", to: [{ipBlock: {cidr: 203.0.113.7/32}}], ports: [{protocol: TCP, port: 443}]}", ""},
		"the network of a name":     {"{verdict: Drop, " + db + ", to: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{protocol: TCP, port: 443}]}", "shop/db tcp/443"},
		"the network without it":    {"{verdict: Drop, " + db + ", to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}}]}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := judgeIn(t, more, known, c.sentence)
			require.Empty(t, r.Problem)
			if c.contrary == "" {
				require.Empty(t, r.Contradictions)
				return
			}
			require.NotEmpty(t, r.Contradictions)
			require.Equal(t, c.contrary, r.Contradictions[0].From.Name+" "+expect.Traffic(r.Contradictions[0].Packet))
		})
	}
}
