package ir_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

const checked = `program
node n1 addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
node n2 addrs=192.0.2.2 leaving=yes from="Node n2",-,-

service shop/four cluster=10.96.0.5 outside=local health=32001 from="Service shop/four",-,-
  port tcp/80 backends=none

service shop/web cluster=10.96.0.1,fd00::1 outside=local health=32000 from="Service shop/web",-,-
  port tcp/80 backends=10.0.1.1:8080@n1,10.0.1.2:8080@n1!,10.0.1.3:8080@n1,10.0.2.1:8080@n2,192.0.2.77:8080,[fd01::1]:8080@n1
  port tcp/443 backends=10.0.1.1:8443@n1,10.0.1.4:8443@n1

service shop/wide cluster=10.96.0.6 from="Service shop/wide",-,-
  port tcp/80 backends=10.0.1.1:8080@n1
`

// spec: 10.4
// A backend counts once for all ports, where it is ready; there is a port in the families that both node and Service have.
func TestHealthOn(t *testing.T) {
	p := program(t, checked)
	tell := func(service, node int) (out []string) {
		for _, h := range p.Services[service].HealthOn(p.Nodes[node]) {
			require.Equal(t, &p.Services[service].Origin, h.Origin)
			out = append(out, h.String()+" "+h.Service+" "+strings.Repeat("+", h.Local))
		}
		return out
	}
	require.Equal(t, []string{"ipv4/32001 shop/four "}, tell(0, 0))
	require.Equal(t, []string{"ipv4/32000 shop/web +++", "ipv6/32000 shop/web +"}, tell(1, 0))
	require.Equal(t, []string{"ipv4/32000 shop/web +"}, tell(1, 1))
	require.Empty(t, tell(2, 0))
	require.True(t, p.Nodes[1].Leaving)
	require.False(t, p.Nodes[0].Leaving)
}

const healthChecks = `pipeline node=n1
health ipv4/32000 shop/web local=2 from="Service shop/web",-,-
health ipv6/32000 shop/web local=0 from="Service shop/web",-,-
`

func TestHealthCheckText(t *testing.T) {
	parse := func() *ir.Pipeline {
		p, err := ir.ParsePipeline(healthChecks)
		require.NoError(t, err)
		require.NoError(t, p.Check())
		return p
	}
	p := parse()
	require.Equal(t, healthChecks, p.String())
	require.Equal(t, 2, p.Health[0].Local)
	require.Equal(t, healthChecks, p.Restrict(nil).String())
	require.Equal(t, "pipeline node=n1\n", p.WithoutServices().String())
	for _, m := range []frontendMutation{
		{"is on no node", func(p *ir.Pipeline) { p.Node = "" }},
		{"health checks are not in order", func(p *ir.Pipeline) { swap(p.Health) }},
		{"no port, no service or a negative count", func(p *ir.Pipeline) { p.Health[1].Local = -1 }},
		{"no port, no service or a negative count", func(p *ir.Pipeline) { p.Health[1].Service = "" }},
		{"unknown family", func(p *ir.Pipeline) { p.Health[1].Family = 7 }},
		{"no origin", func(p *ir.Pipeline) { p.Health[0].Origin = nil }},
	} {
		p := parse()
		m.mutate(p)
		require.ErrorContains(t, p.Check(), m.want)
	}
	for text, want := range map[string]string{
		"pipeline node=a\nhealth ipv5/1 a/b local=0 from=o,-,-":       `no family "ipv5"`,
		"pipeline node=a\nhealth ipv4/1 a/b local=x from=o,-,-":       "invalid syntax",
		"pipeline node=a\nnode a addrs=none leaving=maybe from=o,-,-": "leaving is yes",
	} {
		_, err := ir.ParsePipeline(text)
		require.ErrorContains(t, err, want)
	}
}
