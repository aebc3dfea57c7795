package manifest

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest/tree"
	"github.com/headgate-net/headgate/internal/diag"
)

// rulePorts reads ports and protocols, which a rule may have together: their union.
func (r antrea) rulePorts(n *tree.Node, path *tree.Path, s side) []RankedPort {
	count := n.Get("ports").Len() + 2*n.Get("protocols").Len()
	if count == 0 {
		return nil
	}
	out := make([]RankedPort, 0, count)
	at := path.Field("ports")
	for item, at := range list(n.Get("ports"), &at) {
		out = append(out, r.rankedPort(item, at))
	}
	at = path.Field("protocols")
	for item, at := range list(n.Get("protocols"), &at) {
		out = append(out, r.messages(item, at, s)...)
	}
	return out
}

// rankedPort reads an entry of ports (validatePort).
func (r antrea) rankedPort(n *tree.Node, path *tree.Path) RankedPort {
	p := RankedPort{Port: r.rulePort(n, path), SourceTo: 65535}
	first, last := n.Get("sourcePort"), n.Get("sourceEndPort")
	at := path.Field("sourcePort")
	from, stated := r.sourcePort(first, &at)
	if stated {
		p.SourceFrom, p.SourceTo = from, from
	}
	at = path.Field("sourceEndPort")
	to, ok := r.sourcePort(last, &at)
	switch {
	case !ok:
	case first.IsNull():
		r.add(diag.BadPortRange, last, &at, "add sourcePort, the first of the range", "sourceEndPort has no sourcePort to go with")
	case to < from:
		r.add(diag.BadPortRange, last, &at, "sourceEndPort must not be smaller than sourcePort", "sourceEndPort %d is smaller than sourcePort %d", to, from)
	default:
		p.SourceTo = to
	}
	return p
}

// sourcePort reads a port number that may be 0.
func (b *builder) sourcePort(n *tree.Node, path *tree.Path) (uint16, bool) {
	v, ok := n.Int()
	if !ok || n.IsNull() {
		return 0, false
	}
	if v < 0 || v > 65535 {
		b.add(diag.BadPort, n, path, "use a number from 0 to 65535", "%d is not a port number", v)
		return 0, false
	}
	return uint16(v), true
}

// messages reads an entry of protocols: icmp or igmp, one of the two (resource definition, oneOf).
func (r antrea) messages(n *tree.Node, path *tree.Path, s side) []RankedPort {
	if n.Kind != tree.Mapping {
		return nil
	}
	switch stated := given(n, "icmp", "igmp"); len(stated) {
	case 0:
		if blank(n) {
			r.add(diag.BadICMP, n, path, "write icmp: {} for all ICMP, or igmp: {} for all IGMP", "the entry names no protocol")
		}
		return nil
	case 2:
		r.add(diag.BadICMP, n, path, "write two entries", "an entry names either icmp or igmp, not both")
		return nil
	}
	if v := n.Get("icmp"); !v.IsNull() {
		at := path.Field("icmp")
		return r.icmp(v, &at)
	}
	at := path.Field("igmp")
	return []RankedPort{r.igmp(n.Get("igmp"), &at, s)}
}

// icmp reads an ICMP match. It means both families, each with the same numbers.
func (b *builder) icmp(n *tree.Node, path *tree.Path) []RankedPort {
	p := RankedPort{Port: Port{Field: b.field(path), Pos: b.pos(n), Protocol: "ICMP"}, SourceTo: 65535}
	at := path.Field("icmpType")
	p.ICMPType = b.icmpNumber(n.Get("icmpType"), &at)
	at = path.Field("icmpCode")
	p.ICMPCode = b.icmpNumber(n.Get("icmpCode"), &at)
	if code := n.Get("icmpCode"); !code.IsNull() && n.Get("icmpType").IsNull() {
		b.add(diag.NotSupported, code, &at, "add icmpType; a code has a meaning only with its type", "an icmpCode without icmpType is not supported")
	}
	v6 := p
	v6.Protocol = "ICMPv6"
	return []RankedPort{p, v6}
}

// icmpNumber reads a type or code, 0 to 255; nil for nothing or after an error.
func (b *builder) icmpNumber(n *tree.Node, path *tree.Path) *uint8 {
	v, ok := n.Int()
	if !ok || n.IsNull() {
		return nil
	}
	if v < 0 || v > 255 {
		b.add(diag.BadICMP, n, path, "use a number from 0 to 255", "%s %d is not in the range 0 to 255", path.Key, v)
		return nil
	}
	out := uint8(v)
	return &out
}

// igmp reads an IGMP match: queries come in, reports go out (resource definition, igmpType; validateIGMPProtocol).
func (r antrea) igmp(n *tree.Node, path *tree.Path, s side) RankedPort {
	p := RankedPort{Port: Port{Field: r.field(path), Pos: r.pos(n), Protocol: "IGMP"}, SourceTo: 65535}
	allowed, hint := []int64{0x11}, "in ingress rules use 0x11 (query)"
	if s == egressSide() {
		allowed, hint = []int64{0x12, 0x16, 0x22}, "in egress rules use 0x12, 0x16 or 0x22 (reports), or none for all reports"
	}
	at := path.Field("igmpType")
	if v, ok := n.Get("igmpType").Int(); ok && !slices.Contains(allowed, v) {
		r.add(diag.BadICMP, n.Get("igmpType"), &at, hint, "igmpType %d cannot be matched here", v)
	} else if ok {
		typ := uint8(v)
		p.IGMPType = &typ
	}
	at = path.Field("groupAddress")
	p.MulticastGroup = r.requiredAddr(n.Get("groupAddress"), &at)
	if a := p.MulticastGroup; a.IsValid() && !a.IsMulticast() {
		r.add(diag.BadICMP, n.Get("groupAddress"), &at, "use an address from 224.0.0.0/4", "%s is not a multicast address", a)
	}
	return p
}

// multicast judges rules about multicast: IGMP stands alone in its rule, and neither it nor a multicast block can Pass or Reject;
// blocks are of one sort, without selectors beside them (validateMulticastIGMP, validateEgressMulticastAddress).
func (r antrea) multicast(n *tree.Node, path *tree.Path, rule RankedRule, s side) {
	refuses := rule.Action == "Pass" || rule.Action == "Reject"
	action := path.Field("action")
	if i := slices.IndexFunc(rule.Ports, func(p RankedPort) bool { return p.Protocol == "IGMP" }); i >= 0 {
		if refuses {
			r.add(diag.BadAction, n.Get("action"), &action, "use Allow or Drop", "a rule for IGMP cannot %s", rule.Action)
		}
		others := slices.ContainsFunc(rule.Ports, func(p RankedPort) bool { return p.Protocol != "IGMP" })
		if others || len(rule.Peers) > 0 || len(rule.ToServices) > 0 {
			r.addAt(diag.BadICMP, rule.Ports[i].Pos, rule.Ports[i].Field, "write a rule for igmp alone", "igmp does not go together with peers, ports or other protocols")
		}
	}
	if s != egressSide() {
		return
	}
	many, one := blocksOf(rule.Peers)
	if many == nil {
		return
	}
	if refuses {
		r.add(diag.BadAction, n.Get("action"), &action, "use Allow or Drop", "a rule for multicast cannot %s", rule.Action)
	}
	if one != nil {
		r.addAt(diag.BadPeer, many.Pos, many.Field, "write two rules", "blocks of multicast and of other addresses do not go together in one rule")
	}
}

// blocksOf finds the first block of multicast addresses and the first of others.
func blocksOf(peers []RankedPeer) (many, one *RankedPeer) {
	for i := range peers {
		p := &peers[i]
		switch {
		case p.IPBlock == nil || !p.IPBlock.CIDR.IsValid():
		case p.IPBlock.CIDR.Addr().IsMulticast() && many == nil:
			many = p
		case !p.IPBlock.CIDR.Addr().IsMulticast() && one == nil:
			one = p
		}
	}
	return many, one
}

// fqdn reads a domain name or pattern in Antrea's notation, in which * stands for any characters; "" after an error or for
// nothing (validateFQDNSelectors). What no name in the DNS can be is refused too: empty or overlong parts.
func (b *builder) fqdn(n *tree.Node, path *tree.Path) string {
	text := str(n)
	if text == "" {
		return ""
	}
	bad, hint := "", ""
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	switch {
	case !plainDomain(name):
		bad = "has characters other than letters, digits, '-', '.' and '*'"
	case len(name) > 253:
		bad = "is longer than 253 characters"
	case slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return part == "" }):
		bad = "has an empty part"
	case slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return len(part) > 63 }):
		bad = "has a part of more than 63 characters"
	}
	if a, err := netip.ParseAddr(name); err == nil {
		bad, hint = "is an address", "write an ipBlock: "+netip.PrefixFrom(a, a.BitLen()).String()
	}
	if bad != "" {
		b.add(diag.BadDomainName, n, path, hint, "the domain name %q %s", text, bad)
		return ""
	}
	return b.intern.text(name)
}

func plainDomain(s string) bool {
	for i := range len(s) {
		if !lowerAlnum(s[i]) && strings.IndexByte("-.*", s[i]) < 0 {
			return false
		}
	}
	return true
}
