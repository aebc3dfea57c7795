package iproute

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/mark"
)

// Options say what is beside us on the node.
type Options struct {
	Port uint16 // of the tunnel; 0: DefaultPort
	// Carried says that something else carries packets to the nodes that hold their addresses, and replies back: there is no tunnel.
	Carried bool
}

// Generate makes the artifact with default options.
func Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return Options{}.Generate(p, report)
}

// Generate makes the artifact. What a node cannot reach is reported at the Egress that wants it.
func (o Options) Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return Artifact(o.Lower(p, report))
}

// lowerer makes one Stack.
type lowerer struct {
	Options
	p      *ir.Pipeline
	report *diag.Report
	out    *Stack
	self   *ir.Node
	nodes  map[string]*ir.Node
	family ir.Family // of the addresses by which nodes reach each other through the tunnel
	tables map[string]uint32
	done   map[string]bool // tables and peers that there are
}

// Lower makes a node's Stack.
func (o Options) Lower(p *ir.Pipeline, report *diag.Report) *Stack {
	l := &lowerer{Options: o, p: p, report: report, out: &Stack{Node: p.Node}, nodes: map[string]*ir.Node{}, done: map[string]bool{}}
	if len(p.SNATs)+len(p.Holdings) == 0 {
		return l.out
	}
	l.Port = cmp.Or(l.Port, DefaultPort)
	for _, n := range p.Nodes {
		l.nodes[n.Name] = n
	}
	l.self = l.nodes[p.Node]
	if l.self == nil {
		return l.out
	}
	l.out.Own = l.self.Addrs
	l.family = l.underlay()
	l.tables = number(l.ways())
	l.holdings()
	if !o.Carried {
		l.tunnel()
		l.departures()
		l.answers()
	}
	l.marks()
	return l.out
}

// underlay is the family of which all nodes have an address, IPv4 if it is both: the tunnel has one alone.
func (l *lowerer) underlay() ir.Family {
	has := func(f ir.Family) bool {
		return !slices.ContainsFunc(l.p.Nodes, func(n *ir.Node) bool { return !addrOf(n, f).IsValid() })
	}
	if !has(ir.IPv4) && (has(ir.IPv6) || !addrOf(l.self, ir.IPv4).IsValid()) {
		return ir.IPv6
	}
	return ir.IPv4
}

// addrOf is the first address of a node of a family.
func addrOf(n *ir.Node, f ir.Family) netip.Addr {
	for _, a := range n.Addrs {
		if ir.FamilyOf(a) == f {
			return a
		}
	}
	return netip.Addr{}
}

// ways names everything that has a table. Their numbers depend on each other only where hashes collide.
func (l *lowerer) ways() []string {
	ways := []string{replies}
	for _, h := range l.p.Holdings {
		if !h.Subnet.IsZero() {
			ways = append(ways, wayToSubnet(h.Subnet))
		}
	}
	for i := range l.p.SNATs {
		if s := &l.p.SNATs[i]; s.Node != l.p.Node && s.Node != "" {
			ways = append(ways, wayToNode(s.Node))
		}
	}
	return ways
}

// holdings makes the addresses that the node holds, and the subnets they are in.
func (l *lowerer) holdings() {
	for i := range l.p.Holdings {
		h := &l.p.Holdings[i]
		if h.Static {
			continue
		}
		origins := []*source.Origin{&h.Origin}
		device, bits := DeviceOf(h.Subnet), h.Addr.BitLen()
		if h.Subnet.VLAN != 0 {
			bits = h.Subnet.Bits
			l.vlan(h, origins)
		}
		l.out.Addresses = append(l.out.Addresses, Address{Device: device, Prefix: netip.PrefixFrom(h.Addr, bits), Origins: origins})
		if h.Subnet.IsZero() {
			continue
		}
		table := l.subnet(h.Subnet, origins)
		l.out.Rules = append(l.out.Rules, Rule{Family: ir.FamilyOf(h.Addr), From: h.Addr, Table: table, Origins: origins})
	}
}

func (l *lowerer) vlan(h *ir.Holding, origins []*source.Origin) {
	name := DeviceOf(h.Subnet)
	if l.done[name] {
		return
	}
	l.done[name] = true
	l.out.Links = append(l.out.Links, Link{Name: name, VLAN: h.Subnet.VLAN, Origins: origins})
	l.out.Sysctls = append(l.out.Sysctls, SettingsOf(name)...)
}

// subnet makes the table of a subnet, once: what is on its link, its gateway for all else.
func (l *lowerer) subnet(s ir.Subnet, origins []*source.Origin) uint32 {
	way := wayToSubnet(s)
	table := l.tables[way]
	if l.done[way] {
		return table
	}
	l.done[way] = true
	device, f := DeviceOf(s), ir.FamilyOf(s.Gateway)
	l.route(Route{Table: table, Dst: netip.PrefixFrom(s.Gateway, s.Bits).Masked(), Device: device, Origins: origins})
	l.route(Route{Table: table, Dst: everywhere(f), Via: s.Gateway, Device: device, Origins: origins})
	l.home(table, f)
	return table
}

func (l *lowerer) route(r Route) { l.out.Routes = append(l.out.Routes, r) }

func everywhere(f ir.Family) netip.Prefix {
	if f == ir.IPv4 {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
}

// home keeps the way to the node's own pods out of a table. No packet to them has a mark, but where somebody has set src_valid_mark (as
// WireGuard's wg-quick does for all devices), the kernel looks up with a packet's mark where its source is: it would find the pods that
// send it elsewhere, and drop what they send.
func (l *lowerer) home(table uint32, f ir.Family) {
	for _, prefix := range l.self.PodCIDRs {
		if ir.FamilyOf(prefix.Addr()) == f {
			l.route(Route{Table: table, Type: Throw, Dst: prefix})
		}
	}
	for _, e := range l.p.Endpoints {
		if e.Kind != ir.PodEndpoint || l.self.Covers(e) {
			continue
		}
		for _, a := range e.Addrs {
			if ir.FamilyOf(a) == f {
				l.route(Route{Table: table, Type: Throw, Dst: netip.PrefixFrom(a, a.BitLen())})
			}
		}
	}
}

// answersTo reports whether replies may go from here to other nodes: the node holds an address that pods of others use, or have used.
func (l *lowerer) answersTo() bool {
	return len(l.p.Nodes) > 1 && slices.ContainsFunc(l.p.SNATs, func(s ir.SNAT) bool { return s.Node == l.p.Node })
}

// tunnelAddr is an address of the tunnel: a device that has none of IPv4 accepts nothing under rp_filter, not even loosely
// (fib_validate_source of Linux). It is one of the loopback network, so that it is in nobody's way, and no source of anything.
var tunnelAddr = [4]byte{127, 104, 0, 1}

// tunnel makes the device, if there is any use for it.
func (l *lowerer) tunnel() {
	var origins []*source.Origin
	for i := range l.p.SNATs {
		s := &l.p.SNATs[i]
		if s.Node != "" && len(l.p.Nodes) > 1 {
			origins = append(origins, s.Origin)
		}
	}
	if len(origins) == 0 {
		return
	}
	local := addrOf(l.self, l.family)
	if !local.IsValid() {
		l.report.Add(diag.CannotExpress, *origins[0], "node %s has no address by which other nodes could send it what leaves by an Egress", l.self.Name)
		return
	}
	l.out.Links = append(l.out.Links, Link{Name: Tunnel, VXLAN: VXLAN{VNI, l.Port, local, MACOf(l.self.Name)}, Origins: origins})
	l.out.Sysctls = append(l.out.Sysctls, SettingsOf(Tunnel)...)
	l.out.Addresses = append(l.out.Addresses, Address{Device: Tunnel, Prefix: netip.PrefixFrom(netip.AddrFrom4(tunnelAddr), 32), Origins: origins})
}

// departures makes the tables of the nodes that hold addresses by which the node's pods leave.
func (l *lowerer) departures() {
	for i := range l.p.SNATs {
		s := &l.p.SNATs[i]
		if s.Node == "" || s.Node == l.p.Node || l.done[wayToNode(s.Node)+" "+s.Family.String()] {
			continue
		}
		l.done[wayToNode(s.Node)+" "+s.Family.String()] = true
		r := Route{Table: l.tables[wayToNode(s.Node)], Dst: everywhere(s.Family), Origins: []*source.Origin{s.Origin}}
		if l.peer(s.Node, l.wanting(s.Node)) {
			r.Via, r.Device = l.nextHop(l.nodes[s.Node], s.Family), Tunnel
		} else {
			r.Type = Unreachable
		}
		l.route(r)
		l.home(r.Table, s.Family)
		if r.Type == Unicast && s.Family == l.family {
			// What carries a packet through the tunnel has its mark, too, and must not go into the tunnel again.
			outer := addrOf(l.nodes[s.Node], l.family)
			l.route(Route{Table: r.Table, Type: Throw, Dst: netip.PrefixFrom(outer, outer.BitLen())})
		}
	}
}

// wanting is an Egress by which pods are to leave from a node, nil if none does.
func (l *lowerer) wanting(node string) *source.Origin {
	at := slices.IndexFunc(l.p.SNATs, func(s ir.SNAT) bool { return s.Node == node && len(s.Sources) > 0 })
	if at < 0 {
		return nil
	}
	return l.p.SNATs[at].Origin
}

// answers makes the table by which replies go back through the tunnel: to every other node's pods, because connections outlive what
// was declared when they began.
func (l *lowerer) answers() {
	if !l.answersTo() {
		return
	}
	table, families := l.tables[replies], map[ir.Family]bool{}
	back := func(prefix netip.Prefix, n *ir.Node) {
		f := ir.FamilyOf(prefix.Addr())
		families[f] = true
		l.route(Route{Table: table, Dst: prefix, Via: l.nextHop(n, f), Device: Tunnel})
	}
	for _, n := range l.p.Nodes {
		if n == l.self || !l.peer(n.Name, nil) {
			continue
		}
		for _, prefix := range n.PodCIDRs {
			back(prefix, n)
		}
	}
	for _, e := range l.p.Remote {
		if e.Kind != ir.PodEndpoint || l.nodes[e.Node] == nil || !l.peer(e.Node, nil) {
			continue
		}
		for _, a := range e.Addrs {
			back(netip.PrefixFrom(a, a.BitLen()), l.nodes[e.Node])
		}
	}
	for _, f := range ir.Families() {
		if families[f] {
			l.out.Rules = append(l.out.Rules, Rule{Family: f, Mark: mark.Replies, Mask: mark.RouteMask, Table: table})
		}
	}
}

// nextHop is the address by which a node stands behind the tunnel: for IPv4 its own, if it has one. For IPv6 one of the link, so that
// nodes need no addresses of the family that their pods have.
func (l *lowerer) nextHop(n *ir.Node, f ir.Family) netip.Addr {
	hop := MACOf(n.Name).LinkLocal()
	if own := addrOf(n, ir.IPv4); f == ir.IPv4 && own.IsValid() {
		hop = own
	}
	if key := "hop " + hop.String(); !l.done[key] {
		l.done[key] = true
		l.out.Neighbours = append(l.out.Neighbours, Neighbour{Device: Tunnel, Addr: hop, MAC: MACOf(n.Name)})
	}
	return hop
}

// peer makes a node reachable through the tunnel, once. Where that is impossible it says so at origin, unless that is nil.
func (l *lowerer) peer(name string, origin *source.Origin) bool {
	n := l.nodes[name]
	var remote netip.Addr
	if n != nil && addrOf(l.self, l.family).IsValid() {
		remote = addrOf(n, l.family)
	}
	if !remote.IsValid() {
		if origin != nil {
			l.report.Add(diag.CannotExpress, *origin, "nodes %s and %s have no addresses of one family, so what leaves by an Egress cannot go there", l.self.Name, name)
		}
		return false
	}
	if !l.done["peer "+name] {
		l.done["peer "+name] = true
		l.out.Forwards = append(l.out.Forwards, Forward{Device: Tunnel, MAC: MACOf(name), Remote: remote})
	}
	return true
}

// marks leads packets to the table of the way on which they leave.
func (l *lowerer) marks() {
	ids, _ := mark.Of(l.p) // that there are too many is said where marks are set
	for _, a := range mark.Addrs(l.p) {
		id, has := ids[a]
		at := slices.IndexFunc(l.p.SNATs, func(s ir.SNAT) bool { return s.Addr == a })
		s := &l.p.SNATs[at]
		way := wayToNode(s.Node)
		if s.Node == l.p.Node {
			held := slices.IndexFunc(l.p.Holdings, func(h ir.Holding) bool { return h.Addr == a })
			if held < 0 || l.p.Holdings[held].Subnet.IsZero() {
				continue
			}
			way = wayToSubnet(l.p.Holdings[held].Subnet)
		} else if l.Carried {
			continue
		}
		if has {
			l.out.Rules = append(l.out.Rules, Rule{Family: s.Family, Mark: id.Route, Mask: mark.RouteMask, Table: l.tables[way], Origins: []*source.Origin{s.Origin}})
		}
	}
}
