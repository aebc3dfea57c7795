package agent

import (
	"cmp"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Statistics are a node's counters, told of the declared rules.
type Statistics struct {
	Node  string     `json:"node"`
	Rules []RuleStat `json:"rules"` // by policy, then rule
	// Total counts every packet once for each decision, however many rules share it. Those of rules that the Pipeline does not have are in Unknown alone.
	Total   Count `json:"total"`
	Unknown Count `json:"unknown"`
}

// RuleStat is what one declared rule decided.
type RuleStat struct {
	Policy     string   `json:"policy"`         // as in source.Origin.Object
	Rule       string   `json:"rule"`           // as in source.Origin.Field
	Name       string   `json:"name,omitempty"` // that the declaration gives to the rule
	At         string   `json:"at"`             // where it is declared
	Directions []string `json:"directions"`     // "egress" or "ingress", or both for a rule that isolates in both
	Actions    []string `json:"actions"`
	Count               // with all of Shared
	// Shared is what was counted for this rule and others together, because the node has one rule for them all.
	Shared []Share `json:"shared,omitempty"`
}

// Share is what several declared rules decided together.
type Share struct {
	With []string `json:"with"` // the others, as source.Origin.Label gives them, in order
	Count
}

// StatisticsOf maps the counts of a node's rules back to the declarations that they came from. A Pipeline's rules that count nothing
// have zeros. The Program, which may be nil, has the names of rules.
func StatisticsOf(p *ir.Pipeline, declared *ir.Program, counts map[ir.RuleID]Count) Statistics {
	names := declared.RuleNames()
	out := Statistics{Node: p.Node, Rules: []RuleStat{}}
	rows := map[string]*RuleStat{}
	shares := map[ir.RuleID]bool{}
	eachRule(p, func(d ir.Direction, r *ir.Rule) {
		labels := labelsOf(r.Origins)
		for i, label := range labels {
			row, known := rows[label]
			if !known {
				row = newRow(r.Origins, label)
				row.Name = names[label]
				rows[label] = row
			}
			row.Directions = insert(row.Directions, d.String())
			row.Actions = insert(row.Actions, r.Action.String())
			if shares[r.ID] {
				continue
			}
			row.add(counts[r.ID], slices.Delete(slices.Clone(labels), i, i+1))
		}
		shares[r.ID] = true
	})
	for id, c := range counts {
		if shares[id] {
			out.Total.add(c)
		} else {
			out.Unknown.add(c)
		}
	}
	for _, row := range rows {
		slices.SortFunc(row.Shared, func(a, b Share) int { return slices.Compare(a.With, b.With) })
		out.Rules = append(out.Rules, *row)
	}
	slices.SortFunc(out.Rules, func(a, b RuleStat) int {
		return cmp.Or(strings.Compare(a.Policy, b.Policy), strings.Compare(a.Rule, b.Rule))
	})
	return out
}

// labelsOf names declarations, each once; origins are sorted.
func labelsOf(origins []*source.Origin) []string {
	var out []string
	for _, o := range origins {
		out = append(out, o.Label())
	}
	return slices.Compact(out)
}

func newRow(origins []*source.Origin, label string) *RuleStat {
	for _, o := range origins {
		if o.Label() == label {
			return &RuleStat{Policy: o.Object, Rule: o.Field, At: o.Pos.String()}
		}
	}
	return &RuleStat{}
}

// insert adds a word to a sorted list that does not have it.
func insert(list []string, word string) []string {
	at, there := slices.BinarySearch(list, word)
	if there {
		return list
	}
	return slices.Insert(list, at, word)
}

func (r *RuleStat) add(c Count, with []string) {
	r.Count.add(c)
	if len(with) > 0 && c != (Count{}) {
		r.Shared = append(r.Shared, Share{with, c})
	}
}

func (c *Count) add(d Count) {
	c.Sessions += d.Sessions
	c.Packets += d.Packets
	c.Bytes += d.Bytes
}
