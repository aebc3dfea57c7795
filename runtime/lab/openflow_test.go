package lab

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/headgate-net/headgate/targets/openflow"
)

func addFlows(t *testing.T, l *Lab, node string, flows ...string) {
	t.Helper()
	for _, flow := range flows {
		run(t, l, node, "ovs-ofctl", "-OOpenFlow15", "add-flow", "br-int", flow)
	}
}

func TestSwitchedPodsObeyFlows(t *testing.T) {
	needsRoot(t)
	switchedPods(t, Userspace)
}

func TestKernelSwitchedPodsObeyFlows(t *testing.T) {
	needsRoot(t)
	if _, err := netlink.GenlFamilyGet("ovs_datapath"); err != nil {
		t.Skip("runs in make test-vm") // this kernel has no openvswitch module
	}
	switchedPods(t, Kernel)
}

// TestBridgeMACIsTheOneOfTheFlows: hosts send to it what the flows route.
func TestBridgeMACIsTheOneOfTheFlows(t *testing.T) {
	require.Equal(t, openflow.RouterMAC().String(), bridgeMAC().String())
}

func switchedPods(t *testing.T, datapath Datapath) {
	ports := []Port{{TCP, 80}, {UDP, 53}, {SCTP, 7777}}
	cluster := dualStack(OpenFlow, 2, 2, ports...)
	cluster.Datapath = datapath
	l := bringUp(t, cluster, Options{})
	all := MatrixRequest{Ports: append(ports, Port{Proto: ICMP})}

	shown := run(t, l, "node/n1", "ovs-vsctl", "--columns=external_ids", "--format=csv", "--no-headings", "list", "interface")
	shown = strings.ReplaceAll(shown, `"`, "")
	require.Contains(t, shown, "attached-mac=0a:58:0a:01:01:02, iface-id=x/p1-1}")
	require.Contains(t, shown, "{attached-mac=0a:58:0a:01:01:01, iface-id=gateway}")
	require.Contains(t, shown, "{iface-id=tunnel}")
	require.NotContains(t, shown, "x/p2-1", "a pod of the other node")

	m, err := l.Matrix(context.Background(), all)
	require.NoError(t, err)
	requireAll(t, m, Drop) // a bridge without flows passes nothing
	for _, p := range l.Spec().Pods {
		require.NotContains(t, run(t, l, p.Where(), "ip", "neigh"), "lladdr", "not even the node's kernel answers, past the bridge")
	}

	// By hand: the bridge learns addresses like any switch, the node's kernel routes between its pods, and what goes to the
	// other node's pods goes through the tunnel, whose far end knows its pods' link addresses.
	spec := l.Spec()
	for n, other := range []int{1, 0} {
		node, far := spec.Nodes[n], spec.Nodes[other]
		addFlows(t, l, node.Where(), "priority=0,actions=NORMAL")
		for _, prefix := range far.PodCIDRs {
			addFlows(t, l, node.Where(), fmt.Sprintf("priority=10,%s,actions=set_field:%s->tun_dst,output:%s",
				destination(prefix.String()), far.Addrs[0], tunnelPort))
		}
		for i := range spec.Pods {
			if p := &spec.Pods[i]; p.Node == node.Name {
				for _, a := range p.Addrs {
					addFlows(t, l, node.Where(), fmt.Sprintf("priority=20,in_port=%s,%s,actions=set_field:%s->eth_dst,output:%s",
						tunnelPort, destination(a.String()), macFor(p.Addrs), podLink(p)))
				}
			}
		}
	}
	m, err = l.Matrix(context.Background(), all)
	require.NoError(t, err)
	requireAll(t, m, Allow)
	counters := run(t, l, "node/n1", "ovs-ofctl", "-OOpenFlow15", "dump-ports", "br-int", tunnelPort)
	require.Regexp(t, `rx pkts=[1-9]`, counters)
	require.Regexp(t, `tx pkts=[1-9]`, counters)
}

// destination is the OpenFlow match on a destination address or prefix.
func destination(to string) string {
	if strings.Contains(to, ":") {
		return "ipv6,ipv6_dst=" + to
	}
	return "ip,nw_dst=" + to
}
