package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/source"
	"github.com/headgate-net/headgate/targets/artifact"
	"github.com/headgate-net/headgate/targets/nft"
)

// gated is a dataplane that tells of each load, and then waits until it may go on with it.
type gated struct {
	blank
	begun, gate chan struct{}
}

func (g *gated) Apply(ctx context.Context, from agent.State, plan artifact.Plan) error {
	g.begun <- struct{}{}
	<-g.gate
	return g.blank.Apply(ctx, from, plan)
}

// flapping are nodes that come and go.
type flapping struct {
	down  atomic.Pointer[[]string]
	again chan struct{}
}

func newFlapping() *flapping {
	f := &flapping{again: make(chan struct{}, 1)}
	f.down.Store(&[]string{})
	return f
}

// turn says that some nodes are down, as a member does.
func (f *flapping) turn(down ...string) {
	f.down.Store(&down)
	select {
	case f.again <- struct{}{}:
	default:
	}
}

func (f *flapping) now() []string { return *f.down.Load() }

// followingWith is following for any dataplane.
func followingWith(t *testing.T, root string, plane agent.Dataplane, nodes *flapping) (lines, *agent.Node) {
	dir, err := source.Open(root, source.Times{}, nil)
	require.NoError(t, err)
	log := make(lines, 100_000)
	o := &agentOptions{host: hostFlags{target: nft.Target, node: "n1", services: "never"}, stateDir: t.TempDir()}
	node := agent.NewNode(agent.Options{Target: o.host.made(), Planes: []agent.Plane{{Dataplane: plane, Target: nft.Target}}})
	f := newFollower(o, newDirectory(dir, o.namespace), node, slog.New(slog.NewTextHandler(log, nil)))
	f.again, f.down = nodes.again, nodes.now
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- f.follow(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-over, context.Canceled)
		require.NoError(t, dir.Close())
	})
	return log, node
}

// TestNodesThatComeAndGoHoldNothingUp: while nodes come and go faster than a tree comes to rest, it is read and loaded all the same, at
// first and later.
func TestNodesThatComeAndGoHoldNothingUp(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster.yaml"), []byte(twoNodes), 0o644))
	nodes, ctx := newFlapping(), t.Context()
	stop, stopped := make(chan struct{}), make(chan struct{})
	defer func() {
		close(stop)
		<-stopped
	}()
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			down := []string{[]string{"n1", "n2"}[i%2]}
			nodes.down.Store(&down)
			select {
			case nodes.again <- struct{}{}:
			case <-stop:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	log, _ := followingWith(t, dir, &blank{}, nodes)
	log.until(t, "rules in force", "")
	policy := strings.NewReplacer("NAME", "a", "SELECTED", "nobody").Replace(onWeb)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o644))
	log.until(t, "selects no pod", "")
}

// TestNodesThatComeAndGoAreTakenTogether: what changes while something is loaded costs one load in all, and none if it is as before.
func TestNodesThatComeAndGoAreTakenTogether(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster.yaml"), []byte(twoNodes), 0o644))
	plane := &gated{begun: make(chan struct{}, 1000), gate: make(chan struct{}, 1000)}
	nodes := newFlapping()
	log, node := followingWith(t, dir, plane, nodes)
	<-plane.begun
	for range 100 {
		nodes.turn("n1")
		nodes.turn()
	}
	nodes.turn("n2")
	plane.gate <- struct{}{}
	log.until(t, "rules in force", "")
	<-plane.begun // all of them together
	for range 100 {
		nodes.turn("n1")
		nodes.turn("n2")
	}
	plane.gate <- struct{}{}
	log.until(t, "rules in force", "")
	require.Len(t, node.Pipeline().Holdings, 1)

	policy := strings.NewReplacer("NAME", "a", "SELECTED", "nobody").Replace(onWeb)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o644))
	plane.gate <- struct{}{}
	require.Equal(t, 1, log.until(t, "selects no pod", "rules in force"), "nothing but the policy was loaded")
	require.LessOrEqual(t, plane.applied, 3)
}
