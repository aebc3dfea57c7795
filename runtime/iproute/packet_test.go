package iproute_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/targets/mark"
)

// What Egresses of the pod on n1 come to: n2 holds the address of IPv4 and that of IPv6, both of the nodes' own network.
func leaving(node, addr4, addr6 string) []string {
	lines := []string{"inside 10.0.0.0/8,192.168.7.0/24,fd00::/8,fe80::/10,ff00::/8"}
	if node == "n2" {
		lines = append(lines, "holding "+addr4+" node=n2 from=\"ExternalIPPool p\",-,-", "holding "+addr6+" node=n2 from=\"ExternalIPPool p\",-,-")
	}
	return append(lines, "snat e ipv4="+addr4+" node=n2 sources=10.0.1.5 from=\"Egress e\",-,-", "snat e ipv6="+addr6+" node=n2 sources=fd00:1::5 from=\"Egress e\",-,-")
}

// marks stands for what nftables does: it marks what the pod sends on its node, and on the holder what comes through the tunnel, and
// the replies to that.
func (n *network) marks(t testing.TB, text1, text2, addr4, addr6 string) {
	sender, _ := mark.Of(parse(t, text1))
	holder, _ := mark.Of(parse(t, text2))
	a4, a6 := netip.MustParseAddr(addr4), netip.MustParseAddr(addr6)
	n.node1.sh(fmt.Sprintf(`nft 'flush ruleset; table inet t { chain p { type filter hook prerouting priority -150;
		iifname pod ip saddr 10.0.1.5 meta mark set %d
		iifname pod ip6 saddr fd00:1::5 meta mark set %d; }; }'`, sender[a4].Route, sender[a6].Route))
	n.node2.sh(fmt.Sprintf(`nft 'flush ruleset; table inet t {
		chain p { type filter hook prerouting priority -150;
			iifname hg-egress ct mark set 1
			iifname hg-egress meta nfproto ipv4 meta mark set %d
			iifname hg-egress meta nfproto ipv6 meta mark set %d
			ct direction reply ct mark 1 meta mark set %d; }
		chain s { type nat hook postrouting priority 99;
			oifname != hg-egress ip saddr 10.0.1.5 snat ip to %s
			oifname != hg-egress ip6 saddr fd00:1::5 snat ip6 to %s; }; }'`, holder[a4].Route, holder[a6].Route, mark.Replies, addr4, addr6))
}

// Packets go from a pod to the node that holds its address, and leave there; replies return the same way. Every device filters strictly.
func TestPacketsLeaveThroughTheHolder(t *testing.T) {
	n := newNetwork(t)
	const addr4, addr6 = "192.168.7.200", "fd07::200"
	text1, text2 := placed("n1", leaving("n1", addr4, addr6)...), placed("n2", leaving("n2", addr4, addr6)...)
	n.outside.tell(80)
	d1, d2 := n.node1.plane(iproute.Options{}), n.node2.plane(iproute.Options{})
	load(t, d1, generate(t, text1))
	load(t, d2, generate(t, text2))
	n.marks(t, text1, text2, addr4, addr6)
	// Without our routes, packets would leave from n1, and nobody would know the way back: the host knows none to pods.
	for name, sysctl := range map[string]string{"as it is": "true",
		"with marks in reverse lookups": "echo 1 > /proc/sys/net/ipv4/conf/all/src_valid_mark"} {
		n.node1.sh(sysctl)
		n.node2.sh(sysctl)
		require.Equal(t, addr4, n.pod.ask("203.0.113.9", 80), name)
		require.Equal(t, addr6, n.pod.ask("2001:db8:9::1", 80), name)
	}
	// The node answers for the address itself, and what the pod sends inside goes as ever.
	n.outside.sh("ping -c1 -W2 " + addr4)
	n.outside.sh("ping -c1 -W2 " + addr6)
	require.Contains(t, n.node2.sh("ip -s link show hg-egress"), "hg-egress")

	load(t, d1, generate(t, placed("n1")))
	load(t, d2, generate(t, placed("n2")))
	require.Empty(t, observed(t, d1).Objects)
	require.Empty(t, observed(t, d2).Objects)
	require.NotEqual(t, addr4, n.pod.ask("203.0.113.9", 80))
}

// An address of a subnet of its own leaves by that subnet's gateway, whatever way the node itself takes: that of n2 leads nowhere.
func TestPacketsLeaveByTheSubnet(t *testing.T) {
	n := newNetwork(t)
	const addr4, addr6 = "172.18.181.40", "fd18:b5::40"
	subnets := func(node string) string {
		text := placed(node, leaving(node, addr4, addr6)...)
		text = strings.Replace(text, "holding "+addr4+" node=n2", "holding "+addr4+" node=n2 subnet=172.18.181.1/24/0", 1)
		return strings.Replace(text, "holding "+addr6+" node=n2", "holding "+addr6+" node=n2 subnet=fd18:b5::1/64/0", 1)
	}
	// What is too long for the tunnel is told by the node's own way, so nothing is.
	n.outside.sh("ip addr add 172.18.181.1/24 dev eth0; ip addr add fd18:b5::1/64 dev eth0 nodad; ip link set eth0 mtu 1400")
	n.outside.tell(80)
	n.node2.sh("ip route replace default via 192.168.7.99; ip route replace default via fd07::99 dev eth0")
	load(t, n.node1.plane(iproute.Options{}), generate(t, subnets("n1")))
	load(t, n.node2.plane(iproute.Options{}), generate(t, subnets("n2")))
	n.marks(t, subnets("n1"), subnets("n2"), addr4, addr6)
	for name, sysctl := range map[string]string{"as it is": "true",
		"with marks in reverse lookups": "echo 1 > /proc/sys/net/ipv4/conf/all/src_valid_mark"} {
		n.node1.sh(sysctl)
		n.node2.sh(sysctl)
		require.Equal(t, addr4, n.pod.ask("203.0.113.9", 80), name)
		require.Equal(t, addr6, n.pod.ask("2001:db8:9::1", 80), name)
		require.Equal(t, addr4, n.pod.ask("172.18.181.1", 80), name)
	}
	// What the node itself answers goes there, too.
	n.outside.sh("ping -c1 -W2 -I 203.0.113.9 " + addr4)
	n.outside.sh("ping -c1 -W2 -I 2001:db8:9::1 " + addr6)
	// Without a mark packets go the node's way.
	n.node2.sh("nft flush chain inet t p; nft add rule inet t p iifname hg-egress ct mark set 1; " +
		"nft add rule inet t p ct direction reply ct mark 1 meta mark set " + fmt.Sprint(mark.Replies))
	require.NotEqual(t, addr4, n.pod.ask("203.0.113.9", 80))
}

// A node's own pods find the way home where marks count in reverse lookups, too: those of IPv4 are filtered by the kernel.
func TestOwnPodsAreNotFiltered(t *testing.T) {
	n := newNetwork(t)
	const addr4, addr6 = "192.168.7.200", "fd07::200"
	text := placed("n1", leaving("n1", addr4, addr6)...)
	load(t, n.node1.plane(iproute.Options{}), generate(t, text))
	n.node1.sh("echo 1 > /proc/sys/net/ipv4/conf/all/src_valid_mark")
	n.marks(t, text, placed("n2", leaving("n2", addr4, addr6)...), addr4, addr6)
	n.pod.try("ping -c1 -W1 203.0.113.9")
	require.NotContains(t, n.node1.sh("nstat -az TcpExtIPReversePathFilter"), " 1 ")
	require.Contains(t, n.node1.sh("ip -s link show hg-egress | tail -1"), " 1 ", "one packet into the tunnel")
}
