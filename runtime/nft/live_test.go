package nft_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
)

// identify gives the rules of a pipeline the ids 1, 2, ... in order, and says whether they log.
func identify(p *ir.Pipeline, logging bool) {
	id := ir.RuleID(0)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for i := range l.Rules {
					id++
					l.Rules[i].ID, l.Rules[i].Logging.On = id, logging
				}
			}
		}
	}
}

// TestRulesCountWhatTheyDecide has packets decided by rules that are several in the kernel, and changes a rule beside them.
func TestRulesCountWhatTheyDecide(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 80)
	p := pipeline()
	identify(p, false)
	n.node.reconcile(generate(t, p))
	counts := func() map[ir.RuleID]agent.Count {
		c, err := n.node.Counts(context.Background())
		require.NoError(t, err)
		return c
	}
	require.Empty(t, counts())
	for f := range 2 {
		for range 3 {
			require.Equal(t, "allow", n.a.probe("tcp", "", addrs["b"][f], 80, patience))
		}
		require.Equal(t, "reject", n.a.probe("tcp", "", addrs["b"][f], 81, patience))
	}
	got := counts()
	// 1-3: egress of a in phase namespace, 4: in phase baseline; 5, 6: ingress of b in phase admin; 7, 8: in phase namespace.
	require.ElementsMatch(t, []ir.RuleID{2, 6, 7}, keys(got))
	require.Equal(t, uint64(8), got[2].Packets, "the second of egress, an address of each family")
	require.Equal(t, uint64(2), got[6].Packets)
	require.Equal(t, uint64(6), got[7].Packets)
	require.Equal(t, got[2].Bytes, got[6].Bytes+got[7].Bytes)
	require.Equal(t, uint64(4*(20+40)+4*(40+40)), got[2].Bytes, "the headers of first packets of TCP")
	rules := p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules
	rules[1].Action = ir.Reject
	n.node.reconcile(generate(t, p))
	require.Equal(t, got, counts(), "what stays counts on, and no counter is drift")
}

func keys[K comparable, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	return out
}
