package journal

import (
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// table says what rule ids stand for.
type table struct {
	rules map[ir.RuleID]*rule
	judge *ir.PipelineEvaluator
}

// rule is what a line says of a rule.
type rule struct {
	in     [2]bool // by Direction: isolation in both directions is one declaration, so it has one id
	policy string
	rule   string
	name   string
	also   []string // the other declarations that it came from
	label  string
	action ir.Action
	from   []*source.Origin
}

// newTable goes through all rules that have an id.
func newTable(p *ir.Pipeline, declared *ir.Program) *table {
	t := &table{rules: map[ir.RuleID]*rule{}, judge: p.Evaluator()}
	names := declared.RuleNames()
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			lists := p.Classifier(d, ph).Lists
			for i := range lists {
				for k := range lists[i].Rules {
					t.add(&lists[i].Rules[k], d, names)
				}
			}
		}
	}
	return t
}

func (t *table) add(r *ir.Rule, d ir.Direction, names map[string]string) {
	if !r.Logging.On {
		return
	}
	known := t.rules[r.ID]
	if known == nil {
		first := r.Origins[0]
		known = &rule{policy: first.Object, rule: first.Field, name: names[first.Label()], label: r.Logging.Label, action: r.Action, from: r.Origins}
		for _, o := range r.Origins[1:] {
			known.also = append(known.also, o.Label())
		}
		t.rules[r.ID] = known
	}
	known.in[d] = true
}

// direction tells in which direction a rule decided a packet; "" if that is open.
func (t *table) direction(r *rule, f *flow) string {
	switch {
	case !r.in[ir.Ingress]:
		return ir.Egress.String()
	case !r.in[ir.Egress]:
		return ir.Ingress.String()
	case !f.src.IsValid():
		return ""
	}
	// Egress comes first: a packet that it drops meets no ingress rule.
	decision := t.judge.Decide(ir.Egress, f.packet())
	if slices.ContainsFunc(decision.Origins, func(o *source.Origin) bool { return o.Label() == r.from[0].Label() }) {
		return ir.Egress.String()
	}
	return ir.Ingress.String()
}
