package scale

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
	"github.com/headgate-net/headgate/targets/openflow"
)

// growing is a cluster of many Services to which one can be added and taken away again.
type growing struct {
	session *compiler.Session
	node    string
	service *manifest.Service
	slices  []*manifest.EndpointSlice
}

func newGrowing(objects *manifest.Objects) *growing {
	return growingIn(holding(objects), objects)
}

func growingIn(session *compiler.Session, objects *manifest.Objects) *growing {
	g := &growing{session: session, node: objects.Nodes[0].Name}
	g.service, g.slices = workload.OneMoreService(objects)
	return g
}

// holding is a session with objects.
func holding(objects *manifest.Objects) *compiler.Session {
	s := compiler.NewSession(compiler.Options{})
	upsertAll(s, objects.Nodes)
	upsertAll(s, objects.Namespaces)
	upsertAll(s, objects.Pods)
	upsertAll(s, objects.NetworkPolicies)
	upsertAll(s, objects.Services)
	upsertAll(s, objects.EndpointSlices)
	return s
}

func upsertAll[T any](s *compiler.Session, list []*T) {
	for _, o := range list {
		s.Upsert(o)
	}
}

func (g *growing) grow() {
	upsertAll(g.session, g.slices)
	g.session.Upsert(g.service)
}

func (g *growing) shrink() {
	g.session.Delete("Service", g.service.Namespace, g.service.Name)
	for _, s := range g.slices {
		g.session.Delete("EndpointSlice", s.Namespace, s.Name)
	}
}

// TestOneServiceMoreChangesItsOwnElements: a Service more, and the same Service less, is a plan of the same size in every cluster, and
// what is generated is what would be generated anew.
func TestOneServiceMoreChangesItsOwnElements(t *testing.T) {
	sizes := map[string][2]artifact.Summary{ // in nftables and in Open vSwitch: two flows for each address, since another Service has its backends, too
		"services-1k":    {{ObjectsModified: 3, ItemsAdded: 4}, {ObjectsAdded: 2}},
		"services-10k":   {{ObjectsModified: 3, ItemsAdded: 4}, {ObjectsAdded: 2}},
		"services-5k-50": {{ObjectsModified: 3, ItemsAdded: 52}, {ObjectsAdded: 2}},
		"services-dual":  {{ObjectsModified: 6, ItemsAdded: 12}, {ObjectsAdded: 4}},
	}
	for shape, want := range sizes {
		t.Run(shape, func(t *testing.T) {
			g := newGrowing(shapeOf(t, shape))
			for i, target := range []string{nft.Target, openflow.TargetName} {
				require.Equal(t, want[i], oneMore(t, g, target), target)
			}
		})
	}
}

// oneMore has a Service come and go, and gives what comes.
func oneMore(t *testing.T, g *growing, name string) artifact.Summary {
	target, _ := targets.Lookup(name)
	again := target.Again()
	generate := func() artifact.Artifact {
		var report diag.Report
		p := g.session.Compile(&report, g.node)[0]
		got, want := again.Generate(p, &report), target.Generate(p, &report)
		require.Empty(t, report.Findings())
		require.True(t, artifact.Equal(want, got))
		require.Equal(t, artifact.Hash(want), artifact.Hash(got))
		return got
	}
	without := generate()
	g.grow()
	with := generate()
	g.shrink()
	require.True(t, artifact.Equal(without, generate()))
	return artifact.Diff(without, with).Summary()
}

func shapeOf(t testing.TB, name string) *manifest.Objects {
	for _, s := range workload.ServiceShapes() {
		if s.Name == name {
			return s.Make()
		}
	}
	t.Fatalf("there is no shape %q", name)
	return nil
}

// BenchmarkOneServiceMore changes one Service of many and has the change in force: from objects in memory to rules in the kernel or in
// the switch. One iteration is a Service more, or one less, in turn.
func BenchmarkOneServiceMore(b *testing.B) {
	for _, shape := range []string{"services-1k", "services-10k", "services-10k-5", "services-30k", "services-5k-50"} {
		both(b, shape+"/", func(b *testing.B, target string) {
			objects := shapeOf(b, shape)
			p := newPlant(b, objects, target)
			g := growingIn(p.session, objects)
			grown := false
			var summary artifact.Summary
			p.meter(b, 1, func() {
				for b.Loop() {
					if grown = !grown; grown {
						g.grow()
					} else {
						g.shrink()
					}
					results := p.load(b)
					summary = results[len(results)-1].Changes
				}
			})
			b.ReportMetric(float64(summary.ItemsAdded+summary.ItemsDeleted+summary.ObjectsAdded+summary.ObjectsDeleted), "changes")
		})
	}
}

// processorTime is what the process has used, in nanoseconds, the collection of garbage included: unlike the time that passes, it hardly
// depends on what else the machine does.
func processorTime(t testing.TB) int64 {
	var used unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &used))
	return used.Utime.Nano() + used.Stime.Nano()
}

// newNamespace is the dataplane of a network namespace that ends with the test.
func newNamespace(t testing.TB) *runtimenft.Dataplane {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	defer own.Close()
	require.NoError(t, unix.Unshare(unix.CLONE_NEWNET))
	file, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	require.NoError(t, unix.Setns(int(own.Fd()), unix.CLONE_NEWNET))
	d := runtimenft.InNetNS(int(file.Fd()))
	t.Cleanup(func() {
		require.NoError(t, d.Close())
		file.Close()
	})
	return d
}
