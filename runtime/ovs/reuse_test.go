package ovs_test

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// hold answers connections with a name, and keeps them open.
func (s *space) hold(name string, port int) {
	s.t.Helper()
	var l net.Listener
	require.NoError(s.t, s.inside(func() (err error) {
		l, err = net.Listen("tcp", fmt.Sprintf(":%d", port))
		return err
	}))
	s.t.Cleanup(func() { l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			s.t.Cleanup(func() { c.Close() })
			fmt.Fprint(c, name)
		}
	}()
}

// dialFrom connects from a source port of the caller's choice, and reads who answers.
func (s *space) dialFrom(port int, to string, patience time.Duration) (c *net.TCPConn, who string) {
	s.t.Helper()
	reuse := func(_, _ string, raw syscall.RawConn) (err error) {
		failed := raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) })
		if failed != nil {
			return failed
		}
		return err
	}
	require.NoError(s.t, s.inside(func() error {
		d := net.Dialer{LocalAddr: &net.TCPAddr{Port: port}, Timeout: patience, Control: reuse}
		conn, err := d.Dial("tcp", to)
		if err == nil {
			c = conn.(*net.TCPConn)
		}
		return err
	}))
	require.NoError(s.t, c.SetDeadline(time.Now().Add(patience)))
	buf := make([]byte, 16)
	n, err := c.Read(buf)
	require.NoError(s.t, err)
	return c, string(buf[:n])
}

// abort forgets a connection, and tells the other side unless it is lost.
func (s *space) abort(c *net.TCPConn, lost bool) {
	s.t.Helper()
	if lost {
		s.run("nft", "add table inet lose; add chain inet lose out { type filter hook output priority 0; }; add rule inet lose out tcp flags & rst == rst drop")
		defer s.run("nft", "delete table inet lose")
	}
	require.NoError(s.t, c.SetLinger(0))
	require.NoError(s.t, c.Close())
}

// TestPortsAreUsedAgain: what is left in connection tracking of a connection that is over, or of which the client alone knows that it is,
// keeps nobody from making another one from the same port, to a backend that there is now.
func TestPortsAreUsedAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	a, patience := c.pods["a"], 20*time.Second
	for _, name := range []string{"b", "c"} {
		c.pods[name].hold(name, 8080)
	}
	port := 40000
	for _, vip := range []string{"10.96.0.1:80", "[fd96::1]:80"} {
		for _, lost := range []bool{false, true} {
			for _, next := range []string{"b", "c"} {
				t.Run(fmt.Sprintf("%s, reset lost: %t, then %s", vip, lost, next), func(t *testing.T) {
					port++
					c.serve(c.serviceOf("s", addrsOf("10.96.0.1", "fd96::1"), 0, "b"))
					conn, who := a.dialFrom(port, vip, patience)
					require.Equal(t, "b", who)
					a.abort(conn, lost)
					c.serve(c.serviceOf("s", addrsOf("10.96.0.1", "fd96::1"), 0, next))
					conn, who = a.dialFrom(port, vip, patience)
					require.Equal(t, next, who)
					a.abort(conn, false)
				})
			}
		}
	}
}

// TestPodsOfOtherNodesDialThroughThisOne: what the kernel of a node translates for a pod of another node is answered the same way back,
// although the tunnel is shorter.
func TestPodsOfOtherNodesDialThroughThisOne(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	c.pods["a"].greet("a", 8080)
	c.prog.Services = []*ir.Service{c.serviceOf("s", addrsOf("10.96.0.1", "fd96::1"), 0, "a")}
	c.enforce()
	for _, n := range c.nodes {
		n.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
	}
	n0 := c.nodes["n0"]
	n0.run("nft", `table inet nodeport {
		chain in { type nat hook prerouting priority -100;
			meta l4proto { tcp, udp } th dport 30080 fib daddr type local dnat ip to 10.244.0.5:8080
			meta l4proto { tcp, udp } th dport 30080 fib daddr type local dnat ip6 to [fd00::5]:8080
		}
	}`)
	for _, network := range []string{"tcp", "udp"} {
		for _, to := range []string{"192.168.50.1", "10.244.0.1", "fd00::1"} {
			who, seen, err := c.pods["c"].ask(network, net.JoinHostPort(to, "30080"), 20*time.Second)
			require.NoError(t, err, "%s %s", network, to)
			require.Equal(t, "a", who)
			require.Contains(t, []string{"10.250.0.7", "fd99::7"}, seen, "with its own address")
		}
	}
}
