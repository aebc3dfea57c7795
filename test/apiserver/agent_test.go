package apiserver_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/test/apiserver"
)

// followed is an agent of node n1 that follows a server, with everything that it says.
type followed struct {
	t        *testing.T
	server   *apiserver.Server
	place    *place
	headgate string
	resource string // what is asked for to know what there is
	stateDir string

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
	require.Eventually(f.t, func() bool { return f.logged(text) > 0 }, patience, 20*time.Millisecond, "%s", text)
}

// start runs the agent until the test ends.
func (f *followed) start(kubeconfig string) {
	f.stateDir = f.t.TempDir()
	agent := f.place.command(f.headgate, "agent", "--kubeconfig", kubeconfig, "--node", "n1", "--state-dir", f.stateDir)
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
	f.holds(why, but, nil)
}

// followsWith is follows with objects that are gone.
func (f *followed) followsWith(why string, gone map[string]map[string]any) {
	f.t.Helper()
	var also []any
	for _, o := range gone {
		also = append(also, o)
	}
	f.holds(why, nil, also)
}

func (f *followed) holds(why string, but map[string]map[string]any, also []any) {
	f.t.Helper()
	file := filepath.Join(f.t.TempDir(), "all.json")
	var last string
	ok := func() bool {
		var list struct{ Items []map[string]any }
		require.NoError(f.t, json.Unmarshal([]byte(f.kubectl("", "get", f.resource, "-A", "-o", "json")), &list))
		items := append([]any{}, also...)
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

// patience is for machines that are busy with other tests.
const patience = 3 * time.Minute

func assertEventually(ok func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if ok() {
			return true
		}
		time.Sleep(50 * time.Millisecond) // asking is work, too
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

const goldTier = `
{apiVersion: crd.antrea.io/v1beta1, kind: Tier, metadata: {name: gold}, spec: {priority: 30}}
`

const inGold = `
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: golden}
spec: {tier: gold, priority: 1, appliedTo: [{namespaceSelector: {}}], ingress: [{action: Drop, from: [{ipBlock: {cidr: 198.51.100.0/24}}]}]}
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
	f.await("what this node has in force cannot be told to the API server")
	f.isRefused("the cluster does not define NodeStatus")
	f.kubectl("", "apply", "-f", "../../deploy/crds") // the agent finds them by itself

	f.comesAndGoes()
	f.tellsStatus()
	f.resource += ours
	f.leavesOut()
	f.keepsWhatIsNeeded()
	f.survives()
	require.Equal(t, 1, f.logged("what this node has in force cannot be told"), "said once")
}

// TestMain keeps what all tests share.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "headgate-test")
	if err != nil {
		panic(err)
	}
	shared = filepath.Join(dir, "headgate")
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// shared is where headgate is, once compiled says so.
var (
	shared   string
	compiled = sync.OnceValue(func() error {
		cmd := exec.Command("go", "build", "-o", shared, "./cmd/headgate")
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
)

// build compiles headgate, once for all tests.
func build(t *testing.T) string {
	t.Helper()
	require.NoError(t, compiled())
	return shared
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
	f.realises("Realised", "acnp", "drop")
	as := map[string]map[string]any{"ClusterNetworkPolicy drop": f.get("acnp", "drop"), "ExternalIPPool upside-down": nil}
	f.apply(upsideDown)
	f.apply(bad)
	f.realises("Rejected", "acnp", "drop")
	require.Contains(f.t, f.status(1), "n1: ClusterNetworkPolicy.crd.antrea.io drop is rejected [HG3007]: ")
	require.Contains(f.t, f.status(1), "; what it said before is in force")
	require.Regexp(f.t, `n1: ExternalIPPool\.crd\.antrea\.io upside-down is rejected \[HG[0-9]+\]: spec\.ipRanges\[0\].*; nothing of it is in force`, f.status(1))
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
	f.realises("Realised", "acnp", "drop")
	require.NotContains(f.t, f.status(1), "is rejected")
}

// keepsWhatIsNeeded deletes the tier of a policy.
func (f *followed) keepsWhatIsNeeded() {
	f.apply(goldTier)
	f.changes("a policy of a tier", func() { f.apply(strings.Replace(dropping, "APPLIED", "{namespaceSelector: {}}", 1) + inGold) })
	as := map[string]map[string]any{"Tier gold": f.get("tier", "gold")}
	f.kubectl("", "delete", "tier", "gold")
	f.await("tiers.crd.antrea.io/gold")
	f.apply(strings.NewReplacer("NAME", "later", "PORT", "98").Replace(another))
	f.followsWith("what is left goes on", as)
	f.kubectl("", "delete", "acnp", "golden")
	f.follows("without the tier", nil)
}

// run runs headgate here, and returns what it prints to standard output.
func (f *followed) run(code int, args ...string) string {
	f.t.Helper()
	cmd := exec.Command(f.headgate, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	require.Equal(f.t, code, cmd.ProcessState.ExitCode(), "%v %s%s", err, out, complaint.String())
	return string(out) + complaint.String()
}

// status is what is said of all nodes.
func (f *followed) status(code int, args ...string) string {
	f.t.Helper()
	return f.run(code, append([]string{"status", "--kubeconfig", f.server.Config()}, args...)...)
}

func (f *followed) isRefused(why string) {
	f.t.Helper()
	require.Contains(f.t, f.status(3), why)
}

// nodeOf is what node n1 has of an object.
type nodeOf struct {
	Node, State, Message string
	Generation           int64
}

// realises waits until node n1 is in a state as to an object, and returns what is said then. Node n2 has no agent.
func (f *followed) realises(state string, object ...string) nodeOf {
	f.t.Helper()
	var said struct{ Nodes []nodeOf }
	ok := assertEventually(func() bool {
		require.NoError(f.t, json.Unmarshal([]byte(f.status(1, append([]string{"-n", "shop", "-o", "json"}, object...)...)), &said))
		require.Len(f.t, said.Nodes, 2)
		require.Equal(f.t, nodeOf{Node: "n2", State: "Unknown", Message: "no agent has said what is in force"}, said.Nodes[1])
		return said.Nodes[0].State == state
	})
	require.True(f.t, ok, "%v", said)
	return said.Nodes[0]
}

// tellsStatus looks at what the agent says.
func (f *followed) tellsStatus() {
	var said nodestatus.NodeStatus
	read := func() *nodestatus.Status {
		said = nodestatus.NodeStatus{}
		require.NoError(f.t, json.Unmarshal([]byte(f.kubectl("", "get", "nodestatus", "n1", "-o", "json")), &said))
		s := said.Status
		return &s
	}
	require.True(f.t, assertEventually(func() bool { return strings.Contains(f.kubectl("", "get", "nodestatus"), "n1") }))
	require.Contains(f.t, f.kubectl("", "get", "hns"), "True")
	// What came and went before is told, too, if perhaps a moment later.
	var first *nodestatus.Status
	require.True(f.t, assertEventually(func() bool { first = read(); return first.Counts.Policies == 1 }))
	require.True(f.t, first.Ready())
	require.Equal(f.t, []string{"nftables"}, first.Targets)
	require.EqualValues(f.t, []int64{1, 2, 1}, []int64{first.Counts.Policies, first.Counts.Services, first.Counts.Endpoints})
	require.Greater(f.t, first.Counts.Rules, int64(10)) // of services, there is that of the API server beside the shop's
	require.Equal(f.t, f.get("node", "n1")["metadata"].(map[string]any)["uid"], string(said.OwnerReferences[0].UID))
	require.Regexp(f.t, `\nn1 +Ready +[0-9]+ +`+first.Hash+` +nftables `, f.status(1))
	require.Contains(f.t, f.status(1), "n2: no agent has said what is in force")

	policy := strings.NewReplacer("NAME", "seen", "PORT", "55").Replace(another)
	f.apply(policy)
	require.EqualValues(f.t, 1, f.realises("Realised", "networkpolicy/seen").Generation)
	second := read()
	require.Greater(f.t, second.Generation, first.Generation)
	require.NotEqual(f.t, first.Hash, second.Hash)
	require.EqualValues(f.t, 2, second.Counts.Policies)
	f.apply(strings.Replace(policy, "55", "56", 1))
	require.EqualValues(f.t, 2, f.realises("Realised", "netpol", "seen").Generation)
	object := f.get("netpol/seen", "-nshop")["metadata"].(map[string]any)
	require.True(f.t, read().Includes("networkpolicies.networking.k8s.io", object["resourceVersion"].(string)))
	f.changes("gone", func() { f.kubectl("", "delete", "networkpolicy", "-n", "shop", "seen") })
	require.Contains(f.t, f.status(3, "netpol", "seen", "-n", "shop"), `"seen" not found`)
	require.Contains(f.t, f.status(3, "nothing", "seen"), `the cluster has no kind "nothing"`)
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
	require.Regexp(f.t, `\nn1 +Ready `, f.run(0, "status", "--state-dir", f.stateDir), "the agent is asked, not the server")
	require.NoError(f.t, f.server.Resume())
	f.changes("after the server was away", func() { f.apply(strings.NewReplacer("NAME", "after", "PORT", "100").Replace(another)) })
	f.await("the API server answers again")
	require.NotContains(f.t, f.log.String(), "panic")
}
