package testcase

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
	"github.com/headgate-net/headgate/test/judge"
)

// compiled is everything that one input was turned into, and the judges of it.
type compiled struct {
	result *compiler.Result
	report *diag.Report
	panel  *judge.Panel
}

func compile(objects *manifest.Objects, o compiler.Options, report *diag.Report) *compiled {
	result, panel := judge.CompileWith(objects, o, report)
	return &compiled{result, report, panel}
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 45)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runCase(t, file) })
	}
}

func runCase(t *testing.T, file string) {
	a := golden.Open(t, file)
	require.Contains(t, a.Comment(), "\n\nspec: ", "a case says what it shows, and which section of spec.md says so")
	report := &diag.Report{}
	c := compile(read(t, a, report), options(t, a), report)
	table, _ := a.Section("packets")
	expectations, err := parsePackets(c.result.Program, table)
	require.NoError(t, err)
	lines := checkDials(t, a, c) + checkDeparts(t, a, c)
	require.NotZero(t, len(expectations)+lines, "a case has a table of packets, of dials or of departs")
	if name := cannot(a); name != "" {
		require.True(t, report.HasErrors())
		c.panel.Judges = slices.DeleteFunc(c.panel.Judges, func(j judge.Judge) bool { return j.Name == name })
	}
	for _, e := range expectations {
		checkPackets(t, c, &e)
	}
	requireOrderIrrelevant(t, a, c)
	requireIncremental(t, a, c)
	compareOutputs(t, a, c)
}

// requireOrderIrrelevant compiles the same objects in the opposite order and wants the same bytes.
func requireOrderIrrelevant(t *testing.T, a *golden.Archive, c *compiled) {
	report := &diag.Report{}
	objects := read(t, a, report)
	slices.Reverse(objects.Namespaces)
	slices.Reverse(objects.Nodes)
	slices.Reverse(objects.Pods)
	slices.Reverse(objects.Services)
	slices.Reverse(objects.EndpointSlices)
	slices.Reverse(objects.NetworkPolicies)
	slices.Reverse(objects.RankedPolicies)
	slices.Reverse(objects.Tiers)
	slices.Reverse(objects.Groups)
	slices.Reverse(objects.ExternalNodes)
	slices.Reverse(objects.ExternalEntities)
	slices.Reverse(objects.Egresses)
	slices.Reverse(objects.ExternalIPPools)
	reversed := compile(objects, options(t, a), report)
	sections := []string{"out/diag", "out/ir", "out/stats", "out/addresses"}
	for _, p := range c.result.Placed {
		sections = append(sections, "out/nft/"+p.Node, "out/openflow-all/"+p.Node)
	}
	for _, name := range sections {
		want, _ := c.output(name)
		got, ok := reversed.output(name)
		require.True(t, ok)
		golden.Equal(t, name+" of the reversed input", want, got)
	}
}

// requireIncremental brings the objects to a session one by one, policies first, compiling after each, then takes every policy
// away and back again, and wants the Pipelines that compiling at once gives.
func requireIncremental(t *testing.T, a *golden.Archive, c *compiled) {
	objects := read(t, a, &diag.Report{})
	o := options(t, a)
	o.Check = true
	s := compiler.NewSession(o)
	report := &diag.Report{}
	var nodes []string
	for _, p := range c.result.Placed {
		nodes = append(nodes, p.Node)
	}
	upsert := func(object any) {
		s.Upsert(object)
		s.Compile(report, nodes...)
	}
	again := func(m *manifest.Meta, object any) {
		s.Delete(resolve.KindOf(m), m.Namespace, m.Name)
		s.Compile(report, nodes...)
		upsert(object)
	}
	each(objects.Egresses, upsert)
	each(objects.ExternalIPPools, upsert)
	each(objects.RankedPolicies, upsert)
	each(objects.NetworkPolicies, upsert)
	each(objects.Groups, upsert)
	each(objects.Tiers, upsert)
	each(objects.ExternalEntities, upsert)
	each(objects.ExternalNodes, upsert)
	each(objects.EndpointSlices, upsert)
	each(objects.Services, upsert)
	each(objects.Pods, upsert)
	each(objects.Nodes, upsert)
	each(objects.Namespaces, upsert)
	for _, p := range objects.NetworkPolicies {
		again(&p.Meta, p)
	}
	for _, p := range objects.RankedPolicies {
		again(&p.Meta, p)
	}
	for _, g := range objects.Groups {
		again(&g.Meta, g)
	}
	for _, o := range objects.Services {
		again(&o.Meta, o)
	}
	for _, o := range objects.EndpointSlices {
		again(&o.Meta, o)
	}
	for _, t := range objects.Tiers {
		again(&t.Meta, t)
	}
	for _, e := range objects.Egresses {
		again(&e.Meta, e)
	}
	for _, p := range objects.ExternalIPPools {
		again(&p.Meta, p)
	}
	for i, p := range s.Compile(report, nodes...) {
		golden.Equal(t, "pipeline of "+nodes[i]+" after incremental changes", c.result.Placed[i].String(), p.String())
	}
	require.False(t, report.HasErrors(), "%v", report.Findings())
}

func each[T any](list []T, f func(any)) {
	for _, item := range list {
		f(item)
	}
}

// read parses the manifests of an archive, as if it were a directory.
func read(t *testing.T, a *golden.Archive, report *diag.Report) *manifest.Objects {
	dir := t.TempDir()
	var names []string
	for _, name := range a.Names("") {
		if strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".hg") {
			text, _ := a.Section(name)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
			names = append(names, name)
		}
	}
	t.Chdir(dir)
	return manifest.Read(t.Context(), manifest.Options{Files: names}, report)
}

// cannot names the target that cannot express a case, and says so: the section "cannot".
func cannot(a *golden.Archive) string {
	text, _ := a.Section("cannot")
	return strings.TrimSpace(text)
}

// options are what a case says beside its objects: the sections "known", "down", nodes that are not alive, and "except", blocks that
// Egresses leave alone.
func options(t *testing.T, a *golden.Archive) compiler.Options {
	down, _ := a.Section("down")
	except, _ := a.Section("except")
	o := compiler.Options{Known: known(t, a), Down: strings.Fields(down)}
	for _, text := range strings.Fields(except) {
		o.Except = o.Except.Union(ir.PrefixSet(netip.MustParsePrefix(text)))
	}
	return o
}

// known reads the section "known": what is known of DNS names, NAME=ADDRESS[,ADDRESS]... on each line.
func known(t *testing.T, a *golden.Archive) map[string][]netip.Addr {
	text, _ := a.Section("known")
	out, err := place.Known(strings.Fields(text))
	require.NoError(t, err)
	return out
}

// checkPackets holds the Program against the table, and everything else against the Program.
func checkPackets(t *testing.T, c *compiled, e *expectation) {
	for _, p := range e.packets {
		v, err := c.panel.Ask(p)
		if err != nil {
			t.Errorf("%s: %v", e.line, err)
		}
		if err := e.check(v); err != nil {
			t.Error(err)
		}
	}
}

// compareOutputs compares the out/ sections that the archive has. Every case has the first two, and the third unless it is about how
// packets depart.
func compareOutputs(t *testing.T, a *golden.Archive, c *compiled) {
	sections := []string{"out/diag", "out/ir"}
	if _, departs := a.Section("departs"); !departs {
		sections = append(sections, "out/stats")
	}
	for _, name := range a.Names("out/") {
		if !slices.Contains(sections, name) {
			sections = append(sections, name)
		}
	}
	for _, name := range sections {
		text, ok := c.output(name)
		require.True(t, ok, "no stage gives %s", name)
		a.Want(t, name, text)
	}
}

// output gives the text of a section.
func (c *compiled) output(name string) (string, bool) {
	stage, node, _ := strings.Cut(strings.TrimPrefix(name, "out/"), "/")
	i := slices.IndexFunc(c.result.Placed, func(p *ir.Pipeline) bool { return p.Node == node })
	switch {
	case stage == "diag":
		var b strings.Builder
		_ = diag.WriteText(&b, c.report.Findings())
		return b.String(), true
	case stage == "ir":
		return c.result.Pipeline.String(), true
	case stage == "stats":
		return c.stats(), true
	case stage == "addresses":
		return strings.Join(addresses(c.result), "\n"), true
	case stage == "nft" && i >= 0:
		return nft.Script(nft.Artifact(c.panel.NFTables[i])), true
	case stage == "openflow" && i >= 0:
		return policyTables(c.panel.OpenFlow[i]).Text(), true
	case stage == "openflow-all" && i >= 0:
		return c.panel.OpenFlow[i].Text(), true
	}
	return "", false
}

// stats counts what each stage made.
func (c *compiled) stats() string {
	var b strings.Builder
	p := c.result.Program
	rules := 0
	for _, policy := range p.Policies {
		rules += len(policy.Rules[ir.Egress]) + len(policy.Rules[ir.Ingress])
	}
	fmt.Fprintf(&b, "program: %d nodes, %d endpoints, %d groups, %d policies, %d rules\n",
		len(p.Nodes), len(p.Endpoints), len(p.Groups), len(p.Policies), rules)
	fmt.Fprintf(&b, "pipeline: %s\n", countPipeline(c.result.Pipeline))
	for i, placed := range c.result.Placed {
		cost := nft.CostOf(c.panel.NFTables[i])
		fmt.Fprintf(&b, "%s: %s\n", placed.Node, countPipeline(placed))
		fmt.Fprintf(&b, "%s nftables: %d sets, %d elements, %d chains, %d rules\n",
			placed.Node, cost.Sets, cost.Elements, cost.Chains, cost.Rules)
		fmt.Fprintf(&b, "%s openflow: %d flows, %d of them policy\n", placed.Node, len(c.panel.OpenFlow[i].Flows), policyFlows(c.panel.OpenFlow[i]))
	}
	return b.String()
}

func countPipeline(p *ir.Pipeline) string {
	lists, rules := 0, 0
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				lists, rules = lists+1, rules+len(l.Rules)
			}
		}
	}
	return fmt.Sprintf("%d endpoints, %d sets, %d lists, %d rules", len(p.Endpoints), len(p.Sets), lists, rules)
}

// policyTables leaves the flows of the tables that judge; the others are the same in almost every case.
func policyTables(p *openflow.Pipeline) *openflow.Pipeline {
	judging := []openflow.Table{openflow.EgressNames, openflow.EgressSubject, openflow.EgressAdmin, openflow.EgressNamespace, openflow.EgressBaseline,
		openflow.IngressSubject, openflow.IngressAdmin, openflow.IngressNamespace, openflow.IngressBaseline}
	out := &openflow.Pipeline{Node: p.Node}
	for _, f := range p.Flows {
		if slices.Contains(judging, f.Table) {
			out.Flows = append(out.Flows, f)
		}
	}
	return out
}

// policyFlows counts the flows that carry out a rule.
func policyFlows(p *openflow.Pipeline) int {
	n := 0
	for _, f := range p.Flows {
		if _, ok := openflow.RuleOf(f.Cookie); ok {
			n++
		}
	}
	return n
}
