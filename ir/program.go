// Package ir is headgate's intermediate representation: what a cluster's network policy means, independent of how it was
// written and of what will enforce it.
//
// A Program says what is declared, with selectors resolved to members. A Pipeline says the same as ordered classifiers in
// which the first match wins; it is what passes rewrite and targets lower. Both have Check (the invariants, executable), a
// textual form that prints and parses, and Eval, which is the definition of correct: no pass and no target may disagree with
// it. Values are immutable once Check has seen them, unless a function says otherwise.
package ir

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/source"
)

// Program is the declared state: every list is sorted as its comment says. It does not depend on any node or target.
type Program struct {
	Nodes     []*Node     // by Name
	Endpoints []*Endpoint // by Namespace, Name
	Groups    []*Group    // by Key; every group that a policy refers to, once
	Policies  []*Policy   // by Policy.Compare
	Services  []*Service  // by Service.Compare
	Egresses  []*EgressIP // the first that selects a pod counts; names are distinct
	Holdings  []Holding   // by Addr; every address that a Lease has, and more
	Except    AddrSet     // what Egresses leave alone beside what is inside the cluster
}

// Node is a machine of the cluster. Addrs are its own addresses (host-network workloads have them too); PodCIDRs are the
// prefixes from which its workloads' addresses come, if it has any. Zone is where it stands, "" if that is unknown. A node that is
// Leaving is about to be taken out of the cluster: load balancers are to choose others.
type Node struct {
	Name     string
	Zone     string
	Addrs    []netip.Addr   // sorted
	PodCIDRs []netip.Prefix // sorted, masked
	Leaving  bool
	Origin   source.Origin
}

// Covers reports whether every address of the endpoint lies in the node's PodCIDRs. A nil node has none.
func (n *Node) Covers(e *Endpoint) bool {
	for _, a := range e.Addrs {
		if n == nil || !n.leadsTo(a) {
			return false
		}
	}
	return true
}

// leadsTo reports whether an address lies in the node's PodCIDRs.
func (n *Node) leadsTo(a netip.Addr) bool {
	for _, p := range n.PodCIDRs {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// EndpointKind tells what an endpoint is, which decides where its policies are enforced.
type EndpointKind uint8

// The kinds of endpoints.
const (
	PodEndpoint      EndpointKind = iota // on its node, where traffic is forwarded to and from it
	NodeEndpoint                         // a node itself: what the node sends and receives, host-network pods included
	ExternalEndpoint                     // an interface of a machine outside the cluster, on that machine
	ServiceEndpoint                      // the node ports of a Service, on every node: judged where a connection to one comes in
)

// Endpoint is what policies can select. A pod is one if it has its own network namespace and is neither Succeeded nor Failed. A
// node is one, without a Namespace and with the node's name (as Node, too) and addresses, if a group has it as a member. An
// external entity is one; Node is then the machine's name "namespace/name" (see IsMachine), "" if it belongs to none. A Service is
// one if a policy applies to its node ports; it has neither a Node nor addresses.
type Endpoint struct {
	Kind      EndpointKind
	Namespace string
	Name      string
	Node      string       // "" while unscheduled
	Addrs     []netip.Addr // sorted; empty while the pod has none
	Ports     []NamedPort  // named container ports in declaration order, first of each (name, protocol) only
	NodePorts []NodePort   // of a Service, by protocol and port, distinct
	Listens   []L4         // every declared container port, named or not, in declaration order: for probes, not for policy
	Origin    source.Origin
}

// Compare orders endpoints by namespace, then name, then kind.
func (e *Endpoint) Compare(o *Endpoint) int {
	return cmp.Or(cmp.Compare(e.Namespace, o.Namespace), cmp.Compare(e.Name, o.Name), cmp.Compare(e.Kind, o.Kind))
}

// String gives "namespace/name" for a pod, "node name" for a node, "external namespace/name" for an external entity,
// "service namespace/name" for a Service.
func (e *Endpoint) String() string {
	switch e.Kind {
	case NodeEndpoint:
		return "node " + e.Name
	case ExternalEndpoint:
		return "external " + e.Namespace + "/" + e.Name
	case ServiceEndpoint:
		return "service " + e.Namespace + "/" + e.Name
	}
	return e.Namespace + "/" + e.Name
}

// IsMachine reports whether a name that Endpoint.Node or Pipeline.Node gives is that of a machine outside the cluster:
// "namespace/name", which no node can have.
func IsMachine(name string) bool { return strings.Contains(name, "/") }

// Pods returns the endpoints that are pods, in order.
func (p *Program) Pods() []*Endpoint {
	out := make([]*Endpoint, 0, len(p.Endpoints))
	for _, e := range p.Endpoints {
		if e.Kind == PodEndpoint {
			out = append(out, e)
		}
	}
	return out
}

// NamedPort is a name that an endpoint gives to one of its ports.
type NamedPort struct {
	Name  string
	Proto Proto
	Port  uint16
}

// NodePort is a port of every node that leads to a Service.
type NodePort struct {
	Proto Proto
	Port  uint16
}

// Compare orders by protocol, then port.
func (a NodePort) Compare(b NodePort) int {
	return cmp.Or(cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Port, b.Port))
}

// String gives "tcp/30080".
func (a NodePort) String() string { return fmt.Sprintf("%s/%d", a.Proto, a.Port) }

// Lookup returns the port that the endpoint gives the name for a protocol (ProtoAny: the first of that name).
func (e *Endpoint) Lookup(name string, proto Proto) (NamedPort, bool) {
	for _, p := range e.Ports {
		if p.Name == name && (proto == ProtoAny || p.Proto == proto) {
			return p, true
		}
	}
	return NamedPort{}, false
}

// GroupKind tells what a group's addresses are, which decides how a target stores them.
type GroupKind uint8

// The kinds of groups.
const (
	Members GroupKind = iota // single addresses of endpoints or nodes; they come and go
	Blocks                   // prefixes written in a policy
	Names                    // addresses that DNS gives for names; nobody knows them before they are asked for
	Dialled                  // no addresses of peers, but what was dialled: the addresses and ports of Services
)

// String gives "members", "blocks", "names" or "dialled".
func (k GroupKind) String() string { return [...]string{"members", "blocks", "names", "dialled"}[k] }

// IsOpaque reports whether a group's addresses do not tell which packets match: those of Names change as names are asked for,
// and Dialled is not about the peer's address at all. Nothing that is made to last may rely on more than that equal groups match
// equally.
func (k GroupKind) IsOpaque() bool { return k >= Names }

// Group is a set of addresses with an identity: a selector in canonical form, an address block, patterns of DNS names, or what
// Services are reached by. Equal selectors are one group. Key is that identity; it does not change when members come and go.
type Group struct {
	Key      string
	Kind     GroupKind
	Members  []*Endpoint // sorted; for Kind Members only
	Patterns []string    // sorted, distinct; for Kind Names only: see MatchesName
	Dials    []Dial      // by Compare, distinct; for Kind Dialled only. There may be none
	Addrs    AddrSet     // every address of the group: those of Members, the blocks, or what is known of the names
}

// Dial is where a connection was sent to by its client, whatever its destination was translated to then.
type Dial struct {
	Addr  netip.Addr
	Proto Proto
	Port  uint16
}

// Compare orders dials by address, protocol, port.
func (a Dial) Compare(b Dial) int {
	return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.Proto, b.Proto), cmp.Compare(a.Port, b.Port))
}

// String gives "10.96.0.10/tcp/53".
func (a Dial) String() string { return fmt.Sprintf("%s/%s/%d", a.Addr, a.Proto, a.Port) }

// Has reports whether a packet, of which the group is the peer in a direction, matches.
func (g *Group) Has(d Direction, p Packet) bool { return has(g.Kind, g.Addrs, g.Dials, d, p) }

func has(kind GroupKind, addrs AddrSet, dials []Dial, d Direction, p Packet) bool {
	if kind == Dialled {
		_, found := slices.BinarySearchFunc(dials, p.Dial(), Dial.Compare)
		return found
	}
	return addrs.Contains(p.Peer(d))
}

// MatchesName reports whether a pattern stands for a DNS name: both in lower case and without a final dot; a "*" stands for any
// number of characters, dots included, as in policies of crd.antrea.io.
func MatchesName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// Logging says whether packets that a rule decides are to be written down, and under which label.
type Logging struct {
	On    bool
	Label string // "" unless On
}

// Direction is the side of an endpoint on which a rule judges: Egress at the source, Ingress at the destination.
type Direction uint8

// The directions, in the order in which a packet meets them.
const (
	Egress Direction = iota
	Ingress
)

// Directions returns both in the order in which a packet meets them.
func Directions() [2]Direction { return [2]Direction{Egress, Ingress} }

// String gives "egress" or "ingress".
func (d Direction) String() string { return [...]string{"egress", "ingress"}[d] }

// Phase is a stage of judgement within one direction. Pass, and a miss, go on to the next phase; after the last one traffic
// is allowed. Source: semantics of tiers and KEP-2091 (AdminNetworkPolicy).
type Phase uint8

// The phases, in order.
const (
	Admin     Phase = iota // cluster and tiered policies before NetworkPolicy
	Namespace              // NetworkPolicy: additive allow rules, and isolation
	Baseline               // defaults that NetworkPolicy overrides
)

// NumPhases is the number of phases.
const NumPhases = 3

// Phases returns the phases in order.
func Phases() [NumPhases]Phase { return [NumPhases]Phase{Admin, Namespace, Baseline} }

// String gives "admin", "namespace" or "baseline".
func (p Phase) String() string { return [...]string{"admin", "namespace", "baseline"}[p] }

// Action is what a matching rule does.
type Action uint8

// The actions. Pass ends the phase, not the direction.
const (
	Allow  Action = iota // ends the direction
	Drop                 // silently
	Reject               // TCP reset, or ICMP administratively prohibited
	Pass                 // on to the next phase
)

// String gives "allow", "drop", "reject" or "pass".
func (a Action) String() string { return [...]string{"allow", "drop", "reject", "pass"}[a] }

// MarshalText gives the word of String.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Rank is a policy's place within its phase. Lower is judged first. Rules of policies with equal Tier and Priority are taken
// turn by turn across policies when Interleave is set, else policy by policy; the last tie-break is the policy's
// identity.
type Rank struct {
	Tier       uint8   // tier priority; 0 for NetworkPolicy
	Priority   float64 // within the tier; 0 for NetworkPolicy
	Interleave bool
}

// Policy is a declared policy of any kind. A NetworkPolicy has Phase Namespace, Allow rules only, and isolates its subjects.
type Policy struct {
	Origin    source.Origin // Object is the policy's identity
	Kind      string        // as in the manifest
	Namespace string        // "" for cluster-wide kinds
	Name      string
	Phase     Phase
	Rank      Rank
	Subjects  []*Group // whom it applies to, unless a rule has its own; the union
	Isolates  [2]bool  // by Direction, Phase Namespace only: subjects drop what no rule of that phase allows
	Rules     [2][]PolicyRule

	Logging    Logging // of what isolation drops, Phase Namespace only; of several policies that isolate, the first with Logging counts
	MayLockOut bool    // it says that it may cut nodes off from what manages them; it means the same
}

// Compare orders policies by phase, tier, priority, namespace, kind, name: a total order over distinct objects.
func (p *Policy) Compare(q *Policy) int {
	return cmp.Or(cmp.Compare(p.Phase, q.Phase), cmp.Compare(p.Rank.Tier, q.Rank.Tier),
		cmp.Compare(p.Rank.Priority, q.Rank.Priority), cmp.Compare(p.Namespace, q.Namespace),
		cmp.Compare(p.Kind, q.Kind), cmp.Compare(p.Name, q.Name))
}

// PolicyRule is one declared rule, or a part of one: rules with one Turn come from one declaration. Traffic matches when the
// subject is in Subjects, the other side in Peers and layer 4 in Ports.
type PolicyRule struct {
	Turn     int        // the declared rule's index in its direction, not descending
	Subjects []*Group   // nil: the policy's
	AnyPeer  bool       // Peers is not consulted
	Peers    []*Group   // the union; empty and not AnyPeer: matches nothing
	Ports    []PortSpec // the union; never empty: AnyL4 where the declaration names no ports
	Action   Action
	Logging  Logging
	Name     string // as declared, may be empty
	Origin   source.Origin
}

// PortSpec is a box of layer-4 traffic whose destination port may be given by name. With a Name, Box.Proto is the protocol
// that the name must have (ProtoAny: any), Box.Dst is not consulted (and full), and the port is the one of the packet's
// destination endpoint; a destination without that name matches nothing.
type PortSpec struct {
	Box  L4
	Name string
}

// RuleNames gives the names of declared rules that have one, by the labels of their origins; nothing for a nil Program.
func (p *Program) RuleNames() map[string]string {
	out := map[string]string{}
	if p == nil {
		return out
	}
	for _, policy := range p.Policies {
		for _, d := range Directions() {
			for i := range policy.Rules[d] {
				if r := &policy.Rules[d][i]; r.Name != "" {
					out[r.Origin.Label()] = r.Name
				}
			}
		}
	}
	return out
}
