package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headgate-net/headgate/compiler/expect"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// sentOfEach is the number of packets that are sent for one expectation; of more, as many are chosen at even distances.
const sentOfEach = 256

// labTest plays what expectations are about in a lab.
type labTest struct {
	on     bool
	lab    labInput
	spec   lab.Spec
	ports  []lab.Port
	sent   []*sentPacket
	chosen [][]*sentPacket // of each expectation
	fixed  bool            // rules look at source ports
	named  ir.AddrSet      // known of names: what a lab's DNS says is another matter
}

// sentPacket is a packet, and what became of it.
type sentPacket struct {
	expect.Judged
	request lab.ProbeRequest
	got     lab.Verdict
}

func (t *labTest) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.on, "lab", false, "also send the packets, in a throwaway cluster on this machine; needs root")
	targetFlag(cmd, &t.lab.target)
	enumFlag(cmd, &t.lab.datapath, "datapath", "", "what moves the packets, with target openflow", userspaceDatapath, kernelDatapath)
}

func (t *labTest) check(cmd *cobra.Command) error {
	for _, name := range []string{"target", "datapath"} {
		if cmd.Flags().Changed(name) && !t.on {
			return usageError(cmd, fmt.Errorf("--%s is for the packets that are sent: add --lab, or leave it out", name))
		}
	}
	return t.lab.check(cmd)
}

// judge judges expectations, and chooses packets that can be sent in the lab of a Program.
func (t *labTest) judge(objects *manifest.Objects, program *ir.Program) ([]expect.Result, error) {
	spec, err := t.lab.spec(program)
	if err != nil {
		return nil, err
	}
	t.spec = spec
	for _, p := range program.Policies {
		for _, d := range ir.Directions() {
			for i := range p.Rules[d] {
				t.fixed = t.fixed || slices.ContainsFunc(p.Rules[d][i].Ports, func(s ir.PortSpec) bool { return s.Box.Src != ir.AllPorts() })
			}
		}
	}
	for _, g := range program.Groups {
		if g.Kind == ir.Names {
			t.named = t.named.Union(g.Addrs)
		}
	}
	choices := map[int]*choice{}
	results := expect.JudgeEach(objects, program, func(i int, p expect.Judged) {
		if request, ok := t.request(p); ok {
			if choices[i] == nil {
				choices[i] = &choice{step: 1}
			}
			choices[i].add(&sentPacket{Judged: p, request: request})
		}
	})
	t.chosen = make([][]*sentPacket, len(results))
	for i, c := range choices {
		t.chosen[i] = c.kept
	}
	return results, nil
}

// choice keeps packets at even distances, sentOfEach of them at most.
type choice struct {
	kept       []*sentPacket
	seen, step int
}

func (c *choice) add(p *sentPacket) {
	if c.seen++; (c.seen-1)%c.step != 0 {
		return
	}
	if len(c.kept) == sentOfEach {
		half := c.kept[:0]
		for i := 0; i < len(c.kept); i += 2 {
			half = append(half, c.kept[i])
		}
		c.kept, c.step = half, 2*c.step
		if (c.seen-1)%c.step != 0 {
			return
		}
	}
	c.kept = append(c.kept, p)
}

// request asks for a packet, if a lab can send it: TCP, UDP, SCTP to a port, or an echo request, from a machine or a pod to another.
func (t *labTest) request(p expect.Judged) (lab.ProbeRequest, bool) {
	port, ok := sentPort(p.Packet)
	if !ok || t.named.Contains(p.Packet.Src) || t.named.Contains(p.Packet.Dst) {
		return lab.ProbeRequest{}, false
	}
	from, okFrom := t.where(p.From)
	to, okTo := t.where(p.To)
	// A node's packets to pods of other nodes come from its gateway's address there, not from the one that the expectation is about.
	ownAddress := t.spec.Target != lab.OpenFlow || !strings.HasPrefix(from, "node/") || !strings.HasPrefix(to, "pod/")
	if !okFrom || !okTo || from == to || !ownAddress {
		return lab.ProbeRequest{}, false
	}
	out := lab.ProbeRequest{From: from, To: p.Packet.Dst, Port: port}
	if port.Proto != lab.ICMP && (t.fixed || p.Packet.SrcPort != expect.UsualSource) {
		out.SourcePort = p.Packet.SrcPort
	}
	return out, port.Proto == lab.ICMP || !t.fixed || out.SourcePort != 0
}

// sentPort is what a lab calls a packet's traffic.
func sentPort(p ir.Packet) (lab.Port, bool) {
	switch {
	case p.Proto.HasPorts():
		return labPort(p.Proto, p.DstPort), p.DstPort != 0
	case p.Proto == ir.ProtoICMP && p.DstPort == 8<<8, p.Proto == ir.ProtoICMPv6 && p.DstPort == 128<<8:
		return lab.Port{Proto: lab.ICMP}, true
	}
	return lab.Port{}, false
}

// where finds a place in the lab. An address outside the cluster becomes a host.
func (t *labTest) where(p expect.Place) (string, bool) {
	for i := range t.spec.Pods {
		if pod := &t.spec.Pods[i]; slices.Contains(pod.Addrs, p.Addr) {
			return pod.Where(), true
		}
	}
	reaches := false
	for i := range t.spec.Nodes {
		n := &t.spec.Nodes[i]
		if slices.Contains(n.Addrs, p.Addr) {
			return n.Where(), true
		}
		if slices.ContainsFunc(n.PodCIDRs, func(c netip.Prefix) bool { return c.Contains(p.Addr) }) {
			return "", false
		}
		reaches = reaches || slices.ContainsFunc(n.Addrs, func(a netip.Addr) bool { return a.Is4() == p.Addr.Is4() })
	}
	for i := range t.spec.Hosts {
		if h := &t.spec.Hosts[i]; slices.Contains(h.Addrs, p.Addr) {
			return h.Where(), true
		}
	}
	virtual := slices.Contains(t.spec.Virtual, p.Addr) || slices.Contains(t.spec.Held, p.Addr)
	if !reaches || virtual || p.Name != p.Addr.String() || !p.Addr.IsGlobalUnicast() || p.Addr.Is4() && p.Addr.As4()[0] >= 240 {
		return "", false
	}
	t.spec.Hosts = append(t.spec.Hosts, lab.Host{Name: fmt.Sprintf("outside-%d", len(t.spec.Hosts)), Addrs: []netip.Addr{p.Addr}})
	return t.spec.Hosts[len(t.spec.Hosts)-1].Where(), true
}

// play sends what was chosen of the expectations that count.
func (t *labTest) play(cmd *cobra.Command, placed []*ir.Pipeline, counts func(result int) bool) (err error) {
	for i, list := range t.chosen {
		if counts(i) {
			t.sent = append(t.sent, list...)
		}
	}
	if len(t.sent) == 0 {
		return nil
	}
	t.open()
	ctx := cmd.Context()
	progress(cmd, "building the lab")
	l, err := lab.Up(ctx, t.spec, lab.Options{Ports: t.ports})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, takeDown(ctx, l)) }()
	progress(cmd, "loading the rules")
	if _, err := enforce.Load(ctx, l, placed...); err != nil {
		return err
	}
	progress(cmd, "sending packets")
	return t.send(ctx, l)
}

// open has everybody answer on the ports that packets are sent to.
func (t *labTest) open() {
	for _, p := range t.sent {
		if p.request.Port.Proto != lab.ICMP {
			t.ports = append(t.ports, p.request.Port)
		}
	}
	slices.SortFunc(t.ports, lab.Port.Compare)
	t.ports = slices.Compact(t.ports)
	for i := range t.spec.Nodes {
		t.spec.Nodes[i].Ports = t.ports
	}
	for i := range t.spec.Hosts {
		t.spec.Hosts[i].Ports = t.ports
	}
	t.sent = slices.DeleteFunc(t.sent, func(p *sentPacket) bool { // a responder has its source port
		return p.request.SourcePort != 0 && slices.Contains(t.ports, lab.Port{Proto: p.request.Port.Proto, Port: p.request.SourcePort})
	})
}

func (t *labTest) send(ctx context.Context, l *lab.Lab) error {
	requests := make([]lab.ProbeRequest, len(t.sent))
	for i, p := range t.sent {
		requests[i] = p.request
	}
	results, err := l.Probe(ctx, requests)
	if err != nil {
		return err
	}
	for i, p := range t.sent {
		if p.got = results[i].Verdict; p.got == lab.Failed {
			return fmt.Errorf("%s from %s to %s cannot be sent: %s", p.request.Port, p.From, p.To, results[i].Detail)
		}
	}
	return nil
}

// packetsDiffer is a packet of which became something else than the policies mean.
type packetsDiffer struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Traffic string `json:"traffic"`
	Got     string `json:"got"`
	Want    string `json:"want"`
}

// String gives "shop/web (10.0.0.1) -> shop/db (10.0.0.2) tcp/80: got drop, want allow".
func (d packetsDiffer) String() string {
	return fmt.Sprintf("%s -> %s %s: got %s, want %s", d.From, d.To, d.Traffic, d.Got, d.Want)
}

// played is what became of the packets that were sent.
type played struct {
	Target  string `json:"target"`
	Sent    int    `json:"sent"`
	NotSent int    `json:"notSent"` // packets that a lab cannot send, and those beyond what is sent for one expectation
	Differ  int    `json:"differ"`  // from what the policies mean
}

// tell adds what became of the packets of an expectation.
func (t *labTest) tell(out *tested, result int) {
	for _, p := range t.chosen[result] {
		if p.got == "" {
			continue
		}
		out.Sent++
		if want := p.Verdict.Action.String(); want != string(p.got) {
			out.Differ = append(out.Differ, packetsDiffer{p.From.String(), p.To.String(), expect.Traffic(p.Packet), string(p.got), want})
		}
	}
}
