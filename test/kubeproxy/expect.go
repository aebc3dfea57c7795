package kubeproxy

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Way is how a Service is reached.
type Way uint8

// The ways.
const (
	ByClusterIP Way = iota
	ByNodePort
	ByExternalIP
	ByLoadBalancer
	ByNoPort // a cluster address, with a port that the Service does not have
)

// String gives "clusterIP", "nodePort", "externalIP", "loadBalancer" or "no port".
func (w Way) String() string {
	return [...]string{"clusterIP", "nodePort", "externalIP", "loadBalancer", "no port"}[w]
}

// Call is a client that dials a Service.
type Call struct {
	Service string // "namespace/name"
	Way     Way
	Proto   ir.Proto
	From    netip.Addr
	To      netip.AddrPort
}

// calls lists everything that can be dialled of the Services, by each of the clients of its family.
func calls(p *ir.Program, node *ir.Node, clients []netip.Addr) []Call {
	var out []Call
	for _, s := range p.Services {
		for i := range s.Ports {
			port := &s.Ports[i]
			if port.Proto == ir.ProtoSCTP {
				continue // the kernels that the tests run on need not have its sockets
			}
			add := func(way Way, at uint16, addrs []netip.Addr) {
				for _, to := range addrs {
					for _, from := range clients {
						if at != 0 && from.BitLen() == to.BitLen() {
							out = append(out, Call{s.String(), way, port.Proto, from, netip.AddrPortFrom(to, at)})
						}
					}
				}
			}
			add(ByClusterIP, port.Port, s.ClusterIPs)
			add(ByNodePort, port.NodePort, node.Addrs)
			add(ByExternalIP, port.Port, s.ExternalIPs)
			add(ByLoadBalancer, port.Port, s.LoadBalancers)
			if i == 0 {
				add(ByNoPort, noPort, s.ClusterIPs)
			}
		}
	}
	return out
}

// noPort is what no Service has.
const noPort = 4

// Packet is the first one of the connection.
func (c Call) Packet() ir.Packet {
	return ir.Packet{Src: c.From, Dst: c.To.Addr(), Proto: c.Proto, SrcPort: 40000, DstPort: c.To.Port()}
}

// expect tells what a client sees of what dialling comes to. Backends see the node's own address in place of their own.
func (c Call) expect(b ir.Balanced, node *ir.Node) Seen {
	var s Seen
	switch b.Outcome {
	case ir.NotService:
		s.Nobody = true
	case ir.Refuse:
		s.Refused = true
	case ir.Balance:
		s.Backends = b.Targets
		at := slices.IndexFunc(node.Addrs, func(a netip.Addr) bool { return a.BitLen() == c.From.BitLen() })
		for _, t := range b.Targets {
			from := c.From
			if slices.Contains(b.Masked, t) || t.Addr() == c.From {
				from = node.Addrs[at]
			}
			s.Sources = insert(s.Sources, from, netip.Addr.Compare)
		}
	}
	return s
}

// asKubeProxy says what kube-proxy makes of a call. It differs from headgate in these points:
//
//   - It masquerades clients whose address is not a pod's wherever they dial a ClusterIP, and pods of other nodes nowhere. Headgate
//     masquerades everybody who came through another machine, since replies have to come back through this one.
//   - It masquerades clients of backends on this node, too. Headgate does not: their replies pass the node anyway.
//   - It masquerades whoever dials from outside by a Service's external addresses or node ports, own pods as well, unless
//     externalTrafficPolicy is Local. Headgate keeps the address of own pods, whose replies come back anyway.
//   - Of pods that reach themselves it masquerades its own. A pod of another node never meets itself here, if that node has a proxy.
//   - loadBalancerSourceRanges of one family leave the other family to everybody. To headgate they list everybody who may dial.
//   - It serves a family only if the Service has a ClusterIP of it. Headgate serves every address and node port that there is.
//   - Another node is as far outside as anybody else, to externalTrafficPolicy Local, and pods of other nodes are not
//     masqueraded there.
func (c Call) asKubeProxy(p *ir.Program, node *ir.Node, side ir.Side, isPod bool) ir.Balanced {
	service := *p.Services[slices.IndexFunc(p.Services, func(s *ir.Service) bool { return s.String() == c.Service })]
	local := service.LocalOutside
	if c.Way != ByClusterIP && local && side == ir.Inside && !isPod {
		side = ir.OutsideSide
	}
	if !slices.ContainsFunc(service.ClusterIPs, func(a netip.Addr) bool { return a.BitLen() == c.From.BitLen() }) {
		return ir.Balanced{}
	}
	if service.Sources.Of(ir.FamilyOf(c.From)).IsEmpty() {
		service.Sources = ir.AnyAddr()
	}
	b := (&ir.Program{Services: []*ir.Service{&service}}).Dial(node, side, c.Packet())
	masks := side == ir.OwnNode
	switch {
	case c.Way == ByClusterIP:
		masks = !isPod
	case !local:
		masks = true
	}
	if b.Masked = nil; masks {
		b.Masked = b.Targets
	}
	return b
}
