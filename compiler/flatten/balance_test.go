package flatten_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// spec: 10.3
// What a node's frontends make of a packet is what the Program says, for every address and port that there is, from every side.
func TestFrontendsDialAsTheProgram(t *testing.T) {
	outcomes := map[ir.Outcome]int{}
	for seed := range uint64(300) {
		r := irtest.Rand(seed)
		program := irtest.Program(r, irtest.Small())
		irtest.Services(program, r, 8)
		require.NoError(t, program.Check(), "seed %d", seed)
		again, err := ir.ParseProgram(program.String())
		require.NoError(t, err)
		require.Equal(t, program, again)
		pipeline := flatten.Flatten(program)
		for _, node := range program.Nodes {
			placed := flatten.Frontends(flatten.Place(pipeline, node.Name), program.Services)
			require.NoError(t, placed.Check(), "seed %d", seed)
			back, err := ir.ParsePipeline(placed.String())
			require.NoError(t, err)
			require.Equal(t, placed.String(), back.String())
			evaluator := placed.Evaluator()
			for _, pkt := range dials(program) {
				for _, side := range ir.Sides() {
					want, got := program.Dial(node, side, pkt), evaluator.Dial(side, pkt)
					want.Service, got.Service = nil, nil
					require.Equal(t, want, got, "seed %d node %s side %s %+v\n%s", seed, node.Name, side, pkt, placed)
					outcomes[want.Outcome]++
				}
			}
		}
	}
	for _, o := range []ir.Outcome{ir.NotService, ir.Balance, ir.Refuse, ir.Discard} {
		require.Greater(t, outcomes[o], 1000, fmt.Sprint(o))
	}
}

// dials lists packets to everything that a Program's Services have, from an address that may dial and one that may not.
func dials(p *ir.Program) []ir.Packet {
	var out []ir.Packet
	add := func(a netip.Addr, proto ir.Proto, port uint16) {
		for _, src := range []string{"10.0.1.1", "203.0.113.9"} {
			out = append(out, ir.Packet{Src: netip.MustParseAddr(src), Dst: a, Proto: proto, SrcPort: 50000, DstPort: port})
		}
	}
	for _, s := range p.Services {
		for _, port := range s.Ports {
			for _, list := range [][]netip.Addr{s.ClusterIPs, s.ExternalIPs, s.LoadBalancers} {
				for _, a := range list {
					add(a, port.Proto, port.Port)
					add(a, ir.ProtoSCTP, port.Port)
					add(a, port.Proto, port.Port+1)
					add(a, ir.ProtoICMP, 8<<8)
				}
			}
			for _, n := range p.Nodes {
				for _, a := range n.Addrs {
					add(a, port.Proto, port.NodePort)
				}
			}
		}
	}
	return out
}

// However Services came and went, a Balancer gives what a new one would.
func TestBalancerRemembers(t *testing.T) {
	r := irtest.Rand(1)
	program := irtest.Program(r, irtest.Small())
	irtest.Services(program, r, 12)
	others := *program
	others.Services = nil
	irtest.Services(&others, r, 12)
	balancers := map[string]*flatten.Balancer{}
	placed := map[string]*ir.Pipeline{}
	for _, n := range program.Nodes {
		balancers[n.Name], placed[n.Name] = flatten.NewBalancer(), flatten.Place(flatten.Flatten(program), n.Name)
	}
	for step := range 300 {
		var services []*ir.Service
		for i, s := range program.Services {
			choice := r.IntN(3)
			if j := slices.IndexFunc(others.Services, func(o *ir.Service) bool { return o.Compare(s) == 0 }); choice == 1 && j >= 0 {
				services = append(services, others.Services[j])
			} else if choice > 0 {
				services = append(services, program.Services[i])
			}
		}
		for _, n := range program.Nodes {
			got := balancers[n.Name].Frontends(placed[n.Name], services)
			want := flatten.Frontends(placed[n.Name], services)
			require.NoError(t, got.Check())
			require.Equal(t, want.String(), got.String(), "step %d node %s", step, n.Name)
		}
	}
}
