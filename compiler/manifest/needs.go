package manifest

import (
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/api"
	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// Need is an entry of the file that says what no policy may cut a node off from. It is no Kubernetes object. Names are ones for
// people and need not be distinct; ports are numbers.
type Need struct {
	Name      string
	Ports     []NeedPort // at least one
	Direction string     // In, Out, Both
	Of, Peers NeedParty
}

// NeedPort is a Port, or with Checks the healthCheckNodePort of each Service.
type NeedPort struct {
	Port
	Checks bool
}

// HealthCheckNodePorts is the word for ports of Services that a need's entry of ports may have.
const HealthCheckNodePorts = "HealthCheckNodePorts"

// NeedParty is one side of a need: a Role, the nodes that a selector selects, or, as Peers, a block of addresses. Exactly one is set.
type NeedParty struct {
	Role         string // Nodes, ControlPlane; Of: or Machines, Balanced; Peers: or Outside
	NodeSelector *Selector
	CIDR         netip.Prefix
}

// ParseNeeds reads a list of needs, in YAML or JSON, as strictly as manifests. Positions name the given file. If anything is wrong
// there is no list.
func ParseNeeds(name string, text []byte, report *diag.Report) []Need {
	b := &builder{front: newFront(""), file: name}
	out := b.needs(strings.ReplaceAll(string(text), "\r\n", "\n"))
	for _, f := range b.out.findings {
		report.AddFinding(f)
	}
	return out
}

func (b *builder) needs(text string) []Need {
	doc, rest := nextDocument(text)
	root, length := b.parse(doc, tree.Start{Line: 1, Col: 1})
	if b.failed {
		return nil
	}
	if root == nil {
		root = &tree.Node{Kind: tree.Mapping, Line: 1, Col: 1}
	}
	b.meta = &Meta{Kind: "NeedList"}
	if strings.TrimSpace(doc[length:]+rest) != "" {
		b.add(diag.Syntax, root, nil, "leave only one document", "there is more than one document")
	}
	b.repeated(root, nil)
	schema.OfCustom(api.NeedList{}).Check(root, func(p schema.Problem) { b.addField(p.Code, p.Node, p.Path, p.Hint, p.Message) })
	path := (*tree.Path)(nil).Field("needs")
	var out []Need
	for item, at := range list(root.Get("needs"), &path) {
		if item.Kind == tree.Mapping {
			out = append(out, b.need(item, at))
		}
	}
	if b.failed {
		return nil
	}
	return out
}

func (b *builder) need(n *tree.Node, path *tree.Path) Need {
	out := Need{Name: str(n.Get("name")), Of: NeedParty{Role: "Nodes"}}
	b.meta = &Meta{Kind: "Need", Name: strings.ToValidUTF8(out.Name, "")}
	at := path.Field("direction")
	out.Direction = b.word(diag.BadNeed, n.Get("direction"), &at, "direction", "In", "Out", "Both")
	at = path.Field("ports")
	b.count(n.Get("ports"), &at, 1, 0, "")
	for item, at := range list(n.Get("ports"), &at) {
		if item.Kind == tree.Mapping {
			out.Ports = append(out.Ports, b.needPort(item, at))
		}
	}
	if of := n.Get("of"); !of.IsNull() {
		at = path.Field("of")
		out.Of = b.party(of, &at, "Nodes", "ControlPlane", "Machines", "Balanced")
	}
	at = path.Field("peers")
	out.Peers = b.party(n.Get("peers"), &at, "Nodes", "ControlPlane", "Outside")
	return out
}

// needPort reads an entry of ports, which states numbers or what of Services has them.
func (b *builder) needPort(n *tree.Node, path *tree.Path) NeedPort {
	services := n.Get("services")
	if services.IsNull() {
		return NeedPort{Port: b.rulePort(n, path)}
	}
	for _, field := range []string{"protocol", "port", "endPort"} {
		if !n.Get(field).IsNull() {
			b.add(diag.BadNeed, n, path, "leave "+field+" out", "services does not go with %s", field)
		}
	}
	at := path.Field("services")
	return NeedPort{Checks: b.word(diag.BadNeed, services, &at, "ports of Services", HealthCheckNodePorts) != ""}
}

// party reads one side of a need, which must say in one way who that is.
func (b *builder) party(n *tree.Node, path *tree.Path, roles ...string) NeedParty {
	if n.IsNull() || n.Kind != tree.Mapping {
		return NeedParty{}
	}
	stated := 0
	for _, field := range []string{"role", "nodeSelector", "cidr"} {
		if !n.Get(field).IsNull() {
			stated++
		}
	}
	if stated != 1 {
		b.add(diag.BadNeed, n, path, "write role, nodeSelector or, for peers, cidr", "%s says in %d ways who that is", path.Key, stated)
	}
	role, cidr := path.Field("role"), path.Field("cidr")
	return NeedParty{
		Role:         b.word(diag.BadNeed, n.Get("role"), &role, "role", roles...),
		NodeSelector: b.optionalSelector(n, path, "nodeSelector"),
		CIDR:         b.prefix(n.Get("cidr"), &cidr),
	}
}
