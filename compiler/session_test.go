package compiler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
)

func upsertAll(s *compiler.Session, o *manifest.Objects) {
	upsertEach(s, o.RankedPolicies)
	upsertEach(s, o.NetworkPolicies)
	upsertEach(s, o.Groups)
	upsertEach(s, o.Tiers)
	upsertEach(s, o.ExternalEntities)
	upsertEach(s, o.ExternalNodes)
	upsertEach(s, o.EndpointSlices)
	upsertEach(s, o.Services)
	upsertEach(s, o.Pods)
	upsertEach(s, o.Nodes)
	upsertEach(s, o.Namespaces)
	upsertEach(s, o.Egresses)
	upsertEach(s, o.ExternalIPPools)
}

func upsertEach[T any](s *compiler.Session, list []*T) {
	for _, x := range list {
		s.Upsert(x)
	}
}

// TestSessionEqualsCompile edits clusters one object at a time and demands, after every few edits, what a compile from scratch
// gives: the same Program, the same Pipeline on every node, the same findings.
func TestSessionEqualsCompile(t *testing.T) {
	for seed := range seeds() / 12 {
		peers := workload.Peers(seed % 2)
		objects := workload.Random(seed, peers)
		s := compiler.NewSession(compiler.Options{Check: true})
		upsertAll(s, objects)
		for step := range uint64(20) {
			for edit := range 1 + step%3 {
				object, kind, namespace, name := workload.Edit(seed*1000+step*10+edit, peers, objects)
				if object != nil {
					s.Upsert(object)
				} else {
					s.Delete(kind, namespace, name)
				}
			}
			requireSameAsCompile(t, s, objects, compiler.Options{Check: true}, fmt.Sprintf("seed %d step %d", seed, step))
		}
	}
}

// TestSessionAllotsAsCompile does the same with Egresses, pools, Services, and nodes that go down and come back.
func TestSessionAllotsAsCompile(t *testing.T) {
	snats, holdings := 0, 0
	for seed := range seeds() / 12 {
		objects := workload.RandomLeaving(seed)
		s := compiler.NewSession(compiler.Options{Check: true})
		upsertAll(s, objects)
		for step := range uint64(20) {
			object, kind, namespace, name := workload.EditLeaving(seed*1000+step, objects)
			if object != nil {
				s.Upsert(object)
			} else {
				s.Delete(kind, namespace, name)
			}
			var down []string
			for i, n := range objects.Nodes {
				if (seed+step+uint64(i))%5 == 0 {
					down = append(down, n.Name)
				}
			}
			s.SetDown(down)
			same := requireSameAsCompile(t, s, objects, compiler.Options{Check: true, Down: down}, fmt.Sprintf("seed %d step %d", seed, step))
			for _, p := range same.Placed {
				snats, holdings = snats+len(p.SNATs), holdings+len(p.Holdings)
			}
		}
	}
	require.Greater(t, snats, 100)
	require.Greater(t, holdings, 100)
}

// TestReplaceIsUpsertAndDelete gives a session one set of objects after the other, as read from text: what is the same is other pointers
// now and then.
func TestReplaceIsUpsertAndDelete(t *testing.T) {
	for seed := range seeds() / 12 {
		peers := workload.Peers(seed % 2)
		s := compiler.NewSession(compiler.Options{Check: true})
		objects := workload.Random(seed, peers)
		for step := range uint64(8) {
			if step%4 == 3 {
				objects = workload.Random(seed, peers)
			}
			for edit := range step % 4 {
				workload.Edit(seed*1000+step*10+edit, peers, objects)
			}
			given := *objects
			given.Pods, given.NetworkPolicies = slices.Clone(objects.Pods), slices.Clone(objects.NetworkPolicies)
			if step%2 == 0 && len(given.Pods) > 0 {
				again := *given.Pods[0]
				given.Pods[0] = &again
			}
			s.Replace(&given)
			requireSameAsCompile(t, s, &given, compiler.Options{Check: true}, fmt.Sprintf("seed %d step %d", seed, step))
		}
		s.Replace(&manifest.Objects{})
		requireSameAsCompile(t, s, &manifest.Objects{}, compiler.Options{Check: true}, "nothing")
	}
}

func requireSameAsCompile(t *testing.T, s *compiler.Session, objects *manifest.Objects, o compiler.Options, why string) *compiler.Result {
	t.Helper()
	var scratch, full, parts diag.Report
	unchecked := o // the session checks the same
	unchecked.Check = false
	want := compiler.Compile(objects, unchecked, &scratch)
	for _, f := range scratch.Findings() {
		require.NotEqual(t, diag.Internal, f.Code, "%s: %s", why, f.Message)
	}
	var nodes []string
	for _, p := range want.Placed {
		nodes = append(nodes, p.Node)
	}
	got := s.Compile(&parts, nodes...)
	require.Equal(t, cutOff(scratch.Findings()), cutOff(parts.Findings()), why)
	require.Len(t, slices.DeleteFunc(parts.Findings(), isLockOut), 0, why)
	for i := range got {
		require.Equal(t, want.Placed[i].String(), got[i].String(), why)
	}
	all := s.Full(&full)
	require.Equal(t, want.Program.String(), all.Program.String(), why)
	require.Equal(t, want.Pipeline.String(), all.Pipeline.String(), why)
	require.Equal(t, scratch.Findings(), full.Findings(), why)
	var faults diag.Report
	s.Faults(&faults)
	require.Equal(t, onlyErrors(full.Findings()), onlyErrors(faults.Findings()), why)
	require.Len(t, onlyErrors(faults.Findings()), len(faults.Findings()), why)
	return want
}

func onlyErrors(findings []diag.Finding) []diag.Finding {
	out := []diag.Finding{}
	for _, f := range findings {
		if f.Severity == diag.Error {
			out = append(out, f)
		}
	}
	return out
}

func isLockOut(f diag.Finding) bool { return f.Code == diag.LocksOut }

// cutOff tells who is cut off from what and by which rule, sorted: a compile of the cluster says what nodes have in common once.
func cutOff(findings []diag.Finding) []string {
	var out []string
	for _, f := range findings {
		if who, what, ok := strings.Cut(f.Message, " needs "); ok && isLockOut(f) {
			what, _, _ = strings.Cut(what, ")")
			what += ") by " + f.Origin.Label()
			out = append(out, who+" "+what)
			for _, r := range f.Related {
				word, name, _ := strings.Cut(r.Origin.Object, " ")
				out = append(out, strings.ToLower(strings.TrimPrefix(word, "External"))+" "+name+" "+what)
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestSessionTellsWhatLocksOut edits what decides whether a node is cut off: the policy, who runs the control plane, and, which does
// not concern the answer, a pod. The finding is there every time, not only when it is new.
// spec: 6.4
func TestSessionTellsWhatLocksOut(t *testing.T) {
	var objects manifest.Objects
	read := func(text string) *manifest.Objects {
		var report diag.Report
		o := manifest.Parse("test.yaml", []byte(text), &report)
		require.Empty(t, report.Findings())
		return o
	}
	s := compiler.NewSession(compiler.Options{})
	const node = `{apiVersion: v1, kind: Node, metadata: {name: n%d, labels: {number: "%d"%s}}, status: {addresses: [{type: InternalIP, address: 192.0.2.%d}]}}`
	declare := func(i int, label string) {
		objects.Nodes = read(fmt.Sprintf(node, i, i, label, i)).Nodes
		s.Upsert(objects.Nodes[0])
	}
	for i := 1; i <= 3; i++ {
		declare(i, "")
	}
	policy := func(annotation string) {
		s.Upsert(read(`{apiVersion: crd.antrea.io/v1beta1, kind: ClusterNetworkPolicy, metadata: {name: a` + annotation + `}, spec: {priority: 1,
  appliedTo: [{nodeSelector: {matchLabels: {number: "1"}}}],
  ingress: [{action: Drop, from: [{nodeSelector: {matchLabels: {number: "3"}}}], ports: [{protocol: TCP, port: 10250}]}]}}`).RankedPolicies[0])
	}
	told := func() []string {
		var report diag.Report
		s.Compile(&report, "n1", "n2")
		return cutOff(report.Findings())
	}
	cut := []string{"node n1 kubelet (tcp/10250) by ClusterNetworkPolicy.crd.antrea.io a spec.ingress[0]"}
	require.Empty(t, told())
	policy("")
	require.Equal(t, cut, told(), "every node may run the control plane")
	require.Equal(t, cut, told(), "nothing changed")
	s.Upsert(read(`{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: default}, spec: {nodeName: n1, containers: [{name: c, image: i}]},
  status: {podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}]}}`).Pods[0])
	require.Equal(t, cut, told(), "a pod more")
	declare(2, `, node-role.kubernetes.io/control-plane: ""`)
	require.Empty(t, told(), "n3 does not run it, as is known now")
	declare(3, `, node-role.kubernetes.io/master: ""`)
	require.Equal(t, cut, told(), "n3 runs it, too")
	policy(`, annotations: {headgate-net.github.io/allow-lockout: "true"}`)
	require.Empty(t, told())

	s.Upsert(read(`{apiVersion: crd.antrea.io/v1beta1, kind: ClusterNetworkPolicy, metadata: {name: b}, spec: {priority: 2,
  appliedTo: [{nodeSelector: {matchLabels: {number: "1"}}}], ingress: [{action: Drop, ports: [{protocol: TCP, port: 32000}]}]}}`).RankedPolicies[0])
	require.Empty(t, told(), "there is no load balancer")
	balance := func(policy string) {
		s.Upsert(read(`{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {type: LoadBalancer, clusterIP: 10.96.0.1,
  externalTrafficPolicy: ` + policy + `, ports: [{port: 80}]}}`).Services[0])
	}
	balance("Cluster")
	require.Empty(t, told(), "it asks at another port")
	balance("Local, healthCheckNodePort: 32000")
	require.Equal(t, []string{"node n1 health of Services for load balancers (tcp/32000) by ClusterNetworkPolicy.crd.antrea.io b spec.ingress[0]"}, told())
	s.Delete("Service", "default", "web")
	require.Empty(t, told(), "nobody asks any more")
}

// TestSessionKeepsWhatAChangeDoesNotConcern has three tenants of one pod on each of three nodes. The Pipeline of a node without
// the changed tenant is not only equal but the same.
func TestSessionKeepsWhatAChangeDoesNotConcern(t *testing.T) {
	objects := workload.Tenants(9, 1, 3)
	s := compiler.NewSession(compiler.Options{})
	upsertAll(s, objects)
	var report diag.Report
	before := s.Compile(&report, "node-0000", "node-0001")
	changed := *objects.Pods[0]
	require.Equal(t, "node-0000", changed.NodeName)
	changed.Labels = manifest.Labels{{Key: "app", Value: "app-2"}}
	s.Upsert(&changed)
	after := s.Compile(&report, "node-0000", "node-0001")
	require.NotSame(t, before[0], after[0])
	require.Same(t, before[1], after[1])

	policy := *objects.NetworkPolicies[len(objects.NetworkPolicies)-1]
	policy.EgressRules = nil
	s.Upsert(&policy)
	require.Same(t, after[0], s.Compile(&report, "node-0000")[0], "the last tenant's pod is on another node")
	require.Empty(t, report.Findings())
}
