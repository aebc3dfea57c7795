package ovs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestOverlappingCachedFlows makes the datapath cache two flows that overlap, then changes what both do: the releases that
// settle helps would write both changes into one of them.
func TestOverlappingCachedFlows(t *testing.T) {
	i := startOVS(t, "dummy")
	i.dummyPort("p1", "x/a", "")
	i.dummyPort("p2", "x/b", "")
	sw := ovs.NewConn(i.path("br-int.mgmt"))
	bundle := func(command ovs.Command, text string) {
		t.Helper()
		flow, err := openflow.Parse(text)
		require.NoError(t, err)
		flow.Cookie = openflow.CookieMarker
		require.NoError(t, sw.Bundle(t.Context(), []ovs.Mod{{Command: command, Entry: ovs.Entry{Flow: flow}}}))
		require.NoError(t, sw.Settle(t.Context()))
	}
	send := func(addr string) {
		i.appctl("netdev-dummy/receive", "p1", "ipv4(src=10.0.0.1,dst="+addr+",proto=6,tos=0,ttl=64,frag=no),tcp(src=1,dst=2)")
	}
	cached := func() (flows []string) {
		for line := range strings.Lines(i.appctl("dpctl/dump-flows")) {
			if strings.Contains(line, "ipv4(") {
				flows = append(flows, line)
			}
		}
		return flows
	}

	bundle(ovs.Add, "table=0,priority=1,ip,nw_dst=10.9.0.0/16 actions=drop")
	send("10.9.0.2") // so that masks of 16 bits are looked up first
	bundle(ovs.Add, "table=0,priority=1,ip,nw_dst=10.1.2.0/24 actions=set_field:0x2->reg1,output:NXM_NX_REG1[]")
	send("10.1.2.2") // cached for the /24
	bundle(ovs.Add, "table=0,priority=1,ip,nw_dst=10.1.0.0/16 actions=set_field:0x2->reg1,output:NXM_NX_REG1[]")
	bundle(ovs.Delete, "table=0,priority=1,ip,nw_dst=10.1.2.0/24 actions=set_field:0x2->reg1,output:NXM_NX_REG1[]")
	send("10.1.0.2") // cached for the /16
	bundle(ovs.Add, "table=0,priority=1,ip,nw_dst=10.1.0.0/16 actions=drop")
	for _, addr := range []string{"10.1.2.2", "10.1.0.2"} {
		send(addr)
	}
	require.NotEmpty(t, cached())
	for _, flow := range cached() {
		require.Contains(t, flow, "actions:drop")
	}
}
