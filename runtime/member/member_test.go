package member

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/memberlist"
	"github.com/stretchr/testify/require"
)

// patient has nobody missed by mistake, however busy the machine is.
func patient(o *Options) { o.Timing.Interval = 2 * time.Second }

func TestOneThatEndsIsMissedAndBack(t *testing.T) {
	f := newField(t, 5)
	f.startAll()
	gone := f.nodes[2]
	gone.stop()
	f.untilDown([]string{"n3"}, f.without(gone)...)
	for _, p := range f.without(gone) {
		require.Equal(t, 1, p.log.count("WARN a node is not alive node=n3"), p.name)
	}
	gone.start()
	f.untilDown([]string{}, f.nodes...)
	f.complete()
	for _, p := range f.without(gone) {
		require.Equal(t, 1, p.log.count("INFO a node is alive again node=n3"), p.name)
	}
}

func TestLinkDownIsMissedOnBothSides(t *testing.T) {
	f := newField(t, 5)
	f.startAll()
	lost := f.nodes[1]
	for range 3 { // a link that flaps
		lost.attach("")
		f.untilDown([]string{"n2"}, f.without(lost)...)
		f.untilDown([]string{"n1", "n3", "n4", "n5"}, lost)
		lost.attach("br0")
		f.untilDown([]string{}, f.nodes...)
	}
	f.complete()
}

func TestPartitionHeals(t *testing.T) {
	f := newField(t, 5)
	f.startAll()
	few, many := f.nodes[:2], f.nodes[2:]
	for range 2 {
		for _, p := range few {
			p.attach("br1")
		}
		f.untilDown(names(many), few...)
		f.untilDown(names(few), many...)
		for _, p := range few {
			p.attach("br0")
		}
		f.untilDown([]string{}, f.nodes...)
		f.complete()
	}
}

// TestAllMayRestartOneAfterTheOther without anybody being missed, at any time.
func TestAllMayRestartOneAfterTheOther(t *testing.T) {
	f := newField(t, 5)
	f.startAll(patient)
	for _, p := range f.nodes {
		p.stop()
		p.start(patient)
		<-p.now.Ready()
		require.Empty(t, p.now.Down())
		f.complete()
	}
	for _, p := range f.nodes {
		require.Zero(t, p.log.count("not alive"), "%s: %v", p.name, p.log.lines)
	}
}

// TestMembersStartOneAfterTheOther: nobody takes those who are about to start for down, until their time is over.
func TestMembersStartOneAfterTheOther(t *testing.T) {
	f := newField(t, 3)
	first := f.nodes[0].start(patient)
	<-first.Ready() // by time
	require.Empty(t, first.Down())
	f.nodes[1].start(patient)
	f.complete()
	require.Empty(t, first.Down())
	require.Zero(t, f.nodes[0].log.count("not alive"))
	f.untilDown([]string{"n3"}, f.nodes[:2]...) // after 10 s
	f.nodes[2].start(patient)
	f.untilDown([]string{}, f.nodes...)
}

// TestOneThatStartsLateIsToldWhoIsDown and does not have to wait.
func TestOneThatStartsLateIsToldWhoIsDown(t *testing.T) {
	f := newField(t, 4)
	soon := func(o *Options) { patient(o); o.Timing.Grace = time.Millisecond }
	for _, p := range f.nodes[:2] {
		p.start(soon)
	}
	f.untilDown([]string{"n3", "n4"}, f.nodes[:2]...)
	f.nodes[2].start(patient, func(o *Options) { o.Timing.Grace, o.Timing.Settle = time.Hour, time.Hour })
	<-f.nodes[2].now.Ready()
	f.untilDown([]string{"n4"}, f.nodes[:3]...)
	f.nodes[3].start(patient, func(o *Options) { o.Timing.Grace = time.Hour })
	f.untilDown([]string{}, f.nodes...)

	// One that has just started guesses, and tells nobody.
	f.nodes[0].stop()
	f.nodes[1].stop()
	f.nodes[2].stop()
	f.nodes[3].stop()
	long := func(o *Options) { o.Timing.Grace = time.Hour }
	f.nodes[0].start(patient, long)
	f.nodes[1].start(patient, long)
	f.complete()
	f.untilDown([]string{}, f.nodes[:2]...)
}

// TestPeersComeAndGo as Nodes are declared and deleted.
func TestPeersComeAndGo(t *testing.T) {
	f := newField(t, 3)
	all := f.peers()
	soon := func(o *Options) { patient(o); o.Timing.Grace = time.Millisecond; o.Peers = all[:2] }
	a, b, c := f.nodes[0].start(soon), f.nodes[1].start(soon), f.nodes[2].start(soon)
	f.until("n1 and n2 have seen each other", func() bool {
		return slices.Contains(a.answering(), "n2") && slices.Contains(b.answering(), "n1")
	})
	f.until("n3 has tried", func() bool { return slices.Contains(c.answering(), "n1") })
	require.Equal(t, []string{"n2"}, a.answering(), "nobody has declared n3")

	a.SetPeers(all)
	b.SetPeers(all)
	f.untilDown([]string{}, f.nodes...)
	f.until("n3 is there", func() bool { return slices.Contains(a.answering(), "n3") && slices.Contains(b.answering(), "n3") })

	f.nodes[2].stop()
	f.untilDown([]string{"n3"}, f.nodes[:2]...)
	a.SetPeers(all[:2])
	b.SetPeers(all[:2])
	require.Empty(t, a.Down())
	require.Empty(t, b.Down())

	// Back with another name for the same address, and another address for the same name.
	a.SetPeers(append(slices.Clone(all[:2]), Peer{"n4", all[2].Addr}))
	require.Equal(t, []string{"n4"}, a.Down())
	f.nodes[2].start(func(o *Options) { o.Name, o.Peers = "n4", all[:2] })
	f.until("n4 is there", func() bool { return slices.Contains(a.answering(), "n4") && len(a.Down()) == 0 })
	require.NotContains(t, b.answering(), "n4")
}

// TestAddressOfANodeMayChange once it is missed.
func TestAddressOfANodeMayChange(t *testing.T) {
	f := newField(t, 3)
	f.startAll()
	f.nodes[2].stop()
	f.untilDown([]string{"n3"}, f.nodes[:2]...)
	moved := netip.AddrPortFrom(f.nodes[2].addr, DefaultPort+1)
	peers := append(f.peers()[:2:2], Peer{"n3", moved})
	f.nodes[0].now.SetPeers(peers)
	f.nodes[1].now.SetPeers(peers)
	f.nodes[2].start(func(o *Options) { o.Bind = moved })
	f.untilDown([]string{}, f.nodes...)
	f.complete()
}

func TestOtherKeyNeverJoins(t *testing.T) {
	f := newField(t, 3)
	other := filepath.Join(t.TempDir(), "other")
	writeKeys(t, other, keyB)
	soon := func(o *Options) { o.Timing.Grace = time.Millisecond }
	for _, p := range f.nodes[:2] {
		p.start(soon)
	}
	odd := f.nodes[2].start(soon, func(o *Options) { o.KeyFile = other })
	f.untilDown([]string{"n3"}, f.nodes[:2]...)
	f.untilDown([]string{"n1", "n2"}, f.nodes[2])
	tries := func() int { return f.nodes[2].log.count("DEBUG a node cannot be reached") }
	f.until("n3 has tried often", func() bool { return tries() >= 8 })
	f.until("n1 has tried often", func() bool { return f.nodes[0].log.count("a node cannot be reached node=n3") >= 4 })
	require.Empty(t, odd.answering())
	require.Equal(t, []string{"n2"}, f.nodes[0].now.answering())
	require.Equal(t, []string{"n1"}, f.nodes[1].now.answering())
	for _, p := range f.nodes {
		require.Equal(t, 1, p.log.count("WARN messages of other nodes cannot be decrypted"), p.name)
	}
	writeKeys(t, other, keyA)
	f.untilDown([]string{}, f.nodes...)
}

// TestKeyIsChangedWhileEverybodyWorks in the three steps that ReadKeys tells.
func TestKeyIsChangedWhileEverybodyWorks(t *testing.T) {
	f := newField(t, 4)
	for _, p := range f.nodes[:3] {
		p.start(patient)
	}
	f.complete()
	held := func(p *post) int { return len(p.now.keys.GetKeys()) }
	step := func(count int, keys ...string) {
		writeKeys(t, f.keys, keys...)
		first, err := ReadKeys(f.keys)
		require.NoError(t, err)
		f.until("the keys are taken up", func() bool {
			return !slices.ContainsFunc(f.nodes[:3], func(p *post) bool {
				return held(p) != count || !bytes.Equal(p.now.keys.GetPrimaryKey(), first[0])
			})
		})
	}
	step(2, keyA, keyC)
	step(2, keyC, keyA)
	require.NoError(t, os.WriteFile(f.keys, []byte("nonsense\n"), 0o600))
	f.until("that is said", func() bool { return f.nodes[0].log.count("ERROR the keys between nodes cannot be read") > 0 })
	require.Equal(t, 2, held(f.nodes[0]))
	step(1, keyC)
	f.nodes[3].start(patient)
	f.complete()
	for _, p := range f.nodes {
		require.Zero(t, p.log.count("not alive"), p.name)
		require.Zero(t, p.log.count("cannot be decrypted"), p.name)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	f := newField(t, 3)
	f.startAll()
	f.nodes[2].attach("") // so that some attempt goes on while it ends
	f.untilDown([]string{"n3"}, f.nodes[:2]...)
	for _, p := range f.nodes {
		p.stop()
	}
	f.until("all of it has ended", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		for _, s := range strings.Split(string(stacks), "\n\n") {
			if strings.Contains(s, "hashicorp/memberlist") || strings.Contains(s, "member.(*Members)") {
				return false
			}
		}
		return true
	})
}

// TestNothingIsSentElsewhere, whatever a message gives as the address to answer to.
func TestNothingIsSentElsewhere(t *testing.T) {
	tr := &transport{}
	tr.allow(map[string][]netip.AddrPort{"n1": {netip.MustParseAddrPort("192.0.2.1:10261"), netip.MustParseAddrPort("[2001:db8::1]:10261")}})
	for _, addr := range []string{"192.0.2.1:10261", "[::ffff:192.0.2.1]:10261", "[2001:db8::1]:10261"} {
		require.NoError(t, tr.check(addr))
	}
	for _, addr := range []string{"192.0.2.1:53", "192.0.2.255:10261", "255.255.255.255:10261", "[ff02::1]:10261", "192.0.2.2:10261"} {
		_, err := tr.WriteTo(nil, addr)
		require.ErrorIs(t, err, errUndeclared)
		_, err = tr.DialTimeout(addr, time.Second)
		require.ErrorIs(t, err, errUndeclared)
	}
	_, err := tr.WriteTo(nil, "localhost:1")
	require.Error(t, err)
}

func TestStartRefuses(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys")
	writeKeys(t, keys, keyA)
	at := netip.MustParseAddrPort("127.0.0.1:10261")
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"no name":    {Options{Bind: at, KeyFile: keys}, "a member needs a name"},
		"no address": {Options{Name: "n1", KeyFile: keys}, "a member needs an address to listen on"},
		"any address": {Options{Name: "n1", KeyFile: keys, Bind: netip.MustParseAddrPort("0.0.0.0:10261")},
			"other members cannot reach 0.0.0.0:10261"},
		"no keys":                  {Options{Name: "n1", Bind: at, KeyFile: keys + "x"}, "no such file"},
		"address that is not here": {Options{Name: "n1", Bind: netip.MustParseAddrPort("192.0.2.1:10261"), KeyFile: keys}, "listen on 192.0.2.1:10261"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Start(c.o)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestReadKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	for text, want := range map[string]string{
		"":                            "there is no key",
		"# none\n\n":                  "there is no key",
		"secret words\n":              "keys:1: want a key of 16, 24 or 32 bytes as base64: not base64",
		keyA + "\nc2hvcnQ=\n":         "keys:2: want a key of 16, 24 or 32 bytes as base64: key size must be",
		strings.Repeat(keyA+"\n", 17): "there are more than 16 keys",
		"# the old one\n" + keyA + "\n\n" + keyB + "\r\n  " + keyC: "",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		keys, err := ReadKeys(path)
		if want == "" {
			require.NoError(t, err)
			require.Len(t, keys, 3)
			require.Equal(t, []int{16, 24, 32}, []int{len(keys[0]), len(keys[1]), len(keys[2])})
			continue
		}
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret words")
	}
}

// TestInstall: whatever a ring held, it holds what it is to hold, in that order as far as it matters, and what was handed out before is
// as it was.
func TestInstall(t *testing.T) {
	key := func(b byte) []byte { return bytes.Repeat([]byte{b}, 16) }
	sets := [][]byte{{1}, {2}, {1, 2}, {2, 1}, {1, 2, 3}, {3, 1}, {4, 3, 2, 1}, {2, 4}}
	for _, from := range sets {
		for _, to := range sets {
			all := func(of []byte) (out [][]byte) {
				for _, b := range of {
					out = append(out, key(b))
				}
				return out
			}
			ring, err := memberlist.NewKeyring(all(from), key(from[0]))
			require.NoError(t, err)
			handed := ring.GetKeys()
			before := slices.Clone(handed)
			require.NoError(t, install(ring, all(to)))
			require.Equal(t, all(to), ring.GetKeys())
			require.Equal(t, before, handed)
		}
	}
}
