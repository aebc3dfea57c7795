package nft

import (
	"encoding/binary"
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// Departing is a forwarded packet that may leave the cluster, and what is known of its connection.
type Departing struct {
	Src, Dst         netip.Addr
	Mark, Connection uint32     // the marks that it and its connection have
	From, Into       bool       // it came through the tunnel; it is routed into the tunnel
	Reply            bool       // it is sent by the one that was dialled
	Unknown          bool       // connection tracking knows of no connection
	Confirmed        bool       // it begins no connection
	As               netip.Addr // what its connection's source is translated to, if Confirmed; the zero value: it is not
}

// Departed is what becomes of it.
type Departed struct {
	Dropped          bool
	Mark, Connection uint32
	Src              netip.Addr
	Limit            string // that it counts for
}

// Depart tells what becomes of a packet that may leave the cluster, by the chains that are there for that.
func (e *Evaluator) Depart(p Departing) Departed { return e.DepartAcross(e, p) }

// DepartAcross is Depart for a packet that is being routed when other rules take the place of these.
func (e *Evaluator) DepartAcross(other *Evaluator, p Departing) Departed {
	w := departing{walk{Evaluator: e, packet: ir.Packet{Src: p.Src.Unmap(), Dst: p.Dst.Unmap()}, trace: &Trace{}}, p,
		Departed{Mark: p.Mark, Connection: p.Connection, Src: p.Src.Unmap()}}
	w.base(Prerouting, false)
	w.Evaluator = other
	if !p.Confirmed && !p.Unknown && !p.Reply {
		w.base(Postrouting, true)
	} else if p.As.IsValid() {
		w.out.Src = p.As
	}
	w.walk.packet.Src = w.out.Src
	w.base(Postrouting, false)
	return w.out
}

// departing is the way of such a packet.
type departing struct {
	walk
	in  Departing
	out Departed
}

// base goes through the base chains of a hook that are for Egresses.
func (w *departing) base(h Hook, isNAT bool) {
	for _, c := range w.bases {
		if c.Hook == h && c.NAT == isNAT && (isLeave(c) || isLeft(c)) && !w.out.Dropped {
			w.run(c)
		}
	}
}

// run goes through a chain and reports whether the base chain has ended.
func (w *departing) run(c *Chain) (ended bool) {
	for _, r := range c.Rules {
		if !w.matchesAll(r) {
			continue
		}
		w.mark(r)
		v := r.Verdict
		if v.Kind == Dispatch {
			el := w.sets[v.Target].find(w.key(v.Key))
			if el == nil {
				continue
			}
			v = el.Verdict
		}
		switch v.Kind {
		case Continue, Fit:
		case Goto:
			return w.run(w.chains[v.Target])
		case Source4, Source6:
			if el := w.sets[v.Target].find(w.key(v.Key)); el != nil {
				w.out.Src, _ = netip.AddrFromSlice([]byte(el.Data))
				return true
			}
		default:
			w.out.Dropped = w.out.Dropped || v.Kind == Drop || v.Kind == Reset
			return true
		}
	}
	return false
}

func (w *departing) mark(r *Rule) {
	w.out.Mark |= r.Mark
	switch m := r.Marking; {
	case !m.Connection:
		w.out.Mark = w.out.Mark&^m.Mask | m.Bits
	case !w.in.Unknown:
		w.out.Connection = w.out.Connection&^m.Mask | m.Bits
	}
}

func (w *departing) key(k *Key) Value {
	switch {
	case k.Fields[0] != CtMark:
		return w.value(k.Fields[0])
	case w.in.Unknown:
		return ""
	}
	return markValue(w.out.Connection & k.Mask)
}

func (w *departing) matchesAll(r *Rule) bool {
	for _, m := range r.Matches {
		if !w.holds(m) {
			return false
		}
	}
	return true
}

func (w *departing) holds(m Match) bool {
	if m.Limit != "" {
		if el := w.sets[m.Limit].find(w.value(m.Fields[0])); el != nil {
			w.out.Limit = el.Limit
		}
		return false
	}
	known := !w.in.Unknown
	switch m.Fields[0] {
	case CtReply:
		return known && w.in.Reply
	case CtConfirmed:
		return known && w.in.Confirmed
	case CtNone, CtInvalid:
		return !known
	case InTunnel:
		return w.in.From
	case OutTunnel:
		return w.in.Into
	case SYN:
		return false // where only Fit follows
	case CtMark:
		bits := binary.BigEndian.Uint32([]byte(m.From))
		return known && w.out.Connection&bits == bits
	case CtMarkAny:
		return known && w.out.Connection&binary.BigEndian.Uint32([]byte(m.From)) != 0
	}
	return w.match(m)
}
