package irtest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/ir"
)

// Services adds up to n Services to a Program, with backends among its endpoints' addresses and elsewhere.
func Services(p *ir.Program, r *rand.Rand, n int) {
	g := &generator{Rand: r}
	for i, node := range p.Nodes {
		node.Zone = [...]string{"", "a", "b"}[(i+g.IntN(2))%3]
	}
	nodePort := uint16(30000)
	for i := range g.upTo(n) {
		s := &ir.Service{Namespace: pick(r, []string{"a", "b"}), Name: fmt.Sprintf("s%02d", i), Sources: ir.AnyAddr(), HealthPort: uint16(g.IntN(2) * 32000)}
		s.Origin = g.origin("Service "+s.String(), "")
		s.ClusterIPs = g.vips(10, 2)
		s.ExternalIPs = g.vips(11, 1)
		s.LoadBalancers = g.vips(12, 1)
		s.LocalInside, s.LocalOutside = g.chance(30), g.chance(30)
		if g.chance(30) {
			s.Affinity = time.Duration(1+g.IntN(10000)) * time.Second
		}
		if g.chance(30) {
			s.Sources = ir.PrefixSet(netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("fd00::/16"))
		}
		for range g.IntN(3) {
			nodePort++
			port := ir.ServicePort{Proto: pick(r, []ir.Proto{ir.ProtoTCP, ir.ProtoUDP}), Port: pick(r, []uint16{53, 80, 443}), Backends: g.backends(p)}
			if g.chance(50) {
				port.NodePort = nodePort
			}
			if !slices.ContainsFunc(s.Ports, func(o ir.ServicePort) bool { return o.Proto == port.Proto && o.Port == port.Port }) {
				s.Ports = append(s.Ports, port)
			}
		}
		slices.SortFunc(s.Ports, func(x, y ir.ServicePort) int {
			return ir.NodePort{Proto: x.Proto, Port: x.Port}.Compare(ir.NodePort{Proto: y.Proto, Port: y.Port})
		})
		p.Services = append(p.Services, s)
	}
	slices.SortFunc(p.Services, (*ir.Service).Compare)
}

// vips are few, so that Services share some.
func (g *generator) vips(net, most int) []netip.Addr {
	var out []netip.Addr
	for range g.IntN(most + 1) {
		out = append(out, pick(g.Rand, []netip.Addr{addr4(net, 96, 0, 1+g.IntN(8)), addr6(0xfd00, net, 1+g.IntN(8))}))
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

func (g *generator) backends(p *ir.Program) []ir.Backend {
	var out []ir.Backend
	hints := pick(g.Rand, []int{0, 0, 50, 100})
	for range g.IntN(6) {
		b := ir.Backend{Addr: addr4(10, 9, 9, g.IntN(9)), Port: pick(g.Rand, []uint16{80, 8080}), Draining: g.chance(20)}
		if len(p.Endpoints) > 0 && g.chance(90) {
			e := pick(g.Rand, p.Endpoints)
			if len(e.Addrs) > 0 && !ir.IsMachine(e.Node) {
				b.Addr, b.Node = pick(g.Rand, e.Addrs), e.Node
			}
		}
		if g.chance(hints) {
			b.Zones = pick(g.Rand, [][]string{{"a"}, {"b"}, {"a", "b"}})
		}
		if g.chance(hints) && len(p.Nodes) > 0 {
			b.Nodes = []string{pick(g.Rand, p.Nodes).Name}
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, ir.Backend.Compare)
	return slices.CompactFunc(out, func(x, y ir.Backend) bool { return x.Compare(y) == 0 })
}
