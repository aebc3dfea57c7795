package openflow

import "github.com/headgate-net/headgate/ir"

// Cost counts flows. Policy flows are those of the policy tables: Plain and Decisions belong to one rule each, Shared satisfy
// clauses, with Clauses conjunction actions in all. Infrastructure is everything else.
type Cost struct {
	Flows          int
	Infrastructure int
	Plain          int // flows of rules that are no conjunction
	Decisions      int // flows that conjunctions lead to
	Shared         int
	Clauses        int
	Rules          int // distinct rule IDs
	Priorities     int // distinct priorities, the most of any policy table
	Tables         map[Table]int
}

// FlowsPerRule is the number of policy flows for each rule.
func (c Cost) FlowsPerRule() float64 {
	if c.Rules == 0 {
		return 0
	}
	return float64(c.Plain+c.Decisions+c.Shared) / float64(c.Rules)
}

// CostOf counts the flows of a pipeline.
func CostOf(p *Pipeline) Cost {
	c := Cost{Flows: len(p.Flows), Tables: map[Table]int{}}
	rules := map[ir.RuleID]bool{}
	priorities := map[Table]map[uint16]bool{}
	for i := range p.Flows {
		f := &p.Flows[i]
		c.Tables[f.Table]++
		id, ofRule := RuleOf(f.Cookie)
		switch {
		case len(f.Conjunctions) > 0:
			c.Shared++
			c.Clauses += len(f.Conjunctions)
		case !ofRule:
			c.Infrastructure++
			continue
		case f.Match[len(f.Match)-1].Field == ConjID:
			c.Decisions++
		default:
			c.Plain++
		}
		if ofRule {
			rules[id] = true
		}
		if priorities[f.Table] == nil {
			priorities[f.Table] = map[uint16]bool{}
		}
		priorities[f.Table][f.Priority] = true
		c.Priorities = max(c.Priorities, len(priorities[f.Table]))
	}
	c.Rules = len(rules)
	return c
}
