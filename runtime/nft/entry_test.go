package nft_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
)

// TestNodePortsObey has something else translate node ports, as kube-proxy would, and demands that policies for these are judged
// after that, by what was dialled, and beside the policies of the pods.
//
// spec: 8.12
func TestNodePortsObey(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 80, 81)
	n.node.serve("node", 80)
	n.node.nft(`
table inet proxy {
		chain in { type nat hook prerouting priority dstnat;
			ip daddr 192.168.7.1 meta l4proto { tcp, udp } th dport 30080 dnat to 10.0.0.2:80
			ip6 daddr fd00:7::1 meta l4proto { tcp, udp } th dport 30080 dnat to [fd00::2]:80
			ip daddr 192.168.7.1 meta l4proto { tcp, udp } th dport 30081 dnat to 10.0.0.2:81
			ip daddr 192.168.7.1 meta l4proto { tcp, udp } th dport 30082 dnat to 192.168.7.1:80
		}
	}
`, "-f", "-")
	p, err := ir.ParsePipeline(`pipeline node=n1
node n1 addrs=192.168.7.1,fd00:7::1 from="Node n1",-,-
endpoint ns/a node=n1 addrs=10.0.0.1,fd00::1 from="Pod ns/a",-,-
endpoint ns/b node=n1 addrs=10.0.0.2,fd00::2 from="Pod ns/b",-,-
endpoint service:ns/s addrs=none nodeports=tcp/30080,tcp/30081,tcp/30082,udp/30080,udp/30081,udp/30082 from="Service ns/s",-,-
set host blocks=10.9.0.0/24,fd09::/16 name=00000000aaaa
list ingress admin b name=00000000bbbb endpoints=ns/b
  drop id=000000001001 peers=any l4=tcp/81,udp/81 from="C b",spec.ingress[0],-
list ingress admin s name=00000000cccc endpoints=service:ns/s
  allow id=000000001002 peers=host l4=any from="C s",spec.ingress[0],-
  reject id=000000001003 peers=any l4=any from="C s",spec.ingress[1],-
`)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	var report diag.Report
	for _, a := range []artifact.Artifact{generate(t, p), target.GenerateOwn(p, &report)} {
		n.node.reconcile(a)
		ownOnly := !slices.ContainsFunc(a.Objects, func(o artifact.Object) bool { return o.Key == "chain ingress_forward" })
		seen := map[string]int{}
		for _, pkt := range entryPackets() {
			want := p.Evaluator().Eval(pkt)
			if len(want.Decisions) == 3 && ownOnly {
				want.Action = want.Decisions[1].Action // what pods do is another dataplane's
			}
			timeout := patience
			if want.Action == ir.Drop {
				timeout = silence
			}
			place := n.host
			if pkt.Src.String() == addrs["a"][0] || pkt.Src.String() == addrs["a"][1] {
				place = n.a
			}
			got := place.probe(pkt.Proto.String(), "", pkt.Dialled.Addr().String(), int(pkt.Dialled.Port()), timeout)
			require.Equal(t, want.Action.String(), got, "%+v", pkt)
			seen[got]++
		}
		require.Greater(t, seen["allow"], 3)
		require.Greater(t, seen["reject"], 3)
	}
	require.Empty(t, report.Findings())
	require.Equal(t, "allow", n.host.probe("tcp", "", addrs["node"][0], 80, patience), "not dialled by a node port")
}

// entryPackets are those of TestNodePortsObey after translation.
func entryPackets() []ir.Packet {
	var out []ir.Packet
	for dialled, target := range map[string]string{"192.168.7.1:30080": "10.0.0.2:80", "[fd00:7::1]:30080": "[fd00::2]:80",
		"192.168.7.1:30081": "10.0.0.2:81", "192.168.7.1:30082": "192.168.7.1:80"} {
		to, at := netip.MustParseAddrPort(target), netip.MustParseAddrPort(dialled)
		for _, from := range []string{"a", "host"} {
			src := netip.MustParseAddr(addrs[from][0])
			if to.Addr().Is6() {
				src = netip.MustParseAddr(addrs[from][1])
			}
			for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
				out = append(out, ir.Packet{Src: src, Dst: to.Addr(), SrcPort: 50000, DstPort: to.Port(), Proto: proto, Dialled: at})
			}
		}
	}
	return out
}
