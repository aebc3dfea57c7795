package openflow_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// services is a node with every kind of frontend.
const services = `pipeline node=n1
node n1 addrs=192.0.2.1,2001:db8::1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
endpoint shop/web node=n1 addrs=10.0.1.5,fd00:1::5 from="Pod shop/web",-,-
pool one targets=10.0.1.5:8080
pool six targets=[fd00:1::5]:8080,[fd00:2::6]:8080
pool two targets=10.0.1.5:8080,10.0.2.6:8080
frontend node4/tcp/30080 shop/web pod=two node=two inside=two/masquerade outside=one from="Service shop/web",-,-
frontend node6/tcp/30080 shop/web pod=six node=six inside=six/masquerade outside=six/masquerade from="Service shop/web",-,-
frontend 10.96.0.1/tcp/80 shop/web pod=two node=two inside=two/masquerade outside=two/masquerade from="Service shop/web",-,-
frontend 10.96.0.1/udp/53 shop/web pod=two node=two inside=two/masquerade outside=two/masquerade affinity=3h0m0s from="Service shop/web",-,-
frontend 10.96.0.1/sctp/80 shop/web pod=one node=one inside=one outside=one from="Service shop/web",-,-
frontend 10.96.0.1/any/0 shop/web pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/web",-,-
frontend 10.96.0.2/tcp/80 shop/none pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/none",-,-
frontend 10.96.0.3/tcp/80 shop/local pod=discard node=discard inside=discard outside=discard from="Service shop/local",-,-
frontend 198.51.100.7/tcp/80 shop/web pod=one node=one inside=two/masquerade outside=discard sources=10.0.1.0/25 from="Service shop/web",-,-
frontend fd96::1/tcp/80 shop/web pod=six node=six inside=six/masquerade outside=six/masquerade affinity=10s from="Service shop/web",-,-
frontend fd96::1/any/0 shop/web pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/web",-,-
`

func TestServices(t *testing.T) {
	p, err := ir.ParsePipeline(services)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	report := &diag.Report{}
	lowered := openflow.Lower(p, report)
	require.Len(t, report.Findings(), 1)
	require.Equal(t, diag.NotServedHere, report.Findings()[0].Code)
	require.Contains(t, report.Findings()[0].Message, "port 80 of protocol SCTP")
	require.NoError(t, openflow.Check(lowered))
	golden.File(t, "testdata/services.flows", lowered.Text())
	for i := range lowered.Groups {
		again, err := openflow.ParseGroup(lowered.Groups[i].String())
		require.NoError(t, err)
		again.Origins = lowered.Groups[i].Origins
		require.Equal(t, lowered.Groups[i], again)
	}
	bound, held := openflow.SomeBinding(p).Bind(lowered.Flows)
	require.Empty(t, held)
	for i := range bound {
		again, err := openflow.Parse(bound[i].String())
		require.NoError(t, err)
		require.Equal(t, bound[i].String(), again.String())
	}
}

// TestWithoutServicesNothingIsThere: the flows of a pipeline without frontends have none of all this.
func TestWithoutServicesNothingIsThere(t *testing.T) {
	p, err := ir.ParsePipeline(services)
	require.NoError(t, err)
	with := openflow.Lower(p, &diag.Report{})
	p.Frontends = nil
	without := openflow.Lower(p, &diag.Report{})
	require.Empty(t, without.Groups)
	require.NotContains(t, without.Text(), "nat")
	departures := strings.NewReplacer("ct_mark=0x0/0xffffff00", "", "set_field:0/0xffffff00->ct_mark", "") // DepartureMask
	require.NotContains(t, departures.Replace(without.Text()), "ct_mark")
	require.Less(t, len(without.Flows), len(with.Flows)-20)
}

// TestDialAgreesWithPipeline: what the node's own pods dial, but for SCTP, which is refused.
func TestDialAgreesWithPipeline(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(1500) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		nfttest.Services(r, p, 14, nfttest.Families{ir.IPv4, ir.IPv6})
		lowered := openflow.Lower(p, &diag.Report{})
		require.NoError(t, openflow.Check(lowered))
		want, got := p.Evaluator(), openflow.NewModel(p, lowered, openflow.SomeBinding(p))
		for range 60 {
			pkt := nfttest.Dialling(r)
			if want.SideOf(pkt.Src) != ir.OwnPod {
				continue
			}
			w, g := want.Dial(ir.OwnPod, pkt), got.Dial(pkt)
			w.Masked = nil
			w.Affinity = (w.Affinity + time.Second - 1).Truncate(time.Second)
			if pkt.Proto == ir.ProtoSCTP && w.Outcome == ir.Balance {
				w = ir.Balanced{Outcome: ir.Refuse}
			}
			if !assert.ObjectsAreEqual(w, g) {
				require.Equal(t, w, g, "seed %d %+v\n%s", seed, pkt, lowered.Text())
			}
			seen[fmt.Sprint(w.Outcome, w.Affinity > 0)]++
		}
	}
	for _, kind := range []string{"none false", "balance false", "balance true", "refuse false", "discard false"} {
		require.Greater(t, seen[kind], 50, "%v", seen)
	}
}

// TestPoliciesSeeBackends: a pod whose rules let it reach one backend only reaches a Service no further, and a pod reaches itself
// whatever its rules say.
func TestPoliciesSeeBackends(t *testing.T) {
	p, err := ir.ParsePipeline(services)
	require.NoError(t, err)
	addrs := func(text string) ir.AddrSet { return ir.AddrSetOf(netip.MustParseAddr(text)) }
	p.Sets = []ir.Set{{Key: "backend", Name: "aaaaaaaaaaaa", Kind: ir.Members, Addrs: addrs("10.0.2.6")}}
	list := ir.List{Key: "list", Name: "111111111111", Rules: []ir.Rule{
		{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 1 << 20, Origins: []*source.Origin{{Object: "ACNP drop"}}}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	stage := p.Classifier(ir.Egress, ir.Admin)
	stage.Assign[0] = 0
	for _, row := range []struct {
		rules []ir.Rule
		to    map[string]ir.Action
	}{
		{nil, map[string]ir.Action{"10.0.2.6": ir.Drop, "10.0.1.5": ir.Allow}},
		{[]ir.Rule{{Peers: []ir.SetID{0}, L4: ir.AnyL4Set(), Action: ir.Allow, ID: 1 << 12, Origins: []*source.Origin{{Object: "ACNP allow"}}}},
			map[string]ir.Action{"10.0.2.6": ir.Allow, "10.0.1.5": ir.Allow}},
	} {
		stage.Lists = []ir.List{list}
		stage.Lists[0].Rules = slices.Concat(row.rules, list.Rules)
		lowered := openflow.Lower(p, &diag.Report{})
		require.NoError(t, openflow.Check(lowered))
		model := openflow.NewModel(p, lowered, openflow.SomeBinding(p))
		met := map[string]ir.Action{}
		for port := range uint16(6) {
			r := model.Eval(ir.Packet{Src: netip.MustParseAddr("10.0.1.5"), Dst: netip.MustParseAddr("10.96.0.1"), Proto: ir.ProtoTCP, SrcPort: 40000 + port, DstPort: 80})
			met[r.Balanced.Addr().String()] = r.Action()
		}
		require.Equal(t, row.to, met)
	}
}

// TestPendingIsJudgedAgain: what connection tracking calls established passes only if policy has allowed its connection.
func TestPendingIsJudgedAgain(t *testing.T) {
	p, err := ir.ParsePipeline(services)
	require.NoError(t, err)
	list := ir.List{Key: "list", Name: "111111111111", Rules: []ir.Rule{
		{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 1 << 20, Origins: []*source.Origin{{Object: "ACNP drop"}}}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	p.Classifier(ir.Egress, ir.Admin).Lists, p.Classifier(ir.Egress, ir.Admin).Assign[0] = []ir.List{list}, 0
	model := openflow.NewModel(p, openflow.Lower(p, &diag.Report{}), openflow.SomeBinding(p))
	frame := model.Frame(ir.Packet{Src: netip.MustParseAddr("10.0.1.5"), Dst: netip.MustParseAddr("10.0.2.6"), Proto: ir.ProtoTCP, SrcPort: 40000, DstPort: 8080, Established: true})
	require.Equal(t, ir.Allow, model.Run(frame).Action())
	frame[openflow.CTMark] = openflow.Uint(openflow.Pending)
	require.Equal(t, ir.Drop, model.Run(frame).Action())
}

// fleet is a node with one pod and many Services.
func fleet(services, backends int) *ir.Pipeline {
	p := nfttest.Fleet(services, backends)
	p.Endpoints = []*ir.Endpoint{{Namespace: "ns", Name: "client", Node: p.Node, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.5")}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			p.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	return p
}

// TestOneServiceMoreIsASmallPlan, whatever else there is.
func TestOneServiceMoreIsASmallPlan(t *testing.T) {
	p, q := fleet(200, 3), fleet(201, 3)
	before, after := openflow.Generate(p, &diag.Report{}), openflow.Generate(q, &diag.Report{})
	require.LessOrEqual(t, len(artifact.Diff(before, after).Changes), 4)
}
