package nft_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/iproute"
	"github.com/headgate-net/headgate/targets/mark"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// leaving is a node with an SNAT of each kind: held here, with a limit; elsewhere; by nobody; without address; here by IPv6.
const leaving = `pipeline node=n1
node n1 addrs=192.0.2.1,2001:db8::1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.0.2.2,2001:db8::2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
endpoint shop/web node=n1 addrs=10.0.1.5,fd00:1::5 from="Pod shop/web",-,-

inside 10.0.0.0/8,192.0.2.1,fd00::/16
holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/181 from="ExternalIPPool p",-,-
holding 192.0.2.1 node=n1 static=yes from="ExternalIPPool p",-,-
holding fd18:b5::40 node=n1 from="ExternalIPPool p",-,-
snat lost ipv4=none sources=10.0.1.9 from="Egress lost",-,-
snat here ipv4=172.18.181.40 node=n1 sources=10.0.1.5,10.0.2.7 limit=100000000/8000000 from="Egress here",-,-
snat elsewhere ipv4=172.18.181.41 node=n2 sources=10.0.1.6 from="Egress elsewhere",-,-
snat nobody ipv4=172.18.181.42 sources=10.0.1.8 from="Egress nobody",-,-
snat static ipv4=192.0.2.1 node=n1 sources=10.0.1.10 from="Egress static",-,-
snat here ipv6=fd18:b5::40 node=n1 sources=fd00:1::5,fd00:2::7 limit=100000000/8000000 from="Egress here",-,-
`

func TestTunnelIsTheOneThatIsMade(t *testing.T) { require.Equal(t, iproute.Tunnel, nft.Tunnel) }

// worlds calls f with the Pipelines of many nodes.
func worlds(t *testing.T, seeds uint64, f func(r *rand.Rand, why string, program *ir.Program, placed *ir.Pipeline)) {
	for seed := range seeds {
		r := irtest.Rand(seed)
		program := irtest.Program(r, irtest.Shape{Nodes: 3, Endpoints: 12, Groups: 4})
		if seed%2 == 0 {
			irtest.Services(program, r, 4)
		}
		irtest.Egresses(program, r, 6)
		pipeline := flatten.Flatten(program)
		for _, node := range program.Nodes {
			f(r, fmt.Sprintf("seed %d node %s", seed, node.Name), program, flatten.SNATs(flatten.Place(pipeline, node.Name), program))
		}
	}
}

func destinationsOf(p *ir.Program) []netip.Addr {
	out := []netip.Addr{netip.MustParseAddr("203.0.113.99"), netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("198.51.100.200"),
		netip.MustParseAddr("2001:db8:9::1"), netip.MustParseAddr("2001:db8:5::1"), netip.MustParseAddr("172.18.181.3"), netip.MustParseAddr("ff02::1")}
	for _, h := range p.Holdings[:3] {
		out = append(out, h.Addr)
	}
	for _, n := range p.Nodes {
		out = append(out, n.Addrs...)
	}
	for _, e := range p.Endpoints {
		out = append(out, e.Addrs...)
	}
	return out
}

// lowered gives both rulesets of a Pipeline, by whether the node's pods are another dataplane's.
func lowered(t *testing.T, p *ir.Pipeline) map[bool]*nft.Ruleset {
	var report diag.Report
	out := map[bool]*nft.Ruleset{false: nft.Lower(p, &report), true: nft.LowerOwn(p, &report)}
	require.Empty(t, report.Findings())
	return out
}

// TestDepartAgreesWithPipeline compares how packets that begin connections leave, or do not.
func TestDepartAgreesWithPipeline(t *testing.T) {
	seen := map[string]int{}
	worlds(t, 300, func(r *rand.Rand, why string, program *ir.Program, placed *ir.Pipeline) {
		ids, ok := mark.Of(placed)
		require.True(t, ok)
		local := map[netip.Addr]bool{}
		for _, e := range placed.Endpoints {
			for _, a := range e.Addrs {
				local[a] = true
			}
		}
		sources := []netip.Addr{netip.MustParseAddr("203.0.113.9")}
		for _, e := range program.Endpoints {
			sources = append(sources, e.Addrs...)
		}
		dsts := destinationsOf(program)
		for own, rs := range lowered(t, placed) {
			eval := nft.NewEvaluator(rs, nil)
			for _, src := range sources {
				for _, dst := range dsts {
					if ir.FamilyOf(src) != ir.FamilyOf(dst) {
						continue
					}
					d := placed.Depart(src, dst)
					if own && d.Node != placed.Node {
						d = ir.Departure{} // the other dataplane sees to it
					}
					hasAny := slices.ContainsFunc(placed.SNATs, func(s ir.SNAT) bool { return !own || s.Node == placed.Node })
					in := nft.Departing{Src: src, Dst: dst, Mark: r.Uint32(), Connection: r.Uint32N(0x80), From: !own && !local[src] && hasAny, Into: d.Way == ir.Through && d.Node != placed.Node}
					if hasAny {
						in.Mark &^= mark.RouteMask
					}
					got := eval.Depart(in)
					want := departed(placed, ids, in, d)
					if own {
						want.Limit = "" // the other dataplane's
					}
					if want.Dropped {
						got, want = nft.Departed{Dropped: got.Dropped}, nft.Departed{Dropped: true}
					}
					if want != got {
						t.Fatalf("%s %+v %+v: %+v, not %+v\n%s", why, in, d, got, want, nft.Script(nft.Artifact(rs)))
					}
					seen[fmt.Sprint(own, " ", d.Way, " here=", d.Node == placed.Node, " from=", in.From, " dropped=", want.Dropped, " limit=", want.Limit != "")]++
					if d.Way == ir.Through && d.Node != placed.Node {
						in.Into = false
						require.True(t, eval.Depart(in).Dropped, "it never leaves with the pod's own source")
					}
				}
			}
		}
	})
	for _, what := range []string{"false plain here=false from=false dropped=false", "false plain here=false from=true dropped=true",
		"false through here=true from=false dropped=false", "false through here=true from=true dropped=false", "false through here=false from=false dropped=false",
		"false stranded here=false from=false dropped=true", "true plain here=false from=false dropped=false", "true through here=true from=false dropped=false"} {
		require.Greater(t, seen[what+" limit=false"], 1000, "%s\n%v", what, seen)
	}
	require.Greater(t, seen["false through here=true from=true dropped=false limit=true"], 500, "%v", seen)
}

// departed is what a Departure means for a packet that begins a connection.
func departed(p *ir.Pipeline, ids map[netip.Addr]mark.Ids, in nft.Departing, d ir.Departure) nft.Departed {
	out := nft.Departed{Mark: in.Mark, Connection: in.Connection, Src: in.Src}
	if d.Way == ir.Plain {
		out.Dropped = in.From
		return out
	}
	if d.Way == ir.Stranded || in.From && d.Node != p.Node {
		return nft.Departed{Dropped: true}
	}
	id := ids[d.Addr]
	out.Mark |= id.Route
	out.Connection |= id.Connection
	if in.From {
		out.Connection |= mark.Tunnelled
	}
	if d.Node == p.Node {
		out.Src = d.Addr
		for _, s := range p.SNATs {
			if s.Egress == d.Egress && s.Limit.Rate > 0 {
				out.Limit = nft.LimitNameOf(&s)
			}
		}
	}
	return out
}

// TestConnectionsKeepTheirWay: what is no beginning of a connection follows what the connection's mark says.
func TestConnectionsKeepTheirWay(t *testing.T) {
	seen := map[string]int{}
	worlds(t, 200, func(r *rand.Rand, why string, program *ir.Program, placed *ir.Pipeline) {
		ids, _ := mark.Of(placed)
		rs := lowered(t, placed)[false]
		eval := nft.NewEvaluator(rs, nil)
		dst := netip.MustParseAddr("203.0.113.99")
		for i := range placed.SNATs {
			s := &placed.SNATs[i]
			if s.Family != ir.IPv4 || len(s.Sources) == 0 {
				continue
			}
			src := s.Sources[0]
			before := nft.Departing{Src: src, Dst: dst, Mark: 0x400, Connection: 0x3, Confirmed: true}
			require.Equal(t, nft.Departed{Mark: 0x400, Connection: 0x3, Src: src}, eval.Depart(before), "%s: one from before stays", why)
			isLocal := slices.ContainsFunc(placed.Endpoints, func(e *ir.Endpoint) bool { return slices.Contains(e.Addrs, src) })
			unknown := nft.Departing{Src: src, Dst: dst, Unknown: true, From: !isLocal, Into: s.Node != placed.Node}
			require.True(t, eval.Depart(unknown).Dropped, "%s: one of no connection is dropped", why)
			lost := before
			lost.Connection = 0xfffffd03
			require.True(t, eval.Depart(lost).Dropped, "%s: one by an address that is no more is dropped", why)

			reply := nft.Departing{Src: dst, Dst: src, Reply: true, Mark: 0x400, Connection: 0x3}
			require.Equal(t, nft.Departed{Mark: 0x400, Connection: 0x3, Src: dst}, eval.Depart(reply), why)
			reply.Connection |= mark.Tunnelled
			require.Equal(t, nft.Departed{Mark: 0x400 | mark.Replies, Connection: reply.Connection, Src: dst}, eval.Depart(reply), why)

			for j := range placed.SNATs {
				other := &placed.SNATs[j]
				id, known := ids[other.Addr]
				if !known || other.Family != ir.IPv4 {
					continue
				}
				in := before
				in.Connection |= id.Connection
				in.Into = other.Node != placed.Node
				if !in.Into {
					require.True(t, eval.Depart(in).Dropped, "%s: its own source leaves nowhere", why)
					in.As = other.Addr
				}
				got := eval.Depart(in)
				require.False(t, got.Dropped, "%s %+v", why, in)
				require.Equal(t, 0x400|id.Route, got.Mark)
				require.Equal(t, in.Connection, got.Connection)
				seen[fmt.Sprint(in.Into)]++
				in.From = true
				require.Equal(t, in.Into, eval.Depart(in).Dropped)
			}
		}
	})
	require.Greater(t, seen["true"], 200)
	require.Greater(t, seen["false"], 200)
}

// TestNothingLeavesBetweenTwoGenerations: a packet out of the tunnel that begins a connection and is being routed when other rules take the
// place of those that let it through, or only what those leave behind, does not leave with its own source.
func TestNothingLeavesBetweenTwoGenerations(t *testing.T) {
	seen := map[string]int{}
	worlds(t, 200, func(r *rand.Rand, why string, program *ir.Program, placed *ir.Pipeline) {
		other := *program
		other.Egresses, other.Holdings, other.Groups = nil, nil, slices.Clone(program.Groups)
		if r.IntN(3) > 0 {
			irtest.Egresses(&other, r, 6)
		}
		next := flatten.SNATs(flatten.Place(flatten.Flatten(&other), placed.Node), &other)
		before, after := lowered(t, placed)[false], lowered(t, next)[false]
		plan := artifact.Diff(nft.Artifact(before), nft.Artifact(after))
		if nft.Ends(plan) {
			ids, _ := nft.Gone(plan)
			after = nft.LeftBehind(ids, nft.Stays(plan))
		}
		was, is := nft.NewEvaluator(before, nil), nft.NewEvaluator(after, nil)
		for i := range placed.SNATs {
			s := &placed.SNATs[i]
			dst := map[ir.Family]netip.Addr{ir.IPv4: netip.MustParseAddr("203.0.113.99"), ir.IPv6: netip.MustParseAddr("2001:db8:9::1")}[s.Family]
			for _, src := range s.Sources {
				got := was.DepartAcross(is, nft.Departing{Src: src, Dst: dst, From: true})
				if !got.Dropped && got.Mark&mark.RouteMask != 0 { // the network stack drops what has no mark
					require.NotEqual(t, src, got.Src, "%s %+v", why, got)
				}
				seen[fmt.Sprint("dropped=", got.Dropped, " ends=", nft.Ends(plan), " here=", s.Node == placed.Node)]++
			}
		}
	})
	for _, what := range []string{"dropped=true ends=true here=true", "dropped=true ends=false here=true", "dropped=false ends=false here=true"} {
		require.Greater(t, seen[what], 20, "%v", seen)
	}
}

func TestLeaving(t *testing.T) {
	p := parse(t, leaving)
	require.NoError(t, p.Check())
	var report diag.Report
	whole, own := nft.Generate(p, &report), nft.GenerateOwn(p, &report)
	require.Empty(t, report.Findings())
	golden.File(t, "testdata/leaving.nft", nft.Script(whole))
	golden.File(t, "testdata/leaving-own.nft", nft.Script(own))
	require.NoError(t, artifact.Check(whole))
	require.NoError(t, artifact.Check(own))
	if !testing.Short() {
		nftCheck(t, nft.Script(whole), "-c", "-f", "-")
		nftCheck(t, nft.Script(own), "-c", "-f", "-")
	}
}

// fleetLeaving has pods that leave by some addresses, all held by n1, from which they are away.
func fleetLeaving(pods, addresses int) *ir.Pipeline {
	p := nfttest.Fleet(1, 1)
	p.Nodes[0].Name, p.Node = "n1", "n1"
	for i := range addresses {
		p.SNATs = append(p.SNATs, ir.SNAT{Egress: fmt.Sprintf("e%05d", i), Family: ir.IPv4, Node: "n1", Limit: ir.Limit{Rate: 1e8, Burst: 1e6},
			Addr: netip.AddrFrom4([4]byte{172, 20, byte(i >> 8), byte(i)})})
	}
	for i := range pods {
		s := &p.SNATs[i%addresses]
		s.Sources = append(s.Sources, netip.AddrFrom4([4]byte{10, 40, byte(i >> 8), byte(i)}))
	}
	return p
}

// TestPodsThatLeaveAreElements: a pod more is an element, and one of its limit; chains are as many as addresses.
func TestPodsThatLeaveAreElements(t *testing.T) {
	one, all := nft.CostOf(lower(t, fleetLeaving(1, 1))), nft.CostOf(lower(t, fleetLeaving(10_000, 1)))
	require.Equal(t, one.Rules, all.Rules)
	require.Equal(t, one.Chains, all.Chains)
	require.Equal(t, one.Elements+2*9_999, all.Elements)
	small, large := nft.Artifact(lower(t, fleetLeaving(1000, 5))), nft.Artifact(lower(t, fleetLeaving(1001, 5)))
	require.Equal(t, artifact.Summary{ObjectsModified: 2, ItemsAdded: 2}, artifact.Diff(small, large).Summary())
}

// TestHolderMoves: where an address is held elsewhere now, what leads from pods to it stays.
func TestHolderMoves(t *testing.T) {
	p := fleetLeaving(1000, 5)
	q := fleetLeaving(1000, 5)
	q.SNATs[2].Node = "n2"
	plan := artifact.Diff(nft.Artifact(lower(t, p)), nft.Artifact(lower(t, q)))
	for _, c := range plan.Changes {
		require.NotEqual(t, "map leave4", c.Key)
	}
	require.LessOrEqual(t, plan.Summary().ItemsDeleted, 200+6, plan.Text())
}

func TestTooManyExits(t *testing.T) {
	p := fleetLeaving(600, 512)
	p.SNATs[0].Node = ""
	var report diag.Report
	nft.Generate(p, &report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, diag.TooManyExits, report.Findings()[0].Code)
}

// TestGeneratorFollowsLeaving: generated again after edits of Egresses and of Services, now these and now those, it is what it would be
// generated anew.
func TestGeneratorFollowsLeaving(t *testing.T) {
	for seed := range uint64(60) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		nfttest.Services(r, p, 10, nfttest.Families{ir.IPv4, ir.IPv6})
		nfttest.Leaving(r, p)
		whole, own := nft.DefaultOptions().Generator(), nft.DefaultOptions().OwnGenerator()
		for step := range 12 {
			why := fmt.Sprintf("seed %d step %d", seed, step)
			requireSameGenerated(t, p, whole, nft.Generate, why)
			requireSameGenerated(t, p, own, nft.GenerateOwn, why)
			if r.IntN(2) == 0 {
				p = nfttest.EditLeaving(r, p)
			} else {
				p = edited(r, p)
			}
		}
	}
}
