// Package wire encodes and decodes the OpenFlow 1.5 messages that headgate and Open vSwitch exchange.
//
// Guarantees: flows and groups are those of the target openflow, and what is encoded is, byte for byte, what ovs-ofctl sends for
// their text; decoding what a switch says of such a flow gives an equal flow; what a flow has beyond the target's words
// is told, never dropped; no bytes make a decoder panic, and what it allocates is in proportion to them.
//
// The layouts are those of the OpenFlow Switch Specification 1.5.1; those of Open vSwitch's own actions and fields are in
// ovs-actions(7), ovs-fields(7) and its nicira-ext.h.
package wire

import (
	"encoding/binary"
	"fmt"
)

// Version is the number of OpenFlow 1.5 in a message's header.
const Version = 6

// Every message begins with a header of HeaderLen bytes, and has no more than MaxLen.
const (
	HeaderLen = 8
	MaxLen    = 0xffff
)

// Type is a message's kind: the number in its header.
type Type uint8

// The types that are sent or understood.
const (
	Hello            Type = 0
	ErrorType        Type = 1
	EchoRequest      Type = 2
	EchoReply        Type = 3
	flowMod          Type = 14
	groupMod         Type = 15
	multipartRequest Type = 18
	MultipartReply   Type = 19
	BarrierRequest   Type = 20
	BarrierReply     Type = 21
	BundleControl    Type = 33
	bundleAdd        Type = 34
)

// Header is the beginning of a message. Length counts the header too.
type Header struct {
	Version uint8
	Type    Type
	Length  uint16
	XID     uint32
}

// ParseHeader reads the header at the beginning of b. An error means that b is none.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderLen {
		return Header{}, fmt.Errorf("%d bytes are no OpenFlow message", len(b))
	}
	h := Header{b[0], Type(b[1]), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])}
	if h.Length < HeaderLen {
		return h, fmt.Errorf("an OpenFlow message cannot have %d bytes", h.Length)
	}
	return h, nil
}

// begin appends a header whose length finish sets.
func begin(b []byte, t Type, xid uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, Version, byte(t), 0, 0), xid)
}

// finish sets the length of the message that begins at from and fails if it is too long.
func finish(b []byte, from int) ([]byte, error) {
	n := len(b) - from
	if n > MaxLen {
		return b[:from], fmt.Errorf("%d bytes are more than a message can have", n)
	}
	binary.BigEndian.PutUint16(b[from+2:], uint16(n))
	return b, nil
}

// pad appends zeros until what begins at from is a multiple of 8 bytes long.
func pad(b []byte, from int) []byte {
	for (len(b)-from)%8 != 0 {
		b = append(b, 0)
	}
	return b
}

func zeros(b []byte, n int) []byte { return append(b, make([]byte, n)...) }

// AppendHello appends a HELLO that offers OpenFlow 1.5 only.
func AppendHello(b []byte, xid uint32) []byte {
	from := len(b)
	const bitmap = 1 // the type of the one element
	b, _ = finish(append(begin(b, Hello, xid), 0, bitmap, 0, 8, 0, 0, 0, 1<<Version), from)
	return b
}

// Speaks reports whether the sender of a HELLO can speak OpenFlow 1.5: by the version bitmap if it has one, else by the header.
func Speaks(msg []byte) bool {
	const bitmap = 1 // of the element types the only one there is
	for b := msg[min(HeaderLen, len(msg)):]; len(b) >= 4; {
		kind, n := binary.BigEndian.Uint16(b), int(binary.BigEndian.Uint16(b[2:]))
		if n < 4 || n > len(b) {
			break
		}
		if kind == bitmap && n >= 8 {
			return binary.BigEndian.Uint32(b[4:])&(1<<Version) != 0
		}
		b = b[min((n+7)/8*8, len(b)):]
	}
	return len(msg) >= HeaderLen && msg[0] >= Version
}

// AppendEchoReply appends the answer to an ECHO_REQUEST.
func AppendEchoReply(b, request []byte) []byte {
	from := len(b)
	b = append(b, request...)
	b[from], b[from+1] = Version, byte(EchoReply)
	return b
}

// AppendBarrier appends a BARRIER_REQUEST: its reply comes after the replies to, and errors about, everything before it.
func AppendBarrier(b []byte, xid uint32) []byte {
	from := len(b)
	b, _ = finish(begin(b, BarrierRequest, xid), from)
	return b
}

// Bundle is what a BUNDLE_CONTROL asks for.
type Bundle uint16

// The requests; the type of a reply is one more. Closing is optional, and not used.
const (
	OpenBundle    Bundle = 0
	CommitBundle  Bundle = 4
	DiscardBundle Bundle = 6
)

// bundleFlags: all or nothing, and in order.
const bundleFlags = 3

// AppendBundle appends a BUNDLE_CONTROL.
func AppendBundle(b []byte, xid, bundle uint32, what Bundle) []byte {
	from := len(b)
	b = binary.BigEndian.AppendUint32(begin(b, BundleControl, xid), bundle)
	b = binary.BigEndian.AppendUint16(b, uint16(what))
	b, _ = finish(binary.BigEndian.AppendUint16(b, bundleFlags), from)
	return b
}

// AppendBundleAdd appends a BUNDLE_ADD_MESSAGE with the message that inner appends, which must have the same xid. If the switch
// refuses it, its error has that xid, then or at the commit.
func AppendBundleAdd(b []byte, xid, bundle uint32, inner func([]byte) ([]byte, error)) ([]byte, error) {
	from := len(b)
	b = binary.BigEndian.AppendUint32(begin(b, bundleAdd, xid), bundle)
	b = binary.BigEndian.AppendUint16(append(b, 0, 0), bundleFlags)
	b, err := inner(b)
	if err != nil {
		return b[:from], err
	}
	return finish(b, from)
}

// Multipart is what a multipart message is about.
type Multipart uint16

// The multipart messages that are asked for.
const (
	FlowDescs  Multipart = 1
	GroupDescs Multipart = 7
)

// The wildcards of requests and commands.
const (
	allTables = 0xff
	anyPort   = 0xffffffff
	anyGroup  = 0xffffffff
	allGroups = 0xfffffffc
	noBuffer  = 0xffffffff
)

func beginMultipart(b []byte, xid uint32, what Multipart) []byte {
	b = binary.BigEndian.AppendUint16(begin(b, multipartRequest, xid), uint16(what))
	return zeros(b, 6)
}

// AppendFlowDescs appends a request for all flows whose cookie has value under mask.
func AppendFlowDescs(b []byte, xid uint32, value, mask uint64) []byte {
	from := len(b)
	b = append(beginMultipart(b, xid, FlowDescs), allTables, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, anyPort)
	b = binary.BigEndian.AppendUint32(b, anyGroup)
	b = binary.BigEndian.AppendUint64(zeros(b, 4), value)
	b = binary.BigEndian.AppendUint64(b, mask)
	b, _ = finish(append(b, 0, matchOXM, 0, 4, 0, 0, 0, 0), from)
	return b
}

// AppendGroupDescs appends a request for all groups.
func AppendGroupDescs(b []byte, xid uint32) []byte {
	from := len(b)
	b = binary.BigEndian.AppendUint32(beginMultipart(b, xid, GroupDescs), allGroups)
	b, _ = finish(zeros(b, 4), from)
	return b
}

// ParseMultipart takes a MULTIPART_REPLY apart. More says that the same xid's next message continues it.
func ParseMultipart(msg []byte) (what Multipart, more bool, body []byte, err error) {
	if len(msg) < HeaderLen+8 {
		return 0, false, nil, fmt.Errorf("%d bytes are no multipart reply", len(msg))
	}
	return Multipart(binary.BigEndian.Uint16(msg[8:])), msg[11]&1 != 0, msg[16:], nil
}
