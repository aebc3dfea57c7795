package openflow_test

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
	"github.com/headgate-net/headgate/targets/mark"
	"github.com/headgate-net/headgate/targets/openflow"
)

// egresses is a node that holds one of four addresses, for its own pod and another node's.
const egresses = `pipeline node=n1
node n1 addrs=192.168.7.1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.168.7.2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
endpoint a/lost node=n1 addrs=10.0.1.6 from="Pod a/lost",-,-
endpoint a/own node=n1 addrs=10.0.1.5,fd00:1::5 from="Pod a/own",-,-
endpoint a/plain node=n1 addrs=10.0.1.7 from="Pod a/plain",-,-
inside 10.0.1.0-10.0.2.255,172.18.181.40/32,192.168.7.0/24,198.51.100.0/25,fd00::/8
holding 172.18.181.40 node=n1 subnet=172.18.181.1/24/181 from="ExternalIPPool vlan",-,-
snat here ipv4=172.18.181.40 node=n1 sources=10.0.1.5,10.0.2.9 limit=500000/200000 from="Egress here",-,-
snat nobody ipv4=172.18.181.41 sources=10.0.1.6 from="Egress nobody",-,-
snat there ipv6=fd18:b5::40 node=n2 sources=fd00:1::5 from="Egress there",-,-
`

// leaving reads the pipeline above, or one like it.
func leaving(t *testing.T, text string) *ir.Pipeline {
	t.Helper()
	p, err := ir.ParsePipeline(text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

func TestEgresses(t *testing.T) {
	p := leaving(t, egresses)
	report := &diag.Report{}
	lowered := openflow.Lower(p, report)
	require.Empty(t, report.Findings())
	require.NoError(t, openflow.Check(lowered))
	require.NoError(t, artifact.Check(openflow.Pack(lowered)))
	golden.File(t, "testdata/egress.flows", lowered.Text())
	bound, held := openflow.SomeBinding(p).Bind(lowered.Flows)
	require.Empty(t, held)
	for i := range bound {
		again, err := openflow.Parse(bound[i].String())
		require.NoError(t, err)
		require.Equal(t, bound[i].String(), again.String())
	}
}

// departures is a bridge that is asked how packets leave.
type departures struct {
	*testing.T
	p       *ir.Pipeline
	binding openflow.Binding
	model   *openflow.Model
	byID    map[uint32]netip.Addr
}

func departuresOf(t *testing.T, p *ir.Pipeline, lowered *openflow.Pipeline) *departures {
	binding := openflow.SomeBinding(p)
	d := &departures{t, p, binding, openflow.NewModel(p, lowered, binding), map[uint32]netip.Addr{}}
	ids, ok := mark.Of(p)
	require.True(t, ok)
	for a, id := range ids {
		d.byID[id.Connection] = a
	}
	return d
}

// way is where a packet goes: "drop", "gateway", or the node that it goes to through the tunnel.
func (d *departures) way(r openflow.Result) string {
	switch {
	case r.Port == 0:
		return "drop"
	case r.Port == d.binding.Ports[openflow.GatewayRef]:
		return "gateway"
	case r.Port == d.binding.Ports[openflow.TunnelRef]:
		for _, n := range d.p.Nodes {
			if slices.Contains(n.Addrs, r.Tunnel) {
				return n.Name
			}
		}
	}
	return "pod"
}

// through is the way of what leaves by a departure.
func (d *departures) through(want ir.Departure) string {
	switch {
	case want.Way == ir.Stranded:
		return "drop"
	case want.Way == ir.Plain, want.Node == d.p.Node:
		return "gateway"
	}
	return want.Node
}

// TestDeparturesAgreeWithPipeline: on random clusters, where new connections of a node's pods go that leave it otherwise than to pods and
// nodes, and by which address; and what comes through the tunnel to leave here.
func TestDeparturesAgreeWithPipeline(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(150) {
		r := irtest.Rand(seed)
		prog := irtest.Program(r, irtest.Small())
		prog.Policies = nil // they judge before
		irtest.Egresses(prog, r, 4)
		for _, placed := range placed(prog) {
			p := flatten.SNATs(placed, prog)
			report := &diag.Report{}
			lowered := openflow.Lower(p, report)
			require.Empty(t, report.Findings())
			require.NoError(t, openflow.Check(lowered))
			d := departuresOf(t, p, lowered)
			for range 150 {
				src, dst, ok := d.pair(r, prog)
				if ok {
					d.compare(seed, src, dst, seen)
				}
			}
		}
	}
	t.Log(seen)
	for _, kind := range []string{"plain", "through here", "through there", "stranded", "arrives", "arrives in vain", "follows", "stays", "unknown"} {
		require.Greater(t, seen[kind], 50, kind)
	}
}

// pair draws the addresses of a packet from a pod that leaves its node: no bridge asks Egresses about what goes to pods and nodes.
func (d *departures) pair(r *rand.Rand, prog *ir.Program) (src, dst netip.Addr, ok bool) {
	var pods []netip.Addr
	for _, e := range prog.Endpoints {
		if e.Kind == ir.PodEndpoint {
			pods = append(pods, e.Addrs...)
		}
	}
	to := []netip.Addr{netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("198.51.100.5"), netip.MustParseAddr("198.51.100.200"),
		netip.MustParseAddr("2001:db8:9::1"), netip.MustParseAddr("2001:db8:5::1"), netip.MustParseAddr("224.0.0.9"), netip.MustParseAddr("ff0e::7")}
	for _, h := range prog.Holdings {
		to = append(to, h.Addr)
	}
	if len(pods) == 0 {
		return src, dst, false
	}
	src, dst = pods[r.IntN(len(pods))], to[r.IntN(len(to))]
	return src, dst, ir.FamilyOf(src) == ir.FamilyOf(dst) && d.model.Source(dst) == openflow.GatewayRef && d.model.Source(src) != openflow.GatewayRef
}

func (d *departures) compare(seed uint64, src, dst netip.Addr, seen map[string]int) {
	d.Helper()
	pkt := ir.Packet{Src: src, Dst: dst, Proto: ir.ProtoTCP, SrcPort: 40000, DstPort: 443}
	what := fmt.Sprintf("seed %d node %s %s -> %s", seed, d.p.Node, src, dst)
	want, got := d.p.Depart(src, dst), d.model.Eval(pkt)
	if d.model.Source(src) == openflow.TunnelRef {
		if want.Way == ir.Through && want.Node == d.p.Node {
			require.Equal(d, "gateway", d.way(got), "%s %v", what, path(got))
			require.Equal(d, want.Addr, d.byID[got.Departs], what)
			seen["arrives"]++
		} else {
			require.Equal(d, "drop", d.way(got), "%s %v", what, path(got))
			seen["arrives in vain"]++
		}
		return
	}
	require.Equal(d, d.through(want), d.way(got), "%s %v", what, path(got))
	require.Equal(d, want.Addr, d.byID[got.Departs], "%s %v", what, path(got))
	kind := want.Way.String()
	if want.Way == ir.Through {
		kind += map[bool]string{true: " here", false: " there"}[want.Node == d.p.Node]
	}
	seen[kind]++
	d.established(pkt, want, what, seen)
}

// established: connections go where their marks say, and those without one to the gateway; marks that nobody knows are none.
func (d *departures) established(pkt ir.Packet, want ir.Departure, what string, seen map[string]int) {
	pkt.Established = true
	frame := d.model.Frame(pkt)
	stays := d.model.Run(frame)
	require.Equal(d, "gateway", d.way(stays), what)
	require.Zero(d, stays.Departs, what)
	seen["stays"]++
	for id, a := range d.byID {
		if ir.FamilyOf(a) != ir.FamilyOf(pkt.Dst) {
			continue
		}
		holder := slices.IndexFunc(d.p.SNATs, func(s ir.SNAT) bool { return s.Addr == a })
		frame[openflow.CTMark] = openflow.Uint(uint64(id))
		follows := d.model.Run(frame)
		require.Equal(d, d.through(ir.Departure{Way: ir.Through, Node: d.p.SNATs[holder].Node}), d.way(follows), "%s %v", what, path(follows))
		require.Zero(d, follows.Departs, what)
		seen["follows"]++
	}
	if len(d.p.SNATs) == 0 || !d.p.Inside.Contains(pkt.Dst) {
		d.lost(frame, want, what)
		seen["unknown"]++
	}
}

// lost: of a connection by an address that nobody holds, nothing leaves that others could not take for a beginning; all else begins anew,
// and is marked so that it stays.
func (d *departures) lost(frame openflow.Frame, want ir.Departure, what string) {
	frame[openflow.CTMark] = openflow.Uint(0x12345600 | openflow.FromGateway)
	const tracked, related, established, fresh = 1 << 5, 1 << 2, 1 << 1, 1 << 0
	for _, state := range []uint64{fresh, established, related, related | established} {
		for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
			frame[openflow.CTState], frame[openflow.IPProto] = openflow.Uint(tracked|state), openflow.Uint(uint64(proto))
			got := d.model.Run(frame)
			what := fmt.Sprintf("%s state %#x %s %v", what, state, proto, path(got))
			if state&related != 0 || state == established && proto == ir.ProtoTCP {
				require.Equal(d, "drop", d.way(got), what)
				require.Equal(d, len(d.p.SNATs) == 0 && proto == ir.ProtoTCP && state&established != 0, got.Rejected, what)
				continue
			}
			require.Equal(d, d.through(want), d.way(got), what)
			require.Equal(d, want.Addr, d.byID[got.Departs], what)
			require.True(d, slices.ContainsFunc(got.Path, func(f *openflow.Flow) bool {
				return slices.ContainsFunc(f.Actions, func(a openflow.Action) bool { return a.Op == openflow.Depart })
			}), what)
		}
	}
}

// TestFlowsForEgresses: one for a source, a few for an address, one more for a source that is limited here; and none for Services, unless
// others serve them.
func TestFlowsForEgresses(t *testing.T) {
	p := leaving(t, egresses)
	before := openflow.CostOf(openflow.Lower(p, &diag.Report{}))
	p.SNATs[0].Sources = append(p.SNATs[0].Sources, netip.MustParseAddr("10.0.2.10"))
	after := openflow.CostOf(openflow.Lower(p, &diag.Report{}))
	require.Equal(t, before.Flows+2, after.Flows)
	require.Equal(t, 3, after.Tables[openflow.Bandwidth]-1)
	p.SNATs[0].Limit = ir.Limit{}
	require.Equal(t, after.Flows-3, openflow.CostOf(openflow.Lower(p, &diag.Report{})).Flows)
	p.SNATs = nil
	without := openflow.CostOf(openflow.Lower(p, &diag.Report{}))
	require.Zero(t, without.Tables[openflow.Departure])

	p = leaving(t, egresses)
	base := openflow.CostOf(openflow.Lower(p, &diag.Report{})).Tables[openflow.Departure]
	for i := range 1000 { // no two of which are one prefix
		a := netip.AddrFrom4([4]byte{10, 96, byte(i >> 7), byte(i << 1)})
		p.Inside = p.Inside.Union(ir.AddrSetOf(a))
		p.Frontends = append(p.Frontends, &ir.Frontend{Entry: ir.Entry{Addr: a, Family: ir.IPv4, Proto: ir.ProtoAny},
			Routes: [4]ir.Route{{Outcome: ir.Refuse}, {Outcome: ir.Refuse}, {Outcome: ir.Refuse}, {Outcome: ir.Refuse}}})
	}
	require.Equal(t, base, openflow.CostOf(openflow.Lower(p, &diag.Report{})).Tables[openflow.Departure])
	require.Equal(t, base+1000, openflow.CostOf(openflow.Lower(p.WithoutServices(), &diag.Report{})).Tables[openflow.Departure])
}

// TestLimits: both families of an Egress share one meter, which is another one as soon as it limits otherwise; where its address is held
// elsewhere there is none.
func TestLimits(t *testing.T) {
	p := leaving(t, egresses)
	lowered := openflow.Lower(p, &diag.Report{})
	require.Len(t, lowered.Meters, 1)
	m := lowered.Meters[0]
	require.True(t, m.IsOurs())
	require.Equal(t, []uint32{500, 200}, []uint32{m.Rate, m.Burst})
	model := openflow.NewModel(p, lowered, openflow.SomeBinding(p))
	out := ir.Packet{Src: netip.MustParseAddr("10.0.2.9"), Dst: netip.MustParseAddr("203.0.113.1"), Proto: ir.ProtoTCP, DstPort: 80}
	require.Equal(t, m.ID, model.Eval(out).Meter)
	out.Src = netip.MustParseAddr("10.0.1.7")
	require.Zero(t, model.Eval(out).Meter)

	six := p.SNATs[0]
	six.Family, six.Addr, six.Sources = ir.IPv6, netip.MustParseAddr("fd18:b5::41"), []netip.Addr{netip.MustParseAddr("fd00:2::9")}
	p.SNATs = append(p.SNATs, six)
	both := openflow.Lower(p, &diag.Report{})
	require.Len(t, both.Meters, 1)
	require.Equal(t, m.ID, both.Meters[0].ID)
	p.SNATs[0].Limit.Rate, p.SNATs[len(p.SNATs)-1].Limit.Rate = 600000, 600000
	require.NotEqual(t, m.ID, openflow.Lower(p, &diag.Report{}).Meters[0].ID)
	for i := range p.SNATs {
		p.SNATs[i].Node = "n2"
	}
	require.Empty(t, openflow.Lower(p, &diag.Report{}).Meters)
}

// TestHolderWithoutAddress: nobody can send it anything, so nothing leaves.
func TestHolderWithoutAddress(t *testing.T) {
	p := leaving(t, egresses)
	p.Nodes[1].Addrs = nil
	report := &diag.Report{}
	lowered := openflow.Lower(p, report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, diag.CannotExpress, report.Findings()[0].Code)
	d := departuresOf(t, p, lowered)
	r := d.model.Eval(ir.Packet{Src: netip.MustParseAddr("fd00:1::5"), Dst: netip.MustParseAddr("2001:db8::1"), Proto: ir.ProtoTCP, DstPort: 80})
	require.Equal(t, "drop", d.way(r))
}
