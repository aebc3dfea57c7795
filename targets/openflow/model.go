package openflow

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Model is a node's bridge in the mind: its flows, bound, and the ports around it.
type Model struct {
	pods    map[netip.Addr]Ref
	own     map[netip.Addr]bool // addresses of the node itself
	remote  []netip.Prefix      // what lies behind the tunnel
	binding Binding
	table   *Switch
}

// SomeBinding makes up a port number and a MAC address for every port of the node that p was placed on.
func SomeBinding(p *ir.Pipeline) Binding {
	b := Binding{Ports: map[Ref]uint32{}, MACs: map[Ref]MAC{}}
	refs := []Ref{GatewayRef, TunnelRef}
	for _, i := range p.OfKind(ir.PodEndpoint) {
		e := p.Endpoints[i]
		refs = append(refs, refOf(e))
	}
	for i, ref := range refs {
		b.Ports[ref] = uint32(i + 1)
		var m MAC
		m[0] = 0x0a
		binary.BigEndian.PutUint32(m[2:], uint32(i+1))
		b.MACs[ref] = m
	}
	return b
}

// NewModel binds the flows of a placed pipeline. Flows whose port the binding lacks are left out.
func NewModel(p *ir.Pipeline, lowered *Pipeline, b Binding) *Model {
	bound, _ := b.Bind(lowered.Flows)
	m := &Model{pods: map[netip.Addr]Ref{}, own: map[netip.Addr]bool{}, binding: b, table: NewSwitch(bound).with(lowered.Groups)}
	for _, i := range p.OfKind(ir.PodEndpoint) {
		e := p.Endpoints[i]
		for _, a := range e.Addrs {
			m.pods[a.Unmap()] = refOf(e)
		}
	}
	for _, n := range p.Nodes {
		if n.Name != p.Node {
			m.remote = append(m.remote, n.PodCIDRs...)
			continue
		}
		for _, a := range n.Addrs {
			m.own[a.Unmap()] = true
		}
	}
	for _, e := range p.Remote {
		for _, a := range e.Addrs {
			m.remote = append(m.remote, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
		}
	}
	return m
}

// Source names the port by which packets from an address arrive: its pod's, the tunnel, or the gateway.
func (m *Model) Source(a netip.Addr) Ref {
	a = a.Unmap()
	if ref, ok := m.pods[a]; ok {
		return ref
	}
	if !m.own[a] && slices.ContainsFunc(m.remote, func(p netip.Prefix) bool { return p.Contains(a) }) {
		return TunnelRef
	}
	return GatewayRef
}

// Frame is the packet as it arrives at the bridge.
func (m *Model) Frame(p ir.Packet) Frame {
	var f Frame
	in := m.Source(p.Src)
	family := ir.FamilyOf(p.Src)
	f[InPort] = Uint(uint64(m.binding.Ports[in]))
	f[EthSrc], f[EthDst] = m.binding.MACs[in].Value(), RouterMAC().Value()
	f[EthType] = ethOf(family).Value
	f[IPProto] = Uint(uint64(p.Proto))
	f[srcField(family)], f[dstField(family)] = AddrValue(p.Src), AddrValue(p.Dst)
	switch {
	case p.Proto.HasPorts():
		f[L4Src], f[L4Dst] = Uint(uint64(p.SrcPort)), Uint(uint64(p.DstPort))
	case p.Proto == ir.ProtoICMP, p.Proto == ir.ProtoICMPv6:
		f[ICMPType], f[ICMPCode] = Uint(uint64(p.DstPort>>8)), Uint(uint64(p.DstPort&0xff))
	}
	dial := p.Dial()
	f[CTProto], f[byFamily(family, CTDst4, CTDst6)] = Uint(uint64(p.Proto)), AddrValue(dial.Addr)
	if p.Proto.HasPorts() {
		f[CTPort] = Uint(uint64(dial.Port))
	}
	f[CTState] = Uint(ctTracked | ctNew)
	if p.Established {
		f[CTState] = Uint(ctTracked | ctEstablished)
	}
	return f
}

// Eval judges a packet of which at least one side is a pod of the node: what its flows do to it.
func (m *Model) Eval(p ir.Packet) Result { return m.Run(m.Frame(p)) }

// Run sends a frame of one's own making through the flows, and through those of its association if it is established.
func (m *Model) Run(f Frame) Result { return m.table.Run(f, Association(f)...) }
