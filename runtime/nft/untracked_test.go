package nft_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// untrack has the node exempt DNS from connection tracking, as caches on nodes have it.
func (n *network) untrack() {
	n.node.nft(`table inet exempt {
		chain pre { type filter hook prerouting priority -300; meta l4proto { tcp, udp } th dport 53 fib daddr type local notrack; }
		chain out { type filter hook output priority -300; meta l4proto { tcp, udp } th sport 53 notrack; meta l4proto { tcp, udp } th dport 53 notrack; }
	}
	`, "-f", "-")
}

// TestUntrackedAnswersAreHeld: what a cache on the node sends that is exempted from connection tracking, also to a pod that nobody may
// connect to. Untracked packets between loopback addresses stay as they are.
func TestUntrackedAnswersAreHeld(t *testing.T) {
	n := dnsNetwork(t)
	n.untrack()
	n.node.answer("127.0.0.53", 53)
	p := named(aIndex)
	c := p.Classifier(ir.Ingress, ir.Admin)
	c.Lists = []ir.List{{Key: "closed", Name: "ee", Rules: []ir.Rule{
		{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 4, Origins: []*source.Origin{{Object: "ClusterNetworkPolicy p"}}}}}}
	c.Assign[aIndex] = 0
	n.node.reconcile(generate(t, p))
	l := newListener()
	end := n.node.watch(l)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			for _, size := range []int{10, 1400, 8000, 60_000} {
				l.heldBy(t, n.a, network, server("node", f), size)
			}
			require.NoError(t, <-n.b.ask(network, server("node", f), 53, 3000))
			require.NoError(t, <-n.node.ask(network, server("node", f), 53, 3000))
			require.NoError(t, <-n.node.ask(network, "127.0.0.53", 53, 3000))
		}
	}
	end()

	block := &blocked{entered: make(chan struct{}, 1000), release: make(chan struct{})}
	n.node.watch(block)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			answer := n.a.ask(network, server("node", f), 53, 100)
			<-block.entered
			time.Sleep(silence)
			require.Empty(t, answer)
			for isHeld := true; isHeld; {
				select {
				case block.release <- struct{}{}:
				case err := <-answer:
					require.NoError(t, err)
					isHeld = false
				}
			}
		}
	}
	close(block.release)
}

// TestUntrackedAnswersToTheNodeAreHeld: likewise where the node itself asks.
func TestUntrackedAnswersToTheNodeAreHeld(t *testing.T) {
	n := dnsNetwork(t)
	n.untrack()
	n.node.reconcile(generate(t, named(nodeIndex)))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			l.heldBy(t, n.node, network, server("node", f), 5000)
			require.NoError(t, <-n.a.ask(network, server("node", f), 53, 3000))
		}
	}
}
