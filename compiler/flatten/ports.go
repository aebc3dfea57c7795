package flatten

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"net/netip"

	"github.com/headgate-net/headgate/ir"
)

// portName is a port name as a rule asks for it: with a protocol, or ProtoAny.
type portName struct {
	name  string
	proto ir.Proto
}

func nameOf(s ir.PortSpec) portName { return portName{s.Name, s.Box.Proto} }

// value is what an endpoint answers when asked for a port name.
type value struct {
	name  portName
	known bool
	proto ir.Proto
	port  uint16
}

func lookup(e *ir.Endpoint, n portName) value {
	p, ok := e.Lookup(n.name, n.proto)
	return value{n, ok, p.Proto, p.Port}
}

// box is the traffic that a rule's named port means for an endpoint with this value.
func (v value) box(s ir.PortSpec) ir.L4 {
	return ir.L4{Proto: v.proto, Src: s.Box.Src, Dst: ir.OnePort(v.port)}
}

// String gives "http/tcp=8080", "http/any=tcp/8080", or "http/tcp=" where the endpoint has no such port.
func (v value) String() string {
	s := v.name.name + "/" + v.name.proto.String() + "="
	switch {
	case !v.known:
		return s
	case v.name.proto == ir.ProtoAny:
		return fmt.Sprintf("%s%s/%d", s, v.proto, v.port)
	}
	return fmt.Sprintf("%s%d", s, v.port)
}

func compareText(a, b string) int { return strings.Compare(a, b) }

// part is those addresses of a group whose endpoints give one number to a port name.
type part struct {
	value value
	set   ir.Set
}

// partitions splits groups by the numbers that their members give to port names. Groups of blocks, and "any peer", are split
// over all endpoints inside: only endpoints have port names. Opaque groups do not come with port names.
type partitions struct {
	endpoints []*ir.Endpoint
	cache     map[partitionKey][]part
}

type partitionKey struct {
	group *ir.Group // nil for any peer
	name  portName
}

func newPartitions(all []*ir.Endpoint) *partitions {
	return &partitions{all, map[partitionKey][]part{}}
}

// ofRule calls yield for each part that the rule's named ports make of its peers.
func (ps *partitions) ofRule(r *ir.PolicyRule, yield func(ir.PortSpec, part)) {
	for _, s := range r.Ports {
		if s.Name == "" {
			continue
		}
		groups := r.Peers
		if r.AnyPeer {
			groups = []*ir.Group{nil}
		}
		for _, g := range groups {
			for _, p := range ps.of(partitionKey{g, nameOf(s)}) {
				yield(s, p)
			}
		}
	}
}

func (ps *partitions) of(k partitionKey) []part {
	parts, known := ps.cache[k]
	if known {
		return parts
	}
	members, groupKey := ps.endpoints, "any"
	inside := func(netip.Addr) bool { return true }
	if k.group != nil {
		groupKey = k.group.Key
		if k.group.Kind == ir.Members {
			members = k.group.Members
		} else {
			inside = k.group.Addrs.Contains
		}
	}
	addrs := map[value][]netip.Addr{}
	for _, e := range members {
		v := lookup(e, k.name)
		if !v.known {
			continue
		}
		for _, a := range e.Addrs {
			if inside(a) {
				addrs[v] = append(addrs[v], a)
			}
		}
	}
	for v, list := range addrs {
		set := ir.Set{Key: groupKey + "|" + v.String(), Kind: ir.Members, Addrs: ir.AddrSetOf(list...)}
		parts = append(parts, part{v, set})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.set.Key, b.set.Key) })
	ps.cache[k] = parts
	return parts
}
