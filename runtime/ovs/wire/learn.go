package wire

import (
	"encoding/binary"

	"github.com/headgate-net/headgate/targets/openflow"
)

// The parts of a learned flow: where its value comes from, what becomes of it, and its number of bits in between.
const (
	learnImmediate = 1 << 13
	learnLoad      = 1 << 11
	learnBits      = 1<<11 - 1

	learnHead = 32
)

// appendLearn appends a learn action; the caller pads it and sets its length.
func appendLearn(b []byte, l *openflow.Learn) []byte {
	b = binary.BigEndian.AppendUint16(appendVendor(b, 0, ovsLearn), l.IdleTimeout)
	b = binary.BigEndian.AppendUint16(append(b, 0, 0), l.Priority)
	b = binary.BigEndian.AppendUint64(b, l.Cookie)
	b = append(b, 0, 0, byte(l.Table), 0, 0, 0, 0, 0)
	constant := func(f openflow.Field, v openflow.Value, kind uint16) {
		n := width(f)
		b = binary.BigEndian.AppendUint16(b, learnImmediate|kind|uint16(n))
		b = appendWhole(appendValue(b, v, (n+15)/16*2), f)
	}
	for _, t := range l.Match {
		constant(t.Field, t.Value, 0)
	}
	for _, c := range l.Copies {
		b = binary.BigEndian.AppendUint16(b, uint16(width(c.Field)))
		b = appendWhole(appendWhole(b, c.From), c.Field)
	}
	constant(l.Field, l.Value, learnLoad)
	return b
}

// appendWhole appends a field from its bit 0 on.
func appendWhole(b []byte, f openflow.Field) []byte {
	return append(binary.BigEndian.AppendUint32(b, headersOf(f).own), 0, 0)
}

// parseLearn reads a learn action in the target's order: conditions, copies, and what the learned flow sets. The caller compares
// what it is encoded as.
func parseLearn(one []byte) (*openflow.Learn, bool) {
	if len(one) < learnHead {
		return nil, false
	}
	l := &openflow.Learn{IdleTimeout: binary.BigEndian.Uint16(one[10:]), Priority: binary.BigEndian.Uint16(one[14:]),
		Cookie: binary.BigEndian.Uint64(one[16:]), Table: openflow.Table(one[26])}
	loads := 0
	for b := one[learnHead:]; len(b) >= 2; {
		head := binary.BigEndian.Uint16(b)
		if head == 0 {
			break // padding
		}
		size := 6
		if head&learnImmediate != 0 {
			size = (int(head&learnBits) + 15) / 16 * 2
		}
		if len(b) < 2+size+6 {
			return nil, false
		}
		from, to := b[2:2+size], b[2+size:]
		f, err := fieldOf(binary.BigEndian.Uint32(to), true)
		switch {
		case err != nil || size > 16:
			return nil, false
		case head&learnImmediate == 0:
			src, err := fieldOf(binary.BigEndian.Uint32(from), true)
			if err != nil {
				return nil, false
			}
			l.Copies = append(l.Copies, openflow.Copy{Field: f, From: src})
		case head&learnLoad != 0:
			l.Field, l.Value = f, parseValue(from)
			loads++
		default:
			v := parseValue(from)
			l.Match = append(l.Match, openflow.IsMasked(f, v, full(f)))
		}
		b = to[6:]
	}
	return l, loads == 1
}
