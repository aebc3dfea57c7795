package flatten

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/ir"
)

// Services become frontends on each node by itself, because what a frontend leads to depends on the node: which backends are local,
// which of them hints prefer. Most do not depend on it, and cost one look at their backends.

// Frontends adds what a node has for Services to its Pipeline: a frontend for everything that can be dialled there, and the pools
// that these lead to. A machine outside the cluster has none. The Pipeline must be placed on the node; the result shares everything
// else with it.
//
// Where two Services claim one address and port, or one node port, the first by namespace and name has it, as for Program.Dial.
// Cost: O(n log n) for n addresses, ports and backends together.
func Frontends(p *ir.Pipeline, services []*ir.Service) *ir.Pipeline {
	if len(services) == 0 || ir.IsMachine(p.Node) {
		return p
	}
	b := balancer{pools: map[string]int{}, node: &ir.Node{Name: p.Node}}
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			b.node = n
		}
	}
	for _, s := range services {
		for i := range s.Ports {
			b.port(s, &s.Ports[i])
		}
	}
	out := *p
	out.Pools, out.Frontends = b.finish()
	return &out
}

// balancer collects a node's frontends. Until finish, a route's Pool is an index in found.
type balancer struct {
	node      *ir.Node
	frontends []ir.Frontend
	pools     map[string]int // by key
	found     []ir.Pool
}

// port makes the frontends of a Service's port.
func (b *balancer) port(s *ir.Service, port *ir.ServicePort) {
	for _, f := range ir.Families() {
		usable, local := b.choices(s, port, f)
		cluster := b.routes(usable, local, s.LocalInside, s.LocalInside)
		for side := range cluster {
			cluster[side].Masquerade = cluster[side].Outcome == ir.Balance && ir.Side(side) >= ir.Inside
		}
		b.add(s, port, f, s.ClusterIPs, cluster, ir.AnyAddr())
		external := b.routes(usable, local, false, s.LocalOutside)
		for side := range external {
			direct := ir.Side(side) <= ir.OwnNode || s.LocalOutside && ir.Side(side) == ir.OutsideSide
			external[side].Masquerade = external[side].Outcome == ir.Balance && !direct
		}
		b.add(s, port, f, s.LoadBalancers, external, s.Sources)
		b.add(s, port, f, s.ExternalIPs, external, ir.AnyAddr())
		if port.NodePort != 0 {
			entry := ir.Entry{Family: f, Proto: port.Proto, Port: port.NodePort}
			b.frontends = append(b.frontends, b.frontend(s, entry, external, ir.AnyAddr()))
		}
	}
}

// choices are the pools of all usable backends and of the local ones; -1 for none.
func (b *balancer) choices(s *ir.Service, port *ir.ServicePort, f ir.Family) (usable, local int) {
	usable, local = b.pool(port.Usable(f, b.node)), -1
	if s.LocalInside || s.LocalOutside {
		local = b.pool(port.Local(f, b.node))
	}
	return usable, local
}

// routes are those of an entry where clients inside, or outside, of the cluster may only get local backends. Masquerade is not set.
func (b *balancer) routes(usable, local int, localInside, localOutside bool) (out [ir.NumSides]ir.Route) {
	for _, side := range ir.Sides() {
		onlyLocal := localInside
		if side == ir.OutsideSide {
			onlyLocal = localOutside
		}
		route := &out[side]
		switch {
		case usable < 0:
			route.Outcome = ir.Refuse
		case onlyLocal && local < 0:
			route.Outcome = ir.Discard
		case onlyLocal:
			*route = ir.Route{Outcome: ir.Balance, Pool: ir.PoolID(local)}
		default:
			*route = ir.Route{Outcome: ir.Balance, Pool: ir.PoolID(usable)}
		}
	}
	return out
}

// pool interns the targets of some backends.
func (b *balancer) pool(backends []ir.Backend) int {
	if len(backends) == 0 {
		return -1
	}
	var key strings.Builder
	targets := make([]netip.AddrPort, len(backends))
	for i, backend := range backends {
		targets[i] = backend.Target()
		if i > 0 {
			key.WriteByte(' ')
		}
		key.WriteString(targets[i].String())
	}
	id, known := b.pools[key.String()]
	if !known {
		id = len(b.found)
		b.pools[key.String()] = id
		b.found = append(b.found, ir.Pool{Key: key.String(), Targets: targets})
	}
	return id
}

// add makes the frontends of the addresses that are of a family.
func (b *balancer) add(s *ir.Service, port *ir.ServicePort, f ir.Family, addrs []netip.Addr, routes [ir.NumSides]ir.Route, sources ir.AddrSet) {
	for _, a := range addrs {
		if ir.FamilyOf(a) == f {
			entry := ir.Entry{Addr: a, Family: f, Proto: port.Proto, Port: port.Port}
			b.frontends = append(b.frontends, b.frontend(s, entry, routes, sources))
		}
	}
}

func (b *balancer) frontend(s *ir.Service, e ir.Entry, routes [ir.NumSides]ir.Route, sources ir.AddrSet) ir.Frontend {
	return ir.Frontend{Entry: e, Service: s.String(), Routes: routes, Sources: sources, Affinity: s.Affinity, Origin: &s.Origin}
}

// finish sorts everything; of equal entries the first one stays.
func (b *balancer) finish() ([]ir.Pool, []ir.Frontend) {
	slices.SortStableFunc(b.frontends, func(x, y ir.Frontend) int { return x.Entry.Compare(y.Entry) })
	b.frontends = slices.CompactFunc(b.frontends, func(x, y ir.Frontend) bool { return x.Entry == y.Entry })
	used := make([]bool, len(b.found))
	for i := range b.frontends {
		for _, r := range b.frontends[i].Routes {
			if r.Outcome == ir.Balance {
				used[r.Pool] = true
			}
		}
	}
	order := make([]int, 0, len(b.found))
	for i := range b.found {
		if used[i] {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(b.found[i].Key, b.found[j].Key) })
	pools, moved := make([]ir.Pool, len(order)), make([]ir.PoolID, len(b.found))
	for to, from := range order {
		pools[to], moved[from] = b.found[from], ir.PoolID(to)
	}
	for i := range b.frontends {
		for side := range b.frontends[i].Routes {
			if r := &b.frontends[i].Routes[side]; r.Outcome == ir.Balance {
				r.Pool = moved[r.Pool]
			}
		}
	}
	return pools, b.frontends
}
