package manifest

import (
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// serviceNameLabel is the label by which an EndpointSlice names its Service.
const serviceNameLabel = "kubernetes.io/service-name"

// What the API server counts. The documentation says that a slice has at most 100 ports; the server takes 20,000, and so do we.
const (
	mostEndpoints = 1000
	mostAddresses = 100
	mostPorts     = 20000
	mostHints     = 8
)

// endpointSlice reads a discovery.k8s.io/v1 EndpointSlice. deprecatedTopology, which the API server drops, is not read.
func (b *builder) endpointSlice(m Meta, root *tree.Node) Object {
	s := &EndpointSlice{Meta: m, AddressType: b.addressType(root)}
	s.Service, _ = m.Labels.Get(serviceNameLabel)
	at := (*tree.Path)(nil).Field("ports")
	b.count(root.Get("ports"), &at, 0, mostPorts, "write a second slice")
	names := map[string]bool{}
	for item, at := range list(root.Get("ports"), &at) {
		p := b.endpointPort(item, at)
		if names[p.Name] {
			b.add(diag.BadPort, item, at, "give each port a name of its own; a port without one has the name \"\"", "the port name %q occurs twice", p.Name)
		}
		names[p.Name] = true
		s.Ports = append(s.Ports, p)
	}
	items := root.Get("endpoints")
	at = (*tree.Path)(nil).Field("endpoints")
	b.count(items, &at, 0, mostEndpoints, "write a second slice")
	if count := items.Len(); count > 0 {
		s.Endpoints = make([]SliceEndpoint, 0, count)
	}
	for item, at := range list(items, &at) {
		s.Endpoints = append(s.Endpoints, b.endpoint(item, at, s.AddressType))
	}
	return s
}

func (b *builder) addressType(root *tree.Node) IPFamily {
	n := root.Get("addressType")
	switch family := IPFamily(str(n)); family {
	case IPv4, IPv6, FQDN:
		return family
	}
	if n.IsNull() || n.Kind != tree.Scalar {
		return "" // reported by the schema
	}
	at := (*tree.Path)(nil).Field("addressType")
	b.add(diag.BadAddress, n, &at, "use IPv4, IPv6 or FQDN", "unknown address type %q", n.Text)
	return ""
}

// endpointPort reads one port. The API server takes any number, and none: a proxy then has nothing to send to.
func (b *builder) endpointPort(n *tree.Node, path *tree.Path) EndpointPort {
	p := EndpointPort{Name: b.portName(n.Get("name"), path, badLabelName)}
	at := path.Field("protocol")
	if protocol := n.Get("protocol"); str(protocol) == "" && !protocol.IsNull() && protocol.Kind == tree.Scalar {
		b.add(diag.BadProtocol, protocol, &at, "", "the protocol is empty")
	}
	p.Protocol = b.protocol(n.Get("protocol"), &at)
	at = path.Field("appProtocol")
	p.AppProtocol = b.appProtocol(n.Get("appProtocol"), &at)
	at = path.Field("port")
	switch v, ok := n.Get("port").Int(); {
	case !ok:
	case v >= 1 && v <= 65535:
		p.Port = uint16(v)
	default:
		b.add(diag.IgnoredValue, n.Get("port"), &at, "use a number from 1 to 65535", "%s is not a port number: nothing can be sent to this port", n.Get("port").Text)
	}
	return p
}

func (b *builder) endpoint(n *tree.Node, path *tree.Path, family IPFamily) SliceEndpoint {
	e := SliceEndpoint{Pos: b.pos(n), Zone: b.keep(n.Get("zone"))}
	conditions := n.Get("conditions")
	e.Ready = boolOr(conditions.Get("ready"), true)
	e.Serving = boolOr(conditions.Get("serving"), true)
	e.Terminating = boolOr(conditions.Get("terminating"), false)
	at := path.Field("nodeName")
	e.NodeName = b.nameOf(n.Get("nodeName"), &at, "node", badSubdomain)
	at = path.Field("hostname")
	e.Hostname = b.nameOf(n.Get("hostname"), &at, "host", badLabelName)
	hints := path.Field("hints")
	at = hints.Field("forZones")
	e.ForZones = b.hints(n.Get("hints").Get("forZones"), &at, "zone", badLabelValue)
	at = hints.Field("forNodes")
	e.ForNodes = b.hints(n.Get("hints").Get("forNodes"), &at, "node", badSubdomain)
	if target := n.Get("targetRef"); target != nil {
		e.Target = TargetRef{b.keep(target.Get("kind")), b.keep(target.Get("namespace")), strings.Clone(str(target.Get("name")))}
	}
	if e.Addrs = b.endpointAddrs(n.Get("addresses"), path, family); n.IsNull() {
		b.add(diag.MissingField, n, path, "write what the endpoint is, or remove the item", "the endpoint is null")
	}
	return e
}

// nameOf reads an optional name, which must not be "" if it is there.
func (b *builder) nameOf(n *tree.Node, path *tree.Path, what string, judge func(string) string) string {
	if n.IsNull() || n.Kind != tree.Scalar {
		return ""
	}
	if bad := judge(n.Text); bad != "" {
		b.add(diag.BadName, n, path, "", "the name of the %s, %q, %s", what, n.Text, bad)
	}
	return b.keep(n)
}

// hints reads forZones or forNodes.
func (b *builder) hints(n *tree.Node, path *tree.Path, what string, judge func(string) string) (out []string) {
	b.count(n, path, 0, mostHints, "keep eight, or leave the hints out")
	seen := map[string]bool{}
	for item, at := range list(n, path) {
		name, nameAt := str(item.Get("name")), at.Field("name")
		where := item.Get("name")
		if where == nil {
			where = item
		}
		if bad := judge(name); bad != "" {
			b.add(diag.BadName, where, &nameAt, "", "the name of the %s, %q, %s", what, name, bad)
		}
		if seen[name] {
			b.add(diag.BadName, where, &nameAt, "name each "+what+" once", "the %s %q occurs twice", what, name)
		}
		seen[name] = true
		out = append(out, b.intern.text(name))
	}
	return out
}

// endpointAddrs reads an endpoint's addresses, of which there must be one. Names are judged, and not kept.
func (b *builder) endpointAddrs(n *tree.Node, path *tree.Path, family IPFamily) (out []netip.Addr) {
	top := path.Field("addresses")
	if n != nil && n.IsNull() {
		b.add(diag.MissingField, n, &top, "write an address", "the endpoint has no addresses")
	}
	b.count(n, &top, 1, mostAddresses, "write a second endpoint")
	for item, at := range list(n, &top) {
		switch a := b.endpointAddr(item, at, family); {
		case !a.IsValid():
		case family == IPv4 || family == IPv6:
			out = append(out, a)
		}
	}
	return out
}

func (b *builder) endpointAddr(item *tree.Node, at *tree.Path, family IPFamily) netip.Addr {
	if family == FQDN {
		if bad := badFullName(strings.TrimSuffix(str(item), ".")); bad != "" && item.Kind == tree.Scalar {
			b.add(diag.BadDomainName, item, at, "write a DNS name of two parts or more, for instance db.example.com", "the name %q %s", str(item), bad)
		}
		return netip.Addr{}
	}
	if family == "" {
		return netip.Addr{} // reported
	}
	b.nullAddr(item, at)
	a := b.addr(item, at)
	if !a.IsValid() {
		return a
	}
	if FamilyOf(a) != family {
		b.add(diag.BadAddress, item, at, "put it into a slice of its own family", "%s is not an %s address", a, family)
	} else if text := a.String(); text != str(item) {
		b.add(diag.BadAddress, item, at, "write "+text, "%s is not in the form that EndpointSlices have", str(item))
	}
	if bad := special(a); bad != "" {
		b.add(diag.BadAddress, item, at, "use the address of a machine or a pod", "%s %s", a, bad)
	}
	return a
}

// badFullName judges a DNS name of at least two labels.
func badFullName(s string) string {
	if bad := badSubdomain(s); bad != "" {
		return bad
	}
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return "has but one part"
	}
	for _, l := range labels {
		if bad := badLabelName(l); bad != "" {
			return "has a part that " + bad
		}
	}
	return ""
}
