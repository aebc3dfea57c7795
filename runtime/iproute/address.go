package iproute

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/iproute"
)

// ifaProto is the attribute by which an address tells who gave it (IFA_PROTO of linux/if_addr.h, since Linux 5.18). The netlink library
// knows it no more than it knows how to leave a lifetime at 0, so messages about addresses are made here.
const ifaProto = 0xb

// forever is an endless lifetime.
const forever = 0xffffffff

// address is one that the kernel has.
type address struct {
	index  int
	prefix netip.Prefix
	proto  uint8
	flags  uint32
	valid  uint32 // seconds
}

// isOurs reports whether we have given it.
func (a address) isOurs() bool { return a.proto == iproute.Protocol }

// addresses lists all addresses.
func (s *stack) addresses() ([]address, error) {
	return retry(func() ([]address, error) {
		req := s.request(unix.RTM_GETADDR, unix.NLM_F_DUMP)
		req.AddData(nl.NewIfAddrmsg(unix.AF_UNSPEC))
		messages, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWADDR)
		if err != nil {
			return nil, err
		}
		out := make([]address, 0, len(messages))
		for _, m := range messages {
			a, err := parseAddress(m)
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		}
		return out, nil
	})
}

func (s *stack) request(typ, flags int) *nl.NetlinkRequest {
	req := nl.NewNetlinkRequest(typ, flags)
	req.Sockets = s.sockets
	return req
}

func parseAddress(m []byte) (address, error) {
	if len(m) < unix.SizeofIfAddrmsg {
		return address{}, errors.New("a message about an address is too short")
	}
	head := nl.DeserializeIfAddrmsg(m)
	attrs, err := nl.ParseRouteAttr(m[head.Len():])
	if err != nil {
		return address{}, err
	}
	a := address{index: int(head.Index), flags: uint32(head.Flags), valid: forever}
	var local, other netip.Addr
	for _, attr := range attrs {
		v := attr.Value
		switch {
		case attr.Attr.Type == unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(v)
		case attr.Attr.Type == unix.IFA_ADDRESS:
			other, _ = netip.AddrFromSlice(v)
		case attr.Attr.Type == ifaProto && len(v) > 0:
			a.proto = v[0]
		case attr.Attr.Type == unix.IFA_FLAGS && len(v) >= 4:
			a.flags = binary.NativeEndian.Uint32(v)
		case attr.Attr.Type == unix.IFA_CACHEINFO && len(v) >= 8:
			a.valid = binary.NativeEndian.Uint32(v[4:])
		}
	}
	if !local.IsValid() {
		local = other
	}
	a.prefix = netip.PrefixFrom(local, int(head.Prefixlen))
	return a, nil
}

// flagsOf are those that an address gets.
func flagsOf(a netip.Addr) uint32 {
	if a.Is6() {
		return unix.IFA_F_NOPREFIXROUTE | unix.IFA_F_NODAD
	}
	return unix.IFA_F_NOPREFIXROUTE
}

// isHeld reports whether an address is one that another node may hold after this one.
func isHeld(a netip.Addr) bool { return !a.IsLoopback() }

// setAddress adds an address, or gives one that is there its lifetime anew.
func (s *stack) setAddress(index int, prefix netip.Prefix) error {
	valid := uint32(forever)
	if life := s.d.options.Lifetime; life > 0 && isHeld(prefix.Addr()) {
		valid = uint32(max(life/time.Second, 1))
	}
	preferred := valid
	if prefix.Addr().Is6() {
		preferred = 0
	}
	req := s.addressRequest(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_REPLACE, index, prefix)
	info := make([]byte, 16) // struct ifa_cacheinfo: preferred, valid, and two times that the kernel fills in
	binary.NativeEndian.PutUint32(info, preferred)
	binary.NativeEndian.PutUint32(info[4:], valid)
	req.AddData(nl.NewRtAttr(unix.IFA_CACHEINFO, info))
	req.AddData(nl.NewRtAttr(unix.IFA_FLAGS, nl.Uint32Attr(flagsOf(prefix.Addr()))))
	req.AddData(nl.NewRtAttr(ifaProto, nl.Uint8Attr(iproute.Protocol)))
	_, err := req.Execute(unix.NETLINK_ROUTE, 0)
	return err
}

// errUntold is why a node with an older kernel holds nothing. Its agent could not tell what it has given from what others have, after it was
// started anew, and either would leave addresses behind that other nodes hold by then, or take some away that are none of its own.
var errUntold = errors.New("this kernel does not tell who gave an address (IFA_PROTO, since Linux 5.18), so addresses cannot be held here: " +
	"leave the node out of the nodeSelector of pools, or give it a newer kernel")

// requireTold wants the kernel to tell that an address is ours which has just been given. If it does not, the address is left to its
// lifetime: deleting it could hit that of somebody else.
func (s *stack) requireTold(index int, prefix netip.Prefix) error {
	if s.d.told {
		return nil
	}
	list, err := s.addresses()
	if err != nil {
		return err
	}
	if err := toldOurs(list, index, prefix); err != nil {
		return err
	}
	s.d.told = true
	return nil
}

// toldOurs looks an address up that has been given.
func toldOurs(list []address, index int, prefix netip.Prefix) error {
	for _, a := range list {
		if a.index == index && a.prefix == prefix && !a.isOurs() {
			return errUntold
		}
	}
	return nil
}

func (s *stack) addressRequest(typ, flags, index int, prefix netip.Prefix) *nl.NetlinkRequest {
	req := s.request(typ, flags|unix.NLM_F_ACK)
	family := unix.AF_INET
	if prefix.Addr().Is6() {
		family = unix.AF_INET6
	}
	head := nl.NewIfAddrmsg(family)
	head.Index, head.Prefixlen = uint32(index), uint8(prefix.Bits())
	if prefix.Addr().IsLoopback() {
		head.Scope = unix.RT_SCOPE_HOST
	}
	req.AddData(head)
	req.AddData(nl.NewRtAttr(unix.IFA_LOCAL, prefix.Addr().AsSlice()))
	req.AddData(nl.NewRtAttr(unix.IFA_ADDRESS, prefix.Addr().AsSlice()))
	return req
}

func (s *stack) deleteAddress(index int, prefix netip.Prefix) error {
	_, err := s.addressRequest(unix.RTM_DELADDR, 0, index, prefix).Execute(unix.NETLINK_ROUTE, 0)
	return unless(err, unix.EADDRNOTAVAIL)
}

// findTransport finds the interface that has one of the node's own addresses, the first that there is. Loopback has those of nodes that
// are reached by several interfaces, and can hold others as well: they are announced by routing then.
func (s *stack) findTransport(own []netip.Addr) error {
	list, err := s.addresses()
	if err != nil {
		return err
	}
	for _, want := range own {
		for _, a := range list {
			if l := s.byIndex[a.index]; l != nil && a.prefix.Addr() == want && !a.isOurs() {
				s.transport = l.Attrs().Name
				return nil
			}
		}
	}
	return fmt.Errorf("no interface has an address of this node: %v", own)
}

// unless makes an error that is none of some into none.
func unless(err error, harmless ...error) error {
	for _, h := range harmless {
		if errors.Is(err, h) {
			return nil
		}
	}
	return err
}

// isUp reports whether a link is.
func isUp(l netlink.Link) bool { return l.Attrs().RawFlags&unix.IFF_UP != 0 }
