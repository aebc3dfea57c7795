package manifest

import (
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// ruleNames reports rules of a policy that have the same name, ingress and egress together, and rules without a name that are
// the same: Antrea names such a rule after its content (validateRuleName, and generateRuleNames of the mutating webhook).
func (r antrea) ruleNames(spec *tree.Node) {
	named := make(map[string]declared)
	type content struct {
		list string
		sum  uint64
	}
	nameless := make(map[content]declared)
	eachRule(spec, func(rule declared) {
		name := str(rule.node.Get("name"))
		if name != "" {
			if first, twice := named[name]; twice {
				r.sameRule(first, rule, "name", "the rule has the same name as another one")
			} else {
				named[name] = rule
			}
			return
		}
		id := content{rule.list, digest(rule.node)}
		first, twice := nameless[id]
		switch {
		case !twice:
			nameless[id] = rule
		case string(canonical(nil, first.node)) == string(canonical(nil, rule.node)):
			r.sameRule(first, rule, "", "the rule is the same as another one")
		}
	})
}

func (r antrea) sameRule(first, again declared, field, message string) {
	at := func(d declared) *tree.Node {
		if field == "" {
			return d.node
		}
		return d.node.Get(field)
	}
	r.addField(diag.DuplicateRule, at(again), again.field(field), "", message)
	last := &r.out.findings[len(r.out.findings)-1]
	origin := source.Origin{Object: last.Origin.Object, Field: first.field(field), Pos: r.pos(at(first))}
	last.Related = []diag.Related{{Origin: origin, Message: "the first is here"}}
}

// The parameters of FNV-1a with 64 bits.
const (
	fnvBasis uint64 = 14695981039346656037
	fnvPrime uint64 = 1099511628211
)

// digest is a number that trees with the same canonical text have in common; it costs no memory.
func digest(n *tree.Node) uint64 {
	sum := fnvBasis
	switch n.Kind {
	case tree.Sequence:
		for _, item := range n.Items() {
			sum = (sum ^ digest(item)) * fnvPrime
		}
	case tree.Mapping:
		all := uint64(0)
		for k, v := range n.Pairs() {
			if !v.IsNull() {
				all += (digest(v) ^ digestText(k.Text, fnvBasis)) * fnvPrime // a sum, so that the order makes no difference
			}
		}
		sum ^= all
	default:
		if n.Type() == tree.String {
			sum = digestText("\"", sum)
		}
		sum = digestText(n.Text, sum)
	}
	return sum
}

func digestText(s string, sum uint64) uint64 {
	for i := range len(s) {
		sum = (sum ^ uint64(s[i])) * fnvPrime
	}
	return sum
}

// canonical appends a tree's text, in which the order of keys and the style of scalars make no difference.
func canonical(buf []byte, n *tree.Node) []byte {
	switch {
	case n.Kind == tree.Sequence:
		buf = append(buf, '[')
		for _, item := range n.Items() {
			buf = append(canonical(buf, item), ',')
		}
		return append(buf, ']')
	case n.Kind == tree.Mapping:
		var entries []string
		for k, v := range n.Pairs() {
			if !v.IsNull() {
				entries = append(entries, string(canonical(append([]byte(k.Text), ':'), v)))
			}
		}
		slices.Sort(entries)
		return append(buf, "{"+strings.Join(entries, ",")+"}"...)
	case n.Type() == tree.String:
		return append(append(append(buf, '"'), n.Text...), '"')
	}
	return append(buf, n.Text...)
}
