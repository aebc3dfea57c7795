package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
)

// Each gate switches something, and nothing that another one does; what it leaves out is told.
func TestGatesSwitch(t *testing.T) {
	const text = `{apiVersion: v1, kind: List, items: [
{apiVersion: crd.antrea.io/v1beta1, kind: Egress, metadata: {name: out}, spec: {appliedTo: {podSelector: {matchLabels: {app: web}}}, egressIP: 192.0.2.1}},
{apiVersion: crd.antrea.io/v1beta1, kind: ClusterNetworkPolicy, metadata: {name: a}, spec: {priority: 1, appliedTo: [{podSelector: {}}], ingress: [{action: Drop}]}},
{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {name: default}, spec: {subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}},
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: c}, spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}}]}`
	report := &diag.Report{}
	objects := manifest.Parse("a.yaml", []byte(text), report)
	require.Empty(t, report.Findings())
	total := func(o *manifest.Objects) int { return len(o.Egresses) + len(o.RankedPolicies) }
	require.Equal(t, 4, total(objects))
	require.Same(t, objects, gateFlags(nil).apply(objects, report))
	for _, gate := range manifest.Gates() {
		var off gateFlags
		require.NoError(t, off.Set(gate.Name+"=false"))
		report := &diag.Report{}
		require.Equal(t, 3, total(off.apply(objects, report)), gate.Name)
		require.Len(t, report.Findings(), 1)
		require.EqualValues(t, "HG5002", report.Findings()[0].Code)
		require.Equal(t, diag.Warning, report.Findings()[0].Severity)
		require.Contains(t, report.Findings()[0].Message, gate.Name)
	}
	require.Equal(t, 4, total(objects))
	var g gateFlags
	require.ErrorContains(t, g.Set("Egres=false"), "no feature gate")
	require.ErrorContains(t, g.Set("Egress=perhaps"), "want Egress=true")

	flags, wrong := configured(t, configHead+"featureGates: {Egress: false, AntreaPolicy: true}\n")
	require.Empty(t, wrong)
	require.Equal(t, "AntreaPolicy=true,Egress=false", flags.Lookup("feature-gates").Value.String())
	_, wrong = configured(t, configHead+"featureGates:\n  Egres: false\n")
	require.Contains(t, wrong, "agent.yaml:4:10: error HG1003")
}
