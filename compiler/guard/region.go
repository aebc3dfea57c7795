package guard

import (
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// piece is a part of a need's traffic: the peers in addrs, and one box of layer 4.
type piece struct {
	addrs ir.AddrSet
	l4    ir.L4
}

// cut is a piece that a rule drops or rejects.
type cut struct {
	piece
	rule *ir.Rule
}

// dropped sends all of a need's traffic through the rules at once: what a rule matches is taken out of what the next ones see, so
// that what is left at the end is exactly what no rule matches. What a rule passes on is kept for the next phase.
func (c *checker) dropped(q question) []cut {
	var cuts []cut
	rest := []piece{{c.reach, c.need.L4}}
	for _, ph := range ir.Phases() {
		if q.lists[ph] == ir.NoList {
			continue
		}
		var passed []piece
		rules := c.Pipeline.Classifier(q.direction, ph).Lists[q.lists[ph]].Rules
		for i := range rules {
			r := &rules[i]
			var hit []piece
			rest, hit = c.take(rest, r)
			switch r.Action {
			case ir.Pass:
				passed = append(passed, hit...)
			case ir.Drop, ir.Reject:
				for _, p := range hit {
					if !c.isExcused(r) {
						cuts = append(cuts, cut{p, r})
					}
				}
			}
		}
		rest = append(rest, passed...)
	}
	sortCuts(cuts)
	return cuts
}

// isExcused reports whether every policy that the rule came from may lock out.
func (c *checker) isExcused(r *ir.Rule) bool {
	for _, o := range r.Origins {
		if !c.excused[o.Object] {
			return false
		}
	}
	return true
}

// take splits pieces into what a rule leaves and what it matches.
func (c *checker) take(pieces []piece, r *ir.Rule) (rest, hit []piece) {
	if !slices.ContainsFunc(pieces, func(p piece) bool { return r.L4.Overlaps(ir.L4Set{p.l4}) }) {
		return pieces, nil
	}
	peers := c.Pipeline.PeerSet(r)
	for _, box := range r.L4 {
		rest = nil
		for _, p := range pieces {
			both := p.addrs.Intersect(peers)
			if both.IsEmpty() || !p.l4.Overlaps(box) {
				rest = append(rest, p)
				continue
			}
			if others := p.addrs.Subtract(peers); !others.IsEmpty() {
				rest = append(rest, piece{others, p.l4})
			}
			for _, l4 := range subtract(p.l4, box) {
				rest = append(rest, piece{both, l4})
			}
			hit = append(hit, piece{both, intersect(p.l4, box)})
		}
		pieces = rest
	}
	return rest, hit
}

// intersect is what two overlapping boxes share, of the first one's protocol.
func intersect(a, b ir.L4) ir.L4 {
	return ir.L4{Proto: a.Proto, Src: overlap(a.Src, b.Src), Dst: overlap(a.Dst, b.Dst)}
}

func overlap(a, b ir.PortRange) ir.PortRange {
	return ir.PortRange{From: max(a.From, b.From), To: min(a.To, b.To)}
}

// subtract gives disjoint boxes of what the first of two overlapping boxes has and the second has not: up to two beside its source
// ports, and within them up to two beside its destination ports.
func subtract(a, b ir.L4) []ir.L4 {
	var out []ir.L4
	for _, src := range beside(a.Src, b.Src) {
		out = append(out, ir.L4{Proto: a.Proto, Src: src, Dst: a.Dst})
	}
	for _, dst := range beside(a.Dst, b.Dst) {
		out = append(out, ir.L4{Proto: a.Proto, Src: overlap(a.Src, b.Src), Dst: dst})
	}
	return out
}

// beside gives what lies in a before and after b.
func beside(a, b ir.PortRange) []ir.PortRange {
	var out []ir.PortRange
	if a.From < b.From {
		out = append(out, ir.PortRange{From: a.From, To: b.From - 1})
	}
	if b.To < a.To {
		out = append(out, ir.PortRange{From: b.To + 1, To: a.To})
	}
	return out
}
