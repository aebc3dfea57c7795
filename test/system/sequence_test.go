package system

import (
	"bytes"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/reach"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
	"github.com/headgate-net/headgate/test/conformance"
)

// TestSequence loads a list of states forwards, backwards and in one leap. Every Load observes the dataplane afterwards and
// fails if it does not hold exactly what was generated; so what counts here is that the way does not matter: no state on the
// way may be drift for the next one, and the same state has the same hash on each way.
func TestSequence(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	all := conformance.States(t)
	var states [][]*ir.Pipeline
	for i := 0; i < len(all); i += 6 {
		states = append(states, compileState(t, &all[i]).Placed)
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := up(t, compileState(t, &all[0]), target)
			hashes := make([][]string, len(states))
			load := func(i int) {
				loaded, err := enforce.Load(t.Context(), l, states[i]...)
				require.NoError(t, err)
				var got []string
				for _, node := range loaded {
					require.False(t, node.Drifted, "state %d: %s", i, node.Summary)
					got = append(got, node.Hash)
				}
				if hashes[i] == nil {
					hashes[i] = got
				}
				require.Equal(t, hashes[i], got, "state %d", i)
			}
			last := len(states) - 1
			for i := range states {
				load(i)
			}
			for i := last; i >= 0; i-- {
				load(i)
			}
			load(last)
			load(0)
		})
	}
}

// swaps are two generations that allow and deny the same by quite different rules.
func swaps() (string, string) {
	const cluster = `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.10.1.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
- {apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {podCIDR: 10.10.2.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.2}]}}
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: client, namespace: a, labels: {app: client, team: one}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.10.1.5}}
- {apiVersion: v1, kind: Pod, metadata: {name: stranger, namespace: a, labels: {app: stranger}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.10.1.6}}
- {apiVersion: v1, kind: Pod, metadata: {name: server, namespace: a, labels: {app: server}}, spec: {nodeName: n2, containers: [{name: c, ports: [{containerPort: 80}]}]}, status: {podIP: 10.10.2.5}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
`
	return cluster + `
metadata: {name: by-label, namespace: a}
spec:
  podSelector: {matchLabels: {app: server}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: client}}}]
    ports: [{port: 80}]
`, cluster + `
metadata: {name: by-block, namespace: a}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{ipBlock: {cidr: 10.10.1.0/24, except: [10.10.1.6/32]}}]
    ports: [{port: 79, endPort: 90}]
  egress:
  - to: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [server, client]}]}}]
`
}

// TestSwapUnderTraffic replaces one generation by the other again and again while packets flow. What both allow always passes,
// and what both deny never does: there is no moment without rules, or with a mixture of both.
func TestSwapUnderTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const rounds = 40
	one, two := swaps()
	var placed [2][]*ir.Pipeline
	var compiled *compiler.Result // for the cluster, which both share
	var report diag.Report
	for i, text := range []string{one, two} {
		r := compileObjects(t, manifest.Parse("swap.yaml", []byte(text), &report), &report)
		placed[i], compiled = r.Placed, r
		m := reach.Compute(r.Program, reach.Options{Ports: []reach.Port{{Proto: ir.ProtoTCP, Port: 80}}})
		require.Equal(t, []string{"a/client", "a/server", "a/stranger"}, m.Pods)
		require.Equal(t, reach.Allow, m.Tables[0].Cells[0][1])
		require.Equal(t, reach.Drop, m.Tables[0].Cells[2][1])
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := up(t, compiled, target)
			_, err := enforce.Load(t.Context(), l, placed[0]...)
			require.NoError(t, err)
			done := make(chan struct{})
			var group sync.WaitGroup
			for _, c := range []struct {
				from string
				want lab.Verdict
			}{{"pod/a/client", lab.Allow}, {"pod/a/stranger", lab.Drop}} {
				group.Go(func() { watch(t, l, c.from, c.want, done) })
			}
			for i := range rounds {
				loaded, err := enforce.Load(t.Context(), l, placed[(i+1)%2]...)
				if err != nil || len(loaded) != 2 {
					t.Errorf("round %d: %v", i, err)
					break
				}
			}
			close(done)
			group.Wait()
		})
	}
}

// watch sends bunches of connections to the server until done is closed. Each connection has a port that no other had: where a
// first packet gets lost behind a switch, Open vSwitch's own conntrack (to 3.1 at least) keeps its sequence number for the next
// connection from that port, finds the end of that one invalid, therefore holds it for established for a day, and takes for
// invalid what any further one from that port says, so that the answers to a pod that is isolated are dropped. And each has one
// attempt, within which TCP sends again what a busy machine loses.
func watch(t *testing.T, l *lab.Lab, from string, want lab.Verdict, done <-chan struct{}) {
	const bunch, first, last = 16, 2000, 65535
	pace := time.NewTicker(10 * time.Millisecond) // the ports last for 40 s at least
	defer pace.Stop()
	var server netip.Addr
	for _, e := range l.Spec().Pods {
		if e.Name == "server" {
			server = e.Addrs[0]
		}
	}
	for port := first; ; port += bunch {
		select {
		case <-done:
			if port == first {
				t.Errorf("no packets from %s while the rules were replaced", from)
			}
			return
		case <-pace.C:
		}
		if port+bunch > last {
			t.Errorf("%s: all ports have been used", from)
			return
		}
		probes := make([]lab.ProbeRequest, bunch)
		for i := range probes {
			probes[i] = lab.ProbeRequest{From: from, To: server, Port: lab.Port{Proto: lab.TCP, Port: 80}, SourcePort: uint16(port + i)}
		}
		results, err := l.Probe(t.Context(), probes)
		if err != nil {
			t.Errorf("%s: %v", from, err)
			return
		}
		for i, r := range results {
			if r.Verdict != want {
				t.Errorf("from %s, port %d: %s (%s), want %s\n%s", from, port+i, r.Verdict, r.Detail, want, tracked(t, l, port+i))
				return
			}
		}
	}
}

// tracked is what the nodes' switches know of a connection, and what they count: whether they lost packets, or dropped them.
func tracked(t *testing.T, l *lab.Lab, port int) string {
	if l.Spec().Target != lab.OpenFlow {
		return ""
	}
	var out bytes.Buffer
	for _, n := range l.Spec().Nodes {
		fmt.Fprintln(&out, n.Where())
		for _, command := range []string{
			fmt.Sprintf("ovs-appctl dpctl/dump-conntrack -s | grep port=%d,", port),
			"ovs-appctl dpctl/show -s | grep lookups",
			"ovs-appctl coverage/show | grep drop",
		} {
			if _, err := l.Exec(t.Context(), n.Where(), []string{"sh", "-c", command}, lab.Stdio{Out: &out, Err: &out}); err != nil {
				fmt.Fprintln(&out, err)
			}
		}
	}
	return out.String()
}
