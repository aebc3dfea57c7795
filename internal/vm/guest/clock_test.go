package guest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// told is what an agent logs.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *told) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// aware is a cluster of two nodes; a pod of the first may reach one name, on a port.
const aware = `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.10.1.0/24}, status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}}
- {apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {podCIDR: 10.10.2.0/24}, status: {addresses: [{type: InternalIP, address: 10.0.0.2}]}}
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: client, namespace: a}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.10.1.5}}
- apiVersion: crd.antrea.io/v1beta1
  kind: ClusterNetworkPolicy
  metadata: {name: names}
  spec: {priority: 1, appliedTo: [{podSelector: {}}], egress: [{action: Allow, to: [{fqdn: a.example}], ports: [{protocol: TCP, port: PORT}]}]}
`

// TestClockThatIsSet sets the machine's clock a day forward, and two days back, under two agents that watch each other: what changes is
// loaded, what somebody else changes is repaired, nobody is missed who is there, and names last as long as their TTL says. No other
// machine lets a test do so.
func TestClockThatIsSet(t *testing.T) {
	inMachine(t)
	namespaces(t, "n1", "n2")
	connect(t, "n1", "n2")
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "."+name), []byte(text), 0o600))
		require.NoError(t, os.Rename(filepath.Join(dir, "."+name), filepath.Join(dir, name)))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "manifests"), 0o700))
	port := 40000
	change := func() {
		port++
		write("manifests/cluster.yaml", strings.ReplaceAll(aware, "PORT", fmt.Sprint(port)))
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".manifests"), 0o700))
	change()
	write("keys", "MDEyMzQ1Njc4OWFiY2RlZg==\n")

	// What an agent knew that ran before.
	const ttl = time.Minute
	learned := time.Now()
	state := filepath.Join(dir, "state-n1")
	require.NoError(t, os.Mkdir(state, 0o700))
	known, err := json.Marshal(map[string]any{"version": 1, "saved": learned, "names": map[string]any{"a.example": map[string]time.Time{"198.51.100.1": learned.Add(ttl)}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(state, "names.json"), known, 0o600))

	logs := map[string]*told{}
	agents := map[string]*exec.Cmd{}
	for _, node := range []string{"n1", "n2"} {
		a := exec.Command("ip", "netns", "exec", node, "headgate", "agent", "--from", filepath.Join(dir, "manifests"), "--node", node, "--services", "never",
			"--state-dir", filepath.Join(dir, "state-"+node), "--gossip-key-file", filepath.Join(dir, "keys"), "--check", "1s", "--gossip-interval", "3s")
		logs[node] = &told{}
		a.Stderr = logs[node]
		require.NoError(t, a.Start())
		agents[node] = a
		t.Cleanup(func() {
			_ = a.Process.Kill()
			_ = a.Wait()
			if t.Failed() {
				t.Logf("%s:\n%s", node, logs[node].text.String())
			}
		})
	}
	says := func(node, text string, times int) {
		t.Helper()
		require.Eventually(t, func() bool { return logs[node].count(text) >= times }, time.Minute, 10*time.Millisecond, "%s: %s", node, text)
	}
	lists := func() string { return run(t, "ip", "netns", "exec", "n1", "nft", "list", "table", "inet", "headgate") }
	says("n1", "rules in force", 1)
	says("n2", "rules in force", 1)

	stayed := 0
	set := func(by time.Duration) {
		now := unix.NsecToTimespec(time.Now().Add(by).UnixNano())
		require.NoError(t, unix.ClockSettime(unix.CLOCK_REALTIME, &now))
	}
	var ahead time.Duration
	t.Cleanup(func() { set(-ahead) })
	for i, by := range []time.Duration{24 * time.Hour, -48 * time.Hour} {
		set(by)
		ahead += by
		change()
		says("n1", "number="+fmt.Sprint(2+i)+" ", 1)
		require.Contains(t, lists(), fmt.Sprint(port))
		run(t, "ip", "netns", "exec", "n1", "nft", "flush", "table", "inet", "headgate")
		says("n1", "the rules had been changed by somebody else; repaired", i+1)
		listed := lists()
		if time.Since(learned) < ttl-time.Second {
			require.Contains(t, listed, "198.51.100.1", "after %v by the clock that is not set", time.Since(learned))
			stayed++
		}
		for node := range logs {
			require.Zero(t, logs[node].count("a node is not alive"))
		}
	}
	require.Positive(t, stayed, "the machine was too slow to tell whether the address stayed")
	require.NoError(t, agents["n2"].Process.Kill())
	says("n1", "a node is not alive", 1)
	require.Eventually(t, func() bool { return !strings.Contains(lists(), "198.51.100.1") }, 2*ttl, 100*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(learned), ttl-time.Second)
}
