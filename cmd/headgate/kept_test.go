package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
