// Package guard finds the policies that would cut a node off from what manages it.
//
// A Need is traffic without which a node cannot be managed any more. Every need is held against the rules of every node that is
// an endpoint, exactly: over all addresses and ports, and over the union of the rules. A need that is cut is an error with a
// packet as witness, at the rule that drops it, unless the rule's policy says that it may (ir.Policy.MayLockOut).
package guard

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Need is traffic that a node needs, seen from the node: In comes from the peers, Out goes to them.
type Need struct {
	Name  string // for people
	L4    ir.L4  // of one protocol
	Peers Peers
	Way   Way
}

// Way says on which side of a need the node is.
type Way uint8

// The ways.
const (
	In Way = 1 << iota
	Out
	Both = In | Out
)

// Peers says with whom a need must be possible.
type Peers uint8

// The choices of Peers. Which nodes run the control plane is not known here, and a node may become one; where it is managed from
// is not known at all.
const (
	EveryNode Peers = iota // each other node of the cluster, by one address at least
	Somebody               // one address at least that is no node's and no pod's
)

// Default is what a node needs unless one says otherwise. Sources: the ports that Kubernetes' documentation lists for the control
// plane and for nodes; IANA for ssh, DHCP and the tunnels (VXLAN also on the port that Linux used before there was one).
//
// The kubelet asks for the health of what runs on its own node, the agent and host-network pods included, from that node itself;
// that no policy can drop.
func Default() []Need {
	tcp := func(from, to uint16) ir.L4 { return ir.DstL4(ir.ProtoTCP, ir.PortRange{From: from, To: to}) }
	udp := func(port uint16) ir.L4 { return ir.DstL4(ir.ProtoUDP, ir.OnePort(port)) }
	return []Need{
		{"kubelet", tcp(10250, 10250), EveryNode, In},
		{"API server", tcp(6443, 6443), EveryNode, Both},
		{"etcd", tcp(2379, 2380), EveryNode, Both},
		{"ssh", tcp(22, 22), Somebody, In},
		{"DHCP", udp(67), Somebody, Out},
		{"DHCP", udp(68), Somebody, In},
		{"VXLAN", udp(4789), EveryNode, Both},
		{"VXLAN", udp(8472), EveryNode, Both},
		{"Geneve", udp(6081), EveryNode, Both},
	}
}

// Check reports the needs that the rules cut, once for each need and deciding rule. The Pipeline must be the Program's, of the whole
// cluster, before any pass: each rule is one declaration's.
func Check(prog *ir.Program, pipe *ir.Pipeline, needs []Need, report *diag.Report) {
	c := &checker{prog: prog, pipe: pipe, excused: map[string]bool{}, answers: map[question]*answer{}, found: map[finding]*diag.Finding{}}
	for _, p := range prog.Policies {
		if p.MayLockOut {
			c.excused[p.Origin.Object] = true
		}
	}
	nodes := pipe.OfKind(ir.NodeEndpoint)
	if len(nodes) == 0 {
		return
	}
	c.outside = outside(prog)
	for _, need := range needs {
		for _, d := range ir.Directions() {
			if need.Way&[2]Way{ir.Egress: Out, ir.Ingress: In}[d] == 0 {
				continue
			}
			for _, node := range nodes {
				c.check(d, need, node)
			}
		}
	}
	for _, f := range c.order {
		report.AddFinding(*f)
	}
}

// outside is every address that is neither a node's nor a pod's nor one that no machine can have.
func outside(prog *ir.Program) ir.AddrSet {
	var used []ir.AddrSet
	for _, n := range prog.Nodes {
		used = append(used, ir.AddrSetOf(n.Addrs...), ir.PrefixSet(n.PodCIDRs...))
	}
	for _, e := range prog.Pods() {
		used = append(used, ir.AddrSetOf(e.Addrs...))
	}
	for _, p := range []string{"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8"} {
		used = append(used, ir.PrefixSet(netip.MustParsePrefix(p)))
	}
	return ir.AnyAddr().Subtract(ir.UnionAll(used...))
}

// question is what nodes with the same rules have in common.
type question struct {
	need      Need
	direction ir.Direction
	lists     [ir.NumPhases]ir.ListID
}

// answer is what the rules drop of a need, and with whom.
type answer struct {
	cuts []cut
	gone ir.AddrSet // the union of their addresses
}

// finding is what is said once.
type finding struct {
	need      Need
	direction ir.Direction
	rule      source.Origin
}

type checker struct {
	prog    *ir.Program
	pipe    *ir.Pipeline
	outside ir.AddrSet
	excused map[string]bool // objects of policies that may lock out
	answers map[question]*answer
	found   map[finding]*diag.Finding
	order   []*diag.Finding
}

// check holds one need against the rules of one node.
func (c *checker) check(d ir.Direction, need Need, node int) {
	q := question{need: need, direction: d}
	for _, ph := range ir.Phases() {
		q.lists[ph] = c.pipe.Classifier(d, ph).Assign[node]
	}
	a := c.answers[q]
	if a == nil {
		cuts := c.dropped(q)
		a = &answer{cuts, union(cuts)}
		c.answers[q] = a
	}
	e := c.pipe.Endpoints[node]
	switch {
	case len(a.cuts) == 0:
	case need.Peers == Somebody:
		c.checkSomebody(d, need, e, a)
	default:
		c.checkNodes(d, need, e, a)
	}
}

// peers is where the need looks for its peers.
func (c *checker) peers(need Need) ir.AddrSet {
	if need.Peers == Somebody {
		return c.outside
	}
	var addrs []netip.Addr
	for _, n := range c.prog.Nodes {
		addrs = append(addrs, n.Addrs...)
	}
	return ir.AddrSetOf(addrs...)
}

// checkSomebody complains if nobody outside is left, in any family that the node has.
func (c *checker) checkSomebody(d ir.Direction, need Need, e *ir.Endpoint, a *answer) {
	var witness netip.Addr
	for _, own := range e.Addrs {
		peers := c.outside.Of(ir.FamilyOf(own))
		if !a.gone.Covers(peers) {
			return
		}
		if !witness.IsValid() && !peers.IsEmpty() {
			witness = typical(peers)
		}
	}
	if witness.IsValid() {
		c.complain(d, need, e, a.cuts, "anybody outside the cluster", witness)
	}
}

// typical is an address of the set that reads like an example, if there is one.
func typical(s ir.AddrSet) netip.Addr {
	for _, text := range []string{"203.0.113.1", "2001:db8::1"} {
		if a := netip.MustParseAddr(text); s.Contains(a) {
			return a
		}
	}
	return s.Ranges()[0].From
}

// checkNodes complains about the first other node that is out of reach by every address of a family that both have.
func (c *checker) checkNodes(d ir.Direction, need Need, e *ir.Endpoint, known *answer) {
	for _, n := range c.prog.Nodes {
		if n.Name == e.Name {
			continue
		}
		common := slices.DeleteFunc(slices.Clone(n.Addrs), func(a netip.Addr) bool { return !sameFamily(e, a).IsValid() })
		if len(common) > 0 && !slices.ContainsFunc(common, func(a netip.Addr) bool { return !known.gone.Contains(a) }) {
			c.complain(d, need, e, known.cuts, "node "+n.Name, common[0])
			return
		}
	}
}

// sameFamily is the node's first address of the family of a, invalid if there is none.
func sameFamily(e *ir.Endpoint, a netip.Addr) netip.Addr {
	for _, own := range e.Addrs {
		if ir.FamilyOf(own) == ir.FamilyOf(a) {
			return own
		}
	}
	return netip.Addr{}
}

// complain says that a need is cut: for the first node with its witness, for others of the same rule by their number.
func (c *checker) complain(d ir.Direction, need Need, e *ir.Endpoint, cuts []cut, whom string, peer netip.Addr) {
	i := slices.IndexFunc(cuts, func(k cut) bool { return k.addrs.Contains(peer) })
	rule := cuts[i].rule.Origins[0]
	key := finding{need, d, *rule}
	if f := c.found[key]; f != nil {
		f.Related = append(f.Related, diag.Related{Origin: e.Origin, Message: "is cut off likewise"})
		return
	}
	packet := cuts[i].packet(d, sameFamily(e, peer), peer)
	what := map[ir.Direction]string{ir.Ingress: "from", ir.Egress: "to"}[d]
	f := &diag.Finding{Code: diag.LocksOut, Origin: *rule, Message: fmt.Sprintf("%s needs %s (%s) %s %s: %s", e, need.Name, need.L4, what,
		whom, witness(packet, cuts[i].rule.Action))}
	c.found[key] = f
	c.order = append(c.order, f)
}

// witness gives "packet 192.0.2.2:50000 -> 192.0.2.1:22 tcp meets drop".
func witness(p ir.Packet, a ir.Action) string {
	return fmt.Sprintf("packet %s -> %s %s meets %s", netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort), p.Proto, a)
}

func union(cuts []cut) ir.AddrSet {
	sets := make([]ir.AddrSet, len(cuts))
	for i, k := range cuts {
		sets[i] = k.addrs
	}
	return ir.UnionAll(sets...)
}

// sourcePort is the witness's unless the rule leaves it no choice.
const sourcePort = 50000

// packet is one of those that the cut drops.
func (k *cut) packet(d ir.Direction, own, peer netip.Addr) ir.Packet {
	p := ir.Packet{Src: peer, Dst: own, Proto: k.l4.Proto, SrcPort: sourcePort, DstPort: k.l4.Dst.From}
	if d == ir.Egress {
		p.Src, p.Dst = own, peer
	}
	if !k.l4.Src.Contains(sourcePort) {
		p.SrcPort = k.l4.Src.From
	}
	return p
}

// sortCuts brings cuts into an order that does not depend on how they were found.
func sortCuts(cuts []cut) {
	slices.SortStableFunc(cuts, func(a, b cut) int {
		return cmp.Or(a.l4.Compare(b.l4), a.rule.Origins[0].Compare(*b.rule.Origins[0]))
	})
}
