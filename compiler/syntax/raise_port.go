package syntax

import (
	"slices"
	"strconv"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

// transportWords are the protocols with ports.
func transportWords() map[string]string {
	return map[string]string{"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
}

// protocol raises a protocol, TCP if none is stated.
func (o *reading) protocol(n *tree.Node) Word {
	if n == nil {
		return Word{Text: "tcp"}
	}
	return o.word(n, transportWords())
}

// ports raises ports as Kubernetes and Antrea have them.
func (o *reading) ports(n *tree.Node) []Port {
	return shorten(eachItem(o, n, func(item *tree.Node) Port {
		f := o.only(item, "protocol", "port", "endPort", "sourcePort", "sourceEndPort")
		return Port{Kind: Transport, Protocol: o.protocol(f[0]), Value: o.portRange(f[1], f[2]), Source: o.portRange(f[3], f[4])}
	}))
}

// shorten leaves out the protocol of a number behind another with the same one.
func shorten(list []Port) []Port {
	protocol := ""
	for i, p := range list {
		if p.Kind != Transport || !p.Value.Stated() || p.Source.Stated() {
			protocol = ""
			continue
		}
		if p.Protocol.Text == protocol && !p.Value.isName() {
			list[i].Kind, list[i].Protocol = AnotherPort, Word{}
		}
		protocol = p.Protocol.Text
	}
	return list
}

// portRange raises a number or a name, and the end of a range if there is one.
func (o *reading) portRange(from, to *tree.Node) Word {
	switch {
	case from == nil && to == nil:
		return Word{}
	case from == nil:
		o.fail()
		return Word{}
	case to != nil:
		return Word{Text: o.decimal(from) + "-" + o.decimal(to)}
	case from.Kind == tree.Scalar && from.Type() == tree.String:
		return portWord(from.Text)
	}
	return Word{Text: o.decimal(from)}
}

// portWord is the name of a port.
func portWord(text string) Word { return Word{Text: text, Quoted: !isWord(text)} }

// decimal is a number without a sign.
func (o *reading) decimal(n *tree.Node) string {
	if n == nil || n.Kind != tree.Scalar || n.Type() != tree.Int {
		o.fail()
		return ""
	}
	v, ok := n.Int()
	if !ok || v < 0 {
		o.fail()
	}
	return strconv.FormatInt(v, 10)
}

// protocols raises Antrea's protocols without ports.
func (o *reading) protocols(n *tree.Node) []Port {
	var out []Port
	for _, item := range o.items(n) {
		f := o.only(item, "icmp", "igmp")
		switch {
		case (f[0] != nil) == (f[1] != nil):
			o.fail()
		case f[0] != nil:
			g := o.only(f[0], "icmpType", "icmpCode")
			p := Port{Kind: ICMP}
			if g[0] != nil {
				p.Value.Text = o.decimal(g[0])
			}
			if g[1] != nil {
				p.Value.Text += "/" + o.decimal(g[1])
				if g[0] == nil {
					o.fail()
				}
			}
			out = append(out, p)
		default:
			g := o.only(f[1], "igmpType", "groupAddress")
			p := Port{Kind: IGMP}
			if g[0] != nil {
				p.Value.Text = o.decimal(g[0])
			}
			if g[1] != nil {
				p.Group = o.address(g[1])
			}
			out = append(out, p)
		}
	}
	return out
}

// upstream raises a policy of policy.networking.k8s.io; the standing is that of a legacy kind, "" if the policy has a tier.
func (o *reading) upstream(standing Standing) []Decl {
	legacy := standing != ""
	f := o.spec("tier", "priority", "subject", "ingress", "egress")
	p := &Policy{Head: o.head, Standing: standing, Legacy: legacy, Priority: o.number(f[1])}
	if !legacy {
		p.Standing = Standing(o.word(f[0], map[string]string{"Admin": string(Admin), "Baseline": string(Baseline)}).Text)
	} else if f[0] != nil {
		o.fail()
	}
	g := o.only(f[2], "namespaces", "pods")
	p.For = []Peer{o.workloads(g[0], g[1])}
	p.Rules = o.bothWays(f[3], f[4], func(n *tree.Node, rule Rule) Rule { return o.upstreamRule(n, legacy, rule) })
	return []Decl{p}
}

// workloads raises all pods of namespaces, or pods.
func (o *reading) workloads(namespaces, pods *tree.Node) Peer {
	switch {
	case (namespaces != nil) == (pods != nil):
		o.fail()
	case namespaces != nil:
		return Peer{Kind: Everybody, In: o.where(namespaces)}
	default:
		f := o.only(pods, "namespaceSelector", "podSelector")
		p := Peer{Kind: Pods, Selector: o.selector(f[1]), In: o.where(f[0])}
		if p.In != nil && p.In.Kind == Selected && p.In.Selector == nil {
			p.In = nil
		}
		if f[0] == nil || f[1] == nil {
			o.fail()
		}
		return p
	}
	return Peer{}
}

func (o *reading) upstreamRule(n *tree.Node, legacy bool, rule Rule) Rule {
	allow, field := "Accept", "protocols"
	if legacy {
		allow, field = "Allow", "ports"
	}
	f := o.only(n, "name", "action", rule.way(), field)
	rule.Name = o.name(f[0])
	rule.Action = o.word(f[1], map[string]string{allow: "allow", "Deny": "drop", "Pass": "pass"})
	for _, item := range o.items(f[2]) {
		for _, p := range o.upstreamPeer(item) {
			again := func(q Peer) bool { return q.Kind == p.Kind && q.Name == p.Name }
			if p.Kind != Block && p.Kind != Domain || !slices.ContainsFunc(rule.Peers, again) { // the sentence has but one list of them
				rule.Peers = append(rule.Peers, p)
			}
		}
	}
	if len(rule.Peers) == 0 {
		o.fail()
	}
	read := o.upstreamPort
	if legacy {
		read = o.legacyPort
	}
	rule.Ports = shorten(eachItem(o, f[3], read))
	return rule
}

func (o *reading) upstreamPeer(n *tree.Node) []Peer {
	f := o.only(n, "namespaces", "pods", "nodes", "networks", "domainNames")
	o.alone(countStated(f))
	var out []Peer
	switch {
	case f[2] != nil:
		return []Peer{{Kind: Nodes, Selector: o.selector(f[2])}}
	case f[3] != nil:
		out = eachItem(o, f[3], func(n *tree.Node) Peer { return Peer{Kind: Block, Name: o.network(n)} })
	case f[4] != nil:
		out = eachItem(o, f[4], func(n *tree.Node) Peer { return Peer{Kind: Domain, Name: o.name(n)} })
	default:
		return []Peer{o.workloads(f[0], f[1])}
	}
	if len(out) == 0 {
		o.fail()
	}
	return out
}

// upstreamPort raises a port of v1alpha2.
func (o *reading) upstreamPort(n *tree.Node) Port {
	f := o.only(n, "destinationNamedPort", "tcp", "udp", "sctp")
	if f[0] != nil {
		o.only(n, "destinationNamedPort")
		return Port{Kind: ByName, Value: portWord(o.text(f[0]))}
	}
	for i, protocol := range []string{"tcp", "udp", "sctp"} {
		if f[i+1] == nil {
			continue
		}
		o.only(n, protocol)
		port := o.only(f[i+1], "destinationPort")[0]
		g := o.only(port, "number", "range")
		h := o.only(g[1], "start", "end")
		return o.someOrAll(Word{Text: protocol}, g[0], h[0], h[1])
	}
	o.fail()
	return Port{}
}

// legacyPort raises a port of v1alpha1.
func (o *reading) legacyPort(n *tree.Node) Port {
	f := o.only(n, "namedPort", "portNumber", "portRange")
	switch {
	case f[0] != nil:
		o.only(n, "namedPort")
		return Port{Kind: ByName, Value: portWord(o.text(f[0]))}
	case f[1] != nil:
		o.only(n, "portNumber")
		g := o.only(f[1], "protocol", "port")
		return o.someOrAll(o.protocol(g[0]), g[1], nil, nil)
	}
	g := o.only(f[2], "protocol", "start", "end")
	return o.someOrAll(o.protocol(g[0]), nil, g[1], g[2])
}

// someOrAll is a number or a range.
func (o *reading) someOrAll(protocol Word, number, start, end *tree.Node) Port {
	p := Port{Kind: Transport, Protocol: protocol}
	switch {
	case number != nil && start == nil && end == nil:
		p.Value.Text = o.decimal(number)
	case number == nil && start != nil && end != nil:
		if text := o.decimal(start) + "-" + o.decimal(end); text != whole {
			p.Value.Text = text
		}
	default:
		o.fail()
	}
	return p
}
