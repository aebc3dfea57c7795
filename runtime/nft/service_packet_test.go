package nft_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	target "github.com/headgate-net/headgate/targets/nft"
)

// cluster is a network whose node has two pods, a and b, and beside which there are a pod of another node and a host outside.
type cluster struct {
	*network
	remote *namespace
	places map[string]*namespace
}

// servicePort is where everything listens that Services lead to.
const servicePort = 8080

func newCluster(t testing.TB) *cluster {
	c := &cluster{network: newNetwork(t), remote: newNamespace(t)}
	c.join("remote", c.remote)
	c.node.shell("ip route add 10.96.0.0/16 dev vhost src 192.168.7.1; ip route add fd96::/16 dev vhost src fd00:7::1\n" +
		"echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit")
	c.places = map[string]*namespace{"node": c.node, "a": c.a, "b": c.b, "remote": c.remote, "host": c.host}
	for name, ns := range c.places {
		ns.tell(name)
	}
	return c
}

// tell answers on TCP and UDP with its name and the address that it was dialled from.
func (n *namespace) tell(name string) {
	n.in(func() {
		for f := range 2 {
			at := net.JoinHostPort(addrs[name][f], fmt.Sprint(servicePort))
			l, err := net.Listen("tcp", at)
			require.NoError(n.t, err)
			n.t.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
					fmt.Fprint(c, name, " ", host)
					c.Close()
				}
			}()
			u, err := net.ListenPacket("udp", at)
			require.NoError(n.t, err)
			n.t.Cleanup(func() { u.Close() })
			go func() {
				buf := make([]byte, 64)
				for {
					_, from, err := u.ReadFrom(buf)
					if err != nil {
						return
					}
					host, _, _ := net.SplitHostPort(from.String())
					u.WriteTo([]byte(name+" "+host), from)
				}
			}()
		}
	})
}

// talk dials and gives the answer: "NAME ADDRESS", "refuse" or "discard".
func (n *namespace) talk(proto ir.Proto, from, to string, timeout time.Duration) (answer string) {
	n.in(func() { answer = ask(proto, from, to, timeout) })
	return answer
}

// ask is for a thread in the namespace.
func ask(proto ir.Proto, from, to string, timeout time.Duration) string {
	d := net.Dialer{Timeout: timeout}
	if from != "" && proto == ir.ProtoTCP {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	} else if from != "" {
		d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
	}
	c, err := d.Dial(proto.String(), to)
	buf, k := make([]byte, 128), 0
	if err == nil {
		defer c.Close()
		c.SetDeadline(time.Now().Add(timeout))
		if proto == ir.ProtoUDP {
			_, err = c.Write([]byte("x"))
		}
		// The sender is told at once of what its own machine drops or refuses; what comes after tells which.
		if err == nil || errors.Is(err, unix.EPERM) {
			k, err = c.Read(buf)
		}
	}
	var timedOut net.Error
	switch {
	case err == nil:
		return string(bytes.TrimSpace(buf[:k]))
	case errors.Is(err, unix.ECONNREFUSED):
		return "refuse"
	case errors.As(err, &timedOut) && timedOut.Timeout():
		return "discard"
	}
	return err.Error()
}

// clusterText is the node of a cluster, with frontends to come.
const clusterText = `pipeline node=n1
node n1 addrs=192.168.7.1,fd00:7::1 cidrs=10.0.0.0/24,fd00::/64 from="Node n1",-,-
node n2 addrs=192.168.7.2,fd00:7::2 cidrs=10.8.0.0/24,fd08::/64 from="Node n2",-,-
endpoint ns/a node=n1 addrs=10.0.0.1,fd00::1 from="Pod ns/a",-,-
endpoint ns/b node=n1 addrs=10.0.0.2,fd00::2 from="Pod ns/b",-,-
pool all4 targets=10.0.0.1:8080,10.0.0.2:8080,10.8.0.1:8080
pool all6 targets=[fd00::1]:8080,[fd00::2]:8080,[fd08::1]:8080
pool far4 targets=10.8.0.1:8080
pool far6 targets=[fd08::1]:8080
pool own4 targets=10.0.0.2:8080
pool own6 targets=[fd00::2]:8080
pool self4 targets=192.168.7.1:8080
pool self6 targets=[fd00:7::1]:8080
`

// common is what a Service of type ClusterIP does, or one with externalTrafficPolicy Cluster.
const common = "pod=%[1]s node=%[1]s inside=%[1]s/masquerade outside=%[1]s/masquerade"

// everyFrontend has a frontend of each kind, by both families and both protocols.
func everyFrontend(t testing.TB) *ir.Pipeline {
	local := "pod=all%[1]d node=all%[1]d inside=all%[1]d/masquerade outside=own%[1]d"
	var lines []string
	for _, f := range ir.Families() {
		vip := map[ir.Family]string{ir.IPv4: "10.96.0.%d", ir.IPv6: "fd96::%d"}[f]
		ranges := map[ir.Family]string{ir.IPv4: "10.9.0.0/24", ir.IPv6: "fd09::/64"}[f]
		pool := func(name string) string { return fmt.Sprintf(name+"%d", f) }
		for _, proto := range []string{"tcp", "udp"} {
			at := func(n int) string { return fmt.Sprintf(vip+"/"+proto+"/80", n) }
			add := func(entry, rest string) {
				lines = append(lines, fmt.Sprintf("frontend %s ns/s %s from=\"Service ns/s\",-,-", entry, rest))
			}
			add(fmt.Sprintf("node%d/%s/30080", f, proto), fmt.Sprintf(common, pool("all")))
			add(fmt.Sprintf("node%d/%s/30081", f, proto), fmt.Sprintf(local, f))
			add(fmt.Sprintf("node%d/%s/30082", f, proto), fmt.Sprintf("pod=all%[1]d node=all%[1]d inside=all%[1]d/masquerade outside=discard", f))
			add(fmt.Sprintf("node%d/%s/30083", f, proto), "pod=refuse node=refuse inside=refuse outside=refuse")
			add(at(1), fmt.Sprintf(common, pool("all")))
			add(at(2), "pod=refuse node=refuse inside=refuse outside=refuse")
			add(at(3), "pod=discard node=discard inside=discard outside=discard")
			add(at(4), fmt.Sprintf(local, f))
			add(at(5), fmt.Sprintf(common, pool("all"))+" sources="+ranges)
			add(at(6), fmt.Sprintf(common, pool("all"))+" affinity=1h0m0s")
			add(at(7), fmt.Sprintf(common, pool("self")))
			add(at(8), fmt.Sprintf(common, pool("own")))
			add(at(9), fmt.Sprintf(common, pool("far")))
		}
	}
	return parseServices(t, lines)
}

// parseServices sorts frontends, and leaves pools out that none leads to.
func parseServices(t testing.TB, lines []string) *ir.Pipeline {
	p, err := ir.ParsePipeline(clusterText + strings.Join(lines, "\n") + "\n")
	require.NoError(t, err)
	slices.SortFunc(p.Frontends, func(x, y *ir.Frontend) int { return x.Entry.Compare(y.Entry) })
	require.NoError(t, p.Check())
	return p
}

// TestServicesObey dials every kind of frontend from every place, by both families and protocols: who answers, the address that it
// sees, and how it is told where nobody does, are what the Pipeline says.
func TestServicesObey(t *testing.T) {
	needRoot(t)
	p := everyFrontend(t)
	c := newCluster(t)
	c.node.reconcile(generate(t, p))
	seen := c.requireServed(p, "node", "a", "b", "remote", "host")
	for _, side := range ir.Sides() {
		require.Greater(t, seen[fmt.Sprint(side, ir.Refuse, false)], 5, "%v", seen)
		require.Greater(t, seen[fmt.Sprint(side, ir.Discard, false)], 3, "%v", seen)
		require.Greater(t, seen[fmt.Sprint(side, ir.Balance, side >= ir.Inside)], 15, "%v", seen)
	}
	require.Greater(t, seen[fmt.Sprint(ir.OutsideSide, ir.Balance, false)], 3)
	require.Greater(t, seen["itself"], 5)
}

// TestServicesObeyWithoutPods is likewise for a node whose pods hang on a bridge: the node itself and all others are served by its
// nftables, and what its pods send is not touched.
func TestServicesObeyWithoutPods(t *testing.T) {
	needRoot(t)
	p := everyFrontend(t)
	c := newCluster(t)
	var report diag.Report
	c.node.reconcile(target.GenerateOwn(p, &report))
	require.Empty(t, report.Findings())
	seen := c.requireServed(p, "node", "remote", "host")
	for _, side := range []ir.Side{ir.OwnNode, ir.Inside, ir.OutsideSide} {
		require.Greater(t, seen[fmt.Sprint(side, ir.Refuse, false)], 5, "%v", seen)
		require.Greater(t, seen[fmt.Sprint(side, ir.Discard, false)], 3, "%v", seen)
		require.Greater(t, seen[fmt.Sprint(side, ir.Balance, side >= ir.Inside)], 15, "%v", seen)
	}
	require.Greater(t, seen[fmt.Sprint(ir.OutsideSide, ir.Balance, false)], 3)
}

// requireServed dials every frontend from some places, and tells how often what happened.
func (c *cluster) requireServed(p *ir.Pipeline, places ...string) map[string]int {
	t := c.node.t
	judge, seen := p.Evaluator(), map[string]int{}
	for _, name := range places {
		ns := c.places[name]
		for _, f := range p.Frontends {
			from, to := netip.MustParseAddr(addrs[name][f.Entry.Family/6]), f.Entry.Addr
			if !to.IsValid() {
				to = netip.MustParseAddr(addrs["node"][f.Entry.Family/6])
			}
			pkt := ir.Packet{Src: from, Dst: to, Proto: f.Entry.Proto, SrcPort: 50000, DstPort: f.Entry.Port}
			side := judge.SideOf(from)
			want := judge.Dial(side, pkt)
			timeout := patience
			if want.Outcome == ir.Discard {
				timeout = silence
			}
			got := ns.talk(f.Entry.Proto, "", netip.AddrPortFrom(to, f.Entry.Port).String(), timeout)
			seen[fmt.Sprint(side, want.Outcome, len(want.Masked) > 0)]++
			if want.Outcome != ir.Balance {
				require.Equal(t, want.Outcome.String(), got, "%s -> %s", name, f.Entry)
				continue
			}
			who, peer, _ := strings.Cut(got, " ")
			isIts := func(t netip.AddrPort) bool { return t.Addr().String() == addrs[who][f.Entry.Family/6] }
			require.True(t, slices.ContainsFunc(want.Targets, isIts), "%s -> %s: %s", name, f.Entry, got)
			if slices.ContainsFunc(want.Masked, isIts) || who == name && who != "node" {
				require.Contains(t, []string{"192.168.7.1", "169.254.1.1", "fd00:7::1", "fe80::1"}, strings.Split(peer, "%")[0], "%s -> %s: %s", name, f.Entry, got)
			} else {
				require.Equal(t, from.String(), peer, "%s -> %s: %s", name, f.Entry, got)
			}
			if who == name {
				seen["itself"]++
			}
		}
	}
	return seen
}

// TestPodReachesItself has a pod dial a Service of which it is the only backend: hairpin.
func TestPodReachesItself(t *testing.T) {
	c := newCluster(t)
	c.node.reconcile(generate(t, everyFrontend(t)))
	for _, vip := range []string{"10.96.0.8:80", "[fd96::8]:80"} {
		for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
			answer := c.b.talk(proto, "", vip, patience)
			require.True(t, strings.HasPrefix(answer, "b "), answer)
			require.NotContains(t, answer, addrs["b"][0])
			require.NotContains(t, answer, "b "+addrs["b"][1])
		}
	}
}

// TestConnectionsAreSpread compares who answers with equal chances, by the chi-square test: with three backends there are two
// degrees of freedom, and 13.82 is exceeded by chance in one of 1000 samples. Only then a second sample decides.
func TestConnectionsAreSpread(t *testing.T) {
	c := newCluster(t)
	c.node.reconcile(generate(t, everyFrontend(t)))
	const critical = 13.82
	for _, from := range []string{"b", "node", "host"} {
		if first := c.spread(from); first > critical {
			require.Less(t, c.spread(from), critical, "%s, after %f", from, first)
		}
	}
}

// spread makes connections to three backends and gives the chi-square of who answered.
func (c *cluster) spread(from string) float64 {
	const connections = 660
	counts := map[string]int{}
	c.places[from].in(func() {
		for range connections {
			who, _, _ := strings.Cut(ask(ir.ProtoTCP, "", "10.96.0.1:80", patience), " ")
			counts[who]++
		}
	})
	require.Len(c.node.t, counts, 3, "%v", counts)
	chi := 0.0
	for _, n := range counts {
		d := float64(n) - connections/3
		chi += d * d / (connections / 3)
	}
	return chi
}

// clients gives the host more addresses, and lists them.
func (c *cluster) clients(n int, f ir.Family) []string {
	var out []string
	for i := range n {
		a := fmt.Sprintf("10.9.0.%d", 10+i)
		if f == ir.IPv6 {
			a = fmt.Sprintf("fd09::%x", 0x10+i)
		}
		c.host.shell("ip addr add " + a + " dev eth0 nodad")
		c.node.shell("ip route add " + a + " dev vhost")
		out = append(out, a)
	}
	return out
}

// answers tells who answers each client.
func (c *cluster) answers(clients []string, proto ir.Proto, to string) map[string]string {
	out := map[string]string{}
	c.host.in(func() {
		for _, from := range clients {
			out[from], _, _ = strings.Cut(ask(proto, from, to, patience), " ")
		}
	})
	return out
}

// affine is a cluster's Pipeline with one frontend that has affinity, and others that may come.
func affine(t testing.TB, f ir.Family, proto ir.Proto, pool, affinity string, others ...string) *ir.Pipeline {
	vip := map[ir.Family]string{ir.IPv4: "10.96.0.6", ir.IPv6: "fd96::6"}[f]
	line := fmt.Sprintf("frontend %s/%s/80 ns/s %s affinity=%s from=\"Service ns/s\",-,-", vip, proto, fmt.Sprintf(common, pool), affinity)
	return parseServices(t, append(others, line))
}

// TestAffinity: a client gets the backend that it had, through changes that do not touch it, until that backend goes.
func TestAffinity(t *testing.T) {
	needRoot(t)
	for _, f := range ir.Families() {
		for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
			t.Run(fmt.Sprint(f, proto), func(t *testing.T) {
				c := newCluster(t)
				clients := c.clients(24, f)
				to := map[ir.Family]string{ir.IPv4: "10.96.0.6:80", ir.IPv6: "[fd96::6]:80"}[f]
				all := fmt.Sprint("all", f)[:3] + fmt.Sprint(int(f))
				c.node.reconcile(generate(t, affine(t, f, proto, all, "1h0m0s")))
				first := c.answers(clients, proto, to)
				require.Len(t, distinct(first), 3, "%v", first)
				require.Equal(t, first, c.answers(clients, proto, to))

				other := `frontend 10.96.0.7/tcp/80 ns/t pod=own4 node=own4 inside=own4 outside=own4 affinity=1h0m0s from="Service ns/t",-,-`
				c.node.reconcile(generate(t, affine(t, f, proto, all, "1h0m0s", other)))
				require.Equal(t, first, c.answers(clients, proto, to))

				p := affine(t, f, proto, all, "1h0m0s", other)
				gone := addrs["a"][f/6]
				for _, pool := range p.Pools {
					pool.Targets = slices.DeleteFunc(slices.Clone(pool.Targets), func(t netip.AddrPort) bool { return t.Addr().String() == gone && len(pool.Targets) == 3 })
				}
				c.node.reconcile(generate(t, p))
				second := c.answers(clients, proto, to)
				for client, who := range second {
					require.NotEqual(t, "a", who)
					require.True(t, who == first[client] || first[client] == "a", "%s: %s, %s", client, first[client], who)
				}
			})
		}
	}
}

func distinct(answers map[string]string) []string {
	var out []string
	for _, who := range answers {
		out = append(out, who)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestAffinityEnds: after its time a client is anybody.
func TestAffinityEnds(t *testing.T) {
	for _, f := range ir.Families() {
		c := newCluster(t)
		clients := c.clients(24, f)
		to := map[ir.Family]string{ir.IPv4: "10.96.0.6:80", ir.IPv6: "[fd96::6]:80"}[f]
		want := generate(t, affine(t, f, ir.ProtoTCP, fmt.Sprintf("all%d", f), "1s"))
		c.node.reconcile(want)
		name := fmt.Sprintf("affinity%d_tcp_1s", f)
		first := c.answers(clients, ir.ProtoTCP, to)
		require.Contains(t, c.node.nft("", "list", "map", "inet", target.TableName, name), clients[23])
		c.node.requireHolds(want) // what packets have put in is no drift
		require.Eventually(t, func() bool {
			return !strings.Contains(c.node.nft("", "list", "map", "inet", target.TableName, name), "expires")
		}, time.Minute, 50*time.Millisecond)
		require.NotEqual(t, first, c.answers(clients, ir.ProtoTCP, to))
	}
}

// TestStaleConnectionsAreForgotten has a client that keeps sending from one UDP port: it is led nowhere before there is a backend,
// then to one, and on to another when that goes.
func TestStaleConnectionsAreForgotten(t *testing.T) {
	for _, f := range ir.Families() {
		c := newCluster(t)
		vip := map[ir.Family]string{ir.IPv4: "10.96.0.6", ir.IPv6: "fd96::6"}[f]
		none := parseServices(t, nil)
		to := func(pool string) *ir.Pipeline {
			return parseServices(t, []string{fmt.Sprintf("frontend %s/udp/80 ns/s %s from=\"Service ns/s\",-,-", vip, fmt.Sprintf(common, pool))})
		}
		c.node.reconcile(generate(t, none))
		var u net.PacketConn
		c.a.in(func() {
			var err error
			u, err = net.ListenPacket("udp", net.JoinHostPort(addrs["a"][f/6], "0"))
			require.NoError(t, err)
		})
		defer u.Close()
		answer := func(timeout time.Duration) string {
			_, err := u.WriteTo([]byte("x"), &net.UDPAddr{IP: net.ParseIP(vip), Port: 80})
			require.NoError(t, err)
			buf := make([]byte, 64)
			u.SetReadDeadline(time.Now().Add(timeout))
			n, _, err := u.ReadFrom(buf)
			if err != nil {
				return ""
			}
			return strings.Split(string(buf[:n]), " ")[0]
		}
		require.Empty(t, answer(silence))
		change := func(old, new *ir.Pipeline, want int) {
			c.node.reconcile(generate(t, new))
			deleted, err := c.node.Forget(context.Background(), agent.StaleAfter(old, new))
			require.NoError(t, err)
			require.Equal(t, want, deleted)
		}
		own, remote := to(fmt.Sprintf("own%d", f)), to(fmt.Sprintf("self%d", f))
		c.node.reconcile(generate(t, own))
		require.Empty(t, answer(silence), "without hygiene it is led nowhere for ever")
		change(none, own, 1)
		require.Equal(t, "b", answer(patience))
		change(own, own, 0)
		require.Equal(t, "b", answer(patience))
		c.node.reconcile(generate(t, remote))
		require.Equal(t, "b", answer(patience), "without hygiene it stays")
		change(own, remote, 1)
		require.Equal(t, "node", answer(patience))
	}
}
