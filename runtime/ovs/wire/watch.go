package wire

import "encoding/binary"

// The messages by which a bridge tells what is changed: flows by a monitor, of OpenFlow 1.4 on; groups and meters by handing on what
// others ask for.
const (
	setAsync       Type = 28
	requestForward Type = 32

	flowMonitor Multipart = 16

	monitorChanges = 1<<1 | 1<<2 | 1<<3 // flows that are added, removed and modified; those of the asking connection are told in short
	forwardMaster  = 11                 // the property of SET_ASYNC about requests that are handed on; an equal is treated as a master
	forwardAll     = 1<<0 | 1<<1        // of groups and of meters
)

// The events of a monitor that tell a change by somebody else.
const (
	flowAdded    = 1
	flowRemoved  = 2
	flowModified = 3
	flowsAgain   = 6 // there were too many events, and some are lost
)

// AppendWatchRequest appends what makes a bridge tell of every change of flows, groups and meters that does not come from this connection. The
// messages have the XIDs from xid on, of which there are two; what comes then has the first one, or 0.
func AppendWatchRequest(b []byte, xid uint32) []byte {
	from := len(b)
	b = beginMultipart(b, xid, flowMonitor)
	b = binary.BigEndian.AppendUint32(b, 1) // the monitor's number
	b = binary.BigEndian.AppendUint32(b, anyPort)
	b = binary.BigEndian.AppendUint32(b, anyGroup)
	b = binary.BigEndian.AppendUint16(b, monitorChanges)
	b = append(b, allTables, 0)
	b, _ = finish(append(b, 0, matchOXM, 0, 4, 0, 0, 0, 0), from)
	from = len(b)
	b = binary.BigEndian.AppendUint16(begin(b, setAsync, xid+1), forwardMaster)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, 8), forwardAll)
	b, _ = finish(b, from)
	return b
}

// TellsChange reports whether a message tells that somebody else has changed something, or may have. Flows that go by themselves after a
// while do not count: packets make them come.
func TellsChange(msg []byte) bool {
	if len(msg) < HeaderLen {
		return false
	}
	if Type(msg[1]) == requestForward {
		return true
	}
	what, _, body, err := ParseMultipart(msg)
	if Type(msg[1]) != MultipartReply || err != nil || what != flowMonitor {
		return false
	}
	for len(body) >= 4 {
		size, event := int(binary.BigEndian.Uint16(body)), binary.BigEndian.Uint16(body[2:])
		if size < 4 || size > len(body) {
			return true
		}
		switch event {
		case flowAdded, flowRemoved, flowModified:
			if !passes(body[:size]) {
				return true
			}
		case flowsAgain:
			return true
		}
		body = body[size:]
	}
	return false
}

// passes reports whether the flow of an event has a timeout.
func passes(event []byte) bool {
	const idle, hard = 6, 8
	return len(event) >= hard+2 && (binary.BigEndian.Uint16(event[idle:]) != 0 || binary.BigEndian.Uint16(event[hard:]) != 0)
}
