package nft

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// # Long rule lists
//
// A chain is walked rule by rule, so that a packet's cost would grow with the list. A list of more than longList rules is therefore cut
// into parts, and a map leads to the one that a packet needs; what the map has not is judged by the rest, which stands behind it:
//
//	list              part, of peers in sets A and B    part of that, of ports 1024-2047
//	  peer vmap @...  ->  tcp dport vmap @...         ->   the rules about these
//	  rest                rest
//
// There are two cuts, of which the better one is taken first, and the other one in parts that are still long:
//
//	by peer   Addresses that lie in the same of the list's sets form a class. Its part has the rules about any of these sets or any peer.
//	by port   The space of destination ports of a protocol is halved until a part has few rules about some of its ports only.
//
// The order of rules stays in every part. A rule that the cut has decided needs no match for it any more. Opaque peers decide nothing:
// their rules are in every part, with their matches. A class is known by the names of its sets and a range of ports by itself, so that
// parts keep their names when members, rules or other parts come and go. Cost: a cut must spare a packet a quarter of the list, and may copy rules
// and list addresses within bounds proportional to the list; otherwise it is not made.

// The bounds of cuts.
const (
	longList  = 16 // rules that a packet may well meet
	maxCopies = 4  // rules in all parts, for each rule of the list
	maxPlaces = 8  // addresses or ranges in the maps, for each rule of the list
	maxVisits = 64 // rules in the parts that the maps' elements lead to, for each rule of the list: what the kernel's check for loops walks
)

// cut is a way to divide a list.
type cut struct {
	maps     []*Set
	dispatch []*Rule // parallel to maps
	parts    map[string][]*ir.Rule
	rest     []*ir.Rule
	size     int // of the list
	visits   int
}

// worst is the most rules of a part.
func (c *cut) worst() int {
	worst := len(c.rest)
	for _, rules := range c.parts {
		worst = max(worst, len(rules))
	}
	return worst
}

// copies is the number of rules in all parts.
func (c *cut) copies() int {
	n := len(c.rest)
	for _, rules := range c.parts {
		n += len(rules)
	}
	return n
}

// isWorth reports whether the cut spares a packet a quarter of the list, within bounds.
func (c *cut) isWorth() bool {
	return c != nil && 4*c.worst() <= 3*c.size && c.copies() <= maxCopies*c.size && c.visits <= maxVisits*c.size
}

// isBetter prefers fewer copies, because the other cut is still to come.
func (c *cut) isBetter(than *cut) bool {
	return than == nil || c.copies() < than.copies() || c.copies() == than.copies() && c.worst() < than.worst()
}

// lead adds a map, of which every element leads to a part.
func (c *cut) lead(m *Set, field Field, before ...Match) {
	sortElements(m)
	c.maps = append(c.maps, m)
	rule := dispatch(field, m.Name)
	rule.Matches = before
	c.dispatch = append(c.dispatch, rule)
	for _, e := range m.Elements {
		c.visits += 1 + len(c.parts[e.Verdict.Target])
	}
}

// part names a part by what it is of. Names are short, so two may be the same; that is reported.
func (l *lowering) part(words ...any) string {
	identity := fmt.Sprintln(words...)
	sum := sha256.Sum256([]byte(identity))
	name := "part_" + hex.EncodeToString(sum[:])[:12]
	if old, ok := l.parts[name]; ok && old != identity {
		l.report.Add(diag.IDCollision, source.Origin{}, "two parts of rule lists are both named %s", name)
	}
	l.parts[name] = identity
	return name
}

// listing is what all chains of one rule list share.
type listing struct {
	direction ir.Direction
	source    string
	families  []ir.Family
	slot      slot
}

// cuts is a set of cuts.
type cuts struct{ byPeer, byPort bool }

// judge makes the chain of a name, and those that it leads to, for rules that may be cut in the given ways. It returns how many maps
// there are on the longest way through them.
func (l *lowering) judge(of listing, name string, rules []*ir.Rule, ways cuts) (depth int) {
	chain := &Chain{Name: name, Source: of.source}
	c, left := l.bestCut(of, name, rules, ways)
	if c != nil {
		for _, part := range slices.Sorted(maps.Keys(c.parts)) {
			depth = max(depth, 1+l.judge(of, part, c.parts[part], left))
		}
		chain.Rules, rules = c.dispatch, c.rest
		if len(rules) > longList {
			rest := l.part(name, "rest")
			depth = max(depth, 1+l.judge(of, rest, rules, left))
			chain.Rules, rules = append(chain.Rules, &Rule{Verdict: Verdict{Kind: Goto, Target: rest}}), nil
		}
	}
	for _, r := range rules {
		chain.Rules = append(chain.Rules, l.rules(of, r)...)
	}
	if depth == 0 {
		l.out.Lists = append(l.out.Lists, chain)
		return depth
	}
	for len(l.out.Levels) < depth {
		l.out.Levels = append(l.out.Levels, Level{})
	}
	level := &l.out.Levels[depth-1]
	level.Maps, level.Lists = append(level.Maps, c.maps...), append(level.Lists, chain)
	return depth
}

// bestCut gives the best of the ways that are worth it, nil if none is, and the ways that are left.
func (l *lowering) bestCut(of listing, name string, rules []*ir.Rule, ways cuts) (*cut, cuts) {
	if len(rules) <= longList {
		return nil, ways
	}
	var best *cut
	left := ways
	if ways.byPeer {
		if c := l.cutByPeer(of, name, rules); c.isWorth() {
			best, left = c, cuts{byPort: ways.byPort}
		}
	}
	if ways.byPort {
		if c := l.cutByPort(name, rules); c.isWorth() && c.isBetter(best) {
			best, left = c, cuts{byPeer: ways.byPeer}
		}
	}
	return best, left
}

// keepOrder collects what is left of rules in a part. What follows a rule that matches everything there is never reached; but rules with
// opaque peers stay, because what they refer to must be there.
func (l *lowering) keepOrder(rules []*ir.Rule, f func(r *ir.Rule) (*ir.Rule, bool)) []*ir.Rule {
	var out []*ir.Rule
	isEnd := false
	for _, r := range rules {
		kept, ok := f(r)
		if !ok || isEnd && !l.p.IsOpaque(kept) {
			continue
		}
		out = append(out, kept)
		isEnd = isEnd || kept.AnyPeer && kept.L4.IsAny()
	}
	return out
}

// span is the addresses From..To, which lie in the same sets.
type span struct {
	ir.AddrRange
	sets []ir.SetID // ascending
}

// cutByPeer cuts by the classes of addresses; nil if there are none, or too many addresses.
func (l *lowering) cutByPeer(of listing, name string, rules []*ir.Rule) *cut {
	sets, isInterval := l.knownPeers(rules)
	if len(sets) == 0 {
		return nil
	}
	c := &cut{parts: map[string][]*ir.Rule{}, size: len(rules)}
	places := maxPlaces * len(rules)
	for _, f := range of.families {
		m := &Set{Key: []Type{addrType(f)}, Interval: isInterval, Verdicts: true, Source: of.source}
		m.Name = fmt.Sprintf("%s_peer%s%d", l.part(name, "peers"), map[bool]string{false: "s", true: "b"}[isInterval], f)
		spans, ok := l.spans(sets, f, places)
		if !ok {
			return nil
		}
		for _, s := range spans {
			words := []any{name, "class"}
			for _, id := range s.sets {
				words = append(words, l.p.Sets[id].Name)
			}
			part := l.part(words...)
			if _, ok := c.parts[part]; !ok {
				c.parts[part] = l.ofClass(rules, s.sets)
			}
			if places = addSpan(m, s, part, places); places < 0 {
				return nil
			}
		}
		if len(m.Elements) > 0 {
			c.lead(m, peerField(of.direction, f))
		}
	}
	c.rest = l.ofClass(rules, nil)
	return c
}

// addSpan adds the elements of a span to a map, and returns how many places are left.
func addSpan(m *Set, s span, part string, places int) int {
	verdict := Verdict{Kind: Goto, Target: part}
	if m.Interval {
		m.Elements = append(m.Elements, &Element{From: addrValue(s.From), To: addrValue(s.To), Verdict: verdict})
		return places - 1
	}
	for a := s.From; places >= 0; a = a.Next() {
		m.Elements = append(m.Elements, &Element{From: addrValue(a), To: addrValue(a), Verdict: verdict})
		places--
		if a == s.To {
			break
		}
	}
	return places
}

// knownPeers lists the sets of rules that are not opaque, and whether any has blocks.
func (l *lowering) knownPeers(rules []*ir.Rule) (sets []ir.SetID, blocks bool) {
	for _, r := range rules {
		for _, id := range r.Peers {
			if kind := l.p.Sets[id].Kind; !kind.IsOpaque() {
				sets = append(sets, id)
				blocks = blocks || kind == ir.Blocks
			}
		}
	}
	slices.Sort(sets)
	return slices.Compact(sets), blocks
}

// edge is where a set begins or has ended.
type edge struct {
	at   netip.Addr
	set  ir.SetID
	ends bool
}

// spans divides the addresses of one family that lie in any of the sets. ok is false if the sets have more than limit ranges.
func (l *lowering) spans(sets []ir.SetID, f ir.Family, limit int) (out []span, ok bool) {
	var edges []edge
	for _, id := range sets {
		for _, r := range l.p.Sets[id].Addrs.Of(f).Ranges() {
			edges = append(edges, edge{r.From, id, false})
			if after := r.To.Next(); after.IsValid() {
				edges = append(edges, edge{after, id, true})
			}
		}
		if len(edges) > 2*limit {
			return nil, false
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.set, b.set)) })
	var within []ir.SetID
	from := netip.Addr{}
	for _, e := range edges {
		if from != e.at && len(within) > 0 {
			out = append(out, span{ir.AddrRange{From: from, To: e.at.Prev()}, slices.Clone(within)})
		}
		from = e.at
		i, found := slices.BinarySearch(within, e.set)
		switch {
		case e.ends:
			within = slices.Delete(within, i, i+1)
		case !found:
			within = slices.Insert(within, i, e.set)
		}
	}
	if len(within) > 0 {
		out = append(out, span{ir.AddrRange{From: from, To: ir.AnyOf(f).Ranges()[0].To}, within})
	}
	return out, true
}

// ofClass gives what is left of rules for addresses that lie in just these sets.
func (l *lowering) ofClass(rules []*ir.Rule, sets []ir.SetID) []*ir.Rule {
	return l.keepOrder(rules, func(r *ir.Rule) (*ir.Rule, bool) {
		if r.AnyPeer {
			return r, true
		}
		var opaque []ir.SetID
		for _, id := range r.Peers {
			if l.p.Sets[id].Kind.IsOpaque() {
				opaque = append(opaque, id)
			} else if _, found := slices.BinarySearch(sets, id); found {
				part := *r
				part.AnyPeer, part.Peers = true, nil
				return &part, true
			}
		}
		if len(opaque) == len(r.Peers) {
			return r, len(opaque) > 0
		}
		part := *r
		part.Peers = opaque
		return &part, len(opaque) > 0
	})
}

// cutByPort cuts by destination port; nil if no rule is about some ports only. If there would be too many copies, parts may have more
// rules.
func (l *lowering) cutByPort(name string, rules []*ir.Rule) *cut {
	c := &cut{parts: map[string][]*ir.Rule{}, size: len(rules), rest: l.keepOrder(rules, ofNoPort)}
	protos := []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP}
	var halved [][]portPart // parallel to protos
	for few := longList / 2; few < len(rules); few *= 2 {
		halved = nil
		copies := len(c.rest)
		for _, proto := range protos {
			parts := halve(rules, proto, ir.AllPorts(), few)
			halved = append(halved, parts)
			for _, part := range parts {
				copies += len(part.rules)
			}
		}
		if copies <= maxCopies*len(rules) {
			break
		}
	}
	for i, proto := range protos {
		m := &Set{Name: fmt.Sprintf("%s_%s", l.part(name, "ports"), proto), Key: []Type{InetService}, Interval: true, Verdicts: true}
		for _, h := range halved[i] {
			part := l.part(name, proto, h.ports)
			c.parts[part] = l.keepOrder(h.rules, func(r *ir.Rule) (*ir.Rule, bool) { return ofPorts(r, proto, h.ports) })
			m.Elements = append(m.Elements, &Element{From: portValue(h.ports.From), To: portValue(h.ports.To), Verdict: Verdict{Kind: Goto, Target: part}})
		}
		if len(m.Elements) > 0 {
			c.lead(m, DstPort, oneProto(proto))
		}
	}
	if len(c.parts) == 0 {
		return nil
	}
	return c
}

// portPart is a range of ports, and the rules that may match packets to them.
type portPart struct {
	ports ir.PortRange
	rules []*ir.Rule
}

// halve divides a range of ports until few rules are about some ports of a part and not all. Parts that no rule is about are left
// out.
func halve(rules []*ir.Rule, proto ir.Proto, ports ir.PortRange, few int) []portPart {
	var within []*ir.Rule
	isAbout, some := false, 0
	for _, r := range rules {
		a := aboutPorts(r.L4, proto, ports)
		if a != aboutNone {
			within = append(within, r)
		}
		isAbout = isAbout || a == aboutSome || a == aboutAll
		if a == aboutSome {
			some++
		}
	}
	if !isAbout {
		return nil
	}
	if some <= few {
		return []portPart{{ports, within}}
	}
	middle := ports.From + (ports.To-ports.From)/2
	return append(halve(within, proto, ir.PortRange{From: ports.From, To: middle}, few), halve(within, proto, ir.PortRange{From: middle + 1, To: ports.To}, few)...)
}

// about says how a rule's layer-4 match lies to a range of destination ports of a protocol.
type about int

const (
	aboutNone  about = iota // it matches none of them
	aboutOther              // it does not tell ports apart
	aboutAll                // where it tells ports apart, it has the whole range
	aboutSome               // some box ends within the range
)

func aboutPorts(l4 ir.L4Set, proto ir.Proto, ports ir.PortRange) about {
	out := aboutNone
	for _, b := range l4 {
		switch {
		case b.Proto == ir.ProtoAny, b.Proto == proto && b.Dst.IsAll():
			out = max(out, aboutOther)
		case b.Proto == proto && b.Dst.Covers(ports):
			out = max(out, aboutAll)
		case b.Proto == proto && b.Dst.Overlaps(ports):
			return aboutSome
		}
	}
	return out
}

// ofPorts gives what is left of a rule for packets of a protocol to ports of a range.
func ofPorts(r *ir.Rule, proto ir.Proto, ports ir.PortRange) (*ir.Rule, bool) {
	if r.L4.IsAny() {
		return r, true
	}
	part := *r
	part.L4 = nil
	for _, b := range r.L4 {
		switch {
		case b.Proto == ir.ProtoAny, b.Proto == proto && b.Src.IsAll() && b.Dst.Covers(ports):
			part.L4 = ir.AnyL4Set()
			return &part, true
		case b.Proto == proto && b.Dst.Overlaps(ports):
			if b.Dst.Covers(ports) {
				b.Dst = ir.AllPorts()
			} else {
				b.Dst = ir.PortRange{From: max(b.Dst.From, ports.From), To: min(b.Dst.To, ports.To)}
			}
			part.L4 = append(part.L4, b)
		}
	}
	return &part, len(part.L4) > 0
}

// ofNoPort gives what is left of a rule for packets to which no box about some ports applies.
func ofNoPort(r *ir.Rule) (*ir.Rule, bool) {
	part := *r
	part.L4 = nil
	for _, b := range r.L4 {
		if !b.Proto.HasPorts() || b.Dst.IsAll() {
			part.L4 = append(part.L4, b)
		}
	}
	return &part, len(part.L4) > 0
}
