package nft

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// # Services
//
// What begins a connection passes the chain "services", where it comes in or leaves the node, and the destination is translated
// before policies judge it. Every Service is nothing but elements of maps that all share: what is dialled (address, protocol,
// port) leads to a chain, and there the same with a random number below N leads to one of N targets.
//
//	ranged4          what only some clients may dial: to a chain that drops the others
//	balanced4        what is the same for clients on all sides; the chain balance4 then tries each N that there is
//	refused4         what is refused, likewise
//	dropped4         what is dropped, likewise
//	closed4          addresses of which whatever nothing else is about is refused
//	services4_SIDE   what is not the same: to balance4, refuse, or drop, after a look at where the client is
//	backends4_N      what is dialled, and a number: to an address and a port
//
// balanced4 is a set, and balance4 tries each N, because whenever a map to chains changes the kernel looks at all of its elements
// again: at 30,000 Services that takes milliseconds, against microseconds for a set or a map to addresses.
//
// The number of chains and maps follows from the shapes that Services have (how many targets, for which side, affinity,
// masquerade, who may dial) and not from how many Services there are. A node port is an entry for each address of the node.
//
// Affinity is a map that packets fill: right behind translation, what a client got is put in for the client and what it dialled, to
// be looked up before a number is drawn. IPv4 only needs one rule for that which nft can read; for IPv6 see IsBeyondText.
//
// A connection whose source must become the node's own address is marked, with a bit that Options name, and masqueraded where it
// leaves, unless it goes to one of the node's pods; so is, without a mark, one of a pod that reaches itself.

// Options are choices that concern what else runs on a node.
type Options struct {
	// MasqueradeBit is the bit of the packet mark that is set on what is to be masqueraded. Other bits are neither read nor written.
	MasqueradeBit uint32
}

// DefaultOptions are those of Generate.
func DefaultOptions() Options { return Options{MasqueradeBit: 0x00400000} }

// affinitySize bounds the clients that are remembered by one map. What does not fit is balanced anew each time.
const affinitySize = 1 << 18

// affinityPrefix begins the names of the maps that packets fill.
const affinityPrefix = "affinity"

// stickyPrefix begins the names of the sets of what is dialled whose clients are remembered.
const stickyPrefix = "sticky"

// portedName is the name of the set of the protocols that have ports.
const portedName = "ported"

// services makes everything for Services, if there are any.
func (l *lowering) services() {
	if len(l.p.Frontends) == 0 {
		return
	}
	b := newBalancing(l)
	if bit := l.options.MasqueradeBit; bit == 0 || bit&(bit-1) != 0 {
		l.report.Add(diag.Internal, source.Origin{}, "the mark %#x for masquerade is not one bit", bit)
	}
	ported := &Set{Name: portedName, Key: []Type{InetProto}}
	for _, p := range portedProtos() {
		ported.Elements = append(ported.Elements, &Element{From: protoValue(p), To: protoValue(p)})
	}
	sortElements(ported)
	l.sets[ported.Name] = ported
	for _, f := range ir.Families() {
		b.family(f)
	}
	b.finish()
}

func portedProtos() []ir.Proto { return []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP} }

// balancing collects what Services need.
type balancing struct {
	*lowering
	maps    map[string]*Set
	chains  map[string]*Chain // that maps lead to
	guards  []guard           // of the family at hand
	marks   []*Chain          // that these jump to
	refuses bool
	ways    []*Rule          // of the chain "services"
	sources []*Rule          // of the base chain that masquerades
	learned map[string]*Rule // of the chain "affinity", by map
}

func newBalancing(l *lowering) *balancing {
	return &balancing{lowering: l, maps: map[string]*Set{}, chains: map[string]*Chain{}, learned: map[string]*Rule{}}
}

// entry is a frontend by one address.
type entry struct {
	*ir.Frontend
	addr   netip.Addr
	family ir.Family
}

// key is the part of a map's key that says what is dialled.
func (e entry) key() Value {
	return addrValue(e.addr) + protoValue(e.Entry.Proto) + portValue(e.Entry.Port)
}

func dialKey(f ir.Family) []Type { return []Type{addrType(f), InetProto, InetService} }

// entries lists the frontends of a family by address. What has an address goes before a node port.
func (b *balancing) entries(f ir.Family) []entry {
	var own []netip.Addr
	for _, n := range b.p.Nodes {
		if n.Name == b.p.Node {
			own = n.Addrs
		}
	}
	var out []entry
	taken := map[ir.Entry]bool{}
	for _, fe := range b.p.Frontends {
		if fe.Entry.Addr.IsValid() && fe.Entry.Family == f {
			out = append(out, entry{fe, fe.Entry.Addr, f})
			if slices.Contains(own, fe.Entry.Addr) {
				taken[fe.Entry] = true
			}
		}
	}
	for _, fe := range b.p.Frontends {
		for _, a := range own {
			at := ir.Entry{Addr: a, Family: f, Proto: fe.Entry.Proto, Port: fe.Entry.Port}
			if !fe.Entry.Addr.IsValid() && fe.Entry.Family == f && ir.FamilyOf(a) == f && !taken[at] {
				out = append(out, entry{fe, a, f})
			}
		}
	}
	return out
}

// family makes what one family needs.
func (b *balancing) family(f ir.Family) {
	entries := b.entries(f)
	if len(entries) == 0 {
		return
	}
	for _, e := range entries {
		b.entry(e)
	}
	b.lookups(f)
	b.masquerade(f)
}

// entry makes what one entry needs, and puts it into the sets and maps that filled lists.
func (b *balancing) entry(e entry) {
	if e.Entry.IsRest() {
		b.close(e)
		return
	}
	b.ranges(e)
	if isSplit(e.Frontend) {
		b.split(e)
		return
	}
	if v, ok := b.route(e, "", e.Routes[ir.OwnPod], markOf(e.Frontend)); ok {
		b.guard(e, v)
	}
}

// filled lists the sets and maps of which each element is there because of one entry.
func (b *balancing) filled() []*Set {
	var out []*Set
	for name, s := range b.sets {
		for _, prefix := range []string{"backends", guardPrefix, refusedPrefix, droppedPrefix, closedPrefix, stickyPrefix} {
			if strings.HasPrefix(name, prefix) {
				out = append(out, s)
			}
		}
	}
	for _, m := range b.maps {
		out = append(out, m)
	}
	return out
}

// isSplit reports whether clients on different sides meet different things, beyond the common rule that those in front of the node
// are masqueraded.
func isSplit(f *ir.Frontend) bool {
	first := f.Routes[ir.OwnPod]
	for _, r := range f.Routes {
		if r.Outcome != first.Outcome || r.Pool != first.Pool {
			return true
		}
	}
	return first.Outcome == ir.Balance && markOf(f) == markUnknown
}

// marking says who is masqueraded.
type marking int

const (
	markCommon  marking = iota // clients that are neither the node nor its pods
	markNone                   // nobody
	markAll                    // everybody
	markUnknown                // some others
)

func (m marking) suffix() string { return [...]string{"", "_plain", "_marked", ""}[m] }

// markOf tells who is masqueraded of those who dial a frontend.
func markOf(f *ir.Frontend) marking {
	var masked [ir.NumSides]bool
	for side, r := range f.Routes {
		masked[side] = r.Masquerade
	}
	switch masked {
	case [ir.NumSides]bool{ir.Inside: true, ir.OutsideSide: true}:
		return markCommon
	case [ir.NumSides]bool{}:
		return markNone
	case [ir.NumSides]bool{true, true, true, true}:
		return markAll
	}
	return markUnknown
}

// split leads clients on each side to what they meet. Targets that are not those of the first side that has some are in maps of
// their own.
func (b *balancing) split(e entry) {
	first := slices.IndexFunc(e.Routes[:], func(r ir.Route) bool { return r.Outcome == ir.Balance })
	for _, side := range ir.Sides() {
		r := e.Routes[side]
		own := ""
		if r.Outcome == ir.Balance && r.Pool != e.Routes[first].Pool {
			own = "_" + side.String()
		}
		mark := markNone
		if r.Masquerade {
			mark = markAll
		}
		v, ok := b.route(e, own, r, mark)
		if !ok {
			v = Verdict{Kind: Accept}
		}
		b.lead(sideMap(e.family, side), e, v)
	}
}

func sideMap(f ir.Family, side ir.Side) string { return fmt.Sprintf("services%d_%s", f, side) }

// lead adds an element to a map of verdicts.
func (b *balancing) lead(name string, e entry, v Verdict) {
	m := b.maps[name]
	if m == nil {
		m = &Set{Name: name, Key: dialKey(e.family), Verdicts: true}
		b.maps[name] = m
	}
	key := e.key()
	m.Elements = append(m.Elements, &Element{From: key, To: key, Verdict: v})
}

// The prefixes of the names of chains that balance, and of the sets of what leads to each, or is refused, or dropped.
const (
	balancePrefix = "balance"
	guardPrefix   = "balanced"
	refusedPrefix = "refused"
	droppedPrefix = "dropped"
	closedPrefix  = "closed"
)

// guard is a set of what is dialled with the same verdict for all.
type guard struct {
	set     *Set
	verdict Verdict
}

// guard adds what is dialled to the set for a verdict.
func (b *balancing) guard(e entry, v Verdict) {
	name := guardPrefix + strings.TrimPrefix(v.Target, balancePrefix)
	switch {
	case v.Kind == Drop:
		name = fmt.Sprintf("%s%d", droppedPrefix, e.family)
	case v.Target == chainRefuse:
		name = fmt.Sprintf("%s%d", refusedPrefix, e.family)
	}
	s := b.sets[name]
	if s == nil {
		s = &Set{Name: name, Key: dialKey(e.family)}
		b.sets[name] = s
		b.guards = append(b.guards, guard{s, v})
	}
	key := e.key()
	s.Elements = append(s.Elements, &Element{From: key, To: key})
}

// close has all that no frontend has of an address refused.
func (b *balancing) close(e entry) {
	name := fmt.Sprintf("%s%d", closedPrefix, e.family)
	s := b.sets[name]
	if s == nil {
		s = &Set{Name: name, Key: []Type{addrType(e.family)}}
		b.sets[name], b.refuses = s, true
	}
	v := addrValue(e.addr)
	s.Elements = append(s.Elements, &Element{From: v, To: v})
}

// route gives the verdict for a route, and makes what it needs; false: there is nothing to do.
func (b *balancing) route(e entry, own string, r ir.Route, mark marking) (Verdict, bool) {
	switch r.Outcome {
	case ir.Refuse:
		b.refuses = true
		return Verdict{Kind: Goto, Target: chainRefuse}, true
	case ir.Discard:
		return Verdict{Kind: Drop}, true
	case ir.Balance:
		return Verdict{Kind: Goto, Target: b.balance(e, own, r.Pool.Targets, mark)}, true
	}
	return Verdict{}, false
}

// balance puts a frontend's targets into the map for as many, and names the chain that looks there.
func (b *balancing) balance(e entry, own string, targets []netip.AddrPort, mark marking) string {
	name := fmt.Sprintf("backends%d_%d%s", e.family, len(targets), own)
	m := b.sets[name]
	if m == nil {
		m = &Set{Name: name, Key: append(dialKey(e.family), Number), Modulus: uint32(len(targets)), Data: []Type{addrType(e.family), InetService}}
		b.sets[name] = m
	}
	key := e.key()
	if i := len(m.Elements); i < len(targets) || m.Elements[i-len(targets)].From[:len(key)] != key {
		for i, t := range targets {
			v := key + Value(binary.BigEndian.AppendUint32(nil, uint32(i)))
			m.Elements = append(m.Elements, &Element{From: v, To: v, Data: addrValue(t.Addr()) + portValue(t.Port())})
		}
	}
	chain := fmt.Sprintf("%s%d%s%s", balancePrefix, e.family, own, mark.suffix())
	if e.Affinity > 0 {
		chain += "_" + seconds(e.Affinity)
	}
	c := b.chains[chain]
	if c == nil {
		c = b.balanceChain(chain, e.family, mark)
	}
	b.try(c, e.family, m)
	if e.Affinity > 0 {
		b.affinity(c, e)
	}
	return chain
}

// seconds prints a time for names: "10800s", or with a fraction of a second "1500ms".
func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d.Milliseconds())
}

func translate(f ir.Family, m string, key Key) Verdict {
	return Verdict{Kind: [...]VerdictKind{ir.IPv4: Translate4, ir.IPv6: Translate6}[f], Target: m, Key: &key}
}

func isPorted() Match { return Match{Fields: []Field{L4Proto}, Set: portedName} }

func (b *balancing) balanceChain(name string, f ir.Family, mark marking) *Chain {
	c := &Chain{Name: name}
	switch mark {
	case markCommon:
		c.Rules = append(c.Rules, jumpTo(b.markChain(f).Name)...)
	case markAll:
		c.Rules = append(c.Rules, b.mark())
	}
	b.chains[name] = c
	return c
}

// try has a chain look for targets in a map.
func (b *balancing) try(c *Chain, f ir.Family, m *Set) {
	if !looksIn(c, m) {
		key := Key{Fields: []Field{subject(ir.Ingress, f), L4Proto, DstPort, Random}, Modulus: m.Modulus}
		c.Rules = append(c.Rules, &Rule{Matches: []Match{isPorted()}, Verdict: translate(f, m.Name, key)})
	}
}

func looksIn(c *Chain, m *Set) bool {
	return slices.ContainsFunc(c.Rules, func(r *Rule) bool { return r.Verdict.Target == m.Name })
}

// compareTries orders the rules of a chain that balances: who is masqueraded, who is remembered, then numbers of targets.
func compareTries(x, y *Rule) int {
	rank := func(r *Rule) int {
		if r.Verdict.Key == nil {
			return -1
		}
		return int(r.Verdict.Key.Modulus)
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), strings.Compare(x.Verdict.Target, y.Verdict.Target))
}

func (b *balancing) mark() *Rule {
	return &Rule{Mark: b.options.MasqueradeBit, Verdict: Verdict{Kind: Continue}}
}

// markChain marks what comes neither from the node nor from its pods.
func (b *balancing) markChain(f ir.Family) *Chain {
	name := fmt.Sprintf("mark%d", f)
	if i := slices.IndexFunc(b.marks, func(c *Chain) bool { return c.Name == name }); i >= 0 {
		return b.marks[i]
	}
	c := &Chain{Name: name}
	for _, m := range b.isSide(f, ir.OwnPod, ir.OwnNode) {
		c.Rules = append(c.Rules, &Rule{Matches: []Match{m}, Verdict: Verdict{Kind: Return}})
	}
	c.Rules = append(c.Rules, b.mark())
	b.marks = append(b.marks, c)
	return c
}

// isSide gives the matches of clients on some sides of the first three. There is none for a side without addresses.
func (b *balancing) isSide(f ir.Family, sides ...ir.Side) []Match {
	var out []Match
	for _, side := range sides {
		switch side {
		case ir.OwnPod:
			if own := b.localSet(f); own != nil {
				out = append(out, Match{Fields: []Field{subject(ir.Egress, f)}, Set: own.Name})
			}
		case ir.OwnNode:
			out = append(out, Match{Fields: []Field{SrcLocal}})
		case ir.Inside:
			if inside := b.insideSet(f); inside != nil {
				out = append(out, Match{Fields: []Field{subject(ir.Egress, f)}, Set: inside.Name})
			}
		}
	}
	return out
}

// insideSet makes the set of all addresses of one family that the cluster's pods may have, nil if there are none.
func (b *balancing) insideSet(f ir.Family) *Set {
	var addrs ir.AddrSet
	for _, n := range b.p.Nodes {
		addrs = ir.UnionAll(addrs, ir.PrefixSet(n.PodCIDRs...))
	}
	for _, e := range b.p.Remote {
		addrs = addrs.Union(ir.AddrSetOf(e.Addrs...))
	}
	s := &Set{Name: fmt.Sprintf("inside%d", f), Key: []Type{addrType(f)}, Interval: true, Elements: intervals(addrs.Of(f))}
	if len(s.Elements) == 0 {
		return nil
	}
	sortElements(s)
	b.sets[s.Name] = s
	return s
}

func intervals(addrs ir.AddrSet) []*Element {
	var out []*Element
	for _, r := range addrs.Ranges() {
		out = append(out, &Element{From: addrValue(r.From), To: addrValue(r.To)})
	}
	return out
}

// ranges has clients dropped that may not dial a frontend. Frontends with the same clients share a set.
func (b *balancing) ranges(e entry) {
	addrs := e.Sources.Of(e.family)
	name := fmt.Sprintf("ranged%d", e.family)
	switch {
	case addrs.Equal(ir.AnyOf(e.family)):
		return
	case addrs.IsEmpty():
		b.lead(name, e, Verdict{Kind: Drop})
		return
	}
	sum := sha256.Sum256([]byte(addrs.String()))
	id := fmt.Sprintf("%d_%s", e.family, hex.EncodeToString(sum[:6]))
	s := &Set{Name: "sources" + id, Key: []Type{addrType(e.family)}, Interval: true, Elements: intervals(addrs)}
	if b.sets[s.Name] == nil {
		sortElements(s)
		b.sets[s.Name] = s
		b.chains["ranged"+id] = &Chain{Name: "ranged" + id, Rules: []*Rule{
			{Matches: []Match{{Fields: []Field{subject(ir.Egress, e.family)}, Set: s.Name}}, Verdict: Verdict{Kind: Return}},
			{Verdict: Verdict{Kind: Drop}},
		}}
	}
	b.lead(name, e, Verdict{Kind: Jump, Target: "ranged" + id})
}

// lookups makes the rules that look up what was dialled.
func (b *balancing) lookups(f ir.Family) {
	look := func(name string, matches ...Match) {
		key := Key{Fields: []Field{subject(ir.Ingress, f), L4Proto, DstPort}}
		if b.maps[name] != nil {
			b.ways = append(b.ways, &Rule{Matches: matches, Verdict: Verdict{Kind: Dispatch, Key: &key, Target: name}})
		}
	}
	look(fmt.Sprintf("ranged%d", f))
	slices.SortFunc(b.guards, func(x, y guard) int { return strings.Compare(x.set.Name, y.set.Name) })
	for _, g := range b.guards {
		dialled := Match{Fields: []Field{subject(ir.Ingress, f), L4Proto, DstPort}, Set: g.set.Name}
		b.ways = append(b.ways, &Rule{Matches: []Match{dialled}, Verdict: g.verdict})
	}
	b.guards = nil
	if b.maps[sideMap(f, ir.OutsideSide)] != nil {
		for _, side := range []ir.Side{ir.OwnPod, ir.OwnNode, ir.Inside} {
			for _, m := range b.isSide(f, side) {
				look(sideMap(f, side), m)
			}
		}
		look(sideMap(f, ir.OutsideSide))
	}
	if s := b.sets[fmt.Sprintf("%s%d", closedPrefix, f)]; s != nil {
		closed := Match{Fields: []Field{subject(ir.Ingress, f)}, Set: s.Name}
		b.ways = append(b.ways, &Rule{Matches: []Match{closed}, Verdict: Verdict{Kind: Goto, Target: chainRefuse}})
	}
}

// affinity has what a client of a frontend gets looked up and learned.
func (b *balancing) affinity(c *Chain, e entry) {
	proto, addr := e.Entry.Proto, addrType(e.family)
	id := fmt.Sprintf("%d_%s_%s", e.family, proto, seconds(e.Affinity))
	m := &Set{Name: affinityPrefix + id, Key: []Type{addr, addr, InetService}, Data: []Type{addr, InetService}, Lifetime: e.Affinity, Size: affinitySize}
	src, dst := subject(ir.Egress, e.family), subject(ir.Ingress, e.family)
	if b.sets[m.Name] == nil {
		b.sets[m.Name] = m
		b.sets[stickyPrefix+id] = &Set{Name: stickyPrefix + id, Key: []Type{addr, InetService}}
		was := [...]Field{ir.IPv4: CtDst4, ir.IPv6: CtDst6}[e.family]
		b.learned[m.Name] = &Rule{
			Matches: []Match{oneProto(proto), {Fields: []Field{was, CtDstPort}, Set: stickyPrefix + id}},
			Learn:   Learn{Map: m.Name, Key: []Field{src, was, CtDstPort}, Data: []Field{dst, DstPort}},
			Verdict: Verdict{Kind: Continue}}
	}
	v := addrValue(e.addr) + portValue(e.Entry.Port)
	sticky := b.sets[stickyPrefix+id]
	sticky.Elements = append(sticky.Elements, &Element{From: v, To: v})
	if !looksIn(c, m) {
		c.Rules = append(c.Rules, &Rule{Matches: []Match{oneProto(proto)}, Verdict: translate(e.family, m.Name, Key{Fields: []Field{src, dst, DstPort}})})
	}
}

// finish sorts everything and puts it where it belongs.
func (b *balancing) finish() {
	for _, s := range b.filled() {
		sortElements(s)
	}
	for _, m := range b.maps {
		b.out.Maps = append(b.out.Maps, m)
	}
	for _, c := range b.chains {
		if strings.HasPrefix(c.Name, balancePrefix) {
			slices.SortStableFunc(c.Rules, compareTries)
		}
		b.out.Lists = append(b.out.Lists, c)
	}
	slices.SortFunc(b.out.Maps, func(x, y *Set) int { return strings.Compare(x.Name, y.Name) })
	if b.refuses {
		b.first = append(b.first, &Chain{Name: chainRefuse, Rules: []*Rule{{Verdict: Verdict{Kind: Refuse}}}})
	}
	b.first = append(b.first, b.marks...)
	bit := Value(binary.BigEndian.AppendUint32(nil, b.options.MasqueradeBit))
	marked := &Rule{Matches: []Match{{Fields: []Field{CtDNAT}}, {Fields: []Field{Mark}, From: bit, To: bit}}, Verdict: Verdict{Kind: Masquerade}}
	b.out.Chains = append(b.out.Chains, &Chain{Name: chainServices, Rules: b.ways},
		&Chain{Name: chainServicesIn, Hook: Prerouting, Priority: priorityTranslation, NAT: true, Rules: jumpTo(chainServices)},
		&Chain{Name: chainServicesOut, Hook: Output, Priority: priorityTranslation, NAT: true, Rules: jumpTo(chainServices)},
		&Chain{Name: chainServicesSource, Hook: Postrouting, Priority: prioritySource, NAT: true, Rules: append(b.sources, marked)})
	if len(b.learned) == 0 {
		return
	}
	learn := &Chain{Name: chainAffinity}
	for _, r := range b.learned {
		learn.Rules = append(learn.Rules, r)
	}
	slices.SortFunc(learn.Rules, func(x, y *Rule) int { return strings.Compare(x.Learn.Map, y.Learn.Map) })
	translated := []*Rule{{Matches: []Match{{Fields: []Field{CtNew}}, {Fields: []Field{CtDNAT}}}, Verdict: Verdict{Kind: Jump, Target: chainAffinity}}}
	b.out.Chains = append(b.out.Chains, learn,
		&Chain{Name: chainAffinityIn, Hook: Prerouting, Priority: priorityAffinity, Rules: translated},
		&Chain{Name: chainAffinityOut, Hook: Output, Priority: priorityAffinity, Rules: translated})
}
