package nft

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// isService reports whether a base chain is there for Services, and judges nothing.
func isService(c *Chain) bool {
	return c.NAT || c.Name == chainAffinityIn || c.Name == chainAffinityOut
}

// Dial tells what becomes of a packet that begins a connection to what may be a Service. side is where its source is; of that
// only OwnNode is believed, the ruleset must tell the rest by itself. Service is not set. Affinity counts if what a client gets is
// both looked up and learned.
func (e *Evaluator) Dial(side ir.Side, p ir.Packet) ir.Balanced {
	d := dialling{walk: walk{Evaluator: e, packet: p, trace: &Trace{}}, isOwn: side == ir.OwnNode}
	for _, c := range e.bases {
		if c.NAT && c.Hook == d.hook() && d.run(c) {
			break
		}
	}
	if d.out.Outcome == ir.Balance {
		slices.SortFunc(d.out.Targets, netip.AddrPort.Compare)
		d.afterwards()
	}
	return d.out
}

// dialling is the way of a packet that begins a connection through the chains for Services.
type dialling struct {
	walk
	isOwn      bool // it comes from this machine
	mark       uint32
	translated bool
	remembered []string // the maps in which the client was looked up; it is in none
	learned    []string // the maps into which it was put
	masquerade bool
	out        ir.Balanced
}

func (d *dialling) hook() Hook {
	if d.isOwn {
		return Output
	}
	return Prerouting
}

// run goes through a chain and reports whether the base chain has ended.
func (d *dialling) run(c *Chain) (ended bool) {
	for _, r := range c.Rules {
		if !d.matchesAll(r) {
			continue
		}
		d.mark |= r.Mark
		if r.Learn.Map != "" {
			d.learned = append(d.learned, r.Learn.Map)
		}
		v := r.Verdict
		if v.Kind == Dispatch {
			el := d.sets[v.Target].find(d.key(v.Key.Fields))
			if el == nil {
				continue
			}
			v = el.Verdict
		}
		switch v.Kind {
		case Continue:
		case Return:
			return false
		case Jump, Goto:
			if d.run(d.chains[v.Target]) {
				return true
			}
			if v.Kind == Goto {
				return false
			}
		default:
			if d.verdict(v) {
				return true
			}
		}
	}
	return false
}

// verdict carries out one that may end the base chain, and reports whether it does.
func (d *dialling) verdict(v Verdict) bool {
	switch v.Kind {
	case Drop:
		d.out.Outcome = ir.Discard
	case Refuse:
		d.out.Outcome = ir.Refuse
	case Masquerade:
		d.masquerade = true
	case Translate4, Translate6:
		return d.translate(v)
	}
	return true
}

// translate collects everything that the packet may be translated to.
func (d *dialling) translate(v Verdict) bool {
	m := d.sets[v.Target]
	if m.set.Lifetime > 0 {
		d.remembered = append(d.remembered, v.Target)
		return false
	}
	fields := v.Key.Fields[:len(v.Key.Fields)-1]
	for n := range v.Key.Modulus {
		el := m.find(d.key(fields) + Value(binary.BigEndian.AppendUint32(nil, n)))
		if el == nil {
			continue
		}
		cut := len(el.Data) - InetService.Len()
		addr, _ := netip.AddrFromSlice([]byte(el.Data[:cut]))
		d.out.Targets = append(d.out.Targets, netip.AddrPortFrom(addr, binary.BigEndian.Uint16([]byte(el.Data[cut:]))))
	}
	if len(d.out.Targets) > 0 {
		d.out.Outcome = ir.Balance
	}
	return len(d.out.Targets) > 0
}

// afterwards follows the translated packet: what is learned, and for which targets its source is translated.
func (d *dialling) afterwards() {
	d.translated = true
	d.packet.Dialled = netip.AddrPortFrom(d.packet.Dst, d.packet.DstPort)
	d.packet.Dst, d.packet.DstPort = d.out.Targets[0].Addr(), d.out.Targets[0].Port()
	for _, c := range d.bases {
		if isService(c) && !c.NAT && c.Hook == d.hook() {
			d.run(c)
		}
	}
	for _, name := range d.learned {
		if slices.Contains(d.remembered, name) {
			d.out.Affinity = max(d.out.Affinity, d.lifetime(name))
		}
	}
	for _, target := range d.out.Targets {
		if !d.own[target.Addr()] && d.isMasked(target) {
			d.out.Masked = append(d.out.Masked, target)
		}
	}
}

// isMasked reports whether the source becomes the node's own where the packet leaves for a target, but for what reaches itself.
func (d *dialling) isMasked(target netip.AddrPort) bool {
	d.masquerade, d.packet.Src, d.packet.Dst, d.packet.DstPort = false, unspecified(target.Addr()), target.Addr(), target.Port()
	for _, c := range d.bases {
		if c.NAT && c.Hook == Postrouting && !isLeave(c) {
			d.run(c)
		}
	}
	return d.masquerade
}

func (d *dialling) lifetime(name string) time.Duration { return d.sets[name].set.Lifetime }

func unspecified(a netip.Addr) netip.Addr {
	if ir.FamilyOf(a) == ir.IPv4 {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

func (d *dialling) key(fields []Field) Value {
	var v Value
	for _, f := range fields {
		part := d.value(f)
		if part == "" {
			return ""
		}
		v += part
	}
	return v
}

func (d *dialling) matchesAll(r *Rule) bool {
	for _, m := range r.Matches {
		if !d.holds(m) {
			return false
		}
	}
	return true
}

func (d *dialling) holds(m Match) bool {
	switch m.Fields[0] {
	case CtNew:
		return true
	case CtDNAT:
		return d.translated
	case Mark:
		bits := binary.BigEndian.Uint32([]byte(m.From))
		return d.mark&bits == bits
	case SrcLocal:
		return d.isOwn
	}
	return d.match(m)
}
