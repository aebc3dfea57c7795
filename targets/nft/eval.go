package nft

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sort"

	"github.com/headgate-net/headgate/ir"
)

// Evaluator judges packets by a ruleset, as the kernel does. The ruleset must not change while it is in use. It is safe for
// concurrent use.
type Evaluator struct {
	chains map[string]*Chain
	sets   map[string]*index
	bases  []*Chain // by hook and priority
	own    map[netip.Addr]bool
}

// index finds a set's element for a key.
type index struct {
	set    *Set
	single map[Value]*Element
	ranges []*Element // by From
}

// NewEvaluator indexes a ruleset. own are the machine's own addresses: they tell which hook a packet passes.
func NewEvaluator(rs *Ruleset, own []netip.Addr) *Evaluator {
	e := &Evaluator{map[string]*Chain{}, map[string]*index{}, nil, map[netip.Addr]bool{}}
	for _, c := range rs.AllChains() {
		e.chains[c.Name] = c
		if c.Hook != NoHook {
			e.bases = append(e.bases, c)
		}
	}
	sort.SliceStable(e.bases, func(i, j int) bool {
		a, b := e.bases[i], e.bases[j]
		return a.Hook < b.Hook || a.Hook == b.Hook && a.Priority < b.Priority
	})
	for _, s := range rs.AllSets() {
		e.sets[s.Name] = newIndex(s)
	}
	for _, a := range own {
		e.own[a.Unmap()] = true
	}
	return e
}

func newIndex(s *Set) *index {
	x := &index{set: s, single: make(map[Value]*Element, len(s.Elements))}
	for i := range s.Elements {
		if el := s.Elements[i]; el.From == el.To {
			x.single[el.From] = el
		} else {
			x.ranges = append(x.ranges, el)
		}
	}
	slices.SortFunc(x.ranges, func(a, b *Element) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	return x
}

// find relies on values of one length comparing as numbers, because they are in network byte order.
func (x *index) find(v Value) *Element {
	if el := x.single[v]; el != nil {
		return el
	}
	i := sort.Search(len(x.ranges), func(i int) bool { return x.ranges[i].To >= v })
	if i < len(x.ranges) && x.ranges[i].From <= v {
		return x.ranges[i]
	}
	return nil
}

// Trace says what a packet met on its way.
type Trace struct {
	Verdict ir.Verdict
	Rules   int     // evaluated
	Lookups int     // in sets and maps
	Last    []*Rule // the deciding rules, parallel to the Verdict's decisions; nil where none decided
}

// HookOf tells through which hook of the node a packet passes.
func (e *Evaluator) HookOf(p ir.Packet) Hook {
	switch {
	case e.own[p.Src.Unmap()]:
		return Output
	case e.own[p.Dst.Unmap()]:
		return Input
	}
	return Forward
}

// Eval judges one packet that comes from where its source address belongs.
func (e *Evaluator) Eval(p ir.Packet) ir.Verdict { return e.Trace(p).Verdict }

// Trace judges one packet and counts.
func (e *Evaluator) Trace(p ir.Packet) Trace {
	var t Trace
	hook := e.HookOf(p)
	for _, d := range ir.Directions() {
		w := walk{Evaluator: e, packet: p, trace: &t}
		decision := ir.Decision{Direction: d, Action: ir.Allow}
		for _, c := range e.bases {
			if isJudge(c, hook, d) {
				w.chain(c)
			}
		}
		decision.Action = w.action
		if w.last != nil {
			decision.Origins = w.last.Origins
		}
		t.Last = append(t.Last, w.last)
		t.Verdict.Decisions = append(t.Verdict.Decisions, decision)
		if t.Verdict.Action = decision.Action; t.Verdict.Action != ir.Allow || d == ir.Egress && !e.enter(&t, hook, p) {
			break
		}
	}
	return t
}

// enter judges what dialled a node port, and reports whether that may go on.
func (e *Evaluator) enter(t *Trace, hook Hook, p ir.Packet) bool {
	w := walk{Evaluator: e, packet: p, trace: t}
	for _, c := range e.bases {
		if c.Hook == hook && isEntry(c) {
			w.chain(c)
		}
	}
	if !w.entered {
		return true
	}
	decision := ir.Decision{Direction: ir.Ingress, Action: w.action}
	if w.last != nil {
		decision.Origins = w.last.Origins
	}
	t.Last = append(t.Last, w.last)
	t.Verdict.Decisions = append(t.Verdict.Decisions, decision)
	t.Verdict.Action = w.action
	return w.action == ir.Allow
}

func isEntry(c *Chain) bool { return c.Name == chainEntryForward || c.Name == chainEntryInput }

// isJudge reports whether the base chain judges the direction on the hook; the guard on prerouting counts with egress. What
// holds answers back judges nothing.
func isJudge(c *Chain, hook Hook, d ir.Direction) bool {
	if c.Name == chainAnswers || c.Name == chainOwnAnswers || c.Name == chainUntracked || isEntry(c) || isService(c) || isLeave(c) {
		return false
	}
	if c.Hook == Prerouting {
		return d == ir.Egress && hook != Output
	}
	return c.Hook == hook && (c.Name == chainIngress || c.Name == chainOwnIngress) == (d == ir.Ingress)
}

// walk is one packet's way through one direction's base chains.
type walk struct {
	*Evaluator
	packet  ir.Packet
	trace   *Trace
	action  ir.Action // Allow unless dropped
	last    *Rule     // the rule that ended the way
	entered bool      // a rule list for a node port was met
}

// chain evaluates a chain's rules and reports whether the base chain has ended.
func (w *walk) chain(c *Chain) (ended bool) {
	for _, r := range c.Rules {
		w.trace.Rules++
		if !w.matches(r) {
			continue
		}
		v := r.Verdict
		w.entered = w.entered || c.Name == chainEntry && v.Kind == Jump
		if v.Kind == Dispatch {
			w.trace.Lookups++
			el := w.sets[v.Target].find(w.value(v.Key.Fields[0]))
			if el == nil {
				continue
			}
			v = el.Verdict
		}
		switch v.Kind {
		case Return:
			return false
		case Jump, Goto:
			if w.chain(w.chains[v.Target]) {
				// What a chain that answers does was decided by the rule that led there.
				if v.Target == chainRejected || CountsConnections(v.Target) {
					w.last = r
				}
				return true
			}
			if v.Kind == Goto {
				return false
			}
		default:
			w.last, w.action = r, outcome(v.Kind)
			return true
		}
	}
	return false
}

func outcome(k VerdictKind) ir.Action {
	switch k {
	case Accept:
		return ir.Allow
	case Drop:
		return ir.Drop
	}
	return ir.Reject
}

func (w *walk) matches(r *Rule) bool {
	for _, m := range r.Matches {
		if !w.match(m) {
			return false
		}
	}
	return true
}

func (w *walk) match(m Match) bool {
	switch m.Fields[0] {
	case CtState:
		return w.packet.Established
	case FibIif, CtReply, InPutBack, InPutBackRaw, CtUntracked:
		return false // it begins a connection
	case CtLabel:
		w.trace.Lookups++
		return false // it has none, which costs the most
	case CtConfirmed:
		return false
	case SrcLocal:
		return w.own[w.packet.Src.Unmap()]
	case DstLocal:
		return w.own[w.packet.Dst.Unmap()]
	case InLoopback, OutLoopback:
		return w.isInside(w.packet.Src) && w.isInside(w.packet.Dst)
	}
	var v Value
	for _, f := range m.Fields {
		part := w.value(f)
		if part == "" {
			return false
		}
		v += part
	}
	if m.Set != "" {
		w.trace.Lookups++
		return w.sets[m.Set].find(v) != nil
	}
	return m.From <= v && v <= m.To
}

// isInside reports whether the address is the machine's own, or means any machine itself.
func (e *Evaluator) isInside(a netip.Addr) bool { return e.own[a.Unmap()] || a.Unmap().IsLoopback() }

// value reads a field of the packet; "" if the packet has none.
func (w *walk) value(f Field) Value {
	p := w.packet
	switch f {
	case NFProto:
		return nfproto(ir.FamilyOf(p.Src))
	case L4Proto:
		return protoValue(p.Proto)
	case SrcAddr4, SrcAddr6:
		return ofFamily(p.Src, f == SrcAddr4)
	case DstAddr4, DstAddr6:
		return ofFamily(p.Dst, f == DstAddr4)
	case SrcPort:
		return portValue(p.SrcPort)
	case DstPort, ICMPTypeCode:
		return portValue(p.DstPort)
	case CtSrc4, CtSrc6:
		return ofFamily(p.Src, f == CtSrc4)
	case CtDst4, CtDst6:
		return ofFamily(p.Dial().Addr, f == CtDst4)
	case CtDstPort:
		return portValue(p.Dial().Port)
	}
	return Value(binary.BigEndian.AppendUint16(nil, p.DstPort)[:1]) // ICMPType
}

func ofFamily(a netip.Addr, is4 bool) Value {
	if (ir.FamilyOf(a) == ir.IPv4) != is4 {
		return ""
	}
	return addrValue(a)
}
