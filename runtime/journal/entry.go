package journal

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/packet"
)

// entry is a line, in the order of its fields. docs/logs.md explains them.
type entry struct {
	Time        string   `json:"time"`
	Node        string   `json:"node"`
	Direction   string   `json:"direction,omitempty"`
	Policy      string   `json:"policy,omitempty"`
	Rule        string   `json:"rule,omitempty"`
	Name        string   `json:"name,omitempty"`
	ID          string   `json:"id,omitempty"`
	Also        []string `json:"also,omitempty"`
	Action      string   `json:"action,omitempty"`
	Label       string   `json:"label,omitempty"`
	Protocol    string   `json:"protocol,omitempty"`
	Source      string   `json:"source,omitempty"`
	SourcePort  *uint16  `json:"sourcePort,omitempty"`
	Destination string   `json:"destination,omitempty"`
	DestPort    *uint16  `json:"destinationPort,omitempty"`
	ICMPType    *uint16  `json:"icmpType,omitempty"`
	ICMPCode    *uint16  `json:"icmpCode,omitempty"`
	Packets     uint64   `json:"packets,omitempty"`
	Suppressed  uint64   `json:"suppressed,omitempty"`
	Lost        uint64   `json:"lost,omitempty"`
}

// encode gives the line with its end.
func (e *entry) encode() []byte {
	b, err := json.Marshal(e)
	if err != nil {
		return nil // strings and numbers can always be marshalled
	}
	return append(b, '\n')
}

// stamp gives a time of RFC 3339 in UTC, to the microsecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

// flow is what a line says of a packet.
type flow struct {
	proto    ir.Proto
	src, dst netip.Addr
	ported   bool // sport and dport are there: ports, or type and code of ICMP
	sport    uint16
	dport    uint16
}

func flowOf(p *packet.IP) flow {
	f := flow{proto: p.Proto, src: p.Src, dst: p.Dst}
	if kind, code, ok := p.ICMP(); ok {
		f.sport, f.dport, f.ported = uint16(kind), uint16(code), true
	} else {
		f.sport, f.dport, f.ported = p.Ports()
	}
	return f
}

func (f *flow) isICMP() bool { return f.proto == ir.ProtoICMP || f.proto == ir.ProtoICMPv6 }

// packet is the flow as the IR has it.
func (f *flow) packet() ir.Packet {
	p := ir.Packet{Src: f.src, Dst: f.dst, Proto: f.proto, SrcPort: f.sport, DstPort: f.dport}
	if f.isICMP() {
		p.SrcPort, p.DstPort = 0, f.sport<<8|f.dport
	}
	return p
}

// describe begins the line of a packet, or with a key that has only a rule, one about the rule.
func (j *Journal) describe(k key, at time.Time) entry {
	e := entry{Time: stamp(at), Node: j.node, ID: fmt.Sprintf("%012x", uint64(k.rule))}
	for _, t := range j.rules {
		if r := t.rules[k.rule]; r != nil {
			e.Direction = t.direction(r, &k.flow)
			e.Policy, e.Rule, e.Name, e.Also = r.policy, r.rule, r.name, r.also
			e.Action, e.Label = r.action.String(), r.label
			break
		}
	}
	f := k.flow
	if !f.src.IsValid() {
		return e
	}
	e.Protocol, e.Source, e.Destination = f.proto.String(), f.src.String(), f.dst.String()
	switch {
	case !f.ported:
	case f.isICMP():
		e.ICMPType, e.ICMPCode = &f.sport, &f.dport
	default:
		e.SourcePort, e.DestPort = &f.sport, &f.dport
	}
	return e
}
