package ovs_test

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir/irtest"
	"github.com/headgate-net/headgate/runtime/ovs"
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
	require.Equal(t, append(want[:2:2], want[3]), got) // ovs-ofctl connects once for each request
}
