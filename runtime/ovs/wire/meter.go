package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/headgate-net/headgate/targets/openflow"
)

// meterMod is the type of METER_MOD.
const meterMod Type = 29

// What is said of a meter: what it counts, that bursts are allowed, and that it keeps statistics; and its one band.
const (
	meterKilobits, meterPackets, meterBurst, meterStatistics = 1 << 0, 1 << 1, 1 << 2, 1 << 3

	dropBand, bandSize = 1, 16
)

// AppendMeter appends a METER_MOD that adds a meter which drops what exceeds a number of packets a second, bursts of as many
// allowed. A switch that has one of that number answers with an error.
func AppendMeter(b []byte, xid, meter, perSecond uint32) []byte {
	return appendMeter(b, xid, Add, meterPackets, &openflow.Meter{ID: meter, Rate: perSecond, Burst: perSecond})
}

// AppendMeterMod appends a METER_MOD. No bundle can have it.
func AppendMeterMod(b []byte, xid uint32, command Command, m *openflow.Meter) []byte {
	return appendMeter(b, xid, command, meterKilobits, m)
}

func appendMeter(b []byte, xid uint32, command Command, unit uint16, m *openflow.Meter) []byte {
	from := len(b)
	b = binary.BigEndian.AppendUint16(begin(b, meterMod, xid), uint16(command))
	b = appendMeterConfig(b, unit, m)
	if command == Delete {
		b = b[:len(b)-bandSize]
		binary.BigEndian.PutUint16(b[from+HeaderLen+2:], 0)
	}
	b, _ = finish(b, from)
	return b
}

// appendMeterConfig appends a meter's flags, ID and band.
func appendMeterConfig(b []byte, unit uint16, m *openflow.Meter) []byte {
	b = binary.BigEndian.AppendUint16(b, unit|meterBurst|meterStatistics)
	b = binary.BigEndian.AppendUint32(b, m.ID)
	b = binary.BigEndian.AppendUint32(appendHead(b, dropBand, bandSize), m.Rate)
	return zeros(binary.BigEndian.AppendUint32(b, m.Burst), 4)
}

// MeterDescs is the multipart message about what meters do.
const MeterDescs Multipart = 10

const allMeters = 0xffffffff

// AppendMeterDescs appends a request for all meters.
func AppendMeterDescs(b []byte, xid uint32) []byte {
	from := len(b)
	b, _ = finish(zeros(binary.BigEndian.AppendUint32(beginMultipart(b, xid, MeterDescs), allMeters), 4), from)
	return b
}

// MeterDesc is a meter that a switch has. If it does anything else than a target's, Foreign is a text of all of it.
type MeterDesc struct {
	Meter   openflow.Meter
	Foreign string
}

// ParseMeterDesc reads the first meter of the body of a reply about MeterDescs and returns the rest of it.
func ParseMeterDesc(b []byte) (d MeterDesc, rest []byte, err error) {
	const head = 8
	one, rest, err := first(b, head)
	if err != nil {
		return d, nil, err
	}
	d.Meter.ID = binary.BigEndian.Uint32(one[4:])
	if len(one) == head+bandSize {
		d.Meter.Rate, d.Meter.Burst = binary.BigEndian.Uint32(one[head+4:]), binary.BigEndian.Uint32(one[head+8:])
	}
	if !bytes.Equal(one[2:], appendMeterConfig(nil, meterKilobits, &d.Meter)) {
		d.Foreign = fmt.Sprintf("%s %x", d.Meter.Key(), one)
	}
	return d, rest, nil
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
