package main

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/nft"
)

// holding is a node that holds an address in another one's place.
const holding = `pipeline node=n1
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,-
node n2 addrs=192.0.2.2 cidrs=10.0.2.0/24 from="Node n2",-,-
endpoint a/own node=n1 addrs=10.0.1.5 from="Pod a/own",-,-
inside 10.0.0.0/16,192.0.2.40/32
holding 192.0.2.40 node=n1 from="ExternalIPPool p",-,-
holding 192.0.2.1 node=n1 static=yes from="Egress s",-,-
snat e ipv4=192.0.2.40 node=n1 sources=10.0.1.5 from="Egress e",-,-
`

// TestKeptAddressesWait: of the last good generation, rules are in force before anybody has been asked who is alive, where there are none,
// and addresses once it is known that the same nodes are alive as then.
func TestKeptAddressesWait(t *testing.T) {
	for _, c := range []struct {
		why        string
		down, then []string
		while      int // addresses that it has while others are asked; -1: nothing is loaded
		after      int
	}{
		{noRules, []string{"n2"}, []string{"n2"}, 1, 2},
		{noRules, []string{}, []string{"n2"}, 1, 1},
		{noRules, []string{"n2"}, nil, 1, 1},
		{"nothing came", []string{}, nil, -1, 2},
		{"nothing came", []string{}, []string{"n2"}, -1, 1},
	} {
		p, err := ir.ParsePipeline(holding)
		require.NoError(t, err)
		o := &agentOptions{host: hostFlags{target: nft.Target, node: "n1", services: "never"}, stateDir: t.TempDir(), missedLast: c.then}
		node := agent.NewNode(agent.Options{Target: o.host.made(), Planes: []agent.Plane{{Dataplane: &blank{}, Target: nft.Target}}})
		f := newFollower(o, newDirectory(nil, ""), node, slog.New(slog.DiscardHandler))
		f.last = p
		held := func() int {
			if node.Pipeline() == nil {
				return -1
			}
			return len(node.Pipeline().Holdings)
		}
		var down []string
		f.down = func() []string { return down }
		f.meet = func(_ context.Context, program *ir.Program) bool {
			require.Len(t, program.Nodes, 2)
			require.Equal(t, c.while, held(), "%+v", c)
			down = c.down
			return true
		}
		f.takeUp(t.Context(), c.why)
		require.Equal(t, c.after, held(), "%+v", c)
	}
}
