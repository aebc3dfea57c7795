package openflow

import (
	"cmp"
	"encoding/hex"
	"hash/fnv"
	"net/netip"
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// How a rule list becomes flows.
//
// A subject's list has a number, which its subject table puts into a register. A rule says "subjects with list N, and a peer of
// these addresses, and layer 4 of these boxes": a conjunction of up to three clauses, so that n addresses and m boxes cost n+m
// flows instead of n*m. Rules do not need a priority each: only those that conflict (another action on common traffic) must
// differ. Each rule's level is the length of the longest chain of later rules that conflict one with the next; levels are
// priorities. At one level all lists, and all rules of all lists, share their clause flows: the flow of an address is there
// once, however many rules name it, and one more member of a group is one more flow. Equal rules of several lists are one
// conjunction, whose first clause has a flow for each of the lists.
//
// A rule that is few enough plain flows is those instead. A plain flow and a clause flow of one priority and match would
// exclude each other, so plain flows have a priority of their own just above their level's clauses; that changes no verdict,
// because rules of one level do not conflict. A flow has room for MaxClauses conjunctions; a level that needs more in some flow
// is split into several.
const (
	firstPriority = 10
	maxLevels     = (65535 - firstPriority) / 2
	maxPlain      = 4 // flows that a rule may take as plain ones
)

// alternatives are matches of which a packet needs one. Rules share them: equal ones are one value, so that their flows are
// looked up once for each priority.
type alternatives struct{ matches [][]Term }

// MaxClauses is how many conjunctions one flow may have: OpenFlow's messages end at 64 KiB, and a conjunction takes 16 bytes.
const MaxClauses = 2048

// clauses is a rule's form: what its peers, and what its layer 4, may be. Nil stands for a clause that always holds.
type clauses struct {
	peers, l4 []*alternatives
}

// count is the number of matches; -1 if the clause always holds.
func count(as []*alternatives) int {
	if as == nil {
		return -1
	}
	n := 0
	for _, a := range as {
		n += len(a.matches)
	}
	return n
}

// conj is a rule, or several equal ones, at a level of a table.
type conj struct {
	rule    *ir.Rule
	level   int
	lists   []uint32
	clauses clauses
	id      uint32
}

// policy lowers one direction: who is subject to which lists, and the lists' rules.
func (l *lowering) policy(d ir.Direction) {
	l.subjects(d)
	for _, ph := range ir.Phases() {
		l.phase(d, ph)
	}
}

// subjects assigns lists. Neither direction is judged for what State or Associations marked, nor ingress for packets of the node
// itself: a node may always reach its own pods.
func (l *lowering) subjects(d ir.Direction) {
	subject := InPort
	if d == ir.Egress {
		l.add(EgressSubject, 400, []Term{Is(regBypass, 1)}, to(Forward))
	} else {
		subject = regPort
		l.add(IngressSubject, 400, []Term{Is(regBypass, 1)}, to(Output))
		for _, a := range l.ownAddrs() {
			l.add(IngressSubject, 300, terms(isAddr(IPv4Src, IPv6Src, a), Is(regSource, fromGateway)), to(Commit))
		}
	}
	for i, e := range l.p.Endpoints {
		var actions []Action
		if d == ir.Egress && l.watched[e] {
			actions = append(actions, resubmit(EgressNames))
		}
		first := Table(0)
		for ph, n := range l.lists(d, i) {
			if n == 0 && (first == 0 || d == ir.Egress) {
				continue
			}
			actions = append(actions, set(regList(ir.Phase(ph)), uint64(n)))
			if first == 0 {
				first = policyTable(d, ir.Phase(ph))
			}
		}
		if first != 0 && len(e.Addrs) > 0 {
			l.add(subjectTable(d), 100, []Term{IsRef(subject, refOf(e))}, append(actions, to(first))...)
		}
	}
}

// lists returns the numbers of the lists that an endpoint has in each phase, 0 for none.
func (l *lowering) lists(d ir.Direction, endpoint int) []uint32 {
	out := make([]uint32, ir.NumPhases)
	for _, ph := range ir.Phases() {
		if id := l.p.Classifier(d, ph).Assign[endpoint]; id != ir.NoList {
			out[ph] = l.listNumbers(d, ph)[id]
		}
	}
	return out
}

// listNumbers numbers a classifier's lists, by ListID: each by the first 32 bits of its name, or by later ones if those are taken.
func (l *lowering) listNumbers(d ir.Direction, ph ir.Phase) []uint32 {
	if known := l.numbers[d][ph]; known != nil {
		return known
	}
	lists := l.p.Classifier(d, ph).Lists
	numbers := make([]uint32, len(lists))
	taken := make(map[uint32]bool, len(lists)+1)
	taken[0] = true
	for i := range lists {
		n, ok := freeNumber(&lists[i], taken)
		if !ok {
			var at source.Origin
			if rules := lists[i].Rules; len(rules) > 0 {
				at = *rules[0].Origins[0]
			}
			l.report.Add(diag.IDCollision, at, "the name %q of rule list %q gives a number that another list has", lists[i].Name, lists[i].Key)
		}
		numbers[i], taken[n] = n, true
	}
	l.numbers[d][ph] = numbers
	return numbers
}

// freeNumber reads 8 of the name's 12 hexadecimal digits; names that are none count as their hash.
func freeNumber(list *ir.List, taken map[uint32]bool) (uint32, bool) {
	name := list.Name
	if _, err := strconv.ParseUint(name, 16, 48); err != nil || len(name) != 12 {
		h := fnv.New64a()
		h.Write([]byte(list.Key))
		name = hex.EncodeToString(h.Sum(nil))
	}
	var n uint64
	for at := 0; at+8 <= len(name); at++ {
		n, _ = strconv.ParseUint(name[at:at+8], 16, 32)
		if !taken[uint32(n)] {
			return uint32(n), true
		}
	}
	return uint32(n), false
}

// phase lowers a classifier.
func (l *lowering) phase(d ir.Direction, ph ir.Phase) {
	c := l.p.Classifier(d, ph)
	lists, shrunk := newConjs(), shrink(c.Lists)
	for id, n := range l.listNumbers(d, ph) {
		rules := shrunk[id]
		for i, level := range levels(l.p, rules) {
			l.checkRule(&rules[i], level)
			lists.add(&rules[i], level, n)
		}
	}
	for _, c := range lists.all {
		c.clauses = l.clauses(d, c.rule)
	}
	slices.SortStableFunc(lists.all, func(a, b *conj) int { return cmp.Compare(a.level, b.level) })
	l.spread(lists.all, ph)
	identify(lists.all, d, ph)
	for _, c := range lists.all {
		l.conj(d, ph, c)
	}
}

// checkRule reports what cannot be expressed.
func (l *lowering) checkRule(r *ir.Rule, level int) {
	at := *r.Origins[0]
	if level >= maxLevels {
		l.report.Add(diag.CannotExpress, at, "more than %d rules stand in each other's way; OpenFlow has no more priorities", maxLevels)
	}
	if slices.ContainsFunc(r.L4, func(b ir.L4) bool { return b.Proto == ir.ProtoIGMP && !b.Dst.IsAll() }) {
		l.report.Add(diag.CannotExpress, at, "OpenFlow does not tell messages of IGMP apart: write igmp: {} for all of them")
	}
	if r.ID != 0 && (r.ID < minRuleID || uint64(r.ID)&CookieMask != 0) {
		l.report.Add(diag.IDCollision, at, "rule ID %x does not fit a cookie", uint64(r.ID))
	}
}

// conjs gathers the rules of a table, equal ones at one level together.
type conjs struct {
	all   []*conj
	index map[string]*conj
}

func newConjs() *conjs { return &conjs{index: map[string]*conj{}} }

func (cs *conjs) add(r *ir.Rule, level int, list uint32) {
	key := strconv.Itoa(level) + " " + content(r)
	c := cs.index[key]
	if c == nil {
		c = &conj{rule: r, level: level}
		cs.index[key] = c
		cs.all = append(cs.all, c)
	}
	c.lists = append(c.lists, list)
}

// content tells rules apart within one pipeline.
func content(r *ir.Rule) string {
	b := strconv.AppendUint(nil, uint64(r.ID), 16)
	b = append(append(append(b, ' '), r.Action.String()...), ' ')
	if r.Logging.On {
		b = append(strconv.AppendQuote(append(b, "log "...), r.Logging.Label), ' ')
	}
	if r.AnyPeer {
		b = append(b, "any "...)
	}
	for _, id := range r.Peers {
		b = append(strconv.AppendInt(b, int64(id), 10), ',')
	}
	return string(append(append(b, ' '), r.L4.String()...))
}

// altKey tells alternatives apart: a set of peers for a direction, layer 4 of a family, or a value of a register.
type altKey struct {
	kind   byte
	dir    ir.Direction
	family ir.Family
	field  Field
	n      uint32
	l4     string
}

// alternative returns the value of a key, made by make if there is none yet.
func (l *lowering) alternative(key altKey, make func() [][]Term) *alternatives {
	a := l.known[key]
	if a == nil {
		a = &alternatives{make()}
		l.known[key] = a
	}
	return a
}

// clauses lists the alternatives of a rule's peers and layer 4.
func (l *lowering) clauses(d ir.Direction, r *ir.Rule) clauses {
	var c clauses
	families := l.families
	if !r.AnyPeer {
		c.peers = []*alternatives{}
		for _, id := range r.Peers {
			c.peers = append(c.peers, l.alternative(altKey{kind: 'p', n: uint32(id), dir: d}, func() [][]Term { return l.peers(d, id) }))
		}
		families = slices.DeleteFunc(slices.Clone(families), func(f ir.Family) bool {
			return !slices.ContainsFunc(r.Peers, func(id ir.SetID) bool { return mayBeOf(&l.p.Sets[id], f) })
		})
	}
	if !r.L4.IsAny() {
		c.l4 = []*alternatives{}
		for _, f := range families {
			c.l4 = append(c.l4, l.alternative(altKey{kind: 'l', family: f, l4: r.L4.String()}, func() [][]Term { return l4Matches(f, r.L4) }))
		}
	}
	return c
}

// mayBeOf reports whether packets of a family may match a set.
func mayBeOf(s *ir.Set, f ir.Family) bool {
	switch s.Kind {
	case ir.Names:
		return true
	case ir.Dialled:
		return slices.ContainsFunc(s.Dials, func(d ir.Dial) bool { return ir.FamilyOf(d.Addr) == f })
	}
	return !s.Addrs.Of(f).IsEmpty()
}

// peers lists matches for a set.
func (l *lowering) peers(d ir.Direction, id ir.SetID) [][]Term {
	switch s := &l.p.Sets[id]; s.Kind {
	case ir.Names:
		return [][]Term{{l.nameBits[id].term()}}
	case ir.Dialled:
		return l.dials(s)
	default:
		return l.members(d, s)
	}
}

// dials lists matches for where connections were sent to. Connection tracking knows it of every packet that is not invalid, which
// Open vSwitch wants to have said.
// That of Open vSwitch's userspace datapath (3.1) knows no ports of SCTP, so that it never finds what was dialled there.
func (l *lowering) dials(s *ir.Set) [][]Term {
	var out [][]Term
	valid := IsMasked(CTState, Uint(ctTracked), Uint(ctTracked|ctInvalid))
	for _, d := range s.Dials {
		f := ir.FamilyOf(d.Addr)
		if slices.Contains(l.families, f) {
			dst := byFamily(f, CTDst4, CTDst6)
			out = append(out, []Term{ethOf(f), valid, Is(CTProto, uint64(d.Proto)),
				IsMasked(dst, AddrValue(d.Addr), dst.full()), Is(CTPort, uint64(d.Port))})
		}
	}
	return out
}

// members lists matches for a set of peers in the node's families: members one by one, because they come and go one by one and
// other groups have them too; blocks by the fewest prefixes.
func (l *lowering) members(d ir.Direction, s *ir.Set) [][]Term {
	v4, v6 := IPv4Dst, IPv6Dst
	if d == ir.Ingress {
		v4, v6 = IPv4Src, IPv6Src
	}
	var out [][]Term
	for _, f := range l.families {
		for _, p := range addrPrefixes(s.Addrs.Of(f), s.Kind) {
			out = append(out, isPrefix(v4, v6, p))
		}
	}
	return out
}

// addrPrefixes covers a set's addresses as its kind wants it. Members that are implausibly many count as blocks.
func addrPrefixes(s ir.AddrSet, kind ir.GroupKind) []netip.Prefix {
	if kind != ir.Members {
		return s.Prefixes()
	}
	addrs, err := s.Addrs(maxMembers)
	if err != nil {
		return s.Prefixes()
	}
	out := make([]netip.Prefix, len(addrs))
	for i, a := range addrs {
		out[i] = netip.PrefixFrom(a, a.BitLen())
	}
	return out
}

// maxMembers is how many addresses a group of members may have and still be listed one by one.
const maxMembers = 1 << 20

// isPlain reports whether the rule is better off without a conjunction: its form, which the coming and going of a group's members
// does not change, gives few flows.
func (l *lowering) isPlain(c *conj) bool {
	comesAndGoes := slices.ContainsFunc(c.rule.Peers, func(id ir.SetID) bool {
		return l.p.Sets[id].Kind != ir.Blocks && l.p.Sets[id].Kind != ir.Names
	})
	return !comesAndGoes && max(count(c.clauses.peers), 1)*max(count(c.clauses.l4), 1) <= maxPlain
}

// conj writes one rule. A clause without alternatives never holds, so the rule matches nothing.
func (l *lowering) conj(d ir.Direction, ph ir.Phase, c *conj) {
	if count(c.clauses.peers) == 0 || count(c.clauses.l4) == 0 {
		return
	}
	t, priority, reg := policyTable(d, ph), firstPriority+2*c.level, regList(ph)
	mark := ruleMark{CookieMarker | uint64(c.rule.ID), c.rule.Origins}
	if l.isPlain(c) {
		for _, list := range c.lists {
			for _, match := range product(Is(reg, uint64(list)), c.clauses) {
				l.rule(t, priority+1, match, mark, decision(d, ph, c.rule)...)
			}
		}
		return
	}
	l.rule(t, priority, []Term{Is(ConjID, uint64(c.id))}, mark, decision(d, ph, c.rule)...)
	dimensions := l.dimensions(reg, c)
	for k, dimension := range dimensions {
		for _, as := range dimension {
			l.clause(t, priority, as, Conjunction{c.id, uint8(k + 1), uint8(len(dimensions))})
		}
	}
}

// dimensions lists the clauses of a conjunction, the lists first.
func (l *lowering) dimensions(reg Field, c *conj) [][]*alternatives {
	lists := make([]*alternatives, len(c.lists))
	for i, n := range c.lists {
		is := Is(reg, uint64(n))
		lists[i] = l.alternative(altKey{kind: 'r', field: reg, n: n}, func() [][]Term { return [][]Term{{is}} })
	}
	out := [][]*alternatives{lists}
	for _, clause := range [][]*alternatives{c.clauses.peers, c.clauses.l4} {
		if clause != nil {
			out = append(out, clause)
		}
	}
	return out
}

// product lists every combination of a peer and a layer-4 match that can occur together.
func product(subject Term, c clauses) [][]Term {
	var out [][]Term
	for _, p := range matches(c.peers) {
		for _, q := range matches(c.l4) {
			if len(p) > 0 && len(q) > 0 && p[0].Field == EthType { // which the bit of a group of names has not
				if p[0] != q[0] {
					continue
				}
				q = q[1:]
			}
			out = append(out, terms(terms([]Term{subject}, p...), q...))
		}
	}
	return out
}

// matches lists a clause's matches; one that holds for everything if it always holds.
func matches(as []*alternatives) [][]Term {
	if as == nil {
		return [][]Term{{}}
	}
	var out [][]Term
	for _, a := range as {
		out = append(out, a.matches...)
	}
	return out
}

// decision is what a rule does in a phase.
func decision(d ir.Direction, ph ir.Phase, r *ir.Rule) []Action {
	var actions []Action
	if r.Logging.On {
		actions = append(actions, simple(Log))
	}
	switch {
	case r.Action == ir.Allow:
		return append(actions, to(afterPolicy(d)))
	case r.Action == ir.Pass && ph+1 < ir.NumPhases:
		return append(actions, to(policyTable(d, ph+1)))
	case r.Action == ir.Pass:
		return append(actions, to(afterPolicy(d)))
	case r.Action == ir.Reject:
		return append(actions, simple(Reject))
	}
	return actions
}
