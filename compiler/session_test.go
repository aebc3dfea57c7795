package compiler_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
)

func upsertAll(s *compiler.Session, o *manifest.Objects) {
	upsertEach(s, o.RankedPolicies)
	upsertEach(s, o.NetworkPolicies)
	upsertEach(s, o.Groups)
	upsertEach(s, o.Tiers)
	upsertEach(s, o.ExternalEntities)
	upsertEach(s, o.ExternalNodes)
	upsertEach(s, o.EndpointSlices)
	upsertEach(s, o.Services)
	upsertEach(s, o.Pods)
	upsertEach(s, o.Nodes)
	upsertEach(s, o.Namespaces)
}

func upsertEach[T any](s *compiler.Session, list []*T) {
	for _, x := range list {
		s.Upsert(x)
	}
}

// TestSessionEqualsCompile edits clusters one object at a time and demands, after every few edits, what a compile from scratch
// gives: the same Program, the same Pipeline on every node, the same findings.
func TestSessionEqualsCompile(t *testing.T) {
	for seed := range seeds() / 12 {
		objects := workload.Random(seed)
		s := compiler.NewSession(compiler.Options{Check: true})
		upsertAll(s, objects)
		for step := range uint64(20) {
			for edit := range 1 + step%3 {
				object, kind, namespace, name := workload.Edit(seed*1000+step*10+edit, objects)
				if object != nil {
					s.Upsert(object)
				} else {
					s.Delete(kind, namespace, name)
				}
			}
			requireSameAsCompile(t, s, objects, fmt.Sprintf("seed %d step %d", seed, step))
		}
	}
}

func requireSameAsCompile(t *testing.T, s *compiler.Session, objects *manifest.Objects, why string) {
	t.Helper()
	var scratch, full, parts diag.Report
	want := compiler.Compile(objects, compiler.Options{Check: true}, &scratch)
	for _, f := range scratch.Findings() {
		require.NotEqual(t, diag.Internal, f.Code, "%s: %s", why, f.Message)
	}
	var nodes []string
	for _, p := range want.Placed {
		nodes = append(nodes, p.Node)
	}
	got := s.Compile(&parts, nodes...)
	require.Empty(t, parts.Findings(), why)
	for i := range got {
		require.Equal(t, want.Placed[i].String(), got[i].String(), why)
	}
	all := s.Full(&full)
	require.Equal(t, want.Program.String(), all.Program.String(), why)
	require.Equal(t, want.Pipeline.String(), all.Pipeline.String(), why)
	require.Equal(t, scratch.Findings(), full.Findings(), why)
}

// TestSessionKeepsWhatAChangeDoesNotConcern has three tenants of one pod on each of three nodes. The Pipeline of a node without
// the changed tenant is not only equal but the same.
func TestSessionKeepsWhatAChangeDoesNotConcern(t *testing.T) {
	objects := workload.Tenants(9, 1, 3)
	s := compiler.NewSession(compiler.Options{})
	upsertAll(s, objects)
	var report diag.Report
	before := s.Compile(&report, "node-0000", "node-0001")
	changed := *objects.Pods[0]
	require.Equal(t, "node-0000", changed.NodeName)
	changed.Labels = manifest.Labels{{Key: "app", Value: "app-2"}}
	s.Upsert(&changed)
	after := s.Compile(&report, "node-0000", "node-0001")
	require.NotSame(t, before[0], after[0])
	require.Same(t, before[1], after[1])

	policy := *objects.NetworkPolicies[len(objects.NetworkPolicies)-1]
	policy.EgressRules = nil
	s.Upsert(&policy)
	require.Same(t, after[0], s.Compile(&report, "node-0000")[0], "the last tenant's pod is on another node")
	require.Empty(t, report.Findings())
}
