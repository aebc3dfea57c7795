package syntax

import (
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// raising is how one kind is raised.
type raising struct {
	namespaced bool
	open       bool // the declaration has fields for what is left
	raise      func(*reading) []Decl
}

// raisable is the table of kinds, by API version and kind.
func raisable() map[string]raising {
	return map[string]raising{
		"v1 Namespace":                                                 {raise: (*reading).space},
		"v1 Node":                                                      {open: true, raise: (*reading).node},
		"v1 Pod":                                                       {namespaced: true, open: true, raise: (*reading).pod},
		"v1 Service":                                                   {namespaced: true, open: true, raise: (*reading).service},
		"discovery.k8s.io/v1 EndpointSlice":                            {namespaced: true},
		"networking.k8s.io/v1 NetworkPolicy":                           {namespaced: true, raise: (*reading).isolation},
		"crd.antrea.io/v1beta1 NetworkPolicy":                          {namespaced: true, raise: (*reading).antrea},
		"crd.antrea.io/v1beta1 Group":                                  {namespaced: true, raise: (*reading).group},
		"crd.antrea.io/v1beta1 ClusterGroup":                           {raise: (*reading).group},
		"crd.antrea.io/v1beta1 Tier":                                   {raise: (*reading).tier},
		"crd.antrea.io/v1beta1 Egress":                                 {open: true, raise: (*reading).egress},
		"crd.antrea.io/v1beta1 ExternalIPPool":                         {raise: (*reading).pool},
		"crd.antrea.io/v1alpha1 ExternalNode":                          {namespaced: true, raise: (*reading).machine},
		"crd.antrea.io/v1alpha2 ExternalEntity":                        {namespaced: true, open: true, raise: (*reading).entity},
		"crd.antrea.io/v1beta1 ClusterNetworkPolicy":                   {raise: (*reading).antrea},
		"policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy":       {raise: func(o *reading) []Decl { return o.upstream("") }},
		"policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy":         {raise: func(o *reading) []Decl { return o.upstream(Admin) }},
		"policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy": {raise: func(o *reading) []Decl { return o.upstream(Baseline) }},
		ExpectationsVersion + " Expectations":                          {raise: (*reading).expectations},
	}
}

// isolation raises a NetworkPolicy of Kubernetes.
func (o *reading) isolation() []Decl {
	f := o.spec("podSelector", "policyTypes", "ingress", "egress")
	p := &Policy{Head: o.head, For: []Peer{{Kind: Pods, Selector: o.selector(f[0])}}}
	in, out := o.items(f[2]), o.items(f[3])
	inward, outward := true, len(out) > 0
	if types := o.items(f[1]); len(types) > 0 {
		inward, outward = false, false
		for _, n := range types {
			switch o.text(n) {
			case "Ingress":
				inward = true
			case "Egress":
				outward = true
			}
		}
	}
	if !inward && len(in) > 0 || !outward && len(out) > 0 {
		o.fail() // rules that count for nothing
	}
	if inward {
		p.Rules = o.allowances(in, false)
	}
	if outward {
		p.Rules = append(p.Rules, o.allowances(out, true)...)
	}
	if len(p.Rules) == 0 {
		o.fail()
	}
	return []Decl{p}
}

// allowances raises the rules of a direction that is isolated.
func (o *reading) allowances(list []*tree.Node, out bool) []Rule {
	allow := Rule{Action: Word{Text: "allow"}, Out: out}
	if len(list) == 0 {
		allow.Peers = []Peer{{Kind: NonePeer}}
		return []Rule{allow}
	}
	var rules []Rule
	for _, n := range list {
		rule := allow
		rule.Span = Span{Line: n.Line, Col: n.Col}
		f := o.only(n, rule.way(), "ports")
		for _, peer := range o.items(f[0]) {
			if o.only(peer, "podSelector", "namespaceSelector", "ipBlock"); len(peer.Text) > 0 {
				o.fail()
			}
			rule.Peers = append(rule.Peers, o.peer(peer))
		}
		rule.Peers = orAny(rule.Peers)
		rule.Ports = o.ports(f[1])
		rules = append(rules, rule)
	}
	return rules
}

// orAny is the list, or everybody if it is empty.
func orAny(list []Peer) []Peer {
	if len(list) == 0 {
		return []Peer{{Kind: AnyPeer}}
	}
	return list
}

// antrea raises a policy of Antrea's.
func (o *reading) antrea() []Decl {
	f := o.spec("tier", "priority", "appliedTo", "ingress", "egress")
	p := &Policy{Head: o.head, Tier: o.name(f[0]), Priority: o.number(f[1]), For: o.subjects(f[2])}
	if !p.Priority.Stated() {
		o.fail()
	}
	p.Rules = o.bothWays(f[3], f[4], o.antreaRule)
	return []Decl{p}
}

// bothWays raises the rules for what comes in, and those for what goes out.
func (o *reading) bothWays(in, out *tree.Node, read func(n *tree.Node, rule Rule) Rule) []Rule {
	one := func(out bool) func(n *tree.Node) Rule {
		return func(n *tree.Node) Rule { return read(n, Rule{Span: Span{Line: n.Line, Col: n.Col}, Out: out}) }
	}
	return append(eachItem(o, in, one(false)), eachItem(o, out, one(true))...)
}

func (o *reading) antreaRule(n *tree.Node, rule Rule) Rule {
	f := o.only(n, "name", "action", "appliedTo", rule.way(), "toServices", "ports", "protocols", "enableLogging", "logLabel")
	rule.Name, rule.For = o.name(f[0]), o.subjects(f[2])
	rule.Action = o.word(f[1], map[string]string{"Allow": "allow", "Drop": "drop", "Reject": "reject", "Pass": "pass"})
	for _, s := range o.items(f[4]) {
		rule.Peers = append(rule.Peers, Peer{Kind: ServiceOf, Name: o.reference(s)})
	}
	rule.Peers = orAny(append(rule.Peers, o.peers(f[3])...))
	rule.Ports = append(o.ports(f[5]), o.protocols(f[6])...)
	if f[7] != nil {
		logs, ok := f[7].Bool()
		if !ok {
			o.fail()
		}
		rule.Log = logs
	}
	if f[8] != nil {
		rule.Label = Word{Text: o.text(f[8]), Quoted: true}
		if !rule.Log {
			o.fail()
		}
	}
	return rule
}

// word is one of some strings, as the language has it.
func (o *reading) word(n *tree.Node, words map[string]string) Word {
	word := words[scalar(n)]
	if word == "" {
		o.fail()
	}
	return Word{Text: word}
}

// reference raises a name and a namespace.
func (o *reading) reference(n *tree.Node) Word {
	f := o.only(n, "name", "namespace")
	if f[0] == nil || f[1] == nil {
		o.fail()
		return Word{}
	}
	name, namespace := o.text(f[0]), o.text(f[1])
	switch {
	case strings.Contains(name, "/") || strings.Contains(namespace, "/"):
		o.fail()
	case namespace != o.namespace:
		return Name(namespace + "/" + name)
	}
	return Name(name)
}

// subjects raises whom a policy of Antrea's is for. In a namespace, an entry without selectors is for all pods there.
func (o *reading) subjects(n *tree.Node) []Peer {
	return eachItem(o, n, func(item *tree.Node) Peer {
		if o.namespace != "" && item.Kind == tree.Mapping && item.First == nil {
			return Peer{Kind: Pods}
		}
		return o.peer(item)
	})
}

// peers raises a list of Antrea's peers.
func (o *reading) peers(n *tree.Node) []Peer { return eachItem(o, n, o.peer) }

// peer raises a peer of Kubernetes' or Antrea's, a subject, or one side of an expectation.
func (o *reading) peer(n *tree.Node) Peer {
	f := o.only(n, "podSelector", "namespaceSelector", "namespaces", "externalEntitySelector", "nodeSelector", "group", "serviceAccount", "fqdn",
		"ipBlock", "service", "pod", "node")
	said := countStated(f)
	switch {
	case f[3] != nil:
		if f[1] != nil {
			said--
		}
		o.alone(said)
		return Peer{Kind: Machines, Selector: o.selector(f[3]), In: o.where(f[1])}
	case f[0] != nil || f[1] != nil || f[2] != nil:
		return o.members(f, said)
	}
	o.alone(said)
	switch {
	case f[4] != nil:
		return Peer{Kind: Nodes, Selector: o.selector(f[4])}
	case f[5] != nil:
		return Peer{Kind: GroupNamed, Name: o.name(f[5])}
	case f[6] != nil:
		return Peer{Kind: AccountOf, Name: o.reference(f[6])}
	case f[7] != nil:
		return Peer{Kind: Domain, Name: o.name(f[7])}
	case f[8] != nil:
		return o.block(f[8])
	case f[9] != nil:
		return Peer{Kind: ServiceOf, Name: o.reference(f[9])}
	case f[10] != nil:
		return Peer{Kind: PodNamed, Name: o.reference(f[10])}
	}
	return Peer{Kind: NodeNamed, Name: o.name(f[11])}
}

func (o *reading) alone(said int) {
	if said != 1 {
		o.fail()
	}
}

// members raises pods by selectors: of pods, of namespaces, and namespaces that depend on the subject's.
func (o *reading) members(f []*tree.Node, said int) Peer {
	p := Peer{Kind: Pods, Selector: o.selector(f[0]), In: o.where(f[1])}
	if f[2] != nil {
		g := o.only(f[2], "match", "sameLabels")
		switch {
		case o.namespace != "" || f[1] != nil || (g[0] != nil) == (g[1] != nil):
			o.fail()
		case g[0] != nil:
			if o.text(g[0]) != "Self" {
				o.fail()
			}
			p.In = &Place{Kind: Own}
		default:
			p.In = &Place{Kind: SameAsOwner, Keys: o.names(g[1])}
			if len(p.In.Keys) == 0 {
				o.fail()
			}
		}
	}
	if f[0] == nil {
		p.Kind = Everybody
	}
	if said != countStated(f[:3]) {
		o.fail()
	}
	return p
}

func (o *reading) block(n *tree.Node) Peer {
	f := o.only(n, "cidr", "except")
	return Peer{Kind: Block, Name: o.network(f[0]), Except: eachItem(o, f[1], o.network)}
}

// where raises a selector of namespaces, nil for nil.
func (o *reading) where(n *tree.Node) *Place {
	if n == nil {
		return nil
	}
	s := o.selector(n)
	if s != nil && len(s.Requirements) == 1 {
		if r := s.Requirements[0]; r.Is == Equal && r.Key.Text == namespaceName {
			return &Place{Kind: Named, Name: r.Values[0]}
		}
	}
	return &Place{Kind: Selected, Selector: s}
}

// selector raises a selector, nil for one that selects everything.
func (o *reading) selector(n *tree.Node) *Selector {
	f := o.only(n, "matchLabels", "matchExpressions")
	s := &Selector{}
	for key, value := range f[0].Pairs() {
		s.Requirements = append(s.Requirements, Requirement{Key: Name(key.Text), Values: []Word{o.name(value)}})
	}
	for _, e := range o.items(f[1]) {
		g := o.only(e, "key", "operator", "values")
		r := Requirement{Key: o.name(g[0]), Values: o.names(g[2])}
		stated := func(q Requirement) bool { return q.Is == Equal && q.Key == r.Key }
		switch operator, some := scalar(g[1]), len(r.Values) > 0; {
		case operator == "In" && len(r.Values) == 1 && !slices.ContainsFunc(s.Requirements, stated):
			r.Is = Equal
		case operator == "In" && some:
			r.Is = Among
		case operator == "NotIn" && len(r.Values) == 1:
			r.Is = Differs
		case operator == "NotIn" && some:
			r.Is = NotAmong
		case operator == "Exists" && !some:
			r.Is = Present
		case operator == "DoesNotExist" && !some:
			r.Is = Absent
		default:
			o.fail()
		}
		at := len(s.Requirements)
		if r.Is == Equal { // those are said together, first
			for at > 0 && s.Requirements[at-1].Is != Equal {
				at--
			}
		}
		s.Requirements = slices.Insert(s.Requirements, at, r)
	}
	if len(s.Requirements) == 0 {
		return nil
	}
	return s
}
