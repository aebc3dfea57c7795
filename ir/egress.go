package ir

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// EgressIP says by which addresses connections of some pods leave the cluster.
type EgressIP struct {
	Name   string
	Who    *Group  // pods, of Kind Members
	Leases []Lease // by Family, at least one
	Limit  Limit   // of all that it sends
	Origin source.Origin
}

// Lease is the address that an Egress has for a family. It may want one and have none: then Addr is the zero value.
type Lease struct {
	Family Family
	Addr   netip.Addr
}

// Limit is how much may be sent. The zero value is no limit.
type Limit struct {
	Rate  uint64 // bits a second
	Burst uint64 // bits at once
}

// Lease returns the Egress's lease for a family, if it wants one.
func (e *EgressIP) Lease(f Family) (Lease, bool) {
	for _, l := range e.Leases {
		if l.Family == f {
			return l, true
		}
	}
	return Lease{}, false
}

// Holding is an address that a node holds for the cluster: for Egresses, or as one by which Services are reached from outside.
type Holding struct {
	Addr   netip.Addr
	Node   string // "": no node can
	Static bool   // the node has it anyway, and nothing is to be done for that
	Subnet Subnet // that it is in; the zero value: that of the nodes themselves
	Origin source.Origin
}

// Subnet is a network outside the cluster that nodes can be in beside their own.
type Subnet struct {
	Gateway netip.Addr
	Bits    int    // the length of its prefix
	VLAN    uint16 // its tag; 0: none
}

// IsZero reports whether it is that of the nodes themselves.
func (s Subnet) IsZero() bool { return s == Subnet{} }

// Compare orders subnets by VLAN, then gateway, then length.
func (s Subnet) Compare(o Subnet) int {
	return cmp.Or(cmp.Compare(s.VLAN, o.VLAN), s.Gateway.Compare(o.Gateway), cmp.Compare(s.Bits, o.Bits))
}

// String gives "172.18.181.1/24@181", without the last part if there is no tag.
func (s Subnet) String() string {
	text := fmt.Sprintf("%s/%d", s.Gateway, s.Bits)
	if s.VLAN != 0 {
		text += fmt.Sprintf("@%d", s.VLAN)
	}
	return text
}

// SNAT says what some pods' addresses become where their packets leave the cluster, on the node that holds the new one, and for
// other nodes that packets go there. On a placed Pipeline Sources are those that concern its node: all of them on the holder, else
// those of the node's own pods, which may be none: connections from when there were some go on. No address is a source of two SNATs.
type SNAT struct {
	Egress  string // its name
	Family  Family
	Addr    netip.Addr // the zero value: there is none
	Node    string     // that holds Addr; "": none does, and what Sources send outside is dropped
	Sources []netip.Addr
	Limit   Limit
	Origin  *source.Origin
}

// Compare orders by family, address, then name.
func (s *SNAT) Compare(o *SNAT) int {
	return cmp.Or(cmp.Compare(s.Family, o.Family), s.Addr.Compare(o.Addr), cmp.Compare(s.Egress, o.Egress))
}

// Way is how a packet leaves the cluster, if it does.
type Way uint8

// The ways.
const (
	Plain    Way = iota // as if there were no Egress
	Through             // from the node that holds the Egress's address, with that as its source
	Stranded            // not at all: no node holds the address
)

// String gives "plain", "through" or "stranded".
func (w Way) String() string { return [...]string{"plain", "through", "stranded"}[w] }

// Departure says what becomes of a packet that may leave the cluster. The zero value: nothing special.
type Departure struct {
	Way    Way
	Egress string     // its name
	Addr   netip.Addr // for Through
	Node   string     // likewise
}

// Depart tells how the packets of a connection with the given addresses leave the cluster, after Services were translated: the
// definition of what Egresses mean. For each family the first Egress that selects the pod and wants an address of it counts.
func (p *Program) Depart(src, dst netip.Addr) Departure {
	src, dst = src.Unmap(), dst.Unmap()
	if p.Inside().Contains(dst) {
		return Departure{}
	}
	for _, e := range p.Egresses {
		selects := slices.ContainsFunc(e.Who.Members, func(m *Endpoint) bool { return m.Kind == PodEndpoint && slices.Contains(m.Addrs, src) })
		if lease, wants := e.Lease(FamilyOf(dst)); selects && wants && FamilyOf(src) == FamilyOf(dst) {
			return depart(e.Name, lease.Addr, p.Holder(lease.Addr))
		}
	}
	return Departure{}
}

// Depart tells what Program.Depart tells, for sources that concern the Pipeline's node.
func (p *Pipeline) Depart(src, dst netip.Addr) Departure {
	src, dst = src.Unmap(), dst.Unmap()
	if p.Inside.Contains(dst) || FamilyOf(src) != FamilyOf(dst) {
		return Departure{}
	}
	for i := range p.SNATs {
		if s := &p.SNATs[i]; slices.Contains(s.Sources, src) {
			return depart(s.Egress, s.Addr, s.Node)
		}
	}
	return Departure{}
}

func depart(egress string, addr netip.Addr, node string) Departure {
	if !addr.IsValid() || node == "" {
		return Departure{Way: Stranded, Egress: egress}
	}
	return Departure{Through, egress, addr, node}
}

// Holder returns the node that holds an address, "" if none does.
func (p *Program) Holder(a netip.Addr) string {
	if at, found := slices.BinarySearchFunc(p.Holdings, a, func(h Holding, a netip.Addr) int { return h.Addr.Compare(a) }); found {
		return p.Holdings[at].Node
	}
	return ""
}

// Inside is where packets go that do not leave the cluster: its pods and nodes, the addresses of its Services and those that nodes
// hold for it, Except, and what is no address of one machine elsewhere.
func (p *Program) Inside() AddrSet { return inside(p, p.Nodes, p.Endpoints) }

// InsideOf is Inside as a node knows it, which is the same: that a Pipeline placed there tells of other nodes' pods only those that
// the nodes' prefixes do not cover makes no difference.
func InsideOf(program *Program, placed *Pipeline) AddrSet {
	return inside(program, placed.Nodes, slices.Concat(placed.Endpoints, placed.Remote))
}

func inside(p *Program, nodes []*Node, endpoints []*Endpoint) AddrSet {
	var single []netip.Addr
	var prefixes []netip.Prefix
	for _, n := range nodes {
		single, prefixes = append(single, n.Addrs...), append(prefixes, n.PodCIDRs...)
	}
	for _, e := range endpoints {
		if e.Kind == PodEndpoint && e.Node != "" {
			single = append(single, e.Addrs...)
		}
	}
	for _, s := range p.Services {
		single = slices.Concat(single, s.ClusterIPs, s.ExternalIPs, s.LoadBalancers)
	}
	for _, h := range p.Holdings {
		single = append(single, h.Addr)
	}
	return UnionAll(AddrSetOf(single...), PrefixSet(prefixes...), p.Except, nowhere())
}

// nowhere is the set of the addresses that are not those of one machine or lead no further than a link: multicast, broadcast,
// loopback, link-local and unspecified ones. Source: RFC 6890.
func nowhere() AddrSet {
	var prefixes []netip.Prefix
	for _, text := range []string{"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "fe80::/10", "ff00::/8"} {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return PrefixSet(prefixes...)
}
