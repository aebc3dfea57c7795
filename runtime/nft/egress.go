package nft

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// What nf_tables.h and nf_conntrack_common.h say of limits, and of what connection tracking knows.
const (
	objectLimit = 4    // NFT_OBJECT_LIMIT
	limitBytes  = 1    // NFT_LIMIT_PKT_BYTES
	limitOver   = 1    // NFT_LIMIT_F_INV
	ctConfirmed = 0x8  // IPS_CONFIRMED
	ctNone      = 0x41 // NF_CT_STATE_INVALID_BIT, NF_CT_STATE_UNTRACKED_BIT
	ctUntracked = 0x40 // NF_CT_STATE_UNTRACKED_BIT
	ctInvalid   = 0x1  // NF_CT_STATE_INVALID_BIT
	tcpFlags    = 13   // offset of the flags in the header
	tcpSYN      = 2
	mssKind     = 2 // of the option: RFC 9293, section 3.1
	mssOffset   = 2 // of the value in it
	mssLen      = 2
	optionOfTCP = 1 // NFT_EXTHDR_OP_TCPOPT
)

// newLimit creates a limit.
func newLimit(l *nft.Limit) message {
	w := inTable()
	w.str(unix.NFTA_OBJ_NAME, l.Name)
	w.u32(unix.NFTA_OBJ_TYPE, objectLimit)
	data := w.open(unix.NFTA_OBJ_DATA | nested)
	w.u64(unix.NFTA_LIMIT_RATE, l.Rate)
	w.u64(unix.NFTA_LIMIT_UNIT, 1)
	w.u32(unix.NFTA_LIMIT_BURST, l.Burst)
	w.u32(unix.NFTA_LIMIT_TYPE, limitBytes)
	w.u32(unix.NFTA_LIMIT_FLAGS, limitOver)
	w.close(data)
	return message{unix.NFT_MSG_NEWOBJ, unix.NLM_F_CREATE | unix.NLM_F_EXCL, w.b}
}

func deleteLimit(name string) message {
	w := inTable()
	w.str(unix.NFTA_OBJ_NAME, name)
	w.u32(unix.NFTA_OBJ_TYPE, objectLimit)
	return message{unix.NFT_MSG_DELOBJ, 0, w.b}
}

// readLimit reads a limit. ok is false for any other object.
func readLimit(a attrs) (l *nft.Limit, ok bool) {
	data, err := parseAttrs(a[unix.NFTA_OBJ_DATA])
	l = &nft.Limit{Name: a.str(unix.NFTA_OBJ_NAME), Rate: data.u64(unix.NFTA_LIMIT_RATE), Burst: data.u32(unix.NFTA_LIMIT_BURST)}
	return l, err == nil && a.u32(unix.NFTA_OBJ_TYPE) == objectLimit && data.u64(unix.NFTA_LIMIT_UNIT) == 1 &&
		data.u32(unix.NFTA_LIMIT_TYPE) == limitBytes && data.u32(unix.NFTA_LIMIT_FLAGS) == limitOver
}

func isMark(f nft.Field) bool {
	return f == nft.Mark || f == nft.MarkAny || f == nft.CtMark || f == nft.CtMarkAny
}

// loadMark loads the mark of a packet or of its connection.
func loadMark(f nft.Field, offset int) expression {
	if f == nft.Mark || f == nft.MarkAny {
		return meta(unix.NFT_META_MARK, offset)
	}
	return ct(unix.NFT_CT_MARK, offset)
}

// isLeaving reports whether a match is one of those that leaving compiles.
func isLeaving(m nft.Match) bool {
	switch f := m.Fields[0]; f {
	case nft.CtConfirmed, nft.CtNone, nft.CtInvalid, nft.CtUntracked, nft.InPutBackRaw, nft.InTunnel, nft.OutTunnel, nft.CtLabel, nft.NoSYN, nft.SYN:
		return true
	default:
		return isMark(f)
	}
}

// leaving compiles matches of marks, and others that only Egresses and answers of DNS need.
func (c *compiler) leaving(m nft.Match) error {
	switch f := m.Fields[0]; f {
	case nft.CtConfirmed:
		c.add(ct(unix.NFT_CT_STATUS, 0), mask(native32(ctConfirmed)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
	case nft.CtNone:
		c.add(ct(unix.NFT_CT_STATE, 0), mask(native32(ctNone)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
	case nft.CtInvalid:
		c.add(ct(unix.NFT_CT_STATE, 0), mask(native32(ctInvalid)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
	case nft.CtUntracked:
		c.add(ct(unix.NFT_CT_STATE, 0), mask(native32(ctUntracked)), cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
	case nft.InPutBackRaw:
		c.add(meta(unix.NFT_META_IIFNAME, 0), cmpExpr(unix.NFT_CMP_EQ, interfaceName(nft.PutBackRaw)))
	case nft.InTunnel:
		c.add(meta(unix.NFT_META_IIFNAME, 0), cmpExpr(unix.NFT_CMP_EQ, interfaceName(nft.Tunnel)))
	case nft.OutTunnel:
		c.add(meta(unix.NFT_META_OIFNAME, 0), cmpExpr(unix.NFT_CMP_EQ, interfaceName(nft.Tunnel)))
	case nft.CtLabel:
		c.labelled(m)
	case nft.NoSYN, nft.SYN:
		op := uint32(unix.NFT_CMP_EQ)
		if f == nft.SYN {
			op = unix.NFT_CMP_NEQ
		}
		flags := place{unix.NFT_PAYLOAD_TRANSPORT_HEADER, tcpFlags, 1, ""}
		c.add(payload(flags, 1, 0), mask(string([]byte{tcpSYN})), cmpExpr(op, "\x00"))
	default:
		if len(m.From) != 4 {
			return fmt.Errorf("mark %x is not one", m.From)
		}
		bits := native32(binary.BigEndian.Uint32([]byte(m.From)))
		c.add(loadMark(f, 0), mask(bits))
		if f == nft.CtMarkAny || f == nft.MarkAny {
			c.add(cmpExpr(unix.NFT_CMP_NEQ, native32(0)))
		} else {
			c.add(cmpExpr(unix.NFT_CMP_EQ, bits))
		}
	}
	return nil
}

// marking gives bits of a mark values.
func (c *compiler) marking(m nft.Marking) {
	change := maskXor(native32(^m.Mask), native32(m.Bits))
	if m.Connection {
		c.add(loadMark(nft.CtMark, 0), change,
			expression{"ct", map[path]string{unix.NFTA_CT_KEY: be32(unix.NFT_CT_MARK), unix.NFTA_CT_SREG: register(0)}})
		return
	}
	c.add(loadMark(nft.Mark, 0), change,
		expression{"meta", map[path]string{unix.NFTA_META_KEY: be32(unix.NFT_META_MARK), unix.NFTA_META_SREG: register(0)}})
}

// fit writes what fits a packet's way into the option of TCP that tells the MSS. The kernel makes none larger.
func fit() []expression {
	return []expression{
		{"rt", map[path]string{unix.NFTA_RT_KEY: be32(unix.NFT_RT_TCPMSS), unix.NFTA_RT_DREG: register(0)}},
		{"byteorder", map[path]string{unix.NFTA_BYTEORDER_SREG: register(0), unix.NFTA_BYTEORDER_DREG: register(0),
			unix.NFTA_BYTEORDER_OP: be32(unix.NFT_BYTEORDER_HTON), unix.NFTA_BYTEORDER_LEN: be32(mssLen), unix.NFTA_BYTEORDER_SIZE: be32(mssLen)}},
		{"exthdr", map[path]string{unix.NFTA_EXTHDR_SREG: register(0), unix.NFTA_EXTHDR_TYPE: string([]byte{mssKind}), unix.NFTA_EXTHDR_OFFSET: be32(mssOffset),
			unix.NFTA_EXTHDR_LEN: be32(mssLen), unix.NFTA_EXTHDR_OP: be32(optionOfTCP)}},
	}
}

// settable leaves out of an expression what the kernel tells of it and does not take: flags, of one that writes an option.
func (e *expression) settable() {
	if _, writes := e.attrs[unix.NFTA_EXTHDR_SREG]; writes && e.name == "exthdr" && e.attrs[unix.NFTA_EXTHDR_FLAGS] == be32(0) {
		delete(e.attrs, unix.NFTA_EXTHDR_FLAGS)
	}
}

// source gives a connection the source that a map holds for the key, or the one that it has; or its packet an MSS.
func (c *compiler) source(v nft.Verdict) error {
	if v.Kind == nft.Untrack {
		c.add(expression{"notrack", nil})
		return nil
	}
	if v.Kind == nft.Fit {
		c.add(fit()...)
		return nil
	}
	family := uint32(unix.NFPROTO_IPV4)
	if v.Kind == nft.Source6 || v.Kind == nft.Keep6 {
		family = unix.NFPROTO_IPV6
	}
	switch v.Kind {
	case nft.Keep4, nft.Keep6:
		field := nft.SrcAddr4
		if v.Kind == nft.Keep6 {
			field = nft.SrcAddr6
		}
		if err := c.load([]nft.Field{field}); err != nil {
			return err
		}
	default:
		if err := c.key(v.Key); err != nil {
			return err
		}
		e := lookup(v.Target)
		e.attrs[unix.NFTA_LOOKUP_DREG] = register(0)
		c.add(e)
	}
	c.add(expression{"nat", map[path]string{unix.NFTA_NAT_TYPE: be32(natSource), unix.NFTA_NAT_FAMILY: be32(family),
		unix.NFTA_NAT_REG_ADDR_MIN: register(0), unix.NFTA_NAT_REG_ADDR_MAX: register(0), unix.NFTA_NAT_FLAGS: be32(natAddr)}})
	return nil
}

// limit compares what a source sends with its limit.
func (c *compiler) limit(m nft.Match) error {
	if len(m.Fields) == 0 {
		return errors.New("limit without key")
	}
	err := c.load(m.Fields)
	c.add(expression{"objref", map[path]string{unix.NFTA_OBJREF_SET_SREG: register(0), unix.NFTA_OBJREF_SET_NAME: cstr(m.Limit)}})
	return err
}

// ctMark reads a match of a connection's mark, a lookup of it, or that it is changed.
func (d *decompiler) ctMark() bool {
	b, ok := d.next("bitwise")
	bits := b.attrs[pathMask]
	if !ok || len(bits) != 4 || len(d.rest) == 0 {
		return false
	}
	switch e := d.rest[0]; e.name {
	case "lookup":
		d.mask = bits
		return d.lookup([]nft.Field{nft.CtMark})
	case "ct":
		d.rest = d.rest[1:]
		return d.marking(b, true)
	}
	c, compared := d.next("cmp")
	field := nft.CtMark
	if c.attrs[unix.NFTA_CMP_OP] == be32(unix.NFT_CMP_NEQ) {
		field = nft.CtMarkAny
	}
	value := nft.Value(binary.BigEndian.AppendUint32(nil, binary.NativeEndian.Uint32([]byte(bits))))
	return compared && d.add(nft.Match{Fields: []nft.Field{field}, From: value, To: value})
}

// isPartial reports whether an expression changes a mark otherwise than by setting bits.
func isPartial(b expression) bool {
	m, x := b.attrs[pathMask], b.attrs[pathXor]
	return len(m) == 4 && len(x) == 4 && ^binary.NativeEndian.Uint32([]byte(m)) != binary.NativeEndian.Uint32([]byte(x))
}

// marking reads what is done to a mark.
func (d *decompiler) marking(b expression, isConnections bool) bool {
	m, x := b.attrs[pathMask], b.attrs[pathXor]
	if len(m) != 4 || len(x) != 4 {
		return false
	}
	d.rule.Marking = nft.Marking{Connection: isConnections, Mask: ^binary.NativeEndian.Uint32([]byte(m)), Bits: binary.NativeEndian.Uint32([]byte(x))}
	return true
}

// markLookup reads what is done with a lookup of a connection's mark.
func (d *decompiler) markLookup(e expression, set string) bool {
	key := &nft.Key{Fields: []nft.Field{nft.CtMark}, Mask: binary.NativeEndian.Uint32([]byte(d.mask))}
	d.rule.Verdict = nft.Verdict{Kind: nft.Dispatch, Key: key, Target: set}
	if e.attrs[unix.NFTA_LOOKUP_DREG] == be32(unix.NFT_REG_VERDICT) {
		return true
	}
	n, ok := d.next("nat")
	d.rule.Verdict.Kind = nft.Source4
	if n.attrs[unix.NFTA_NAT_FAMILY] == be32(unix.NFPROTO_IPV6) {
		d.rule.Verdict.Kind = nft.Source6
	}
	return ok
}

// keep reads that connections keep their source.
func (d *decompiler) keep(fields []nft.Field) bool {
	d.rule.Verdict.Kind = nft.Keep4
	if fields[0] == nft.SrcAddr6 {
		d.rule.Verdict.Kind = nft.Keep6
	}
	return true
}

// iface reads a match of the interface that a packet came or leaves by.
func (d *decompiler) iface(e expression) bool {
	c, ok := d.next("cmp")
	field := nft.InPutBack
	switch {
	case e.attrs[unix.NFTA_META_KEY] == be32(unix.NFT_META_OIFNAME):
		field = nft.OutTunnel
	case c.attrs[pathCmpData] == interfaceName(nft.Tunnel):
		field = nft.InTunnel
	case c.attrs[pathCmpData] == interfaceName(nft.PutBackRaw):
		field = nft.InPutBackRaw
	}
	return ok && d.add(nft.Match{Fields: []nft.Field{field}})
}

// syn reads the end of a match of whether a TCP segment begins a connection.
func (d *decompiler) syn() bool {
	_, masked := d.next("bitwise")
	c, compared := d.next("cmp")
	field := nft.NoSYN
	if c.attrs[unix.NFTA_CMP_OP] == be32(unix.NFT_CMP_NEQ) {
		field = nft.SYN
	}
	return masked && compared && d.add(nft.Match{Fields: []nft.Field{field}})
}

// fit reads that an MSS is written.
func (d *decompiler) fit() bool {
	_, ordered := d.next("byteorder")
	_, written := d.next("exthdr")
	d.rule.Verdict.Kind = nft.Fit
	return ordered && written
}

// What nfnetlink_conntrack.h says.
const (
	conntrackDelete   = unix.NFNL_SUBSYS_CTNETLINK<<8 | 2 // IPCTNL_MSG_CT_DELETE
	conntrackMark     = 8                                 // CTA_MARK
	conntrackMarkMask = 21                                // CTA_MARK_MASK
)

// forgetMoved has connection tracking forget the connections that leave by an address which a plan moved to this node, or away. What their
// pods send next is taken for a beginning: TCP goes on, because the address and, nearly always, the port are what they were.
func (d *Dataplane) forgetMoved(plan artifact.Plan) error {
	ids, mask := nft.Moved(plan)
	for _, id := range ids {
		var w buffer
		w.u32(conntrackMark, id)
		w.u32(conntrackMarkMask, mask)
		err := d.with(func(s *socket) error {
			return s.ask(unix.AF_UNSPEC, message{conntrackDelete, unix.NLM_F_ACK, w.b}, func([]byte) error { return nil })
		})
		if err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("forget connections whose address has moved: %w", err)
		}
	}
	return nil
}
