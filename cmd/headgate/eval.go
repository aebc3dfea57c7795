package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// evalOptions are the flags of eval.
type evalOptions struct {
	input       inputs
	out         output
	from, to    string
	port        string
	family      string
	sourcePort  uint16
	established bool
	known       knownNames
	dialled     string
	via         string
}

func newEval() *cobra.Command {
	var o evalOptions
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Judge one packet, and name the rules that decide",
		Long: `Eval judges the first packet of one connection by what the policies mean: the verdict, and for each direction the rules
that decide, with file and line. Both directions are judged, even if the first one drops. Places are NAMESPACE/POD, POD,
node/NODE, service/NAMESPACE/NAME or an IP address; a pair is judged for every address family that both have. Rules by DNS name match
the addresses that --fqdn gives.

A packet to an address and port of a Service, or to a node port, is judged for each backend that it can get, as the node balances it
that the client is on, or that --via names. --dialled says instead what the packet was sent to before it got its destination.

Of what a pod sends out of the cluster it also tells from which node it leaves and by which address, if there are Egresses; it is
dropped if no node holds the address.`,
		Example: `    headgate eval -f examples/three-tier --from shop/frontend-1 --to shop/db-1 --port 5432
    headgate eval -f manifests/ --from shop/web --to service/shop/db --port 5432`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.input.flags(cmd)
	o.out.flags(cmd, "text", "json", "yaml")
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "source: NAMESPACE/POD, POD, node/NODE or an IP address")
	flags.StringVar(&o.to, "to", "", "destination, in the same form")
	flags.StringVar(&o.port, "port", "", "tcp/80, 80, udp/53, sctp/7777, icmp, icmp/TYPE/CODE, igmp/TYPE or proto/NUMBER")
	flags.Uint16Var(&o.sourcePort, "source-port", place.DefaultSource, "source port of the packet")
	flags.BoolVar(&o.established, "established", false, "the packet belongs to a connection that was allowed before")
	flags.StringVar(&o.dialled, "dialled", "", "ADDRESS:PORT of the Service that the packet was sent to, before it was translated to the destination")
	flags.StringVar(&o.via, "via", "", "node that balances what is sent to a Service (default: the client's, or the one that is dialled)")
	o.known.flags(cmd)
	enumFlag(cmd, &o.family, "family", "", "address families to judge", "all", "ipv4", "ipv6")
	for _, name := range []string{"from", "to", "port"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

// judgement is one packet's verdict, as printed.
type judgement struct {
	From      place.Place `json:"-"`
	To        place.Place `json:"-"`
	Source    string      `json:"from"`
	SourceIP  netip.Addr  `json:"fromAddress"`
	Dest      string      `json:"to"`
	DestIP    netip.Addr  `json:"toAddress"`
	Dialled   string      `json:"dialled,omitempty"`
	Service   *served     `json:"service,omitempty"`
	Traffic   string      `json:"traffic"`
	Verdict   ir.Action   `json:"verdict"`
	Decisions []decision  `json:"decisions"`
	Departs   *departure  `json:"departs,omitempty"`

	backend netip.AddrPort // of the Service
}

// decision is one part of a judgement. Direction is "egress", "ingress", "entry" for the node port that was dialled, or "service" if
// that is all there is to tell.
type decision struct {
	Direction string    `json:"direction"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Action    ir.Action `json:"action"`
	Phase     string    `json:"phase,omitempty"`
	Rules     []rule    `json:"rules,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Logged    []string  `json:"logged,omitempty"` // the labels of the rules that log it; "" for none
}

// rule is a declaration that decided.
type rule struct {
	Object string `json:"object"`
	Field  string `json:"field,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int32  `json:"line,omitempty"`
	Column int32  `json:"column,omitempty"`
}

func ruleOf(o *source.Origin) rule {
	return rule{o.Object, o.Field, o.Pos.File, o.Pos.Line, o.Pos.Col}
}

// String gives "NetworkPolicy shop/web spec.ingress[0] (policies.yaml:9:5)".
func (r rule) String() string {
	return source.Origin{Object: r.Object, Field: r.Field, Pos: source.Pos{File: r.File, Line: r.Line, Col: r.Column}}.String()
}

func (o *evalOptions) run(cmd *cobra.Command) error {
	in, err := o.known.read(cmd, &o.input)
	if err != nil {
		return err
	}
	from, err := in.find(o.from, o.input.namespace)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	to, err := in.find(o.to, o.input.namespace)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	traffic, err := in.traffic(o.port, to)
	if err != nil {
		return fmt.Errorf("--port: %w", err)
	}
	if cmd.Flags().Changed("source-port") {
		traffic.Src = o.sourcePort
	}
	packets, err := o.packets(traffic, from, to)
	if err != nil {
		return err
	}
	report, err := o.judge(in, packets, from, to)
	if err != nil {
		return err
	}
	return o.out.write(cmd.OutOrStdout(), report, func() string {
		return report.text(newPalette(o.input.diagnostics.color, cmd.OutOrStdout()))
	})
}

// packets makes the packets that are asked for, one for each family.
func (o *evalOptions) packets(traffic place.Traffic, from, to place.Place) ([]ir.Packet, error) {
	var dialled netip.AddrPort
	if o.dialled != "" {
		var err error
		if dialled, err = place.Dialled(o.dialled); err != nil {
			return nil, fmt.Errorf("--dialled: %w", err)
		}
	}
	packets := slices.DeleteFunc(traffic.Packets(from, to), func(p ir.Packet) bool {
		return o.family != "all" && ir.FamilyOf(p.Dst).String() != o.family ||
			dialled.IsValid() && ir.FamilyOf(p.Dst) != ir.FamilyOf(dialled.Addr())
	})
	if len(packets) == 0 {
		return nil, fmt.Errorf("%s and %s have no address family in common: the one has %s, the other %s", from.Name, to.Name, addrsText(from.Addrs), addrsText(to.Addrs))
	}
	for i := range packets {
		packets[i].Established, packets[i].Dialled = o.established, dialled
	}
	return packets, nil
}

func addrsText(addrs []netip.Addr) string {
	var words []string
	for _, a := range addrs {
		words = append(words, a.String())
	}
	return strings.Join(words, " and ")
}

// evalReport is what eval prints: the judgements, in order, and for what was sent to Services what became of it before. Packets to
// a Service have a judgement for each backend.
type evalReport struct {
	Packets  []judgement `json:"packets"`
	Services []*dial     `json:"services,omitempty"`
	parts    []texter
}

// texter prints a part of the report.
type texter interface {
	text(b *strings.Builder, colors palette)
}

// judge judges the packets.
func (o *evalOptions) judge(in *evalInput, packets []ir.Packet, from, to place.Place) (*evalReport, error) {
	evaluator := in.program.Evaluator()
	r := &evalReport{}
	for _, p := range packets {
		var d *dial
		if !p.Dialled.IsValid() {
			var err error
			if d, err = o.dial(evaluator, in, p, from, to); err != nil {
				return nil, err
			}
		}
		if d == nil {
			j := judge(evaluator, p, from, to)
			j.depart(in.program, p)
			r.Packets, r.parts = append(r.Packets, j), append(r.parts, &j)
			continue
		}
		r.Packets, r.Services, r.parts = append(r.Packets, d.judgements...), append(r.Services, d), append(r.parts, d)
	}
	return r, nil
}

func (r *evalReport) text(colors palette) string {
	var b strings.Builder
	for _, part := range r.parts {
		part.text(&b, colors)
	}
	return b.String()
}

// judge decides both directions. The verdict is that of the first one that does not allow.
func judge(e *ir.ProgramEvaluator, p ir.Packet, from, to place.Place) judgement {
	return judgeVia(e, p, from, to, netip.Addr{})
}

// judgeVia is judge for a packet that arrives from another address than it was sent from, if that is valid.
func judgeVia(e *ir.ProgramEvaluator, p ir.Packet, from, to place.Place, masquerade netip.Addr) judgement {
	j := judgement{From: from, To: to, Source: from.Name, SourceIP: p.Src, Dest: to.Name, DestIP: p.Dst, Traffic: trafficText(p)}
	if p.Dialled.IsValid() {
		j.Dialled = p.Dialled.String()
	}
	arrived := p
	if masquerade.IsValid() {
		arrived.Src = masquerade
	}
	j.decide(e.Decide(ir.Egress, p), ir.Egress.String())
	if v, entered := e.Enter(p); entered {
		j.decide(v, "entry")
	}
	j.decide(e.Decide(ir.Ingress, arrived), ir.Ingress.String())
	return j
}

// decide adds a decision. The verdict is that of the first one that does not allow.
func (j *judgement) decide(v ir.Decision, where string) {
	if j.Verdict == ir.Allow {
		j.Verdict = v.Action
	}
	d := decisionOf(v)
	d.Direction = where
	j.Decisions = append(j.Decisions, d)
}

func decisionOf(v ir.Decision) decision {
	out := decision{Action: v.Action, Reason: v.Reason}
	if v.Endpoint != nil {
		out.Endpoint = v.Endpoint.String()
	}
	for _, l := range v.Logged {
		out.Logged = append(out.Logged, l.Label)
	}
	if len(v.Origins) > 0 {
		out.Phase = v.Phase.String()
	}
	for _, origin := range v.Origins {
		out.Rules = append(out.Rules, ruleOf(origin))
	}
	return out
}

func trafficText(p ir.Packet) string {
	switch {
	case p.Proto.HasPorts():
		return fmt.Sprintf("%s/%d", p.Proto, p.DstPort)
	case p.Proto == ir.ProtoICMP || p.Proto == ir.ProtoICMPv6:
		return fmt.Sprintf("%s/%d/%d", p.Proto, p.DstPort>>8, p.DstPort&0xff)
	case p.Proto == ir.ProtoIGMP && p.DstPort != 0:
		return fmt.Sprintf("igmp/%#x", p.DstPort>>8)
	}
	return "proto/" + p.Proto.String()
}

func (j *judgement) text(b *strings.Builder, colors palette) {
	fmt.Fprintf(b, "%s  %s -> %s %s", painted(colors, j.Verdict), named(j.From, j.SourceIP), named(j.To, j.DestIP), j.Traffic)
	if j.Dialled != "" {
		fmt.Fprintf(b, " sent to %s", j.Dialled)
	}
	b.WriteByte('\n')
	j.decisionsText(b, colors, "  ")
}

// decisionsText prints a line for each decision, and for each further rule of one.
func (j *judgement) decisionsText(b *strings.Builder, colors palette, indent string) {
	next := "\n" + indent + "                 "
	for _, d := range j.Decisions {
		fmt.Fprintf(b, "%s%-7s  %s", indent, d.Direction, painted(colors, d.Action))
		switch {
		case len(d.Rules) > 0:
			for i, r := range d.Rules {
				fmt.Fprintf(b, "%s%s", [...]string{"  ", next}[min(i, 1)], r)
			}
		default:
			fmt.Fprintf(b, "  (%s)", d.Reason)
		}
		for _, label := range d.Logged {
			fmt.Fprintf(b, "%slogged%s", next, labelText(label))
		}
		b.WriteByte('\n')
	}
	j.Departs.text(b, colors, indent)
}

// labelText gives " as LABEL", or nothing.
func labelText(label string) string {
	if label == "" {
		return ""
	}
	return " as " + label
}

func painted(colors palette, a ir.Action) string {
	return paintedWord(colors, a.String())
}

// paintedWord is painted for a verdict in words, of which one may be "mixed".
func paintedWord(colors palette, verdict string) string {
	color := red
	switch verdict {
	case ir.Allow.String():
		color = green
	case "mixed":
		color = yellow
	}
	return colors.paint(color, fmt.Sprintf("%-6s", verdict))
}

func named(p place.Place, a netip.Addr) string {
	switch {
	case p.Name != a.String():
		return p.Name + " (" + a.String() + ")"
	case p.Endpoint != nil:
		return p.Name + " (" + p.Endpoint.String() + ")"
	case p.Node != nil:
		return p.Name + " (node " + p.Node.Name + ")"
	}
	return p.Name
}
