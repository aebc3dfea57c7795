package enforce_test

import (
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// discoveryFrame builds an Ethernet frame with a neighbour solicitation or advertisement as RFC 4861, sections 4.3 and 4.4, has
// them, with all flags of an advertisement and the option of a link-layer address.
func discoveryFrame(kind byte, args []string) ([]byte, error) {
	var macs [3]net.HardwareAddr
	for i, at := range [...]int{0, 1, 5} {
		var err error
		if macs[i], err = net.ParseMAC(args[at]); err != nil {
			return nil, err
		}
	}
	var addrs [3]netip.Addr
	for i, at := range [...]int{2, 3, 4} {
		var err error
		if addrs[i], err = netip.ParseAddr(args[at]); err != nil {
			return nil, err
		}
	}
	flags, option := byte(0), byte(1)
	if kind == 136 {
		flags, option = 0xe0, 2
	}
	body := []byte{kind, 0, 0, 0, flags, 0, 0, 0}
	body = append(append(body, addrs[2].AsSlice()...), option, 1)
	body = append(body, macs[2]...)
	binary.BigEndian.PutUint16(body[2:], checksum(addrs[0], addrs[1], body))

	frame := append(append(append([]byte{}, macs[1]...), macs[0]...), 0x86, 0xdd)
	frame = append(frame, 0x60, 0, 0, 0, 0, byte(len(body)), unix.IPPROTO_ICMPV6, 255)
	frame = append(append(frame, addrs[0].AsSlice()...), addrs[1].AsSlice()...)
	return append(frame, body...), nil
}

// checksum is that of RFC 4443, section 2.3; body has an even length.
func checksum(src, dst netip.Addr, body []byte) uint16 {
	words := append(append(append([]byte{}, src.AsSlice()...), dst.AsSlice()...), 0, byte(len(body)), 0, unix.IPPROTO_ICMPV6)
	sum := uint32(0)
	for text := append(words, body...); len(text) > 0; text = text[2:] {
		sum += uint32(binary.BigEndian.Uint16(text))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func sendFrame(link int, frame []byte) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: link})
}
