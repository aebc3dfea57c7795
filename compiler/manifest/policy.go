package manifest

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// networkPolicy reads a networking.k8s.io/v1 NetworkPolicy, applies the API's defaults and validates it as the API server
// does (k8s.io/api/networking/v1 field documentation).
func (b *builder) networkPolicy(m Meta, root *tree.Node) Object {
	p := &NetworkPolicy{Meta: m}
	spec := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("podSelector")
	p.PodSelector = b.selector(spec.Get("podSelector"), &at)
	at = top.Field("ingress")
	p.IngressRules = b.rules(spec.Get("ingress"), &at, "from")
	at = top.Field("egress")
	p.EgressRules = b.rules(spec.Get("egress"), &at, "to")
	b.policyTypes(p, spec, &top)
	return p
}

// policyTypes applies the defaults: Ingress always, Egress if there are egress rules. Rules in a direction that an
// explicit list leaves out have no effect and are dropped with a warning.
func (b *builder) policyTypes(p *NetworkPolicy, spec *tree.Node, top *tree.Path) {
	types := spec.Get("policyTypes")
	if types.Len() == 0 {
		p.Ingress, p.Egress = true, len(p.EgressRules) > 0
		return
	}
	path := top.Field("policyTypes")
	known := true
	if types.Kind == tree.Sequence && types.Len() > 2 {
		b.add(diag.BadPolicyType, types, &path, "use Ingress and Egress, each once", "there are %d policy types, more than two", types.Len())
	}
	for item, at := range list(types, &path) {
		switch word := str(item); {
		case word == "Ingress":
			p.Ingress = true
		case word == "Egress":
			p.Egress = true
		default:
			known = false
			if item.Kind != tree.Scalar {
				continue
			}
			hint := ""
			if near := schema.Nearest(word, []string{"Ingress", "Egress"}); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			b.add(diag.BadPolicyType, item, at, hint, "unknown policy type %q", item.Text)
		}
	}
	if !known {
		return
	}
	if !p.Ingress && len(p.IngressRules) > 0 {
		b.ignored(spec, top, "ingress", "Ingress")
		p.IngressRules = nil
	}
	if !p.Egress && len(p.EgressRules) > 0 {
		b.ignored(spec, top, "egress", "Egress")
		p.EgressRules = nil
	}
}

func (b *builder) ignored(spec *tree.Node, top *tree.Path, field, direction string) {
	key, _ := spec.Lookup(field)
	path := top.Field(field)
	b.add(diag.IgnoredRules, key, &path, "add "+direction+" to policyTypes or remove the rules",
		"the %s rules have no effect, because policyTypes does not list %s", field, direction)
}

func (b *builder) rules(n *tree.Node, path *tree.Path, peersField string) []Rule {
	if n.Len() == 0 || n.Kind != tree.Sequence {
		return nil
	}
	rules := make([]Rule, 0, n.Len())
	for item, at := range list(n, path) {
		rules = append(rules, b.rule(item, at, peersField))
	}
	return rules
}

func (b *builder) rule(n *tree.Node, path *tree.Path, peersField string) Rule {
	r := Rule{Field: b.field(path), Pos: b.pos(n)}
	peers, ports := n.Get(peersField), n.Get("ports")
	r.AnyPeer = peers.Len() == 0
	if count := peers.Len(); count > 0 && peers.Kind == tree.Sequence {
		r.Peers = make([]Peer, 0, count)
		at := path.Field(peersField)
		for item, at := range list(peers, &at) {
			r.Peers = append(r.Peers, b.peer(item, at))
		}
	}
	if count := ports.Len(); count > 0 && ports.Kind == tree.Sequence {
		r.Ports = make([]Port, 0, count)
		at := path.Field("ports")
		for item, at := range list(ports, &at) {
			r.Ports = append(r.Ports, b.rulePort(item, at))
		}
	}
	return r
}

func (b *builder) peer(n *tree.Node, path *tree.Path) Peer {
	p := Peer{Field: b.field(path), Pos: b.pos(n)}
	if s := n.Get("podSelector"); !s.IsNull() {
		at := path.Field("podSelector")
		sel := b.selector(s, &at)
		p.PodSelector = &sel
	}
	if s := n.Get("namespaceSelector"); !s.IsNull() {
		at := path.Field("namespaceSelector")
		sel := b.selector(s, &at)
		p.NamespaceSelector = &sel
	}
	block := n.Get("ipBlock")
	if !block.IsNull() {
		at := path.Field("ipBlock")
		p.IPBlock = b.ipBlock(block, &at)
	}
	switch selects := p.PodSelector != nil || p.NamespaceSelector != nil; {
	case selects && !block.IsNull():
		key, _ := n.Lookup("ipBlock")
		at := path.Field("ipBlock")
		b.add(diag.BadPeer, key, &at, "write two peers: one with ipBlock, one with the selectors",
			"a peer has either ipBlock or selectors, not both")
	case !selects && block.IsNull() && (n.Kind == tree.Mapping || n.IsNull()):
		b.emptyPeer(n, path)
	}
	return p
}

// emptyPeer explains a peer that names nobody. The frequent cause is a selector without a value, which is null.
func (b *builder) emptyPeer(n *tree.Node, path *tree.Path) {
	for k := range n.Pairs() {
		if k.Text != "podSelector" && k.Text != "namespaceSelector" && k.Text != "ipBlock" {
			return // an unknown field was reported; it is what the peer was meant to be
		}
	}
	hint := "for every pod of the namespace write podSelector: {}; for everyone, leave out the list of peers"
	for k := range n.Pairs() {
		if k.Text != "ipBlock" {
			hint = fmt.Sprintf("%s without a value is null; to select everything write %s: {}", k.Text, k.Text)
			break
		}
	}
	b.add(diag.BadPeer, n, path, hint, "the peer names nobody")
}

// ipBlock reads a block; nil if its cidr is of no use.
func (b *builder) ipBlock(n *tree.Node, path *tree.Path) *IPBlock {
	if n.Kind != tree.Mapping {
		return nil
	}
	cidr := n.Get("cidr")
	at := path.Field("cidr")
	block := &IPBlock{CIDR: b.prefix(cidr, &at)}
	at = path.Field("except")
	for item, at := range list(n.Get("except"), &at) {
		if p := b.except(item, at, block.CIDR); p.IsValid() {
			block.Except = append(block.Except, p)
		}
	}
	return block
}

func (b *builder) except(n *tree.Node, path *tree.Path, cidr netip.Prefix) netip.Prefix {
	if n.IsNull() {
		b.add(diag.BadCIDR, n, path, "", "an except entry is empty")
		return netip.Prefix{}
	}
	p := b.prefix(n, path)
	if !p.IsValid() || !cidr.IsValid() {
		return p
	}
	switch {
	case p == cidr:
		b.add(diag.ExceptOutside, n, path, "remove the peer: nothing would be left of it", "%s excepts the whole of cidr %s", p, cidr)
	case p.Bits() < cidr.Bits() || !cidr.Contains(p.Addr()):
		b.add(diag.ExceptOutside, n, path, "", "%s does not lie inside cidr %s", p, cidr)
	}
	return p
}

func (b *builder) rulePort(n *tree.Node, path *tree.Path) Port {
	p := Port{Field: b.field(path), Pos: b.pos(n)}
	at := path.Field("protocol")
	p.Protocol = b.statedProtocol(n.Get("protocol"), &at)
	port, end := n.Get("port"), n.Get("endPort")
	at = path.Field("port")
	p.From, p.Name = b.numberOrName(port, &at)
	p.To = p.From
	if end.IsNull() {
		return p
	}
	at = path.Field("endPort")
	last, ok := end.Int()
	switch {
	case !ok:
	case port.IsNull():
		b.add(diag.BadPortRange, end, &at, "add port, the first of the range", "endPort has no port to go with")
	case p.Name != "":
		b.add(diag.BadPortRange, end, &at, "write port as a number", "endPort does not go with the named port %s", p.Name)
	case last < int64(p.From):
		b.add(diag.BadPortRange, end, &at, "", "endPort %d is smaller than port %d", last, p.From)
	default:
		p.To = b.port(end, &at)
	}
	return p
}

// numberOrName reads an IntOrString that is a port; 0 and "" after an error or for nothing.
func (b *builder) numberOrName(n *tree.Node, path *tree.Path) (uint16, string) {
	if n.IsNull() || n.Kind != tree.Scalar {
		return 0, ""
	}
	if n.Type() != tree.String {
		return b.port(n, path), ""
	}
	if bad := badPortName(n.Text); bad != "" {
		hint := ""
		if strings.Trim(n.Text, "0123456789") == "" && n.Text != "" {
			hint = "remove the quotes: " + n.Text
		}
		b.add(diag.BadPort, n, path, hint, "the port name %q %s", n.Text, bad)
		return 0, ""
	}
	return 0, b.intern.text(n.Text)
}
