package wire

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/headgate-net/headgate/targets/openflow"
)

// ctStates are the bits of CTState that have a name.
const ctStates = 0xff

// matchOXM is the type of every match.
const matchOXM = 1

// portHigh is what the upper half of a reserved port's 32-bit number has; the lower half is its 16-bit number.
const (
	portHigh     = 0xffff0000
	firstReserve = 0xff00
)

// appendMatch appends a match as Open vSwitch writes it: in its order of fields, registers in pairs, no mask where all bits count.
func appendMatch(b []byte, match []openflow.Term) ([]byte, error) {
	from := len(b)
	b = append(b, 0, matchOXM, 0, 0)
	var terms [numFields]*openflow.Term
	for i := range match {
		t := &match[i]
		if t.Ref != "" {
			return b, fmt.Errorf("port %s has no number yet", t.Ref)
		}
		if terms[t.Field] != nil {
			return b, errors.New("two conditions on one field")
		}
		terms[t.Field] = t
	}
	var proto uint64
	if t := terms[openflow.IPProto]; t != nil {
		proto = t.Value.Lo
	}
	for _, f := range fields() {
		switch t := terms[f]; {
		case f >= openflow.Reg0 && f <= openflow.Reg15:
			if n := f - openflow.Reg0; n%2 == 0 {
				b = appendPair(b, uint32(n/2), t, terms[f+1])
			}
		case t != nil:
			header, err := matchHeader(f, proto)
			if err != nil {
				return b, err
			}
			if f == openflow.InPort && t.Mask != full(f) {
				return b, errors.New("a port cannot be masked")
			}
			b = appendTerm(b, header, t.Value, t.Mask, full(f))
		}
	}
	if len(b)-from > MaxLen-8 {
		return b, fmt.Errorf("a match of %d bytes", len(b)-from)
	}
	binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
	return pad(b, from), nil
}

// matchHeader is the entry of a field in the match of an IP protocol.
func matchHeader(f openflow.Field, proto uint64) (uint32, error) {
	var header uint32
	switch f {
	case openflow.L4Src:
		header = map[uint64]uint32{6: oxmTCPSrc, 17: oxmUDPSrc, 132: oxmSCTPSrc}[proto]
	case openflow.L4Dst:
		header = map[uint64]uint32{6: oxmTCPDst, 17: oxmUDPDst, 132: oxmSCTPDst}[proto]
	case openflow.ICMPType:
		header = map[uint64]uint32{1: oxmICMP4Type, 58: oxmICMP6Type}[proto]
	case openflow.ICMPCode:
		header = map[uint64]uint32{1: oxmICMP4Code, 58: oxmICMP6Code}[proto]
	case openflow.InPort:
		header = oxmInPort
	default:
		header = headersOf(f).standard
	}
	if header == 0 {
		return 0, fmt.Errorf("IP protocol %d has no such field", proto)
	}
	return header, nil
}

// appendTerm appends one entry; all is the mask of all bits.
func appendTerm(b []byte, header uint32, value, mask, all openflow.Value) []byte {
	n := int(header & 0xff)
	if header == oxmInPort && value.Lo >= firstReserve {
		value.Lo |= portHigh
	}
	switch mask {
	case openflow.Value{}:
		return b
	case all:
		return appendValue(binary.BigEndian.AppendUint32(b, header), value, n)
	}
	b = binary.BigEndian.AppendUint32(b, header|hasMask+uint32(n))
	return appendValue(appendValue(b, value, n), mask, n)
}

// appendPair appends the conditions on two registers as one on the pair: the first is its upper half.
func appendPair(b []byte, pair uint32, first, second *openflow.Term) []byte {
	var value, mask openflow.Value
	if first != nil {
		value.Lo, mask.Lo = first.Value.Lo<<32, first.Mask.Lo<<32
	}
	if second != nil {
		value.Lo |= second.Value.Lo & 0xffffffff
		mask.Lo |= second.Mask.Lo & 0xffffffff
	}
	return appendTerm(b, oxmPair0+pair<<9, value, mask, fullBits(64))
}

// matchReader collects the conditions of a match, and in words those that are none of the target's.
type matchReader struct {
	terms   []openflow.Term
	unknown []string
	seen    uint64 // by Field
	proto   uint32 // the IP protocol that the fields of layer 4 are for, plus 1
}

// parseMatch reads the match at the beginning of b. Size is the number of bytes with the padding.
func parseMatch(b []byte) (m matchReader, size int, err error) {
	if len(b) < 8 {
		return m, 0, fmt.Errorf("a match cannot have %d bytes", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	size = (n + 7) / 8 * 8
	if binary.BigEndian.Uint16(b) != matchOXM || n < 4 || size > len(b) {
		return m, 0, fmt.Errorf("a match of type %d and %d bytes", binary.BigEndian.Uint16(b), n)
	}
	m, err = readEntries(b[4:n])
	return m, size, err
}

// readEntries reads a list of entries to its end.
func readEntries(b []byte) (m matchReader, err error) {
	m.terms = make([]openflow.Term, 0, min(5, len(b)/5))
	for len(b) > 0 {
		if len(b) < 4 || len(b) < 4+int(b[3]) {
			return m, errors.New("a match ends within an entry")
		}
		end := 4 + int(b[3])
		m.entry(binary.BigEndian.Uint32(b), b[4:end])
		b = b[end:]
	}
	if m.proto != 0 && !slices.ContainsFunc(m.terms, func(t openflow.Term) bool {
		return t == openflow.Is(openflow.IPProto, uint64(m.proto-1))
	}) {
		m.unknown = append(m.unknown, fmt.Sprintf("fields of IP protocol %d", m.proto-1))
	}
	slices.SortFunc(m.terms, func(a, b openflow.Term) int { return cmp.Compare(a.Field, b.Field) })
	return m, nil
}

// entry takes one entry.
func (m *matchReader) entry(header uint32, payload []byte) {
	value, mask, ok := valueAndMask(header, payload)
	base := header &^ 0xff &^ hasMask
	if base >= oxmPair0&^0xff && base < oxmPair0&^0xff+8<<9 && ok && len(payload)&7 == 0 {
		first := openflow.Reg0 + openflow.Field((base-oxmPair0&^0xff)>>9)*2
		m.half(first, value.Lo>>32, mask.Lo>>32)
		m.half(first+1, value.Lo&0xffffffff, mask.Lo&0xffffffff)
		return
	}
	f, proto := matchField(base)
	if header&hasMask == 0 {
		base |= header & 0xff
	} else {
		base |= header & 0xff / 2
	}
	if f == openflow.CTState && mask.Lo&^ctStates != 0 {
		ok = false
	}
	want, err := matchHeader(f, uint64(max(proto, 1)-1))
	if !ok || err != nil || want != base || mask == (openflow.Value{}) || proto != 0 && m.proto != 0 && proto != m.proto {
		m.unknown = append(m.unknown, fmt.Sprintf("match %08x=%x", header, payload))
		return
	}
	if proto != 0 {
		m.proto = proto
	}
	if f == openflow.InPort {
		low := value.Lo & 0xffff
		if reserved := low >= firstReserve; header&hasMask != 0 || reserved != (value.Lo == low|portHigh) || !reserved && value.Lo != low {
			m.unknown = append(m.unknown, fmt.Sprintf("port %x", payload))
			return
		}
		value.Lo, mask = low, full(f)
	}
	m.add(f, value, mask)
}

func (m *matchReader) half(f openflow.Field, value, mask uint64) {
	if mask != 0 {
		m.add(f, openflow.Uint(value), openflow.Uint(mask))
	}
}

func (m *matchReader) add(f openflow.Field, value, mask openflow.Value) {
	if m.seen&(1<<f) != 0 {
		m.unknown = append(m.unknown, "a field twice")
		return
	}
	m.seen |= 1 << f
	m.terms = append(m.terms, openflow.Term{Field: f, Value: value, Mask: mask})
}

// valueAndMask takes the payload of an entry apart. It is not ok if a bit that the mask lacks is set.
func valueAndMask(header uint32, payload []byte) (value, mask openflow.Value, ok bool) {
	if len(payload) > 32 || header&hasMask == 0 && len(payload) > 16 {
		return value, mask, false
	}
	if header&hasMask == 0 {
		return parseValue(payload), fullBits(min(len(payload), 8)*8 + max(len(payload)-8, 0)*8), len(payload) > 0
	}
	half := len(payload) / 2
	value, mask = parseValue(payload[:half]), parseValue(payload[half:])
	return value, mask, len(payload)%2 == 0 && value.And(mask) == value
}

// matchField reads the upper part of a header. Proto is the IP protocol that has the field, plus 1, or 0 if any may.
//
//headgate:table
func matchField(base uint32) (f openflow.Field, proto uint32) {
	switch base {
	case oxmTCPSrc &^ 0xff:
		return openflow.L4Src, 6 + 1
	case oxmTCPDst &^ 0xff:
		return openflow.L4Dst, 6 + 1
	case oxmUDPSrc &^ 0xff:
		return openflow.L4Src, 17 + 1
	case oxmUDPDst &^ 0xff:
		return openflow.L4Dst, 17 + 1
	case oxmSCTPSrc &^ 0xff:
		return openflow.L4Src, 132 + 1
	case oxmSCTPDst &^ 0xff:
		return openflow.L4Dst, 132 + 1
	case oxmICMP4Type &^ 0xff:
		return openflow.ICMPType, 1 + 1
	case oxmICMP4Code &^ 0xff:
		return openflow.ICMPCode, 1 + 1
	case oxmICMP6Type &^ 0xff:
		return openflow.ICMPType, 58 + 1
	case oxmICMP6Code &^ 0xff:
		return openflow.ICMPCode, 58 + 1
	case oxmInPort &^ 0xff:
		return openflow.InPort, 0
	case oxmEthSrc &^ 0xff:
		return openflow.EthSrc, 0
	case oxmEthDst &^ 0xff:
		return openflow.EthDst, 0
	case oxmEthType &^ 0xff:
		return openflow.EthType, 0
	case oxmIPProto &^ 0xff:
		return openflow.IPProto, 0
	case oxmIPv4Src &^ 0xff:
		return openflow.IPv4Src, 0
	case oxmIPv4Dst &^ 0xff:
		return openflow.IPv4Dst, 0
	case oxmIPv6Src &^ 0xff:
		return openflow.IPv6Src, 0
	case oxmIPv6Dst &^ 0xff:
		return openflow.IPv6Dst, 0
	case oxmARPOp &^ 0xff:
		return openflow.ARPOp, 0
	case oxmARPSrc &^ 0xff:
		return openflow.ARPSrc, 0
	case oxmARPDst &^ 0xff:
		return openflow.ARPDst, 0
	case oxmARPSrcMAC &^ 0xff:
		return openflow.ARPSrcMAC, 0
	case oxmARPDstMAC &^ 0xff:
		return openflow.ARPDstMAC, 0
	case oxmNDTarget &^ 0xff:
		return openflow.NDTarget, 0
	case oxmNDSource &^ 0xff:
		return openflow.NDSourceMAC, 0
	case oxmNDTLL &^ 0xff:
		return openflow.NDTargetMAC, 0
	case nxmTunDst4 &^ 0xff:
		return openflow.TunnelDst4, 0
	case nxmTunDst6 &^ 0xff:
		return openflow.TunnelDst6, 0
	case nxmConjID &^ 0xff:
		return openflow.ConjID, 0
	case nxmCTState &^ 0xff:
		return openflow.CTState, 0
	case nxmCTProto &^ 0xff:
		return openflow.CTProto, 0
	case nxmCTDst4 &^ 0xff:
		return openflow.CTDst4, 0
	case nxmCTDst6 &^ 0xff:
		return openflow.CTDst6, 0
	case nxmCTPort &^ 0xff:
		return openflow.CTPort, 0
	case nxmCTMark &^ 0xff:
		return openflow.CTMark, 0
	}
	return numFields, 0
}
