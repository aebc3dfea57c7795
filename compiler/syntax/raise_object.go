package syntax

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
)

func (o *reading) space() []Decl {
	o.only(o.root, "apiVersion", "kind", "metadata")
	return []Decl{&Namespace{Head: o.head}}
}

func (o *reading) tier() []Decl {
	f := o.spec("priority", "description")
	d := &Tier{Head: o.head, Priority: o.number(f[0])}
	if f[1] != nil {
		d.Description = Word{Text: o.text(f[1]), Quoted: true}
	}
	if !d.Priority.Stated() {
		o.fail()
	}
	return []Decl{d}
}

// group raises a Group or a ClusterGroup.
func (o *reading) group() []Decl {
	spec := o.only(o.root, "apiVersion", "kind", "metadata", "spec")[3]
	d := &Group{Head: o.head}
	for key, value := range spec.Pairs() {
		switch {
		case key.Text == "ipBlocks" && spec.Len() == 1:
			d.Peers = eachItem(o, value, o.block)
		case key.Text == "childGroups" && spec.Len() == 1:
			d.Peers = eachItem(o, value, func(n *tree.Node) Peer { return Peer{Kind: GroupNamed, Name: o.name(n)} })
		case key.Text == "serviceReference" && spec.Len() == 1:
			d.Peers = []Peer{{Kind: ServiceOf, Name: o.reference(value)}}
		}
	}
	if len(d.Peers) == 0 {
		o.only(spec, "podSelector", "namespaceSelector", "externalEntitySelector", "nodeSelector")
		d.Peers = []Peer{o.peer(spec)}
	}
	return []Decl{d}
}

func (o *reading) egress() []Decl {
	f := o.only(o.root.Get("spec"), "appliedTo", "egressIP", "egressIPs", "externalIPPool", "externalIPPools", "bandwidth")
	o.only(f[0], "podSelector", "namespaceSelector")
	d := &Egress{Head: o.head, For: []Peer{o.peer(f[0])}}
	d.As, d.Pools = o.oneOrMore(f[1], f[2]), o.oneOrMore(f[3], f[4])
	for _, w := range d.As {
		if _, err := netip.ParseAddr(w.Text); err != nil {
			o.fail()
		}
	}
	for i := range d.As {
		d.As[i].Quoted = false
	}
	g := o.only(f[5], "rate", "burst")
	d.Rate, d.Burst = o.quantity(g[0]), o.quantity(g[1])
	if d.Rate.Stated() != d.Burst.Stated() {
		o.fail()
	}
	d.Fields = o.rest([]string{"spec"})
	return []Decl{d}
}

// oneOrMore is a field for one, or that for several.
func (o *reading) oneOrMore(one, several *tree.Node) []Word {
	switch {
	case one != nil && several != nil:
		o.fail()
	case one != nil:
		return []Word{o.name(one)}
	case several != nil:
		list := o.names(several)
		if len(list) < 2 {
			o.fail()
		}
		return list
	}
	return nil
}

func (o *reading) pool() []Decl {
	f := o.spec("ipRanges", "subnetInfo", "nodeSelector")
	d := &Pool{Head: o.head, Nodes: o.selector(f[2])}
	d.Limited = d.Nodes != nil
	for _, item := range o.items(f[0]) {
		g := o.only(item, "cidr", "start", "end")
		switch {
		case g[0] != nil && g[1] == nil && g[2] == nil:
			if _, err := netip.ParsePrefix(o.text(g[0])); err != nil {
				o.fail()
			}
			d.Ranges = append(d.Ranges, Word{Text: g[0].Text})
		case g[0] == nil && g[1] != nil && g[2] != nil:
			start, end := o.address(g[1]), o.address(g[2])
			if start.Text != end.Text {
				start.Text += "-" + end.Text
			}
			d.Ranges = append(d.Ranges, start)
		default:
			o.fail()
		}
	}
	if len(d.Ranges) == 0 {
		o.fail()
	}
	if f[1] != nil {
		g := o.only(f[1], "gateway", "prefixLength", "vlan")
		d.Gateway = Word{Text: o.address(g[0]).Text + "/" + o.decimal(g[1])}
		if g[2] != nil {
			d.VLAN = Word{Text: o.decimal(g[2])}
		}
	}
	return []Decl{d}
}

func (o *reading) machine() []Decl {
	d := &Machine{Head: o.head}
	for _, item := range o.items(o.spec("interfaces")[0]) {
		f := o.only(item, "name", "ips")
		face := Face{Name: o.name(f[0]), Addrs: o.addresses(f[1])}
		if len(face.Addrs) == 0 {
			o.fail()
		}
		d.Faces = append(d.Faces, face)
	}
	if len(d.Faces) == 0 {
		o.fail()
	}
	return []Decl{d}
}

// part tries to read a field as a part of a sentence. If that fails, the field is left for the braces.
func part[T any](o *reading, n *tree.Node, take func(*reading, *tree.Node) T) (T, bool) {
	inner := &reading{namespace: o.namespace}
	var none T
	if n.IsNull() {
		return none, false
	}
	if out := take(inner, n); !inner.failed {
		return out, true
	}
	return none, false
}

// both reads a field for one, and that for all, which have to agree.
func (o *reading) both(one, all *tree.Node) ([]Word, bool) {
	var list []Word
	if !all.IsNull() {
		list = o.names(all)
	}
	if !one.IsNull() {
		first := o.name(one)
		if list == nil {
			list = []Word{first}
		}
		if len(list) == 0 || list[0].Text != first.Text {
			o.fail()
		}
	}
	for i := range list {
		if !isAddress(list[i].Text) && list[i].Text != "None" {
			o.fail()
		}
		list[i].Quoted = false
	}
	return list, !o.failed && len(list) > 0
}

// isAddress reports whether a text is an address or a prefix.
func isAddress(text string) bool {
	_, bad := netip.ParseAddr(text)
	_, worse := netip.ParsePrefix(text)
	return (bad == nil || worse == nil) && !strings.Contains(text, "%")
}

func (o *reading) node() []Decl {
	d := &Node{Head: o.head}
	spec, status := o.root.Get("spec"), o.root.Get("status")
	var taken []string
	if list, ok := (&reading{}).both(spec.Get("podCIDR"), spec.Get("podCIDRs")); ok {
		d.Pods, taken = list, append(taken, "spec.podCIDR", "spec.podCIDRs")
	}
	list, ok := part(o, status.Get("addresses"), func(o *reading, n *tree.Node) []Word {
		var out []Word
		for _, item := range o.items(n) {
			f := o.only(item, "type", "address")
			if o.text(f[0]) != "InternalIP" {
				o.fail()
			}
			out = append(out, o.address(f[1]))
		}
		return out
	})
	if ok && len(list) > 0 {
		d.Addrs, taken = list, append(taken, "status.addresses")
	}
	d.Fields = o.rest(taken)
	return []Decl{d}
}

func (o *reading) pod() []Decl {
	d := &Pod{Head: o.head}
	spec, status := o.root.Get("spec"), o.root.Get("status")
	var taken []string
	if name, ok := part(o, spec.Get("nodeName"), (*reading).name); ok && name.Stated() {
		d.Node, taken = name, append(taken, "spec.nodeName")
	}
	if list, ok := part(o, spec, (*reading).containers); ok {
		d.Ports, taken = list, append(taken, "spec.containers", "spec.initContainers")
	}
	ips, ok := part(o, status.Get("podIPs"), func(o *reading, n *tree.Node) []Word { return o.column(n, "ip") })
	one, stated := part(o, status.Get("podIP"), (*reading).address)
	switch {
	case ok && len(ips) > 0 && (!stated || one.Text == ips[0].Text):
		d.Addrs, taken = ips, append(taken, "status.podIP", "status.podIPs")
	case stated && status.Get("podIPs").IsNull():
		d.Addrs, taken = []Word{one}, append(taken, "status.podIP")
	}
	d.Fields = o.rest(taken)
	return []Decl{d}
}

// column is a list of mappings that have an address and nothing else.
func (o *reading) column(n *tree.Node, field string) []Word {
	return eachItem(o, n, func(item *tree.Node) Word { return o.address(o.only(item, field)[0]) })
}

// containers raises the ports of all containers that keep running. In the sentence they are those of one.
func (o *reading) containers(spec *tree.Node) []Listen {
	var out []Listen
	add := func(c *tree.Node) {
		if ports := c.Get("ports"); ports.Len() > 0 {
			out = append(out, o.listens(ports, "containerPort")...)
		}
	}
	for _, c := range spec.Get("containers").Items() {
		add(c)
	}
	for _, c := range spec.Get("initContainers").Items() {
		if scalar(c.Get("restartPolicy")) == "Always" {
			add(c)
		}
	}
	return out
}

// listens raises ports of pods, entities and Services.
func (o *reading) listens(n *tree.Node, number string, more ...string) []Listen {
	var out []Listen
	for _, item := range o.items(n) {
		f := o.only(item, append([]string{"name", "protocol", number}, more...)...)
		l := Listen{Name: o.name(f[0]), Protocol: o.protocol(f[1]), Port: Word{Text: o.decimal(f[2])}}
		if len(more) > 0 && f[3] != nil {
			if l.To = o.portRange(f[3], nil); l.To.Text == l.Port.Text {
				l.To = Word{}
			}
		}
		if len(more) > 0 && f[4] != nil {
			l.Node = Word{Text: o.decimal(f[4])}
		}
		out = append(out, l)
	}
	if len(out) == 0 {
		o.fail()
	}
	return out
}

func (o *reading) service() []Decl {
	d := &Service{Head: o.head}
	spec := o.root.Get("spec")
	var taken []string
	if name, ok := part(o, spec.Get("type"), (*reading).name); ok && name.Stated() {
		d.Type, taken = name, append(taken, "spec.type")
	}
	pods, ok := part(o, spec.Get("selector"), func(o *reading, n *tree.Node) *Selector {
		s := &Selector{}
		for key, value := range n.Pairs() {
			s.Requirements = append(s.Requirements, Requirement{Key: Name(key.Text), Values: []Word{o.name(value)}})
		}
		return s
	})
	if ok && len(pods.Requirements) > 0 {
		d.Selects, d.Pods, taken = true, pods, append(taken, "spec.selector")
	}
	if list, ok := (&reading{}).both(spec.Get("clusterIP"), spec.Get("clusterIPs")); ok {
		d.Addrs, taken = list, append(taken, "spec.clusterIP", "spec.clusterIPs")
	}
	list, ok := part(o, spec.Get("ports"), func(o *reading, n *tree.Node) []Listen { return o.listens(n, "port", "targetPort", "nodePort") })
	if ok {
		d.Ports, taken = list, append(taken, "spec.ports")
	}
	d.Fields = o.rest(taken)
	return []Decl{d}
}

func (o *reading) entity() []Decl {
	d := &Entity{Head: o.head}
	spec := o.root.Get("spec")
	var taken []string
	if name, ok := part(o, spec.Get("externalNode"), (*reading).name); ok && name.Stated() {
		d.Machine, taken = name, append(taken, "spec.externalNode")
	}
	ips, ok := part(o, spec.Get("endpoints"), func(o *reading, n *tree.Node) []Word { return o.column(n, "ip") })
	if ok && len(ips) > 0 {
		d.Addrs, taken = ips, append(taken, "spec.endpoints")
	}
	if list, ok := part(o, spec.Get("ports"), func(o *reading, n *tree.Node) []Listen { return o.listens(n, "port") }); ok {
		d.Ports, taken = list, append(taken, "spec.ports")
	}
	d.Fields = o.rest(taken)
	return []Decl{d}
}

// expectations raises every expectation to a sentence of its own. The name is the file's, whatever it was.
func (o *reading) expectations() []Decl {
	if len(o.head.Labels)+len(o.head.Annotations) > 0 {
		o.fail()
	}
	var out []Decl
	for _, item := range o.items(o.spec("expect")[0]) {
		f := o.only(item, "verdict", "from", "to", "ports", "protocols")
		d := &Expect{Span: Span{Line: item.Line, Col: item.Col}, From: o.peers(f[1]), To: o.peers(f[2])}
		d.Verdict = o.word(f[0], map[string]string{"Allow": "allow", "Drop": "drop", "Reject": "reject"})
		d.Ports = append(o.ports(f[3]), o.protocols(f[4])...)
		if len(d.From) == 0 || len(d.To) == 0 {
			o.fail()
		}
		out = append(out, d)
	}
	return out
}

// rest is what a sentence has not taken, field by field.
func (o *reading) rest(taken []string) []Field {
	return leftover(o.root, append(taken, "apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations"))
}

// leftover lists an object's fields but for those that are said elsewhere. Of its parts, as spec, each field is said alone.
func leftover(root *tree.Node, said []string) []Field {
	skip := map[string]bool{}
	for _, path := range said {
		skip[path] = true
	}
	var out []Field
	for key, value := range root.Pairs() {
		if skip[key.Text] || value.IsNull() {
			continue
		}
		isPart := key.Text == "metadata" || key.Text == "spec" || key.Text == "status"
		if !isPart || value.Kind != tree.Mapping {
			out = append(out, fieldOf(key.Text, value))
			continue
		}
		for inner, value := range value.Pairs() {
			if path := key.Text + "." + inner.Text; !skip[path] && !value.IsNull() {
				out = append(out, fieldOf(path, value))
			}
		}
	}
	return out
}

// fieldOf says a field by the longest path.
func fieldOf(path string, n *tree.Node) Field {
	for n.Kind == tree.Mapping && n.Len() == 1 && isWord(n.First.Text) && !strings.Contains(n.First.Text, ".") && !n.First.Next.IsNull() {
		path, n = path+"."+n.First.Text, n.First.Next
	}
	return Field{Path: Name(path), Value: valueOf(n)}
}

// valueOf says any value.
func valueOf(n *tree.Node) Value {
	switch n.Kind {
	case tree.Mapping:
		v := Value{Kind: Mapping}
		for key, value := range n.Pairs() {
			v.Fields = append(v.Fields, Field{Path: Name(key.Text), Value: valueOf(value)})
		}
		return v
	case tree.Sequence:
		v := Value{Kind: List}
		for _, item := range n.Items() {
			v.Items = append(v.Items, valueOf(item))
		}
		return v
	}
	return Value{Word: valueWord(n)}
}

// valueWord says a scalar: a string in quotes if it would be taken for something else without.
func valueWord(n *tree.Node) Word {
	if n.IsNull() {
		return Word{Text: "null"}
	}
	switch n.Type() {
	case tree.Int:
		if v, ok := n.Int(); ok {
			return Word{Text: strconv.FormatInt(v, 10)}
		}
	case tree.Float:
		if v, ok := n.Float(); ok {
			return Word{Text: strconv.FormatFloat(v, 'g', -1, 64)}
		}
	case tree.Bool:
		if v, ok := n.Bool(); ok {
			return Word{Text: strconv.FormatBool(v)}
		}
	}
	plain := &tree.Node{Text: n.Text}
	bare := plain.Type() == tree.String && (isName(n.Text) || strings.Count(n.Text, ":") >= 2 && isAddress(n.Text))
	return Word{Text: n.Text, Quoted: !bare}
}

// generic is the declaration that says any object.
func generic(root *tree.Node, version, kind string, namespaced bool) *Object {
	o := &reading{}
	d := &Object{Head: o.meta(root, raising{namespaced: true, open: true}), Version: Name(version), Kind: Name(kind)}
	said := []string{"apiVersion", "kind", "metadata.name", "metadata.labels", "metadata.annotations"}
	if namespaced {
		said = append(said, "metadata.namespace")
	}
	d.Fields = leftover(root, said)
	return d
}
