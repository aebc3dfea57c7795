package nft_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/source"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/targets/artifact"
)

// listener gives what it is told to channels. Answered returns once it could send.
//
// Answers have plenty of room: a segment that is held for long is sent again, and held again, when nobody waits for it any more.
type listener struct {
	records chan agent.Record
	answers chan []byte
}

func newListener() *listener {
	return &listener{make(chan agent.Record, 1000), make(chan []byte, 100_000)}
}

func (l *listener) Logged(r agent.Record)  { l.records <- r }
func (l *listener) Answered(packet []byte) { l.answers <- packet }

// drain forgets the answers so far.
func (l *listener) drain() {
	for len(l.answers) > 0 {
		<-l.answers
	}
}

// next waits for an answer.
func (l *listener) next(t testing.TB) []byte {
	select {
	case p := <-l.answers:
		return p
	case <-time.After(patience):
		require.Fail(t, "no answer was held")
	}
	return nil
}

// watch watches the node until the test ends, or until the returned function is called.
func (n *namespace) watch(l agent.Listener) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Watch(ctx, l) }()
	end = sync.OnceFunc(func() {
		cancel()
		require.NoError(n.t, <-done)
	})
	n.t.Cleanup(end)
	return end
}

// listens waits until the group has its listener.
func (n *namespace) listens() {
	require.Eventually(n.t, func() bool {
		out, err := n.run("", "cat", "/proc/net/netfilter/nfnetlink_log")
		require.NoError(n.t, err)
		return bytes.Contains([]byte(out), []byte("18503")) && bytes.Contains([]byte(out), []byte("18504"))
	}, patience, time.Millisecond)
}

// holds waits until answers are held.
func (n *namespace) holds() {
	require.Eventually(n.t, func() bool {
		out, err := n.run("", "nft", "list", "set", "inet", "headgate", "alive")
		return err == nil && bytes.Contains([]byte(out), []byte("tcp timeout")) && bytes.Contains([]byte(out), []byte("udp timeout"))
	}, patience, time.Millisecond)
}

// TestRulesLog has packets decided by rules that log.
func TestRulesLog(t *testing.T) {
	n := newNetwork(t)
	n.b.serve("b", 80)
	p := pipeline()
	identify(p, true)
	n.node.reconcile(generate(t, p))
	l := newListener()
	n.node.watch(l)
	n.node.listens()
	begin := time.Now()
	for f := range 2 {
		require.Equal(t, "allow", n.a.probe("tcp", "", addrs["b"][f], 80, patience))
		require.Equal(t, "drop", n.a.probe("udp", "", addrs["b"][f], 70, silence))
		for _, want := range []struct {
			id    ir.RuleID
			proto ir.Proto
			port  uint16
		}{{2, ir.ProtoTCP, 80}, {7, ir.ProtoTCP, 80}, {1, ir.ProtoUDP, 70}} {
			r := <-l.records
			require.Equal(t, want.id, r.Rule)
			require.Zero(t, r.Lost)
			require.WithinRange(t, r.Time, begin.Add(-time.Second), time.Now())
			src, dst, proto, transport := dissect(r.Packet)
			require.Equal(t, []string{addrs["a"][f], addrs["b"][f], want.proto.String()}, []string{src.String(), dst.String(), proto.String()})
			require.Equal(t, want.port, binary.BigEndian.Uint16(transport[2:]))
		}
	}
	// A long packet is cut.
	n.a.in(func() {
		c, err := net.Dial("udp", net.JoinHostPort(addrs["b"][0], "70"))
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Write(make([]byte, 1000))
		require.NoError(t, err)
	})
	require.Len(t, (<-l.records).Packet, 128)
}

// dissect takes an IP packet without options or extensions apart.
func dissect(packet []byte) (src, dst netip.Addr, proto ir.Proto, transport []byte) {
	if packet[0]>>4 == 4 {
		return netip.AddrFrom4([4]byte(packet[12:])), netip.AddrFrom4([4]byte(packet[16:])), ir.Proto(packet[9]), packet[20:]
	}
	return netip.AddrFrom16([16]byte(packet[8:])), netip.AddrFrom16([16]byte(packet[24:])), ir.Proto(packet[6]), packet[40:]
}

func headerLen(proto ir.Proto, transport []byte) int {
	if proto == ir.ProtoUDP {
		return 8
	}
	return int(transport[12]>>4) * 4
}

// stuck does not return from Logged until it is released.
type stuck struct {
	release chan struct{}
	mu      sync.Mutex
	told    uint64 // records
	lost    uint64
}

func (s *stuck) Answered([]byte) {}
func (s *stuck) Logged(r agent.Record) {
	<-s.release
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told++
	s.lost += r.Lost
}

func (s *stuck) sums() (told, lost uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told, s.lost
}

// TestLostRecordsAreCounted has more records than there is room for.
func TestLostRecordsAreCounted(t *testing.T) {
	n := newNetwork(t)
	p := pipeline()
	identify(p, true)
	n.node.reconcile(generate(t, p))
	s := &stuck{release: make(chan struct{})}
	n.node.watch(s)
	n.node.listens()
	n.a.in(func() {
		c, err := net.Dial("udp", net.JoinHostPort(addrs["b"][0], "70"))
		require.NoError(t, err)
		defer c.Close()
		for range 60_000 {
			_, err = c.Write(make([]byte, 100))
			require.NoError(t, err)
		}
	})
	close(s.release)
	// A record tells of those lost before it.
	require.Eventually(t, func() bool {
		n.a.probe("udp", "", addrs["b"][0], 70, time.Millisecond)
		_, lost := s.sums()
		return lost > 0
	}, patience, time.Millisecond)
	require.Eventually(t, func() bool {
		c, err := n.node.Counts(context.Background())
		require.NoError(t, err)
		told, lost := s.sums()
		return told+lost == c[1].Packets
	}, patience, time.Millisecond)
}

// answer serves like DNS on UDP and TCP: a question is a number, its answer that many bytes.
func (n *namespace) answer(addr string, port int) {
	n.in(func() {
		at := net.JoinHostPort(addr, fmt.Sprint(port))
		u, err := net.ListenPacket("udp", at)
		require.NoError(n.t, err)
		n.t.Cleanup(func() { u.Close() })
		go func() {
			buf := make([]byte, 64)
			for {
				k, from, err := u.ReadFrom(buf)
				if errors.Is(err, net.ErrClosed) {
					return
				}
				if err == nil {
					u.WriteTo(content(string(buf[:k])), from)
				}
			}
		}()
		l, err := net.Listen("tcp", at)
		require.NoError(n.t, err)
		n.t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					buf := make([]byte, 64)
					for {
						k, err := c.Read(buf)
						if err != nil {
							return
						}
						c.Write(content(string(buf[:k])))
					}
				}()
			}
		}()
	})
}

// content is the answer to a question.
func content(question string) []byte {
	var size int
	fmt.Sscan(question, &size)
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(i * 7 >> 3)
	}
	return out
}

// ask asks and gives what comes, an error if nothing does.
func (n *namespace) ask(network, server string, port, size int) <-chan error {
	out := make(chan error, 1)
	n.in(func() {
		d := net.Dialer{Timeout: patience}
		c, err := d.Dial(network, net.JoinHostPort(server, fmt.Sprint(port)))
		require.NoError(n.t, err)
		_, err = fmt.Fprint(c, size)
		require.NoError(n.t, err)
		go func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			got := make([]byte, size)
			_, err := io.ReadFull(c, got)
			if err == nil && !bytes.Equal(got, content(fmt.Sprint(size))) {
				err = errors.New("another answer")
			}
			out <- err
		}()
	})
	return out
}

// named has a rule about names for the endpoint of the index, which may ask on port 53 and speak to nobody else.
func named(index int) *ir.Pipeline {
	p := ownPipeline()
	for _, d := range ir.Directions() {
		*p.Classifier(d, ir.Admin) = ir.Classifier{Assign: []ir.ListID{ir.NoList, ir.NoList, ir.NoList}}
	}
	p.Sets = append(p.Sets, ir.Set{Key: "names", Name: "ff", Kind: ir.Names, Patterns: []string{"*.example.com"}})
	origins := []*source.Origin{{Object: "ClusterNetworkPolicy p"}}
	dns, err := ir.ParseL4Set("tcp/53,udp/53,tcp/5353,udp/5353")
	if err != nil {
		panic(err)
	}
	c := p.Classifier(ir.Egress, ir.Admin)
	c.Lists = []ir.List{{Key: "names", Name: "ff", Rules: []ir.Rule{
		{Peers: []ir.SetID{ir.SetID(len(p.Sets) - 1)}, L4: ir.AnyL4Set(), ID: 1, Origins: origins},
		{AnyPeer: true, L4: dns, ID: 2, Origins: origins},
		{AnyPeer: true, L4: ir.AnyL4Set(), Action: ir.Drop, ID: 3, Origins: origins},
	}}}
	c.Assign[index] = 0
	return p
}

// The places of endpoints in named.
const (
	nodeIndex = iota
	aIndex
	bIndex
)

// dnsNetwork is a network with servers everywhere, and services that lead to two of them: .53 to the host, masqueraded and at
// another port, .54 to b.
func dnsNetwork(t *testing.T) *network {
	n := newNetwork(t)
	for name, ns := range map[string]*namespace{"node": n.node, "b": n.b, "host": n.host} {
		for f := range 2 {
			ns.answer(addrs[name][f], 53)
		}
	}
	for f := range 2 {
		n.host.answer(addrs["host"][f], 5353)
	}
	n.node.nft(`table inet services {
		chain pre { type nat hook prerouting priority -100;
			meta l4proto { tcp, udp } ip daddr 10.96.0.53 dnat ip to 10.9.0.1:5353
			meta l4proto { tcp, udp } ip6 daddr fd96::53 dnat ip6 to [fd09::1]:5353
			ip daddr 10.96.0.54 dnat ip to 10.0.0.2
			ip6 daddr fd96::54 dnat ip6 to fd00::2
		}
		chain out { type nat hook output priority -100;
			meta l4proto { tcp, udp } ip daddr 10.96.0.53 dnat ip to 10.9.0.1:5353
			meta l4proto { tcp, udp } ip6 daddr fd96::53 dnat ip6 to [fd09::1]:5353
		}
		chain post { type nat hook postrouting priority 100;
			ip daddr 10.9.0.1 ct status dnat masquerade
			ip6 daddr fd09::1 ct status dnat masquerade
		}
	}
	`, "-f", "-")
	n.node.shell("ip route add 10.96.0.53 via 10.9.0.1 dev vhost onlink; ip route add fd96::53 via fd09::1 dev vhost onlink")
	return n
}

// services by family, as in addrs.
func server(name string, f int) string {
	switch name {
	case "service":
		return [2]string{"10.96.0.53", "fd96::53"}[f]
	case "podservice":
		return [2]string{"10.96.0.54", "fd96::54"}[f]
	}
	return addrs[name][f]
}

// TestAnswersAreHeld has every kind of answer held until the listener returns.
func TestAnswersAreHeld(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(aIndex)))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for _, name := range []string{"host", "b", "node", "service", "podservice"} {
		for f := range 2 {
			for _, network := range []string{"udp", "tcp"} {
				for _, size := range []int{10, 1200, 1400, 8000, 60_000} {
					t.Run(fmt.Sprint(name, f, network, size), func(t *testing.T) {
						l.drain()
						answer := n.a.ask(network, server(name, f), 53, size)
						for heard := 0; heard < size; {
							src, _, proto, transport := dissect(l.next(t))
							if proto.String() != network {
								continue // sent again, of the one before
							}
							require.Contains(t, []string{server(name, f), addrs["host"][f], addrs["b"][f]}, src.String())
							heard += len(transport) - headerLen(proto, transport)
						}
						require.NoError(t, <-answer)
					})
				}
			}
		}
	}
}

// TestHeldAnswersAreNotThere looks whether the client has anything while the listener does not return.
func TestHeldAnswersAreNotThere(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(aIndex)))
	block := &blocked{entered: make(chan struct{}, 1000), release: make(chan struct{})}
	n.node.watch(block)
	n.node.holds()
	var answers []<-chan error
	for f := range 2 {
		for _, name := range []string{"host", "b", "node", "service"} {
			answers = append(answers, n.a.ask("udp", server(name, f), 53, 100))
		}
	}
	<-block.entered
	time.Sleep(silence)
	for _, a := range answers {
		require.Empty(t, a)
	}
	close(block.release)
	for _, a := range answers {
		require.NoError(t, <-a)
	}
}

// TestHeldSegmentsAreNotThere is likewise for TCP, where a server must not notice either: what was put back must be acknowledged.
func TestHeldSegmentsAreNotThere(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(aIndex)))
	block := &blocked{entered: make(chan struct{}, 1000), release: make(chan struct{})}
	n.node.watch(block)
	defer close(block.release)
	n.node.holds()
	for f := range 2 {
		for _, name := range []string{"host", "b", "node", "service"} {
			answer := n.a.ask("tcp", server(name, f), 53, 30_000)
			<-block.entered
			time.Sleep(silence)
			require.Empty(t, answer)
			for isHeld := true; isHeld; {
				select {
				case block.release <- struct{}{}:
				case err := <-answer:
					require.NoError(t, err)
					isHeld = false
				}
			}
		}
	}
}

// blocked does not return from Answered until it is released.
type blocked struct{ entered, release chan struct{} }

func (b *blocked) Logged(agent.Record) {}
func (b *blocked) Answered([]byte) {
	b.entered <- struct{}{}
	<-b.release
}

// heldBy checks by asking that an answer goes by the listener, and that it comes whole.
func (l *listener) heldBy(t testing.TB, n *namespace, network, server string, size int) {
	l.drain()
	answer := n.ask(network, server, 53, size)
	for heard := 0; heard < size; {
		_, _, proto, transport := dissect(l.next(t))
		if proto.String() != network {
			continue // sent again, of the one before
		}
		heard += len(transport) - headerLen(proto, transport)
	}
	require.NoError(t, <-answer)
}

// TestOnlyAnswersOfTheWatchedAreHeld: nothing that a blocked listener could stop concerns others, or other ports.
func TestOnlyAnswersOfTheWatchedAreHeld(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(aIndex)))
	block := &blocked{entered: make(chan struct{}, 1000), release: make(chan struct{})}
	defer close(block.release)
	n.node.watch(block)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			require.NoError(t, <-n.b.ask(network, server("host", f), 53, 3000))
			require.NoError(t, <-n.b.ask(network, server("service", f), 53, 3000))
			require.NoError(t, <-n.node.ask(network, server("host", f), 53, 3000))
			require.NoError(t, <-n.a.ask(network, server("host", f), 5353, 3000))
		}
	}
	require.Empty(t, block.entered)
}

// TestNodeIsWatched has answers held that the node itself asked for.
func TestNodeIsWatched(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(nodeIndex)))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			for _, name := range []string{"host", "b", "service", "node"} {
				l.heldBy(t, n.node, network, server(name, f), 5000)
			}
		}
	}
}

// TestAnswersToOneInterfaceAreSeen: what could not come in by another arrives, and the listener gets it.
func TestAnswersToOneInterfaceAreSeen(t *testing.T) {
	n := dnsNetwork(t)
	n.host.shell("ip addr add fe80::2/64 dev eth0 nodad")
	n.host.answer("fe80::2%eth0", 53)
	n.node.answer("127.0.0.53", 53)
	n.node.answer("::1", 53)
	n.node.reconcile(generate(t, named(nodeIndex)))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for _, network := range []string{"udp", "tcp"} {
		for _, server := range []string{"fe80::2%vhost", "127.0.0.53", "::1"} {
			l.heldBy(t, n.node, network, server, 3000)
		}
	}
}

// TestMachineIsWatched has answers held on a machine outside the cluster.
func TestMachineIsWatched(t *testing.T) {
	p := named(nodeIndex)
	p.Node, p.Nodes = "ns/vm", nil
	p.Endpoints = []*ir.Endpoint{{Kind: ir.ExternalEndpoint, Namespace: "ns", Name: "vm-0", Node: p.Node, Addrs: p.Endpoints[0].Addrs}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			c := p.Classifier(d, ph)
			c.Assign = c.Assign[:1]
		}
	}
	n := dnsNetwork(t)
	n.node.shell("ip route replace 10.9.0.1 dev vhost src 192.168.7.1")
	n.node.reconcile(generate(t, p))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for f := range 2 {
		for _, network := range []string{"udp", "tcp"} {
			l.heldBy(t, n.node, network, server("host", f), 5000)
			require.Equal(t, "drop", n.node.probe("tcp", "", addrs["host"][f], 80, silence))
		}
	}
}

// TestAnswersPassStrictFilters has the node refuse packets from addresses that its routes do not lead back to.
func TestAnswersPassStrictFilters(t *testing.T) {
	n := dnsNetwork(t)
	n.node.shell("for c in all default va vb vhost; do echo 1 > /proc/sys/net/ipv4/conf/$c/rp_filter; done")
	n.node.reconcile(generate(t, named(aIndex)))
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	for _, name := range []string{"host", "b", "node", "service"} {
		for f := range 2 {
			l.heldBy(t, n.a, "udp", server(name, f), 100)
		}
	}
}

// TestAnswersPassUnseen when nobody watches: at once after Watch has returned, and soon after it could not.
func TestAnswersPassUnseen(t *testing.T) {
	n := dnsNetwork(t)
	n.node.reconcile(generate(t, named(aIndex)))
	block := &blocked{entered: make(chan struct{}, 1000), release: make(chan struct{})}
	end := n.node.watch(block)
	n.node.holds()
	held := n.a.ask("udp", server("host", 0), 53, 100)
	<-block.entered
	close(block.release)
	end()
	require.NoError(t, <-held)
	require.NoError(t, <-n.a.ask("udp", server("host", 0), 53, 100))
	require.NoError(t, <-n.a.ask("tcp", server("host", 1), 53, 10_000))
	require.Empty(t, block.entered)
	// What a watcher leaves that is killed.
	n.node.nft("add element inet headgate alive { udp timeout 1s, tcp timeout 1s }\n", "-f", "-")
	lost := n.a.ask("udp", server("host", 0), 53, 100)
	require.Eventually(t, func() bool {
		out := n.node.nft("", "list", "set", "inet", "headgate", "alive")
		return !bytes.Contains([]byte(out), []byte("udp"))
	}, patience, 10*time.Millisecond)
	require.NoError(t, <-n.a.ask("udp", server("host", 0), 53, 100))
	require.Error(t, <-lost)
}

// TestHoldingIsNoDrift looks at the table while answers are held, and replaces it.
func TestHoldingIsNoDrift(t *testing.T) {
	n := dnsNetwork(t)
	want := generate(t, named(aIndex))
	n.node.reconcile(want)
	l := newListener()
	n.node.watch(l)
	n.node.holds()
	require.Equal(t, agent.Result{Hash: artifact.Hash(want)}, n.node.reconcile(want))
	n.node.nft("add chain inet headgate mine\n", "-f", "-")
	require.True(t, n.node.reconcile(want).Drifted)
	l.heldBy(t, n.a, "udp", server("host", 0), 100)
	// Rules that name nothing need no holding; then some do again.
	without := pipeline()
	n.node.reconcile(generate(t, without))
	n.node.reconcile(want)
	n.node.holds()
	l.heldBy(t, n.a, "udp", server("host", 1), 100)
}
