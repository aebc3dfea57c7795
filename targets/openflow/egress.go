package openflow

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/mark"
)

// How pods leave the cluster by the address of an Egress.
//
// On the pod's node, what Forward has no other way for is looked at: where an Egress selects the pod, and the destination is not inside,
// it goes through the tunnel to the node that holds the address. That one lets it pass to its gateway, if the Egress selects the pod there,
// too. It is the node's own network stack that gives packets their new source and sends them out, and that translates the replies back,
// which the bridge sends through the tunnel as ever.
//
// A connection goes where it began to go: its mark says from its first packet on by which address it leaves, and later packets go where
// that one is held now. One without such a mark, from before there was the Egress or because somebody outside began it, stays without.
// One with the mark of an address that nobody holds any more has lost its way (see lost). On the holder connections pass by their
// marks, whatever pods the Egress selects by then.
//
// Of all that is inside, flows are there only for what can get this far. Local pods, the node's own addresses and what lies behind the
// tunnel have been routed; and no connection to an address of a Service whose rest is refused, which all cluster addresses of Services
// with ports are, remains untranslated. So the number of flows does not depend on the number of Services, unless something else serves
// those. What Inside joins to one prefix stays one, even if a part could go. Only packets of no connection at all, which connection
// tracking calls invalid, can meet such an address here: they go the way of new ones.
//
// Bandwidth is limited by meters on the node that holds the address, one for each Egress, for its pods on whatever node.
const (
	answerPriority = 400
	followPriority = 300
	stayPriority   = 250
	insidePriority = 200
	keptPriority   = 160
	lostPriority   = 150
	anewPriority   = 140
)

// DepartureMask is the part of CTMark that says by which address a connection leaves.
const DepartureMask = mark.ConnectionMask

// isForEgresses reports whether a table is there only on nodes that Egresses concern.
func isForEgresses(t Table) bool { return t >= Departure && t <= Bandwidth }

// leaves reports whether Egresses concern the node.
func (l *lowering) leaves() bool { return len(l.p.SNATs) > 0 }

// isHeld reports whether the node holds the address of an SNAT.
func (l *lowering) isHeld(s *ir.SNAT) bool { return s.Node != "" && s.Node == l.node.Name }

// holds reports whether packets may come through the tunnel to leave here.
func (l *lowering) holds() bool {
	return slices.ContainsFunc(l.p.SNATs, func(s ir.SNAT) bool { return l.isHeld(&s) })
}

// egresses writes the tables for Egresses, if there are any.
func (l *lowering) egresses() {
	if !l.leaves() {
		return
	}
	ids, fit := mark.Of(l.p)
	l.follow(ids)
	for _, f := range ir.Families() {
		for _, prefix := range l.met(f).Prefixes() {
			l.add(Departure, insidePriority, isPrefix(IPv4Dst, IPv6Dst, prefix), to(Plain))
		}
	}
	for i := range l.p.SNATs {
		s := &l.p.SNATs[i]
		id, known := ids[s.Addr]
		if !known && len(s.Sources) > 0 && s.Addr.IsValid() && s.Node != "" && !fit {
			l.report.Add(diag.TooManyExits, originOf(s), "%s of Egress %s is beyond the %d addresses by which packets can leave", s.Addr, s.Egress, mark.MaxRoutes)
		}
		l.begin(s, id)
		if l.isHeld(s) && s.Limit.Rate > 0 {
			l.limit(s)
		}
	}
	slices.SortFunc(l.meters, func(a, b Meter) int { return int(int64(a.ID) - int64(b.ID)) })
	l.add(Plain, 100, []Term{Is(regSource, fromPod)}, routing(fromGateway, GatewayRef, setRef(EthDst, GatewayRef))...)
	for _, t := range Tables() {
		switch {
		case isForEgresses(t.Table) && t.Miss == t.Table:
			l.add(t.Table, 0, nil)
		case isForEgresses(t.Table):
			l.add(t.Table, 0, nil, to(t.Miss))
		}
	}
}

// follow is about packets of connections that there are. An answer that the agent gives in a pod's name goes back to where the packet
// came from that it answers.
func (l *lowering) follow(ids map[netip.Addr]mark.Ids) {
	for _, how := range []uint64{answered, answeredBack} {
		l.add(Departure, answerPriority, []Term{Is(regSource, fromPod), Is(regScratch, how)}, to(Plain))
	}
	for i := range l.p.SNATs {
		s := &l.p.SNATs[i]
		if id, known := ids[s.Addr]; known {
			marked := IsMasked(CTMark, Uint(uint64(id.Connection)), Uint(uint64(DepartureMask)))
			match, actions := l.exit(s, marked)
			l.add(Departure, followPriority, match, actions...)
		}
	}
	unmarked := IsMasked(CTMark, Value{}, Uint(uint64(DepartureMask|Pending)))
	for _, bit := range []uint64{ctEstablished, ctRelated} {
		state := Uint(bit | ctTracked)
		l.add(Departure, stayPriority, []Term{Is(regSource, fromPod), IsMasked(CTState, state, state), unmarked}, to(Plain))
	}
	l.lost(Departure, []int{keptPriority, lostPriority, anewPriority}, nil, to(Source))
}

// lost is about connections with the mark of an address that nobody holds any more, among all that a table still has to send somewhere.
// The node's own network stack does not know them. What it takes for a beginning may begin anew, without that mark. The segments of TCP and
// what is related to a connection it would not: it would let some of them leave with the pod's own address. So a segment is given to over,
// and what is related is dropped. priorities are those of what has no such mark, of what is lost, and of what begins anew.
func (l *lowering) lost(t Table, priorities []int, over []Action, next ...Action) {
	established, related := Uint(ctEstablished|ctTracked), Uint(ctRelated|ctTracked)
	pod := Is(regSource, fromPod)
	l.add(t, priorities[0], []Term{pod, IsMasked(CTMark, Value{}, Uint(uint64(DepartureMask)))}, next...)
	for _, f := range ir.Families() {
		l.add(t, priorities[1], []Term{pod, ethOf(f), Is(IPProto, uint64(ir.ProtoTCP)), IsMasked(CTState, established, established)}, over...)
		l.add(t, priorities[2], []Term{pod, ethOf(f)}, slices.Insert(slices.Clone(next), 0, Action{Op: Depart, Zone: Zone})...)
	}
	l.add(t, priorities[1], []Term{pod, IsMasked(CTState, related, related)})
}

// exit is how packets with a condition leave by an SNAT: only the holder lets those pass that come from a tunnel. Without actions they
// are dropped.
func (l *lowering) exit(s *ir.SNAT, t ...Term) (match []Term, actions []Action) {
	if l.isHeld(s) {
		actions = routing(fromGateway, GatewayRef, setRef(EthDst, GatewayRef))
		actions[len(actions)-1] = to(Bandwidth)
		return t, actions
	}
	match = terms(t, Is(regSource, fromPod))
	if at := slices.IndexFunc(l.p.Nodes, func(n *ir.Node) bool { return n.Name == s.Node }); at >= 0 {
		if end, ok := tunnelEnd(l.p.Nodes[at]); ok {
			return match, routing(fromTunnel, TunnelRef, through(end)...)
		}
	}
	return match, nil
}

// begin is about an SNAT's first packets.
func (l *lowering) begin(s *ir.SNAT, id mark.Ids) {
	_, actions := l.exit(s)
	if len(actions) == 0 && s.Node != "" && len(s.Sources) > 0 {
		l.report.Add(diag.CannotExpress, originOf(s), "node %s has no address by which other nodes could send it what leaves by an Egress", s.Node)
	}
	if id.Connection == 0 {
		actions = nil
	}
	if len(actions) > 0 {
		actions = slices.Insert(actions, 0, Action{Op: Depart, Zone: Zone, Value: Uint(uint64(id.Connection))})
	}
	for _, a := range s.Sources {
		match, _ := l.exit(s, isAddr(IPv4Src, IPv6Src, a.Unmap())...)
		l.add(Source, 100, match, actions...)
	}
}

// limit makes the SNAT's pods share a meter.
func (l *lowering) limit(s *ir.SNAT) {
	meter, ok := l.meter(s)
	if !ok {
		return
	}
	for _, a := range s.Sources {
		l.add(Bandwidth, 100, isAddr(IPv4Src, IPv6Src, a.Unmap()), meter, to(IngressSubject))
	}
}

// met is what packets can meet of what is inside.
func (l *lowering) met(f ir.Family) ir.AddrSet {
	var single []netip.Addr
	for _, e := range l.p.Endpoints {
		single = append(single, e.Addrs...)
	}
	single = append(single, l.ownAddrs()...)
	var routed []netip.Prefix
	nodes := map[string]bool{}
	for _, n := range l.p.Nodes {
		if _, ok := tunnelEnd(n); ok && n.Name != l.node.Name {
			nodes[n.Name], routed = true, append(routed, n.PodCIDRs...)
		}
	}
	for _, e := range l.p.Remote {
		if nodes[e.Node] {
			single = append(single, e.Addrs...)
		}
	}
	for i := range l.p.Frontends {
		if e := &l.p.Frontends[i].Entry; e.IsRest() {
			single = append(single, e.Addr)
		}
	}
	never := ir.UnionAll(ir.AddrSetOf(single...), ir.PrefixSet(routed...)).Of(f)
	var out []netip.Prefix
	for _, prefix := range l.p.Inside.Of(f).Prefixes() {
		if !never.Covers(ir.PrefixSet(prefix)) {
			out = append(out, prefix)
		}
	}
	return ir.PrefixSet(out...)
}
