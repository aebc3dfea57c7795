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

const ranked = cluster + `---
apiVersion: v1
kind: Namespace
metadata: {name: ops, labels: {env: prod}}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: ops, labels: {app: job}}
spec: {nodeName: n1, serviceAccountName: robot, containers: [{name: c, image: i}]}
status: {podIP: 10.0.1.3}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: strict}
spec:
  tier: Early
  priority: 2.5
  appliedTo: [{podSelector: {}}]
  ingress:
  - {action: Pass, name: first, enableLogging: false, from: [{nodeSelector: {}}, {group: robots}]}
  - {action: Allow, from: [{namespaces: {match: Self}}, {ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 80, sourcePort: 9}]}
  - {action: Drop, protocols: [{icmp: {icmpType: 8}}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterGroup
metadata: {name: robots}
spec: {childGroups: [inner]}
---
apiVersion: crd.antrea.io/v1alpha1
kind: ExternalNode
metadata: {name: vm, namespace: ops, labels: {app: vm}}
spec: {interfaces: [{ips: [203.0.113.1]}]}
---
apiVersion: crd.antrea.io/v1beta1
kind: NetworkPolicy
metadata: {name: vm, namespace: ops}
spec:
  priority: 1
  appliedTo: [{externalEntitySelector: {}}]
  egress: [{action: Drop, to: [{podSelector: {}}]}]
`

func tier(name string, priority uint8) *manifest.Tier {
	return &manifest.Tier{Meta: manifest.Meta{Kind: "Tier", Group: "crd.antrea.io", Name: name}, Priority: priority}
}

// spec: 8.1 8.3 8.4 8.6 8.7
func TestRankedProgram(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, ranked))
	x.Upsert(tier("early", 7))
	p := x.Program(resolve.Cluster(), nil)
	require.NoError(t, p.Check())
	_, text, _ := strings.Cut(p.String(), "\nendpoint shop/web")
	_, text, _ = strings.Cut(text, "group \"nodes")
	text, _, _ = strings.Cut("group \"nodes"+text, "\npolicy NetworkPolicy shop/db")
	require.Equal(t, `group "nodes *" members=node:n1
group "pods ns=ops" members=ops/job
group "pods ns=shop" members=shop/db,shop/web
group "pods ns=shop app=db" members=shop/db
group "pods ns=shop app=web" members=shop/web
group "pods nsel:*" members=ops/job,shop/db,shop/web

policy ClusterNetworkPolicy strict admin rank=7/2.5/interleave subjects="pods nsel:*" from="ClusterNetworkPolicy.crd.antrea.io strict",-,c.yaml:58:1
  ingress pass name=first peers="nodes *" ports=any from="ClusterNetworkPolicy.crd.antrea.io strict",spec.ingress[0],c.yaml:66:5
  ingress allow peers="block 192.0.2.0/24" ports=tcp/80<9 from="ClusterNetworkPolicy.crd.antrea.io strict",spec.ingress[1],c.yaml:67:5
  ingress allow turn=1 subjects="pods ns=ops" peers="pods ns=ops" ports=tcp/80<9 from="ClusterNetworkPolicy.crd.antrea.io strict",spec.ingress[1],c.yaml:67:5
  ingress allow turn=1 subjects="pods ns=shop" peers="pods ns=shop" ports=tcp/80<9 from="ClusterNetworkPolicy.crd.antrea.io strict",spec.ingress[1],c.yaml:67:5
  ingress drop turn=2 peers=any ports=icmp/2048-2303,icmpv6/2048-2303 from="ClusterNetworkPolicy.crd.antrea.io strict",spec.ingress[2],c.yaml:68:5

policy NetworkPolicy ops/vm admin rank=250/1/interleave subjects="external ns=ops" from="NetworkPolicy.crd.antrea.io ops/vm",-,c.yaml:80:1
  egress drop peers="pods ns=ops" ports=any from="NetworkPolicy.crd.antrea.io ops/vm",spec.egress[0],c.yaml:86:12
`, text)
}

// TestTiersThatAreRefused: a policy in a tier with a priority that is kept for others is not in force, at no place in the order. One
// with the priority of the baseline tier is judged as one of that tier (HG2008).
// spec: 8.1
func TestTiersThatAreRefused(t *testing.T) {
	for _, priority := range []uint8{220, 251, 252, 254, 255} {
		x := resolve.New()
		x.Add(read(t, ranked))
		x.Upsert(tier("early", priority))
		require.Nil(t, named(x.Program(resolve.Cluster(), nil), "strict"), priority)
	}
	for priority, phase := range map[uint8]ir.Phase{0: ir.Admin, 250: ir.Admin, 253: ir.Baseline} {
		x := resolve.New()
		x.Add(read(t, ranked))
		x.Upsert(tier("early", priority))
		strict := named(x.Program(resolve.Cluster(), nil), "strict")
		require.Equal(t, phase, strict.Phase)
		require.Equal(t, priority, strict.Rank.Tier)
	}
	for _, text := range []string{"-1", "220", "251", "255", "256", "1.5", "'7'", "null"} {
		var report diag.Report
		objects := manifest.Parse("t.yaml", []byte("apiVersion: crd.antrea.io/v1beta1\nkind: Tier\nmetadata: {name: early}\nspec: {priority: "+text+"}\n"), &report)
		require.Empty(t, objects.Tiers, "a Tier with priority %s must not be taken for another one", text)
		require.True(t, report.HasErrors(), text)
	}
}

func named(p *ir.Program, name string) *ir.Policy {
	for _, policy := range p.Policies {
		if policy.Name == name {
			return policy
		}
	}
	return nil
}

// TestRankedFollowsWhatItDependsOn: a policy is derived again when its tier, a group or the namespaces change, and stays the same
// value when they come out as before.
func TestRankedFollowsWhatItDependsOn(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, ranked))
	require.Nil(t, named(x.Program(resolve.Cluster(), nil), "strict"), "the tier is missing")
	x.Upsert(tier("early", 7))
	before := x.Program(resolve.Cluster(), nil)
	require.EqualValues(t, 7, named(before, "strict").Rank.Tier)
	x.Upsert(tier("early", 7))
	x.Upsert(&manifest.Namespace{Meta: manifest.Meta{Kind: "Namespace", Name: "shop", Labels: manifest.Labels{{Key: "env", Value: "test"}}}})
	same := x.Program(resolve.Cluster(), nil)
	require.Same(t, named(before, "strict"), named(same, "strict"), "labels of namespaces do not matter to it")

	robots := manifest.Group{Meta: manifest.Meta{Kind: "ClusterGroup", Group: "crd.antrea.io", Name: "inner"},
		Members: []manifest.RankedPeer{{ServiceAccount: &manifest.ObjectRef{Namespace: "ops", Name: "robot"}}}}
	x.Upsert(&robots)
	grown := x.Program(resolve.Cluster(), nil)
	require.Equal(t, "ops/job", join(named(grown, "strict").Rules[ir.Ingress][0].Peers[1].Members))
	require.Same(t, named(before, "vm"), named(grown, "vm"))

	x.Delete("Pod", "ops", "job")
	shrunk := x.Program(resolve.Cluster(), nil)
	require.NoError(t, shrunk.Check())
	require.Len(t, named(shrunk, "strict").Rules[ir.Ingress], 4, "no subjects are left in ops")
	x.Delete("Tier.crd.antrea.io", "", "early")
	x.Delete("NetworkPolicy", "ops", "vm") // another kind
	last := x.Program(resolve.Cluster(), nil)
	require.Nil(t, named(last, "strict"))
	require.NotNil(t, named(last, "vm"))
	x.Delete("NetworkPolicy.crd.antrea.io", "ops", "vm")
	require.Nil(t, named(x.Program(resolve.Cluster(), nil), "vm"))
}

// TestRankedScopes: the Program of a node has what concerns its pods and itself, that of a machine what concerns its entities; shop/web is
// in both because its IPv6 address is outside of its node's prefixes.
func TestRankedScopes(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, ranked))
	x.Upsert(tier("early", 7))
	p := x.Program(resolve.OnNodes("n1"), nil)
	require.NoError(t, p.Check())
	require.Equal(t, "node n1 ops/job shop/db shop/web", join(p.Endpoints))
	require.Nil(t, named(p, "vm"))
	p = x.Program(resolve.OnNodes("ops/vm"), nil)
	require.NoError(t, p.Check())
	require.Equal(t, "ops/job external ops/vm shop/web", join(p.Endpoints))
	require.NotNil(t, named(p, "vm"))
	require.Len(t, p.Policies, 1)
}

// TestAddressesHaveOneEndpoint: pods come before nodes, nodes before external entities, and these go by namespace and name.
// spec: 8.7
func TestAddressesHaveOneEndpoint(t *testing.T) {
	x := resolve.New()
	x.Add(read(t, ranked))
	for _, e := range []struct{ name, addr string }{{"a", "10.0.1.3"}, {"b", "192.0.2.1"}, {"c", "203.0.113.1"}, {"d", "203.0.113.2"}, {"vm", "203.0.113.9"}} {
		x.Upsert(&manifest.ExternalEntity{Meta: manifest.Meta{Kind: "ExternalEntity", Group: "crd.antrea.io", Namespace: "ops", Name: e.name},
			Addrs: []netip.Addr{netip.MustParseAddr(e.addr)}})
	}
	var report diag.Report
	p := x.Program(resolve.Cluster(), &report)
	require.NoError(t, p.Check())
	addrs := map[string]string{}
	for _, e := range p.Endpoints {
		if e.Kind == ir.ExternalEndpoint {
			addrs[e.Name] = ir.AddrSetOf(e.Addrs...).String()
		}
	}
	require.Equal(t, map[string]string{"a": "none", "b": "none", "c": "203.0.113.1", "d": "203.0.113.2", "vm": "none"}, addrs)
	shared := 0
	for _, f := range report.Findings() {
		if f.Code == diag.DuplicateAddress {
			shared++
		}
	}
	require.Equal(t, 3, shared, "the entity vm is a copy of the ExternalNode's")

	x.Upsert(&manifest.Pod{Meta: manifest.Meta{Kind: "Pod", Namespace: "shop", Name: "odd"}, NodeName: "n1", Addrs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}})
	x.Upsert(tier("early", 7)) // with a policy that selects nodes
	report = diag.Report{}
	p = x.Program(resolve.Cluster(), &report)
	require.NoError(t, p.Check())
	require.Equal(t, "node n1", p.Endpoints[0].String())
	require.Empty(t, p.Endpoints[0].Addrs)
	told := slices.ContainsFunc(report.Findings(), func(f diag.Finding) bool {
		return f.Code == diag.DuplicateAddress && strings.HasPrefix(f.Message, "node n1 has address 192.0.2.1, ")
	})
	require.True(t, told)
}

// The names of external entities are those that Antrea gives: the ExternalNode's, with a hash of the interface's name if it has one.
func TestEntityName(t *testing.T) {
	require.Equal(t, "vm", resolve.EntityName("vm", ""))
	require.Equal(t, "vm-3e616", resolve.EntityName("vm", "eth0"))
}

// Policies, and rules with an appliedTo of their own, that apply to nothing; port names that no pod gives.
// spec: 8.3 8.6
func TestRankedFindings(t *testing.T) {
	_, findings := program(t, cluster+`---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: none}
spec:
  priority: 1
  appliedTo: [{podSelector: {matchLabels: {app: nobody}}}]
  ingress: [{action: Drop}]
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: nodes}
spec:
  priority: 1
  appliedTo: [{nodeSelector: {matchLabels: {role: nobody}}}]
  ingress: [{action: Drop}]
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: rules}
spec:
  priority: 2
  ingress:
  - {action: Drop, appliedTo: [{podSelector: {matchLabels: {app: nobody}}}]}
  - {action: Drop, appliedTo: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: http}]}
  - {action: Drop, appliedTo: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: http, protocol: UDP}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: any}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress:
  - {action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: http}]}
  - {action: Deny, from: [{namespaces: {}}], protocols: [{destinationNamedPort: nothing}]}
`)
	var got []string
	for _, f := range findings {
		_, object, _ := strings.Cut(f.Origin.Label(), " ")
		got = append(got, string(f.Code)+" "+object+": "+f.Message)
	}
	require.Equal(t, []string{
		`HG2003 none: ClusterNetworkPolicy none selects no pod`,
		`HG2003 nodes: ClusterNetworkPolicy nodes selects no pod, node or external entity`,
		`HG2003 rules spec.ingress[0]: the rule applies to nothing`,
		`HG2004 rules spec.ingress[2].ports[0]: no pod that the rule could apply to names a udp port "http"`,
		`HG2004 any spec.ingress[1].protocols[0]: no pod that the rule could apply to names a port "nothing"`,
	}, got)
}
