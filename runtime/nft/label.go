package nft

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/targets/nft"
)

// What nf_tables.h and nft have for sets that count, and for labels of connections.
const (
	setExpr         = 17 // NFTA_SET_EXPR
	nftLabelType    = 30 // nft's number for the type of labels, by which it cannot list a set
	udCt            = 12 // EXPR_CT
	udCtLabel       = unix.NFT_CT_LABELS
	udNoCtDirection = 0xffffffff
)

// labelUserdata gives the user data of a set of labels: that of a "typeof".
func labelUserdata() []byte {
	var u udata
	u.number(udKeyOrder, 0)
	u.expression(udKeyTypeof, udCt, udCtLabel, udNoCtDirection)
	return u
}

// readKey reads the type of a set's key. A set of labels has from us the number of a type that nft has a name for, and is told apart by
// what nft remembers of it.
func readKey(a attrs) ([]nft.Type, error) {
	number := a.u32(unix.NFTA_SET_KEY_TYPE)
	if number == nftLabelType || bytes.Equal(a[unix.NFTA_SET_USERDATA], labelUserdata()) {
		return []nft.Type{nft.Label}, nil
	}
	return parseKeyType(number)
}

// writeSetCounter makes each element of a set count.
func writeSetCounter(w *buffer) {
	at := w.open(setExpr | nested)
	w.str(unix.NFTA_EXPR_NAME, "counter")
	w.close(at)
}

// isCounter reports whether an attribute holds a counter.
func isCounter(data []byte) bool {
	a, err := parseAttrs(data)
	return err == nil && a.str(unix.NFTA_EXPR_NAME) == "counter"
}

// label sets bits of the connection's label, if any are given.
func (c *compiler) label(bits nft.Value) {
	if bits == "" {
		return
	}
	c.add(expression{"immediate", map[path]string{unix.NFTA_IMMEDIATE_DREG: register(0), pathImmediate: string(bits)}},
		expression{"ct", map[path]string{unix.NFTA_CT_KEY: be32(unix.NFT_CT_LABELS), unix.NFTA_CT_SREG: register(0)}})
}

// labelled looks the bits of the connection's label up that count.
func (c *compiler) labelled(m nft.Match) {
	c.add(ct(unix.NFT_CT_LABELS, 0), mask(string(m.Mask)), lookup(m.Set))
}

// value reads what is done with a value: it is set in the connection's label, or becomes the packet's destination.
func (d *decompiler) value(v string) bool {
	if _, ok := d.next("ct"); ok {
		d.rule.Label = nft.Value(v)
		return v != ""
	}
	return d.loop(v)
}

// labelLookup reads a lookup of the connection's label.
func (d *decompiler) labelLookup() bool {
	bits, masked := d.next("bitwise")
	e, looked := d.next("lookup")
	set := attrs{unix.NFTA_LOOKUP_SET: []byte(e.attrs[unix.NFTA_LOOKUP_SET])}.str(unix.NFTA_LOOKUP_SET)
	return masked && looked && d.add(nft.Match{Fields: []nft.Field{nft.CtLabel}, Mask: nft.Value(bits.attrs[pathMask]), Set: set})
}
