package expect_test

import (
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
	report := &diag.Report{}
	objects := manifest.Read(t.Context(), manifest.Options{Files: []string{"-"}, Namespace: "default", Stdin: strings.NewReader(cluster + `---
apiVersion: headgate-net.github.io/v1alpha1
kind: Expectations
metadata: {name: e}
spec: {expect: [` + sentence + `]}
`)}, report)
	require.False(t, report.HasErrors(), report.Findings())
	results := expect.Judge(objects, compiler.Compile(objects, compiler.Options{}, report).Program)
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
