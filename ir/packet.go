package ir

import (
	"net/netip"

	"github.com/headgate-net/headgate/internal/source"
)

// Packet is what Eval judges: the first packet of a connection, after any translation of its destination. For ICMP and
// ICMPv6, DstPort is type<<8|code, for IGMP type<<8.
type Packet struct {
	Src, Dst         netip.Addr
	Proto            Proto
	SrcPort, DstPort uint16
	Dialled          netip.AddrPort // where the client sent it to, if that is not Dst and DstPort; the zero value: it is
	Established      bool           // part of, or related to, a connection that was allowed before
}

// Dial is where the client sent the packet to.
func (p Packet) Dial() Dial {
	if p.Dialled.IsValid() {
		return Dial{p.Dialled.Addr().Unmap(), p.Proto, p.Dialled.Port()}
	}
	return Dial{p.Dst.Unmap(), p.Proto, p.DstPort}
}

// Decision says how one direction judged a packet, and why. Origins are the declarations that decided; empty when Reason
// alone explains it ("no policy applies", "established", "from the pod's own node", ...).
type Decision struct {
	Direction Direction
	Endpoint  *Endpoint // the endpoint whose policies judged; nil if that side is no endpoint (of this node)
	Action    Action    // Allow, Drop or Reject
	Phase     Phase     // of the deciding rule, when Origins is not empty
	Origins   []*source.Origin
	Reason    string
	Logged    []Logging // of the rules with Logging that the packet met, in order: those that passed it on, and the deciding one
}

// Verdict is the outcome for a packet: Action is that of the last decision; a direction is only judged if the one before it
// allowed.
type Verdict struct {
	Action    Action
	Decisions []Decision
}
