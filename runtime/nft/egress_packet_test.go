package nft_test

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/flatten"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/iproute"
)

// region is three nodes on a wire, with pods, and a server on the same wire that is no part of the cluster. Each node masquerades its pods
// as overlays do. Beside its own the server has an address that counts as inside.
type region struct {
	t       testing.TB
	wire    *namespace
	nodes   map[string]*namespace
	pods    map[string]*namespace
	server  *namespace
	program *ir.Program
}

// The addresses of the region, by family; pods are named by their nodes' letters.
var regional = map[string][2]string{
	"n1": {"192.168.7.1", "fd00:7::1"}, "n2": {"192.168.7.2", "fd00:7::2"}, "n3": {"192.168.7.3", "fd00:7::3"},
	"server": {"192.168.7.100", "fd00:7::100"}, "except": {"192.168.7.101", "fd00:7::101"},
	"a1": {"10.0.1.1", "fd00:1::1"}, "b1": {"10.0.1.2", "fd00:1::2"}, "c1": {"10.0.1.3", "fd00:1::3"},
	"a2": {"10.0.2.1", "fd00:2::1"}, "a3": {"10.0.3.1", "fd00:3::1"},
	"e1": {"192.168.7.201", "fd00:7::201"}, "e2": {"192.168.7.202", "fd00:7::202"},
}

const overlay = `table inet overlay {
	chain before { type filter hook prerouting priority -150;
		meta mark set meta mark | 0x00001a05
	}
	chain nat { type nat hook postrouting priority 100;
		ip saddr 10.0.0.0/16 ip daddr != 10.0.0.0/16 masquerade
		ip6 saddr { fd00:1::/64, fd00:2::/64, fd00:3::/64 } ip6 daddr != { fd00:1::/64, fd00:2::/64, fd00:3::/64 } masquerade
	}
	chain behind { type filter hook postrouting priority 300;
		oifname "hg-egress" meta l4proto { tcp, udp } meta mark & 0x007fffff == 0x00001a05 counter comment "survives"
		oifname "hg-egress" meta l4proto { tcp, udp } meta mark & 0x007fffff != 0x00001a05 counter comment "does not"
	}
}
`

func newRegion(t testing.TB) *region {
	r := &region{t: t, wire: newNamespace(t), server: newNamespace(t), nodes: map[string]*namespace{}, pods: map[string]*namespace{}}
	r.wire.shell("ip link add br0 type bridge; ip link set br0 up")
	r.plug("server", r.server)
	r.server.shell("ip addr add 192.168.7.101/24 dev eth0; ip addr add fd00:7::101/64 dev eth0 nodad")
	r.program = &ir.Program{Except: ir.PrefixSet(netip.MustParsePrefix("192.168.7.101/32"), netip.MustParsePrefix("fd00:7::101/128"))}
	for i, name := range []string{"n1", "n2", "n3"} {
		ns := newNamespace(t)
		r.nodes[name] = ns
		ns.shell("for f in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$f; done\n" +
			"for c in all default; do echo 0 > /proc/sys/net/ipv4/conf/$c/rp_filter; done")
		r.plug(name, ns)
		ns.nft(overlay, "-f", "-")
		r.program.Nodes = append(r.program.Nodes, &ir.Node{Name: name, Addrs: r.addrs(name), Origin: source.Origin{Object: "Node " + name},
			PodCIDRs: []netip.Prefix{netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i+1)), netip.MustParsePrefix(fmt.Sprintf("fd00:%d::/64", i+1))}})
	}
	for i, from := range []string{"n1", "n2", "n3"} {
		for j, to := range []string{"n1", "n2", "n3"} {
			if i != j {
				r.nodes[from].shell(fmt.Sprintf("ip route add 10.0.%d.0/24 via %s; ip -6 route add fd00:%d::/64 via %s", j+1, regional[to][0], j+1, regional[to][1]))
			}
		}
	}
	for _, name := range []string{"a1", "b1", "c1", "a2", "a3"} {
		r.pod(name)
	}
	r.server.serveTelling(t, regional["server"], regional["except"])
	r.pods["a2"].serveTelling(t, regional["a2"])
	return r
}

func (r *region) addrs(name string) []netip.Addr {
	return []netip.Addr{netip.MustParseAddr(regional[name][0]), netip.MustParseAddr(regional[name][1])}
}

// plug joins a namespace to the wire.
func (r *region) plug(name string, ns *namespace) {
	r.wire.shell(fmt.Sprintf("ip link add v%[1]s type veth peer name eth0 netns /proc/self/fd/4; ip link set v%[1]s master br0 up", name), ns.file)
	ns.shell(fmt.Sprintf("ip link set lo up; ip addr add %s/24 dev eth0; ip addr add %s/64 dev eth0 nodad; ip link set eth0 up", regional[name][0], regional[name][1]))
}

// pod adds a pod to the node that its name ends with.
func (r *region) pod(name string) {
	ns, node := newNamespace(r.t), "n"+name[1:]
	r.pods[name] = ns
	a := regional[name]
	r.nodes[node].shell(fmt.Sprintf(`ip link add v%[1]s type veth peer name eth0 netns /proc/self/fd/4
		ip addr add 169.254.1.1/32 dev v%[1]s; ip addr add fe80::1/64 dev v%[1]s nodad; ip link set v%[1]s up
		ip route add %[2]s dev v%[1]s; ip route add %[3]s dev v%[1]s`, name, a[0], a[1]), ns.file)
	ns.shell(fmt.Sprintf(`ip link set lo up; ip addr add %s/32 dev eth0; ip addr add %s/128 dev eth0 nodad; ip link set eth0 up
		ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1; ip route add default via fe80::1 dev eth0`, a[0], a[1]))
	r.program.Endpoints = append(r.program.Endpoints, &ir.Endpoint{Namespace: "ns", Name: name, Node: node, Addrs: r.addrs(name)})
}

// egress declares that pods leave by an address that a node holds. Declaring it again replaces it.
func (r *region) egress(name, node string, limit ir.Limit, pods ...string) {
	e := &ir.EgressIP{Name: name, Limit: limit, Who: &ir.Group{Key: name}, Origin: source.Origin{Object: "Egress " + name}}
	for _, p := range r.program.Endpoints {
		if slices.Contains(pods, p.Name) {
			e.Who.Members = append(e.Who.Members, p)
		}
	}
	r.program.Egresses = slices.DeleteFunc(r.program.Egresses, func(o *ir.EgressIP) bool { return o.Name == name })
	for i, a := range r.addrs(name) {
		e.Leases = append(e.Leases, ir.Lease{Family: ir.Families()[i], Addr: a})
		r.program.Holdings = slices.DeleteFunc(r.program.Holdings, func(h ir.Holding) bool { return h.Addr == a })
		r.program.Holdings = append(r.program.Holdings, ir.Holding{Addr: a, Node: node, Origin: e.Origin})
	}
	r.program.Egresses = append(r.program.Egresses, e)
	slices.SortFunc(r.program.Egresses, func(a, b *ir.EgressIP) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.program.Holdings, func(a, b ir.Holding) int { return a.Addr.Compare(b.Addr) })
}

// apply has the nodes do what is declared: what packets get, and then where they go.
func (r *region) apply() {
	pipeline := flatten.Flatten(r.program)
	for _, n := range r.program.Nodes {
		placed := flatten.SNATs(flatten.Place(pipeline, n.Name), r.program)
		r.nodes[n.Name].reconcile(generate(r.t, placed))
		var report diag.Report
		stack := iproute.Generate(placed, &report)
		require.Empty(r.t, report.Findings())
		again := withdraw()
		if len(stack.Objects) > 0 {
			again += iproute.Script(stack)
		}
		r.nodes[n.Name].shell(again)
	}
	r.server.shell("ip neigh flush dev eth0") // as holders would tell it
}

// withdraw takes away all that was done before.
func withdraw() string {
	text := "ip link del hg-egress 2> /dev/null || true\n" +
		"for f in -4 -6; do while ip $f rule del priority 8670 2> /dev/null; do :; done; done\n" +
		"ip -4 route flush table all proto 104; ip -6 route flush table all proto 104\n"
	for _, e := range []string{"e1", "e2"} {
		text += fmt.Sprintf("ip addr del %s/32 dev eth0 2> /dev/null || true; ip addr del %s/128 dev eth0 2> /dev/null || true\n", regional[e][0], regional[e][1])
	}
	return text
}

// tellingPort is where the server tells who it is that speaks.
const tellingPort = 7000

// serveTelling answers each line of TCP, and each packet of UDP, with the address that it comes from.
func (n *namespace) serveTelling(t testing.TB, addrs ...[2]string) {
	n.in(func() {
		for _, pair := range addrs {
			for _, a := range pair {
				at := net.JoinHostPort(a, fmt.Sprint(tellingPort))
				l, err := net.Listen("tcp", at)
				require.NoError(t, err)
				t.Cleanup(func() { l.Close() })
				go tellAll(l)
				u, err := net.ListenPacket("udp", at)
				require.NoError(t, err)
				t.Cleanup(func() { u.Close() })
				go tellPackets(u)
			}
		}
	})
}

func tellAll(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
				fmt.Fprintln(c, host)
			}
		}()
	}
}

func tellPackets(u net.PacketConn) {
	buf := make([]byte, 64)
	for {
		_, from, err := u.ReadFrom(buf)
		if err != nil {
			return
		}
		host, _, _ := net.SplitHostPort(from.String())
		u.WriteTo([]byte(host+"\n"), from)
	}
}

// talk is a connection over which the other side tells by which address it hears.
type talk struct {
	net.Conn
	lines *bufio.Reader
}

func (n *namespace) connect(network, to string) (out *talk) {
	n.in(func() {
		c, err := net.DialTimeout(network, net.JoinHostPort(to, fmt.Sprint(tellingPort)), silence)
		if err == nil {
			n.t.Cleanup(func() { c.Close() })
			out = &talk{c, bufio.NewReader(c)}
		}
	})
	return out
}

// heardAs says something and gives the address by which it is heard; "" if it is not.
func (c *talk) heardAs(timeout time.Duration) string {
	if c == nil {
		return ""
	}
	c.SetDeadline(time.Now().Add(timeout))
	if _, err := c.Write([]byte("x\n")); err != nil {
		return ""
	}
	line, _ := c.lines.ReadString('\n')
	return strings.TrimSpace(line)
}

func (r *region) requireHeard(pod, to string, as string) {
	for f := range 2 {
		for _, network := range []string{"tcp", "udp"} {
			want := ""
			if as != "" {
				want = regional[as][f]
			}
			timeout := patience
			if as == "" {
				timeout = silence
			}
			c := r.pods[pod].connect(network, regional[to][f])
			require.Equal(r.t, want, c.heardAs(timeout), "%s -> %s %s %d", pod, to, network, f)
		}
	}
}

// TestLeaves: pods leave by the address of their Egress, wherever it is held, or not at all; others, and what stays inside, as ever; and
// the bits of marks that are others' stay what they are.
func TestLeaves(t *testing.T) {
	r := newRegion(t)
	r.requireHeard("a1", "server", "n1")
	r.egress("e1", "n2", ir.Limit{}, "a1", "a2", "a3")
	r.egress("e2", "", ir.Limit{}, "c1")
	r.apply()
	r.requireHeard("a1", "server", "e1")
	r.requireHeard("a2", "server", "e1")
	r.requireHeard("a3", "server", "e1")
	r.requireHeard("b1", "server", "n1")
	r.requireHeard("c1", "server", "")
	r.requireHeard("a1", "a2", "a1")
	r.requireHeard("c1", "a2", "c1")
	r.requireHeard("a1", "except", "n1")
	marks := r.nodes["n1"].nft("", "list", "chain", "inet", "overlay", "behind")
	require.Regexp(t, `packets [1-9][0-9]* bytes [0-9]+ comment "survives"`, marks)
	require.Contains(t, marks, `packets 0 bytes 0 comment "does not"`)

	r.egress("e1", "n1", ir.Limit{}, "a1", "a2", "a3")
	r.egress("e2", "n3", ir.Limit{Rate: 8e9, Burst: 8e6}, "c1")
	r.apply()
	for pod, as := range map[string]string{"a1": "e1", "a2": "e1", "a3": "e1", "b1": "n1", "c1": "e2"} {
		r.requireHeard(pod, "server", as)
	}
}

// TestNothingLeavesWithItsOwnSource: what is marked and not routed, or comes through the tunnel and should not, goes nowhere.
func TestNothingLeavesWithItsOwnSource(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1", "a2")
	r.apply()
	r.requireHeard("a1", "server", "e1")
	// c1 has no Egress; it is sent through the tunnel all the same, and so is what stays inside.
	const gateway = "192.168.7.2"
	r.nodes["n1"].shell("ip route add 192.168.7.100/32 via " + gateway + " dev hg-egress onlink table 99; ip rule add from 10.0.1.3 lookup 99 priority 50")
	require.Equal(t, "", r.pods["c1"].connect("udp", regional["server"][0]).heardAs(silence))
	r.nodes["n1"].shell("ip rule del priority 50; ip route add 192.168.7.101/32 via " + gateway + " dev hg-egress onlink table 99; ip rule add from 10.0.1.1 lookup 99 priority 50")
	require.Equal(t, "", r.pods["a1"].connect("udp", regional["except"][0]).heardAs(silence))
	r.nodes["n1"].shell("ip rule del priority 50")
	require.Equal(t, regional["n1"][0], r.pods["c1"].connect("udp", regional["server"][0]).heardAs(patience))
	// The rules that route by marks are gone.
	for _, node := range []string{"n1", "n2"} {
		r.nodes[node].shell("for f in -4 -6; do while ip $f rule del priority 8670 2> /dev/null; do :; done; done")
	}
	r.requireHeard("a1", "server", "")
}

// TestConnectionsFromBeforeStay: a connection that was open before its pod's Egress lives on as it was.
func TestConnectionsFromBeforeStay(t *testing.T) {
	r := newRegion(t)
	r.egress("e2", "n2", ir.Limit{}, "c1")
	r.apply()
	var open []*talk
	for f := range 2 {
		for _, network := range []string{"tcp", "udp"} {
			c := r.pods["a1"].connect(network, regional["server"][f])
			require.Equal(t, regional["n1"][f], c.heardAs(patience))
			open = append(open, c)
		}
	}
	r.egress("e1", "n2", ir.Limit{}, "a1")
	r.apply()
	for i, c := range open {
		require.Equal(t, regional["n1"][i/2], c.heardAs(patience))
	}
	r.requireHeard("a1", "server", "e1")
}

// TestConnectionsKeepTheirAddress: a pod gets another Egress, and what is open stays at the address by which it left.
func TestConnectionsKeepTheirAddress(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1", "b1")
	r.egress("e2", "n3", ir.Limit{}, "c1")
	r.apply()
	open := [2]*talk{r.pods["a1"].connect("tcp", regional["server"][0]), r.pods["a1"].connect("tcp", regional["server"][1])}
	for f, c := range open {
		require.Equal(t, regional["e1"][f], c.heardAs(patience))
	}
	r.egress("e1", "n2", ir.Limit{}, "b1")
	r.egress("e2", "n3", ir.Limit{}, "c1", "a1")
	r.apply()
	for f, c := range open {
		require.Equal(t, regional["e1"][f], c.heardAs(patience))
	}
	r.requireHeard("a1", "server", "e2")
}

// TestConnectionsOutliveTheirSelection: an Egress does not select the last pod of a node any more, and then none at all; what is open goes
// on.
func TestConnectionsOutliveTheirSelection(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1", "a3")
	r.apply()
	open := [2]*talk{r.pods["a1"].connect("tcp", regional["server"][0]), r.pods["a1"].connect("tcp", regional["server"][1])}
	requireAll := func() {
		for f, c := range open {
			require.Equal(t, regional["e1"][f], c.heardAs(patience))
		}
		r.requireHeard("a1", "server", "n1")
	}
	for f, c := range open {
		require.Equal(t, regional["e1"][f], c.heardAs(patience))
	}
	r.egress("e1", "n2", ir.Limit{}, "a3")
	r.apply()
	requireAll()
	r.egress("e1", "n2", ir.Limit{})
	r.apply()
	requireAll()
}

// TestConnectionsSurviveTheirHolder: another node takes an address over, and what is open by it goes on through that, whoever speaks first.
func TestConnectionsSurviveTheirHolder(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1")
	r.apply()
	open := [2]*talk{r.pods["a1"].connect("tcp", regional["server"][0]), r.pods["a1"].connect("tcp", regional["server"][1])}
	for f, c := range open {
		require.Equal(t, regional["e1"][f], c.heardAs(patience))
	}
	r.nodes["n2"].shell("ip link set eth0 down")
	r.egress("e1", "n3", ir.Limit{}, "a1")
	r.apply()
	for f, c := range open {
		require.Equal(t, regional["e1"][f], c.heardAs(patience))
	}
	r.requireHeard("a1", "server", "e1")
}

// TestServersSpeakToNewHolders: the first that a new holder hears of a connection is what comes from outside. It must not refuse it, nor
// take it for another connection.
func TestServersSpeakToNewHolders(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1")
	r.apply()
	for f := range 2 {
		var l net.Listener
		r.server.in(func() {
			var err error
			l, err = net.Listen("tcp", net.JoinHostPort(regional["server"][f], "7001"))
			require.NoError(t, err)
		})
		defer l.Close()
		var pod net.Conn
		r.pods["a1"].in(func() {
			var err error
			pod, err = net.DialTimeout("tcp", l.Addr().String(), patience)
			require.NoError(t, err)
		})
		defer pod.Close()
		server, err := l.Accept()
		require.NoError(t, err)
		defer server.Close()
		require.Equal(t, regional["e1"][f], netip.MustParseAddrPort(server.RemoteAddr().String()).Addr().String())
		r.nodes["n2"].shell("ip link set eth0 down")
		r.egress("e1", "n3", ir.Limit{}, "a1")
		r.apply()
		_, err = server.Write([]byte("hello\n"))
		require.NoError(t, err)
		heard := func() string { return r.nodes["n3"].nft("", "list", "table", "inet", "witness") }
		r.nodes["n3"].nft("table inet witness { chain in { type filter hook prerouting priority -300; tcp sport 7001 counter;\n}\n}\n", "-f", "-")
		require.Eventually(t, func() bool { return !strings.Contains(heard(), "packets 0 ") }, patience, 20*time.Millisecond)
		r.nodes["n3"].nft("delete table inet witness\n", "-f", "-")
		for _, c := range []net.Conn{server, pod} {
			require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
		}
		_, err = pod.Write([]byte("x\n"))
		require.NoError(t, err)
		for _, c := range []net.Conn{server, pod} {
			_, err := bufio.NewReader(c).ReadString('\n')
			require.NoError(t, err)
		}
		r.nodes["n2"].shell(fmt.Sprintf("ip link set eth0 up; ip addr replace %s/64 dev eth0 nodad", regional["n2"][1]) + back("n2"))
		r.egress("e1", "n2", ir.Limit{}, "a1")
		r.apply()
	}
}

// back gives a node the routes that it lost with its link.
func back(node string) string {
	text := ""
	for i, other := range []string{"n1", "n2", "n3"} {
		if other != node {
			text += fmt.Sprintf("; ip route replace 10.0.%d.0/24 via %s; ip -6 route replace fd00:%d::/64 via %s", i+1, regional[other][0], i+1, regional[other][1])
		}
	}
	return text
}

// TestConnectionsSurviveWhereTheirAddressMoves: so do those of pods of the node that holds the address no more, and of the one that holds
// it now, whose sources have been translated on the way, or not.
func TestConnectionsSurviveWhereTheirAddressMoves(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1", "a2", "a3")
	r.apply()
	open := map[string][2]*talk{}
	for _, pod := range []string{"a1", "a2", "a3"} {
		open[pod] = [2]*talk{r.pods[pod].connect("tcp", regional["server"][0]), r.pods[pod].connect("tcp", regional["server"][1])}
	}
	for _, holder := range []string{"n2", "n3", "n2", "n1"} {
		r.egress("e1", holder, ir.Limit{}, "a1", "a2", "a3")
		r.apply()
		for pod, connections := range open {
			for f, c := range connections {
				require.Equal(t, regional["e1"][f], c.heardAs(patience), "%s by %s", pod, holder)
			}
		}
	}
}
