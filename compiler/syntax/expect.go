package syntax

import "github.com/headgate-net/headgate/compiler/manifest/tree"

// ExpectationsVersion is the API version of the kind Expectations, which is headgate's own.
const ExpectationsVersion = "headgate-net.github.io/v1alpha1"

// expect translates an expectation into an item of the file's only Expectations, which has the place of the first one.
func (t *translator) expect(in place, d *Expect) {
	w := &writer{t, in, nil}
	n := d.Span.mapping(entry{"verdict", d.Verdict.Span.str(title(d.Verdict.Text))})
	add(n, "from", w.endpoints(d.From))
	add(n, "to", w.endpoints(d.To))
	if ports := t.ports(in.scope, d.Ports, use{}); len(ports) > 0 {
		antrea{}.ports(w, n, ports)
	}
	t.expected = append(t.expected, n)
}

// expectations makes the document of all expectations.
func (t *translator) expectations() {
	if len(t.expected) == 0 {
		return
	}
	first := t.expected[0]
	at := Span{Line: first.Line, Col: first.Col}
	root := t.begin(ExpectationsVersion, "Expectations", Head{Span: at, Name: Word{Span: at, Text: stem(t.file.Name)}}, nil)
	put(root, "spec.expect", at.list(t.expected...))
}

// endpoints translates one side of an expectation.
func (w *writer) endpoints(list []Peer) *tree.Node {
	var items []*tree.Node
	list = w.peers(w.in.scope, list, use{})
	for _, p := range list {
		switch p.Kind {
		case PodNamed:
			items = append(items, p.Span.mapping(entry{"pod", w.reference(w.in, p.Name)}))
		case NodeNamed:
			items = append(items, p.Span.mapping(entry{"node", p.Name.str()}))
		case Pods, Everybody, Machines:
			items = appendSome(items, w.settled(p))
		case Nodes, Block:
			items = appendSome(items, w.peer(p))
		default:
			w.misplaced(p.Span, "write pod NAMESPACE/NAME, node NAME, pods (...), nodes (...), machines (...), namespaces or an address",
				"an expectation cannot be about %s", p.Kind)
		}
	}
	if len(list) == 0 {
		return Span{}.list() // a name stands for nothing, as was reported
	}
	return list[0].Span.list(items...)
}

// settled translates pods or machines so that the namespace is said, whatever the expectation is in.
func (w *writer) settled(p Peer) *tree.Node {
	field := "podSelector"
	if p.Kind == Machines {
		field = "externalEntitySelector"
	}
	n := p.Span.mapping()
	if p.Kind != Everybody {
		add(n, field, selector(p.Span, p.Selector))
	}
	where := p.In
	if (where == nil || where.Kind == Own) && w.in.namespace != nil {
		where = &Place{Span: p.Span, Kind: Named, Name: Word{Span: p.Span, Text: w.in.namespace.Text}}
	}
	if where != nil {
		if !w.plainPlace(where) {
			return nil
		}
		add(n, "namespaceSelector", where.where())
	}
	return n
}
