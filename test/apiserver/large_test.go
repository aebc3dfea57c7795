package apiserver_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

// large objects are valid too: what the checks cost must not grow so fast that the API server gives up on them.
func large(t *testing.T, s *apiserver.Server) {
	type object = map[string]any
	block := func(i int) object {
		return object{"cidr": fmt.Sprintf("10.%d.%d.0/24", i/256%256, i%256), "except": []any{fmt.Sprintf("10.%d.%d.128/25", i/256%256, i%256)}}
	}
	selector := func(i int) object {
		return object{"matchLabels": object{"app": fmt.Sprintf("app-%d", i), "example.com/part": "db"}}
	}
	var blocks []any
	for i := range 4000 {
		blocks = append(blocks, block(i))
	}
	rules := func(peers string) (out []any) {
		for i := range 500 {
			out = append(out, object{
				"name": fmt.Sprintf("%s-%d", peers, i), "action": "Allow",
				peers:   []any{object{"podSelector": selector(i), "namespaceSelector": selector(i)}, object{"ipBlock": block(i)}},
				"ports": []any{object{"protocol": "TCP", "port": 1000 + i, "endPort": 2000 + i}, object{"protocol": "UDP", "port": 53}},
			})
		}
		return out
	}
	var peers []any
	for _, b := range blocks {
		peers = append(peers, object{"ipBlock": b})
	}
	oneRule := []any{object{"name": "all", "action": "Drop", "from": peers}}
	subjects := []any{object{"podSelector": object{}}}
	for _, c := range []struct {
		name, path, kind string
		spec             object
	}{
		{"group of the cluster", "clustergroups", "ClusterGroup", object{"ipBlocks": blocks}},
		{"group", "namespaces/shop/groups", "Group", object{"ipBlocks": blocks}},
		{"policy of the cluster", "clusternetworkpolicies", "ClusterNetworkPolicy", object{"priority": 1, "appliedTo": subjects, "ingress": rules("from"), "egress": rules("to")}},
		{"policy", "namespaces/shop/networkpolicies", "NetworkPolicy", object{"priority": 1, "appliedTo": subjects, "ingress": rules("from"), "egress": rules("to")}},
		{"policy of one rule", "clusternetworkpolicies", "ClusterNetworkPolicy", object{"priority": 1, "appliedTo": subjects, "ingress": oneRule}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := json.Marshal(object{"apiVersion": "crd.antrea.io/v1beta1", "kind": c.kind, "metadata": object{"name": "large"}, "spec": c.spec})
			require.NoError(t, err)
			require.Empty(t, complaint(string(text)))
			require.NoError(t, s.Offer("/apis/crd.antrea.io/v1beta1/"+c.path, text), "%d bytes", len(text))
		})
	}
}
