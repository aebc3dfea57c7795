package iproute_test

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/iproute"
)

// holders is what both nodes of the network have when one of them holds two addresses.
func holders(node, holder string) []string {
	if node != holder {
		return nil
	}
	return []string{"holding 192.168.7.200 node=" + node + " from=\"ExternalIPPool p\",-,-", "holding fd07::200 node=" + node + " from=\"ExternalIPPool p\",-,-"}
}

// An address that moves from a node to another is found at the new one at once, though the old one was known.
func TestAddressesMove(t *testing.T) {
	n := newNetwork(t)
	planes := map[string]*iproute.Dataplane{"n1": n.node1.plane(iproute.Options{}), "n2": n.node2.plane(iproute.Options{})}
	macs := map[string]string{}
	for name, ns := range map[string]*namespace{"n1": n.node1, "n2": n.node2} {
		ns.in(func() {
			eth0, err := net.InterfaceByName("eth0")
			require.NoError(t, err)
			macs[name] = eth0.HardwareAddr.String()
		})
	}
	for _, holder := range []string{"n1", "n2", "n1"} {
		for name, d := range planes { // whichever comes first: both may have it for a moment
			load(t, d, generate(t, placed(name, holders(name, holder)...)))
		}
		known := func() string { return n.outside.sh("ip neigh show 192.168.7.200; ip neigh show fd07::200") }
		if holder == "n1" && known() == "" {
			n.outside.sh("ping -c1 -W2 192.168.7.200; ping -c1 -W2 fd07::200")
		}
		require.Eventually(t, func() bool { return bytes.Count([]byte(known()), []byte(macs[holder])) == 2 }, 5*time.Second, 20*time.Millisecond,
			"%s holds them, at %s: %s", holder, macs[holder], known())
	}
	for _, d := range planes {
		load(t, d, artifact.Artifact{Target: target.Target})
	}
}

// What is said, and that it is said again when it is asked for: a request and a reply of ARP, and an advertisement.
func TestAnnouncements(t *testing.T) {
	n := lone(t)
	heard := make(chan gopacket.Packet, 1000)
	n.in(func() {
		other, err := net.InterfaceByName("other")
		require.NoError(t, err)
		const everything = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, everything)
		require.NoError(t, err)
		t.Cleanup(func() { unix.Close(fd) })
		require.NoError(t, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: other.Index}))
		go func() {
			buffer := make([]byte, 2000)
			for {
				k, from, err := unix.Recvfrom(fd, buffer, 0)
				if err != nil {
					return
				}
				if from.(*unix.SockaddrLinklayer).Pkttype != unix.PACKET_OUTGOING {
					heard <- gopacket.NewPacket(bytes.Clone(buffer[:k]), layers.LayerTypeEthernet, gopacket.Default)
				}
			}
		}()
	})
	d := n.plane(iproute.Options{})
	load(t, d, generate(t, placed("n1", all)))
	next := n.plane(iproute.Options{}) // a process that finds everything as it should be
	for _, again := range []func(){d.Announce, func() { d.Close(); load(t, next, generate(t, placed("n1", all))) }, func() {}} {
		want := map[string]bool{"request 192.0.2.200": true, "reply 192.0.2.200": true, "request 172.18.181.40": true, "reply 172.18.181.40": true,
			"advertisement fd18:b5::40": true}
		for deadline := time.After(10 * time.Second); len(want) > 0; {
			select {
			case p := <-heard:
				delete(want, told(t, p))
			case <-deadline:
				require.Empty(t, want)
			}
		}
		again()
	}
}

// told says what a frame announces, if it does.
func told(t *testing.T, p gopacket.Packet) string {
	if arp, ok := p.Layer(layers.LayerTypeARP).(*layers.ARP); ok && bytes.Equal(arp.SourceProtAddress, arp.DstProtAddress) {
		a, _ := netip.AddrFromSlice(arp.SourceProtAddress)
		require.Equal(t, p.LinkLayer().(*layers.Ethernet).SrcMAC, net.HardwareAddr(arp.SourceHwAddress))
		return map[uint16]string{layers.ARPRequest: "request ", layers.ARPReply: "reply "}[arp.Operation] + a.String()
	}
	if na, ok := p.Layer(layers.LayerTypeICMPv6NeighborAdvertisement).(*layers.ICMPv6NeighborAdvertisement); ok {
		a, _ := netip.AddrFromSlice(na.TargetAddress)
		require.True(t, na.Override() && !na.Solicited() && na.Router())
		require.Equal(t, layers.ICMPv6OptTargetAddress, na.Options[0].Type)
		require.Equal(t, p.LinkLayer().(*layers.Ethernet).SrcMAC, net.HardwareAddr(na.Options[0].Data))
		return "advertisement " + a.String()
	}
	return ""
}
