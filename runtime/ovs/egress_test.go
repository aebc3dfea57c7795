package ovs_test

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
)

// The addresses of a machine outside: two of each family, of which the second ones are excepted; and those of an Egress.
const (
	outside4, outside6 = "192.168.50.100", "fd50::100"
	except4, except6   = "192.168.50.101", "fd50::101"
	leave4, leave6     = "192.168.50.40", "fd50::40"
)

// outside is a machine beside the cluster's nodes, which it can reach, but not their pods. The nodes' own network stacks are prepared by
// hand: what of their pods goes there gets their own address, and on the node that holds an Egress's, that one.
type outside struct {
	*cluster
	host   *space
	egress *ir.EgressIP
}

func newOutside(t testing.TB) *outside {
	c := newCluster(t)
	o := &outside{cluster: c, host: newSpace(t)}
	n1 := c.nodes["n1"]
	n1.run("ip", "link", "add", "u1", "up", "type", "veth", "peer", "name", "eth0", "netns", o.host.pid)
	n1.leaveToSwitch("u1")
	n1.vsctl("add-port", "br-phy", "u1")
	o.host.run("ethtool", "-K", "eth0", "tx", "off")
	o.host.run("ip", "link", "set", "eth0", "up")
	for _, a := range []string{outside4 + "/24", except4 + "/24", outside6 + "/64", except6 + "/64"} {
		o.host.run("ip", "addr", "add", a, "dev", "eth0", "nodad")
	}
	o.host.run("ip", "addr", "change", except6+"/64", "dev", "eth0", "preferred_lft", "0") // answers to UDP come from the other one
	for i, node := range c.prog.Nodes {
		n := c.nodes[node.Name]
		n.run("ip", "addr", "add", fmt.Sprintf("fd50::%d/64", i+1), "dev", "br-phy", "nodad")
		n.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
		for _, e := range c.prog.Endpoints { // the node's kernel must not answer beside the bridge
			if e.Node == node.Name {
				at := ".conf.p" + e.Name + "."
				n.run("sysctl", "-qw", "net.ipv4"+at+"arp_ignore=8", "net.ipv4"+at+"forwarding=0", "net.ipv6"+at+"disable_ipv6=1")
				c.pods[e.Name].run("ip", "neigh", "flush", "all")
			}
		}
		n.run("nft", fmt.Sprintf("add table inet hand { map to { type ipv4_addr : ipv4_addr; }; map to6 { type ipv6_addr : ipv6_addr; };"+
			"chain post { type nat hook postrouting priority 99; ip daddr %s snat ip to ip saddr map @to; ip6 daddr %s snat ip6 to ip6 saddr map @to6;"+
			"ip daddr { %s, %s } masquerade; ip6 daddr { %s, %s } masquerade; }; }", outside4, outside6, outside4, except4, outside6, except6))
	}
	o.host.greet("outside", 80)
	o.host.listen(81)
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for name, n := range o.nodes {
			for _, ask := range []string{"dpctl/dump-flows", "dpctl/dump-conntrack", "tnl/neigh/show", "tnl/ports/show", "ovs/route/show", "coverage/show"} {
				t.Logf("%s %s:\n%s", name, ask, n.appctl(ask))
			}
		}
	})
	return o
}

// hold gives the Egress's addresses to a node, "" for none: in the program, and by hand.
func (o *outside) hold(node string) {
	o.t.Helper()
	o.prog.Holdings = nil
	for _, a := range addrsOf(leave4, leave6) {
		o.prog.Holdings = append(o.prog.Holdings, ir.Holding{Addr: a, Node: node})
	}
	for name, n := range o.nodes {
		n.run("nft", "flush map inet hand to; flush map inet hand to6")
		n.command("ip", "addr", "del", leave4+"/32", "dev", "br-phy").Run()
		n.command("ip", "addr", "del", leave6+"/128", "dev", "br-phy").Run()
		if name != node {
			continue
		}
		n.run("ip", "addr", "add", leave4+"/32", "dev", "br-phy")
		n.run("ip", "addr", "add", leave6+"/128", "dev", "br-phy", "nodad", "preferred_lft", "0")
		for _, m := range o.egress.Who.Members {
			n.run("nft", fmt.Sprintf("add element inet hand to { %s : %s }; add element inet hand to6 { %s : %s }", m.Addrs[0], leave4, m.Addrs[1], leave6))
		}
	}
	o.host.run("ip", "neigh", "flush", "all")
}

// select makes the Egress of some pods.
func (o *outside) selects(pods ...string) {
	o.egress = &ir.EgressIP{Name: "out", Who: &ir.Group{Key: "leaving"}, Origin: source.Origin{Object: "Egress out"},
		Leases: []ir.Lease{{Family: ir.IPv4, Addr: netip.MustParseAddr(leave4)}, {Family: ir.IPv6, Addr: netip.MustParseAddr(leave6)}}}
	for _, e := range o.prog.Endpoints {
		if slices.Contains(pods, e.Name) {
			o.egress.Who.Members = append(o.egress.Who.Members, e)
		}
	}
	o.prog.Egresses = []*ir.EgressIP{o.egress}
	o.prog.Except = ir.AddrSetOf(addrsOf(except4, except6)...)
}

// seen requires that a pod is seen as some addresses by the machine at others, by TCP and, at its first addresses, by UDP.
func (o *outside) seen(pod string, at, as [2]string) {
	o.t.Helper()
	for i, to := range at {
		for _, network := range []string{"tcp", "udp"} {
			if network == "udp" && to != outside4 && to != outside6 {
				continue
			}
			await(o.t, fmt.Sprintf("answer to %s over %s from %s, which sees it as %s", pod, network, to, as[i]), func() bool {
				_, seen, err := o.pods[pod].ask(network, net.JoinHostPort(to, "80"), 2*time.Second)
				return err == nil && seen == as[i]
			})
		}
	}
}

// lost requires that nothing of a pod arrives.
func (o *outside) lost(pod string) {
	o.t.Helper()
	for _, to := range []string{outside4, outside6} {
		for _, network := range []string{"tcp", "udp"} {
			_, seen, err := o.pods[pod].ask(network, net.JoinHostPort(to, "80"), 700*time.Millisecond)
			require.Error(o.t, err, "%s over %s is seen as %s", pod, network, seen)
		}
	}
}

// dials opens a connection in each family.
func (o *outside) dials(pod string) (out []net.Conn) {
	o.t.Helper()
	for _, to := range addrsOf(outside4, outside6) {
		conn, err := o.pods[pod].dial(to, 81, 10*time.Second)
		require.NoError(o.t, err)
		o.t.Cleanup(func() { conn.Close() })
		out = append(out, conn)
	}
	return out
}

func (o *outside) live(conns []net.Conn, why string) {
	o.t.Helper()
	for _, c := range conns {
		require.NoError(o.t, echo(c, 10*time.Second), why)
	}
}

// TestEgressByPackets: a pod leaves as the address that another node holds, others and excepted destinations as ever, both families, TCP and
// UDP, with policies around; connections from before stay as they were, later ones follow the address.
func TestEgressByPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	o := newOutside(t)
	at, excepted, away := [2]string{outside4, outside6}, [2]string{except4, except6}, [2]string{leave4, leave6}
	first, second := [2]string{"192.168.50.1", "fd50::1"}, [2]string{"192.168.50.2", "fd50::2"}
	lock := o.lock(ir.Ingress, "a", "b")
	o.enforce(lock)
	o.seen("a", at, first)
	before := o.dials("a")

	o.selects("a")
	o.hold("n1")
	o.enforce(lock)
	o.seen("a", at, away)
	o.seen("b", at, first)
	o.seen("c", at, second)
	o.seen("a", excepted, first)
	o.live(before, "from before the Egress")
	o.nodes["n1"].greet("n1", 80)
	who, seen, err := o.pods["a"].ask("tcp", "192.168.50.2:80", 10*time.Second)
	require.NoError(t, err)
	require.Equal(t, "n1 10.244.0.5", who+" "+seen, "nodes see the pod")
	after := o.dials("a")

	o.selects("a", "c") // by a pod of the node that holds the address, too
	o.hold("n1")
	o.enforce(lock, o.lock(ir.Egress, "b"))
	o.seen("c", at, away)
	o.seen("a", at, away)
	o.lost("b")
	o.live(after, "the Egress selects more")

	o.selects("c")                                                           // the last pod of its node leaves, and what it had open goes on
	o.egress.Who.Members = append(o.egress.Who.Members, o.prog.Endpoints[0]) // by hand, the node's own stack translates as before
	o.hold("n1")
	o.selects("c")
	o.enforce(lock)
	o.seen("b", at, first)
	o.live(after, "its pod is not selected any more")
	o.selects("a", "c")

	o.hold("n0")
	o.enforce(lock)
	o.seen("a", at, away)
	o.seen("c", at, away)
	o.seen("b", at, first)
	o.live(after, "the address moved")
	o.live(before, "from before the Egress")

	o.hold("")
	o.enforce(lock)
	o.lost("a")
	o.lost("c")
	o.seen("b", at, first)
	o.live(before, "from before the Egress")

	o.prog.Egresses, o.prog.Holdings = nil, nil
	o.enforce(lock)
	o.seen("a", at, first)
}

// received counts the bytes that arrive at a TCP port.
func (s *space) received(port int) *atomic.Int64 {
	s.t.Helper()
	var l net.Listener
	require.NoError(s.t, s.inside(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprintf(":%d", port))
		return err
	}))
	s.t.Cleanup(func() { l.Close() })
	count := &atomic.Int64{}
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				buf := make([]byte, 64<<10)
				for n, err := c.Read(buf); err == nil; n, err = c.Read(buf) {
					count.Add(int64(n))
				}
			}()
		}
	}()
	return count
}

// BenchmarkBandwidth: what arrives of what pods send over TCP through a node that lets pass so much: from one pod over four seconds, after one
// in which it finds its rate; and from pods on both nodes together.
func BenchmarkBandwidth(b *testing.B) {
	if testing.Short() {
		b.Skip("needs root")
	}
	o := newOutside(b)
	count := o.host.received(82)
	for _, rate := range []uint64{10e6, 50e6, 200e6} {
		o.selects("a", "c")
		o.egress.Limit = ir.Limit{Rate: rate, Burst: rate / 5}
		o.hold("n1")
		o.enforce()
		for _, to := range addrsOf(outside4, outside6) {
			for _, pods := range [][]string{{"a"}, {"a", "c"}} {
				b.Run(fmt.Sprintf("%dMbit/%s/%d", rate/1e6, ir.FamilyOf(to), len(pods)), func(b *testing.B) {
					for range b.N {
						var floods sync.WaitGroup
						for _, pod := range pods {
							floods.Go(func() { o.pods[pod].flood(to, 82, 6*time.Second) })
						}
						time.Sleep(time.Second)
						from, began := count.Load(), time.Now()
						time.Sleep(4 * time.Second)
						b.ReportMetric(float64(count.Load()-from)*8/1e6/time.Since(began).Seconds(), "Mbit/s")
						floods.Wait()
					}
				})
			}
		}
	}
}

// flood sends over TCP for some time.
func (s *space) flood(to netip.Addr, port uint16, long time.Duration) {
	var c net.Conn
	err := s.inside(func() (err error) {
		c, err = net.DialTimeout("tcp", netip.AddrPortFrom(to, port).String(), 10*time.Second)
		return err
	})
	if err != nil {
		return
	}
	defer c.Close()
	c.(*net.TCPConn).SetLinger(0)
	c.SetDeadline(time.Now().Add(long))
	buf := make([]byte, 64<<10)
	for err == nil {
		_, err = c.Write(buf)
	}
}

// TestLimitsByPackets: of what pods send at once, no more arrives than the burst and what the rate lets follow; others are not limited,
// and neither are replies.
func TestLimitsByPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	o := newOutside(t)
	var sink net.PacketConn
	require.NoError(t, o.host.inside(func() (err error) {
		sink, err = net.ListenPacket("udp", ":83")
		return err
	}))
	t.Cleanup(func() { sink.Close() })
	limit := ir.Limit{Rate: 8000, Burst: 160_000} // 20 packets of 1000 bytes, and one a second
	o.selects("a", "c")
	o.egress.Limit = limit
	o.hold("n1")
	o.enforce()
	at := [2]string{outside4, outside6}
	o.seen("a", at, [2]string{leave4, leave6})
	arrived := func(pods ...string) int {
		for _, pod := range pods {
			require.NoError(t, o.pods[pod].inside(func() error {
				c, err := net.Dial("udp", outside4+":83")
				if err != nil {
					return err
				}
				defer c.Close()
				for range 100 {
					if _, err := c.Write(make([]byte, 1000)); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		n, buf := 0, make([]byte, 2000)
		for {
			sink.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			if _, _, err := sink.ReadFrom(buf); err != nil {
				return n
			}
			n++
		}
	}
	limited := arrived("a", "c")
	require.Positive(t, limited)
	require.Less(t, limited, 100)
	o.selects("c")
	o.egress.Limit = limit
	o.hold("n1")
	o.enforce()
	require.Greater(t, arrived("a"), limited)
	for name, n := range o.nodes {
		meters := n.ofctl("dump-meters")
		require.Equal(t, name == "n1", strings.Contains(meters, "kbps"), "%s: %s", name, meters)
	}
	o.egress.Limit = ir.Limit{}
	o.enforce()
	require.NotContains(t, o.nodes["n1"].ofctl("dump-meters"), "kbps")
}
