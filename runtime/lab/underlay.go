package lab

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
)

// member is a machine on the underlay.
type member struct {
	where string
	index int
	addrs []netip.Addr
	node  *Node  // nil for a host
	host  *Host  // nil for a node
	via   string // the node that a host sends to what is for the cluster's external addresses; "" the first
	ns    *netNS
	mac   net.HardwareAddr
	link  string // the link that holds addrs
}

// isSwitched tells whether the link that holds the addresses is a switch's.
func (m *member) isSwitched() bool { return m.link == physBridge }

// members returns the nodes, then the hosts. Where the kernel has no VLANs, hosts that are in some get a switch.
func (c *cluster) members(hasVLANs bool) []*member {
	spec := &c.boot.Spec
	var list []*member
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		list = append(list, &member{where: n.Where(), addrs: n.Addrs, node: n, link: eth0})
		if spec.Target == OpenFlow {
			list[i].link = physBridge
		}
	}
	for i := range spec.Hosts {
		h := &spec.Hosts[i]
		m := &member{where: h.Where(), addrs: h.Addrs, host: h, link: eth0, via: h.Via}
		if h.isTagged() && !hasVLANs {
			m.link = physBridge
		}
		list = append(list, m)
	}
	for i, m := range list {
		m.index, m.ns, m.mac = i, c.spaces[m.where], macFor(m.addrs)
	}
	return list
}

// hop returns the address by which others reach what is behind a node: the node's own, or, for a family that its underlay
// address does not have, a link-local one that exists in neighbour tables only.
func (m *member) hop(is4 bool) netip.Addr {
	if own := addrsOf(m.addrs, is4); len(own) > 0 {
		return own[0]
	}
	if is4 {
		return netip.AddrFrom4([4]byte{169, 254, byte(128 + m.index>>8), byte(m.index)})
	}
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 13: 0x0a, 14: byte(m.index >> 8), 15: byte(m.index)})
}

// buildUnderlay joins nodes and hosts by a bridge and gives them addresses and routes.
func (c *cluster) buildUnderlay() error {
	var members []*member
	err := c.fabric().in(func(l *links) {
		bridge := l.makeFabric()
		members = c.members(l.hasVLANs(bridge))
		l.wireFabric(bridge, members)
	})
	if err != nil {
		return err
	}
	c.underlay = members
	switched := slices.ContainsFunc(members, (*member).isSwitched)
	strays := c.strays()
	bits := underlayBits(members)
	return parallel(len(members), func(i int) error {
		m := members[i]
		if err := c.startSwitch(m); err != nil {
			return fmt.Errorf("%s: %w", m.where, err)
		}
		if err := c.buildMember(m, members, strays, bits, switched); err != nil {
			return err
		}
		return c.masquerade(m)
	})
}

// fabric is the namespace of the bridges that join the machines.
func (c *cluster) fabric() *netNS { return &netNS{where: fabricBridge, home: c.home, file: c.home} }

// makeFabric makes the bridge, and returns its index.
func (l *links) makeFabric() int {
	l.note(writeSysctls([]sysctl{{"net/ipv6/conf/all/disable_ipv6", "1"}, {"net/ipv6/conf/default/disable_ipv6", "1"}}), "fabric")
	l.bridge(fabricBridge)
	return l.index(fabricBridge)
}

func (l *links) bridge(name string) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.Flags = name, net.FlagUp
	l.note(l.h.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}), "add bridge %s", name)
}

// fabricPort names the fabric's end of a member's link.
func (m *member) fabricPort() string { return fmt.Sprintf("u%d", m.index) }

func (l *links) wireFabric(bridge int, members []*member) {
	for _, m := range members {
		mac := m.mac
		if m.isSwitched() {
			mac = nil // the address belongs to the switch on top of this link
		}
		l.veth(vethPair{name: m.fabricPort(), bridge: bridge, mtu: plainMTU, peer: m.ns, peerMAC: mac})
	}
}

// buildMember sets up the underlay side of a node or host.
func (c *cluster) buildMember(m *member, members []*member, strays []stray, bits [2]int, switched bool) error {
	openflow := c.boot.Spec.Target == OpenFlow
	return m.ns.in(func(l *links) {
		if m.node != nil {
			l.note(writeSysctls(routerSysctls()), "routing")
		}
		if switched {
			l.note(txChecksumOff(eth0), "switch transmit checksum offload off")
		}
		if m.isSwitched() {
			l.note(leaveToSwitch(eth0), "leave %s to the switch", eth0)
		}
		l.up(l.index(eth0))
		dev := l.index(m.link)
		l.up(dev)
		for _, addr := range m.addrs {
			prefix := hostPrefix(addr)
			if openflow && m.node != nil { // the userspace tunnel takes its source address from the prefix of the route's target
				prefix = netip.PrefixFrom(addr, bits[family(addr)])
			}
			l.address(dev, prefix)
		}
		l.joinOthers(dev, m, members)
		if m.host != nil {
			l.joinNets(dev, m)
			l.joinHeld(dev, m, c.boot.Spec.Held)
		}
		l.routeVirtual(dev, m, members, &c.boot.Spec)
		if openflow && m.node != nil {
			l.routePodsBySwitch(m, members, strays)
		} else {
			l.routePodsByNode(dev, m, members, strays)
		}
	})
}

// joinOthers makes every other member reachable on the link.
func (l *links) joinOthers(dev int, m *member, members []*member) {
	for _, o := range members {
		if o == m {
			continue
		}
		for _, addr := range o.addrs {
			var src netip.Addr
			if own := addrsOf(m.addrs, addr.Is4()); len(own) > 0 {
				src = own[0]
			}
			l.direct(dev, hostPrefix(addr), src)
			l.neighbour(dev, addr, o.mac)
		}
		if o.node != nil {
			l.neighbour(dev, o.hop(true), o.mac)
			l.neighbour(dev, o.hop(false), o.mac)
		}
	}
}

// routeVirtual gives nodes a route for what they translate, and hosts one to a node for what is meant for them.
func (l *links) routeVirtual(dev int, m *member, members []*member, spec *Spec) {
	if m.node != nil {
		for _, addr := range spec.Virtual {
			var src netip.Addr
			if own := addrsOf(m.addrs, addr.Is4()); len(own) > 0 {
				src = own[0]
			}
			l.direct(dev, hostPrefix(addr), src)
		}
		return
	}
	hop := slices.IndexFunc(members, func(o *member) bool { return o.node != nil && (m.via == "" || m.via == o.node.Name) })
	for _, addr := range spec.External {
		if hop >= 0 {
			l.via(dev, hostPrefix(addr), members[hop].hop(addr.Is4()))
		}
	}
}

// routePodsByNode routes other nodes' pods through the nodes themselves.
func (l *links) routePodsByNode(dev int, m *member, members []*member, strays []stray) {
	for _, o := range members {
		if o == m || o.node == nil {
			continue
		}
		for _, prefix := range o.node.PodCIDRs {
			l.via(dev, prefix, o.hop(prefix.Addr().Is4()))
		}
	}
	for _, s := range strays {
		if o := members[s.node]; o != m {
			l.via(dev, hostPrefix(s.addr), o.hop(s.addr.Is4()))
		}
	}
}

// stray is a pod address that no node's prefix leads to: it needs a route of its own.
type stray struct {
	addr netip.Addr
	node int // index of its node
}

func (c *cluster) strays() []stray {
	nodes := c.boot.Spec.Nodes
	index := make(map[string]int, len(nodes))
	for i := range nodes {
		index[nodes[i].Name] = i
	}
	var list []stray
	for i := range c.boot.Spec.Pods {
		pod := &c.boot.Spec.Pods[i]
		for _, addr := range pod.Addrs {
			if owner := ownerOf(nodes, addr); owner != index[pod.Node] {
				list = append(list, stray{addr: addr, node: index[pod.Node]})
			}
		}
	}
	return list
}

// ownerOf returns the index of the node that has the longest pod prefix around an address, or -1.
func ownerOf(nodes []Node, addr netip.Addr) int {
	owner, longest := -1, -1
	for i := range nodes {
		for _, prefix := range nodes[i].PodCIDRs {
			if prefix.Contains(addr) && prefix.Bits() > longest {
				owner, longest = i, prefix.Bits()
			}
		}
	}
	return owner
}

// family is 0 for IPv4 and 1 for IPv6.
func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// underlayBits returns, by family, the length of the shortest prefix that holds all nodes' addresses.
func underlayBits(members []*member) [2]int {
	bits := [2]int{30, 126}
	var first [2]netip.Addr
	for _, m := range members {
		if m.node == nil {
			continue
		}
		for _, addr := range m.addrs {
			f := family(addr)
			if !first[f].IsValid() {
				first[f] = addr
			}
			for !netip.PrefixFrom(first[f], bits[f]).Contains(addr) {
				bits[f]--
			}
		}
	}
	return bits
}
