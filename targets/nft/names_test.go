package nft_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/golden"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
)

// sharing is a node with a pod whose rules are about names and about what was dialled, one without, and rules of its own.
const sharing = `pipeline node=n1
node n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint node:n1 addrs=192.0.2.1 from="Node n1",-,-
endpoint shop/db node=n1 addrs=10.0.0.4 from="Pod shop/db",-,-
endpoint shop/web node=n1 addrs=10.0.0.5,fd00::5 from="Pod shop/web",-,-
set names names=*.example.com known=203.0.113.7,2001:db8::7 name=00000000aaaa
set services dialled=10.96.0.10/tcp/80,10.96.0.10/udp/53 name=00000000dddd

list egress admin out name=00000000bbbb endpoints=node:n1,shop/web
  allow id=000000000001 peers=names l4=tcp/443 log=label:outside from="C out",spec.egress[0],-
  allow id=000000000002 peers=services l4=any from="C out",spec.egress[1],-
  drop id=000000000003 peers=any l4=any log=yes from="C out",spec.egress[2],-
list ingress admin in name=00000000cccc endpoints=shop/db
  drop id=000000000004 peers=any l4=tcp/80 from="C in",spec.ingress[0],-
`

func parse(t testing.TB, text string) *ir.Pipeline {
	p, err := ir.ParsePipeline(text)
	require.NoError(t, err)
	require.NoError(t, p.Check())
	return p
}

// TestNamesAndDialled shows all that names, services and logging make.
func TestNamesAndDialled(t *testing.T) {
	var report diag.Report
	p := parse(t, sharing)
	golden.File(t, "testdata/names.nft", nft.Script(nft.Generate(p, &report)))
	golden.File(t, "testdata/names-own.nft", nft.Script(nft.GenerateOwn(p, &report)))
	require.Empty(t, report.Findings())
	if !testing.Short() {
		nftCheck(t, nft.Script(nft.Generate(p, &report)), "-c", "-f", "-")
	}
}

// TestVolatileIsWhatFollowsNames: Volatile gives exactly the volatile objects, and all that other names change is in them.
func TestVolatileIsWhatFollowsNames(t *testing.T) {
	seen := 0
	for seed := range uint64(600) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		q := p.WithNames(func([]string) ir.AddrSet { return nfttest.Addrs(r, ir.Names) })
		var report diag.Report
		for _, of := range []struct {
			generate func(*ir.Pipeline, *diag.Report) artifact.Artifact
			volatile func(*ir.Pipeline) []artifact.Object
		}{{nft.Generate, nft.Volatile}, {nft.GenerateOwn, nft.VolatileOwn}} {
			a, b := of.generate(p, &report), of.generate(q, &report)
			require.Equal(t, artifact.Generation(a), artifact.Generation(b))
			lasting := func(o artifact.Object) bool { return o.Volatile == artifact.Lasting }
			require.ElementsMatch(t, slices.DeleteFunc(slices.Clone(a.Objects), lasting), of.volatile(p))
			whole := artifact.Diff(a, b)
			plan := artifact.Diff(artifact.Artifact{Objects: of.volatile(p)}, artifact.Artifact{Objects: of.volatile(q)})
			require.ElementsMatch(t, whole.Changes, plan.Changes)
			for _, c := range plan.Changes {
				require.Equal(t, artifact.Modify, c.Op)
				seen++
			}
		}
	}
	require.Greater(t, seen, 200)
}

// BenchmarkVolatile finds the volatile sets of a node with many rules.
func BenchmarkVolatile(b *testing.B) {
	p := fleet(1000)
	p.Sets[0].Kind = ir.Names
	p = p.WithNames(func([]string) ir.AddrSet { return ir.AddrSetOf(netip.MustParseAddr("203.0.113.7")) })
	for b.Loop() {
		nft.Volatile(p)
	}
}
