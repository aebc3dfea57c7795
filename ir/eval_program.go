package ir

import (
	"encoding/binary"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// ProgramEvaluator judges packets by a Program. It is the reference semantics: every later stage must agree with it. It is
// immutable and safe for concurrent use; the Program must not change while it is in use.
type ProgramEvaluator struct {
	world
	judges map[*Endpoint]*[2]policies // by Direction; endpoints in the same groups share one
}

// policies is what one endpoint is judged by in one direction.
type policies struct {
	rules     [NumPhases][]RuleRef // in the order of OrderedRules
	isolating []*source.Origin     // of the policies that isolate it; empty: it is not isolated
	logging   Logging              // of the first of these with Logging
}

// Eval judges one packet. It indexes the whole Program first: for more than one packet, keep an Evaluator.
func (p *Program) Eval(pkt Packet) Verdict { return p.Evaluator().Eval(pkt) }

// Eval judges one packet, in time that grows with the number of rules that apply to its two endpoints only.
func (e *ProgramEvaluator) Eval(p Packet) Verdict { return evalBoth(p, e) }

// Decide judges one direction alone, whatever the other one says.
func (e *ProgramEvaluator) Decide(d Direction, p Packet) Decision { return e.world.decide(d, p, e) }

// Enter judges a connection to a node port by the policies for its Service; false: there are none.
func (e *ProgramEvaluator) Enter(p Packet) (Decision, bool) { return e.world.enter(p, e) }

// judge walks the phases: Admin rules in order; then the union of NetworkPolicies, which drops what none of them allows if one
// of them isolates the endpoint; then Baseline rules in order; then the default, allow.
func (e *ProgramEvaluator) judge(d Direction, ep *Endpoint, p Packet) Decision {
	mine := &e.judges[ep][d]
	decision := Decision{Direction: d, Endpoint: ep}
	dst := e.at(p.Dst)
	for _, phase := range Phases() {
		decision.Phase = phase
		i := slices.IndexFunc(mine.rules[phase], func(r RuleRef) bool { return r.Rule(d).Matches(d, p, dst) })
		switch {
		case i >= 0:
			rule := mine.rules[phase][i].Rule(d)
			decision.log(rule.Logging)
			if rule.Action == Pass {
				continue // to the next phase
			}
			decision.Action, decision.Origins = rule.Action, []*source.Origin{&rule.Origin}
			return decision
		case phase == Namespace && len(mine.isolating) > 0:
			decision.Action, decision.Origins = Drop, mine.isolating
			decision.log(mine.logging)
			return decision
		}
	}
	decision.Phase, decision.Action, decision.Reason = 0, Allow, ReasonDefault
	if mine.isEmpty() {
		decision.Reason = ReasonNoPolicy
	}
	return decision
}

func (p *policies) isEmpty() bool {
	return len(p.isolating) == 0 && !slices.ContainsFunc(p.rules[:], func(r []RuleRef) bool { return len(r) > 0 })
}

// Evaluator indexes the Program: endpoints by address, and for each endpoint the rules that apply to it.
func (p *Program) Evaluator() *ProgramEvaluator {
	e := &ProgramEvaluator{newWorld(p.Nodes, p.Endpoints), make(map[*Endpoint]*[2]policies, len(p.Endpoints))}
	subjects := p.indexSubjects()
	shared := map[string]*[2]policies{}
	for _, ep := range p.Endpoints {
		groups := subjects.groupsOf[ep]
		key := classKey(groups)
		if shared[key] == nil {
			shared[key] = subjects.policiesOf(groups)
		}
		e.judges[ep] = shared[key]
	}
	return e
}

// classKey is equal for endpoints that are subjects of the same groups.
func classKey(groups []int32) string {
	key := make([]byte, 0, 4*len(groups))
	for _, g := range groups {
		key = binary.BigEndian.AppendUint32(key, uint32(g))
	}
	return string(key)
}

// subjectIndex says which rules and which isolating policies apply to the members of each group.
type subjectIndex struct {
	groupsOf  map[*Endpoint][]int32 // ascending indices of the groups, as subjects, that the endpoint is a member of
	ordered   [2][NumPhases][]RuleRef
	rules     [2][NumPhases][][]int32 // by group: ascending indices in ordered
	isolating [2][][]*Policy          // by group
}

func (p *Program) indexSubjects() *subjectIndex {
	x := &subjectIndex{groupsOf: map[*Endpoint][]int32{}}
	ids := map[*Group]int32{}
	idOf := func(g *Group) int32 {
		id, ok := ids[g]
		if !ok {
			id = int32(len(ids))
			ids[g] = id
			for _, m := range g.Members {
				x.groupsOf[m] = append(x.groupsOf[m], id)
			}
		}
		return id
	}
	for _, d := range Directions() {
		for _, ph := range Phases() {
			x.ordered[d][ph] = p.OrderedRules(d, ph)
			for i, ref := range x.ordered[d][ph] {
				for _, g := range ref.Subjects(d) {
					x.rules[d][ph] = appendAt(x.rules[d][ph], idOf(g), int32(i))
				}
			}
		}
		for _, policy := range p.Policies {
			for _, g := range policy.Subjects {
				if policy.Phase == Namespace && policy.Isolates[d] {
					x.isolating[d] = appendAt(x.isolating[d], idOf(g), policy)
				}
			}
		}
	}
	return x
}

// appendAt appends v to lists[i], which need not exist yet.
func appendAt[T any](lists [][]T, i int32, v T) [][]T {
	for int(i) >= len(lists) {
		lists = append(lists, nil)
	}
	lists[i] = append(lists[i], v)
	return lists
}

// at returns lists[i], nil if it does not exist.
func at[T any](lists [][]T, i int32) []T {
	if int(i) >= len(lists) {
		return nil
	}
	return lists[i]
}

// policiesOf gathers what applies to an endpoint that is a member of exactly the given groups.
func (x *subjectIndex) policiesOf(groups []int32) *[2]policies {
	var out [2]policies
	for _, d := range Directions() {
		for _, ph := range Phases() {
			var hits []int32
			for _, g := range groups {
				hits = append(hits, at(x.rules[d][ph], g)...)
			}
			slices.Sort(hits)
			for _, i := range slices.Compact(hits) {
				out[d].rules[ph] = append(out[d].rules[ph], x.ordered[d][ph][i])
			}
		}
		var isolating []*Policy
		for _, g := range groups {
			isolating = append(isolating, at(x.isolating[d], g)...)
		}
		slices.SortFunc(isolating, (*Policy).Compare)
		for _, policy := range isolating {
			out[d].isolating = append(out[d].isolating, policy.IsolationOrigin())
			if !out[d].logging.On {
				out[d].logging = policy.Logging
			}
		}
		out[d].isolating = SortOrigins(out[d].isolating)
	}
	return &out
}
