package lint

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

func rounds(full uint64) uint64 {
	if testing.Short() {
		return full / 8
	}
	return full
}

// TestExhaustive compares with brute force for every set of at most two policies of the toy universe.
//
// spec: 9.1 9.2 9.4 9.5
func TestExhaustive(t *testing.T) {
	count := map[kind]int{}
	for p := range irtest.Exhaustive(2) {
		requireExact(t, p, count)
	}
	for k := shadowed; k <= ambiguous; k++ {
		require.Greater(t, count[k], 10, "kind %d", k)
	}
}

// TestRandomProgramsExact compares with brute force for random Programs of both families and all kinds of policies.
//
// spec: 9.1 9.2 9.3 9.4 9.5 9.6
func TestRandomProgramsExact(t *testing.T) {
	count := map[kind]int{}
	for seed := range rounds(800) {
		r := irtest.Rand(seed)
		p := irtest.Program(r, irtest.Shape{Nodes: 2, Endpoints: 5, Groups: 6, Policies: 7})
		if seed%2 == 1 {
			squeeze(p)
		}
		require.NoError(t, p.Check())
		requireExact(t, p, count)
	}
	for k := matchesNothing; k <= ambiguous; k++ {
		require.Greater(t, count[k], 5, "kind %d", k)
	}
}

// squeeze gives tiered policies few ranks, so that many are equal.
func squeeze(p *ir.Program) {
	for _, policy := range p.Policies {
		if policy.Phase != ir.Namespace {
			policy.Rank.Tier = 100
			if !policy.Rank.Interleave {
				policy.Rank.Tier = 220
			}
			policy.Rank.Priority = 1
		}
	}
	slices.SortFunc(p.Policies, (*ir.Policy).Compare)
}
