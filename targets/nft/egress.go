package nft

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/mark"
)

// # Egresses
//
// What leaves the cluster by an Egress is routed by its mark, to the node that holds the address or out of that node, and gets its
// source there. The connection's mark remembers by which address it leaves (package mark), so that later packets follow that
// address and not what has been declared since. What has no such mark and begins nothing stays as it was.
//
//	leave4           the address of a pod: to the chain begin4_ADDRESS, which gives the connection its mark, unless it goes to
//	stay4            what is no way out of the cluster
//	leave_routes     the connection's mark: to the chain route4_ADDRESS, which gives the packet its mark
//	leave_ways       the same, where the packet leaves the node: to what is checked for addresses of this node, or of others
//	leave_snat4      the connection's mark: to the address, if this node holds it
//	leave_limits4    the address of a pod: to the limit that its Egress has
//
// Only leave4 and leave_limits4 have an element for each pod, and only an Egress's address has chains.
//
// No packet of such a connection leaves with the pod's own source: one that is to go through the tunnel to another node goes there or
// nowhere, and one that leaves here has an address as its source that this node holds. So connections whose address comes to the node of
// their pod, or goes from it, would end: connection tracking is made to forget them (Moved). Where a node takes an address over,
// connection tracking begins in their midst: until a pod has sent something, what others send to the address must find nobody, not even
// to be refused. What ends a connection that has been forgotten is invalid to connection tracking, and nobody translates it: it leaves
// nowhere, whether or not an Egress still selects its pod.
//
// Connections whose address nobody holds any more are dropped, in case that it comes back, but for those that may begin anew, which are
// forgotten (Gone). Where there is nothing for Egresses any more, a table of its own remains for the others (LeftBehind).
//
// The source of what goes through the tunnel is translated to itself: others that would translate it come too late.
//
// The tunnel takes shorter packets than pods and machines outside know of. They are told, but many networks lose such messages; so both
// ends of a TCP connection are told from the beginning what fits, by nodes through which it goes.

// Tunnel is the interface through which packets go to the node that holds the address by which they leave.
const Tunnel = "hg-egress"

// connectionMask are the bits of a connection's mark that tell by which address it leaves.
const connectionMask = mark.ConnectionMask

const (
	leavePrefix     = "leave_"
	chainLeave      = "leave_prerouting"
	chainLeaveIn    = "leave_input"
	chainLeaveFit   = "leave_fit"
	chainLeaveSNAT  = "leave_postrouting"
	chainLeaveGuard = "leave_guard"
	chainTunnel     = "leave_tunnel"
	chainLost       = "leave_lost"
	chainInvalid    = "leave_invalid"
	chainInside     = "leave_inside"
	chainLimited    = "leave_limited"
	chainHere       = "leave_here"
	chainThere      = "leave_there"
	chainUnasked    = "leave_unasked"
	mapRoutes       = "leave_routes"
	mapWays         = "leave_ways"
)

// The priorities of their base chains: behind the translation of destinations and what learns from it; before we, and then anybody else, would
// translate sources, and behind that; and before judgement, which would refuse what is to find nobody.
const (
	priorityLeave      = -94
	priorityLeaveFit   = 98
	priorityLeaveSNAT  = 99
	priorityLeaveGuard = 101
	priorityLeaveIn    = -20
)

// isLeave reports whether a base chain is there for Egresses, and judges nothing.
func isLeave(c *Chain) bool { return strings.HasPrefix(c.Name, leavePrefix) }

// leavesFrom reports whether something leaves by an address that the Pipeline's node holds.
func leavesFrom(p *ir.Pipeline) bool {
	return slices.ContainsFunc(p.SNATs, func(s ir.SNAT) bool { return s.Node == p.Node })
}

// leaving collects what Egresses need.
type leaving struct {
	*lowering
	ids      map[netip.Addr]mark.Ids
	families []ir.Family
	exits    []*exit // by family and address
}

// exit is an address by which packets leave. Without one, addr is the zero value.
type exit struct {
	family  ir.Family
	addr    netip.Addr
	node    string
	ids     mark.Ids
	begins  bool // it has sources
	limited bool // some of them have a limit
	origins []*source.Origin
}

// name names a chain of the exit.
func (e *exit) name(prefix string) string {
	if !e.addr.IsValid() {
		return fmt.Sprintf("%s%d_none", prefix, e.family)
	}
	return fmt.Sprintf("%s%d_%x", prefix, e.family, e.addr.AsSlice())
}

func (e *exit) isStranded() bool { return e.ids == mark.Ids{} }

// leave makes everything for Egresses, if any concerns the node: of a node whose pods are somebody else's, those whose address it holds.
func (l *lowering) leave() {
	b := &leaving{lowering: l}
	snats := slices.DeleteFunc(slices.Clone(l.p.SNATs), func(s ir.SNAT) bool { return l.ownOnly && s.Node != l.p.Node })
	if len(snats) == 0 {
		return
	}
	if l.ownOnly {
		for i := range snats {
			snats[i].Limit = ir.Limit{} // the bridge's to keep, which all of it passes
		}
	}
	ids, fit := mark.Of(l.p)
	b.ids = ids
	snats = slices.DeleteFunc(snats, func(s ir.SNAT) bool { return len(s.Sources) == 0 && ids[s.Addr] == mark.Ids{} })
	if len(snats) == 0 {
		return
	}
	for i := range snats {
		b.exit(&snats[i], fit)
	}
	for _, f := range b.everyFamily() {
		b.stay(f)
	}
	for _, f := range b.families {
		b.sources(f, snats)
		b.limits(f, snats)
		b.held(f)
	}
	b.ways()
	b.judge()
	slices.SortFunc(l.out.Limits, func(x, y *Limit) int { return cmp.Compare(x.Name, y.Name) })
}

// exit adds an SNAT's address, or what it adds to that of others.
func (b *leaving) exit(s *ir.SNAT, fit bool) {
	if !slices.Contains(b.families, s.Family) {
		b.families = append(b.families, s.Family)
	}
	at := slices.IndexFunc(b.exits, func(e *exit) bool { return e.family == s.Family && e.addr == s.Addr })
	if at < 0 {
		at = len(b.exits)
		b.exits = append(b.exits, &exit{family: s.Family, addr: s.Addr, node: s.Node, ids: b.ids[s.Addr]})
		if _, has := b.ids[s.Addr]; !has && len(s.Sources) > 0 && s.Addr.IsValid() && s.Node != "" && !fit {
			b.report.Add(diag.TooManyExits, originOf(s), "%s of Egress %s is beyond the %d addresses by which packets can leave", s.Addr, s.Egress, mark.MaxRoutes)
		}
	}
	e := b.exits[at]
	e.begins = e.begins || len(s.Sources) > 0
	e.limited = e.limited || s.Limit.Rate > 0 && len(s.Sources) > 0
	if s.Origin != nil {
		e.origins = append(e.origins, s.Origin)
	}
}

func originOf(s *ir.SNAT) source.Origin {
	if s.Origin == nil {
		return source.Origin{}
	}
	return *s.Origin
}

// everyFamily gives those that pods have: connections by addresses of a family of which no address is left are lost, too.
func (b *leaving) everyFamily() []ir.Family {
	families := ir.Families()
	has := map[ir.Family]bool{}
	for _, f := range b.families {
		has[f] = true
	}
	for _, n := range b.p.Nodes {
		for _, prefix := range n.PodCIDRs {
			has[ir.FamilyOf(prefix.Addr())] = true
		}
	}
	for _, e := range slices.Concat(b.p.Endpoints, b.p.Remote) {
		for _, a := range e.Addrs {
			has[ir.FamilyOf(a)] = true
		}
	}
	return slices.DeleteFunc(families[:], func(f ir.Family) bool { return !has[f] })
}

// stay makes the set of what is no way out of the cluster.
func (b *leaving) stay(f ir.Family) {
	b.set(&Set{Name: stayName(f), Key: []Type{addrType(f)}, Interval: true, Elements: intervals(b.p.Inside.Of(f))})
}

func stayName(f ir.Family) string { return fmt.Sprintf("stay%d", f) }

func (b *leaving) set(s *Set) {
	sortElements(s)
	b.lowering.sets[s.Name] = s
}

// sources makes the map that leads from pods to the addresses by which they leave.
func (b *leaving) sources(f ir.Family, snats []ir.SNAT) {
	m := &Set{Name: sourcesName(f), Key: []Type{addrType(f)}, Verdicts: true}
	for i := range snats {
		s := &snats[i]
		if s.Family != f {
			continue
		}
		e := exit{family: f, addr: s.Addr}
		for _, a := range s.Sources {
			v := addrValue(a)
			m.Elements = append(m.Elements, &Element{From: v, To: v, Verdict: Verdict{Kind: Goto, Target: e.name("begin")}})
		}
	}
	sortElements(m)
	b.out.Maps = append(b.out.Maps, m)
}

func sourcesName(f ir.Family) string { return fmt.Sprintf("leave%d", f) }

// limits makes the limits of what leaves here, and the map that leads from pods to them.
func (b *leaving) limits(f ir.Family, snats []ir.SNAT) {
	m := &Set{Name: limitsName(f), Key: []Type{addrType(f)}, Limits: true}
	for i := range snats {
		s := &snats[i]
		if s.Family != f || s.Node != b.p.Node || s.Limit.Rate == 0 {
			continue
		}
		limit := limitOf(s)
		if !slices.ContainsFunc(b.out.Limits, func(o *Limit) bool { return o.Name == limit.Name }) {
			b.out.Limits = append(b.out.Limits, limit)
		}
		for _, a := range s.Sources {
			v := addrValue(a)
			m.Elements = append(m.Elements, &Element{From: v, To: v, Limit: limit.Name})
		}
	}
	if len(m.Elements) > 0 {
		b.set(m)
	}
}

func limitsName(f ir.Family) string { return fmt.Sprintf("leave_limits%d", f) }

// limitOf gives the limit of an Egress. Its name changes with it, because the kernel changes none.
func limitOf(s *ir.SNAT) *Limit {
	const perByte = 8
	l := &Limit{Rate: max(1, s.Limit.Rate/perByte), Burst: uint32(min(s.Limit.Burst/perByte, math.MaxUint32))}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", s.Egress, l.Rate, l.Burst))
	l.Name = "limit_" + hex.EncodeToString(sum[:6])
	return l
}

// held makes the sets of the addresses of one family that this node holds, those that it has for Egresses alone, and the map by which they
// become the sources of connections.
func (b *leaving) held(f ir.Family) {
	here := &Set{Name: hereName(f), Key: []Type{addrType(f)}}
	taken := &Set{Name: takenName(f), Key: []Type{addrType(f)}}
	snat := &Set{Name: snatName(f), Key: []Type{MarkValue}, Data: []Type{addrType(f)}}
	for _, e := range b.exits {
		if e.family != f || e.isStranded() || e.node != b.p.Node {
			continue
		}
		v, id := addrValue(e.addr), markValue(e.ids.Connection)
		here.Elements = append(here.Elements, &Element{From: v, To: v})
		snat.Elements = append(snat.Elements, &Element{From: id, To: id, Data: v})
		if !b.isNodes(e.addr) {
			taken.Elements = append(taken.Elements, &Element{From: v, To: v})
		}
	}
	for _, s := range []*Set{here, taken, snat} {
		if len(s.Elements) > 0 {
			b.set(s)
		}
	}
}

func hereName(f ir.Family) string  { return fmt.Sprintf("leave_held%d", f) }
func takenName(f ir.Family) string { return fmt.Sprintf("leave_taken%d", f) }
func snatName(f ir.Family) string  { return fmt.Sprintf("leave_snat%d", f) }

func markValue(bits uint32) Value { return Value(binary.BigEndian.AppendUint32(nil, bits)) }

// isNodes reports whether the node has the address anyway.
func (b *leaving) isNodes(a netip.Addr) bool {
	return slices.Contains(ownAddrs(b.p), a) || slices.ContainsFunc(b.p.Holdings, func(h ir.Holding) bool { return h.Addr == a && h.Static })
}

// ways makes the chains of addresses, the maps from marks to them, and what they lead to.
func (b *leaving) ways() {
	routes := &Set{Name: mapRoutes, Key: []Type{MarkValue}, Verdicts: true}
	ways := &Set{Name: mapWays, Key: []Type{MarkValue}, Verdicts: true}
	var begins []*Chain
	inTunnel := Match{Fields: []Field{InTunnel}}
	b.first = append(b.first, &Chain{Name: chainInside, Rules: []*Rule{{Matches: []Match{inTunnel}, Verdict: Verdict{Kind: Drop}}}})
	if limited := b.limitedChain(); limited != nil {
		b.first = append(b.first, limited)
	}
	b.first = append(b.first, b.hereChain(),
		&Chain{Name: chainThere, Rules: []*Rule{acceptIf(Match{Fields: []Field{OutTunnel}}), {Verdict: Verdict{Kind: Drop}}}})
	for _, e := range b.exits {
		if e.begins {
			begins = append(begins, b.beginChain(e))
		}
		if e.isStranded() {
			continue
		}
		b.first = append(b.first, b.routeChain(e))
		connection := markValue(e.ids.Connection)
		routes.Elements = append(routes.Elements, &Element{From: connection, To: connection, Verdict: Verdict{Kind: Goto, Target: e.name("route")}})
		way := Verdict{Kind: Goto, Target: chainThere}
		if e.node == b.p.Node {
			way.Target = chainHere
		}
		ways.Elements = append(ways.Elements, &Element{From: connection, To: connection, Verdict: way})
	}
	b.first = append(b.first, begins...)
	for _, m := range []*Set{routes, ways} {
		sortElements(m)
		b.out.Maps = append(b.out.Maps, m)
	}
}

// beginChain is for packets of sources of an address that may begin connections.
func (b *leaving) beginChain(e *exit) *Chain {
	c := &Chain{Name: e.name("begin"), Rules: []*Rule{
		{Matches: []Match{{Fields: []Field{subject(ir.Ingress, e.family)}, Set: stayName(e.family)}}, Verdict: Verdict{Kind: Goto, Target: chainInside}},
	}}
	if e.isStranded() {
		c.Rules = append(c.Rules, &Rule{Verdict: Verdict{Kind: Drop}})
		return c
	}
	c.Rules = append(c.Rules,
		&Rule{Matches: []Match{{Fields: []Field{CtNone}}}, Verdict: Verdict{Kind: Drop}},
		&Rule{Marking: Marking{Connection: true, Mask: mark.ConnectionMask, Bits: e.ids.Connection}, Origins: e.origins, Verdict: Verdict{Kind: Goto, Target: e.name("route")}})
	return c
}

// routeChain is for packets that leave by an address.
func (b *leaving) routeChain(e *exit) *Chain {
	c := &Chain{Name: e.name("route")}
	set := &Rule{Marking: Marking{Mask: mark.RouteMask, Bits: e.ids.Route}, Origins: e.origins, Verdict: Verdict{Kind: Continue}, Comment: e.addr.String()}
	if e.node != b.p.Node {
		c.Rules = append(c.Rules, &Rule{Matches: []Match{{Fields: []Field{InTunnel}}}, Verdict: Verdict{Kind: Drop}})
	} else if e.limited {
		set.Verdict = Verdict{Kind: Goto, Target: chainLimited}
	}
	c.Rules = append(c.Rules, set)
	return c
}

// limitedChain drops what exceeds a limit; nil if there is none.
func (b *leaving) limitedChain() *Chain {
	c := &Chain{Name: chainLimited}
	for _, f := range b.families {
		if b.lowering.sets[limitsName(f)] != nil {
			over := Match{Fields: []Field{subject(ir.Egress, f)}, Limit: limitsName(f)}
			c.Rules = append(c.Rules, &Rule{Matches: []Match{over}, Verdict: Verdict{Kind: Drop}})
		}
	}
	if len(c.Rules) == 0 {
		return nil
	}
	return c
}

// hereChain lets packets leave whose source has become an address that this node holds.
func (b *leaving) hereChain() *Chain {
	c := &Chain{Name: chainHere}
	for _, f := range b.families {
		if b.lowering.sets[hereName(f)] != nil {
			c.Rules = append(c.Rules, acceptIf(Match{Fields: []Field{subject(ir.Egress, f)}, Set: hereName(f)}))
		}
	}
	c.Rules = append(c.Rules, &Rule{Verdict: Verdict{Kind: Drop}})
	return c
}

// judge makes the base chains, and what leads from them to the maps.
func (b *leaving) judge() {
	lost, invalid := &Chain{Name: chainLost}, &Chain{Name: chainInvalid}
	var begin, own []*Rule
	for _, f := range b.everyFamily() {
		from, to := Match{Fields: []Field{subject(ir.Egress, f)}, Set: stayName(f)}, Match{Fields: []Field{subject(ir.Ingress, f)}, Set: stayName(f)}
		lost.Rules = append(lost.Rules, &Rule{Matches: []Match{from}, Verdict: Verdict{Kind: Drop}})
		invalid.Rules = append(invalid.Rules, acceptIf(to), &Rule{Matches: []Match{from}, Verdict: Verdict{Kind: Drop}})
	}
	for _, f := range b.families {
		begin = append(begin, dispatch(subject(ir.Egress, f), sourcesName(f)))
		own = append(own, b.ownBegin(f)...)
	}
	confirmed := Match{Fields: []Field{CtConfirmed}}
	tunnelled := markValue(mark.Tunnelled)
	tunnel := &Chain{Name: chainTunnel, Rules: slices.Concat(
		[]*Rule{
			{Matches: []Match{confirmed}, Verdict: Verdict{Kind: Drop}},
			{Marking: Marking{Connection: true, Mask: mark.Tunnelled, Bits: mark.Tunnelled}, Verdict: Verdict{Kind: Continue}},
		}, begin, []*Rule{{Verdict: Verdict{Kind: Drop}}})}
	all := markValue(mark.ConnectionMask)
	reply, leaves, tunnels := Match{Fields: []Field{CtReply}}, Match{Fields: []Field{CtMarkAny}, From: all, To: all}, Match{Fields: []Field{CtMark}, From: tunnelled, To: tunnelled}
	in := &Chain{Name: chainLeave, Hook: Prerouting, Priority: priorityLeave, Rules: slices.Concat([]*Rule{
		{Matches: []Match{reply, tunnels}, Mark: mark.Replies, Verdict: Verdict{Kind: Accept}},
		acceptIf(reply),
		{Verdict: Verdict{Kind: Dispatch, Key: &Key{Fields: []Field{CtMark}, Mask: mark.ConnectionMask}, Target: mapRoutes}},
		{Matches: []Match{leaves}, Verdict: Verdict{Kind: Goto, Target: chainLost}},
		{Matches: []Match{{Fields: []Field{InTunnel}}}, Verdict: Verdict{Kind: Goto, Target: chainTunnel}},
		acceptIf(confirmed),
		{Matches: []Match{{Fields: []Field{CtInvalid}}}, Verdict: Verdict{Kind: Goto, Target: chainInvalid}},
	}, own)}
	guard := &Chain{Name: chainLeaveGuard, Hook: Postrouting, Priority: priorityLeaveGuard, Rules: []*Rule{acceptIf(reply),
		// By the connection's mark: what the tunnel makes of a packet has the packet's.
		{Verdict: Verdict{Kind: Dispatch, Key: &Key{Fields: []Field{CtMark}, Mask: mark.ConnectionMask}, Target: mapWays}},
		// Rules were replaced while the packet, out of the tunnel, was between the hooks: these know no such address.
		{Matches: []Match{leaves, tunnels}, Verdict: Verdict{Kind: Drop}}}}
	b.out.Chains = append(b.out.Chains, lost, invalid, tunnel, in, fitChain(), b.snatChain(), guard)
	b.unasked()
}

// ownBegin leads the node's own pods to the addresses by which they leave. Others' addresses come through the tunnel or are forged, unless
// pods are another dataplane's.
func (b *leaving) ownBegin(f ir.Family) []*Rule {
	r := dispatch(subject(ir.Egress, f), sourcesName(f))
	if b.ownOnly {
		return []*Rule{r}
	}
	own := b.localSet(f)
	if own == nil {
		return nil
	}
	r.Matches = []Match{{Fields: []Field{subject(ir.Egress, f)}, Set: own.Name}}
	return []*Rule{r}
}

// fitChain tells both ends of a TCP connection what fits. It sees who they are: the kernel looks for the way back to the source, too.
func fitChain() *Chain {
	all := markValue(mark.ConnectionMask)
	leaves := []Match{{Fields: []Field{CtMarkAny}, From: all, To: all}, oneProto(ir.ProtoTCP), {Fields: []Field{SYN}}}
	return &Chain{Name: chainLeaveFit, Hook: Postrouting, Priority: priorityLeaveFit, Rules: []*Rule{{Matches: leaves, Verdict: Verdict{Kind: Fit}}}}
}

// snatChain gives connections that leave here their sources, and lets those that go to another node keep theirs.
func (b *leaving) snatChain() *Chain {
	c := &Chain{Name: chainLeaveSNAT, Hook: Postrouting, Priority: priorityLeaveSNAT, NAT: true}
	for _, f := range b.families {
		if b.lowering.sets[snatName(f)] != nil {
			kind := [...]VerdictKind{ir.IPv4: Source4, ir.IPv6: Source6}[f]
			c.Rules = append(c.Rules, &Rule{Verdict: Verdict{Kind: kind, Key: &Key{Fields: []Field{CtMark}, Mask: mark.ConnectionMask}, Target: snatName(f)}})
		}
	}
	for _, f := range b.families {
		kind := [...]VerdictKind{ir.IPv4: Keep4, ir.IPv6: Keep6}[f]
		c.Rules = append(c.Rules, &Rule{Matches: []Match{{Fields: []Field{OutTunnel}}}, Verdict: Verdict{Kind: kind}})
	}
	return c
}

// unasked makes what drops packets to addresses of Egresses that belong to no connection which is known yet.
func (b *leaving) unasked() {
	in := &Chain{Name: chainLeaveIn, Hook: Input, Priority: priorityLeaveIn, Rules: []*Rule{acceptIf(Match{Fields: []Field{CtState}})}}
	for _, f := range b.families {
		if b.lowering.sets[takenName(f)] != nil {
			to := Match{Fields: []Field{subject(ir.Ingress, f)}, Set: takenName(f)}
			in.Rules = append(in.Rules, &Rule{Matches: []Match{to}, Verdict: Verdict{Kind: Goto, Target: chainUnasked}})
		}
	}
	if len(in.Rules) == 1 {
		return
	}
	b.out.Chains = append(b.out.Chains, &Chain{Name: chainUnasked, Rules: []*Rule{
		{Matches: []Match{oneProto(ir.ProtoTCP), {Fields: []Field{NoSYN}}}, Verdict: Verdict{Kind: Drop}},
		{Matches: []Match{oneProto(ir.ProtoUDP)}, Verdict: Verdict{Kind: Drop}},
	}}, in)
}

// LimitNameOf gives the name of the limit that an SNAT's packets count for.
func LimitNameOf(s *ir.SNAT) string { return limitOf(s).Name }
