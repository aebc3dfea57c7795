package manifest

import (
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// antrea reads one policy of crd.antrea.io/v1beta1. Its rules are those of Antrea's admission webhook (validatePolicy and what
// it calls, package pkg/controller/networkpolicy) and of the resource definitions (field names as there).
type antrea struct {
	*builder
	namespaced bool // a NetworkPolicy
	namespace  string
	tier       string
}

// side is what the two directions of a rule have different.
type side struct {
	list  string // of the rules in the spec
	peers string // of the peers in a rule
}

func ingressSide() side { return side{"ingress", "from"} }
func egressSide() side  { return side{"egress", "to"} }

// antreaPolicy reads a crd.antrea.io/v1beta1 ClusterNetworkPolicy or NetworkPolicy.
func (b *builder) antreaPolicy(m Meta, root *tree.Node) Object {
	p := &RankedPolicy{Meta: m, Tier: defaultTier, TierPos: m.Pos}
	r := antrea{builder: b, namespaced: m.Namespace != "", namespace: m.Namespace}
	spec := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	if tier := spec.Get("tier"); str(tier) != "" {
		p.Tier, p.TierPos = b.intern.text(strings.ToLower(tier.Text)), b.pos(tier)
	}
	r.tier = p.Tier
	at := top.Field("priority")
	p.Priority = b.priority(spec.Get("priority"), &at, 1, 10000)
	at = top.Field("appliedTo")
	p.AppliedTo = r.appliedTo(spec.Get("appliedTo"), &at)
	p.IngressRules = r.rules(spec, &top, ingressSide())
	p.EgressRules = r.rules(spec, &top, egressSide())
	r.placement(spec, &top)
	r.services(p, spec, &top)
	r.logLabels(p, spec, &top)
	r.ruleNames(spec)
	return p
}

// defaultTier is the tier of policies that name none.
const defaultTier = "application"

// priority reads spec.priority; 0 after an error.
func (b *builder) priority(n *tree.Node, path *tree.Path, least, most float64) float64 {
	v, ok := n.Float()
	if !ok {
		return 0 // reported by the schema
	}
	if !(v >= least && v <= most) { // so that what is no number is refused
		b.add(diag.BadPriority, n, path, "", "the priority %s is not in the range %v to %v", n.Text, least, most)
		return 0
	}
	return v
}

func (r antrea) rules(spec *tree.Node, top *tree.Path, s side) []RankedRule {
	n := spec.Get(s.list)
	if n.Len() == 0 || n.Kind != tree.Sequence {
		return nil
	}
	rules := make([]RankedRule, 0, n.Len())
	at := top.Field(s.list)
	for item, at := range list(n, &at) {
		rules = append(rules, r.rule(item, at, s))
	}
	return rules
}

func (r antrea) rule(n *tree.Node, path *tree.Path, s side) RankedRule {
	rule := RankedRule{Field: r.field(path), Pos: r.pos(n), Name: r.keep(n.Get("name")), Action: r.action(n, path)}
	at := path.Field("appliedTo")
	rule.AppliedTo = r.appliedTo(n.Get("appliedTo"), &at)
	at = path.Field(s.peers)
	rule.Peers = make([]RankedPeer, 0, n.Get(s.peers).Len())
	for item, at := range list(n.Get(s.peers), &at) {
		rule.Peers = append(rule.Peers, r.peer(item, at))
	}
	if len(rule.Peers) == 0 {
		rule.Peers = nil
	}
	rule.ToServices = r.toServices(n, path)
	rule.AnyPeer = len(rule.Peers) == 0 && len(rule.ToServices) == 0
	rule.Ports = r.rulePorts(n, path, s)
	r.multicast(n, path, rule, s)
	rule.Logging = r.logging(n, path)
	if key, v := n.Lookup("l7Protocols"); v.Len() > 0 {
		at := path.Field("l7Protocols")
		r.add(diag.NotSupported, key, &at, "write ports instead, for instance TCP 80 and 443, or leave the rule out",
			"rules by layer 7 protocol are not supported yet")
	}
	return rule
}

// action reads a rule's action. Baseline policies have no Pass: nothing comes after them (validateTierForPassAction).
func (r antrea) action(n *tree.Node, path *tree.Path) string {
	at := path.Field("action")
	word := r.word(diag.BadAction, n.Get("action"), &at, "action", "Allow", "Drop", "Reject", "Pass")
	if word == "Pass" && r.tier == "baseline" {
		r.add(diag.BadAction, n.Get("action"), &at, "use Allow, Drop or Reject, or another tier", "a policy in tier baseline cannot Pass: nothing comes after it")
	}
	return word
}

// word reads one of some words; "" after an error or for nothing.
func (b *builder) word(code diag.Code, n *tree.Node, path *tree.Path, what string, words ...string) string {
	if n.IsNull() || n.Kind != tree.Scalar || n.Type() != tree.String {
		return "" // reported by the schema, if it must be there
	}
	if i := slices.Index(words, n.Text); i >= 0 {
		return words[i]
	}
	b.add(code, n, path, wordHint(n.Text, words), "unknown %s %q", what, n.Text)
	return ""
}

// eachRule walks the rules of both directions.
func eachRule(spec *tree.Node, yield func(declared)) {
	for _, s := range []side{ingressSide(), egressSide()} {
		for i, item := range spec.Get(s.list).Items() {
			yield(declared{s.list, i, item})
		}
	}
}

// declared is a rule where it stands: the list, its index and the rule.
type declared struct {
	list  string
	index int
	node  *tree.Node
}

// field is the path of one of the rule's fields, or with "" of the rule.
func (d declared) field(name string) string {
	top := (*tree.Path)(nil).Field("spec")
	list := top.Field(d.list)
	rule := list.Item(d.index)
	if name == "" {
		return rule.String()
	}
	at := rule.Field(name)
	return at.String()
}

// placement judges where a policy has its appliedTo: in spec, or in all of its rules (validateAppliedTo).
func (r antrea) placement(spec *tree.Node, top *tree.Path) {
	inSpec := spec.Get("appliedTo").Len() > 0
	var have, lack []declared
	eachRule(spec, func(rule declared) {
		if rule.node.Get("appliedTo").Len() > 0 {
			have = append(have, rule)
		} else if !inSpec {
			lack = append(lack, rule)
		}
	})
	switch {
	case inSpec:
		for _, rule := range have {
			key, _ := rule.node.Lookup("appliedTo")
			r.addField(diag.BadAppliedTo, key, rule.field("appliedTo"), "keep one of the two", "spec has an appliedTo already")
		}
	case len(have) == 0:
		at, where := top.Field("appliedTo"), spec
		if key, _ := spec.Lookup("appliedTo"); key != nil {
			where = key
		}
		if where != nil {
			r.add(diag.BadAppliedTo, where, &at, "add appliedTo to spec, or to every rule", "the policy applies to nothing")
		}
	default:
		for _, rule := range lack {
			r.addField(diag.BadAppliedTo, rule.node, rule.field(""), "add appliedTo here, as in the other rules", "the rule has no appliedTo, but others have")
		}
	}
}

// logging reads enableLogging and logLabel, which has the form of a label value (resource definition, logLabel).
func (b *builder) logging(n *tree.Node, path *tree.Path) Logging {
	label := n.Get("logLabel")
	if bad := badLabelValue(str(label)); bad != "" {
		at := path.Field("logLabel")
		b.add(diag.BadLabel, label, &at, "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit",
			"the log label %q %s", label.Text, bad)
	}
	return Logging{On: boolOr(n.Get("enableLogging"), false), Label: b.keep(label)}
}

// logLabels warns of labels that nodes log in part only (checkLogLabel).
func (r antrea) logLabels(p *RankedPolicy, spec *tree.Node, top *tree.Path) {
	const longest = 12
	if !slices.ContainsFunc(p.AppliedTo, func(to RankedPeer) bool { return to.NodeSelector != nil }) {
		return
	}
	for _, s := range []side{ingressSide(), egressSide()} {
		path := top.Field(s.list)
		for item, at := range list(spec.Get(s.list), &path) {
			label := item.Get("logLabel")
			if on, _ := item.Get("enableLogging").Bool(); on && len(str(label)) > longest {
				at := at.Field("logLabel")
				r.add(diag.LongLogLabel, label, &at, "", "nodes log only the first %d characters of %q", longest, label.Text)
			}
		}
	}
}
