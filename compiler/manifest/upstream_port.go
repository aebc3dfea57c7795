package manifest

import (
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// ports reads a rule's ports or protocols; nil means all traffic.
func (r upstream) ports(n *tree.Node, path *tree.Path) []RankedPort {
	at := path.Field(r.portList)
	r.count(n.Get(r.portList), &at, 1, r.most, "write a second rule")
	var out []RankedPort
	for item, at := range list(n.Get(r.portList), &at) {
		out = append(out, r.port(r, item, at))
	}
	return out
}

func (r upstream) newPort(n *tree.Node, path *tree.Path) RankedPort {
	return RankedPort{Port: Port{Field: r.field(path), Pos: r.pos(n)}, SourceTo: 65535}
}

// protocolMatch reads an entry of protocols in v1alpha2: tcp, udp or sctp with a destination port, or a named port.
func (r upstream) protocolMatch(n *tree.Node, path *tree.Path) RankedPort {
	p := r.newPort(n, path)
	r.union(diag.BadProtocol, n, path, "the entry", "tcp", "udp", "sctp", "destinationNamedPort")
	for _, f := range []struct{ field, protocol string }{{"tcp", "TCP"}, {"udp", "UDP"}, {"sctp", "SCTP"}} {
		v := n.Get(f.field)
		if v.IsNull() || v.Kind != tree.Mapping {
			continue
		}
		p.Protocol = f.protocol
		at := path.Field(f.field)
		port := v.Get("destinationPort")
		if port.IsNull() {
			r.add(diag.BadProtocol, v, &at, "write destinationPort: {range: {start: 1, end: 65535}} for all of its ports", "%s says nothing", f.field)
			continue
		}
		inner := at.Field("destinationPort")
		r.destinationPort(&p, port, &inner)
	}
	r.portByName(&p, n, path, "destinationNamedPort")
	return p
}

// destinationPort reads number or range.
func (r upstream) destinationPort(p *RankedPort, n *tree.Node, path *tree.Path) {
	r.union(diag.BadPort, n, path, "destinationPort", "number", "range")
	number, span := path.Field("number"), path.Field("range")
	p.From = r.port16(n.Get("number"), &number)
	p.To = p.From
	if v := n.Get("range"); !v.IsNull() && v.Kind == tree.Mapping {
		r.portRange(p, v, &span, 1)
	}
}

// portMatch reads an entry of ports in v1alpha1: portNumber, portRange or namedPort.
func (r upstream) portMatch(n *tree.Node, path *tree.Path) RankedPort {
	p := r.newPort(n, path)
	r.union(diag.BadPort, n, path, "the entry", "portNumber", "portRange", "namedPort")
	if v := n.Get("portNumber"); !v.IsNull() && v.Kind == tree.Mapping {
		at := path.Field("portNumber")
		protocol, port := at.Field("protocol"), at.Field("port")
		p.Protocol, p.From = r.protocol(v.Get("protocol"), &protocol), r.port16(v.Get("port"), &port)
		p.To = p.From
	}
	if v := n.Get("portRange"); !v.IsNull() && v.Kind == tree.Mapping {
		at := path.Field("portRange")
		protocol := at.Field("protocol")
		p.Protocol = r.protocol(v.Get("protocol"), &protocol)
		r.portRange(&p, v, &at, 0)
	}
	r.portByName(&p, n, path, "namedPort")
	return p
}

func (r upstream) port16(n *tree.Node, path *tree.Path) uint16 { return r.builder.port(n, path) }

// portRange reads start and end. In v1alpha2 they differ by at least one (CEL rule of PortRange); v1alpha1 has no such rule.
func (r upstream) portRange(p *RankedPort, n *tree.Node, path *tree.Path, least uint16) {
	start, end := path.Field("start"), path.Field("end")
	p.From, p.To = r.port16(n.Get("start"), &start), r.port16(n.Get("end"), &end)
	if p.From == 0 || p.To == 0 {
		return // reported
	}
	if p.To < p.From || p.To-p.From < least {
		r.add(diag.BadPortRange, n.Get("end"), &end, "write the smaller number as start; for a single port name it alone", "the range ends at %d, but starts at %d", p.To, p.From)
	}
}

func (r upstream) portByName(p *RankedPort, n *tree.Node, path *tree.Path, field string) {
	v := n.Get(field)
	if v.IsNull() || v.Kind != tree.Scalar {
		return
	}
	if bad := badPortName(v.Text); bad != "" {
		at := path.Field(field)
		r.add(diag.BadPort, v, &at, "", "the port name %q %s", v.Text, bad)
	}
	p.Name = r.intern.text(v.Text)
}

// namedPorts refuses names of ports beside peers that have none (CEL rule of the egress rules).
func (r upstream) namedPorts(rule RankedRule) {
	for _, port := range rule.Ports {
		if port.Name == "" {
			continue
		}
		for _, peer := range rule.Peers {
			if peer.IPBlock != nil || peer.NodeSelector != nil || peer.FQDN != "" {
				r.addAt(diag.BadPort, port.Pos, port.Field, "write the port as a number, or write two rules",
					"networks, nodes and domain names have no named ports such as "+port.Name)
				return
			}
		}
	}
}
