package nfttest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Leaving makes a Pipeline's pods, and others, leave by addresses: some of this node, some of others, some of nobody.
func Leaving(r *rand.Rand, p *ir.Pipeline) {
	p.SNATs, p.Inside = nil, ir.AddrSet{}
	var prefixes []netip.Prefix
	for range 1 + r.IntN(6) {
		prefixes = append(prefixes, netip.PrefixFrom(Addr(r), 8+r.IntN(24)).Masked())
	}
	p.Inside = ir.PrefixSet(prefixes...)
	for i := range 2 + r.IntN(5) {
		o := &source.Origin{Object: fmt.Sprintf("Egress e%d", i)}
		s := ir.SNAT{Egress: fmt.Sprintf("e%d", i), Node: []string{p.Node, p.Node, "elsewhere", ""}[r.IntN(4)], Origin: o}
		if r.IntN(2) == 0 {
			s.Limit = ir.Limit{Rate: 8 * uint64(1+r.IntN(3)) * 1e6, Burst: 8 * uint64(r.IntN(2)) * 1e5}
		}
		for _, f := range ir.Families() {
			s.Family, s.Addr = f, netip.AddrFrom4([4]byte{172, 18, 181, byte(40 + i/2)})
			if f == ir.IPv6 {
				s.Addr = netip.MustParseAddr(fmt.Sprintf("fd18::%d", 40+i))
			}
			if s.Node == "" && r.IntN(2) == 0 {
				s.Addr = netip.Addr{}
			}
			if r.IntN(3) > 0 {
				p.SNATs = append(p.SNATs, s)
			}
		}
	}
	sameHolders(p)
	for _, e := range p.Endpoints {
		for _, a := range e.Addrs {
			addSource(r, p, a)
		}
	}
	for i := range 10 {
		addSource(r, p, netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}))
	}
	slices.SortFunc(p.SNATs, func(x, y ir.SNAT) int { return x.Compare(&y) })
}

// sameHolders gives an address one holder.
func sameHolders(p *ir.Pipeline) {
	for i := range p.SNATs {
		at := slices.IndexFunc(p.SNATs, func(s ir.SNAT) bool { return s.Addr == p.SNATs[i].Addr })
		p.SNATs[i].Node = p.SNATs[at].Node
	}
}

func addSource(r *rand.Rand, p *ir.Pipeline, a netip.Addr) {
	if len(p.SNATs) == 0 {
		return
	}
	s := &p.SNATs[r.IntN(len(p.SNATs))]
	if s.Family == ir.FamilyOf(a) && !slices.ContainsFunc(p.SNATs, func(o ir.SNAT) bool { return slices.Contains(o.Sources, a) }) {
		s.Sources = append(slices.Clone(s.Sources), a)
	}
}

// EditLeaving returns a copy in which a little of how pods leave is different: a holder, a limit, a pod, an SNAT, or what is inside.
func EditLeaving(r *rand.Rand, p *ir.Pipeline) *ir.Pipeline {
	q := *p
	q.SNATs = slices.Clone(p.SNATs)
	if len(q.SNATs) == 0 {
		Leaving(r, &q)
		return &q
	}
	s := &q.SNATs[r.IntN(len(q.SNATs))]
	switch r.IntN(6) {
	case 0:
		for i := range q.SNATs {
			if q.SNATs[i].Addr == s.Addr && s.Addr.IsValid() {
				q.SNATs[i].Node = []string{p.Node, "elsewhere", ""}[r.IntN(3)]
			}
		}
	case 1:
		s.Limit.Rate = 8 * uint64(r.IntN(3)) * 1e6
	case 2:
		addSource(r, &q, netip.AddrFrom4([4]byte{10, 77, 1, byte(r.IntN(256))}))
	case 3:
		if len(s.Sources) > 0 {
			s.Sources = s.Sources[1:]
		}
	case 4:
		at := r.IntN(len(q.SNATs))
		q.SNATs = slices.Delete(q.SNATs, at, at+1)
	case 5:
		q.Inside = q.Inside.Union(ir.AddrSetOf(Addr(r)))
	}
	return &q
}
