package pass

import (
	"slices"

	"github.com/headgate-net/headgate/compiler/cell"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Problem: policies are written per application and per port, so a list has many rules that differ in one thing only.
//
// Idea: two rules of one action whose peers are equal are one rule on the union of their layer 4, and two whose layer 4 is
// equal are one rule for the union of their peers. To join them the later one moves up to the earlier one, which is right if
// every rule between the two has the same action or matches none of its packets. In a list that only allows, that is always so.
// "Action" stands here for what is logged, too. Sets that are opaque may match any packet; peers that are opaque join with such of
// their own kind only, which is how targets find them easiest.
//
//	allow A tcp/80; allow B tcp/80; allow A tcp/443; allow B tcp/443
//	-> allow A tcp/80,tcp/443; allow B tcp/80,tcp/443      (equal peers)
//	-> allow A,B tcp/80,tcp/443                            (equal layer 4)
//
// Both steps repeat until neither finds anything; each joining removes a rule. The joined rule has the origins of both.
//
// Cost: linear in the list for runs of one action. A rule moves past at most moveLimit rules of other actions, so that mixed
// lists stay linear too.
func merge(p *ir.Pipeline, _ *diag.Report) *ir.Pipeline {
	return rewrite(p, func(_ place, rules []ir.Rule) []ir.Rule {
		for {
			before := len(rules)
			rules = (&merger{pipeline: p, key: cell.PeersKey}).run(rules)
			rules = (&merger{pipeline: p, key: l4AndOpacity(p)}).run(rules)
			if len(rules) == before {
				return rules
			}
		}
	})
}

// l4AndOpacity is equal for rules with the same layer 4 and the same opaque kinds of peers.
func l4AndOpacity(p *ir.Pipeline) func(*ir.Rule) string {
	return func(r *ir.Rule) string {
		var has [2]byte
		for _, id := range r.Peers {
			if kind := p.Sets[id].Kind; kind.IsOpaque() {
				has[kind-ir.Names] = 1
			}
		}
		return cell.L4Key(r) + string(has[:])
	}
}

// moveLimit is the number of rules of other actions past which merge moves a rule at most.
const moveLimit = 64

// merger joins the rules of one list that agree in key. It keeps the parts of joined rules aside and unites them at the end:
// joining n rules one by one would cost n² or more.
type merger struct {
	pipeline *ir.Pipeline
	key      func(*ir.Rule) string
	out      []ir.Rule
	parts    map[int][]ir.Rule // by index in out: the rules that joined it
	other    []int             // by index in out: the index of the last rule before it with another verdict, or -1
}

type mergeKey struct {
	key     string
	verdict verdict
}

func (m *merger) run(rules []ir.Rule) []ir.Rule {
	if len(rules) < 2 || !slices.ContainsFunc(rules[1:], func(r ir.Rule) bool { return verdictOf(&r) == verdictOf(&rules[0]) }) && len(rules) < 3 {
		return rules
	}
	m.out, m.parts = make([]ir.Rule, 0, len(rules)), map[int][]ir.Rule{}
	at := make(map[mergeKey]int, len(rules))
	for i := range rules {
		r := &rules[i]
		k := mergeKey{m.key(r), verdictOf(r)}
		if to, known := at[k]; known && m.canMove(r, to) {
			m.parts[to] = append(m.parts[to], *r)
			continue
		}
		at[k] = len(m.out)
		m.append(*r)
	}
	if len(m.parts) == 0 {
		return rules
	}
	for to, parts := range m.parts {
		unite(&m.out[to], parts)
	}
	return m.out
}

func (m *merger) append(r ir.Rule) {
	n, last := len(m.out), -1
	if n > 0 {
		last = n - 1
		if verdictOf(&m.out[last]) == verdictOf(&r) {
			last = m.other[last]
		}
	}
	m.out, m.other = append(m.out, r), append(m.other, last)
}

// canMove reports whether r may stand directly behind m.out[to]: nothing of another verdict in between matches its packets.
func (m *merger) canMove(r *ir.Rule, to int) bool {
	steps := 0
	for i := len(m.out) - 1; i > to; i-- {
		if verdictOf(&m.out[i]) == verdictOf(r) {
			i = m.other[i] + 1
			continue
		}
		steps += 1 + len(m.parts[i])
		if steps > moveLimit || overlap(m.pipeline, &m.out[i], r) {
			return false
		}
		for j := range m.parts[i] {
			if overlap(m.pipeline, &m.parts[i][j], r) {
				return false
			}
		}
	}
	return true
}

// unite makes r match what it and the parts match. Either their peers or their layer 4 are all the same, so that the union in
// both gives no more than the union.
func unite(r *ir.Rule, parts []ir.Rule) {
	boxes, peers := slices.Clone([]ir.L4(r.L4)), slices.Clone(r.Peers)
	origins := slices.Clone([]*source.Origin(r.Origins))
	sameL4 := true
	for _, part := range parts {
		if !part.L4.Equal(r.L4) {
			sameL4 = false
			boxes = append(boxes, part.L4...)
		}
		peers = append(peers, part.Peers...)
		origins = append(origins, part.Origins...)
		r.AnyPeer = r.AnyPeer || part.AnyPeer
	}
	if !sameL4 {
		r.L4 = ir.MakeL4Set(boxes...)
	}
	slices.Sort(peers)
	if r.Peers = slices.Compact(peers); r.AnyPeer {
		r.Peers = nil
	}
	r.Origins = ir.SortOrigins(origins)
}
