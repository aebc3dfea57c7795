package nft_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// entries is a node with policies for the node ports of two Services, one of which has them in two phases.
const entries = `pipeline node=n1
node n1 addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
node n2 addrs=192.0.2.2 from="Node n2",-,-
endpoint service:shop/api addrs=none nodeports=tcp/30081,udp/30081 from="Service shop/api",-,-
endpoint shop/web node=n1 addrs=10.0.0.5,fd00::5 from="Pod shop/web",-,-
endpoint service:shop/web addrs=none nodeports=tcp/30080 from="Service shop/web",-,-
set clients blocks=198.51.100.0/24,2001:db8:1::/64 name=00000000aaaa

list ingress admin pods name=00000000bbbb endpoints=shop/web
  drop id=000000000001 peers=any l4=tcp/81 from="C pods",spec.ingress[0],-
list ingress admin ports name=00000000cccc endpoints=service:shop/api,service:shop/web
  allow id=000000000002 peers=clients l4=any from="C ports",spec.ingress[0],-
  reject id=000000000003 peers=any l4=udp from="C ports",spec.ingress[1],-
  pass id=000000000004 peers=any l4=tcp/82 from="C ports",spec.ingress[2],-
list ingress baseline last name=00000000dddd endpoints=service:shop/web
  drop id=000000000005 peers=any l4=any from="C last",spec.ingress[0],-
`

// spec: 8.12
func TestNodePorts(t *testing.T) {
	var report diag.Report
	p := parse(t, entries)
	whole, own := nft.Generate(p, &report), nft.GenerateOwn(p, &report)
	require.Empty(t, report.Findings())
	golden.File(t, "testdata/entries.nft", nft.Script(whole))
	golden.File(t, "testdata/entries-own.nft", nft.Script(own))
	require.NoError(t, artifact.Check(own))
	require.Empty(t, nft.GenerateOwn(p.Restrict([]int{1}), &report).Objects)

	want, node := p.Evaluator(), []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	got, ownOnly := nft.NewEvaluator(nft.Lower(p, &report), node), nft.NewEvaluator(nft.LowerOwn(p, &report), node)
	three := map[string]int{}
	for _, pkt := range entryPackets() {
		w, g, o := want.Eval(pkt), got.Eval(pkt), ownOnly.Eval(pkt)
		require.NoError(t, w.Agree(g), "%+v", pkt)
		require.True(t, g.Explains(w), "%+v: %s, %s", pkt, w, g)
		if len(w.Decisions) == 3 || len(w.Decisions) == 2 && w.Action != ir.Allow && w.Deciding().Endpoint.Kind == ir.ServiceEndpoint {
			require.Equal(t, w.Decisions[1].Action, o.Decisions[1].Action)
			three[w.Decisions[1].Action.String()]++
		}
	}
	for _, action := range []string{"allow", "drop", "reject"} {
		require.Greater(t, three[action], 3, "%v", three)
	}
}

// entryPackets come from clients that may and may not, to pods of this node, of another one, and to the node itself, by what was
// dialled on the way.
func entryPackets() []ir.Packet {
	var out []ir.Packet
	for _, src := range []string{"198.51.100.7", "203.0.113.7", "2001:db8:1::7", "2001:db8:2::7", "192.0.2.1", "192.0.2.2"} {
		for _, dst := range []string{"10.0.0.5", "10.0.9.9", "192.0.2.1", "fd00::5"} {
			for _, dialled := range []string{"", "192.0.2.1:30080", "192.0.2.1:30081", "192.0.2.2:30080", "192.0.2.1:30082", "[2001:db8::1]:30080"} {
				for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
					for _, port := range []uint16{80, 81, 82} {
						p := ir.Packet{Src: netip.MustParseAddr(src), Dst: netip.MustParseAddr(dst), Proto: proto, SrcPort: 50000, DstPort: port}
						if dialled != "" {
							p.Dialled = netip.MustParseAddrPort(dialled)
						}
						if p.Src.Is4() == p.Dst.Is4() && (dialled == "" || p.Dialled.Addr().Is4() == p.Src.Is4()) {
							out = append(out, p)
							p.Established = true
							out = append(out, p)
						}
					}
				}
			}
		}
	}
	return out
}
