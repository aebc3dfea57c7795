package apiserver_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

// followed is an agent of node n1 that follows a server, with everything that it says.
type followed struct {
	t        *testing.T
	server   *apiserver.Server
	place    *place
	headgate string
	resource string // what is asked for to know what there is

	mu  sync.Mutex
	log strings.Builder
}

// Write keeps what the agent logs.
func (f *followed) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(p)
}

// logged returns how many lines have a text so far.
func (f *followed) logged(text string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for line := range strings.Lines(f.log.String()) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

func (f *followed) await(text string) {
	f.t.Helper()
	require.Eventually(f.t, func() bool { return f.logged(text) > 0 }, time.Minute, 20*time.Millisecond, "%s", text)
}

// start runs the agent until the test ends.
func (f *followed) start(kubeconfig string) {
	agent := f.place.command(f.headgate, "agent", "--kubeconfig", kubeconfig, "--node", "n1", "--state-dir", f.t.TempDir())
	agent.Stderr = f
	require.NoError(f.t, agent.Start())
	f.t.Cleanup(func() {
		require.NoError(f.t, agent.Process.Signal(syscall.SIGTERM))
		require.NoError(f.t, agent.Wait())
		if f.t.Failed() {
			f.t.Log(f.log.String())
		}
	})
}

func (f *followed) kubectl(input string, args ...string) string {
	f.t.Helper()
	out, err := f.server.Kubectl(input, args...)
	require.NoError(f.t, err)
	return out
}

// apply gives the server objects.
func (f *followed) apply(text string) {
	f.t.Helper()
	f.kubectl(text, "apply", "-f", "-")
}

// follows waits until the kernel holds what headgate makes of all that the server prints, but for objects that stay as they were or
// are left out: those by "Kind name", nil for the latter.
func (f *followed) follows(why string, but map[string]map[string]any) {
	f.t.Helper()
	file := filepath.Join(f.t.TempDir(), "all.json")
	var last string
	ok := func() bool {
		var list struct{ Items []map[string]any }
		require.NoError(f.t, json.Unmarshal([]byte(f.kubectl("", "get", f.resource, "-A", "-o", "json")), &list))
		items := []any{}
		for _, o := range list.Items {
			instead, special := but[kindAndName(o)]
			switch {
			case !special:
				items = append(items, o)
			case instead != nil:
				items = append(items, instead)
			}
		}
		text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		require.NoError(f.t, err)
		require.NoError(f.t, os.WriteFile(file, text, 0o600))
		out, err := f.place.command(f.headgate, "diff", "-f", file, "--node", "n1").CombinedOutput()
		last = string(out)
		return err == nil
	}
	if !assertEventually(ok) {
		require.Fail(f.t, why, "%s", last)
	}
}

func assertEventually(ok func() bool) bool {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if ok() {
			return true
		}
	}
	return false
}

func kindAndName(o map[string]any) string {
	return o["kind"].(string) + " " + o["metadata"].(map[string]any)["name"].(string)
}

// get reads an object from the server.
func (f *followed) get(resource, name string) map[string]any {
	var o map[string]any
	require.NoError(f.t, json.Unmarshal([]byte(f.kubectl("", "get", resource, name, "-o", "json")), &o))
	return o
}

const shop = `
{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {kubernetes.io/hostname: n1}}, spec: {podCIDR: 10.0.1.0/24}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2, labels: {kubernetes.io/hostname: n2}}, spec: {podCIDR: 10.0.2.0/24}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {nodeName: n1, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {nodeName: n2, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, clusterIP: 10.30.0.80, ports: [{port: 80, targetPort: http}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.0.1.10], nodeName: n1, conditions: {ready: true}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: client}}}], ports: [{port: http}]}]}
`

const another = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: NAME, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: PORT}]}]}
`

// dropping is harmless for nodes while it applies to the pods of the shop.
const dropping = `
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: drop}
spec: {priority: 1, appliedTo: [APPLIED], ingress: [{action: Drop, from: [{ipBlock: {cidr: 192.0.2.0/24}}, {nodeSelector: {}}]}]}
`

const upsideDown = `
apiVersion: crd.antrea.io/v1beta1
kind: ExternalIPPool
metadata: {name: upside-down}
spec: {ipRanges: [{start: 192.168.0.30, end: 192.168.0.20}], nodeSelector: {}}
`

const (
	built = "nodes,namespaces,pods,services,endpointslices,networkpolicies.networking.k8s.io"
	ours  = ",clusternetworkpolicies.crd.antrea.io,externalippools.crd.antrea.io,tiers.crd.antrea.io"
)

// TestAgentFollowsServer: the kernel holds at any time what headgate makes of what the server holds.
func TestAgentFollowsServer(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	server := apiserver.Start(t)
	f := &followed{t: t, server: server, place: newPlace(t, server.Address()), headgate: build(t), resource: built}
	f.kubectl("", "create", "namespace", "headgate")
	f.apply(shop)
	for object, status := range map[string]string{
		"node/n1":    `{"addresses":[{"type":"InternalIP","address":"192.168.0.1"}]}`,
		"node/n2":    `{"addresses":[{"type":"InternalIP","address":"192.168.0.2"}]}`,
		"pod/web":    `{"phase":"Running","podIP":"10.0.1.10","podIPs":[{"ip":"10.0.1.10"}]}`,
		"pod/client": `{"phase":"Running","podIP":"10.0.2.10","podIPs":[{"ip":"10.0.2.10"}]}`,
	} {
		f.kubectl("", "patch", object, "-n", "shop", "--subresource=status", "-p", `{"status":`+status+"}")
	}
	f.start(server.Config())
	f.await("rules in force")
	f.follows("at the start", nil)
	f.kubectl("", "apply", "-f", "../../deploy/crds") // the agent finds them in its own time

	f.comesAndGoes()
	f.resource += ours
	f.leavesOut()
	f.survives()
}

// build compiles headgate.
func build(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "headgate")
	cmd := exec.Command("go", "build", "-o", file, "./cmd/headgate")
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return file
}

// changes does something that the kernel must notice.
func (f *followed) changes(why string, do func()) {
	f.t.Helper()
	before := f.place.rules()
	do()
	f.follows(why, nil)
	require.NotEqual(f.t, before, f.place.rules(), why)
}

// comesAndGoes creates, changes and deletes objects.
func (f *followed) comesAndGoes() {
	policy := strings.NewReplacer("NAME", "out", "PORT", "53").Replace(another)
	f.changes("a policy", func() { f.apply(policy) })
	f.changes("changed", func() { f.apply(strings.Replace(policy, "53", "54", 1)) })
	f.changes("a pod of other labels", func() { f.kubectl("", "label", "pod", "-n", "shop", "client", "--overwrite", "app=other") })
	f.changes("and back", func() { f.kubectl("", "label", "pod", "-n", "shop", "client", "--overwrite", "app=client") })
	f.changes("a Service", func() { f.apply(strings.Replace(shop, "port: 80,", "port: 81,", 1)) })
	f.changes("no policy", func() { f.kubectl("", "delete", "networkpolicy", "-n", "shop", "out") })
}

// leavesOut gives the server objects that it takes and headgate does not, alone and together with others.
func (f *followed) leavesOut() {
	good := strings.Replace(dropping, "APPLIED", "{namespaceSelector: {}}", 1)
	bad := strings.Replace(dropping, "APPLIED", "{nodeSelector: {matchLabels: {kubernetes.io/hostname: n1}}}", 1)
	f.changes("of a kind that was not there", func() { f.apply(good) })
	as := map[string]map[string]any{"ClusterNetworkPolicy drop": f.get("acnp", "drop"), "ExternalIPPool upside-down": nil}
	f.apply(upsideDown)
	f.apply(bad)
	f.await(`objects="externalippools.crd.antrea.io/upside-down clusternetworkpolicies.crd.antrea.io/drop"`)
	said := f.logged("HG3007")
	before := f.place.rules()
	f.apply(strings.NewReplacer("NAME", "beside", "PORT", "99").Replace(another))
	f.follows("the others go on", as)
	require.NotEqual(f.t, before, f.place.rules())
	require.Equal(f.t, 1, f.logged("needs kubelet (tcp/10250) from node n2"), "said once")
	require.Equal(f.t, said, f.logged("HG3007"), "said once")
	f.changes("mended", func() {
		f.kubectl("", "delete", "externalippool", "upside-down")
		f.apply(strings.Replace(good, "192.0.2.0/24", "192.0.3.0/24", 1))
	})
}

// survives ends the server and has it come back.
func (f *followed) survives() {
	before := f.place.rules()
	stopped := make(chan error, 1)
	go func() { stopped <- f.server.Stop() }()
	for ended := false; !ended; {
		select {
		case err := <-stopped:
			require.NoError(f.t, err)
			ended = true
		case <-time.After(100 * time.Millisecond):
			f.place.cut() // the server would wait for who watches
		}
	}
	f.await("the API server does not answer")
	require.Equal(f.t, before, f.place.rules())
	require.NoError(f.t, f.server.Resume())
	f.changes("after the server was away", func() { f.apply(strings.NewReplacer("NAME", "after", "PORT", "100").Replace(another)) })
	f.await("the API server answers again")
	require.NotContains(f.t, f.log.String(), "panic")
}
