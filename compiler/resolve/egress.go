package resolve

import (
	"cmp"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/allot"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// leaving are the Egresses, the pools that Egresses and Services take addresses from, and what all that came to.
type leaving struct {
	egresses map[string]*egress
	pools    map[string]*manifest.ExternalIPPool
	pooled   map[objectName]bool // the Services that want an address of a pool
	except   ir.AddrSet
	down     []string // nodes that are not alive
	stale    bool     // whether to allot anew

	allotment *Allotment
	findings  []diag.Finding
	addrs     map[objectName][]netip.Addr // of pooled Services
	holdings  []ir.Holding
}

func newLeaving() leaving {
	return leaving{egresses: map[string]*egress{}, pools: map[string]*manifest.ExternalIPPool{}, pooled: map[objectName]bool{}, allotment: &Allotment{}}
}

// egress is a declared Egress. who is nil if it selects nothing.
type egress struct {
	object   *manifest.Egress
	who      *group
	leases   []ir.Lease
	resolved *ir.EgressIP // nil after a change of leases
	bare     *ir.EgressIP // that without pods
}

// Allotment is who has which address outside the cluster, and which node holds it.
type Allotment struct {
	Claims   []allot.Claim
	Pools    []allot.Pool
	Given    *allot.Allocation // parallel to Claims and Pools
	Election *allot.Election
	Seats    []Seat   // in the order in which they were elected
	Nodes    []string // parallel to Seats: who holds the address; "" nobody
}

// Seat is an address that a node is to hold for a claim.
type Seat struct {
	Addr  netip.Addr
	Claim int // index into Claims
	Pool  int // index into Pools
}

// Allotment returns who has which address, as of the last Program. It must not be changed.
func (x *Index) Allotment() *Allotment { return x.leaving.allotment }

// SetDown tells which nodes are not alive: they hold no addresses.
func (x *Index) SetDown(nodes []string) {
	nodes = slices.Sorted(slices.Values(nodes))
	if !slices.Equal(nodes, x.leaving.down) {
		x.leaving.down, x.leaving.stale, x.changed = nodes, true, true
	}
}

// Except tells what Egresses leave alone beside what is inside the cluster.
func (x *Index) Except(addrs ir.AddrSet) { x.leaving.except, x.changed = addrs, true }

func (x *Index) putEgress(name string, o *manifest.Egress) {
	old := x.leaving.egresses[name]
	if old != nil && o != nil && reflect.DeepEqual(old.object, o) {
		return
	}
	x.leaving.stale = true
	if o == nil {
		delete(x.leaving.egresses, name)
	} else {
		e := &egress{object: o}
		if !o.SelectsNothing() {
			e.who = x.acquireSelected(selectorOr(o.NamespaceSelector), selectorOr(o.PodSelector))
		}
		x.leaving.egresses[name] = e
	}
	if old != nil && old.who != nil {
		x.release(old.who)
	}
}

func selectorOr(s *manifest.Selector) manifest.Selector {
	if s == nil {
		return manifest.Selector{}
	}
	return *s
}

func (x *Index) putPool(name string, o *manifest.ExternalIPPool) {
	x.leaving.stale = put(x.leaving.pools, name, o) || x.leaving.stale
}

// pool notes whether a Service wants an address of a pool.
func (x *Index) pool(name objectName, s *manifest.Service) {
	wants := s != nil && s.Type == manifest.LoadBalanced && s.LoadBalancer.Pool != "" && !s.LeftAlone()
	if wants || x.leaving.pooled[name] {
		x.leaving.stale = true
	}
	if wants {
		x.leaving.pooled[name] = true
	} else {
		delete(x.leaving.pooled, name)
	}
}

// allot gives out addresses and elects the nodes that hold them, if anything changed that this depends on. Services whose addresses are
// others now are looked at again.
func (x *Index) allot() {
	l := &x.leaving
	for name := range x.balanced.stale {
		l.stale = l.stale || l.pooled[name]
	}
	if !l.stale {
		return
	}
	l.stale = false
	var report diag.Report
	egresses := x.leavers()
	a := &Allotment{Pools: x.allotPools()}
	for _, e := range egresses {
		a.Claims = append(a.Claims, e.claim())
	}
	services := x.pooledServices()
	for _, s := range services {
		a.Claims = append(a.Claims, serviceClaim(s))
	}
	a.Given = allot.Allocate(a.Pools, a.Claims, x.reserved(a.Claims), &report)
	x.elect(a, services, &report)
	l.allotment, l.findings = a, report.Findings()
	x.hold(egresses, &report)
	x.assign(services)
}

// leavers returns the Egresses in the order in which they count: the oldest first, then by name.
func (x *Index) leavers() []*egress {
	out := make([]*egress, 0, len(x.leaving.egresses))
	for _, e := range x.leaving.egresses {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *egress) int {
		return cmp.Or(allot.CompareAge(a.object.Created, b.object.Created), strings.Compare(a.object.Name, b.object.Name))
	})
	return out
}

// claim says what an Egress wants.
func (e *egress) claim() allot.Claim {
	o := e.object
	c := allot.Claim{Kind: allot.Egress, Name: o.Name, Created: o.Created, Origin: o.Origin("", o.Pos)}
	for _, a := range o.Addresses {
		c.Wants = append(c.Wants, allot.Want{Pool: a.Pool, Family: allot.FamilyOf(a.Addr), Requested: a.Addr, Origin: o.Origin(a.Field, a.Pos)})
	}
	if o.Status.Addr.IsValid() {
		c.Current = []netip.Addr{o.Status.Addr}
	}
	return c
}

// pooledServices returns the Services that want an address of a pool, by namespace and name.
func (x *Index) pooledServices() []*manifest.Service {
	var out []*manifest.Service
	for name := range x.leaving.pooled {
		out = append(out, x.services[name])
	}
	slices.SortFunc(out, func(a, b *manifest.Service) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	return out
}

// serviceClaim says what a Service wants: the address that it asks for, or one of each of its families that the pool has.
func serviceClaim(o *manifest.Service) allot.Claim {
	lb := &o.LoadBalancer
	c := allot.Claim{Kind: allot.Service, Name: o.Namespace + "/" + o.Name, Created: o.Created, AnyWill: true, MayShare: lb.SharesIP, Origin: o.Origin("", o.Pos)}
	want := allot.Want{Pool: lb.Pool, Requested: lb.IP, Family: allot.FamilyOf(lb.IP), Origin: c.Origin}
	switch {
	case lb.IP.IsValid() || len(o.IPFamilies) == 0:
		c.Wants = []allot.Want{want}
	default:
		for _, f := range o.IPFamilies {
			want.Family = map[manifest.IPFamily]allot.Family{manifest.IPv4: allot.IPv4, manifest.IPv6: allot.IPv6}[f]
			c.Wants = append(c.Wants, want)
		}
	}
	c.Current = statusAddrs(o)
	for _, p := range o.Ports {
		c.Ports = append(c.Ports, allot.Port{Protocol: p.Protocol, Port: p.Port})
	}
	return c
}

// allotPools returns the pools by name.
func (x *Index) allotPools() []allot.Pool {
	var out []allot.Pool
	for _, o := range x.leaving.pools {
		p := allot.Pool{Name: o.Name, Origin: o.Origin("", o.Pos)}
		if o.Subnet != nil {
			p.Gateway = o.Subnet.Gateway
		}
		for _, r := range o.Ranges {
			if r.First.IsValid() {
				p.Ranges = append(p.Ranges, allot.Range{First: r.First, Last: r.Last, Origin: o.Origin(r.Field, r.Pos)})
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b allot.Pool) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// reserved lists the nodes' own addresses but for those that somebody asks for as such: no pool hands them out.
func (x *Index) reserved(claims []allot.Claim) []allot.Reserved {
	static := map[netip.Addr]bool{}
	for _, c := range claims {
		for _, w := range c.Wants {
			static[w.Requested] = static[w.Requested] || w.Pool == ""
		}
	}
	var out []allot.Reserved
	for _, n := range x.resolvedNodes() {
		for _, a := range n.Addrs {
			if !static[a] {
				out = append(out, allot.Reserved{Addr: a, Origin: n.Origin})
			}
		}
	}
	return out
}

// elect finds the nodes for all addresses of pools. A node can hold those of the pools that select it; that of a Service with
// externalTrafficPolicy Local only if one of its endpoints is ready there.
func (x *Index) elect(a *Allotment, services []*manifest.Service, report *diag.Report) {
	var seats []allot.Seat
	var sets [][]string
	for i, p := range a.Pools {
		sets = append(sets, x.selectedNodes(x.leaving.pools[p.Name].NodeSelector))
		for c := range a.Claims {
			for w, want := range a.Claims[c].Wants {
				if addr := a.Given.Addrs[c][w]; want.Pool == p.Name && addr.IsValid() {
					a.Seats = append(a.Seats, Seat{addr, c, i})
				}
			}
		}
	}
	slices.SortStableFunc(a.Seats, func(s, t Seat) int { return a.Claims[s.Claim].Compare(&a.Claims[t.Claim]) })
	firstService := len(a.Claims) - len(services)
	for _, s := range a.Seats {
		seat := allot.Seat{Addr: s.Addr, Set: s.Pool, Capped: a.Claims[s.Claim].Kind == allot.Egress, Origin: a.Claims[s.Claim].Origin}
		if s.Claim >= firstService {
			if o := services[s.Claim-firstService]; o.ExternalTrafficPolicy == manifest.NodeLocal {
				sets = append(sets, common(sets[s.Pool], x.readyNodes(o)))
				seat.Set, seat.Local = len(sets)-1, true
			}
		}
		seats = append(seats, seat)
	}
	a.Election = allot.NewElection(sets, seats, allot.Caps{Default: allot.DefaultCap})
	a.Nodes = a.Election.Elect(x.leaving.down, report)
}

// selectedNodes returns the names of the declared nodes that a selector matches, sorted.
func (x *Index) selectedNodes(s manifest.Selector) []string {
	var out []string
	for name, n := range x.nodes {
		if n.declared != nil && s.Matches(n.declared.Labels) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// readyNodes returns the names of the nodes with a ready endpoint of a Service.
func (x *Index) readyNodes(o *manifest.Service) []string {
	backends := x.backendsOf(objectName{o.Namespace, o.Name}, o)
	var out []string
	for i := range o.Ports {
		for _, b := range backends(&o.Ports[i]) {
			if !b.Draining && b.Node != "" {
				out = append(out, b.Node)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// common returns what two sorted lists have in common.
func common(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { _, found := slices.BinarySearch(b, s); return !found })
}

// hold makes the holdings, and gives the Egresses their leases.
func (x *Index) hold(egresses []*egress, report *diag.Report) {
	l, held := &x.leaving, map[netip.Addr]ir.Holding{}
	for i, s := range l.allotment.Seats {
		if _, known := held[s.Addr]; !known {
			pool := l.pools[l.allotment.Pools[s.Pool].Name]
			held[s.Addr] = ir.Holding{Addr: s.Addr, Node: l.allotment.Nodes[i], Subnet: subnetOf(pool, s.Addr), Origin: pool.Origin("", pool.Pos)}
		}
	}
	for c, e := range egresses {
		var leases []ir.Lease
		for w, want := range e.object.Addresses {
			addr := l.allotment.Given.Addrs[c][w]
			if addr.IsValid() && want.Pool == "" {
				held[addr] = x.static(addr, e.object.Origin(want.Field, want.Pos), report)
			}
			leases = append(leases, x.lease(addr, want)...)
		}
		slices.SortFunc(leases, func(a, b ir.Lease) int { return cmp.Compare(a.Family, b.Family) })
		leases = slices.CompactFunc(leases, func(a, b ir.Lease) bool { return a.Family == b.Family })
		if !slices.Equal(leases, e.leases) {
			e.leases, e.resolved = leases, nil
		}
	}
	l.findings = report.Findings()
	l.holdings = make([]ir.Holding, 0, len(held))
	for _, h := range held {
		l.holdings = append(l.holdings, h)
	}
	slices.SortFunc(l.holdings, func(a, b ir.Holding) int { return a.Addr.Compare(b.Addr) })
}

// lease is what a wanted address came to. Without one it is a lease of the families that the address would be of: those of the pool, or
// all if that is not known.
func (x *Index) lease(addr netip.Addr, want manifest.EgressAddress) []ir.Lease {
	if !addr.IsValid() {
		addr, want.Addr = want.Addr, netip.Addr{}
	} else {
		want.Addr = addr
	}
	if addr.IsValid() {
		return []ir.Lease{{Family: ir.FamilyOf(addr), Addr: want.Addr}}
	}
	var out []ir.Lease
	for _, f := range ir.Families() {
		pool := x.leaving.pools[want.Pool]
		if pool == nil || slices.ContainsFunc(pool.Ranges, func(r manifest.IPRange) bool { return r.First.IsValid() && ir.FamilyOf(r.First) == f }) {
			out = append(out, ir.Lease{Family: f})
		}
	}
	return out
}

// static is the holding of an address that a node has anyway.
func (x *Index) static(addr netip.Addr, at source.Origin, report *diag.Report) ir.Holding {
	for _, n := range x.resolvedNodes() {
		if slices.Contains(n.Addrs, addr) {
			if slices.Contains(x.leaving.down, n.Name) {
				report.Add(diag.NoNodeForAddress, at, "no node can hold %s: it is %s's own, which is down, and of no pool", addr, n.Name)
				return ir.Holding{Addr: addr, Origin: at}
			}
			return ir.Holding{Addr: addr, Node: n.Name, Static: true, Origin: at}
		}
	}
	report.Add(diag.NoNodeForAddress, at, "no node can hold %s: none has it, and it is of no pool", addr)
	return ir.Holding{Addr: addr, Origin: at}
}

// subnetOf is the subnet of a pool's address. A subnet of the other family is that of other addresses.
func subnetOf(p *manifest.ExternalIPPool, addr netip.Addr) ir.Subnet {
	if p.Subnet == nil || !p.Subnet.Prefix().Contains(addr) {
		return ir.Subnet{}
	}
	return ir.Subnet{Gateway: p.Subnet.Gateway, Bits: p.Subnet.Bits, VLAN: p.Subnet.VLAN}
}

// assign gives pooled Services their addresses: those that they have by status, while their pool is not declared.
func (x *Index) assign(services []*manifest.Service) {
	l, now := &x.leaving, make(map[objectName][]netip.Addr, len(services))
	first := len(l.allotment.Claims) - len(services)
	for i, s := range services {
		name := objectName{s.Namespace, s.Name}
		if l.pools[s.LoadBalancer.Pool] == nil {
			now[name] = statusAddrs(s)
		} else {
			now[name] = slices.DeleteFunc(slices.Clone(l.allotment.Given.Addrs[first+i]), func(a netip.Addr) bool { return !a.IsValid() })
		}
		if !slices.Equal(now[name], l.addrs[name]) {
			x.balanced.stale[name] = true
		}
	}
	l.addrs = now
}

// statusAddrs returns the addresses that a Service has by its status, but for those that are the load balancer's own business.
func statusAddrs(o *manifest.Service) []netip.Addr {
	var out []netip.Addr
	for _, in := range o.LoadBalancer.Ingress {
		if in.Addr.IsValid() && in.Mode != manifest.ProxyMode {
			out = append(out, in.Addr)
		}
	}
	return out
}

// egressesOn returns the Egresses for a scope: all of them, for which of them counts for a pod depends on the others. If none is about a
// node of it, they are without pods.
func (x *Index) egressesOn(scope Scope) []*ir.EgressIP {
	var out []*ir.EgressIP
	concerned := scope.nodes == nil
	for _, e := range x.leavers() {
		if e.who == nil || len(e.leases) == 0 {
			continue
		}
		out = append(out, e.resolve())
		concerned = concerned || slices.ContainsFunc(e.who.members, scope.has)
	}
	holds := func(h ir.Holding) bool { return slices.Contains(scope.nodes, h.Node) }
	if !concerned && !slices.ContainsFunc(x.leaving.holdings, holds) {
		for i, e := range out {
			out[i] = x.leaving.egresses[e.Name].resolveBare()
		}
	}
	return out
}

// resolve makes what a Program has of the Egress; the same as long as nothing changes.
func (e *egress) resolve() *ir.EgressIP {
	who := e.who.resolve()
	if e.resolved == nil || e.resolved.Who != who {
		o := e.object
		e.resolved = &ir.EgressIP{Name: o.Name, Who: who, Leases: e.leases, Origin: o.Origin("", o.Pos)}
		if o.Bandwidth != nil {
			e.resolved.Limit = ir.Limit{Rate: uint64(o.Bandwidth.Rate), Burst: uint64(o.Bandwidth.Burst)}
		}
	}
	return e.resolved
}

// resolveBare is resolve without the pods.
func (e *egress) resolveBare() *ir.EgressIP {
	if full := e.resolve(); e.bare == nil || !slices.Equal(e.bare.Leases, full.Leases) {
		bare := *full
		bare.Who = &ir.Group{Key: "without pods: " + bare.Name}
		e.bare = &bare
	}
	return e.bare
}

// diagnoseLimits tells which Egresses have an address in common with an earlier one, and another limit.
func (x *Index) diagnoseLimits(report *diag.Report) {
	first := map[netip.Addr]*egress{}
	for _, e := range x.leavers() {
		for _, l := range e.leases {
			other := first[l.Addr]
			switch {
			case !l.Addr.IsValid():
			case other == nil:
				first[l.Addr] = e
			case !reflect.DeepEqual(other.object.Bandwidth, e.object.Bandwidth):
				report.AddFinding(diag.Finding{Code: diag.SeveralLimits, Origin: e.object.Origin("", e.object.Pos),
					Message: "Egress " + other.object.Name + " has " + l.Addr.String() + ", too, and another bandwidth: each is for its own pods alone",
					Related: []diag.Related{{Origin: other.object.Origin("", other.object.Pos), Message: "the other one"}}})
			}
		}
	}
}

// diagnoseLeaving tells which pods several Egresses select, and which limits do not mean what they seem to.
func (x *Index) diagnoseLeaving(report *diag.Report) {
	x.diagnoseLimits(report)
	type claim struct {
		pod    *ir.Endpoint
		family ir.Family
	}
	first := map[claim]*egress{}
	for _, e := range x.leavers() {
		told := map[*egress]bool{}
		for _, l := range e.leases {
			if e.who == nil {
				continue
			}
			for _, pod := range e.who.members {
				other := first[claim{pod, l.Family}]
				if other == nil {
					first[claim{pod, l.Family}] = e
				} else if !told[other] {
					told[other] = true
					report.AddFinding(diag.Finding{Code: diag.TwoEgresses, Origin: e.object.Origin("", e.object.Pos),
						Message: "Egress " + other.object.Name + " comes first for pod " + pod.String() + ", which both select",
						Related: []diag.Related{{Origin: other.object.Origin("", other.object.Pos), Message: "the one that counts"}}})
				}
			}
		}
	}
}
