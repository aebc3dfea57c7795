package ovs_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// sctpPacket is a packet of one chunk, of type INIT (1) or INIT ACK (2): RFC 9260 section 3.3.
type sctpPacket struct {
	from, to netip.AddrPort
	chunk    byte
	tag      uint32 // tells packets of one test apart
}

func (p sctpPacket) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, p.from.Port())
	b = binary.BigEndian.AppendUint16(b, p.to.Port())
	verification := p.tag
	if p.chunk == 1 {
		verification = 0
	}
	b = binary.BigEndian.AppendUint32(b, verification)
	b = append(b, 0, 0, 0, 0, p.chunk, 0, 0, 20)
	b = binary.BigEndian.AppendUint32(b, p.tag)
	b = append(b, 0, 1, 0, 0, 0, 1, 0, 1)
	b = binary.BigEndian.AppendUint32(b, p.tag)
	if p.chunk == 2 {
		b[15] = 28
		b = append(b, 0, 7, 0, 8, 'h', 'g', 'h', 'g') // a state cookie
	}
	binary.LittleEndian.PutUint32(b[8:], crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
	return b
}

// sctpEnds are sockets on every address of a cluster's pods, and the tags of the packets that arrived at them.
type sctpEnds struct {
	t     testing.TB
	conns map[netip.Addr]net.PacketConn
	tags  uint32

	mu      sync.Mutex
	arrived map[uint32]chan struct{}
}

func (c *cluster) sctp() *sctpEnds {
	s := &sctpEnds{t: c.t, conns: map[netip.Addr]net.PacketConn{}, arrived: map[uint32]chan struct{}{}}
	for _, e := range c.prog.Endpoints {
		for _, a := range e.Addrs {
			network := "ip4:132"
			if a.Is6() {
				network = "ip6:132"
			}
			require.NoError(c.t, c.pods[e.Name].inside(func() (err error) {
				s.conns[a], err = net.ListenPacket(network, a.String())
				return err
			}))
			conn := s.conns[a]
			c.t.Cleanup(func() { conn.Close() })
			go s.receive(conn)
		}
	}
	return s
}

func (s *sctpEnds) receive(conn net.PacketConn) {
	buf := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if n < 20 {
			continue
		}
		s.mu.Lock()
		if ch := s.arrived[binary.BigEndian.Uint32(buf[16:])]; ch != nil {
			close(ch)
		}
		s.mu.Unlock()
	}
}

// passes sends a packet and waits for it.
func (s *sctpEnds) passes(p sctpPacket, patience time.Duration) bool {
	s.t.Helper()
	s.tags++
	p.tag = s.tags
	ch := make(chan struct{})
	s.mu.Lock()
	s.arrived[p.tag] = ch
	s.mu.Unlock()
	_, err := s.conns[p.from.Addr()].WriteTo(p.encode(), &net.IPAddr{IP: p.to.Addr().AsSlice()})
	require.NoError(s.t, err)
	select {
	case <-ch:
		return true
	case <-time.After(patience):
		return false
	}
}

// expect sends packets until one fares as it should.
func (s *sctpEnds) expect(from netip.Addr, fromPort uint16, to netip.Addr, toPort uint16, chunk byte, allowed bool) {
	s.t.Helper()
	p := sctpPacket{from: netip.AddrPortFrom(from, fromPort), to: netip.AddrPortFrom(to, toPort), chunk: chunk}
	await(s.t, fmt.Sprintf("packet from %s to %s that passes: %t", p.from, p.to, allowed), func() bool {
		return s.passes(p, 300*time.Millisecond) == allowed
	})
}

// learned lists the flows of associations that a bridge holds.
func (i *instance) learned() []string {
	i.t.Helper()
	var out []string
	for _, line := range i.flows() {
		if f, err := openflow.Parse(line); err == nil && openflow.IsAssociation(&f) {
			out = append(out, line)
		}
	}
	return out
}

// TestAssociations: SCTP between pods of one node and of two, over Geneve, both families. What may be opened is one port; its
// replies pass though both sides are isolated, and nothing else does; a policy that allows nothing more leaves it alive.
func TestAssociations(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	ends := c.sctp()
	named := func(name string, p *ir.Policy) *ir.Policy {
		p.Name, p.Origin.Object = name, "NetworkPolicy x/"+name
		return p
	}
	shut := []*ir.Policy{named("in", c.lock(ir.Ingress, "a")), named("out", c.lock(ir.Egress, "b", "c"))}
	closed, open := named("lock", c.lock(ir.Ingress, "b", "c")), named("lock", c.lock(ir.Ingress, "b", "c"))
	open.Rules[ir.Ingress][0].Ports[0].Box = ir.DstL4(ir.ProtoSCTP, ir.OnePort(80))

	c.enforce(append(shut, open)...)
	const init, initAck = 1, 2
	// Of packets to the other node, n0 learns all that it lets out, as it cannot know what becomes of them there.
	local := func() []string {
		return slices.DeleteFunc(c.nodes["n0"].learned(), func(f string) bool { return strings.Contains(f, "10.250.0.7") || strings.Contains(f, "fd99::7") })
	}
	a := c.prog.Endpoints[0].Addrs
	for _, server := range c.prog.Endpoints[1:] {
		for i, to := range server.Addrs {
			from := a[i]
			ends.expect(to, 80, from, 7000, initAck, false)
			ends.expect(from, 7000, to, 81, init, false)
			ends.expect(from, 7000, to, 80, init, true)
			ends.expect(to, 80, from, 7000, initAck, true)
			for _, ports := range [][2]uint16{{7000, 81}, {80, 7000}, {80, 81}} {
				ends.expect(from, ports[0], to, ports[1], init, false)
			}
			for _, ports := range [][2]uint16{{80, 7001}, {81, 7000}, {7000, 80}} {
				ends.expect(to, ports[0], from, ports[1], initAck, false)
				ends.expect(to, ports[0], from, ports[1], init, false)
			}
		}
	}
	require.Len(t, local(), 2*2)
	require.Len(t, c.nodes["n1"].learned(), 2*2)

	c.enforce(append(shut, closed)...)
	for _, server := range c.prog.Endpoints[1:] {
		for i, to := range server.Addrs {
			ends.expect(a[i], 7001, to, 80, init, false)
			ends.expect(a[i], 7000, to, 80, init, true)
			ends.expect(to, 80, a[i], 7000, initAck, true)
		}
	}
	for name, d := range c.dps {
		result, err := agent.Reconcile(background(t), d, generate(place(c.prog, name)))
		require.NoError(t, err)
		require.False(t, result.Applied)
		require.False(t, result.Drifted)
	}
	require.Len(t, local(), 2*2)
	require.Len(t, c.nodes["n1"].learned(), 2*2)
}

// TestAssociationsWithServices: a pod that dials a Service by SCTP is told that nobody is there, by whom it has dialled, whether the port is
// the Service's or not; the backend itself it reaches.
func TestAssociationsWithServices(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	service := c.serviceOf("sctp", addrsOf("10.96.0.7", "fd96::7"), 0, "b", "c")
	for i := range service.Ports {
		service.Ports[i].Proto = ir.ProtoSCTP
	}
	service.Ports = service.Ports[:1]
	c.prog.Services = []*ir.Service{service}
	c.enforce()
	ends := c.sctp()
	const init = 1
	for i, from := range c.prog.Endpoints[0].Addrs {
		network := [2]string{"ip4:1", "ip6:58"}[i]
		var errors net.PacketConn
		require.NoError(t, c.pods["a"].inside(func() (err error) {
			errors, err = net.ListenPacket(network, from.String())
			return err
		}))
		t.Cleanup(func() { errors.Close() })
		ends.expect(from, 7000, c.prog.Endpoints[1].Addrs[i], 8080, init, true)
		for _, port := range []uint16{80, 81} {
			ends.expect(from, 7000, service.ClusterIPs[i], port, init, false)
			buf := make([]byte, 256)
			errors.SetReadDeadline(time.Now().Add(10 * time.Second))
			for kind := byte(0); kind != [2]byte{3, 1}[i]; kind = buf[0] { // among neighbours' messages
				_, who, err := errors.ReadFrom(buf)
				require.NoError(t, err)
				if buf[0] == [2]byte{3, 1}[i] {
					require.Equal(t, service.ClusterIPs[i].String(), who.String())
					require.Equal(t, [2]byte{3, 4}[i], buf[1], "nobody is there")
				}
			}
		}
	}
}

// TestLearnedFlowsAreTheBridges: what a bridge has learned is no drift and outlives generations, and an agent that starts anew;
// what is only nearly like it is drift.
func TestLearnedFlowsAreTheBridges(t *testing.T) {
	i := startOVS(t, "dummy")
	ctx := background(t)
	first, second := twoGenerations()
	ports := both(first, second)
	_, err := agent.Reconcile(ctx, ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), ports), generate(first))
	require.NoError(t, err)

	good := fmt.Sprintf("cookie=0x%x,table=%d,idle_timeout=300,priority=100,", openflow.CookieMarker|uint64(openflow.Associations), openflow.Associations)
	i.ofctl("add-flow", good+"sctp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=7000,tp_dst=80 actions=load:1->NXM_NX_REG3[]")
	i.ofctl("add-flow", good+"sctp6,ipv6_src=fd00::1,ipv6_dst=fd00::2,tp_src=7000,tp_dst=80 actions=load:1->NXM_NX_REG3[]")
	held := i.learned()
	require.Len(t, held, 2)
	want := generate(first)
	for _, p := range []*ir.Pipeline{first, second} {
		want = generate(p)
		result, err := agent.Reconcile(ctx, ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), ports), want)
		require.NoError(t, err)
		require.False(t, result.Drifted)
		require.Equal(t, held, i.learned())
	}

	right := i.flows()
	i.ofctl("add-flow", good+"sctp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=7000 actions=load:1->NXM_NX_REG3[]")
	i.ofctl("add-flow", good+"hard_timeout=300,sctp,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80 actions=load:1->NXM_NX_REG3[]")
	i.ofctl("add-flow", strings.Replace(good, "priority=100,", "priority=0", 1)+" actions=load:1->NXM_NX_REG3[]") // in place of the table's own
	result, err := agent.Reconcile(ctx, ovs.New("n", ovs.NewConn(i.path("br-int.mgmt")), ports), want)
	require.NoError(t, err)
	require.True(t, result.Drifted)
	require.Equal(t, 2, result.Drift.Summary().ObjectsDeleted)
	require.ElementsMatch(t, right, i.flows())
}
