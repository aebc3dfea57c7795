package wire

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/headgate-net/headgate/targets/openflow"
)

// Command is what a FLOW_MOD, GROUP_MOD or METER_MOD does.
type Command uint8

// The commands. Those on flows speak of exactly one: that of the table, priority and match.
const (
	Add Command = iota
	Modify
	Delete
)

// FlowMod changes one flow. With Modify and Delete, only one whose cookie has the value Cookie under CookieMask; a Delete does not
// look at what Flow does. Match, if it is not nil, is a FlowDesc's and stands in for the Flow's. HardTimeout is after how many seconds an
// added flow goes whatever happens, 0 for never.
type FlowMod struct {
	Command    Command
	Flow       *openflow.Flow
	Cookie     uint64
	CookieMask uint64
	Match      []byte

	HardTimeout uint16
}

// AppendFlowMod appends a FLOW_MOD. An error means that the flow cannot be encoded; b is then as it was.
func AppendFlowMod(b []byte, xid uint32, m FlowMod) ([]byte, error) {
	from, f := len(b), m.Flow
	cookie, mask, timeout := m.Cookie, m.CookieMask, f.IdleTimeout
	switch m.Command {
	case Add:
		cookie, mask = f.Cookie, 0
	case Delete:
		timeout = 0
	}
	b = binary.BigEndian.AppendUint64(begin(b, flowMod, xid), cookie)
	b = binary.BigEndian.AppendUint64(b, mask)
	// Modify and Delete of any priority and less specific matches have the numbers in between.
	b = append(b, byte(f.Table), [...]byte{Add: 0, Modify: 2, Delete: 4}[m.Command])
	b = binary.BigEndian.AppendUint16(b, timeout)
	b = binary.BigEndian.AppendUint16(b, m.HardTimeout)
	b = binary.BigEndian.AppendUint16(b, f.Priority)
	b = binary.BigEndian.AppendUint32(b, noBuffer)
	b = binary.BigEndian.AppendUint32(b, anyPort)
	b = binary.BigEndian.AppendUint32(b, anyGroup)
	b = zeros(b, 4)
	var err error
	if m.Match != nil {
		b = append(b, m.Match...)
	} else if b, err = appendMatch(b, f.Match); err != nil {
		return b[:from], err
	}
	if m.Command != Delete {
		if b, err = appendInstructions(b, f); err != nil {
			return b[:from], err
		}
	}
	return finish(b, from)
}

// FlowDesc is a flow that a switch has. If the flow has more to it than the target's words, Foreign is a text of all of it, Flow
// what could be read, and Match what deletes it. Counted is what the switch says that has met the flow.
type FlowDesc struct {
	Flow    openflow.Flow
	Foreign string
	Match   []byte
	Counted Counters
}

// Counters are a number of packets and their bytes, those of Ethernet headers included.
type Counters struct{ Packets, Bytes uint64 }

// flowDescHead is the size of what precedes a flow's match.
const flowDescHead = 24

// ParseFlowDesc reads the first flow of the body of a reply about FlowDescs and returns the rest of it.
func ParseFlowDesc(b []byte) (d FlowDesc, rest []byte, err error) {
	one, rest, err := first(b, flowDescHead)
	if err != nil {
		return d, nil, err
	}
	f := &d.Flow
	f.Table = openflow.Table(one[4])
	f.Priority = binary.BigEndian.Uint16(one[6:])
	f.IdleTimeout = binary.BigEndian.Uint16(one[8:])
	f.Cookie = binary.BigEndian.Uint64(one[16:])
	m, size, err := parseMatch(one[flowDescHead:])
	if err != nil {
		return d, nil, err
	}
	f.Match = m.terms
	unknown := m.unknown
	for _, n := range []struct {
		name string
		at   int
	}{{"hard_timeout", 10}, {"flags", 12}, {"importance", 14}} {
		if v := binary.BigEndian.Uint16(one[n.at:]); v != 0 {
			unknown = append(unknown, fmt.Sprintf("%s=%d", n.name, v))
		}
	}
	match, instructions := one[flowDescHead:flowDescHead+size], one[flowDescHead+size:]
	if d.Counted, instructions, err = parseStatistics(instructions); err != nil {
		return d, nil, err
	}
	more, err := parseInstructions(instructions, f)
	if err != nil {
		return d, nil, err
	}
	if unknown = append(unknown, more...); len(unknown) > 0 {
		d.Foreign = f.String() + " and " + strings.Join(unknown, ", ")
		d.Match = append([]byte{}, match...)
	}
	return d, rest, nil
}

// first takes the first of a list of structures that begin with their length, and of which each is a multiple of 8 bytes.
func first(b []byte, atLeast int) (one, rest []byte, err error) {
	if len(b) < atLeast {
		return nil, nil, fmt.Errorf("a description in %d bytes", len(b))
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < atLeast || n > len(b) {
		return nil, nil, fmt.Errorf("a description of %d bytes in %d", n, len(b))
	}
	return b[:n], b[n:], nil
}

// The statistics that are read: the first four bytes of an OXS entry.
const (
	oxsPacketCount = 0x80020808
	oxsByteCount   = 0x80020a08
)

// parseStatistics reads the counters between a flow's match and instructions, and returns the instructions.
func parseStatistics(b []byte) (c Counters, rest []byte, err error) {
	if len(b) < 4 {
		return c, nil, fmt.Errorf("statistics in %d bytes", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	size := (n + 7) / 8 * 8
	if n < 4 || size > len(b) {
		return c, nil, fmt.Errorf("statistics of %d bytes in %d", n, len(b))
	}
	for entries := b[4:n]; len(entries) >= 4; {
		end := 4 + int(entries[3])
		if end > len(entries) {
			return c, nil, fmt.Errorf("a statistic of %d bytes in %d", end, len(entries))
		}
		switch binary.BigEndian.Uint32(entries) {
		case oxsPacketCount:
			c.Packets = binary.BigEndian.Uint64(entries[4:])
		case oxsByteCount:
			c.Bytes = binary.BigEndian.Uint64(entries[4:])
		}
		entries = entries[end:]
	}
	return c, b[size:], nil
}
