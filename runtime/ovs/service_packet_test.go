package ovs_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// greet answers TCP connections and UDP packets with a pod's name.
func (s *space) greet(name string, port int) {
	s.t.Helper()
	var l net.Listener
	var u net.PacketConn
	require.NoError(s.t, s.inside(func() (err error) {
		if l, err = net.Listen("tcp", fmt.Sprintf(":%d", port)); err == nil {
			u, err = net.ListenPacket("udp", fmt.Sprintf(":%d", port))
		}
		return err
	}))
	s.t.Cleanup(func() { l.Close(); u.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			io.WriteString(c, name+" "+c.RemoteAddr().(*net.TCPAddr).IP.String())
			c.Close()
		}
	}()
	go func() {
		buf := make([]byte, 64)
		for _, from, err := u.ReadFrom(buf); err == nil; _, from, err = u.ReadFrom(buf) {
			u.WriteTo([]byte(name+" "+from.(*net.UDPAddr).IP.String()), from)
		}
	}()
}

// ask dials and tells who answered, and whom he saw.
func (s *space) ask(network, to string, patience time.Duration) (who, seen string, err error) {
	var c net.Conn
	err = s.inside(func() error {
		c, err = net.DialTimeout(network, to, patience)
		return err
	})
	if err != nil {
		return "", "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if network == "udp" {
		c.Write([]byte("who"))
	}
	buf := make([]byte, 64)
	n, err := c.Read(buf)
	fmt.Sscan(string(buf[:n]), &who, &seen)
	return who, seen, err
}

// serviceOf is a Service with backends on port 8080 of pods.
func (c *cluster) serviceOf(name string, ips []netip.Addr, affinity time.Duration, backends ...string) *ir.Service {
	s := &ir.Service{Namespace: "x", Name: name, Origin: source.Origin{Object: "Service x/" + name}, ClusterIPs: ips, Sources: ir.AnyAddr(), Affinity: affinity}
	for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
		port := ir.ServicePort{Proto: proto, Port: 80}
		for _, e := range c.prog.Endpoints {
			for _, b := range backends {
				for _, a := range e.Addrs {
					if e.Name == b {
						port.Backends = append(port.Backends, ir.Backend{Addr: a, Port: 8080, Node: e.Node})
					}
				}
			}
		}
		s.Ports = append(s.Ports, port)
	}
	return s
}

// TestServicesByPackets: what pods dial, on the userspace datapath.
func TestServicesByPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
	}
	c.prog.Services = []*ir.Service{
		c.serviceOf("all", addrsOf("10.96.0.1", "fd96::1"), 0, "a", "b", "c"),
		c.serviceOf("none", addrsOf("10.96.0.2", "fd96::2"), 0),
		c.serviceOf("own", addrsOf("10.96.0.3", "fd96::3"), 0, "a"),
		c.serviceOf("remote", addrsOf("10.96.0.4", "fd96::4"), 0, "c"),
		c.serviceOf("same", addrsOf("10.96.0.5", "fd96::5"), time.Hour, "b", "c"),
	}
	c.enforce()
	a := c.pods["a"]
	patience := 10 * time.Second
	for _, network := range []string{"tcp", "udp"} {
		for n, family := range []string{"10.96.0.%d:80", "[fd96::%d]:80"} {
			own := c.prog.Endpoints[0].Addrs[n].String()
			vip := func(i int) string { return fmt.Sprintf(family, i) }
			t.Run(network+" "+vip(0), func(t *testing.T) {
				who, seen, err := a.ask(network, vip(4), patience)
				require.NoError(t, err)
				require.Equal(t, "c "+own, who+" "+seen)
				_, _, err = a.ask(network, vip(2), patience)
				require.ErrorIs(t, err, syscall.ECONNREFUSED)
				who, seen, err = a.ask(network, vip(3), patience)
				require.NoError(t, err, "a pod reaches itself")
				require.Equal(t, "a", who)
				require.Equal(t, openflow.HairpinAddr(ir.Families()[n]).String(), seen)
				_, _, err = a.ask(network, vip(5), patience)
				require.NoError(t, err)
				time.Sleep(300 * time.Millisecond) // the switch looks at what it has cached within some milliseconds
				first, _, err := a.ask(network, vip(5), patience)
				require.NoError(t, err)
				for range 20 {
					who, _, err := a.ask(network, vip(5), patience)
					require.NoError(t, err)
					require.Equal(t, first, who)
				}
			})
		}
	}
}

// TestPoliciesJudgeBackends: a pod that may not reach a backend does not by a Service either, however often it tries; one that may, does.
func TestPoliciesJudgeBackends(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
	}
	c.prog.Services = []*ir.Service{
		c.serviceOf("own", addrsOf("10.96.0.3", "fd96::3"), 0, "a"),
		c.serviceOf("local", addrsOf("10.96.0.6", "fd96::6"), 0, "b"),
		c.serviceOf("remote", addrsOf("10.96.0.4", "fd96::4"), 0, "c"),
	}
	c.enforce(c.lock(ir.Egress, "a"))
	a := c.pods["a"]
	for _, network := range []string{"tcp", "udp"} {
		for _, vip := range []string{"10.96.0.6:80", "[fd96::6]:80", "10.96.0.4:80", "[fd96::4]:80"} {
			_, _, err := a.ask(network, vip, 2500*time.Millisecond) // TCP tries again after a second
			var late net.Error
			require.True(t, errors.As(err, &late) && late.Timeout(), "%s %s: %v", network, vip, err)
		}
		for _, vip := range []string{"10.96.0.3:80", "[fd96::3]:80"} {
			who, _, err := a.ask(network, vip, 10*time.Second)
			require.NoError(t, err, "a pod reaches itself")
			require.Equal(t, "a", who)
		}
	}
}
