package manifest

import (
	"fmt"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// DefaultTiers returns the tiers that exist without being declared, by priority (systemGeneratedTiers of Antrea's controller).
func DefaultTiers() []Tier {
	tier := func(name string, priority uint8) Tier {
		return Tier{Meta: Meta{Kind: "Tier", Group: antreaGroup, Name: name}, Priority: priority}
	}
	return []Tier{tier("emergency", 50), tier("securityops", 100), tier("networkops", 150), tier("platform", 200),
		tier("application", 250), tier("baseline", 253)}
}

// reservedPriority tells for whom a tier priority is kept, "" for nobody (reservedTierPriorities and cnpAdminTierPriority).
func reservedPriority(v int64) string {
	switch v {
	case 220:
		return "ClusterNetworkPolicies of policy.networking.k8s.io in tier Admin"
	case 251:
		return "AdminNetworkPolicies"
	case 252:
		return "NetworkPolicies"
	case 254:
		return "ClusterNetworkPolicies of policy.networking.k8s.io in tier Baseline and BaselineAdminNetworkPolicies"
	case 255:
		return "the default verdict"
	}
	return ""
}

// antreaTier reads a crd.antrea.io/v1beta1 Tier (tierValidator.createValidate; resource definition, priority).
func (b *builder) antreaTier(m Meta, root *tree.Node) Object {
	const last = 250 // from here on tiers come after the applications'
	t := &Tier{Meta: m}
	n := root.Get("spec").Get("priority")
	v, ok := n.Int()
	if !ok || n.IsNull() {
		return t // reported by the schema
	}
	top := (*tree.Path)(nil).Field("spec")
	at := top.Field("priority")
	for _, known := range DefaultTiers() {
		if known.Name != m.Name {
			continue
		}
		if v != int64(known.Priority) {
			b.add(diag.BadPriority, n, &at, fmt.Sprintf("remove the Tier, which exists without being declared, or write priority: %d", known.Priority),
				"the tier %s has priority %d, which cannot be changed", known.Name, known.Priority)
		}
		t.Priority = known.Priority
		return t
	}
	switch owner := reservedPriority(v); {
	case v < 0 || v > 255:
		b.add(diag.BadPriority, n, &at, "use a number from 0 to 255, best below 250", "the priority %d is not in the range 0 to 255", v)
	case owner != "":
		b.add(diag.BadPriority, n, &at, "use another number, best below 250", "the tier priority %d is reserved for %s", v, owner)
	default:
		if v >= last {
			b.add(diag.LateTier, n, &at, "", "the tier %s comes no earlier than the application tier, %d", m.Name, last)
		}
		t.Priority = uint8(v)
	}
	return t
}

// memberGroup reads a crd.antrea.io/v1beta1 ClusterGroup or Group: exactly one kind of member, or namespaceSelector with
// podSelector or externalEntitySelector (validateAntreaClusterGroupSpec, validateAntreaGroupSpec, validateChildClusterGroup).
func (b *builder) memberGroup(m Meta, root *tree.Node) Object {
	g := &Group{Meta: m}
	n := root.Get("spec")
	top := (*tree.Path)(nil).Field("spec")
	if n.IsNull() || n.Kind != tree.Mapping {
		return g // reported by the schema
	}
	stated := given(n, "podSelector", "namespaceSelector", "externalEntitySelector", "nodeSelector", "serviceReference")
	for _, name := range []string{"ipBlocks", "childGroups"} {
		if n.Get(name).Len() > 0 {
			stated = append(stated, name)
		}
	}
	switch with := without(stated, "namespaceSelector"); {
	case blank(n):
		b.add(diag.BadGroup, n, &top, "", "the group has no members")
	case len(with) > 1, len(with) == 1 && len(stated) == 2 && with[0] != "podSelector" && with[0] != "externalEntitySelector":
		key, _ := n.Lookup(stated[len(stated)-1])
		at := top.Field(key.Text)
		b.add(diag.BadGroup, key, &at, "write a group of each, and one with childGroups that joins them",
			"a group has members of one kind, not %s", strings.Join(stated, " and "))
	}
	p := b.selectors(n, &top)
	if v := n.Get("serviceReference"); !v.IsNull() && v.Kind == tree.Mapping {
		p.Service = b.groupService(m, v, &top)
	}
	at := top.Field("ipBlocks")
	for item, at := range list(n.Get("ipBlocks"), &at) {
		g.Members = append(g.Members, RankedPeer{Peer: Peer{Field: b.field(at), Pos: b.pos(item), IPBlock: b.ipBlock(item, at)}})
	}
	if many, one := blocksOf(g.Members); many != nil && one != nil {
		b.addAt(diag.BadGroup, many.Pos, many.Field, "write two groups", "blocks of multicast and of other addresses do not go together in one group")
	}
	g.Members = append(g.Members, b.children(m, n, &top)...)
	if len(g.Members) == 0 {
		g.Members = []RankedPeer{p}
	}
	return g
}

// groupService reads serviceReference; a Group's own namespace is the default.
func (b *builder) groupService(m Meta, n *tree.Node, top *tree.Path) *ServiceRef {
	at := top.Field("serviceReference")
	ref := b.serviceRef(n, &at)
	switch path := at.Field("namespace"); {
	case ref.Namespace == "" && m.Namespace == "":
		b.add(diag.MissingField, n, &path, "", "serviceReference has no namespace")
	case ref.Namespace == "":
		ref.Namespace = m.Namespace
	}
	return &ref
}

func (b *builder) children(m Meta, n *tree.Node, top *tree.Path) []RankedPeer {
	var out []RankedPeer
	path := top.Field("childGroups")
	for item, at := range list(n.Get("childGroups"), &path) {
		name := str(item)
		if bad := badSubdomain(name); bad != "" && item.Kind == tree.Scalar {
			b.add(diag.BadName, item, at, "", "the group's name %q %s", item.Text, bad)
		}
		if name == m.Name {
			b.add(diag.BadGroup, item, at, "remove it from childGroups", "the group %s is its own child", name)
		}
		out = append(out, RankedPeer{Peer: Peer{Field: b.field(at), Pos: b.pos(item)}, Group: b.keep(item)})
	}
	return out
}
