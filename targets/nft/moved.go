package nft

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// What becomes of connections that leave by an address when a plan changes where that is held. Each function gives what the marks of
// such connections have of the bits of mark.ConnectionMask.

// Moved is about addresses that come to, or go from, the plan's node, or were held nowhere before. The sources of these connections are not
// what they would have to be now: connection tracking must begin anew with them.
func Moved(plan artifact.Plan) (ids []uint32, mask uint32) {
	for _, c := range plan.Changes {
		s, ok := c.New.Value.(*Set)
		if !ok || s.Name != mapWays {
			continue
		}
		if c.Op == artifact.Add {
			ids = append(ids, idsOf(s.Elements)...)
			continue
		}
		for _, e := range c.Edits {
			if e.Op == artifact.Add {
				ids = append(ids, idsOf(s.Elements[e.At:e.At+1])...)
			}
		}
	}
	return ids, connectionMask
}

// Gone is about addresses that nobody holds any more. Connection tracking must begin anew with such connections, but for those over TCP and
// SCTP: what comes in the midst of one that it does not know may be invalid to it, and would leave untranslated.
func Gone(plan artifact.Plan) (ids []uint32, mask uint32) {
	stay := map[uint32]bool{}
	for _, id := range idsHeld(plan.To) {
		stay[id] = true
	}
	for _, c := range plan.Changes {
		s, ok := c.Old.Value.(*Set)
		if !ok || s.Name != mapWays {
			continue
		}
		for _, id := range idsOf(s.Elements) {
			if !stay[id] {
				ids = append(ids, id)
			}
		}
	}
	return ids, connectionMask
}

// Ends reports whether a plan takes all there is for Egresses away.
func Ends(plan artifact.Plan) bool { return changesWays(plan, artifact.Delete) }

// Begins reports whether a plan makes something for Egresses where nothing was.
func Begins(plan artifact.Plan) bool { return changesWays(plan, artifact.Add) }

func changesWays(plan artifact.Plan, op artifact.Op) bool {
	return slices.ContainsFunc(plan.Changes, func(c artifact.Change) bool {
		return c.Op == op && c.Key == SetKey(&Set{Name: mapWays, Verdicts: true})
	})
}

// idsHeld lists those of the addresses that are held somewhere by an artifact.
func idsHeld(a artifact.Artifact) []uint32 {
	at := slices.IndexFunc(a.Objects, func(o artifact.Object) bool {
		s, ok := o.Value.(*Set)
		return ok && s.Name == mapWays
	})
	if at < 0 {
		return nil
	}
	return idsOf(a.Objects[at].Value.(*Set).Elements)
}

func idsOf(elements []*Element) []uint32 {
	var out []uint32
	for _, e := range elements {
		if len(e.From) == 4 { // an element that is not ours has none
			out = append(out, binary.BigEndian.Uint32([]byte(e.From)))
		}
	}
	return out
}

// LeftTable is the name of the table, of family inet, in which LeftBehind is loaded.
const LeftTable = "headgate_left"

const leftPrefix = "left_"

// isLeft reports whether a base chain is one of LeftBehind.
func isLeft(c *Chain) bool { return strings.HasPrefix(c.Name, leftPrefix) }

// LeftBehind is what remains where everything else for Egresses goes: connections by some addresses are refused. No address is translated to
// for them any more, and who forwarded them would let them leave with the source that they have. What had been let through to be translated
// just before is dropped. So is what ends a connection that was forgotten before, which is invalid to connection tracking, unless it stays
// inside.
func LeftBehind(ids []uint32, stay []*Set) *Ruleset {
	const left, late, refused, dropped = "left", leftPrefix + "late", leftPrefix + "refused", leftPrefix + "dropped"
	invalid := &Chain{Name: leftPrefix + "invalid", Rules: invalidRules(stay)}
	all := func(name, target string) *Set {
		m := &Set{Name: name, Key: []Type{MarkValue}, Verdicts: true}
		for _, id := range ids {
			v := markValue(id)
			m.Elements = append(m.Elements, &Element{From: v, To: v, Verdict: Verdict{Kind: Goto, Target: target}})
		}
		sortElements(m)
		return m
	}
	base := func(name string, hook Hook, priority int32, target string) *Chain {
		return &Chain{Name: name, Hook: hook, Priority: priority, Rules: []*Rule{
			acceptIf(Match{Fields: []Field{CtReply}}),
			{Verdict: Verdict{Kind: Dispatch, Key: &Key{Fields: []Field{CtMark}, Mask: connectionMask}, Target: target}},
		}}
	}
	drop := &Rule{Verdict: Verdict{Kind: Drop}}
	ends := []*Chain{{Name: dropped, Rules: []*Rule{drop}},
		{Name: refused, Rules: []*Rule{{Matches: []Match{oneProto(ir.ProtoTCP)}, Verdict: Verdict{Kind: Reset}}, drop}}}
	in := base(leftPrefix+"prerouting", Prerouting, priorityLeave, left)
	in.Rules = append(in.Rules, &Rule{Matches: []Match{{Fields: []Field{CtInvalid}}}, Verdict: Verdict{Kind: Goto, Target: invalid.Name}})
	return &Ruleset{Sets: stay, Lists: ends, Maps: []*Set{all(left, refused), all(late, dropped)}, Chains: []*Chain{invalid, in,
		base(leftPrefix+"postrouting", Postrouting, priorityLeaveGuard, late)}}
}

// Stays gives the sets of what was no way out of the cluster where a plan takes all there is for Egresses away.
func Stays(plan artifact.Plan) []*Set {
	var out []*Set
	for _, c := range plan.Changes {
		s, ok := c.Old.Value.(*Set)
		if ok && c.Op == artifact.Delete && (s.Name == stayName(ir.IPv4) || s.Name == stayName(ir.IPv6)) {
			out = append(out, s)
		}
	}
	return out
}

// invalidRules drop what goes outside and begins inside, as sets of stayName say.
func invalidRules(stay []*Set) []*Rule {
	var out []*Rule
	for _, s := range stay {
		f := ir.IPv4
		if s.Name == stayName(ir.IPv6) {
			f = ir.IPv6
		}
		out = append(out, acceptIf(Match{Fields: []Field{subject(ir.Ingress, f)}, Set: s.Name}),
			&Rule{Matches: []Match{{Fields: []Field{subject(ir.Egress, f)}, Set: s.Name}}, Verdict: Verdict{Kind: Drop}})
	}
	return out
}
