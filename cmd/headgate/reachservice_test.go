package main

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
)

func inputOf(o *manifest.Objects) *evalInput {
	report := &diag.Report{}
	result := compiler.Compile(o, compiler.Options{Nodes: []string{}}, report)
	return newEvalInput(&generation{objects: o, result: result})
}

// Reach --to says of each client what eval says of his packets to the Service, one by one; and eval has a verdict for each candidate
// that may be chosen, and a reason for each other one.
//
// spec: 7.4 10.2
func TestReachToServicesSaysWhatEvalSays(t *testing.T) {
	words, leftOut, merged := map[string]int{}, map[string]int{}, 0
	for seed := range uint64(120) {
		in := inputOf(workload.RandomServices(seed))
		clients := reach.PodClients(in.program)
		for _, n := range in.program.Nodes {
			clients = append(clients, reach.NodeClient(n))
		}
		families := [][]ir.Family{nil, {ir.IPv4}, {ir.IPv6}}[seed%3]
		got := reach.ComputeClients(in.program, clients, reach.ServicePorts(in.program), reach.Options{Families: families})
		require.Len(t, got.Names, len(clients))
		e := in.program.Evaluator()
		for _, table := range got.Tables {
			if len(table.Port.Backends) > 3 {
				merged++
			}
			for i, name := range got.Names {
				want := evalClient(t, in, e, name, table.ServicePort, families, leftOut)
				require.Equal(t, want, table.Cells[i].String(), "seed %d: %s to %s %s", seed, name, table.Service, table.Port)
				words[want]++
			}
		}
	}
	for _, w := range []string{"allow", "drop", "mixed", "none"} {
		require.Greater(t, words[w], 50, w)
	}
	require.Greater(t, merged, 50)
	for _, why := range []string{"not ready", "it terminates, and others are ready", "internalTrafficPolicy is Local, and it is on another node"} {
		require.Greater(t, leftOut[why], 20, why)
	}
}

// evalClient asks eval about every packet of a client to a port of a Service.
func evalClient(t *testing.T, in *evalInput, e *ir.ProgramEvaluator, name string, sp reach.ServicePort, families []ir.Family, leftOut map[string]int) string {
	from, err := place.Find(in.program, name, "")
	require.NoError(t, err)
	to, err := in.find(servicePrefix+sp.Service.String(), "")
	require.NoError(t, err)
	var seen []string
	for _, src := range from.Addrs {
		for _, dst := range to.Addrs {
			if f := ir.FamilyOf(src); f != ir.FamilyOf(dst) || families != nil && !slices.Contains(families, f) {
				continue
			}
			p := ir.Packet{Src: src, Dst: dst, Proto: sp.Port.Proto, SrcPort: place.DefaultSource, DstPort: sp.Port.Port}
			d, err := (&evalOptions{}).dial(e, in, p, from, to)
			require.NoError(t, err)
			require.NotNil(t, d)
			requireCandidates(t, d, leftOut)
			word := d.Verdict
			if d.Service.Outcome != ir.Balance.String() {
				word = "none"
			}
			seen = append(seen, word)
		}
	}
	slices.Sort(seen)
	switch seen = slices.Compact(seen); len(seen) {
	case 0:
		return "none"
	case 1:
		return seen[0]
	}
	return "mixed"
}

func requireCandidates(t *testing.T, d *dial, leftOut map[string]int) {
	chosen := 0
	for _, c := range d.Candidates {
		leftOut[c.LeftOut]++
		require.NotEqual(t, c.LeftOut == "", c.Verdict == "", "%+v of %+v", c, d)
		if c.LeftOut == "" {
			chosen++
		}
	}
	require.Equal(t, d.Service.Backends, chosen, "%+v", d)
	require.Len(t, d.judgements, max(chosen, 1))
}

// crowd is a cluster of many pods of a few kinds, which all dial one Service of many backends.
func crowd(pods, backends int) *manifest.Objects {
	o := &manifest.Objects{}
	o.Nodes = append(o.Nodes, &manifest.Node{Meta: manifest.Meta{Kind: "Node", Name: "n"}})
	for i := range pods {
		p := &manifest.Pod{Meta: manifest.Meta{Kind: "Pod", Namespace: "x", Name: fmt.Sprintf("pod-%05d", i)}, NodeName: "n",
			Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}}
		if i < backends {
			p.Labels = manifest.Labels{{Key: "app", Value: "db"}}
		}
		o.Pods = append(o.Pods, p)
	}
	o.Services = []*manifest.Service{{Meta: manifest.Meta{Kind: "Service", Namespace: "x", Name: "db"}, Type: manifest.ClusterIP,
		ClusterIPs: []netip.Addr{netip.MustParseAddr("10.96.0.1")}, Selector: manifest.Labels{{Key: "app", Value: "db"}},
		Ports: []manifest.ServicePort{{Protocol: "TCP", Port: 80}}}}
	return o
}

// 20,000 pods, of which 2,000 are the backends: 40 million pairs, of which four differ.
func BenchmarkReachToService(b *testing.B) {
	report := &diag.Report{}
	p := compiler.Compile(crowd(20000, 2000), compiler.Options{Nodes: []string{}}, report).Program
	for b.Loop() {
		got := reach.ComputeClients(p, reach.PodClients(p), reach.ServicePorts(p), reach.Options{})
		if len(got.Tables) != 1 || got.Tables[0].Cells[19999] != reach.Allow {
			b.Fatal(got.Tables[0].Cells[19999])
		}
	}
}
