// Package nfttest makes random placed Pipelines, edits of them and packets, for the tests of the nftables target and runtime.
//
// Every Pipeline is in the form that Place and the pass "name" leave. The same seed gives the same values everywhere.
package nfttest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Rand is a source of randomness that gives the same values for the same seed on every machine.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// Shape bounds what a random Pipeline has.
type Shape struct{ Endpoints, Sets, Lists, Rules int }

// Small is quick to judge and has everything in it.
func Small() Shape { return Shape{Endpoints: 6, Sets: 6, Lists: 3, Rules: 4} }

// Long has rule lists that are too long to be walked: their rules are about few ports or few peers.
func Long() Shape { return Shape{Endpoints: 4, Sets: 12, Lists: 2, Rules: 80} }

// Pipeline makes a random Pipeline: most of node "n1", which is sometimes an endpoint itself; some of the machine "ns/vm".
func Pipeline(r *rand.Rand, s Shape) *ir.Pipeline {
	n := &ir.Node{Name: "n1", Addrs: []netip.Addr{netip.MustParseAddr("192.168.7.1"), netip.MustParseAddr("fd00:7::1")}}
	p := &ir.Pipeline{Node: n.Name, Nodes: []*ir.Node{n}}
	switch r.IntN(4) {
	case 0:
		p.Endpoints = append(p.Endpoints, &ir.Endpoint{Kind: ir.NodeEndpoint, Name: n.Name, Node: n.Name, Addrs: n.Addrs})
	case 1:
		if r.IntN(3) == 0 {
			p.Node, p.Nodes = "ns/vm", nil
		}
	}
	for i := range r.IntN(s.Endpoints + 1) {
		p.Endpoints = append(p.Endpoints, endpointOf(p, r, i))
	}
	for i := range 1 + r.IntN(s.Sets) {
		p.Sets = append(p.Sets, set(r, i))
	}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			for i := range r.IntN(s.Lists + 1) {
				c.Lists = append(c.Lists, list(r, i, len(p.Sets), s.Rules))
			}
			for range p.Endpoints {
				c.Assign = append(c.Assign, ir.ListID(r.IntN(len(c.Lists)+1)-1))
			}
		}
	}
	return p
}

// Own lists the addresses of the machine that a Pipeline is for.
func Own(p *ir.Pipeline) []netip.Addr {
	if !ir.IsMachine(p.Node) {
		return p.Nodes[0].Addrs
	}
	var own []netip.Addr
	for _, e := range p.Endpoints {
		own = append(own, e.Addrs...)
	}
	return own
}

// endpointOf makes the i-th pod of a node, or address of a machine.
func endpointOf(p *ir.Pipeline, r *rand.Rand, i int) *ir.Endpoint {
	e := Endpoint(r, i)
	if ir.IsMachine(p.Node) {
		e.Kind, e.Node = ir.ExternalEndpoint, p.Node
	}
	return e
}

// Endpoint makes the i-th pod of the node, with addresses of one or both families.
func Endpoint(r *rand.Rand, i int) *ir.Endpoint {
	e := &ir.Endpoint{Namespace: "ns", Name: fmt.Sprintf("pod%03d", i), Node: "n1"}
	families := 1 + r.IntN(3)
	if families&1 != 0 {
		e.Addrs = append(e.Addrs, netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}))
	}
	if families&2 != 0 {
		e.Addrs = append(e.Addrs, netip.MustParseAddr(fmt.Sprintf("fd00::%x", i)))
	}
	return e
}

func name(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])[:12]
}

func set(r *rand.Rand, i int) ir.Set {
	s := ir.Set{Key: fmt.Sprint("set ", i), Kind: ir.GroupKind(max(0, r.IntN(6)-2))}
	s.Name = name(s.Key)
	switch s.Kind {
	case ir.Dialled:
		s.Dials = Dials(r)
		return s
	case ir.Names:
		s.Patterns = []string{fmt.Sprintf("*.%d.example", i)}
	}
	s.Addrs = Addrs(r, s.Kind)
	return s
}

// Dials makes what is dialled: there may be nothing.
func Dials(r *rand.Rand) []ir.Dial {
	var out []ir.Dial
	for range r.IntN(5) {
		out = append(out, ir.Dial{Addr: Addr(r), Proto: []ir.Proto{ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP}[r.IntN(3)], Port: uint16(80 + r.IntN(4))})
	}
	slices.SortFunc(out, ir.Dial.Compare)
	return slices.Compact(out)
}

// Addrs makes the content of a set: it is sometimes empty, or all of a family.
func Addrs(r *rand.Rand, kind ir.GroupKind) ir.AddrSet {
	var out ir.AddrSet
	for range r.IntN(6) {
		a := Addr(r)
		bits := ir.FamilyOf(a).Bits()
		switch {
		case kind != ir.Blocks:
			out = out.Union(ir.AddrSetOf(a))
		case r.IntN(3) == 0:
			out = out.Subtract(ir.AddrSetOf(a))
		default:
			out = out.Union(ir.PrefixSet(netip.PrefixFrom(a, max(0, bits-r.IntN(16)))))
		}
	}
	if kind == ir.Blocks && r.IntN(6) == 0 {
		out = out.Union(ir.AnyOf(ir.Families()[r.IntN(2)]))
	}
	return out
}

// Addr makes an address that is likely to be an endpoint's, or near one, or the edge of a family.
func Addr(r *rand.Rand) netip.Addr {
	switch r.IntN(24) {
	case 0:
		return netip.MustParseAddr("255.255.255.255")
	case 1:
		return netip.MustParseAddr("192.168.7.1")
	case 2:
		return netip.MustParseAddr("fd00:7::1")
	case 11:
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback(), netip.MustParseAddr("192.168.7.1")}[r.IntN(3)]
	case 3, 4, 5, 6, 7, 8, 9, 10:
		return netip.MustParseAddr(fmt.Sprintf("fd00::%x", r.IntN(8)))
	}
	return netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(8))})
}

func list(r *rand.Rand, i, sets, rules int) ir.List {
	l := ir.List{Key: fmt.Sprint("list ", i)}
	l.Name = name(l.Key)
	for range r.IntN(rules + 1) {
		l.Rules = append(l.Rules, Rule(r, sets))
	}
	return l
}

// Rule makes a rule over sets that exist.
func Rule(r *rand.Rand, sets int) ir.Rule {
	rule := ir.Rule{AnyPeer: r.IntN(4) == 0, L4: L4(r), Action: ir.Action(r.IntN(4))}
	for id := range sets {
		if !rule.AnyPeer && r.IntN(sets) == 0 {
			rule.Peers = append(rule.Peers, ir.SetID(id))
		}
	}
	for i := range 1 + r.IntN(3) {
		rule.Origins = append(rule.Origins, &source.Origin{Object: fmt.Sprint("NetworkPolicy ns/p", r.IntN(50)),
			Field: fmt.Sprintf("spec.ingress[%d]", i), Pos: source.Pos{File: "p.yaml", Line: int32(1 + r.IntN(99)), Col: 3}})
	}
	rule.Origins = ir.SortOrigins(rule.Origins)
	h := sha256.New()
	for _, o := range rule.Origins {
		fmt.Fprintln(h, o.Label())
	}
	rule.ID = ir.RuleID(binary.BigEndian.Uint64(h.Sum(nil)) >> 16)
	rule.Logging.On = rule.ID%4 == 0
	return rule
}

// L4 makes a set of boxes with every shape of box in it.
func L4(r *rand.Rand) ir.L4Set {
	if r.IntN(4) == 0 {
		return ir.AnyL4Set()
	}
	protos := []ir.Proto{ir.ProtoTCP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP, ir.ProtoICMPv6, 47}
	var boxes []ir.L4
	for range 1 + r.IntN(4) {
		b := ir.L4{Proto: protos[r.IntN(len(protos))], Src: ir.AllPorts(), Dst: ir.AllPorts()}
		switch {
		case b.Proto.HasPorts():
			b.Dst = ports(r)
			if r.IntN(4) == 0 {
				b.Src = ports(r)
			}
		case b.Proto != 47 && r.IntN(3) > 0:
			b.Dst = icmp(r)
		case b.Proto == 47 && len(boxes) == 1:
			b = ir.DstL4(ir.ProtoIGMP, ir.PortRange{From: 0x1600, To: 0x16ff})
		case b.Proto == 47 && len(boxes) == 2:
			b = ir.DstL4(ir.ProtoIGMP, ir.PortRange{From: 0x1100, To: 0x12ff})
		}
		boxes = append(boxes, b)
	}
	return ir.MakeL4Set(boxes...)
}

func ports(r *rand.Rand) ir.PortRange {
	from := uint16(80 + r.IntN(8))
	switch r.IntN(5) {
	case 0:
		return ir.AllPorts()
	case 1:
		return ir.PortRange{From: from, To: from + uint16(r.IntN(4))}
	case 2:
		return ir.PortRange{From: from, To: 65535}
	}
	return ir.OnePort(from)
}

func icmp(r *rand.Rand) ir.PortRange {
	from := uint16(8+r.IntN(2)) << 8
	switch r.IntN(3) {
	case 0:
		return ir.PortRange{From: from, To: from | 0xff}
	case 1:
		return ir.PortRange{From: from + 1, To: from + uint16(1+r.IntN(300))}
	}
	return ir.OnePort(from)
}

// Packet makes a packet between addresses that Addr makes.
func Packet(r *rand.Rand) ir.Packet {
	p := ir.Packet{Src: Addr(r), Dst: Addr(r), Established: r.IntN(20) == 0}
	for ir.FamilyOf(p.Src) != ir.FamilyOf(p.Dst) {
		p.Dst = Addr(r)
	}
	protos := []ir.Proto{ir.ProtoTCP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP, ir.ProtoICMP, ir.ProtoICMPv6, 47, ir.ProtoIGMP}
	switch p.Proto = protos[r.IntN(len(protos))]; {
	case p.Proto.HasPorts():
		p.SrcPort, p.DstPort = uint16(78+r.IntN(14)), uint16(78+r.IntN(14))
		if r.IntN(3) == 0 {
			p.Dialled = netip.AddrPortFrom(dialled(r, p.Dst), uint16(78+r.IntN(8)))
		}
	case p.Proto == ir.ProtoICMP, p.Proto == ir.ProtoICMPv6:
		p.DstPort = uint16(7+r.IntN(4))<<8 | uint16(r.IntN(3))
		if r.IntN(4) == 0 {
			p.DstPort = uint16(129+r.IntN(15)) << 8
		}
	case p.Proto == ir.ProtoIGMP:
		p.DstPort = []uint16{0x1200, 0x1600}[p.Src.As16()[15]&1]
	}
	return p
}

// dialled makes an address that was translated to another of its family.
func dialled(r *rand.Rand, to netip.Addr) netip.Addr {
	for {
		if a := Addr(r); ir.FamilyOf(a) == ir.FamilyOf(to) {
			return a
		}
	}
}

// Edit returns a copy of the Pipeline with one small change: an endpoint comes, goes or gets another list; a set gets other
// addresses; a rule comes, goes or moves.
func Edit(r *rand.Rand, p *ir.Pipeline) *ir.Pipeline {
	q := clone(p)
	d, ph := ir.Direction(r.IntN(2)), ir.Phase(r.IntN(ir.NumPhases))
	c := q.Classifier(d, ph)
	switch r.IntN(6) {
	case 0:
		addEndpoint(r, q)
	case 1:
		if len(q.Endpoints) > 0 {
			deleteEndpoint(q, r.IntN(len(q.Endpoints)))
		}
	case 2:
		if len(c.Assign) > 0 {
			c.Assign[r.IntN(len(c.Assign))] = ir.ListID(r.IntN(len(c.Lists)+1) - 1)
		}
	case 3, 4:
		s := &q.Sets[r.IntN(len(q.Sets))]
		if s.Kind == ir.Dialled {
			s.Dials = Dials(r)
		} else if change := Addrs(r, s.Kind); r.IntN(2) == 0 {
			s.Addrs = s.Addrs.Union(change)
		} else {
			s.Addrs = s.Addrs.Subtract(change)
		}
	case 5:
		if len(c.Lists) > 0 {
			editRules(r, &c.Lists[r.IntN(len(c.Lists))], len(q.Sets))
		}
	}
	return q
}

func clone(p *ir.Pipeline) *ir.Pipeline {
	q := *p
	q.Endpoints, q.Sets = slices.Clone(p.Endpoints), slices.Clone(p.Sets)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := q.Classifier(d, ph)
			c.Lists, c.Assign = slices.Clone(c.Lists), slices.Clone(c.Assign)
			for i := range c.Lists {
				c.Lists[i].Rules = slices.Clone(c.Lists[i].Rules)
			}
		}
	}
	return &q
}

func addEndpoint(r *rand.Rand, p *ir.Pipeline) {
	i := 0
	for slices.ContainsFunc(p.Endpoints, func(e *ir.Endpoint) bool { return e.Name == fmt.Sprintf("pod%03d", i) }) {
		i++
	}
	e := endpointOf(p, r, i)
	at, _ := slices.BinarySearchFunc(p.Endpoints, e, (*ir.Endpoint).Compare)
	p.Endpoints = slices.Insert(p.Endpoints, at, e)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			c.Assign = slices.Insert(c.Assign, at, ir.ListID(r.IntN(len(c.Lists)+1)-1))
		}
	}
}

func deleteEndpoint(p *ir.Pipeline, at int) {
	p.Endpoints = slices.Delete(p.Endpoints, at, at+1)
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			c.Assign = slices.Delete(c.Assign, at, at+1)
		}
	}
}

func editRules(r *rand.Rand, l *ir.List, sets int) {
	n := len(l.Rules)
	switch op := r.IntN(3); {
	case op == 0 || n == 0:
		l.Rules = slices.Insert(l.Rules, r.IntN(n+1), Rule(r, sets))
	case op == 1:
		at := r.IntN(n)
		l.Rules = slices.Delete(l.Rules, at, at+1)
	default:
		i, j := r.IntN(n), r.IntN(n)
		l.Rules[i], l.Rules[j] = l.Rules[j], l.Rules[i]
	}
}
