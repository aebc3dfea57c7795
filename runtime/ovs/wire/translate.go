package wire

import (
	"encoding/binary"
	"net/netip"

	"github.com/headgate-net/headgate/targets/openflow"
)

// The action that translates addresses, within one of connection tracking: what it translates, and which parts of a range of addresses
// and ports follow. See nx_action_nat in Open vSwitch's nicira-ext.h.
const (
	ovsNAT = 36

	natSource      = 1 << 0
	natDestination = 1 << 1

	rangeIPv4 = 1 << 0
	rangeIPv6 = 1 << 2
	rangePort = 1 << 4

	trackHead = 24
)

// appendTranslation appends an action of connection tracking that translates addresses or sets marks.
func appendTranslation(b []byte, a *openflow.Action) []byte {
	from := len(b)
	flags, table := uint16(trackCommit), byte(a.Table)
	switch a.Op {
	case openflow.TrackBack:
		flags = 0
	case openflow.Admit, openflow.Depart, openflow.Arrive:
		table = noTable
	}
	b = binary.BigEndian.AppendUint16(appendVendor(b, 0, ovsTrack), flags)
	b = binary.BigEndian.AppendUint16(zeros(b, 4), a.Zone)
	b = append(b, table, 0, 0, 0, 0, 0)
	switch a.Op {
	case openflow.TrackBack:
		b = appendNAT(b, a, 0)
	case openflow.Balance:
		b = appendNAT(b, a, natDestination)
	case openflow.Masquerade:
		b = appendNAT(b, a, natSource)
	}
	switch a.Op {
	case openflow.Balance:
		b = appendMark(b, openflow.Pending, 1<<32-1)
	case openflow.Admit:
		b = appendMark(b, 0, openflow.Pending)
	case openflow.Arrive:
		b = appendMark(b, openflow.FromGateway, openflow.FromGateway)
	case openflow.Depart:
		b = appendMark(b, uint32(a.Value.Lo), openflow.DepartureMask)
	}
	binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
	return b
}

// appendMark appends what sets the bits of a connection's mark that the mask has.
func appendMark(b []byte, value, mask uint32) []byte {
	from := len(b)
	b = append(b, 0, actSetField, 0, 0)
	if mask == 1<<32-1 {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, nxmCTMark), value)
	} else { // a header has 1 for a mask above the size, which counts it
		b = binary.BigEndian.AppendUint32(b, nxmCTMark&^0xff|0x100|2*(nxmCTMark&0xff))
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, value), mask)
	}
	b = pad(b, from)
	b[from+3] = byte(len(b) - from)
	return b
}

func appendNAT(b []byte, a *openflow.Action, flags uint16) []byte {
	from := len(b)
	var parts uint16
	addr := a.To.Addr()
	switch {
	case flags != 0 && addr.Is4():
		parts = rangeIPv4
	case flags != 0:
		parts = rangeIPv6
	}
	if a.To.Port() != 0 {
		parts |= rangePort
	}
	b = binary.BigEndian.AppendUint16(zeros(appendVendor(b, 0, ovsNAT), 2), flags)
	b = binary.BigEndian.AppendUint16(b, parts)
	if flags != 0 {
		b = append(b, addr.AsSlice()...)
	}
	if a.To.Port() != 0 {
		b = binary.BigEndian.AppendUint16(b, a.To.Port())
	}
	b = pad(b, from)
	binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
	return b
}

// guessTranslation reads what appendTranslation wrote, of more than trackHead bytes.
func guessTranslation(one []byte) (openflow.Action, bool) {
	if len(one) <= trackHead {
		return openflow.Action{}, false
	}
	a := openflow.Action{Op: openflow.TrackBack, Zone: binary.BigEndian.Uint16(one[16:]), Table: openflow.Table(one[18])}
	if one[18] == noTable {
		a.Op, a.Table = openflow.Admit, 0
	}
	nat := one[trackHead:]
	if a.Op == openflow.Admit && len(nat) == 16 {
		switch binary.BigEndian.Uint32(nat[12:]) {
		case openflow.DepartureMask:
			a.Op, a.Value = openflow.Depart, openflow.Uint(uint64(binary.BigEndian.Uint32(nat[8:])))
		case openflow.FromGateway:
			a.Op = openflow.Arrive
		}
	}
	if one[18] == noTable || len(nat) < 16 || binary.BigEndian.Uint16(nat[12:]) == 0 {
		return a, true
	}
	a.Op = openflow.Masquerade
	if binary.BigEndian.Uint16(nat[12:]) == natDestination {
		a.Op = openflow.Balance
	}
	to, ok := parseRange(nat[14:])
	a.To = to
	return a, ok
}

// parseRange reads which parts follow, and them.
func parseRange(b []byte) (netip.AddrPort, bool) {
	parts, rest := binary.BigEndian.Uint16(b), b[2:]
	size := 4
	if parts&rangeIPv6 != 0 {
		size = 16
	}
	if len(rest) < size || parts&rangePort != 0 && len(rest) < size+2 {
		return netip.AddrPort{}, false
	}
	addr, _ := netip.AddrFromSlice(rest[:size])
	var port uint16
	if parts&rangePort != 0 {
		port = binary.BigEndian.Uint16(rest[size:])
	}
	return netip.AddrPortFrom(addr, port), true
}
