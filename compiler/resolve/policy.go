package resolve

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// policy is a declared policy with the groups it refers to.
type policy struct {
	object   *manifest.NetworkPolicy
	subject  *group
	peers    [2][][]*group // by Direction, rule; sorted by key, without repetitions
	resolved *ir.Policy    // as of the groups in it
	gone     bool
}

func comparePolicies(a, b *policy) int {
	return cmp.Or(cmp.Compare(a.object.Namespace, b.object.Namespace), cmp.Compare(a.object.Name, b.object.Name))
}

func (x *Index) upsertPolicy(o *manifest.NetworkPolicy) {
	id := objectName{o.Namespace, o.Name}
	old := x.policies[id]
	if old != nil && (old.object == o || reflect.DeepEqual(old.object, o)) {
		return
	}
	p := &policy{object: o, subject: x.acquirePods(o.Namespace, o.PodSelector)}
	for _, d := range ir.Directions() {
		for _, r := range rulesOf(o, d) {
			p.peers[d] = append(p.peers[d], x.acquirePeers(o.Namespace, r.Peers))
		}
	}
	if old != nil {
		x.removePolicy(old)
	}
	x.policies[id] = p
	at, _ := slices.BinarySearchFunc(p.subject.subjectOf, p, comparePolicies)
	p.subject.subjectOf = slices.Insert(p.subject.subjectOf, at, p)
	x.ordered = append(x.ordered, p)
}

func (x *Index) removePolicy(p *policy) {
	delete(x.policies, objectName{p.object.Namespace, p.object.Name})
	is := func(o *policy) bool { return o == p }
	p.gone = true
	if x.forgotten++; x.forgotten > len(x.policies) {
		x.dropGone() // Programs of nodes never need the order
	}
	p.subject.subjectOf = slices.DeleteFunc(p.subject.subjectOf, is)
	x.release(p.subject)
	for _, rules := range p.peers {
		for _, peers := range rules {
			for _, g := range peers {
				x.release(g)
			}
		}
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

// acquirePeers interns the groups of a rule's peers, each once per rule.
func (x *Index) acquirePeers(namespace string, peers []manifest.Peer) []*group {
	var out []*group
	for i := range peers {
		p := &peers[i]
		var pods manifest.Selector
		if p.PodSelector != nil {
			pods = *p.PodSelector
		}
		var g *group
		switch {
		case p.IPBlock != nil:
			g = x.acquireBlock(p.IPBlock)
		case p.NamespaceSelector != nil:
			g = x.acquireSelected(*p.NamespaceSelector, pods)
		default:
			g = x.acquirePods(namespace, pods)
		}
		if slices.Contains(out, g) {
			x.release(g)
			continue
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return cmp.Compare(a.key, b.key) })
	return out
}

// current reports whether the resolved policy still names the groups as they are.
func (p *policy) current() bool {
	if p.resolved == nil || p.resolved.Subjects[0] != p.subject.resolved {
		return false
	}
	for d, rules := range p.peers {
		for i, peers := range rules {
			for j, g := range peers {
				if p.resolved.Rules[d][i].Peers[j] != g.resolved {
					return false
				}
			}
		}
	}
	return true
}

func (p *policy) resolve() *ir.Policy {
	if p.current() {
		return p.resolved
	}
	o := p.object
	out := &ir.Policy{
		Origin: o.Origin("", o.Pos), Kind: o.Kind, Namespace: o.Namespace, Name: o.Name,
		Phase:    ir.Namespace,
		Subjects: []*ir.Group{p.subject.resolve()},
	}
	out.Isolates[ir.Ingress], out.Isolates[ir.Egress] = o.Ingress, o.Egress
	for _, d := range ir.Directions() {
		for i, r := range rulesOf(o, d) {
			rule := ir.PolicyRule{
				AnyPeer: r.AnyPeer, Ports: portsOf(r.Ports), Action: ir.Allow,
				Origin: source.Origin{Object: out.Origin.Object, Field: r.Field, Pos: r.Pos},
			}
			for _, g := range p.peers[d][i] {
				rule.Peers = append(rule.Peers, g.resolve())
			}
			out.Rules[d] = append(out.Rules[d], rule)
		}
	}
	p.resolved = out
	return out
}

// portsOf resolves a rule's ports; none listed means all traffic. Source: NetworkPolicyPort in the Kubernetes API.
func portsOf(ports []manifest.Port) []ir.PortSpec {
	if len(ports) == 0 {
		return []ir.PortSpec{{Box: ir.AnyL4()}}
	}
	out := make([]ir.PortSpec, len(ports))
	for i, p := range ports {
		dst := ir.AllPorts()
		if p.Name == "" && p.From != 0 {
			dst = ir.PortRange{From: p.From, To: max(p.From, p.To)}
		}
		out[i] = ir.PortSpec{Box: ir.DstL4(protoOf(p.Protocol), dst), Name: p.Name}
	}
	return out
}
