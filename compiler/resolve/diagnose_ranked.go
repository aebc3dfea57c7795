package resolve

import (
	"maps"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// namedPorts returns those of a rule's ports that are given by name.
func (r *rule) namedPorts() []manifest.Port {
	var out []manifest.Port
	if r.plain != nil {
		for _, p := range r.plain.Ports {
			if p.Name != "" {
				out = append(out, p)
			}
		}
		return out
	}
	for _, p := range r.ranked.Ports {
		if p.Name != "" && r.ports.has(p) {
			out = append(out, p.Port)
		}
	}
	return out
}

func protocolWord(proto ir.Proto) string {
	if proto == ir.ProtoAny {
		return ""
	}
	return proto.String() + " "
}

// selectsNothing tells of a policy that applies to nothing, and of rules with an appliedTo of their own that do.
func selectsNothing(p *policy, resolved *ir.Policy, report *diag.Report) {
	what := p.meta.Kind + " " + p.meta.Name
	if p.meta.Namespace != "" {
		what = p.meta.Kind + " " + p.meta.Namespace + "/" + p.meta.Name
	}
	if p.ranked == nil || len(p.ranked.AppliedTo) > 0 {
		if isNobody(p.subjects) {
			report.Add(diag.SelectsNothing, resolved.Origin, "%s selects no %s", what, targetWord(p))
		}
		return
	}
	for _, d := range ir.Directions() {
		for turn, some := range p.turns(d) {
			if !some {
				r := declaredRules(p.ranked, d)[turn]
				report.Add(diag.SelectsNothing, source.Origin{Object: resolved.Origin.Object, Field: r.Field, Pos: r.Pos}, "the rule applies to nothing")
			}
		}
	}
}

// turns tells of each declared rule whether any part of it has subjects.
func (p *policy) turns(d ir.Direction) map[int]bool {
	out := map[int]bool{}
	for i := range p.rules[d] {
		r := &p.rules[d][i]
		out[r.turn] = out[r.turn] || !isNobody(r.subjects)
	}
	return out
}

func isNobody(groups []*group) bool {
	return !slices.ContainsFunc(groups, func(g *group) bool { return len(g.members) > 0 })
}

// targetWord is what a policy could have selected.
func targetWord(p *policy) string {
	if slices.ContainsFunc(p.subjects, func(g *group) bool { return g.compute != nil }) {
		return "pod, node or external entity"
	}
	return "pod"
}

func declaredRules(o *manifest.RankedPolicy, d ir.Direction) []manifest.RankedRule {
	if d == ir.Egress {
		return o.EgressRules
	}
	return o.IngressRules
}

// diagnoseTiers tells of tiers with equal priorities, and of too many. Declarations of the static tiers are those tiers.
func (x *Index) diagnoseTiers(report *diag.Report) {
	x.diagnoseTierCount(report)
	static := staticTiers()
	at := map[uint8]string{} // the first tier of a priority, by name; static ones first
	for _, name := range slices.Sorted(maps.Keys(static)) {
		at[static[name]] = name
	}
	for _, name := range slices.Sorted(maps.Keys(x.tiers)) {
		t := x.tiers[name]
		if _, is := static[name]; is {
			continue
		}
		first, taken := at[t.Priority]
		if !taken {
			at[t.Priority] = name
			continue
		}
		f := diag.Finding{Code: diag.DuplicateTier, Origin: t.Origin("spec.priority", t.Pos),
			Message: "tier " + t.Name + " has the priority of tier " + first + "; their policies are judged as those of one tier"}
		if o := x.tiers[first]; o != nil {
			f.Related = []diag.Related{{Origin: o.Origin("spec.priority", o.Pos), Message: "the other tier"}}
		}
		report.AddFinding(f)
	}
}

// diagnoseGroups tells what is wrong within groups, whoever uses them.
func (x *Index) diagnoseGroups(report *diag.Report) {
	for _, g := range x.named {
		var found derivation
		s := &speaker{x, &g.Meta, &found}
		for i := range g.Members {
			s.atoms(&g.Members[i], 1)
		}
		for _, f := range found.findings {
			report.AddFinding(f)
		}
	}
}

// diagnoseRanks tells of policies that are judged in order without an order of their own: those of the upstream API with equal
// priorities, and those of both baseline APIs.
func (x *Index) diagnoseRanks(report *diag.Report) {
	var last, baseline *policy
	for _, p := range x.inOrder() {
		if p.phase == ir.Namespace || p.rank.Interleave {
			continue
		}
		if last != nil && last.phase == p.phase && last.rank == p.rank {
			report.AddFinding(diag.Finding{Code: diag.EqualPriority, Origin: p.meta.Origin("spec.priority", p.meta.Pos),
				Message: p.meta.ID() + " has the priority of " + last.meta.ID() + "; it is judged after that",
				Related: []diag.Related{{Origin: last.meta.Origin("spec.priority", last.meta.Pos), Message: "is judged first"}}})
		}
		if last = p; p.rank.Tier == baselineTier {
			baseline = p
		}
		if p.rank.Tier == legacyBaselineTier && baseline != nil {
			report.AddFinding(diag.Finding{Code: diag.MixedBaselines, Origin: p.meta.Origin("", p.meta.Pos),
				Message: p.meta.ID() + " comes after all ClusterNetworkPolicies of the tier Baseline",
				Related: []diag.Related{{Origin: baseline.meta.Origin("", baseline.meta.Pos), Message: "such a policy"}}})
		}
	}
}

// diagnoseOthers tells of nodes and external entities that claim an address that something else has, and of those that policies apply to
// and that nothing enforces them on.
func (x *Index) diagnoseOthers(report *diag.Report) {
	for g := range x.computed {
		for _, e := range g.members {
			if len(g.subjectOf) > 0 && e.Kind == ir.ExternalEndpoint && e.Node == "" {
				report.Add(diag.EnforcedNowhere, e.Origin, "policies apply to %s, which belongs to no machine", e)
			}
		}
	}
	for _, o := range slices.Concat(x.others.nodes, x.others.external) {
		for _, a := range o.claims {
			if !slices.Contains(o.endpoint.Addrs, a) {
				report.Add(diag.DuplicateAddress, o.endpoint.Origin, "%s has address %s, which counts as that of another pod, node or external entity", o.endpoint, a)
			}
		}
	}
}
