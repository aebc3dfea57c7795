package manifest

import (
	"net/netip"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// addresses reads clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy, which have to agree.
func (r *serviceReader) addresses() {
	if r.s.Type == ExternalName {
		r.noAddresses()
		return
	}
	r.clusterIPs()
	families, at := r.get("ipFamilies")
	r.families(families, &at)
	r.s.IPFamilyPolicy = IPFamilyPolicy(r.strictChoice("ipFamilyPolicy", "policy about families", "",
		string(SingleStack), string(PreferDualStack), string(RequireDualStack)))
	if r.s.IPFamilyPolicy == "" {
		r.s.IPFamilyPolicy = SingleStack
		if r.s.Headless && len(r.s.Selector) == 0 {
			r.s.IPFamilyPolicy = RequireDualStack
		}
	}
	r.agree(families, &at)
}

// noAddresses refuses what an ExternalName cannot have.
func (r *serviceReader) noAddresses() {
	for _, field := range []string{"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} {
		n := r.spec.Get(field)
		empty := str(n) == "" && field != "ipFamilyPolicy"
		if n.IsNull() || n.Kind == tree.Scalar && empty || n.Kind != tree.Scalar && n.Len() == 0 {
			continue
		}
		r.forbid(field, "remove it, or choose another type", "a Service of type ExternalName has no %s", field)
	}
}

// clusterIPs reads the two fields for addresses. clusterIPs needs clusterIP beside it, which repeats its first item.
func (r *serviceReader) clusterIPs() {
	single, at := r.get("clusterIP")
	many, manyAt := r.get("clusterIPs")
	if many.Len() == 0 || many.Kind != tree.Sequence {
		r.clusterIP(single, &at)
		return
	}
	switch {
	case str(single) == "":
		r.add(diag.MissingField, many, &at, "write clusterIP too, with the first of clusterIPs", "the Service has clusterIPs, but no clusterIP")
	case str(single) != str(many.First):
		r.add(diag.BadService, single, &at, "repeat the first of clusterIPs", "clusterIP is %s, but clusterIPs begins with %s", str(single), str(many.First))
	}
	if str(many.First) == "None" {
		item := manyAt.Item(0)
		r.headless(many.First, &item)
		if many.Len() > 1 {
			r.add(diag.BadService, many, &manyAt, "write None alone, or addresses", "clusterIPs has None and addresses")
		}
		return
	}
	const most = 2
	r.count(many, &manyAt, 1, most, "write one address of each family")
	for item, at := range list(many, &manyAt) {
		r.clusterIP(item, at)
	}
	if len(r.s.ClusterIPs) > 1 && FamilyOf(r.s.ClusterIPs[0]) == FamilyOf(r.s.ClusterIPs[1]) {
		r.add(diag.BadService, many, &manyAt, "write one address of each family", "two clusterIPs are of the same family")
		r.s.ClusterIPs = r.s.ClusterIPs[:1]
	}
}

// clusterIP adds an address. "None" marks a headless Service, which has none. Only items of a list must not be empty.
func (r *serviceReader) clusterIP(n *tree.Node, path *tree.Path) {
	if str(n) == "None" && path.Key != "" {
		r.headless(n, path)
		return
	}
	if path.Key == "" {
		r.nullAddr(n, path)
	}
	if a := r.addr(n, path); a.IsValid() {
		r.s.ClusterIPs = append(r.s.ClusterIPs, a)
	}
}

func (r *serviceReader) headless(n *tree.Node, path *tree.Path) {
	r.s.Headless = true
	if r.s.Type != ClusterIP {
		r.add(diag.BadService, n, path, "remove it, or write type: ClusterIP", "a Service of type %s cannot be headless", r.s.Type)
	}
}

// nullAddr reports an item of a list of addresses that has no text.
func (b *builder) nullAddr(n *tree.Node, path *tree.Path) {
	if n != nil && n.Kind == tree.Scalar && str(n) == "" {
		b.add(diag.BadAddress, n, path, "", "the address is empty")
	}
}

// families reads ipFamilies.
func (r *serviceReader) families(n *tree.Node, path *tree.Path) {
	seen := map[string]bool{}
	for item, at := range list(n, path) {
		if item.IsNull() {
			r.add(diag.BadService, item, at, "write IPv4 or IPv6", "the family is empty")
			continue
		}
		word := r.word(diag.BadService, item, at, "family", string(IPv4), string(IPv6))
		if word != "" && seen[word] {
			r.add(diag.BadService, item, at, "name each family once", "the family %s occurs twice", word)
			continue
		}
		if seen[word] = true; word != "" {
			r.s.IPFamilies = append(r.s.IPFamilies, IPFamily(word))
		}
	}
}

// agree compares addresses, families and policy with each other.
func (r *serviceReader) agree(families *tree.Node, path *tree.Path) {
	s := r.s
	for i, a := range s.ClusterIPs {
		family := FamilyOf(a)
		if i >= len(s.IPFamilies) {
			s.IPFamilies = append(s.IPFamilies, family)
		} else if s.IPFamilies[i] != family {
			r.add(diag.BadService, families, path, "write the families in the order of the addresses", "%s is not an %s address, which ipFamilies has at its place", a, s.IPFamilies[i])
			return
		}
	}
	if s.IPFamilyPolicy != SingleStack || len(s.IPFamilies) < 2 {
		return
	}
	field := "ipFamilies"
	if families.Len() < 2 {
		field = "clusterIPs"
	}
	r.forbid(field, "write ipFamilyPolicy: PreferDualStack or RequireDualStack, or keep one family", "a Service whose ipFamilyPolicy is SingleStack has two families")
}

// externalIPs reads spec.externalIPs.
func (r *serviceReader) externalIPs() {
	n, path := r.get("externalIPs")
	for item, at := range list(n, &path) {
		r.nullAddr(item, at)
		a := r.addr(item, at)
		if !a.IsValid() {
			continue
		}
		if bad := special(a); bad != "" {
			r.add(diag.BadAddress, item, at, "use an address that packets from outside reach a node with", "%s %s", a, bad)
		}
		r.s.ExternalIPs = append(r.s.ExternalIPs, a)
	}
}

// sourceRanges reads spec.loadBalancerSourceRanges. Blanks around the networks are part of the API. The annotation of the same
// purpose is older than the field; it is judged as the API server does, and has no influence on what nodes do.
func (r *serviceReader) sourceRanges() {
	n, path := r.get("loadBalancerSourceRanges")
	if n.Len() == 0 || n.Kind != tree.Sequence {
		r.sourceRangesNote()
		return
	}
	if r.s.Type != LoadBalanced {
		r.forbid("loadBalancerSourceRanges", "remove it, or write type: LoadBalancer", "a Service of type %s has no loadBalancerSourceRanges", r.s.Type)
		return
	}
	for item, at := range list(n, &path) {
		if p := r.sourceRange(item, at); p.IsValid() {
			r.s.LoadBalancer.SourceRanges = append(r.s.LoadBalancer.SourceRanges, p)
		}
	}
}

func (r *serviceReader) sourceRange(n *tree.Node, path *tree.Path) netip.Prefix {
	if n.Kind != tree.Scalar {
		return netip.Prefix{} // reported by the schema
	}
	trimmed := *n
	trimmed.Text = strings.TrimSpace(str(n))
	if trimmed.Text == "" {
		r.add(diag.BadCIDR, n, path, "", "the CIDR is empty")
		return netip.Prefix{}
	}
	return r.prefix(&trimmed, path)
}

func (r *serviceReader) sourceRangesNote() {
	n, at := r.annotations.Get(sourceRangesAnnotation), r.notes.Field(sourceRangesAnnotation)
	if n == nil || n.Kind != tree.Scalar {
		return
	}
	if r.s.Type != LoadBalanced {
		r.add(diag.BadService, n, &at, "remove it, or write type: LoadBalancer", "a Service of type %s has no source ranges", r.s.Type)
		return
	}
	text := strings.TrimSpace(str(n))
	if text == "" {
		return
	}
	for part := range strings.SplitSeq(text, ",") {
		item := *n
		item.Text = part
		r.sourceRange(&item, &at)
	}
	r.add(diag.IgnoredValue, n, &at, "write spec.loadBalancerSourceRanges", "the annotation %s restricts nobody here", sourceRangesAnnotation)
}
