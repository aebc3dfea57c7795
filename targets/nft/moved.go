package nft

import (
	"encoding/binary"
	"slices"

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

// LeftBehind is what remains where everything else for Egresses goes: connections by some addresses are refused. No address is translated to
// for them any more, and who forwarded them would let them leave with the source that they have.
func LeftBehind(ids []uint32) *Ruleset {
	const left, refused = "left", "left_refused"
	m := &Set{Name: left, Key: []Type{MarkValue}, Verdicts: true}
	for _, id := range ids {
		v := markValue(id)
		m.Elements = append(m.Elements, &Element{From: v, To: v, Verdict: Verdict{Kind: Goto, Target: refused}})
	}
	sortElements(m)
	end := &Chain{Name: refused, Rules: []*Rule{
		{Matches: []Match{oneProto(ir.ProtoTCP)}, Verdict: Verdict{Kind: Reset}},
		{Verdict: Verdict{Kind: Drop}},
	}}
	in := &Chain{Name: "left_prerouting", Hook: Prerouting, Priority: priorityLeave, Rules: []*Rule{
		acceptIf(Match{Fields: []Field{CtReply}}),
		{Verdict: Verdict{Kind: Dispatch, Key: &Key{Fields: []Field{CtMark}, Mask: connectionMask}, Target: left}},
	}}
	return &Ruleset{Lists: []*Chain{end}, Maps: []*Set{m}, Chains: []*Chain{in}}
}
