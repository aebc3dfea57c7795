package nft_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
)

// identify gives the rules of a pipeline the ids 1, 2, ... in order, and says whether they log.
func identify(p *ir.Pipeline, logging bool) {
	id := ir.RuleID(0)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			for _, l := range p.Classifier(d, ph).Lists {
				for i := range l.Rules {
					id++
					l.Rules[i].ID, l.Rules[i].Logging.On = id, logging
				}
			}
		}
	}
}

// TestRulesCountWhatTheyDecide has packets decided by rules that are several in the kernel, and changes a rule beside them.
func TestRulesCountWhatTheyDecide(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 80)
	p := pipeline()
	identify(p, false)
	n.node.reconcile(generate(t, p))
	counts := func() map[ir.RuleID]agent.Count {
		c, err := n.node.Counts(context.Background())
		require.NoError(t, err)
		return c
	}
	require.Empty(t, counts())
	for f := range 2 {
		for range 3 {
			require.Equal(t, "allow", n.a.probe("tcp", "", addrs["b"][f], 80, patience))
		}
		require.Equal(t, "reject", n.a.probe("tcp", "", addrs["b"][f], 81, patience))
	}
	var got map[ir.RuleID]agent.Count
	require.Eventually(t, func() bool { // what closes connections is still under way
		got = counts()
		return got[2].Packets == got[6].Packets+got[7].Packets && got[2].Packets >= 8+6*5
	}, patience, time.Millisecond)
	// 1-3: egress of a in phase namespace, 4: in phase baseline; 5, 6: ingress of b in phase admin; 7, 8: in phase namespace.
	require.ElementsMatch(t, []ir.RuleID{2, 6, 7}, keys(got))
	require.Equal(t, uint64(8), got[2].Sessions, "the second of egress, an address of each family")
	require.Equal(t, uint64(2), got[6].Sessions)
	require.Equal(t, uint64(6), got[7].Sessions)
	require.Equal(t, got[2].Bytes, got[6].Bytes+got[7].Bytes)
	require.Equal(t, agent.Count{Sessions: 2, Packets: 2, Bytes: (20 + 40) + (40 + 40)}, got[6], "the headers of first packets of TCP, which are refused")
	rules := p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules
	rules[1].Action = ir.Reject
	n.node.reconcile(generate(t, p))
	for id, c := range counts() {
		require.Equal(t, got[id].Sessions, c.Sessions, "what stays counts on, and no counter is drift")
		require.GreaterOrEqual(t, c.Packets, got[id].Packets)
	}
	require.Len(t, counts(), len(got))
}

func keys[K comparable, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	return out
}

// learner learns an address from every answer before it goes on.
type learner struct {
	*namespace
	p     *ir.Pipeline
	addrs ir.AddrSet
}

func (l *learner) Logged(agent.Record) {}
func (l *learner) Answered([]byte)     { l.learn(l.addrs) }

func (l *learner) learn(addrs ir.AddrSet) {
	before := target.Volatile(l.p)
	l.p = l.p.WithNames(func([]string) ir.AddrSet { return addrs })
	plan := artifact.Diff(artifact.Artifact{Objects: before}, artifact.Artifact{Objects: target.Volatile(l.p)})
	require.NoError(l.t, l.Learn(context.Background(), plan))
}

// TestLearntBeforeTheAnswerArrives dials what an answer named as soon as it is there.
func TestLearntBeforeTheAnswerArrives(t *testing.T) {
	n := dnsNetwork(t)
	n.host.serve("host", 80)
	p := named(aIndex)
	n.node.reconcile(generate(t, p))
	l := &learner{namespace: n.node, p: p, addrs: ir.AddrSetOf(netip.MustParseAddr(addrs["host"][0]), netip.MustParseAddr(addrs["host"][1]))}
	n.node.watch(l)
	n.node.holds()
	for range 10 {
		for f := range 2 {
			require.Equal(t, "drop", n.a.probe("udp", "", addrs["host"][f], 80, 10*time.Millisecond))
			require.NoError(t, <-n.a.ask("udp", server("service", f), 53, 100))
			require.Equal(t, "allow", n.a.probe("tcp", "", addrs["host"][f], 80, patience))
			l.learn(ir.AddrSet{})
		}
	}
	require.False(t, n.node.reconcile(generate(t, p)).Applied, "what was learnt is no drift")
}

func TestLearnRefusesWhatIsNotThere(t *testing.T) {
	n := newNamespace(t)
	p := named(aIndex)
	q := p.WithNames(func([]string) ir.AddrSet { return ir.AddrSetOf(netip.MustParseAddr("192.0.2.1")) })
	volatile := func(p *ir.Pipeline) artifact.Artifact { return artifact.Artifact{Objects: target.Volatile(p)} }
	learn := func(a, b artifact.Artifact) error { return n.Learn(context.Background(), artifact.Diff(a, b)) }
	var refused *agent.RefusedError
	require.ErrorAs(t, learn(volatile(p), volatile(q)), &refused, "nothing was applied")
	n.reconcile(generate(t, p))
	require.NoError(t, learn(volatile(p), volatile(q)))
	require.NoError(t, learn(volatile(p), volatile(q)), "it may be there")
	require.NoError(t, learn(volatile(q), volatile(p)))
	require.ErrorAs(t, learn(volatile(q), volatile(p)), &refused, "it is not there")
	require.ErrorContains(t, learn(artifact.Artifact{}, volatile(q)), "nothing to learn")
	lasting := generate(t, p)
	more := generate(t, pipeline())
	require.ErrorContains(t, learn(lasting, more), "nothing to learn")
}

// BenchmarkLearn has an address come and go, in a set of many.
func BenchmarkLearn(b *testing.B) {
	for _, size := range []int{0, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			n := newNamespace(b)
			var many []netip.Addr
			for i := range size {
				many = append(many, netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, 11<<24+2*uint32(i)))))
			}
			p := named(aIndex).WithNames(func([]string) ir.AddrSet { return ir.AddrSetOf(many...) })
			q := p.WithNames(func([]string) ir.AddrSet { return ir.AddrSetOf(append(many, netip.MustParseAddr("192.0.2.1"))...) })
			n.reconcile(generate(b, p))
			there, back := artifact.Artifact{Objects: target.Volatile(p)}, artifact.Artifact{Objects: target.Volatile(q)}
			grow, shrink := artifact.Diff(there, back), artifact.Diff(back, there)
			for b.Loop() {
				require.NoError(b, n.Learn(context.Background(), grow))
				require.NoError(b, n.Learn(context.Background(), shrink))
			}
		})
	}
}
