package openflow

import (
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// How workloads and their router find each other's MAC address.
//
// For IPv4 the bridge answers every ARP request itself, with RouterMAC: every packet is routed here, so nobody needs the real one.
//
// For IPv6 it answers nothing: to write an advertisement needs fields that the kernel's datapath cannot set. A node's own kernel
// has the router's address on the gateway port and answers there; so does each pod's kernel for its addresses. The bridge
// carries exactly this:
//
//	pod's solicitation   of a gateway address, naming the pod's MAC           to the gateway
//	pod's advertisement  of an address of the pod's, naming its MAC or none   to the gateway
//	gateway's solicitation of a pod's address                                 to that pod
//	gateway's advertisement, to the MAC of a pod                              to that pod
//
// So pods must have the gateway as their router and no other neighbours, that is addresses without an on-link prefix (/128),
// and a node must know its next hops to other nodes' pods by permanent neighbour entries with RouterMAC.
//
// Any other neighbour discovery of a pod is none: it is routed like every packet, which takes one from its hop limit, and
// receivers discard what does not arrive with 255 (RFC 4861, sections 6.1 and 7.1). From a link-local source it is dropped.

// The ICMPv6 types of neighbour discovery: RFC 4861, section 4.
const (
	ndRouterSolicitation = 133
	ndSolicitation       = 135
	ndAdvertisement      = 136
	ndRedirect           = 137
)

// discovery is the condition that a packet is a neighbour solicitation or advertisement.
func discovery(kind uint64) []Term {
	return []Term{Is(EthType, ethIPv6), Is(IPProto, uint64(ir.ProtoICMPv6)), Is(ICMPType, kind), Is(ICMPCode, 0)}
}

func linkLocal() Term {
	return IsMasked(IPv6Src, AddrValue(netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80})), ones(10, 128))
}

// arp answers whoever asks for any IPv4 address but its own, be it to announce it or to test for duplicates.
func (l *lowering) arp() {
	mac := RouterMAC().Value()
	own := func(from Term, a netip.Addr) {
		l.add(Neighbour, 200, []Term{from, Is(EthType, ethARP), Is(ARPDst, AddrValue(a).Lo)})
	}
	for _, e := range l.p.Endpoints {
		for _, a := range addrsOf(e, ir.IPv4) {
			own(IsRef(InPort, refOf(e)), a)
		}
	}
	for _, a := range l.ownAddrs() {
		if a.Is4() {
			own(Is(regSource, fromGateway), a)
		}
	}
	l.add(Neighbour, 100, []Term{Is(EthType, ethARP), Is(ARPOp, arpRequest)},
		move(EthSrc, EthDst), setValue(EthSrc, mac), set(ARPOp, arpReply),
		move(ARPSrcMAC, ARPDstMAC), setValue(ARPSrcMAC, mac),
		move(ARPSrc, regScratch), move(ARPDst, ARPSrc), move(regScratch, ARPDst), simple(Hairpin))
	l.add(Neighbour, 50, []Term{Is(EthType, ethARP)})
}

// discovery carries neighbour discovery between the gateway and the pods, as it is. Everything else goes on as packets do, but
// for what a pod sends to the gateway: the node's kernel must not take it for this link's.
func (l *lowering) discovery() {
	carry := func(match []Term, port Ref) {
		l.add(Neighbour, 100, match, setRef(regPort, port), to(Output))
	}
	for _, e := range l.p.Endpoints {
		own, ref := addrsOf(e, ir.IPv6), refOf(e)
		if len(own) == 0 {
			continue
		}
		from, gateway := IsRef(InPort, ref), Is(regSource, fromGateway)
		for _, a := range l.gatewayAddrs() {
			if a.Is6() {
				carry(append(discovery(ndSolicitation), from, isTarget(a), IsRef(NDSourceMAC, ref)), GatewayRef)
			}
		}
		for _, a := range own {
			carry(append(discovery(ndAdvertisement), from, isTarget(a), IsRef(NDTargetMAC, ref)), GatewayRef)
			carry(append(discovery(ndAdvertisement), from, isTarget(a), Is(NDTargetMAC, 0)), GatewayRef)
			carry(append(discovery(ndSolicitation), gateway, isTarget(a)), ref)
		}
		carry(append(discovery(ndAdvertisement), gateway, IsRef(EthDst, ref)), ref)
	}
	l.add(Neighbour, 50, []Term{Is(regSource, fromPod), Is(EthType, ethIPv6), linkLocal()})
	for kind := uint64(ndRouterSolicitation); kind <= ndRedirect; kind++ {
		l.add(Output, 200, append(discovery(kind)[:3], Is(regSource, fromPod), Is(regDest, fromGateway)), simple(DecTTL), output(regPort))
	}
}

func isTarget(a netip.Addr) Term { return IsMasked(NDTarget, AddrValue(a), NDTarget.full()) }
