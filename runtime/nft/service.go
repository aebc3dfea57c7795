package nft

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// isFurther reports whether an expression loads a part of a key that is not the first.
func isFurther(e expression) bool {
	var to string
	switch e.name {
	case "payload":
		to = e.attrs[unix.NFTA_PAYLOAD_DREG]
	case "meta":
		to = e.attrs[unix.NFTA_META_DREG]
	case "ct":
		to = e.attrs[unix.NFTA_CT_DREG]
	case "numgen":
		to = e.attrs[unix.NFTA_NG_DREG]
	}
	return to != "" && to != register(0)
}

// key reads the further parts of a key, and what is done with it: a lookup, or that packets put it into a map. What makes the value
// then is loaded like parts of the key.
func (d *decompiler) key(fields []nft.Field) bool {
	registers := make([]string, len(fields))
	for len(d.rest) > 0 && isFurther(d.rest[0]) {
		f, to, ok := d.further(d.rest[0])
		if !ok {
			return false
		}
		fields, registers, d.rest = append(fields, f), append(registers, to), d.rest[1:]
	}
	e, ok := d.next("dynset")
	if !ok {
		return d.lookup(fields)
	}
	for i, to := range registers {
		if to == e.attrs[unix.NFTA_DYNSET_SREG_DATA] && i > 0 {
			name := attrs{0: []byte(e.attrs[unix.NFTA_DYNSET_SET_NAME])}.str(0)
			d.rule.Learn = nft.Learn{Map: name, Key: fields[:i], Data: fields[i:]}
			return true
		}
	}
	return false
}

// further tells what a part of a key is, and the register that it is loaded into.
func (d *decompiler) further(e expression) (f nft.Field, register string, ok bool) {
	switch e.name {
	case "payload":
		f, _, ok = fieldOf(e, d.proto)
		return f, e.attrs[unix.NFTA_PAYLOAD_DREG], ok
	case "meta":
		return nft.L4Proto, e.attrs[unix.NFTA_META_DREG], e.attrs[unix.NFTA_META_KEY] == be32(unix.NFT_META_L4PROTO)
	case "ct":
		f, ok = trackedField(e)
		return f, e.attrs[unix.NFTA_CT_DREG], ok
	}
	modulus := e.attrs[unix.NFTA_NG_MODULUS]
	if len(modulus) != 4 {
		return 0, "", false
	}
	d.modulus = binary.BigEndian.Uint32([]byte(modulus))
	return nft.Random, e.attrs[unix.NFTA_NG_DREG], true
}

// translation reads what is done with what a map held.
func (d *decompiler) translation() bool {
	e, ok := d.next("nat")
	d.rule.Verdict.Kind = nft.Translate4
	if e.attrs[unix.NFTA_NAT_FAMILY] == be32(unix.NFPROTO_IPV6) {
		d.rule.Verdict.Kind = nft.Translate6
	}
	return ok
}

// mark reads a match of the packet's mark, or that bits of it are set.
func (d *decompiler) mark() bool {
	b, masked := d.next("bitwise")
	bits := b.attrs[pathMask]
	_, sets := d.next("meta")
	if sets && isPartial(b) {
		return d.marking(b, false)
	}
	if sets {
		bits = b.attrs[pathXor]
	}
	if !masked || len(bits) != 4 {
		return false
	}
	if v := binary.NativeEndian.Uint32([]byte(bits)); sets {
		d.rule.Mark = v
		return v != 0
	} else {
		c, compared := d.next("cmp")
		field := nft.Mark
		if c.attrs[unix.NFTA_CMP_OP] == be32(unix.NFT_CMP_NEQ) {
			field = nft.MarkAny
		}
		value := nft.Value(binary.BigEndian.AppendUint32(nil, v))
		return compared && d.add(nft.Match{Fields: []nft.Field{field}, From: value, To: value})
	}
}
