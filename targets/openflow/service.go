package openflow

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// How the node's own pods reach Services. What the node itself and clients outside dial never passes the bridge.
//
// The first packet of a connection to a frontend goes to a group with a bucket for each backend, which commits the connection with that
// backend as its destination: from then on connection tracking translates it, both ways. Policies judge after that. A connection that
// they drop is committed already, and connection tracking may well call its next packet established; so balanced connections begin with a
// mark, pending, that only Commit takes away, and established packets of pending ones are judged like new ones. What no Service
// translates never has the mark.
//
// A client that is to get the backend that it had is noted by a flow that is learned, in the table Affinity: client and frontend
// give a number that stands for the backend. The flow goes when no new connection has met it for as long as the Service says. A number
// that no backend of the frontend has any more is no number.
//
// A pod that reaches itself would answer itself without the bridge; so such packets get HairpinAddr as their source, in a zone of their
// own, last of all. That is nobody's address: of answers to the gateway's own, the node's kernel could see copies on the pod's device, and
// it would reset connections that it knows nothing of.
//
// What no frontend has of an address whose rest is refused is refused here.
//
// Ports of protocol SCTP are not served, since connection tracking knows no ports of it here (see Learn), and are refused. The node's own
// network stack could not serve them to its pods either: answers would come to a pod past it, from whom the pod has not dialled.
const (
	regFrontend = regScratch
	regTarget   = regDest // which is not known before Forward

	maxGroups = 60_000
	mostIdle  = 65535 // seconds; OpenFlow's timeouts have 16 bits, so clients that are away longer than this are forgotten
)

// HairpinZone is the connection tracking zone of what pods send to themselves by Services.
const HairpinZone = Zone + 1

// HairpinAddr is whom a pod sees that reaches itself by a Service: an address that no machine has.
func HairpinAddr(f ir.Family) netip.Addr {
	if f == ir.IPv4 {
		return netip.AddrFrom4([4]byte{169, 254, 'H', 'G'})
	}
	return netip.AddrFrom16([16]byte{0xfd, 'H', 'G', 15: 1})
}

// The priorities of Service: an address of a node that is a Service's own, too, is more than a node port.
const (
	addressPriority  = 110
	nodePortPriority = 90
	restPriority     = 80
)

// isForServices reports whether a table is there only on nodes with Services.
func isForServices(t Table) bool {
	return t == Unhairpin || t >= Service && t <= Balanced || t == HairpinOutput
}

// serves reports whether there are Services for pods.
func (l *lowering) serves() bool { return len(l.p.Frontends) > 0 }

// track sends packets through connection tracking.
func (l *lowering) track(t Table) Action {
	if l.serves() {
		return Action{Op: TrackBack, Table: t, Zone: Zone}
	}
	return track(t)
}

// admitted is the condition that policy has allowed a packet's connection, given that it is established.
func (l *lowering) admitted() []Term {
	if l.serves() {
		return []Term{IsMasked(CTMark, Value{}, Uint(Pending))}
	}
	return nil
}

// services writes the tables for Services, if there are any, but for what depends on which.
func (l *lowering) services() {
	if !l.serves() {
		return
	}
	for _, t := range Tables() {
		switch {
		case isForServices(t.Table) && t.Miss == t.Table:
			l.add(t.Table, 0, nil)
		case isForServices(t.Table):
			l.add(t.Table, 0, nil, to(t.Miss))
		}
	}
	fresh := IsMasked(CTState, Uint(ctTracked|ctNew), Uint(ctTracked|ctNew|ctTranslated))
	l.add(State, 100, []Term{fresh, Is(regSource, fromPod)}, to(Service))
	for _, f := range ir.Families() {
		l.add(State, 260, []Term{ethOf(f), Is(IPProto, uint64(ir.ProtoSCTP)), Is(regSource, fromPod)}, resubmit(Associations), to(Service))
		l.add(Commit, 150, []Term{ethOf(f), IsMasked(CTMark, Uint(Pending), Uint(Pending))}, Action{Op: Admit, Zone: Zone}, to(Output))
		l.add(Commit, 300, []Term{ethOf(f), Is(regScratch, answered)}, to(Output)) // it allows nothing
	}
	l.returns()
	l.hairpins()
}

// frontends writes what packets meet that dial Services, and makes the groups.
func (l *lowering) frontends() []Group {
	if !l.serves() {
		return nil
	}
	s := balancing{lowering: l, groups: l.groupNumbers(), numbers: newFrontendSlots()}
	users := map[string][]*ir.Frontend{}
	var keys []string
	for _, f := range l.p.Frontends {
		if s.needsNumber(f) {
			s.numbers.add(f.Entry)
		}
	}
	for _, f := range l.p.Frontends {
		key, balanced := s.serve(f)
		if !balanced {
			continue
		}
		if users[key] == nil {
			keys = append(keys, key)
		}
		users[key] = append(users[key], f)
	}
	out := make([]Group, len(keys))
	for i, key := range keys {
		out[i] = s.group(key, users[key])
	}
	slices.SortFunc(out, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// balancing is the work on frontends.
type balancing struct {
	*lowering
	groups  *slots[string]   // by groupKey
	numbers *slots[ir.Entry] // of frontends with affinity
}

// serve writes what happens to packets of a frontend. If they go to a group, that has the key.
func (s *balancing) serve(f *ir.Frontend) (key string, balanced bool) {
	switch {
	case !slices.Contains(s.families, f.Entry.Family):
		return "", false
	case f.Entry.IsRest():
		s.rest(f)
		return "", false
	}
	s.frontend(f)
	if !isBalanced(f) {
		return "", false
	}
	return groupKey(f), true
}

// isBalanced reports whether a frontend's connections go to a group.
func isBalanced(f *ir.Frontend) bool {
	return f.Routes[ir.OwnPod].Outcome == ir.Balance && f.Entry.Proto != ir.ProtoSCTP
}

// needsNumber reports whether the switch notes which backends a frontend's clients had.
func (l *lowering) needsNumber(f *ir.Frontend) bool {
	return isBalanced(f) && f.Affinity > 0 && slices.Contains(l.families, f.Entry.Family) && !f.Entry.IsRest()
}

// groupKey is a group's identity: its targets, and how long it notes who got which.
func groupKey(f *ir.Frontend) string {
	key := f.Routes[ir.OwnPod].Pool.Key
	if f.Affinity > 0 {
		key += " " + f.Affinity.String()
	}
	return key
}

// newGroupSlots gives each group the lower half of its ID, by its key.
func newGroupSlots() *slots[string] {
	low := func(n uint32) uint32 { return n & 0xffff }
	return newSlots(func(key string) uint32 { return low(number(key)) }, func(n uint32) uint32 { return low(n + 1) }, strings.Compare)
}

// newFrontendSlots gives each frontend a number that is no group's and means nothing else in regFrontend.
func newFrontendSlots() *slots[ir.Entry] {
	free := func(n uint32) uint32 {
		for n <= answeredBack || n&0xffff0000 == GroupMarker {
			n++
		}
		return n
	}
	return newSlots(func(e ir.Entry) uint32 { return free(number(e.String())) }, func(n uint32) uint32 { return free(n + 1) }, ir.Entry.Compare)
}

// groupNumbers numbers the groups, those of other families included.
func (l *lowering) groupNumbers() *slots[string] {
	at := map[string]*source.Origin{}
	out := newGroupSlots()
	for _, f := range l.p.Frontends {
		if !isBalanced(f) {
			continue
		}
		if key := groupKey(f); at[key] == nil {
			at[key] = f.Origin
		}
	}
	for i, key := range slices.Sorted(maps.Keys(at)) {
		if i >= maxGroups {
			l.report.Add(diag.CannotExpress, *at[key], "more than %d different lists of backends on one node", maxGroups)
			break
		}
		out.add(key)
	}
	return out
}

// number is a hash.
func number(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()
}

// frontend writes what happens to packets that dial one.
func (s *balancing) frontend(f *ir.Frontend) {
	priority, addrs := addressPriority, []netip.Addr{f.Entry.Addr}
	if !f.Entry.Addr.IsValid() {
		priority, addrs = nodePortPriority, s.node.Addrs
	}
	actions := s.actions(f)
	dst, src := dstField(f.Entry.Family), srcField(f.Entry.Family)
	for _, a := range addrs {
		if a = a.Unmap(); ir.FamilyOf(a) != f.Entry.Family {
			continue
		}
		match := []Term{ethOf(f.Entry.Family), Is(IPProto, uint64(f.Entry.Proto)), IsMasked(dst, AddrValue(a), dst.full()), Is(L4Dst, uint64(f.Entry.Port))}
		anybody := false
		for _, p := range f.Sources.Of(f.Entry.Family).Prefixes() {
			from := match
			if anybody = p.Bits() == 0; !anybody {
				from = terms(match, IsMasked(src, AddrValue(p.Addr()), ones(p.Bits(), f.Entry.Family.Bits())))
			}
			s.add(Service, priority, from, actions...)
		}
		if !anybody {
			s.add(Service, priority-1, match)
		}
	}
}

// rest refuses what no other frontend has of an address.
func (s *balancing) rest(f *ir.Frontend) {
	s.add(Service, restPriority, isAddr(IPv4Dst, IPv6Dst, f.Entry.Addr.Unmap()), simple(Refuse))
}

// actions is what happens to the packets of a frontend. What is not for pods goes on as it is.
func (s *balancing) actions(f *ir.Frontend) []Action {
	switch f.Routes[ir.OwnPod].Outcome {
	case ir.NotService:
		return []Action{to(EgressSubject)}
	case ir.Refuse:
		return []Action{simple(Refuse)}
	case ir.Discard:
		return nil
	}
	if f.Entry.Proto == ir.ProtoSCTP {
		if f.Entry.Addr.IsValid() { // node ports are other numbers for the same
			s.report.Add(diag.NotServedHere, *f.Origin, "port %d of protocol SCTP is refused to the pods of nodes with Open vSwitch", f.Entry.Port)
		}
		return []Action{simple(Refuse)}
	}
	group := s.toGroup(f)
	if f.Affinity == 0 && s.isIndirect(f) { // in place of the frontend, Comeback is told the group
		return []Action{set(regFrontend, group.Value.Lo), group}
	}
	if f.Affinity == 0 {
		return []Action{group}
	}
	id := s.numbers.of[f.Entry]
	front := []Term{ethOf(f.Entry.Family), Is(regFrontend, uint64(id))}
	for n, target := range targetIDs(s.targets(f)) {
		s.add(Comeback, 200, terms(front, Is(regTarget, uint64(n))), s.note(f, n), balance(target))
	}
	s.add(Comeback, 100, front, group)
	return []Action{set(regFrontend, uint64(id)), resubmit(Affinity), to(Comeback)}
}

// balance leads a connection to a backend.
func balance(target netip.AddrPort) Action {
	return Action{Op: Balance, Table: Balanced, Zone: Zone, To: netip.AddrPortFrom(target.Addr().Unmap(), target.Port())}
}

// targetIDs gives numbers to targets, in their order. 0 is none.
func targetIDs(targets []netip.AddrPort) map[uint32]netip.AddrPort {
	out := make(map[uint32]netip.AddrPort, len(targets))
	for _, t := range targets {
		n := number(t.String())
		for ; n == 0 || out[n].IsValid(); n++ {
		}
		out[n] = t
	}
	return out
}

// targets lists where the connections of a frontend may go.
func (s *balancing) targets(f *ir.Frontend) []netip.AddrPort {
	all := f.Routes[ir.OwnPod].Pool.Targets
	if len(all) > maxTargets {
		s.report.Add(diag.CannotExpress, *f.Origin, "more than %d backends of one port: %d", maxTargets, len(all))
		return all[:maxTargets]
	}
	return all
}

// note makes the switch learn which target a client got.
func (s *balancing) note(f *ir.Frontend, target uint32) Action {
	idle := min((f.Affinity+time.Second-1)/time.Second, mostIdle)
	src := srcField(f.Entry.Family)
	return Action{Op: LearnFlow, Learn: &Learn{Table: Affinity, Priority: 100, IdleTimeout: uint16(idle), Cookie: infraCookie(Affinity),
		Match: []Term{ethOf(f.Entry.Family)}, Copies: []Copy{{src, src}, {regFrontend, regFrontend}}, Field: regTarget, Value: Uint(uint64(target))}}
}

// IsAffinity reports whether a flow is one that the switch has learned of a client, which no Pipeline has.
func IsAffinity(f *Flow) bool {
	return f.Table == Affinity && f.Cookie == infraCookie(Affinity) && f.IdleTimeout > 0
}

// Choice is a backend of a frontend with affinity, by their numbers.
type Choice struct{ frontend, target Value }

// ChoiceOf tells which choice a flow of Comeback is about; ok is false for any other flow.
func ChoiceOf(f *Flow) (c Choice, ok bool) {
	if f.Table != Comeback || len(f.Actions) == 0 || f.Actions[0].Op != LearnFlow {
		return c, false
	}
	for _, t := range f.Match {
		switch t.Field {
		case regFrontend:
			c.frontend = t.Value
		case regTarget:
			c.target = t.Value
		}
	}
	return c, true
}

// ChosenBy tells which choice the switch has learned of a client; ok is false for a flow that IsAffinity is not true of.
func ChosenBy(f *Flow) (c Choice, ok bool) {
	if !IsAffinity(f) {
		return c, false
	}
	for _, t := range f.Match {
		if t.Field == regFrontend {
			c.frontend = t.Value
		}
	}
	for _, a := range f.Actions {
		if a.Field == regTarget {
			c.target = a.Value
		}
	}
	return c, true
}

// hairpins lets those of the node's pods that are backends reach themselves. Policy never judges that.
func (l *lowering) hairpins() {
	for _, e := range l.p.Endpoints {
		for _, a := range e.Addrs {
			if a = a.Unmap(); l.isBackend(a) {
				l.hairpin(refOf(e), a, addrsOf(e, ir.FamilyOf(a)))
			}
		}
	}
}

// hairpin is about one address of a pod, and those by which it may dial.
func (l *lowering) hairpin(pod Ref, a netip.Addr, own []netip.Addr) {
	f := ir.FamilyOf(a)
	nobody, src, dst := HairpinAddr(f), srcField(f), dstField(f)
	for _, from := range own {
		self := append(isAddr(IPv4Src, IPv6Src, from), IsMasked(dst, AddrValue(a), dst.full()))
		l.add(Balanced, 100, self, Action{Op: Admit, Zone: Zone}, set(regBypass, 1), to(Forward))
		l.add(Output, 250, terms(self, Is(regSource, fromPod), Is(regDest, fromPod), IsRef(regPort, pod)),
			Action{Op: Masquerade, Table: HairpinOutput, Zone: HairpinZone, To: netip.AddrPortFrom(nobody, 0)})
	}
	l.add(ConnTrack, 200, []Term{Is(regSource, fromPod), IsRef(InPort, pod), ethOf(f), IsMasked(src, AddrValue(a), src.full()), IsMasked(dst, AddrValue(nobody), dst.full())},
		Action{Op: TrackBack, Table: Unhairpin, Zone: HairpinZone})
	l.add(Unhairpin, 100, []Term{ethOf(f)}, l.track(State))
	l.add(HairpinOutput, 100, []Term{ethOf(f)}, simple(DecTTL), set(InPort, 0), output(regPort))
}

// parseTranslation reads the arguments of ct as appendTranslation writes them, and nothing else.
func parseTranslation(args string) (Action, error) {
	plain, exec, executes := strings.Cut(args, ",exec(set_field:")
	plain, nat, _ := strings.Cut(plain, ",nat")
	plain = strings.TrimPrefix(plain, "commit,")
	a, err := parseTrack(plain)
	if err != nil {
		return a, err
	}
	value, mask, _ := strings.Cut(exec, "/")
	if dst, ok := strings.CutPrefix(nat, "(dst="); ok {
		a.Op = Balance
		a.To, err = netip.ParseAddrPort(strings.TrimSuffix(dst, ")"))
	} else if src, ok := strings.CutPrefix(nat, "(src="); ok {
		var addr netip.Addr
		a.Op = Masquerade
		addr, err = netip.ParseAddr(strings.TrimSuffix(src, ")"))
		a.To = netip.AddrPortFrom(addr, 0)
	} else if a.Op = TrackBack; executes && strings.HasPrefix(mask, "0x1-") {
		a.Op = Admit
	} else if executes && strings.HasPrefix(mask, "0x2-") {
		a.Op = Arrive
	} else if executes {
		a.Op = Depart
		a.Value.Lo, err = strconv.ParseUint(value, 0, 32)
	}
	if err == nil && string(a.appendTranslation(nil)) != "ct("+args+")" {
		err = fmt.Errorf("unknown part of ct(%s)", args)
	}
	return a, err
}
