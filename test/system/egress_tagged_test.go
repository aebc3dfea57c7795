package system

import (
	"bytes"
	"context"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
)

// framePattern is a frame as it is on the wire, with who sent it, who gets it, and what it holds: tcpdump puts the tag back where the
// kernel has taken it off.
var framePattern = regexp.MustCompile(`^\S+ ([0-9a-f:]{17}) > ([0-9a-f:]{17}|Broadcast), ethertype (.*)$`)

// requireTagged wants everything that the host outside gets from an address, or is told about it, while a pod connects, to carry the tag of
// VLAN 181 and to come from the holder; and no frame that mentions the address to lack that tag.
func requireTagged(t testing.TB, l *lab.Lab, holder, pod, addr string) {
	t.Helper()
	frames := captured(t, l, "host/outside", addr+".", func() {
		got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: pod, To: netip.MustParseAddr(outside4), Port: lab.Port{Proto: lab.TCP, Port: 80}}})
		require.NoError(t, err)
		require.Equal(t, lab.Allow, got[0].Verdict, "%+v", got[0])
	})
	mac := hardwareOf(t, l, holder, addr)
	var sent int
	for _, line := range frames {
		parts := framePattern.FindStringSubmatch(line)
		require.NotNil(t, parts, line)
		require.True(t, strings.HasPrefix(parts[3], "802.1Q (0x8100), length ") && strings.Contains(parts[3], ": vlan 181, p 0, ethertype "), line)
		if strings.Contains(parts[3], " "+addr+".") && strings.Contains(parts[3], " > "+outside4+".80: Flags ") {
			require.Equal(t, mac, parts[1], line)
			sent++
		}
	}
	require.NotZero(t, sent, "%q", frames)
	t.Logf("%s: %d frames from %s, one of them: %s", holder, sent, addr, frames[0])
}

// captured returns the frames that pass the link of a place while something is done and that mention something, without those of
// addresses resolved before. It ends when there is at least one of a connection.
func captured(t testing.TB, l *lab.Lab, where, mention string, do func()) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, log lockedBuffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = l.Exec(ctx, where, []string{"tcpdump", "-Z", "root", "-i", "eth0", "-e", "-n", "-l"}, lab.Stdio{Out: &out, Err: &log})
	}()
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "listening on") }, patience, 10*time.Millisecond, "%s", &log)
	do()
	var lines []string
	require.Eventually(t, func() bool {
		text := out.String()
		text = text[:strings.LastIndexByte(text, '\n')+1]
		lines = slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return !strings.Contains(s, mention) })
		return len(lines) > 0
	}, patience, 10*time.Millisecond)
	cancel()
	<-done
	return lines
}

// requireRouted wants packets of a VLAN to leave a node by a table of their own, which leads to the VLAN's link and its gateway.
func requireRouted(t testing.TB, l *lab.Lab, holder, addr, gateway string) {
	t.Helper()
	rules := said(t, l, "node/"+holder, "ip", "rule", "show")
	at := regexp.MustCompile(`(?m)^\d+:\s+from all fwmark 0x[0-9a-f]+/0x[0-9a-f]+ lookup (\d+)`).FindStringSubmatch(rules)
	require.NotNil(t, at, rules)
	routes := said(t, l, "node/"+holder, "ip", "route", "show", "table", at[1])
	way := regexp.MustCompile(`(?m)^default via ` + regexp.QuoteMeta(gateway) + ` dev (\S+)`).FindStringSubmatch(routes)
	require.NotNil(t, way, routes)
	require.Contains(t, said(t, l, "node/"+holder, "ip", "-d", "link", "show", way[1]), "vlan protocol 802.1Q id 181 ")
	require.Contains(t, said(t, l, "node/"+holder, "ip", "-o", "addr", "show", "dev", way[1]), addr+"/")
	t.Logf("%s:\n%s%s", holder, rules, routes)
}

// hardwareOf is the address of the link on which a node has an IP address.
func hardwareOf(t testing.TB, l *lab.Lab, node, addr string) string {
	t.Helper()
	const script = `set -e
dev=$(ip -o addr show to $1 | awk '{print $2}')
ip -o link show dev ${dev%@*}`
	fields := strings.Fields(said(t, l, "node/"+node, "sh", "-c", script, "sh", addr))
	at := slices.Index(fields, "link/ether")
	require.GreaterOrEqual(t, at, 0, "%v", fields)
	return fields[at+1]
}

// said is what a program says at a place.
func said(t testing.TB, l *lab.Lab, where string, command ...string) string {
	t.Helper()
	var text bytes.Buffer
	status, err := l.Exec(t.Context(), where, command, lab.Stdio{Out: &text, Err: &text})
	require.NoError(t, err)
	require.Zero(t, status, text.String())
	return text.String()
}
