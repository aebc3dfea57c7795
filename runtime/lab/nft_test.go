package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// echoApplier answers with the names of the nodes and the payload, from inside each node's namespace.
type echoApplier struct{}

func (echoApplier) Apply(_ context.Context, cluster Cluster, payload json.RawMessage) (json.RawMessage, error) {
	seen := []string{}
	for _, n := range cluster.Nodes {
		err := n.Do(func() error {
			forwarding, err := readSysctl("net/ipv4/ip_forward")
			for range 20 { // programs that an Applier starts are its own to wait for
				if err := exec.Command("true").Run(); err != nil {
					return err
				}
			}
			seen = append(seen, n.Name+" "+forwarding+" "+string(payload))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return json.Marshal(seen)
}

func everyPort() []Port { return []Port{{TCP, 80}, {UDP, 53}, {SCTP, 7777}} }

func TestRoutedPodsReachEachOther(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 2, everyPort()...), Options{})
	for _, version := range []int{4, 6} {
		m, err := l.Matrix(context.Background(), MatrixRequest{Ports: append(everyPort(), Port{Proto: ICMP}), Families: []int{version}})
		require.NoError(t, err)
		require.Len(t, m.Pods, 4)
		require.Len(t, m.Ports, 4)
		requireAll(t, m, Allow)
	}
}

// load loads an nft ruleset at a place.
func load(t *testing.T, l *Lab, where, ruleset string) {
	t.Helper()
	var out bytes.Buffer
	status, err := l.Exec(context.Background(), where, []string{"nft", "-f", "-"}, Stdio{In: strings.NewReader(ruleset), Out: &out, Err: &out})
	require.NoError(t, err)
	require.Zero(t, status, out.String())
}

// Each destination port gets another fate in the forwarding of node n2.
const fates = `
table inet t {
	chain forward {
		type filter hook forward priority 0
		ct state established,related accept
		th dport 81 drop
		th dport 82 reject with icmpx type admin-prohibited
		tcp dport 83 reject with tcp reset
		th dport 84 reject with icmpx type port-unreachable
		meta l4proto { icmp, ipv6-icmp } ip saddr 10.1.1.2 reject with icmpx type admin-prohibited
		meta l4proto { icmp, ipv6-icmp } ip6 saddr fd00:1:1::2 drop
	}
}
`

func TestDropAndRejectAreToldApart(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 1), Options{})
	load(t, l, "node/n2", fates)
	var ports []Port
	for _, proto := range []Proto{TCP, UDP, SCTP} {
		for n := uint16(80); n <= 84; n++ {
			ports = append(ports, Port{proto, n})
		}
	}
	require.NoError(t, l.Open(context.Background(), ports))
	want := func(p Port, version int) (Verdict, string) {
		switch {
		case p.Port == 81:
			return Drop, ""
		case p.Port == 82 && version == 4:
			return Reject, "administratively prohibited (ICMP type 3 code 13)"
		case p.Port == 82:
			return Reject, "administratively prohibited (ICMP type 1 code 1)"
		case p.Port == 83 && p.Proto == TCP:
			return Reject, "connection refused (TCP reset)"
		case p.Port == 84 && version == 4:
			return Reject, "port unreachable (ICMP type 3 code 3)"
		case p.Port == 84:
			return Reject, "port unreachable (ICMP type 1 code 4)"
		}
		return Allow, ""
	}
	for version, to := range map[int]netip.Addr{4: addr("10.1.2.2"), 6: addr("fd00:1:2::2")} {
		var probes []ProbeRequest
		for _, port := range ports {
			probes = append(probes, ProbeRequest{From: "pod/x/p1-1", To: to, Port: port})
		}
		results, err := l.Probe(context.Background(), probes)
		require.NoError(t, err)
		for i, r := range results {
			verdict, detail := want(ports[i], version)
			require.Equal(t, verdict, r.Verdict, "%s over IPv%d: %+v", ports[i], version, r)
			require.Equal(t, detail, r.Detail, "%s over IPv%d", ports[i], version)
			if verdict == Drop {
				require.GreaterOrEqual(t, r.Attempts, minAttempts)
			}
		}
	}
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: []Port{{Proto: ICMP}}})
	require.NoError(t, err)
	require.Equal(t, Matrix{
		Pods:  []string{"x/p1-1", "x/p2-1"},
		Ports: map[string][][]Verdict{"ICMP": {{Allow, Mixed}, {Allow, Allow}}},
	}, *m)
}

// A reject that is answered at full rate: kernels limit ICMP errors unless told otherwise.
func TestManyRejectsAreAllSeen(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 1, 10), Options{})
	load(t, l, "node/n1", `table inet t { chain c { type filter hook forward priority 0; reject with icmpx type admin-prohibited; }; }`)
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: []Port{{TCP, 80}, {UDP, 80}, {SCTP, 80}}})
	require.NoError(t, err)
	requireAll(t, m, Reject)
}

func TestEveryPlaceReachesEveryPlace(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 1, Port{TCP, 80}, Port{UDP, 80}), Options{})
	var probes []ProbeRequest
	for _, from := range []string{"node/n1", "node/n2", "host/out", "pod/x/p1-1", "pod/x/p2-1"} {
		for _, to := range []string{"host/out", "pod/x/p1-1", "pod/x/p2-1"} {
			addrs, err := l.Spec().Addrs(to)
			require.NoError(t, err)
			for _, a := range addrs {
				probes = append(probes, ProbeRequest{From: from, To: a, Port: Port{TCP, 80}, SourcePort: 50000},
					ProbeRequest{From: from, To: a, Port: Port{UDP, 80}, SourcePort: 50000})
			}
		}
	}
	results, err := l.Probe(context.Background(), probes)
	require.NoError(t, err)
	for i, r := range results {
		require.Equal(t, Allow, r.Verdict, "%+v: %s", probes[i], r.Detail)
		require.EqualValues(t, 50000, r.Seen.Port())
		if own, err := l.Spec().Addrs(probes[i].From); err == nil {
			require.Contains(t, own, r.Seen.Addr(), "%+v: no address is translated", probes[i])
		}
		addrs, err := l.Spec().Addrs(r.Responder)
		require.NoError(t, err)
		require.Contains(t, addrs, probes[i].To)
	}
}

func TestWhatCannotBeJudgedIsNoVerdict(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 1, 1), Options{})
	results, err := l.Probe(context.Background(), []ProbeRequest{
		{From: "pod/x/p1-1", To: addr("203.0.113.7"), Port: Port{TCP, 80}},
		{From: "pod/x/p1-1", To: addr("10.1.1.2"), Port: Port{"IGMP", 0}},
		{From: "pod/x/p1-1", To: addr("10.1.1.2"), Port: Port{TCP, 9}},
	})
	require.NoError(t, err)
	require.Equal(t, Failed, results[0].Verdict)
	require.Equal(t, "no way there: network is unreachable (ICMP type 3 code 0)", results[0].Detail)
	require.Equal(t, Failed, results[1].Verdict)
	require.Equal(t, Reject, results[2].Verdict, "nobody listens")

	_, err = l.Probe(context.Background(), []ProbeRequest{{From: "pod/x/p9-9", To: addr("10.1.1.2"), Port: Port{TCP, 80}}})
	require.ErrorIs(t, err, ErrNoPlace)
}

func TestApplierRunsInEachNode(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 0), Options{})
	got, err := l.Apply(context.Background(), json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	require.JSONEq(t, `["n1 1 {\"a\":1}", "n2 1 {\"a\":1}"]`, strings.TrimSpace(string(got)))
}

// readSysctl reads a sysctl of the calling thread's network namespace.
func readSysctl(name string) (string, error) {
	text, err := os.ReadFile("/proc/sys/" + name)
	return strings.TrimSpace(string(text)), err
}

// oddSpec has what no prefix and no family of the underlay leads to.
func oddSpec(target Target) Spec {
	one := netip.MustParsePrefix("10.1.1.0/24")
	return Spec{
		Target: target,
		Nodes: []Node{
			{Name: "n1", Addrs: []netip.Addr{addr("192.168.0.1")}, PodCIDRs: []netip.Prefix{one}},
			{Name: "n2", Addrs: []netip.Addr{addr("172.31.0.9")}},
			{Name: "n3", Addrs: []netip.Addr{addr("192.168.0.3")}, PodCIDRs: []netip.Prefix{netip.MustParsePrefix("10.1.3.0/24")}},
		},
		Pods: []Pod{
			{Namespace: "x", Name: "inside", Node: "n1", Addrs: []netip.Addr{addr("10.1.1.2"), addr("fd99::1")}},
			{Namespace: "x", Name: "no-prefix", Node: "n2", Addrs: []netip.Addr{addr("10.9.9.9"), addr("fd99::2")}},
			{Namespace: "x", Name: "of-another", Node: "n2", Addrs: []netip.Addr{addr("10.1.1.77")}},
			{Namespace: "x", Name: "outside", Node: "n3", Addrs: []netip.Addr{addr("172.16.5.5")}},
			{Namespace: "x", Name: "six", Node: "n3", Addrs: []netip.Addr{addr("fd99::3")}},
		},
		Hosts: []Host{{Name: "far", Addrs: []netip.Addr{addr("8.8.8.8"), addr("2001:db8::8")}, Ports: []Port{{TCP, 80}}}},
	}
}

func TestOddAddressesAreReached(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, oddSpec(NFTables), Options{})
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: []Port{{TCP, 80}}})
	require.NoError(t, err)
	for i, row := range m.Ports["TCP/80"] {
		for j, got := range row {
			want := Allow
			if lonely := []string{"x/of-another", "x/outside"}; i != j && (m.Pods[i] == "x/six" && slices.Contains(lonely, m.Pods[j]) ||
				m.Pods[j] == "x/six" && slices.Contains(lonely, m.Pods[i])) {
				want = None
			}
			require.Equal(t, want, got, "%s to %s", m.Pods[i], m.Pods[j])
		}
	}
	for _, p := range l.Spec().Pods {
		for _, a := range p.Addrs {
			to := addr("8.8.8.8")
			if a.Is6() {
				to = addr("2001:db8::8")
			}
			results, err := l.Probe(context.Background(), []ProbeRequest{
				{From: p.Where(), To: to, Port: Port{TCP, 80}}, {From: "host/far", To: a, Port: Port{TCP, 80}},
			})
			require.NoError(t, err)
			require.Equal(t, Allow, results[0].Verdict, "from %s: %s", a, results[0].Detail)
			require.Equal(t, a, results[0].Seen.Addr())
			require.Equal(t, Allow, results[1].Verdict, "to %s: %s", a, results[1].Detail)
		}
	}
}

// A busy machine is not a policy.
func TestNothingIsDroppedUnderLoad(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 6, everyPort()...), Options{})
	for range 4 * runtime.GOMAXPROCS(0) {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		require.NoError(t, cmd.Start())
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
	}
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: everyPort()})
	require.NoError(t, err)
	requireAll(t, m, Allow)
}
