package wire

import (
	"encoding/binary"
	"fmt"
)

// meterMod is the type of METER_MOD.
const meterMod Type = 29

// AppendMeter appends a METER_MOD that adds a meter which drops what exceeds a number of packets a second, bursts of as many
// allowed. A switch that has one of that number answers with an error.
func AppendMeter(b []byte, xid, meter, perSecond uint32) []byte {
	from := len(b)
	const (
		add                        = 0
		packets, burst, statistics = 1 << 1, 1 << 2, 1 << 3
		dropBand, bandSize         = 1, 16
	)
	b = binary.BigEndian.AppendUint16(begin(b, meterMod, xid), add)
	b = binary.BigEndian.AppendUint16(b, packets|burst|statistics)
	b = binary.BigEndian.AppendUint32(b, meter)
	b = binary.BigEndian.AppendUint32(appendHead(b, dropBand, bandSize), perSecond)
	b, _ = finish(zeros(binary.BigEndian.AppendUint32(b, perSecond), 4), from)
	return b
}

// Meters is the multipart message about what meters have counted.
const Meters Multipart = 9

// AppendMeterStats appends a request for what a meter has counted.
func AppendMeterStats(b []byte, xid, meter uint32) []byte {
	from := len(b)
	b, _ = finish(zeros(binary.BigEndian.AppendUint32(beginMultipart(b, xid, Meters), meter), 4), from)
	return b
}

// ParseMeterStats reads the body of a reply about one meter that AppendMeter has made: how many packets it has stopped.
func ParseMeterStats(body []byte) (stopped uint64, err error) {
	const band = 40 // where the numbers of the first band are
	if len(body) < band+8 {
		return 0, fmt.Errorf("statistics of a meter in %d bytes", len(body))
	}
	return binary.BigEndian.Uint64(body[band:]), nil
}
