package nft

import (
	"encoding/binary"
	"errors"
)

// nested marks an attribute that holds attributes (NLA_F_NESTED); typeMask takes the marks off a type.
const (
	nested   = 1 << 15
	typeMask = 1<<14 - 1
)

// buffer is a netlink message, or a part of one, being written. Lengths and types are in host byte order, values in network
// byte order, as nf_tables has them.
type buffer struct{ b []byte }

func (w *buffer) attr(typ uint16, data []byte) {
	at := w.open(typ)
	w.b = append(w.b, data...)
	w.close(at)
}

func (w *buffer) str(typ uint16, s string) {
	at := w.open(typ)
	w.b = append(append(w.b, s...), 0)
	w.close(at)
}

func (w *buffer) u32(typ uint16, v uint32) {
	at := w.open(typ)
	w.b = binary.BigEndian.AppendUint32(w.b, v)
	w.close(at)
}

func (w *buffer) u64(typ uint16, v uint64) {
	at := w.open(typ)
	w.b = binary.BigEndian.AppendUint64(w.b, v)
	w.close(at)
}

// open begins an attribute; close, given what open returned, ends it.
func (w *buffer) open(typ uint16) int {
	at := len(w.b)
	w.b = binary.NativeEndian.AppendUint16(w.b, 0)
	w.b = binary.NativeEndian.AppendUint16(w.b, typ)
	return at
}

func (w *buffer) close(at int) {
	binary.NativeEndian.PutUint16(w.b[at:], uint16(len(w.b)-at))
	for len(w.b)%4 != 0 {
		w.b = append(w.b, 0)
	}
}

// attrs are the attributes of a message or of another attribute, by type. nf_tables repeats types only in lists, which are
// read with each.
type attrs map[uint16][]byte

var errShort = errors.New("truncated netlink attribute")

// each calls f for every attribute in data, in order.
func each(data []byte, f func(typ uint16, value []byte) error) error {
	for len(data) >= 4 {
		n := int(binary.NativeEndian.Uint16(data))
		if n < 4 || n > len(data) {
			return errShort
		}
		if err := f(binary.NativeEndian.Uint16(data[2:])&typeMask, data[4:n]); err != nil {
			return err
		}
		data = data[min((n+3)&^3, len(data)):]
	}
	return nil
}

func parseAttrs(data []byte) (attrs, error) {
	a := attrs{}
	err := each(data, func(typ uint16, value []byte) error { a[typ] = value; return nil })
	return a, err
}

func (a attrs) str(typ uint16) string {
	v := a[typ]
	for i, c := range v {
		if c == 0 {
			return string(v[:i])
		}
	}
	return string(v)
}

// u32 gives 0 for an attribute that is missing or has another length.
func (a attrs) u32(typ uint16) uint32 {
	if v := a[typ]; len(v) == 4 {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

func (a attrs) u64(typ uint16) uint64 {
	if v := a[typ]; len(v) == 8 {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}
