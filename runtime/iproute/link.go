package iproute

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/iproute"
)

// What VXLAN adds to a packet: the headers of Ethernet, IP, UDP and its own. Source: RFC 7348, section 5.
const (
	overhead4 = 14 + 20 + 8 + 8
	overhead6 = 14 + 40 + 8 + 8
)

// addLink makes a link. It is down.
func (s *stack) addLink(l *iproute.Link) error {
	if l.VLAN != 0 {
		return s.addVLAN(l)
	}
	v := l.VXLAN
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr = l.Name, net.HardwareAddr(v.MAC[:])
	device := &netlink.Vxlan{LinkAttrs: attrs, VxlanId: int(v.VNI), SrcAddr: v.Local.AsSlice(), Port: int(v.Port), UDPCSum: true}
	if err := s.LinkAdd(device); err != nil {
		return err
	}
	// Nobody speaks to the device itself: an address of the link would only be asked for, and asked about, on the tunnel. Without IPv6
	// there is none anyway.
	return unless(s.LinkSetIP6AddrGenMode(device, nl.IN6_ADDR_GEN_MODE_NONE), unix.EAFNOSUPPORT, unix.ENOENT)
}

// fitTunnel makes the tunnel's packets fit into those of the interface by which the first peer is reached: the kernel cannot know that one,
// because the tunnel is not bound to an interface. Longer packets of pods are answered with an ICMP message, as anywhere else; longer ones
// from outside to the address that a pod leaves by, too, on the node that holds it.
func (s *stack) fitTunnel() error {
	l := s.links[iproute.Tunnel]
	if l == nil {
		return nil
	}
	list, err := retry(func() ([]netlink.Neigh, error) { return s.NeighList(l.Attrs().Index, unix.AF_BRIDGE) })
	if err != nil {
		return fmt.Errorf("list neighbours: %w", err)
	}
	var first netip.Addr
	for _, n := range list {
		if a := addrOf(n.IP); a.IsValid() && n.LinkIndex == l.Attrs().Index && (!first.IsValid() || a.Less(first)) {
			first = a
		}
	}
	if mtu := s.pathTo(first); mtu != 0 && mtu != l.Attrs().MTU {
		return s.LinkSetMTU(l, mtu)
	}
	return nil
}

// pathTo is how long a packet in the tunnel to a peer may be, 0 if that is not known.
func (s *stack) pathTo(peer netip.Addr) int {
	if !peer.IsValid() {
		return 0
	}
	routes, err := s.RouteGet(peer.AsSlice())
	if err != nil || len(routes) == 0 || s.byIndex[routes[0].LinkIndex] == nil {
		return 0 // there may be a way later
	}
	mtu := s.byIndex[routes[0].LinkIndex].Attrs().MTU
	if routes[0].MTU > 0 {
		mtu = min(mtu, routes[0].MTU)
	}
	if peer.Is6() {
		return mtu - overhead6
	}
	return mtu - overhead4
}

// addVLAN makes a device for a VLAN on the interface of the node's own address: a port of the switch that the interface is a port of, or
// else one of the kernel.
func (s *stack) addVLAN(l *iproute.Link) error {
	if s.d.options.VLANs != nil {
		isPort, err := s.d.options.VLANs.IsPort(s.ctx, s.transport)
		if err != nil {
			return err
		}
		if isPort {
			return s.d.options.VLANs.Add(s.ctx, s.transport, l.Name, l.VLAN)
		}
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.ParentIndex = l.Name, s.index(iproute.Transport)
	err := s.LinkAdd(&netlink.Vlan{LinkAttrs: attrs, VlanId: int(l.VLAN), VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("%w: this kernel has no VLANs (module 8021q): load it, or take a pool without a VLAN", err)
	}
	return err
}

// How long a switch may take to end a device, and how often to look.
const (
	endTime  = 10 * time.Second
	endEvery = 10 * time.Millisecond
)

// awaitEnd waits until a link is gone.
func (s *stack) awaitEnd(name string) error {
	ctx, cancel := context.WithTimeout(s.ctx, endTime)
	defer cancel()
	for {
		if err := s.readLinks(); err != nil {
			return err
		}
		if s.links[name] == nil {
			return nil
		}
		if !pause(ctx, endEvery) {
			return fmt.Errorf("link %s does not end: %w", name, ctx.Err())
		}
	}
}

// deleteLink takes a link away, if it is there.
func (s *stack) deleteLink(name string) error {
	l := s.links[name]
	if l == nil {
		return nil
	}
	if s.d.options.VLANs != nil {
		tag, err := s.d.options.VLANs.Tag(s.ctx, name)
		if err != nil {
			return err
		}
		if tag != 0 {
			return errors.Join(s.d.options.VLANs.Delete(s.ctx, name), s.awaitEnd(name))
		}
	}
	return unless(s.LinkDel(l), unix.ENODEV)
}
