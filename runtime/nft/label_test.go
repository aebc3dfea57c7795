package nft_test

import (
	"context"
	"io"
	"maps"
	"net"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
)

// carrying lets a dial b over TCP and UDP, and nothing else. Rule 1 was made of two declarations.
const carrying = `pipeline node=n1
node n1 addrs=192.168.7.1,fd00:7::1 cidrs=10.0.0.0/24,fd00::/64 from="Node n1",-,-
endpoint ns/a node=n1 addrs=10.0.0.1,fd00::1 from="Pod ns/a",-,-
endpoint ns/b node=n1 addrs=10.0.0.2,fd00::2 from="Pod ns/b",-,-
list egress namespace "a" name=00000000000a endpoints=ns/a
  allow id=000000000001 peers=any l4=tcp/80 from="NetworkPolicy ns/one",spec.egress[0],- from="NetworkPolicy ns/two",spec.egress[3],-
  allow id=c00000000002 peers=any l4=udp/90 from="NetworkPolicy ns/one",spec.egress[1],-
  drop id=000000000003 peers=any l4=any from="NetworkPolicy ns/one",spec.policyTypes,-
list ingress namespace "b" name=00000000000b endpoints=ns/b
  allow id=ffffffffffff peers=any l4=tcp/80,udp/90 from="NetworkPolicy ns/three",spec.ingress[0],-
  drop id=000000000005 peers=any l4=any from="NetworkPolicy ns/three",spec.policyTypes,-
`

// seenByA counts in a's own kernel what a sends and receives of a connection, with nothing of ours between.
const seenByA = `table inet seen {
	chain out { type filter hook output priority 0; tcp dport 80 counter; udp dport 90 counter; }
	chain in { type filter hook input priority 0; tcp sport 80 counter; udp sport 90 counter; }
}
`

// captured reads seenByA: of TCP and UDP, both directions together.
func (n *network) captured() (sums [2]agent.Count) {
	counters := regexp.MustCompile(`counter packets (\d+) bytes (\d+)`)
	for i, m := range counters.FindAllStringSubmatch(n.a.nft("", "list", "table", "inet", "seen"), -1) {
		packets, err := strconv.ParseUint(m[1], 10, 64)
		require.NoError(n.a.t, err)
		bytes, err := strconv.ParseUint(m[2], 10, 64)
		require.NoError(n.a.t, err)
		sums[i%2].Packets += packets
		sums[i%2].Bytes += bytes
	}
	return sums
}

// generous answers each byte of a connection with very many.
func (n *network) generous() {
	n.b.in(func() {
		l, err := net.Listen("tcp", ":80")
		require.NoError(n.b.t, err)
		n.b.t.Cleanup(func() { l.Close() })
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				go func() {
					defer c.Close()
					for one := []byte{0}; ; {
						if _, err := io.ReadFull(c, one); err != nil {
							return
						}
						c.Write(make([]byte, generosity))
					}
				}()
			}
		}()
	})
}

const generosity = 300_000

// talker is a connection from a to b that stays open.
type talker struct {
	net.Conn
	t *testing.T
}

func (n *network) talker(t *testing.T, network, to string) talker {
	var c net.Conn
	n.a.in(func() {
		var err error
		c, err = net.DialTimeout(network, to, patience)
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	})
	t.Cleanup(func() { c.Close() })
	return talker{c, t}
}

func (c talker) ask() {
	_, err := c.Write([]byte{1})
	require.NoError(c.t, err)
	_, err = io.ReadFull(c, make([]byte, generosity))
	require.NoError(c.t, err)
}

// requireWhole waits until what is under way has arrived: rule 1 and the rule of ingress have counted what a has seen, as so many connections.
func (n *network) requireWhole(t *testing.T, tcp, udp uint64) {
	t.Helper()
	var want, got map[ir.RuleID]agent.Count
	same := func() bool {
		seen := n.captured()
		seen[0].Sessions, seen[1].Sessions = tcp, udp
		want = map[ir.RuleID]agent.Count{1: seen[0], 0xc00000000002: seen[1],
			0xffffffffffff: {Sessions: tcp + udp, Packets: seen[0].Packets + seen[1].Packets, Bytes: seen[0].Bytes + seen[1].Bytes}}
		if udp == 0 {
			delete(want, 0xc00000000002)
		}
		var err error
		got, err = n.node.Counts(context.Background())
		require.NoError(t, err)
		return maps.Equal(want, got)
	}
	for end := time.Now().Add(patience); !same() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	require.Equal(t, want, got)
}

// TestWholeConnectionsCount has connections that end and such that go on, by both families, while the rules change: every packet of them
// counts for the rules that allowed them, in both directions, and each connection once.
func TestWholeConnectionsCount(t *testing.T) {
	n := newNetwork(t)
	counts, err := n.node.Counts(context.Background())
	require.NoError(t, err)
	require.Empty(t, counts, "there is no table")
	n.generous()
	parse := func(text string) *ir.Pipeline {
		p, err := ir.ParsePipeline(text)
		require.NoError(t, err)
		return p
	}
	n.node.reconcile(generate(t, parse(carrying)))
	n.a.nft(seenByA, "-f", "-")

	long := n.talker(t, "tcp", "10.0.0.2:80")
	long.ask()
	n.requireWhole(t, 1, 0)
	require.Greater(t, n.captured()[0].Bytes, uint64(generosity), "replies count")
	for i, to := range []string{"10.0.0.2:80", "[fd00::2]:80", "10.0.0.2:80"} {
		c := n.talker(t, "tcp", to)
		c.ask()
		require.NoError(t, c.Close())
		n.requireWhole(t, uint64(i+2), 0)
	}

	// Nobody answers: every packet is judged, and still it is one connection.
	oneWay := n.talker(t, "udp", "10.0.0.2:90")
	n.b.in(func() {
		silent, err := net.ListenPacket("udp", ":90")
		require.NoError(t, err)
		t.Cleanup(func() { silent.Close() })
		for range 5 {
			_, err := oneWay.Write(make([]byte, 100))
			require.NoError(t, err)
		}
		n.requireWhole(t, 4, 1)
		// Then there is an answer, and what follows is carried.
		buf := make([]byte, 200)
		for range 5 {
			_, from, err := silent.ReadFrom(buf)
			require.NoError(t, err)
			_, err = silent.WriteTo(buf, from)
			require.NoError(t, err)
		}
		n.requireWhole(t, 4, 1)
	})

	// Another generation, with a rule before and one less behind: those that go on still count.
	changed := regexp.MustCompile(`(?m)^  drop id=000000000003.*\n`).ReplaceAllString(carrying, "")
	changed = regexp.MustCompile(`(?m)^  allow id=000000000001`).ReplaceAllString(changed,
		"  drop id=000000000009 peers=any l4=sctp/7 from=\"NetworkPolicy ns/four\",spec.egress[0],-\n$0")
	n.node.reconcile(generate(t, parse(changed)))
	long.ask()
	n.requireWhole(t, 4, 1)
	c := n.talker(t, "tcp", "[fd00::2]:80")
	c.ask()
	n.requireWhole(t, 5, 1)
	long.ask()
	require.NoError(t, long.Close())
	n.requireWhole(t, 5, 1)

	// nft lists what counts.
	listed := n.node.nft("", "list", "table", "inet", "headgate")
	require.Regexp(t, `(?s)set carried_egress \{\s+typeof ct label\s+counter\s+elements = \{ 0 counter packets [1-9]`, listed)
	require.Contains(t, listed, "@carried_egress")
	require.Contains(t, listed, "@opened_ingress")

	// A rule that is gone takes its counts along; the connection stays.
	gone := regexp.MustCompile(`(?m)^  allow id=000000000001.*\n`).ReplaceAllString(carrying, "")
	n.node.reconcile(generate(t, parse(gone)))
	c.ask()
	counts, err = n.node.Counts(context.Background())
	require.NoError(t, err)
	require.NotContains(t, counts, ir.RuleID(1))
	require.Equal(t, uint64(6), counts[0xffffffffffff].Sessions)
}
