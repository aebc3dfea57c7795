package member

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// field is a number of network namespaces whose links lead to one of two bridges in another one.
type field struct {
	t     testing.TB
	home  *os.File
	hub   *os.File
	nodes []*post
	keys  string // the file of keys that nodes have unless one says otherwise
}

// post is a namespace for a member, and the one that is there.
type post struct {
	f     *field
	name  string
	addr  netip.Addr
	space *os.File
	log   *record
	now   *Members
}

// newField makes namespaces for n1, n2, ... All of them are peers.
func newField(t testing.TB, count int) *field {
	if testing.Short() {
		t.Skip("needs root")
	}
	f := &field{t: t, keys: filepath.Join(t.TempDir(), "keys")}
	writeKeys(t, f.keys, keyA)
	var err error
	f.home, err = os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	t.Cleanup(func() { f.home.Close() })
	f.hub = f.space()
	f.in(f.hub, func() error {
		for _, name := range []string{"br0", "br1"} {
			bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: name}}
			if err := netlink.LinkAdd(bridge); err != nil {
				return err
			}
			if err := netlink.LinkSetUp(bridge); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range count {
		f.nodes = append(f.nodes, f.post(i))
	}
	t.Cleanup(func() {
		for _, p := range f.nodes {
			p.stop()
		}
	})
	return f
}

func (f *field) space() *os.File {
	var space *os.File
	f.in(f.home, func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		space, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	f.t.Cleanup(func() { space.Close() })
	return space
}

// within calls fn on a thread that is in a namespace.
func (f *field) within(space *os.File, fn func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = fn()
		}
		if unix.Setns(int(f.home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

func (f *field) in(space *os.File, fn func() error) { require.NoError(f.t, f.within(space, fn)) }

// post makes the namespace of a node and its link.
func (f *field) post(i int) *post {
	p := &post{f: f, name: fmt.Sprintf("n%d", i+1), addr: netip.AddrFrom4([4]byte{10, 99, byte((i + 1) >> 8), byte(i + 1)}), space: f.space(), log: &record{}}
	f.in(f.hub, func() error {
		link := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: p.name}, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(p.space.Fd()))}
		return netlink.LinkAdd(link)
	})
	p.attach("br0")
	f.in(p.space, func() error {
		for _, name := range []string{"lo", "eth0"} {
			link, err := netlink.LinkByName(name)
			if err != nil {
				return err
			}
			if err := netlink.LinkSetUp(link); err != nil {
				return err
			}
			if name == "lo" {
				continue
			}
			addr, err := netlink.ParseAddr(p.addr.String() + "/16")
			if err != nil {
				return err
			}
			if err := netlink.AddrAdd(link, addr); err != nil {
				return err
			}
		}
		return nil
	})
	return p
}

// attach has the node's link lead to a bridge; "" takes it down.
func (p *post) attach(bridge string) {
	p.f.in(p.f.hub, func() error {
		link, err := netlink.LinkByName(p.name)
		if err != nil {
			return err
		}
		if bridge == "" {
			return netlink.LinkSetDown(link)
		}
		to, err := netlink.LinkByName(bridge)
		if err != nil {
			return err
		}
		if err := netlink.LinkSetMaster(link, to); err != nil {
			return err
		}
		return netlink.LinkSetUp(link)
	})
}

func (p *post) at() netip.AddrPort { return netip.AddrPortFrom(p.addr, DefaultPort) }

// peers are those of all nodes.
func (f *field) peers() []Peer {
	var out []Peer
	for _, p := range f.nodes {
		out = append(out, Peer{p.name, p.at()})
	}
	return out
}

// start starts a member at the node. The changes say in what it is unlike the others.
func (p *post) start(changes ...func(*Options)) *Members {
	o := Options{Name: p.name, Bind: p.at(), Peers: p.f.peers(), KeyFile: p.f.keys, Log: slog.New(p.log),
		Within: func(fn func() error) error { return p.f.within(p.space, fn) }}
	for _, change := range changes {
		change(&o)
	}
	m, err := Start(o)
	require.NoError(p.f.t, err)
	p.now = m
	return m
}

// stop ends the member without a word.
func (p *post) stop() {
	if p.now != nil {
		require.NoError(p.f.t, p.now.Close())
	}
	p.now = nil
}

// startAll starts all members, and waits until each has seen all others.
func (f *field) startAll(changes ...func(*Options)) {
	for _, p := range f.nodes {
		p.start(changes...)
	}
	f.complete()
}

// complete waits until each member that runs has all others that run for alive.
func (f *field) complete() {
	running := 0
	for _, p := range f.nodes {
		if p.now != nil {
			running++
		}
	}
	f.until("everybody has seen everybody", func() bool {
		for _, p := range f.nodes {
			if p.now != nil && (len(p.now.answering()) < running-1 || len(p.now.Down()) > len(f.nodes)-running) {
				return false
			}
		}
		return true
	})
}

// answering lists the peers that are alive.
func (m *Members) answering() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []string
	for name := range m.alive {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// until waits for something to be so.
func (f *field) until(what string, is func() bool) {
	f.t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			for _, p := range f.nodes {
				if p.now != nil {
					f.t.Logf("%s: down %v, answering %v", p.name, p.now.Down(), p.now.answering())
				}
			}
			require.FailNow(f.t, "never: "+what)
		}
	}
}

// untilDown waits until members have exactly some peers for down.
func (f *field) untilDown(want []string, at ...*post) {
	f.t.Helper()
	f.until(fmt.Sprintf("down %v", want), func() bool {
		return !slices.ContainsFunc(at, func(p *post) bool { return !slices.Equal(p.now.Down(), want) })
	})
}

// without are the nodes but some.
func (f *field) without(some ...*post) []*post {
	return slices.DeleteFunc(slices.Clone(f.nodes), func(p *post) bool { return slices.Contains(some, p) })
}

// names lists those of nodes.
func names(of []*post) []string {
	out := []string{}
	for _, p := range of {
		out = append(out, p.name)
	}
	return out
}

// record keeps what is logged.
type record struct {
	mu    sync.Mutex
	lines []string
}

func (r *record) Enabled(context.Context, slog.Level) bool { return true }
func (r *record) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *record) WithGroup(string) slog.Handler            { return r }

func (r *record) Handle(_ context.Context, e slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Level, e.Message)
	e.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&b, " %s", a); return true })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, b.String())
	return nil
}

// count is how many lines have some words.
func (r *record) count(words string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, line := range r.lines {
		if strings.Contains(line, words) {
			n++
		}
	}
	return n
}

// The keys of tests: 16, 24 and 32 bytes.
const (
	keyA = "c2l4dGVlbiBieXRlcy4uIQ=="
	keyB = "dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5"
	keyC = "dGhpcnR5LXR3byBieXRlcyBtYWtlIGEgbG9uZyBrZXk="
)

func writeKeys(t testing.TB, path string, keys ...string) {
	require.NoError(t, os.WriteFile(path+".new", []byte(strings.Join(keys, "\n")+"\n"), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}
