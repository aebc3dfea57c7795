package system

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
)

// flapping are the states of the links of two nodes, n1 and n3, one after the other: they fail alone, together, and in turns.
//
//headgate:table
func flapping() []flap {
	const n1, n3 = "node/n1", "node/n3"
	return []flap{
		{[]string{n3}, 300 * time.Millisecond}, {nil, 200 * time.Millisecond}, {[]string{n1, n3}, 500 * time.Millisecond}, {[]string{n1}, 400 * time.Millisecond},
		{[]string{n3}, 1200 * time.Millisecond}, {[]string{n1}, 1200 * time.Millisecond}, {nil, 100 * time.Millisecond}, {[]string{n1, n3}, 1500 * time.Millisecond},
		{[]string{n3}, 300 * time.Millisecond}, {nil, 300 * time.Millisecond}, {[]string{n1}, 600 * time.Millisecond}, {[]string{n1, n3}, 200 * time.Millisecond},
	}
}

// flap is a state of the links for a while.
type flap struct {
	off  []string
	long time.Duration
}

// TestLinksFlap: while the links of two nodes of three come and go, connections of pods through the third one lose nothing, and new ones are
// seen as the Egress says or not at all. Once the links stay, each address has one holder, the right one, and everything leaves as it should.
func TestLinksFlap(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f, r := startEgressFleet(t, program, target)
			streams := startStreams(t, f.l, steady(t, r.Program)...)
			d := startDials(t, f.l, "pod/app/one-2")
			d.await(t, time.Time{}, "192.168.20.100")
			for round := range 2 {
				for _, state := range flapping() {
					require.NoError(t, f.l.Inflict(t.Context(), lab.Faults{Off: state.off}))
					time.Sleep(state.long)
				}
				streams.living(t, fmt.Sprint("flapping ", round))
			}
			require.NoError(t, f.l.Inflict(t.Context(), lab.Faults{}))
			at := time.Now()
			f.awaitEachHolder(t, r.Program)
			t.Logf("each address has its holder after %v", time.Since(at).Round(time.Millisecond))
			d.await(t, at, "192.168.20.100")
			requireLeavingsSoon(t, f.l, leavings(f.l, looksOn(r)))
			requireHolders(t, f.l, r.Program)
			streams.living(t, "links stay")
		})
	}
}

// steady lists pods of n2 whose connections outside pass no other node.
func steady(t testing.TB, p *ir.Program) []string {
	t.Helper()
	pods := []string{"plain-2"}
	for kind, looks := range appearances() {
		pod := kind + "-2"
		if addr, err := netip.ParseAddr(looks[0]); err == nil && p.Holder(addr) == "n2" && slices.ContainsFunc(p.Pods(), func(e *ir.Endpoint) bool { return e.Name == pod }) {
			pods = append(pods, pod)
		}
	}
	slices.Sort(pods)
	require.Greater(t, len(pods), 1, "an address that n2 holds")
	return pods
}

// startEgressFleet makes the cluster of testdata/egress.yaml and waits until the agents have done their work.
func startEgressFleet(t testing.TB, program string, target lab.Target) (*fleet, *compiler.Result) {
	t.Helper()
	files := egressFiles(target)
	r := egressCluster(t, files)
	f := startFleet(t, egressLab(t, r, target), program, target, files...)
	f.awaitEachHolder(t, r.Program)
	f.awaitRules(t)
	return f, r
}

// awaitEachHolder waits until each address is held by the node that the Program says, alone.
func (f *fleet) awaitEachHolder(t testing.TB, p *ir.Program) {
	t.Helper()
	for _, h := range p.Holdings {
		if h.Node != "" {
			f.awaitHolders(t, h.Addr.String(), []string{h.Node})
		}
	}
}

// looksOn are the appearances that a target can have.
func looksOn(r *compiler.Result) map[string][2]string {
	looks := appearances()
	if !hasVLAN(r) {
		looks["vlan"] = [2]string{}
	}
	return looks
}

// BenchmarkFailover tells how long it takes, from the moment when the node that holds an address loses its link, until a new connection that
// leaves by the address has come about; and how long none does when the node is back. Run it with -benchtime 20x.
func BenchmarkFailover(b *testing.B) {
	program := builtProgram(b)
	for _, target := range targets() {
		b.Run(string(target), func(b *testing.B) {
			f, _ := startEgressFleet(b, program, target)
			s := &siege{fleet: f, addr: "192.168.20.100", holder: "n3", next: "n1", dials: startDials(b, f.l, "pod/app/one-2"), gaps: gaps{}}
			s.dials.await(b, time.Time{}, s.addr)
			for b.Loop() {
				s.loses(b, lab.Faults{Off: []string{"node/" + s.holder}}, alone, "lost", "back")
			}
			for what, name := range map[string]string{"lost": "lost", "back, silence": "back"} {
				times := s.gaps[what]
				slices.Sort(times)
				for _, p := range []int{50, 99} {
					b.ReportMetric(times[(len(times)*p+99)/100-1].Seconds(), fmt.Sprintf("%s-p%d-s", name, p))
				}
			}
			s.gaps.log(b)
		})
	}
}
