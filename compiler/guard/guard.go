// Package guard finds the policies that would cut a node, or a machine outside the cluster, off from what manages it.
//
// A Need is traffic without which a node cannot be managed any more. Every need is held against the rules of every node that is
// an endpoint, exactly: over all addresses and ports, and over the union of the rules. A need that is cut is an error with a
// packet as witness, at the rule that drops it, unless the rule's policy says that it may (ir.Policy.MayLockOut). Rules whose peers
// only DNS or a Service's addresses tell (ir.GroupKind.IsOpaque) count for what is known of them.
package guard

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// Cluster is what is checked. The Pipeline must be the Program's before any pass, so that each rule is one declaration's: of the
// whole cluster, or of one node. The Program must have all nodes, and the pods whose address is none of their node's prefixes.
type Cluster struct {
	Program  *ir.Program
	Pipeline *ir.Pipeline
	Labels   func(node string) manifest.Labels // those of a node; nil: nodes have none
	Balance  Balance
}

// Balance is what load balancers in front of a cluster have to ask nodes about.
type Balance struct {
	IsUsed bool     // there is a Service that asks for a load balancer
	Checks []uint16 // the ports at which nodes answer about one Service each, sorted
}

// Equal reports whether both are the same.
func (b Balance) Equal(o Balance) bool {
	return b.IsUsed == o.IsUsed && slices.Equal(b.Checks, o.Checks)
}

// Check reports the needs that the rules cut, once for each need and deciding rule.
func Check(cluster Cluster, needs []Need, report *diag.Report) {
	subjects := subjectsOf(cluster.Pipeline)
	if len(subjects) == 0 {
		return
	}
	c := newChecker(cluster)
	for _, need := range expand(needs, cluster.Balance) {
		c.need, c.members, c.peers = need, c.membersOf(need.Of), c.membersOf(need.Peers)
		c.reach = c.reachOf(need.Peers)
		clear(c.answers)
		clear(c.found)
		for _, d := range ir.Directions() {
			if need.Way&[2]Way{ir.Egress: Out, ir.Ingress: In}[d] == 0 {
				continue
			}
			for _, s := range subjects {
				if c.concerns(s) {
					c.check(d, s)
				}
			}
		}
	}
	for _, f := range c.order {
		report.AddFinding(*f)
	}
}

// expand replaces needs that stand for the ports of Services.
func expand(needs []Need, balance Balance) []Need {
	out := make([]Need, 0, len(needs)+len(balance.Checks))
	for _, n := range needs {
		if !n.Checks {
			out = append(out, n)
			continue
		}
		for _, port := range balance.Checks {
			n.L4 = ir.DstL4(ir.ProtoTCP, ir.OnePort(port))
			out = append(out, n)
		}
	}
	return out
}

// subject is a node or a machine, by the indices of its endpoints: a machine has one for each interface.
type subject struct {
	name    string
	machine bool
	ends    []int
}

func (s *subject) String() string {
	if s.machine {
		return "machine " + s.name
	}
	return "node " + s.name
}

// subjectsOf returns the nodes, then the machines, each in order. An external entity that is on no machine is enforced nowhere.
func subjectsOf(pipe *ir.Pipeline) []*subject {
	var out []*subject
	for _, i := range pipe.OfKind(ir.NodeEndpoint) {
		out = append(out, &subject{name: pipe.Endpoints[i].Name, ends: []int{i}})
	}
	machines := map[string]*subject{}
	for _, i := range pipe.OfKind(ir.ExternalEndpoint) {
		name := pipe.Endpoints[i].Node
		if name == "" {
			continue
		}
		s := machines[name]
		if s == nil {
			s = &subject{name: name, machine: true}
			machines[name] = s
			out = append(out, s)
		}
		s.ends = append(s.ends, i)
	}
	return out
}

// question is what endpoints with the same rules have in common.
type question struct {
	direction ir.Direction
	lists     [ir.NumPhases]ir.ListID
}

// answer is what the rules drop of a need, and with whom.
type answer struct {
	cuts []cut
	gone ir.AddrSet // the union of their addresses
}

// finding is what is said once for a need.
type finding struct {
	direction ir.Direction
	rule      source.Origin
}

type checker struct {
	Cluster
	outside ir.AddrSet
	control []*ir.Node      // those that run the control plane; none if no node is known to
	excused map[string]bool // objects of policies that may lock out
	order   []*diag.Finding

	need    Need // at the moment; the rest is about it
	members []*ir.Node
	peers   []*ir.Node
	reach   ir.AddrSet // every address of the peers
	answers map[question]*answer
	found   map[finding]*diag.Finding
}

func newChecker(cluster Cluster) *checker {
	c := &checker{Cluster: cluster, excused: map[string]bool{}, answers: map[question]*answer{}, found: map[finding]*diag.Finding{}}
	for _, p := range c.Program.Policies {
		if p.MayLockOut {
			c.excused[p.Origin.Object] = true
		}
	}
	if c.Labels == nil {
		c.Labels = func(string) manifest.Labels { return nil }
	}
	for _, n := range c.Program.Nodes {
		labels := c.Labels(n.Name)
		if slices.ContainsFunc(controlPlaneLabels(), func(key string) bool { _, has := labels.Get(key); return has }) {
			c.control = append(c.control, n)
		}
	}
	c.outside = outside(c.Program)
	return c
}

// outside is every address that is neither a node's nor a pod's nor one that no machine can have.
func outside(prog *ir.Program) ir.AddrSet {
	var used []ir.AddrSet
	for _, n := range prog.Nodes {
		used = append(used, ir.AddrSetOf(n.Addrs...), ir.PrefixSet(n.PodCIDRs...))
	}
	for _, e := range flatten.Strays(prog.Nodes, prog.Endpoints) {
		used = append(used, ir.AddrSetOf(e.Addrs...))
	}
	for _, p := range []string{"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8"} {
		used = append(used, ir.PrefixSet(netip.MustParsePrefix(p)))
	}
	return ir.AnyAddr().Subtract(ir.UnionAll(used...))
}

// membersOf returns the nodes of a party, in order.
func (c *checker) membersOf(p Party) []*ir.Node {
	var out []*ir.Node
	switch {
	case p.Role == ControlPlane && len(c.control) > 0:
		return c.control
	case p.Role == ControlPlane && c.need.Of.Role == Machines:
		return nil
	case p.Role == ControlPlane || p.Role == Nodes && len(p.Selector.Requirements) == 0:
		return c.Program.Nodes
	case p.Role == Balanced && c.Balance.IsUsed:
		for _, n := range c.Program.Nodes {
			if _, has := c.Labels(n.Name).Get(unbalancedLabel); !has {
				out = append(out, n)
			}
		}
	case p.Role == Nodes:
		for _, n := range c.Program.Nodes {
			if p.Selector.Matches(c.Labels(n.Name)) {
				out = append(out, n)
			}
		}
	}
	return out
}

// reachOf is where the need looks for its peers.
func (c *checker) reachOf(p Party) ir.AddrSet {
	switch p.Role {
	case Outside:
		return c.outside
	case Addresses:
		return ir.PrefixSet(p.Block)
	}
	var addrs []netip.Addr
	for _, n := range c.peers {
		addrs = append(addrs, n.Addrs...)
	}
	return ir.AddrSetOf(addrs...)
}

// concerns reports whether the need is the subject's.
func (c *checker) concerns(s *subject) bool {
	if s.machine || c.need.Of.Role == Machines {
		return s.machine && c.need.Of.Role == Machines
	}
	_, has := slices.BinarySearchFunc(c.members, s.name, func(n *ir.Node, name string) int { return cmp.Compare(n.Name, name) })
	return has
}

// side is a subject's endpoint and what its rules drop of the need.
type side struct {
	*ir.Endpoint
	*answer
}

// family is the endpoint's first address of a family that the given one has, invalid if there is none.
func (s side) family(a netip.Addr) netip.Addr {
	for _, own := range s.Addrs {
		if ir.FamilyOf(own) == ir.FamilyOf(a) {
			return own
		}
	}
	return netip.Addr{}
}

// check holds the need against the rules of one subject.
func (c *checker) check(d ir.Direction, s *subject) {
	sides, cuts := make([]side, len(s.ends)), 0
	for i, end := range s.ends {
		sides[i] = side{c.Pipeline.Endpoints[end], c.answer(d, end)}
		cuts += len(sides[i].cuts)
	}
	switch {
	case cuts == 0:
	case c.need.Peers.Role == Outside:
		c.checkSomebody(d, s, sides)
	case c.need.Peers.Role == Addresses:
		c.checkAddresses(d, s, sides)
	default:
		c.checkNodes(d, s, sides)
	}
}

func (c *checker) answer(d ir.Direction, end int) *answer {
	q := question{direction: d}
	for _, ph := range ir.Phases() {
		q.lists[ph] = c.Pipeline.Classifier(d, ph).Assign[end]
	}
	a := c.answers[q]
	if a == nil {
		cuts := c.dropped(q)
		a = &answer{cuts, union(cuts)}
		c.answers[q] = a
	}
	return a
}

// lost is what of the given addresses no side reaches, of the families that the sides have.
func lost(sides []side, wanted ir.AddrSet) ir.AddrSet {
	var own, reached []ir.AddrSet
	seen := []ir.AddrSet{}
	for _, s := range sides {
		own = append(own, ir.AddrSetOf(s.Addrs...))
		for _, f := range families(s.Addrs) {
			of := wanted.Of(f)
			seen, reached = append(seen, of), append(reached, of.Subtract(s.gone))
		}
	}
	return ir.UnionAll(seen...).Subtract(ir.UnionAll(append(own, reached...)...))
}

func families(addrs []netip.Addr) []ir.Family {
	var out []ir.Family
	for _, a := range addrs {
		if f := ir.FamilyOf(a); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// checkSomebody complains if nobody outside is left, in any family that the subject has.
func (c *checker) checkSomebody(d ir.Direction, s *subject, sides []side) {
	var all, own []ir.AddrSet
	for _, side := range sides {
		own = append(own, ir.AddrSetOf(side.Addrs...))
		for _, f := range families(side.Addrs) {
			all = append(all, c.outside.Of(f))
		}
	}
	wanted := ir.UnionAll(all...).Subtract(ir.UnionAll(own...))
	if left := wanted.Subtract(lost(sides, c.outside)); !wanted.IsEmpty() && left.IsEmpty() {
		c.complain(d, s, sides, "anybody outside the cluster", typical(wanted))
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

// checkAddresses complains about the first address that is out of reach.
func (c *checker) checkAddresses(d ir.Direction, s *subject, sides []side) {
	if out := lost(sides, c.reach); !out.IsEmpty() {
		peer := out.Ranges()[0].From
		c.complain(d, s, sides, peer.String(), peer)
	}
}

// checkNodes complains about the first other node that is out of reach by every address of a family that both have.
func (c *checker) checkNodes(d ir.Direction, s *subject, sides []side) {
	for _, n := range c.peers {
		if n.Name == s.name {
			continue
		}
		var first netip.Addr
		reached := false
		for _, a := range n.Addrs {
			for _, side := range sides {
				if !side.family(a).IsValid() {
					continue
				}
				if !first.IsValid() {
					first = a
				}
				reached = reached || !side.gone.Contains(a)
			}
		}
		if first.IsValid() && !reached {
			c.complain(d, s, sides, "node "+n.Name, first)
			return
		}
	}
}

// complain says that a need is cut: for the first subject with its witness, for others of the same rule by their number.
func (c *checker) complain(d ir.Direction, s *subject, sides []side, whom string, peer netip.Addr) {
	at := slices.IndexFunc(sides, func(s side) bool { return s.family(peer).IsValid() && s.gone.Contains(peer) })
	own := sides[at]
	k := &own.cuts[slices.IndexFunc(own.cuts, func(k cut) bool { return k.addrs.Contains(peer) })]
	rule := k.rule.Origins[0]
	key := finding{d, *rule}
	if f := c.found[key]; f != nil {
		f.Related = append(f.Related, diag.Related{Origin: own.Origin, Message: "is cut off likewise"})
		return
	}
	packet := k.packet(d, own.family(peer), peer)
	what := map[ir.Direction]string{ir.Ingress: "from", ir.Egress: "to"}[d]
	f := &diag.Finding{Code: diag.LocksOut, Origin: *rule, Message: fmt.Sprintf("%s needs %s (%s) %s %s: %s", s, c.need.Name, c.need.L4, what,
		whom, witness(packet, k.rule.Action))}
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
