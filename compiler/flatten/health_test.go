package flatten_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/ir"
)

// spec: 10.4
// A node has the health checks of all Services, by port, also where what came before was made by the same Balancer.
func TestHealthChecksOfANode(t *testing.T) {
	program, err := ir.ParseProgram(`program
node n1 addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
service shop/a cluster=10.96.0.5,fd00::5 outside=local health=32001 from="Service shop/a",-,-
  port tcp/80 backends=10.0.1.1:80@n1
service shop/b cluster=10.96.0.1 outside=local health=32000 from="Service shop/b",-,-
  port tcp/80 backends=10.0.1.1:80@n1!
service shop/c cluster=10.96.0.6 from="Service shop/c",-,-
  port tcp/80 backends=10.0.1.1:80@n1
`)
	require.NoError(t, err)
	balancer := flatten.NewBalancer()
	tell := func() (out []string) {
		p := balancer.Frontends(flatten.Place(flatten.Flatten(program), "n1"), program.Services)
		require.NoError(t, p.Check())
		for _, h := range p.Health {
			require.Equal(t, h.Service == "shop/a" && h.Family == ir.IPv4, h.Local == 1)
			out = append(out, h.String()+" "+h.Service)
		}
		return out
	}
	require.Equal(t, []string{"ipv4/32000 shop/b", "ipv4/32001 shop/a", "ipv6/32001 shop/a"}, tell())
	program.Services = program.Services[1:]
	require.Equal(t, []string{"ipv4/32000 shop/b"}, tell())
	program.Services = nil
	require.Empty(t, tell())
}
