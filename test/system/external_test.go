package system

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// TestExternalAddresses: Services are reached outside by addresses of a pool, of both families: by one that two of them ask for and share, and
// by one that only the node with an endpoint may hold, which lets the client be seen; and a pod leaves by another one of that pool.
//
// spec: 11.1 11.2
func TestExternalAddresses(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			r := egressCluster(t, []string{"testdata/external-ips.yaml"})
			l := egressLab(t, r, target)
			_, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			require.Len(t, r.Program.Holdings, 4)
			requireHolders(t, l, r.Program)
			for _, local := range []string{"192.168.20.101", "fd00:192:20::100"} {
				require.Equal(t, []string{"n2"}, holders(t, l, local), "the only node with an endpoint")
			}
			for _, c := range []struct {
				from, to  string
				port      uint16
				responder string
				seen      string // "": as some node
			}{
				{"host/outside", "192.168.20.105", 80, "pod/app/a", ""},
				{"host/outside", "192.168.20.105", 81, "pod/app/b", ""},
				{"host/outside", "192.168.20.101", 80, "pod/app/b", outside4},
				{"host/outside", "fd00:192:20::100", 80, "pod/app/b", outside6},
				{"pod/app/a", outside4, 80, "host/outside", "192.168.20.100"},
			} {
				got, err := l.Probe(t.Context(), []lab.ProbeRequest{{From: c.from, To: netip.MustParseAddr(c.to), Port: lab.Port{Proto: lab.TCP, Port: c.port}}})
				require.NoError(t, err)
				require.Equal(t, lab.Allow, got[0].Verdict, "%+v: %+v", c, got[0])
				require.Equal(t, c.responder, got[0].Responder, "%+v", c)
				if c.seen != "" {
					require.Equal(t, c.seen, got[0].Seen.Addr().String(), "%+v", c)
				}
			}
		})
	}
}
