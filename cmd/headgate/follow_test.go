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

// blank is a dataplane that holds what it was given.
type blank struct {
	holds   artifact.Artifact
	applied int
}

func (b *blank) Observe(context.Context) (agent.State, error) {
	s := agent.State{Artifact: b.holds}
	if len(b.holds.Objects) > 0 {
		s.Generation = artifact.Generation(b.holds)
	}
	return s, nil
}

func (b *blank) Apply(_ context.Context, _ agent.State, plan artifact.Plan) error {
	b.holds = plan.To
	b.applied++
	return nil
}

// lines is a log that a test reads.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// until reads the log up to a line with a text, and returns how many lines before had another one.
func (l lines) until(t *testing.T, text, count string) (n int) {
	for {
		select {
		case line := <-l:
			if strings.Contains(line, text) {
				return n
			}
			if strings.Contains(line, count) {
				n++
			}
		case <-t.Context().Done():
			require.Fail(t, "ended")
		}
	}
}

const twoNodes = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.0.1.0/24}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
- {apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {podCIDR: 10.0.2.0/24}, status: {addresses: [{type: InternalIP, address: 192.168.0.2}]}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
- {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.0.1.10}}
- apiVersion: crd.antrea.io/v1beta1
  kind: ExternalIPPool
  metadata: {name: pool}
  spec: {ipRanges: [{start: 192.168.0.20, end: 192.168.0.20}], nodeSelector: {}}
- {apiVersion: crd.antrea.io/v1beta1, kind: Egress, metadata: {name: out}, spec: {appliedTo: {podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}, externalIPPool: pool}}
`

// onWeb is a policy whose selector and ports tests choose.
const onWeb = `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: NAME, namespace: shop},
  spec: {podSelector: {matchLabels: {app: SELECTED}}, ingress: [{ports: [{port: 80}]}]}}
`

// cutsOff cuts node n2 off, and n1 not.
const cutsOff = `
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: cut}
spec:
  priority: 1
  appliedTo: [{nodeSelector: {matchLabels: {kubernetes.io/hostname: n2}}}]
  ingress: [{action: Drop}]
`

// TestFollowerTellsAfterLoading: findings that hold up nothing come after the rules, once; so does what would cut other nodes off. What
// would cut this one off comes before them, and nothing of the tree is in force.
func TestFollowerTellsAfterLoading(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "."+name), []byte(text), 0o644))
		require.NoError(t, os.Rename(filepath.Join(dir, "."+name), filepath.Join(dir, name)))
	}
	policy := func(name, selected string) string {
		return strings.NewReplacer("NAME", name, "SELECTED", selected).Replace(onWeb)
	}
	cluster := strings.NewReplacer("{name: n1}", "{name: n1, labels: {kubernetes.io/hostname: n1}}",
		"{name: n2}", "{name: n2, labels: {kubernetes.io/hostname: n2}}", "{name: web, namespace: shop}", "{name: web, namespace: shop, labels: {app: web}}").Replace(twoNodes)
	write("cluster.yaml", cluster)
	write("a.yaml", policy("a", "nobody"))
	log, plane, _ := following(t, dir, nil, nil)
	log.until(t, "rules in force", "")
	log.until(t, "selects no pod", "")
	first := plane.holds

	write("b.yaml", policy("b", "nobody-either"))
	log.until(t, "NetworkPolicy shop/b selects no pod", "shop/a selects no pod")

	write("c.yaml", cutsOff)
	log.until(t, "node n2 needs kubelet", "")
	write("b.yaml", policy("b", "web"))
	require.Zero(t, log.until(t, "rules in force", "the manifests have errors"))
	second := plane.holds
	require.False(t, artifact.Equal(first, second))

	write("c.yaml", strings.Replace(cutsOff, "name: n2", "name: n1", 1))
	write("a.yaml", policy("a", "web"))
	log.until(t, "node n1 needs kubelet", "rules in force")
	require.Zero(t, log.until(t, "the manifests have errors", "rules in force"))
	require.True(t, artifact.Equal(second, plane.holds))
}

// TestFollowerCompilesAgain: without reading, what is in force is compiled for the nodes that are alive now, also while the directory has
// errors.
func TestFollowerCompilesAgain(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cluster.yaml"), []byte(twoNodes), 0o644))
	again := make(chan struct{})
	var down atomic.Pointer[[]string]
	down.Store(&[]string{"n2"})
	log, _, node := following(t, dir, again, func() []string { return *down.Load() })
	log.until(t, "rules in force", "")
	require.Len(t, node.Pipeline().Holdings, 1)
	turn := func(alive string, want int) {
		down.Store(&[]string{alive})
		again <- struct{}{}
		log.until(t, "rules in force", "")
		require.Len(t, node.Pipeline().Holdings, want)
	}
	turn("n1", 0)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte("broken: yes"), 0o644))
	log.until(t, "the manifests have errors", "")
	turn("n2", 1)
	turn("n1", 0)
}

// following starts to follow a directory as node n1.
func following(t *testing.T, root string, again <-chan struct{}, down func() []string) (lines, *blank, *agent.Node) {
	dir, err := source.Open(root, source.Times{}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dir.Close()) })
	log := make(lines, 1000)
	o := &agentOptions{host: hostFlags{target: nft.Target, node: "n1", services: "never"}, stateDir: t.TempDir()}
	plane := &blank{}
	node := agent.NewNode(agent.Options{Target: o.host.made(), Planes: []agent.Plane{{Dataplane: plane, Target: nft.Target}}})
	f := newFollower(o, newDirectory(dir, o.namespace), node, slog.New(slog.NewTextHandler(log, nil)))
	f.again, f.down = again, down
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- f.follow(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	return log, plane, node
}
