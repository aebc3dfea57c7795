package lab

import (
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Pods of an nftables lab are routed: each has its addresses alone (/32, /128) and a default route through an address that is
// on no link at all, but in the pod's neighbour table with the link address of the node's end.

// routedGateway returns that address.
func routedGateway(is4 bool) netip.Addr { return (&Node{}).gateway(is4) }

// nodeEndMAC is the link address of the node's end of every routed pod's veth pair. Each pair is a link of its own.
func nodeEndMAC() net.HardwareAddr { return net.HardwareAddr{0x0a, 0x59, 0, 0, 0, 1} }

// everywhere returns the prefix of a default route.
func everywhere(is4 bool) netip.Prefix {
	if is4 {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
}

// buildPods wires the pods to their nodes and sets them up.
func (c *cluster) buildPods() error {
	spec := &c.boot.Spec
	byNode := make(map[string][]*Pod, len(spec.Nodes))
	for i := range spec.Pods {
		p := &spec.Pods[i]
		byNode[p.Node] = append(byNode[p.Node], p)
	}
	return parallel(len(spec.Nodes), func(i int) error {
		n := &spec.Nodes[i]
		pods := byNode[n.Name]
		err := c.nodes[i].ns.in(func(l *links) {
			for _, p := range pods {
				c.wirePod(l, p)
			}
		})
		if err != nil {
			return err
		}
		for _, p := range pods {
			if err := c.buildPod(n, p); err != nil {
				return err
			}
		}
		if spec.Target == OpenFlow {
			return c.plugPods(c.nodes[i], pods)
		}
		return nil
	})
}

// wirePod makes a pod's veth pair and the node's side of its routing.
func (c *cluster) wirePod(l *links, p *Pod) {
	mac := macFor(p.Addrs)
	pair := vethPair{name: podLink(p), mtu: plainMTU, peer: c.spaces[p.Where()], peerMAC: mac}
	if c.boot.Spec.Target == OpenFlow {
		pair.mtu = tunnelMTU
		l.veth(pair)
		l.note(leaveToSwitch(pair.name), "leave %s to the switch", pair.name)
		return
	}
	pair.mac = nodeEndMAC()
	l.veth(pair)
	dev := l.index(pair.name)
	for _, addr := range p.Addrs {
		l.direct(dev, hostPrefix(addr), netip.Addr{})
		l.neighbour(dev, addr, mac)
	}
}

// buildPod sets up the pod's own end.
func (c *cluster) buildPod(n *Node, p *Pod) error {
	openflow := c.boot.Spec.Target == OpenFlow
	return c.spaces[p.Where()].in(func(l *links) {
		if openflow {
			l.note(txChecksumOff(eth0), "switch transmit checksum offload off")
		}
		dev := l.index(eth0)
		l.up(dev)
		var routed [2]bool
		for _, addr := range p.Addrs {
			l.address(dev, hostPrefix(addr))
			if routed[family(addr)] {
				continue
			}
			routed[family(addr)] = true
			gateway := routedGateway(addr.Is4())
			if openflow {
				gateway = n.gateway(addr.Is4())
			} else {
				l.neighbour(dev, gateway, nodeEndMAC())
			}
			l.via(dev, everywhere(addr.Is4()), gateway)
		}
	})
}

// leaveToSwitch keeps the node's own network stack off a link of the calling thread's namespace. The userspace datapath gets a
// copy of what arrives there; without this the kernel answers neighbour requests for the node's addresses and routes what
// it gets, past the switch. No source is reachable by this link, so that the strict reverse path filter takes every packet.
func leaveToSwitch(link string) error {
	return writeSysctls([]sysctl{
		{"net/ipv4/conf/" + link + "/arp_ignore", "8"},
		{"net/ipv4/conf/" + link + "/rp_filter", "1"},
		{"net/ipv4/conf/" + link + "/forwarding", "0"},
		{"net/ipv6/conf/" + link + "/disable_ipv6", "1"},
	})
}

// txChecksumOff has the kernel fill in checksums itself on a link of the calling thread's namespace. Open vSwitch's userspace
// datapath passes packets on as it gets them, and a veth pair would leave them without.
func txChecksumOff(link string) error {
	const setTxChecksum = 0x17 // ETHTOOL_STXCSUM, linux/ethtool.h
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	value := struct{ cmd, data uint32 }{cmd: setTxChecksum}
	var request struct { // struct ifreq, linux/if.h
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte
	}
	copy(request.name[:], link)
	request.data = unsafe.Pointer(&value)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return fmt.Errorf("ethtool %s: %w", link, errno)
	}
	return nil
}
