// Package mark says which bits of packets' and connections' marks stand for what.
//
// It is a leaf that the targets share: where one sets bits, another reads them. What it gives depends on nothing but the addresses, so
// that most stay as they are when others come and go. Other bits are other programs'.
package mark

import (
	"hash/fnv"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// The field of a packet's mark that says by which address it leaves the cluster, and so where it is routed: an id, shifted to the
// field's place; 0 is none of ours, Replies an answer on its way back to the node from which the connection came.
const (
	RouteMask  uint32 = 0xff800000
	routeShift        = 23
	Replies    uint32 = RouteMask
	// MaxRoutes is how many ids there are for addresses.
	MaxRoutes = 1<<9 - 2
)

// The field of a connection's mark that says by which address the connection leaves. It is wide, so that an id never becomes that of
// another address while connections have it, but by an accident of about n² in 2²⁵ for n addresses.
const (
	ConnectionMask  uint32 = 0xffffff00
	connectionShift int    = 8
)

// Tunnelled is the bit of a connection's mark that says that it came through the tunnel, from the node of its pod, where answers must go
// back. It lies beside ConnectionMask.
const Tunnelled uint32 = 0x00000080

// Ids are what stands for one address.
type Ids struct {
	Route      uint32 // in RouteMask
	Connection uint32 // in ConnectionMask
}

// Of gives ids to the addresses by which a placed Pipeline's SNATs leave, but for those whose address nobody holds. There are MaxRoutes;
// addresses that have sources come first, so that others neither take nor change their ids. ok is false if those are more: the rest
// has none.
func Of(p *ir.Pipeline) (ids map[netip.Addr]Ids, ok bool) {
	addrs := Addrs(p)
	used := map[netip.Addr]bool{}
	for i := range p.SNATs {
		used[p.SNATs[i].Addr] = used[p.SNATs[i].Addr] || len(p.SNATs[i].Sources) > 0
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int {
		switch {
		case used[a] == used[b]:
			return 0
		case used[a]:
			return -1
		}
		return 1
	})
	fit := len(addrs) <= MaxRoutes || !used[addrs[MaxRoutes]]
	addrs = addrs[:min(len(addrs), MaxRoutes)]
	routes, connections := spread(addrs, MaxRoutes), spread(addrs, 1<<24-1)
	ids = make(map[netip.Addr]Ids, len(addrs))
	for a, route := range routes {
		ids[a] = Ids{route << routeShift, connections[a] << connectionShift}
	}
	return ids, fit
}

// Addrs returns the addresses that Of gives ids to, in order.
func Addrs(p *ir.Pipeline) []netip.Addr {
	var out []netip.Addr
	for i := range p.SNATs {
		if s := &p.SNATs[i]; s.Addr.IsValid() && s.Node != "" {
			out = append(out, s.Addr)
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// spread gives each address, of at most n, a number of its own from 1 to n: what its hash says, or the next one that is free.
func spread(addrs []netip.Addr, n uint32) map[netip.Addr]uint32 {
	out, taken := make(map[netip.Addr]uint32, len(addrs)), make(map[uint32]bool, len(addrs))
	for _, a := range addrs {
		hash := fnv.New32a()
		hash.Write(a.AsSlice())
		at := hash.Sum32() % n
		for taken[at] {
			at = (at + 1) % n
		}
		taken[at], out[a] = true, at+1
	}
	return out
}
