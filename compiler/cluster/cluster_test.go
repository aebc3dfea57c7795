package cluster_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/cluster"
	"github.com/headgate-net/headgate/compiler/manifest"
)

func in(key string, values ...string) manifest.Requirement {
	return manifest.Requirement{Key: key, Op: manifest.In, Values: values}
}

func selector(r ...manifest.Requirement) manifest.Selector { return manifest.Selector{Requirements: r} }

func podNames(o *manifest.Objects) []string {
	var out []string
	for _, p := range o.Pods {
		s := p.Namespace + "/" + p.Name + "@" + p.NodeName
		for _, a := range p.Addrs {
			s += " " + a.String()
		}
		out = append(out, s)
	}
	return out
}

func TestCompleteInventsAPopulation(t *testing.T) {
	peer := selector(in("app", "web"))
	team := selector(in("team", "ops"))
	input := &manifest.Objects{NetworkPolicies: []*manifest.NetworkPolicy{{
		Meta:        manifest.Meta{Kind: "NetworkPolicy", Namespace: "shop", Name: "db"},
		PodSelector: selector(in("app", "db")),
		Ingress:     true,
		IngressRules: []manifest.Rule{{
			Peers: []manifest.Peer{{PodSelector: &peer}, {NamespaceSelector: &team}, {NamespaceSelector: &team, PodSelector: &peer}},
			Ports: []manifest.Port{{Protocol: "TCP", From: 5432, To: 5440}, {Protocol: "TCP", Name: "metrics"}, {Protocol: "UDP"}},
		}},
	}}}
	got, added := cluster.Complete(input)
	require.Empty(t, input.Pods)
	require.Empty(t, input.Nodes)
	require.Equal(t, []string{
		"bystanders/pod@node-1 10.244.1.10",
		"ns-ops/pod@node-2 10.244.2.10",
		"ns-ops/web@node-1 10.244.1.11",
		"shop/db@node-2 10.244.2.11",
		"shop/pod@node-1 10.244.1.12",
		"shop/web@node-2 10.244.2.12",
	}, podNames(got))
	require.Equal(t, cluster.Added{Namespaces: 3, Nodes: 2, Pods: 6, Placements: 6, Addresses: 6}, added)
	require.Equal(t, []manifest.ContainerPort{{Name: "metrics", Protocol: "TCP", Port: 10001}, {Protocol: "TCP", Port: 5432},
		{Protocol: "UDP", Port: 80}}, got.Pods[0].Ports)
	require.Equal(t, manifest.Labels{{Key: "kubernetes.io/metadata.name", Value: "ns-ops"}, {Key: "team", Value: "ops"}},
		got.Namespaces[1].Labels)

	again, added := cluster.Complete(got)
	require.True(t, added.IsZero())
	require.Equal(t, got, again)
}

func TestCompleteFillsGaps(t *testing.T) {
	addr := netip.MustParseAddr("10.1.2.10")
	input := &manifest.Objects{
		Nodes: []*manifest.Node{{Meta: manifest.Meta{Kind: "Node", Name: "a"}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24")}}},
		Pods: []*manifest.Pod{
			{Meta: manifest.Meta{Namespace: "x", Name: "fixed"}, NodeName: "a", Addrs: []netip.Addr{addr}},
			{Meta: manifest.Meta{Namespace: "x", Name: "p10"}, NodeName: "a"},
			{Meta: manifest.Meta{Namespace: "x", Name: "p9"}},
			{Meta: manifest.Meta{Namespace: "x", Name: "far"}, NodeName: "b"},
			{Meta: manifest.Meta{Namespace: "x", Name: "done"}, Terminated: true},
		},
	}
	got, added := cluster.Complete(input)
	require.Equal(t, []string{"x/fixed@a 10.1.2.10", "x/p10@a 10.1.2.12", "x/p9@a 10.1.2.11", "x/far@b 10.244.2.10", "x/done@"},
		podNames(got))
	require.Equal(t, cluster.Added{Nodes: 1, Placements: 1, Addresses: 3}, added)
	require.Empty(t, input.Pods[1].Addrs, "the input is not changed")
	require.Len(t, got.Nodes[0].Addrs, 1)
}

func TestCompleteMeetsHardSelectors(t *testing.T) {
	not := func(op manifest.Operator, key string, values ...string) manifest.Requirement {
		return manifest.Requirement{Key: key, Op: op, Values: values}
	}
	input := &manifest.Objects{}
	for i, s := range []manifest.Selector{
		selector(in("a", "1", "2"), not(manifest.NotIn, "a", "1")),
		selector(not(manifest.Exists, "b"), not(manifest.DoesNotExist, "c")),
		selector(in("d", "1"), not(manifest.DoesNotExist, "d")), // cannot be met
	} {
		input.NetworkPolicies = append(input.NetworkPolicies, &manifest.NetworkPolicy{
			Meta: manifest.Meta{Namespace: "n", Name: string(rune('a' + i))}, PodSelector: s})
	}
	got, _ := cluster.Complete(input)
	require.Equal(t, []string{"bystanders/pod@node-1 10.244.1.10", "n/2@node-2 10.244.2.10", "n/pod@node-1 10.244.1.11",
		"n/x@node-2 10.244.2.11"}, podNames(got))
}

func TestCompleteGivesNodesTheFamiliesOfPods(t *testing.T) {
	input := &manifest.Objects{Pods: []*manifest.Pod{{Meta: manifest.Meta{Namespace: "x", Name: "six"}, NodeName: "a",
		Addrs: []netip.Addr{netip.MustParseAddr("fd00::1")}}}}
	got, _ := cluster.Complete(input)
	require.Equal(t, []netip.Addr{netip.MustParseAddr("192.168.10.11"), netip.MustParseAddr("fd00:192:168:10::11")}, got.Nodes[0].Addrs)
}

func TestCompleteInventsForEverySelector(t *testing.T) {
	db, web, gateway, edge := selector(in("app", "db")), selector(in("app", "web")), selector(in("role", "gateway")), selector(in("role", "edge"))
	peer := func(p manifest.RankedPeer) manifest.RankedPeer { return p }
	input := &manifest.Objects{
		Groups: []*manifest.Group{
			{Meta: manifest.Meta{Kind: "ClusterGroup", Name: "both"}, Members: []manifest.RankedPeer{{Group: "webs"}, {Group: "both"}}},
			{Meta: manifest.Meta{Kind: "ClusterGroup", Name: "webs"}, Members: []manifest.RankedPeer{{Peer: manifest.Peer{PodSelector: &web}}}},
			{Meta: manifest.Meta{Kind: "ClusterGroup", Name: "unused"}, Members: []manifest.RankedPeer{{Peer: manifest.Peer{PodSelector: &gateway}}}},
		},
		Services: []*manifest.Service{{Meta: manifest.Meta{Namespace: "shop", Name: "s"}, Selector: manifest.Labels{{Key: "app", Value: "served"}}}},
		RankedPolicies: []*manifest.RankedPolicy{
			{Meta: manifest.Meta{Kind: "NetworkPolicy", Namespace: "shop"}, AppliedTo: []manifest.RankedPeer{{Peer: manifest.Peer{PodSelector: &db}}}},
			{Meta: manifest.Meta{Kind: "ClusterNetworkPolicy"}, AppliedTo: []manifest.RankedPeer{{Group: "both"}}, IngressRules: []manifest.RankedRule{{
				Peers: []manifest.RankedPeer{
					peer(manifest.RankedPeer{ServiceAccount: &manifest.ObjectRef{Namespace: "shop", Name: "robot"}}),
					peer(manifest.RankedPeer{NodeSelector: &gateway}), peer(manifest.RankedPeer{NodeSelector: &edge}),
					peer(manifest.RankedPeer{NodeSelector: &gateway}),
					peer(manifest.RankedPeer{Service: &manifest.ServiceRef{ObjectRef: manifest.ObjectRef{Namespace: "shop", Name: "s"}}}),
					peer(manifest.RankedPeer{Namespaces: &manifest.NamespaceMatch{SameLabels: []string{"team"}}}),
				},
				Ports: []manifest.RankedPort{{Port: manifest.Port{Protocol: "ICMP"}}, {Port: manifest.Port{Name: "http"}},
					{Port: manifest.Port{Protocol: "UDP", From: 53, To: 53}}},
			}}},
		},
	}
	got, added := cluster.Complete(input)
	require.Equal(t, []string{
		"bystanders/pod@node-1 10.244.1.10",
		"ns-1/pod@node-2 10.244.2.10",
		"ns-1/web@node-1 10.244.1.11",
		"ns-x/pod@node-2 10.244.2.11",
		"shop/db@node-1 10.244.1.12",
		"shop/pod@node-2 10.244.2.12",
		"shop/robot@node-1 10.244.1.13",
		"shop/served@node-2 10.244.2.13",
		"shop/web@node-1 10.244.1.14",
	}, podNames(got))
	require.Equal(t, cluster.Added{Namespaces: 4, Nodes: 2, Pods: 9, Placements: 9, Addresses: 9}, added)
	require.Equal(t, "robot", got.Pods[6].ServiceAccount)
	require.Equal(t, []manifest.ContainerPort{{Name: "http", Protocol: "TCP", Port: 10001}, {Protocol: "UDP", Port: 53}}, got.Pods[0].Ports)
	require.Equal(t, manifest.Labels{{Key: "role", Value: "gateway"}}, got.Nodes[0].Labels)
	require.Equal(t, manifest.Labels{{Key: "role", Value: "edge"}}, got.Nodes[1].Labels)
}

// Labels that exclude each other need more nodes than there would be.
func TestCompleteInventsNodesEnough(t *testing.T) {
	input := &manifest.Objects{}
	for _, role := range []string{"a", "b", "c"} {
		s := selector(in("role", role))
		input.RankedPolicies = append(input.RankedPolicies, &manifest.RankedPolicy{AppliedTo: []manifest.RankedPeer{{NodeSelector: &s}}})
	}
	got, added := cluster.Complete(input)
	require.Equal(t, 3, added.Nodes)
	require.Equal(t, "node-3", got.Nodes[2].Name)
	require.Equal(t, manifest.Labels{{Key: "role", Value: "c"}}, got.Nodes[2].Labels)
}
