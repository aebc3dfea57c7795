package nft

import (
	"fmt"
	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// # Answers that are not tracked
//
// A cache of DNS on the node often has what it is asked and answers exempted from connection tracking (notrack), on addresses of the
// node's own. Nothing tells who has begun then: an answer is what comes from port 53 for somebody who is watched. It is held as others
// are, by chains of its own, and put back through an interface of its own, behind which it is exempted again:
//
//	untracked (-300) -> conntrack (-200) -> dns_answers (-150) -> ...
//	     ^                                      |
//	interface PutBackRaw                    log, drop
//
// What the machine itself has sent no policy judges, of a node for its own pods or for itself. Put back, it comes from outside,
// so that this has to be said where incoming packets are judged. An untracked packet for a loopback address is what a chain of loops has
// sent there, unless it comes from one.

// rawAnswers makes what holds answers that are not tracked, for the watched and for the node itself.
func (l *lowering) rawAnswers(watched, isAlive []Match, in, out *Chain) {
	held := Log{Group: AnswerGroup, Prefix: RawPrefix}
	l.first = append(l.first, &Chain{Name: chainRaw, Rules: []*Rule{{Matches: isAlive, Log: held, Verdict: Verdict{Kind: Drop}}}})
	for _, who := range watched {
		f, kind := ir.IPv4, Loop4
		if who.Fields[0] == asker(ir.IPv6) {
			f, kind = ir.IPv6, Loop6
		}
		loop := &Chain{Name: fmt.Sprintf("%s_loop%d", chainRaw, f),
			Rules: []*Rule{{Matches: isAlive, Log: held, Verdict: Verdict{Kind: kind}}}}
		l.first = append(l.first, loop)
		to := Match{Fields: []Field{subject(ir.Ingress, f)}, Set: who.Set}
		in.Rules = append(in.Rules, l.rawLooped(f)...)
		for _, proto := range answerProtos() {
			in.Rules = append(in.Rules, rawAnswered(proto, to, chainRaw))
			out.Rules = append(out.Rules, rawAnswered(proto, to, loop.Name))
		}
	}
	if l.watchesNode() {
		in.Rules = append(in.Rules, l.rawAnswersOfNode()...)
	}
	l.out.Chains = append(l.out.Chains, &Chain{Name: chainUntracked, Hook: Prerouting, Priority: priorityGuard,
		Rules: []*Rule{{Matches: []Match{putBackRaw()}, Verdict: Verdict{Kind: Untrack}}}})
}

// rawAnswersOfNode holds what comes for the node.
func (l *lowering) rawAnswersOfNode() []*Rule {
	var rules []*Rule
	for _, proto := range answerProtos() {
		for _, m := range pinned() {
			rules = append(rules, rawAnswered(proto, m, chainSee))
		}
		rules = append(rules, rawAnswered(proto, Match{Fields: []Field{DstLocal}}, chainRaw))
	}
	return rules
}

// rawAnswered sends untracked answers over a protocol to a chain.
func rawAnswered(proto ir.Proto, to Match, chain string) *Rule {
	port := Match{Fields: []Field{SrcPort}, From: portValue(answerPort), To: portValue(answerPort)}
	return &Rule{Matches: []Match{oneProto(proto), {Fields: []Field{CtUntracked}}, port, to}, Verdict: Verdict{Kind: Goto, Target: chain}}
}

// rawLooped drops what a chain of loops has sent to the loopback address. What comes from one goes to the node, which may be watched.
func (l *lowering) rawLooped(f ir.Family) []*Rule {
	from, to := netip.AddrFrom4([4]byte{127, 0, 0, 0}), netip.AddrFrom4([4]byte{127, 255, 255, 255})
	one := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if f == ir.IPv6 {
		from, to, one = netip.IPv6Loopback(), netip.IPv6Loopback(), netip.IPv6Loopback()
	}
	isThere := Match{Fields: []Field{subject(ir.Ingress, f)}, From: addrValue(one), To: addrValue(one)}
	isInside := Match{Fields: []Field{subject(ir.Egress, f)}, From: addrValue(from), To: addrValue(to)}
	port := Match{Fields: []Field{SrcPort}, From: portValue(answerPort), To: portValue(answerPort)}
	inside := Verdict{Kind: Accept}
	if l.watchesNode() {
		inside = Verdict{Kind: Goto, Target: chainSee}
	}
	var rules []*Rule
	for _, proto := range answerProtos() {
		common := func(extra ...Match) []Match {
			return append([]Match{isThere, {Fields: []Field{InLoopback}}, {Fields: []Field{CtUntracked}}, oneProto(proto), port}, extra...)
		}
		rules = append(rules, &Rule{Matches: common(isInside), Verdict: inside},
			&Rule{Matches: common(), Verdict: Verdict{Kind: Drop}})
	}
	return rules
}

// ownAnswers lets what the machine itself has sent pass where incoming packets are judged.
func ownAnswers() *Rule {
	return &Rule{Matches: []Match{putBackRaw(), {Fields: []Field{SrcLocal}}}, Verdict: Verdict{Kind: Accept}}
}

func putBackRaw() Match { return Match{Fields: []Field{InPutBackRaw}} }
