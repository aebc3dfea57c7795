package testcase

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// dial is one line of a dials table:
//
//	SOURCE -> DESTINATION TRAFFIC [ipv4|ipv6] [via NODE] OUTCOME [BACKEND...] [masquerade] [affinity=TIME]
//
// Places and traffic are those of internal/place; without a family the line is about every family that both places have. NODE is the
// node that is dialled on or through: if it is not named, the source's own, or the one that is the destination. OUTCOME is none, balance,
// refuse or discard. With masquerade the backends that are not on the node see it in place of the source. BACKEND is POD:PORT or ADDRESS:PORT, and all of them are named; policies allow what was balanced to it, unless
// "=drop" or "=reject" is behind it.
type dial struct {
	line       string
	packets    []ir.Packet
	node       *ir.Node
	outcome    string
	backends   []string
	masquerade bool
	affinity   time.Duration
}

// parseDials reads a dials table; "#" starts a comment line.
func parseDials(p *ir.Program, text string) ([]dial, error) {
	var out []dial
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		d, err := parseDial(p, line)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		out = append(out, d)
	}
	return out, nil
}

func parseDial(p *ir.Program, line string) (dial, error) {
	d := dial{line: line}
	words := strings.Fields(line)
	if len(words) < 5 || words[1] != "->" {
		return d, fmt.Errorf("want SOURCE -> DESTINATION TRAFFIC [via NODE] OUTCOME")
	}
	var err error
	if d.packets, err = packets(p, words[0], words[2], words[3]); err != nil {
		return d, err
	}
	home := homeOf(p, words[0], words[2])
	rest := words[4:]
	if rest[0] == "ipv4" || rest[0] == "ipv6" {
		d.packets = slices.DeleteFunc(d.packets, func(q ir.Packet) bool { return ir.FamilyOf(q.Dst).String() != rest[0] })
		rest = rest[1:]
	}
	if len(rest) > 2 && rest[0] == "via" {
		home, rest = rest[1], rest[2:]
	}
	for _, n := range p.Nodes {
		if n.Name == home {
			d.node = n
		}
	}
	if d.node == nil || len(d.packets) == 0 {
		return d, fmt.Errorf("node %q, %d packets", home, len(d.packets))
	}
	return d, d.result(rest)
}

// homeOf names the node of a source, or the node that is the destination; "" if there is neither.
func homeOf(p *ir.Program, from, to string) string {
	for _, text := range []string{from, to} {
		at, err := place.Find(p, text, "")
		switch {
		case err != nil:
		case at.Node != nil:
			return at.Node.Name
		case at.Endpoint != nil && text == from:
			return at.Endpoint.Node
		}
	}
	return ""
}

// result reads what dialling comes to.
func (d *dial) result(words []string) error {
	d.outcome = words[0]
	for _, word := range words[1:] {
		text, isTime := strings.CutPrefix(word, "affinity=")
		switch {
		case isTime:
			var err error
			if d.affinity, err = time.ParseDuration(text); err != nil {
				return err
			}
		case word == "masquerade":
			d.masquerade = true
		default:
			d.backends = append(d.backends, word)
		}
	}
	if !slices.Contains([]string{"none", "balance", "refuse", "discard"}, d.outcome) || (d.outcome == "balance") != (len(d.backends) > 0) {
		return fmt.Errorf("%q with %d backends", d.outcome, len(d.backends))
	}
	return nil
}

// want gives what a packet comes to, and the verdict of policies for each backend.
func (d *dial) want(p *ir.Program, f ir.Family) (ir.Balanced, map[netip.AddrPort]string, error) {
	outcomes := map[string]ir.Outcome{"none": ir.NotService, "balance": ir.Balance, "refuse": ir.Refuse, "discard": ir.Discard}
	out := ir.Balanced{Outcome: outcomes[d.outcome], Affinity: d.affinity}
	verdicts := map[netip.AddrPort]string{}
	for _, text := range d.backends {
		name, verdict, ok := strings.Cut(text, "=")
		if !ok {
			verdict = ir.Allow.String()
		}
		target, err := backend(p, name, f)
		if err != nil {
			return out, nil, err
		}
		out.Targets = append(out.Targets, target)
		verdicts[target] = verdict
		at, err := place.Find(p, target.Addr().String(), "")
		if err != nil {
			return out, nil, err
		}
		if d.masquerade && (at.Endpoint == nil || at.Endpoint.Node != d.node.Name) {
			out.Masked = append(out.Masked, target)
		}
	}
	if d.masquerade && len(out.Masked) == 0 {
		return out, nil, fmt.Errorf("no backend of %q is elsewhere", d.line)
	}
	slices.SortFunc(out.Targets, netip.AddrPort.Compare)
	slices.SortFunc(out.Masked, netip.AddrPort.Compare)
	return out, verdicts, nil
}

// backend reads POD:PORT or ADDRESS:PORT.
func backend(p *ir.Program, text string, f ir.Family) (netip.AddrPort, error) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at, nil
	}
	name, port, _ := strings.Cut(text, ":")
	at, err := place.Find(p, name, "")
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, a := range at.Addrs {
		if ir.FamilyOf(a) == f {
			number, err := strconv.ParseUint(port, 10, 16)
			return netip.AddrPortFrom(a, uint16(number)), err
		}
	}
	return netip.AddrPort{}, fmt.Errorf("%s has no address of %s", name, f)
}

// dialJudges are all that know what dialling comes to on one node.
type dialJudges struct {
	pipeline *ir.PipelineEvaluator
	nftables map[string]*nft.Evaluator
	openflow *openflow.Model
}

func dialJudgesOf(c *compiled, node *ir.Node) *dialJudges {
	i := slices.IndexFunc(c.result.Placed, func(p *ir.Pipeline) bool { return p.Node == node.Name })
	placed := c.result.Placed[i]
	return &dialJudges{placed.Evaluator(),
		map[string]*nft.Evaluator{
			"nftables":              nft.NewEvaluator(c.panel.NFTables[i], node.Addrs),
			"nftables beside flows": nft.NewEvaluator(nft.LowerOwn(placed, &diag.Report{}), node.Addrs),
		},
		openflow.NewModel(placed, c.panel.OpenFlow[i], openflow.SomeBinding(placed))}
}

// checkDials holds the Program against the table "dials", if there is one, and everything else against that, too.
func checkDials(t *testing.T, a *golden.Archive, c *compiled) (lines int) {
	table, _ := a.Section("dials")
	dials, err := parseDials(c.result.Program, table)
	require.NoError(t, err)
	for i := range dials {
		d := &dials[i]
		judges := dialJudgesOf(c, d.node)
		for _, packet := range d.packets {
			want, verdicts, err := d.want(c.result.Program, ir.FamilyOf(packet.Dst))
			require.NoError(t, err, d.line)
			d.check(t, c, judges, packet, want)
			d.checkVerdicts(t, c, packet, want.Masked, verdicts)
		}
	}
	return len(dials)
}

func (d *dial) check(t *testing.T, c *compiled, judges *dialJudges, packet ir.Packet, want ir.Balanced) {
	side := judges.pipeline.SideOf(packet.Src)
	got := map[string]ir.Balanced{"the program": c.result.Program.Dial(d.node, side, packet), "the node": judges.pipeline.Dial(side, packet)}
	for name, e := range judges.nftables {
		got[name] = e.Dial(side, packet)
	}
	for name, b := range got {
		b.Service = nil
		if !sameBalanced(b, want) {
			t.Errorf("%s\n%s, dialled from %s: %+v, not %+v", d.line, name, side, b, want)
		}
	}
	if side != ir.OwnPod {
		return
	}
	// What keeps the source of the node's own pods is no business of flows, and SCTP is refused.
	want.Affinity = (want.Affinity + time.Second - 1).Truncate(time.Second)
	if packet.Proto == ir.ProtoSCTP && want.Outcome != ir.NotService {
		want = ir.Balanced{Outcome: ir.Refuse}
	}
	if b := judges.openflow.Dial(packet); !sameBalanced(b, want) {
		t.Errorf("%s\nopenflow: %+v, not %+v", d.line, b, want)
	}
}

func sameBalanced(a, b ir.Balanced) bool {
	return a.Outcome == b.Outcome && slices.Equal(a.Targets, b.Targets) && slices.Equal(a.Masked, b.Masked) && a.Affinity == b.Affinity
}

// checkVerdicts asks the panel what becomes of the translated packet. Masked backends see the node.
func (d *dial) checkVerdicts(t *testing.T, c *compiled, packet ir.Packet, masked []netip.AddrPort, verdicts map[netip.AddrPort]string) {
	for target, want := range verdicts {
		p := packet
		p.Dialled = netip.AddrPortFrom(packet.Dst, packet.DstPort)
		p.Dst, p.DstPort = target.Addr(), target.Port()
		if slices.Contains(masked, target) {
			p.Src = d.node.Addrs[slices.IndexFunc(d.node.Addrs, func(a netip.Addr) bool { return ir.FamilyOf(a) == ir.FamilyOf(p.Dst) })]
		}
		v, err := c.panel.Ask(p)
		if err != nil {
			t.Errorf("%s: %v", d.line, err)
		}
		if v.Action.String() != want {
			t.Errorf("%s\n%s: policies say %s", d.line, target, v)
		}
	}
}
