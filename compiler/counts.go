package compiler

import (
	"fmt"

	"github.com/headgate-net/headgate/ir"
)

// Counts is the size of a Pipeline.
type Counts struct {
	Endpoints, Sets, Ranges, Lists, Rules int // Ranges: disjoint ranges of addresses in all sets
}

// CountRules measures a Pipeline.
func CountRules(p *ir.Pipeline) Counts {
	c := Counts{Endpoints: len(p.Endpoints), Sets: len(p.Sets)}
	for _, s := range p.Sets {
		c.Ranges += s.Addrs.RangeCount()
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				c.Lists++
				c.Rules += len(l.Rules)
			}
		}
	}
	return c
}

// Max returns the larger of each count.
func (c Counts) Max(o Counts) Counts {
	return Counts{max(c.Endpoints, o.Endpoints), max(c.Sets, o.Sets), max(c.Ranges, o.Ranges), max(c.Lists, o.Lists), max(c.Rules, o.Rules)}
}

// String gives "endpoints=4 sets=2 ranges=4 lists=2 rules=5".
func (c Counts) String() string {
	return fmt.Sprintf("endpoints=%d sets=%d ranges=%d lists=%d rules=%d", c.Endpoints, c.Sets, c.Ranges, c.Lists, c.Rules)
}
