package openflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// Check tells every breach of what Lower promises: flows in order and distinct, matches in order with their prerequisites,
// actions or conjunctions, packets going forward only, known tables, our marker in each cookie, no flow too large for a message,
// only associations and affinity being learned, and for every conjunction all of its clauses and the flow that it leads to at one priority.
func Check(p *Pipeline) error {
	c := &checker{parts: map[conjPlace]*conjParts{}}
	for i := range p.Flows {
		f := &p.Flows[i]
		c.expect(i == 0 || p.Flows[i-1].Compare(f) < 0, f, "is out of order or repeated")
		_, known := f.Table.Info()
		c.expect(known, f, "is in no table of ours")
		c.expect(f.Cookie&CookieMask == CookieMarker, f, "has a foreign cookie")
		c.match(f)
		c.actions(f)
		c.conjunctions(f)
	}
	for place, parts := range c.parts {
		if parts.flow == nil || parts.clauses != 1<<parts.of-1 || parts.of < 2 {
			c.errs = append(c.errs, fmt.Errorf("conjunction %d in table %d at priority %d is not complete", place.id, place.table, place.priority))
		}
	}
	slices.SortFunc(c.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(c.errs...)
}

type conjPlace struct {
	table    Table
	priority uint16
	id       uint32
}

type conjParts struct {
	flow    *Flow
	of      uint8
	clauses uint64
}

type checker struct {
	errs  []error
	parts map[conjPlace]*conjParts
}

func (c *checker) expect(ok bool, f *Flow, what string) {
	if !ok {
		c.errs = append(c.errs, fmt.Errorf("%s %s", f.Key(), what))
	}
}

// needs gives the Ethernet type and IP protocols that a field presupposes; 0 and nil mean any.
func (f Field) needs() (eth uint64, protos []uint64) {
	switch f {
	case IPv4Src, IPv4Dst, CTDst4:
		return ethIPv4, nil
	case IPv6Src, IPv6Dst, CTDst6:
		return ethIPv6, nil
	case L4Src, L4Dst:
		return 0, []uint64{6, 17, 132}
	case ICMPType, ICMPCode:
		return 0, []uint64{1, 58}
	case ARPOp, ARPSrc, ARPDst, ARPSrcMAC, ARPDstMAC:
		return ethARP, nil
	case NDTarget, NDSourceMAC, NDTargetMAC:
		return ethIPv6, []uint64{58}
	}
	return 0, nil
}

func (c *checker) match(f *Flow) {
	var eth, proto, dialled uint64
	connected := false
	for i, t := range f.Match {
		c.expect(i == 0 || f.Match[i-1].Field < t.Field, f, "has conditions out of order or twice on one field")
		c.expect(t.Value.And(t.Mask) == t.Value && t.Mask != Value{}, f, "has a condition with bits outside of its mask")
		switch t.Field {
		case EthType:
			eth = t.Value.Lo
		case IPProto:
			proto = t.Value.Lo
			c.expect(eth == ethIPv4 || eth == ethIPv6, f, "has an IP protocol without IP")
		case CTState:
			// Any of the first three bits says that the packet has a connection, and so does the denial that it is invalid.
			connected = t.Value.Lo&(ctNew|ctEstablished|ctRelated) != 0 ||
				t.Value.Lo&(ctTracked|ctInvalid) == ctTracked && t.Mask.Lo&ctInvalid != 0
		case CTProto:
			dialled = t.Value.Lo
			c.expect(connected && eth != 0, f, "looks at connections of packets that may have none")
		case CTDst4, CTDst6:
			c.expect(dialled != 0, f, "looks for what was dialled without its protocol")
		case CTPort:
			c.expect(ir.Proto(dialled).HasPorts(), f, "looks for a port of a protocol without ports")
		}
		needEth, needProtos := t.Field.needs()
		c.expect(needEth == 0 || needEth == eth, f, "lacks the Ethernet type for "+t.Field.info().match)
		c.expect(needProtos == nil || slices.Contains(needProtos, proto), f, "lacks the protocol for "+t.Field.info().match)
	}
}

func (c *checker) actions(f *Flow) {
	c.expect(len(f.Actions) == 0 || len(f.Conjunctions) == 0, f, "has actions besides conjunctions")
	c.expect(len(f.Conjunctions) <= MaxClauses, f, "has too many conjunctions")
	for i, a := range f.Actions {
		last := i == len(f.Actions)-1
		if a.Op == Goto || a.Op == Track || a.Op == TrackBack || a.Op == Balance || a.Op == Masquerade {
			c.expect(a.Table > f.Table && last, f, "does not go forward, or not last")
		}
		c.expect(a.Op != Metered || i == 0, f, "meters packets too late")
		c.expect(!a.tracks() || f.isIP(), f, "tracks what may be no IP packet")
		c.expect(a.Op != Resubmit || a.Table > f.Table, f, "does not resubmit forward")
		if a.Op == LearnFlow {
			c.learn(f, a.Learn)
		}
	}
}

// tracks reports whether an action is one of connection tracking, which Open vSwitch takes for IP packets alone.
func (a Action) tracks() bool {
	switch a.Op {
	case Track, TrackNew, TrackBack, Balance, Admit, Masquerade, Depart, Arrive:
		return true
	}
	return false
}

func (f *Flow) isIP() bool {
	return slices.ContainsFunc(f.Match, func(t Term) bool { return t.Field == EthType && (t.Value.Lo == ethIPv4 || t.Value.Lo == ethIPv6) })
}

// learn checks the flow that f makes the switch learn.
func (c *checker) learn(f *Flow, l *Learn) {
	c.expect(l.IdleTimeout > 0, f, "learns flows without end")
	for _, t := range l.Match {
		c.expect(slices.Contains(f.Match, t), f, "learns from packets that it need not match")
	}
	learned := l.Flow(&Frame{})
	c.expect(IsAssociation(&learned) || IsAffinity(&learned), f, "learns a flow that is not ours")
	c.match(&learned)
}

func (c *checker) conjunctions(f *Flow) {
	at := func(id uint32) *conjParts {
		place := conjPlace{f.Table, f.Priority, id}
		if c.parts[place] == nil {
			c.parts[place] = &conjParts{}
		}
		return c.parts[place]
	}
	for _, con := range f.Conjunctions {
		parts := at(con.ID)
		c.expect(parts.of == 0 || parts.of == con.Of, f, "disagrees on a conjunction's clauses")
		parts.of = con.Of
		parts.clauses |= 1 << (con.Clause - 1)
	}
	for _, t := range f.Match {
		if t.Field == ConjID {
			at(uint32(t.Value.Lo)).flow = f
		}
	}
}
