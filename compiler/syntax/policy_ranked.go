package syntax

import (
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// antrea translates a policy that is judged in order: in a namespace a NetworkPolicy of crd.antrea.io, else a ClusterNetworkPolicy.
func (w *writer) antrea() {
	kind := "ClusterNetworkPolicy"
	if w.in.namespace != nil {
		kind = "NetworkPolicy"
	}
	root := w.begin("crd.antrea.io/v1beta1", kind, w.p.Head, w.in.namespace)
	spec := w.p.Span.mapping()
	add(root, "spec", spec)
	if w.p.Tier.Stated() {
		add(spec, "tier", w.p.Tier.str())
	}
	add(spec, "priority", w.p.Priority.plain())
	f := antrea{}
	if len(w.p.For) > 0 {
		f.subject(w, spec, w.subjects(w.p.For))
	}
	w.ranked(spec, f, func(rule Rule) *tree.Node {
		n := rule.Span.mapping()
		if rule.Name.Stated() {
			add(n, "name", rule.Name.str())
		}
		add(n, "action", rule.Action.Span.str(title(rule.Action.Text)))
		if len(rule.For) > 0 {
			f.subject(w, n, w.subjects(rule.For))
		}
		if rule.Log {
			add(n, "enableLogging", rule.Span.plain("true"))
			if rule.Label.Stated() {
				add(n, "logLabel", rule.Label.str())
			}
		}
		return n
	})
}

// ranked adds the rules of both directions.
func (w *writer) ranked(spec *tree.Node, f form, begin func(Rule) *tree.Node) {
	var in, out []*tree.Node
	for _, rule := range w.p.Rules {
		n := w.rule(f, rule, begin(rule))
		if rule.Out {
			out = append(out, n)
		} else {
			in = append(in, n)
		}
	}
	w.directions(spec, in, out)
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// antrea is the form of the policies of crd.antrea.io.
type antrea struct{}

func (antrea) subject(w *writer, n *tree.Node, list []Peer) {
	var items []*tree.Node
	for _, p := range list {
		switch p.Kind {
		case Pods, Everybody, Machines, Nodes, GroupNamed, AccountOf:
			if w.applies(p) {
				items = appendSome(items, w.peer(p))
			}
		case ServiceOf:
			items = append(items, p.Span.mapping(entry{"service", w.reference(w.in, p.Name)}))
		default:
			w.misplaced(p.Span, "say whom it is for: pods, nodes, machines, a group, an account or a service", "a policy cannot be for %s", p.Kind)
		}
	}
	if len(list) > 0 {
		add(n, "appliedTo", list[0].Span.list(items...))
	}
}

// applies judges whom a policy within a namespace, or outside of all, can be for.
func (w *writer) applies(p Peer) bool {
	within := w.in.namespace != nil
	switch {
	case !within && p.Kind == Machines:
		w.misplaced(p.Span, "write it within namespace NAME { ... }", "a policy outside of namespaces is not for machines")
	case within && p.Kind == Nodes:
		w.misplaced(p.Span, "write it outside of the namespace's braces", "a policy in a namespace is not for nodes")
	case within && p.In != nil && p.In.Kind != Own:
		w.misplaced(p.In.Span, "leave it out, or write the policy outside of the namespace's braces", "a policy in a namespace is for what is there")
	default:
		return true
	}
	w.headless = true
	return false
}

// String names the kind in messages.
func (k PeerKind) String() string {
	return [...]string{"any", "none", "pods", "machines", "namespaces", "nodes", "a group", "an account", "a service", "a pod by name",
		"a node by name", "a domain", "addresses", "a name"}[k]
}

// peer translates a peer that is a mapping, nil after an error.
func (w *writer) peer(p Peer) *tree.Node {
	switch p.Kind {
	case Pods, Everybody:
		if w.in.namespace != nil {
			return w.members(p)
		}
		return w.anywhere(p)
	case Machines:
		n := p.Span.mapping(entry{"externalEntitySelector", selector(p.Span, p.Selector)})
		if p.In != nil && w.plainPlace(p.In) {
			add(n, "namespaceSelector", p.In.where())
		}
		return n
	case Nodes:
		return p.Span.mapping(entry{"nodeSelector", selector(p.Span, p.Selector)})
	case GroupNamed:
		return p.Span.mapping(entry{"group", p.Name.str()})
	case AccountOf:
		return p.Span.mapping(entry{"serviceAccount", w.reference(w.in, p.Name)})
	case Domain:
		return p.Span.mapping(entry{"fqdn", p.Name.str()})
	case Block:
		return p.Span.mapping(entry{"ipBlock", p.block()})
	}
	w.misplaced(p.Span, "write pods (LABEL = VALUE), nodes (LABEL = VALUE) or an address", "a rule cannot be about %s", p.Kind)
	return nil
}

// plainPlace refuses places that depend on the subject.
func (w *writer) plainPlace(p *Place) bool {
	if p.Kind == Own || p.Kind == SameAsOwner {
		w.misplaced(p.Span, "write namespace NAME, or namespaces (LABEL = VALUE)", "the place depends on whom the policy is for, which means nothing here")
		return false
	}
	return true
}

// anywhere translates pods in a policy that is in no namespace.
func (w *writer) anywhere(p Peer) *tree.Node {
	n := p.Span.mapping()
	if p.Kind == Pods {
		add(n, "podSelector", selector(p.Span, p.Selector))
	}
	switch {
	case p.In == nil:
	case p.In.Kind == Own:
		add(n, "namespaces", p.In.Span.mapping(entry{"match", p.In.Span.str("Self")}))
	case p.In.Kind == SameAsOwner:
		add(n, "namespaces", p.In.Span.mapping(entry{"sameLabels", strs(p.In.Span, p.In.Keys)}))
	default:
		add(n, "namespaceSelector", p.In.where())
	}
	return n
}

func (antrea) peers(w *writer, r *tree.Node, rule Rule, list []Peer) {
	var items, services []*tree.Node
	for _, p := range list {
		switch {
		case p.Kind == AnyPeer:
			return
		case !rule.Out && p.Kind == Domain:
			w.misplaced(p.Span, "leave it out: what comes in has addresses, and no names", "a domain is where packets go to")
		case !rule.Out && p.Kind == ServiceOf:
			w.misplaced(p.Span, "write the pods themselves", "a service is where packets go to")
		case p.Kind == Machines && w.in.namespace == nil:
			w.misplaced(p.Span, "write the policy within namespace NAME { ... }, or the addresses", "a policy outside of namespaces has no machines")
		case p.Kind == ServiceOf:
			services = appendSome(services, w.reference(w.in, p.Name))
		default:
			items = appendSome(items, w.peer(p))
		}
	}
	if len(services) > 0 {
		add(r, "toServices", rule.Span.list(services...))
	}
	if len(items) > 0 {
		add(r, rule.way(), rule.Span.list(items...))
	}
}

func (antrea) ports(w *writer, r *tree.Node, list []Port) {
	var ports, protocols []*tree.Node
	for _, p := range list {
		switch p.Kind {
		case Transport:
			ports = append(ports, p.transport())
		case ICMP:
			protocols = append(protocols, p.Span.mapping(entry{"icmp", p.icmp()}))
		case IGMP:
			n := p.Span.mapping()
			if p.Value.Stated() {
				add(n, "igmpType", p.Value.plain())
			}
			if p.Group.Stated() {
				add(n, "groupAddress", p.Group.str())
			}
			protocols = append(protocols, p.Span.mapping(entry{"igmp", n}))
		default:
			w.misplaced(p.Span, "write tcp "+p.Value.Text+", or with another protocol", "a port by name needs a protocol")
		}
	}
	if len(ports) > 0 {
		add(r, "ports", list[0].Span.list(ports...))
	}
	if len(protocols) > 0 {
		add(r, "protocols", list[0].Span.list(protocols...))
	}
}

// icmp translates TYPE or TYPE/CODE.
func (p Port) icmp() *tree.Node {
	n := p.Span.mapping()
	if kind, code, both := strings.Cut(p.Value.Text, "/"); kind != "" {
		add(n, "icmpType", p.Value.Span.plain(kind))
		if both {
			add(n, "icmpCode", p.Value.Span.plain(code))
		}
	}
	return n
}
