package ir_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

const entered = `program
node n1 addrs=192.0.2.1 from="Node n1",-,-
node n2 addrs=192.0.2.2 from="Node n2",-,-
endpoint shop/a node=n1 addrs=10.0.1.1 from="Pod shop/a",-,-
endpoint service:shop/web addrs=none nodeports=tcp/30080 from="Service shop/web",-,-
group blocks blocks=198.51.100.0/24
group pods members=shop/a
group web members=service:shop/web

policy ClusterNetworkPolicy ports admin rank=250/1/interleave subjects=web from="ClusterNetworkPolicy ports",-,-
  ingress allow peers=blocks ports=any from="ClusterNetworkPolicy ports",spec.ingress[0],-
  ingress drop peers=any ports=any from="ClusterNetworkPolicy ports",spec.ingress[1],-

policy ClusterNetworkPolicy shop admin rank=250/2/interleave subjects=pods from="ClusterNetworkPolicy shop",-,-
  ingress drop peers=any ports=tcp/81 from="ClusterNetworkPolicy shop",spec.ingress[0],-
`

// spec: 3.2 8.12
func TestNodePortsAreJudgedWhereTheyAreDialled(t *testing.T) {
	p, err := ir.ParseProgram(entered)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	require.Equal(t, entered, p.String())
	for _, c := range []struct {
		src, dialled string
		port         uint16
		established  bool
		want         string
	}{
		{"198.51.100.7", "192.0.2.1:30080", 80, false, "allow allow allow"},
		{"198.51.100.7", "192.0.2.1:30080", 81, false, "allow allow drop"},
		{"203.0.113.7", "192.0.2.1:30080", 80, false, "allow drop"},
		{"203.0.113.7", "192.0.2.2:30080", 80, false, "allow drop"},
		{"203.0.113.7", "192.0.2.1:30080", 80, true, "allow allow"},
		{"203.0.113.7", "192.0.2.1:30081", 80, false, "allow allow"},
		{"203.0.113.7", "192.0.2.9:30080", 80, false, "allow allow"},
		{"203.0.113.7", "", 80, false, "allow allow"},
		{"192.0.2.1", "192.0.2.1:30080", 80, false, "allow allow"},
		{"192.0.2.2", "192.0.2.1:30080", 80, false, "allow drop"},
	} {
		pkt := ir.Packet{Src: addr(c.src), Dst: addr("10.0.1.1"), Proto: ir.ProtoTCP, SrcPort: 50000, DstPort: c.port, Established: c.established}
		if c.dialled != "" {
			pkt.Dialled = netip.MustParseAddrPort(c.dialled)
		}
		got := ""
		for i, d := range p.Eval(pkt).Decisions {
			if i > 0 {
				got += " "
			}
			got += d.Action.String()
		}
		require.Equal(t, c.want, got, "%+v", c)
	}
}
