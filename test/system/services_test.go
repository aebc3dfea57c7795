package system

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
	"github.com/headgate-net/headgate/targets/openflow"
)

// dial is a connection that somebody makes.
type dial struct {
	from string // place
	to   netip.Addr
	port lab.Port
}

func dialTo(from, to string, port lab.Port) dial { return dial{from, netip.MustParseAddr(to), port} }

// dialler finds what dials come to.
type dialler struct {
	target    lab.Target
	program   *ir.Program
	evaluator *ir.ProgramEvaluator
	spec      *lab.Spec
}

// addrs lists a place's addresses of one family.
func (d *dialler) addrs(place string, is4 bool) []netip.Addr {
	all, err := d.spec.Addrs(place)
	if err != nil {
		panic(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(a netip.Addr) bool { return a.Is4() != is4 })
}

// source is the address from which a dial is made.
func (d *dialler) source(c dial) netip.Addr {
	if c.to.IsLoopback() {
		return c.to
	}
	return d.addrs(c.from, c.to.Is4())[0]
}

// home is the node that a place is on or is, "" for hosts.
func (d *dialler) home(place string) string {
	for i := range d.spec.Pods {
		if d.spec.Pods[i].Where() == place {
			return d.spec.Pods[i].Node
		}
	}
	if name, ok := strings.CutPrefix(place, "node/"); ok {
		return name
	}
	return ""
}

// via is the node that balances a dial: the one that is dialled by its own address, else the client's own, or the one to which a host sends.
func (d *dialler) via(c dial) *ir.Node {
	name := d.home(c.from)
	for i := range d.spec.Hosts {
		if h := &d.spec.Hosts[i]; h.Where() == c.from {
			name = h.Via
		}
	}
	for _, n := range d.program.Nodes {
		if slices.Contains(n.Addrs, c.to) {
			name = n.Name
		}
	}
	return d.program.Nodes[slices.IndexFunc(d.program.Nodes, func(n *ir.Node) bool { return n.Name == name })]
}

func (d *dialler) side(c dial, via *ir.Node) ir.Side {
	isPod := strings.HasPrefix(c.from, "pod/")
	switch own := d.home(c.from) == via.Name; {
	case own && isPod:
		return ir.OwnPod
	case own:
		return ir.OwnNode
	case isPod:
		return ir.Inside
	}
	return ir.OutsideSide
}

// who names the place that has an address: a node by that which its pods use as their router, too.
func (d *dialler) who(a netip.Addr) string {
	a = a.Unmap()
	if a == openflow.HairpinAddr(ir.FamilyOf(a)) {
		return "nobody"
	}
	for i := range d.spec.Nodes {
		n := &d.spec.Nodes[i]
		isRouter := slices.ContainsFunc(n.PodCIDRs, func(p netip.Prefix) bool { return a == p.Addr().Next() })
		if isRouter || slices.Contains(n.Addrs, a) {
			return n.Where()
		}
	}
	for i := range d.spec.Hosts {
		if slices.Contains(d.spec.Hosts[i].Addrs, a) {
			return d.spec.Hosts[i].Where()
		}
	}
	for i := range d.spec.Pods {
		if slices.Contains(d.spec.Pods[i].Addrs, a) {
			return d.spec.Pods[i].Where()
		}
	}
	return a.String()
}

// expect lists the outcomes that a dial may have.
func (d *dialler) expect(c dial) []string {
	via, src := d.via(c), d.source(c)
	proto, err := ir.ParseProto(strings.ToLower(string(c.port.Proto)))
	if err != nil {
		panic(err)
	}
	pkt := ir.Packet{Src: src, Dst: c.to, Proto: proto, SrcPort: 50000, DstPort: c.port.Port}
	b := d.program.Dial(via, d.side(c, via), pkt)
	if home := d.home(c.from); home != "" && home != via.Name || b.Outcome == ir.NotService {
		// It is no Service's before it has left the client's own node.
		if action := d.evaluator.Decide(ir.Egress, pkt).Action; action != ir.Allow {
			return []string{action.String()}
		}
	}
	var out []string
	switch b.Outcome {
	case ir.Balance:
		for _, target := range b.Targets {
			out = append(out, d.reach(c, pkt, target, slices.Contains(b.Masked, target)))
		}
	case ir.Refuse:
		out = append(out, "reject")
	case ir.Discard:
		out = append(out, "drop")
	case ir.NotService:
		out = append(out, d.untranslated(c))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// untranslated is what comes of a dial that no Service has: nodes listen on none of these ports, and cluster addresses are nobody's.
func (d *dialler) untranslated(c dial) string {
	switch who := d.who(c.to); {
	case c.to.IsLoopback() || strings.HasPrefix(who, "node/"):
		return "reject"
	case who != c.to.String():
		return "allow by " + who + ", which sees " + c.from
	}
	return "drop"
}

// reach is what comes of a dial that one backend gets.
func (d *dialler) reach(c dial, pkt ir.Packet, target netip.AddrPort, masquerade bool) string {
	via, backend := d.via(c), d.who(target.Addr())
	pkt.Dst, pkt.DstPort, pkt.Dialled = target.Addr(), target.Port(), netip.AddrPortFrom(pkt.Dst, pkt.DstPort)
	action := ir.Allow
	if home := d.home(c.from); home == "" || home == via.Name {
		action = d.evaluator.Decide(ir.Egress, pkt).Action
	}
	if entry, entered := d.evaluator.Enter(pkt); entered && action == ir.Allow {
		action = entry.Action
	}
	seen := c.from
	switch {
	case masquerade:
		seen = "node/" + via.Name
	case pkt.Src == target.Addr() && backend != "node/"+via.Name:
		seen = "node/" + via.Name
		if d.target == lab.OpenFlow {
			seen = "nobody"
		}
	}
	if masquerade {
		pkt.Src = d.addrs("node/"+via.Name, c.to.Is4())[0]
	}
	if action == ir.Allow {
		action = d.evaluator.Decide(ir.Ingress, pkt).Action
	}
	if action != ir.Allow {
		return action.String()
	}
	return "allow by " + backend + ", which sees " + seen
}

// got is what a probe came to, in the words of expect.
func (d *dialler) got(r lab.ProbeResult) string {
	if r.Verdict != lab.Allow {
		return string(r.Verdict)
	}
	return "allow by " + r.Responder + ", which sees " + d.who(r.Seen.Addr())
}

// all lists what a cluster of Services lets be dialled, by clients everywhere: each pod and node dials every address, the node ports of
// its own node and of the next one; hosts dial what is for them.
func (d *dialler) all(clients ...string) []dial {
	var out []dial
	for _, s := range d.program.Services {
		for _, p := range s.Ports {
			proto := lab.Proto(strings.ToUpper(p.Proto.String()))
			for _, from := range clients {
				for _, a := range slices.Concat(s.ClusterIPs, s.ExternalIPs, s.LoadBalancers) {
					inside := slices.Contains(s.ClusterIPs, a)
					if d.home(from) != "" || !inside || slices.Contains(d.spec.External, a) {
						out = append(out, dial{from, a, lab.Port{Proto: proto, Port: p.Port}})
					}
				}
				if p.NodePort != 0 {
					out = append(out, d.nodePort(from, lab.Port{Proto: proto, Port: p.NodePort})...)
				}
			}
		}
	}
	return out
}

func (d *dialler) nodePort(from string, port lab.Port) []dial {
	nodes := d.program.Nodes
	own := max(0, slices.IndexFunc(nodes, func(n *ir.Node) bool { return n.Name == d.home(from) }))
	var out []dial
	for _, n := range []*ir.Node{nodes[own], nodes[(own+1)%len(nodes)]} {
		for _, a := range n.Addrs {
			out = append(out, dial{from, a, port})
		}
	}
	return out
}

// isUnserved reports whether a dial comes to nothing although a Service has it: the bridge leaves SCTP to the node, where nothing leads
// replies back.
func (d *dialler) isUnserved(c dial) bool {
	return d.target == lab.OpenFlow && c.port.Proto == lab.SCTP && d.side(c, d.via(c)) == ir.OwnPod
}

// hasOnePick reports whether all that comes of a dial is one of its outcomes, always the same: the bridge spreads clients that dial by
// UDP over backends, and not what one client sends.
func (d *dialler) hasOnePick(c dial) bool {
	return d.target == lab.OpenFlow && c.port.Proto == lab.UDP && d.side(c, d.via(c)) == ir.OwnPod
}

// verify makes each dial until all that may come of it has, and wants nothing else to.
func (d *dialler) verify(t *testing.T, l *lab.Lab, dials []dial) {
	t.Helper()
	const tries, rounds = 6, 16 // of three backends, one stays out by chance once in 10^16 times
	open := slices.Clone(dials)
	slices.SortStableFunc(open, func(a, b dial) int { // those that are waited for come together
		return cmp.Compare(strings.Join(d.expect(a), ""), strings.Join(d.expect(b), ""))
	})
	seen := map[dial][]string{}
	for range rounds {
		results := probeEach(t, l, open, tries)
		var missing []dial
		for i, c := range open {
			want := d.expect(c)
			wrong := false
			for _, r := range results[i*tries : (i+1)*tries] {
				if outcome := d.got(r); !slices.Contains(seen[c], outcome) {
					if outcome == string(lab.Drop) && !slices.Contains(want, outcome) && !d.isSilent(t, l, c) {
						continue
					}
					seen[c] = append(seen[c], outcome)
					if !slices.Contains(want, outcome) {
						t.Errorf("%s to %s %s: %s (%s), want one of: %s", c.from, c.to, c.port, outcome, r.Detail, strings.Join(want, "; "))
						wrong = true
					}
				}
			}
			if !wrong && len(seen[c]) < len(want) && !d.hasOnePick(c) {
				missing = append(missing, c)
			}
		}
		if open = missing; len(open) == 0 {
			return
		}
	}
	for _, c := range open {
		t.Errorf("%s to %s %s: only %s, want each of: %s", c.from, c.to, c.port, strings.Join(seen[c], "; "), strings.Join(d.expect(c), "; "))
	}
}

// isSilent tells silence from a machine that is too busy: whether any of a few dials alone goes unanswered. A backend that never answers
// is missed in any case.
func (d *dialler) isSilent(t *testing.T, l *lab.Lab, c dial) bool {
	return slices.ContainsFunc(probeEach(t, l, []dial{c}, 8), func(r lab.ProbeResult) bool { return r.Verdict == lab.Drop })
}

// probeEach makes each dial some times, one after the other in the results, and not too many at once for a switch in user space.
func probeEach(t *testing.T, l *lab.Lab, dials []dial, times int) []lab.ProbeResult {
	t.Helper()
	atOnce := 5000
	if l.Spec().Target == lab.OpenFlow {
		atOnce = 900
	}
	var requests []lab.ProbeRequest
	for _, c := range dials {
		for range times {
			requests = append(requests, lab.ProbeRequest{From: c.from, To: c.to, Port: c.port})
		}
	}
	var all []lab.ProbeResult
	for part := range slices.Chunk(requests, atOnce) {
		results, err := l.Probe(t.Context(), part)
		require.NoError(t, err)
		all = append(all, results...)
	}
	return all
}

// servicesLab is a cluster with its Services in force and two hosts outside, who enter it by the first and by the last node, and a third
// one that has what a load balancer keeps to itself.
func servicesLab(t *testing.T, r *compiler.Result, target lab.Target) (*lab.Lab, *dialler) {
	t.Helper()
	spec := lab.FromProgram(r.Program, target)
	first, last := spec.Nodes[0].Name, spec.Nodes[len(spec.Nodes)-1].Name
	addrs := func(texts ...string) (out []netip.Addr) {
		for _, text := range texts {
			out = append(out, netip.MustParseAddr(text))
		}
		return out
	}
	spec.Hosts = []lab.Host{
		{Name: "one", Via: first, Addrs: addrs("198.51.100.7", "2001:db8::7")},
		{Name: "two", Via: last, Addrs: addrs("198.51.100.8", "2001:db8::8")},
		{Name: "balancer", Via: first, Addrs: addrs("203.0.113.203", "2001:db8:113::203"), Ports: []lab.Port{{Proto: lab.TCP, Port: 80}, {Proto: lab.TCP, Port: 6443}}},
	}
	for i := range spec.Nodes {
		spec.Nodes[i].Ports = []lab.Port{{Proto: lab.TCP, Port: 6443}}
	}
	spec.Virtual = append(spec.Virtual, addrs("10.96.0.17")...) // that of a Service that is somebody else's
	spec.External = append(spec.External, addrs("10.96.0.1", "fd00:96::1")...)
	l, err := lab.Up(t.Context(), spec, lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	loaded, err := enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	again, err := enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	for i := range again {
		requireUnchanged(t, &loaded[i], &again[i])
	}
	return l, &dialler{target, r.Program, r.Program.Evaluator(), l.Spec()}
}

// TestServices dials everything from everywhere, and demands all that the definition of Services lets happen, and nothing else: which
// backends answer, which address they see, who is refused or dropped.
//
// spec: 10.1 10.2 10.3
func TestServices(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	clients := []string{"pod/shop/c1", "pod/shop/c2", "pod/shop/c3", "pod/shop/b1", "node/n1", "node/n2", "node/n3", "host/one", "host/two"}
	r := compileDir(t, "testdata/services.yaml")
	for _, s := range r.Program.Services {
		require.NotContains(t, []string{"shop/headless", "shop/alias", "shop/others"}, s.String())
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l, d := servicesLab(t, r, target)
			dials := d.all(clients...)
			for _, from := range clients {
				dials = append(dials, d.nodePort(from, lab.Port{Proto: lab.TCP, Port: 30098})...) // somebody else's
				dials = append(dials, dialTo(from, "203.0.113.203", lab.Port{Proto: lab.TCP, Port: 80}))
				if d.home(from) != "" {
					dials = append(dials, dialTo(from, "10.96.0.17", lab.Port{Proto: lab.TCP, Port: 80}), dialTo(from, "10.96.0.1", lab.Port{Proto: lab.TCP, Port: 82}))
				}
			}
			dials = append(dials, dialTo("node/n1", "127.0.0.1", lab.Port{Proto: lab.TCP, Port: 30080}), dialTo("node/n1", "::1", lab.Port{Proto: lab.TCP, Port: 30080}))
			outcomes := map[string]int{}
			for _, c := range dials {
				for _, o := range d.expect(c) {
					kind, _, _ := strings.Cut(o, " ")
					outcomes[kind]++
				}
			}
			t.Logf("%d dials: %v", len(dials), outcomes)
			served := slices.DeleteFunc(slices.Clone(dials), d.isUnserved)
			d.verify(t, l, served)
			unserved := slices.DeleteFunc(dials, func(c dial) bool { return !d.isUnserved(c) })
			for i, r := range probeEach(t, l, unserved, 1) {
				want := d.expect(unserved[i])
				require.NotContains(t, want, d.got(r), "%+v: a limitation has gone", unserved[i])
			}
		})
	}
}

// TestServicesAndPolicies is TestServices with policies that see what comes out of translation.
//
// spec: 8.10 8.12
func TestServicesAndPolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	r := compileDir(t, "testdata/services-policies.yaml")
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l, d := servicesLab(t, r, target)
			guards := []string{"friend", "far", "stranger", "by-target", "by-port", "by-block", "by-service"}
			clients := []string{"pod/shop/client", "pod/shop/a", "node/n1", "host/one", "host/two"}
			for _, name := range guards {
				clients = append(clients, "pod/guard/"+name)
			}
			d.verify(t, l, d.all(clients...))
			d.verifyGuards(t, l)
		})
	}
}

// verifyGuards says in plain words what policies for the backends and for the clients of a Service come to.
func (d *dialler) verifyGuards(t *testing.T, l *lab.Lab) {
	http := func(port uint16) lab.Port { return lab.Port{Proto: lab.TCP, Port: port} }
	var dials []dial
	var wants []lab.Verdict
	for _, c := range []struct {
		name                    string
		viaDB, viaAdmin, direct lab.Verdict
	}{
		{"friend", lab.Allow, lab.Allow, lab.Allow},
		{"far", lab.Allow, lab.Allow, lab.Allow},
		{"stranger", lab.Drop, lab.Drop, lab.Drop},
		{"by-target", lab.Allow, lab.Drop, lab.Allow}, // the backends' port counts
		{"by-port", lab.Drop, lab.Drop, lab.Drop},     // the Service's does not
		{"by-block", lab.Drop, lab.Drop, lab.Drop},    // nor does its address
		{"by-service", lab.Allow, lab.Drop, lab.Drop}, // but for those who ask for it
	} {
		from := "pod/guard/" + c.name
		dials = append(dials, dialTo(from, "10.96.5.1", http(80)), dialTo(from, "fd00:96:5::1", http(80)), dialTo(from, "10.96.5.2", http(80)),
			dialTo(from, "fd00:96:5::2", http(80)), dialTo(from, "10.244.2.40", http(8080)), dialTo(from, "fd00:10:244:1::40", http(8080)))
		wants = append(wants, c.viaDB, c.viaDB, c.viaAdmin, c.viaAdmin, c.direct, c.direct)
	}
	// Who may not come may not by way of a node either, whichever it is.
	for _, from := range []string{"host/one", "host/two", "pod/guard/stranger"} {
		for _, at := range []string{"192.168.10.12", "fd00:192::12"} {
			dials, wants = append(dials, dialTo(from, at, http(30500))), append(wants, lab.Drop)
		}
	}
	for _, from := range []string{"host/one", "host/two"} {
		for _, at := range []string{"192.168.10.11", "192.168.10.12", "fd00:192::11", "fd00:192::12"} {
			dials, wants = append(dials, dialTo(from, at, http(30501))), append(wants, lab.Drop)
		}
	}
	// Whom the only backend, on the node that is dialled, lets in counts by his own address; who comes through another node, by that one's.
	for _, c := range []struct {
		from       string
		here, away lab.Verdict
	}{
		{"host/one", lab.Allow, lab.Drop},
		{"host/two", lab.Drop, lab.Drop},
		{"node/n1", lab.Drop, lab.Drop},
		{"pod/guard/friend", lab.Allow, lab.Allow}, // n1 is its own
		{"pod/guard/stranger", lab.Drop, lab.Drop},
		{"pod/shop/client", lab.Reject, lab.Reject},
	} {
		for _, at := range []string{"192.168.10.12", "fd00:192::12"} {
			dials, wants = append(dials, dialTo(c.from, at, http(30502))), append(wants, c.here)
		}
		for _, at := range []string{"192.168.10.11", "fd00:192::11"} {
			dials, wants = append(dials, dialTo(c.from, at, http(30502))), append(wants, c.away)
		}
	}
	const tries = 4
	for i, r := range probeEach(t, l, dials, tries) {
		if c := dials[i/tries]; r.Verdict != wants[i/tries] {
			t.Errorf("%s to %s %s: %s, want %s", c.from, c.to, c.port, d.got(r), wants[i/tries])
		}
	}
}
