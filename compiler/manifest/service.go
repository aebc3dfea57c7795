package manifest

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// The annotations of Services that headgate reads. The third is the older name of the second.
const (
	sourceRangesAnnotation  = "service.beta.kubernetes.io/load-balancer-source-ranges"
	topologyModeAnnotation  = "service.kubernetes.io/topology-mode"
	topologyHintsAnnotation = "service.kubernetes.io/topology-aware-hints"
	poolAnnotation          = "service.antrea.io/external-ip-pool"
	shareAnnotation         = "service.antrea.io/allow-shared-load-balancer-ip"
)

// serviceReader reads one v1 Service. Its rules are those that the API server of 1.37 shows when it is asked to create one;
// test/apiserver compares the two. What other Services have, and which addresses and ports the cluster hands out, is not known
// here.
type serviceReader struct {
	*builder
	s           *Service
	root, spec  *tree.Node
	top         tree.Path // "spec"
	annotations *tree.Node
	notes       tree.Path // "metadata.annotations"
}

// service reads a v1 Service.
func (b *builder) service(m Meta, root *tree.Node) Object {
	metadata := (*tree.Path)(nil).Field("metadata")
	r := &serviceReader{builder: b, s: &Service{Meta: m, Created: created(root)}, root: root, spec: root.Get("spec"), top: (*tree.Path)(nil).Field("spec"),
		annotations: root.Get("metadata").Get("annotations"), notes: metadata.Field("annotations")}
	s := r.s
	s.Type = r.kind()
	at := r.top.Field("selector")
	s.Selector = b.labels(r.spec.Get("selector"), &at)
	r.addresses()
	r.ports()
	r.externalIPs()
	r.externalName()
	r.trafficPolicies()
	r.distribution()
	r.affinity()
	s.PublishNotReadyAddresses = boolOr(r.spec.Get("publishNotReadyAddresses"), false)
	r.loadBalancer()
	r.status()
	r.places()
	return s
}

// kind reads spec.type. In place of an unknown one it returns what is probably meant, or else the one that may have most fields, so
// that there are no findings which would be gone with the first.
func (r *serviceReader) kind() ServiceType {
	words := []string{string(ClusterIP), string(NodePort), string(LoadBalanced), string(ExternalName)}
	text := str(r.spec.Get("type"))
	probable := cmp.Or(schema.Nearest(text, words), string(LoadBalanced))
	if text == "" {
		probable = string(ClusterIP)
	}
	return ServiceType(r.choice("type", "type of Service", probable, words...))
}

// get returns a field of spec with its path.
func (r *serviceReader) get(field string) (*tree.Node, tree.Path) {
	return r.spec.Get(field), r.top.Field(field)
}

// choice reads a field of spec that has one of some words; absent stands for nothing and for "".
func (r *serviceReader) choice(field, what, absent string, words ...string) string {
	n, at := r.get(field)
	if str(n) == "" {
		return absent
	}
	return cmp.Or(r.word(diag.BadService, n, &at, what, words...), absent)
}

// strictChoice is choice for fields whose "" is not an absent one.
func (r *serviceReader) strictChoice(field, what, absent string, words ...string) string {
	n, at := r.get(field)
	return cmp.Or(r.word(diag.BadService, n, &at, what, words...), absent)
}

// forbid reports a field of spec that is there, but has no place in this type of Service.
func (r *serviceReader) forbid(field, hint, format string, args ...any) {
	n, at := r.get(field)
	r.add(diag.BadService, n, &at, hint, format, args...)
}

// ports reads spec.ports, which only headless Services and ExternalNames may leave out.
func (r *serviceReader) ports() {
	n, path := r.get("ports")
	if n.Len() == 0 && (n.IsNull() || n.Kind == tree.Sequence) {
		if !r.s.Headless && r.s.Type != ExternalName {
			where := r.root
			if r.spec != nil {
				where = r.spec
			}
			r.add(diag.MissingField, where, &path, "add ports, for instance [{port: 80}]", "the Service has no ports")
		}
		return
	}
	type number struct {
		protocol string
		port     uint16
	}
	names, numbers := map[string]bool{}, map[number]bool{}
	several := n.Len() > 1
	for item, at := range list(n, &path) {
		p := r.port(item, at, several)
		if p.Name != "" && names[p.Name] {
			inner := at.Field("name")
			r.add(diag.BadPort, item.Get("name"), &inner, "give each port a name of its own", "the port name %q occurs twice", p.Name)
		}
		if key := (number{p.Protocol, p.Port}); p.Port != 0 && numbers[key] {
			r.add(diag.BadPort, item, at, "remove one of the two", "the port %d/%s occurs twice", p.Port, p.Protocol)
		}
		names[p.Name], numbers[number{p.Protocol, p.Port}] = true, true
		r.s.Ports = append(r.s.Ports, p)
	}
	r.nodePorts(n, &path)
}

// port reads one port.
func (r *serviceReader) port(n *tree.Node, path *tree.Path, several bool) ServicePort {
	at := path.Field("port")
	if n.IsNull() {
		r.add(diag.MissingField, n, &at, "write port: and a number, or remove the item", "the port is null")
	}
	p := ServicePort{Port: r.builder.port(n.Get("port"), &at), Name: r.servicePortName(n, path, several)}
	at = path.Field("protocol")
	p.Protocol = r.protocol(n.Get("protocol"), &at)
	at = path.Field("targetPort")
	p.TargetPort = r.targetPort(n.Get("targetPort"), &at, p.Port)
	at = path.Field("appProtocol")
	p.AppProtocol = r.appProtocol(n.Get("appProtocol"), &at)
	at = path.Field("nodePort")
	number, _ := n.Get("nodePort").Int()
	switch {
	case number == 0 || r.s.Type == ExternalName: // which has no ports for anybody
	case r.s.Type == ClusterIP:
		r.add(diag.BadService, n.Get("nodePort"), &at, "remove it, or write type: NodePort", "a Service of type ClusterIP has no node ports")
	default:
		p.NodePort = r.builder.port(n.Get("nodePort"), &at)
	}
	return p
}

func (r *serviceReader) servicePortName(n *tree.Node, path *tree.Path, several bool) string {
	name, at := str(n.Get("name")), path.Field("name")
	if name == "" && several && n.Get("name").Len() == 0 {
		r.add(diag.MissingField, n, &at, "name each port: a Service with several has to tell them apart", "the port has no name")
	}
	return r.portName(n.Get("name"), path, badLabelName)
}

// targetPort reads a number or a name; nothing, "" and 0 stand for the port itself.
func (r *serviceReader) targetPort(n *tree.Node, path *tree.Path, port uint16) string {
	if v, ok := n.Int(); str(n) != "" && (!ok || v != 0) {
		number, name := r.numberOrName(n, path)
		if name != "" {
			return name
		}
		port = number
	}
	return r.intern.text(strconv.Itoa(int(port)))
}

// appProtocol reads the name of an application's protocol.
func (b *builder) appProtocol(n *tree.Node, path *tree.Path) string {
	if n.IsNull() || n.Kind != tree.Scalar {
		return ""
	}
	if bad := badLabelKey(n.Text); bad != "" {
		b.add(diag.BadName, n, path, "write a name such as http or example.com/protocol", "the protocol's name %q %s", n.Text, bad)
	}
	return b.intern.text(n.Text)
}

// nodePorts looks for node ports that two ports of the Service want. Ports of one number and different protocols may share theirs.
// The API server hands them out in this order: the first one that asks for a port's number has it, and another port, or another
// demand, cannot get it again.
func (r *serviceReader) nodePorts(n *tree.Node, path *tree.Path) {
	if r.s.Type != NodePort && r.s.Type != LoadBalanced {
		return
	}
	taken, of, seen := map[uint16]bool{}, map[uint16]uint16{}, map[ServicePort]bool{}
	i := 0
	for item, at := range list(n, path) {
		p := r.s.Ports[i]
		i++
		if p.NodePort == 0 {
			continue
		}
		shared := of[p.Port] == p.NodePort && !seen[ServicePort{Protocol: p.Protocol, NodePort: p.NodePort}]
		if taken[p.NodePort] && !shared {
			inner := at.Field("nodePort")
			r.add(diag.BadPort, item.Get("nodePort"), &inner, "choose another one, or leave it out", "the node port %d is taken by another port of the Service", p.NodePort)
		}
		if of[p.Port] == 0 {
			of[p.Port] = p.NodePort
		}
		taken[p.NodePort], seen[ServicePort{Protocol: p.Protocol, NodePort: p.NodePort}] = true, true
	}
}

// externalName reads spec.externalName, which other types ignore.
func (r *serviceReader) externalName() {
	if r.s.Type != ExternalName {
		return
	}
	n, at := r.get("externalName")
	name := strings.TrimSuffix(str(n), ".")
	switch bad := badSubdomain(name); {
	case name == "" && (n.IsNull() || n.Kind == tree.Scalar):
		where := n
		if n == nil {
			where = cmp.Or(r.spec, r.root)
		}
		r.add(diag.MissingField, where, &at, "write the DNS name that the Service stands for", "the Service has no externalName")
	case bad != "":
		r.add(diag.BadDomainName, n, &at, "write a DNS name in lower case, for instance www.example.com", "the name %q %s", str(n), bad)
	}
	r.s.ExternalName = strings.Clone(str(n))
}

// affinity reads sessionAffinity. Its settings count for ClientIP alone, as the API server drops them otherwise.
func (r *serviceReader) affinity() {
	if r.choice("sessionAffinity", "session affinity", "None", "None", "ClientIP") != "ClientIP" {
		return
	}
	const threeHours, day = 10800, 86400
	r.s.AffinitySeconds = threeHours
	config, at := r.get("sessionAffinityConfig")
	inner := at.Field("clientIP")
	timeout := inner.Field("timeoutSeconds")
	n := config.Get("clientIP").Get("timeoutSeconds")
	v, ok := n.Int()
	if !ok {
		return // none, or reported by the schema
	}
	if v < 1 || v > day {
		r.add(diag.BadService, n, &timeout, "use a number from 1 to 86400", "the timeout of the session affinity cannot be %s seconds", n.Text)
		return
	}
	r.s.AffinitySeconds = int32(v)
}

// places notes where everything stands that a later finding may be about.
func (r *serviceReader) places() {
	count := 0
	r.visit(func(*tree.Node, *tree.Path) { count++ })
	r.s.Places = make(Places, 0, count)
	r.visit(func(n *tree.Node, path *tree.Path) {
		r.s.Places = append(r.s.Places, Place{r.field(path), n.Line, n.Col})
	})
	slices.SortFunc(r.s.Places, func(a, b Place) int { return strings.Compare(a.Field, b.Field) })
}

// visit calls note for every value of spec and of the load balancer's status, and for the annotations that are read.
func (r *serviceReader) visit(note func(*tree.Node, *tree.Path)) {
	if r.spec != nil {
		visit(r.spec, &r.top, note)
	}
	if balancer := r.root.Get("status").Get("loadBalancer"); balancer != nil {
		status := (*tree.Path)(nil).Field("status")
		at := status.Field("loadBalancer")
		visit(balancer, &at, note)
	}
	for _, name := range []string{topologyModeAnnotation, topologyHintsAnnotation, poolAnnotation, shareAnnotation} {
		if n := r.annotations.Get(name); n != nil {
			at := r.notes.Field(name)
			note(n, &at)
		}
	}
}

// visit calls note for every value below n, but not for those of maps, such as selectors.
func visit(n *tree.Node, path *tree.Path, note func(*tree.Node, *tree.Path)) {
	note(n, path)
	if path.Key == "selector" {
		return
	}
	for k, v := range n.Pairs() {
		at := path.Field(k.Text)
		visit(v, &at, note)
	}
	for item, at := range list(n, path) {
		visit(item, at, note)
	}
}

func boolOr(n *tree.Node, absent bool) bool {
	if v, ok := n.Bool(); ok {
		return v
	}
	return absent
}

// special says what is wrong with an address that stands for no single machine: as the API server judges the addresses of endpoints
// and externalIPs.
func special(a netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "is no particular address"
	case a.IsLoopback():
		return "is a loopback address"
	case a.IsLinkLocalUnicast():
		return "is a link-local address"
	case a.IsLinkLocalMulticast():
		return "is a link-local multicast address"
	}
	return ""
}
