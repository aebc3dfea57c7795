package ovs_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/targets/openflow"
)

// peer is the other end of one connection: a switch that a test plays.
type peer struct {
	t *testing.T
	net.Conn
}

// play accepts connections and runs one script for each, in order; the last one serves all that follow.
func play(t *testing.T, scripts ...func(p *peer)) *ovs.Conn {
	t.Helper()
	dir, err := os.MkdirTemp("", "hg-ovs")
	require.NoError(t, err)
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	var running sync.WaitGroup
	running.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				scripts[min(n, len(scripts)-1)](&peer{t, conn})
			})
		}
	})
	c := ovs.NewConn(socket)
	t.Cleanup(func() {
		c.Close()
		l.Close()
		running.Wait()
		os.RemoveAll(dir)
	})
	return c
}

// read returns the next message; nil if the connection has ended.
func (p *peer) read() []byte {
	head := make([]byte, 8)
	if _, err := io.ReadFull(p, head); err != nil {
		return nil
	}
	m := append(head, make([]byte, int(binary.BigEndian.Uint16(head[2:]))-8)...)
	io.ReadFull(p, m[8:])
	return m
}

// until reads up to a message of a kind and returns it.
func (p *peer) until(kind byte) []byte {
	for {
		if m := p.read(); m == nil || m[1] == kind {
			return m
		}
	}
}

func packet(kind byte, xid []byte, body ...byte) []byte {
	m := binary.BigEndian.AppendUint16([]byte{6, kind}, uint16(8+len(body)))
	return append(append(m, xid...), body...)
}

func (p *peer) hello() {
	p.Write(packet(0, []byte{0, 0, 0, 0}))
	p.read()
}

// empty answers a dump: nothing is there.
func (p *peer) empty() {
	for range 3 {
		if m := p.read(); m != nil {
			p.Write(packet(19, m[4:8], m[8:16]...))
		}
	}
}

// yes accepts every bundle.
func (p *peer) yes() {
	p.hello()
	for m := p.read(); m != nil; m = p.read() {
		switch m[1] {
		case 20:
			p.Write(packet(21, m[4:8]))
		case 33:
			p.Write(packet(33, m[4:8], append(slices.Clone(m[8:13]), m[13]+1, 0, 3)...))
		}
	}
}

func oneFlow() []ovs.Mod {
	return []ovs.Mod{{Command: ovs.Add, Entry: ovs.Entry{Flow: openflow.Flow{Table: 3, Cookie: openflow.CookieMarker}}}}
}

// TestEchoRequestsAreAnswered: while a reply is awaited and while nothing is; with what they came with, up to the longest.
func TestEchoRequestsAreAnswered(t *testing.T) {
	echoed := make(chan []byte, 2)
	long := make([]byte, 0xffff-8)
	long[7] = 1
	c := play(t, func(p *peer) {
		p.hello()
		first := p.read()
		p.Write(packet(2, []byte{1, 2, 3, 4}, long...))
		echoed <- p.until(3)
		p.Write(packet(19, first[4:8], first[8:16]...))
		for i, what := range []byte{7, 10} { // groups, meters
			p.Write(packet(19, binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(first[4:])+1+uint32(i)), 0, what, 0, 0, 0, 0, 0, 0))
		}
		p.Write(packet(2, []byte{5, 6, 7, 8}))
		echoed <- p.until(3)
	})
	dump, err := c.Dump(t.Context())
	require.NoError(t, err)
	require.Empty(t, dump)
	require.Equal(t, packet(3, []byte{1, 2, 3, 4}, long...), <-echoed)
	require.Equal(t, packet(3, []byte{5, 6, 7, 8}), <-echoed)
}

// TestMessagesInPieces: a reply may arrive byte by byte, and in several messages.
func TestMessagesInPieces(t *testing.T) {
	c := play(t, func(p *peer) {
		p.hello()
		m, group, meter := p.read(), p.read(), p.read()
		flow := append(make([]byte, 40), 1) // more than one description, so that one is cut by no boundary
		binary.BigEndian.PutUint16(flow, 40)
		flow[4] = 9
		copy(flow[16:], []byte{0x48, 0x47})
		flow[25], flow[27], flow[35] = 1, 4, 4
		whole := packet(19, m[4:8], append([]byte{0, 1, 0, 1, 0, 0, 0, 0}, flow[:40]...)...)
		whole = append(whole, packet(19, []byte{9, 9, 9, 9}, 1, 2, 3, 4, 5, 6, 7, 8)...) // of nobody's request
		whole = append(whole, packet(19, group[4:8], 0, 7, 0, 0, 0, 0, 0, 0)...)
		whole = append(whole, packet(19, meter[4:8], 0, 10, 0, 0, 0, 0, 0, 0)...)
		whole = append(whole, packet(19, m[4:8], append([]byte{0, 1, 0, 0, 0, 0, 0, 0}, flow[:40]...)...)...)
		for _, b := range whole {
			p.Write([]byte{b})
		}
		p.read()
	})
	dump, err := c.Dump(t.Context())
	require.NoError(t, err)
	require.Len(t, dump, 2)
	for _, e := range dump {
		require.Equal(t, openflow.Table(9), e.Flow.Table)
		require.Empty(t, e.Foreign)
	}
}

// TestWrongVersion: who speaks something else is told apart from who is not there.
func TestWrongVersion(t *testing.T) {
	for want, script := range map[string]func(*peer){
		"protocols": func(p *peer) { p.Write([]byte{4, 0, 0, 8, 0, 0, 0, 0}); p.read() },
		"OFPHFC_INCOMPATIBLE": func(p *peer) {
			p.read()
			p.Write(packet(1, []byte{0, 0, 0, 0}, 0, 0, 0, 0))
		},
		"cannot have 3 bytes": func(p *peer) { p.Write([]byte{6, 0, 0, 3, 0, 0, 0, 0}); p.read() },
	} {
		_, err := play(t, script).Dump(t.Context())
		require.ErrorContains(t, err, want)
	}
	_, err := ovs.NewConn("/nowhere/br.mgmt").Dump(t.Context())
	require.ErrorContains(t, err, "connection to the bridge")
}

// TestReconnects: a connection that has broken before anything was done is replaced.
func TestReconnects(t *testing.T) {
	c := play(t,
		func(p *peer) {},
		func(p *peer) { p.hello(); p.empty() },
		func(p *peer) { p.hello(); p.until(34) },
		func(p *peer) { p.yes() },
	)
	_, err := c.Dump(t.Context())
	require.NoError(t, err)
	require.NoError(t, c.Bundle(t.Context(), oneFlow()))
}

// TestLostCommit: when nobody can know whether a bundle is in force, it is not sent again.
func TestLostCommit(t *testing.T) {
	var commits atomic.Int32
	script := func(p *peer) {
		p.hello()
		m := p.until(20)
		p.Write(packet(21, m[4:8]))
		if p.until(33) != nil {
			commits.Add(1)
		}
	}
	c := play(t, script)
	require.ErrorContains(t, c.Bundle(t.Context(), oneFlow()), "not known")
	c.Close()
	require.Equal(t, int32(1), commits.Load())
}

// TestCancelled: a switch that does not answer is given up with the context, and nothing is left behind.
func TestCancelled(t *testing.T) {
	for _, script := range []func(*peer){
		func(p *peer) { io.Copy(io.Discard, p) },                                     // no greeting
		func(p *peer) { p.hello(); io.Copy(io.Discard, p) },                          // no replies
		func(p *peer) { p.hello(); p.Read(make([]byte, 1)); <-p.t.Context().Done() }, // reads nothing
	} {
		c := play(t, script)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.Bundle(ctx, slices.Repeat(oneFlow(), 100_000)) }()
		runtime.Gosched()
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
		c.Close()
		require.NotContains(t, stacks(), "ovs.(*link)")
	}
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// TestRefusedModsAreNamed: of a bundle with mistakes of several kinds the first mod is named, and nothing changes.
func TestRefusedModsAreNamed(t *testing.T) {
	i := startOVS(t, "dummy")
	c := ovs.NewConn(i.path("br-int.mgmt"))
	defer c.Close()
	good := (&flowMaker{Rand: irtest.Rand(5)}).bundle(2000)
	require.NoError(t, c.Bundle(t.Context(), good[:1000]))
	before := i.flows()
	flow := func(text string) ovs.Mod {
		f, err := openflow.Parse(text)
		require.NoError(t, err)
		return ovs.Mod{Command: ovs.Add, Entry: ovs.Entry{Flow: f}}
	}
	for text, reason := range map[string]string{
		"table=20 actions=goto_table:10":          "OFPBIC_BAD_TABLE_ID",
		"table=20 actions=group:9":                "OFPBAC_BAD_OUT_GROUP",
		"table=20 actions=dec_ttl":                "OFPBAC_MATCH_INCONSISTENT",
		"table=20,tp_dst=80 actions=drop":         "has no such field",
		"table=20,nw_src=10.0.0.1 actions=drop":   "OFPBMC_BAD_PREREQ",
		"table=254 actions=drop":                  "OFPBRC_EPERM",
		"table=20 actions=conjunction(1,3/2)":     "NXBAC_BAD_CONJUNCTION",
		"table=20,ip actions=set_field:1->arp_op": "OFPBAC_MATCH_INCONSISTENT",
	} {
		bad := slices.Concat(good[1000:1500], []ovs.Mod{flow(text)}, good[1500:], []ovs.Mod{flow(text)})
		err := c.Bundle(t.Context(), bad)
		var refused *ovs.ModError
		require.True(t, errors.As(err, &refused), "%s: %v", text, err)
		require.Contains(t, refused.Reason, reason, text)
		require.Equal(t, 500, refused.Index, text)
	}
	require.ElementsMatch(t, before, i.flows())
	require.NoError(t, c.Bundle(t.Context(), good[1000:]))
}

// TestForeignFlowsCanBeDeleted: flows with our cookie that have all that the target does not know are told apart, and each can be
// deleted without another.
func TestForeignFlowsCanBeDeleted(t *testing.T) {
	i := startOVS(t, "dummy")
	c := ovs.NewConn(i.path("br-int.mgmt"))
	defer c.Close()
	for _, text := range []string{
		"dl_vlan=7 actions=drop", "dl_vlan=8 actions=drop", "ip,nw_tos=4 actions=drop", "metadata=1/3 actions=drop", "ip actions=NORMAL",
		"ipv6 actions=set_field:1/1->reg0", "arp actions=write_actions(output:1)", "reg0=1 actions=write_metadata:1,goto_table:60",
		"reg0=2,hard_timeout=9000 actions=drop", "reg0=3,importance=3 actions=drop", "reg0=4,send_flow_rem actions=drop",
		"tcp,tcp_flags=+syn actions=ct(commit,nat(src=10.0.0.1))", "ip,reg0=5 actions=output:1,controller", "in_port=CONTROLLER actions=clone(drop)",
		"reg0=6 actions=ct_clear", "reg0=7 actions=move:NXM_NX_REG0[0..15]->NXM_NX_REG1[16..31]",
		"ip,reg0=8 actions=ct(commit,exec(set_field:1->ct_mark))", "reg0=9 actions=learn(table=3,limit=3,load:1->reg0)",
	} {
		i.ofctl("add-flow", "cookie=0x4847000000000001,table=50,"+text)
	}
	for n := len(i.flows()); n > 0; n-- {
		dump, err := c.Dump(t.Context())
		require.NoError(t, err)
		require.Len(t, dump, n)
		keys := texts(dump)
		require.Len(t, slices.Compact(keys), n)
		at := slices.IndexFunc(dump, func(e ovs.Entry) bool { return e.Foreign != "" })
		if at < 0 {
			require.Equal(t, 1, n) // the port alone
			require.Contains(t, strings.Join(i.flows(), ""), "in_port")
			break
		}
		require.NoError(t, c.Bundle(t.Context(), []ovs.Mod{{Command: ovs.Delete, Entry: dump[at]}}))
		require.Len(t, i.flows(), n-1)
	}
}
