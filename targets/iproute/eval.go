package iproute

import (
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// Exit is where a packet leaves a node by our tables. The zero value: none of them says, and it goes as all others do.
type Exit struct {
	Device string
	Hop    netip.Addr // the destination itself where that is on the link
	Remote netip.Addr // for the tunnel: the node that gets it
	Lost   bool       // it is refused, or nobody answers for Hop
}

// Leave says where a packet with a mark goes, by rules, routes, neighbours and the tunnel's entries, as the kernel has them: the first
// rule whose table has an answer, in it the longest prefix.
func (s *Stack) Leave(packet uint32, src, dst netip.Addr) Exit {
	for _, r := range s.Rules {
		matches := packet&r.Mask == r.Mark
		if r.From.IsValid() {
			matches = src == r.From
		}
		if !matches || r.Family != ir.FamilyOf(dst) {
			continue
		}
		if best := s.lookup(r.Table, dst); best != nil && best.Type != Throw {
			return s.exit(best, dst)
		}
	}
	return Exit{}
}

func (s *Stack) lookup(table uint32, dst netip.Addr) *Route {
	var best *Route
	for i := range s.Routes {
		r := &s.Routes[i]
		if r.Table == table && r.Dst.Contains(dst) && (best == nil || r.Dst.Bits() > best.Dst.Bits()) {
			best = r
		}
	}
	return best
}

func (s *Stack) exit(r *Route, dst netip.Addr) Exit {
	if r.Type == Unreachable || r.Device != Transport && !s.has(r.Device) {
		return Exit{Lost: true}
	}
	out := Exit{Device: r.Device, Hop: r.Via}
	if !r.Via.IsValid() {
		out.Hop = dst
	}
	if r.Device == Tunnel {
		out.Remote = s.behind(out.Hop)
		out.Lost = !out.Remote.IsValid()
	}
	return out
}

func (s *Stack) has(device string) bool {
	for i := range s.Links {
		if s.Links[i].Name == device {
			return true
		}
	}
	return false
}

// behind is the node that the tunnel sends packets for a next hop to.
func (s *Stack) behind(hop netip.Addr) netip.Addr {
	for _, n := range s.Neighbours {
		for _, f := range s.Forwards {
			if n.Addr == hop && n.MAC == f.MAC && n.Device == Tunnel && f.Device == Tunnel {
				return f.Remote
			}
		}
	}
	return netip.Addr{}
}
