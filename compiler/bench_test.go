package compiler_test

import (
	"fmt"
	"net/netip"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/resolve"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
)

// peak samples the heap while f runs and returns the most bytes that live and not yet collected objects took, beyond what was
// there before. The benchmark measures nothing but f.
func peak(b *testing.B, f func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	b.StopTimer()
	runtime.GC()
	metrics.Read(sample)
	b.StartTimer()
	before, most := sample[0].Value.Uint64(), uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				metrics.Read(sample)
				most = max(most, sample[0].Value.Uint64())
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return max(most, before) - before
}

// BenchmarkResolve reads a workload's objects into a new Index and resolves the whole cluster.
func BenchmarkResolve(b *testing.B) {
	for _, shape := range workload.Shapes() {
		b.Run(shape.Name, func(b *testing.B) {
			objects := shape.Make()
			for b.Loop() {
				resolve.Of(objects).Program(resolve.Cluster(), new(diag.Report))
			}
		})
	}
}

// BenchmarkCompileOneNode compiles the whole cluster and places it on one node.
func BenchmarkCompileOneNode(b *testing.B) {
	for _, shape := range workload.Shapes() {
		b.Run(shape.Name, func(b *testing.B) {
			objects := shape.Make()
			var most uint64
			var result *compiler.Result
			for b.Loop() {
				most = max(most, peak(b, func() {
					result = compiler.Compile(objects, compiler.Options{Nodes: []string{"node-0000"}}, new(diag.Report))
				}))
			}
			b.ReportMetric(float64(most)/(1<<20), "MB-peak")
			c := compiler.CountRules(result.Pipeline)
			b.ReportMetric(float64(c.Rules), "rules")
			b.ReportMetric(float64(c.Sets), "sets")
			b.ReportMetric(float64(c.Lists), "lists")
		})
	}
}

// BenchmarkCompileAllNodes compiles the whole cluster and places it on every node.
func BenchmarkCompileAllNodes(b *testing.B) {
	for _, shape := range workload.Shapes() {
		b.Run(shape.Name, func(b *testing.B) {
			objects := shape.Make()
			for b.Loop() {
				compiler.Compile(objects, compiler.Options{}, new(diag.Report))
			}
		})
	}
}

// BenchmarkOneMoreMember adds a pod on another node to a group of 10,000 that five rules of the node use, and compiles the node.
func BenchmarkOneMoreMember(b *testing.B) {
	s := compiler.NewSession(compiler.Options{})
	upsertAll(s, workload.AllSelectAll(10000, 5))
	extra := &manifest.Pod{Meta: manifest.Meta{Kind: "Pod", Namespace: "all", Name: "pod-extra",
		Labels: manifest.Labels{{Key: "app", Value: "all"}}}, NodeName: "node-0001",
		Addrs: []netip.Addr{netip.MustParseAddr("10.200.0.1")}}
	var report diag.Report
	before := s.Compile(&report, "node-0000")[0]
	there := false
	for b.Loop() {
		if there = !there; there {
			s.Upsert(extra)
		} else {
			s.Delete("Pod", "all", "pod-extra")
		}
		after := s.Compile(&report, "node-0000")[0]
		require.NotSame(b, before, after)
		before = after
	}
}

// BenchmarkOnePolicyChanged changes the ports of one of 250 policies in a cluster of 50,000 pods, and compiles one node that
// runs a pod of its namespace.
func BenchmarkOnePolicyChanged(b *testing.B) {
	s := compiler.NewSession(compiler.Options{})
	objects := workload.Customers(50000, 5000)
	objects.NetworkPolicies = objects.NetworkPolicies[:250]
	upsertAll(s, objects)
	at := slices.IndexFunc(objects.Pods, func(p *manifest.Pod) bool { return p.Namespace == objects.NetworkPolicies[0].Namespace })
	node := objects.Pods[at].NodeName
	var report diag.Report
	before := s.Compile(&report, node)[0]
	for i := 0; b.Loop(); i++ {
		changed := *objects.NetworkPolicies[0]
		rule := changed.IngressRules[0]
		rule.Ports = []manifest.Port{{Field: "spec.ingress[0].ports[0]", Protocol: "TCP", From: uint16(1 + i%60000), To: uint16(1 + i%60000)}}
		changed.IngressRules = []manifest.Rule{rule}
		s.Upsert(&changed)
		after := s.Compile(&report, node)[0]
		require.NotSame(b, before, after)
		before = after
	}
}

// TestWorkloadCounts holds the sizes of what the standard workloads compile to: of the cluster's Pipeline, and of the largest
// node's in each count.
func TestWorkloadCounts(t *testing.T) {
	a := golden.Open(t, "testdata/counts.txtar")
	for _, shape := range workload.Shapes() {
		t.Run(shape.Name, func(t *testing.T) {
			objects := shape.Make()
			if testing.Short() && len(objects.Pods)+len(objects.NetworkPolicies)+len(objects.RankedPolicies) > 5000 {
				return // the larger ones run in full tests
			}
			var report diag.Report
			result := compiler.Compile(objects, compiler.Options{}, &report)
			require.False(t, report.HasErrors())
			var largest compiler.Counts
			for _, p := range result.Placed {
				largest = largest.Max(compiler.CountRules(p))
			}
			a.Want(t, "out/"+shape.Name, fmt.Sprintf("cluster  %s\nnode     %s\nfindings:%s\n",
				compiler.CountRules(result.Pipeline), largest, countFindings(&report)))
		})
	}
}

func countFindings(report *diag.Report) string {
	count := map[diag.Code]int{}
	for _, f := range report.Findings() {
		count[f.Code]++
	}
	text := ""
	for _, row := range diag.Codes() {
		if n := count[row.Code]; n > 0 {
			text += fmt.Sprintf(" %s=%d", row.Code, n)
		}
	}
	return text
}

// BenchmarkBlockWithExceptions resolves and compiles a policy whose only peer is a prefix without 500 addresses.
func BenchmarkBlockWithExceptions(b *testing.B) {
	objects := workload.Tenants(1, 2, 1)
	block := &manifest.IPBlock{CIDR: netip.MustParsePrefix("10.0.0.0/8")}
	for i := range 500 {
		block.Except = append(block.Except, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i * 37), byte(i * 7), byte(i)}), 32))
	}
	objects.NetworkPolicies[0].IngressRules = []manifest.Rule{{Field: "spec.ingress[0]", Peers: []manifest.Peer{{IPBlock: block}}}}
	for b.Loop() {
		result := compiler.Compile(objects, compiler.Options{}, new(diag.Report))
		require.NotEmpty(b, result.Placed[0].Sets[0].Addrs.Prefixes())
	}
}

// BenchmarkServices makes what one node has for Services: all at once, and after one more Service.
func BenchmarkServices(b *testing.B) {
	for _, shape := range workload.ServiceShapes() {
		objects := shape.Make()
		node := objects.Nodes[0].Name
		b.Run(shape.Name+"/all", func(b *testing.B) {
			for b.Loop() {
				var report diag.Report
				compiler.Compile(objects, compiler.Options{Nodes: []string{node}}, &report)
			}
		})
		b.Run(shape.Name+"/one-more", func(b *testing.B) {
			s := compiler.NewSession(compiler.Options{})
			upsertAll(s, objects)
			var report diag.Report
			before := len(s.Compile(&report, node)[0].Frontends)
			more, slices := workload.OneMoreService(objects)
			for b.Loop() {
				upsertEach(s, slices)
				s.Upsert(more)
				require.Greater(b, len(s.Compile(&report, node)[0].Frontends), before)
				s.Delete("Service", more.Namespace, more.Name)
				require.Len(b, s.Compile(&report, node)[0].Frontends, before)
			}
		})
	}
}
