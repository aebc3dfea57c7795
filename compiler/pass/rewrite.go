package pass

import (
	"github.com/headgate-net/headgate/ir"
)

// place says which list a pass is looking at.
type place struct {
	direction ir.Direction
	phase     ir.Phase
	id        ir.ListID
}

// places calls yield for every list.
func places(p *ir.Pipeline, yield func(place, *ir.List)) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			lists := p.Classifier(d, ph).Lists
			for i := range lists {
				yield(place{d, ph, ir.ListID(i)}, &lists[i])
			}
		}
	}
}

// rewrite returns a copy of p in which every list has the rules that f returns for it. f may return the slice it was given,
// but must not change it.
func rewrite(p *ir.Pipeline, f func(at place, rules []ir.Rule) []ir.Rule) *ir.Pipeline {
	out := *p
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := out.Classifier(d, ph)
			lists := make([]ir.List, len(c.Lists))
			for i, l := range c.Lists {
				l.Rules = f(place{d, ph, ir.ListID(i)}, l.Rules)
				lists[i] = l
			}
			c.Lists = lists
		}
	}
	return &out
}

// isCatchAll reports whether the rule matches every packet.
func isCatchAll(r *ir.Rule) bool { return r.AnyPeer && r.L4.IsAny() }
