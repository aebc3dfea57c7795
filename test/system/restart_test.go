package system

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/runtime/lab"
)

// lone is a cluster of one node: a server that one pod may reach and another may not.
const lone = `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.10.1.0/24}, status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}}
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: client, namespace: a, labels: {app: client}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.10.1.5}}
- {apiVersion: v1, kind: Pod, metadata: {name: stranger, namespace: a, labels: {app: stranger}}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.10.1.6}}
- {apiVersion: v1, kind: Pod, metadata: {name: server, namespace: a, labels: {app: server}}, spec: {nodeName: n1, containers: [{name: c, ports: [{containerPort: 80}]}]}, status: {podIP: 10.10.1.7}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: one-client, namespace: a}
  spec: {podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: 80}]}]}
`

// patient has agents look at the dataplane only when something tells them to.
func patient() []string { return []string{"--check", "1h", "--services", "never"} }

// loneFleet runs an agent of the cluster lone.
func loneFleet(t *testing.T, target lab.Target, program string, options []string) *fleet {
	t.Helper()
	var report diag.Report
	r := compileObjects(t, manifest.Parse("lone.yaml", []byte(lone), &report), &report)
	l := up(t, r, target)
	file := filepath.Join(t.TempDir(), "lone.yaml")
	require.NoError(t, os.WriteFile(file, []byte(lone), 0o644))
	f := startFleetWith(t, l, program, target, options, file)
	f.awaitRules(t)
	return f
}

// says waits until the agent has said something so many times.
func (f *fleet) says(t *testing.T, text string, times int) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Count(f.agents["n1"].log.String(), text) >= times }, patience, time.Millisecond, text)
}

// sh runs a script on the node.
func (f *fleet) sh(t *testing.T, script string) string {
	t.Helper()
	var out bytes.Buffer
	status, err := f.l.Exec(t.Context(), "node/n1", []string{"sh", "-ec", script}, lab.Stdio{Out: &out, Err: &out})
	require.NoError(t, err)
	require.Zero(t, status, out.String())
	return out.String()
}

// daemon kills a daemon of Open vSwitch on the node and starts another one, which lives until the test ends.
func (f *fleet) daemon(t *testing.T, name string) {
	t.Helper()
	f.killDaemon(t, name)
	f.startDaemon(t, name)
}

func (f *fleet) killDaemon(t *testing.T, name string) {
	t.Helper()
	f.sh(t, "pid=$(cat $OVS_RUNDIR/"+name+".pid); kill -9 $pid; while kill -0 $pid 2>/dev/null; do sleep 0.01; done; rm $OVS_RUNDIR/"+name+".pid")
}

func (f *fleet) startDaemon(t *testing.T, name string) {
	t.Helper()
	args := map[string]string{"ovsdb-server": "--remote=punix:$OVS_RUNDIR/db.sock conf.db", "ovs-vswitchd": "unix:$OVS_RUNDIR/db.sock"}[name]
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		_, _ = f.l.Exec(ctx, "node/n1", []string{"sh", "-c", "cd $OVS_RUNDIR; exec " + name + " --pidfile --log-file -vconsole:off -vsyslog:off " + args}, lab.Stdio{})
	})
	t.Cleanup(func() {
		cancel()
		work.Wait()
	})
}

// TestRestartsUnderTraffic kills the agent, and on Open vSwitch its daemons, and starts them anew. The connection that is there loses
// nothing, who may not connect never can, and who may can again.
func TestRestartsUnderTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f := loneFleet(t, target, program, patient())
			stream := run(t, f.l, "pod/a/client", "stream", "10.10.1.7:80")
			stream.await(t, "pod/a/server")
			done := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() { watch(t, f.l, "pod/a/stranger", lab.Drop, done) })
			living := func(when string) {
				t.Helper()
				at := time.Now()
				stream.say(t, "living: "+when)
				t.Logf("%s: the connection went on after %v", when, time.Since(at).Round(time.Millisecond))
				require.Eventually(t, func() bool {
					return probeOnce(t, f.l, "pod/a/client", f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80}) == lab.Allow
				}, patience, time.Millisecond, when)
			}
			for i := range 2 {
				f.agents["n1"].kill()
				living("no agent")
				f.start("n1")
				f.says(t, "rules in force", 2+i)
				living("another agent")
			}
			if target == lab.OpenFlow {
				f.daemon(t, "ovsdb-server")
				living("another ovsdb-server")
				f.daemon(t, "ovs-vswitchd")
				living("another ovs-vswitchd")
				f.sh(t, "ovs-vsctl --db=unix:$OVS_RUNDIR/db.sock --no-wait set open_vswitch . other_config:flow-restore-wait=true")
				f.daemon(t, "ovs-vswitchd")
				living("another ovs-vswitchd that waits for flows")
			}
			close(done)
			group.Wait()
		})
	}
}
