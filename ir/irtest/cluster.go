// Package irtest makes Programs, Pipelines and packets for tests: at random, and all of a small universe.
//
// Guarantees: everything is a function of the given source of randomness alone; every Program and Pipeline passes its Check;
// packets are biased to the values at which rules change their mind.
package irtest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Rand is a source of randomness that gives the same values for the same seed on every machine.
func Rand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x6865616467617465)) }

// Shape limits what a random Program has. Each number is an upper bound, and the lower one is half of it.
type Shape struct {
	Nodes     int // at least 1
	Endpoints int
	Groups    int // candidates; only those that a policy refers to are in the Program
	Policies  int
	Kinds     Kinds
	Text      Text
	Beside    Beside
	Peers     Peers
	Logs      Logs
}

// Kinds says which kinds of policies a Program has.
type Kinds uint8

// The choices of Kinds.
const (
	AllKinds        Kinds = iota // NetworkPolicy, and tiered policies before and after it
	NetworkPolicies              // only what NetworkPolicy can express
)

// Beside says what endpoints there are beside pods.
type Beside uint8

// The choices of Beside.
const (
	OnlyPods Beside = iota
	Machines        // nodes, and machines outside the cluster with one to three addresses each
)

// Peers says what kinds of peers egress rules have.
type Peers uint8

// The choices of Peers.
const (
	PlainPeers  Peers = iota // members and blocks
	OpaquePeers              // names of which some addresses are known, and what was dialled, too
)

// Logs says whether rules and isolation log.
type Logs uint8

// The choices of Logs.
const (
	Silent   Logs = iota
	SomeLogs      // some of them do, with labels and without
)

// Text says what names and keys look like.
type Text uint8

// The choices of Text.
const (
	PlainText Text = iota // as in Kubernetes
	OddText               // with blanks, quotes, separators and letters of many scripts: for printers and parsers
)

// Small is a Shape whose Programs are quick to judge and still have most things in them.
func Small() Shape { return Shape{Nodes: 3, Endpoints: 8, Groups: 10, Policies: 8} }

// Everything is Small with all that a Shape can have.
func Everything() Shape {
	s := Small()
	s.Beside, s.Peers, s.Logs = Machines, OpaquePeers, SomeLogs
	return s
}

// generator makes one Program.
type generator struct {
	*rand.Rand
	shape  Shape
	line   int32
	prog   *ir.Program
	groups []*ir.Group // candidates
}

// Program makes a random Program: both address families, endpoints without address, node or port names, selectors that
// overlap, blocks with exceptions, groups of nodes, and policies of every phase and action.
func Program(r *rand.Rand, s Shape) *ir.Program {
	g := &generator{Rand: r, shape: s, prog: &ir.Program{}}
	g.nodes()
	g.endpoints()
	g.machines()
	g.makeGroups()
	g.policies()
	g.keepReferredGroups()
	return g.prog
}

// upTo gives a number from n/2 to n.
func (g *generator) upTo(n int) int { return n/2 + g.IntN(n-n/2+1) }

// chance is true in percent of 100 cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// name gives a name that is unique if the index is.
func (g *generator) name(stem string, i int) string {
	s := fmt.Sprintf("%s-%d", stem, i)
	if g.shape.Text == PlainText {
		return s
	}
	odd := []string{" ", "\"", ",", "/", ":", "=", "<", "@", "\n", "\\", "é", "漢", "none", "any", "-", "*", "[0]", "\t", "#", "\x80"}
	for range g.IntN(4) {
		s += pick(g.Rand, odd)
	}
	return s
}

// origin gives a declaration at the next line.
func (g *generator) origin(object, field string) source.Origin {
	g.line++
	if g.chance(3) {
		return source.Origin{Object: object, Field: field}
	}
	return source.Origin{Object: object, Field: field, Pos: source.Pos{File: g.name("file", 0) + ".yaml", Line: g.line, Col: 1 + g.Int32N(9)}}
}

func (g *generator) nodes() {
	for i := range max(1, g.upTo(g.shape.Nodes)) {
		name := strings.ReplaceAll(g.name("n", i), "/", "|") // a slash marks a machine that is no node
		n := &ir.Node{Name: name, Addrs: []netip.Addr{addr4(192, 168, 0, i+1)}}
		n.PodCIDRs = []netip.Prefix{netip.PrefixFrom(addr4(10, 244, i, 0), 24)}
		if g.chance(70) {
			n.Addrs = append(n.Addrs, addr6(0xfd01, 0, i+1))
			n.PodCIDRs = append(n.PodCIDRs, netip.PrefixFrom(addr6(0xfd00, i, 0), 64))
		}
		n.Origin = g.origin("Node "+n.Name, "")
		g.prog.Nodes = append(g.prog.Nodes, n)
	}
	slices.SortFunc(g.prog.Nodes, func(a, b *ir.Node) int { return strings.Compare(a.Name, b.Name) })
}

func (g *generator) endpoints() {
	for i := range g.upTo(g.shape.Endpoints) {
		e := &ir.Endpoint{Namespace: pick(g.Rand, []string{"a", "b", "c"}), Name: g.name("pod", i)}
		e.Origin = g.origin("Pod "+e.String(), "")
		if g.chance(95) { // the rest is not scheduled, and so has no address
			node := g.IntN(len(g.prog.Nodes))
			e.Node = g.prog.Nodes[node].Name
			e.Addrs = g.addrs(node, i)
		}
		g.ports(e)
		g.prog.Endpoints = append(g.prog.Endpoints, e)
	}
	slices.SortFunc(g.prog.Endpoints, (*ir.Endpoint).Compare)
}

// machines adds most of the nodes, and external entities: some on a machine together, some on none.
func (g *generator) machines() {
	if g.shape.Beside == OnlyPods {
		return
	}
	for _, n := range g.prog.Nodes {
		if g.chance(80) {
			e := &ir.Endpoint{Kind: ir.NodeEndpoint, Name: n.Name, Node: n.Name, Addrs: n.Addrs, Origin: n.Origin}
			g.prog.Endpoints = append(g.prog.Endpoints, e)
		}
	}
	for i := range 1 + g.IntN(4) {
		e := &ir.Endpoint{Kind: ir.ExternalEndpoint, Namespace: pick(g.Rand, []string{"a", "b"}), Name: g.name("pod", i)}
		e.Addrs = []netip.Addr{addr4(203, 0, 113, i+1), addr6(0x2001, 0xdb8, i+1)}[:1+g.IntN(2)]
		if g.chance(80) {
			e.Node = e.Namespace + "/" + pick(g.Rand, []string{"vm-1", "vm-2"})
		}
		e.Origin = g.origin("ExternalEntity "+e.Namespace+"/"+e.Name, "")
		g.prog.Endpoints = append(g.prog.Endpoints, e)
	}
	slices.SortFunc(g.prog.Endpoints, (*ir.Endpoint).Compare)
}

// addrs gives an endpoint addresses of its own: of one family or both, seldom none or two of one family.
func (g *generator) addrs(node, i int) []netip.Addr {
	v4, v6 := addr4(10, 244, node, 4*i%252+1), addr6(0xfd00, node, 4*i+1)
	if i >= 63 {
		v4 = addr4(10, 128+i>>8, i&0xff, 1)
	}
	switch n := g.IntN(100); {
	case n < 40:
		return []netip.Addr{v4, v6}
	case n < 75:
		return []netip.Addr{v4}
	case n < 90:
		return []netip.Addr{v6}
	case n < 97:
		return []netip.Addr{v4, v4.Next(), v6}
	}
	return nil
}

func (g *generator) ports(e *ir.Endpoint) {
	for range g.IntN(4) {
		p := ir.NamedPort{Name: pick(g.Rand, portNames()), Proto: pick(g.Rand, portProtos()), Port: pick(g.Rand, portNumbers())}
		if _, twice := e.Lookup(p.Name, p.Proto); !twice {
			e.Ports = append(e.Ports, p)
		}
		e.Listens = append(e.Listens, ir.DstL4(p.Proto, ir.OnePort(p.Port)))
	}
}

func portNames() []string { return []string{"http", "web", "dns"} }

func portProtos() []ir.Proto {
	return []ir.Proto{ir.ProtoTCP, ir.ProtoTCP, ir.ProtoTCP, ir.ProtoUDP, ir.ProtoSCTP}
}

func portNumbers() []uint16 { return []uint16{80, 81, 8080, 53, 443, 1, 65535} }

func addr4(a, b, c, d int) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(a), byte(b), byte(c), byte(d)})
}

// addr6 gives head:0:0:net::host.
func addr6(head, net, host int) netip.Addr {
	var b [16]byte
	b[0], b[1], b[6], b[7], b[14], b[15] = byte(head>>8), byte(head), byte(net>>8), byte(net), byte(host>>8), byte(host)
	return netip.AddrFrom16(b)
}
