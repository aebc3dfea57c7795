package lint

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
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
		require.Greater(t, count[k], 0, "kind %d", k)
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
		require.Greater(t, count[k], 0, "kind %d", k)
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

// TestMachinesExact compares with brute force where nodes and machines outside the cluster are endpoints too.
//
// spec: 9.1
func TestMachinesExact(t *testing.T) {
	count := map[kind]int{}
	for seed := range rounds(200) {
		r := irtest.Rand(seed)
		p := irtest.Program(r, irtest.Shape{Nodes: 2, Endpoints: 4, Groups: 6, Policies: 6})
		addMachines(p, seed)
		require.NoError(t, p.Check(), "seed %d", seed)
		requireExact(t, p, count)
	}
	for k := shadowed; k <= redundant; k++ {
		require.Greater(t, count[k], 0, "kind %d", k)
	}
}

// addMachines makes endpoints of all nodes, and one of a machine with two interfaces, and puts them into every second group.
func addMachines(p *ir.Program, seed uint64) {
	var machines []*ir.Endpoint
	for _, n := range p.Nodes {
		machines = append(machines, &ir.Endpoint{Kind: ir.NodeEndpoint, Name: n.Name, Node: n.Name, Addrs: n.Addrs, Origin: n.Origin})
	}
	for i, addr := range []string{"203.0.113.5", "203.0.113.6"} {
		machines = append(machines, &ir.Endpoint{Kind: ir.ExternalEndpoint, Namespace: "vm", Name: "if" + string(rune('0'+i)), Node: "vm/one",
			Addrs: []netip.Addr{netip.MustParseAddr(addr)}, Origin: source.Origin{Object: "ExternalEntity vm/if"}})
	}
	p.Endpoints = append(p.Endpoints, machines...)
	slices.SortFunc(p.Endpoints, (*ir.Endpoint).Compare)
	for i, g := range p.Groups {
		if g.Kind != ir.Members || (uint64(i)+seed)%2 == 0 {
			continue
		}
		g.Members = append(slices.Clone(g.Members), machines...)
		slices.SortFunc(g.Members, (*ir.Endpoint).Compare)
		for _, m := range machines {
			g.Addrs = g.Addrs.Union(ir.AddrSetOf(m.Addrs...))
		}
	}
}
