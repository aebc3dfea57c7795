package manifest

import (
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/schema"
	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// wordHint names the word that was probably meant, or all of them. The APIs call the same actions by different words.
func wordHint(word string, words []string) string {
	for _, same := range [][]string{{"Allow", "Accept"}, {"Drop", "Deny", "Reject"}} {
		for _, other := range words {
			if slices.Contains(same, word) && slices.Contains(same, other) {
				return "write " + other
			}
		}
	}
	if near := schema.Nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return "use " + strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// given lists those of the fields that a mapping states: null and "" say nothing, an empty mapping does.
func given(n *tree.Node, fields ...string) []string {
	var out []string
	for _, name := range fields {
		if v := n.Get(name); !v.IsNull() && !(v.Kind == tree.Scalar && v.Text == "") {
			out = append(out, name)
		}
	}
	return out
}

// emptyHint is the way out for a peer that names nobody, perhaps because a selector was left without a value.
func emptyHint(n *tree.Node) string {
	for k, v := range n.Pairs() {
		if v.IsNull() && strings.HasSuffix(k.Text, "Selector") {
			return k.Text + " without a value is null; to select everything write " + k.Text + ": {}"
		}
	}
	return "say who the peer is, for instance podSelector: {}; for everyone, leave out the list of peers"
}

// blank reports a mapping that states nothing at all beside the fields named, not even a field that is unknown: all values are
// null, "" or [].
func blank(n *tree.Node, beside ...string) bool {
	if n.Kind != tree.Mapping {
		return false
	}
	for k, v := range n.Pairs() {
		if !slices.Contains(beside, k.Text) && !v.IsNull() && (v.Kind == tree.Mapping || v.First != nil || v.Text != "") {
			return false
		}
	}
	return true
}

// optionalSelector reads a selector where null means none.
func (b *builder) optionalSelector(n *tree.Node, path *tree.Path, field string) *Selector {
	s := n.Get(field)
	if s.IsNull() {
		return nil
	}
	at := path.Field(field)
	sel := b.selector(s, &at)
	return &sel
}

// alone reports the fields that must stand alone in their mapping and do not.
func (b *builder) alone(code diag.Code, n *tree.Node, path *tree.Path, stated []string, exclusive ...string) bool {
	if len(stated) < 2 {
		return true
	}
	for _, field := range exclusive {
		if !slices.Contains(stated, field) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(stated), func(name string) bool { return name == field })
		key, _ := n.Lookup(field)
		at := path.Field(field)
		b.add(code, key, &at, "write two entries, one with "+field+" and one without", "%s does not go together with %s", field, strings.Join(others, ", "))
		return false
	}
	return true
}

// selectors reads what peers, appliedTo and groups have in common.
func (b *builder) selectors(n *tree.Node, path *tree.Path) RankedPeer {
	p := RankedPeer{Peer: Peer{Field: b.field(path), Pos: b.pos(n)}}
	p.PodSelector = b.optionalSelector(n, path, "podSelector")
	p.NamespaceSelector = b.optionalSelector(n, path, "namespaceSelector")
	p.NodeSelector = b.optionalSelector(n, path, "nodeSelector")
	p.ExternalEntitySelector = b.optionalSelector(n, path, "externalEntitySelector")
	return p
}

// peer reads an entry of from or to: exactly one kind of peer (validatePeers, and what the API's field documentation calls
// exclusive; Antrea itself takes one of several kinds in silence).
func (r antrea) peer(n *tree.Node, path *tree.Path) RankedPeer {
	p := r.selectors(n, path)
	if block := n.Get("ipBlock"); !block.IsNull() {
		at := path.Field("ipBlock")
		p.IPBlock = r.ipBlock(block, &at)
	}
	p.Group = r.group(n, path)
	p.Namespaces = r.namespaces(n, path)
	p.ServiceAccount = r.objectRef(n, path, "serviceAccount")
	at := path.Field("fqdn")
	p.FQDN = r.fqdn(n.Get("fqdn"), &at)
	r.scope(n, path)
	stated := given(n, "ipBlock", "podSelector", "namespaceSelector", "namespaces", "externalEntitySelector", "group", "fqdn", "serviceAccount", "nodeSelector")
	switch {
	case blank(n, "scope"):
		r.add(diag.BadPeer, n, path, emptyHint(n), "the peer names nobody")
	case len(stated) == 1 && n.Len() == 1: // as most are
	case !r.alone(diag.BadPeer, n, path, append(stated, given(n, "scope")...), "group", "serviceAccount", "nodeSelector"):
	case !r.alone(diag.BadPeer, n, path, stated, "ipBlock", "fqdn"):
	case slices.Contains(stated, "namespaceSelector") && !r.alone(diag.BadPeer, n, path, without(stated, "podSelector", "externalEntitySelector"), "namespaces"):
	case slices.Contains(stated, "podSelector"):
		r.alone(diag.BadPeer, n, path, without(stated, "namespaceSelector", "namespaces"), "externalEntitySelector")
	}
	return p
}

func without(fields []string, leave ...string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return slices.Contains(leave, name) })
}

// scope refuses what spans clusters.
func (b *builder) scope(n *tree.Node, path *tree.Path) {
	at := path.Field("scope")
	if b.word(diag.BadPeer, n.Get("scope"), &at, "scope", "Cluster", "ClusterSet") == "ClusterSet" {
		b.add(diag.NotSupported, n.Get("scope"), &at, "write scope: Cluster", "peers in other clusters are not supported yet")
	}
}

// namespaces reads {match: Self} or {sameLabels: [...]}, one of the two (validatePeers).
func (b *builder) namespaces(n *tree.Node, path *tree.Path) *NamespaceMatch {
	v := n.Get("namespaces")
	if v.IsNull() || v.Kind != tree.Mapping {
		return nil
	}
	at := path.Field("namespaces")
	out := &NamespaceMatch{}
	switch stated := given(v, "match", "sameLabels"); {
	case blank(v) && v.Get("sameLabels").IsNull():
		b.add(diag.BadPeer, v, &at, "write match: Self, or sameLabels with label keys", "namespaces does not say which")
	case len(stated) == 2:
		key, _ := v.Lookup("sameLabels")
		path := at.Field("sameLabels")
		b.add(diag.BadPeer, key, &path, "keep one of the two", "namespaces matches in two ways")
	case len(stated) == 1 && stated[0] == "sameLabels" && v.Get("sameLabels").Len() == 0:
		at := at.Field("sameLabels")
		b.add(diag.BadPeer, v.Get("sameLabels"), &at, "name at least one label key", "sameLabels is empty")
	}
	word := at.Field("match")
	out.Self = b.word(diag.BadPeer, v.Get("match"), &word, "match", "Self") != ""
	keys := at.Field("sameLabels")
	for item, at := range list(v.Get("sameLabels"), &keys) {
		if bad := badLabelKey(str(item)); bad != "" && item.Kind == tree.Scalar {
			b.add(diag.BadLabel, item, at, "", "the label key %q %s", item.Text, bad)
		}
		out.SameLabels = append(out.SameLabels, b.keep(item))
	}
	slices.Sort(out.SameLabels)
	out.SameLabels = slices.Compact(out.SameLabels)
	return out
}

// group reads the name of a ClusterGroup or Group.
func (b *builder) group(n *tree.Node, path *tree.Path) string {
	name := n.Get("group")
	if bad := badSubdomain(str(name)); bad != "" && str(name) != "" {
		at := path.Field("group")
		b.add(diag.BadName, name, &at, "", "the group's name %q %s", name.Text, bad)
	}
	return b.keep(name)
}

// objectRef reads a name with its namespace.
func (b *builder) objectRef(n *tree.Node, path *tree.Path, field string) *ObjectRef {
	v := n.Get(field)
	if v.IsNull() || v.Kind != tree.Mapping {
		return nil
	}
	at := path.Field(field)
	ref := b.reference(v, &at, badSubdomain)
	return &ref
}

// reference reads the fields name and namespace; whether they must be there is the schema's.
func (b *builder) reference(n *tree.Node, path *tree.Path, badName func(string) string) ObjectRef {
	for _, f := range []struct {
		field string
		judge func(string) string
	}{{"name", badName}, {"namespace", badLabelName}} {
		v := n.Get(f.field)
		if bad := f.judge(str(v)); bad != "" && !v.IsNull() && v.Kind == tree.Scalar {
			at := path.Field(f.field)
			b.add(diag.BadName, v, &at, "", "the %s %q %s", f.field, v.Text, bad)
		}
	}
	return ObjectRef{Namespace: b.keep(n.Get("namespace")), Name: b.keep(n.Get("name"))}
}

func (b *builder) serviceRef(n *tree.Node, path *tree.Path) ServiceRef {
	return ServiceRef{Field: b.field(path), Pos: b.pos(n), ObjectRef: b.reference(n, path, badLabelName)}
}

// toServices reads the Services of an egress rule. They go together with neither to, ports nor protocols (validatePeers).
func (r antrea) toServices(n *tree.Node, path *tree.Path) []ServiceRef {
	key, v := n.Lookup("toServices")
	if v == nil || v.Kind != tree.Sequence {
		return nil
	}
	at := path.Field("toServices")
	var others []string
	for _, field := range []string{"to", "ports", "protocols"} {
		if n.Get(field).Len() > 0 {
			others = append(others, field)
		}
	}
	if len(others) > 0 {
		r.add(diag.BadPeer, key, &at, "write two rules: a Service has its own ports", "toServices does not go together with %s", strings.Join(others, ", "))
	}
	var refs []ServiceRef
	for item, at := range list(v, &at) {
		ref := r.serviceRef(item, at)
		if ref.Namespace == "" {
			ref.Namespace = r.namespace
		}
		r.scope(item, at)
		refs = append(refs, ref)
	}
	return refs
}

// appliedTo reads the entries of one appliedTo.
func (r antrea) appliedTo(n *tree.Node, path *tree.Path) []RankedPeer {
	var out []RankedPeer
	services := 0
	for item, at := range list(n, path) {
		p := r.subject(item, at)
		if p.Service != nil {
			services++
		}
		out = append(out, p)
	}
	if services > 0 && services < len(out) {
		r.add(diag.BadAppliedTo, n, path, "write two policies", "a policy applies either to Services or to workloads, not to both")
	}
	return out
}

// subject reads one entry of appliedTo (checkAppliedTo). An empty entry is the whole namespace for a NetworkPolicy.
func (r antrea) subject(n *tree.Node, path *tree.Path) RankedPeer {
	p := r.selectors(n, path)
	p.Group = r.group(n, path)
	p.ServiceAccount = r.objectRef(n, path, "serviceAccount")
	if v := n.Get("service"); !v.IsNull() && v.Kind == tree.Mapping {
		at := path.Field("service")
		ref := r.serviceRef(v, &at)
		p.Service = &ref
	}
	stated := given(n, "podSelector", "namespaceSelector", "externalEntitySelector", "group", "serviceAccount", "service", "nodeSelector")
	switch {
	case len(stated) == 0 && r.namespaced:
		p.PodSelector = &Selector{}
	case blank(n):
		r.add(diag.BadAppliedTo, n, path, "to select every pod, write namespaceSelector: {}", "the entry selects nothing")
	default:
		r.alone(diag.BadAppliedTo, n, path, stated, "group", "serviceAccount", "service", "nodeSelector", "externalEntitySelector")
	}
	return p
}

// services judges policies and rules that apply to Services: they have ingress rules only, from blocks only (validateAppliedTo,
// validateAppliedToServiceIngressPeer).
func (r antrea) services(p *RankedPolicy, spec *tree.Node, top *tree.Path) {
	toService := func(subjects []RankedPeer) bool {
		return slices.ContainsFunc(subjects, func(s RankedPeer) bool { return s.Service != nil })
	}
	if key, v := spec.Lookup("egress"); toService(p.AppliedTo) && v.Len() > 0 {
		at := top.Field("egress")
		r.add(diag.BadAppliedTo, key, &at, "remove the egress rules, or apply them to pods", "egress rules cannot apply to a Service")
	}
	for _, rule := range p.IngressRules {
		if !toService(p.AppliedTo) && !toService(rule.AppliedTo) {
			continue
		}
		for _, peer := range rule.Peers {
			if peer.IPBlock == nil {
				r.addAt(diag.BadPeer, peer.Pos, peer.Field, "use ipBlock", "a rule that applies to a Service can name its peers by ipBlock only")
			}
		}
	}
}
