package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets"
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

// parts opens this host's dataplanes. The function ends the connections to them.
func (h *hostFlags) parts(ctx context.Context, p *ir.Pipeline) ([]part, func(), error) {
	t, _ := targets.Lookup(h.target)
	report := &diag.Report{} // generating has said already what there is to say
	if t.Own == nil {
		return []part{{runtimenft.Current(), t.Generate(p, report)}}, func() {}, nil
	}
	own := part{runtimenft.Current(), t.Own(p, report)}
	if ir.IsMachine(p.Node) {
		return []part{own}, func() {}, nil
	}
	d, _, err := ovs.Open(ctx, ovs.Options{Node: h.node, DBSocket: h.ovs.db, Bridge: h.ovs.bridge})
	if err != nil {
		return nil, nil, err
	}
	return []part{own, {d, t.Generate(p, report)}}, d.Close, nil
}
