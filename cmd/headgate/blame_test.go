package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/targets/nft"
)

// fed is a follower of node n1 that a test gives changes instead of a server.
type fed struct {
	*follower
	t    *testing.T
	from *apiServer
	said bytes.Buffer
}

func newFed(t *testing.T) *fed {
	o := &agentOptions{host: hostFlags{target: nft.Target, node: "n1", services: "never"}, stateDir: t.TempDir()}
	node := agent.NewNode(agent.Options{Target: o.host.made(), Planes: []agent.Plane{{Dataplane: &blank{}, Target: nft.Target}}})
	f := &fed{t: t, from: newAPIServer(nil)}
	log := slog.New(slog.NewTextHandler(&f.said, nil))
	f.follower = newFollower(o, f.from, node, log)
	f.state = newReporter(o, agent.Generation{}, log)
	f.state.rejections = f.from.objects.Rejected
	return f
}

// give gives changes, as name and text in turn, and returns what the rules come from.
func (f *fed) give(changes ...string) string {
	f.t.Helper()
	var batch []kube.Change
	for i := 0; i < len(changes); i += 2 {
		batch = append(batch, kube.Change{Name: changes[i], Text: changes[i+1]})
	}
	f.from.take(batch)
	f.read(f.t.Context())
	f.load(f.t.Context())
	return f.node.Pipeline().String()
}

const (
	node1 = `{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.0.1.0/24}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}`
	gold  = `{apiVersion: crd.antrea.io/v1beta1, kind: Tier, metadata: {name: gold}, spec: {priority: 30}}`
	shops = `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`
	web1  = `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.0.1.10}}`
)

// tiered is a policy of the tier gold.
func tiered(name, cidr string) string {
	return `{apiVersion: crd.antrea.io/v1beta1, kind: ClusterNetworkPolicy, metadata: {name: ` + name + `},
  spec: {tier: gold, priority: 1, appliedTo: [{namespaceSelector: {}}], ingress: [{action: Drop, from: [{ipBlock: {cidr: ` + cidr + `}}]}]}}`
}

func plain(name, port string) string {
	return `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ` + name + `, namespace: shop}, spec: {podSelector: {}, ingress: [{ports: [{port: ` + port + `}]}]}}`
}

// TestDeletionHoldsUpNothingElse: that a tier is gone of which there are policies changes nothing about these, and holds up nothing else:
// not what comes, changes and goes with it or later. Without the policies it goes.
func TestDeletionHoldsUpNothingElse(t *testing.T) {
	f := newFed(t)
	before := f.give("nodes/n1", node1, "namespaces/shop", shops, "pods/shop/web", web1, "tiers/gold", gold,
		"policies/drop", tiered("drop", "192.0.2.0/24"), "policies/shop/a", plain("a", "80"), "policies/shop/b", plain("b", "81"))
	require.Contains(t, before, "192.0.2.0/24")
	require.Empty(t, f.from.objects.Rejected())

	now := f.give("tiers/gold", "", "policies/shop/a", "", "policies/shop/b", plain("b", "82"), "policies/shop/c", plain("c", "83"))
	require.Contains(t, now, "192.0.2.0/24")
	require.NotContains(t, now, "NetworkPolicy shop/a")
	require.Contains(t, now, "82")
	require.Contains(t, now, "NetworkPolicy shop/c")
	rejected := f.from.objects.Rejected()
	require.Len(t, rejected, 1)
	require.Equal(t, "tiers/gold", rejected[0].Document)
	require.True(t, rejected[0].Gone && rejected[0].Blamed && rejected[0].Previous)
	require.Contains(t, f.said.String(), `objects=tiers/gold`)
	require.Contains(t, f.said.String(), "it is gone, and stays in force all the same; without it, ClusterNetworkPolicy.crd.antrea.io drop: ")
	s, _, known := f.state.current()
	require.True(t, known && s.Ready())
	require.EqualValues(t, 1, s.RejectedTotal)
	require.Contains(t, s.Rejected[0].Message, "stays in force all the same")

	now = f.give("policies/shop/c", "", "policies/shop/d", plain("d", "84"))
	require.NotContains(t, now, "NetworkPolicy shop/c")
	require.Contains(t, now, "NetworkPolicy shop/d")
	now = f.give("policies/drop", tiered("drop", "192.0.2.64/26"))
	require.Contains(t, now, "192.0.2.64/26")
	require.Len(t, f.from.objects.Rejected(), 1)
	require.Equal(t, 1, strings.Count(f.said.String(), "objects=tiers/gold"), "said once")
	f.give("policies/odd", strings.Replace(tiered("odd", "192.0.2.0/24"), "priority: 1", "priority: x", 1))
	now = f.give("policies/lost", strings.ReplaceAll(tiered("lost", "192.0.3.0/24"), "tier: gold", "tier: lost"), "policies/shop/e", plain("e", "85"))
	require.Contains(t, now, "NetworkPolicy shop/e")
	require.NotContains(t, now, "192.0.3.0")
	require.Len(t, f.from.objects.Rejected(), 3, "two with errors of their own")

	now = f.give("policies/drop", "")
	require.NotContains(t, now, "192.0.2")
	require.Empty(t, f.from.objects.Objects().Tiers, "also while there are other errors")
	require.Len(t, f.from.objects.Rejected(), 2)
	f.give("policies/odd", "", "policies/lost", "")
	require.Empty(t, f.from.objects.Rejected())
	s, _, _ = f.state.current()
	require.Empty(t, s.Rejected)
}

// TestBlameFindsThoseToBlame: of many changes as few are held back as it takes, with few trials.
func TestBlameFindsThoseToBlame(t *testing.T) {
	f := newFed(t)
	changes := []string{"nodes/n1", node1, "namespaces/shop", shops, "pods/shop/web", web1}
	for _, name := range []string{"gold", "silver"} {
		changes = append(changes, "tiers/"+name, strings.NewReplacer("gold", name, "30", map[string]string{"gold": "30", "silver": "40"}[name]).Replace(gold),
			"policies/"+name, strings.ReplaceAll(tiered(name, "192.0.2.0/24"), "tier: gold", "tier: "+name))
	}
	names := []string{}
	for i := range 40 {
		name := "p" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		names = append(names, name)
		changes = append(changes, "policies/shop/"+name, plain(name, "80"))
	}
	f.give(changes...)
	gone := []string{"tiers/gold", "", "tiers/silver", ""}
	for _, name := range names {
		gone = append(gone, "policies/shop/"+name, "")
	}
	f.give(gone...)
	require.Empty(t, f.from.objects.Objects().NetworkPolicies)
	require.Len(t, f.from.objects.Rejected(), 2)
	// The next time it is known who is to blame.
	errors := []diag.Finding{f.from.objects.Rejected()[0].Because}
	f.from.take([]kube.Change{{Name: "policies/shop/z", Text: plain("z", "80")}})
	require.Empty(t, f.from.objects.Rejected())
	require.True(t, f.from.objects.HoldBack(errors))
	require.Len(t, f.from.objects.Rejected(), 2)
	require.False(t, f.from.objects.HoldBack(errors))
}
