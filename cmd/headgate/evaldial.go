package main

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// served is what a judgement says of the Service that was dialled.
type served struct {
	Name       string     `json:"name"`
	Via        string     `json:"via,omitempty"` // the node that balances
	Outcome    string     `json:"outcome"`
	Backends   int        `json:"backends"` // of which this is one
	Masquerade netip.Addr `json:"masquerade,omitzero"`
	Affinity   string     `json:"affinity,omitempty"`
}

// entrance finds the node that a packet dials on or through: the one that --via names, the client's own, the one that has the
// destination, or the first; nil if there is no node.
func entrance(p *ir.Program, via string, from, to place.Place) (*ir.Node, error) {
	named := func(name string) *ir.Node {
		if i := slices.IndexFunc(p.Nodes, func(n *ir.Node) bool { return n.Name == name }); i >= 0 {
			return p.Nodes[i]
		}
		return nil
	}
	switch {
	case via != "" && named(via) == nil:
		return nil, fmt.Errorf("--via: there is no node %s", via)
	case via != "":
		return named(via), nil
	case from.Endpoint != nil && named(from.Endpoint.Node) != nil:
		return named(from.Endpoint.Node), nil
	case from.Node != nil:
		return from.Node, nil
	case to.Node != nil:
		return to.Node, nil
	case len(p.Nodes) > 0:
		return p.Nodes[0], nil
	}
	return nil, nil
}

// sideOf tells where a client is, seen from a node.
func sideOf(p *ir.Program, node *ir.Node, from place.Place, client netip.Addr) ir.Side {
	switch e := from.Endpoint; {
	case node == nil:
		return ir.OutsideSide
	case e != nil && e.Kind == ir.PodEndpoint && e.Node == node.Name:
		return ir.OwnPod
	case from.Node != nil && from.Node.Name == node.Name:
		return ir.OwnNode
	case e != nil && e.Kind == ir.PodEndpoint:
		return ir.Inside
	case from.Node != nil:
		return ir.OutsideSide
	}
	if slices.ContainsFunc(p.Nodes, func(n *ir.Node) bool {
		return slices.ContainsFunc(n.PodCIDRs, func(c netip.Prefix) bool { return c.Contains(client) })
	}) {
		return ir.Inside
	}
	return ir.OutsideSide
}

// dial judges a packet that may be sent to a Service: one judgement for each backend that it can get, or one that says why it gets
// none. It gives none if what is dialled is no Service.
func (o *evalOptions) dial(e *ir.ProgramEvaluator, program *ir.Program, p ir.Packet, from, to place.Place) ([]judgement, error) {
	node, err := entrance(program, o.via, from, to)
	if err != nil || node == nil {
		return nil, err
	}
	b := program.Dial(node, sideOf(program, node, from, p.Src), p)
	if b.Outcome == ir.NotService {
		return nil, nil
	}
	about := served{Name: b.Service.String(), Via: node.Name, Outcome: b.Outcome.String(), Backends: len(b.Targets)}
	if b.Affinity > 0 {
		about.Affinity = b.Affinity.String()
	}
	if b.Outcome != ir.Balance {
		return []judgement{noBackend(p, from, to, about)}, nil
	}
	var out []judgement
	for _, target := range b.Targets {
		q, one := p, about
		q.Dst, q.DstPort, q.Dialled = target.Addr(), target.Port(), netip.AddrPortFrom(p.Dst, p.DstPort)
		if b.Masquerade {
			if at := slices.IndexFunc(node.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == ir.FamilyOf(q.Dst) }); at >= 0 {
				one.Masquerade = node.Addrs[at]
			}
		}
		backend, err := place.Find(program, q.Dst.String(), "")
		if err != nil {
			return nil, err
		}
		if backend.Endpoint != nil {
			backend.Name = backend.Endpoint.String()
		}
		j := judgeVia(e, q, from, backend, one.seenAs(backend, node))
		j.Service = &one
		out = append(out, j)
	}
	return out, nil
}

// seenAs is the source address that the policies of a backend see: the node's only if the packet leaves that node translated.
func (s *served) seenAs(backend place.Place, via *ir.Node) netip.Addr {
	if backend.Endpoint != nil && backend.Endpoint.Node == via.Name {
		return netip.Addr{}
	}
	return s.Masquerade
}

func noBackend(p ir.Packet, from, to place.Place, about served) judgement {
	j := judgement{From: from, To: to, Source: from.Name, SourceIP: p.Src, Dest: to.Name, DestIP: p.Dst, Traffic: trafficText(p), Service: &about}
	j.Verdict = ir.Drop
	why := "no backend may have it, or its source may not dial"
	if about.Outcome == ir.Refuse.String() {
		j.Verdict, why = ir.Reject, "the Service has no backend"
	}
	j.Decisions = []decision{{Direction: "service", Action: j.Verdict, Reason: why}}
	return j
}

// text is a line about the Service.
func (s *served) text() string {
	line := fmt.Sprintf("  service  %s on %s: %s", s.Name, s.Via, s.Outcome)
	if s.Backends > 0 {
		line += fmt.Sprintf(", one of %d", s.Backends)
	}
	if s.Affinity != "" {
		line += ", the same for " + s.Affinity
	}
	if s.Masquerade.IsValid() {
		line += ", from " + s.Masquerade.String()
	}
	return line + "\n"
}
