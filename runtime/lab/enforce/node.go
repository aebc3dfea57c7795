package enforce

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/runtime/journal"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/names"
	"github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets"
	ways "github.com/headgate-net/headgate/targets/iproute"
)

// node is the agent of one node.
type node struct {
	agent   *agent.Node
	journal *journal.Journal
	cancel  context.CancelFunc
	work    sync.WaitGroup
	close   []func() // the dataplanes
}

// start connects to a node's dataplanes and begins to work.
func start(handle *lab.NodeHandle, where lab.Target, records io.Writer) (*node, error) {
	target, ok := targets.Lookup(string(where))
	if !ok {
		return nil, fmt.Errorf("there is no target %q", where)
	}
	n := &node{}
	planes, err := n.open(handle, target)
	if err != nil {
		return nil, err
	}
	n.journal = journal.New(handle.Name, unclosed{records}, journal.Options{})
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", handle.Name)
	n.agent = agent.NewNode(agent.Options{Target: target, Planes: planes, Names: names.New(names.Options{}), Journal: n.journal, Log: log, Check: -1})
	var ctx context.Context
	ctx, n.cancel = context.WithCancel(context.Background())
	n.work.Go(func() { n.agent.Run(ctx) })
	n.work.Go(func() { n.journal.Run(ctx) })
	return n, nil
}

// unclosed hides that a writer can be closed: the nodes share it.
type unclosed struct{ io.Writer }

// open connects to the dataplanes: nftables, the switch if the node has one, and the network stack.
func (n *node) open(handle *lab.NodeHandle, target targets.Target) ([]agent.Plane, error) {
	tables := nft.InNetNS(handle.NetNS())
	n.close = append(n.close, func() { _ = tables.Close() })
	planes := []agent.Plane{{Dataplane: tables, Target: string(lab.NFTables)}}
	where := handle.OVS()
	var options iproute.Options
	if where != nil {
		options.VLANs = ovs.NewVLANs(where.DBSocket)
	}
	stack := iproute.InNetNS(handle.NetNS(), options)
	n.close = append(n.close, stack.Close)
	last := agent.Plane{Dataplane: stack, Target: ways.Target, Changes: stack.Changes()}
	if target.Own == nil || where == nil {
		return append(planes, last), nil
	}
	bridge, _, err := ovs.Open(context.Background(), ovs.Options{Node: handle.Name, DBSocket: where.DBSocket, Bridge: where.Bridge})
	if err != nil {
		return nil, err
	}
	n.close = append(n.close, bridge.Close)
	return append(planes, agent.Plane{Dataplane: bridge, Target: target.Name}, last), nil
}

// stop ends the work and closes the dataplanes.
func (n *node) stop() {
	n.cancel()
	n.work.Wait()
	for _, f := range n.close {
		f()
	}
}
