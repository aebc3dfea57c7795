package lab

import (
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Names and sizes of links.
const (
	fabricBridge = "fabric" // in the supervisor's namespace
	eth0         = "eth0"   // the link of a pod, a host and a node
	tunnelMTU    = 1450     // of pods whose packets may be tunnelled
	plainMTU     = 1500
)

// prepareNetNS makes a new namespace ready: loopback up, addresses usable at once, and no limit on the ICMP errors by which a
// probe tells a reject from a drop.
func prepareNetNS() error {
	err := writeSysctls([]sysctl{
		{"net/ipv6/conf/all/disable_ipv6", "0"},
		{"net/ipv6/conf/default/disable_ipv6", "0"},
		{"net/ipv6/conf/all/accept_dad", "0"},
		{"net/ipv6/conf/default/accept_dad", "0"},
		{"net/ipv6/conf/default/accept_ra", "0"},
		{"net/ipv4/conf/all/rp_filter", "0"}, // a missing spoof guard must show
		{"net/ipv4/conf/default/rp_filter", "0"},
		{"net/ipv4/conf/all/send_redirects", "0"},
		{"net/ipv4/conf/default/send_redirects", "0"},
		{"net/ipv4/icmp_ratemask", "0"},
		{"net/ipv4/icmp_ratelimit", "0"},
		{"net/ipv6/icmp/ratelimit", "0"},
		{"net/ipv6/icmp/ratemask", "\n"}, // no type counts against what the kernel sends of all together
	})
	if err != nil {
		return err
	}
	h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer h.Close()
	lo, err := h.LinkByName("lo")
	if err != nil {
		return err
	}
	return h.LinkSetUp(lo)
}

// routerSysctls turn a namespace into a router.
func routerSysctls() []sysctl {
	return []sysctl{
		{"net/ipv4/ip_forward", "1"},
		{"net/ipv6/conf/all/forwarding", "1"},
		{"net/ipv6/conf/default/forwarding", "1"},
	}
}

// macFor derives a link address from the first IPv4 address, or from a hash of the first IPv6 one.
func macFor(addrs []netip.Addr) net.HardwareAddr {
	mac := net.HardwareAddr{0x0a, 0x58, 0, 0, 0, 0}
	for _, a := range addrs {
		if a.Is4() {
			copy(mac[2:], a.AsSlice())
			return mac
		}
	}
	if len(addrs) > 0 {
		sum := fnv.New32a()
		sum.Write(addrs[0].AsSlice())
		copy(mac[2:], sum.Sum(nil))
		mac[0] = 0x0e // apart from those made of an IPv4 address
	}
	return mac
}

// gatewayMAC returns the link address of an openflow node's gateway port.
func (n *Node) gatewayMAC() net.HardwareAddr {
	var gateways []netip.Addr
	for _, prefix := range n.PodCIDRs {
		gateways = append(gateways, firstAddr(prefix))
	}
	if len(gateways) == 0 {
		gateways = n.Addrs // another network than the one on which the node itself has the same link address
	}
	return macFor(gateways)
}

// podLink names the node's end of a pod's veth pair.
func podLink(p *Pod) string {
	sum := fnv.New64a()
	sum.Write([]byte(p.String()))
	return fmt.Sprintf("hg%012x", sum.Sum64()>>16)
}

// hostPrefix returns the prefix that holds one address.
func hostPrefix(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// links does netlink work in one namespace. Its methods do nothing after the first error, which err keeps.
type links struct {
	h     *netlink.Handle
	err   error
	added []netip.Addr // of IPv6
}

// in runs fn with the links of a namespace and returns its first error.
func (n *netNS) in(fn func(l *links)) error {
	return n.do(func() error {
		h, err := netlink.NewHandle(unix.NETLINK_ROUTE)
		if err != nil {
			return err
		}
		defer h.Close()
		l := &links{h: h}
		fn(l)
		l.settle()
		if l.err != nil {
			return fmt.Errorf("%s: %w", n.where, l.err)
		}
		return nil
	})
}

// settle waits until the addresses that were added can be used: the kernel gets to those of IPv6 by and by, also where nothing looks for
// duplicates, and on a busy machine that takes a while. It does not wait for ever: a link may be down.
func (l *links) settle() {
	const most, pause = 5 * time.Second, time.Millisecond
	deadline := time.Now().Add(most)
	for _, a := range l.added {
		for l.err == nil && time.Now().Before(deadline) {
			routes, err := l.h.RouteGet(a.AsSlice())
			if err == nil && len(routes) > 0 && routes[0].Type == unix.RTN_LOCAL {
				break
			}
			time.Sleep(pause)
		}
	}
}

// note keeps the first error, with what was being done.
func (l *links) note(err error, format string, args ...any) {
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
	}
}

// index returns the index of a link by name.
func (l *links) index(name string) int {
	if l.err != nil {
		return 0
	}
	link, err := l.h.LinkByName(name)
	if err != nil {
		l.note(err, "find link %s", name)
		return 0
	}
	return link.Attrs().Index
}

// vethPair is a pair of links: one in the namespace where it is made, the other, eth0, in peer.
type vethPair struct {
	name    string
	mac     net.HardwareAddr // nil: the kernel's choice
	bridge  int              // index of the bridge that the near end joins, or 0
	mtu     int
	peer    *netNS
	peerMAC net.HardwareAddr
}

// veth makes a pair and brings its near end up.
func (l *links) veth(v vethPair) {
	if l.err != nil {
		return
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr, attrs.MasterIndex, attrs.MTU, attrs.Flags = v.name, v.mac, v.bridge, v.mtu, net.FlagUp
	link := &netlink.Veth{
		LinkAttrs: attrs, PeerName: eth0, PeerNamespace: netlink.NsFd(v.peer.fd()), PeerHardwareAddr: v.peerMAC,
		PeerMTU: uint32(v.mtu),
	}
	l.note(l.h.LinkAdd(link), "add link %s", v.name)
}

func (l *links) up(index int) {
	if l.err != nil {
		return
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Index = index
	l.note(l.h.LinkSetUp(&netlink.Device{LinkAttrs: attrs}), "bring link %d up", index)
}

// address adds addresses, usable at once and without a route to their prefix.
func (l *links) address(index int, prefixes ...netip.Prefix) {
	for _, p := range prefixes {
		if l.err != nil {
			return
		}
		attrs := netlink.NewLinkAttrs()
		attrs.Index = index
		addr := &netlink.Addr{IPNet: ipNet(p), Flags: unix.IFA_F_NODAD | unix.IFA_F_NOPREFIXROUTE}
		l.note(l.h.AddrReplace(&netlink.Device{LinkAttrs: attrs}, addr), "add address %s", p)
		if p.Addr().Is6() {
			l.added = append(l.added, p.Addr())
		}
	}
}

// direct routes a prefix to whoever answers for it on a link; src, if valid, is the source address of what starts here.
func (l *links) direct(index int, to netip.Prefix, src netip.Addr) {
	route := &netlink.Route{LinkIndex: index, Dst: ipNet(to), Scope: netlink.SCOPE_LINK}
	if src.IsValid() {
		route.Src = src.AsSlice()
	}
	l.route(route)
}

// via routes a prefix through a gateway that is on the link whatever the addresses say.
func (l *links) via(index int, to netip.Prefix, gateway netip.Addr) {
	l.viaFrom(index, to, gateway, netip.Addr{})
}

// viaFrom is via, with the source address of what starts here, if valid.
func (l *links) viaFrom(index int, to netip.Prefix, gateway, src netip.Addr) {
	route := &netlink.Route{LinkIndex: index, Dst: ipNet(to), Gw: gateway.AsSlice(), Flags: int(netlink.FLAG_ONLINK)}
	if src.IsValid() {
		route.Src = src.AsSlice()
	}
	l.route(route)
}

func (l *links) route(r *netlink.Route) {
	if l.err == nil {
		l.note(l.h.RouteReplace(r), "add route to %s", r.Dst)
	}
}

// neighbour makes a link address known for good. Permanent entries do not count against the kernel's limit, which all
// namespaces share.
func (l *links) neighbour(index int, addr netip.Addr, mac net.HardwareAddr) {
	if l.err != nil {
		return
	}
	family := netlink.FAMILY_V4
	if addr.Is6() {
		family = netlink.FAMILY_V6
	}
	l.note(l.h.NeighSet(&netlink.Neigh{
		LinkIndex: index, Family: family, State: netlink.NUD_PERMANENT, IP: addr.AsSlice(), HardwareAddr: mac,
	}), "add neighbour %s", addr)
}
