package openflow

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// The bits of CTMark, the mark of a connection in Zone. All others are those of DepartureMask, which say by which address a
// connection leaves the cluster, or nobody's. Each is set and taken away under a mask.
const (
	// Pending is of connections that a Service has balanced and that policy has not allowed yet.
	Pending = 1 << 0
	// FromGateway is of connections whose first packet came from the gateway. It is there only on nodes with Services.
	FromGateway = 1 << 1
)

// # Answers to what came from the gateway
//
// What a client outside, or a pod of another node, dials through this node by a node port or an external address, the node's kernel
// translates, and it reaches a pod here with the client's own address, for policy to judge. What the pod answers has to pass that kernel
// again, although a pod of another node has a shorter way, by the tunnel. So connections from the gateway are marked when they are
// committed, and their replies go back to it, before anything is routed.
//
// Associations of SCTP, and what is rejected, connection tracking tells nothing of. Of the former the flow that is learned for replies
// says it, of the latter the answer itself. What the node's own pods dial by SCTP stays unserved: the kernel translates it after their
// egress rules have judged, and must not have it answered.

const (
	returning    = 5 // in regBypass: a reply to what came from the gateway, which policy does not judge
	answeredBack = 2 // in regScratch: answered, to what came from the gateway

	returnPriority = 450 // in Forward: above all routes
)

// returns writes how replies find back to the gateway.
func (l *lowering) returns() {
	came := Is(regSource, fromGateway)
	fresh := Uint(ctTracked | ctNew)
	mark := IsMasked(CTMark, Uint(FromGateway), Uint(FromGateway|Pending))
	for _, bit := range []uint64{ctEstablished, ctRelated} {
		reply := Uint(bit | ctTracked | ctReply)
		l.add(State, 210, []Term{IsMasked(CTState, reply, reply), mark, Is(regSource, fromPod)}, set(regBypass, returning), to(Forward))
	}
	for _, f := range ir.Families() {
		l.add(Commit, 120, []Term{ethOf(f), came, IsMasked(CTState, fresh, fresh)}, Action{Op: Arrive, Zone: Zone}, to(Output))
		l.add(Commit, 210, []Term{ethOf(f), Is(IPProto, uint64(ir.ProtoSCTP)), came},
			append([]Action{simple(TrackNew)}, append(associations(f, returning), to(Output))...)...)
	}
	for _, p := range l.podPrefixes() {
		own := terms(isPrefix(IPv4Src, IPv6Src, p), Is(IPProto, uint64(ir.ProtoSCTP)), came)
		l.add(Commit, 220, own, append([]Action{simple(TrackNew)}, append(associations(ir.FamilyOf(p.Addr()), 1), to(Output))...)...)
	}
	l.add(EgressSubject, 400, []Term{Is(regBypass, returning)}, to(Forward))
	l.add(IngressSubject, 400, []Term{Is(regBypass, returning)}, to(Output))
	for _, match := range [][]Term{{Is(regBypass, returning), Is(regSource, fromPod)}, {Is(regScratch, answeredBack)}} {
		l.route(returnPriority, match, fromGateway, GatewayRef, setRef(EthDst, GatewayRef))
	}
}

// podPrefixes covers the addresses of the node's pods: its prefixes, and those that lie in none.
func (l *lowering) podPrefixes() []netip.Prefix {
	out := slices.Clone(l.node.PodCIDRs)
	for _, e := range l.p.Endpoints {
		for _, a := range e.Addrs {
			if a = a.Unmap(); !containsAny(l.node.PodCIDRs, a) {
				out = append(out, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	return out
}
