package system

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// Who is outside the cluster of testdata/egress.yaml: a host with addresses of its own, which is the gateway of VLAN 181 too, and one
// that is in that VLAN.
const (
	outside4 = "198.51.100.9"
	outside6 = "2001:db8:51::9"
	except4  = "198.51.100.10" // is excepted
	partner4 = "172.18.181.200"
)

// egressCluster compiles files of testdata as they are while some nodes are down.
func egressCluster(t testing.TB, files []string, down ...string) *compiler.Result {
	t.Helper()
	var report diag.Report
	objects := manifest.Read(t.Context(), manifest.Options{Files: files}, &report)
	o := compiler.Options{Check: true, Down: down, Except: ir.PrefixSet(netip.MustParsePrefix(except4 + "/32"))}
	r := compiler.Compile(objects, o, &report)
	if report.HasErrors() {
		var text strings.Builder
		require.NoError(t, diag.WriteText(&text, report.Findings()))
		t.Fatal(text.String())
	}
	return r
}

// egressFiles are those of the cluster that a target can have on this machine: its kernel has no VLANs, a switch has.
func egressFiles(target lab.Target) []string {
	if target == lab.OpenFlow {
		return []string{"testdata/egress.yaml", "testdata/egress-vlan.yaml"}
	}
	return []string{"testdata/egress.yaml"}
}

// egressLab is the cluster, with what is outside. Nothing is enforced yet.
func egressLab(t testing.TB, r *compiler.Result, target lab.Target) *lab.Lab {
	t.Helper()
	spec := lab.FromProgram(r.Program, target)
	spec.Masquerade = true
	ports := []lab.Port{{Proto: lab.TCP, Port: 80}, {Proto: lab.UDP, Port: 80}}
	for i := range spec.Nodes {
		spec.Nodes[i].Ports = ports
	}
	outside := lab.Host{Name: "outside", Ports: ports}
	for _, a := range []string{outside4, outside6, except4} {
		outside.Addrs = append(outside.Addrs, netip.MustParseAddr(a))
	}
	spec.Hosts = []lab.Host{outside}
	if hasVLAN(r) {
		tagged := func(prefix string) lab.Net { return lab.Net{VLAN: 181, Addr: netip.MustParsePrefix(prefix)} }
		spec.Hosts[0].Nets = []lab.Net{tagged("172.18.181.1/24"), tagged("fd18:181::1/64")}
		spec.Hosts = append(spec.Hosts, lab.Host{Name: "partner", Addrs: []netip.Addr{netip.MustParseAddr(partner4)}, Nets: []lab.Net{tagged(partner4 + "/24")}, Ports: ports})
	}
	l, err := lab.Up(t.Context(), spec, lab.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { takeDown(t, l) })
	return l
}

func hasVLAN(r *compiler.Result) bool {
	return slices.ContainsFunc(r.Program.Holdings, func(h ir.Holding) bool { return h.Subnet.VLAN != 0 })
}

// appearance is how the pods of an Egress look from outside: by the first part of their names, for IPv4 and IPv6; "": as their node.
func appearances() map[string][2]string {
	return map[string][2]string{
		"one": {"192.168.20.100", "fd00:192:20::100"}, "two": {"192.168.20.105"}, "static": {"192.168.20.12"}, "slow": {"192.168.20.107"},
		"lost": {"nobody"}, "vlan": {"172.18.181.40", "fd18:181::40"}, "plain": {},
	}
}

// leaving is a connection of a pod, and how it looks where it arrives; "nobody" if it does not.
type leaving struct {
	from string // pod
	to   string
	seen string
}

// leavings lists what every pod of the lab does outside, and inside.
func leavings(l *lab.Lab, appearances map[string][2]string) []leaving {
	spec := l.Spec()
	var out []leaving
	for i := range spec.Pods {
		p := &spec.Pods[i]
		kind, _, _ := strings.Cut(p.Name, "-")
		node := spec.Nodes[slices.IndexFunc(spec.Nodes, func(n lab.Node) bool { return n.Name == p.Node })]
		add := func(to, seen string) { out = append(out, leaving{p.Where(), to, seen}) }
		for version, to := range []string{outside4, outside6} {
			seen := appearances[kind][version]
			if seen == "" {
				seen = node.Addrs[version].String()
			}
			add(to, seen)
			if len(spec.Hosts) > 1 && version == 0 {
				add(partner4, seen)
			}
		}
		add(except4, node.Addrs[0].String())
		for version, addrs := range [][]string{{"10.96.0.10", "192.168.20.13", "10.244.2.13", "10.244.3.13"}, {"fd00:96::10", "fd00:192:20::13", "fd00:10:244:2::d", "fd00:10:244:3::d"}} {
			for _, to := range addrs {
				if to != p.Addrs[version].String() {
					add(to, p.Addrs[version].String())
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(c leaving) bool { // its own Service leads back to it
		return c.from == "pod/app/plain-1" && (c.to == "10.96.0.10" || c.to == "fd00:96::10")
	})
}

// requireLeavings makes connections over TCP and UDP.
func requireLeavings(t testing.TB, l *lab.Lab, want []leaving) {
	t.Helper()
	require.Empty(t, mistaken(t, l, want))
}

// requireLeavingsSoon is requireLeavings where addresses have just moved, and while their holders go on telling everybody: a neighbour
// that has missed an announcement sends answers astray until the next one. So some connections may be silent at first; none looks like
// anybody else's.
func requireLeavingsSoon(t testing.TB, l *lab.Lab, want []leaving) {
	t.Helper()
	const reminders = 5 * iproute.DefaultLifetime / 3 // five of them
	wrong := mistaken(t, l, want)
	for deadline := time.Now().Add(reminders); len(wrong) > 0 && time.Now().Before(deadline); wrong = mistaken(t, l, want) {
		t.Logf("addresses have just moved: %v", wrong)
		for _, w := range wrong {
			require.Contains(t, w, "looks like nobody")
		}
	}
	if len(wrong) > 0 {
		logScene(t, l)
	}
	require.Empty(t, wrong)
}

// mistaken makes connections, and tells which of them do not look as wanted.
func mistaken(t testing.TB, l *lab.Lab, want []leaving) []string {
	t.Helper()
	var probes []lab.ProbeRequest
	for _, c := range want {
		to := netip.MustParseAddr(c.to)
		probes = append(probes, lab.ProbeRequest{From: c.from, To: to, Port: lab.Port{Proto: lab.TCP, Port: 80}})
		if c.to != "10.96.0.10" && c.to != "fd00:96::10" {
			probes = append(probes, lab.ProbeRequest{From: c.from, To: to, Port: lab.Port{Proto: lab.UDP, Port: 80}})
		}
	}
	results, err := l.Probe(t.Context(), probes)
	require.NoError(t, err)
	var out []string
	for i, r := range results {
		p := probes[i]
		at := slices.IndexFunc(want, func(c leaving) bool { return c.from == p.From && c.to == p.To.String() })
		got := "nobody"
		if r.Verdict == lab.Allow {
			got = r.Seen.Addr().String()
		}
		if got != want[at].seen {
			out = append(out, fmt.Sprintf("%s to %s %s looks like %s, want %s; %+v", p.From, p.To, p.Port, got, want[at].seen, r))
		}
	}
	return out
}

// requireDefinition wants what is expected outside to be what the Program says.
func requireDefinition(t testing.TB, p *ir.Program, l *lab.Lab, want []leaving) {
	t.Helper()
	for _, c := range want {
		addrs, err := l.Spec().Addrs(c.from)
		require.NoError(t, err)
		to := netip.MustParseAddr(c.to)
		src := addrs[slices.IndexFunc(addrs, func(a netip.Addr) bool { return a.Is4() == to.Is4() })]
		switch d := p.Depart(src, to); d.Way {
		case ir.Through:
			require.Equal(t, c.seen, d.Addr.String(), "%+v", c)
		case ir.Stranded:
			require.Equal(t, "nobody", c.seen, "%+v", c)
		default:
			require.NotContains(t, []string{"nobody", "192.168.20.100", "172.18.181.40"}, c.seen, "%+v", c)
		}
	}
}

// holders lists the nodes that have an address.
func holders(t testing.TB, l *lab.Lab, addr string) []string {
	t.Helper()
	var out []string
	for _, n := range l.Spec().Nodes {
		var text bytes.Buffer
		status, err := l.Exec(t.Context(), n.Where(), []string{"ip", "-o", "addr", "show", "to", addr}, lab.Stdio{Out: &text, Err: &text})
		require.NoError(t, err)
		require.Zero(t, status, text.String())
		if text.Len() > 0 {
			out = append(out, n.Name)
		}
	}
	return out
}

// requireHolders wants each address to be held by the node that the Program says, and by no other.
func requireHolders(t testing.TB, l *lab.Lab, p *ir.Program) {
	t.Helper()
	for _, h := range p.Holdings {
		var want []string
		if h.Node != "" {
			want = []string{h.Node}
		}
		require.Equal(t, want, holders(t, l, h.Addr.String()), h.Addr.String())
	}
}

// TestEgress: pods leave by the addresses of their Egresses through the nodes that hold them, wherever the pods are; all else leaves
// with its node's address, and what stays inside with the pod's own. Addresses move without touching connections that do not use them,
// and go when there are no Egresses any more.
//
// spec: 11.1 11.2 11.3
func TestEgress(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			files := egressFiles(target)
			r := egressCluster(t, files)
			l := egressLab(t, r, target)
			looks := appearances()
			if !hasVLAN(r) {
				looks["vlan"] = [2]string{}
			}
			want := leavings(l, looks)
			requireDefinition(t, r.Program, l, want)
			loaded, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			requireHolders(t, l, r.Program)
			requireLeavings(t, l, want)
			again, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			for i := range again {
				requireUnchanged(t, &loaded[i], &again[i])
			}

			require.Equal(t, "n3", r.Program.Holder(netip.MustParseAddr("192.168.20.100")))
			streams := startStreams(t, l, "plain-1", "two-1", "two-2") // not through n3
			moved := egressCluster(t, files, "n3")
			_, err = enforce.Load(t.Context(), l, moved.Placed...)
			require.NoError(t, err)
			require.Equal(t, "n1", moved.Program.Holder(netip.MustParseAddr("192.168.20.100")))
			requireHolders(t, l, moved.Program)
			requireLeavings(t, l, want)
			streams.living(t, "moved")
			_, err = enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			requireHolders(t, l, r.Program)
			requireLeavings(t, l, want)
			streams.living(t, "back")

			none := compileObjects(t, withoutEgresses(t, files), &diag.Report{})
			_, err = enforce.Load(t.Context(), l, none.Placed...)
			require.NoError(t, err)
			for _, h := range r.Program.Holdings {
				if !h.Static {
					require.Empty(t, holders(t, l, h.Addr.String()))
				}
			}
			requireLeavings(t, l, leavings(l, nil))
			streams[:1].living(t, "without Egresses") // the others have lost their address
		})
	}
}

// withoutEgresses reads files and leaves Egresses and their pools out.
func withoutEgresses(t testing.TB, files []string) *manifest.Objects {
	t.Helper()
	var report diag.Report
	objects := manifest.Read(t.Context(), manifest.Options{Files: files}, &report)
	require.NotEmpty(t, objects.Egresses)
	objects.Egresses, objects.ExternalIPPools = nil, nil
	return objects
}

// streams are connections of pods to the host outside that carry data all the time.
type streams []*running

func startStreams(t testing.TB, l *lab.Lab, pods ...string) streams {
	t.Helper()
	var out streams
	for _, pod := range pods {
		r := run(t, l, "pod/app/"+pod, "stream", netip.MustParseAddrPort(outside4+":80").String())
		r.await(t, "host/outside")
		out = append(out, r)
	}
	return out
}

// living wants all of them to have lost nothing.
func (s streams) living(t testing.TB, when string) {
	t.Helper()
	for _, r := range s {
		r.say(t, fmt.Sprint("living: ", when))
	}
}
