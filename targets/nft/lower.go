package nft

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Target is the name of this target in artifacts.
const Target = "nftables"

// The names of our own chains and sets; every generated name has a prefix with an underscore and hexadecimal digits.
const (
	chainGuard    = "spoof_guard"
	chainEgress   = "egress"
	chainForward  = "egress_forward"
	chainInput    = "egress_input"
	chainIngress  = "ingress_forward"
	chainRejected = "rejected"

	chainEntry        = "entry"
	chainEntryForward = "entry_forward"
	chainEntryInput   = "entry_input"

	chainOwnIngress = "ingress_input"
	chainOwnEgress  = "egress_output"

	chainAnswers    = "dns_answers"
	chainOwnAnswers = "dns_answers_output"
	chainHold       = "dns_hold"
	chainSee        = "dns_see"
	chainLoop       = "dns_loop" // and the family
	chainRaw        = "dns_raw"
	chainUntracked  = "untracked"

	chainServices       = "services"
	chainServicesIn     = "services_prerouting"
	chainServicesOut    = "services_output"
	chainServicesSource = "services_postrouting"
	chainAffinity       = "affinity"
	chainAffinityIn     = "affinity_prerouting"
	chainAffinityOut    = "affinity_output"
	chainRefuse         = "refuse"
)

// The priorities of the base chains. The guard stands before connection tracking (-200), so that a forged packet leaves no
// trace; what holds answers of DNS stands behind connection tracking and before translation (-100), so that it sees who asked, and
// what is put back is translated as it would have been; Services are translated where translation is customary (-100, and 100 for
// sources), and what was chosen is learned right behind; judgement stands just before the customary filter chains (0), egress before ingress.
const (
	priorityGuard       = -300
	priorityAnswers     = -150
	priorityTranslation = -100
	priorityAffinity    = -95
	priorityEgress      = -10
	priorityEntry       = -7
	priorityIngress     = -5
	prioritySource      = 100
)

// Generate lowers and prints: the artifact of the node or machine that the Pipeline was placed on. What cannot be generated is
// reported and left out; the artifact must not be used then.
func Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return DefaultOptions().Generate(p, report)
}

// Generate is the function of that name, with options.
func (o Options) Generate(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return Artifact(o.Lower(p, report))
}

// GenerateOwn is Generate for a node whose pods are another dataplane's: it has the rules for what the node itself sends and
// receives, for node ports, and for what leaves by an address that the node holds. There is no object if there are no such rules. For a machine outside the cluster it is Generate.
func GenerateOwn(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	return DefaultOptions().GenerateOwn(p, report)
}

// GenerateOwn is the function of that name, with options.
func (o Options) GenerateOwn(p *ir.Pipeline, report *diag.Report) artifact.Artifact {
	if nodeOf(p) < 0 && !hasEntries(p) && len(p.Frontends) == 0 && !leavesFrom(p) && !ir.IsMachine(p.Node) {
		return artifact.Artifact{Target: Target, Node: p.Node}
	}
	return Artifact(o.LowerOwn(p, report))
}

// Lower makes the ruleset of the node or machine that the Pipeline was placed on. The Pipeline's sets, lists and rules must have
// been named (pass "name").
func Lower(p *ir.Pipeline, report *diag.Report) *Ruleset { return DefaultOptions().Lower(p, report) }

// Lower is the function of that name, with options.
func (o Options) Lower(p *ir.Pipeline, report *diag.Report) *Ruleset {
	l := newLowering(p, report, ir.IsMachine(p.Node))
	l.options = o
	return l.lower()
}

// LowerOwn is Lower for what the machine itself sends and receives.
func LowerOwn(p *ir.Pipeline, report *diag.Report) *Ruleset {
	return DefaultOptions().LowerOwn(p, report)
}

// LowerOwn is the function of that name, with options.
func (o Options) LowerOwn(p *ir.Pipeline, report *diag.Report) *Ruleset {
	l := newLowering(p, report, true)
	l.options = o
	return l.lower()
}

// lower makes the whole ruleset, or that for the machine itself alone.
func (l *lowering) lower() *Ruleset {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			l.classifier(d, ph)
		}
	}
	l.chains()
	l.services()
	l.leave()
	l.answers()
	l.counting()
	for _, s := range l.sets {
		l.out.Sets = append(l.out.Sets, s)
	}
	slices.SortFunc(l.out.Sets, func(a, b *Set) int { return cmp.Compare(a.Name, b.Name) })
	byName := func(a, b *Chain) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(l.out.Lists, byName)
	for _, level := range l.out.Levels {
		slices.SortFunc(level.Maps, func(a, b *Set) int { return cmp.Compare(a.Name, b.Name) })
		slices.SortFunc(level.Lists, byName)
	}
	if l.rejects {
		l.first = slices.Insert(l.first, 0, rejectedChain())
	}
	l.out.Lists = slices.Insert(l.out.Lists, 0, l.first...)
	return l.out
}

func newLowering(p *ir.Pipeline, report *diag.Report, ownOnly bool) *lowering {
	return &lowering{p: p, report: report, ownOnly: ownOnly, node: nodeOf(p), out: &Ruleset{Node: p.Node}, sets: map[string]*Set{}, parts: map[string]string{}}
}

// nodeOf is the index of the endpoint that is the node itself, -1 if there is none.
func nodeOf(p *ir.Pipeline) int {
	return slices.IndexFunc(p.Endpoints, func(e *ir.Endpoint) bool { return e.Kind == ir.NodeEndpoint })
}

type lowering struct {
	p          *ir.Pipeline
	options    Options
	report     *diag.Report
	ownOnly    bool // pods are somebody else's
	node       int  // index of the node among the endpoints, or -1
	out        *Ruleset
	sets       map[string]*Set
	parts      map[string]string // of rule lists: what is in them, by name
	dispatches [2][]*Rule        // of endpoints by address, by direction, in the order of phases
	jumps      [2][]*Rule        // of the node itself, likewise
	entries    []*Rule           // of Services by node port, likewise
	rejects    bool              // some rule rejects
	first      []*Chain          // that rules of lists and chains go to
	labels     [numSlots]map[Value]ir.RuleID
}

// hasMap reports whether packets find the endpoint's rules by its address in a map.
func (l *lowering) hasMap(e *ir.Endpoint) bool {
	return e.Kind == ir.ExternalEndpoint || e.Kind == ir.PodEndpoint && !l.ownOnly
}

// isDigits reports whether a name is what the pass "name" gives; anything else could clash with a word of the nft language.
func isDigits(name string) bool { return name != "" && strings.Trim(name, "0123456789abcdef") == "" }

// classifier makes a chain of each rule list, and the maps that lead endpoints to them.
func (l *lowering) classifier(d ir.Direction, ph ir.Phase) {
	c := l.p.Classifier(d, ph)
	if len(c.Lists) == 0 {
		return
	}
	families := l.families(c)
	names := make([]string, len(c.Lists))
	for i := range c.Lists {
		names[i] = fmt.Sprintf("%s_%s_%s", d, ph, c.Lists[i].Name)
		if !isDigits(c.Lists[i].Name) {
			l.report.Add(diag.Internal, source.Origin{}, "rule list %q has no name", c.Lists[i].Key)
		}
	}
	for _, f := range ir.Families() {
		m := &Set{Name: mapName(d, ph, f), Key: []Type{addrType(f)}, Verdicts: true}
		for i, e := range l.p.Endpoints {
			id := c.Assign[i]
			if id == ir.NoList || !l.hasMap(e) {
				continue
			}
			for _, a := range addrsOf(e, f) {
				m.Elements = append(m.Elements, &Element{From: a, To: a, Verdict: Verdict{Kind: Jump, Target: names[id]}})
			}
		}
		if len(m.Elements) > 0 {
			sortElements(m)
			l.out.Maps = append(l.out.Maps, m)
			l.dispatches[d] = append(l.dispatches[d], dispatch(subject(d, f), m.Name))
		}
	}
	if l.node >= 0 && c.Assign[l.node] != ir.NoList {
		id := c.Assign[l.node]
		match := Match{Fields: []Field{[...]Field{ir.Egress: SrcLocal, ir.Ingress: DstLocal}[d]}}
		l.jumps[d] = append(l.jumps[d], &Rule{Matches: []Match{match}, Verdict: Verdict{Kind: Jump, Target: names[id]}})
	}
	if d == ir.Ingress {
		l.enter(c, ph, names)
	}
	for i := range c.Lists {
		if len(families[i]) > 0 {
			l.judge(listing{d, c.Lists[i].Key, families[i], l.slotOf(d, c, ir.ListID(i))}, names[i], pointers(c.Lists[i].Rules), cuts{byPeer: true, byPort: true})
		}
	}
}

// families lists for each of a classifier's lists the families of the addresses that it may judge; none: it is not needed.
func (l *lowering) families(c *ir.Classifier) [][]ir.Family {
	out := make([][]ir.Family, len(c.Lists))
	if len(c.Lists) == 0 {
		return out
	}
	for _, f := range ir.Families() {
		for i, e := range l.p.Endpoints {
			id := c.Assign[i]
			// Of the addresses that count as the node's there may be of both; so may be who dials a node port.
			if id != ir.NoList && (i == l.node || e.Kind == ir.ServiceEndpoint || l.hasMap(e) && hasFamily(e, f)) && !slices.Contains(out[id], f) {
				out[id] = append(out[id], f)
			}
		}
	}
	return out
}

func hasFamily(e *ir.Endpoint, f ir.Family) bool {
	return slices.ContainsFunc(e.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == f })
}

func mapName(d ir.Direction, ph ir.Phase, f ir.Family) string {
	return fmt.Sprintf("%s_%s%d", d, ph, f)
}

func addrType(f ir.Family) Type {
	if f == ir.IPv4 {
		return IPv4Addr
	}
	return IPv6Addr
}

func addrValue(a netip.Addr) Value { return Value(a.Unmap().AsSlice()) }

func addrsOf(e *ir.Endpoint, f ir.Family) []Value {
	var out []Value
	for _, a := range e.Addrs {
		if ir.FamilyOf(a) == f {
			out = append(out, addrValue(a))
		}
	}
	return out
}

func pointers(rules []ir.Rule) []*ir.Rule {
	out := make([]*ir.Rule, len(rules))
	for i := range rules {
		out[i] = &rules[i]
	}
	return out
}

// rules makes what a rule becomes, for endpoints that have addresses of the given families.
func (l *lowering) rules(of listing, r *ir.Rule) []*Rule {
	shared := Rule{Counts: r.ID != 0, Verdict: l.verdict(r.Action), ID: r.ID, Origins: r.Origins, Comment: comment(r)}
	if r.Logging.On {
		shared.Log = Log{Group: LogGroup, Prefix: LogPrefix(r.ID)}
	}
	l.labelled(&shared, of.slot)
	var out []*Rule
	for _, matches := range l.matches(of.direction, r, of.families) {
		rule := shared
		rule.Matches = matches
		out = append(out, &rule)
	}
	return out
}

// join puts the cheaper matches first: comparisons before lookups.
func join(l4, peer []Match) []Match {
	out := slices.Concat(l4, peer)
	slices.SortStableFunc(out, func(a, b Match) int { return cmp.Compare(lookups(a), lookups(b)) })
	return out
}

func lookups(m Match) int {
	if m.Set == "" {
		return 0
	}
	return 1
}

func (l *lowering) verdict(a ir.Action) Verdict {
	switch a {
	case ir.Allow:
		return Verdict{Kind: Accept}
	case ir.Drop:
		return Verdict{Kind: Drop}
	case ir.Reject:
		l.rejects = true
		return Verdict{Kind: Goto, Target: chainRejected}
	case ir.Pass:
		return Verdict{Kind: Return}
	}
	l.report.Add(diag.Internal, source.Origin{}, "action %d is unknown to nftables lowering", a)
	return Verdict{Kind: Drop}
}

// maxComment is the length at which comments are cut, in bytes; nft allows 128.
const maxComment = 120

// comment gives "ID LABEL +N": the rule's id in 12 hexadecimal digits, its first origin, and the number of its further ones.
func comment(r *ir.Rule) string {
	head, tail := digits(r.ID), ""
	if len(r.Origins) > 0 {
		head += " " + r.Origins[0].Label()
	}
	if n := len(r.Origins) - 1; n > 0 {
		tail = fmt.Sprintf(" +%d", n)
	}
	text := []byte(head)
	for i, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			text[i] = '?'
		}
	}
	return string(text[:min(len(text), maxComment-len(tail))]) + tail
}

// rejectedChain answers what a rule rejects, so that such a rule need not be written twice.
func rejectedChain() *Chain {
	return &Chain{Name: chainRejected, Rules: []*Rule{
		{Matches: []Match{oneProto(ir.ProtoTCP)}, Verdict: Verdict{Kind: Reset}},
		{Matches: []Match{{Fields: []Field{NFProto}, From: NFProtoIPv4, To: NFProtoIPv4}}, Verdict: Verdict{Kind: Prohibit4}},
		{Matches: []Match{{Fields: []Field{NFProto}, From: NFProtoIPv6, To: NFProtoIPv6}}, Verdict: Verdict{Kind: Prohibit6}},
	}}
}

// chains makes what packets meet first. The base chains for pods exist whether or not there are policies: their first rule makes
// the kernel track connections, without which a first policy would cut those that are open. So do those of a machine outside.
func (l *lowering) chains() {
	if !l.ownOnly {
		l.podChains()
	}
	if l.node >= 0 || ir.IsMachine(l.p.Node) {
		l.ownChains()
	}
	l.entryChains()
}

func (l *lowering) podChains() {
	guard := &Chain{Name: chainGuard, Hook: Prerouting, Priority: priorityGuard}
	egress := &Chain{Name: chainEgress, Rules: neverFiltered()}
	forward := &Chain{Name: chainForward, Hook: Forward, Priority: priorityEgress, Rules: jumpTo(chainEgress)}
	input := &Chain{Name: chainInput, Hook: Input, Priority: priorityEgress, Rules: jumpTo(chainEgress)}
	ingress := &Chain{Name: chainIngress, Hook: Forward, Priority: priorityIngress, Rules: neverFiltered()}
	for _, f := range ir.Families() {
		l.pods(f, guard, egress, ingress)
	}
	egress.Rules = append(egress.Rules, l.dispatches[ir.Egress]...)
	ingress.Rules = append(ingress.Rules, l.dispatches[ir.Ingress]...)
	l.out.Chains = []*Chain{guard, egress, forward, input, ingress}
}

// ownChains makes the chains for what the machine itself receives and sends. A node always reaches its own pods.
func (l *lowering) ownChains() {
	ingress := &Chain{Name: chainOwnIngress, Hook: Input, Priority: priorityIngress, Rules: neverFiltered()}
	egress := &Chain{Name: chainOwnEgress, Hook: Output, Priority: priorityEgress, Rules: neverFiltered()}
	ingress.Rules = append(ingress.Rules, acceptIf(Match{Fields: []Field{InLoopback}}))
	egress.Rules = append(egress.Rules, acceptIf(Match{Fields: []Field{OutLoopback}}))
	for _, f := range ir.Families() {
		if own := l.localSet(f); own != nil {
			egress.Rules = append(egress.Rules, acceptIf(Match{Fields: []Field{subject(ir.Ingress, f)}, Set: own.Name}))
		}
	}
	if ir.IsMachine(l.p.Node) {
		ingress.Rules = append(ingress.Rules, l.dispatches[ir.Ingress]...)
		egress.Rules = append(egress.Rules, l.dispatches[ir.Egress]...)
	} else {
		ingress.Rules = append(ingress.Rules, l.jumps[ir.Ingress]...)
		egress.Rules = append(egress.Rules, l.jumps[ir.Egress]...)
	}
	l.out.Chains = append(l.out.Chains, ingress, egress)
}

func acceptIf(m Match) *Rule { return &Rule{Matches: []Match{m}, Verdict: Verdict{Kind: Accept}} }

// localSet makes the set of the addresses of one family that the node's pods have, nil if there are none.
func (l *lowering) localSet(f ir.Family) *Set {
	own := &Set{Name: fmt.Sprintf("local%d", f), Key: []Type{addrType(f)}}
	for _, e := range l.p.Endpoints {
		if e.Kind != ir.PodEndpoint {
			continue
		}
		for _, a := range addrsOf(e, f) {
			own.Elements = append(own.Elements, &Element{From: a, To: a})
		}
	}
	if len(own.Elements) == 0 {
		return nil
	}
	sortElements(own)
	l.sets[own.Name] = own
	return own
}

// pods makes what concerns the node's pods of one family: packets that bear their addresses must come from them, and what a pod
// sends to itself passes.
func (l *lowering) pods(f ir.Family, guard, egress, ingress *Chain) {
	src, dst := subject(ir.Egress, f), subject(ir.Ingress, f)
	own := l.localSet(f)
	if own == nil {
		return
	}
	self := l.selfSet(f)
	guard.Rules = append(guard.Rules, &Rule{Matches: []Match{{Fields: []Field{src}, Set: own.Name}, {Fields: []Field{FibIif}}},
		Verdict: Verdict{Kind: Drop}})
	for _, c := range []*Chain{egress, ingress} {
		c.Rules = append(c.Rules, acceptIf(Match{Fields: []Field{src, dst}, Set: self.Name}))
	}
}

// selfSet makes the set of the pairs of addresses of one family that are of one of the node's pods, which has some.
func (l *lowering) selfSet(f ir.Family) *Set {
	self := &Set{Name: fmt.Sprintf("self%d", f), Key: []Type{addrType(f), addrType(f)}}
	for _, e := range l.p.Endpoints {
		if e.Kind != ir.PodEndpoint {
			continue
		}
		for _, a := range addrsOf(e, f) {
			for _, b := range addrsOf(e, f) {
				self.Elements = append(self.Elements, &Element{From: a + b, To: a + b})
			}
		}
	}
	sortElements(self)
	l.sets[self.Name] = self
	return self
}

// subject is the field that has the address of the direction's endpoint.
func subject(d ir.Direction, f ir.Family) Field {
	switch {
	case d == ir.Egress && f == ir.IPv4:
		return SrcAddr4
	case d == ir.Egress:
		return SrcAddr6
	case f == ir.IPv4:
		return DstAddr4
	}
	return DstAddr6
}

func jumpTo(chain string) []*Rule { return []*Rule{{Verdict: Verdict{Kind: Jump, Target: chain}}} }

func dispatch(f Field, m string) *Rule {
	return &Rule{Verdict: Verdict{Kind: Dispatch, Key: &Key{Fields: []Field{f}}, Target: m}}
}

// neverFiltered accepts what policy never judges: connections that were allowed before, and what makes IPv6 work on a link.
func neverFiltered() []*Rule {
	rules := []*Rule{acceptIf(Match{Fields: []Field{CtState}})}
	types := ir.NeverFilteredICMPv6()
	for i := 0; i < len(types); {
		j := i
		for j+1 < len(types) && types[j+1] == types[j]+1 {
			j++
		}
		match := Match{Fields: []Field{ICMPType}, From: Value([]byte{types[i]}), To: Value([]byte{types[j]})}
		rules = append(rules, &Rule{Matches: []Match{oneProto(ir.ProtoICMPv6), match}, Verdict: Verdict{Kind: Accept}})
		i = j + 1
	}
	return rules
}
