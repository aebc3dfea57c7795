package flatten_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// spec: 11.3
// How a node's own pods leave, and on a holder everybody, is what the Program says.
func TestSNATsDepartAsTheProgram(t *testing.T) {
	ways := map[ir.Way]int{}
	for seed := range uint64(60) {
		r := irtest.Rand(seed)
		program := irtest.Program(r, irtest.Shape{Nodes: 3, Endpoints: 12, Groups: 4, Policies: 2, Beside: irtest.Machines})
		irtest.Services(program, r, 4)
		irtest.Egresses(program, r, 6)
		require.NoError(t, program.Check(), "seed %d", seed)
		again, err := ir.ParseProgram(program.String())
		require.NoError(t, err)
		require.Equal(t, program.String(), again.String())
		pipeline := flatten.Flatten(program)
		for _, node := range program.Nodes {
			placed := flatten.SNATs(flatten.Place(pipeline, node.Name), program)
			require.NoError(t, placed.Check(), "seed %d\n%s", seed, placed)
			back, err := ir.ParsePipeline(placed.String())
			require.NoError(t, err)
			require.Equal(t, placed.String(), back.String())
			for _, src := range clients(program) {
				for _, dst := range destinations(program) {
					want, got := program.Depart(src, dst), placed.Depart(src, dst)
					if podOn(program, src) != node.Name && want.Node != node.Name {
						want = ir.Departure{}
					}
					require.Equal(t, want, got, "seed %d node %s %s -> %s\n%s", seed, node.Name, src, dst, placed)
					ways[want.Way]++
				}
			}
		}
	}
	for _, w := range []ir.Way{ir.Plain, ir.Through, ir.Stranded} {
		require.Greater(t, ways[w], 300, w.String())
	}
}

// clients lists the addresses of all endpoints and of somebody else.
func clients(p *ir.Program) []netip.Addr {
	out := []netip.Addr{netip.MustParseAddr("203.0.113.9")}
	for _, e := range p.Endpoints {
		out = append(out, e.Addrs...)
	}
	return out
}

// destinations lists an address of everything that is inside, and others.
func destinations(p *ir.Program) []netip.Addr {
	out := clients(p)
	for _, text := range []string{"198.51.100.1", "198.51.100.129", "2001:db8:5::1", "2001:db8:6::1", "224.0.0.1", "169.254.169.254", "fe80::1"} {
		out = append(out, netip.MustParseAddr(text))
	}
	for _, n := range p.Nodes {
		out = append(out, n.Addrs...)
	}
	for _, s := range p.Services {
		out = append(out, s.ClusterIPs...)
	}
	return append(out, p.Holdings[0].Addr)
}

func podOn(p *ir.Program, a netip.Addr) string {
	for _, e := range p.Endpoints {
		for _, own := range e.Addrs {
			if own == a && e.Kind == ir.PodEndpoint && e.Node != "" {
				return e.Node
			}
		}
	}
	return "none"
}
