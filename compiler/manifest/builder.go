package manifest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// Object is any of the objects that headgate reads; Objects has a list of each kind.
type Object interface{ Header() *Meta }

// Header returns the object's metadata.
func (m *Meta) Header() *Meta { return m }

// front is what all workers of one reading share.
type front struct {
	intern    *interner
	kinds     []kind
	namespace string // of objects that state none
	window    int    // 0 for the splitter's own; tests make it small
	libraries libraries
}

func newFront(namespace string) *front {
	if namespace == "" {
		namespace = "default"
	}
	return &front{intern: newInterner(), kinds: kinds(), namespace: namespace}
}

// batch is what came out of one piece of input, in its order.
type batch struct {
	objects   []Object
	findings  []diag.Finding
	skipped   []skip
	documents int
	partial   bool                         // it has items of a list that is not at its end yet
	refuted   bool                         // the partial batches before it belonged to no list
	imports   map[string][sha256.Size]byte // sums of the directories that a program imports, by path
}

// skip counts the objects of one kind that headgate does not read; pos is the first.
type skip struct {
	kind  string
	count int
	pos   source.Pos
}

// builder turns trees into objects. One goroutine uses it at a time.
type builder struct {
	*front
	file   string
	locate func(root *tree.Node) // see input
	arena  tree.Arena
	out    batch

	meta    *Meta // of the object under construction
	failed  bool  // it has an error
	scratch []Label
	buf     []byte
}

func (b *builder) pos(n *tree.Node) source.Pos {
	return source.Pos{File: b.file, Line: n.Line, Col: n.Col}
}

// add reports a finding about the current object. A hint of "" stands for the code's own.
func (b *builder) add(code diag.Code, n *tree.Node, path *tree.Path, hint, format string, args ...any) {
	b.addField(code, n, path.String(), hint, fmt.Sprintf(format, args...))
}

func (b *builder) addField(code diag.Code, n *tree.Node, field, hint, message string) {
	row := diag.Lookup(code)
	if hint == "" {
		hint = row.Hint
	}
	if row.Severity == diag.Error {
		b.failed = true
	}
	origin := source.Origin{Field: field, Pos: b.pos(n)}
	if b.meta != nil {
		origin.Object = label(b.meta)
	}
	b.out.findings = append(b.out.findings, diag.Finding{Code: code, Severity: row.Severity, Origin: origin,
		Message: strings.ToValidUTF8(message, "\uFFFD"), Hint: hint})
}

// addAt is addField for what was read already.
func (b *builder) addAt(code diag.Code, pos source.Pos, field, hint, message string) {
	b.addField(code, &tree.Node{Line: pos.Line, Col: pos.Col}, field, hint, message)
}

// label is the object's identity, or as much of it as is known.
func label(m *Meta) string {
	if m.Name == "" {
		return m.Kind
	}
	return m.ID()
}

// check compares the object with its kind's schema.
func (b *builder) check(k kind, root *tree.Node) {
	k.schema().Check(root, func(p schema.Problem) {
		if p.Code == diag.UnknownField && k.group != "" {
			p.Hint = cmp.Or(formerly(k, p.Path), p.Hint)
		}
		b.addField(p.Code, p.Node, p.Path, p.Hint, p.Message)
	})
}

// str is a scalar's text as far as it can be one; mistyped values were reported by the schema.
func str(n *tree.Node) string {
	if n == nil || n.Kind != tree.Scalar || n.IsNull() {
		return ""
	}
	return n.Text
}

// keep is str for values that recur in many objects.
func (b *builder) keep(n *tree.Node) string { return b.intern.text(str(n)) }

// field gives the path's text, one copy for all objects.
func (b *builder) field(path *tree.Path) string {
	b.buf = path.Append(b.buf[:0])
	return b.intern.bytes(b.buf)
}

// list yields the items of a list with their paths; a null item is an empty one, as in the API server.
func list(n *tree.Node, path *tree.Path) func(yield func(item *tree.Node, path *tree.Path) bool) {
	return func(yield func(*tree.Node, *tree.Path) bool) {
		for i, item := range n.Items() {
			at := path.Item(i)
			if !yield(item, &at) {
				return
			}
		}
	}
}

// labels reads a map of labels and judges its keys and values.
func (b *builder) labels(n *tree.Node, path *tree.Path) Labels {
	b.scratch = b.scratch[:0]
	for k, v := range n.Pairs() {
		b.label(k, v, path)
		b.scratch = append(b.scratch, Label{k.Text, str(v)})
	}
	return b.internLabels()
}

func (b *builder) label(k, v *tree.Node, path *tree.Path) {
	if bad := badLabelKey(k.Text); bad != "" {
		b.add(diag.BadLabel, k, path, "", "the label key %q %s", k.Text, bad)
	}
	if v.Kind != tree.Scalar {
		return
	}
	if bad := badLabelValue(str(v)); bad != "" {
		at := path.Field(k.Text)
		b.add(diag.BadLabel, v, &at, "", "the label value %q %s", v.Text, bad)
	}
}

func (b *builder) internLabels() Labels {
	slices.SortFunc(b.scratch, func(x, y Label) int { return strings.Compare(x.Key, y.Key) })
	b.scratch = slices.CompactFunc(b.scratch, func(x, y Label) bool { return x.Key == y.Key })
	b.buf = b.buf[:0]
	return b.intern.labelList(b.scratch, b.buf)
}

// annotations reads those that headgate uses: its own and Antrea's.
func (b *builder) annotations(n *tree.Node) Labels {
	b.scratch = b.scratch[:0]
	for k, v := range n.Pairs() {
		domain, _, _ := strings.Cut(k.Text, "/")
		if domain == "headgate-net.github.io" || strings.HasPrefix(domain, "headgate.") || strings.HasSuffix(domain, ".antrea.io") {
			b.scratch = append(b.scratch, Label{k.Text, str(v)})
		}
	}
	return b.internLabels()
}

// selector reads a LabelSelector into canonical form; nil gives the one that selects everything.
func (b *builder) selector(n *tree.Node, path *tree.Path) Selector {
	var requirements []Requirement
	at := path.Field("matchLabels")
	for k, v := range n.Get("matchLabels").Pairs() {
		b.label(k, v, &at)
		requirements = append(requirements, Requirement{k.Text, In, []string{str(v)}})
	}
	at = path.Field("matchExpressions")
	for item, at := range list(n.Get("matchExpressions"), &at) {
		if item.Kind == tree.Mapping {
			requirements = append(requirements, b.requirement(item, at))
		}
	}
	return b.intern.selector(MakeSelector(requirements...))
}

func (b *builder) requirement(n *tree.Node, path *tree.Path) Requirement {
	r := Requirement{Key: str(n.Get("key")), Op: Operator(str(n.Get("operator")))}
	keyPath, opPath, valuesPath := path.Field("key"), path.Field("operator"), path.Field("values")
	if bad := badLabelKey(r.Key); bad != "" && !n.Get("key").IsNull() {
		b.add(diag.BadLabel, n.Get("key"), &keyPath, "", "the label key %q %s", r.Key, bad)
	}
	values := n.Get("values")
	for v, at := range list(values, &valuesPath) {
		if bad := badLabelValue(str(v)); bad != "" && v.Kind == tree.Scalar {
			b.add(diag.BadLabel, v, at, "", "the label value %q %s", v.Text, bad)
		}
		r.Values = append(r.Values, str(v))
	}
	switch r.Op {
	case In, NotIn:
		if len(r.Values) == 0 && (values == nil || values.Kind == tree.Sequence || values.IsNull()) {
			b.add(diag.BadSelector, n, path, "", "operator %s needs values", r.Op)
		}
	case Exists, DoesNotExist:
		if len(r.Values) > 0 {
			b.add(diag.BadSelector, values, &valuesPath, "", "operator %s takes no values", r.Op)
		}
	default:
		if op := n.Get("operator"); !op.IsNull() {
			b.add(diag.BadSelector, op, &opPath, operatorHint(string(r.Op)), "unknown operator %q", op.Text)
		}
	}
	return r
}

func operatorHint(op string) string {
	names := []string{string(In), string(NotIn), string(Exists), string(DoesNotExist)}
	if near := schema.Nearest(op, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "the operators are " + strings.Join(names, ", ")
}

// addr reads an IP address; the zero Addr after an error or for nothing. IPv4 in IPv6 notation is refused, as by the API
// server's strict validation.
func (b *builder) addr(n *tree.Node, path *tree.Path) netip.Addr {
	text := str(n)
	if text == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		hint := ""
		if p, err := netip.ParsePrefix(text); err == nil {
			hint = "leave out the prefix length: " + p.Addr().String()
		}
		b.add(diag.BadAddress, n, path, hint, "%q is not an IP address%s", text, leadingZero(text))
	case a.Is4In6():
		b.add(diag.BadAddress, n, path, "write "+a.Unmap().String(), "%s is an IPv4 address in IPv6 notation", text)
	case a.Zone() != "":
		b.add(diag.BadAddress, n, path, "leave out the zone: "+a.WithZone("").String(), "%s has a zone", text)
	default:
		return a
	}
	return netip.Addr{}
}

func leadingZero(text string) string {
	text, _, _ = strings.Cut(text, "/")
	for part := range strings.SplitSeq(text, ".") {
		if len(part) > 1 && part[0] == '0' && strings.Count(text, ".") == 3 {
			return ": it has leading zeros"
		}
	}
	return ""
}

// prefix reads a CIDR and masks it; the zero Prefix after an error or for nothing.
func (b *builder) prefix(n *tree.Node, path *tree.Path) netip.Prefix {
	text := str(n)
	if n == nil || n.Kind != tree.Scalar || n.IsNull() {
		return netip.Prefix{}
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		b.add(diag.BadCIDR, n, path, cidrHint(text), "%q is not a CIDR%s", text, leadingZero(text))
		return netip.Prefix{}
	case p.Addr().Is4In6():
		hint := ""
		if p.Bits() >= 96 {
			hint = "write " + netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).String()
		}
		b.add(diag.BadCIDR, n, path, hint, "%s is an IPv4 network in IPv6 notation", text)
		return netip.Prefix{}
	case p.Masked() != p:
		b.add(diag.HostBits, n, path, "write "+p.Masked().String()+"; API servers from 1.37 refuse host bits",
			"%s has bits set beyond its prefix length; it is taken as %s", text, p.Masked())
	}
	return p.Masked()
}

func cidrHint(text string) string {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return "for this one address write " + netip.PrefixFrom(a, a.BitLen()).String()
	}
	return ""
}

// statedProtocol is protocol for a field whose default only an absent value gets: "" is refused, as by the API server.
func (b *builder) statedProtocol(n *tree.Node, path *tree.Path) string {
	if n != nil && n.Kind == tree.Scalar && !n.IsNull() && n.Text == "" {
		b.add(diag.BadProtocol, n, path, "remove the field, or write TCP, UDP or SCTP", "the protocol is empty")
	}
	return b.protocol(n, path)
}

// protocol reads TCP, UDP or SCTP; TCP for nothing.
func (b *builder) protocol(n *tree.Node, path *tree.Path) string {
	switch p := str(n); p {
	case "", "TCP":
		return "TCP"
	case "UDP":
		return "UDP"
	case "SCTP":
		return "SCTP"
	default:
		hint := ""
		switch upper := strings.ToUpper(p); {
		case upper == "TCP" || upper == "UDP" || upper == "SCTP":
			hint = "write " + upper
		case b.meta.Group == antreaGroup && (upper == "ICMP" || upper == "IGMP"):
			hint = "write protocols: [{" + strings.ToLower(p) + ": {}}] instead of ports"
		}
		b.add(diag.BadProtocol, n, path, hint, "unknown protocol %q", p)
	}
	return "TCP"
}

// port reads a port number; 0 after an error or for nothing.
func (b *builder) port(n *tree.Node, path *tree.Path) uint16 {
	v, ok := n.Int()
	if !ok || n.IsNull() {
		return 0
	}
	if v < math.MinInt32 || v > math.MaxInt32 {
		return 0 // reported by the schema
	}
	if v < 1 || v > 65535 {
		b.add(diag.BadPort, n, path, "use a number from 1 to 65535", "%d is not a port number", v)
		return 0
	}
	return uint16(v)
}
