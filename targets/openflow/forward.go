package openflow

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Priorities in Forward. Routes to other nodes have routePriority plus the length of their prefix, so that the longest wins.
const (
	localPriority   = 400
	ownPriority     = 350
	transitPriority = 300
	routePriority   = 100
	defaultPriority = 50 // and the two above it
)

// forward routes: local pods by address; the node's own addresses to the gateway; from a tunnel nothing else, for a packet that
// came from another node is not sent back; then the other nodes' prefixes; and what a pod sends to anywhere else goes to the
// gateway, which is the node's own network stack. Where there are Egresses, those have a say about the latter, and on a node that
// holds an address of theirs about what comes from a tunnel, too. What the gateway sends to nowhere is dropped, or it would come back for ever.
func (l *lowering) forward() {
	for _, e := range l.p.Endpoints {
		for _, a := range e.Addrs {
			l.route(localPriority, isAddr(IPv4Dst, IPv6Dst, a.Unmap()), fromPod, refOf(e), setRef(EthDst, refOf(e)))
		}
	}
	toGateway := setRef(EthDst, GatewayRef)
	for _, a := range l.ownAddrs() {
		l.route(ownPriority, isAddr(IPv4Dst, IPv6Dst, a), fromGateway, GatewayRef, toGateway)
	}
	if l.holds() {
		l.add(Forward, transitPriority, []Term{Is(regSource, fromTunnel)}, to(Departure))
	} else {
		l.add(Forward, transitPriority, []Term{Is(regSource, fromTunnel)})
	}
	l.remote()
	if l.leaves() {
		l.add(Forward, defaultPriority, []Term{Is(regSource, fromPod)}, to(Departure))
	} else {
		over := []Action{simple(Reject)} // no Egress brings its address back
		l.lost(Forward, []int{defaultPriority + 2, defaultPriority + 1, defaultPriority}, over, routing(fromGateway, GatewayRef, toGateway)...)
	}
}

// route sends what matches to a port, with the router's MAC as source.
func (l *lowering) route(priority int, match []Term, dest uint64, port Ref, steps ...Action) {
	l.add(Forward, priority, match, routing(dest, port, steps...)...)
}

// routing is what route does.
func routing(dest uint64, port Ref, steps ...Action) []Action {
	actions := append([]Action{setValue(EthSrc, RouterMAC().Value())}, steps...)
	return append(actions, setRef(regPort, port), set(regDest, dest), to(IngressSubject))
}

// remote routes to the other nodes' prefixes, and to those of their pods that have an address outside of them.
func (l *lowering) remote() {
	nodes := make(map[string]*ir.Node, len(l.p.Nodes))
	for _, n := range l.p.Nodes {
		nodes[n.Name] = n
		for _, p := range n.PodCIDRs {
			l.tunnel(n, p)
		}
	}
	for _, e := range l.p.Remote {
		n := nodes[e.Node]
		if n == nil {
			continue
		}
		for _, a := range e.Addrs {
			if a = a.Unmap(); !containsAny(n.PodCIDRs, a) {
				l.tunnel(n, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
}

func containsAny(prefixes []netip.Prefix, a netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// tunnel routes a prefix to another node. A node without address cannot be reached; its prefix is left to the gateway.
func (l *lowering) tunnel(n *ir.Node, p netip.Prefix) {
	if end, ok := tunnelEnd(n); ok && n.Name != l.node.Name {
		l.route(routePriority+p.Bits(), isPrefix(IPv4Dst, IPv6Dst, p), fromTunnel, TunnelRef, through(end)...)
	}
}

// through is what sends to a node at the other end of the tunnel.
func through(end netip.Addr) []Action {
	dst := TunnelDst6
	if end.Is4() {
		dst = TunnelDst4
	}
	return []Action{setValue(EthDst, RouterMAC().Value()), setValue(dst, AddrValue(end))}
}

// tunnelEnd is the address at which a node receives tunnelled packets: its first IPv4 address, or else its first one.
func tunnelEnd(n *ir.Node) (netip.Addr, bool) {
	for _, a := range n.Addrs {
		if a.Unmap().Is4() {
			return a.Unmap(), true
		}
	}
	if len(n.Addrs) == 0 {
		return netip.Addr{}, false
	}
	return n.Addrs[0], true
}

// leave: a packet from one pod to another, here or elsewhere, has passed one router. For packets of the node itself its own
// kernel has counted that already, and at the far end of a tunnel the near end has. A packet may leave where it came from, which
// Open vSwitch only allows once the port it came from is forgotten.
func (l *lowering) leave() {
	for _, f := range ir.Families() {
		l.add(Commit, 100, []Term{ethOf(f)}, simple(TrackNew), to(Output))
		l.add(Commit, 200, []Term{ethOf(f), Is(IPProto, uint64(ir.ProtoSCTP))},
			slices.Concat([]Action{simple(TrackNew)}, associations(f, 1), []Action{to(Output)})...)
		for _, dest := range []uint64{fromPod, fromTunnel} {
			l.add(Output, 200, []Term{ethOf(f), Is(regSource, fromPod), Is(regDest, dest)},
				simple(DecTTL), set(InPort, 0), output(regPort))
		}
	}
	l.add(Output, 100, nil, output(regPort))
}
