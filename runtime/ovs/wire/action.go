package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/headgate-net/headgate/targets/openflow"
)

// Instructions.
const (
	instGoto  = 1
	instApply = 4
)

// Actions of the standard.
const (
	actOutput   = 0
	actGroup    = 22
	actDecTTL   = 24
	actSetField = 25
	actCopy     = 28
	actMeter    = 29
	actVendor   = 0xffff
)

// Actions of Open vSwitch, and what they say of fields: an offset, shifted by offsetShift, and one less than the number of bits.
const (
	vendor = 0x2320

	ovsResubmit    = 14
	ovsOutputReg   = 15
	ovsLearn       = 16
	ovsConjunction = 34
	ovsTrack       = 35
	ovsController  = 37

	controllerMaxLen   = 0
	controllerUserdata = 3
	controllerMeter    = 5

	trackCommit = 1
	noTable     = 0xff
	inPort      = 0xfffffff8
	inPort16    = 0xfff8
	wholePacket = 0xffff
)

// appendInstructions appends what a flow does: nothing to drop, else the actions, and at last the next table.
func appendInstructions(b []byte, f *openflow.Flow) ([]byte, error) {
	actions, next := f.Actions, -1
	if n := len(actions); n > 0 && actions[n-1].Op == openflow.Goto {
		actions, next = actions[:n-1], int(actions[n-1].Table)
	}
	if len(f.Conjunctions) > 0 && len(f.Actions) > 0 {
		return b, errors.New("a flow has either actions or conjunctions")
	}
	var err error
	if len(actions)+len(f.Conjunctions) > 0 {
		from := len(b)
		b = append(b, 0, instApply, 0, 0, 0, 0, 0, 0)
		for _, c := range f.Conjunctions {
			b = append(appendVendor(b, 16, ovsConjunction), c.Clause-1, c.Of)
			b = binary.BigEndian.AppendUint32(b, c.ID)
		}
		if b, err = appendActions(b, actions); err != nil {
			return b, err
		}
		n := len(b) - from
		if n > MaxLen {
			return b, fmt.Errorf("%d bytes of actions", n)
		}
		binary.BigEndian.PutUint16(b[from+2:], uint16(n))
	}
	if next >= 0 {
		b = append(b, 0, instGoto, 0, 8, byte(next), 0, 0, 0)
	}
	return b, nil
}

func appendActions(b []byte, actions []openflow.Action) ([]byte, error) {
	var err error
	for i := range actions {
		if b, err = appendAction(b, &actions[i]); err != nil {
			return b, err
		}
	}
	return b, nil
}

// appendHead appends the beginning of an action of the standard.
func appendHead(b []byte, kind, size uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, kind), size)
}

// appendVendor appends the beginning of an action of Open vSwitch.
func appendVendor(b []byte, size, kind uint16) []byte {
	b = binary.BigEndian.AppendUint32(appendHead(b, actVendor, size), vendor)
	return binary.BigEndian.AppendUint16(b, kind)
}

func appendAction(b []byte, a *openflow.Action) ([]byte, error) {
	from := len(b)
	switch a.Op {
	case openflow.SetField:
		return appendSet(b, a)
	case openflow.Move:
		from, to := headersOf(a.From).standard, headersOf(a.Field).standard
		if width(a.From) != width(a.Field) {
			return b, errors.New("a field is moved into one of another width")
		}
		b = binary.BigEndian.AppendUint16(appendHead(b, actCopy, 24), uint16(width(a.From)))
		b = binary.BigEndian.AppendUint32(zeros(b, 6), from)
		return zeros(binary.BigEndian.AppendUint32(b, to), 4), nil
	case openflow.DecTTL:
		return zeros(appendHead(b, actDecTTL, 8), 4), nil
	case openflow.Track, openflow.TrackNew:
		flags, table := uint16(0), byte(a.Table)
		if a.Op == openflow.TrackNew {
			flags, table = trackCommit, noTable
		}
		b = binary.BigEndian.AppendUint16(appendVendor(b, 24, ovsTrack), flags)
		b = binary.BigEndian.AppendUint16(zeros(b, 4), a.Zone)
		return append(b, table, 0, 0, 0, 0, 0), nil
	case openflow.Metered:
		return binary.BigEndian.AppendUint32(appendHead(b, actMeter, 8), uint32(a.Value.Lo)), nil
	case openflow.TrackBack, openflow.Balance, openflow.Admit, openflow.Masquerade, openflow.Depart, openflow.Arrive:
		return appendTranslation(b, a), nil
	case openflow.OutputReg:
		b = binary.BigEndian.AppendUint16(appendVendor(b, 24, ovsOutputReg), uint16(width(a.Field)-1))
		b = binary.BigEndian.AppendUint32(b, headersOf(a.Field).own)
		return zeros(binary.BigEndian.AppendUint16(b, wholePacket), 6), nil
	case openflow.Hairpin:
		b = binary.BigEndian.AppendUint32(appendHead(b, actOutput, 16), inPort)
		return zeros(b, 8), nil
	case openflow.ToGroup:
		return binary.BigEndian.AppendUint32(appendHead(b, actGroup, 8), uint32(a.Value.Lo)), nil
	case openflow.Resubmit:
		b = binary.BigEndian.AppendUint16(appendVendor(b, 16, ovsResubmit), inPort16)
		return append(b, byte(a.Table), 0, 0, 0), nil
	case openflow.Reject, openflow.Log, openflow.HoldBack, openflow.Refuse:
		b = appendController(b, a.Op)
		binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
		return b, nil
	case openflow.LearnFlow:
		b = pad(appendLearn(b, a.Learn), from)
		binary.BigEndian.PutUint16(b[from+2:], uint16(len(b)-from))
		return b, nil
	}
	return b, errors.New("only a flow's last action can go to a table")
}

// appendController appends an action that hands the packet over; the caller sets its length. Of its properties, each begins at a
// multiple of 8 bytes.
func appendController(b []byte, op openflow.Op) []byte {
	from := len(b)
	b = zeros(appendVendor(b, 0, ovsController), 6)
	var mark []byte
	switch op {
	case openflow.Reject:
		mark = openflow.RejectMark()
	case openflow.HoldBack:
		mark = openflow.HoldMark()
	case openflow.Refuse:
		mark = openflow.RefuseMark()
	case openflow.Log:
		mark = openflow.LogMark()
		b = zeros(binary.BigEndian.AppendUint16(appendHead(b, controllerMaxLen, 8), openflow.LogBytes), 2)
	}
	b = pad(append(appendHead(b, controllerUserdata, uint16(4+len(mark))), mark...), from)
	if op == openflow.Log {
		b = binary.BigEndian.AppendUint32(appendHead(b, controllerMeter, 8), openflow.LogMeter)
	}
	return b
}

func appendSet(b []byte, a *openflow.Action) ([]byte, error) {
	header := headersOf(a.Field).standard
	if a.Ref != "" {
		return b, fmt.Errorf("port %s is not known yet", a.Ref)
	}
	from := len(b)
	b = binary.BigEndian.AppendUint32(append(b, 0, actSetField, 0, 0), header)
	b = pad(appendValue(b, a.Value, int(header&0xff)), from)
	b[from+3] = byte(len(b) - from)
	return b, nil
}

// parseInstructions reads what a flow does into f. What is not in the target's words is returned in words.
func parseInstructions(b []byte, f *openflow.Flow) (unknown []string, err error) {
	last := 0
	for len(b) > 0 {
		kind, one, rest, err := next(b)
		if err != nil {
			return nil, err
		}
		switch {
		case kind == instApply && last == 0 && isZero(one[4:8]):
			more, err := parseActions(one[8:], f)
			if err != nil {
				return nil, err
			}
			unknown = append(unknown, more...)
			if len(one) == 8 || len(f.Actions) > 0 && len(f.Conjunctions) > 0 {
				unknown = append(unknown, "no actions, or conjunctions with actions")
			}
		case kind == instGoto && last < instGoto+instApply && len(one) == 8 && isZero(one[5:]) && len(f.Conjunctions) == 0:
			f.Actions = append(f.Actions, openflow.Action{Op: openflow.Goto, Table: openflow.Table(one[4])})
			last = instApply
		default:
			unknown = append(unknown, fmt.Sprintf("instruction %x", one))
		}
		last += int(kind)
		b = rest
	}
	return unknown, nil
}

// next takes the first of a list of instructions or actions, all of which begin with type and length.
func next(b []byte) (kind uint16, one, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, nil, fmt.Errorf("%d bytes are no action", len(b))
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if n < 8 || n%8 != 0 || n > len(b) {
		return 0, nil, nil, fmt.Errorf("an action of %d bytes in %d", n, len(b))
	}
	return binary.BigEndian.Uint16(b), b[:n], b[n:], nil
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// parseActions reads a list of actions into f.
func parseActions(b []byte, f *openflow.Flow) (unknown []string, err error) {
	if len(b) > 8 { // most flows have conjunctions only or a few actions
		if isConjunction(b) {
			f.Conjunctions = make([]openflow.Conjunction, 0, len(b)/16)
		} else {
			f.Actions = make([]openflow.Action, 0, 4)
		}
	}
	for len(b) > 0 {
		_, one, rest, err := next(b)
		if err != nil {
			return nil, err
		}
		if isConjunction(one) && len(one) == 16 {
			f.Conjunctions = append(f.Conjunctions,
				openflow.Conjunction{ID: binary.BigEndian.Uint32(one[12:]), Clause: one[10] + 1, Of: one[11]})
		} else if a, ok := parseAction(one); ok {
			f.Actions = append(f.Actions, a)
		} else {
			unknown = append(unknown, fmt.Sprintf("action %x", one))
		}
		b = rest
	}
	return unknown, nil
}

func isConjunction(b []byte) bool {
	return len(b) >= 10 && binary.BigEndian.Uint16(b) == actVendor && binary.BigEndian.Uint32(b[4:]) == vendor &&
		binary.BigEndian.Uint16(b[8:]) == ovsConjunction
}

// parseAction reads one action: what it seems to be, if that is encoded as these very bytes.
func parseAction(one []byte) (openflow.Action, bool) {
	a, ok := guess(one)
	if !ok {
		return a, false
	}
	again, err := appendAction(make([]byte, 0, 128), &a)
	return a, err == nil && bytes.Equal(again, one)
}

func guess(one []byte) (openflow.Action, bool) {
	switch binary.BigEndian.Uint16(one) {
	case actOutput:
		return openflow.Action{Op: openflow.Hairpin}, true
	case actGroup:
		return openflow.Action{Op: openflow.ToGroup, Value: openflow.Uint(uint64(binary.BigEndian.Uint32(one[4:])))}, true
	case actDecTTL:
		return openflow.Action{Op: openflow.DecTTL}, true
	case actMeter:
		return openflow.Action{Op: openflow.Metered, Value: openflow.Uint(uint64(binary.BigEndian.Uint32(one[4:])))}, true
	case actSetField:
		header := binary.BigEndian.Uint32(one[4:])
		f, err := fieldOf(header, false)
		if err != nil || len(one) < 8+int(header&0xff) {
			return openflow.Action{}, false
		}
		return openflow.Action{Op: openflow.SetField, Field: f, Value: parseValue(one[8 : 8+header&0xff])}, true
	case actCopy:
		if len(one) != 24 {
			return openflow.Action{}, false
		}
		from, err1 := fieldOf(binary.BigEndian.Uint32(one[12:]), false)
		to, err2 := fieldOf(binary.BigEndian.Uint32(one[16:]), false)
		return openflow.Action{Op: openflow.Move, Field: to, From: from}, err1 == nil && err2 == nil
	case actVendor:
		if len(one) >= 16 && binary.BigEndian.Uint32(one[4:]) == vendor {
			return guessVendor(one)
		}
	}
	return openflow.Action{}, false
}

// guessVendor reads an action of Open vSwitch, of at least 16 bytes.
func guessVendor(one []byte) (openflow.Action, bool) {
	kind := binary.BigEndian.Uint16(one[8:])
	switch {
	case kind == ovsResubmit:
		return openflow.Action{Op: openflow.Resubmit, Table: openflow.Table(one[12])}, true
	case kind == ovsOutputReg:
		f, err := fieldOf(binary.BigEndian.Uint32(one[12:]), true)
		return openflow.Action{Op: openflow.OutputReg, Field: f}, err == nil
	case kind == ovsTrack && len(one) == 24:
		a := openflow.Action{Op: openflow.Track, Zone: binary.BigEndian.Uint16(one[16:]), Table: openflow.Table(one[18])}
		if binary.BigEndian.Uint16(one[10:]) == trackCommit {
			a.Op, a.Table = openflow.TrackNew, 0
		}
		return a, true
	case kind == ovsController && len(one) >= 20 && binary.BigEndian.Uint16(one[16:]) == controllerMaxLen:
		return openflow.Action{Op: openflow.Log}, true
	case kind == ovsTrack:
		return guessTranslation(one)
	case kind == ovsController && bytes.Contains(one, openflow.RefuseMark()):
		return openflow.Action{Op: openflow.Refuse}, true
	case kind == ovsController && bytes.Contains(one, openflow.HoldMark()):
		return openflow.Action{Op: openflow.HoldBack}, true
	case kind == ovsController:
		return openflow.Action{Op: openflow.Reject}, true
	case kind == ovsLearn:
		l, ok := parseLearn(one)
		return openflow.Action{Op: openflow.LearnFlow, Learn: l}, ok
	}
	return openflow.Action{}, false
}
