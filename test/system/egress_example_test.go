package system

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/place"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// partnerHost is who is outside in examples/egress: a machine at 203.0.113.10, which is the gateway of the partner's network, too.
const partnerHost = "203.0.113.10"

// egressExample are the files of examples/egress as a target can have them on this machine: without its VLAN where that would be the kernel's.
func egressExample(t *testing.T, target lab.Target) (files []string) {
	t.Helper()
	const dir, tag = "../../examples/egress", ", vlan: 100"
	for _, name := range []string{"cluster.yaml", "egress.yaml", "policies.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		plain := strings.ReplaceAll(string(text), tag, "")
		require.Equal(t, name == "egress.yaml", plain != string(text), name)
		if target == lab.OpenFlow {
			plain = string(text)
		}
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(file, []byte(plain), 0o644))
		files = append(files, file)
	}
	return files
}

// TestPacketsOfEgresses sends the packets of examples/egress on both targets: who may send them is as packets.txt says, with and without
// the policies, and as whom departs.txt says that the pods leave, they are seen outside. The shop is reached there by its address of a
// pool, which moves when the node that holds it is down.
//
// spec: 11.1 11.2
func TestPacketsOfEgresses(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			files := egressExample(t, target)
			r := egressCluster(t, files)
			gateway := lab.Net{Addr: netip.MustParsePrefix("198.51.100.1/24")}
			if target == lab.OpenFlow {
				gateway.VLAN = 100
			}
			s := newScene(t, r.Program, target, "../../examples/egress/packets.txt",
				lab.Host{Name: "partner", Addrs: []netip.Addr{netip.MustParseAddr(partnerHost), gateway.Addr.Addr()}, Nets: []lab.Net{gateway}})
			require.Len(t, s.probes, 5)
			require.Len(t, s.spec.Hosts, 1)
			s.spec.Masquerade = true
			l := s.play(t, r)
			requireHolders(t, l, r.Program)
			requireDepartures(t, l, r.Program, lab.Port{Proto: lab.TCP, Port: 443})
			requireShop(t, l)

			without := egressCluster(t, files[:2])
			_, err := enforce.Load(t.Context(), l, without.Placed...)
			require.NoError(t, err)
			s.probe(t, l, []lab.Verdict{lab.Allow, lab.Allow, lab.Allow, lab.Allow, lab.Allow})
			requireDepartures(t, l, without.Program, lab.Port{Proto: lab.TCP, Port: 80})

			moved := egressCluster(t, files, "node-3") // it holds the shop's address
			require.Equal(t, "node-1", moved.Program.Holder(netip.MustParseAddr(shopAddr)))
			_, err = enforce.Load(t.Context(), l, moved.Placed...)
			require.NoError(t, err)
			require.Equal(t, []string{"node-1"}, holders(t, l, shopAddr))
			requireShop(t, l)
		})
	}
}

// shopAddr is what Service shop/frontend gets of the pool front.
const shopAddr = "192.0.2.241"

// requireShop wants the shop's pod to answer outside at the Service's address.
func requireShop(t *testing.T, l *lab.Lab) {
	t.Helper()
	got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: "host/partner", To: netip.MustParseAddr(shopAddr), Port: lab.Port{Proto: lab.TCP, Port: 80}}})
	require.NoError(t, err)
	require.Equal(t, lab.Allow, got[0].Verdict, "%+v", got[0])
	require.Equal(t, "pod/shop/frontend", got[0].Responder)
}

// requireDepartures has every pod of departs.txt that leaves for the partner do so, and wants it to be seen there as the table says: plain is
// with its node's address.
func requireDepartures(t *testing.T, l *lab.Lab, p *ir.Program, port lab.Port) {
	t.Helper()
	text, err := os.ReadFile("../../examples/egress/departs.txt")
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if words[0] == "#" || words[2] != partnerHost {
			continue
		}
		from, err := place.Find(p, words[0], "")
		require.NoError(t, err)
		want := words[len(words)-2]
		if words[3] == "plain" {
			want = nodeAddr(t, l, from.Endpoint.Node)
		}
		got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: "pod/" + words[0], To: netip.MustParseAddr(partnerHost), Port: port}})
		require.NoError(t, err)
		require.Equal(t, lab.Allow, got[0].Verdict, "%s: %+v", line, got[0])
		require.Equal(t, want, got[0].Seen.Addr().String(), line)
		seen++
	}
	require.Equal(t, 5, seen)
}

func nodeAddr(t *testing.T, l *lab.Lab, name string) string {
	t.Helper()
	for _, n := range l.Spec().Nodes {
		if n.Name == name {
			return n.Addrs[0].String()
		}
	}
	t.Fatal("no node ", name)
	return ""
}
