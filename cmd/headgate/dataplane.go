package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/runtime/agent"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/nft"
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

// dataplane is this host's. The function ends the connection to it.
func (h *hostFlags) dataplane(ctx context.Context) (agent.Dataplane, func(), error) {
	if h.target == nft.Target {
		return runtimenft.Current(), func() {}, nil
	}
	d, _, err := ovs.Open(ctx, ovs.Options{Node: h.node, DBSocket: h.ovs.db, Bridge: h.ovs.bridge})
	if err != nil {
		return nil, nil, err
	}
	return d, d.Close, nil
}
