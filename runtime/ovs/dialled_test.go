package ovs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestDialledIsWhatTheClientSaid: a pod may reach a Service by its address and port only, whose packets foreign flows of the same zone
// translate; not its backend, and not another Service of that backend.
func TestDialledIsWhatTheClientSaid(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	a, b, n0 := c.pods["a"], c.prog.Endpoints[1].Addrs, c.nodes["n0"]
	c.pods["b"].listen(8080)
	services := addrsOf("10.96.0.10", "10.96.0.11", "fd00:96::10", "fd00:96::11")
	p := c.named("a")
	dialled := &ir.Group{Key: "dialled web", Kind: ir.Dialled, Dials: []ir.Dial{
		{Addr: services[0], Proto: ir.ProtoTCP, Port: 80}, {Addr: services[2], Proto: ir.ProtoTCP, Port: 80}}}
	p.Rules[ir.Egress][0].Peers = []*ir.Group{dialled}
	c.enforce(p)
	for i, vip := range services {
		family, dst, backend := "tcp", "nw_dst", b[0].String()
		if vip.Is6() {
			family, dst, backend = "tcp6", "ipv6_dst", fmt.Sprintf("[%s]", b[1])
		}
		n0.ofctl("add-flow", fmt.Sprintf("table=%d,priority=1000,%s,%s=%s,tp_dst=80 actions=ct(commit,zone=%d,nat(dst=%s:8080),table=%d)",
			openflow.ConnTrack, family, dst, vip, openflow.Zone, backend, openflow.State))
		if i%2 == 0 {
			n0.ofctl("add-flow", fmt.Sprintf("table=%d,priority=900,%s actions=ct(zone=%d,nat,table=%d)", openflow.ConnTrack, family, openflow.Zone, openflow.State))
		}
	}
	for i, vip := range services {
		allowed := i%2 == 0
		patience := 10 * time.Second
		if !allowed {
			patience = 700 * time.Millisecond
		}
		await(t, fmt.Sprintf("connection to %s that is allowed: %t", vip, allowed), func() bool {
			conn, err := a.dial(vip, 80, patience)
			if err == nil {
				conn.Close()
			}
			return (err == nil) == allowed
		})
	}
	for _, addr := range b {
		_, err := a.dial(addr, 8080, 700*time.Millisecond)
		require.Error(t, err)
	}
}
