package ir

import (
	"slices"

	"github.com/headgate-net/headgate/internal/source"
)

// Pipeline is a Program made explicit. For each direction there are NumPhases classifiers; a packet goes through the rule
// list that its classifier assigns to the local endpoint, and the first rule that matches decides. Flatten makes one for the
// whole cluster; Place restricts it to the endpoints of one node.
type Pipeline struct {
	Node      string      // "" for the whole cluster; a node, or a machine outside the cluster (see IsMachine)
	Nodes     []*Node     // none on a machine outside the cluster
	Endpoints []*Endpoint // by Endpoint.Compare; after Place, those of Node
	Remote    []*Endpoint // after Place on a node: pods of other nodes with an address outside their node's PodCIDRs, sorted likewise
	Sets      []Set       // by Key; SetID indexes it
	Stages    [2]Stage    // by Direction
	Pools     []*Pool     // by Key
	Frontends []*Frontend // by Entry; only after Place on a node

	Health []HealthCheck // by Compare; only after Place on a node

	// What concerns Egress is there only after Place on a node.
	SNATs    []SNAT    // by SNAT.Compare
	Holdings []Holding // by Addr; those of Node
	Inside   AddrSet   // where packets go that do not leave the cluster; empty without SNATs
}

// Stage is one direction's judgement.
type Stage struct {
	Classifiers [NumPhases]Classifier // by Phase
}

// Classifier assigns rule lists to endpoints.
type Classifier struct {
	Lists  []List   // by Key; ListID indexes it
	Assign []ListID // parallel to Pipeline.Endpoints
}

// SetID indexes Pipeline.Sets.
type SetID int32

// ListID indexes Classifier.Lists; NoList where no policy of the phase applies.
type ListID int32

// NoList is the ListID of an endpoint that the phase does not concern.
const NoList ListID = -1

// Set is a set of addresses that rules refer to. Key is its identity, which stays when members change; Name is a short form of
// it, fit for any target: 12 characters of [0-9a-f], given by the pass "name". Patterns and Dials are as in Group; sets
// whose Kind IsOpaque are never united with others.
type Set struct {
	Key      string
	Name     string
	Kind     GroupKind
	Patterns []string
	Dials    []Dial
	Addrs    AddrSet
}

// Has reports whether a packet, of which the set is the peer in a direction, matches.
func (s *Set) Has(d Direction, p Packet) bool { return has(s.Kind, s.Addrs, s.Dials, d, p) }

// List is an ordered list of rules, shared by all endpoints that the same policies concern. Key is its identity: the
// policies, and what else distinguishes its endpoints; Name is as in Set.
type List struct {
	Key   string
	Name  string
	Rules []Rule
}

// Rule is one classifier rule: traffic between the list's endpoint and an address of any of Peers (or any address at all),
// on L4.
type Rule struct {
	AnyPeer bool
	Peers   []SetID // ascending; the union; empty unless AnyPeer is false
	L4      L4Set
	Action  Action
	Logging Logging          // rules that differ in it are never joined
	Origins []*source.Origin // the declarations it came from, by Compare, without repetitions; never empty
	ID      RuleID           // given by the pass "name"
}

// RuleID identifies a rule on a node: 48 bits of a hash over the labels of its origins, so that it neither moves with line
// numbers nor with other rules. 0 before the pass "name".
type RuleID uint64

// Classifier returns the classifier of a direction and phase.
func (p *Pipeline) Classifier(d Direction, ph Phase) *Classifier { return &p.Stages[d].Classifiers[ph] }

// PeerSet returns the addresses of a rule's peers, the union of its sets, or every address. Rules that are opaque may match
// others: see MayMatch.
func (p *Pipeline) PeerSet(r *Rule) AddrSet {
	if r.AnyPeer {
		return AnyAddr()
	}
	if len(r.Peers) == 1 {
		return p.Sets[r.Peers[0]].Addrs
	}
	sets := make([]AddrSet, len(r.Peers))
	for i, id := range r.Peers {
		sets[i] = p.Sets[id].Addrs
	}
	return UnionAll(sets...)
}

// MayMatch returns the addresses that a rule's peers could ever match: every address, if one of its sets is opaque.
func (p *Pipeline) MayMatch(r *Rule) AddrSet {
	if p.IsOpaque(r) {
		return AnyAddr()
	}
	return p.PeerSet(r)
}

// IsOpaque reports whether one of a rule's sets is.
func (p *Pipeline) IsOpaque(r *Rule) bool {
	return slices.ContainsFunc(r.Peers, func(id SetID) bool { return p.Sets[id].Kind.IsOpaque() })
}

// dependsOnNames reports whether what a rule matches changes with what is known of DNS names.
func (p *Pipeline) dependsOnNames(r *Rule) bool {
	return slices.ContainsFunc(r.Peers, func(id SetID) bool { return p.Sets[id].Kind == Names })
}

// WithoutServices returns the Pipeline without frontends and health checks, for nodes on which something else serves them. It shares
// everything else with the receiver.
func (p *Pipeline) WithoutServices() *Pipeline {
	out := *p
	out.Pools, out.Frontends, out.Health = nil, nil, nil
	return &out
}

// WithNames returns the Pipeline with other addresses in its sets of Kind Names: those that known gives for a set's patterns. It
// shares everything else with the receiver.
func (p *Pipeline) WithNames(known func(patterns []string) AddrSet) *Pipeline {
	out := *p
	out.Sets = slices.Clone(p.Sets)
	for i := range out.Sets {
		if s := &out.Sets[i]; s.Kind == Names {
			s.Addrs = known(s.Patterns)
		}
	}
	return &out
}

// Watched returns the endpoints that have a rule which depends on names, in order: what they hear from DNS decides what they may
// reach.
func (p *Pipeline) Watched() []*Endpoint {
	var out []*Endpoint
	for i, e := range p.Endpoints {
		for _, ph := range Phases() {
			c := p.Classifier(Egress, ph)
			id := c.Assign[i]
			if id != NoList && slices.ContainsFunc(c.Lists[id].Rules, func(r Rule) bool { return p.dependsOnNames(&r) }) {
				out = append(out, e)
				break
			}
		}
	}
	return out
}
