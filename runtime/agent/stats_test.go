package agent

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// A rule that passes made of two declarations is told of both, and counts once.
func TestStatisticsOfMergedRules(t *testing.T) {
	p, err := ir.ParsePipeline(`pipeline node=n1
endpoint a/api node=n1 addrs=10.0.1.6 from="Pod a/api",-,-
endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
list egress namespace "e" name=000000000001 endpoints=a/web
  drop id=000000000003 peers=any l4=any from="NetworkPolicy a/one",spec.policyTypes,p.yaml:1:1
list ingress namespace "l" name=000000000001 endpoints=a/web
  allow id=000000000001 peers=any l4=tcp/80 from="NetworkPolicy a/one",spec.ingress[0],p.yaml:3:5 from="NetworkPolicy a/two",spec.ingress[1],p.yaml:9:5
  allow id=000000000002 peers=any l4=tcp/81 from="NetworkPolicy a/two",spec.ingress[1],p.yaml:9:5
  drop id=000000000003 peers=any l4=any from="NetworkPolicy a/one",spec.policyTypes,p.yaml:1:1
list ingress namespace "m" name=000000000002 endpoints=a/api
  allow id=000000000001 peers=any l4=tcp/80 from="NetworkPolicy a/one",spec.ingress[0],p.yaml:3:5 from="NetworkPolicy a/two",spec.ingress[1],p.yaml:9:5
  drop id=000000000004 peers=any l4=any from="NetworkPolicy a/three",spec.policyTypes,p.yaml:11:1
`)
	require.NoError(t, err)
	s := StatisticsOf(p, nil, map[ir.RuleID]Count{1: {2, 10, 600}, 2: {1, 1, 60}, 3: {4, 4, 400}, 9: {7, 7, 70}})
	text, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"node": "n1", "rules": [
		{"policy": "NetworkPolicy a/one", "rule": "spec.ingress[0]", "at": "p.yaml:3:5", "directions": ["ingress"], "actions": ["allow"],
			"sessions": 2, "packets": 10, "bytes": 600, "shared": [{"with": ["NetworkPolicy a/two spec.ingress[1]"], "sessions": 2, "packets": 10, "bytes": 600}]},
		{"policy": "NetworkPolicy a/one", "rule": "spec.policyTypes", "at": "p.yaml:1:1", "directions": ["egress", "ingress"], "actions": ["drop"],
			"sessions": 4, "packets": 4, "bytes": 400},
		{"policy": "NetworkPolicy a/three", "rule": "spec.policyTypes", "at": "p.yaml:11:1", "directions": ["ingress"], "actions": ["drop"],
			"sessions": 0, "packets": 0, "bytes": 0},
		{"policy": "NetworkPolicy a/two", "rule": "spec.ingress[1]", "at": "p.yaml:9:5", "directions": ["ingress"], "actions": ["allow"],
			"sessions": 3, "packets": 11, "bytes": 660, "shared": [{"with": ["NetworkPolicy a/one spec.ingress[0]"], "sessions": 2, "packets": 10, "bytes": 600}]}],
		"total": {"sessions": 7, "packets": 15, "bytes": 1060}, "unknown": {"sessions": 7, "packets": 7, "bytes": 70}}`, string(text))
}

func TestCountsOfSeveralDataplanes(t *testing.T) {
	one, two := newLively(), newLively()
	one.counts = map[ir.RuleID]Count{1: {1, 1, 60}, 2: {1, 2, 120}}
	two.counts = map[ir.RuleID]Count{2: {2, 3, 180}}
	counts, err := CountsOf(t.Context(), one, &memory{}, two)
	require.NoError(t, err)
	require.Equal(t, map[ir.RuleID]Count{1: {1, 1, 60}, 2: {3, 5, 300}}, counts)
}
