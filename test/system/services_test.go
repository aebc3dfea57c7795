package system

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// dial is a connection that somebody makes, and the node that balances it.
type dial struct {
	from string // place
	to   string // address
	port lab.Port
	via  string
}

// dials go from pods, a node and two hosts to everything that testdata/services.yaml has.
func dials() []dial {
	http, dns := lab.Port{Proto: lab.TCP, Port: 80}, lab.Port{Proto: lab.UDP, Port: 53}
	node := func(port uint16) lab.Port { return lab.Port{Proto: lab.TCP, Port: port} }
	var out []dial
	for _, from := range []string{"pod/shop/client", "pod/shop/a", "node/n1"} {
		for _, to := range []string{"10.96.0.1", "fd00:96::1", "10.96.0.2", "10.96.0.3", "10.96.0.4", "203.0.113.80", "203.0.113.81"} {
			out = append(out, dial{from, to, http, "n1"})
		}
		out = append(out, dial{from, "10.96.0.1", dns, "n1"}, dial{from, "fd00:96::1", dns, "n1"})
		for _, port := range []uint16{30080, 30081, 30082, 30083} {
			out = append(out, dial{from, "192.168.10.11", node(port), "n1"}, dial{from, "192.168.10.12", node(port), "n2"})
		}
	}
	for _, from := range []string{"host/one", "host/two"} {
		out = append(out, dial{from, "203.0.113.80", http, "n1"}, dial{from, "203.0.113.81", http, "n1"})
		for _, port := range []uint16{30080, 30081, 30082, 30083} {
			out = append(out, dial{from, "192.168.10.11", node(port), "n1"}, dial{from, "fd00:192::12", node(port), "n2"})
		}
		out = append(out, dial{from, "192.168.10.12", lab.Port{Proto: lab.UDP, Port: 30053}, "n2"})
	}
	return out
}

// dialler finds what dials come to.
type dialler struct {
	program   *ir.Program
	evaluator *ir.ProgramEvaluator
	hosts     []lab.Host
}

// source is the address and the endpoint or node of a place.
func (d *dialler) source(t *testing.T, place string, is4 bool) (netip.Addr, string) {
	kind, name, _ := strings.Cut(place, "/")
	pick := func(addrs []netip.Addr) netip.Addr {
		i := slices.IndexFunc(addrs, func(a netip.Addr) bool { return a.Is4() == is4 })
		require.GreaterOrEqual(t, i, 0, place)
		return addrs[i]
	}
	for _, e := range d.program.Pods() {
		if kind == "pod" && e.String() == name {
			return pick(e.Addrs), e.Node
		}
	}
	for _, n := range d.program.Nodes {
		if kind == "node" && n.Name == name {
			return pick(n.Addrs), n.Name
		}
	}
	for _, h := range d.hosts {
		if kind == "host" && h.Name == name {
			return pick(h.Addrs), ""
		}
	}
	require.Fail(t, "no such place", place)
	return netip.Addr{}, ""
}

// expect lists the outcomes that a dial may have, each of which it must have sooner or later.
func (d *dialler) expect(t *testing.T, c dial) []string {
	to := netip.MustParseAddr(c.to)
	src, home := d.source(t, c.from, to.Is4())
	side := ir.OutsideSide
	switch {
	case home == c.via && strings.HasPrefix(c.from, "pod/"):
		side = ir.OwnPod
	case home == c.via:
		side = ir.OwnNode
	case strings.HasPrefix(c.from, "pod/"):
		side = ir.Inside
	}
	node := d.program.Nodes[slices.IndexFunc(d.program.Nodes, func(n *ir.Node) bool { return n.Name == c.via })]
	proto := map[lab.Proto]ir.Proto{lab.TCP: ir.ProtoTCP, lab.UDP: ir.ProtoUDP}[c.port.Proto]
	b := d.program.Dial(node, side, ir.Packet{Src: src, Dst: to, Proto: proto, SrcPort: 50000, DstPort: c.port.Port})
	switch b.Outcome {
	case ir.Refuse, ir.NotService: // then the node itself is dialled, which listens on none of these
		return []string{"reject"}
	case ir.Discard:
		return []string{"drop"}
	}
	require.Equal(t, ir.Balance, b.Outcome, "%+v", c)
	var out []string
	for _, target := range b.Targets {
		q := ir.Packet{Src: src, Dst: target.Addr(), Proto: proto, SrcPort: 50000, DstPort: target.Port(), Dialled: netip.AddrPortFrom(to, c.port.Port)}
		at := slices.IndexFunc(d.program.Pods(), func(e *ir.Endpoint) bool { return slices.Contains(e.Addrs, target.Addr()) })
		backend := d.program.Pods()[at]
		action := d.evaluator.Decide(ir.Egress, q).Action
		if entry, entered := d.evaluator.Enter(q); entered && action == ir.Allow {
			action = entry.Action
		}
		seen := "itself"
		if b.Masquerade || src == target.Addr() {
			seen = "another"
		}
		if b.Masquerade && backend.Node != c.via {
			q.Src = node.Addrs[slices.IndexFunc(node.Addrs, func(a netip.Addr) bool { return a.Is4() == to.Is4() })]
		}
		if action == ir.Allow {
			action = d.evaluator.Decide(ir.Ingress, q).Action
		}
		outcome := action.String()
		if action == ir.Allow {
			outcome = fmt.Sprintf("allow by pod/%s, which sees %s", backend, seen)
		}
		if !slices.Contains(out, outcome) {
			out = append(out, outcome)
		}
	}
	slices.Sort(out)
	return out
}

// got is what a probe came to, in the words of expect.
func got(r lab.ProbeResult, src netip.Addr) string {
	if r.Verdict != lab.Allow {
		return string(r.Verdict)
	}
	seen := "another"
	if r.Seen.Addr().Unmap() == src {
		seen = "itself"
	}
	return fmt.Sprintf("allow by %s, which sees %s", r.Responder, seen)
}

// TestServices dials everything from everywhere, and demands all that the definition of Services lets happen, and nothing else: which
// backends answer, which address they see, who is refused or dropped, and what policies make of it after translation.
//
// spec: 10.2 10.3 8.10 8.12
func TestServices(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const tries = 30 // of three backends, one stays out by chance once in 190,000 dials
	r := compileDir(t, "testdata/services.yaml")
	spec := lab.FromProgram(r.Program, lab.NFTables)
	spec.Hosts = []lab.Host{
		{Name: "one", Addrs: []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:db8::7")}},
		{Name: "two", Addrs: []netip.Addr{netip.MustParseAddr("198.51.100.8"), netip.MustParseAddr("2001:db8::8")}},
	}
	l, err := lab.Up(t.Context(), spec, lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	_, err = enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	d := &dialler{r.Program, r.Program.Evaluator(), spec.Hosts}
	var requests []lab.ProbeRequest
	var wants [][]string
	for _, c := range dials() {
		want, n := d.expect(t, c), tries
		if len(want) == 1 {
			n = 2
		}
		for range n {
			requests = append(requests, lab.ProbeRequest{From: c.from, To: netip.MustParseAddr(c.to), Port: c.port})
			wants = append(wants, want)
		}
	}
	results, err := l.Probe(t.Context(), requests)
	require.NoError(t, err)
	for i := 0; i < len(results); {
		src, _ := d.source(t, requests[i].From, requests[i].To.Is4())
		var outcomes []string
		j := i
		for ; j < len(results) && requests[j] == requests[i]; j++ {
			if o := got(results[j], src); !slices.Contains(outcomes, o) {
				outcomes = append(outcomes, o)
			}
		}
		slices.Sort(outcomes)
		require.Equal(t, wants[i], outcomes, "%s to %s %s", requests[i].From, requests[i].To, requests[i].Port)
		i = j
	}
}
