package resolve

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// The API groups of policies that are judged in order.
const (
	antreaGroup   = "crd.antrea.io"
	upstreamGroup = "policy.networking.k8s.io"
)

// Where the kinds of the upstream API stand among the tiers, and Antrea's baseline tier. Source: Antrea's documentation of tiers,
// which puts ClusterNetworkPolicy between platform and application and reserves 251 to 255.
const (
	adminTier          = 220
	legacyAdminTier    = 251
	antreaBaseline     = 253
	baselineTier       = 254
	legacyBaselineTier = 255 // after policies of the API that replaces it
)

// staticTiers are the priorities of the tiers that always exist, by name.
func staticTiers() map[string]uint8 {
	out := map[string]uint8{}
	for _, t := range manifest.DefaultTiers() {
		out[t.Name] = t.Priority
	}
	return out
}

// tierPriority returns the priority of an Antrea tier by name. A declared tier with a priority that is taken by what stands
// between the tiers counts as missing; the manifest's reader tells that it is refused.
func (x *Index) tierPriority(name string) (uint8, bool) {
	name = strings.ToLower(name)
	if priority, static := staticTiers()[name]; static {
		return priority, true
	}
	t := x.tiers[name]
	if t == nil || t.Priority == adminTier || t.Priority > 250 && t.Priority != antreaBaseline {
		return 0, false
	}
	return t.Priority, true
}

func (x *Index) upsertRanked(o *manifest.RankedPolicy) {
	old := x.policies[idOf(&o.Meta)]
	if old != nil && (old.ranked == o || reflect.DeepEqual(old.ranked, o)) {
		return
	}
	x.replacePolicy(old, x.deriveRanked(o))
}

// rederive derives the policies again that depend on something that changed. A policy that comes out as it was stays the same.
func (x *Index) rederive() {
	for p := range maps.Clone(x.stale) {
		next := x.deriveRanked(p.ranked)
		if !p.same(next) {
			x.replacePolicy(p, next)
			continue
		}
		x.releaseAll(next)
		x.undepend(p)
		p.derivation = next.derivation
		x.depend(p)
	}
	clear(x.stale)
}

// same reports whether two derivations of one object came out alike.
func (p *policy) same(o *policy) bool {
	alike := func(a, b rule) bool {
		return a.turn == b.turn && a.own == b.own && a.ports == b.ports && slices.Equal(a.subjects, b.subjects) && slices.Equal(a.peers, b.peers)
	}
	return p.inert == o.inert && p.phase == o.phase && p.rank == o.rank && slices.Equal(p.subjects, o.subjects) &&
		slices.Equal(p.confined, o.confined) && slices.EqualFunc(p.rules[0], o.rules[0], alike) &&
		slices.EqualFunc(p.rules[1], o.rules[1], alike)
}

// deriveRanked finds a policy's place in the order, and interns its groups.
func (x *Index) deriveRanked(o *manifest.RankedPolicy) *policy {
	p := &policy{meta: &o.Meta, ranked: o}
	s := &speaker{x, &o.Meta, &p.derivation}
	var known bool
	if p.phase, p.rank, known = s.rank(o); !known {
		p.inert = true
		return p
	}
	atoms := s.subjects(o.AppliedTo)
	p.subjects, p.confined = x.acquireSubjects(&o.Meta, atoms)
	for _, d := range ir.Directions() {
		declared := o.IngressRules
		if d == ir.Egress {
			declared = o.EgressRules
		}
		for i := range declared {
			s.rule(p, d, i, &declared[i], atoms)
		}
	}
	return p
}

// rank returns the phase and the rank of a policy, and whether its tier is known.
func (s *speaker) rank(o *manifest.RankedPolicy) (ir.Phase, ir.Rank, bool) {
	baseline := o.Tier == "baseline"
	switch {
	case o.Group == upstreamGroup && o.Kind == "BaselineAdminNetworkPolicy":
		return ir.Baseline, ir.Rank{Tier: legacyBaselineTier, Priority: o.Priority}, true
	case o.Group == upstreamGroup && o.Kind == "AdminNetworkPolicy":
		return ir.Admin, ir.Rank{Tier: legacyAdminTier, Priority: o.Priority}, true
	case o.Group == upstreamGroup && baseline:
		return ir.Baseline, ir.Rank{Tier: baselineTier, Priority: o.Priority}, true
	case o.Group == upstreamGroup:
		return ir.Admin, ir.Rank{Tier: adminTier, Priority: o.Priority}, true
	}
	s.need(dependency{kind: onTier, name: strings.ToLower(o.Tier)})
	tier, known := s.x.tierPriority(o.Tier)
	if !known {
		at := source.Origin{Object: o.ID(), Field: "spec.tier", Pos: o.TierPos}
		s.say(diag.UnknownTier, at, "there is no tier %q: the policy is not in force", o.Tier)
	}
	phase := ir.Admin
	if tier == antreaBaseline {
		phase = ir.Baseline
	}
	return phase, ir.Rank{Tier: tier, Priority: o.Priority, Interleave: true}, known
}

// rule adds what a declared rule becomes: one rule for the peers that mean the same whoever the subject is, and one for each
// namespace of subjects where peers relate to it. Their actions are the same, so it does not matter that the first comes first.
func (s *speaker) rule(p *policy, d ir.Direction, index int, r *manifest.RankedRule, atoms []atom) {
	base := rule{ranked: r, turn: index}
	s.unsupported(d, r)
	if len(r.AppliedTo) > 0 {
		atoms = s.subjects(r.AppliedTo)
		base.own = true
	}
	peers, names, related := s.peers(r)
	plain := func(peers []*group, ports portPart) {
		part := base
		if part.peers, part.ports = peers, ports; base.own {
			var confined []*group
			part.subjects, confined = s.x.acquireSubjects(s.meta, atoms)
			p.confined = append(p.confined, confined...)
		}
		p.rules[d] = append(p.rules[d], part)
	}
	named := slices.ContainsFunc(r.Ports, func(p manifest.RankedPort) bool { return p.Name != "" })
	multicast := multicastGroups(r)
	switch {
	case len(r.ToServices) > 0:
		plain([]*group{s.dialled(r.ToServices)}, portPart{})
	case len(names) > 0 && !named:
		plain(s.x.distinct(append(s.x.acquireAtoms(peers), s.x.acquireNames(names))), portPart{})
	case len(multicast) > 0 && len(rankedPortsOf(r.Ports, portPart{})) == 0:
	case len(peers) > 0 || len(names)+len(related) == 0:
		plain(s.x.acquireAtoms(peers), portPart{})
	}
	if len(names) > 0 && named {
		s.unnamed(r)
		if unnamed := (portPart{unnamed: true}); len(rankedPortsOf(r.Ports, unnamed)) > 0 {
			plain([]*group{s.x.acquireNames(names)}, unnamed)
		}
	}
	for _, a := range multicast {
		if d == ir.Egress {
			plain([]*group{s.x.acquireBlock(&manifest.IPBlock{CIDR: netip.PrefixFrom(a, a.BitLen())})}, portPart{multicast: a})
		}
	}
	if len(related) > 0 {
		p.rules[d] = append(p.rules[d], s.relate(base, atoms, related)...)
	}
}

// portPart says which of a rule's ports a part of the rule has: those of IGMP about one group, or all others, perhaps without those
// that are given by name.
type portPart struct {
	unnamed   bool
	multicast netip.Addr // of the group; the zero Addr: all others
}

func (t portPart) has(p manifest.RankedPort) bool {
	return p.MulticastGroup == t.multicast && (p.Name == "" || !t.unnamed)
}

// multicastGroups lists the groups that a rule's ports of IGMP are about. Messages about a group are sent to its address (version 2 of
// IGMP, RFC 2236), which makes it the peer of egress rules; nothing that is sent there has an endpoint as its destination.
func multicastGroups(r *manifest.RankedRule) []netip.Addr {
	var out []netip.Addr
	for _, p := range r.Ports {
		if p.MulticastGroup.IsValid() && !slices.Contains(out, p.MulticastGroup) {
			out = append(out, p.MulticastGroup)
		}
	}
	return out
}

// peers sorts a rule's peers: those that mean the same whoever the subject is, names of the DNS, and those that relate to the
// subject's namespace.
func (s *speaker) peers(r *manifest.RankedRule) (atoms []atom, names []string, related []*manifest.RankedPeer) {
	for i := range r.Peers {
		switch p := &r.Peers[i]; {
		case p.Namespaces != nil:
			related = append(related, p)
		case p.FQDN != "":
			names = append(names, p.FQDN)
		default:
			atoms = append(atoms, s.atoms(p, 0)...)
		}
	}
	return atoms, names, related
}

// unnamed tells of ports by name that mean nothing for peers by DNS name.
func (s *speaker) unnamed(r *manifest.RankedRule) {
	for _, p := range r.Ports {
		if p.Name != "" {
			s.found.findings = append(s.found.findings, diag.Finding{
				Code: diag.UnresolvedPort, Origin: source.Origin{Object: s.meta.ID(), Field: p.Field, Pos: p.Pos}, Hint: "write the port's number",
				Message: fmt.Sprintf("for the rule's domain names the port %q means nothing: only pods have names for their ports", p.Name)})
		}
	}
}

// relate makes one rule for each namespace that has subjects, with the peers that relate to it.
func (s *speaker) relate(base rule, subjects []atom, peers []*manifest.RankedPeer) []rule {
	s.need(dependency{kind: onNamespaces})
	var out []rule
	for _, n := range s.x.populated() {
		var mine, theirs []atom
		for _, a := range subjects {
			if a, ok := a.within(n); ok {
				mine = append(mine, a)
			}
		}
		for _, p := range peers {
			if a, ok := relatedTo(n, p); ok {
				theirs = append(theirs, a)
			}
		}
		if len(mine) > 0 && len(theirs) > 0 {
			r := base
			r.own, r.subjects, r.peers = true, s.x.acquireAtoms(mine), s.x.acquireAtoms(theirs)
			out = append(out, r)
		}
	}
	return out
}

// populated returns the namespaces that have endpoints, by name.
func (x *Index) populated() []*namespace {
	var out []*namespace
	for _, n := range x.namespaces {
		if n.endpoints.len() > 0 {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b *namespace) int { return cmp.Compare(a.name, b.name) })
	return out
}

// relatedTo returns what a peer with Namespaces means for subjects in a namespace: nothing, if that lacks one of the labels.
func relatedTo(n *namespace, p *manifest.RankedPeer) (atom, bool) {
	a := atom{kind: podAtom}
	if p.PodSelector != nil {
		a.labels = *p.PodSelector
	}
	if p.Namespaces.Self {
		a.namespace = n.name
		return a, true
	}
	var same []manifest.Requirement
	for _, key := range p.Namespaces.SameLabels {
		value, has := n.labels.Get(key)
		if !has {
			return a, false
		}
		same = append(same, manifest.Requirement{Key: key, Op: manifest.In, Values: []string{value}})
	}
	spaces := manifest.MakeSelector(same...)
	a.spaces = &spaces
	return a, true
}

// unsupported tells what of a rule is not enforced.
func (s *speaker) unsupported(d ir.Direction, r *manifest.RankedRule) {
	for _, p := range r.Ports {
		if d == ir.Ingress && p.MulticastGroup.IsValid() {
			at := source.Origin{Object: s.meta.ID(), Field: p.Field, Pos: p.Pos}
			s.refuse(at, "a group address in an ingress rule", "leave groupAddress out, or select what pods report in an egress rule")
		}
	}
}

func (s *speaker) refuse(at source.Origin, what, hint string) {
	s.found.findings = append(s.found.findings, diag.Finding{
		Code: diag.NotYet, Origin: at, Message: what + " is not supported yet", Hint: hint,
	})
}

func actionOf(action string) ir.Action {
	switch action {
	case "Drop":
		return ir.Drop
	case "Reject":
		return ir.Reject
	case "Pass":
		return ir.Pass
	}
	return ir.Allow
}

// rankedPortsOf resolves the ports and protocols that a part of a rule has; none listed in the whole rule means all traffic.
func rankedPortsOf(ports []manifest.RankedPort, part portPart) []ir.PortSpec {
	if len(ports) == 0 {
		return []ir.PortSpec{{Box: ir.AnyL4()}}
	}
	out := make([]ir.PortSpec, 0, len(ports))
	for _, p := range ports {
		if part.has(p) {
			out = append(out, ir.PortSpec{Box: boxOf(p, rankedProtoOf(p.Protocol)), Name: p.Name})
		}
	}
	return out
}

// RankedPorts resolves ports and protocols as those of a rule; none stand for all traffic.
func RankedPorts(ports []manifest.RankedPort) []ir.PortSpec { return rankedPortsOf(ports, portPart{}) }

// longestLabel is the number of characters of a label that are logged.
const longestLabel = 12

func loggingOf(l manifest.Logging) ir.Logging {
	if !l.On {
		return ir.Logging{}
	}
	return ir.Logging{On: true, Label: l.Label[:min(len(l.Label), longestLabel)]}
}

func rankedProtoOf(protocol string) ir.Proto {
	switch protocol {
	case "":
		return ir.ProtoAny
	case "ICMP":
		return ir.ProtoICMP
	case "ICMPv6":
		return ir.ProtoICMPv6
	case "IGMP":
		return ir.ProtoIGMP
	}
	return protoOf(protocol)
}

func boxOf(p manifest.RankedPort, proto ir.Proto) ir.L4 {
	box := ir.DstL4(proto, ir.AllPorts())
	switch {
	case p.ICMPType != nil && p.ICMPCode != nil:
		box.Dst = ir.OnePort(uint16(*p.ICMPType)<<8 | uint16(*p.ICMPCode))
	case p.ICMPType != nil:
		box.Dst = ir.PortRange{From: uint16(*p.ICMPType) << 8, To: uint16(*p.ICMPType)<<8 | 0xff}
	case p.IGMPType != nil:
		box.Dst = ir.PortRange{From: uint16(*p.IGMPType) << 8, To: uint16(*p.IGMPType)<<8 | 0xff}
	case proto == ir.ProtoAny || proto.HasPorts():
		box.Dst = destinations(p.Port)
		if p.SourceTo != 0 {
			box.Src = ir.PortRange{From: p.SourceFrom, To: p.SourceTo}
		}
	}
	return box
}
