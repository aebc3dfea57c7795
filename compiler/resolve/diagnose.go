package resolve

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// settle gives every contested address to the first of its owners by namespace and name, so that an address has one endpoint
// whatever the input's order; diagnose tells the others.
func (x *Index) settle() {
	for a := range x.contested {
		for _, p := range x.owners[a] {
			if addrs := x.wonBy(p); !slices.Equal(addrs, p.endpoint.Addrs) {
				x.readdress(p, addrs)
			}
		}
	}
	clear(x.contested)
}

// wonBy returns those of a pod's addresses that no other endpoint has a better claim to.
func (x *Index) wonBy(p *pod) []netip.Addr {
	return slices.DeleteFunc(sortedAddrs(p.object.Addrs), func(a netip.Addr) bool {
		return slices.ContainsFunc(x.owners[a], func(q *pod) bool { return comparePods(q, p) < 0 })
	})
}

// readdress replaces a pod's endpoint, and tells its groups.
func (x *Index) readdress(p *pod, addrs []netip.Addr) {
	next := *p.endpoint
	next.Addrs = slices.Clip(addrs)
	for _, g := range p.groups {
		x.touch(g)
		if !slices.Contains(g.added, p) {
			g.removed = append(g.removed, p.endpoint)
			g.added = append(g.added, p)
		}
	}
	p.endpoint = &next
	if p.node != nil {
		p.node.settled = false
	}
}

// Faults reports what is wrong with the cluster, as of the last Program: among what a Program for the whole cluster reports, all that is
// an error. A look at each object does.
func (x *Index) Faults(report *diag.Report) {
	for _, f := range x.faults() {
		if f.Severity == diag.Error {
			report.AddFinding(f)
		}
	}
}

// faults finds what can be an error.
func (x *Index) faults() []diag.Finding {
	var report diag.Report
	for _, p := range x.policies {
		for _, f := range p.findings {
			report.AddFinding(f)
		}
		if !p.inert && p.reachesOut() {
			origin := p.resolve().Origin
			report.Add(diag.GroupReachesOut, origin, "%s applies to pods of other namespaces through a Group", origin.Object)
		}
	}
	for a, owners := range x.owners {
		if len(owners) > 1 {
			reportShared(a, owners, &report)
		}
	}
	x.diagnoseTiers(&report)
	x.diagnoseGroups(&report)
	x.diagnoseOthers(&report)
	for _, f := range x.leaving.findings {
		report.AddFinding(f)
	}
	return report.Findings()
}

// diagnose reports what is odd about the cluster. Findings that many objects share are said once, at the first of them.
func (x *Index) diagnose(report *diag.Report) {
	for _, f := range x.faults() {
		report.AddFinding(f)
	}
	spaces, nodes, answers := map[string]*use{}, map[string]*use{}, map[question]answer{}
	for _, p := range x.pods {
		if n := x.namespaces[p.object.Namespace]; n == nil || n.declared == nil {
			mention(spaces, p.object.Namespace, &p.object.Meta)
		}
		if p.node != nil && p.node.declared == nil {
			mention(nodes, p.node.name, &p.object.Meta)
		}
		if p.endpoint != nil && len(p.object.Addrs) == 0 {
			report.Add(diag.PodWithoutAddress, p.endpoint.Origin, "pod %s has no address yet", p.endpoint)
		}
	}
	for _, p := range x.policies {
		if n := x.namespaces[p.meta.Namespace]; p.meta.Namespace != "" && (n == nil || n.declared == nil) {
			mention(spaces, p.meta.Namespace, p.meta)
		}
		x.diagnosePolicy(p, answers, report)
	}
	x.diagnoseRanks(report)
	x.diagnoseLeaving(report)
	for name, u := range spaces {
		report.Add(diag.UnknownNamespace, u.first, "namespace %s is not declared (objects in it: %d)", name, u.count)
	}
	for name, u := range nodes {
		report.Add(diag.UnknownNode, u.first, "node %s is not declared (pods on it: %d)", name, u.count)
	}
}

// use is how often something is mentioned, and where first.
type use struct {
	first source.Origin
	count int
}

func mention(uses map[string]*use, name string, by *manifest.Meta) {
	u, at := uses[name], by.Origin("", by.Pos)
	if u == nil {
		u = &use{first: at}
		uses[name] = u
	}
	u.count++
	if cmp.Or(at.Pos.Compare(u.first.Pos), at.Compare(u.first)) < 0 {
		u.first = at
	}
}

func reportShared(a netip.Addr, owners []*pod, report *diag.Report) {
	owners = slices.SortedFunc(slices.Values(owners), comparePods)
	first := owners[0].endpoint
	for _, p := range owners[1:] {
		report.AddFinding(diag.Finding{
			Code: diag.DuplicateAddress, Origin: p.endpoint.Origin,
			Message: "pods " + first.String() + " and " + p.endpoint.String() + " both have address " + a.String(),
			Related: []diag.Related{{Origin: first.Origin, Message: "the address counts as this pod's"}},
		})
	}
}

func (x *Index) diagnosePolicy(p *policy, answers map[question]answer, report *diag.Report) {
	if p.inert {
		return
	}
	resolved := p.resolve()
	selectsNothing(p, resolved, report)
	for _, d := range ir.Directions() {
		for i := range p.rules[d] {
			for _, port := range p.rules[d][i].namedPorts() {
				if q := (question{name: port.Name, proto: rankedProtoOf(port.Protocol)}); x.unresolved(resolved, d, i, q, answers) {
					at := source.Origin{Object: resolved.Origin.Object, Field: port.Field, Pos: port.Pos}
					report.Add(diag.UnresolvedPort, at, "no pod that the rule could apply to names a %sport %q", protocolWord(q.proto), q.name)
				}
			}
		}
	}
}

// question is whether some endpoint of a group (nil: any endpoint) has a port of a name and protocol.
type question struct {
	group *ir.Group
	name  string
	proto ir.Proto
}

// answer says how a question came out: none of the endpoints has the port, some has it, or there are no endpoints.
type answer uint8

const (
	noneHas answer = iota + 1
	someHas
	nobody
)

// unresolved reports whether the rule has possible destinations of which none has the named port. Answers are remembered: many
// policies ask the same of large groups.
func (x *Index) unresolved(p *ir.Policy, d ir.Direction, rule int, q question, answers map[question]answer) bool {
	ref := ir.RuleRef{Policy: p, Index: rule}
	groups := ref.Rule(d).Peers
	switch {
	case d == ir.Ingress:
		groups = ref.Subjects(d)
	case ref.Rule(d).AnyPeer:
		groups = []*ir.Group{nil}
	}
	found := nobody
	for _, g := range groups {
		q.group = g
		if answers[q] == 0 {
			answers[q] = x.ask(q)
		}
		found = min(found, answers[q])
		if answers[q] == someHas {
			return false
		}
	}
	return found == noneHas
}

func (x *Index) ask(q question) answer {
	out := nobody
	for e := range x.endpointsIn(q.group) {
		if _, ok := e.Lookup(q.name, q.proto); ok {
			return someHas
		}
		out = noneHas
	}
	return out
}

// endpointsIn yields the endpoints that have an address in a group, nil meaning everywhere.
func (x *Index) endpointsIn(g *ir.Group) iter.Seq[*ir.Endpoint] {
	if g != nil && g.Kind == ir.Members {
		return slices.Values(g.Members)
	}
	return func(yield func(*ir.Endpoint) bool) {
		for _, p := range x.all.list() {
			inside := g == nil || slices.ContainsFunc(p.endpoint.Addrs, g.Addrs.Contains)
			if inside && !yield(p.endpoint) {
				return
			}
		}
	}
}
