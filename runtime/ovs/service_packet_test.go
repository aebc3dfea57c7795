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
	servicesByPackets(t, "netdev")
}

func servicesByPackets(t *testing.T, datapath string) {
	c := newClusterOn(t, datapath)
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

// TestConnectionsOutliveApplies: what is open to a backend goes on while other Services and backends come and go, that of its own Service
// too; so does what comes of a client that sends by UDP.
func TestConnectionsOutliveApplies(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
		pod.listen(8081)
	}
	own := func(backends ...string) *ir.Service {
		s := c.serviceOf("own", addrsOf("10.96.0.8", "fd96::8"), 0, backends...)
		echoes := c.serviceOf("own", nil, 0, backends...).Ports[0]
		echoes.Port = 81
		for i := range echoes.Backends {
			echoes.Backends[i].Port = 8081
		}
		s.Ports = append(s.Ports, echoes)
		return s
	}
	other := func(n int, backends ...string) *ir.Service {
		return c.serviceOf(fmt.Sprint("other", n), addrsOf(fmt.Sprintf("10.96.2.%d", n), fmt.Sprintf("fd96::2:%d", n)), 0, backends...)
	}
	c.serve(own("b", "c"))
	a, patience := c.pods["a"], 10*time.Second
	var live []net.Conn
	var clients []caller
	var answers []string
	for _, vip := range addrsOf("10.96.0.8", "fd96::8") {
		for range 4 {
			conn, err := a.dial(vip, 81, patience)
			require.NoError(t, err)
			defer conn.Close()
			client := a.call(netip.AddrPortFrom(vip, 80).String())
			live, clients, answers = append(live, conn), append(clients, client), append(answers, client.who(patience))
		}
	}
	for _, services := range [][]*ir.Service{
		{own("b", "c"), other(1, "a", "b")},
		{own("a", "b", "c"), other(1, "b"), other(2)},
		{own("a", "b", "c"), other(2, "c")},
		{own("b", "c")},
	} {
		c.serve(services...)
		for i := range live {
			require.NoError(t, echo(live[i], patience))
			require.Equal(t, answers[i], clients[i].who(patience))
		}
	}
	c.serve(other(1, "a"))
	for i := range live {
		require.NoError(t, echo(live[i], patience), "even its own Service")
	}
}

// TestPoliciesSeeWhatWasDialled: a pod may dial one Service only, by a policy about Services; the same backend by another Service or
// directly is rejected, and the client is told, as if it came from whom it has dialled.
func TestPoliciesSeeWhatWasDialled(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
	}
	c.prog.Services = []*ir.Service{
		c.serviceOf("open", addrsOf("10.96.0.10", "fd96::10"), 0, "b", "c"), c.serviceOf("shut", addrsOf("10.96.0.11", "fd96::11"), 0, "b", "c")}
	var dials []ir.Dial
	for _, proto := range []ir.Proto{ir.ProtoTCP, ir.ProtoUDP} {
		for _, vip := range c.prog.Services[0].ClusterIPs {
			dials = append(dials, ir.Dial{Addr: vip, Proto: proto, Port: 80})
		}
	}
	p := c.lock(ir.Egress, "a")
	p.Phase, p.Isolates[ir.Egress] = ir.Admin, false
	rule := p.Rules[ir.Egress][0]
	allow, reject := rule, rule
	allow.Peers, allow.Ports, allow.Action = []*ir.Group{{Key: "dialled open", Kind: ir.Dialled, Dials: dials}}, []ir.PortSpec{{Box: ir.AnyL4()}}, ir.Allow
	reject.AnyPeer, reject.Peers, reject.Ports, reject.Action, reject.Turn = true, nil, allow.Ports, ir.Reject, 1
	reject.Origin.Field = "spec.egress[1]"
	p.Rules[ir.Egress] = []ir.PolicyRule{allow, reject}
	c.enforce(p)
	a, patience := c.pods["a"], 10*time.Second
	_, _, err := c.pods["b"].ask("tcp", c.prog.Endpoints[2].Addrs[0].String()+":8080", patience) // the nodes find each other
	require.NoError(t, err)
	for n, family := range []string{"10.96.0.%d:80", "[fd96::%d]:80"} {
		for range 8 {
			for _, network := range []string{"tcp", "udp"} {
				who, _, err := a.ask(network, fmt.Sprintf(family, 10), patience)
				require.NoError(t, err)
				require.Contains(t, []string{"b", "c"}, who)
			}
		}
		for _, backend := range []int{1, 2} {
			require.Equal(t, "refused", a.outcome("tcp", c.prog.Endpoints[backend].Addrs[n], 8080))
		}
		for range 8 { // whichever backend it is
			_, _, err := a.ask("tcp", fmt.Sprintf(family, 11), patience)
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			require.Equal(t, "prohibited", a.outcome("udp", c.prog.Services[1].ClusterIPs[n], 80))
		}
		again := a.call(fmt.Sprintf(family, 11))
		for range 3 {
			require.Empty(t, again.who(300*time.Millisecond), "answers allow nothing")
		}
	}
}
