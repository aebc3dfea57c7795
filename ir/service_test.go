package ir_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

const services = `program
node n1 zone=a addrs=192.0.2.1,2001:db8::1 from="Node n1",-,-
node n2 zone=b addrs=192.0.2.2 from="Node n2",-,-
endpoint shop/a node=n1 addrs=10.0.1.1 from="Pod shop/a",-,-

service shop/db cluster=10.96.0.2,fd00::2 from="Service shop/db",-,-
  port tcp/5432 backends=10.0.1.1:5432@n1,10.0.2.1:5432@n2,[fd01::1]:5432@n1

service shop/dns cluster=10.96.0.3 inside=local affinity=3h0m0s from="Service shop/dns",-,-
  port tcp/53 name=tcp backends=none
  port udp/53 name=udp backends=10.0.2.1:53@n2

service shop/near cluster=10.96.0.4 from="Service shop/near",-,-
  port tcp/80 backends=10.0.1.1:80@n1~a,10.0.2.1:80@n2~b,10.0.2.2:80@n2!
  port tcp/81 backends=10.0.1.1:81@n1~a,10.0.2.1:81@n2
  port tcp/82 backends=10.0.1.1:82@n1~a^n2,10.0.2.1:82@n2~a^n2
  port tcp/83 backends=10.0.1.1:83@n1!,10.0.2.1:83@n2!~b

service shop/web cluster=10.96.0.1 external=203.0.113.1 balancers=203.0.113.2 sources=198.51.100.0/24 outside=local health=32000 from="Service shop/web",-,-
  port tcp/80 node=30080 backends=10.0.1.1:8080@n1,10.0.1.2:8080@n1!
`

func program(t *testing.T, text string) *ir.Program {
	p, err := ir.ParseProgram(text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	require.Equal(t, text, p.String())
	return p
}

// spec: 10.2 10.3
func TestDial(t *testing.T) {
	p := program(t, services)
	for _, c := range []struct {
		node     int
		side     ir.Side
		src, dst string
		port     uint16
		want     string
	}{
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.2", 5432, "balance 10.0.1.1:5432 10.0.2.1:5432"},
		{0, ir.OwnNode, "192.0.2.1", "10.96.0.2", 5432, "balance 10.0.1.1:5432 10.0.2.1:5432"},
		{0, ir.OutsideSide, "198.51.100.1", "10.96.0.2", 5432, "balance 10.0.1.1:5432 10.0.2.1:5432/masked"},
		{0, ir.OwnPod, "fd01::9", "fd00::2", 5432, "balance [fd01::1]:5432"},
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.2", 5433, "refuse"}, // no such port
		{0, ir.OutsideSide, "198.51.100.1", "fd00::2", 5433, "refuse"},
		{0, ir.OutsideSide, "198.51.100.1", "203.0.113.1", 81, "none"}, // not the cluster's address
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.9", 5432, "none"},

		{0, ir.OwnPod, "10.0.1.9", "10.96.0.3", 53, "refuse"},

		{0, ir.OwnPod, "10.0.1.9", "10.96.0.4", 80, "balance 10.0.1.1:80"},
		{1, ir.OwnPod, "10.0.2.9", "10.96.0.4", 80, "balance 10.0.2.1:80"},
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.4", 81, "balance 10.0.1.1:81 10.0.2.1:81"},
		{1, ir.OwnPod, "10.0.2.9", "10.96.0.4", 82, "balance 10.0.1.1:82 10.0.2.1:82"},
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.4", 82, "balance 10.0.1.1:82 10.0.2.1:82"},
		{0, ir.OwnPod, "10.0.1.9", "10.96.0.4", 83, "balance 10.0.1.1:83 10.0.2.1:83"},

		{0, ir.OutsideSide, "198.51.100.1", "203.0.113.1", 80, "balance 10.0.1.1:8080"},
		{1, ir.OutsideSide, "198.51.100.1", "203.0.113.1", 80, "discard"},
		{1, ir.OwnPod, "10.0.2.9", "203.0.113.1", 80, "balance 10.0.1.1:8080"},
		{1, ir.OwnNode, "192.0.2.2", "203.0.113.1", 80, "balance 10.0.1.1:8080"},
		{1, ir.Inside, "10.0.1.9", "203.0.113.1", 80, "balance 10.0.1.1:8080/masked"},
		{0, ir.Inside, "10.0.2.9", "203.0.113.1", 80, "balance 10.0.1.1:8080"}, // its replies pass the node anyway
		{0, ir.OutsideSide, "198.51.100.1", "203.0.113.2", 80, "balance 10.0.1.1:8080"},
		{0, ir.OutsideSide, "198.51.101.1", "203.0.113.2", 80, "discard"},
		{0, ir.OutsideSide, "198.51.101.1", "203.0.113.1", 80, "balance 10.0.1.1:8080"},
		{0, ir.OutsideSide, "198.51.101.1", "192.0.2.1", 30080, "balance 10.0.1.1:8080"},
		{0, ir.OutsideSide, "198.51.101.1", "192.0.2.2", 30080, "none"},
		{1, ir.OutsideSide, "198.51.101.1", "192.0.2.2", 30080, "discard"},
		{0, ir.OutsideSide, "2001:db8:1::1", "2001:db8::1", 30080, "none"}, // no family of the Service
		{0, ir.OutsideSide, "198.51.101.1", "192.0.2.1", 80, "none"},
	} {
		got := p.Dial(p.Nodes[c.node], c.side, ir.Packet{Src: addr(c.src), Dst: addr(c.dst), Proto: ir.ProtoTCP, DstPort: c.port})
		require.Equal(t, c.want, balancedText(got), "%+v", c)
	}
	udp := ir.Packet{Src: addr("10.0.1.9"), Dst: addr("10.96.0.3"), Proto: ir.ProtoUDP, DstPort: 53}
	require.Equal(t, "discard", balancedText(p.Dial(p.Nodes[0], ir.OwnPod, udp)), "none on this node")
	b := p.Dial(p.Nodes[1], ir.OwnPod, udp)
	require.Equal(t, "balance 10.0.2.1:53", balancedText(b))
	require.Equal(t, "3h0m0s", b.Affinity.String())
	require.Equal(t, "shop/dns", b.Service.String())
}

func balancedText(b ir.Balanced) string {
	words := []string{b.Outcome.String()}
	for _, target := range b.Targets {
		word := target.String()
		if slices.Contains(b.Masked, target) {
			word += "/masked"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

const placedServices = `pipeline node=n1
node n1 addrs=192.0.2.1 cidrs=10.0.1.0/24 from="Node n1",-,-
node n2 addrs=192.0.2.2 cidrs=10.0.2.0/24 from="Node n2",-,-
endpoint shop/a node=n1 addrs=10.0.1.1 from="Pod shop/a",-,-
remote shop/b node=n2 addrs=10.7.7.7 from="Pod shop/b",-,-

pool 10.0.1.1:80 targets=10.0.1.1:80
pool "10.0.1.1:80 10.0.2.1:80" targets=10.0.1.1:80,10.0.2.1:80
frontend node4/tcp/30080 shop/web pod=10.0.1.1:80 node=10.0.1.1:80 inside="10.0.1.1:80 10.0.2.1:80"/masquerade outside=discard from="Service shop/web",-,-
frontend 10.96.0.1/tcp/80 shop/web pod="10.0.1.1:80 10.0.2.1:80" node=refuse sources=10.0.0.0/8 affinity=1m0s from="Service shop/web",-,-
frontend 10.96.0.1/any/0 shop/web pod=refuse node=refuse inside=refuse outside=refuse from="Service shop/web",-,-
`

func TestPlacedDial(t *testing.T) {
	p, err := ir.ParsePipeline(placedServices)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	require.Equal(t, placedServices, p.String())
	e := p.Evaluator()
	for client, want := range map[string]ir.Side{"10.0.1.1": ir.OwnPod, "192.0.2.1": ir.OwnNode, "192.0.2.2": ir.OutsideSide,
		"10.0.2.77": ir.Inside, "10.0.1.77": ir.Inside, "10.7.7.7": ir.Inside, "10.7.7.8": ir.OutsideSide} {
		require.Equal(t, want, e.SideOf(addr(client)), client)
	}
	dial := func(side ir.Side, src, dst string, port uint16) string {
		return balancedText(e.Dial(side, ir.Packet{Src: addr(src), Dst: addr(dst), Proto: ir.ProtoTCP, DstPort: port}))
	}
	require.Equal(t, "balance 10.0.1.1:80 10.0.2.1:80", dial(ir.OwnPod, "10.0.1.1", "10.96.0.1", 80))
	require.Equal(t, "discard", dial(ir.OwnPod, "11.0.1.1", "10.96.0.1", 80))
	require.Equal(t, "refuse", dial(ir.OwnNode, "10.0.1.1", "10.96.0.1", 80))
	require.Equal(t, "none", dial(ir.OutsideSide, "10.0.1.1", "10.96.0.1", 80))
	require.Equal(t, "refuse", dial(ir.OutsideSide, "10.0.1.1", "10.96.0.1", 81))
	echo := ir.Packet{Src: addr("10.0.1.1"), Dst: addr("10.96.0.1"), Proto: ir.ProtoICMP, DstPort: 8 << 8}
	require.Equal(t, "refuse", balancedText(e.Dial(ir.OwnPod, echo)))
	require.Equal(t, "discard", dial(ir.OutsideSide, "11.0.1.1", "192.0.2.1", 30080))
	require.Equal(t, "balance 10.0.1.1:80 10.0.2.1:80/masked", dial(ir.Inside, "11.0.1.1", "192.0.2.1", 30080))
	require.Equal(t, "none", dial(ir.Inside, "11.0.1.1", "192.0.2.2", 30080))
}

func TestServicesCheckCatchesEveryViolation(t *testing.T) {
	for _, m := range serviceMutations() {
		p := program(t, services)
		m.mutate(p)
		require.ErrorContains(t, p.Check(), m.want)
	}
	for _, m := range frontendMutations() {
		p, err := ir.ParsePipeline(placedServices)
		require.NoError(t, err)
		m.mutate(p)
		require.ErrorContains(t, p.Check(), m.want)
	}
}

func serviceMutations() []programMutation {
	return []programMutation{
		{"service shop/: no namespace, name or origin", func(p *ir.Program) { p.Services[0].Name = "" }},
		{"services are not in order", func(p *ir.Program) { swap(p.Services) }},
		{"addresses are not in order", func(p *ir.Program) { swap(p.Services[0].ClusterIPs) }},
		{"a negative affinity", func(p *ir.Program) { p.Services[0].Affinity = -1 }},
		{"a port lacks protocol or number", func(p *ir.Program) { p.Services[0].Ports[0].Port = 0 }},
		{"ports are not in order", func(p *ir.Program) { swap(p.Services[1].Ports) }},
		{"another port has its node port", func(p *ir.Program) {
			p.Services[0].Ports[0].NodePort, p.Services[2].Ports[0].NodePort = 30000, 30000
		}},
		{"a backend lacks address or port", func(p *ir.Program) { p.Services[0].Ports[0].Backends[0].Port = 0 }},
		{"backends are not in order", func(p *ir.Program) { swap(p.Services[0].Ports[0].Backends) }},
		{"hints are not in order", func(p *ir.Program) { p.Services[0].Ports[0].Backends[0].Zones = []string{"b", "a"} }},
	}
}

type frontendMutation struct {
	want   string
	mutate func(p *ir.Pipeline)
}

func frontendMutations() []frontendMutation {
	return []frontendMutation{
		{"no key or no targets", func(p *ir.Pipeline) { p.Pools[0].Targets = nil }},
		{"pools are not in order", func(p *ir.Pipeline) { swap(p.Pools) }},
		{"targets are not in order", func(p *ir.Pipeline) { swap(p.Pools[1].Targets) }},
		{"is on no node", func(p *ir.Pipeline) { p.Node = "" }},
		{"frontends are not in order", func(p *ir.Pipeline) { swap(p.Frontends) }},
		{"no service", func(p *ir.Pipeline) { p.Frontends[0].Service = "" }},
		{"no protocol or port", func(p *ir.Pipeline) { p.Frontends[1].Entry.Port = 0 }},
		{"the rest of no address", func(p *ir.Pipeline) { p.Frontends[0].Entry.Proto = ir.ProtoAny }},
		{"the rest of an address is not refused", func(p *ir.Pipeline) { p.Frontends[2].Routes[ir.OwnNode] = ir.Route{} }},
		{"the address is of another family", func(p *ir.Pipeline) { p.Frontends[1].Entry.Family = ir.IPv6 }},
		{"no origin", func(p *ir.Pipeline) { p.Frontends[1].Origin = nil }},
		{"unknown outcome", func(p *ir.Pipeline) { p.Frontends[1].Routes[0].Outcome = 9 }},
		{"a pool or masquerade without balance", func(p *ir.Pipeline) { p.Frontends[1].Routes[3].Masquerade = true }},
		{"a pool does not exist", func(p *ir.Pipeline) { p.Frontends[1].Routes[0].Pool = &ir.Pool{Key: "elsewhere"} }},
	}
}

func TestServicesParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"program\n  port tcp/80 backends=none", "a port without a service"},
		{"program\nservice a/b inside=yes from=o,-,-", "inside=yes is not inside=local"},
		{"program\nservice a/b affinity=long from=o,-,-", "invalid duration"},
		{"program\nservice a/b from=o,-,-\n  port tcp/80 backends=10.0.0.1:80@a@b", "on two nodes"},
		{"program\nservice a/b from=o,-,-\n  port tcp/80 backends=10.0.0.1", "not an ip:port"},
	} {
		_, err := ir.ParseProgram(c.text)
		require.ErrorContains(t, err, c.want)
	}
	for _, c := range []struct{ text, want string }{
		{"pipeline node=a\npool p targets=none\npool p targets=none", "is there already"},
		{"pipeline node=a\nfrontend 10.0.0.1/tcp/80 a/b pod=q from=o,-,-", "there is no pool q"},
		{"pipeline node=a\nfrontend node5/tcp/80 a/b from=o,-,-", "node5"},
	} {
		_, err := ir.ParsePipeline(c.text)
		require.ErrorContains(t, err, c.want)
	}
}

func TestTargetsAreNotShared(t *testing.T) {
	p := program(t, services)
	before := slices.Clone(p.Services[0].Ports[0].Backends)
	b := p.Dial(p.Nodes[0], ir.OwnPod, ir.Packet{Dst: addr("10.96.0.2"), Proto: ir.ProtoTCP, DstPort: 5432})
	b.Targets[0] = netip.AddrPort{}
	require.Equal(t, before, p.Services[0].Ports[0].Backends)
}
