package agent

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
)

// namesPipeline has a node and a pod with a rule for each of some sets of names.
func namesPipeline(t testing.TB, sets int) *ir.Pipeline {
	var b strings.Builder
	b.WriteString(`pipeline node=n1
node n1 addrs=192.168.0.1,fd01::1 cidrs=10.0.1.0/24,fd00:0:0:1::/64 from="Node n1",-,-
endpoint node:n1 addrs=192.168.0.1,fd01::1 from="Node n1",-,-
endpoint a/web node=n1 addrs=10.0.1.5,fd00:0:0:1::5 from="Pod a/web",-,-
`)
	for i := range sets {
		fmt.Fprintf(&b, "set \"x%03d\" names=x%03d name=%012x\n", i, i, i+1)
	}
	b.WriteString(`list egress admin "l" name=0123456789ab endpoints=node:n1,a/web
`)
	for i := range sets {
		fmt.Fprintf(&b, "  allow id=%012x peers=\"x%03d\" l4=tcp/%d from=\"ClusterNetworkPolicy x\",spec.egress[%d],-\n", i+1, i, i+1, i)
	}
	p, err := ir.ParsePipeline(b.String())
	require.NoError(t, err)
	return p
}

// holding is what an artifact makes a dataplane hold: heads and items by key.
func holding(a artifact.Artifact) map[string][]string {
	out := map[string][]string{}
	for _, o := range a.Objects {
		out[o.Key] = append([]string{o.Head}, o.Items...)
	}
	return out
}

// What is learned, from plans about the change alone, is what generating everything anew gives.
func TestLearningIsGenerating(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const sets = 5
	plain := namesPipeline(t, sets)
	random := func() *ir.Pipeline {
		known := map[string]ir.AddrSet{}
		for i := range sets {
			var addrs []netip.Addr
			for range r.IntN(5) {
				last := byte(r.IntN(6))
				if r.IntN(2) == 0 {
					addrs = append(addrs, netip.AddrFrom4([4]byte{203, 0, 113, last}))
				} else {
					addrs = append(addrs, netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: last}))
				}
			}
			known[fmt.Sprintf("x%03d", i)] = ir.AddrSetOf(addrs...)
		}
		return plain.WithNames(func(patterns []string) ir.AddrSet { return known[patterns[0]] })
	}
	for _, target := range targets.All() {
		n := NewNode(Options{Target: target, Planes: []Plane{{Target: "nftables"}, {Target: "openflow"}}})
		learned := 0
		for range 60 {
			was, is := random(), random()
			before, after := n.perPlane(was, target.Artifacts(was, &diag.Report{})), n.perPlane(is, target.Artifacts(is, &diag.Report{}))
			for i, plan := range n.plans(was, is) {
				got := holding(before[i])
				for _, c := range plan.Changes {
					learned++
					if c.Op != artifact.Modify {
						delete(got, c.Key)
						if c.Op != artifact.Delete {
							got[c.Key] = append([]string{c.New.Head}, c.New.Items...)
						}
						continue
					}
					for _, e := range c.Edits {
						items := got[c.Key][1:]
						at, there := slices.BinarySearch(items, e.Text)
						require.Equal(t, e.Op == artifact.Delete, there)
						if there {
							got[c.Key] = slices.Delete(got[c.Key], at+1, at+2)
						} else {
							got[c.Key] = slices.Insert(got[c.Key], at+1, e.Text)
						}
					}
				}
				require.Equal(t, holding(after[i]), got)
			}
		}
		require.Greater(t, learned, 100, target.Name)
	}
}

// One address more, beside many that are known.
func BenchmarkPlans(b *testing.B) {
	const sets, each = 50, 200
	plain := namesPipeline(b, sets)
	known := func(more int) *ir.Pipeline {
		return plain.WithNames(func(patterns []string) ir.AddrSet {
			var addrs []netip.Addr
			first := patterns[0] == "x000"
			for i := range each {
				addrs = append(addrs, netip.AddrFrom4([4]byte{203, byte(i), patterns[0][2]*10 + patterns[0][3], 2}))
			}
			if first && more > 0 {
				addrs = append(addrs, netip.AddrFrom4([4]byte{198, 51, 100, 1}))
			}
			return ir.AddrSetOf(addrs...)
		})
	}
	was, is := known(0), known(1)
	for _, target := range targets.All() {
		n := NewNode(Options{Target: target, Planes: []Plane{{Target: "nftables"}, {Target: "openflow"}}})
		b.Run(target.Name, func(b *testing.B) {
			for b.Loop() {
				require.False(b, n.plans(was, is)[0].IsEmpty())
			}
		})
	}
}
