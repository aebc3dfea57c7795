package ovs_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/openflow"
)

// caller is a client that keeps its UDP port.
type caller struct {
	*space
	net.Conn
}

// call opens a port that sends to one address only.
func (s *space) call(to string) caller {
	s.t.Helper()
	var conn net.Conn
	require.NoError(s.t, s.inside(func() (err error) {
		conn, err = net.Dial("udp", to)
		return err
	}))
	s.t.Cleanup(func() { conn.Close() })
	return caller{s, conn}
}

// who sends until there is an answer and tells who gave it: "" if nobody does. A node that does not know another one's Ethernet address
// loses packets until it does.
func (c caller) who(patience time.Duration) (who string) {
	buf := make([]byte, 64)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		c.SetDeadline(time.Now().Add(min(patience, time.Second)))
		c.Write([]byte("who"))
		if n, err := c.Read(buf); err == nil {
			fmt.Sscan(string(buf[:n]), &who)
			return who
		}
	}
	return ""
}

// serve gives the program other Services, brings every node to them and has it forget what is stale.
func (c *cluster) serve(services ...*ir.Service) {
	c.t.Helper()
	before := map[string]*ir.Pipeline{}
	for name := range c.nodes {
		before[name] = place(c.prog, name)
	}
	c.prog.Services = services
	c.enforce(c.prog.Policies...)
	for name, d := range c.dps {
		require.NoError(c.t, d.Clean(background(c.t), before[name], place(c.prog, name)))
	}
}

// TestUDPClientsMoveOn: a client that keeps sending from one port is led nowhere before there is a backend, then to one, and on to
// another when that goes. What is open over TCP stays.
func TestUDPClientsMoveOn(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	clientsMoveOn(t, "netdev")
}

func clientsMoveOn(t *testing.T, datapath string) {
	const patience, silence = 10 * time.Second, 300 * time.Millisecond
	c := newClusterOn(t, datapath)
	for _, name := range []string{"b", "c"} {
		c.pods[name].greet(name, 8080)
		c.pods[name].listen(8081)
	}
	a := c.pods["a"]
	for n, vip := range []string{"10.96.0.6", "fd96::6"} {
		to := func(backend string) *ir.Service {
			s := c.serviceOf("moving", addrsOf(vip), 0, backend)
			open := c.serviceOf("open", addrsOf(vip), 0, backend).Ports[0]
			open.Port = 81
			for i := range open.Backends {
				open.Backends[i].Port = 8081
			}
			s.Ports = append(s.Ports, open)
			return s
		}
		c.serve(c.serviceOf("other", addrsOf(strings.Replace(vip, "6", "7", 1)), 0, "b"))
		client, bystander := a.call(net.JoinHostPort(vip, "80")), a.call(net.JoinHostPort(c.prog.Endpoints[1].Addrs[n].String(), "8080"))
		require.Empty(t, client.who(silence))
		require.Equal(t, "b", bystander.who(patience))

		c.serve(to("b"))
		require.Equal(t, "b", client.who(patience))
		live, err := a.dial(addrsOf(vip)[0], 81, patience)
		require.NoError(t, err)
		defer live.Close()

		c.prog.Services = []*ir.Service{to("c")}
		c.enforce()
		require.Equal(t, "b", client.who(patience), "what is not forgotten stays")
		c.prog.Services = []*ir.Service{to("b")}
		c.serve(to("c"))
		require.Equal(t, "c", client.who(patience))
		require.NoError(t, echo(live, patience))
		require.Equal(t, "b", bystander.who(patience))
		require.NotContains(t, c.tracked("n0", "udp"), "dst="+vip+",sport="+port(client)+",dport=80),reply=(src="+c.prog.Endpoints[1].Addrs[n].String())
	}
}

func port(c net.Conn) string {
	_, port, _ := net.SplitHostPort(c.LocalAddr().String())
	return port
}

// tracked lists a node's connections of a protocol.
func (c *cluster) tracked(node, proto string) string {
	var out strings.Builder
	for line := range strings.Lines(c.nodes[node].appctl("dpctl/dump-conntrack", fmt.Sprintf("zone=%d", openflow.Zone))) {
		if strings.HasPrefix(line, proto+",") {
			io.WriteString(&out, line)
		}
	}
	return out.String()
}

// TestAffinityEnds: a client gets the backend that it had as long as the Service says and no longer, whatever happens to other Services
// meanwhile; and not if that backend was gone meanwhile.
func TestAffinityEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const patience = 10 * time.Second
	c := newCluster(t)
	for name, pod := range c.pods {
		pod.greet(name, 8080)
	}
	same := func(timeout time.Duration, backends ...string) *ir.Service {
		return c.serviceOf("same", addrsOf("10.96.0.5", "fd96::5"), timeout, backends...)
	}
	noted := func() (n int) {
		for _, f := range c.nodes["n0"].flows() {
			if strings.Contains(f, fmt.Sprintf(" table=%d, idle_timeout", openflow.Affinity)) {
				n++
			}
		}
		return n
	}
	vips := []string{"10.96.0.5:80", "[fd96::5]:80"}
	ask := func(vip string) string {
		who, _, err := c.pods["a"].ask("tcp", vip, patience)
		require.NoError(t, err)
		return who
	}
	for _, vip := range vips {
		c.serve(same(time.Hour, "a", "b", "c"))
		require.Zero(t, noted())
		first := ask(vip)
		await(t, "an entry", func() bool { return noted() == 1 })
		for i := range 6 {
			c.serve(same(time.Hour, "a", "b", "c"), c.serviceOf(fmt.Sprint("other", i), addrsOf(fmt.Sprintf("10.96.1.%d", i)), 0, "b", "c"))
			require.Equal(t, 1, noted())
			require.Equal(t, first, ask(vip), "other Services come and go")
		}
		left := slices.DeleteFunc([]string{"a", "b", "c"}, func(name string) bool { return name == first })
		c.serve(same(time.Hour, "a", "b", "c"))
		c.serve(same(time.Hour, left...))
		require.Zero(t, noted(), "the backend is gone")
		c.serve(same(time.Hour, "a", "b", "c"))
		require.Zero(t, noted(), "a backend that comes back is a new one")
	}
	c.serve(same(2*time.Second, "a", "b", "c"))
	met := map[string]map[string]bool{vips[0]: {}, vips[1]: {}}
	for range 12 {
		for _, vip := range vips {
			who := ask(vip)
			met[vip][who] = true
			require.Equal(t, who, ask(vip))
		}
		if len(met[vips[0]]) > 1 && len(met[vips[1]]) > 1 {
			break
		}
		await(t, "end of the entries", func() bool { return noted() == 0 })
	}
	for _, vip := range vips {
		require.Greater(t, len(met[vip]), 1, "a client that is long away gets any backend")
	}
	c.serve()
	require.Zero(t, noted())
}
