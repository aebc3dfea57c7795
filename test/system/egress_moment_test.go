package system

import (
	"bytes"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// strangers counts what comes to the host outside with the address of a pod, and notes by how many nodes it came and what it was.
const strangers = `flush ruleset; table inet strangers {
	set hops { typeof ip ttl; flags dynamic; size 100; }
	set ends { typeof tcp flags; flags dynamic; size 100; }
	chain in { type filter hook prerouting priority -300;
		ip saddr 10.244.0.0/16 counter
		ip6 saddr fd00:10:244::/48 counter
		ip saddr 10.244.0.0/16 add @hops { ip ttl } add @ends { tcp flags }
	}
}
`

// requireNoStrangers wants none to have come.
func requireNoStrangers(t *testing.T, l *lab.Lab, when string) {
	t.Helper()
	seen := shell(t, l, "host/outside", "nft list table inet strangers", "")
	require.Equal(t, 2, strings.Count(seen, "counter packets 0 bytes 0"), "%s: %s", when, seen)
}

// TestEgressComesAndGoes: while an Egress appears, its address moves, and it disappears, with connections all the time, nobody looks like
// anybody but the node before and after and the Egress in between, and nothing comes with a pod's own address: not what connections that
// have lost theirs send, nor what ends them. Where there is no Egress any more, they are refused.
func TestEgressComesAndGoes(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			files := egressFiles(target)
			with := egressCluster(t, files)
			none := compileObjects(t, withoutEgresses(t, files), &diag.Report{})
			others := compileObjects(t, withoutEgress(t, files, "one"), &diag.Report{})
			addr := appearances()["one"][0]
			moved := egressCluster(t, files, with.Program.Holder(netip.MustParseAddr(addr)))
			l := egressLab(t, with, target)
			enforceAll := func(r *compiler.Result) time.Time {
				_, err := enforce.Load(t.Context(), l, r.Placed...)
				require.NoError(t, err)
				return time.Now()
			}
			const own = "192.168.20.12" // node n2
			enforceAll(none)
			d := startDials(t, l, "pod/app/one-2")
			d.await(t, time.Time{}, own)
			for _, without := range []*compiler.Result{others, none} {
				shell(t, l, "host/outside", "nft -f -", strangers)
				d.settles(t, enforceAll(with), own, addr)
				requireNoStrangers(t, l, "it has come")
				open := startStreams(t, l, "one-2", "one-2")
				d.settles(t, enforceAll(moved), addr, addr)
				requireNoStrangers(t, l, "it has moved")
				d.settles(t, enforceAll(without), addr, own)
				requireNoStrangers(t, l, "it has gone")
				if without == none {
					rest, err := io.ReadAll(open[0].out)
					require.NoError(t, err)
					require.Contains(t, string(rest), "connection reset by peer")
				}
				open[1].kill() // its kernel ends the connection
				d.settles(t, time.Now(), own, own)
				requireNoStrangers(t, l, "what it left behind has ended")
			}
		})
	}
}

// withoutEgress reads files and leaves one Egress out.
func withoutEgress(t *testing.T, files []string, name string) *manifest.Objects {
	t.Helper()
	var report diag.Report
	objects := manifest.Read(t.Context(), manifest.Options{Files: files}, &report)
	before := len(objects.Egresses)
	objects.Egresses = slices.DeleteFunc(objects.Egresses, func(e *manifest.Egress) bool { return e.Name == name })
	require.Len(t, objects.Egresses, before-1)
	return objects
}

// settles reads connections until one that began after a time looks as it should from then on. Before, it may look as it did.
func (d *dials) settles(t *testing.T, after time.Time, before, now string) {
	t.Helper()
	const enough = 5 // in a row
	missed := 0
	for good, deadline := 0, time.Now().Add(patience); good < enough; {
		got := d.next(t)
		require.Contains(t, []string{before, now, "nobody"}, got.seen)
		if got.seen == "nobody" {
			missed++
		}
		good++
		if got.seen != now || got.from.Before(after) {
			good = 0
		}
		require.True(t, time.Now().Before(deadline), "no connection comes about")
	}
	t.Logf("from %s to %s: %d connections missed", before, now, missed)
}

// shell runs a script somewhere in a lab and returns what it prints.
func shell(t *testing.T, l *lab.Lab, where, script, input string) string {
	t.Helper()
	var text bytes.Buffer
	status, err := l.Exec(t.Context(), where, []string{"sh", "-ec", script}, lab.Stdio{In: strings.NewReader(input), Out: &text, Err: &text})
	require.NoError(t, err)
	require.Zero(t, status, text.String())
	return text.String()
}
