package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spec: 10.4
func TestLeavingNodes(t *testing.T) {
	for text, leaving := range map[string]bool{
		"metadata: {name: n1}": false,
		"metadata: {name: n1}\nspec: {taints: [{key: other, effect: NoSchedule}]}":                                                            false,
		"metadata: {name: n1}\nspec: {taints: [{key: other, effect: NoSchedule}, {key: ToBeDeletedByClusterAutoscaler, effect: NoSchedule}]}": true,
		"metadata: {name: n1, deletionTimestamp: \"2026-01-02T03:04:05Z\"}":                                                                   true,
		"metadata: {name: n1, deletionTimestamp: null}":                                                                                       false,
	} {
		o, findings := readWith(t, strings.NewReader("apiVersion: v1\nkind: Node\n"+text+"\n"), 0)
		require.Empty(t, findings)
		require.Len(t, o.Nodes, 1)
		require.Equal(t, leaving, o.Nodes[0].Leaving, text)
	}
}
