package testcase

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/allot"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/mark"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// depart is one line of a departs table:
//
//	SOURCE -> DESTINATION plain | stranded | through ADDRESS NODE
//
// Places are those of internal/place; the line is about every family that both have. It is about new connections, after Services were
// translated.
type depart struct {
	line    string
	packets []ir.Packet
	want    ir.Departure // without the Egress
}

// departJudge tells how what a source sends leaves the cluster, as the node with an index into Result.Placed sees it.
type departJudge struct {
	name   string
	depart func(c *compiled, node int, src, dst netip.Addr) ir.Departure
}

// departJudges are all that know on a single node how packets depart.
func departJudges() []departJudge {
	return []departJudge{
		{"the node", func(c *compiled, node int, src, dst netip.Addr) ir.Departure {
			return c.result.Placed[node].Depart(src, dst)
		}},
		{"nftables of", departByRuleset},
		{"Open vSwitch of", departByFlows},
	}
}

// departByFlows asks a node's flows, but for those of policies, about the first packet of a connection: one of its own pods, or one that came
// through the tunnel. Where it goes is told by the port and the tunnel's other end, and by which address by the mark that its connection gets.
// Nodes that have nothing to do with the source see no such packet.
func departByFlows(c *compiled, node int, src, dst netip.Addr) ir.Departure {
	placed := *c.result.Placed[node]
	placed.Stages = [2]ir.Stage{}
	at := slices.IndexFunc(placed.SNATs, func(s ir.SNAT) bool { return slices.Contains(s.Sources, src) })
	if at < 0 || placed.Depart(src, dst).Way == ir.Plain && !isHome(&placed, src) {
		return ir.Departure{}
	}
	for d := range placed.Stages {
		for ph := range placed.Stages[d].Classifiers {
			placed.Stages[d].Classifiers[ph].Assign = slices.Repeat([]ir.ListID{ir.NoList}, len(placed.Endpoints))
		}
	}
	var report diag.Report
	binding := openflow.SomeBinding(&placed)
	model := openflow.NewModel(&placed, openflow.Lower(&placed, &report), binding)
	out := model.Eval(ir.Packet{Src: src, Dst: dst, Proto: ir.ProtoTCP, SrcPort: 40000, DstPort: 80})
	left := out.Port == binding.Ports[openflow.GatewayRef] || out.Port == binding.Ports[openflow.TunnelRef]
	ids, _ := mark.Of(&placed)
	for i := range placed.SNATs {
		s := &placed.SNATs[i]
		if out.Departs == 0 || ids[s.Addr].Connection != out.Departs {
			continue
		}
		there := placed.Node
		if out.Port == binding.Ports[openflow.TunnelRef] {
			there = nodeAt(&placed, out.Tunnel)
		}
		if !left || there != s.Node {
			return ir.Departure{Way: ir.Plain, Egress: "to " + there}
		}
		return ir.Departure{Way: ir.Through, Egress: placed.SNATs[at].Egress, Addr: s.Addr, Node: s.Node}
	}
	if out.Action() != ir.Allow {
		return ir.Departure{Way: ir.Stranded, Egress: placed.SNATs[at].Egress}
	}
	return ir.Departure{}
}

func nodeAt(p *ir.Pipeline, a netip.Addr) string {
	for _, n := range p.Nodes {
		if slices.Contains(n.Addrs, a) {
			return n.Name
		}
	}
	return ""
}

// departByRuleset asks a node's ruleset about the first packet of a connection: one of its own pods, or one that came through the
// tunnel. Where it goes is told by the mark that it gets, and how it leaves by its source. Nodes that have nothing to do with the source
// see no such packet.
func departByRuleset(c *compiled, node int, src, dst netip.Addr) ir.Departure {
	placed := c.result.Placed[node]
	at := slices.IndexFunc(placed.SNATs, func(s ir.SNAT) bool { return slices.Contains(s.Sources, src) })
	if at < 0 || placed.Depart(src, dst).Way == ir.Plain && !isHome(placed, src) {
		return ir.Departure{}
	}
	ask := nft.Departing{Src: src, Dst: dst, From: !isHome(placed, src), Into: true}
	rules := nft.NewEvaluator(c.panel.NFTables[node], ownAddrsOf(placed))
	seen := rules.Depart(ask)
	ids, _ := mark.Of(placed)
	for i := range placed.SNATs {
		s := &placed.SNATs[i]
		if route := seen.Mark & mark.RouteMask; seen.Dropped || route == 0 || ids[s.Addr].Route != route {
			continue
		}
		if s.Node == placed.Node {
			ask.Into = false
			if out := rules.Depart(ask); out.Src != s.Addr || out.Dropped {
				return ir.Departure{Way: ir.Plain, Egress: "as " + out.Src.String()}
			}
		}
		return ir.Departure{Way: ir.Through, Egress: placed.SNATs[at].Egress, Addr: s.Addr, Node: s.Node} // rules know no names
	}
	if seen.Dropped {
		return ir.Departure{Way: ir.Stranded, Egress: placed.SNATs[at].Egress}
	}
	return ir.Departure{}
}

func isHome(p *ir.Pipeline, src netip.Addr) bool {
	return slices.ContainsFunc(p.Endpoints, func(e *ir.Endpoint) bool { return slices.Contains(e.Addrs, src) })
}

func ownAddrsOf(p *ir.Pipeline) []netip.Addr {
	for _, n := range p.Nodes {
		if n.Name == p.Node {
			return n.Addrs
		}
	}
	return nil
}

func parseDepart(p *ir.Program, line string) (depart, error) {
	d := depart{line: line}
	words := strings.Fields(line)
	if len(words) < 4 || words[1] != "->" {
		return d, fmt.Errorf("want SOURCE -> DESTINATION OUTCOME")
	}
	var err error
	if d.packets, err = packets(p, words[0], words[2], "tcp/80"); err != nil {
		return d, err
	}
	switch how := words[3:]; {
	case len(how) == 1 && how[0] == "plain":
	case len(how) == 1 && how[0] == "stranded":
		d.want.Way = ir.Stranded
	case len(how) == 3 && how[0] == "through":
		d.want.Way, d.want.Node = ir.Through, how[2]
		d.want.Addr, err = netip.ParseAddr(how[1])
	default:
		err = fmt.Errorf("want plain, stranded or through ADDRESS NODE")
	}
	if err == nil && len(d.packets) == 0 {
		err = fmt.Errorf("the places have no family in common")
	}
	return d, err
}

// checkDeparts holds the Program against the tables "departs" and "addresses", if they are there, and everything else against the first.
// It returns how many lines there are.
func checkDeparts(t *testing.T, a *golden.Archive, c *compiled) int {
	table, isThere := a.Section("departs")
	if !isThere {
		return 0
	}
	if text, ok := a.Section("addresses"); ok {
		require.Equal(t, tableLines(text), addresses(c.result), "who holds which address")
	}
	return checkDepartsTable(t, table, c)
}

func checkDepartsTable(t *testing.T, table string, c *compiled) int {
	list := tableLines(table)
	for _, line := range list {
		d, err := parseDepart(c.result.Program, line)
		require.NoError(t, err, line)
		for _, p := range d.packets {
			d.check(t, c, p.Src, p.Dst)
		}
	}
	return len(list)
}

// tableLines returns the lines of a table with single spaces, without comments.
func tableLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			out = append(out, strings.Join(words, " "))
		}
	}
	return out
}

// check asks the Program, and each node: the pod's own and the holder say what the Program says, others that nothing is special.
func (d *depart) check(t *testing.T, c *compiled, src, dst netip.Addr) {
	program := c.result.Program
	got := program.Depart(src, dst)
	want := d.want
	want.Egress = got.Egress
	if got != want || (got.Egress == "") != (got.Way == ir.Plain) {
		t.Errorf("%s\nfrom %s to %s: the program says %+v", d.line, src, dst, got)
	}
	home := ""
	for _, e := range program.Pods() {
		if slices.Contains(e.Addrs, src) {
			home = e.Node
		}
	}
	for i, placed := range c.result.Placed {
		want := got
		if placed.Node != home && placed.Node != got.Node {
			want = ir.Departure{}
		}
		for _, j := range departJudges() {
			if said := j.depart(c, i, src, dst); said != want {
				t.Errorf("%s\nfrom %s to %s: %s %s says %+v, not %+v", d.line, src, dst, j.name, placed.Node, said, want)
			}
		}
	}
}

// addresses tells who holds which address, what nobody got, and how much of the pools is used:
//
//	ADDRESS NODE|nobody [static] [SUBNET] OWNER...
//	none OWNER...
//	pool NAME USED of TOTAL
func addresses(r *compiler.Result) []string {
	var out, without []string
	a := r.Allotted
	for _, h := range r.Program.Holdings {
		line := h.Addr.String() + " nobody"
		if h.Node != "" {
			line = h.Addr.String() + " " + h.Node
		}
		if h.Static {
			line += " static"
		}
		if !h.Subnet.IsZero() {
			line += " " + h.Subnet.String()
		}
		for c := range a.Claims {
			if slices.Contains(a.Given.Addrs[c], h.Addr) {
				line += " " + owner(&a.Claims[c])
			}
		}
		out = append(out, line)
	}
	for c := range a.Claims {
		if !slices.ContainsFunc(a.Given.Addrs[c], netip.Addr.IsValid) {
			without = append(without, "none "+owner(&a.Claims[c]))
		}
	}
	slices.Sort(without) // claims of equal rank have no order of their own
	out = append(out, without...)
	for i, p := range a.Pools {
		out = append(out, fmt.Sprintf("pool %s %d of %d", p.Name, a.Given.Usage[i].Used, a.Given.Usage[i].Total))
	}
	return out
}

func owner(c *allot.Claim) string { return strings.ToLower(c.Kind.String()) + "/" + c.Name }
