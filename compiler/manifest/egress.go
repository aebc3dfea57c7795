package manifest

import (
	"net/netip"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// egressReader reads one crd.antrea.io/v1beta1 Egress. Its rules are those of the resource definition in deploy/crd, which test/apiserver
// compares it with: Antrea's own, and two lists of at most one address of each family, which Antrea does not support yet.
type egressReader struct {
	*builder
	e    *Egress
	spec *tree.Node
	top  tree.Path // "spec"
}

// egress reads an Egress.
func (b *builder) egress(m Meta, root *tree.Node) Object {
	r := &egressReader{builder: b, e: &Egress{Meta: m, Created: created(root)}, spec: root.Get("spec"), top: (*tree.Path)(nil).Field("spec")}
	if r.spec.IsNull() || r.spec.Kind != tree.Mapping {
		return r.e // reported by the schema
	}
	r.appliedTo()
	r.addresses()
	r.bandwidth()
	r.status(root.Get("status"))
	return r.e
}

// created reads metadata.creationTimestamp, the zero value for nothing.
func created(root *tree.Node) time.Time {
	t, err := time.Parse(time.RFC3339, str(root.Get("metadata").Get("creationTimestamp")))
	if err != nil {
		return time.Time{} // none, or reported by the schema
	}
	return t.UTC()
}

func (r *egressReader) get(field string) (*tree.Node, tree.Path) {
	return r.spec.Get(field), r.top.Field(field)
}

// appliedTo reads the selectors. Antrea: an empty appliedTo selects nothing.
func (r *egressReader) appliedTo() {
	n, at := r.get("appliedTo")
	if n.IsNull() || n.Kind != tree.Mapping {
		return // reported by the schema
	}
	r.e.AppliedToPos = r.pos(n)
	r.e.PodSelector = r.optionalSelector(n, &at, "podSelector")
	r.e.NamespaceSelector = r.optionalSelector(n, &at, "namespaceSelector")
	if r.e.SelectsNothing() {
		r.add(diag.IgnoredValue, n, &at, "write labels in podSelector or namespaceSelector; for all pods, {namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}]}}",
			"no selector has a requirement, which selects no pod")
	}
}

// addresses reads what says which addresses are meant: two fields for one, or two lists for one of each family.
func (r *egressReader) addresses() {
	one, many := r.stated("egressIP", "externalIPPool"), r.stated("egressIPs", "externalIPPools")
	switch {
	case len(one) == 0 && len(many) == 0:
		r.add(diag.BadEgress, r.spec, &r.top, "", "the Egress has no egressIP and no externalIPPool")
		return
	case len(one) > 0 && len(many) > 0:
		key, _ := r.spec.Lookup(many[0])
		at := r.top.Field(many[0])
		r.add(diag.BadEgress, key, &at, "write egressIPs and externalIPPools alone, or neither of them", "%s does not go together with %s", many[0], one[0])
		return
	case len(one) > 0:
		addr, addrAt := r.get("egressIP")
		pool, poolAt := r.get("externalIPPool")
		r.address(addr, &addrAt, pool, &poolAt)
	default:
		r.pair()
	}
	if len(r.e.Addresses) == 0 && !r.failed {
		r.add(diag.IgnoredValue, r.spec, &r.top, "name an address or a pool", "the Egress names neither an address nor a pool")
	}
}

// stated lists which of the fields are there, empty ones included.
func (r *egressReader) stated(fields ...string) []string {
	var out []string
	for _, name := range fields {
		if !r.spec.Get(name).IsNull() {
			out = append(out, name)
		}
	}
	return out
}

// address reads one address or its pool, or both; either place may be nil.
func (r *egressReader) address(addr *tree.Node, addrAt *tree.Path, pool *tree.Node, poolAt *tree.Path) {
	out := EgressAddress{Addr: r.outside(addr, addrAt), Pool: r.keep(pool)}
	if out.Pool != "" {
		out.PoolField, out.PoolPos = r.field(poolAt), r.pos(pool)
		out.Field, out.Pos = out.PoolField, out.PoolPos
	}
	if out.Addr.IsValid() {
		out.Field, out.Pos = r.field(addrAt), r.pos(addr)
	}
	if out.Field != "" {
		r.e.Addresses = append(r.e.Addresses, out)
	}
}

// outside reads an address that the world outside can answer to.
func (b *builder) outside(n *tree.Node, path *tree.Path) netip.Addr {
	a := b.requiredAddr(n, path)
	if a.IsValid() && !a.IsGlobalUnicast() {
		b.add(diag.BadAddress, n, path, "use an address that answers from outside reach a node with", "%s is no address that anything can answer to", a)
		return netip.Addr{}
	}
	return a
}

// pair reads the lists: each has no entries or two, and entries of one index belong together.
func (r *egressReader) pair() {
	addrs, addrsAt := r.get("egressIPs")
	pools, poolsAt := r.get("externalIPPools")
	if !r.even(addrs, &addrsAt) || !r.even(pools, &poolsAt) {
		return
	}
	for i := range max(addrs.Len(), pools.Len()) {
		addr, pool := itemAt(addrs, i), itemAt(pools, i)
		addrAt, poolAt := addrsAt.Item(i), poolsAt.Item(i)
		if str(addr) == "" {
			addr = nil // then any of the pool's
		}
		r.address(addr, &addrAt, pool, &poolAt)
	}
	if out := r.e.Addresses; len(out) == 2 && out[0].Addr.IsValid() && out[1].Addr.IsValid() && FamilyOf(out[0].Addr) == FamilyOf(out[1].Addr) {
		r.addAt(diag.BadEgress, out[1].Pos, out[1].Field, "write one address of IPv4 and one of IPv6", "both addresses are of "+string(FamilyOf(out[0].Addr)))
	}
}

// even reports whether a list has no entries or two, and says so if not.
func (r *egressReader) even(n *tree.Node, path *tree.Path) bool {
	count := n.Len()
	if n == nil || n.Kind != tree.Sequence || count == 0 || count == 2 {
		return true
	}
	r.add(diag.BadEgress, n, path, "write two entries, one for IPv4 and one for IPv6, or use the fields for one address", "%s has %d entries, not two", path.Key, count)
	return false
}

// itemAt returns the item of a list, nil if there is none.
func itemAt(n *tree.Node, i int) *tree.Node {
	for at, v := range n.Items() {
		if at == i {
			return v
		}
	}
	return nil
}

// bandwidth reads spec.bandwidth.
func (r *egressReader) bandwidth() {
	n, at := r.get("bandwidth")
	if n.IsNull() || n.Kind != tree.Mapping {
		return
	}
	rate, burst := at.Field("rate"), at.Field("burst")
	r.e.Bandwidth = &Bandwidth{Field: r.field(&at), Pos: r.pos(n), Rate: r.bits(n.Get("rate"), &rate), Burst: r.bits(n.Get("burst"), &burst)}
}

// bits reads a quantity of bits; 0 after an error or for nothing. It is within the bounds that Kubernetes has for the bandwidth of
// pods (validateBandwidthIsReasonable, annotations kubernetes.io/ingress-bandwidth and egress-bandwidth). Fractions are rounded up.
func (b *builder) bits(n *tree.Node, path *tree.Path) int64 {
	const least, most, longest = 1_000, 1_000_000_000_000_000, 32
	if n == nil || n.Kind != tree.Scalar || n.IsNull() || n.Type() != tree.String {
		return 0 // reported by the schema
	}
	if len(n.Text) > longest {
		b.add(diag.BadQuantity, n, path, "", "a quantity of %d characters is longer than %d", len(n.Text), longest)
		return 0
	}
	q, err := resource.ParseQuantity(n.Text)
	switch {
	case err != nil:
		b.add(diag.BadQuantity, n, path, "", "%q is not a quantity", n.Text)
	case q.CmpInt64(least) < 0:
		b.add(diag.BadQuantity, n, path, "write at least 1k", "%s is less than 1k", n.Text)
	case q.CmpInt64(most) > 0:
		b.add(diag.BadQuantity, n, path, "write at most 1P", "%s is more than 1P", n.Text)
	default:
		return q.Value()
	}
	return 0
}

// status reads what the Egress has. Whoever wrote it may have written anything.
func (r *egressReader) status(n *tree.Node) {
	top := (*tree.Path)(nil).Field("status")
	r.e.Status.Node = r.keep(n.Get("egressNode"))
	text := str(n.Get("egressIP"))
	if text == "" {
		return
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Is4In6() || a.Zone() != "" {
		at := top.Field("egressIP")
		r.add(diag.IgnoredValue, n.Get("egressIP"), &at, "write one IPv4 or IPv6 address", "egressIP %q is not an IP address", text)
		return
	}
	r.e.Status.Addr = a
}
