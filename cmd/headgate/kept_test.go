package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/compiler/workload"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/source"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// TestKeptIsWhatWasWritten: a generation comes back as it was; what is damaged at any place, cut off, or of another form is refused.
func TestKeptIsWhatWasWritten(t *testing.T) {
	dir := t.TempDir()
	p, err := ir.ParsePipeline("pipeline node=n1\n")
	require.NoError(t, err)
	want := kept{agent.Generation{Number: 42, Hash: "0123456789abcdef"}, p, []string{"n3", "n4"}}
	for range 2 {
		require.NoError(t, remember(dir, nft.Target, want))
		got, err := recall(dir, nft.Target)
		require.NoError(t, err)
		require.Equal(t, want.Generation, got.Generation)
		require.Equal(t, want.missed, got.missed)
		require.Equal(t, p.String(), got.pipeline.String())
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left over")

	text, err := os.ReadFile(keptPath(dir, nft.Target))
	require.NoError(t, err)
	for i := range text {
		_, err := parseKept(text[:i])
		require.Error(t, err, "cut at %d", i)
		broken := append([]byte{}, text...)
		broken[i] ^= 1
		_, err = parseKept(broken)
		require.Error(t, err, "damaged at %d", i)
	}
	_, err = parseKept([]byte(p.String()))
	require.ErrorContains(t, err, "another version")
	require.NoError(t, os.WriteFile(keptPath(dir, nft.Target), text[:len(text)-1], 0o600))
	_, err = recall(dir, nft.Target)
	require.ErrorContains(t, err, keptPath(dir, nft.Target)+": it is not as it was written")
}

// TestKeeper: a generation is kept at once; of those that follow fast the newest one a second later, and when the agent ends what it loaded
// last. What cannot be kept is tried again, also if nothing changes, and logged once for each generation, or each error.
func TestKeeper(t *testing.T) {
	p, err := ir.ParsePipeline("pipeline node=n1\n")
	require.NoError(t, err)
	for _, once := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "state")
			log := make(lines, 100)
			k := newKeeper(&agentOptions{host: hostFlags{target: nft.Target}, stateDir: state}, slog.New(slog.NewTextHandler(log, nil)), once)
			keep := func(from, to uint64) {
				for n := from; n <= to; n++ {
					k.keep(kept{Generation: agent.Generation{Number: n, Hash: "0123456789abcdef"}, pipeline: p})
				}
				synctest.Wait()
			}
			holds := func(number uint64) {
				t.Helper()
				synctest.Wait()
				got, err := recall(state, nft.Target)
				require.NoError(t, err)
				require.Equal(t, number, got.Number)
			}
			stop := k.start()
			keep(1, 1)
			holds(1)
			keep(2, 50)
			holds(1)
			time.Sleep(keepEvery - 1)
			holds(1)
			time.Sleep(time.Nanosecond)
			holds(50)
			written, err := os.Stat(keptPath(state, nft.Target))
			require.NoError(t, err)
			time.Sleep(time.Hour)
			holds(50)
			still, err := os.Stat(keptPath(state, nft.Target))
			require.NoError(t, err)
			require.True(t, os.SameFile(written, still), "nothing is written that is there")

			require.NoError(t, os.Rename(state, state+".aside"))
			require.NoError(t, os.WriteFile(state, nil, 0o600))
			keep(51, 51)
			time.Sleep(time.Minute)
			keep(52, 52)
			time.Sleep(time.Minute)
			require.Len(t, log, map[bool]int{false: 2, true: 1}[once])
			require.NoError(t, os.Remove(state))
			time.Sleep(keepAgain + keepEvery)
			holds(52)

			keep(53, 53)
			time.Sleep(keepEvery)
			keep(54, 54)
			keep(55, 55)
			stop()
			holds(55)
		})
	}
}

// keepForever keeps one generation after the other in the directory that its argument names, which differ in size, until it is killed.
func keepForever() {
	for n := uint64(1); ; n++ {
		if err := remember(os.Args[1], nft.Target, keptOf(n)); err != nil {
			panic(err)
		}
	}
}

// keptOf is a generation whose Pipeline tells its number.
func keptOf(n uint64) kept {
	p := &ir.Pipeline{Node: "n1"}
	for i := range 40 + n%40 {
		p.Nodes = append(p.Nodes, &ir.Node{Name: fmt.Sprintf("n%d", i), Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), byte(i)})}})
	}
	return kept{agent.Generation{Number: n, Hash: "0123456789abcdef"}, p, nil}
}

// TestKilledWhileItKeeps kills what keeps generations, at any moment: what is on the disk is whole each
// time, and the next one goes on there.
func TestKilledWhileItKeeps(t *testing.T) {
	state := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	last := uint64(0)
	for round := range 40 {
		keeps := exec.Command("keep-forever", state)
		require.NoError(t, keeps.Start())
		if round == 0 {
			require.Eventually(t, func() bool {
				_, err := recall(state, nft.Target)
				return err == nil
			}, time.Minute, time.Millisecond)
		}
		time.Sleep(time.Duration(random.IntN(40_000)) * time.Microsecond)
		require.NoError(t, keeps.Process.Kill())
		require.Error(t, keeps.Wait())
		k, err := recall(state, nft.Target)
		require.NoError(t, err, "round %d", round)
		require.Equal(t, keptOf(k.Number).pipeline.String(), k.pipeline.String())
		last = max(last, k.Number)
	}
	require.Greater(t, last, uint64(1))
	require.NoError(t, remember(state, nft.Target, keptOf(7)))
	entries, err := os.ReadDir(state)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left over")
}

// BenchmarkRemember is what it costs to keep a generation with 10,000 Services.
func BenchmarkRemember(b *testing.B) {
	r := compiler.Compile(workload.Balanced(10_000, 2, manifest.IPv4), compiler.Options{}, &diag.Report{})
	p, dir := r.Placed[0], b.TempDir()
	for b.Loop() {
		require.NoError(b, remember(dir, nft.Target, kept{Generation: agent.Generation{Number: 1, Hash: "0123456789abcdef"}, pipeline: p}))
	}
	info, err := os.Stat(keptPath(dir, nft.Target))
	require.NoError(b, err)
	b.ReportMetric(float64(info.Size()), "file-bytes/op")
}

// resumed is an agent without packets: what it says, and what it has loaded.
type resumed struct {
	log   lines
	plane *blank
	node  *agent.Node
	end   func()
}

// resume starts an agent of node n1 that goes on from what is in a state directory.
func resume(t *testing.T, root, stateDir string, plane *blank, node string, failClosed bool) *resumed {
	files, err := source.Open(root, source.Times{}, nil)
	require.NoError(t, err)
	log := make(lines, 1000)
	told := slog.New(slog.NewTextHandler(log, nil))
	o := &agentOptions{host: hostFlags{target: nft.Target, node: node, services: "never"}, stateDir: stateDir, closed: failClosed}
	last := o.recallLast(told)
	r := &resumed{log: log, plane: plane}
	r.node = agent.NewNode(agent.Options{Target: o.host.made(), Planes: []agent.Plane{{Dataplane: plane, Target: nft.Target}}, Last: last.Generation})
	f := newFollower(o, newDirectory(files, o.namespace), r.node, told)
	f.last = last.pipeline
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		f.begin(ctx)
		ended <- f.follow(ctx)
	}()
	r.end = func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.NoError(t, files.Close())
	}
	return r
}

// TestLastGoodGenerationIsTakenUp: where the source gives nothing usable, an agent loads what the one before had in force: at once if there
// are no rules. Numbers go on.
func TestLastGoodGenerationIsTakenUp(t *testing.T) {
	root, state := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(root, "."+name), []byte(text), 0o644))
		require.NoError(t, os.Rename(filepath.Join(root, "."+name), filepath.Join(root, name)))
	}
	policy := strings.NewReplacer("NAME", "p", "SELECTED", "web").Replace(onWeb)
	write("cluster.yaml", strings.Replace(twoNodes, "{name: web, namespace: shop}", "{name: web, namespace: shop, labels: {app: web}}", 1))
	write("policy.yaml", policy)
	plane := &blank{}
	first := resume(t, root, state, plane, "n1", true)
	first.log.until(t, "until the first rules are in force, what pods send and get is dropped", "in force until there is a newer one")
	first.log.until(t, "number=1 ", "")
	good, pipeline := plane.holds, first.node.Pipeline().String()
	first.end()

	write("broken.yaml", "broken: yes")
	for _, holds := range []artifact.Artifact{good, {}, nft.Closed("n1")} {
		plane := &blank{holds: holds}
		next := resume(t, root, state, plane, "n1", true)
		why := "there are no rules"
		if artifact.Equal(holds, good) {
			next.log.until(t, "the manifests have errors", "")
			why = "nothing came that could be loaded"
		}
		require.Zero(t, next.log.until(t, "the last good generation is in force until there is a newer one\" because=\""+why+"\" number=1 ", "is dropped"))
		require.True(t, artifact.Equal(good, plane.holds))
		require.Equal(t, pipeline, next.node.Pipeline().String())
		next.end()
	}

	another := resume(t, root, state, &blank{}, "n2", false)
	another.log.until(t, `it is of the node \"n1\"`, "")
	another.log.until(t, "the manifests have errors", "the last good generation is in force")
	another.end()

	text, err := os.ReadFile(keptPath(state, nft.Target))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(keptPath(state, nft.Target), text[:len(text)/2], 0o600))
	damaged := resume(t, root, state, &blank{}, "n1", false)
	damaged.log.until(t, "the checksum is wrong", "")
	require.Zero(t, damaged.log.until(t, "the manifests have errors", "in force"))
	require.Empty(t, damaged.plane.holds.Objects)
	damaged.end()
	require.NoError(t, os.WriteFile(keptPath(state, nft.Target), text, 0o600))

	require.NoError(t, os.Remove(filepath.Join(root, "broken.yaml")))
	again := resume(t, root, state, &blank{holds: good}, "n1", false)
	again.log.until(t, "number=1 ", "in force until")
	write("policy.yaml", strings.Replace(policy, "80", "81", 1))
	again.log.until(t, "number=2 ", "")
	again.end()
	k, err := recall(state, nft.Target)
	require.NoError(t, err)
	require.EqualValues(t, 2, k.Number)
}
