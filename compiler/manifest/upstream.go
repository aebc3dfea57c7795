package manifest

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// upstream reads one policy of policy.networking.k8s.io. Its rules are the markers and CEL expressions of the API's types
// (package sigs.k8s.io/network-policy-api/apis; field names as there).
type upstream struct {
	*builder
	what     string   // the kind, in messages
	actions  []string // that rules may have
	most     int      // rules in a direction, peers or ports in a rule
	remote   []string // the fields of egress peers
	portList string   // the field with a rule's ports
	port     func(r upstream, n *tree.Node, path *tree.Path) RankedPort
}

func remotePeers() []string {
	return []string{"namespaces", "pods", "nodes", "networks", "domainNames"}
}

// clusterNetworkPolicy reads a v1alpha2 ClusterNetworkPolicy.
func (b *builder) clusterNetworkPolicy(m Meta, root *tree.Node) Object {
	r := upstream{b, m.Kind, []string{"Accept", "Deny", "Pass"}, 25, remotePeers(), "protocols", upstream.protocolMatch}
	p := r.policy(m, root, "")
	tier := root.Get("spec").Get("tier")
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("tier")
	if word := b.word(diag.BadPriority, tier, &at, "tier", "Admin", "Baseline"); word != "" {
		p.Tier, p.TierPos = strings.ToLower(word), b.pos(tier)
	}
	r.rank(p, root)
	return p
}

// adminNetworkPolicy reads a v1alpha1 AdminNetworkPolicy.
func (b *builder) adminNetworkPolicy(m Meta, root *tree.Node) Object {
	r := upstream{b, m.Kind, []string{"Allow", "Deny", "Pass"}, 100, remotePeers(), "ports", upstream.portMatch}
	p := r.policy(m, root, "admin")
	r.rank(p, root)
	return p
}

// baselineAdminNetworkPolicy reads a v1alpha1 BaselineAdminNetworkPolicy, of which there is one, named default (CEL rule of the
// type).
func (b *builder) baselineAdminNetworkPolicy(m Meta, root *tree.Node) Object {
	if name := root.Get("metadata").Get("name"); m.Name != "default" && m.Name != "" {
		top := (*tree.Path)(nil).Field("metadata")
		at := top.Field("name")
		b.add(diag.BadName, name, &at, "write name: default", "the only BaselineAdminNetworkPolicy is named default, not %s", m.Name)
	}
	peers := slices.DeleteFunc(remotePeers(), func(field string) bool { return field == "domainNames" })
	r := upstream{b, m.Kind, []string{"Allow", "Deny"}, 100, peers, "ports", upstream.portMatch}
	return r.policy(m, root, "baseline")
}

func (r upstream) rank(p *RankedPolicy, root *tree.Node) {
	n := root.Get("spec").Get("priority")
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("priority")
	p.Priority = r.priority(n, &at, 0, 1000)
}

func (r upstream) policy(m Meta, root *tree.Node, tier string) *RankedPolicy {
	p := &RankedPolicy{Meta: m, Tier: tier, TierPos: m.Pos}
	spec := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	if subject := spec.Get("subject"); !subject.IsNull() && subject.Kind == tree.Mapping {
		at := top.Field("subject")
		r.union(diag.BadAppliedTo, subject, &at, "the subject", "namespaces", "pods")
		p.AppliedTo = []RankedPeer{r.workloads(subject, &at)}
	}
	p.IngressRules = r.rules(spec, &top, ingressSide())
	p.EgressRules = r.rules(spec, &top, egressSide())
	return p
}

func (r upstream) rules(spec *tree.Node, top *tree.Path, s side) []RankedRule {
	n := spec.Get(s.list)
	path := top.Field(s.list)
	r.count(n, &path, 0, r.most, "write a second policy with a higher priority number")
	var rules []RankedRule
	for item, at := range list(n, &path) {
		rules = append(rules, r.rule(item, at, s))
	}
	return rules
}

func (r upstream) rule(n *tree.Node, path *tree.Path, s side) RankedRule {
	rule := RankedRule{Field: r.field(path), Pos: r.pos(n), Name: r.keep(n.Get("name")), Ports: r.ports(n, path)}
	const longest = 100
	if len([]rune(rule.Name)) > longest {
		at := path.Field("name")
		r.add(diag.BadName, n.Get("name"), &at, "shorten it", "the rule's name has more than %d characters", longest)
	}
	at := path.Field("action")
	word := r.word(diag.BadAction, n.Get("action"), &at, "action of a "+r.what, r.actions...)
	switch word {
	case "Accept":
		rule.Action = "Allow"
	case "Deny":
		rule.Action = "Drop"
	default:
		rule.Action = word
	}
	peers := n.Get(s.peers)
	at = path.Field(s.peers)
	r.count(peers, &at, 1, r.most, "write a second rule")
	for item, at := range list(peers, &at) {
		rule.Peers = append(rule.Peers, r.peers(item, at, word, s)...)
	}
	r.namedPorts(rule)
	return rule
}

// union judges a mapping that has exactly one of its fields (MinProperties and MaxProperties 1).
func (r upstream) union(code diag.Code, n *tree.Node, path *tree.Path, what string, fields ...string) {
	var stated []string
	for _, name := range fields {
		if !n.Get(name).IsNull() {
			stated = append(stated, name)
		}
	}
	all := strings.Join(fields[:len(fields)-1], ", ") + " or " + fields[len(fields)-1]
	switch {
	case len(stated) == 0 && blank(n):
		r.add(code, n, path, "write one of "+all, "%s says nothing", what)
	case len(stated) > 1:
		key, _ := n.Lookup(stated[1])
		at := path.Field(stated[1])
		r.add(code, key, &at, "write one of "+all, "%s has one field, not %s", what, strings.Join(stated, " and "))
	}
}

// workloads reads namespaces, or pods with podSelector and namespaceSelector, of which an absent one selects all.
func (r upstream) workloads(n *tree.Node, path *tree.Path) RankedPeer {
	p := RankedPeer{Peer: Peer{Field: r.field(path), Pos: r.pos(n)}}
	p.NamespaceSelector = r.optionalSelector(n, path, "namespaces")
	if pods := n.Get("pods"); !pods.IsNull() && pods.Kind == tree.Mapping {
		at := path.Field("pods")
		p.PodSelector = r.optionalSelector(pods, &at, "podSelector")
		if p.NamespaceSelector = r.optionalSelector(pods, &at, "namespaceSelector"); p.NamespaceSelector == nil {
			p.NamespaceSelector = &Selector{}
		}
	}
	return p
}

// peers reads one entry of from or to: one peer, or one for each of networks and domainNames.
func (r upstream) peers(n *tree.Node, path *tree.Path, action string, s side) []RankedPeer {
	if s == ingressSide() {
		r.union(diag.BadPeer, n, path, "the peer", "namespaces", "pods")
		return []RankedPeer{r.workloads(n, path)}
	}
	r.union(diag.BadPeer, n, path, "the peer", r.remote...)
	switch {
	case n.Get("networks").Len() > 0:
		return r.networks(n.Get("networks"), path)
	case n.Get("domainNames").Len() > 0:
		return r.domainNames(n.Get("domainNames"), path, action)
	}
	for _, name := range []string{"networks", "domainNames"} {
		at := path.Field(name)
		r.count(n.Get(name), &at, 1, maxNames, "")
	}
	p := r.workloads(n, path)
	p.NodeSelector = r.optionalSelector(n, path, "nodes")
	return []RankedPeer{p}
}

// maxNames is how many networks or domain names a peer has at most (MaxItems), in all versions.
const maxNames = 25

// networks reads a set of CIDRs (CEL rule isCIDR, MaxLength 43).
func (r upstream) networks(n *tree.Node, path *tree.Path) []RankedPeer {
	at := path.Field("networks")
	r.count(n, &at, 1, maxNames, "write a second peer")
	var out []RankedPeer
	seen := make(map[string]bool)
	for item, at := range list(n, &at) {
		if r.again(item, at, seen) {
			continue
		}
		const longest = 43 // MaxLength, which an IPv6 prefix with an IPv4 address at its end can exceed
		switch text := str(item); {
		case text == "" && item.Kind == tree.Scalar && !item.IsNull():
			r.add(diag.BadCIDR, item, at, "", "the network is empty")
			continue
		case len(text) > longest:
			r.add(diag.BadCIDR, item, at, "write it in its short form", "the network has %d characters, more than %d", len(text), longest)
			continue
		}
		block := &IPBlock{CIDR: r.prefix(item, at)}
		out = append(out, RankedPeer{Peer: Peer{Field: r.field(at), Pos: r.pos(item), IPBlock: block}})
	}
	return out
}

// again reports an entry that a list of kind set has twice (listType=set).
func (r upstream) again(n *tree.Node, path *tree.Path, seen map[string]bool) bool {
	if seen[str(n)] {
		r.add(diag.BadCount, n, path, "remove one of the two", "%q is in the list twice", n.Text)
		return true
	}
	seen[str(n)] = true
	return false
}

// domainNames reads a set of names (Pattern of DomainName), which the field's documentation allows in accepting rules only.
func (r upstream) domainNames(n *tree.Node, path *tree.Path, action string) []RankedPeer {
	at := path.Field("domainNames")
	r.count(n, &at, 1, maxNames, "write a second peer")
	if action == "Deny" || action == "Pass" {
		r.add(diag.BadDomainName, n, &at, "accept the names in this rule, and deny the rest in a later one", "domain names do not go with action %s", action)
	}
	var out []RankedPeer
	seen := make(map[string]bool)
	for item, at := range list(n, &at) {
		if r.again(item, at, seen) {
			continue
		}
		name := strings.ToLower(strings.TrimSuffix(str(item), "."))
		if bad := badDomain(name); bad != "" && item.Kind == tree.Scalar && !item.IsNull() {
			r.add(diag.BadDomainName, item, at, "", "the domain name %q %s", item.Text, bad)
			continue
		}
		out = append(out, RankedPeer{Peer: Peer{Field: r.field(at), Pos: r.pos(item)}, FQDN: r.intern.text(name)})
	}
	return out
}

// badDomain judges a name in lower case: at least two parts of letters, digits, '-' and '_', of which the first may be *.
func badDomain(name string) string {
	parts := strings.Split(name, ".")
	if parts[0] == "*" {
		parts = parts[1:]
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "is an address"
	}
	switch {
	case name == "":
		return "is empty"
	case len(name) > 253:
		return "is longer than 253 characters"
	case len(parts) < 2:
		return "has less than two parts"
	}
	for i, part := range parts {
		switch bad := badWord(strings.TrimPrefix(part, "_"), 63, lowerAlnum, "-_"); {
		case part == "*":
			return "has a * that is not its first part"
		case bad != "":
			return "has in part " + strconv.Itoa(i+1) + " a name that " + bad
		}
	}
	return ""
}
