package manifest

import (
	"net/netip"
	"time"

	"github.com/headgate-net/headgate/internal/source"
)

// Egress is a crd.antrea.io/v1beta1 Egress.
type Egress struct {
	Meta
	Created           time.Time // metadata.creationTimestamp; the zero value if absent
	PodSelector       *Selector // nil: absent
	NamespaceSelector *Selector // likewise
	AppliedToPos      source.Pos

	// Addresses are at most one of each family. There are none where the API takes an Egress that names neither an address nor a
	// pool.
	Addresses []EgressAddress
	Bandwidth *Bandwidth // nil: no limit
	Status    EgressStatus
}

// SelectsNothing reports whether both selectors are absent or without requirements: then no pod is meant, and not all.
func (e *Egress) SelectsNothing() bool {
	empty := func(s *Selector) bool { return s == nil || len(s.Requirements) == 0 }
	return empty(e.PodSelector) && empty(e.NamespaceSelector)
}

// EgressAddress is an address that an Egress has, or wants from a pool. Addr, Pool or both are there: without Pool a node has the
// address already, without Addr any of the pool's will do. The place is that of the address, or of the pool if there is none.
type EgressAddress struct {
	Field string // "spec.egressIP", "spec.externalIPPools[0]"
	Pos   source.Pos
	Addr  netip.Addr
	Pool  string

	PoolField string // "spec.externalIPPool"; "" without Pool
	PoolPos   source.Pos
}

// Bandwidth is how much an Egress may send.
type Bandwidth struct {
	Field string // "spec.bandwidth"
	Pos   source.Pos
	Rate  int64 // bits a second, from 1000 to 10^15
	Burst int64 // bits at once, likewise
}

// EgressStatus is what an Egress's status says it has: the zero values if it says nothing.
type EgressStatus struct {
	Addr netip.Addr // egressIP
	Node string     // egressNode
}

// ExternalIPPool is a crd.antrea.io/v1beta1 ExternalIPPool.
type ExternalIPPool struct {
	Meta
	Ranges       []IPRange   // in declared order; no two have an address in common
	Subnet       *SubnetInfo // nil: the addresses are of the nodes' own networks
	NodeSelector Selector    // one without requirements selects every node
}

// IPRange is a block or a range of addresses of one family. First to Last are those that can be handed out, both included; neither is
// valid if there is none, for a block's first address and an IPv4 block's last are not used.
type IPRange struct {
	Field       string // "spec.ipRanges[0]"
	Pos         source.Pos
	CIDR        netip.Prefix // masked; invalid if start and end are stated
	First, Last netip.Addr
}

// SubnetInfo is the network that a pool's addresses are in.
type SubnetInfo struct {
	Field   string // "spec.subnetInfo"
	Pos     source.Pos
	Gateway netip.Addr // never handed out
	Bits    int        // the length of the prefix: 1 to 31 for IPv4, to 127 for IPv6
	VLAN    uint16     // 0: none
}

// Prefix returns the network, masked.
func (s *SubnetInfo) Prefix() netip.Prefix { return netip.PrefixFrom(s.Gateway, s.Bits).Masked() }
