package manifest

import (
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// poolReader reads one crd.antrea.io/v1beta1 ExternalIPPool. Its rules are those of the resource definition and the admission policy in
// deploy/crd, which test/apiserver compares it with, and what Antrea's admission webhook says of ranges (ValidateIPRangesAndSubnetInfo).
// How it relates to other pools is not known here.
type poolReader struct {
	*builder
	p   *ExternalIPPool
	top tree.Path // "spec"
}

// externalIPPool reads an ExternalIPPool.
func (b *builder) externalIPPool(m Meta, root *tree.Node) Object {
	r := &poolReader{builder: b, p: &ExternalIPPool{Meta: m}, top: (*tree.Path)(nil).Field("spec")}
	spec := root.Get("spec")
	if spec.IsNull() || spec.Kind != tree.Mapping {
		return r.p // reported by the schema
	}
	at := r.top.Field("subnetInfo")
	r.subnet(spec.Get("subnetInfo"), &at)
	at = r.top.Field("nodeSelector")
	r.p.NodeSelector = b.selector(spec.Get("nodeSelector"), &at)
	ranges := spec.Get("ipRanges")
	at = r.top.Field("ipRanges")
	if !ranges.IsNull() && ranges.Kind == tree.Sequence && ranges.Len() == 0 {
		r.add(diag.IgnoredValue, ranges, &at, "add a range", "the pool has no addresses")
	}
	var wholes []extent
	for item, at := range list(ranges, &at) {
		if item.Kind != tree.Mapping {
			continue // reported by the schema
		}
		if whole, ok := r.addresses(item, at); ok {
			r.judge(item, at, whole, wholes)
			wholes = append(wholes, whole)
		}
	}
	return r.p
}

// extent is all addresses of a range, those that are not handed out included.
type extent struct {
	first, last netip.Addr
	text        string // as declared
}

func (e extent) has(a netip.Addr) bool {
	return a.Is4() == e.first.Is4() && a.Compare(e.first) >= 0 && a.Compare(e.last) <= 0
}

// addresses reads a range into the pool and returns its extent.
func (r *poolReader) addresses(n *tree.Node, path *tree.Path) (extent, bool) {
	cidr, start, end := n.Get("cidr"), n.Get("start"), n.Get("end")
	startAt, endAt := path.Field("start"), path.Field("end")
	if cidr.IsNull() && (start.IsNull() || end.IsNull()) {
		r.add(diag.BadPool, n, path, "", "the range has no cidr, and not both start and end")
		return extent{}, false
	}
	if !cidr.IsNull() {
		if !start.IsNull() && !end.IsNull() {
			r.add(diag.BadPool, n, path, "", "the range has cidr, start and end")
			return extent{}, false
		}
		for _, name := range []string{"start", "end"} {
			if v := n.Get(name); !v.IsNull() {
				at := path.Field(name)
				r.add(diag.IgnoredValue, v, &at, "remove it, or write start and end alone", "beside cidr, %s means nothing", name)
			}
		}
		return r.block(cidr, n, path)
	}
	first, last := r.outside(start, &startAt), r.outside(end, &endAt)
	switch {
	case !first.IsValid() || !last.IsValid():
		return extent{}, false
	case first.Is4() != last.Is4():
		r.add(diag.BadPool, end, &endAt, "write two addresses of one family", "the range begins with an address of %s and ends with one of %s", FamilyOf(first), FamilyOf(last))
		return extent{}, false
	case last.Less(first):
		r.add(diag.BadPool, end, &endAt, "exchange start and end", "the range ends with %s, which comes before %s", last, first)
		return extent{}, false
	}
	r.p.Ranges = append(r.p.Ranges, IPRange{Field: r.field(path), Pos: r.pos(n), First: first, Last: last})
	return extent{first, last, first.String() + "-" + last.String()}, true
}

// block reads a range that is a CIDR. Its first address is the network's, its last one, for IPv4, that for broadcasts: Antrea hands out
// neither.
func (r *poolReader) block(n, whole *tree.Node, path *tree.Path) (extent, bool) {
	at := path.Field("cidr")
	p := r.prefix(n, &at)
	if !p.IsValid() {
		return extent{}, false
	}
	out := IPRange{Field: r.field(path), Pos: r.pos(whole), CIDR: p}
	first, last := p.Addr(), lastAddr(p)
	if !first.IsGlobalUnicast() {
		r.add(diag.BadAddress, n, &at, "use addresses that answers from outside reach a node with", "%s has addresses that nothing can answer to", p)
		return extent{}, false
	}
	unused := 1
	if p.Addr().Is4() {
		unused = 2
	}
	if host := p.Addr().BitLen() - p.Bits(); host > 1 || host == 1 && unused == 1 {
		out.First, out.Last = first.Next(), last
		if unused == 2 {
			out.Last = last.Prev()
		}
	} else {
		r.add(diag.IgnoredValue, n, &at, "write start and end instead", "%s has no address to hand out: its first one is not used, nor the last one of IPv4", p)
	}
	r.p.Ranges = append(r.p.Ranges, out)
	return extent{first, last, p.String()}, true
}

// lastAddr returns the last address of a network.
func lastAddr(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(bytes); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

// judge compares a range with the subnet and with those before it.
func (r *poolReader) judge(n *tree.Node, path *tree.Path, e extent, before []extent) {
	if s := r.p.Subnet; s != nil && s.Gateway.IsValid() && s.Bits > 0 {
		out := r.p.Ranges[len(r.p.Ranges)-1]
		switch subnet := s.Prefix(); {
		case !subnet.Contains(e.first) || !subnet.Contains(e.last):
			r.add(diag.BadPool, n, path, "write addresses of this network, or correct subnetInfo", "the range %s is not within %s, the pool's subnet", e.text, subnet)
		case out.First.IsValid() && extent{first: out.First, last: out.Last}.has(s.Gateway):
			r.add(diag.GatewayInRange, n, path, "", "the gateway %s is in the range %s; it is not handed out", s.Gateway, e.text)
		}
	}
	if i := slices.IndexFunc(before, func(o extent) bool { return o.has(e.first) || e.has(o.first) }); i >= 0 {
		r.add(diag.BadPool, n, path, "take the addresses out of one of the ranges", "the range %s has addresses of %s, too", e.text, before[i].text)
	}
}

// subnet reads spec.subnetInfo.
func (r *poolReader) subnet(n *tree.Node, path *tree.Path) {
	if n.IsNull() || n.Kind != tree.Mapping {
		return
	}
	gateway, length, vlan := path.Field("gateway"), path.Field("prefixLength"), path.Field("vlan")
	s := &SubnetInfo{Field: r.field(path), Pos: r.pos(n), Gateway: r.requiredAddr(n.Get("gateway"), &gateway)}
	longest := int64(127)
	if s.Gateway.Is4() {
		longest = 31
	}
	s.Bits = int(r.within(n.Get("prefixLength"), &length, 1, longest))
	s.VLAN = uint16(r.within(n.Get("vlan"), &vlan, 0, 4094))
	r.p.Subnet = s
}

// within reads a number between two others; 0 after an error or for nothing.
func (r *poolReader) within(n *tree.Node, path *tree.Path, least, most int64) int64 {
	v, ok := n.Int()
	if !ok || n.IsNull() {
		return 0 // reported by the schema
	}
	if v < least || v > most {
		r.add(diag.BadPool, n, path, "write a number in this range", "%s cannot be %s, which is not in the range %d to %d", path.Key, n.Text, least, most)
		return 0
	}
	return v
}
