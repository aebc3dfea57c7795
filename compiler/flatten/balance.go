package flatten

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Services become frontends on each node by itself, because what a frontend leads to depends on the node: which backends are local,
// which of them hints prefer. Most do not depend on it, and cost one look at their backends.
//
// A Balancer remembers what it made of each Service, so that another Service costs what it is itself, and a pass over sorted lists:
// the frontends of Services that went are left out, those that came are merged in, and likewise the pools that they lead to.

// Frontends adds what a node has for Services to its Pipeline: a frontend for everything that can be dialled there, and the pools
// that these lead to. A machine outside the cluster has none. The Pipeline must be placed on the node; the result shares everything
// else with it.
//
// Where two Services claim one address and port, or one node port, the first by namespace and name has it, as for Program.Dial.
// Cost: O(n log n) for n addresses, ports and backends together.
func Frontends(p *ir.Pipeline, services []*ir.Service) *ir.Pipeline {
	return NewBalancer().Frontends(p, services)
}

// Balancer makes the frontends of one node again and again. It gives what Frontends gives. It is not safe for concurrent use.
type Balancer struct {
	node      *ir.Node
	services  []*ir.Service
	pools     map[string]*pooled
	ordered   []*pooled   // by key
	fresh     []*pooled   // made since the last listing
	unused    []*pooled   // those that lost their last route since
	frontends []*frontend // by Service within equal entries, then
	made      map[*ir.Service][]*frontend
}

// pooled is a pool with the number of routes that lead to it.
type pooled struct {
	ir.Pool
	listed bool // in order
	refs   int
}

// frontend is an ir.Frontend with the pools that its routes lead to, nil where they do not balance.
type frontend struct {
	ir.Frontend
	service *ir.Service
	pools   [ir.NumSides]*pooled
}

// NewBalancer returns a Balancer that has made nothing yet.
func NewBalancer() *Balancer {
	return &Balancer{pools: map[string]*pooled{}, made: map[*ir.Service][]*frontend{}}
}

// Frontends is as the function of that name, at the cost of what changed since the last call.
func (b *Balancer) Frontends(p *ir.Pipeline, services []*ir.Service) *ir.Pipeline {
	if len(services)+len(b.services) == 0 || ir.IsMachine(p.Node) {
		return p
	}
	node := &ir.Node{Name: p.Node}
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			node = n
		}
	}
	if b.node == nil || b.node.Name != node.Name || b.node.Zone != node.Zone {
		*b = *NewBalancer()
	}
	b.node = node
	gone, come := changes(b.services, services)
	b.services = services
	b.merge(gone, come)
	b.list()
	out := *p
	out.Pools, out.Frontends = b.result()
	out.Health = healthChecks(node, services)
	return &out
}

// changes compares sorted lists by identity.
func changes(old, new []*ir.Service) (gone, come []*ir.Service) {
	for len(old) > 0 && len(new) > 0 {
		order := 0
		if old[0] != new[0] {
			order = old[0].Compare(new[0])
		}
		switch {
		case order < 0:
			gone, old = append(gone, old[0]), old[1:]
		case order > 0:
			come, new = append(come, new[0]), new[1:]
		default:
			if old[0] != new[0] {
				gone, come = append(gone, old[0]), append(come, new[0])
			}
			old, new = old[1:], new[1:]
		}
	}
	return append(gone, old...), append(come, new...)
}

func compareFrontends(x, y *frontend) int {
	return cmp.Or(x.Entry.Compare(y.Entry), x.service.Compare(y.service))
}

// merge leaves out the frontends of Services that went, and puts in those of others.
func (b *Balancer) merge(gone, come []*ir.Service) {
	var without, with []*frontend
	for _, s := range gone {
		for _, f := range b.made[s] {
			without = append(without, f)
			for _, p := range f.pools {
				if p == nil {
					continue
				}
				if p.refs--; p.refs == 0 {
					b.unused = append(b.unused, p)
				}
			}
		}
		delete(b.made, s)
	}
	for _, s := range come {
		list := b.service(s)
		b.made[s] = make([]*frontend, len(list))
		for i := range list {
			b.made[s][i] = &list[i]
		}
		with = append(with, b.made[s]...)
	}
	slices.SortStableFunc(without, compareFrontends)
	slices.SortStableFunc(with, compareFrontends)
	b.frontends = splice(b.frontends, without, with, compareFrontends)
}

// splice returns a sorted list without some that are in it, and with others; both are sorted. What stands between is copied at once.
func splice[T comparable](list, without, with []T, compare func(T, T) int) []T {
	if len(without)+len(with) == 0 {
		return list
	}
	out := make([]T, 0, len(list)+len(with))
	upTo := func(x T) {
		at, _ := slices.BinarySearchFunc(list, x, compare)
		out, list = append(out, list[:at]...), list[at:]
	}
	for len(without)+len(with) > 0 {
		if len(with) == 0 || len(without) > 0 && compare(without[0], with[0]) <= 0 {
			upTo(without[0])
			at := slices.Index(list, without[0]) // others that are equal may stand before
			out, list, without = append(out, list[:at]...), list[at+1:], without[1:]
			continue
		}
		upTo(with[0])
		out, with = append(out, with[0]), with[1:]
	}
	return append(out, list...)
}

// list drops the pools that no route leads to, and lists the new ones.
func (b *Balancer) list() {
	byKey := func(x, y *pooled) int { return cmp.Compare(x.Key, y.Key) }
	var without, with []*pooled
	for _, p := range b.unused {
		if p.refs == 0 && p.listed && b.pools[p.Key] == p {
			delete(b.pools, p.Key)
			without = append(without, p)
		}
	}
	for _, p := range b.fresh {
		if p.refs == 0 {
			delete(b.pools, p.Key)
		} else {
			p.listed = true
			with = append(with, p)
		}
	}
	b.fresh, b.unused = nil, nil
	slices.SortFunc(without, byKey)
	slices.SortFunc(with, byKey)
	b.ordered = splice(b.ordered, without, with, byKey)
}

// result lists pools and frontends. Of equal entries the first one counts; pools that only others lead to stay away.
func (b *Balancer) result() ([]*ir.Pool, []*ir.Frontend) {
	frontends := make([]*ir.Frontend, 0, len(b.frontends))
	for i, f := range b.frontends {
		if i == 0 || b.frontends[i-1].Entry != f.Entry {
			frontends = append(frontends, &f.Frontend)
		}
	}
	pools := make([]*ir.Pool, len(b.ordered))
	for i, p := range b.ordered {
		pools[i] = &p.Pool
	}
	if len(frontends) < len(b.frontends) {
		pools = usedPools(pools, frontends)
	}
	return pools, frontends
}

// usedPools leaves out the pools that no frontend leads to.
func usedPools(pools []*ir.Pool, frontends []*ir.Frontend) []*ir.Pool {
	used := make(map[*ir.Pool]bool, len(pools))
	for _, f := range frontends {
		for _, r := range f.Routes {
			used[r.Pool] = true
		}
	}
	return slices.DeleteFunc(pools, func(p *ir.Pool) bool { return !used[p] })
}

// service makes the frontends of a Service.
func (b *Balancer) service(s *ir.Service) []frontend {
	var out []frontend
	for i := range s.Ports {
		out = append(out, b.port(s, &s.Ports[i])...)
	}
	if len(s.Ports) > 0 {
		out = append(out, b.rest(s)...)
	}
	return out
}

// rest makes what refuses whatever else is sent to a Service's cluster addresses.
func (b *Balancer) rest(s *ir.Service) []frontend {
	var out []frontend
	for _, a := range s.ClusterIPs {
		f := route(s, nil, nil, [2]bool{})
		f.Entry, f.Affinity = ir.Entry{Addr: a, Family: ir.FamilyOf(a), Proto: ir.ProtoAny}, 0
		out = append(out, f)
	}
	return out
}

// port makes the frontends of a Service's port.
func (b *Balancer) port(s *ir.Service, port *ir.ServicePort) []frontend {
	var out []frontend
	for _, f := range ir.Families() {
		if !s.Serves(f) {
			continue
		}
		usable := b.pool(port.Usable(f, b.node))
		var local *pooled
		if s.LocalInside || s.LocalOutside {
			local = b.pool(port.Local(f, b.node))
		}
		add := func(addrs []netip.Addr, like frontend) {
			for _, a := range addrs {
				if ir.FamilyOf(a) == f {
					like.Entry = ir.Entry{Addr: a, Family: f, Proto: port.Proto, Port: port.Port}
					out = append(out, like.hold())
				}
			}
		}
		inside := route(s, usable, local, [2]bool{s.LocalInside, s.LocalInside})
		outside := route(s, usable, local, [2]bool{false, s.LocalOutside})
		add(s.ClusterIPs, inside)
		add(s.ExternalIPs, outside)
		if port.NodePort != 0 {
			node := outside
			node.Entry = ir.Entry{Family: f, Proto: port.Proto, Port: port.NodePort}
			out = append(out, node.hold())
		}
		outside.Sources = s.Sources
		add(s.LoadBalancers, outside)
	}
	return out
}

// hold counts that the frontend leads to its pools.
func (f frontend) hold() frontend {
	for _, p := range f.pools {
		if p != nil {
			p.refs++
		}
	}
	return f
}

// route makes a frontend without an entry; onlyLocal says of clients inside, and of those outside of the cluster, whether they may get
// local backends alone. nil stands for no backends. Replies come back through this node by themselves to its own clients, and from its own backends.
func route(s *ir.Service, usable, local *pooled, onlyLocal [2]bool) frontend {
	f := frontend{Frontend: ir.Frontend{Service: s.String(), Sources: ir.AnyAddr(), Affinity: s.Affinity, Origin: &s.Origin}, service: s}
	for _, side := range ir.Sides() {
		outside, pool := 0, usable
		if side == ir.OutsideSide {
			outside = 1
		}
		if onlyLocal[outside] {
			pool = local
		}
		switch r := &f.Routes[side]; {
		case usable == nil:
			r.Outcome = ir.Refuse
		case pool == nil:
			r.Outcome = ir.Discard
		default:
			direct := side == ir.OwnPod || side == ir.OwnNode || side == ir.OutsideSide && onlyLocal == [2]bool{false, true}
			r.Outcome, r.Pool, r.Masquerade, f.pools[side] = ir.Balance, &pool.Pool, !direct, pool
		}
	}
	return f
}

// pool interns the targets of some backends; nil for none.
func (b *Balancer) pool(backends []ir.Backend) *pooled {
	if len(backends) == 0 {
		return nil
	}
	targets := make([]netip.AddrPort, len(backends))
	key := make([]byte, 0, 20*len(backends))
	for i, backend := range backends {
		targets[i] = backend.Target()
		if i > 0 {
			key = append(key, ' ')
		}
		key = targets[i].AppendTo(key)
	}
	p := b.pools[string(key)]
	if p == nil {
		p = &pooled{Pool: ir.Pool{Key: string(key), Targets: targets}}
		b.pools[p.Key], b.fresh = p, append(b.fresh, p)
	}
	return p
}
