package wire

import (
	"fmt"

	"github.com/headgate-net/headgate/targets/openflow"
)

// The first four bytes of an OXM or NXM entry: class, field, whether there is a mask, and the length of the value.
const (
	hasMask = 0x100

	oxmInPort    = 0x80000004
	oxmEthDst    = 0x80000606
	oxmEthSrc    = 0x80000806
	oxmEthType   = 0x80000a02
	oxmIPProto   = 0x80001401
	oxmIPv4Src   = 0x80001604
	oxmIPv4Dst   = 0x80001804
	oxmTCPSrc    = 0x80001a02
	oxmTCPDst    = 0x80001c02
	oxmUDPSrc    = 0x80001e02
	oxmUDPDst    = 0x80002002
	oxmSCTPSrc   = 0x80002202
	oxmSCTPDst   = 0x80002402
	oxmICMP4Type = 0x80002601
	oxmICMP4Code = 0x80002801
	oxmARPOp     = 0x80002a02
	oxmARPSrc    = 0x80002c04
	oxmARPDst    = 0x80002e04
	oxmARPSrcMAC = 0x80003006
	oxmARPDstMAC = 0x80003206
	oxmIPv6Src   = 0x80003410
	oxmIPv6Dst   = 0x80003610
	oxmICMP6Type = 0x80003a01
	oxmICMP6Code = 0x80003c01
	oxmNDTarget  = 0x80003e10
	oxmNDSource  = 0x80004006
	oxmNDTLL     = 0x80004206
	oxmPair0     = 0x80010008 // a pair of registers; the next pair's is 0x200 more

	nxmInPort    = 0x00000002
	nxmEthDst    = 0x00000206
	nxmEthSrc    = 0x00000406
	nxmEthType   = 0x00000602
	nxmIPProto   = 0x00000c01
	nxmIPv4Src   = 0x00000e04
	nxmIPv4Dst   = 0x00001004
	nxmARPOp     = 0x00001e02
	nxmARPSrc    = 0x00002004
	nxmARPDst    = 0x00002204
	nxmReg0      = 0x00010004 // the next register's is 0x200 more
	nxmARPSrcMAC = 0x00012206
	nxmARPDstMAC = 0x00012406
	nxmIPv6Src   = 0x00012610
	nxmIPv6Dst   = 0x00012810
	nxmNDTarget  = 0x00012e10
	nxmNDSource  = 0x00013006
	nxmNDTLL     = 0x00013206
	nxmTunDst4   = 0x00014004
	nxmConjID    = 0x00014a04
	nxmCTState   = 0x0001d204
	nxmTunDst6   = 0x0001dc10
	nxmCTProto   = 0x0001ee01
	nxmCTDst4    = 0x0001f204
	nxmCTDst6    = 0x0001f610
	nxmCTPort    = 0x0001fa02
	nxmCTMark    = 0x0001d604
)

// headers are a field's entries: in actions of the standard, and in Open vSwitch's own; 0 where it has none.
type headers struct{ standard, own uint32 }

// headersOf is the table of the fields in actions. Of fields with several headers it is the one that the target's words for
// actions mean: the ports are those of SCTP, types and codes those of ICMPv6.
//
//headgate:table
func headersOf(f openflow.Field) headers {
	switch f {
	case openflow.EthType:
		return headers{oxmEthType, nxmEthType}
	case openflow.IPProto:
		return headers{oxmIPProto, nxmIPProto}
	case openflow.CTState:
		return headers{nxmCTState, nxmCTState}
	case openflow.Reg0, openflow.Reg1, openflow.Reg2, openflow.Reg3, openflow.Reg4, openflow.Reg5, openflow.Reg6, openflow.Reg7,
		openflow.Reg8, openflow.Reg9, openflow.Reg10, openflow.Reg11, openflow.Reg12, openflow.Reg13, openflow.Reg14, openflow.Reg15:
		h := nxmReg0 + uint32(f-openflow.Reg0)<<9
		return headers{h, h}
	case openflow.ConjID:
		return headers{nxmConjID, nxmConjID}
	case openflow.InPort:
		return headers{nxmInPort, nxmInPort}
	case openflow.EthSrc:
		return headers{oxmEthSrc, nxmEthSrc}
	case openflow.EthDst:
		return headers{oxmEthDst, nxmEthDst}
	case openflow.IPv4Src:
		return headers{oxmIPv4Src, nxmIPv4Src}
	case openflow.IPv4Dst:
		return headers{oxmIPv4Dst, nxmIPv4Dst}
	case openflow.IPv6Src:
		return headers{oxmIPv6Src, nxmIPv6Src}
	case openflow.IPv6Dst:
		return headers{oxmIPv6Dst, nxmIPv6Dst}
	case openflow.L4Src:
		return headers{oxmSCTPSrc, oxmSCTPSrc}
	case openflow.L4Dst:
		return headers{oxmSCTPDst, oxmSCTPDst}
	case openflow.ICMPType:
		return headers{oxmICMP6Type, oxmICMP6Type}
	case openflow.ICMPCode:
		return headers{oxmICMP6Code, oxmICMP6Code}
	case openflow.ARPOp:
		return headers{oxmARPOp, nxmARPOp}
	case openflow.ARPSrc:
		return headers{oxmARPSrc, nxmARPSrc}
	case openflow.ARPDst:
		return headers{oxmARPDst, nxmARPDst}
	case openflow.ARPSrcMAC:
		return headers{oxmARPSrcMAC, nxmARPSrcMAC}
	case openflow.ARPDstMAC:
		return headers{oxmARPDstMAC, nxmARPDstMAC}
	case openflow.NDTarget:
		return headers{oxmNDTarget, nxmNDTarget}
	case openflow.NDSourceMAC:
		return headers{oxmNDSource, nxmNDSource}
	case openflow.NDTargetMAC:
		return headers{oxmNDTLL, nxmNDTLL}
	case openflow.TunnelDst4:
		return headers{nxmTunDst4, nxmTunDst4}
	case openflow.TunnelDst6:
		return headers{nxmTunDst6, nxmTunDst6}
	case openflow.CTProto:
		return headers{nxmCTProto, nxmCTProto}
	case openflow.CTDst4:
		return headers{nxmCTDst4, nxmCTDst4}
	case openflow.CTDst6:
		return headers{nxmCTDst6, nxmCTDst6}
	case openflow.CTPort:
		return headers{nxmCTPort, nxmCTPort}
	case openflow.CTMark:
		return headers{nxmCTMark, nxmCTMark}
	}
	return headers{}
}

// fields lists every field in the order in which Open vSwitch writes a match.
func fields() [numFields]openflow.Field {
	return [numFields]openflow.Field{
		openflow.ConjID, openflow.InPort, openflow.EthSrc, openflow.EthDst, openflow.EthType,
		openflow.IPv4Src, openflow.IPv4Dst, openflow.IPv6Src, openflow.IPv6Dst, openflow.IPProto,
		openflow.L4Src, openflow.L4Dst, openflow.ICMPType, openflow.ICMPCode,
		openflow.NDTarget, openflow.NDSourceMAC, openflow.NDTargetMAC,
		openflow.ARPOp, openflow.ARPSrc, openflow.ARPDst, openflow.ARPSrcMAC, openflow.ARPDstMAC,
		openflow.TunnelDst4, openflow.TunnelDst6,
		openflow.Reg0, openflow.Reg1, openflow.Reg2, openflow.Reg3, openflow.Reg4, openflow.Reg5, openflow.Reg6, openflow.Reg7,
		openflow.Reg8, openflow.Reg9, openflow.Reg10, openflow.Reg11, openflow.Reg12, openflow.Reg13, openflow.Reg14, openflow.Reg15,
		openflow.CTState, openflow.CTMark, openflow.CTDst4, openflow.CTDst6, openflow.CTProto, openflow.CTPort,
	}
}

// numFields is one more than the last field.
const numFields = openflow.CTMark + 1

// width is a field's number of bits.
func width(f openflow.Field) int { return int(headersOf(f).standard&0xff) * 8 }

// full is the mask of all of a field's bits.
func full(f openflow.Field) openflow.Value { return fullBits(width(f)) }

func fullBits(bits int) openflow.Value {
	switch {
	case bits == 128:
		return openflow.Value{Hi: ^uint64(0), Lo: ^uint64(0)}
	case bits == 64:
		return openflow.Value{Lo: ^uint64(0)}
	}
	return openflow.Value{Lo: 1<<bits - 1}
}

// fieldOf reads a header in an action or, with own, in one of Open vSwitch's.
func fieldOf(header uint32, own bool) (openflow.Field, error) {
	for f := range numFields {
		if h := headersOf(f); own && h.own == header || !own && h.standard == header {
			return f, nil
		}
	}
	return 0, fmt.Errorf("unknown field %#08x", header)
}

// appendValue appends the lowest n bytes of a value.
func appendValue(b []byte, v openflow.Value, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		if i >= 8 {
			b = append(b, byte(v.Hi>>(8*(i-8))))
		} else {
			b = append(b, byte(v.Lo>>(8*i)))
		}
	}
	return b
}

// parseValue reads a value of up to 16 bytes.
func parseValue(b []byte) openflow.Value {
	var v openflow.Value
	for _, c := range b {
		v.Hi, v.Lo = v.Hi<<8|v.Lo>>56, v.Lo<<8|uint64(c)
	}
	return v
}
