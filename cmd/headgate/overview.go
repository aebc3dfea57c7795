package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
	"github.com/headgate-net/headgate/compiler/guard"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/controller"
	"github.com/headgate-net/headgate/runtime/kube"
	"github.com/headgate-net/headgate/runtime/nodestatus"
)

// overview is what the objects of a cluster come to, for the cluster as a whole. As with an agent, an object with errors holds up no other.
type overview struct {
	gates   gateFlags
	log     *slog.Logger
	shown   func(*controller.View)   // gets every view
	counted func(time.Duration, int) // gets how long it took, and how many objects have errors
	said    *teller

	analysing chan struct{} // holds a token while rules of a document are analysed

	mu       sync.Mutex // of what follows
	objects  *manifest.Documents
	session  *compiler.Session
	known    bool              // everything that there is has been listed once
	named    []*manifest.Group // of the session's objects
	spans    map[*ir.Group][]string
	standing []diag.Finding // about the session's objects, as of the last change
	news     chan struct{}  // closed when that changes
}

func newOverview(o *controllerOptions, log *slog.Logger) (*overview, error) {
	report := &diag.Report{}
	needs, err := readNeeds(o.needs, report)
	if err == nil && report.HasErrors() {
		err = &findingsError{report.Findings()}
	}
	if err != nil {
		return nil, err
	}
	out := &overview{gates: o.gates, log: log, objects: manifest.NewDocuments(""), session: sessionFor(needs, o.except), news: make(chan struct{}),
		analysing: make(chan struct{}, 1), shown: func(*controller.View) {}, counted: func(time.Duration, int) {}}
	out.said = newTeller(log, func([]diag.Finding) {})
	out.said.once = true
	return out, nil
}

func sessionFor(needs []guard.Need, except cidrs) *compiler.Session {
	return compiler.NewSession(compiler.Options{Needs: needs, Except: except.set()})
}

// findingsError is what is wrong with a file that is no manifest.
type findingsError struct{ findings []diag.Finding }

// Error says it as a compiler does.
func (e *findingsError) Error() string {
	var b strings.Builder
	_ = diag.WriteText(&b, e.findings) // a strings.Builder takes everything
	return strings.TrimRight(b.String(), "\n")
}

// follow takes in what a server tells, until ctx ends.
func (v *overview) follow(ctx context.Context, from *kube.Source) {
	for {
		changes, err := from.Next(ctx)
		if err != nil {
			return
		}
		began := time.Now()
		view := v.take(changes)
		v.counted(time.Since(began), rejected(view))
		v.shown(view)
	}
}

// rejected counts the objects of a view that have errors.
func rejected(view *controller.View) (n int) {
	for i := range view.Refusals {
		if view.Refusals[i].What == controller.Rejected {
			n++
		}
	}
	return n
}

// take takes in changes, and gives what all comes to now.
func (v *overview) take(changes []kube.Change) *controller.View {
	v.mu.Lock()
	defer v.mu.Unlock()
	var documents []manifest.Document
	for _, change := range changes {
		if !strings.HasPrefix(change.Name, nodestatus.Resource+".") {
			documents = append(documents, manifest.Document(change))
		}
	}
	v.objects.Set(documents)
	errors := v.compile()
	v.objects.Accept()
	v.known, v.standing = true, v.oddities()
	close(v.news)
	v.news = make(chan struct{})
	view := v.view(errors)
	v.said.tell(errors)
	return view
}

// compile has the session hold all objects but those with errors, and returns what is wrong with these.
func (v *overview) compile() []diag.Finding {
	errors := slices.DeleteFunc(v.objects.Findings(), func(f diag.Finding) bool { return f.Severity != diag.Error })
	for {
		found := v.hold(v.objects.Objects())
		if len(found) == 0 {
			return errors
		}
		errors = append(errors, found...)
		works := func(objects *manifest.Objects) bool { return len(v.hold(objects)) == 0 }
		if !v.objects.Refuse(found) && !v.objects.Blame(found, works) {
			return errors // of what was accepted before: nothing is known that works
		}
	}
}

// hold has the session hold objects, and returns the errors of all of them together.
func (v *overview) hold(objects *manifest.Objects) []diag.Finding {
	report := &diag.Report{}
	objects = v.gates.apply(objects, &diag.Report{})
	v.named = objects.Groups
	v.session.Replace(objects)
	v.session.Faults(report)
	return report.Findings()
}

// oddities is what there is to say of the objects that the session holds.
func (v *overview) oddities() []diag.Finding {
	report := &diag.Report{}
	v.session.Oddities(report)
	return report.Findings()
}

// view is what the objects come to, some of which have errors.
func (v *overview) view(errors []diag.Finding) *controller.View {
	survey := v.session.Survey()
	out := &controller.View{}
	spans := make(map[*ir.Group][]string, len(v.spans))
	for _, p := range survey.Program.Policies {
		if p.Phase != ir.Namespace { // NetworkPolicies have no status
			out.Policies = append(out.Policies, controller.Policy{Document: p.Origin.Pos.File, Nodes: v.span(p, spans)})
		}
	}
	v.spans = spans
	out.Groups = v.groups()
	addressesOf(survey, out)
	refused := map[string]bool{}
	for _, r := range v.objects.Rejected() {
		refused[r.Document] = true
		out.Refusals = append(out.Refusals, refusal(r.Document, &r.Because, controller.Rejected))
	}
	for i := range survey.Odd {
		if f := &survey.Odd[i]; f.Severity == diag.Warning && !refused[f.Origin.Pos.File] {
			out.Refusals = append(out.Refusals, refusal(f.Origin.Pos.File, f, controller.NoAddress))
		}
	}
	return out
}

// groups lists the groups that are in force. The members of one are not known while one of its children is not there.
func (v *overview) groups() []controller.Group {
	there := make(map[[2]string]bool, len(v.named))
	for _, g := range v.named {
		there[[2]string{g.Namespace, g.Name}] = true
	}
	var out []controller.Group
	for _, g := range v.named {
		lacks := slices.ContainsFunc(g.Members, func(m manifest.RankedPeer) bool { return m.Group != "" && !there[[2]string{g.Namespace, m.Group}] })
		out = append(out, controller.Group{Document: g.Pos.File, Computed: !lacks})
	}
	return out
}

func refusal(document string, because *diag.Finding, what controller.Trouble) controller.Refusal {
	out := controller.Refusal{Document: document, What: what, Code: string(because.Code), Message: because.Message, Field: because.Origin.Field, Hint: because.Hint}
	if because.Origin.Pos.File != document {
		out.Field = ""
		out.Message = because.Origin.Label() + ": " + because.Message
	}
	return out
}

// span lists the nodes on which a policy applies to something. Groups are the same as long as they have the same members.
func (v *overview) span(p *ir.Policy, spans map[*ir.Group][]string) []string {
	groups := groupsOf(p)
	var out []string
	for _, g := range groups {
		nodes, known := spans[g]
		if !known {
			if nodes, known = v.spans[g]; !known {
				nodes = nodesOf(g)
			}
			spans[g] = nodes
		}
		if len(groups) == 1 {
			return nodes
		}
		out = append(out, nodes...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// groupsOf lists the groups that a policy, or one of its rules, applies to.
func groupsOf(p *ir.Policy) []*ir.Group {
	out := slices.Clone(p.Subjects)
	for _, rules := range p.Rules {
		for i := range rules {
			out = append(out, rules[i].Subjects...)
		}
	}
	return out
}

// nodesOf lists the nodes of a group's members. Machines outside the cluster do not say what they enforce.
func nodesOf(g *ir.Group) []string {
	seen := map[string]bool{}
	var out []string
	for _, e := range g.Members {
		if e.Node != "" && e.Kind != ir.ExternalEndpoint && !seen[e.Node] {
			seen[e.Node] = true
			out = append(out, e.Node)
		}
	}
	slices.Sort(out)
	return out
}

// addressesOf puts into a view who has which address.
func addressesOf(survey *compiler.Survey, out *controller.View) {
	a := survey.Allotted
	pools := map[string]bool{}
	for i := range a.Pools {
		p := &a.Pools[i]
		pools[p.Name] = true
		out.Pools = append(out.Pools, controller.Pool{Document: p.Origin.Pos.File, Total: a.Given.Usage[i].Total, Used: a.Given.Usage[i].Used})
	}
	for i := range a.Claims {
		claim := &a.Claims[i]
		document := claim.Origin.Pos.File
		if claim.Kind == allot.Egress {
			e := controller.Egress{Document: document}
			for w := range claim.Wants {
				e.Pooled = e.Pooled || claim.Wants[w].Pool != ""
				if addr := a.Given.Addrs[i][w]; addr.IsValid() && !e.Addr.IsValid() {
					e.Addr = addr
				}
			}
			out.Egresses = append(out.Egresses, e)
			continue
		}
		s := controller.Service{Document: document}
		for w := range claim.Wants {
			s.Kept = s.Kept || !pools[claim.Wants[w].Pool]
			if addr := a.Given.Addrs[i][w]; addr.IsValid() {
				s.Addrs = append(s.Addrs, addr)
			}
		}
		out.Services = append(out.Services, s)
	}
}
