package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/headgate-net/headgate/targets/openflow"
)

// The messages about packets. Those of Open vSwitch are experimenter messages with a subtype.
const (
	experimenter Type = 4
	setConfig    Type = 9
	packetIn     Type = 10
	packetOut    Type = 13

	ovsSetFormat = 16
	ovsPacketIn2 = 30
	formatIn2    = 2 // of a packet's message: that of ovsPacketIn2
)

// ControllerPort is the port that packets come from which a controller sends.
const ControllerPort = 0xfffffffd

// The properties of a packet's message.
const (
	inPacket   = 0
	inFullLen  = 1
	inTable    = 3
	inCookie   = 4
	inReason   = 5
	inMetadata = 6
	inUserdata = 7
)

// AppendPacketRequest appends what makes a bridge send packets: a connection to its management socket gets none unless it asks for
// them. They come in Open vSwitch's own form, the only one that tells which flow sent them and why. The messages have the XIDs
// from xid on, of which there are two; they have no replies.
func AppendPacketRequest(b []byte, xid uint32) []byte {
	from := len(b)
	b, _ = finish(append(begin(b, setConfig, xid), 0, 0, 0xff, 0xff), from)
	from = len(b)
	b = binary.BigEndian.AppendUint32(begin(b, experimenter, xid+1), vendor)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, ovsSetFormat), formatIn2)
	b, _ = finish(b, from)
	return b
}

// PacketIn is a packet that a flow has sent to the controller. Packet has FullLen bytes unless the flow limits them. Metadata is
// what the target's fields held, those that are not 0, in order of Field, InPort among them; Userdata what the flow says besides.
type PacketIn struct {
	Packet   []byte
	FullLen  int
	Table    openflow.Table
	Cookie   uint64
	Reason   uint8
	Metadata []openflow.Term
	Userdata []byte
}

// IsPacketIn reports whether a message is one that ParsePacketIn reads.
func IsPacketIn(msg []byte) bool {
	switch {
	case len(msg) < HeaderLen:
		return false
	case Type(msg[1]) == packetIn:
		return true
	}
	return Type(msg[1]) == experimenter && len(msg) >= HeaderLen+8 && binary.BigEndian.Uint32(msg[8:]) == vendor &&
		binary.BigEndian.Uint32(msg[12:]) == ovsPacketIn2
}

// ParsePacketIn reads a packet's message, in the form of the standard or of Open vSwitch. The slices are parts of msg.
func ParsePacketIn(msg []byte) (PacketIn, error) {
	var p PacketIn
	switch {
	case !IsPacketIn(msg):
		return p, errors.New("no packet's message")
	case Type(msg[1]) == packetIn:
		return p, p.standard(msg[HeaderLen:])
	}
	p.FullLen = -1
	for b := msg[HeaderLen+8:]; len(b) > 0; {
		if len(b) < 4 {
			return p, fmt.Errorf("a property in %d bytes", len(b))
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < 4 || n > len(b) {
			return p, fmt.Errorf("a property of %d bytes in %d", n, len(b))
		}
		if err := p.property(binary.BigEndian.Uint16(b), b[4:n]); err != nil {
			return p, err
		}
		b = b[min((n+7)/8*8, len(b)):]
	}
	if p.FullLen < 0 {
		p.FullLen = len(p.Packet)
	}
	return p, nil
}

// property takes one; what is not known is left away.
func (p *PacketIn) property(kind uint16, payload []byte) error {
	wide := map[uint16]int{inFullLen: 4, inTable: 1, inCookie: 12, inReason: 1}[kind]
	if len(payload) < wide {
		return fmt.Errorf("property %d has %d bytes", kind, len(payload))
	}
	switch kind {
	case inPacket:
		p.Packet = payload
	case inFullLen:
		p.FullLen = int(binary.BigEndian.Uint32(payload))
	case inTable:
		p.Table = openflow.Table(payload[0])
	case inCookie: // aligned to 8 bytes
		p.Cookie = binary.BigEndian.Uint64(payload[4:])
	case inReason:
		p.Reason = payload[0]
	case inUserdata:
		p.Userdata = payload
	case inMetadata:
		m, err := readEntries(payload)
		p.Metadata = m.terms
		return err
	}
	return nil
}

// standard reads what follows the header of a PACKET_IN.
func (p *PacketIn) standard(b []byte) error {
	const head = 16
	if len(b) < head {
		return fmt.Errorf("%d bytes are no packet's message", len(b))
	}
	p.FullLen = int(binary.BigEndian.Uint16(b[4:]))
	p.Reason, p.Table, p.Cookie = b[6], openflow.Table(b[7]), binary.BigEndian.Uint64(b[8:])
	m, size, err := parseMatch(b[head:])
	if err != nil {
		return err
	}
	if b = b[head+size:]; len(b) < 2 { // two bytes, so that what follows the Ethernet header is aligned
		return errors.New("a packet's message without packet")
	}
	p.Metadata, p.Packet = m.terms, b[2:]
	return nil
}

// AppendPacketOut appends a PACKET_OUT: the packet goes through the actions as if it had come from the controller.
func AppendPacketOut(b []byte, xid uint32, actions []openflow.Action, packet []byte) ([]byte, error) {
	from := len(b)
	b = binary.BigEndian.AppendUint32(begin(b, packetOut, xid), noBuffer)
	length := len(b)
	b = binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 0, 0, matchOXM, 0, 12), oxmInPort)
	b = zeros(binary.BigEndian.AppendUint32(b, ControllerPort), 4)
	start := len(b)
	b, err := appendActions(b, actions)
	if err != nil {
		return b[:from], err
	}
	if len(b)-from <= MaxLen {
		binary.BigEndian.PutUint16(b[length:], uint16(len(b)-start))
	}
	return finish(append(b, packet...), from)
}
