package manifest

import (
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

// Expectations is a headgate-net.github.io/v1alpha1 Expectations. It changes nothing about what other objects mean. There may be more than
// one of a name: a program's is called as its file, without directories.
type Expectations struct {
	Meta
	Expect []Expectation // in declared order
}

// Expectation says what becomes of new connections from each endpoint of From to each of To.
type Expectation struct {
	Field   string // "spec.expect[0]"
	Pos     source.Pos
	Verdict string // Allow, Drop or Reject
	From    []ExpectEndpoint
	To      []ExpectEndpoint
	Ports   []RankedPort // each of them; empty: all traffic
}

// ExpectEndpoint is one side's endpoints: Pod, Node, an IPBlock, or what RankedPeer's selectors select; a PodSelector alone does so in every
// namespace.
type ExpectEndpoint struct {
	RankedPeer
	Pod  *ObjectRef
	Node string
}

// ownGroup is the API group of what is headgate's own.
const ownGroup = "headgate-net.github.io"

// anyName takes all names.
func anyName(string) string { return "" }

// expectations reads an Expectations.
func (b *builder) expectations(m Meta, root *tree.Node) Object {
	e := &Expectations{Meta: m}
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("expect")
	r := antrea{builder: b}
	for item, at := range list(root.Get("spec").Get("expect"), &at) {
		if item.Kind != tree.Mapping {
			continue // reported by the schema
		}
		x := Expectation{Field: b.field(at), Pos: b.pos(item), Ports: r.rulePorts(item, at, side{})}
		verdict := at.Field("verdict")
		x.Verdict = b.word(diag.BadAction, item.Get("verdict"), &verdict, "verdict", "Allow", "Drop", "Reject")
		x.From, x.To = r.expectEndpoints(item, at, "from"), r.expectEndpoints(item, at, "to")
		e.Expect = append(e.Expect, x)
	}
	return e
}

// expectEndpoints reads one side, of which there must be somebody.
func (r antrea) expectEndpoints(n *tree.Node, path *tree.Path, field string) []ExpectEndpoint {
	at := path.Field(field)
	items := n.Get(field)
	if items == nil {
		return nil // reported by the schema
	}
	r.count(items, &at, 1, 0, "")
	var out []ExpectEndpoint
	for item, at := range list(items, &at) {
		if item.Kind == tree.Mapping {
			out = append(out, r.expectEndpoint(item, at))
		}
	}
	return out
}

func (r antrea) expectEndpoint(n *tree.Node, path *tree.Path) ExpectEndpoint {
	e := ExpectEndpoint{RankedPeer: r.selectors(n, path), Pod: r.objectRef(n, path, "pod"), Node: r.keep(n.Get("node"))}
	if block := n.Get("ipBlock"); !block.IsNull() {
		at := path.Field("ipBlock")
		e.IPBlock = r.ipBlock(block, &at)
	}
	stated := given(n, "pod", "node", "podSelector", "namespaceSelector", "nodeSelector", "externalEntitySelector", "ipBlock")
	switch {
	case blank(n):
		r.add(diag.BadPeer, n, path, "write pod, node, podSelector, namespaceSelector, nodeSelector, externalEntitySelector or ipBlock", "the entry names nobody")
	case !r.alone(diag.BadPeer, n, path, stated, "pod", "node", "nodeSelector", "ipBlock"):
	case slices.Contains(stated, "podSelector"):
		r.alone(diag.BadPeer, n, path, without(stated, "namespaceSelector"), "externalEntitySelector")
	}
	return e
}
