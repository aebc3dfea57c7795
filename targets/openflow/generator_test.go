package openflow_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft/nfttest"
	"github.com/headgate-net/headgate/targets/openflow"
)

// TestGeneratorGivesWhatGenerateGives walks through random sequences of Pipelines: endpoints, sets, rules, Services and Egresses change,
// now these and now those, or nothing does.
func TestGeneratorGivesWhatGenerateGives(t *testing.T) {
	kept, groups, said := 0, 0, 0
	for seed := range uint64(45) {
		r := nfttest.Rand(seed)
		p := nfttest.Pipeline(r, nfttest.Small())
		nfttest.Services(r, p, 30, nfttest.Families{ir.IPv4, ir.IPv6})
		if seed%5 == 0 {
			nfttest.Leaving(r, p)
		}
		g := openflow.NewGenerator()
		var before artifact.Artifact
		for step := range 12 {
			why := fmt.Sprintf("seed %d step %d", seed, step)
			var one, other diag.Report
			placed := p
			if seed%3 == 0 {
				placed = onlyUsed(p)
			}
			want, got := openflow.Generate(placed, &one), g.Generate(placed, &other)
			require.True(t, artifact.Equal(want, got), "%s\n%s", why, artifact.Diff(want, got).Text())
			require.Equal(t, one.Findings(), other.Findings(), why)
			require.Equal(t, artifact.Hash(want), artifact.Hash(got), why)
			for i := range want.Objects {
				x, y := &want.Objects[i], &got.Objects[i]
				if x.Volatile != y.Volatile || !reflect.DeepEqual(x.Value, y.Value) { // origins, too
					require.Equal(t, x, y, why)
				}
			}
			kept += sameInMemory(before.Objects, got.Objects)
			groups, said = groups+len(got.Objects)-len(flowsOf(got)), said+len(one.Findings())
			before = got
			p = edited(r, p, seed%5 == 0)
		}
	}
	require.Greater(t, kept, 30_000, "what does not change stays the same in memory")
	require.Greater(t, groups, 1_000)
	require.Greater(t, said, 250)
}

// sameInMemory counts the objects whose values are those of objects before.
func sameInMemory(before, now []artifact.Object) int {
	values := map[any]bool{}
	for _, o := range before {
		values[o.Value] = true
	}
	n := 0
	for _, o := range now {
		if values[o.Value] {
			n++
		}
	}
	return n
}

func flowsOf(a artifact.Artifact) []*openflow.Flow {
	var out []*openflow.Flow
	for _, o := range a.Objects {
		if f, ok := o.Value.(*openflow.Flow); ok {
			out = append(out, f)
		}
	}
	return out
}

func edited(r *rand.Rand, p *ir.Pipeline, leaving bool) *ir.Pipeline {
	if len(p.Pools) == 0 { // a machine outside the cluster has no Services
		return nfttest.Edit(r, p)
	}
	switch r.IntN(8) {
	case 0:
		return nfttest.Edit(r, p)
	case 1:
		p = nfttest.Edit(r, p)
	case 2:
		q := *p
		return &q
	case 3:
		if r.IntN(6) == 0 { // all Services go
			q := *p
			q.Frontends = nil
			return &q
		}
	case 4:
		if leaving {
			return nfttest.EditLeaving(r, p)
		}
	}
	return nfttest.EditServices(r, p)
}

// onlyUsed leaves out the pools that no frontend leads to, as a compiler does.
func onlyUsed(p *ir.Pipeline) *ir.Pipeline {
	used := map[*ir.Pool]bool{}
	for _, f := range p.Frontends {
		for _, route := range f.Routes {
			used[route.Pool] = true
		}
	}
	q := *p
	q.Pools = slices.DeleteFunc(slices.Clone(p.Pools), func(pool *ir.Pool) bool { return !used[pool] })
	return &q
}

// TestGeneratorNumbersGroupsThatMeet: of so many groups some want one number, and push each other on as they come and go.
func TestGeneratorNumbersGroupsThatMeet(t *testing.T) {
	r := nfttest.Rand(1)
	all := nfttest.Fleet(4_000, 1)
	all.Endpoints = []*ir.Endpoint{{Namespace: "ns", Name: "client", Node: all.Node, Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.5")}}}
	for _, d := range ir.Directions() {
		for _, ph := range ir.Phases() {
			all.Classifier(d, ph).Assign = []ir.ListID{ir.NoList}
		}
	}
	g := openflow.NewGenerator()
	before, moved := map[netip.AddrPort]uint32{}, 0
	for range 5 {
		p := *all
		p.Frontends = slices.DeleteFunc(slices.Clone(all.Frontends), func(*ir.Frontend) bool { return r.IntN(3) == 0 })
		want, got := openflow.Generate(&p, &diag.Report{}), g.Generate(&p, &diag.Report{})
		require.True(t, artifact.Equal(want, got))
		require.Equal(t, artifact.Hash(want), artifact.Hash(got))
		for _, o := range got.Objects {
			if group, ok := o.Value.(*openflow.Group); ok {
				backend := group.Buckets[0].Actions[0].To
				if id, there := before[backend]; there && id != group.ID {
					moved++
				}
				before[backend] = group.ID
			}
		}
	}
	require.Positive(t, moved)
}
