package lint

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// TestFindingsHoldWhateverNamesMean takes away all rules that are found removable, and makes each Pass that leads nowhere an Allow:
// no verdict changes, nor what is logged, whatever addresses names have and wherever packets were sent to. A witness of what only some packets show is
// judged as it says where nothing is known of names.
//
// spec: 9.1 9.2 9.5
func TestFindingsHoldWhateverNamesMean(t *testing.T) {
	count := map[kind]int{}
	for seed := range rounds(1600) {
		r := irtest.Rand(seed)
		p := irtest.Program(r, irtest.Shape{Nodes: 2, Endpoints: 5, Groups: 8, Policies: 8, Peers: irtest.OpaquePeers, Logs: irtest.Logs(seed % 2)})
		require.NoError(t, p.Check())
		a := newAnalysis(p, flatten.Flatten(p))
		a.run()
		if !slices.ContainsFunc(p.Groups, func(g *ir.Group) bool { return g.Kind.IsOpaque() }) {
			continue
		}
		for _, f := range a.found {
			count[f.kind]++
			require.False(t, f.decl.opaque, "seed %d", seed)
		}
		without := following(p, a.found)
		require.NoError(t, without.Check())
		for range 4 {
			learned := irtest.Learn(r, p)
			for _, g := range without.Groups {
				if g.Kind == ir.Names {
					g.Addrs = learned(g.Patterns)
				}
			}
			before, after, packets := p.Evaluator(), without.Evaluator(), irtest.NewPackets(p)
			for range 60 {
				pkt := packets.Next(r)
				for _, d := range ir.Directions() {
					if pkt.DstPort > 0 && pkt.SrcPort > 0 || !pkt.Proto.HasPorts() {
						want, got := before.Decide(d, pkt), after.Decide(d, pkt)
						require.Equal(t, want.Action, got.Action, "seed %d: %+v", seed, pkt)
						require.Equal(t, want.Logged, got.Logged, "seed %d: %+v", seed, pkt)
					}
				}
			}
		}
		forget(p)
		nothing := p.Evaluator()
		for _, f := range a.found {
			if f.packet.peer.endpoint != nil {
				got := nothing.Decide(f.packet.direction, f.packet.ir())
				require.Equal(t, f.verdict, got.Action, "seed %d: %s of %s", seed, got, f.decl.origin)
			}
		}
	}
	for k := shadowed; k <= ambiguous; k++ {
		require.Greater(t, count[k], 0, "kind %d", k)
	}
}

func forget(p *ir.Program) {
	for _, g := range p.Groups {
		if g.Kind == ir.Names {
			g.Addrs = ir.AddrSet{}
		}
	}
}

// following does what the findings say can be done.
func following(p *ir.Program, found []finding) *ir.Program {
	kinds := map[string]kind{}
	for _, f := range found {
		if f.kind != ambiguous {
			kinds[idOf(f.decl.direction, f.decl.policy, f.decl.origin)] = f.kind
		}
	}
	out := *p
	out.Policies = nil
	for _, policy := range p.Policies {
		next := *policy
		for _, d := range ir.Directions() {
			next.Rules[d] = nil
			for _, r := range policy.Rules[d] {
				k, is := kinds[idOf(d, policy, r.Origin)]
				if is && k == passesNowhere {
					r.Action = ir.Allow
				}
				if !is || k == passesNowhere {
					next.Rules[d] = append(next.Rules[d], r)
				}
			}
		}
		out.Policies = append(out.Policies, &next)
	}
	return &out
}
