package nfttest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Families says which families a random Pipeline has something of.
type Families []ir.Family

// Services gives a Pipeline of a node random frontends and pools, with routes of every kind, whether or not a Service could have
// them. Their addresses are near those of Addr. affine are the families of those that may have affinity.
func Services(r *rand.Rand, p *ir.Pipeline, n int, affine Families) {
	if ir.IsMachine(p.Node) {
		return
	}
	p.Nodes = append(slices.Clone(p.Nodes), &ir.Node{Name: "n2", Addrs: []netip.Addr{netip.MustParseAddr("192.168.7.2"), netip.MustParseAddr("fd00:7::2")},
		PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.4/30"), netip.MustParsePrefix("fd00::4/126")}})
	p.Remote = []*ir.Endpoint{{Namespace: "ns", Name: "stray", Node: "n2", Addrs: []netip.Addr{netip.MustParseAddr("10.9.9.9"), netip.MustParseAddr("fd09::9")}}}
	p.Pools = Pools(r)
	p.Frontends = nil
	seen := map[ir.Entry]bool{}
	for i := range r.IntN(n + 1) {
		f := frontend(r, p, i, affine)
		if !seen[f.Entry] {
			p.Frontends = append(p.Frontends, f)
		}
		seen[f.Entry] = true
	}
	p.Frontends = append(p.Frontends, rests(r, p)...)
	slices.SortFunc(p.Frontends, func(x, y *ir.Frontend) int { return x.Entry.Compare(y.Entry) })
}

// rests makes frontends that refuse the rest of some addresses, which are no node's and have no frontend that serves only some.
func rests(r *rand.Rand, p *ir.Pipeline) []*ir.Frontend {
	var out []*ir.Frontend
	done := map[netip.Addr]bool{{}: true}
	for _, n := range p.Nodes {
		for _, a := range n.Addrs {
			done[a] = true
		}
	}
	for _, f := range p.Frontends {
		done[f.Entry.Addr] = done[f.Entry.Addr] || slices.Contains(f.Routes[:], ir.Route{})
	}
	for _, f := range p.Frontends {
		if a := f.Entry.Addr; !done[a] && r.IntN(2) == 0 {
			out = append(out, Rest(f))
			done[a] = true
		}
	}
	return out
}

// Rest makes the frontend that refuses the rest of another one's address.
func Rest(of *ir.Frontend) *ir.Frontend {
	f := &ir.Frontend{Service: of.Service, Sources: ir.AnyAddr(), Origin: of.Origin, Entry: ir.Entry{Addr: of.Entry.Addr, Family: of.Entry.Family, Proto: ir.ProtoAny}}
	for side := range f.Routes {
		f.Routes[side].Outcome = ir.Refuse
	}
	return f
}

// Pools makes pools of one to four targets, some of each family.
func Pools(r *rand.Rand) []*ir.Pool {
	var out []*ir.Pool
	for _, f := range ir.Families() {
		for range 3 + r.IntN(3) {
			p := &ir.Pool{}
			for range 1 + r.IntN(4) {
				p.Targets = append(p.Targets, netip.AddrPortFrom(addrOf(r, f), uint16(8080+r.IntN(3))))
			}
			slices.SortFunc(p.Targets, netip.AddrPort.Compare)
			p.Targets = slices.Compact(p.Targets)
			p.Key = fmt.Sprint(p.Targets)
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y *ir.Pool) int {
		if x.Key < y.Key {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(out, func(x, y *ir.Pool) bool { return x.Key == y.Key })
}

func addrOf(r *rand.Rand, f ir.Family) netip.Addr {
	for {
		if a := Addr(r); ir.FamilyOf(a) == f {
			return a
		}
	}
}

// VIP makes an address that a frontend is likely to have: a node's own is among them.
func VIP(r *rand.Rand, f ir.Family) netip.Addr {
	if f == ir.IPv4 {
		return []netip.Addr{netip.MustParseAddr("192.168.7.1"), netip.AddrFrom4([4]byte{10, 96, 0, byte(r.IntN(4))}), netip.AddrFrom4([4]byte{10, 96, 0, 9})}[r.IntN(3)]
	}
	return []netip.Addr{netip.MustParseAddr("fd00:7::1"), netip.MustParseAddr(fmt.Sprintf("fd96::%x", r.IntN(4))), netip.MustParseAddr("fd96::9")}[r.IntN(3)]
}

func frontend(r *rand.Rand, p *ir.Pipeline, i int, affine Families) *ir.Frontend {
	f := &ir.Frontend{Service: fmt.Sprint("ns/s", i), Sources: ir.AnyAddr(), Origin: &source.Origin{Object: fmt.Sprint("Service ns/s", i)}}
	f.Entry = ir.Entry{Family: ir.Families()[r.IntN(2)], Proto: []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP}[r.IntN(3)], Port: uint16(80 + r.IntN(4))}
	if r.IntN(4) > 0 {
		f.Entry.Addr = VIP(r, f.Entry.Family)
	}
	if r.IntN(3) == 0 {
		f.Sources = Addrs(r, ir.Blocks)
	}
	if slices.Contains(affine, f.Entry.Family) && r.IntN(3) == 0 {
		f.Affinity = []time.Duration{time.Hour, 1500 * time.Millisecond}[r.IntN(2)]
	}
	common := route(r, p, f.Entry.Family)
	for side := range f.Routes {
		if f.Routes[side] = common; r.IntN(8) == 0 {
			f.Routes[side] = route(r, p, f.Entry.Family)
		}
	}
	if usual := r.IntN(2) == 0; usual {
		for side := range f.Routes {
			f.Routes[side].Masquerade = f.Routes[side].Outcome == ir.Balance && ir.Side(side) >= ir.Inside
		}
	}
	return f
}

func route(r *rand.Rand, p *ir.Pipeline, f ir.Family) ir.Route {
	out := ir.Route{Outcome: []ir.Outcome{ir.NotService, ir.Refuse, ir.Discard, ir.Balance, ir.Balance, ir.Balance, ir.Balance}[r.IntN(7)]}
	if out.Outcome != ir.Balance {
		return out
	}
	out.Masquerade = r.IntN(2) == 0
	for {
		out.Pool = p.Pools[r.IntN(len(p.Pools))]
		if ir.FamilyOf(out.Pool.Targets[0].Addr()) == f {
			return out
		}
	}
}

// Dialling makes a packet to what a frontend may be dialled by, from anywhere.
func Dialling(r *rand.Rand) ir.Packet {
	f := ir.Families()[r.IntN(2)]
	src := addrOf(r, f)
	if r.IntN(4) == 0 {
		src = []netip.Addr{netip.MustParseAddr("192.168.7.2"), netip.MustParseAddr("10.9.9.9")}[r.IntN(2)]
		if f == ir.IPv6 {
			src = []netip.Addr{netip.MustParseAddr("fd00:7::2"), netip.MustParseAddr("fd09::9")}[r.IntN(2)]
		}
	}
	return ir.Packet{Src: src, Dst: VIP(r, f), Proto: []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP}[r.IntN(4)], SrcPort: 50000, DstPort: uint16(80 + r.IntN(4))}
}

// EditServices returns a copy of a node's Pipeline with some frontends gone, some changed and some that are new.
func EditServices(r *rand.Rand, p *ir.Pipeline) *ir.Pipeline {
	q := *p
	q.Frontends = nil
	seen := map[ir.Entry]bool{}
	for i, f := range p.Frontends {
		switch r.IntN(6) {
		case 0:
			continue
		case 1:
			g := frontend(r, p, i, Families{ir.IPv4})
			if g.Entry.Family == f.Entry.Family && !f.Entry.IsRest() {
				g.Entry = f.Entry
				f = g
			}
		}
		q.Frontends = append(q.Frontends, f)
		seen[f.Entry] = true
	}
	for i := range r.IntN(6) {
		if f := frontend(r, p, i, Families{ir.IPv4}); !seen[f.Entry] {
			q.Frontends = append(q.Frontends, f)
			seen[f.Entry] = true
		}
	}
	slices.SortFunc(q.Frontends, func(x, y *ir.Frontend) int { return x.Entry.Compare(y.Entry) })
	return &q
}

// Fleet is a node with many Services, each with one address, one port and as many backends as said, in clusters of their own. The
// rest of each address is refused.
func Fleet(services, backends int) *ir.Pipeline {
	node := &ir.Node{Name: "n1", Addrs: []netip.Addr{netip.MustParseAddr("192.168.7.1")}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}}
	p := &ir.Pipeline{Node: node.Name, Nodes: []*ir.Node{node}}
	for i := range services {
		pool := &ir.Pool{}
		for j := range backends {
			at := uint32(i*backends + j)
			pool.Targets = append(pool.Targets, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(1 + at>>16), byte(at >> 8), byte(at)}), 8080))
		}
		pool.Key = fmt.Sprintf("%06d", i)
		name := fmt.Sprintf("ns/s%06d", i)
		f := &ir.Frontend{Service: name, Sources: ir.AnyAddr(), Origin: &source.Origin{Object: "Service " + name},
			Entry: ir.Entry{Addr: netip.AddrFrom4([4]byte{172, byte(16 + i>>16), byte(i >> 8), byte(i)}), Family: ir.IPv4, Proto: ir.ProtoTCP, Port: 80}}
		for side := range f.Routes {
			f.Routes[side] = ir.Route{Outcome: ir.Balance, Pool: pool, Masquerade: ir.Side(side) >= ir.Inside}
		}
		p.Pools, p.Frontends = append(p.Pools, pool), append(p.Frontends, f, Rest(f))
	}
	return p
}
