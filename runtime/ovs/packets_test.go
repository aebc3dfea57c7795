package ovs_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// inside calls f on a thread that is in the namespace. Sockets that f makes stay in it.
func (s *space) inside(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ns, err := os.Open("/proc/" + s.pid + "/ns/net")
		if err == nil {
			defer ns.Close()
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
		}
		if err == nil {
			err = f()
		}
		result <- err
	}()
	return <-result
}

// listen answers TCP connections in the namespace with an echo.
func (s *space) listen(ports ...int) {
	s.t.Helper()
	for _, port := range ports {
		var l net.Listener
		require.NoError(s.t, s.inside(func() (err error) {
			l, err = net.Listen("tcp", fmt.Sprintf(":%d", port))
			return err
		}))
		s.t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					buf := make([]byte, 64)
					for n, err := c.Read(buf); err == nil; n, err = c.Read(buf) {
						c.Write(buf[:n])
					}
				}()
			}
		}()
	}
}

// dial connects and has one word echoed.
func (s *space) dial(to netip.Addr, port uint16, patience time.Duration) (c net.Conn, err error) {
	err = s.inside(func() error {
		c, err = net.DialTimeout("tcp", netip.AddrPortFrom(to, port).String(), patience)
		return err
	})
	if err == nil {
		err = echo(c, patience)
	}
	return c, err
}

func echo(c net.Conn, patience time.Duration) error {
	c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write([]byte("word")); err != nil {
		return err
	}
	buf := make([]byte, 64)
	_, err := c.Read(buf)
	return err
}

// cluster is a few nodes, each with its Open vSwitch, on one underlay, and their pods.
type cluster struct {
	t        testing.TB
	datapath string
	prog     *ir.Program
	nodes    map[string]*instance
	pods     map[string]*space
	dps      map[string]*ovs.Dataplane
}

func addrsOf(text ...string) (out []netip.Addr) {
	for _, s := range text {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// newCluster wires n0 with pods a and b, and n1 with pod c, which has addresses that lie in no node's prefix.
func newCluster(t testing.TB) *cluster { return newClusterOn(t, "netdev") }

// newClusterOn has another datapath: "system" is the kernel's.
func newClusterOn(t testing.TB, datapath string) *cluster {
	c := &cluster{t, datapath, &ir.Program{}, map[string]*instance{}, map[string]*space{}, map[string]*ovs.Dataplane{}}
	for n := range 2 {
		node := &ir.Node{Name: fmt.Sprintf("n%d", n), Addrs: addrsOf(fmt.Sprintf("192.168.50.%d", n+1)), PodCIDRs: []netip.Prefix{
			netip.MustParsePrefix(fmt.Sprintf("10.244.%d.0/24", n)), netip.MustParsePrefix(fmt.Sprintf("fd00:0:0:%d::/64", n))}}
		c.prog.Nodes = append(c.prog.Nodes, node)
		c.nodes[node.Name] = startOVS(t, datapath)
	}
	c.prog.Endpoints = []*ir.Endpoint{
		{Namespace: "x", Name: "a", Node: "n0", Addrs: addrsOf("10.244.0.5", "fd00::5")},
		{Namespace: "x", Name: "b", Node: "n0", Addrs: addrsOf("10.244.0.6", "fd00::6")},
		{Namespace: "x", Name: "c", Node: "n1", Addrs: addrsOf("10.250.0.7", "fd99::7")},
	}
	n0, n1 := c.nodes["n0"], c.nodes["n1"]
	n0.run("ip", "link", "add", "u0", "type", "veth", "peer", "name", "u0", "netns", n1.pid)
	for i, node := range c.prog.Nodes {
		c.wireNode(i, node)
	}
	for i, e := range c.prog.Endpoints {
		c.plug(i, e)
	}
	return c
}

// leaveToSwitch keeps the node's own network stack off a port. The userspace datapath gets a copy of what arrives there; the kernel would
// answer for the node's addresses with the port's own address, and tunnels would end at nobody.
func (i *instance) leaveToSwitch(port string) {
	i.t.Helper()
	i.run("ethtool", "-K", port, "tx", "off")
	at := ".conf." + port + "."
	i.run("sysctl", "-qw", "net.ipv4"+at+"arp_ignore=8", "net.ipv4"+at+"rp_filter=1", "net.ipv4"+at+"forwarding=0", "net.ipv6"+at+"disable_ipv6=1")
}

func (c *cluster) wireNode(i int, node *ir.Node) {
	n, mac := c.nodes[node.Name], fmt.Sprintf("0a:58:00:00:01:%02x", i)
	n.vsctl("add-br", "br-phy", "--", "set", "bridge", "br-phy", "datapath_type="+c.datapath, "--", "add-port", "br-phy", "u0", "--",
		"add-port", "br-int", "hg-gw", "--", "set", "interface", "hg-gw", "type=internal", fmt.Sprintf("mac=%q", mac),
		"external_ids:iface-id=gateway", fmt.Sprintf("external_ids:attached-mac=%q", mac), "--",
		"add-port", "br-int", "hg-tun", "--", "set", "interface", "hg-tun", "type=geneve", "options:remote_ip=flow", "options:key=flow",
		"external_ids:iface-id=tunnel")
	n.leaveToSwitch("u0")
	for _, dev := range []string{"u0", "br-phy", "hg-gw"} {
		n.run("ip", "link", "set", dev, "up")
	}
	n.run("ip", "addr", "add", node.Addrs[0].String()+"/24", "dev", "br-phy")
	n.run("ip", "link", "set", "hg-gw", "mtu", "1450")
	for _, other := range c.prog.Nodes {
		for _, p := range other.PodCIDRs {
			if other == node {
				n.run("ip", "addr", "add", fmt.Sprintf("%s/%d", p.Addr().Next(), p.Bits()), "dev", "hg-gw", "nodad")
			} else {
				n.run("ip", "route", "add", p.String(), "dev", "hg-gw")
			}
		}
	}
	n.run("ip", "route", "add", "10.250.0.7/32", "dev", "hg-gw") // pod c's addresses are in nobody's prefix
	n.run("ip", "route", "add", "fd99::7/128", "dev", "hg-gw")
	for _, e := range c.prog.Endpoints {
		for _, a := range e.Addrs {
			if e.Node != node.Name && a.Is6() { // the bridge carries neighbour discovery with the node's own pods only
				n.run("ip", "neigh", "add", a.String(), "lladdr", openflow.RouterMAC().String(), "dev", "hg-gw", "nud", "permanent")
			}
		}
	}
}

func (c *cluster) plug(i int, e *ir.Endpoint) {
	node, pod := c.nodes[e.Node], newSpace(c.t)
	c.pods[e.Name] = pod
	link, mac := "p"+e.Name, fmt.Sprintf("0a:58:00:00:02:%02x", i)
	node.run("ip", "link", "add", link, "up", "type", "veth", "peer", "name", "eth0", "netns", pod.pid)
	pod.run("ip", "link", "set", "eth0", "address", mac, "mtu", "1450", "up")
	pod.run("ethtool", "-K", "eth0", "tx", "off")
	for _, a := range e.Addrs {
		family := "-4"
		gateway := "169.254.1.1"
		if a.Is6() {
			family, gateway = "-6", "fe80::1"
		}
		for _, n := range c.prog.Nodes {
			for _, p := range n.PodCIDRs {
				if n.Name == e.Node && p.Addr().Is4() == a.Is4() {
					gateway = p.Addr().Next().String()
				}
			}
		}
		pod.run("ip", family, "addr", "add", a.String(), "dev", "eth0", "nodad")
		pod.run("ip", family, "route", "add", "default", "via", gateway, "dev", "eth0", "onlink")
	}
	node.vsctl("add-port", "br-int", link, "--", "set", "interface", link, fmt.Sprintf("external_ids:iface-id=%q", e.String()),
		fmt.Sprintf("external_ids:attached-mac=%q", mac))
}

// enforce compiles the program with some policies and brings every node to it.
func (c *cluster) enforce(policies ...*ir.Policy) {
	c.t.Helper()
	c.prog.Policies = policies
	groups := map[string]*ir.Group{}
	c.prog.Groups = nil
	for _, p := range policies {
		for _, g := range p.Subjects {
			if groups[g.Key] == nil {
				groups[g.Key] = g
				c.prog.Groups = append(c.prog.Groups, g)
			}
		}
	}
	for name, node := range c.nodes {
		d := c.dps[name]
		if d == nil {
			var err error
			d, _, err = ovs.Open(background(c.t), ovs.Options{Node: name, DBSocket: node.path("db.sock"), Bridge: "br-int"})
			require.NoError(c.t, err)
			c.t.Cleanup(d.Close)
			c.dps[name] = d
		}
		p := place(c.prog, name)
		await(c.t, "ports", func() bool {
			_, err := agent.Reconcile(background(c.t), d, generate(p))
			require.NoError(c.t, err)
			return len(d.Held()) == 0
		})
	}
}

// lock isolates pods in a direction but for TCP port 80 with pod a.
func (c *cluster) lock(d ir.Direction, pods ...string) *ir.Policy {
	group := func(names ...string) *ir.Group {
		g := &ir.Group{Key: fmt.Sprint("pods ", names), Kind: ir.Members}
		var addrs []netip.Addr
		for _, e := range c.prog.Endpoints {
			for _, n := range names {
				if e.Name == n {
					g.Members = append(g.Members, e)
					addrs = append(addrs, e.Addrs...)
				}
			}
		}
		g.Addrs = ir.AddrSetOf(addrs...)
		return g
	}
	p := &ir.Policy{Origin: source.Origin{Object: "NetworkPolicy x/lock"}, Kind: "NetworkPolicy", Namespace: "x", Name: "lock",
		Phase: ir.Namespace, Subjects: []*ir.Group{group(pods...)}}
	p.Isolates[d] = true
	p.Rules[d] = []ir.PolicyRule{{Peers: []*ir.Group{group("a")}, Ports: []ir.PortSpec{{Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(80))}},
		Action: ir.Allow, Origin: source.Origin{Object: p.Origin.Object, Field: "spec.rules[0]"}}}
	return p
}

// expect dials both addresses of a pod until the outcome is as it should be: the datapath's cache of an old generation lives on
// for some milliseconds. What is denied is tried briefly, for an answer would take milliseconds.
func (c *cluster) expect(from *space, to string, port uint16, allowed bool) {
	c.t.Helper()
	at := slices.IndexFunc(c.prog.Endpoints, func(e *ir.Endpoint) bool { return e.Name == to })
	require.GreaterOrEqual(c.t, at, 0)
	patience := 10 * time.Second
	if !allowed {
		patience = 700 * time.Millisecond
	}
	for _, a := range c.prog.Endpoints[at].Addrs {
		await(c.t, fmt.Sprintf("connection to %s %s:%d that is allowed: %t", to, a, port, allowed), func() bool {
			conn, err := from.dial(a, port, patience)
			if conn != nil {
				conn.Close()
			}
			return (err == nil) == allowed
		})
	}
}

// TestRealPackets: pods on one node and on two, over Geneve, both families, with and without policies; nodes and their own pods;
// a connection that a new policy would not allow.
func TestRealPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for _, pod := range c.pods {
		pod.listen(80, 81)
	}
	a, b := c.pods["a"], c.pods["b"]

	c.enforce()
	for _, port := range []uint16{80, 81} {
		c.expect(a, "b", port, true)
		c.expect(a, "c", port, true)
		c.expect(c.pods["c"], "a", port, true)
		c.expect(c.nodes["n0"].space, "b", port, true)
		c.expect(c.nodes["n0"].space, "c", port, true)
	}
	live, err := a.dial(c.prog.Endpoints[2].Addrs[0], 81, 10*time.Second)
	require.NoError(t, err)
	defer live.Close()

	c.enforce(c.lock(ir.Ingress, "b", "c"))
	for _, to := range []string{"b", "c"} {
		c.expect(a, to, 80, true)
		c.expect(a, to, 81, false)
	}
	c.expect(b, "c", 80, false)
	c.expect(c.pods["c"], "b", 80, false)
	c.expect(b, "a", 81, true)
	c.expect(c.nodes["n0"].space, "b", 81, true)
	c.expect(c.nodes["n1"].space, "c", 81, true)
	c.expect(c.nodes["n0"].space, "c", 81, false)
	require.NoError(t, echo(live, 10*time.Second), "an established connection outlives a policy")

	c.enforce(c.lock(ir.Egress, "c"))
	c.expect(c.pods["c"], "a", 80, true)
	c.expect(c.pods["c"], "a", 81, false)
	c.expect(c.pods["c"], "b", 80, false)
	c.expect(a, "c", 81, true)
}
