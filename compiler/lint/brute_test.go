package lint

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// brute finds the same things as analysis by trying every packet that the Program can tell apart, one by one, with the matching
// of package ir and nothing of this one.
type brute struct {
	program *ir.Program
	rules   [2][ir.NumPhases][]bruteRule
	judged  []bruteJudged
	gone    map[string]bool
}

type bruteRule struct {
	id  string
	ref ir.RuleRef
}

// bruteJudged is a packet that an endpoint's policies judge, and what matches it, in order.
type bruteJudged struct {
	direction ir.Direction
	packet    ir.Packet
	matches   [ir.NumPhases][]bruteRule
	isolated  bool
}

func idOf(d ir.Direction, p *ir.Policy, o source.Origin) string {
	return fmt.Sprintf("%s %s|%s", d, p.Origin.Object, o)
}

func newBrute(p *ir.Program) *brute {
	b := &brute{program: p, gone: map[string]bool{}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, ref := range p.OrderedRules(d, ph) {
				b.rules[d][ph] = append(b.rules[d][ph], bruteRule{idOf(d, ref.Policy, ref.Rule(d).Origin), ref})
			}
		}
	}
	evaluator := p.Evaluator()
	owner := map[netip.Addr]*ir.Endpoint{}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			owner[a] = e
		}
	}
	addrs, traffics, seen := bruteAddrs(p), bruteTraffic(p), map[string]bool{}
	for _, src := range addrs {
		for _, dst := range addrs {
			if src.Is4() != dst.Is4() {
				continue
			}
			for _, l4 := range traffics {
				pkt := ir.Packet{Src: src, Dst: dst, Proto: l4.proto, SrcPort: l4.src, DstPort: l4.dst}
				for _, d := range ir.Directions() {
					e := owner[pkt.Subject(d)]
					decision := evaluator.Decide(d, pkt)
					if e == nil || isExempt(decision.Reason) {
						continue
					}
					j := b.judge(d, e, pkt, owner[dst])
					if action, _ := b.verdict(j, 0); action != decision.Action {
						panic(fmt.Sprintf("brute force says %s, Eval %s", action, decision))
					}
					if !seen[j.key()] {
						seen[j.key()] = true
						b.judged = append(b.judged, j)
					}
				}
			}
		}
	}
	return b
}

// key is equal for packets that the same rules match: one of them is enough.
func (j *bruteJudged) key() string {
	var key strings.Builder
	fmt.Fprint(&key, j.direction, j.isolated)
	for _, rules := range j.matches {
		for _, r := range rules {
			key.WriteString(r.id)
			key.WriteByte('|')
		}
		key.WriteByte('#')
	}
	return key.String()
}

func isExempt(reason string) bool {
	return slices.Contains([]string{ir.ReasonEstablished, ir.ReasonItself, ir.ReasonNeighbour, ir.ReasonOwnNode, ir.ReasonLoopback,
		ir.ReasonNoEndpoint}, reason)
}

func (b *brute) judge(d ir.Direction, e *ir.Endpoint, pkt ir.Packet, dst *ir.Endpoint) bruteJudged {
	out := bruteJudged{direction: d, packet: pkt}
	for _, ph := range ir.Phases() {
		for _, r := range b.rules[d][ph] {
			if has(r.ref.Subjects(d), e) && r.ref.Rule(d).Matches(d, pkt, dst) {
				out.matches[ph] = append(out.matches[ph], r)
			}
		}
	}
	for _, p := range b.program.Policies {
		out.isolated = out.isolated || p.Phase == ir.Namespace && p.Isolates[d] && has(p.Subjects, e)
	}
	return out
}

func has(groups []*ir.Group, e *ir.Endpoint) bool {
	return slices.ContainsFunc(groups, func(g *ir.Group) bool { return slices.Contains(g.Members, e) })
}

// verdict judges by what matches and is not gone, from a phase on; by is the deciding rule.
func (b *brute) verdict(j bruteJudged, from ir.Phase) (action ir.Action, by string) {
	for ph := from; ph < ir.NumPhases; ph++ {
		i := slices.IndexFunc(j.matches[ph], func(r bruteRule) bool { return !b.gone[r.id] })
		switch {
		case i >= 0 && j.matches[ph][i].ref.Rule(j.direction).Action == ir.Pass:
		case i >= 0:
			return j.matches[ph][i].ref.Rule(j.direction).Action, j.matches[ph][i].id
		case ph == ir.Namespace && j.isolated:
			return ir.Drop, "isolation"
		}
	}
	return ir.Allow, ""
}

// decides reports whether a rule is the first that matches, and no earlier phase decides.
func (b *brute) decides(j bruteJudged, id string, phase ir.Phase) bool {
	for ph := range phase {
		i := slices.IndexFunc(j.matches[ph], func(r bruteRule) bool { return !b.gone[r.id] })
		if i >= 0 && j.matches[ph][i].ref.Rule(j.direction).Action != ir.Pass || i < 0 && ph == ir.Namespace && j.isolated {
			return false
		}
	}
	i := slices.IndexFunc(j.matches[phase], func(r bruteRule) bool { return !b.gone[r.id] })
	return i >= 0 && j.matches[phase][i].id == id
}

func (b *brute) outcome(j bruteJudged, r bruteRule, phase ir.Phase) ir.Action {
	if a := r.ref.Rule(j.direction).Action; a != ir.Pass {
		return a
	}
	whole := brute{gone: map[string]bool{}}
	a, _ := whole.verdict(j, phase+1)
	return a
}

// find returns "id: kind" of everything, and for ambiguous rules "id: ambiguous against other".
func (b *brute) find() []string {
	found := map[string]bool{}
	nowhere := map[string]bool{}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, r := range b.rules[d][ph] {
				b.findAmbiguous(d, ph, r, found)
				if r.ref.Rule(d).Action == ir.Pass && b.leadsNowhere(d, ph, r.id) {
					nowhere[r.id] = true
				}
			}
		}
	}
	for _, d := range ir.Directions() {
		for _, ph := range slices.Backward(slices.Collect(phases)) {
			for _, r := range slices.Backward(b.rules[d][ph]) {
				if b.gone[r.id] {
					continue // a part of what was found already
				}
				switch kind := b.dead(d, ph, r); {
				case kind != "":
					found[r.id+": "+kind] = true
				case nowhere[r.id]:
					found[r.id+": nowhere"] = true
				}
			}
		}
	}
	var out []string
	for f := range found {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

func phases(yield func(ir.Phase) bool) {
	for _, ph := range ir.Phases() {
		if !yield(ph) {
			return
		}
	}
}

func (b *brute) dead(d ir.Direction, ph ir.Phase, r bruteRule) string {
	subjects := slices.ContainsFunc(r.ref.Subjects(d), func(g *ir.Group) bool {
		return slices.ContainsFunc(g.Members, func(e *ir.Endpoint) bool { return len(e.Addrs) > 0 })
	})
	if !subjects {
		return ""
	}
	matches, decides, otherwise := false, false, false
	for _, j := range b.judged {
		i := slices.IndexFunc(j.matches[ph], func(o bruteRule) bool { return o.id == r.id })
		if j.direction != d || i < 0 {
			continue
		}
		matches = true
		decides = decides || b.decides(j, r.id, ph)
		with, _ := b.verdict(j, 0)
		otherwise = otherwise || with != b.outcome(j, r, ph)
		b.gone[r.id] = true
		without, _ := b.verdict(j, 0)
		b.gone[r.id] = false
		alone := brute{gone: map[string]bool{r.id: true}}
		if without2, _ := alone.verdict(j, 0); with != without || with != without2 {
			return ""
		}
	}
	b.gone[r.id] = true
	switch {
	case !matches:
		return "nothing"
	case !decides && otherwise:
		return "shadowed"
	}
	return "redundant"
}

func (b *brute) leadsNowhere(d ir.Direction, ph ir.Phase, id string) bool {
	any := false
	for _, j := range b.judged {
		if j.direction != d || !b.decides(j, id, ph) {
			continue
		}
		any = true
		for later := ph + 1; later < ir.NumPhases; later++ {
			if len(j.matches[later]) > 0 || later == ir.Namespace && j.isolated {
				return false
			}
		}
	}
	return any
}

// findAmbiguous looks for rules that could come before or after r: nothing but names tells.
func (b *brute) findAmbiguous(d ir.Direction, ph ir.Phase, r bruteRule, found map[string]bool) {
	if ph == ir.Namespace {
		return
	}
	for _, j := range b.judged {
		if j.direction != d || !b.decidesAmong(j, ph, r) {
			continue
		}
		for _, o := range j.matches[ph] {
			tied := o.ref.Policy != r.ref.Policy && !before(d, o, r) && !before(d, r, o)
			if tied && b.index(d, ph, o) < b.index(d, ph, r) && b.decidesAmong(j, ph, o) && b.outcome(j, o, ph) != b.outcome(j, r, ph) {
				found[r.id+": ambiguous against "+o.id] = true
			}
		}
	}
}

func (b *brute) index(d ir.Direction, ph ir.Phase, r bruteRule) int {
	return slices.IndexFunc(b.rules[d][ph], func(o bruteRule) bool { return o.id == r.id })
}

// decidesAmong reports whether r matches, and nothing that comes before it whatever the names does; earlier phases neither.
func (b *brute) decidesAmong(j bruteJudged, ph ir.Phase, r bruteRule) bool {
	mine := false
	for _, o := range j.matches[ph] {
		mine = mine || o.id == r.id
		if before(j.direction, o, r) {
			return false
		}
	}
	first := slices.IndexFunc(j.matches[ph], func(o bruteRule) bool { return true })
	return mine && b.decides(j, j.matches[ph][first].id, ph)
}

// before reports whether a rule comes before another one whatever their policies' names.
func before(d ir.Direction, a, b bruteRule) bool {
	ra, rb := a.ref.Policy.Rank, b.ref.Policy.Rank
	switch {
	case a.id == b.id:
		return false
	case ra.Tier != rb.Tier:
		return ra.Tier < rb.Tier
	case ra.Priority != rb.Priority:
		return ra.Priority < rb.Priority
	case ra.Interleave && a.ref.Rule(d).Turn != b.ref.Rule(d).Turn:
		return a.ref.Rule(d).Turn < b.ref.Rule(d).Turn
	}
	return a.ref.Policy == b.ref.Policy && a.ref.Index < b.ref.Index
}

// bruteAddrs lists an address of every kind that the Program tells apart, both families.
func bruteAddrs(p *ir.Program) []netip.Addr {
	addrs := []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:db8:ffff::1")}
	special := map[netip.Addr]string{}
	for _, n := range p.Nodes {
		for _, a := range n.Addrs {
			special[a] = "node " + n.Name
			addrs = append(addrs, a)
		}
	}
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			special[a] = e.String()
			addrs = append(addrs, a)
		}
	}
	for _, g := range p.Groups {
		for _, r := range g.Addrs.Ranges() {
			addrs = append(addrs, r.From, r.To, r.From.Prev(), r.To.Next())
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(addrs, func(a netip.Addr) bool {
		if !a.IsValid() || a.Is4In6() {
			return true
		}
		key := fmt.Sprint(a.Is4(), special[a])
		for _, g := range p.Groups {
			key += fmt.Sprint(g.Addrs.Contains(a))
		}
		known := seen[key]
		seen[key] = true
		return known
	})
}

// bruteTraffic lists a packet's layer 4 of every kind that the Program tells apart.
func bruteTraffic(p *ir.Program) []traffic {
	var specs []ir.PortSpec
	for _, policy := range p.Policies {
		for _, d := range ir.Directions() {
			for _, r := range policy.Rules[d] {
				specs = append(specs, r.Ports...)
			}
		}
	}
	srcs, dsts := []uint16{50000, 1}, []uint16{80, 50000, math.MaxUint16}
	edges := func(to []uint16, r ir.PortRange) []uint16 { return append(to, r.From-1, r.From, r.To, r.To+1) }
	for _, e := range p.Endpoints {
		for _, n := range e.Ports {
			dsts = edges(dsts, ir.OnePort(n.Port))
		}
	}
	for _, s := range specs {
		srcs, dsts = edges(srcs, s.Box.Src), edges(dsts, s.Box.Dst)
	}
	srcs, dsts = distinct(srcs), distinct(dsts)
	var all []traffic
	for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP, ir.ProtoICMPv6, ir.ProtoIGMP, 47, 254} {
		for _, dst := range dsts {
			for _, src := range srcs {
				switch {
				case proto.HasPorts() && src > 0 && dst > 0:
					all = append(all, traffic{proto, src, dst})
				case proto == ir.ProtoICMP, proto == ir.ProtoICMPv6:
					all = append(all, traffic{proto, 0, dst})
				case !proto.HasPorts():
					all = append(all, traffic{proto, 0, 0})
				}
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(t traffic) bool {
		never := t.proto == ir.ProtoICMPv6 && slices.Contains(ir.NeverFilteredICMPv6(), uint8(t.dst>>8))
		key := []byte{byte(t.proto), bit(never)}
		for _, s := range specs {
			key = append(key, bit(s.Box.Matches(t.proto, t.src, t.dst)), bit(s.Box.Src.Contains(t.src)))
		}
		for _, e := range p.Endpoints {
			for _, n := range e.Ports {
				key = append(key, bit(n.Port == t.dst))
			}
		}
		known := seen[string(key)]
		seen[string(key)] = true
		return known
	})
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func distinct(ports []uint16) []uint16 {
	slices.Sort(ports)
	return slices.Compact(ports)
}
