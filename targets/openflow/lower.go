package openflow

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// TargetName is what artifacts of this package say in Target.
const TargetName = "openflow"

// Generate lowers a placed pipeline and packs every flow, group and meter into an object of its own: Key is that of the flow, group or
// meter, Head its String, both with refs, and Value the *Flow, *Group or *Meter. It reports what OpenFlow cannot express at the source of the rule.
func Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return Pack(Lower(p, report))
}

// Pack makes the artifact of a pipeline. Groups and meters come first, since flows refer to them.
func Pack(p *Pipeline) artifact.Artifact {
	a := artifact.Artifact{Target: TargetName, Node: p.Node, Objects: make([]artifact.Object, 0, len(p.Groups)+len(p.Meters)+len(p.Flows))}
	for i := range p.Groups {
		a.Objects = append(a.Objects, groupObject(&p.Groups[i]))
	}
	for i := range p.Meters {
		a.Objects = append(a.Objects, meterObject(&p.Meters[i]))
	}
	for i := range p.Flows {
		f := &p.Flows[i]
		a.Objects = append(a.Objects, object(f))
	}
	return a
}

func groupObject(g *Group) artifact.Object {
	return artifact.Object{Key: g.Key(), Head: g.String(), Value: g}
}

func meterObject(m *Meter) artifact.Object {
	return artifact.Object{Key: m.Key(), Head: m.String(), Value: m}
}

func object(f *Flow) artifact.Object {
	o := artifact.Object{Key: f.Key(), Head: f.String(), Value: f}
	if IsVolatile(f) {
		o.Volatile = artifact.VolatileObject
	}
	return o
}

// Lower makes the flows of the node that p was placed on: they are about its pods. What the node itself sends and receives does
// not pass the bridge, but for what it exchanges with its own pods; a machine outside the cluster has no bridge, and no flows.
func Lower(p *ir.Pipeline, report *diag.Report) *Pipeline {
	if ir.IsMachine(p.Node) {
		return &Pipeline{Node: p.Node}
	}
	l := newLowering(p, report)
	l.isBackend = backendsOf(p)
	l.declared()
	groups := l.frontends()
	return &Pipeline{Node: p.Node, Groups: groups, Meters: l.meters, Flows: l.finish()}
}

// declared writes everything but what depends on which Services there are.
func (l *lowering) declared() {
	l.classify()
	l.arp()
	l.discovery()
	l.state()
	l.forward()
	l.leave()
	l.names()
	l.services()
	l.egresses()
	for _, d := range ir.Directions() {
		l.policy(d)
	}
	l.misses()
}

// backendsOf tells which addresses are those of a backend.
func backendsOf(p *ir.Pipeline) func(netip.Addr) bool {
	backends := map[netip.Addr]bool{}
	for _, pool := range p.Pools {
		for _, t := range pool.Targets {
			backends[t.Addr().Unmap()] = true
		}
	}
	return func(a netip.Addr) bool { return backends[a] }
}

// newLowering is before the first flow.
func newLowering(p *ir.Pipeline, report *diag.Report) *lowering {
	if pods := p.OfKind(ir.PodEndpoint); len(pods) < len(p.Endpoints) {
		p = p.Restrict(pods)
	}
	l := &lowering{builder: newBuilder(), meterIDs: map[string]uint32{}, p: p, report: report, node: &ir.Node{Name: p.Node}}
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			l.node = n
		}
	}
	l.families = familiesOf(p.Endpoints)
	l.assignNames()
	return l
}

// familiesOf lists the families in which some endpoints have addresses.
func familiesOf(endpoints []*ir.Endpoint) []ir.Family {
	var out []ir.Family
	for _, f := range ir.Families() {
		if slices.ContainsFunc(endpoints, func(e *ir.Endpoint) bool { return len(addrsOf(e, f)) > 0 }) {
			out = append(out, f)
		}
	}
	return out
}

// lowering is the work on one node.
type lowering struct {
	*builder
	p         *ir.Pipeline
	report    *diag.Report
	node      *ir.Node
	families  []ir.Family // those in which the node has workloads
	numbers   [2][ir.NumPhases][]uint32
	nameBits  map[ir.SetID]nameBit
	watched   map[*ir.Endpoint]bool // those with rules about names
	isBackend func(netip.Addr) bool // of a Service, whichever
	meters    []Meter
	meterIDs  map[string]uint32
}

// addrsOf lists the endpoint's addresses of a family.
func addrsOf(e *ir.Endpoint, f ir.Family) []netip.Addr {
	var out []netip.Addr
	for _, a := range e.Addrs {
		if ir.FamilyOf(a) == f {
			out = append(out, a.Unmap())
		}
	}
	return out
}

// refOf names the port of an endpoint.
func refOf(e *ir.Endpoint) Ref { return PodRef(e.Namespace, e.Name) }

// ethOf is the condition that a packet is of a family.
func ethOf(f ir.Family) Term {
	if f == ir.IPv4 {
		return Is(EthType, ethIPv4)
	}
	return Is(EthType, ethIPv6)
}

func srcField(f ir.Family) Field { return byFamily(f, IPv4Src, IPv6Src) }
func dstField(f ir.Family) Field { return byFamily(f, IPv4Dst, IPv6Dst) }

func byFamily(f ir.Family, v4, v6 Field) Field {
	if f == ir.IPv4 {
		return v4
	}
	return v6
}

// isPrefix lists the conditions that an address field lies in a prefix: none for the prefix of all addresses.
func isPrefix(v4, v6 Field, p netip.Prefix) []Term {
	f := ir.FamilyOf(p.Addr())
	match := []Term{ethOf(f)}
	if p.Bits() == 0 {
		return match
	}
	return append(match, IsMasked(byFamily(f, v4, v6), AddrValue(p.Addr()), ones(p.Bits(), f.Bits())))
}

func isAddr(v4, v6 Field, a netip.Addr) []Term {
	return isPrefix(v4, v6, netip.PrefixFrom(a, a.BitLen()))
}

// GatewayAddr is the address that a node's workloads of a family use as their router and that the node's own gateway port has:
// the first address of the node's first prefix of that family, or a link-local one if it has none.
func GatewayAddr(n *ir.Node, f ir.Family) netip.Addr {
	for _, p := range n.PodCIDRs {
		if ir.FamilyOf(p.Addr()) != f {
			continue
		}
		if p.IsSingleIP() {
			return p.Addr()
		}
		return p.Masked().Addr().Next()
	}
	if f == ir.IPv4 {
		return netip.AddrFrom4([4]byte{169, 254, 1, 1})
	}
	return netip.AddrFrom16([16]byte{0: 0xfe, 1: 0x80, 15: 1})
}

// ownAddrs lists the addresses of the node itself: its own, and those of its gateway port in every prefix.
func (l *lowering) ownAddrs() []netip.Addr {
	var out []netip.Addr
	for _, a := range l.node.Addrs {
		out = append(out, a.Unmap())
	}
	return distinct(append(out, l.gatewayAddrs()...))
}

// gatewayAddrs lists the addresses of the gateway port: one in every prefix, and those that GatewayAddr gives.
func (l *lowering) gatewayAddrs() []netip.Addr {
	var out []netip.Addr
	for _, p := range l.node.PodCIDRs {
		out = append(out, GatewayAddr(&ir.Node{PodCIDRs: []netip.Prefix{p}}, ir.FamilyOf(p.Addr())))
	}
	for _, f := range ir.Families() {
		out = append(out, GatewayAddr(l.node, f))
	}
	return distinct(out)
}

func distinct(addrs []netip.Addr) []netip.Addr {
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs)
}

// classify: the gateway's packets go straight to Neighbour, a tunnel's can only be IP, and any other port is a pod's, which must
// use its own addresses. A pod may solicit its router from a link-local address, which only its kernel knows.
func (l *lowering) classify() {
	l.add(Classify, 100, []Term{IsRef(InPort, GatewayRef)}, set(regSource, fromGateway), to(Neighbour))
	l.add(Classify, 100, []Term{IsRef(InPort, TunnelRef)}, set(regSource, fromTunnel), to(ConnTrack))
	for _, e := range l.p.Endpoints {
		ref := refOf(e)
		from := []Term{IsRef(InPort, ref), IsRef(EthSrc, ref)}
		pass := []Action{set(regSource, fromPod), to(Neighbour)}
		for _, a := range addrsOf(e, ir.IPv4) {
			l.add(SpoofGuard, 100, terms(from, Is(EthType, ethARP), Is(ARPSrc, AddrValue(a).Lo), IsRef(ARPSrcMAC, ref)), pass...)
			l.add(SpoofGuard, 100, terms(from, isAddr(IPv4Src, IPv6Src, a)...), pass...)
		}
		v6 := addrsOf(e, ir.IPv6)
		for _, a := range v6 {
			l.add(SpoofGuard, 100, terms(from, isAddr(IPv4Src, IPv6Src, a)...), pass...)
		}
		if len(v6) > 0 {
			l.add(SpoofGuard, 100, append(append(from, discovery(ndSolicitation)...), linkLocal()), pass...)
		}
	}
}

// state: an invalid packet is none of an allowed connection, so it is judged like a new one. What connection tracking says of
// SCTP does not count: see Learn.
func (l *lowering) state() {
	bypass := []Action{set(regBypass, 1), to(Forward)}
	for _, f := range ir.Families() {
		l.add(ConnTrack, 100, []Term{ethOf(f)}, l.track(State))
		l.add(State, 250, []Term{ethOf(f), Is(IPProto, uint64(ir.ProtoSCTP))}, resubmit(Associations), to(EgressSubject))
	}
	for _, bit := range []uint64{ctEstablished, ctRelated} {
		mask := Uint(bit | ctTracked)
		l.add(State, 200, append([]Term{IsMasked(CTState, mask, mask)}, l.admitted()...), bypass...)
	}
	for _, t := range ir.NeverFilteredICMPv6() {
		l.add(State, 150, []Term{Is(EthType, ethIPv6), Is(IPProto, uint64(ir.ProtoICMPv6)), Is(ICMPType, uint64(t))}, bypass...)
	}
	for i, e := range l.p.Endpoints {
		if !l.isSubject(i) {
			continue
		}
		for _, a := range e.Addrs {
			a = a.Unmap()
			f := ir.FamilyOf(a)
			for _, b := range addrsOf(e, f) {
				l.add(State, 300, append(isAddr(IPv4Src, IPv6Src, a), IsMasked(dstField(f), AddrValue(b), dstField(f).full())), bypass...)
			}
		}
	}
}

// isSubject reports whether any policy concerns an endpoint.
func (l *lowering) isSubject(endpoint int) bool {
	for _, d := range ir.Directions() {
		if slices.ContainsFunc(l.lists(d, endpoint), func(n uint32) bool { return n != 0 }) {
			return true
		}
	}
	return false
}
