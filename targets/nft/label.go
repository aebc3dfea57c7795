package nft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// # Counting whole connections
//
// Rules judge what begins a connection; the rest of it is accepted before any rule is met. So that the rest counts for the rule that
// allowed it, that rule writes the low bits of its id into the connection's label (conntrack's, of 128 bits), and the packets of the
// connection are looked up by it in a set, each element of which counts what is found in it:
//
//	first packet   ... counter ct label set ID goto opened_DIRECTION  ->  opened set counts it, once for a connection
//	the others     ct state established,related ct label & MASK @carried_DIRECTION accept
//
// A packet of a connection so costs one lookup more in each direction that is judged on the node, and no rule; one of a connection that
// no rule of the direction has allowed costs a rule more, too. Nothing is read, kept or sent while packets pass, so counts neither depend on an
// agent nor on how many connections there are. Both directions of a connection count, and ICMP errors about it.
//
// There are labels for egress, for ingress, and for node ports, because three rules may allow one connection on one node. The kernel
// can add bits to a label but not take any away. So a label is written whole by whoever is first:
//
//   - An id is that of a rule, not of a generation: a connection goes on to count for its rule as long as there is one of that id, however
//     often the rest changes. Once there is none it counts for nobody, as what its rule had counted is gone.
//   - If two rules allow packets of one connection before it is established, because policies changed between the two, the label
//     is none of theirs, and what follows counts for neither.
//   - Of two rules whose low bits are equal only the first counts whole connections; the other one counts what it judged.
//   - Connections that began before there was any label have none.
//
// What a rule refuses never becomes a connection; it counts packet by packet, at the rule itself.

// slot is a part of a connection's label.
type slot uint8

// The slots.
const (
	egressSlot slot = iota
	ingressSlot
	entrySlot
	numSlots = 3
)

// slotBits is the length of a slot.
const slotBits = 40

func (s slot) String() string { return [...]string{"egress", "ingress", "entry"}[s] }

// The sets of a slot, and the chain that counts connections, which has the name of its set.
const (
	openedPrefix  = "opened_"
	carriedPrefix = "carried_"
)

// CountsConnections reports whether the set of a name counts connections that rules have allowed.
func CountsConnections(name string) bool { return strings.HasPrefix(name, openedPrefix) }

// CountsCarried reports whether the set of a name counts packets of connections that rules have allowed, but for those that they judged.
func CountsCarried(name string) bool { return strings.HasPrefix(name, carriedPrefix) }

// Labels gives the labels that a rule may write, one for each slot.
func Labels(id ir.RuleID) []Value {
	var out []Value
	for s := range slot(numSlots) {
		out = append(out, s.label(uint64(id)))
	}
	return out
}

// label has the low bits of an id in the slot. Bit n of a label is bit n%8 of byte n/8.
func (s slot) label(id uint64) Value {
	out := make([]byte, Label.Len())
	for i := range slotBits / 8 {
		out[int(s)*slotBits/8+i] = byte(id >> (8 * i))
	}
	return Value(out)
}

func (s slot) mask() Value { return s.label(1<<slotBits - 1) }

// slotOf tells where rules of a list write. Lists of node ports have a slot of their own, even if others share them.
func (l *lowering) slotOf(d ir.Direction, c *ir.Classifier, id ir.ListID) slot {
	for i, e := range l.p.Endpoints {
		if e.Kind == ir.ServiceEndpoint && c.Assign[i] == id {
			return entrySlot
		}
	}
	return [...]slot{ir.Egress: egressSlot, ir.Ingress: ingressSlot}[d]
}

// labelled makes a rule that allows count whole connections.
func (l *lowering) labelled(r *Rule, s slot) {
	label := s.label(uint64(r.ID))
	if r.ID == 0 || r.Verdict.Kind != Accept || label == (s.label(0)) {
		return
	}
	if l.labels[s] == nil {
		l.labels[s] = map[Value]ir.RuleID{}
	}
	if first, known := l.labels[s][label]; known && first != r.ID {
		return
	}
	l.labels[s][label] = r.ID
	r.Label, r.Verdict = label, Verdict{Kind: Goto, Target: openedPrefix + s.String()}
}

// counting makes the sets and chains that labels need, and puts the lookup before what accepts connections that were allowed before.
func (l *lowering) counting() {
	for s := range slot(numSlots) {
		if len(l.labels[s]) == 0 {
			continue
		}
		opened, carried := labelSet(openedPrefix, s), labelSet(carriedPrefix, s)
		for label := range l.labels[s] {
			e := &Element{From: label, To: label}
			opened.Elements, carried.Elements = append(opened.Elements, e), append(carried.Elements, e)
		}
		sortElements(opened)
		sortElements(carried)
		l.sets[opened.Name], l.sets[carried.Name] = opened, carried
		l.first = append(l.first, &Chain{Name: opened.Name, Rules: []*Rule{
			acceptIf(Match{Fields: []Field{CtConfirmed}}), acceptIf(s.in(opened)), {Verdict: Verdict{Kind: Accept}}}})
		for _, c := range l.out.Chains {
			if s.isJudgedIn(c) {
				state := Match{Fields: []Field{CtState}}
				c.Rules = slices.Insert(c.Rules, 0, &Rule{Matches: []Match{state, s.in(carried)}, Verdict: Verdict{Kind: Accept}})
			}
		}
	}
}

func labelSet(prefix string, s slot) *Set {
	return &Set{Name: fmt.Sprintf("%s%s", prefix, s), Key: []Type{Label}, Counts: true}
}

// in matches connections whose label has in the slot what an element of the set has.
func (s slot) in(set *Set) Match {
	return Match{Fields: []Field{CtLabel}, Mask: s.mask(), Set: set.Name}
}

// isJudgedIn reports whether a chain is what packets enter first where the slot's direction is judged.
func (s slot) isJudgedIn(c *Chain) bool {
	switch c.Name {
	case chainEgress, chainOwnEgress:
		return s == egressSlot
	case chainIngress, chainOwnIngress:
		return s == ingressSlot
	case chainEntry:
		return s == entrySlot
	}
	return false
}
