package lint

import (
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// findDead looks whether a declaration can be removed, when all that follow it in the order of judgement have been looked at. If
// so it is noted, and taken as removed.
func (a *analysis) findDead(d *declaration) bool {
	if !d.subjects || d.opaque {
		return false // that it applies to nobody is said where that is resolved
	}
	f := finding{kind: matchesNothing, decl: d}
	for _, u := range d.uses {
		last := -1
		removable := a.eachSpot(u, func(v *division, at spot) bool {
			f.kind = redundant
			return u.covered(v, at, &last)
		})
		if !removable {
			return false
		}
	}
	if f.kind != matchesNothing && !a.classifyDead(d, &f) {
		return false
	}
	d.gone = true
	a.found = append(a.found, f)
	return true
}

// covered reports whether a cell of the rules has the same verdict without them, and is logged alike, alone and with what is taken
// as removed. Any rule before them in their phase is reason enough, and any after them as long as none between has another action.
// What covered the last cell mostly covers this one.
func (u use) covered(v *division, at spot, last *int) bool {
	c, ph := u.class, u.class.phase(u.from)
	if *last >= 0 && v.has(*last, at) {
		return true
	}
	start, end := c.start(ph), c.runs[u.to-1]
	if *last = c.some(at, start, u.from); *last < 0 {
		*last = c.some(at, u.to, end)
	}
	if *last >= 0 || c.isDecidedBefore(at, ph) {
		return true
	}
	if c.mayMatch(at, u.to, len(c.rules)) || c.logs(at, u.from) {
		return false
	}
	for _, of := range []view{left, declared} {
		if without, _ := c.verdict(at, u.to, of); without != c.outcome(at, u.from, of) {
			return false
		}
	}
	return true
}

// classifyDead tells why a declaration is removable: it is shadowed if it decides nowhere, and somewhere the verdict is not the
// one it would give. The witness shows that; of a redundant one, that it adds nothing. It returns false if it was given up.
func (a *analysis) classifyDead(d *declaration, f *finding) bool {
	if !slices.ContainsFunc(d.uses, func(u use) bool { return !u.class.agreesBefore(u) }) {
		for _, u := range d.uses {
			a.eachSpot(u, func(v *division, at spot) bool { return !f.showRedundant(u, v, at) })
		}
		return f.packet.peer.endpoint != nil
	}
	decides, otherwise := false, finding{}
	for _, u := range d.uses {
		c := u.class
		a.eachSpot(u, func(v *division, at spot) bool {
			verdict, by := c.verdict(at, 0, left)
			first := by >= u.from && by < u.to
			if c.rules[u.from].Action == ir.Pass {
				first = c.before(at, d.rank.phase) < 0 && c.first(at, c.start(d.rank.phase), u.from, left) < 0
			}
			decides = decides || first || c.first(at, c.start(d.rank.phase), u.from, left) < 0 && !c.isDecidedBefore(at, d.rank.phase)
			own := c.outcome(at, u.from, declared)
			if first {
				verdict, by = c.verdict(at, u.to, left)
			}
			f.by = appendBy(f.by, c, by)
			shows := f
			if verdict != own {
				shows = &otherwise
			}
			if shows.packet.peer.endpoint == nil {
				shows.packet, shows.verdict, shows.other = v.packet(c.direction, at), verdict, own
			}
			return !decides || len(f.by) < maxRelated
		})
		if c.isLimited {
			return false
		}
	}
	if !decides && otherwise.packet.peer.endpoint != nil {
		f.kind, f.packet, f.verdict, f.other = shadowed, otherwise.packet, otherwise.verdict, otherwise.other
	}
	return true
}

// agreesBefore reports whether all rules before these have the same action, so that they cannot be shadowed.
func (c *class) agreesBefore(u use) bool {
	action := c.rules[u.from].Action
	return action != ir.Pass && !slices.ContainsFunc(c.rules[:u.from], func(r *ir.Rule) bool { return r.Action != action })
}

// showRedundant notes which rule takes over in a cell, and reports whether enough are known.
func (f *finding) showRedundant(u use, v *division, at spot) bool {
	c := u.class
	by := c.some(at, 0, u.from)
	if by < 0 {
		_, by = c.verdict(at, u.to, left)
	}
	f.by = appendBy(f.by, c, by)
	if f.packet.peer.endpoint == nil {
		action := c.rules[u.from].Action
		f.packet, f.verdict, f.other = v.packet(c.direction, at), action, action
	}
	return len(f.by) == maxRelated
}

// appendBy adds the declarations behind a rule.
func appendBy(by []*source.Origin, c *class, i int) []*source.Origin {
	if i < 0 {
		return by
	}
	origins := c.isolation
	if d := c.decls[i]; d != nil {
		origins = []*source.Origin{&d.origin}
	}
	for _, o := range origins {
		known := slices.ContainsFunc(by, func(p *source.Origin) bool { return *p == *o })
		if !known && len(by) < maxRelated {
			by = append(by, o)
		}
	}
	return by
}

// findNowhere looks whether a Pass decides something, and whether no later phase has anything for all that it decides.
func (a *analysis) findNowhere(d *declaration) (finding, bool) {
	if d.action != ir.Pass || d.opaque {
		return finding{}, false
	}
	f := finding{kind: passesNowhere, decl: d, verdict: ir.Allow, other: ir.Allow}
	for _, u := range d.uses {
		c, ph := u.class, d.rank.phase
		all := a.eachSpot(u, func(v *division, at spot) bool {
			if c.some(at, c.start(ph), u.from) >= 0 || c.isDecidedBefore(at, ph) {
				return true
			}
			if f.packet.peer.endpoint == nil && c.before(at, ph) < 0 {
				f.packet = v.packet(c.direction, at)
			}
			return c.some(at, c.ends[ph], len(c.rules)) < 0 && !c.mayMatch(at, c.ends[ph], len(c.rules))
		})
		if !all {
			return finding{}, false
		}
	}
	return f, f.packet.peer.endpoint != nil
}

// findAmbiguous looks for rules before this one that only a tie-break puts there, and that decide otherwise. It notes them at
// this one, which comes later.
func (a *analysis) findAmbiguous(d *declaration) {
	if d.rank.phase == ir.Namespace || d.opaque {
		return // its rules are a union; or what it matches is not known
	}
	f := finding{kind: ambiguous, decl: d}
	for _, u := range d.uses {
		c := u.class
		from := c.tied(d, u)
		if from < 0 {
			continue
		}
		a.eachSpot(u, func(v *division, at spot) bool {
			ph := d.rank.phase
			if c.some(at, c.start(ph), from) >= 0 || c.before(at, ph) >= 0 {
				return true
			}
			own := c.outcome(at, u.from, declared)
			for _, i := range c.firsts(at, from, u.from, d.policy) {
				verdict := c.outcome(at, i, declared)
				if verdict == own {
					continue
				}
				if f.packet.peer.endpoint == nil {
					f.packet, f.verdict, f.other = v.packet(c.direction, at), verdict, own
				}
				f.by = appendBy(f.by, c, i)
			}
			return len(f.by) < maxRelated
		})
	}
	if len(f.by) > 0 {
		a.found = append(a.found, f)
	}
}

// firsts returns of each policy the first of rules[from:to] that contains the cell; none if the given policy has one, since that
// decides before other rules of it, in any order.
func (c *class) firsts(at spot, from, to int, own *ir.Policy) []int {
	var out []int
	for _, i := range c.all(at, from, to) {
		p := c.decls[i].policy
		if p == own {
			return nil
		}
		if !slices.ContainsFunc(out, func(k int) bool { return c.decls[k].policy == p }) {
			out = append(out, i)
		}
	}
	return out
}

// tied returns the first rule of the class that has the declaration's rank, or -1 if none before it is of another policy and has
// another action.
func (c *class) tied(d *declaration, u use) int {
	from, differs := u.from, false
	for from > 0 && c.decls[from-1] != nil && c.decls[from-1].rank == d.rank {
		from--
		other := c.decls[from]
		differs = differs || other.policy != d.policy && other.action != d.action
	}
	if !differs {
		return -1
	}
	return from
}
