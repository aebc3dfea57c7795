package workload

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/headgate-net/headgate/compiler/manifest"
)

// RandomLeaving makes a small cluster that has a little of everything that Egresses and pools can say, beside the Services, nodes and
// pods of RandomServices: pools of one family and of both, with a subnet and without, that select some nodes, all or none; Egresses
// with addresses of pools, of nodes, of nobody, and with pools that are missing or too small; Services that want addresses of
// pools. Equal seeds give equal clusters.
func RandomLeaving(seed uint64) *manifest.Objects {
	out := RandomServices(seed)
	g := leavingOf(seed, 4)
	for i, n := range out.Nodes {
		n.Labels = append(n.Labels, g.labels(fmt.Sprintf("rack-%d", i%2))...)
	}
	some(g.random, &out.ExternalIPPools, 3, g.pool)
	some(g.random, &out.Egresses, 5, g.egress)
	return out
}

// EditLeaving changes a cluster that RandomLeaving made in one Egress or pool, or as EditServices does. It returns what Edit returns.
func EditLeaving(seed uint64, o *manifest.Objects) (upserted any, kind, namespace, name string) {
	g := leavingOf(seed, 5)
	g.line += int32(20000 + seed%1000*10)
	switch g.IntN(4) {
	case 0:
		return edit(g.random, &o.ExternalIPPools, g.pool(g.IntN(3)), func(p *manifest.ExternalIPPool) *manifest.Meta { return &p.Meta })
	case 1, 2:
		return edit(g.random, &o.Egresses, g.egress(g.IntN(5)), func(e *manifest.Egress) *manifest.Meta { return &e.Meta })
	}
	return EditServices(seed, o)
}

type leaving struct{ *random }

func leavingOf(seed, stream uint64) leaving {
	return leaving{&random{Rand: rand.New(rand.NewPCG(seed, stream))}}
}

// poolName is the name of a pool that there may be; the first is the one that Services want.
func poolName(i int) string { return [...]string{"pool", "pool-1", "pool-2", "missing"}[i] }

func (g leaving) pool(i int) *manifest.ExternalIPPool {
	p := &manifest.ExternalIPPool{Meta: g.meta("ExternalIPPool", "crd.antrea.io", "", poolName(i))}
	subnet := byte(20 * i)
	if g.chance(80) {
		p.Ranges = append(p.Ranges, manifest.IPRange{Field: "spec.ipRanges[0]", Pos: g.pos(),
			First: netip.AddrFrom4([4]byte{172, 18, subnet, 40}), Last: netip.AddrFrom4([4]byte{172, 18, subnet, byte(40 + g.IntN(4))})})
	}
	if g.chance(40) {
		p.Ranges = append(p.Ranges, manifest.IPRange{Field: "spec.ipRanges[1]", Pos: g.pos(),
			First: wide(0xfd18, uint32(i)<<16+1), Last: wide(0xfd18, uint32(i)<<16+2)})
	}
	if g.chance(50) {
		p.Subnet = &manifest.SubnetInfo{Field: "spec.subnetInfo", Pos: g.pos(), Gateway: netip.AddrFrom4([4]byte{172, 18, subnet, 1}), Bits: 24, VLAN: uint16(181 * g.IntN(2))}
		p.Ranges = slices.DeleteFunc(p.Ranges, func(r manifest.IPRange) bool { return !r.First.Is4() }) // they would lie outside
	}
	if g.chance(40) {
		p.NodeSelector = g.selector("rack-0", "rack-1")
	}
	return p
}

func (g leaving) egress(i int) *manifest.Egress {
	e := &manifest.Egress{Meta: g.meta("Egress", "crd.antrea.io", "", fmt.Sprintf("egress-%d", i))}
	if g.chance(70) {
		e.Created = time.Unix(int64(1_700_000_000+g.IntN(3)), 0).UTC()
	}
	for _, s := range []**manifest.Selector{&e.PodSelector, &e.NamespaceSelector} {
		if g.chance(60) {
			chosen := g.selector("app", "team")
			*s = &chosen
		}
	}
	e.Addresses = append(e.Addresses, g.address("spec.egressIP", i))
	if g.chance(30) {
		e.Bandwidth = &manifest.Bandwidth{Field: "spec.bandwidth", Pos: g.pos(), Rate: 10_000_000, Burst: 1_000_000}
	}
	if g.chance(30) {
		e.Status.Addr = netip.AddrFrom4([4]byte{172, 18, byte(20 * g.IntN(3)), byte(40 + g.IntN(4))})
	}
	return e
}

// address is one of any pool's, one that is asked for, or one that a node may have.
func (g leaving) address(field string, i int) manifest.EgressAddress {
	a := manifest.EgressAddress{Field: field, Pos: g.pos()}
	if g.chance(20) {
		a.Addr = netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + g.IntN(5))})
		return a
	}
	a.Pool, a.PoolField, a.PoolPos = poolName(g.IntN(4)), "spec.externalIPPool", a.Pos
	if g.chance(30) {
		a.Addr = netip.AddrFrom4([4]byte{172, 18, byte(20 * g.IntN(3)), byte(39 + g.IntN(4))})
	}
	return a
}
