package iproute

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/iproute"
)

// again are the pauses before an address is announced once more. One frame may be lost, and switches open new ports late.
var again = [...]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Announce tells the neighbours anew who has the node's addresses, several times, without waiting for that. It is called when nodes that
// could not be heard for a while are there again: they may have held the addresses meanwhile.
func (d *Dataplane) Announce() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.want) > 0 {
		d.announce(d.want)
	}
}

// announce is called under the lock. Addresses that are gone by then are not announced.
func (d *Dataplane) announce(list []iproute.Address) {
	if d.ctx.Err() != nil {
		return
	}
	d.running.Go(func() {
		for i := 0; ; i++ {
			_ = d.announceOnce(d.ctx, list) // who cannot be told finds out when the old entry expires
			if i == len(again) || !pause(d.ctx, again[i]) {
				return
			}
		}
	})
}

// pause waits. It reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (d *Dataplane) announceOnce(ctx context.Context, list []iproute.Address) error {
	wanted := map[netip.Prefix]bool{}
	for _, a := range list {
		wanted[a.Prefix] = isHeld(a.Prefix.Addr())
	}
	return d.with(ctx, func(s *stack) error {
		there, err := s.addresses()
		if err != nil {
			return err
		}
		var errs []error
		for _, a := range there {
			l := s.byIndex[a.index]
			if !a.isOurs() || !wanted[a.prefix] || l == nil || len(l.Attrs().HardwareAddr) != 6 {
				continue
			}
			errs = append(errs, broadcast(a.index, l.Attrs().HardwareAddr, a.prefix.Addr()))
		}
		return errors.Join(errs...)
	})
}

// broadcast sends the frames by which neighbours learn who has an address: for IPv4 a request and a reply of ARP about itself, because
// some take the one and some the other (RFC 5227, section 3, and RFC 5944, section 4.6); for IPv6 a neighbour advertisement to all nodes that
// overrides what they know (RFC 4861, section 7.2.6).
func broadcast(index int, own net.HardwareAddr, addr netip.Addr) error {
	frames := [][]gopacket.SerializableLayer{advertisement(own, addr)}
	if addr.Is4() {
		frames = [][]gopacket.SerializableLayer{gratuitous(layers.ARPRequest, own, addr), gratuitous(layers.ARPReply, own, addr)}
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("announce %s: %w", addr, err)
	}
	defer unix.Close(fd)
	for _, frame := range frames {
		buffer := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, frame...); err != nil {
			return fmt.Errorf("announce %s: %w", addr, err)
		}
		to := &unix.SockaddrLinklayer{Ifindex: index, Halen: 6, Protocol: binary.BigEndian.Uint16(buffer.Bytes()[12:14])}
		if err := unix.Sendto(fd, buffer.Bytes(), 0, to); err != nil {
			return fmt.Errorf("announce %s: %w", addr, err)
		}
	}
	return nil
}

func gratuitous(operation uint16, own net.HardwareAddr, addr netip.Addr) []gopacket.SerializableLayer {
	everybody := net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	return []gopacket.SerializableLayer{
		&layers.Ethernet{SrcMAC: own, DstMAC: everybody, EthernetType: layers.EthernetTypeARP},
		&layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4, Operation: operation,
			SourceHwAddress: own, SourceProtAddress: addr.AsSlice(), DstHwAddress: everybody, DstProtAddress: addr.AsSlice()},
	}
}

// override and router are the flags of an advertisement: the node forwards, and what it says counts.
const overrideFlag, routerFlag = 0x20, 0x80

func advertisement(own net.HardwareAddr, addr netip.Addr) []gopacket.SerializableLayer {
	allNodes := netip.MustParseAddr("ff02::1")
	ip := &layers.IPv6{Version: 6, HopLimit: 255, NextHeader: layers.IPProtocolICMPv6, SrcIP: addr.AsSlice(), DstIP: allNodes.AsSlice()}
	icmp := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(layers.ICMPv6TypeNeighborAdvertisement, 0)}
	if err := icmp.SetNetworkLayerForChecksum(ip); err != nil {
		panic(err) // it is one
	}
	return []gopacket.SerializableLayer{
		&layers.Ethernet{SrcMAC: own, DstMAC: net.HardwareAddr{0x33, 0x33, 0, 0, 0, 1}, EthernetType: layers.EthernetTypeIPv6},
		ip, icmp,
		&layers.ICMPv6NeighborAdvertisement{Flags: overrideFlag | routerFlag, TargetAddress: addr.AsSlice(),
			Options: layers.ICMPv6Options{{Type: layers.ICMPv6OptTargetAddress, Data: own}}},
	}
}
