package syntax

import (
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// form is one of the kinds of policies: what its fields are called.
type form interface {
	// peers translates the peers of a rule into its fields.
	peers(w *writer, r *tree.Node, rule Rule, list []Peer)
	// ports translates the ports of a rule into its fields.
	ports(w *writer, r *tree.Node, list []Port)
	// subject translates what the policy is for, below spec.
	subject(w *writer, spec *tree.Node, list []Peer)
}

// writer translates one policy.
type writer struct {
	*translator
	in place
	p  *Policy
}

// policy finds out what kind of policy it is.
func (t *translator) policy(in place, p *Policy) {
	w := &writer{t, in, p}
	switch {
	case p.Standing != Plain:
		if t.clusterWide(in, p.Head, "a policy with the word "+string(p.Standing)) {
			w.upstream()
		}
	case p.Priority.Stated():
		w.antrea()
	case p.Tier.Stated():
		t.misplaced(p.Tier.Span, "write priority and a number from 1 to 10000 behind the tier", "a policy in a tier needs a priority")
	case in.namespace == nil && t.file.Missing.Brace:
	case in.namespace == nil:
		t.misplaced(p.Name.Span, "give it a priority, or write it within namespace NAME { ... }",
			"a policy without a priority belongs into a namespace")
	default:
		w.kubernetes()
	}
}

// subjects are whom the policy or a rule is for.
func (w *writer) subjects(list []Peer) []Peer {
	unknown := w.unknown
	out := w.peers(w.in.scope, list, use{})
	w.headless = w.headless || w.unknown > unknown
	return out
}

// kubernetes translates a policy that isolates: rules allow, and the directions that they speak of are isolated.
func (w *writer) kubernetes() {
	root := w.begin("networking.k8s.io/v1", "NetworkPolicy", w.p.Head, w.in.namespace)
	spec := w.p.Span.mapping()
	add(root, "spec", spec)
	if f := (kubernetes{}); len(w.p.For) == 0 {
		w.misplaced(w.p.Name.Span, "write for pods, or for pods (LABEL = VALUE)", "the policy does not say which pods it is for")
	} else {
		f.subject(w, spec, w.subjects(w.p.For))
	}
	if len(w.p.Rules) == 0 && !w.p.Partial {
		w.misplaced(w.p.Name.Span, "to isolate its pods write allow from none, or allow to none", "the policy says nothing")
	}
	var in, out []*tree.Node
	var inward, outward *tree.Node
	for _, rule := range w.p.Rules {
		n := w.allowance(rule)
		if rule.Out {
			outward = rule.Span.str("Egress")
			out = appendSome(out, n)
		} else {
			inward = rule.Span.str("Ingress")
			in = appendSome(in, n)
		}
	}
	add(spec, "policyTypes", w.p.Span.list(appendSome(appendSome(nil, inward), outward)...))
	w.directions(spec, in, out)
}

func appendSome(list []*tree.Node, n *tree.Node) []*tree.Node {
	if n == nil {
		return list
	}
	return append(list, n)
}

// directions adds rules that there are.
func (w *writer) directions(spec *tree.Node, in, out []*tree.Node) {
	if len(in) > 0 {
		add(spec, "ingress", w.p.Span.list(in...))
	}
	if len(out) > 0 {
		add(spec, "egress", w.p.Span.list(out...))
	}
}

// allowance translates a rule of a policy that isolates; nil for one that allows nobody.
func (w *writer) allowance(rule Rule) *tree.Node {
	const way = "give the policy a priority: then it is judged in order, and this has a meaning"
	switch {
	case rule.Action.Text != "allow":
		w.misplaced(rule.Action.Span, "what no rule allows is dropped anyway; or give the policy a priority, so that its rules are judged in order",
			"a policy without a priority can only allow, not %s", rule.Action.Text)
	case rule.Name.Stated():
		w.misplaced(rule.Name.Span, way, "rules of a policy without a priority have no names")
	case len(rule.For) > 0:
		w.misplaced(rule.For[0].Span, way, "rules of a policy without a priority are for its own pods")
	case rule.Log:
		w.misplaced(rule.Span, "give the namespace the annotation networkpolicy.antrea.io/enable-logging, or the policy a priority",
			"rules of a policy without a priority do not log")
	}
	if len(rule.Peers) == 1 && rule.Peers[0].Kind == NonePeer {
		if len(rule.Ports) > 0 {
			w.misplaced(rule.Ports[0].Span, "leave the ports out", "none has no ports")
		}
		return nil
	}
	return w.rule(kubernetes{}, rule, rule.Span.mapping())
}

// rule adds peers and ports to a rule.
func (w *writer) rule(f form, rule Rule, n *tree.Node) *tree.Node {
	if peers := w.peers(w.in.scope, rule.Peers, use{}); w.together(peers) {
		f.peers(w, n, rule, peers)
	}
	if ports := w.translator.ports(w.in.scope, rule.Ports, use{}); len(ports) > 0 {
		f.ports(w, n, ports)
	}
	return n
}

// together judges what stands alone in a list of peers.
func (w *writer) together(list []Peer) bool {
	for _, p := range list {
		switch {
		case p.Kind == AnyPeer && len(list) > 1:
			w.misplaced(p.Span, "leave the other peers out", "any is everybody already")
			return false
		case p.Kind == NonePeer:
			w.misplaced(p.Span, "leave the rule out; none is for policies without a priority, alone in its rule", "a rule about nobody says nothing")
			return false
		}
	}
	return len(list) > 0
}

// way is the field of a rule's peers.
func (r Rule) way() string {
	if r.Out {
		return "to"
	}
	return "from"
}

// kubernetes is the form of networking.k8s.io NetworkPolicies.
type kubernetes struct{}

func (kubernetes) subject(w *writer, spec *tree.Node, list []Peer) {
	if len(list) == 1 && list[0].Kind == Pods && (list[0].In == nil || list[0].In.Kind == Own) {
		add(spec, "podSelector", selector(list[0].Span, list[0].Selector))
		return
	}
	if len(list) == 1 && list[0].Kind == Everybody && list[0].In.Kind == Own {
		add(spec, "podSelector", list[0].Span.mapping())
		return
	}
	for i, p := range list {
		if i > 0 || p.Kind != Pods || p.In != nil {
			w.misplaced(p.Span, "write one selector, for pods (...), or give the policy a priority", "a policy without a priority is for pods of its own namespace")
			return
		}
	}
}

func (kubernetes) peers(w *writer, r *tree.Node, rule Rule, list []Peer) {
	var items []*tree.Node
	for _, p := range list {
		switch {
		case p.Kind == AnyPeer:
			return
		case p.Kind == Pods, p.Kind == Everybody:
			items = appendSome(items, w.members(p))
		case p.Kind == Block:
			items = append(items, p.Span.mapping(entry{"ipBlock", p.block()}))
		default:
			w.misplaced(p.Span, "give the policy a priority: then it is judged in order, and has peers of all kinds",
				"a policy without a priority has no peers but pods and addresses")
		}
	}
	add(r, rule.way(), rule.Span.list(items...))
}

// members translates pods in a policy of a namespace.
func (w *writer) members(p Peer) *tree.Node {
	n := p.Span.mapping()
	own := p.In == nil || p.In.Kind == Own
	if p.Kind == Pods && (own || p.Selector != nil) || own {
		add(n, "podSelector", selector(p.Span, p.Selector))
	} else if p.Kind == Pods {
		add(n, "podSelector", p.Span.mapping())
	}
	switch {
	case own:
	case p.In.Kind == SameAsOwner:
		w.misplaced(p.In.Span, "write the policy outside of namespaces, and for which namespaces it is", "a policy in a namespace does not compare namespaces")
		return nil
	default:
		add(n, "namespaceSelector", p.In.where())
	}
	return n
}

// block translates addresses. An address alone is a network of its own.
func (p Peer) block() *tree.Node {
	n := p.Span.mapping(entry{"cidr", p.Name.network()})
	if len(p.Except) > 0 {
		var items []*tree.Node
		for _, e := range p.Except {
			items = append(items, e.network())
		}
		add(n, "except", p.Span.list(items...))
	}
	return n
}

// network is the word with the prefix length that an address alone has.
func (w Word) network() *tree.Node {
	switch {
	case strings.Contains(w.Text, "/"):
		return w.str()
	case strings.Contains(w.Text, ":"):
		return w.Span.str(w.Text + "/128")
	case strings.Count(w.Text, ".") == 3:
		return w.Span.str(w.Text + "/32")
	}
	return w.str()
}

func (kubernetes) ports(w *writer, r *tree.Node, list []Port) {
	var items []*tree.Node
	for _, p := range list {
		switch {
		case p.Kind != Transport:
			w.misplaced(p.Span, "give the policy a priority, or write tcp, udp or sctp and a port", "a policy without a priority has ports of tcp, udp and sctp only")
		case p.Source.Stated():
			w.misplaced(p.Source.Span, "give the policy a priority, or leave the source port out", "a policy without a priority does not look at source ports")
		default:
			items = append(items, p.transport())
		}
	}
	add(r, "ports", list[0].Span.list(items...))
}

// transport translates a port as Kubernetes and Antrea have it.
func (p Port) transport() *tree.Node {
	n := p.Span.mapping(entry{"protocol", p.Protocol.Span.str(strings.ToUpper(p.Protocol.Text))})
	if p.Value.Stated() {
		from, to := p.Value.numbers()
		add(n, "port", from)
		if to != nil {
			add(n, "endPort", to)
		}
	}
	if p.Source.Stated() {
		from, to := p.Source.numbers()
		add(n, "sourcePort", from)
		if to != nil {
			add(n, "sourceEndPort", to)
		}
	}
	return n
}

// numbers gives a number, the two numbers of a range, or a name.
func (w Word) numbers() (from, to *tree.Node) {
	if w.Quoted || w.Text == "" || w.Text[0] < '0' || w.Text[0] > '9' {
		return w.str(), nil
	}
	first, last, ranges := strings.Cut(w.Text, "-")
	if !ranges {
		return w.plain(), nil
	}
	return w.Span.plain(first), w.Span.plain(last)
}
