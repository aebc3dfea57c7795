package agent

import (
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// Stale tells which connections over UDP must be forgotten after the frontends of a node have changed: a client that goes on
// sending never begins anew, and connection tracking would lead it where it was led first. TCP and SCTP have ends of their own: what
// is open to a backend that is gone stays as it is, until one of both sides gives up. Source of the rule: what kube-proxy documents
// of UDP, and does with entries of connection tracking.
type Stale struct {
	dials map[netip.AddrPort]staleDial
}

// staleDial is what is left of what is dialled by UDP.
type staleDial struct {
	targets map[netip.AddrPort]bool
	known   bool // a Service balances it, so that a connection that leads nowhere has no business
}

// StaleAfter compares a node's Pipelines before and after a change. Only what has lost a target, or has got its first one, is
// looked at. Cost: a walk over both lists of frontends.
func StaleAfter(old, new *ir.Pipeline) *Stale {
	s := &Stale{dials: map[netip.AddrPort]staleDial{}}
	i, j := 0, 0
	for i < len(old.Frontends) || j < len(new.Frontends) {
		var was, is *ir.Frontend
		order := 0
		switch {
		case i == len(old.Frontends):
			order = 1
		case j == len(new.Frontends):
			order = -1
		default:
			if old.Frontends[i] != new.Frontends[j] {
				order = old.Frontends[i].Entry.Compare(new.Frontends[j].Entry)
			}
		}
		if order <= 0 {
			was, i = old.Frontends[i], i+1
		}
		if order >= 0 {
			is, j = new.Frontends[j], j+1
		}
		if was != is {
			s.compare(old, was, new, is)
		}
	}
	return s
}

// compare looks at one frontend, which may be missing before or after.
func (s *Stale) compare(old *ir.Pipeline, was *ir.Frontend, new *ir.Pipeline, is *ir.Frontend) {
	entry := entryOf(was, is)
	if entry.Proto != ir.ProtoUDP {
		return
	}
	before, after := targetsOf(was), targetsOf(is)
	loses := false
	for t := range before {
		loses = loses || !after[t]
	}
	if !loses && (len(before) > 0 || len(after) == 0) {
		return
	}
	addrs := []netip.Addr{entry.Addr}
	if !entry.Addr.IsValid() {
		addrs = append(ownAddrs(old, entry.Family), ownAddrs(new, entry.Family)...)
	}
	for _, a := range addrs {
		s.dials[netip.AddrPortFrom(a, entry.Port)] = staleDial{after, len(after) > 0}
	}
}

func entryOf(frontends ...*ir.Frontend) ir.Entry {
	for _, f := range frontends {
		if f != nil {
			return f.Entry
		}
	}
	return ir.Entry{}
}

func ownAddrs(p *ir.Pipeline, f ir.Family) []netip.Addr {
	var out []netip.Addr
	for _, n := range p.Nodes {
		for _, a := range n.Addrs {
			if n.Name == p.Node && ir.FamilyOf(a) == f {
				out = append(out, a)
			}
		}
	}
	return out
}

// targetsOf gives all that a frontend leads to, for clients on any side.
func targetsOf(f *ir.Frontend) map[netip.AddrPort]bool {
	out := map[netip.AddrPort]bool{}
	if f == nil {
		return out
	}
	for _, r := range f.Routes {
		if r.Outcome != ir.Balance {
			continue
		}
		for _, t := range r.Pool.Targets {
			out[t] = true
		}
	}
	return out
}

// IsEmpty reports whether nothing is stale.
func (s *Stale) IsEmpty() bool { return len(s.dials) == 0 }

// Has reports whether a connection over UDP to what was dialled, which leads to target, is stale. What was not translated leads to
// what was dialled.
func (s *Stale) Has(dialled, target netip.AddrPort) bool {
	d, looked := s.dials[dialled]
	if !looked || d.targets[target] {
		return false
	}
	return dialled != target || d.known
}
