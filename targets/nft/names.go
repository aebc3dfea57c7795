package nft

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// # Names
//
// A rule whose peers are names refers to sets of the addresses that DNS gave for them, one for each family. Their elements are
// volatile. So that an address is there before its client can use it, answers of DNS for endpoints with such rules are held back:
//
//	conntrack (-200) -> dns_answers (-150) -> translation (-100) -> routing -> ...
//	                        |                      ^
//	                     log, drop            interface PutBack
//	                        v                      |
//	                     listener ----------> learn, put back
//
// An answer is what comes in reply to whoever dialled port 53, whatever the server's own port is. It is held only while its
// protocol is an element of the set "alive", which the listener keeps so: the elements end by themselves when it does, and answers
// pass unseen. What comes for an address that no other interface may have, of a loopback interface or of a link, could not be put
// back, and is only shown. What the machine sends to itself is held when it comes in.
//
// What the machine's own servers send to its pods passes the output hook. A packet that is dropped there is not sent, for its sender:
// a server that speaks UDP gets an error, and TCP takes what acknowledges the packet for false when it was put back, and ends up
// sending it again and again. So it is sent, but elsewhere:
//
//	dns_answers_output (-150) -> routed anew -> loopback -> dns_answers (-150)
//	                |                                         |
//	     log, destination 127.0.0.1 or ::1                  drop
//
// Its connection is still attached to it when it comes by the loopback interface, and tells it from what else comes there. Where another table's output chain or a missing loopback interface prevents that, it is as if it were dropped.

// aliveName is the name of the set of the protocols whose answers are held. Its elements are the runtime's, and no part of an
// artifact.
const aliveName = "alive"

// AliveSet is the set of the protocols whose answers are held, with all elements that it can have.
func AliveSet() *Set {
	s := &Set{Name: aliveName, Key: []Type{InetProto}, Timeout: true}
	for _, p := range answerProtos() {
		s.Elements = append(s.Elements, &Element{From: protoValue(p), To: protoValue(p)})
	}
	return s
}

// IsRuntimes reports whether the elements of the set of a name are no part of an artifact.
func IsRuntimes(name string) bool {
	return name == aliveName || strings.HasPrefix(name, affinityPrefix)
}

// VolatilityOf tells of a set by its name whether its elements are volatile.
func VolatilityOf(name string) artifact.Volatility {
	for _, f := range ir.Families() {
		if strings.HasPrefix(name, fmt.Sprintf("%s%d_", addrSetPrefix(ir.Names), f)) {
			return artifact.VolatileItems
		}
	}
	return artifact.Lasting
}

// Volatile gives the volatile objects of Generate's artifact: sets, of which the elements are volatile.
func Volatile(p *ir.Pipeline) []artifact.Object { return volatile(p, ir.IsMachine(p.Node)) }

// VolatileOwn gives the volatile objects of GenerateOwn's artifact.
func VolatileOwn(p *ir.Pipeline) []artifact.Object {
	if nodeOf(p) < 0 && !ir.IsMachine(p.Node) {
		return nil
	}
	return volatile(p, true)
}

func volatile(p *ir.Pipeline, ownOnly bool) []artifact.Object {
	if !hasNames(p) {
		return nil
	}
	l := newLowering(p, &diag.Report{}, ownOnly)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			for id, families := range l.families(c) {
				l.names(&c.Lists[id], families)
			}
		}
	}
	var out []artifact.Object
	for _, s := range l.sets {
		out = append(out, SetObject(s))
	}
	slices.SortFunc(out, func(a, b artifact.Object) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

func hasNames(p *ir.Pipeline) bool {
	return slices.ContainsFunc(p.Sets, func(s ir.Set) bool { return s.Kind == ir.Names })
}

// names makes the sets of the names that a list's rules refer to.
func (l *lowering) names(list *ir.List, families []ir.Family) {
	for i := range list.Rules {
		for _, id := range list.Rules[i].Peers {
			if set := &l.p.Sets[id]; set.Kind == ir.Names {
				for _, f := range families {
					l.addrSet(set, f)
				}
			}
		}
	}
}

// answerProtos are the protocols of DNS.
func answerProtos() []ir.Proto { return []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} }

// answerPort is the port that servers of DNS are dialled at.
const answerPort = 53

// answers makes what holds answers of DNS for those endpoints that are watched, if there are any.
func (l *lowering) answers() {
	if !hasNames(l.p) {
		return
	}
	watched := l.watchedSets()
	if len(watched) == 0 && !l.watchesNode() {
		return
	}
	alive := AliveSet()
	l.sets[alive.Name] = &Set{Name: alive.Name, Key: alive.Key, Timeout: true}
	isAlive := []Match{{Fields: []Field{L4Proto}, Set: alive.Name}}
	hold := &Chain{Name: chainHold, Rules: []*Rule{
		{Matches: isAlive, Log: Log{Group: AnswerGroup}, Verdict: Verdict{Kind: Drop}},
	}}
	see := &Chain{Name: chainSee, Rules: []*Rule{
		{Matches: isAlive, Log: Log{Group: AnswerGroup, Prefix: SeenPrefix}, Verdict: Verdict{Kind: Accept}},
	}}
	l.first = append(l.first, hold, see)
	loops := l.loops(watched, isAlive)
	in := &Chain{Name: chainAnswers, Hook: Prerouting, Priority: priorityAnswers, Rules: []*Rule{acceptIf(putBack()), acceptIf(putBackRaw())}}
	out := &Chain{Name: chainOwnAnswers, Hook: Output, Priority: priorityAnswers, Reroutes: true,
		Rules: []*Rule{acceptIf(Match{Fields: []Field{OutLoopback}})}}
	for _, proto := range answerProtos() {
		for i, who := range watched {
			in.Rules = append(in.Rules, looped(proto, who), answered(proto, who, chainHold))
			out.Rules = append(out.Rules, answered(proto, who, loops[i]))
		}
	}
	if l.watchesNode() {
		in.Rules = append(in.Rules, l.answersOfNode()...)
	}
	l.rawAnswers(watched, isAlive, in, out)
	for _, c := range l.out.Chains {
		switch c.Name {
		case chainGuard:
			c.Rules = slices.Insert(c.Rules, 0, acceptIf(putBack()), acceptIf(putBackRaw()))
		case chainIngress, chainOwnIngress:
			c.Rules = slices.Insert(c.Rules, 0, ownAnswers())
		}
	}
	l.out.Chains = append(l.out.Chains, in)
	if len(watched) > 0 {
		l.out.Chains = append(l.out.Chains, out)
	}
}

// looped drops what a chain of loops has sent to the loopback address. What a machine that is watched sends to itself is not that.
func looped(proto ir.Proto, who Match) *Rule {
	r := answered(proto, who, "")
	to := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if who.Fields[0] == asker(ir.IPv6) {
		to = netip.IPv6Loopback()
	}
	isThere := Match{Fields: []Field{subject(ir.Ingress, ir.FamilyOf(to))}, From: addrValue(to), To: addrValue(to)}
	r.Matches, r.Verdict = slices.Insert(r.Matches, 0, isThere, Match{Fields: []Field{InLoopback}}), Verdict{Kind: Drop}
	return r
}

// loops makes the chains that hold what the machine itself sends to each kind of the watched, and gives their names.
func (l *lowering) loops(watched, isAlive []Match) []string {
	names := make([]string, len(watched))
	for i, who := range watched {
		f, kind := ir.IPv4, Loop4
		if who.Fields[0] == asker(ir.IPv6) {
			f, kind = ir.IPv6, Loop6
		}
		names[i] = fmt.Sprintf("%s%d", chainLoop, f)
		l.first = append(l.first, &Chain{Name: names[i], Rules: []*Rule{
			{Matches: isAlive, Log: Log{Group: AnswerGroup}, Verdict: Verdict{Kind: kind}},
		}})
	}
	return names
}

// answered sends answers over a protocol to a chain.
func answered(proto ir.Proto, who Match, chain string) *Rule {
	port := Match{Fields: []Field{CtDstPort}, From: portValue(answerPort), To: portValue(answerPort)}
	return &Rule{Matches: []Match{oneProto(proto), {Fields: []Field{CtReply}}, port, who}, Verdict: Verdict{Kind: Goto, Target: chain}}
}

// watchesNode reports whether the node itself is watched.
func (l *lowering) watchesNode() bool {
	return l.node >= 0 && slices.Contains(l.p.Watched(), l.p.Endpoints[l.node])
}

// answersOfNode holds what comes for the node, whichever of its addresses it has asked from, but not what comes for its pods behind
// one of these.
func (l *lowering) answersOfNode() []*Rule {
	var rules []*Rule
	for _, f := range ir.Families() {
		if own := l.localSet(f); own != nil {
			rules = append(rules, acceptIf(Match{Fields: []Field{asker(f)}, Set: own.Name}))
		}
	}
	for _, proto := range answerProtos() {
		for _, m := range pinned() {
			rules = append(rules, answered(proto, m, chainSee))
		}
		rules = append(rules, answered(proto, Match{Fields: []Field{DstLocal}}, chainHold))
	}
	return rules
}

// pinned matches what is for the addresses that belong to one interface, so that the kernel takes nothing for them from another: those
// of a loopback interface, and those that mean something on their own link only (RFC 4291, section 2.4). Who listens on a loopback
// interface mostly asks others, whose answers are held.
func pinned() []Match {
	var out []Match
	for _, r := range []ir.AddrRange{
		{From: netip.AddrFrom4([4]byte{127, 0, 0, 0}), To: netip.AddrFrom4([4]byte{127, 255, 255, 255})},
		{From: netip.IPv6Loopback(), To: netip.IPv6Loopback()},
		{From: netip.MustParseAddr("fe80::"), To: netip.MustParseAddr("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff")},
	} {
		out = append(out, Match{Fields: []Field{subject(ir.Ingress, ir.FamilyOf(r.From))}, From: addrValue(r.From), To: addrValue(r.To)})
	}
	return out
}

// asker is the field that has the address of who has asked.
func asker(f ir.Family) Field {
	if f == ir.IPv4 {
		return CtSrc4
	}
	return CtSrc6
}

func putBack() Match { return Match{Fields: []Field{InPutBack}} }

// watchedSets makes the sets of the addresses of those who are watched but for the node itself, and gives a match of each.
func (l *lowering) watchedSets() []Match {
	var out []Match
	watched := l.p.Watched()
	for _, f := range ir.Families() {
		s := &Set{Name: fmt.Sprintf("watched%d", f), Key: []Type{addrType(f)}}
		for _, e := range watched {
			if !l.hasMap(e) {
				continue
			}
			for _, a := range addrsOf(e, f) {
				s.Elements = append(s.Elements, &Element{From: a, To: a})
			}
		}
		if len(s.Elements) == 0 {
			continue
		}
		sortElements(s)
		l.sets[s.Name] = s
		out = append(out, Match{Fields: []Field{asker(f)}, Set: s.Name})
	}
	return out
}
