package nft

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// device is an interface as nft.PutBack: what is written to it comes into its namespace as if from a link. It ends when it is
// closed, or with the process.
type device struct{ fd int }

// The parts of a message that sets an interface up (linux/if_link.h, linux/ip.h, linux/if_link.h).
const (
	linkName        = 3  // IFLA_IFNAME
	linkFamilies    = 26 // IFLA_AF_SPEC
	inetConf        = 1  // IFLA_INET_CONF
	inet6AddrMode   = 8  // IFLA_INET6_ADDR_GEN_MODE
	inet6NoAddress  = 1  // IN6_ADDR_GEN_MODE_NONE
	confForwarding  = 1  // IPV4_DEVCONF_FORWARDING
	confRPFilter    = 8  // IPV4_DEVCONF_RP_FILTER
	confAcceptLocal = 23 // IPV4_DEVCONF_ACCEPT_LOCAL
	looseRPFilter   = 2
	ifinfomsgSize   = 16
)

// newDevice makes an interface of a name in a namespace as of dial.
func newDevice(netns int, name string) (*device, error) {
	var d *device
	err := inside(netns, func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return fmt.Errorf("/dev/net/tun: %w", err)
		}
		d = &device{fd}
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			return fmt.Errorf("make it: %w", err)
		}
		return setUp(name)
	})
	if err != nil {
		if d != nil {
			d.close()
		}
		return nil, fmt.Errorf("interface %s: %w", name, err)
	}
	return d, nil
}

// setUp sets the interface up and makes it a link from which anything may come: packets that were sent by addresses that live
// elsewhere (rp_filter, of which the greater value of the interface's and of all holds), or on this machine (accept_local). The
// kernel lets an interface without an address be no exception from rp_filter.
func setUp(name string) error {
	s, err := open(unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.route(unix.RTM_NEWLINK, 0, linkMessage(name)); err != nil {
		return fmt.Errorf("set it up: %w", err)
	}
	link, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	if err := s.route(unix.RTM_NEWADDR, unix.NLM_F_CREATE, addrMessage(link.Index)); err != nil {
		return fmt.Errorf("give it an address: %w", err)
	}
	return nil
}

func linkMessage(name string) []byte {
	w := buffer{make([]byte, ifinfomsgSize)}
	binary.NativeEndian.PutUint32(w.b[8:], unix.IFF_UP)
	binary.NativeEndian.PutUint32(w.b[12:], unix.IFF_UP)
	w.str(linkName, name)
	families := w.open(linkFamilies | nested)
	inet := w.open(unix.AF_INET | nested)
	conf := w.open(inetConf | nested)
	for _, set := range [][2]uint32{{confForwarding, 1}, {confRPFilter, looseRPFilter}, {confAcceptLocal, 1}} {
		w.attr(uint16(set[0]), binary.NativeEndian.AppendUint32(nil, set[1]))
	}
	w.close(conf)
	w.close(inet)
	inet6 := w.open(unix.AF_INET6 | nested)
	w.attr(inet6AddrMode, []byte{inet6NoAddress})
	w.close(inet6)
	w.close(families)
	return w.b
}

// dummyAddr is the address of what needs one and is never spoken to (RFC 7600, section 4.8).
func dummyAddr() []byte { return []byte{192, 0, 0, 8} }

func addrMessage(index int) []byte {
	addr := dummyAddr()
	w := buffer{[]byte{unix.AF_INET, byte(8 * len(addr)), 0, unix.RT_SCOPE_HOST}}
	w.b = binary.NativeEndian.AppendUint32(w.b, uint32(index))
	w.attr(unix.IFA_LOCAL, addr)
	w.attr(unix.IFA_ADDRESS, addr)
	return w.b
}

// route sends one message of the protocol for links and routes, and waits for the answer.
func (s *socket) route(typ, flags uint16, body []byte) error {
	seq := s.seq
	s.seq++
	b := binary.NativeEndian.AppendUint32(nil, uint32(nlmsgHeader+len(body)))
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = append(binary.NativeEndian.AppendUint32(b, 0), body...)
	if err := retry(func() error { return unix.Sendto(s.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) }); err != nil {
		return err
	}
	return s.acknowledged(seq)
}

func (d *device) close() { unix.Close(d.fd) }

// put has an IP packet come in, whole and with right checksums, whatever became of these on its way here.
func (d *device) put(packet []byte) error {
	for _, frame := range frames(packet) {
		err := retry(func() error { _, err := unix.Write(d.fd, frame); return err })
		// What the kernel has no room for, or finds malformed, is lost as it would be on a link.
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.ENOMEM) {
			return fmt.Errorf("put a packet back: %w", err)
		}
	}
	return nil
}
