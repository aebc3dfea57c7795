package nft

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// expression is one of the kernel's expressions: its name and its attributes, nested ones flattened into paths of types, all
// as the kernel prints them. Two expressions are the same if these are.
type expression struct {
	name  string
	attrs map[path]string
}

// path is the type of an attribute, and those of the attributes that hold it are in the higher bytes.
type path uint32

// The paths of nested values.
const (
	pathData        path = unix.NFTA_DATA_VALUE
	pathVerdict     path = unix.NFTA_IMMEDIATE_DATA<<16 | unix.NFTA_DATA_VERDICT<<8
	pathCmpData     path = unix.NFTA_CMP_DATA<<8 | pathData
	pathMask        path = unix.NFTA_BITWISE_MASK<<8 | pathData
	pathXor         path = unix.NFTA_BITWISE_XOR<<8 | pathData
	pathImmediate   path = unix.NFTA_IMMEDIATE_DATA<<8 | pathData
	pathJumpCode         = pathVerdict | unix.NFTA_VERDICT_CODE
	pathJumpChain        = pathVerdict | unix.NFTA_VERDICT_CHAIN
	portPairLen          = 4   // bytes of source and destination port
	bitwiseOp       path = 6   // NFTA_BITWISE_OP
	fibSaddrIif          = 41  // NFTA_FIB_F_SADDR | _IIF | _PRESENT
	fibSaddr             = 1   // NFTA_FIB_F_SADDR
	fibDaddr             = 2   // NFTA_FIB_F_DADDR
	routeLocal           = 2   // RTN_LOCAL
	linkLoopback         = 772 // ARPHRD_LOOPBACK
	rejectTCPReset       = 1   // NFT_REJECT_TCP_RST
	rejectICMP           = 0   // NFT_REJECT_ICMP_UNREACH
	hostProhibited       = 10  // ICMP_HOST_ANO
	adminProhibited      = 1   // ICMPV6_ADM_PROHIBITED
	verdictDrop          = 0   // NF_DROP
	verdictAccept        = 1   // NF_ACCEPT
	ctEstRelated         = 6   // NF_CT_STATE_BIT of established and of related

	rejectICMPX     = 2    // NFT_REJECT_ICMPX_UNREACH
	portUnreachable = 1    // NFT_REJECT_ICMPX_PORT_UNREACH
	ctNew           = 8    // NF_CT_STATE_BIT of new
	ctDNAT          = 0x20 // IPS_DST_NAT
	natSource       = 0    // NFT_NAT_SNAT
	natDestination  = 1    // NFT_NAT_DNAT
	natAddr         = 1    // NF_NAT_RANGE_MAP_IPS
	natRange        = 3    // NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED
	natFullyRandom  = 0x10 // NF_NAT_RANGE_PROTO_RANDOM_FULLY
	dynsetUpdate    = 1    // NFT_DYNSET_OP_UPDATE
	numgenRandom    = 1    // NFT_NG_RANDOM

	counterBytes   path = 1 // NFTA_COUNTER_BYTES
	counterPackets path = 2 // NFTA_COUNTER_PACKETS
	logGroup       path = 1 // NFTA_LOG_GROUP
	logPrefix      path = 2 // NFTA_LOG_PREFIX
)

func be32(v uint32) string { return string(binary.BigEndian.AppendUint32(nil, v)) }

func native32(v uint32) string { return string(binary.NativeEndian.AppendUint32(nil, v)) }

func native16(v uint16) string { return string(binary.NativeEndian.AppendUint16(nil, v)) }

func cstr(s string) string { return s + "\x00" }

// register gives the number by which the kernel prints the register at a byte offset: one of 16 bytes where it begins one,
// else one of 4 bytes.
func register(offset int) string {
	if offset%16 == 0 {
		return be32(uint32(unix.NFT_REG_1 + offset/16))
	}
	return be32(uint32(unix.NFT_REG32_00 + offset/4))
}

func meta(key uint32, offset int) expression {
	return expression{"meta", map[path]string{unix.NFTA_META_DREG: register(offset), unix.NFTA_META_KEY: be32(key)}}
}

func fib(result, flags uint32) expression {
	return expression{"fib", map[path]string{unix.NFTA_FIB_DREG: register(0), unix.NFTA_FIB_RESULT: be32(result),
		unix.NFTA_FIB_FLAGS: be32(flags)}}
}

func cmpExpr(op uint32, data string) expression {
	return expression{"cmp", map[path]string{unix.NFTA_CMP_SREG: register(0), unix.NFTA_CMP_OP: be32(op), pathCmpData: data}}
}

func lookup(set string) expression {
	return expression{"lookup", map[path]string{unix.NFTA_LOOKUP_SET: cstr(set), unix.NFTA_LOOKUP_SREG: register(0),
		unix.NFTA_LOOKUP_FLAGS: be32(0)}}
}

func mask(bits string) expression { return maskXor(bits, string(make([]byte, len(bits)))) }

func maskXor(bits, xor string) expression {
	return expression{"bitwise", map[path]string{unix.NFTA_BITWISE_SREG: register(0), unix.NFTA_BITWISE_DREG: register(0),
		unix.NFTA_BITWISE_LEN: be32(uint32(len(bits))), pathMask: bits, pathXor: xor, bitwiseOp: be32(0)}}
}

func verdictExpr(code int32, chain string) expression {
	e := expression{"immediate", map[path]string{unix.NFTA_IMMEDIATE_DREG: be32(unix.NFT_REG_VERDICT), pathJumpCode: be32(uint32(code))}}
	if chain != "" {
		e.attrs[pathJumpChain] = cstr(chain)
	}
	return e
}

func reject(kind, code uint32) expression {
	e := expression{"reject", map[path]string{unix.NFTA_REJECT_TYPE: be32(kind)}}
	if kind != rejectTCPReset {
		e.attrs[unix.NFTA_REJECT_ICMP_CODE] = string([]byte{byte(code)})
	}
	return e
}

// place tells where a field of the payload lies: header, offset and length in bytes, and the family of the header.
type place struct {
	base, offset, length uint32
	family               nft.Value // "" for the transport header
}

func placeOf(f nft.Field) (place, bool) {
	switch f {
	case nft.SrcAddr4:
		return place{unix.NFT_PAYLOAD_NETWORK_HEADER, 12, 4, nft.NFProtoIPv4}, true
	case nft.DstAddr4:
		return place{unix.NFT_PAYLOAD_NETWORK_HEADER, 16, 4, nft.NFProtoIPv4}, true
	case nft.SrcAddr6:
		return place{unix.NFT_PAYLOAD_NETWORK_HEADER, 8, 16, nft.NFProtoIPv6}, true
	case nft.DstAddr6:
		return place{unix.NFT_PAYLOAD_NETWORK_HEADER, 24, 16, nft.NFProtoIPv6}, true
	case nft.SrcPort, nft.ICMPTypeCode:
		return place{unix.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, ""}, true
	case nft.DstPort:
		return place{unix.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, ""}, true
	case nft.ICMPType:
		return place{unix.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, ""}, true
	}
	return place{}, false
}

func payload(p place, length uint32, offset int) expression {
	return expression{"payload", map[path]string{unix.NFTA_PAYLOAD_DREG: register(offset), unix.NFTA_PAYLOAD_BASE: be32(p.base),
		unix.NFTA_PAYLOAD_OFFSET: be32(p.offset), unix.NFTA_PAYLOAD_LEN: be32(length)}}
}

// tracked tells what a field of connection tracking is to the kernel: the key, and the length in bytes. All are of the direction
// in which the connection was opened.
func tracked(f nft.Field) (key, length uint32, ok bool) {
	switch f {
	case nft.CtSrc4:
		return unix.NFT_CT_SRC_IP, 4, true
	case nft.CtSrc6:
		return unix.NFT_CT_SRC_IP6, 16, true
	case nft.CtDst4:
		return unix.NFT_CT_DST_IP, 4, true
	case nft.CtDst6:
		return unix.NFT_CT_DST_IP6, 16, true
	case nft.CtDstPort:
		return unix.NFT_CT_PROTO_DST, 2, true
	}
	return 0, 0, false
}

func ct(key uint32, offset int) expression {
	return expression{"ct", map[path]string{unix.NFTA_CT_DREG: register(offset), unix.NFTA_CT_KEY: be32(key)}}
}

// ctOriginal loads a field of the direction in which the connection was opened.
func ctOriginal(key uint32, offset int) expression {
	e := ct(key, offset)
	e.attrs[unix.NFTA_CT_DIRECTION] = "\x00"
	return e
}

// interfaceName is a name as the kernel compares it.
func interfaceName(name string) string { return name + string(make([]byte, unix.IFNAMSIZ-len(name))) }

// compiler turns a rule into expressions, the same that nft makes of its text.
type compiler struct {
	out    []expression
	family nft.Value // that the rule already requires
}

// compile gives a rule's expressions.
func compile(r *nft.Rule) ([]expression, error) {
	var c compiler
	for i := 0; i < len(r.Matches); i++ {
		if i+1 < len(r.Matches) && c.portPair(r.Matches[i], r.Matches[i+1]) {
			i++
		} else if err := c.match(r.Matches[i]); err != nil {
			return nil, err
		}
	}
	if r.Counts {
		c.add(counter())
	}
	if r.Log != (nft.Log{}) {
		c.add(logExpr(r.Log))
	}
	if r.Mark != 0 {
		c.mark(r.Mark)
	}
	if r.Marking != (nft.Marking{}) {
		c.marking(r.Marking)
	}
	c.label(r.Label)
	if r.Learn.Map != "" {
		if err := c.learn(r.Learn); err != nil {
			return nil, err
		}
	}
	if err := c.verdict(r.Verdict); err != nil {
		return nil, err
	}
	return c.out, nil
}

// counter has counted nothing.
func counter() expression {
	return expression{"counter", map[path]string{counterBytes: string(make([]byte, 8)), counterPackets: string(make([]byte, 8))}}
}

func logExpr(l nft.Log) expression {
	e := expression{"log", map[path]string{logGroup: string(binary.BigEndian.AppendUint16(nil, l.Group))}}
	if l.Prefix != "" {
		e.attrs[logPrefix] = cstr(l.Prefix)
	}
	return e
}

func (c *compiler) add(e ...expression) { c.out = append(c.out, e...) }

// require makes the rule hold for packets of a family only.
func (c *compiler) require(family nft.Value) {
	if family != "" && family != c.family {
		c.add(meta(unix.NFT_META_NFPROTO, 0), cmpExpr(unix.NFT_CMP_EQ, string(family)))
		c.family = family
	}
}

// load puts fields into registers one after the other, each at a multiple of 4 bytes.
func (c *compiler) load(fields []nft.Field) error {
	_, err := c.loadAt(0, fields)
	return err
}

// loadAt is load into the registers from an offset in bytes on; it returns the offset behind them.
func (c *compiler) loadAt(offset int, fields []nft.Field) (int, error) {
	for _, f := range fields {
		if p, ok := placeOf(f); ok {
			c.require(p.family)
		}
	}
	for _, f := range fields {
		p, ok := placeOf(f)
		key, length, isTracked := tracked(f)
		switch {
		case ok:
			c.add(payload(p, p.length, offset))
		case isTracked:
			p.length = length
			c.add(ctOriginal(key, offset))
		case f == nft.L4Proto:
			p.length = 1
			c.add(meta(unix.NFT_META_L4PROTO, offset))
		case f == nft.NFProto:
			p.length = 1
			c.add(meta(unix.NFT_META_NFPROTO, offset))
		case f == nft.CtMark:
			p.length = 4
			c.add(loadMark(f, offset))
		default:
			return 0, fmt.Errorf("field %d has no value to compare", f)
		}
		offset += int(p.length+3) &^ 3
	}
	return offset, nil
}

// key loads what is looked up in a map.
func (c *compiler) key(k *nft.Key) error {
	if k == nil || len(k.Fields) == 0 {
		return errors.New("verdict without key")
	}
	n := len(k.Fields) - 1
	if k.Mask != 0 {
		err := c.load(k.Fields)
		c.add(mask(native32(k.Mask)))
		return err
	}
	if k.Fields[n] != nft.Random {
		return c.load(k.Fields)
	}
	offset, err := c.loadAt(0, k.Fields[:n])
	c.add(random(offset, k.Modulus))
	return err
}

// random loads a number below a modulus.
func random(offset int, modulus uint32) expression {
	return expression{"numgen", map[path]string{unix.NFTA_NG_DREG: register(offset), unix.NFTA_NG_MODULUS: be32(modulus),
		unix.NFTA_NG_TYPE: be32(numgenRandom), unix.NFTA_NG_OFFSET: be32(0)}}
}

// translate gives a connection the destination that the map holds for the key: an address, and a port behind it.
func (c *compiler) translate(v nft.Verdict) error {
	family, length := uint32(unix.NFPROTO_IPV4), nft.IPv4Addr.Len()
	if v.Kind == nft.Translate6 {
		family, length = unix.NFPROTO_IPV6, nft.IPv6Addr.Len()
	}
	if err := c.key(v.Key); err != nil {
		return err
	}
	e := lookup(v.Target)
	e.attrs[unix.NFTA_LOOKUP_DREG] = register(0)
	c.add(e, expression{"nat", map[path]string{unix.NFTA_NAT_TYPE: be32(natDestination), unix.NFTA_NAT_FAMILY: be32(family),
		unix.NFTA_NAT_REG_ADDR_MIN: register(0), unix.NFTA_NAT_REG_ADDR_MAX: register(0), unix.NFTA_NAT_REG_PROTO_MIN: register(length),
		unix.NFTA_NAT_REG_PROTO_MAX: register(length), unix.NFTA_NAT_FLAGS: be32(natRange)}})
	return nil
}

// wholeRegister is the length of the registers that nft gives to a key of up to as many bytes.
const wholeRegister = 16

// learn puts an element into a map: the key, and behind it the value. Keys that are longer than a whole register are none that nft
// could give registers to; the value then begins right behind them, or not all of it would fit.
func (c *compiler) learn(l nft.Learn) error {
	at, err := c.loadAt(0, l.Key)
	if err != nil {
		return err
	}
	at = max(at, wholeRegister)
	if _, err := c.loadAt(at, l.Data); err != nil {
		return err
	}
	c.add(expression{"dynset", map[path]string{unix.NFTA_DYNSET_SET_NAME: cstr(l.Map), unix.NFTA_DYNSET_OP: be32(dynsetUpdate),
		unix.NFTA_DYNSET_SREG_KEY: register(0), unix.NFTA_DYNSET_SREG_DATA: register(at), unix.NFTA_DYNSET_TIMEOUT: string(make([]byte, 8)),
		unix.NFTA_DYNSET_FLAGS: be32(0)}})
	return nil
}

// mark sets bits of the packet's mark.
func (c *compiler) mark(bits uint32) {
	c.add(meta(unix.NFT_META_MARK, 0), maskXor(native32(^bits), native32(bits)),
		expression{"meta", map[path]string{unix.NFTA_META_KEY: be32(unix.NFT_META_MARK), unix.NFTA_META_SREG: register(0)}})
}

// masquerade lets the kernel choose any port.
func masquerade() expression {
	return expression{"masq", map[path]string{unix.NFTA_MASQ_FLAGS: be32(natFullyRandom)}}
}

// portPair compares a source port and a destination port at once, if it can.
func (c *compiler) portPair(src, dst nft.Match) bool {
	if !isOne(src, nft.SrcPort) || !isOne(dst, nft.DstPort) {
		return false
	}
	p, _ := placeOf(nft.SrcPort)
	c.add(payload(p, portPairLen, 0), cmpExpr(unix.NFT_CMP_EQ, string(src.From+dst.From)))
	return true
}

// isOne reports whether the match is of one value of the field.
func isOne(m nft.Match, f nft.Field) bool {
	return len(m.Fields) == 1 && m.Fields[0] == f && m.Set == "" && m.From == m.To
}

func (c *compiler) match(m nft.Match) error {
	switch {
	case len(m.Fields) == 0:
		return errors.New("match without field")
	case m.Limit != "":
		return c.limit(m)
	case m.Fields[0] == nft.CtState:
		c.add(ct(unix.NFT_CT_STATE, 0), mask(native32(ctEstRelated)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
		return nil
	case m.Fields[0] == nft.CtNew:
		c.add(ct(unix.NFT_CT_STATE, 0), mask(native32(ctNew)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
		return nil
	case m.Fields[0] == nft.CtDNAT:
		c.add(ct(unix.NFT_CT_STATUS, 0), mask(native32(ctDNAT)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
		return nil
	case isLeaving(m):
		return c.leaving(m)
	case m.Fields[0] == nft.CtReply:
		c.add(ct(unix.NFT_CT_DIRECTION, 0), cmpExpr(unix.NFT_CMP_EQ, "\x01"))
		return nil
	case m.Fields[0] == nft.InPutBack:
		c.add(meta(unix.NFT_META_IIFNAME, 0), cmpExpr(unix.NFT_CMP_EQ, interfaceName(nft.PutBack)))
		return nil
	case m.Fields[0] == nft.FibIif:
		c.add(fib(unix.NFT_FIB_RESULT_OIF, fibSaddrIif), cmpExpr(unix.NFT_CMP_EQ, native32(0)))
		return nil
	case m.Fields[0] == nft.SrcLocal:
		c.add(fib(unix.NFT_FIB_RESULT_ADDRTYPE, fibSaddr), cmpExpr(unix.NFT_CMP_EQ, native32(routeLocal)))
		return nil
	case m.Fields[0] == nft.DstLocal:
		c.add(fib(unix.NFT_FIB_RESULT_ADDRTYPE, fibDaddr), cmpExpr(unix.NFT_CMP_EQ, native32(routeLocal)))
		return nil
	case m.Fields[0] == nft.InLoopback:
		c.add(meta(unix.NFT_META_IIFTYPE, 0), cmpExpr(unix.NFT_CMP_EQ, native16(linkLoopback)))
		return nil
	case m.Fields[0] == nft.OutLoopback:
		c.add(meta(unix.NFT_META_OIFTYPE, 0), cmpExpr(unix.NFT_CMP_EQ, native16(linkLoopback)))
		return nil
	case m.Set != "":
		if err := c.load(m.Fields); err != nil {
			return err
		}
		c.add(lookup(m.Set))
		return nil
	}
	if m.Fields[0] == nft.NFProto {
		if m.From != m.To || m.From != nft.NFProtoIPv4 && m.From != nft.NFProtoIPv6 {
			return fmt.Errorf("family %x is not known", m.From)
		}
		c.require(m.From)
		return nil
	}
	return c.between(m)
}

// between compares one field with a range: by equality, for a prefix with its leading bits, else with both ends.
func (c *compiler) between(m nft.Match) error {
	from, to := string(m.From), string(m.To)
	p, isPayload := placeOf(m.Fields[0])
	if _, length, isTracked := tracked(m.Fields[0]); isTracked {
		p.length = length
	} else if !isPayload {
		p.length = 1
	}
	if len(m.Fields) != 1 || len(from) != int(p.length) || len(to) != int(p.length) {
		return fmt.Errorf("a range of field %d cannot be %x-%x", m.Fields[0], from, to)
	}
	bits := commonBits(from, to)
	switch {
	case from == to || !isPayload || p.family == "" || bits < 0:
		if err := c.load(m.Fields); err != nil {
			return err
		}
	case bits%8 == 0:
		c.require(p.family)
		c.add(payload(p, uint32(bits/8), 0), cmpExpr(unix.NFT_CMP_EQ, from[:bits/8]))
		return nil
	default:
		if err := c.load(m.Fields); err != nil {
			return err
		}
		c.add(mask(leadingOnes(bits, len(from))), cmpExpr(unix.NFT_CMP_EQ, from))
		return nil
	}
	if from == to {
		c.add(cmpExpr(unix.NFT_CMP_EQ, from))
	} else {
		c.add(cmpExpr(unix.NFT_CMP_GTE, from), cmpExpr(unix.NFT_CMP_LTE, to))
	}
	return nil
}

// commonBits is the length of the prefix that the range from..to is, or -1 if it is none.
func commonBits(from, to string) int {
	total := 8 * len(from)
	n := 0
	for n < total && bit(from, n) == bit(to, n) {
		n++
	}
	for i := n; i < total; i++ {
		if bit(from, i) != 0 || bit(to, i) != 1 {
			return -1
		}
	}
	return n
}

func bit(s string, i int) byte { return s[i/8] >> (7 - i%8) & 1 }

func leadingOnes(n, length int) string {
	b := make([]byte, length)
	for i := range n {
		b[i/8] |= 1 << (7 - i%8)
	}
	return string(b)
}

func (c *compiler) verdict(v nft.Verdict) error {
	switch v.Kind {
	case nft.Reset:
		c.add(reject(rejectTCPReset, 0))
	case nft.Prohibit4:
		c.add(reject(rejectICMP, hostProhibited))
	case nft.Prohibit6:
		c.add(reject(rejectICMP, adminProhibited))
	case nft.Continue:
	case nft.Refuse:
		c.add(reject(rejectICMPX, portUnreachable))
	case nft.Masquerade:
		c.add(masquerade())
	case nft.Loop4, nft.Loop6:
		c.loop(v.Kind)
	case nft.Translate4, nft.Translate6:
		return c.translate(v)
	case nft.Source4, nft.Source6, nft.Keep4, nft.Keep6, nft.Fit, nft.Untrack:
		return c.source(v)
	case nft.Dispatch:
		if err := c.key(v.Key); err != nil {
			return err
		}
		e := lookup(v.Target)
		e.attrs[unix.NFTA_LOOKUP_DREG] = be32(unix.NFT_REG_VERDICT)
		c.add(e)
	default:
		code, err := verdictCode(v.Kind)
		if err != nil {
			return err
		}
		c.add(verdictExpr(code, v.Target))
	}
	return nil
}

func verdictCode(k nft.VerdictKind) (int32, error) {
	switch k {
	case nft.Accept:
		return verdictAccept, nil
	case nft.Drop:
		return verdictDrop, nil
	case nft.Return:
		return unix.NFT_RETURN, nil
	case nft.Jump:
		return unix.NFT_JUMP, nil
	case nft.Goto:
		return unix.NFT_GOTO, nil
	}
	return 0, fmt.Errorf("verdict %d is not the kernel's", k)
}

// write appends the expression as an element of a list.
func (e expression) write(w *buffer) {
	elem := w.open(unix.NFTA_LIST_ELEM | nested)
	w.str(unix.NFTA_EXPR_NAME, e.name)
	data := w.open(unix.NFTA_EXPR_DATA | nested)
	writePaths(w, e.attrs, slices.Sorted(maps.Keys(e.attrs)), topShift)
	w.close(data)
	w.close(elem)
}

// topShift is where the outermost of three nested types stands in a path.
const topShift = 16

// writePaths writes attributes by depth: keys that share a type at the given level go into one nested attribute.
func writePaths(w *buffer, values map[path]string, keys []path, shift int) {
	for i := 0; i < len(keys); {
		if keys[i]>>shift == 0 {
			j := i
			for j < len(keys) && keys[j]>>shift == 0 {
				j++
			}
			writePaths(w, values, keys[i:j], shift-8)
			i = j
			continue
		}
		if shift == 0 {
			w.attr(uint16(keys[i]&0xff), []byte(values[keys[i]]))
			i++
			continue
		}
		i = writeNested(w, values, keys, i, shift)
	}
}

// writeNested writes the attribute that holds keys[i] and all that follow with the same outer type, and returns the next index.
func writeNested(w *buffer, values map[path]string, keys []path, i, shift int) int {
	outer := keys[i] >> shift
	at := w.open(uint16(outer&0xff) | nested)
	j := i
	for j < len(keys) && keys[j]>>shift == outer {
		j++
	}
	inner := make(map[path]string, j-i)
	short := make([]path, 0, j-i)
	for _, k := range keys[i:j] {
		rest := k & (1<<shift - 1)
		inner[rest] = values[k]
		short = append(short, rest)
	}
	writePaths(w, inner, short, shift-8)
	w.close(at)
	return j
}
