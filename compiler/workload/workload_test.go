package workload_test

import (
	"bytes"
	"net/netip"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// TestYAMLReadsBack writes clusters as YAML and reads them with the real front end: nothing but positions may differ.
func TestYAMLReadsBack(t *testing.T) {
	clusters := map[string]*manifest.Objects{
		"tenants":        workload.Tenants(3, 5, 4),
		"all-select-all": workload.AllSelectAll(5, 3),
		"one-per-pod":    workload.OnePerPod(4),
		"customers":      workload.Customers(30, 8),
		"acls":           workload.ACLs(3, 4, 2),
	}
	for seed := range uint64(50) {
		random := workload.Random(seed, workload.PlainPeers)
		dropRanked(random) // of which not all are valid
		clusters[string(rune('A'+seed))] = random
	}
	for name, want := range clusters {
		var text bytes.Buffer
		require.NoError(t, workload.WriteYAML(&text, want))
		var report diag.Report
		got := manifest.Parse("w.yaml", text.Bytes(), &report)
		for _, f := range report.Findings() {
			require.Less(t, f.Severity, diag.Error, "%s: %s: %s", name, f.Origin, f.Message)
		}
		forgetPositions(want)
		forgetPositions(got)
		require.Empty(t, cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})), name)
	}
}

// TestRankedYAMLReadsBack does the same with policies judged in order and what belongs to them: those of the reader's own test and
// of the examples.
func TestRankedYAMLReadsBack(t *testing.T) {
	archive, err := txtar.ParseFile("../manifest/testdata/accepted/objects.txtar")
	require.NoError(t, err)
	texts := map[string][]byte{}
	for _, f := range archive.Files {
		texts[f.Name] = f.Data
	}
	for _, name := range []string{"tiers/policies.yaml", "external-node/cluster.yaml", "external-node/policies.yaml", "node-policies/policies.yaml"} {
		texts[name], err = os.ReadFile("../../examples/" + name)
		require.NoError(t, err)
	}
	kinds := map[string]int{}
	parse := func(name string, text []byte) *manifest.Objects {
		var report diag.Report
		o := manifest.Parse(name, text, &report)
		for _, f := range report.Findings() {
			require.Less(t, f.Severity, diag.Error, "%s: %s: %s\n%s", name, f.Origin, f.Message, text)
		}
		return &manifest.Objects{Tiers: o.Tiers, Groups: o.Groups, ExternalNodes: o.ExternalNodes, ExternalEntities: o.ExternalEntities, RankedPolicies: o.RankedPolicies}
	}
	same := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}), cmpopts.IgnoreTypes(source.Pos{}),
		cmpopts.IgnoreFields(manifest.Peer{}, "Field"), cmpopts.IgnoreFields(manifest.Port{}, "Field"), cmpopts.IgnoreFields(manifest.ServiceRef{}, "Field")}
	for name, text := range texts {
		var report diag.Report
		if manifest.Parse(name, text, &report); report.HasErrors() {
			continue // what headgate does not support yet
		}
		want := parse(name, text)
		var written bytes.Buffer
		require.NoError(t, workload.WriteYAML(&written, want))
		require.Empty(t, cmp.Diff(want, parse(name, written.Bytes()), same...), "%s\n%s", name, written.String())
		for _, p := range want.RankedPolicies {
			kinds[p.Kind+"."+p.Group]++
		}
		kinds["Tier"] += len(want.Tiers)
		kinds["Group"] += len(want.Groups)
		kinds["ExternalNode"] += len(want.ExternalNodes)
		kinds["ExternalEntity"] += len(want.ExternalEntities)
	}
	require.Len(t, kinds, 9)
	for kind, n := range kinds {
		require.Positive(t, n, kind)
	}
	shape := workload.Ranked(300, 2)
	var written bytes.Buffer
	require.NoError(t, workload.WriteYAML(&written, shape))
	require.Len(t, parse("shape", written.Bytes()).RankedPolicies, 300)
}

// dropRanked takes away policies judged in order and what belongs to them.
func dropRanked(o *manifest.Objects) {
	*o = manifest.Objects{Namespaces: o.Namespaces, Nodes: o.Nodes, Pods: o.Pods, NetworkPolicies: o.NetworkPolicies}
}

func forgetPositions(o *manifest.Objects) {
	for _, n := range o.Namespaces {
		n.Pos = source.Pos{}
	}
	for _, n := range o.Nodes {
		n.Pos = source.Pos{}
	}
	for _, p := range o.Pods {
		p.Pos = source.Pos{}
	}
	for _, p := range o.NetworkPolicies {
		p.Pos = source.Pos{}
		for _, rules := range [][]manifest.Rule{p.IngressRules, p.EgressRules} {
			for i := range rules {
				rules[i].Pos = source.Pos{}
				for j := range rules[i].Peers {
					rules[i].Peers[j].Pos = source.Pos{}
				}
				for j := range rules[i].Ports {
					rules[i].Ports[j].Pos = source.Pos{}
				}
			}
		}
	}
}

func TestShapesHaveTheirSizes(t *testing.T) {
	sizes := map[string][3]int{ // namespaces, pods, policies
		"tenants-1k": {250, 1000, 750}, "tenants-10k": {2500, 10000, 7500}, "tenants-100k": {25000, 100000, 75000},
		"hundred": {100, 10000, 10100}, "all-select-all": {1, 10000, 10000}, "one-per-pod": {1, 10000, 10000},
		"customers-1k": {100, 1000, 1000}, "customers-10k": {1000, 10000, 10000}, "customers-100k": {10000, 100000, 75000},
		"acls": {1, 3951, 3500}, "ranked": {1, 300, 10000}, "ranked-overlapping": {1, 300, 10000},
	}
	for _, s := range workload.Shapes() {
		o := s.Make()
		require.Equal(t, sizes[s.Name], [3]int{len(o.Namespaces), len(o.Pods), len(o.NetworkPolicies) + len(o.RankedPolicies)}, s.Name)
	}
	require.Len(t, workload.Shapes(), len(sizes))
}
