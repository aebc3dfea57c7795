package manifest

import (
	"strconv"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// serviceNameLabel is the label by which an EndpointSlice names its Service.
const serviceNameLabel = "kubernetes.io/service-name"

// service reads a v1 Service.
func (b *builder) service(m Meta, root *tree.Node) Object {
	spec := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	s := &Service{Meta: m, Type: b.keep(spec.Get("type"))}
	if s.Type == "" {
		s.Type = "ClusterIP"
	}
	at := top.Field("clusterIPs")
	for item, at := range list(spec.Get("clusterIPs"), &at) {
		b.clusterIP(s, item, at)
	}
	if single := spec.Get("clusterIP"); spec.Get("clusterIPs").Len() == 0 {
		at = top.Field("clusterIP")
		b.clusterIP(s, single, &at)
	}
	at = top.Field("selector")
	s.Selector = b.labels(spec.Get("selector"), &at)
	at = top.Field("ports")
	for item, at := range list(spec.Get("ports"), &at) {
		s.Ports = append(s.Ports, b.servicePort(item, at))
	}
	return s
}

// clusterIP adds an address. "None" marks a headless Service, which has none.
func (b *builder) clusterIP(s *Service, n *tree.Node, path *tree.Path) {
	if str(n) == "None" {
		return
	}
	if a := b.addr(n, path); a.IsValid() {
		s.ClusterIPs = append(s.ClusterIPs, a)
	}
}

func (b *builder) servicePort(n *tree.Node, path *tree.Path) ServicePort {
	p := b.plainServicePort(n, path)
	at := path.Field("targetPort")
	number, name := b.numberOrName(n.Get("targetPort"), &at)
	switch {
	case name != "":
		p.TargetPort = name
	case number != 0:
		p.TargetPort = b.intern.text(strconv.Itoa(int(number)))
	default:
		p.TargetPort = b.intern.text(strconv.Itoa(int(p.Port)))
	}
	at = path.Field("nodePort")
	if v, ok := n.Get("nodePort").Int(); ok && v != 0 {
		p.NodePort = b.port(n.Get("nodePort"), &at)
	}
	return p
}

// plainServicePort reads name, protocol and port, which Services and EndpointSlices share.
func (b *builder) plainServicePort(n *tree.Node, path *tree.Path) ServicePort {
	at := path.Field("port")
	p := ServicePort{Port: b.port(n.Get("port"), &at), Name: b.portName(n.Get("name"), path, badLabelName)}
	at = path.Field("protocol")
	p.Protocol = b.protocol(n.Get("protocol"), &at)
	return p
}

// endpointSlice reads a discovery.k8s.io/v1 EndpointSlice. Absent conditions mean ready, serving and not terminating.
// Slices of address type FQDN have no addresses that could be used.
func (b *builder) endpointSlice(m Meta, root *tree.Node) Object {
	s := &EndpointSlice{Meta: m}
	s.Service, _ = m.Labels.Get(serviceNameLabel)
	at := (*tree.Path)(nil).Field("ports")
	for item, at := range list(root.Get("ports"), &at) {
		s.Ports = append(s.Ports, b.plainServicePort(item, at))
	}
	family := b.addressType(root)
	items := root.Get("endpoints")
	if count := items.Len(); count > 0 {
		s.Endpoints = make([]SliceEndpoint, 0, count)
	}
	at = (*tree.Path)(nil).Field("endpoints")
	for item, at := range list(items, &at) {
		s.Endpoints = append(s.Endpoints, b.endpoint(item, at, family))
	}
	return s
}

func (b *builder) addressType(root *tree.Node) string {
	n := root.Get("addressType")
	switch family := str(n); family {
	case "", "IPv4", "IPv6", "FQDN":
		return family
	}
	at := (*tree.Path)(nil).Field("addressType")
	b.add(diag.BadAddress, n, &at, "use IPv4, IPv6 or FQDN", "unknown address type %q", n.Text)
	return ""
}

func (b *builder) endpoint(n *tree.Node, path *tree.Path, family string) SliceEndpoint {
	e := SliceEndpoint{NodeName: b.keep(n.Get("nodeName"))}
	conditions := n.Get("conditions")
	e.Ready = boolOr(conditions.Get("ready"), true)
	e.Serving = boolOr(conditions.Get("serving"), true)
	e.Terminating = boolOr(conditions.Get("terminating"), false)
	if family == "FQDN" {
		return e
	}
	at := path.Field("addresses")
	for item, at := range list(n.Get("addresses"), &at) {
		a := b.addr(item, at)
		if !a.IsValid() {
			continue
		}
		if family != "" && a.Is4() != (family == "IPv4") {
			b.add(diag.BadAddress, item, at, "put it into a slice of its own family", "%s is not an %s address", a, family)
		}
		e.Addrs = append(e.Addrs, a)
	}
	return e
}

func boolOr(n *tree.Node, absent bool) bool {
	if v, ok := n.Bool(); ok {
		return v
	}
	return absent
}
