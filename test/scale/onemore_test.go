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
	"github.com/headgate-net/headgate/runtime/agent"
	runtimenft "github.com/headgate-net/headgate/runtime/nft"
	"github.com/headgate-net/headgate/targets"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// growing is a cluster of many Services to which one can be added and taken away again.
type growing struct {
	session *compiler.Session
	node    string
	service *manifest.Service
	slices  []*manifest.EndpointSlice
}

func newGrowing(objects *manifest.Objects) *growing {
	g := &growing{session: compiler.NewSession(compiler.Options{}), node: objects.Nodes[0].Name}
	upsertAll(g.session, objects.Nodes)
	upsertAll(g.session, objects.Namespaces)
	upsertAll(g.session, objects.Pods)
	upsertAll(g.session, objects.Services)
	upsertAll(g.session, objects.EndpointSlices)
	g.service, g.slices = workload.OneMoreService(objects)
	return g
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
	for shape, elements := range map[string]int{"services-1k": 4, "services-10k": 4, "services-5k-50": 52, "services-dual": 12} {
		t.Run(shape, func(t *testing.T) {
			g := newGrowing(shapeOf(t, shape))
			generator := nft.DefaultOptions().Generator()
			generate := func() artifact.Artifact {
				var report diag.Report
				p := g.session.Compile(&report, g.node)[0]
				got, want := generator.Generate(p, &report), nft.Generate(p, &report)
				require.Empty(t, report.Findings())
				require.True(t, artifact.Equal(want, got))
				require.Equal(t, artifact.Hash(want), artifact.Hash(got))
				return got
			}
			without := generate()
			g.grow()
			with := generate()
			summary := artifact.Diff(without, with).Summary()
			require.Equal(t, artifact.Summary{ObjectsModified: summary.ObjectsModified, ItemsAdded: elements}, summary)
			g.shrink()
			require.True(t, artifact.Equal(without, generate()))
		})
	}
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

// BenchmarkOneServiceMore changes one Service of many and has the change in force: from objects in memory to rules in the kernel. One
// iteration is a Service more, or one less, in turn.
func BenchmarkOneServiceMore(b *testing.B) {
	for _, shape := range []string{"services-1k", "services-10k", "services-30k", "services-5k-50"} {
		b.Run(shape, func(b *testing.B) {
			g := newGrowing(shapeOf(b, shape))
			target, _ := targets.Lookup(nft.Target)
			node := agent.NewNode(agent.Options{Target: target, Planes: []agent.Plane{{Dataplane: newNamespace(b), Target: nft.Target}}})
			items := 0
			load := func() {
				var report diag.Report
				results, err := node.Load(b.Context(), g.session.Compile(&report, g.node)[0], nil)
				require.NoError(b, err)
				items = results[0].Changes.ItemsAdded + results[0].Changes.ItemsDeleted
			}
			load()
			runtime.GC()
			grown, before := false, processorTime(b)
			for b.Loop() {
				if grown = !grown; grown {
					g.grow()
				} else {
					g.shrink()
				}
				load()
			}
			b.ReportMetric(float64(items), "changes")
			b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
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
