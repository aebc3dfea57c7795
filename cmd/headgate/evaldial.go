package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
)

// served is what a judgement says of the Service that was dialled.
type served struct {
	Name       string     `json:"name"`
	Via        string     `json:"via,omitempty"` // the node that balances
	Outcome    string     `json:"outcome"`
	Backends   int        `json:"backends"`            // of which this is one
	Masquerade netip.Addr `json:"masquerade,omitzero"` // whom backends see that are not on the node
	Affinity   string     `json:"affinity,omitempty"`

	spares bool // some backends are on the node
}

// dial is what becomes of one packet that was sent to a Service. Verdict is that of all its judgements, "mixed" if they differ.
type dial struct {
	Source     string      `json:"from"`
	SourceIP   netip.Addr  `json:"fromAddress"`
	Dialled    string      `json:"dialled"`
	Traffic    string      `json:"traffic"`
	Verdict    string      `json:"verdict"`
	Service    served      `json:"service"`
	Declared   rule        `json:"declared"`       // where the Service is
	Port       string      `json:"port,omitempty"` // "http (tcp/80)"; none: the Service has no such port
	By         string      `json:"by,omitempty"`   // "cluster address", "external address", "load balancer's address" or "node port"
	Why        string      `json:"reason,omitempty"`
	Candidates []candidate `json:"candidates"`

	from, to   place.Place
	judgements []judgement
}

// candidate is an endpoint of the Service. One that is not left out has a verdict.
type candidate struct {
	Backend string `json:"backend,omitempty"` // ADDRESS:PORT
	Pod     string `json:"pod,omitempty"`
	Node    string `json:"node,omitempty"`
	LeftOut string `json:"leftOut,omitempty"` // why
	Verdict string `json:"verdict,omitempty"`
}

// String gives "10.0.1.20:5432 (shop/db-0 on n1)".
func (c candidate) String() string {
	who := c.Pod
	if c.Node != "" {
		who = strings.TrimPrefix(who+" on "+c.Node, " ")
	}
	switch {
	case c.Backend == "":
		return who
	case who == "":
		return c.Backend
	}
	return c.Backend + " (" + who + ")"
}

// entrance finds the node that a packet dials on or through: the one that --via names, the client's own, the one that has the
// destination, or the first; nil if there is none, or if nobody knows where the client's pod is.
func entrance(p *ir.Program, via string, from, to place.Place) (*ir.Node, error) {
	named := func(name string) *ir.Node {
		if i := slices.IndexFunc(p.Nodes, func(n *ir.Node) bool { return n.Name == name }); i >= 0 {
			return p.Nodes[i]
		}
		return nil
	}
	switch {
	case via != "" && named(via) == nil:
		return nil, fmt.Errorf("--via: there is no node %s%s", via, likeWords(via, namesOfNodes(p)))
	case via != "":
		return named(via), nil
	case from.Endpoint != nil && from.Endpoint.Kind == ir.PodEndpoint:
		return named(from.Endpoint.Node), nil
	case from.Node != nil:
		return from.Node, nil
	case to.Node != nil:
		return to.Node, nil
	case len(p.Nodes) > 0:
		return p.Nodes[0], nil
	}
	return nil, nil
}

func namesOfNodes(p *ir.Program) []string {
	var names []string
	for _, n := range p.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// sideOf tells where a client is, seen from a node. A pod whose node nobody knows dials on its own.
func sideOf(p *ir.Program, node *ir.Node, from place.Place, client netip.Addr) ir.Side {
	switch e := from.Endpoint; {
	case e != nil && e.Kind == ir.PodEndpoint && (node == nil || e.Node == node.Name):
		return ir.OwnPod
	case node == nil:
		return ir.OutsideSide
	case from.Node != nil && from.Node.Name == node.Name:
		return ir.OwnNode
	case e != nil && e.Kind == ir.PodEndpoint:
		return ir.Inside
	case from.Node != nil:
		return ir.OutsideSide
	}
	if slices.ContainsFunc(p.Nodes, func(n *ir.Node) bool {
		return slices.ContainsFunc(n.PodCIDRs, func(c netip.Prefix) bool { return c.Contains(client) })
	}) {
		return ir.Inside
	}
	return ir.OutsideSide
}

// dial judges a packet that may be sent to a Service, for each backend that it can get. It gives nil if what is dialled is no Service.
func (o *evalOptions) dial(e *ir.ProgramEvaluator, in *evalInput, p ir.Packet, from, to place.Place) (*dial, error) {
	node, err := entrance(in.program, o.via, from, to)
	if err != nil {
		return nil, err
	}
	side := sideOf(in.program, node, from, p.Src)
	b := in.program.Dial(node, side, p)
	if b.Outcome == ir.NotService {
		return nil, nil
	}
	way := wayInto(b.Service, node, side, p)
	d := &dial{from: from, to: to, Source: from.Name, SourceIP: p.Src, Dialled: p.Dst.String(), Traffic: trafficText(p),
		Service: served{Name: b.Service.String(), Outcome: b.Outcome.String(), Backends: len(b.Targets)}, Declared: ruleOf(&b.Service.Origin),
		Candidates: []candidate{}}
	if p.Proto.HasPorts() {
		d.Dialled = netip.AddrPortFrom(p.Dst, p.DstPort).String()
	}
	if node != nil {
		d.Service.Via = node.Name
	}
	if b.Affinity > 0 {
		d.Service.Affinity = b.Affinity.String()
	}
	if way.port != nil {
		d.Port, d.By, d.Candidates = portText(way.port), way.by, in.candidates(&way, &b)
	}
	if b.Outcome != ir.Balance {
		d.noBackend(p, &way, &b)
		return d, nil
	}
	if len(b.Masked) > 0 {
		if at := slices.IndexFunc(node.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == ir.FamilyOf(p.Dst) }); at >= 0 {
			d.Service.Masquerade, d.Service.spares = node.Addrs[at], len(b.Masked) < len(b.Targets)
		}
	}
	return d, d.judge(e, in.program, p, &b)
}

// judge asks the policies about each backend.
func (d *dial) judge(e *ir.ProgramEvaluator, program *ir.Program, p ir.Packet, b *ir.Balanced) error {
	for _, target := range b.Targets {
		q := p
		q.Dst, q.DstPort, q.Dialled = target.Addr(), target.Port(), netip.AddrPortFrom(p.Dst, p.DstPort)
		backend, err := place.Find(program, q.Dst.String(), "")
		if err != nil {
			return err
		}
		if backend.Endpoint != nil {
			backend.Name = backend.Endpoint.String()
		}
		var seen netip.Addr
		if slices.Contains(b.Masked, target) {
			seen = d.Service.Masquerade
		}
		j := judgeVia(e, q, d.from, backend, seen)
		j.depart(program, q)
		j.Service, j.backend = &d.Service, target
		d.add(j)
		for i := range d.Candidates {
			if c := &d.Candidates[i]; c.Backend == target.String() {
				c.Verdict = j.Verdict.String()
			}
		}
	}
	return nil
}

func (d *dial) add(j judgement) {
	switch word := j.Verdict.String(); d.Verdict {
	case "", word:
		d.Verdict = word
	default:
		d.Verdict = "mixed"
	}
	d.judgements = append(d.judgements, j)
}

// noBackend says why a packet gets no backend.
func (d *dial) noBackend(p ir.Packet, way *wayIn, b *ir.Balanced) {
	j := judgement{From: d.from, To: d.to, Source: d.from.Name, SourceIP: p.Src, Dest: d.to.Name, DestIP: p.Dst, Traffic: d.Traffic, Service: &d.Service}
	j.Verdict = ir.Drop
	switch {
	case way.port == nil:
		j.Verdict, d.Why = ir.Reject, fmt.Sprintf("the Service has no port %s%s", d.Traffic, havePorts(b.Service))
	case b.Outcome == ir.Refuse:
		j.Verdict, d.Why = ir.Reject, "the Service has no backend that is ready"
	case way.barred:
		d.Why = barredText
	default:
		d.Why = fmt.Sprintf("no backend on %s, and %s is Local", d.Service.nodeText(), way.policy)
	}
	j.Decisions = []decision{{Direction: "service", Action: j.Verdict, Reason: d.Why}}
	d.add(j)
}

func (s *served) nodeText() string {
	if s.Via == "" {
		return "the client's node, which nobody knows"
	}
	return s.Via
}

// listed is how many backends a line names.
const listed = 8

// text prints the Service, who is left out, and each distinct outcome once.
func (d *dial) text(b *strings.Builder, colors palette) {
	fmt.Fprintf(b, "%s  %s -> %s %s\n", paintedWord(colors, d.Verdict), named(d.from, d.SourceIP), d.target(), d.Traffic)
	fmt.Fprintf(b, "  service  %s", d.Declared)
	if d.Port != "" {
		fmt.Fprintf(b, ", port %s, by its %s", d.Port, d.By)
	}
	if d.Service.Via != "" {
		b.WriteString(", on " + d.Service.Via)
	}
	b.WriteString(": " + d.Service.text() + "\n")
	if d.Why != "" {
		fmt.Fprintf(b, "           %s\n", d.Why)
	}
	d.leftOutText(b)
	if d.Service.Backends == 0 {
		return
	}
	for _, group := range d.outcomes() {
		var names []string
		for _, j := range group {
			at := slices.IndexFunc(d.Candidates, func(c candidate) bool { return c.Backend == j.backend.String() })
			names = append(names, d.Candidates[at].String())
		}
		fmt.Fprintf(b, "  %s to %s\n", painted(colors, group[0].Verdict), enough(names))
		group[0].decisionsText(b, colors, "    ")
	}
}

// target is what was dialled, in words.
func (d *dial) target() string {
	to := netip.Addr{}
	if len(d.judgements) > 0 {
		to = d.judgements[0].DestIP
	}
	if p, err := netip.ParseAddrPort(d.Dialled); err == nil {
		to = p.Addr()
	}
	if d.to.Endpoint != nil && d.to.Node == nil {
		return d.to.Name
	}
	return named(d.to, to)
}

// leftOutText lists the candidates that get nothing, by reason in order of appearance.
func (d *dial) leftOutText(b *strings.Builder) {
	var whys []string
	of := map[string][]string{}
	for _, c := range d.Candidates {
		if c.LeftOut == "" {
			continue
		}
		if of[c.LeftOut] == nil {
			whys = append(whys, c.LeftOut)
		}
		of[c.LeftOut] = append(of[c.LeftOut], c.String())
	}
	for _, why := range whys {
		fmt.Fprintf(b, "  not      %s: %s\n", enough(of[why]), why)
	}
}

// enough joins the first few of a list.
func enough(list []string) string {
	if len(list) > listed {
		return strings.Join(list[:listed], ", ") + fmt.Sprintf(" and %d more", len(list)-listed)
	}
	return strings.Join(list, ", ")
}

// outcomes groups the judgements that only differ in the backend, in order of appearance.
func (d *dial) outcomes() [][]judgement {
	var out [][]judgement
	for _, j := range d.judgements {
		at := slices.IndexFunc(out, func(group []judgement) bool { return group[0].sameReasons(&j) })
		if at < 0 {
			out = append(out, nil)
			at = len(out) - 1
		}
		out[at] = append(out[at], j)
	}
	return out
}

// sameReasons compares everything but the endpoints.
func (j *judgement) sameReasons(o *judgement) bool {
	return j.Verdict == o.Verdict && j.Departs.same(o.Departs) && slices.EqualFunc(j.Decisions, o.Decisions, func(a, b decision) bool {
		return a.Direction == b.Direction && a.Action == b.Action && a.Phase == b.Phase && a.Reason == b.Reason &&
			slices.Equal(a.Rules, b.Rules) && slices.Equal(a.Logged, b.Logged)
	})
}

// text says what the node makes of the connection.
func (s *served) text() string {
	if s.Backends == 0 {
		return s.Outcome
	}
	line := fmt.Sprintf("one of %d backends", s.Backends)
	if s.Backends == 1 {
		line = "the only backend"
	}
	if s.Affinity != "" {
		line += ", the same for " + s.Affinity
	}
	if s.Masquerade.IsValid() {
		line += ", masqueraded as " + s.Masquerade.String()
		if s.spares {
			line += " unless it is on that node"
		}
		return line
	}
	return line + ", not masqueraded"
}
