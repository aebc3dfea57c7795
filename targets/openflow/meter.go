package openflow

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// MeterMarker is the upper half of the ID of every meter of ours for Egresses; meters have no cookies. It is small because a datapath
// has no more than some 200,000 meters.
const MeterMarker uint32 = 1 << 16

// maxMeters bounds the lower half.
const maxMeters = 60_000

// Meter drops what is more than a rate. Rate is in kilobits a second, Burst in kilobits; both are at least 1. Origins are not part of
// its text.
type Meter struct {
	ID      uint32
	Rate    uint32
	Burst   uint32
	Origins []*source.Origin
}

// IsOurs reports whether the ID has our marker.
func (m *Meter) IsOurs() bool { return m.ID&0xffff0000 == MeterMarker }

// Key is the meter's identity on the bridge: "meter=65540".
func (m *Meter) Key() string { return "meter=" + strconv.FormatUint(uint64(m.ID), 10) }

// String is the meter in ovs-ofctl syntax.
func (m *Meter) String() string {
	return fmt.Sprintf("%s,kbps,burst,stats,bands=type=drop,rate=%d,burst_size=%d", m.Key(), m.Rate, m.Burst)
}

// meter gives an Egress's limit its meter, by the SNATs of both families. Which ID it has depends on the Egress's name, rate and burst,
// so that another limit is another meter: no switch can change a meter and flows at once.
func (l *lowering) meter(s *ir.SNAT) (Action, bool) {
	key := fmt.Sprintf("%s %d %d", s.Egress, s.Limit.Rate, s.Limit.Burst)
	id, made := l.meterIDs[key]
	if !made {
		if len(l.meters) == maxMeters {
			l.report.Add(diag.CannotExpress, originOf(s), "more than %d Egresses with a bandwidth on one node", maxMeters)
			return Action{}, false
		}
		for id = MeterMarker | number(key)&0xffff; l.hasMeter(id); {
			id = MeterMarker | (id+1)&0xffff // in the order of SNATs
		}
		l.meterIDs[key] = id
		l.meters = append(l.meters, Meter{ID: id, Rate: kilo(s.Limit.Rate), Burst: kilo(s.Limit.Burst)})
	}
	at := slices.IndexFunc(l.meters, func(m Meter) bool { return m.ID == id })
	if s.Origin != nil {
		l.meters[at].Origins = append(l.meters[at].Origins, s.Origin)
	}
	return Action{Op: Metered, Value: Uint(uint64(id))}, true
}

func (l *lowering) hasMeter(id uint32) bool {
	return slices.ContainsFunc(l.meters, func(m Meter) bool { return m.ID == id })
}

// kilo gives thousands, rounded up: a limit is never none.
func kilo(n uint64) uint32 { return uint32(min(max((n+999)/1000, 1), 1<<32-1)) }

func originOf(s *ir.SNAT) source.Origin {
	if s.Origin == nil {
		return source.Origin{}
	}
	return *s.Origin
}
