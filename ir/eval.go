package ir

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// The reasons of decisions that no rule made.
const (
	ReasonEstablished = "established"             // part of, or related to, an allowed connection
	ReasonItself      = "from the pod to itself"  // source and destination address are the same
	ReasonNeighbour   = "neighbour discovery"     // or multicast listener discovery
	ReasonOwnNode     = "from the pod's own node" // kubelet probes
	ReasonLoopback    = "loopback"                // within a machine
	ReasonNoEndpoint  = "not an endpoint"         // this side has no policies
	ReasonNoPolicy    = "no policy applies"       // nothing selects the endpoint in this direction
	ReasonDefault     = "no rule matches"         // policies select the endpoint; none decides; traffic is allowed
)

// Subject returns the address whose policies judge in a direction: the source for Egress, the destination for Ingress.
func (p Packet) Subject(d Direction) netip.Addr {
	if d == Egress {
		return p.Src
	}
	return p.Dst
}

// Peer returns the address that a rule's peers are compared with: the one that is not the Subject.
func (p Packet) Peer(d Direction) netip.Addr {
	if d == Egress {
		return p.Dst
	}
	return p.Src
}

// NeverFilteredICMPv6 lists the ICMPv6 types without which IPv6 itself does not work on a link, ascending: multicast listener
// discovery (RFC 2710: 130-132, RFC 3810: 143) and neighbour discovery (RFC 4861: 133-137). Policy never judges them.
func NeverFilteredICMPv6() []uint8 { return []uint8{130, 131, 132, 133, 134, 135, 136, 137, 143} }

// exemption gives the reason for which a packet passes whatever policies say, or "".
func (w *world) exemption(p Packet) string {
	src := w.at(p.Src)
	switch {
	case p.Established:
		return ReasonEstablished
	case p.Src.Unmap() == p.Dst.Unmap(), src != nil && src.shares(w.at(p.Dst)):
		return ReasonItself
	case p.Proto == ProtoICMPv6 && slices.Contains(NeverFilteredICMPv6(), uint8(p.DstPort>>8)):
		return ReasonNeighbour
	}
	return ""
}

// shares reports whether two endpoints send to each other within one network stack: they are the same, or both are of one
// machine itself.
func (e *Endpoint) shares(o *Endpoint) bool {
	return e == o || o != nil && e.Kind != PodEndpoint && o.Kind != PodEndpoint && e.Node != "" && e.Node == o.Node
}

// world finds endpoints and nodes by address, and Services by node port.
type world struct {
	endpoints map[netip.Addr]*Endpoint
	nodes     map[string]*Node
	nodeAt    map[netip.Addr]*Node
	services  map[NodePort]*Endpoint
}

func newWorld(nodes []*Node, endpoints []*Endpoint) world {
	w := world{make(map[netip.Addr]*Endpoint, len(endpoints)), make(map[string]*Node, len(nodes)), map[netip.Addr]*Node{}, map[NodePort]*Endpoint{}}
	for _, n := range nodes {
		w.nodes[n.Name] = n
		for _, a := range n.Addrs {
			w.nodeAt[a.Unmap()] = n
		}
	}
	for _, e := range endpoints {
		for _, p := range e.NodePorts {
			w.services[p] = e
		}
		for _, a := range e.Addrs {
			w.endpoints[a.Unmap()] = e
		}
	}
	return w
}

// at returns the endpoint that has the address, or nil.
func (w *world) at(a netip.Addr) *Endpoint { return w.endpoints[a.Unmap()] }

// isOwnNode reports whether the address belongs to the node on which the endpoint runs.
func (w *world) isOwnNode(e *Endpoint, a netip.Addr) bool {
	n := w.nodes[e.Node]
	return n != nil && slices.ContainsFunc(n.Addrs, func(b netip.Addr) bool { return b.Unmap() == a.Unmap() })
}

// isProbe reports whether a packet goes from a node to a pod that runs there, seen from either of them.
func (w *world) isProbe(d Direction, e *Endpoint, p Packet) bool {
	switch {
	case d == Ingress && e.Kind == PodEndpoint:
		return w.isOwnNode(e, p.Src)
	case d == Egress && e.Kind == NodeEndpoint:
		pod := w.at(p.Dst)
		return pod != nil && pod.Kind == PodEndpoint && pod.Node == e.Node
	}
	return false
}

// judge decides by the policies of an endpoint alone. The Program's and the Pipeline's evaluators are the two judges.
type judge interface {
	judge(d Direction, e *Endpoint, p Packet) Decision
}

// decide judges one direction: what is always true first, then the policies of the endpoint on that side.
func (w *world) decide(d Direction, p Packet, j judge) Decision {
	e := w.at(p.Subject(d))
	allow := Decision{Direction: d, Endpoint: e, Action: Allow}
	switch allow.Reason = w.exemption(p); {
	case allow.Reason != "":
	case e == nil:
		allow.Reason = ReasonNoEndpoint
	case e.Kind != PodEndpoint && p.Peer(d).Unmap().IsLoopback():
		allow.Reason = ReasonLoopback
	case w.isProbe(d, e, p):
		allow.Reason = ReasonOwnNode
	default:
		return j.judge(d, e, p)
	}
	return allow
}

// enter judges a connection to a node port by the ingress rules for its Service, where it comes in. It tells nothing, and is false,
// if no policy applies to what was dialled, for what the node itself dials, and for what is established.
func (w *world) enter(p Packet, j judge) (Decision, bool) {
	if !p.Dialled.IsValid() {
		return Decision{}, false
	}
	dial := p.Dial()
	e, at := w.services[NodePort{dial.Proto, dial.Port}], w.nodeAt[dial.Addr]
	if e == nil || at == nil || p.Established || at == w.nodeAt[p.Src.Unmap()] {
		return Decision{}, false
	}
	return j.judge(Ingress, e, p), true
}

// log notes that the packet met a rule.
func (d *Decision) log(l Logging) {
	if l.On {
		d.Logged = append(d.Logged, l)
	}
}

// judges decides by direction, and where a connection to a node port comes in.
type judges interface {
	Decide(d Direction, p Packet) Decision
	Enter(p Packet) (Decision, bool)
}

// evalBoth judges a connection's first packet twice: by its source's egress rules, and if they allow it by its destination's
// ingress rules. Between them stand those for the Service whose node port was dialled, if there are any.
func evalBoth(p Packet, j judges) Verdict {
	v := Verdict{Decisions: make([]Decision, 0, 2)}
	add := func(d Decision) bool {
		v.Decisions = append(v.Decisions, d)
		v.Action = d.Action
		return v.Action == Allow
	}
	if !add(j.Decide(Egress, p)) {
		return v
	}
	if d, entered := j.Enter(p); entered && !add(d) {
		return v
	}
	add(j.Decide(Ingress, p))
	return v
}

// Deciding returns the last decision: the one that made the verdict.
func (v Verdict) Deciding() Decision { return v.Decisions[len(v.Decisions)-1] }

// Agree tells how two verdicts on one packet differ in meaning, or returns nil. Equal must be: the action, the directions
// judged, and each direction's action. Reasons and phases are explanation; origins are compared by Explains.
func (v Verdict) Agree(o Verdict) error {
	if v.Action != o.Action || len(v.Decisions) != len(o.Decisions) {
		return fmt.Errorf("%s and %s", v, o)
	}
	for i, d := range v.Decisions {
		if d.Direction != o.Decisions[i].Direction || d.Action != o.Decisions[i].Action {
			return fmt.Errorf("%s and %s", v, o)
		}
	}
	return nil
}

// Explains reports whether v, the verdict of a later stage, names at least the declarations that o names, decision by
// decision and by label. It holds between a Program and its Pipeline from the pass "isolate" on, which joins the drops of all
// isolating policies, until an optional pass removes one of two rules that both match; passes that merge rules keep it, because
// the merged rule has the origins of both.
func (v Verdict) Explains(o Verdict) bool {
	if v.Agree(o) != nil {
		return false
	}
	for i, d := range o.Decisions {
		for _, origin := range d.Origins {
			if !slices.ContainsFunc(v.Decisions[i].Origins, func(q *source.Origin) bool { return q.Label() == origin.Label() }) {
				return false
			}
		}
	}
	return true
}

// String gives one line: the action, then each direction's decision with its origins or its reason.
func (v Verdict) String() string {
	s := v.Action.String()
	for i, d := range v.Decisions {
		s += [...]string{": ", "; "}[min(i, 1)] + d.String()
	}
	return s
}

// String gives one line such as "ingress of shop/web: drop by NetworkPolicy shop/deny spec.policyTypes (deny.yaml:4:3)".
func (d Decision) String() string {
	s := d.Direction.String()
	if d.Endpoint != nil {
		s += " of " + d.Endpoint.String()
	}
	s += ": " + d.Action.String()
	for i, o := range d.Origins {
		s += [...]string{" by ", ", "}[min(i, 1)] + o.String()
	}
	if d.Reason != "" {
		s += ", " + d.Reason
	}
	return s
}

// SortOrigins returns the origins by Compare, without repetitions, as Rule.Origins wants them. It reorders its argument.
func SortOrigins(origins []*source.Origin) []*source.Origin {
	slices.SortFunc(origins, func(a, b *source.Origin) int { return a.Compare(*b) })
	return slices.CompactFunc(origins, func(a, b *source.Origin) bool { return *a == *b })
}

// RuleRef is a rule of a policy: Policy.Rules[direction][Index].
type RuleRef struct {
	Policy *Policy
	Index  int
}

// Rule returns the rule itself.
func (r RuleRef) Rule(d Direction) *PolicyRule { return &r.Policy.Rules[d][r.Index] }

// Subjects returns the groups that the rule applies to: its own, or else the policy's.
func (r RuleRef) Subjects(d Direction) []*Group {
	if own := r.Rule(d).Subjects; own != nil {
		return own
	}
	return r.Policy.Subjects
}

// compare is the order of judgement within a phase: tier, priority, turn where the policies interleave, policy, rule index.
func (r RuleRef) compare(o RuleRef, d Direction) int {
	return cmp.Or(cmp.Compare(r.Policy.Rank.Tier, o.Policy.Rank.Tier),
		cmp.Compare(r.Policy.Rank.Priority, o.Policy.Rank.Priority),
		cmp.Compare(r.round(d), o.round(d)),
		r.Policy.Compare(o.Policy),
		cmp.Compare(r.Index, o.Index))
}

// round is the turn in which policies of equal tier and priority offer the rule: all at once unless they interleave.
func (r RuleRef) round(d Direction) int {
	if r.Policy.Rank.Interleave {
		return r.Rule(d).Turn
	}
	return 0
}

// OrderedRules returns the rules of a direction and phase in the order in which they are judged, whoever they apply to. It is
// the one definition of that order.
func (p *Program) OrderedRules(d Direction, ph Phase) []RuleRef {
	var out []RuleRef
	for _, policy := range p.Policies {
		if policy.Phase != ph {
			continue
		}
		for i := range policy.Rules[d] {
			out = append(out, RuleRef{policy, i})
		}
	}
	slices.SortFunc(out, func(a, b RuleRef) int { return a.compare(b, d) })
	return out
}

// IsolationOrigin is the declaration that a drop by isolation comes from. Every call returns a new value: compare origins by
// value.
func (p *Policy) IsolationOrigin() *source.Origin {
	return &source.Origin{Object: p.Origin.Object, Field: "spec.policyTypes", Pos: p.Origin.Pos}
}

// Matches reports whether the rule's Peers and Ports match the packet, of which the rule's subject is the direction's side.
// dst is the endpoint that has the packet's destination address, nil if none has: named ports are its.
func (r *PolicyRule) Matches(d Direction, p Packet, dst *Endpoint) bool {
	return (r.AnyPeer || slices.ContainsFunc(r.Peers, func(g *Group) bool { return g.Has(d, p) })) &&
		slices.ContainsFunc(r.Ports, func(s PortSpec) bool { return s.Matches(p, dst) })
}

// Matches reports whether a packet to the endpoint dst (nil: to an address that no endpoint has) is in the box.
func (s PortSpec) Matches(p Packet, dst *Endpoint) bool {
	if s.Name == "" {
		return s.Box.Matches(p.Proto, p.SrcPort, p.DstPort)
	}
	if dst == nil {
		return false
	}
	port, ok := dst.Lookup(s.Name, s.Box.Proto)
	return ok && port.Proto == p.Proto && port.Port == p.DstPort && s.Box.Src.Contains(p.SrcPort)
}
