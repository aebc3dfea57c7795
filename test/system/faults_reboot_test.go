package system

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
)

// deaf is a kubeconfig of a server that nobody has.
const deaf = `{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u}],
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]}
`

// never sends from a pod to the server again and again until done is closed, and wants no connection. It counts what it tried.
func never(t *testing.T, l *lab.Lab, from string, to netip.Addr, tried *atomic.Int64, done <-chan struct{}) {
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-done:
			return
		case <-pace.C:
		}
		probes := make([]lab.ProbeRequest, 8)
		for i := range probes {
			probes[i] = lab.ProbeRequest{From: from, To: to, Port: lab.Port{Proto: lab.TCP, Port: 80}}
		}
		results, err := l.Probe(t.Context(), probes)
		if err != nil {
			t.Errorf("%s: %v", from, err)
			return
		}
		for _, r := range results {
			if r.Verdict == lab.Allow {
				t.Errorf("%s got through: %s", from, r.Detail)
				return
			}
		}
		tried.Add(int64(len(probes)))
	}
}

// goDown takes from the node what a reboot takes: the agent, as if by a loss of power, the links, the routes and the rules, or the switch
// with all its flows. What is left is the database of the switch and the agent's state directory.
func (f *fleet) goDown(t *testing.T) {
	t.Helper()
	f.agents["n1"].kill()
	dir := f.dir
	f.sh(t, "ip -4 route show >"+dir+"/routes; ip -4 neigh show nud permanent | sed 's/PERMANENT/nud permanent/' >"+dir+"/neigh; ip -o link show | sed 's/^[0-9]*: //; s/[:@].*//' | grep -vx lo >"+dir+"/links")
	f.sh(t, "for link in $(cat "+dir+"/links); do ip link set $link down; done")
	if f.target == lab.OpenFlow {
		f.sh(t, "ovs-vsctl --db=unix:$OVS_RUNDIR/db.sock --no-wait set open_vswitch . other_config:flow-restore-wait=true")
		f.killDaemon(t, "ovsdb-server")
		f.killDaemon(t, "ovs-vswitchd")
		f.sh(t, "rm $OVS_RUNDIR/*.sock $OVS_RUNDIR/*.mgmt $OVS_RUNDIR/*.ctl")
	}
	f.sh(t, "nft flush ruleset; conntrack -F 2>/dev/null || true; test -z \"$(nft list ruleset)\"")
}

// switchUp starts Open vSwitch, if the node has one.
func (f *fleet) switchUp(t *testing.T) {
	t.Helper()
	if f.target == lab.OpenFlow {
		f.startDaemon(t, "ovsdb-server")
		f.sh(t, "until test -S $OVS_RUNDIR/db.sock; do sleep 0.05; done")
		f.startDaemon(t, "ovs-vswitchd")
		f.sh(t, "until test -S $OVS_RUNDIR/br-int.mgmt; do sleep 0.05; done")
	}
}

// linksUp is the network of the node that comes up.
func (f *fleet) linksUp(t *testing.T) {
	t.Helper()
	f.sh(t, "for link in $(cat "+f.dir+"/links); do ip link set $link up 2>/dev/null || true; done")
	if f.target == lab.OpenFlow {
		return // pods reach each other by the bridge alone
	}
	f.sh(t, "for pass in 1 2; do while read -r route; do ip route replace $route 2>/dev/null || true; done <"+f.dir+"/routes; done; "+
		"while read -r neigh; do ip neigh replace $neigh; done <"+f.dir+"/neigh")
}

// startWith starts the agent with nothing but its state directory and a source.
func (f *fleet) startWith(source ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	a := &agentProcess{done: make(chan struct{}), log: f.agents["n1"].log}
	a.kill = func() {
		cancel()
		<-a.done
	}
	f.agents["n1"] = a
	args := append([]string{f.program, "agent", "--node", "n1", "--target", string(f.target), "--state-dir", filepath.Join(f.dir, "state-n1"),
		"--except-cidrs", except4 + "/32", "--healthz-bind-address="}, append(patient(), source...)...)
	const script = `if [ -n "$OVS_RUNDIR" ]; then set -- "$@" --ovs-db "$OVS_RUNDIR/db.sock"; fi; exec "$@"`
	go func() {
		defer close(a.done)
		_, _ = f.l.Exec(ctx, "node/n1", append([]string{"sh", "-c", script, "sh"}, args...), lab.Stdio{Out: a.log, Err: a.log})
	}()
}

// TestReboot takes everything from a node but the state directory, and brings it up again in the order of the systemd unit while its source
// does not answer: whoever may not connect never gets through, and who may can as soon as the links are up. On Open vSwitch the links
// come up first, for the bridge passes nothing without flows; once the switch itself comes after the agent, which has the node's own rules
// in force before that.
func TestReboot(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	program := builtProgram(t)
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			f := loneFleet(t, target, program, patient())
			kubeconfig := filepath.Join(f.dir, "kubeconfig")
			require.NoError(t, os.WriteFile(kubeconfig, []byte(deaf), 0o600))
			server, port := f.l.Spec().Pods[1].Addrs[0], lab.Port{Proto: lab.TCP, Port: 80}
			requireProbe(t, f.l, lab.Allow, "pod/a/client", server, port)
			f.write(t, "closed.yaml", closed)
			require.Eventually(t, func() bool {
				kept, _ := os.ReadFile(filepath.Join(f.dir, "state-n1", "applied-"+string(target)+".ir"))
				return bytes.Contains(kept, []byte("\nnumber 2\n"))
			}, patience, 10*time.Millisecond)
			var tried atomic.Int64
			done := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() { never(t, f.l, "pod/a/stranger", server, &tried, done) })
			for i, source := range [][]string{{"--from", filepath.Join(f.dir, "missing")}, {"--kubeconfig", kubeconfig}} {
				f.goDown(t)
				early := target == lab.OpenFlow && i == 0
				if !early {
					f.switchUp(t)
				}
				if target == lab.OpenFlow && !early {
					f.linksUp(t)
				}
				f.startWith(source...)
				if early {
					f.says(t, "of the last good generation, this is in force so far", 1)
					require.Contains(t, f.sh(t, "nft list ruleset inet"), "tcp dport 8080")
					f.switchUp(t)
					f.linksUp(t)
				}
				f.says(t, "the last good generation is in force until there is a newer one", i+1)
				if target != lab.OpenFlow {
					f.linksUp(t)
				}
				t.Logf("%s: %d attempts of the stranger so far", source[0], tried.Load())
				up := tried.Load()
				require.Eventually(t, func() bool { return probeOnce(t, f.l, "pod/a/client", server, port) == lab.Allow }, patience, time.Millisecond)
				require.Eventually(t, func() bool { return tried.Load() >= up+16 }, patience, time.Millisecond, "the stranger goes on trying")
			}
			close(done)
			group.Wait()
			t.Logf("%d attempts of the stranger", tried.Load())
		})
	}
}
