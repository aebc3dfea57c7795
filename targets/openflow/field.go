package openflow

// Field is a field of a packet or of its metadata. Fields are listed in the order in which matches print them, after the words
// that stand for EthType and IPProto.
type Field uint8

// The fields. ICMPType and ICMPCode are those of both versions of ICMP; L4Src and L4Dst the ports of TCP, UDP and SCTP.
// NDSourceMAC and NDTargetMAC are 0 where neighbour discovery comes without that option. CTProto, CTDst4, CTDst6 and CTPort are what
// the connection's first packet was sent to, as connection tracking saw it before it translated its destination;
// CTMark is the connection's mark: see Pending.
const (
	EthType Field = iota
	IPProto
	CTState
	Reg0
	Reg1
	Reg2
	Reg3
	Reg4
	Reg5
	Reg6
	Reg7
	Reg8
	Reg9
	Reg10
	Reg11
	Reg12
	Reg13
	Reg14
	Reg15
	ConjID
	InPort
	EthSrc
	EthDst
	IPv4Src
	IPv4Dst
	IPv6Src
	IPv6Dst
	L4Src
	L4Dst
	ICMPType
	ICMPCode
	ARPOp
	ARPSrc
	ARPDst
	ARPSrcMAC
	ARPDstMAC
	NDTarget
	NDSourceMAC
	NDTargetMAC
	TunnelDst4
	TunnelDst6
	CTProto
	CTDst4
	CTDst6
	CTPort
	CTMark
	numFields
)

// format is how a value is written.
type format uint8

const (
	decimal format = iota
	hexadecimal
	mac
	ipv4
	ipv6
	states
	ports // decimal, or hexadecimal with a mask
)

// fieldInfo gives a field's width in bits and its names: in a match, as the destination of set_field, and with which it is moved.
type fieldInfo struct {
	bits   int
	format format
	match  string
	set    string
	move   string
}

// info is the table of the fields. The names are those of ovs-fields(7).
//
//headgate:table
func (f Field) info() fieldInfo {
	switch f {
	case EthType:
		return fieldInfo{16, hexadecimal, "dl_type", "", ""}
	case IPProto:
		return fieldInfo{8, decimal, "nw_proto", "", ""}
	case CTState:
		return fieldInfo{32, states, "ct_state", "", ""}
	case Reg0:
		return fieldInfo{32, hexadecimal, "reg0", "reg0", "NXM_NX_REG0[]"}
	case Reg1:
		return fieldInfo{32, hexadecimal, "reg1", "reg1", "NXM_NX_REG1[]"}
	case Reg2:
		return fieldInfo{32, hexadecimal, "reg2", "reg2", "NXM_NX_REG2[]"}
	case Reg3:
		return fieldInfo{32, hexadecimal, "reg3", "reg3", "NXM_NX_REG3[]"}
	case Reg4:
		return fieldInfo{32, hexadecimal, "reg4", "reg4", "NXM_NX_REG4[]"}
	case Reg5:
		return fieldInfo{32, hexadecimal, "reg5", "reg5", "NXM_NX_REG5[]"}
	case Reg6:
		return fieldInfo{32, hexadecimal, "reg6", "reg6", "NXM_NX_REG6[]"}
	case Reg7:
		return fieldInfo{32, hexadecimal, "reg7", "reg7", "NXM_NX_REG7[]"}
	case Reg8:
		return fieldInfo{32, hexadecimal, "reg8", "reg8", "NXM_NX_REG8[]"}
	case Reg9:
		return fieldInfo{32, hexadecimal, "reg9", "reg9", "NXM_NX_REG9[]"}
	case Reg10:
		return fieldInfo{32, hexadecimal, "reg10", "reg10", "NXM_NX_REG10[]"}
	case Reg11:
		return fieldInfo{32, hexadecimal, "reg11", "reg11", "NXM_NX_REG11[]"}
	case Reg12:
		return fieldInfo{32, hexadecimal, "reg12", "reg12", "NXM_NX_REG12[]"}
	case Reg13:
		return fieldInfo{32, hexadecimal, "reg13", "reg13", "NXM_NX_REG13[]"}
	case Reg14:
		return fieldInfo{32, hexadecimal, "reg14", "reg14", "NXM_NX_REG14[]"}
	case Reg15:
		return fieldInfo{32, hexadecimal, "reg15", "reg15", "NXM_NX_REG15[]"}
	case ConjID:
		return fieldInfo{32, decimal, "conj_id", "", ""}
	case InPort:
		return fieldInfo{16, decimal, "in_port", "in_port", "NXM_OF_IN_PORT[]"}
	case EthSrc:
		return fieldInfo{48, mac, "dl_src", "eth_src", "NXM_OF_ETH_SRC[]"}
	case EthDst:
		return fieldInfo{48, mac, "dl_dst", "eth_dst", "NXM_OF_ETH_DST[]"}
	case IPv4Src:
		return fieldInfo{32, ipv4, "nw_src", "ip_src", "NXM_OF_IP_SRC[]"}
	case IPv4Dst:
		return fieldInfo{32, ipv4, "nw_dst", "ip_dst", "NXM_OF_IP_DST[]"}
	case IPv6Src:
		return fieldInfo{128, ipv6, "ipv6_src", "ipv6_src", "NXM_NX_IPV6_SRC[]"}
	case IPv6Dst:
		return fieldInfo{128, ipv6, "ipv6_dst", "ipv6_dst", "NXM_NX_IPV6_DST[]"}
	case L4Src: // only those of SCTP are ever learned
		return fieldInfo{16, ports, "tp_src", "", "OXM_OF_SCTP_SRC[]"}
	case L4Dst:
		return fieldInfo{16, ports, "tp_dst", "", "OXM_OF_SCTP_DST[]"}
	case ICMPType:
		return fieldInfo{8, decimal, "icmp_type", "icmpv6_type", ""}
	case ICMPCode:
		return fieldInfo{8, decimal, "icmp_code", "icmpv6_code", ""}
	case ARPOp:
		return fieldInfo{16, decimal, "arp_op", "arp_op", "NXM_OF_ARP_OP[]"}
	case ARPSrc:
		return fieldInfo{32, ipv4, "arp_spa", "arp_spa", "NXM_OF_ARP_SPA[]"}
	case ARPDst:
		return fieldInfo{32, ipv4, "arp_tpa", "arp_tpa", "NXM_OF_ARP_TPA[]"}
	case ARPSrcMAC:
		return fieldInfo{48, mac, "arp_sha", "arp_sha", "NXM_NX_ARP_SHA[]"}
	case ARPDstMAC:
		return fieldInfo{48, mac, "arp_tha", "arp_tha", "NXM_NX_ARP_THA[]"}
	case NDTarget:
		return fieldInfo{128, ipv6, "nd_target", "nd_target", "NXM_NX_ND_TARGET[]"}
	case NDSourceMAC:
		return fieldInfo{48, mac, "nd_sll", "nd_sll", "NXM_NX_ND_SLL[]"}
	case NDTargetMAC:
		return fieldInfo{48, mac, "nd_tll", "nd_tll", "NXM_NX_ND_TLL[]"}
	case TunnelDst4:
		return fieldInfo{32, ipv4, "tun_dst", "tun_dst", ""}
	case TunnelDst6:
		return fieldInfo{128, ipv6, "tun_ipv6_dst", "tun_ipv6_dst", ""}
	case CTProto:
		return fieldInfo{8, decimal, "ct_nw_proto", "", ""}
	case CTDst4:
		return fieldInfo{32, ipv4, "ct_nw_dst", "", ""}
	case CTDst6:
		return fieldInfo{128, ipv6, "ct_ipv6_dst", "", ""}
	case CTPort:
		return fieldInfo{16, ports, "ct_tp_dst", "", ""}
	case CTMark:
		return fieldInfo{32, hexadecimal, "ct_mark", "ct_mark", ""}
	}
	return fieldInfo{}
}

// full is the mask of all of the field's bits.
func (f Field) full() Value { return ones(f.info().bits, f.info().bits) }

// isMAC reports whether the field holds an Ethernet address.
func (f Field) isMAC() bool { return f.info().format == mac }

// The Ethernet types and the ARP operations that flows match.
const (
	ethIPv4 = 0x0800
	ethARP  = 0x0806
	ethIPv6 = 0x86dd

	arpRequest = 1
	arpReply   = 2
)

// The bits of CTState, as in ovs-fields(7).
const (
	ctNew         = 1 << 0
	ctEstablished = 1 << 1
	ctRelated     = 1 << 2
	ctReply       = 1 << 3
	ctInvalid     = 1 << 4
	ctTracked     = 1 << 5
	ctTranslated  = 1 << 7 // by its destination
)

// ctStateNames lists the names of the bits of CTState in the order in which they are written.
func ctStateNames() []string {
	return []string{"new", "est", "rel", "rpl", "inv", "trk", "snat", "dnat"}
}

// protoWord is a word that stands for an Ethernet type and, unless proto is 0, an IP protocol.
type protoWord struct {
	word  string
	eth   uint64
	proto uint64
}

func protoWords() []protoWord {
	return []protoWord{{"ip", ethIPv4, 0}, {"arp", ethARP, 0}, {"ipv6", ethIPv6, 0}, {"icmp", ethIPv4, 1}, {"icmp6", ethIPv6, 58},
		{"tcp", ethIPv4, 6}, {"tcp6", ethIPv6, 6}, {"udp", ethIPv4, 17}, {"udp6", ethIPv6, 17},
		{"sctp", ethIPv4, 132}, {"sctp6", ethIPv6, 132}}
}
