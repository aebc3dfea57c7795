package resolve

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// policy is a declared policy with the groups it refers to: a NetworkPolicy (object), or one whose rules are judged in order
// (ranked).
type policy struct {
	meta     *manifest.Meta
	object   *manifest.NetworkPolicy
	ranked   *manifest.RankedPolicy
	phase    ir.Phase
	rank     ir.Rank
	subjects []*group
	confined []*group // of subjects: those that make the policy inert if they have members of other namespaces
	rules    [2][]rule
	derivation
	logs     bool       // whether all of a NetworkPolicy is logged
	inert    bool       // not in any Program: its place in the order is not known
	resolved *ir.Policy // as of the groups in seen
	seen     []*ir.Group
	gone     bool
}

// rule is a declared rule, or the part of one that concerns one namespace of subjects.
type rule struct {
	plain    *manifest.Rule       // of a NetworkPolicy, or
	ranked   *manifest.RankedRule // of any other policy
	turn     int                  // the declared rule's index
	own      bool                 // whether subjects replace the policy's
	ports    portPart             // which of the declared rule's ports it has
	subjects []*group             // by key, like peers
	peers    []*group             // by key, without repetitions
}

// derivation is what a policy was derived from besides itself and the members of its groups, and what there is to say about it.
type derivation struct {
	needs    []dependency
	findings []diag.Finding
}

// policyID is what no two policies share. The kind is qualified by its group, as in manifest.Meta.ID.
type policyID struct{ kind, namespace, name string }

func idOf(m *manifest.Meta) policyID { return policyID{KindOf(m), m.Namespace, m.Name} }

// KindOf returns what Delete calls an object's kind: "Kind", or "Kind.group" where the object has a Group.
func KindOf(m *manifest.Meta) string {
	if m.Group == "" {
		return m.Kind
	}
	return m.Kind + "." + m.Group
}

// comparePolicies is ir.Policy.Compare.
func comparePolicies(a, b *policy) int {
	return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.rank.Tier, b.rank.Tier),
		cmp.Compare(a.rank.Priority, b.rank.Priority), cmp.Compare(a.meta.Namespace, b.meta.Namespace),
		cmp.Compare(a.meta.Kind, b.meta.Kind), cmp.Compare(a.meta.Name, b.meta.Name))
}

func (x *Index) upsertPolicy(o *manifest.NetworkPolicy) {
	old := x.policies[idOf(&o.Meta)]
	if old != nil && (old.object == o || reflect.DeepEqual(old.object, o)) {
		return
	}
	x.replacePolicy(old, x.derivePlain(o))
}

// derivePlain interns the groups of a NetworkPolicy.
func (x *Index) derivePlain(o *manifest.NetworkPolicy) *policy {
	p := &policy{meta: &o.Meta, object: o, phase: ir.Namespace, logs: x.logs(o.Namespace), subjects: []*group{x.acquirePods(o.Namespace, o.PodSelector)}}
	for _, d := range ir.Directions() {
		declared := rulesOf(o, d)
		if len(declared) == 0 {
			continue
		}
		p.rules[d] = make([]rule, len(declared))
		for i := range declared {
			p.rules[d][i] = rule{plain: &declared[i], turn: i, peers: x.acquirePeers(o.Namespace, declared[i].Peers)}
		}
	}
	return p
}

// replacePolicy puts a policy in the place of an old one, which may be nil. The new one has its groups already, so that those
// that both use are not given up in between.
func (x *Index) replacePolicy(old, p *policy) {
	if old != nil {
		x.removePolicy(old)
	}
	x.policies[idOf(p.meta)] = p
	x.depend(p)
	if p.inert {
		return
	}
	for g := range p.allSubjects() {
		at, has := slices.BinarySearchFunc(g.subjectOf, p, comparePolicies)
		if !has {
			g.subjectOf = slices.Insert(g.subjectOf, at, p)
		}
	}
	x.ordered = append(x.ordered, p)
}

func (x *Index) removePolicy(p *policy) {
	delete(x.policies, idOf(p.meta))
	delete(x.stale, p)
	x.undepend(p)
	p.gone = true
	if !p.inert {
		if x.forgotten++; x.forgotten > len(x.policies) {
			x.dropGone() // Programs of nodes never need the order
		}
		for g := range p.allSubjects() {
			g.subjectOf = slices.DeleteFunc(g.subjectOf, func(o *policy) bool { return o == p })
		}
	}
	x.releaseAll(p)
}

func (x *Index) releaseAll(p *policy) {
	for g := range p.groups() {
		x.release(g)
	}
}

// rulesOf returns the rules of a direction that policyTypes lists; the others have no effect.
func rulesOf(o *manifest.NetworkPolicy, d ir.Direction) []manifest.Rule {
	switch {
	case d == ir.Ingress && o.Ingress:
		return o.IngressRules
	case d == ir.Egress && o.Egress:
		return o.EgressRules
	}
	return nil
}

// allSubjects yields the groups of the policy's subjects and of its rules' own; some may come twice.
func (p *policy) allSubjects() func(yield func(*group) bool) {
	return func(yield func(*group) bool) {
		for _, g := range p.subjects {
			if !yield(g) {
				return
			}
		}
		for _, rules := range p.rules {
			for i := range rules {
				for _, g := range rules[i].subjects {
					if !yield(g) {
						return
					}
				}
			}
		}
	}
}

// groups yields every group that the policy holds, once for each time that it does, in an order that is the policy's own.
func (p *policy) groups() func(yield func(*group) bool) {
	return func(yield func(*group) bool) {
		for g := range p.allSubjects() {
			if !yield(g) {
				return
			}
		}
		for _, rules := range p.rules {
			for i := range rules {
				for _, g := range rules[i].peers {
					if !yield(g) {
						return
					}
				}
			}
		}
	}
}

// acquirePeers interns the groups of a NetworkPolicy rule's peers, each once per rule.
func (x *Index) acquirePeers(namespace string, peers []manifest.Peer) []*group {
	var out []*group
	for i := range peers {
		p := &peers[i]
		var pods manifest.Selector
		if p.PodSelector != nil {
			pods = *p.PodSelector
		}
		switch {
		case p.IPBlock != nil:
			out = append(out, x.acquireBlock(p.IPBlock))
		case p.NamespaceSelector != nil:
			out = append(out, x.acquireSelected(*p.NamespaceSelector, pods))
		default:
			out = append(out, x.acquirePods(namespace, pods))
		}
	}
	return x.distinct(out)
}

// distinct sorts groups by key and gives up those that were acquired more than once.
func (x *Index) distinct(groups []*group) []*group {
	slices.SortFunc(groups, func(a, b *group) int { return cmp.Compare(a.key, b.key) })
	return slices.CompactFunc(groups, func(a, b *group) bool {
		if a == b {
			x.release(b)
		}
		return a == b
	})
}

// current reports whether the resolved policy still names the groups as they are.
func (p *policy) current() bool {
	if p.resolved == nil {
		return false
	}
	i := 0
	for g := range p.groups() {
		if p.seen[i] != g.resolved {
			return false
		}
		i++
	}
	return true
}

func (p *policy) resolve() *ir.Policy {
	if p.current() {
		return p.resolved
	}
	p.seen = p.seen[:0]
	for g := range p.groups() {
		p.seen = append(p.seen, g.resolve())
	}
	out := &ir.Policy{
		Origin: p.meta.Origin("", p.meta.Pos), Kind: p.meta.Kind, Namespace: p.meta.Namespace, Name: p.meta.Name,
		Phase: p.phase, Rank: p.rank, MayLockOut: mayLockOut(p.meta),
	}
	if !p.reachesOut() {
		out.Subjects = resolved(p.subjects)
	}
	if p.object != nil {
		out.Isolates[ir.Ingress], out.Isolates[ir.Egress] = p.object.Ingress, p.object.Egress
		out.Logging.On = p.logs
	}
	for _, d := range ir.Directions() {
		for i := range p.rules[d] {
			r := p.rules[d][i].resolve(out.Origin.Object, p.reachesOut())
			if p.object != nil {
				r.Logging = out.Logging
			}
			out.Rules[d] = append(out.Rules[d], r)
		}
	}
	p.resolved = out
	return out
}

// mayLockOut reports whether a policy bears the annotation that lets it cut nodes off from what manages them.
func mayLockOut(m *manifest.Meta) bool {
	value, _ := m.Annotations.Get("headgate-net.github.io/allow-lockout")
	return value == "true"
}

// reachesOut reports whether the policy would apply to another namespace's pods, which a namespaced policy must not.
func (p *policy) reachesOut() bool {
	return slices.ContainsFunc(p.confined, func(g *group) bool {
		return slices.ContainsFunc(g.members, func(e *ir.Endpoint) bool { return e.Namespace != p.meta.Namespace })
	})
}

func resolved(groups []*group) []*ir.Group {
	var out []*ir.Group
	for _, g := range groups {
		out = append(out, g.resolve())
	}
	return out
}

// resolve makes the rule of a Program; without, if it may apply to nobody.
func (r *rule) resolve(object string, nobody bool) ir.PolicyRule {
	out := ir.PolicyRule{Peers: resolved(r.peers), Turn: r.turn}
	if r.own {
		out.Subjects = append([]*ir.Group{}, resolved(r.subjects)...) // not nil, even for none
	}
	if nobody && r.own {
		out.Subjects = []*ir.Group{}
	}
	if r.plain != nil {
		out.AnyPeer, out.Action, out.Ports = r.plain.AnyPeer, ir.Allow, portsOf(r.plain.Ports)
		out.Origin = source.Origin{Object: object, Field: r.plain.Field, Pos: r.plain.Pos}
		return out
	}
	out.AnyPeer = r.ranked.AnyPeer && !r.ports.multicast.IsValid()
	out.Action, out.Ports = actionOf(r.ranked.Action), rankedPortsOf(r.ranked.Ports, r.ports)
	out.Name, out.Logging = r.ranked.Name, loggingOf(r.ranked.Logging)
	out.Origin = source.Origin{Object: object, Field: r.ranked.Field, Pos: r.ranked.Pos}
	return out
}

// portsOf resolves a rule's ports; none listed means all traffic. Source: NetworkPolicyPort in the Kubernetes API.
func portsOf(ports []manifest.Port) []ir.PortSpec {
	if len(ports) == 0 {
		return []ir.PortSpec{{Box: ir.AnyL4()}}
	}
	out := make([]ir.PortSpec, len(ports))
	for i, p := range ports {
		out[i] = ir.PortSpec{Box: ir.DstL4(protoOf(p.Protocol), destinations(p)), Name: p.Name}
	}
	return out
}

// destinations is the range of a port that is given by number, else every port.
func destinations(p manifest.Port) ir.PortRange {
	if p.Name == "" && p.From != 0 {
		return ir.PortRange{From: p.From, To: max(p.From, p.To)}
	}
	return ir.AllPorts()
}
