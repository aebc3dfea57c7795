package ovs_test

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// outcome is what became of a connection attempt, or for UDP, of a datagram: "refused", "prohibited" or what else it was.
func (s *space) outcome(network string, to netip.Addr, port uint16) string {
	var conn net.Conn
	err := s.inside(func() (err error) {
		conn, err = net.DialTimeout(network, netip.AddrPortFrom(to, port).String(), 700*time.Millisecond)
		return err
	})
	if err == nil {
		defer conn.Close()
		err = echo(conn, 700*time.Millisecond)
	}
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EACCES): // for ICMP, for ICMPv6
		return "prohibited"
	}
	return err.Error()
}

// TestRejectIsTold: clients on the pod's node, on another one and the nodes themselves learn at once that they were rejected, by
// TCP resets and ICMP of both families, whichever direction's policy it was; without an agent, they learn nothing.
func TestRejectIsTold(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	for _, pod := range c.pods {
		pod.listen(80, 81)
	}
	reject := func(d ir.Direction, proto ir.Proto, port uint16, pods ...string) *ir.Policy {
		p := c.lock(d, pods...)
		p.Phase, p.Isolates[d], p.Name = ir.Admin, false, p.Name+d.String()+proto.String()
		p.Rules[d] = []ir.PolicyRule{{AnyPeer: true, Ports: []ir.PortSpec{{Box: ir.DstL4(proto, ir.OnePort(port))}}, Action: ir.Reject, Origin: p.Rules[d][0].Origin}}
		return p
	}
	c.enforce(
		reject(ir.Ingress, ir.ProtoTCP, 81, "b", "c"), reject(ir.Ingress, ir.ProtoUDP, 81, "b", "c"),
		reject(ir.Egress, ir.ProtoTCP, 82, "a"), reject(ir.Egress, ir.ProtoUDP, 82, "a"))
	a, n0, n1 := c.pods["a"], c.nodes["n0"].space, c.nodes["n1"].space
	expect := func(from *space, to int, network string, port uint16, want string) {
		t.Helper()
		for _, addr := range c.prog.Endpoints[to].Addrs {
			got := ""
			await(t, network+" to "+addr.String()+" that is "+want, func() bool {
				got = from.outcome(network, addr, port)
				t.Logf("%s to %s port %d: %s", network, addr, port, got)
				return got == want
			})
		}
	}
	const b, cc = 1, 2
	for _, to := range []int{b, cc} {
		expect(a, to, "tcp", 80, "open")
		expect(a, to, "tcp", 81, "refused")
		expect(a, to, "udp", 81, "prohibited")
		expect(a, to, "tcp", 82, "refused")
		expect(a, to, "udp", 82, "prohibited")
	}
	expect(c.pods["b"], cc, "tcp", 81, "refused")
	expect(n0, cc, "tcp", 81, "refused")
	expect(n1, b, "udp", 81, "prohibited")

	for _, d := range c.dps {
		d.Close()
	}
	require.Contains(t, a.outcome("tcp", c.prog.Endpoints[b].Addrs[0], 81), "timeout")
}
