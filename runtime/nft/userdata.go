package nft

import (
	"bytes"
	"encoding/binary"

	"github.com/headgate-net/headgate/targets/nft"
)

// What nft remembers of a set that was declared by "typeof": in its user data, for listings. It is a list of type, length, value
// with one byte each for the first two; values may be such lists, and numbers are in the machine's byte order. Without it nft could
// not tell what the numbers in a key are. The kernel does not read it.
const (
	udKeyOrder     = 0 // NFTNL_UDATA_SET_KEYBYTEORDER
	udDataOrder    = 1 // NFTNL_UDATA_SET_DATABYTEORDER
	udKeyTypeof    = 3 // NFTNL_UDATA_SET_KEY_TYPEOF
	udDataTypeof   = 4 // NFTNL_UDATA_SET_DATA_TYPEOF
	udDataInterval = 6 // NFTNL_UDATA_SET_DATA_INTERVAL

	udKind  = 0 // NFTNL_UDATA_SET_TYPEOF_EXPR: the kind of an expression
	udParts = 1 // NFTNL_UDATA_SET_TYPEOF_DATA: what belongs to it

	udPayload       = 7  // EXPR_PAYLOAD
	udMeta          = 9  // EXPR_META
	udConcat        = 13 // EXPR_CONCAT
	udNumgen        = 23 // EXPR_NUMGEN
	udTransport     = 11 // PROTO_DESC_TH
	udIPv4          = 12 // PROTO_DESC_IP
	udIPv6          = 13 // PROTO_DESC_IP6
	udTransportPort = 2  // THDR_DPORT
	udIPv4Dst       = 12 // IPHDR_DADDR
	udIPv6Dst       = 9  // IP6HDR_DADDR
	udL4Proto       = 16 // NFT_META_L4PROTO
	udRandom        = 1  // NFT_NG_RANDOM
)

// udata is such a list being written.
type udata []byte

func (u *udata) bytes(typ byte, value []byte) {
	*u = append(append(*u, typ, byte(len(value))), value...)
}

func (u *udata) number(typ byte, v uint32) { u.bytes(typ, binary.NativeEndian.AppendUint32(nil, v)) }

// expression writes what nft remembers of one, given its kind and the numbers that describe it.
func (u *udata) expression(typ byte, kind uint32, numbers ...uint32) {
	var parts, e udata
	for i, n := range numbers {
		parts.number(byte(i), n)
	}
	e.number(udKind, kind)
	e.bytes(udParts, parts)
	u.bytes(typ, e)
}

// typeofUserdata gives the user data of a set with numbers in its key.
func typeofUserdata(s *nft.Set) []byte {
	var u udata
	u.number(udKeyOrder, 0)
	u.number(udDataOrder, 0)
	u.bytes(udKeyTypeof, concatenated(s.Key, s.Modulus))
	u.bytes(udDataTypeof, concatenated(s.Data, 0))
	u.number(udDataInterval, 0)
	return u
}

// hostOrder gives the user data of a set whose keys are numbers in the machine's byte order, without which nft would list them reversed.
func hostOrder() []byte {
	const isHost = 1 // BYTEORDER_HOST_ENDIAN
	var u udata
	u.number(udKeyOrder, isHost)
	return u
}

func concatenated(types []nft.Type, modulus uint32) []byte {
	var parts, e udata
	for i, t := range types {
		switch typ := byte(i); t {
		case nft.IPv4Addr:
			parts.expression(typ, udPayload, udIPv4, udIPv4Dst)
		case nft.IPv6Addr:
			parts.expression(typ, udPayload, udIPv6, udIPv6Dst)
		case nft.InetProto:
			parts.expression(typ, udMeta, udL4Proto)
		case nft.InetService:
			parts.expression(typ, udPayload, udTransport, udTransportPort)
		case nft.Number:
			parts.expression(typ, udNumgen, udRandom, modulus, 0)
		}
	}
	e.number(udKind, udConcat)
	e.bytes(udParts, parts)
	return e
}

// readModulus reads the modulus of the numbers in a set's key, if there are any, and reports whether the user data is what we would
// have written.
func readModulus(s *nft.Set, data []byte) bool {
	if n := len(s.Key); n == 0 || s.Key[n-1] != nft.Number {
		return true
	}
	s.Modulus = 1
	mine := typeofUserdata(s)
	// Only the modulus differs; it is the last number but one of the key.
	var tail udata
	tail.bytes(udDataTypeof, concatenated(s.Data, 0))
	tail.number(udDataInterval, 0)
	at := len(mine) - len(tail) - 2*len(udata{0, 4, 0, 0, 0, 0}) + 2
	if len(data) != len(mine) {
		return false
	}
	s.Modulus = binary.NativeEndian.Uint32(data[at:])
	return bytes.Equal(typeofUserdata(s), data)
}
