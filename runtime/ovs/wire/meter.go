package wire

import "encoding/binary"

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
