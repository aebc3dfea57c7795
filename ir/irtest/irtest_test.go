package irtest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

func TestRandomProgramsAreValidAndVaried(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(300) {
		shape := irtest.Small()
		if seed%3 == 1 {
			shape.Kinds = irtest.NetworkPolicies
		}
		if seed%3 == 2 {
			shape.Text = irtest.OddText
		}
		if seed%2 == 1 {
			shape.Beside = irtest.Machines
		}
		if seed%5 > 2 {
			shape.Peers, shape.Logs = irtest.OpaquePeers, irtest.SomeLogs
		}
		r := irtest.Rand(seed)
		p := irtest.Program(r, shape)
		require.NoError(t, p.Check(), "seed %d", seed)
		e, packets := p.Evaluator(), irtest.NewPackets(p)
		for range 200 {
			pkt := packets.Next(r)
			v := e.Eval(pkt)
			d := v.Deciding()
			key := d.Direction.String() + " " + v.Action.String() + " " + d.Reason
			if len(d.Origins) > 0 {
				key += d.Phase.String()
			}
			seen[key]++
			for _, l := range d.Logged {
				seen["logged "+l.Label]++
			}
			for _, g := range p.Groups {
				if g.Kind.IsOpaque() && v.Decisions[0].Endpoint != nil && g.Has(ir.Egress, pkt) {
					seen["peer in "+g.Kind.String()]++
				}
			}
			for _, d := range v.Decisions {
				if d.Endpoint != nil && d.Endpoint.Kind != ir.PodEndpoint {
					seen[strings.Fields(d.Endpoint.String())[0]+" "+d.Direction.String()+" "+d.Action.String()+" "+d.Reason]++
				}
			}
		}
	}
	// Each way in which a packet can be judged occurs often enough to be a test of something.
	for _, key := range []string{"egress drop admin", "egress drop namespace", "egress drop baseline", "egress reject admin",
		"egress reject baseline", "ingress drop admin", "ingress drop namespace", "ingress drop baseline", "ingress reject admin",
		"ingress reject baseline", "ingress allow admin", "ingress allow namespace", "ingress allow baseline",
		"ingress allow " + ir.ReasonItself, "ingress allow " + ir.ReasonEstablished, "ingress allow " + ir.ReasonNeighbour,
		"ingress allow " + ir.ReasonOwnNode, "ingress allow " + ir.ReasonNoEndpoint, "ingress allow " + ir.ReasonNoPolicy,
		"ingress allow " + ir.ReasonDefault, "node egress drop ", "node ingress drop ", "external egress drop ",
		"external ingress reject ", "node egress allow " + ir.ReasonOwnNode,
		"logged ", "logged audit", "peer in names", "peer in dialled"} {
		require.Greater(t, seen[key], 100, "%s in %v", key, seen)
	}
}

func TestRandomProgramsAreReproducible(t *testing.T) {
	a, b := irtest.Program(irtest.Rand(1), irtest.Small()), irtest.Program(irtest.Rand(1), irtest.Small())
	require.Equal(t, a, b)
	require.NotEqual(t, a, irtest.Program(irtest.Rand(2), irtest.Small()))
}

func TestExhaustive(t *testing.T) {
	require.Len(t, irtest.ToyPackets(), 6*6*3)
	require.Equal(t, 1+64+64*63/2, irtest.ExhaustiveCount(2))
	count, verdicts := 0, map[ir.Action]int{}
	for p := range irtest.Exhaustive(2) {
		require.NoError(t, p.Check())
		count++
		e := p.Evaluator()
		for _, pkt := range irtest.ToyPackets()[:60] {
			verdicts[e.Eval(pkt).Action]++
		}
	}
	require.Equal(t, irtest.ExhaustiveCount(2), count)
	require.Len(t, verdicts, 3)
}
