package system

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// firing is a number of connections that the client of testdata/logs.yaml tries, each with one packet, and what becomes of them: the
// rules that decide each of them, in order.
type firing struct {
	proto   string
	port    int
	ends    string // what the client sees, the same for each connection
	decided []deciding
}

// deciding is a rule that decides packets: on the client's node, or the server's if that is where it judges.
type deciding struct {
	direction, policy, rule, name, action, label string
	quiet                                        bool // it counts, but does not log
}

// firings is worked out by hand.
func firings() []firing {
	const out, isolated, in = "ClusterNetworkPolicy.crd.antrea.io out", "NetworkPolicy app/isolated", "NetworkPolicy.crd.antrea.io srv/in"
	let := deciding{"egress", out, "spec.egress[0]", "let", "allow", "let-out", false}
	stop := deciding{"egress", out, "spec.egress[1]", "stop", "drop", "stopped", false}
	refuse := deciding{"egress", out, "spec.egress[2]", "refuse", "reject", "refused", false}
	leave := deciding{"egress", out, "spec.egress[3]", "leave", "pass", "left", false}
	quiet := deciding{"egress", out, "spec.egress[4]", "quiet", "drop", "", true}
	silent := deciding{"egress", out, "spec.egress[5]", "silent", "allow", "", true}
	isolate := deciding{"egress", isolated, "spec.policyTypes", "", "drop", "", false}
	open := deciding{"egress", isolated, "spec.egress[0]", "", "allow", "", false}
	shut := deciding{"ingress", in, "spec.ingress[0]", "shut", "drop", "shut", false}
	return []firing{
		{"udp", 9001, "answer", []deciding{let}},
		{"tcp", 9001, "answer", []deciding{let}},
		{"udp", 9002, "silence", []deciding{stop}},
		{"udp", 9003, "refused", []deciding{refuse}},
		{"tcp", 9003, "refused", []deciding{refuse}},
		{"udp", 9004, "silence", []deciding{leave, isolate}},
		{"udp", 9005, "answer", []deciding{leave, open}},
		{"udp", 9006, "silence", []deciding{quiet}},
		{"udp", 9007, "silence", []deciding{silent, shut}},
		{"udp", 9008, "answer", []deciding{silent}},
	}
}

// logsLab is testdata/logs.yaml, with a server on every port of firings.
func logsLab(t *testing.T, target lab.Target) *lab.Lab {
	r := compileDir(t, "testdata/logs.yaml")
	var ports []lab.Port
	for _, f := range firings() {
		ports = append(ports, lab.Port{Proto: lab.Proto(strings.ToUpper(f.proto)), Port: uint16(f.port)})
	}
	l, err := lab.Up(t.Context(), lab.FromProgram(r.Program, target), lab.Options{Ports: ports})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	_, err = enforce.Load(t.Context(), l, r.Placed...)
	require.NoError(t, err)
	// A tunnel may lose the first packet, while it looks for its other end. These meet no rule.
	for _, to := range []string{"10.244.2.20", "fd00:10:244:2::20"} {
		requireProbe(t, l, lab.Allow, "pod/srv/near", netip.MustParseAddr(to), ports[0])
	}
	return l
}

// servers are the addresses of the servers, by node.
func servers() map[string][]string {
	return map[string][]string{"n1": {"10.244.1.20", "fd00:10:244:1::20"}, "n2": {"10.244.2.20", "fd00:10:244:2::20"}}
}

// TestLogsAndCounters makes connections, and finds each of them in the logs and the counters of the rules that decided it.
//
// spec: 6.1
func TestLogsAndCounters(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const each = 7
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			l := logsLab(t, target)
			counts := map[string]uint64{}
			var lines []string
			first := 20_000
			for _, node := range []string{"n1", "n2"} {
				for _, server := range servers()[node] {
					fire(t, l, server, first, each)
					for _, f := range firings() {
						for _, d := range f.decided {
							where := "n1"
							if d.direction == "ingress" {
								where = node
							}
							counts[where+" "+d.policy+" "+d.rule] += each
							for k := 0; k < each && !d.quiet; k++ {
								lines = append(lines, d.line(where, f, server, first+k))
							}
						}
						first += each
					}
				}
			}
			requireCounts(t, l, counts)
			requireLines(t, l, lines)

			// ICMP has type and code.
			before := len(lines)
			requireProbe(t, l, lab.Drop, "pod/app/client", netip.MustParseAddr("10.244.2.20"), lab.Port{Proto: lab.ICMP})
			var pings []map[string]any
			require.Eventually(t, func() bool {
				pings = records(t, l)[before:]
				return len(pings) > 0
			}, time.Minute, 10*time.Millisecond)
			require.Equal(t, "icmp", pings[0]["protocol"])
			require.Equal(t, 8.0, pings[0]["icmpType"])
			require.Equal(t, 0.0, pings[0]["icmpCode"])
			require.NotContains(t, pings[0], "sourcePort")
			require.NotContains(t, pings[0], "label")
		})
	}
}

// fire makes the connections, each from a source port of its own.
func fire(t *testing.T, l *lab.Lab, server string, first, count int) {
	t.Helper()
	args := []string{"fire", server, fmt.Sprint(count)}
	want := ""
	for i, f := range firings() {
		args = append(args, fmt.Sprintf("%s/%d/%d", f.proto, f.port, first+i*count))
		want += strings.Repeat(fmt.Sprintf("%s/%d %s\n", f.proto, f.port, f.ends), count)
	}
	var out bytes.Buffer
	_, err := l.Exec(t.Context(), "pod/app/client", played(args...), lab.Stdio{Out: &out, Err: &out})
	require.NoError(t, err)
	require.Equal(t, want, out.String(), "to %s", server)
}

// line is what docs/logs.md has for a packet, without what differs from run to run.
func (d deciding) line(node string, f firing, server string, source int) string {
	client := "10.244.1.10"
	if netip.MustParseAddr(server).Is6() {
		client = "fd00:10:244:1::10"
	}
	return fmt.Sprint([]any{node, d.direction, d.policy, d.rule, d.action, d.label, f.proto, client, source, server, f.port, 1})
}

// requireCounts waits until the counters tell what they should of sessions, which takes a switch a moment, and sees whether they stay so.
func requireCounts(t *testing.T, l *lab.Lab, want map[string]uint64) {
	t.Helper()
	read := func() map[string]uint64 {
		all, err := enforce.Statistics(t.Context(), l)
		require.NoError(t, err)
		got := map[string]uint64{}
		for _, node := range all {
			require.Zero(t, node.Unknown)
			for _, r := range node.Rules {
				require.Empty(t, r.Shared)
				if r.Sessions > 0 {
					got[node.Node+" "+r.Policy+" "+r.Rule] = r.Sessions
				}
				require.GreaterOrEqual(t, r.Packets, r.Sessions, r)
				require.Equal(t, r.Packets > 0, r.Bytes >= 28*r.Packets && r.Bytes > 0, r)
			}
		}
		return got
	}
	deadline := time.Now().Add(time.Minute)
	for fmt.Sprint(read()) != fmt.Sprint(want) && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	require.Equal(t, want, read())
}

// records reads a lab's records.
func records(t *testing.T, l *lab.Lab) (out []map[string]any) {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, enforce.Records(t.Context(), l, &text))
	for line := range strings.Lines(text.String()) {
		var e map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		out = append(out, e)
	}
	return out
}

// requireLines waits until the records are there, and compares them in any order.
func requireLines(t *testing.T, l *lab.Lab, want []string) {
	t.Helper()
	var got []map[string]any
	deadline := time.Now().Add(time.Minute)
	for got = records(t, l); len(got) < len(want) && time.Now().Before(deadline); got = records(t, l) {
		time.Sleep(50 * time.Millisecond)
	}
	var lines []string
	for _, e := range got {
		at, err := time.Parse(time.RFC3339Nano, e["time"].(string))
		require.NoError(t, err)
		require.Less(t, time.Since(at).Abs(), time.Hour)
		require.Len(t, e["id"], 12)
		require.NotContains(t, e, "lost")
		label := e["label"]
		if label == nil {
			label = ""
		}
		lines = append(lines, fmt.Sprint([]any{e["node"], e["direction"], e["policy"], e["rule"], e["action"], label, e["protocol"], e["source"],
			e["sourcePort"], e["destination"], e["destinationPort"], e["packets"]}))
	}
	slices.Sort(lines)
	want = slices.Sorted(slices.Values(want))
	require.Equal(t, want, lines)
}
