package ir_test

import (
	"net/netip"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
)

// naive is sections 3.1 to 3.4 of spec.md word by word: no index, no sharing, every policy looked at for every packet.
func naive(p *ir.Program, pkt ir.Packet) ir.Action {
	owner := func(a netip.Addr) *ir.Endpoint {
		for _, e := range p.Endpoints {
			if slices.Contains(e.Addrs, a) {
				return e
			}
		}
		return nil
	}
	src, dst := owner(pkt.Src), owner(pkt.Dst)
	icmpType := pkt.DstPort >> 8
	switch {
	case pkt.Established, pkt.Src == pkt.Dst, src != nil && src == dst, isOneMachine(src, dst),
		pkt.Proto == ir.ProtoICMPv6 && (icmpType >= 130 && icmpType <= 137 || icmpType == 143):
		return ir.Allow
	}
	if src != nil && !isLoopbackOf(src, pkt.Dst) && !(src.Kind == ir.NodeEndpoint && dst != nil && dst.Kind == ir.PodEndpoint && dst.Node == src.Name) {
		if a := naiveSide(p, ir.Egress, src, pkt.Dst, dst, pkt); a != ir.Allow {
			return a
		}
	}
	if dst == nil || isLoopbackOf(dst, pkt.Src) {
		return ir.Allow
	}
	for _, n := range p.Nodes {
		if dst.Kind == ir.PodEndpoint && n.Name == dst.Node && slices.Contains(n.Addrs, pkt.Src) {
			return ir.Allow
		}
	}
	return naiveSide(p, ir.Ingress, dst, pkt.Src, dst, pkt)
}

// isOneMachine reports whether two endpoints are addresses of one machine.
func isOneMachine(a, b *ir.Endpoint) bool {
	return a != nil && b != nil && a.Kind == ir.ExternalEndpoint && b.Kind == ir.ExternalEndpoint && a.Node != "" && a.Node == b.Node
}

func isLoopbackOf(e *ir.Endpoint, peer netip.Addr) bool {
	return e.Kind != ir.PodEndpoint && peer.IsLoopback()
}

func isMember(groups []*ir.Group, e *ir.Endpoint) bool {
	return slices.ContainsFunc(groups, func(g *ir.Group) bool { return slices.Contains(g.Members, e) })
}

// naiveHas looks for the peer's address, or for what was dialled.
func naiveHas(g *ir.Group, peer netip.Addr, pkt ir.Packet) bool {
	if g.Kind != ir.Dialled {
		return g.Addrs.Contains(peer)
	}
	to := netip.AddrPortFrom(pkt.Dst, pkt.DstPort)
	if pkt.Dialled.IsValid() {
		to = pkt.Dialled
	}
	return slices.ContainsFunc(g.Dials, func(d ir.Dial) bool { return netip.AddrPortFrom(d.Addr, d.Port) == to && d.Proto == pkt.Proto })
}

func naiveSide(p *ir.Program, d ir.Direction, self *ir.Endpoint, peer netip.Addr, dst *ir.Endpoint, pkt ir.Packet) ir.Action {
	matches := func(r *ir.PolicyRule) bool {
		if !r.AnyPeer && !slices.ContainsFunc(r.Peers, func(g *ir.Group) bool { return naiveHas(g, peer, pkt) }) {
			return false
		}
		for _, s := range r.Ports {
			box := s.Box
			if s.Name != "" {
				if dst == nil {
					continue
				}
				i := slices.IndexFunc(dst.Ports, func(n ir.NamedPort) bool {
					return n.Name == s.Name && (box.Proto == ir.ProtoAny || n.Proto == box.Proto)
				})
				if i < 0 {
					continue
				}
				box.Proto, box.Dst = dst.Ports[i].Proto, ir.OnePort(dst.Ports[i].Port)
			}
			if (box.Proto == ir.ProtoAny || box.Proto == pkt.Proto) && box.Src.From <= pkt.SrcPort && pkt.SrcPort <= box.Src.To &&
				box.Dst.From <= pkt.DstPort && pkt.DstPort <= box.Dst.To {
				return true
			}
		}
		return false
	}
	for _, ph := range ir.Phases() {
		type candidate struct {
			policy *ir.Policy
			index  int
		}
		var rules []candidate
		isolated := false
		for _, policy := range p.Policies {
			if policy.Phase != ph {
				continue
			}
			isolated = isolated || policy.Isolates[d] && isMember(policy.Subjects, self)
			for i := range policy.Rules[d] {
				subjects := policy.Rules[d][i].Subjects
				if subjects == nil {
					subjects = policy.Subjects
				}
				if isMember(subjects, self) && matches(&policy.Rules[d][i]) {
					rules = append(rules, candidate{policy, i})
				}
			}
		}
		if ph == ir.Namespace {
			if len(rules) > 0 {
				return ir.Allow
			}
			if isolated {
				return ir.Drop
			}
			continue
		}
		sort.Slice(rules, func(i, j int) bool {
			a, b := rules[i], rules[j]
			if a.policy.Rank.Tier != b.policy.Rank.Tier {
				return a.policy.Rank.Tier < b.policy.Rank.Tier
			}
			if a.policy.Rank.Priority != b.policy.Rank.Priority {
				return a.policy.Rank.Priority < b.policy.Rank.Priority
			}
			if x, y := a.policy.Rules[d][a.index].Turn, b.policy.Rules[d][b.index].Turn; a.policy.Rank.Interleave && x != y {
				return x < y
			}
			if a.policy != b.policy {
				return a.policy.Compare(b.policy) < 0
			}
			return a.index < b.index
		})
		if len(rules) > 0 {
			if a := rules[0].policy.Rules[d][rules[0].index].Action; a != ir.Pass {
				return a
			}
		}
	}
	return ir.Allow
}

// spec: 3.1 3.2 3.3 3.4
func TestEvalIsTheSpecification(t *testing.T) {
	for seed := range uint64(200) {
		r := irtest.Rand(seed)
		p := irtest.Program(r, shapeOf(2*seed))
		e, packets := p.Evaluator(), irtest.NewPackets(p)
		for range 100 {
			pkt := packets.Next(r)
			require.Equal(t, naive(p, pkt), e.Eval(pkt).Action, "seed %d, %+v: %s\n%s", seed, pkt, e.Eval(pkt), p)
		}
	}
}

// Every set of at most two policies of a small universe, on every packet of it.
// spec: 3.2
func TestEvalIsTheSpecificationExhaustively(t *testing.T) {
	count := 0
	packets := irtest.ToyPackets()
	for p := range irtest.Exhaustive(2) {
		e := p.Evaluator()
		for _, pkt := range packets {
			count++
			if got := e.Eval(pkt); got.Action != naive(p, pkt) {
				t.Fatalf("%+v: %s\n%s", pkt, got, p)
			}
		}
	}
	require.Equal(t, irtest.ExhaustiveCount(2)*len(packets), count)
	require.Equal(t, 2081*108, count)
}

// The order in which a Program lists its policies and groups does not matter to Eval.
// spec: 3.3
func TestEvalIgnoresTheOrderOfInput(t *testing.T) {
	for seed := range uint64(50) {
		r := irtest.Rand(seed)
		p := irtest.Program(r, irtest.Small())
		q := *p
		q.Policies = slices.Clone(p.Policies)
		slices.Reverse(q.Policies)
		a, b, packets := p.Evaluator(), q.Evaluator(), irtest.NewPackets(p)
		for range 100 {
			pkt := packets.Next(r)
			require.Equal(t, a.Eval(pkt), b.Eval(pkt))
		}
	}
}
