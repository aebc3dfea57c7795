package ovs_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/ovs"
	"github.com/headgate-net/headgate/runtime/ovs/wire"
	"github.com/headgate-net/headgate/targets/openflow"
)

// recorder is a switch that says yes to everything and keeps what it was told.
type recorder struct {
	socket string

	mu       sync.Mutex
	messages [][]byte
}

func newRecorder(t testing.TB) *recorder {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	dir, err := os.MkdirTemp("", "hg-ovs")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := &recorder{socket: filepath.Join(dir, "s")}
	l, err := net.Listen("unix", r.socket)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	return r
}

// serve answers with bare headers, but for bundles, whose replies repeat the request with the next type.
func (r *recorder) serve(conn net.Conn) {
	defer conn.Close()
	reply := func(xid []byte, kind byte, body []byte) {
		m := append([]byte{6, kind, 0, byte(8 + len(body))}, xid...)
		conn.Write(append(m, body...))
	}
	reply([]byte{0, 0, 0, 0}, 0, nil)
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		m := append(head, make([]byte, int(binary.BigEndian.Uint16(head[2:]))-8)...)
		if _, err := io.ReadFull(conn, m[8:]); err != nil {
			return
		}
		r.mu.Lock()
		r.messages = append(r.messages, m)
		r.mu.Unlock()
		switch m[1] {
		case 18: // multipart
			reply(m[4:8], 19, m[8:16])
		case 20:
			reply(m[4:8], 21, nil)
		case 33:
			reply(m[4:8], 33, append(slices.Clone(m[8:13]), m[13]+1, 0, 3))
		}
	}
}

// take returns the messages of the given types, without what numbers messages and bundles, as text.
func (r *recorder) take(kinds ...byte) (out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.messages {
		if !slices.Contains(kinds, m[1]) {
			continue
		}
		clear(m[4:8])
		if m[1] == 33 || m[1] == 34 {
			clear(m[8:12])
		}
		if m[1] == 34 {
			clear(m[20:24])
		}
		out = append(out, hex.EncodeToString(m))
	}
	r.messages = nil
	return out
}

// sameBytes requires that both switches send the same for mods.
func sameBytes(t *testing.T, mods []ovs.Mod) {
	t.Helper()
	r := newRecorder(t)
	ours, oracle := ovs.NewConn(r.socket), newOfctl(r.socket)
	defer ours.Close()
	require.NoError(t, oracle.Bundle(t.Context(), mods))
	want := r.take(33, 34)
	require.NoError(t, ours.Bundle(t.Context(), mods))
	got := r.take(33, 34)
	require.Len(t, want, len(mods)+2)
	require.Len(t, got, len(want))
	for i := range want {
		text := "bundle"
		if i > 0 && i <= len(mods) {
			text = textOf(&mods[i-1])
		}
		require.Equal(t, want[i], got[i], text)
	}
}

// TestBytesOfGeneratedFlows: every flow and group that the target generates for random clusters is sent as ovs-ofctl sends it, and
// so are its changes and its deletion.
func TestBytesOfGeneratedFlows(t *testing.T) {
	var mods []ovs.Mod
	for seed := range uint64(12) {
		shape := irtest.Small()
		shape.Policies += int(seed)
		prog := irtest.Program(irtest.Rand(seed), shape)
		irtest.Egresses(prog, irtest.Rand(seed), 4)
		p := place(prog, prog.Nodes[0].Name)
		lowered := openflow.Lower(p, &diag.Report{})
		bound, held := openflow.SomeBinding(p).Bind(lowered.Flows)
		require.Empty(t, held)
		for i, f := range bound {
			mods = append(mods, ovs.Mod{Command: ovs.Command(i % 3), Entry: ovs.Entry{Flow: f}})
		}
		for i := range lowered.Groups {
			mods = append(mods, ovs.Mod{Command: ovs.Command(i % 3), Entry: ovs.Entry{Group: &lowered.Groups[i]}})
		}
	}
	require.Greater(t, len(mods), 1000)
	sameBytes(t, mods)
}

// TestBytesOfRequests: the handshake and what asks for flows and groups.
func TestBytesOfRequests(t *testing.T) {
	r := newRecorder(t)
	ours, oracle := ovs.NewConn(r.socket), newOfctl(r.socket)
	defer ours.Close()
	all := []byte{0, 18}
	_, err := oracle.Dump(t.Context())
	require.NoError(t, err)
	want := r.take(all...)
	_, err = ours.Dump(t.Context())
	require.NoError(t, err)
	got := r.take(all...)
	require.Equal(t, append(want[:2:2], want[3], want[5]), got) // ovs-ofctl connects once for each request
}

// TestPacketsThereAndBack: a flow sends packets to our connection, with what it says of them; what is sent back runs through the
// tables. Its bytes are those that ovs-ofctl sends.
func TestPacketsThereAndBack(t *testing.T) {
	i := startOVS(t, "dummy")
	i.dummyPort("p1", "x/a", "")
	i.ofctl("add-flow", "cookie=0x48470000000000aa,table=0,ip actions=set_field:9->reg1,set_field:0x80000000->reg6,controller(userdata=48.47.01)")
	i.ofctl("add-flow", "table=40,reg3=1,in_port=CONTROLLER actions=drop")
	conn, err := net.Dial("unix", i.path("br-int.mgmt"))
	require.NoError(t, err)
	defer conn.Close()
	p := &peer{t, conn}
	p.Write(wire.AppendPacketRequest(wire.AppendHello(nil, 1), 2))
	p.Write(wire.AppendBarrier(nil, 4))
	require.NotNil(t, p.until(21))
	i.appctl("netdev-dummy/receive", "p1", "ipv4(src=10.0.0.1,dst=10.0.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=1,dst=2)")
	in, err := wire.ParsePacketIn(p.until(4))
	require.NoError(t, err)
	require.Equal(t, []byte{0x48, 0x47, 1}, in.Userdata)
	require.Equal(t, uint64(0x48470000000000aa), in.Cookie)
	require.Equal(t, len(in.Packet), in.FullLen)
	require.Equal(t, []byte{10, 0, 0, 1, 10, 0, 0, 2}, in.Packet[26:34])
	var number uint64
	fmt.Sscan(i.vsctl("get", "interface", "p1", "ofport"), &number)
	require.Equal(t, []openflow.Term{openflow.Is(openflow.Reg1, 9), openflow.Is(openflow.Reg6, 0x80000000), openflow.Is(openflow.InPort, number)}, in.Metadata)

	actions := []openflow.Action{{Op: openflow.SetField, Field: openflow.Reg3, Value: openflow.Uint(1)}, {Op: openflow.Resubmit, Table: 40}}
	out, err := wire.AppendPacketOut(nil, 0, actions, in.Packet)
	require.NoError(t, err)
	p.Write(wire.AppendBarrier(out, 5))
	require.NotNil(t, p.until(21))
	require.Contains(t, i.ofctl("dump-flows", "table=40"), "n_packets=1,")

	r := newRecorder(t)
	text := fmt.Sprintf("in_port=CONTROLLER,packet=%x,actions=set_field:1->reg3,resubmit(,40)", in.Packet)
	output(t, exec.Command("ovs-ofctl", "-O", "OpenFlow15", "--no-names", "packet-out", "unix:"+r.socket, text))
	require.Equal(t, []string{hex.EncodeToString(out)}, r.take(13))
}
