package lint

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

func analyse(p *ir.Program) *analysis {
	a := newAnalysis(p, flatten.Flatten(p))
	a.run()
	return a
}

// list gives what was found in the words of brute.
func (a *analysis) list() []string {
	out := []string{}
	for _, f := range a.found {
		id := idOf(f.decl.direction, f.decl.policy, f.decl.origin)
		switch f.kind {
		case ambiguous:
			for _, o := range f.by {
				i := slices.IndexFunc(a.decls, func(d *declaration) bool { return d.origin == *o && d.direction == f.decl.direction })
				out = append(out, id+": ambiguous against "+idOf(f.decl.direction, a.decls[i].policy, *o))
			}
		default:
			out = append(out, id+": "+[...]string{"nothing", "shadowed", "redundant", "nowhere"}[f.kind])
		}
	}
	slices.Sort(out)
	return out
}

// requireExact holds what was found against brute force, and each witness against Eval.
func requireExact(t *testing.T, p *ir.Program, count map[kind]int) {
	t.Helper()
	a := analyse(p)
	want := newBrute(p).find()
	if got := a.list(); !slices.Equal(want, got) {
		require.Equal(t, want, got, "%s", p)
	}
	for _, f := range a.found {
		count[f.kind]++
		requireShown(t, p, f)
		if f.kind != matchesNothing {
			requireReplayed(t, p, a.witness(f), f.packet.ir())
		}
	}
}

// requireReplayed holds that the words of a witness make its packet, and no other one, for `headgate eval`.
func requireReplayed(t *testing.T, p *ir.Program, w *diag.Witness, want ir.Packet) {
	t.Helper()
	from, err := place.Find(p, w.From, "default")
	require.NoError(t, err)
	to, err := place.Find(p, w.To, "default")
	require.NoError(t, err)
	traffic, err := place.ParseTraffic(w.Port)
	require.NoError(t, err)
	if w.SourcePort != 0 {
		traffic.Src = w.SourcePort
	}
	got := slices.DeleteFunc(traffic.Packets(from, to), func(p ir.Packet) bool {
		return w.Family != "" && ir.FamilyOf(p.Dst).String() != w.Family
	})
	require.Equal(t, []ir.Packet{want}, got, w.Args())
}

// requireShown holds that the packet of a finding shows what it says: by Eval, with the Program and with what the finding
// suggests instead.
func requireShown(t *testing.T, p *ir.Program, f finding) {
	t.Helper()
	if f.kind == matchesNothing {
		return
	}
	d, pkt := f.decl.direction, f.packet.ir()
	now := p.Evaluator().Decide(d, pkt).Action
	switch f.kind {
	case shadowed:
		require.Equal(t, f.verdict, now)
		require.NotEqual(t, f.other, now)
		require.Equal(t, now, with(p, f.decl, remove).Evaluator().Decide(d, pkt).Action)
		require.Equal(t, f.other, with(p, f.decl, first).Evaluator().Decide(d, pkt).Action, "%v %+v\n%s", f.decl.origin, pkt, p)
	case redundant:
		require.Equal(t, f.verdict, now)
		require.Equal(t, f.other, now)
	case passesNowhere:
		require.Equal(t, ir.Allow, now)
		require.Equal(t, ir.Allow, with(p, f.decl, allow).Evaluator().Decide(d, pkt).Action)
	case ambiguous:
		require.NotEqual(t, f.verdict, f.other)
		require.Equal(t, f.other, with(p, f.decl, first).Evaluator().Decide(d, pkt).Action, "%v %+v\n%s", f.decl.origin, pkt, p)
	}
}

type edit func(*ir.Policy, *ir.PolicyRule)

// with returns a Program in which a declaration's rules are edited; Action 255 removes one.
func with(p *ir.Program, decl *declaration, f edit) *ir.Program {
	out := *p
	out.Policies = slices.Clone(p.Policies)
	for i, policy := range out.Policies {
		if policy != decl.policy {
			continue
		}
		changed := *policy
		changed.Rules[decl.direction] = nil
		for _, r := range policy.Rules[decl.direction] {
			if r.Origin == decl.origin {
				f(&changed, &r)
			}
			if r.Action != 255 {
				changed.Rules[decl.direction] = append(changed.Rules[decl.direction], r)
			}
		}
		out.Policies[i] = &changed
	}
	slices.SortFunc(out.Policies, (*ir.Policy).Compare)
	return &out
}

func remove(_ *ir.Policy, r *ir.PolicyRule) { r.Action = 255 }

func allow(_ *ir.Policy, r *ir.PolicyRule) { r.Action = ir.Allow }

// first puts a policy before all others, with this rule of it first. Of a Pass of the last phase that is an Allow.
func first(p *ir.Policy, r *ir.PolicyRule) {
	if r.Action == ir.Pass && p.Phase == ir.Baseline {
		r.Action = ir.Allow
	}
	p.Phase, p.Rank.Tier, p.Rank.Priority = ir.Admin, 0, -1
	p.Rules, p.Isolates = [2][]ir.PolicyRule{}, [2]bool{}
}
