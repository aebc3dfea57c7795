package reach

import (
	"cmp"
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/ir"
)

// Client is somebody who dials Services, on the node that he is on.
type Client struct {
	Name string // "namespace/name" of a pod, "node/NAME"
	Node *ir.Node
	Side ir.Side // OwnPod or OwnNode

	addrs []netip.Addr
	pod   *ir.Endpoint // nil for a node
}

// PodClient is a pod of the Program. What its node is need not be known.
func PodClient(prog *ir.Program, pod *ir.Endpoint) Client {
	c := Client{Name: pod.String(), Side: ir.OwnPod, addrs: pod.Addrs, pod: pod}
	if i := slices.IndexFunc(prog.Nodes, func(n *ir.Node) bool { return n.Name == pod.Node }); i >= 0 {
		c.Node = prog.Nodes[i]
	}
	return c
}

// NodeClient is a node itself, and the pods that use its network.
func NodeClient(node *ir.Node) Client {
	return Client{Name: "node/" + node.Name, Node: node, Side: ir.OwnNode, addrs: node.Addrs}
}

// PodClients lists the pods that have an address, by namespace, then name.
func PodClients(prog *ir.Program) []Client {
	nodes := make(map[string]*ir.Node, len(prog.Nodes))
	for _, n := range prog.Nodes {
		nodes[n.Name] = n
	}
	var out []Client
	for _, pod := range podsOf(prog) {
		out = append(out, Client{Name: pod.String(), Node: nodes[pod.Node], Side: ir.OwnPod, addrs: pod.Addrs, pod: pod})
	}
	return out
}

// ServicePort is a port of a Service.
type ServicePort struct {
	Service *ir.Service
	Port    *ir.ServicePort
}

// ServicePorts lists every port of every Service that has a cluster address, in order.
func ServicePorts(prog *ir.Program) []ServicePort {
	var out []ServicePort
	for _, s := range prog.Services {
		for i := range s.Ports {
			if len(s.ClusterIPs) > 0 {
				out = append(out, ServicePort{s, &s.Ports[i]})
			}
		}
	}
	return out
}

// Clients says who reaches Services.
type Clients struct {
	Names  []string // of the clients, as given
	Tables []ClientTable
}

// ClientTable has the word of every client for one port, in the order of Clients.Names.
type ClientTable struct {
	ServicePort
	Cells []Word
}

// ComputeClients judges what each client meets that dials the cluster addresses of Services. The word is that of all backends that
// he may get, by every family that he and the Service have; Mixed if these differ, None if there is no such family, or no backend.
// Ports of the Options do not count. The cost is that of distinct pairs of clients and backends, plus a step for each cell.
func ComputeClients(prog *ir.Program, from []Client, to []ServicePort, o Options) *Clients {
	if o.Families == nil {
		o.Families = slices.Collect(slices.Values(families()))
	}
	o.SourcePort = cmp.Or(o.SourcePort, DefaultSourcePort)
	d := newDialler(prog, from, o)
	out := &Clients{}
	for i := range from {
		out.Names = append(out.Names, from[i].Name)
	}
	for _, sp := range to {
		out.Tables = append(out.Tables, ClientTable{sp, d.table(from, sp)})
	}
	return out
}

// member is where the address of a pod stands among those that policies cannot tell apart: equal members are treated alike.
type member struct{ class, index int }

// dialled is an entry of the index of Services.
type dialled struct {
	addr  netip.Addr
	proto ir.Proto
	port  uint16
}

// dialler judges clients. Its memory, but for the index, is of one table.
type dialler struct {
	prog      *ir.Program
	options   Options
	evaluator *ir.ProgramEvaluator
	members   map[netip.Addr]member
	nodes     map[netip.Addr]bool
	classes   []int // of the clients
	owners    map[dialled][]ServicePort
	routes    map[route]*spread
	spreads   map[string]*spread // by targets
	pairs     map[pair]Word
	words     map[cell][]Word
}

// route is what decides where a client's connection goes.
type route struct {
	node *ir.Node
	side ir.Side
	to   netip.Addr
	src  netip.Addr // if that may count: where the address is not one Service's alone
}

// spread is a list of backends, those that are treated alike counted together. No parts: the client gets none.
type spread struct {
	to    netip.AddrPort
	parts []part
	of    map[netip.AddrPort]int // part by backend
}

type part struct {
	target netip.AddrPort // one of them
	who    member
	count  int
}

// pair is a client and a backend.
type pair struct {
	from, to member
	port     uint16
	dialled  netip.Addr
}

// cell is what a client meets who is no backend himself.
type cell struct {
	from   member
	spread *spread
}

func newDialler(prog *ir.Program, from []Client, o Options) *dialler {
	d := &dialler{prog: prog, options: o, evaluator: prog.Evaluator(), members: map[netip.Addr]member{}, nodes: map[netip.Addr]bool{},
		owners: map[dialled][]ServicePort{}}
	pods := podsOf(prog)
	c := classify(prog, pods)
	place := make(map[*ir.Endpoint]int, len(pods))
	for i, pod := range pods {
		place[pod] = i
		for j, a := range pod.Addrs {
			d.members[a.Unmap()] = member{c.of[i], j}
		}
	}
	for i := range from {
		if from[i].pod != nil {
			d.classes = append(d.classes, c.of[place[from[i].pod]])
			continue
		}
		d.classes = append(d.classes, len(pods)+i)
	}
	for _, n := range prog.Nodes {
		for _, a := range n.Addrs {
			d.nodes[a.Unmap()] = true
		}
	}
	for _, s := range prog.Services {
		for i := range s.Ports {
			for _, addrs := range [][]netip.Addr{s.ClusterIPs, s.LoadBalancers, s.ExternalIPs} {
				for _, a := range addrs {
					key := dialled{a, s.Ports[i].Proto, s.Ports[i].Port}
					d.owners[key] = append(d.owners[key], ServicePort{s, &s.Ports[i]})
				}
			}
		}
	}
	return d
}

// table gives the words for one port.
func (d *dialler) table(from []Client, sp ServicePort) []Word {
	d.routes, d.spreads, d.pairs, d.words = map[route]*spread{}, map[string]*spread{}, map[pair]Word{}, map[cell][]Word{}
	out := make([]Word, len(from))
	for i := range from {
		word, some := None, false
		for _, to := range sp.Service.ClusterIPs {
			for j, src := range from[i].addrs {
				f := ir.FamilyOf(to)
				if ir.FamilyOf(src) != f || !slices.Contains(d.options.Families, f) {
					continue
				}
				for _, w := range d.dial(&from[i], member{d.classes[i], j}, src, netip.AddrPortFrom(to, sp.Port.Port), sp.Port.Proto) {
					word, some = mix(word, w, some), true
				}
			}
		}
		out[i] = word
	}
	return out
}

// mix is the common word, if there are some already.
func mix(a, b Word, some bool) Word {
	if !some || a == b {
		return b
	}
	return Mixed
}

// dial lists the words of what a client meets, each at least once.
func (d *dialler) dial(c *Client, who member, src netip.Addr, to netip.AddrPort, proto ir.Proto) []Word {
	s := d.spread(c, src, to, proto)
	if c.pod == nil {
		return d.judgeEach(s, src, proto)
	}
	key := cell{who, s}
	if slices.ContainsFunc(s.parts, func(p part) bool { return p.who == who }) {
		return d.judge(s, who, src, proto) // he may be a backend himself, of which others in his class know nothing
	}
	if _, ok := d.words[key]; !ok {
		d.words[key] = d.judge(s, who, src, proto)
	}
	return d.words[key]
}

// judgeEach is judge for a node, for which its own pods differ from others like them.
func (d *dialler) judgeEach(s *spread, src netip.Addr, proto ir.Proto) []Word {
	if len(s.parts) == 0 {
		return []Word{None}
	}
	seen := map[Word]bool{}
	for target := range s.of {
		seen[d.packet(ir.Packet{Src: src, Dst: target.Addr(), Proto: proto, DstPort: target.Port()}, s.to)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// judge lists the words of a spread. A backend that dials itself is judged apart from those that are like it.
func (d *dialler) judge(s *spread, who member, src netip.Addr, proto ir.Proto) []Word {
	if len(s.parts) == 0 {
		return []Word{None}
	}
	var out []Word
	add := func(w Word) {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for i, p := range s.parts {
		own, isBackend := s.of[netip.AddrPortFrom(src, p.target.Port())]
		others := p.count
		if isBackend && own == i {
			add(d.packet(ir.Packet{Src: src, Dst: src, Proto: proto, DstPort: p.target.Port()}, s.to))
			others--
		}
		if others == 0 {
			continue
		}
		target := p.target
		if target.Addr() == src {
			target = s.another(i, src)
		}
		key := pair{who, p.who, p.target.Port(), s.to.Addr()}
		word, ok := d.pairs[key]
		if !ok {
			word = d.packet(ir.Packet{Src: src, Dst: target.Addr(), Proto: proto, DstPort: target.Port()}, s.to)
			d.pairs[key] = word
		}
		add(word)
	}
	return out
}

// another finds a backend of a part with another address; there is one.
func (s *spread) another(i int, not netip.Addr) netip.AddrPort {
	best := netip.AddrPort{}
	for target, at := range s.of {
		if at == i && target.Addr() != not && (!best.IsValid() || target.Compare(best) < 0) {
			best = target
		}
	}
	return best
}

func (d *dialler) packet(p ir.Packet, to netip.AddrPort) Word {
	p.SrcPort, p.Dialled = d.options.SourcePort, to
	switch d.evaluator.Eval(p).Action {
	case ir.Drop:
		return Drop
	case ir.Reject:
		return Reject
	}
	return Allow
}

// spread finds the backends that a client may get.
func (d *dialler) spread(c *Client, src netip.Addr, to netip.AddrPort, proto ir.Proto) *spread {
	key := route{node: c.Node, side: c.Side, to: to.Addr()}
	if d.nodes[to.Addr()] || len(d.owners[dialled{to.Addr(), proto, to.Port()}]) > 1 {
		key.src = src
	}
	if s := d.routes[key]; s != nil {
		return s
	}
	b := d.balance(c, ir.Packet{Src: src, Dst: to.Addr(), Proto: proto, SrcPort: d.options.SourcePort, DstPort: to.Port()})
	text := to.Addr().AsSlice()
	if b.Outcome == ir.Balance {
		for _, t := range b.Targets {
			text = binary.BigEndian.AppendUint16(append(text, t.Addr().AsSlice()...), t.Port())
		}
	}
	s := d.spreads[string(text)]
	if s == nil {
		s = d.newSpread(to, b)
		d.spreads[string(text)] = s
	}
	d.routes[key] = s
	return s
}

// balance is Program.Dial, which it asks itself only about addresses of nodes.
func (d *dialler) balance(c *Client, p ir.Packet) ir.Balanced {
	if d.nodes[p.Dst] {
		return d.prog.Dial(c.Node, c.Side, p)
	}
	for _, sp := range d.owners[dialled{p.Dst, p.Proto, p.DstPort}] {
		if b := sp.Service.Dial(sp.Port, c.Node, c.Side, p); b.Outcome != ir.NotService {
			return b
		}
	}
	return ir.Balanced{}
}

func (d *dialler) newSpread(to netip.AddrPort, b ir.Balanced) *spread {
	s := &spread{to: to}
	if b.Outcome != ir.Balance {
		return s
	}
	s.of = make(map[netip.AddrPort]int, len(b.Targets))
	type alike struct {
		who  member
		port uint16
	}
	at := map[alike]int{}
	for _, t := range b.Targets {
		who, known := d.members[t.Addr()]
		if !known {
			who = member{-1 - len(d.members), 0} // everything else is one of a kind
			d.members[t.Addr()] = who
		}
		i, ok := at[alike{who, t.Port()}]
		if !ok {
			i = len(s.parts)
			at[alike{who, t.Port()}] = i
			s.parts = append(s.parts, part{target: t, who: who})
		}
		s.parts[i].count++
		s.of[t] = i
	}
	return s
}
