package syntax

import (
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// upstream translates a policy of policy.networking.k8s.io.
func (w *writer) upstream() {
	version, kind, allow := "policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "Accept"
	if w.p.Legacy {
		version, kind, allow = "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "Allow"
		if w.p.Standing == Baseline {
			kind = "BaselineAdminNetworkPolicy"
		}
	}
	root := w.begin(version, kind, w.p.Head, nil)
	spec := w.p.Span.mapping()
	add(root, "spec", spec)
	if w.p.Tier.Stated() {
		w.misplaced(w.p.Tier.Span, "leave the tier out, or the word "+string(w.p.Standing), "the word %s says in which tier the policy is", w.p.Standing)
	}
	if !w.p.Legacy {
		add(spec, "tier", w.p.Span.str(title(string(w.p.Standing))))
	}
	if w.p.Priority.Stated() {
		add(spec, "priority", w.p.Priority.plain())
	}
	f := upstream{legacy: w.p.Legacy}
	if len(w.p.For) > 0 {
		f.subject(w, spec, w.subjects(w.p.For))
	}
	w.ranked(spec, f, func(rule Rule) *tree.Node {
		n := rule.Span.mapping()
		if rule.Name.Stated() {
			add(n, "name", rule.Name.str())
		}
		action := map[string]string{"allow": allow, "drop": "Deny", "pass": "Pass"}[rule.Action.Text]
		switch {
		case action == "":
			w.misplaced(rule.Action.Span, "write drop", "a policy with the word %s cannot %s", w.p.Standing, rule.Action.Text)
		case rule.Log:
			w.misplaced(rule.Span, "leave log out", "rules of a policy with the word %s do not log", w.p.Standing)
		case len(rule.For) > 0:
			w.misplaced(rule.For[0].Span, "write for in the policy itself", "rules of a policy with the word %s have no subjects of their own", w.p.Standing)
		}
		add(n, "action", rule.Action.Span.str(action))
		return n
	})
}

// upstream is the form of the policies of policy.networking.k8s.io.
type upstream struct{ legacy bool }

func (upstream) subject(w *writer, spec *tree.Node, list []Peer) {
	if len(list) == 1 && (list[0].Kind == Pods || list[0].Kind == Everybody) {
		if n := w.workloads(list[0]); n != nil {
			add(spec, "subject", n)
		}
		return
	}
	for _, p := range list[min(1, len(list)):] {
		w.misplaced(p.Span, "write a second policy, or select both", "a policy with the word %s has one subject", w.p.Standing)
		return
	}
	for _, p := range list {
		w.misplaced(p.Span, "write for pods (...) in namespaces (...), or for namespaces (...)", "a policy with the word %s is for pods", w.p.Standing)
	}
}

// workloads translates pods, nil after an error.
func (w *writer) workloads(p Peer) *tree.Node {
	where := p.Span.mapping()
	if p.In != nil {
		if !w.plainPlace(p.In) {
			return nil
		}
		where = p.In.where()
	}
	if p.Kind == Everybody {
		return p.Span.mapping(entry{"namespaces", where})
	}
	return p.Span.mapping(entry{"pods", p.Span.mapping(entry{"namespaceSelector", where}, entry{"podSelector", selector(p.Span, p.Selector)})})
}

func (upstream) peers(w *writer, r *tree.Node, rule Rule, list []Peer) {
	var items []*tree.Node
	var last *tree.Node // the list that the next address or domain joins
	var kind PeerKind
	for _, p := range list {
		if p.Kind == kind && last != nil {
			end := last.First
			for end.Next != nil {
				end = end.Next
			}
			end.Next = w.remote(p)
			continue
		}
		last, kind = nil, p.Kind
		switch p.Kind {
		case Pods, Everybody:
			items = appendSome(items, w.workloads(p))
		case Nodes:
			items = append(items, p.Span.mapping(entry{"nodes", selector(p.Span, p.Selector)}))
		case Block:
			last = p.Span.list(w.remote(p))
			items = append(items, p.Span.mapping(entry{"networks", last}))
		case Domain:
			last = p.Span.list(w.remote(p))
			items = append(items, p.Span.mapping(entry{"domainNames", last}))
		case AnyPeer:
			w.misplaced(p.Span, "write namespaces for all pods of the cluster, 0.0.0.0/0, ::/0 for all addresses", "a policy with the word %s says whom it means", w.p.Standing)
		default:
			w.misplaced(p.Span, "write pods (...) in namespaces (...), namespaces (...), nodes (...), addresses or domain NAME",
				"a policy with the word %s has no peer that is %s", w.p.Standing, p.Kind)
		}
	}
	add(r, rule.way(), rule.Span.list(items...))
}

// remote translates an address or a domain.
func (w *writer) remote(p Peer) *tree.Node {
	if len(p.Except) > 0 {
		w.misplaced(p.Except[0].Span, "write a rule about the exception before this one", "addresses in a policy with the word %s have no exceptions", w.p.Standing)
	}
	if p.Kind == Domain {
		return p.Name.str()
	}
	return p.Name.network()
}

func (f upstream) ports(w *writer, r *tree.Node, list []Port) {
	var items []*tree.Node
	for _, p := range list {
		named := p.Kind == ByName
		switch {
		case p.Kind != Transport && !named:
			w.misplaced(p.Span, "write tcp, udp or sctp and a port", "a policy with the word %s has ports of tcp, udp and sctp only", w.p.Standing)
		case p.Source.Stated():
			w.misplaced(p.Source.Span, "leave the source port out", "a policy with the word %s does not look at source ports", w.p.Standing)
		case p.Kind == Transport && p.Value.Stated() && p.Value.isName():
			w.misplaced(p.Value.Span, "write port "+p.Value.Text, "a port by name states no protocol in a policy with the word %s", w.p.Standing)
		case f.legacy:
			items = append(items, p.legacy())
		case named:
			items = append(items, p.Span.mapping(entry{"destinationNamedPort", p.Value.str()}))
		default:
			items = append(items, p.Span.mapping(entry{p.Protocol.Text, p.Span.mapping(entry{"destinationPort", p.destination()})}))
		}
	}
	field := "protocols"
	if f.legacy {
		field = "ports"
	}
	add(r, field, list[0].Span.list(items...))
}

func (w Word) isName() bool { return w.Quoted || w.Text[0] < '0' || w.Text[0] > '9' }

// whole is the range of all ports.
const whole = "1-65535"

// destination translates a number, a range, or all ports.
func (p Port) destination() *tree.Node {
	value := p.Value
	if !value.Stated() {
		value = Word{Span: p.Span, Text: whole}
	}
	from, to := value.numbers()
	if to == nil {
		return p.Span.mapping(entry{"number", from})
	}
	return p.Span.mapping(entry{"range", p.Span.mapping(entry{"start", from}, entry{"end", to})})
}

// legacy translates a port of v1alpha1.
func (p Port) legacy() *tree.Node {
	if p.Kind == ByName {
		return p.Span.mapping(entry{"namedPort", p.Value.str()})
	}
	protocol := entry{"protocol", p.Protocol.Span.str(strings.ToUpper(p.Protocol.Text))}
	value := p.Value
	if !value.Stated() {
		value = Word{Span: p.Span, Text: whole}
	}
	from, to := value.numbers()
	if to == nil {
		return p.Span.mapping(entry{"portNumber", p.Span.mapping(protocol, entry{"port", from})})
	}
	return p.Span.mapping(entry{"portRange", p.Span.mapping(protocol, entry{"start", from}, entry{"end", to})})
}
