package syntax

import (
	"cmp"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

func (t *translator) tier(in place, d *Tier) {
	if !t.clusterWide(in, d.Head, "a tier") {
		return
	}
	spec := d.Span.mapping(entry{"priority", d.Priority.plain()})
	if d.Description.Stated() {
		add(spec, "description", d.Description.str())
	}
	add(t.begin("crd.antrea.io/v1beta1", "Tier", d.Head, nil), "spec", spec)
}

// group translates a Group, outside of namespaces a ClusterGroup.
func (t *translator) group(in place, d *Group) {
	kind := "ClusterGroup"
	if in.namespace != nil {
		kind = "Group"
	}
	root := t.begin("crd.antrea.io/v1beta1", kind, d.Head, in.namespace)
	spec := d.Span.mapping()
	add(root, "spec", spec)
	list := t.peers(in.scope, d.Peers, use{})
	if len(list) == 0 {
		return // reported
	}
	first := list[0]
	var items []*tree.Node
	for _, p := range list {
		switch {
		case p.Kind != first.Kind || len(list) > 1 && p.Kind != Block && p.Kind != GroupNamed:
			t.misplaced(p.Span, "write a group for each, and a third that lists both: group NAME = group A, group B", "a group is of one kind: one selector, or addresses, or groups")
			return
		case p.Kind == Block:
			items = append(items, p.block())
		case p.Kind == GroupNamed:
			items = append(items, p.Name.str())
		}
	}
	w := &writer{t, in, nil}
	switch first.Kind {
	case Block:
		add(spec, "ipBlocks", first.Span.list(items...))
	case GroupNamed:
		add(spec, "childGroups", first.Span.list(items...))
	case ServiceOf:
		if n := t.reference(in, first.Name); n != nil {
			add(spec, "serviceReference", n)
		}
	case Pods, Everybody, Machines, Nodes:
		if first.In != nil && (in.namespace == nil || first.Kind == Machines) && !w.plainPlace(first.In) {
			return
		}
		if n := w.peer(first); n != nil {
			spec.First = n.First
		}
	default:
		t.misplaced(first.Span, "write pods, nodes, machines, a service, addresses or other groups", "a group cannot be %s", first.Kind)
	}
}

func (t *translator) egress(in place, d *Egress) {
	if !t.clusterWide(in, d.Head, "an egress") {
		return
	}
	root := t.begin("crd.antrea.io/v1beta1", "Egress", d.Head, nil)
	spec := d.Span.mapping()
	add(root, "spec", spec)
	list := t.peers(in.scope, d.For, use{})
	if len(list) != 1 || list[0].Kind != Pods && list[0].Kind != Everybody {
		if len(list) > 0 {
			t.misplaced(list[0].Span, "write pods (...) in namespaces (...), or either of them", "an egress is for pods, by one selector")
		}
		return
	}
	w := &writer{t, in, nil}
	if list[0].In == nil || w.plainPlace(list[0].In) {
		add(spec, "appliedTo", w.anywhere(list[0]))
	}
	oneOrMore(spec, "egressIP", d.As)
	oneOrMore(spec, "externalIPPool", d.Pools)
	if d.Rate.Stated() {
		add(spec, "bandwidth", d.Rate.Span.mapping(entry{"rate", d.Rate.str()}, entry{"burst", d.Burst.str()}))
	}
	fields(root, d.Fields)
}

// oneOrMore sets the field for one value, or that for several, whose name has an s more.
func oneOrMore(n *tree.Node, field string, words []Word) {
	switch len(words) {
	case 0:
	case 1:
		add(n, field, words[0].str())
	default:
		add(n, field+"s", strs(words[0].Span, words))
	}
}

func (t *translator) pool(in place, d *Pool) {
	if !t.clusterWide(in, d.Head, "a pool") {
		return
	}
	var ranges []*tree.Node
	for _, w := range d.Ranges {
		start, end, both := strings.Cut(w.Text, "-")
		if !both && strings.Contains(w.Text, "/") {
			ranges = append(ranges, w.Span.mapping(entry{"cidr", w.str()}))
			continue
		}
		ranges = append(ranges, w.Span.mapping(entry{"start", w.Span.str(start)}, entry{"end", w.Span.str(cmp.Or(end, start))}))
	}
	spec := d.Span.mapping(entry{"ipRanges", d.Ranges[0].Span.list(ranges...)})
	switch address, length, both := strings.Cut(d.Gateway.Text, "/"); {
	case both:
		subnet := d.Gateway.Span.mapping(entry{"gateway", d.Gateway.Span.str(address)}, entry{"prefixLength", d.Gateway.Span.plain(length)})
		if d.VLAN.Stated() {
			add(subnet, "vlan", d.VLAN.plain())
		}
		add(spec, "subnetInfo", subnet)
	case d.Gateway.Stated():
		t.misplaced(d.Gateway.Span, "write "+d.Gateway.Text+"/24, or whatever the prefix of the subnet has", "the gateway's subnet has no length")
	case d.VLAN.Stated():
		t.misplaced(d.VLAN.Span, "write the gateway before: gateway ADDRESS/LENGTH vlan NUMBER", "a vlan needs a gateway")
	}
	add(spec, "nodeSelector", selector(d.Span, d.Nodes))
	add(t.begin("crd.antrea.io/v1beta1", "ExternalIPPool", d.Head, nil), "spec", spec)
}

func (t *translator) node(in place, d *Node) {
	if !t.clusterWide(in, d.Head, "a node") {
		return
	}
	root := t.begin("v1", "Node", d.Head, nil)
	if len(d.Pods) > 0 {
		put(root, "spec.podCIDR", d.Pods[0].str())
		put(root, "spec.podCIDRs", strs(d.Pods[0].Span, d.Pods))
	}
	var addrs []*tree.Node
	for _, w := range d.Addrs {
		addrs = append(addrs, w.Span.mapping(entry{"type", w.Span.str("InternalIP")}, entry{"address", w.str()}))
	}
	if len(addrs) > 0 {
		put(root, "status.addresses", d.Addrs[0].Span.list(addrs...))
	}
	fields(root, d.Fields)
}

// fields sets fields of an object.
func fields(root *tree.Node, list []Field) {
	for _, f := range list {
		put(root, f.Path.Text, f.Value.node())
	}
}

// pod translates a Pod that runs, with one container for all ports.
func (t *translator) pod(in place, d *Pod) {
	if !t.needsNamespace(in, d.Head, "a pod") {
		return
	}
	root := t.begin("v1", "Pod", d.Head, in.namespace)
	if d.Node.Stated() {
		put(root, "spec.nodeName", d.Node.str())
	}
	var ports []*tree.Node
	for _, l := range d.Ports {
		t.onlyServices(l)
		n := l.Span.mapping(entry{"containerPort", l.Port.plain()}, entry{"protocol", l.protocol()})
		if l.Name.Stated() {
			add(n, "name", l.Name.str())
		}
		ports = append(ports, n)
	}
	if len(ports) > 0 {
		at := d.Ports[0].Span
		put(root, "spec.containers", at.list(at.mapping(entry{"name", at.str("main")}, entry{"ports", at.list(ports...)})))
	}
	if len(d.Addrs) > 0 {
		put(root, "status.podIP", d.Addrs[0].str())
		var all []*tree.Node
		for _, w := range d.Addrs {
			all = append(all, w.Span.mapping(entry{"ip", w.str()}))
		}
		put(root, "status.podIPs", d.Addrs[0].Span.list(all...))
	}
	fields(root, d.Fields)
}

func (l Listen) protocol() *tree.Node {
	return l.Protocol.Span.str(strings.ToUpper(l.Protocol.Text))
}

// onlyServices refuses what only the ports of Services have.
func (t *translator) onlyServices(l Listen) {
	for _, w := range []Word{l.To, l.Node} {
		if w.Stated() {
			t.misplaced(w.Span, "leave it out", "only a service's ports lead to others")
		}
	}
}

func (t *translator) service(in place, d *Service) {
	if !t.needsNamespace(in, d.Head, "a service") {
		return
	}
	root := t.begin("v1", "Service", d.Head, in.namespace)
	if d.Type.Stated() {
		put(root, "spec.type", d.Type.str())
	}
	if d.Selects {
		n := d.Span.mapping()
		if d.Pods != nil {
			n = d.Pods.Span.mapping()
			for _, r := range d.Pods.Requirements {
				if r.Is != Equal {
					t.misplaced(r.Span, "write LABEL = VALUE", "a service selects by labels and values alone")
					continue
				}
				add(n, r.Key.Text, r.Values[0].str())
			}
		}
		put(root, "spec.selector", n)
	}
	if len(d.Addrs) > 0 {
		put(root, "spec.clusterIP", d.Addrs[0].str())
		put(root, "spec.clusterIPs", strs(d.Addrs[0].Span, d.Addrs))
	}
	var ports []*tree.Node
	for _, l := range d.Ports {
		n := l.Span.mapping(entry{"protocol", l.protocol()}, entry{"port", l.Port.plain()})
		if l.Name.Stated() {
			add(n, "name", l.Name.str())
		}
		if l.To.Stated() {
			to, _ := l.To.numbers()
			add(n, "targetPort", to)
		}
		if l.Node.Stated() {
			add(n, "nodePort", l.Node.plain())
		}
		ports = append(ports, n)
	}
	if len(ports) > 0 {
		put(root, "spec.ports", d.Ports[0].Span.list(ports...))
	}
	fields(root, d.Fields)
}

// machine translates an ExternalNode.
func (t *translator) machine(in place, d *Machine) {
	if !t.needsNamespace(in, d.Head, "a machine") {
		return
	}
	var faces []*tree.Node
	for _, f := range d.Faces {
		at := f.Addrs[0].Span
		n := at.mapping()
		if f.Name.Stated() {
			add(n, "name", f.Name.str())
		}
		add(n, "ips", strs(at, f.Addrs))
		faces = append(faces, n)
	}
	put(t.begin("crd.antrea.io/v1alpha1", "ExternalNode", d.Head, in.namespace), "spec.interfaces", d.Span.list(faces...))
}

// entity translates an ExternalEntity.
func (t *translator) entity(in place, d *Entity) {
	if !t.needsNamespace(in, d.Head, "an entity") {
		return
	}
	root := t.begin("crd.antrea.io/v1alpha2", "ExternalEntity", d.Head, in.namespace)
	spec := d.Span.mapping()
	add(root, "spec", spec)
	var addrs, ports []*tree.Node
	for _, w := range d.Addrs {
		addrs = append(addrs, w.Span.mapping(entry{"ip", w.str()}))
	}
	if len(addrs) > 0 {
		add(spec, "endpoints", d.Addrs[0].Span.list(addrs...))
	}
	for _, l := range d.Ports {
		t.onlyServices(l)
		n := l.Span.mapping(entry{"protocol", l.protocol()}, entry{"port", l.Port.plain()})
		if l.Name.Stated() {
			add(n, "name", l.Name.str())
		}
		ports = append(ports, n)
	}
	if len(ports) > 0 {
		add(spec, "ports", d.Ports[0].Span.list(ports...))
	}
	if d.Machine.Stated() {
		add(spec, "externalNode", d.Machine.str())
	}
	fields(root, d.Fields)
}

// object translates an object that is written field by field. Whether it belongs into a namespace its kind tells, which is not known
// here: one within a namespace's braces gets that.
func (t *translator) object(in place, d *Object) {
	fields(t.begin(d.Version.Text, d.Kind.Text, d.Head, in.namespace), d.Fields)
}
