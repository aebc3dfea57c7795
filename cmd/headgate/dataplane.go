package main

import (
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	runtimeiproute "github.com/headgate-net/headgate/runtime/iproute"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// ovsFlags say where this host's Open vSwitch is.
type ovsFlags struct {
	db     string
	bridge string
}

func (o *ovsFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.db, "ovs-db", "/run/openvswitch/db.sock", "socket of Open vSwitch's database, with target openflow")
	cmd.Flags().StringVar(&o.bridge, "bridge", "br-int", "integration bridge, with target openflow")
}

// mgmt is the bridge's OpenFlow socket.
func (o *ovsFlags) mgmt() string { return filepath.Join(filepath.Dir(o.db), o.bridge+".mgmt") }

// planes opens the dataplanes of this host, whose name is settled, for an agent that keeps the addresses that the host holds, and looks at
// the dataplanes when somebody else changes them. The function ends the connections to them.
func (h *hostFlags) planes(ctx context.Context) ([]agent.Plane, func(), error) {
	planes, done, err := h.open(ctx, runtimeiproute.DefaultLifetime)
	if err != nil {
		return nil, nil, err
	}
	changes, stop, err := planes[0].Dataplane.(*runtimenft.Dataplane).Follow()
	if err != nil {
		done()
		return nil, nil, err
	}
	planes[0].Changes = changes
	return planes, func() {
		stop()
		done()
	}, nil
}

// open opens the dataplanes: nftables, for pods or for the host itself, and what a machine outside the cluster does not have, the switch
// and the network stack. The lifetime is that of addresses that nobody keeps; 0: for ever, as whoever does not stay wants them, who does not
// wait for a switch either.
func (h *hostFlags) open(ctx context.Context, lifetime time.Duration) ([]agent.Plane, func(), error) {
	tables := runtimenft.Current()
	planes := []agent.Plane{{Dataplane: tables, Target: nft.Target}}
	closeTables := func() { _ = tables.Close() }
	if ir.IsMachine(h.node) {
		return planes, closeTables, nil
	}
	// The node's own address may be on a bridge, whatever the target.
	options := runtimeiproute.Options{Lifetime: lifetime, VLANs: ovs.NewVLANs(h.ovs.db)}
	stack := runtimeiproute.Current(options)
	last := agent.Plane{Dataplane: stack, Target: iproute.Target, Changes: stack.Changes()}
	if h.target != openflow.TargetName {
		return append(planes, last), func() {
			stack.Close()
			closeTables()
		}, nil
	}
	bridge, changes, err := ovs.Open(ctx, ovs.Options{Node: h.node, DBSocket: h.ovs.db, Bridge: h.ovs.bridge, Patient: lifetime > 0})
	if err != nil {
		closeTables()
		return nil, nil, err
	}
	planes = append(planes, agent.Plane{Dataplane: bridge, Target: openflow.TargetName, Changes: changes}, last)
	return planes, func() {
		stack.Close()
		bridge.Close()
		closeTables()
	}, nil
}

// counters opens this host's dataplanes for reading counters alone: nothing else is asked of them, and nothing is answered.
func (h *hostFlags) counters() ([]agent.Dataplane, func()) {
	tables := runtimenft.Current()
	planes := []agent.Dataplane{tables}
	if h.target != openflow.TargetName || ir.IsMachine(h.node) {
		return planes, func() { _ = tables.Close() }
	}
	conn := ovs.NewConn(h.ovs.mgmt())
	return append(planes, ovs.New(h.node, conn, nil)), func() {
		conn.Close()
		_ = tables.Close()
	}
}

// parts opens this host's dataplanes for a Pipeline. The function ends the connections to them.
func (h *hostFlags) parts(ctx context.Context, p *ir.Pipeline) ([]part, func(), error) {
	planes, done, err := h.open(ctx, 0)
	if err != nil {
		return nil, nil, err
	}
	made := h.made().Artifacts(p, &diag.Report{}) // generating has said already what there is to say
	parts := make([]part, len(planes))
	for i, plane := range planes {
		parts[i] = part{plane.Dataplane, artifact.Artifact{Target: plane.Target, Node: p.Node}}
		for _, a := range made {
			if a.Target == plane.Target {
				parts[i].want = a
			}
		}
	}
	return parts, done, nil
}
