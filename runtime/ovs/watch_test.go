package ovs_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	ip "github.com/headgate-net/headgate/runtime/packet"
)

// listener keeps what it is told. Answers with the word "answer" wait for a value of gate, unless that is nil; but not when they are
// sent again, as TCP does that waits too long.
type listener struct {
	gate     chan struct{}
	held     chan ip.IP
	answered func(ip.IP)
	seen     map[string]bool

	mu      sync.Mutex
	records []agent.Record
}

func newListener(gate chan struct{}) *listener {
	return &listener{gate: gate, held: make(chan ip.IP, 1000), seen: map[string]bool{}, answered: func(ip.IP) {}}
}

func (l *listener) Logged(r agent.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
}

func (l *listener) Answered(b []byte) {
	p, ok := ip.Parse(b)
	if !ok {
		p = ip.IP{Bytes: b}
	}
	l.answered(p)
	if at := bytes.Index(b, []byte("answer")); at >= 0 && !l.seen[string(b[at:])] {
		l.seen[string(b[at:])] = l.gate != nil
		l.held <- p
		if l.gate != nil {
			<-l.gate
		}
	}
}

// next waits for an answer, and urges every half second.
func (l *listener) next(t *testing.T, urge func()) ip.IP {
	t.Helper()
	for range 40 {
		select {
		case p := <-l.held:
			return p
		case <-time.After(500 * time.Millisecond):
			urge()
		}
	}
	require.Fail(t, "no answer came")
	return ip.IP{}
}

// logged lists the records so far.
func (l *listener) logged() []agent.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]agent.Record{}, l.records...)
}

// watch has a listener told of a node until stop is called, and waits for what holds answers.
func (c *cluster) watch(node string, l agent.Listener, pods int) (stop func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	result := make(chan error, 1)
	go func() { result <- c.dps[node].Watch(ctx, l) }()
	held := func() int { return strings.Count(c.nodes[node].ofctl("dump-flows"), "cookie=0x4848000000000000") }
	await(c.t, "flows that hold", func() bool { return held() == 4*pods })
	return sync.OnceFunc(func() {
		cancel()
		require.NoError(c.t, <-result)
		await(c.t, "end of the flows that hold", func() bool { return held() == 0 })
	})
}

// resolver answers what it gets on port 53, UDP and TCP, of both families.
func (s *space) resolver() {
	s.t.Helper()
	var u net.PacketConn
	var l net.Listener
	require.NoError(s.t, s.inside(func() (err error) {
		if u, err = net.ListenPacket("udp", ":53"); err == nil {
			l, err = net.Listen("tcp", ":53")
		}
		return err
	}))
	s.t.Cleanup(func() { u.Close(); l.Close() })
	go func() {
		b := make([]byte, 2000)
		for n, from, err := u.ReadFrom(b); err == nil; n, from, err = u.ReadFrom(b) {
			u.WriteTo(append([]byte("answer "), b[:n]...), from)
		}
	}()
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				defer c.Close()
				b := make([]byte, 2000)
				for n, err := c.Read(b); err == nil; n, err = c.Read(b) {
					c.Write(append([]byte("answer "), b[:n]...))
				}
			}()
		}
	}()
}

// query is a connection to a resolver that has just been asked.
func (s *space) query(network string, to netip.Addr, word string) net.Conn {
	s.t.Helper()
	var conn net.Conn
	require.NoError(s.t, s.inside(func() (err error) {
		conn, err = net.DialTimeout(network, netip.AddrPortFrom(to, 53).String(), 10*time.Second)
		return err
	}))
	s.t.Cleanup(func() { conn.Close() })
	_, err := conn.Write([]byte(word))
	require.NoError(s.t, err)
	return conn
}

// hears reports whether an answer comes within a time.
func hears(t *testing.T, conn net.Conn, word string, patience time.Duration) bool {
	t.Helper()
	b := make([]byte, 2000)
	conn.SetReadDeadline(time.Now().Add(patience))
	n, err := conn.Read(b)
	if err == nil {
		require.Equal(t, "answer "+word, string(b[:n]))
	}
	return err == nil
}

// resolving is named, with DNS allowed.
func (c *cluster) resolving(pods ...string) *ir.Policy {
	p := c.named(pods...)
	dns := p.Rules[ir.Egress][0]
	dns.AnyPeer, dns.Peers, dns.Origin.Field = true, nil, "dns"
	dns.Ports = []ir.PortSpec{{Box: ir.DstL4(ir.ProtoUDP, ir.OnePort(53))}, {Box: ir.DstL4(ir.ProtoTCP, ir.OnePort(53))}}
	p.Rules[ir.Egress] = append([]ir.PolicyRule{dns}, p.Rules[ir.Egress]...)
	return p
}

// TestAnswersAreHeld: a watched pod hears from DNS only what the listener has had, over UDP and TCP, of both families, from its own node
// and another one. Others hear at once, and so does everybody when nobody watches.
func TestAnswersAreHeld(t *testing.T) { answersAreHeld(t, "netdev") }

func answersAreHeld(t *testing.T, datapath string) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newClusterOn(t, datapath)
	a, b := c.pods["a"], c.pods["b"]
	for _, pod := range c.pods {
		pod.resolver()
	}
	c.enforce(c.resolving("a"))
	networks := []string{"udp", "tcp"}
	l := newListener(make(chan struct{}))
	stop := c.watch("n0", l, 1)
	require.Contains(t, c.nodes["n0"].ofctl("dump-flows"), "hard_timeout=10")
	n := 0
	for _, to := range []int{1, 2} {
		for _, addr := range c.prog.Endpoints[to].Addrs {
			for _, network := range networks {
				n++
				word := fmt.Sprint("word", n)
				conn := a.query(network, addr, word)
				held := l.next(t, func() {
					if network == "udp" { // the first packet into a tunnel may be lost
						conn.Write([]byte(word))
					}
				})
				require.Equal(t, addr, held.Src)
				require.True(t, bytes.HasSuffix(held.Bytes, []byte(word)))
				require.False(t, hears(t, conn, word, 300*time.Millisecond), "%s %s: heard before the listener was done", network, addr)
				select {
				case l.gate <- struct{}{}:
				case <-time.After(20 * time.Second):
					require.Fail(t, "nothing waits")
				}
				require.True(t, hears(t, conn, word, 10*time.Second), "%s %s: not heard after the listener was done", network, addr)

				other := b.query(network, c.prog.Endpoints[0].Addrs[n%2], word)
				require.True(t, hears(t, other, word, 10*time.Second))
				require.Empty(t, l.held)
			}
		}
	}
	conn := a.query("udp", c.prog.Endpoints[1].Addrs[0], "last")
	l.next(t, func() {})
	again := a.query("udp", c.prog.Endpoints[1].Addrs[0], "queued")
	time.AfterFunc(100*time.Millisecond, func() { close(l.gate) })
	stop()
	require.True(t, hears(t, conn, "last", 10*time.Second))
	require.True(t, hears(t, again, "queued", 10*time.Second))
	for _, network := range networks {
		conn := a.query(network, c.prog.Endpoints[1].Addrs[0], "unseen")
		require.True(t, hears(t, conn, "unseen", 10*time.Second))
	}
}

// TestLearnedBeforeHeard: what an answer teaches is in force when the client hears it, even if the client was denied it just before.
func TestLearnedBeforeHeard(t *testing.T) { learnedBeforeHeard(t, "netdev") }

func learnedBeforeHeard(t *testing.T, datapath string) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newClusterOn(t, datapath)
	a, b := c.pods["a"], c.prog.Endpoints[1].Addrs
	c.pods["b"].resolver()
	c.pods["b"].listen(80)
	c.enforce(c.resolving("a"))
	l := newListener(nil)
	defer c.watch("n0", l, 1)()
	var took time.Duration
	l.answered = func(ip.IP) {
		began := time.Now()
		c.learn("n0", nil, b)
		took += time.Since(began)
	}
	const rounds = 10
	for round := range rounds {
		addr := b[round%2]
		_, err := a.dial(addr, 80, 100*time.Millisecond)
		require.Error(t, err)
		conn := a.query("udp", addr, "word")
		asked := time.Now()
		require.True(t, hears(t, conn, "word", 10*time.Second))
		heard := time.Since(asked)
		began := time.Now()
		live, err := a.dial(addr, 80, 900*time.Millisecond) // one more attempt comes after a second
		t.Logf("round %d: heard after %s, connected after %s", round, heard, time.Since(began))
		require.NoError(t, err, "round %d", round)
		live.Close()
		c.learn("n0", b, nil)
		for _, addr := range b {
			await(t, "denial", func() bool {
				conn, err := a.dial(addr, 80, 100*time.Millisecond)
				if err == nil {
					conn.Close()
				}
				return err != nil
			})
		}
	}
	t.Logf("Learn took %s on average", took/rounds)
}

// TestSegmentsKeepTheirOrder: a long answer over TCP comes to the listener and to the client as it was sent.
func TestSegmentsKeepTheirOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	c.enforce(c.resolving("a"))
	l := newListener(nil)
	var heard []byte
	l.answered = func(p ip.IP) {
		if s, ok := p.TCP(); ok {
			heard = append(heard, s.Data...)
		}
	}
	stop := c.watch("n0", l, 1)
	long := bytes.Repeat([]byte("0123456789abcdef"), 4096)
	var server net.Listener
	require.NoError(t, c.pods["b"].inside(func() (err error) {
		server, err = net.Listen("tcp", ":53")
		return err
	}))
	defer server.Close()
	go func() {
		if conn, err := server.Accept(); err == nil {
			conn.Read(make([]byte, 100))
			conn.Write(long)
			conn.Close()
		}
	}()
	conn := c.pods["a"].query("tcp", c.prog.Endpoints[1].Addrs[0], "word")
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	var got bytes.Buffer
	_, err := got.ReadFrom(conn)
	require.NoError(t, err)
	require.Equal(t, string(long), got.String())
	stop()
	require.Equal(t, string(long), string(heard))
}

// TestRulesLog: each packet that a rule with Logging decides is recorded with its rule, and fares as the rule says.
func TestRulesLog(t *testing.T) { rulesLog(t, "netdev") }

func rulesLog(t *testing.T, datapath string) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newClusterOn(t, datapath)
	a, b := c.pods["a"], c.prog.Endpoints[1].Addrs
	c.pods["b"].listen(80, 81, 82, 83)
	p := c.lock(ir.Ingress, "b")
	p.Phase, p.Isolates[ir.Ingress] = ir.Admin, false
	base := p.Rules[ir.Ingress][0]
	p.Rules[ir.Ingress] = nil
	for turn, row := range []struct {
		action ir.Action
		proto  ir.Proto
		port   uint16
	}{{ir.Allow, ir.ProtoTCP, 80}, {ir.Drop, ir.ProtoTCP, 81}, {ir.Reject, ir.ProtoTCP, 82}, {ir.Pass, ir.ProtoTCP, 83}} {
		r := base
		r.Turn, r.Action, r.Logging = turn, row.action, ir.Logging{On: true, Label: row.proto.String()} // so that no pass joins two
		r.Origin.Field = fmt.Sprintf("%s %s", row.action, row.proto)
		r.Ports = []ir.PortSpec{{Box: ir.DstL4(row.proto, ir.OnePort(row.port))}}
		p.Rules[ir.Ingress] = append(p.Rules[ir.Ingress], r)
	}
	c.enforce(p)
	l := newListener(nil)
	defer c.watch("n0", l, 0)()
	time.Sleep(300 * time.Millisecond) // until the desk has its connection, of which nothing tells
	fares := func(addr netip.Addr, port uint16, how string) {
		await(t, how, func() bool { return strings.HasSuffix(a.outcome("tcp", addr, port), how) })
	}
	for _, addr := range b {
		fares(addr, 80, "open")
		fares(addr, 81, "timeout")
		fares(addr, 82, "refused")
		fares(addr, 83, "open")
	}
	await(t, "records", func() bool { return len(l.logged()) >= 8 })
	ports := map[ir.RuleID]uint16{c.ruleOf("n0", "allow tcp"): 80, c.ruleOf("n0", "drop tcp"): 81, c.ruleOf("n0", "reject"): 82, c.ruleOf("n0", "pass"): 83}
	require.Len(t, ports, 4)
	count := map[ir.RuleID]int{}
	for _, r := range l.logged() {
		p, ok := ip.Parse(r.Packet)
		require.True(t, ok)
		_, port, ok := p.Ports()
		require.True(t, ok)
		require.Equal(t, ports[r.Rule], port)
		require.Zero(t, r.Lost)
		count[r.Rule]++
	}
	for id, port := range ports {
		require.GreaterOrEqual(t, count[id], len(b), port)
	}
}

// TestFloodsAreCutShort: of packets that come faster than the meter lets pass, the number is recorded.
func TestFloodsAreCutShort(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	a, b := c.pods["a"], c.prog.Endpoints[1].Addrs
	p := c.lock(ir.Ingress, "b")
	p.Phase, p.Isolates[ir.Ingress] = ir.Admin, false
	r := &p.Rules[ir.Ingress][0]
	r.Action, r.Logging, r.Origin.Field = ir.Drop, ir.Logging{On: true}, "drop udp"
	r.Ports = []ir.PortSpec{{Box: ir.DstL4(ir.ProtoUDP, ir.OnePort(9))}}
	c.enforce(p)
	l := newListener(nil)
	defer c.watch("n0", l, 0)()
	sent := 0
	flood := func() error {
		conn, err := net.Dial("udp", netip.AddrPortFrom(b[0], 9).String())
		if err != nil {
			return err
		}
		defer conn.Close()
		for range 4000 {
			conn.Write(make([]byte, 500))
		}
		sent += 4000
		return nil
	}
	lost := func() (n uint64) {
		for _, r := range l.logged() {
			n += r.Lost
		}
		return n
	}
	await(t, "records that were lost", func() bool {
		require.NoError(t, a.inside(flood))
		time.Sleep(100 * time.Millisecond)
		return lost() > 0
	})
	last := l.logged()[len(l.logged())-1]
	require.Equal(t, c.ruleOf("n0", "drop udp"), last.Rule)
	require.Len(t, last.Packet, 128-14)
	require.Less(t, len(l.logged()), sent)
}

// TestDeskComesBack: after the switch was started anew, rejections are answered, packets recorded and answers held again.
func TestDeskComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newCluster(t)
	a, b, n0 := c.pods["a"], c.prog.Endpoints[1].Addrs, c.nodes["n0"]
	c.pods["b"].resolver()
	reject := c.lock(ir.Ingress, "b")
	reject.Phase, reject.Isolates[ir.Ingress] = ir.Admin, false
	reject.Rules[ir.Ingress][0].Action, reject.Rules[ir.Ingress][0].Logging = ir.Reject, ir.Logging{On: true}
	names := c.resolving("a")
	names.Rules[ir.Egress][2].Action = ir.Pass
	c.enforce(reject, names)
	l := newListener(nil)
	defer c.watch("n0", l, 1)()
	works := func() {
		t.Helper()
		await(t, "rejection", func() bool { return a.outcome("tcp", b[0], 80) == "refused" })
		await(t, "record", func() bool { return len(l.logged()) > 0 })
		await(t, "held answer", func() bool {
			require.True(t, hears(t, a.query("udp", b[0], "word"), "word", 10*time.Second))
			return len(l.held) > 0
		})
	}
	works()
	require.NoError(t, n0.vswitchd.Process.Kill())
	n0.vswitchd.Wait()
	n0.startSwitch()
	n0.vsctl("set", "bridge", "br-int", "other_config:restarted=true") // waits until the switch has done it
	for _, dev := range []string{"br-phy", "hg-gw"} {
		n0.run("ip", "link", "set", dev, "up")
	}
	c.enforce(reject, names)
	l.mu.Lock()
	l.records = nil
	l.mu.Unlock()
	for len(l.held) > 0 {
		<-l.held
	}
	works()
}
