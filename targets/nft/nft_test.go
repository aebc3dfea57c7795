package nft_test

import (
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

func lower(t testing.TB, p *ir.Pipeline) *nft.Ruleset {
	var report diag.Report
	rs := nft.Lower(p, &report)
	require.Empty(t, report.Findings())
	return rs
}

func TestEvalAgreesWithPipeline(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(1500) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		rs := lower(t, p)
		want, got := p.Evaluator(), nft.NewEvaluator(rs, nfttest.Own(p))
		for range 60 {
			pkt := nfttest.Packet(r)
			w, g := want.Eval(pkt), got.Eval(pkt)
			for _, d := range w.Decisions {
				if d.Endpoint != nil && d.Endpoint.Kind != ir.PodEndpoint {
					seen[fmt.Sprint(d.Endpoint.Kind, d.Direction, d.Action)]++
				}
			}
			if w.Agree(g) != nil || !g.Explains(w) {
				t.Fatalf("seed %d %+v\n%s\n%s\n%s", seed, pkt, w, g, nft.Script(nft.Artifact(rs)))
			}
			seen[w.Action.String()]++
			if len(w.Deciding().Origins) > 0 {
				seen["by rule"]++
			}
		}
	}
	for _, word := range []string{"allow", "drop", "reject", "by rule"} {
		require.Greater(t, seen[word], 1500, "%v", seen)
	}
	for _, kind := range []ir.EndpointKind{ir.NodeEndpoint, ir.ExternalEndpoint} {
		for _, d := range ir.Directions() {
			for _, a := range []ir.Action{ir.Allow, ir.Drop, ir.Reject} {
				require.Greater(t, seen[fmt.Sprint(kind, d, a)], 30, "%v", seen)
			}
		}
	}
}

// TestOwnRulesAreThePartOfTheNode: a ruleset for the node alone judges what the node sends and receives, and nothing else.
//
// spec: 6.3
func TestOwnRulesAreThePartOfTheNode(t *testing.T) {
	judged := 0
	for seed := range uint64(400) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		var report diag.Report
		a := nft.GenerateOwn(p, &report)
		require.NoError(t, artifact.Check(a))
		if ir.IsMachine(p.Node) {
			require.Equal(t, nft.Generate(p, &report), a)
			continue
		}
		if len(p.Endpoints) == 0 || p.Endpoints[0].Kind != ir.NodeEndpoint {
			require.Empty(t, a.Objects)
			continue
		}
		rs := &nft.Ruleset{}
		for _, o := range a.Objects {
			switch v := o.Value.(type) {
			case *nft.Set:
				rs.Sets = append(rs.Sets, v)
			case *nft.Chain:
				rs.Chains = append(rs.Chains, v)
			}
		}
		want, got := p.Evaluator(), nft.NewEvaluator(rs, nfttest.Own(p))
		for range 60 {
			pkt := nfttest.Packet(r)
			v := got.Eval(pkt)
			for _, d := range v.Decisions {
				expected := ir.Allow
				if w := want.Decide(d.Direction, pkt); w.Endpoint != nil && w.Endpoint.Kind == ir.NodeEndpoint {
					expected = w.Action
					judged++
				}
				require.Equal(t, expected, d.Action, "seed %d %+v %s", seed, pkt, nft.Script(a))
			}
		}
	}
	require.Greater(t, judged, 500)
}

// TestOwnChains shows all that a node and a machine outside the cluster have for themselves.
func TestOwnChains(t *testing.T) {
	const policy = `set web members=203.0.113.7,2001:db8::7 name=00000000aaaa

list egress baseline out name=00000000bbbb endpoints=%[1]s
  reject id=000000000001 peers=any l4=tcp/25 from="C out",spec.egress[0],-
list ingress admin in name=00000000cccc endpoints=%[1]s
  allow id=000000000002 peers=web l4=tcp/80 from="C in",spec.ingress[0],-
  drop id=000000000003 peers=any l4=tcp/80 from="C in",spec.ingress[1],-
`
	node, err := ir.ParsePipeline(fmt.Sprintf(`pipeline node=n1
node n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint node:n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint shop/web node=n1 addrs=10.0.0.5 from="Pod shop/web",-,-
`+policy, "node:n1"))
	require.NoError(t, err)
	require.NoError(t, node.Check())
	vm, err := ir.ParsePipeline(fmt.Sprintf(`pipeline node="a/vm"
endpoint external:a/vm-0 node="a/vm" addrs=203.0.113.1 from="ExternalEntity a/vm-0",-,-
`+policy, "external:a/vm-0"))
	require.NoError(t, err)
	require.NoError(t, vm.Check())
	var report diag.Report
	golden.File(t, "testdata/node-own.nft", nft.Script(nft.GenerateOwn(node, &report)))
	golden.File(t, "testdata/machine.nft", nft.Script(nft.Generate(vm, &report)))
	require.Empty(t, report.Findings())
	all := nft.Script(nft.Generate(node, &report))
	for _, chain := range []string{"spoof_guard", "egress_forward", "egress_input", "ingress_forward", "ingress_input", "egress_output"} {
		require.Contains(t, all, "\tchain "+chain+" {")
	}
	if !testing.Short() {
		nftCheck(t, all, "-c", "-f", "-")
	}
}

func TestArtifactIsWellFormed(t *testing.T) {
	for seed := range uint64(300) {
		p := nfttest.Pipeline(nfttest.Rand(seed), nfttest.Small())
		a := nft.Artifact(lower(t, p))
		require.NoError(t, artifact.Check(a))
		require.Equal(t, a, nft.Artifact(lower(t, p)))
		loaded := map[string]bool{}
		for _, o := range a.Objects {
			requireReferences(t, o, loaded)
			loaded[o.Key] = true
			switch v := o.Value.(type) {
			case *nft.Set:
				require.Len(t, v.Elements, len(o.Items))
			case *nft.Chain:
				require.Len(t, v.Rules, len(o.Items))
			}
		}
	}
}

// requireReferences checks that everything an object refers to is loaded before it.
func requireReferences(t *testing.T, o artifact.Object, loaded map[string]bool) {
	switch v := o.Value.(type) {
	case *nft.Set:
		for _, e := range v.Elements {
			if v.Verdicts {
				require.True(t, loaded["chain "+e.Verdict.Target], e.Verdict.Target)
			}
		}
	case *nft.Chain:
		for _, r := range v.Rules {
			for _, m := range r.Matches {
				require.True(t, m.Set == "" || loaded["set "+m.Set], m.Set)
			}
			switch r.Verdict.Kind {
			case nft.Jump, nft.Goto:
				require.True(t, loaded["chain "+r.Verdict.Target], r.Verdict.Target)
			case nft.Dispatch:
				require.True(t, loaded["map "+r.Verdict.Target], r.Verdict.Target)
			}
		}
	}
}

// nftCheck runs nft in a network namespace of its own.
func nftCheck(t testing.TB, script string, args ...string) string {
	if testing.Short() {
		t.Skip("needs root")
	}
	cmd := exec.Command("unshare", append([]string{"--net", "nft"}, args...)...)
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, script)
	return string(out)
}

func TestScriptLoads(t *testing.T) {
	for seed := range uint64(60) {
		p := nfttest.Pipeline(nfttest.Rand(seed), nfttest.Shape{Endpoints: 12, Sets: 12, Lists: 4, Rules: 8})
		nftCheck(t, nft.Script(nft.Artifact(lower(t, p))), "-c", "-f", "-")
	}
}

// fleet makes a Pipeline with n endpoints, of which each has a rule list of its own with one rule of two sets of its own.
func fleet(n int) *ir.Pipeline {
	node := &ir.Node{Name: "n1", Addrs: []netip.Addr{netip.MustParseAddr("192.168.7.1")}}
	p := &ir.Pipeline{Node: node.Name, Nodes: []*ir.Node{node}}
	c := p.Classifier(ir.Ingress, ir.Namespace)
	for i := range n {
		a := netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
		p.Endpoints = append(p.Endpoints, &ir.Endpoint{Namespace: "ns", Name: fmt.Sprintf("p%06d", i), Node: node.Name, Addrs: []netip.Addr{a}})
		p.Sets = append(p.Sets, ir.Set{Key: fmt.Sprint(i), Name: fmt.Sprintf("%012x", i), Addrs: ir.AddrSetOf(a, a.Next(), a.Next().Next())})
		rule := ir.Rule{Peers: []ir.SetID{ir.SetID(i)}, L4: ir.L4Set{ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}, ID: ir.RuleID(i + 1),
			Origins: []*source.Origin{{Object: "NetworkPolicy ns/web", Field: "spec.ingress[0]"}}}
		deny := ir.Rule{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: ir.RuleID(i + 1<<20), Origins: rule.Origins}
		c.Lists = append(c.Lists, ir.List{Key: fmt.Sprint(i), Name: fmt.Sprintf("%012x", i), Rules: []ir.Rule{rule, deny}})
		c.Assign = append(c.Assign, ir.ListID(i))
	}
	return p
}

func TestPacketCostDoesNotGrowWithOthers(t *testing.T) {
	pkt := ir.Packet{Src: netip.MustParseAddr("10.0.0.3"), Dst: netip.MustParseAddr("10.0.0.2"), Proto: ir.ProtoTCP, DstPort: 80}
	var first nft.Trace
	for i, n := range []int{4, 40, 4000} {
		p := fleet(n)
		rs := lower(t, p)
		trace := nft.NewEvaluator(rs, p.Nodes[0].Addrs).Trace(pkt)
		require.Equal(t, ir.Allow, trace.Verdict.Action)
		if i == 0 {
			first = trace
		}
		require.Equal(t, []int{first.Rules, first.Lookups}, []int{trace.Rules, trace.Lookups})
		require.Equal(t, nft.Cost{Sets: n + 5, Chains: n + 6, Rules: 2*n + 16, Elements: 8 * n}, nft.CostOf(rs))
	}
	require.Equal(t, []int{16, 6}, []int{first.Rules, first.Lookups})
}

func TestSmallEditSmallPlan(t *testing.T) {
	p := fleet(300)
	a := nft.Artifact(lower(t, p))
	p.Sets[7].Addrs = p.Sets[7].Addrs.Union(ir.AddrSetOf(netip.MustParseAddr("10.9.9.9")))
	plan := artifact.Diff(a, nft.Artifact(lower(t, p)))
	require.Equal(t, "~set s4_000000000007 { type ipv4_addr; }\n+\t10.9.9.9\n", plan.Text())
}

func TestLayer4Shapes(t *testing.T) {
	for boxes, want := range map[string]string{
		"any":                     "ip saddr @s",
		"tcp":                     "meta l4proto tcp ip saddr @s",
		"47":                      "meta l4proto 47 ip saddr @s",
		"tcp,udp":                 "meta l4proto @{tcp, udp} ip saddr @s",
		"tcp/80":                  "tcp dport 80 ip saddr @s",
		"tcp/80-90":               "tcp dport 80-90 ip saddr @s",
		"tcp/80<1024-65535":       "tcp sport 1024-65535 tcp dport 80 ip saddr @s",
		"icmp/2048-2303":          "meta l4proto icmp @th,0,8 8 ip saddr @s",
		"icmp/769":                "meta l4proto icmp @th,0,16 769 ip saddr @s",
		"igmp/5632-5887":          "meta l4proto 2 @th,0,8 22 ip saddr @s",
		"igmp/4608-5887":          "meta l4proto 2 @th,0,8 18-22 ip saddr @s",
		"icmpv6/256-300":          "meta l4proto icmpv6 @th,0,16 256-300 ip saddr @s",
		"tcp/80,tcp/443":          "tcp dport @{443, 80} ip saddr @s",
		"tcp/80,tcp/443-444":      "tcp dport @{443-444, 80 interval} ip saddr @s",
		"tcp/80,tcp/443,udp/443":  "meta l4proto . th dport @{tcp . 443, tcp . 80, udp . 443} ip saddr @s",
		"tcp/80,udp/53-54,icmp":   "meta l4proto icmp ip saddr @s; tcp dport 80 ip saddr @s; udp dport 53-54 ip saddr @s",
		"tcp/80-81,tcp/90,sctp/7": "tcp dport @{80-81, 90 interval} ip saddr @s; sctp dport 7 ip saddr @s",
	} {
		set, err := ir.ParseL4Set(boxes)
		require.NoError(t, err)
		p := fleet(1)
		p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules[0].L4 = set
		require.Equal(t, want, ruleShapes(lower(t, p)), boxes)
	}
}

// ruleShapes prints the accepting rules of the only rule list, with content sets spelled out.
func ruleShapes(rs *nft.Ruleset) string {
	words := []string{"s4_000000000000", "s"}
	for _, s := range rs.Sets {
		content := strings.Join(nft.SetObject(s).Items, ", ")
		if s.Interval {
			content += " interval"
		}
		words = append(words, s.Name, "{"+content+"}")
	}
	var rules []string
	for _, r := range onlyList(rs).Rules {
		if text, _, ok := strings.Cut(nft.RuleText(r), " counter ct label set $ingress_0000000001 goto opened_ingress"); ok {
			rules = append(rules, text)
		}
	}
	return strings.NewReplacer(words...).Replace(strings.Join(rules, "; "))
}

// onlyList is the only rule list.
func onlyList(rs *nft.Ruleset) *nft.Chain {
	return rs.Lists[slices.IndexFunc(rs.Lists, func(c *nft.Chain) bool { return c.Source != "" })]
}

func TestCommentFitsAndIsQuoteProof(t *testing.T) {
	p := fleet(1)
	r := &p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules[0]
	r.ID = 0xabc
	comment := func() string { return onlyList(lower(t, p)).Rules[0].Comment }
	require.Equal(t, "000000000abc NetworkPolicy ns/web spec.ingress[0]", comment())
	r.Origins = []*source.Origin{{Object: strings.Repeat("x\"\\\n", 100)}, {Object: "y"}, {Object: "z"}}
	require.Len(t, comment(), 120)
	require.Regexp(t, `^000000000abc x\?\?\?x[x?]* \+2$`, comment())
	nftCheck(t, nft.Script(nft.Artifact(lower(t, p))), "-c", "-f", "-")
}

func TestLowerReportsWhatItCannotExpress(t *testing.T) {
	p := fleet(1)
	p.Sets[0].Name = ""
	p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules[0].L4 = ir.L4Set{ir.DstL4(ir.ProtoAny, ir.OnePort(5))}
	var report diag.Report
	nft.Generate(p, &report)
	var codes []diag.Code
	for _, f := range report.Findings() {
		codes = append(codes, f.Code)
	}
	require.Equal(t, []diag.Code{diag.CannotExpress, diag.Internal}, codes)
}

func BenchmarkLower(b *testing.B) {
	p := fleet(1000)
	for b.Loop() {
		var report diag.Report
		nft.Generate(p, &report)
	}
}
