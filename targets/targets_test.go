package targets

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
)

// Volatiles are, on a node and on a machine, for each target, what of Artifacts is volatile.
func TestVolatilesArePartOfArtifacts(t *testing.T) {
	node := `pipeline node=n1
node n1 addrs=192.168.0.1 cidrs=10.0.1.0/24 from="Node n1",-,-
endpoint node:n1 addrs=192.168.0.1 from="Node n1",-,-
endpoint a/web node=n1 addrs=10.0.1.5 from="Pod a/web",-,-
set "x" names=*.example.com name=0123456789ab
list egress admin "l" name=0123456789ab endpoints=node:n1,a/web
  allow id=000000000001 peers="x" l4=tcp/443 from="ClusterNetworkPolicy x",spec.egress[0],-
`
	machine := `pipeline node=a/vm
endpoint external:a/vm-0 node="a/vm" addrs=203.0.113.9 from="ExternalNode a/vm",-,-
set "x" names=*.example.com name=0123456789ab
list egress admin "l" name=0123456789ab endpoints=external:a/vm-0
  allow id=000000000001 peers="x" l4=tcp/443 from="NetworkPolicy a/x",spec.egress[0],-
`
	known := ir.AddrSetOf(netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("2001:db8::5"))
	for _, text := range []string{node, machine} {
		p, err := ir.ParsePipeline(text)
		require.NoError(t, err)
		p = p.WithNames(func([]string) ir.AddrSet { return known })
		for _, target := range All() {
			volatile := 0
			want := target.Artifacts(p, &diag.Report{})
			for i := range want {
				want[i].Objects = slices.DeleteFunc(want[i].Objects, func(o artifact.Object) bool { return o.Volatile == artifact.Lasting })
				volatile += len(want[i].Objects)
			}
			require.Positive(t, volatile, target.Name)
			got := target.Volatiles(p)
			require.Len(t, got, len(want))
			for i := range want {
				require.True(t, artifact.Equal(want[i], got[i]), "%s: want %s, got %s", target.Name, artifact.Text(want[i]), artifact.Text(got[i]))
			}
		}
	}
}
