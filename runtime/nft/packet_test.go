package nft_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/nft"
)

// network is a node with two pods and a host beside it, each a namespace, joined by routed links.
type network struct {
	node, a, b, host *namespace
}

// addrs of the four, by family.
var addrs = map[string][2]string{"node": {"192.168.7.1", "fd00:7::1"}, "a": {"10.0.0.1", "fd00::1"},
	"b": {"10.0.0.2", "fd00::2"}, "host": {"10.9.0.1", "fd09::1"}, "remote": {"10.8.0.1", "fd08::1"}}

func newNetwork(t testing.TB) *network {
	n := &network{newNamespace(t), newNamespace(t), newNamespace(t), newNamespace(t)}
	sysctl := "for f in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$f; done\n" +
		"for c in all default; do echo 0 > /proc/sys/net/ipv4/conf/$c/rp_filter; done\n"
	n.node.shell(sysctl + "ip link set lo up; ip addr add " + addrs["node"][0] + "/32 dev lo; ip addr add " + addrs["node"][1] + "/128 dev lo")
	n.join("a", n.a)
	n.join("b", n.b)
	n.join("host", n.host)
	return n
}

// shell runs a script in the namespace; other is file descriptor 4, if given.
func (n *namespace) shell(script string, other ...*os.File) {
	cmd := exec.Command("nsenter", "--net=/proc/self/fd/3", "sh", "-ec", script)
	cmd.ExtraFiles = append([]*os.File{n.file}, other...)
	out, err := cmd.CombinedOutput()
	require.NoError(n.t, err, "%s\n%s", script, out)
}

func (n *network) join(name string, ns *namespace) {
	a := addrs[name]
	n.node.shell(fmt.Sprintf(`ip link add v%[1]s type veth peer name eth0 netns /proc/self/fd/4
		ip addr add 169.254.1.1/32 dev v%[1]s
		ip addr add fe80::1/64 dev v%[1]s nodad
		ip link set v%[1]s up
		ip route add %[2]s dev v%[1]s
		ip route add %[3]s dev v%[1]s`, name, a[0], a[1]), ns.file)
	ns.shell(fmt.Sprintf(`ip link set lo up
		ip addr add %s/32 dev eth0
		ip addr add %s/128 dev eth0 nodad
		ip link set eth0 up
		ip route add 169.254.1.1 dev eth0
		ip route add default via 169.254.1.1
		ip route add default via fe80::1 dev eth0`, a[0], a[1]))
}

// in calls f with the thread in the namespace. Sockets that f opens belong to it.
func (n *namespace) in(f func()) {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET)
		defer func() { done <- err }() // even if f fails the test, which ends the goroutine
		if err == nil {
			f()
		}
	}()
	require.NoError(n.t, <-done)
}

// serve echoes on TCP and UDP ports of the place's addresses until the test ends.
func (n *namespace) serve(name string, ports ...int) {
	n.in(func() {
		for i := range 2 * len(ports) {
			at := net.JoinHostPort(addrs[name][i%2], fmt.Sprint(ports[i/2]))
			l, err := net.Listen("tcp", at)
			require.NoError(n.t, err)
			n.t.Cleanup(func() { l.Close() })
			go acceptAll(l)
			u, err := net.ListenPacket("udp", at)
			require.NoError(n.t, err)
			n.t.Cleanup(func() { u.Close() })
			go echo(u)
		}
	})
}

func acceptAll(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			buf := make([]byte, 64)
			for {
				k, err := c.Read(buf)
				if err != nil {
					c.Close()
					return
				}
				c.Write(buf[:k])
			}
		}()
	}
}

func echo(u net.PacketConn) {
	buf := make([]byte, 64)
	for {
		k, from, err := u.ReadFrom(buf)
		if err != nil {
			return
		}
		u.WriteTo(buf[:k], from)
	}
}

// The times after which silence counts as a drop: short where it is expected, long where an answer is.
const (
	silence  = 400 * time.Millisecond
	patience = 10 * time.Second
)

// probe sends and says what came back: allow, reject or drop.
func (n *namespace) probe(network, src, dst string, port int, timeout time.Duration) (verdict string) {
	n.in(func() {
		d := net.Dialer{Timeout: timeout}
		if src != "" && network == "udp" {
			d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(src)}
		}
		c, err := d.Dial(network, net.JoinHostPort(dst, fmt.Sprint(port)))
		if err == nil {
			defer c.Close()
			c.SetDeadline(time.Now().Add(timeout))
			// The sender is told at once of what its own machine drops or refuses; what comes after tells which.
			if _, err = c.Write([]byte("x")); err == nil || errors.Is(err, unix.EPERM) {
				_, err = c.Read(make([]byte, 1))
			}
		}
		var timedOut net.Error
		switch {
		case err == nil:
			verdict = "allow"
		case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.EACCES):
			verdict = "reject"
		case errors.As(err, &timedOut) && timedOut.Timeout():
			verdict = "drop"
		default:
			verdict = err.Error()
		}
	})
	return verdict
}

// pipeline has rules for both pods: b lets a in on port 80 and refuses it on 81, a may not speak to port 70 and 90.
func pipeline() *ir.Pipeline {
	parse := func(name string) []netip.Addr {
		return []netip.Addr{netip.MustParseAddr(addrs[name][0]), netip.MustParseAddr(addrs[name][1])}
	}
	p := &ir.Pipeline{Node: "n1", Nodes: []*ir.Node{{Name: "n1", Addrs: parse("node")}}}
	for _, name := range []string{"a", "b"} {
		p.Endpoints = append(p.Endpoints, &ir.Endpoint{Namespace: "ns", Name: name, Node: "n1", Addrs: parse(name)})
	}
	p.Sets = []ir.Set{{Key: "a", Name: "aa", Addrs: ir.AddrSetOf(parse("a")...)},
		{Key: "blocks", Name: "bb", Kind: ir.Blocks, Addrs: ir.PrefixSet(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/16"))}}
	withoutPolicies(p)
	rule := func(action ir.Action, peers []ir.SetID, boxes string) ir.Rule {
		l4, err := ir.ParseL4Set(boxes)
		if err != nil {
			panic(err)
		}
		return ir.Rule{AnyPeer: peers == nil, Peers: peers, L4: l4, Action: action, ID: 1, Origins: []*source.Origin{{Object: "NetworkPolicy ns/p"}}}
	}
	assign := func(d ir.Direction, ph ir.Phase, endpoint int, rules ...ir.Rule) {
		c := p.Classifier(d, ph)
		c.Lists = []ir.List{{Key: "l", Name: "cc", Rules: rules}}
		c.Assign[endpoint] = 0
	}
	assign(ir.Ingress, ir.Admin, 1, rule(ir.Pass, nil, "tcp/83"), rule(ir.Reject, []ir.SetID{0}, "tcp/81,udp/81"))
	assign(ir.Ingress, ir.Namespace, 1, rule(ir.Allow, []ir.SetID{0}, "tcp/80,udp/80"), rule(ir.Drop, nil, "any"))
	assign(ir.Egress, ir.Namespace, 0, rule(ir.Drop, nil, "tcp/70,udp/70"), rule(ir.Allow, []ir.SetID{1}, "any"), rule(ir.Pass, nil, "any"))
	assign(ir.Egress, ir.Baseline, 0, rule(ir.Reject, nil, "tcp/80-85"))
	return p
}

// withoutPolicies takes all rule lists away.
func withoutPolicies(p *ir.Pipeline) {
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			*p.Classifier(d, ph) = ir.Classifier{Assign: []ir.ListID{ir.NoList, ir.NoList}}
		}
	}
}

func TestPacketsObey(t *testing.T) {
	n := newNetwork(t)
	places := map[string]*namespace{"node": n.node, "a": n.a, "b": n.b, "host": n.host}
	for name, ns := range places {
		ns.serve(name, 70, 80, 81, 82, 83, 90)
	}
	p := pipeline()
	a := generate(t, p)
	n.node.reconcile(a)
	eval := target.NewEvaluator(lower(t, p), p.Nodes[0].Addrs)
	judge := p.Evaluator()
	seen := map[string]int{}
	for _, line := range strings.Split(`a b 80; a b 81; a b 82; a b 83; a b 70; host b 80; host b 81; host a 82; a node 70; a node 80; a node 90;
		a host 70; a host 80; a host 90; b a 80; b node 70; node b 82; node a 70`, ";") {
		var from, to string
		var port int
		_, err := fmt.Sscan(line, &from, &to, &port)
		require.NoError(t, err)
		for f := range 2 {
			for proto, network := range map[ir.Proto]string{ir.ProtoTCP: "tcp", ir.ProtoUDP: "udp"} {
				pkt := ir.Packet{Src: netip.MustParseAddr(addrs[from][f]), Dst: netip.MustParseAddr(addrs[to][f]), Proto: proto, SrcPort: 50000, DstPort: uint16(port)}
				want := judge.Eval(pkt).Action
				require.Equal(t, want, eval.Eval(pkt).Action)
				timeout := patience
				if want == ir.Drop {
					timeout = silence
				}
				got := places[from].probe(network, "", addrs[to][f], port, timeout)
				require.Equal(t, want.String(), got, "%s/%s", strings.TrimSpace(line), network)
				seen[got]++
			}
		}
	}
	require.Equal(t, map[string]int{"allow": 38, "drop": 28, "reject": 6}, seen)
}

func lower(t testing.TB, p *ir.Pipeline) *target.Ruleset {
	return target.Lower(p, nil)
}

// TestOpenConnectionSurvives tightens and swaps the rules under open connections.
func TestOpenConnectionSurvives(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 80)
	p := pipeline()
	n.node.reconcile(generate(t, p))
	var conns []net.Conn
	n.a.in(func() {
		for f := range 2 {
			c, err := net.DialTimeout("tcp", net.JoinHostPort(addrs["b"][f], "80"), patience)
			require.NoError(t, err)
			conns = append(conns, c)
		}
	})
	rules := &p.Stages[ir.Ingress].Classifiers[ir.Namespace].Lists[0].Rules
	*rules = (*rules)[1:]
	n.node.reconcile(generate(t, p))
	for f, c := range conns {
		c.SetDeadline(time.Now().Add(patience))
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 1))
		require.NoError(t, err)
		require.Equal(t, "drop", n.a.probe("tcp", "", addrs["b"][f], 80, silence))
		c.Close()
	}
}

// TestFirstPolicyKeepsOpenConnections loads policies after a connection was opened without any.
func TestFirstPolicyKeepsOpenConnections(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 82)
	p := pipeline()
	none := *p
	withoutPolicies(&none)
	n.node.reconcile(generate(t, &none))
	var c net.Conn
	n.a.in(func() {
		var err error
		c, err = net.DialTimeout("tcp", net.JoinHostPort(addrs["b"][0], "82"), patience)
		require.NoError(t, err)
	})
	defer c.Close()
	n.node.reconcile(generate(t, p))
	c.SetDeadline(time.Now().Add(patience))
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, "drop", n.a.probe("tcp", "", addrs["b"][0], 82, silence))
}

// TestPodReachesItselfThroughService has b dial an address that is translated to b itself.
func TestPodReachesItselfThroughService(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 82)
	n.node.nft(`table inet services {
		chain pre { type nat hook prerouting priority -100;
			ip daddr 10.96.0.1 dnat ip to 10.0.0.2
			ip6 daddr fd96::1 dnat ip6 to fd00::2
		}
		chain post { type nat hook postrouting priority 100;
			ct status dnat masquerade
		}
	}
	`, "-f", "-")
	n.node.reconcile(generate(t, pipeline()))
	for _, vip := range []string{"10.96.0.1", "fd96::1"} {
		require.Equal(t, "allow", n.b.probe("tcp", "", vip, 82, patience), vip)
		require.Equal(t, "drop", n.a.probe("tcp", "", vip, 82, silence), vip)
	}
}

// TestForgedSourceIsDropped has b send with a's address.
func TestForgedSourceIsDropped(t *testing.T) {
	for f := range 2 {
		n := newNetwork(t)
		a, b, host := addrs["a"][f], addrs["b"][f], addrs["host"][f]
		n.b.shell("ip link set lo up; ip addr add " + a + " dev lo nodad")
		var u net.PacketConn
		n.host.in(func() {
			var err error
			u, err = net.ListenPacket("udp", net.JoinHostPort(host, "90"))
			require.NoError(t, err)
		})
		defer u.Close()
		// heard sends from the given addresses in turn and returns the source of the first packet that arrives.
		heard := func(sources ...string) string {
			for _, source := range sources {
				n.b.in(func() {
					c, err := net.ListenPacket("udp", net.JoinHostPort(source, "0"))
					require.NoError(t, err)
					defer c.Close()
					_, err = c.WriteTo([]byte("x"), &net.UDPAddr{IP: net.ParseIP(host), Port: 90})
					require.NoError(t, err)
				})
			}
			require.NoError(t, u.SetReadDeadline(time.Now().Add(patience)))
			_, from, err := u.ReadFrom(make([]byte, 8))
			require.NoError(t, err)
			return netip.MustParseAddrPort(from.String()).Addr().Unmap().String()
		}
		require.Equal(t, a, heard(a), "without a guard the forged packet arrives")
		p := pipeline()
		withoutPolicies(p)
		n.node.reconcile(generate(t, p))
		require.Equal(t, b, heard(a, b), "with it only the honest one does")
	}
}

// ownPipeline has rules for the node itself: it is reached on port 80 by the host alone, and not at all on 81 and 82; it may not
// speak to ports 70 and 71, but to its own pods.
func ownPipeline() *ir.Pipeline {
	p := pipeline()
	withoutPolicies(p)
	p.Endpoints = append([]*ir.Endpoint{{Kind: ir.NodeEndpoint, Name: "n1", Node: "n1", Addrs: p.Nodes[0].Addrs}}, p.Endpoints...)
	p.Sets = append(p.Sets, ir.Set{Key: "host", Name: "ee", Addrs: ir.AddrSetOf(netip.MustParseAddr(addrs["host"][0]), netip.MustParseAddr(addrs["host"][1]))})
	for d, rules := range [2]string{ir.Egress: "drop any tcp/70,udp/70; reject any tcp/71,udp/71",
		ir.Ingress: "allow host tcp/80,udp/80; drop any tcp/80,udp/80,tcp/82,udp/82; reject any tcp/81,udp/81"} {
		list := ir.List{Key: "own", Name: "dd"}
		for _, rule := range strings.Split(rules, "; ") {
			var action, peers, boxes string
			fmt.Sscan(rule, &action, &peers, &boxes)
			l4, err := ir.ParseL4Set(boxes)
			if err != nil {
				panic(err)
			}
			r := ir.Rule{AnyPeer: peers == "any", L4: l4, ID: 1, Origins: []*source.Origin{{Object: "ClusterNetworkPolicy p"}}}
			r.Action = map[string]ir.Action{"allow": ir.Allow, "drop": ir.Drop, "reject": ir.Reject}[action]
			if !r.AnyPeer {
				r.Peers = []ir.SetID{ir.SetID(len(p.Sets) - 1)}
			}
			list.Rules = append(list.Rules, r)
		}
		for _, ph := range ir.Phases() {
			*p.Classifier(ir.Direction(d), ph) = ir.Classifier{Assign: []ir.ListID{ir.NoList, ir.NoList, ir.NoList}}
		}
		*p.Classifier(ir.Direction(d), ir.Admin) = ir.Classifier{Lists: []ir.List{list}, Assign: []ir.ListID{0, ir.NoList, ir.NoList}}
	}
	return p
}

// TestPacketsOfTheNodeItselfObey holds real packets against the rules of a node, together with those of its pods and alone.
func TestPacketsOfTheNodeItselfObey(t *testing.T) {
	p := ownPipeline()
	var report diag.Report
	for name, a := range map[string]artifact.Artifact{"with pods": generate(t, p), "alone": target.GenerateOwn(p, &report)} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			places := map[string]*namespace{"node": n.node, "a": n.a, "b": n.b, "host": n.host}
			for name, ns := range places {
				ns.serve(name, 70, 71, 80, 81, 82, 90)
			}
			n.node.reconcile(a)
			judge, seen := p.Evaluator(), map[string]int{}
			for _, line := range strings.Split(`host node 80; host node 81; host node 82; host node 90; a node 80; a node 81; a node 90;
				node host 70; node host 71; node host 80; node a 70; node a 71; node a 80; node node 70; node node 71; node node 80;
				node node 81; host a 80; host a 82; a host 70; a host 71; a b 70; a b 80`, ";") {
				var from, to string
				var port int
				_, err := fmt.Sscan(line, &from, &to, &port)
				require.NoError(t, err)
				for f := range 2 {
					for proto, network := range map[ir.Proto]string{ir.ProtoTCP: "tcp", ir.ProtoUDP: "udp"} {
						pkt := ir.Packet{Src: netip.MustParseAddr(addrs[from][f]), Dst: netip.MustParseAddr(addrs[to][f]), Proto: proto, SrcPort: 50000, DstPort: uint16(port)}
						want, timeout := judge.Eval(pkt).Action, patience
						if want == ir.Drop {
							timeout = silence
						}
						got := places[from].probe(network, addrs[from][f], addrs[to][f], port, timeout)
						require.Equal(t, want.String(), got, "%s/%s", strings.TrimSpace(line), network)
						seen[got]++
					}
				}
			}
			require.Equal(t, map[string]int{"allow": 68, "drop": 12, "reject": 12}, seen)
		})
	}
	require.Empty(t, report.Findings())
}

// TestAllLocalAddressesAreTheNodes: an address that nobody declared is no way round the node's rules.
func TestAllLocalAddressesAreTheNodes(t *testing.T) {
	n := newNetwork(t)
	n.node.serve("node", 80)
	n.node.shell("ip addr add 192.168.99.1/32 dev lo")
	n.node.in(func() {
		l, err := net.Listen("tcp", "192.168.99.1:80")
		require.NoError(t, err)
		t.Cleanup(func() { l.Close() })
		go acceptAll(l)
	})
	require.Equal(t, "allow", n.a.probe("tcp", "", "192.168.99.1", 80, patience))
	n.node.reconcile(generate(t, ownPipeline()))
	require.Equal(t, "drop", n.a.probe("tcp", "", "192.168.99.1", 80, silence))
	require.Equal(t, "allow", n.host.probe("tcp", "", "192.168.99.1", 80, patience))
}

// TestOpenConnectionToTheNodeSurvives loads rules that would refuse a connection that is open.
func TestOpenConnectionToTheNodeSurvives(t *testing.T) {
	n := newNetwork(t)
	n.node.serve("node", 82)
	none := ownPipeline()
	for _, d := range ir.Directions() {
		*none.Classifier(d, ir.Admin) = *none.Classifier(d, ir.Namespace)
	}
	n.node.reconcile(generate(t, none))
	var c net.Conn
	n.host.in(func() {
		var err error
		c, err = net.DialTimeout("tcp", net.JoinHostPort(addrs["node"][0], "82"), patience)
		require.NoError(t, err)
	})
	defer c.Close()
	n.node.reconcile(generate(t, ownPipeline()))
	c.SetDeadline(time.Now().Add(patience))
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.NoError(t, err)
	require.Equal(t, "drop", n.host.probe("tcp", "", addrs["node"][0], 82, silence))
}
