package apiserver_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/certificate"
	"github.com/headgate-net/headgate/test/apiserver"
)

// controlled is a cluster with two controllers, which have no other rights than deploy/ gives them.
type controlled struct {
	*followed
	kubeconfig string
	door       *door
	two        [2]*running
}

// running is a controller, and what it logs.
type running struct {
	followed
	name             string
	metrics, webhook string
	process          *exec.Cmd
}

// door stands for the Service of the webhook: it leads to whichever controller answers, while it is open.
type door struct {
	listener net.Listener
	mu       sync.Mutex
	to       []func() (net.Conn, error)
}

func newDoor(t *testing.T) *door {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	d := &door{listener: l}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() { d.lead(in) })
		}
	})
	t.Cleanup(func() {
		d.open()
		l.Close()
		work.Wait()
	})
	return d
}

// open has the door lead to these addresses; none closes it.
func (d *door) open(to ...string) {
	var ways []func() (net.Conn, error)
	for _, address := range to {
		ways = append(ways, func() (net.Conn, error) { return net.Dial("tcp", address) })
	}
	d.lay(ways...)
}

// lay has the door lead there; the first way that leads somewhere is taken.
func (d *door) lay(ways ...func() (net.Conn, error)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = ways
}

func (d *door) lead(in net.Conn) {
	defer in.Close()
	d.mu.Lock()
	to := d.to
	d.mu.Unlock()
	for _, dial := range to {
		out, err := dial()
		if err != nil {
			continue
		}
		go func() {
			_, _ = io.Copy(out, in)
			out.Close()
		}()
		_, _ = io.Copy(in, out)
		return
	}
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// newControlled deploys what a controller needs, and makes a kubeconfig of its account.
func newControlled(t *testing.T) *controlled {
	server := apiserver.Start(t)
	c := &controlled{followed: &followed{t: t, server: server, headgate: build(t)}, door: newDoor(t), kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	c.kubectl("", "apply", "-f", "../../deploy/crds")
	c.kubectl("", "wait", "--for=condition=Established", "crd", "--all")
	c.kubectl("", "create", "namespace", "headgate-system")
	c.kubectl("", "apply", "-k", "../../deploy/controller")
	text, err := os.ReadFile(server.Config())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(c.kubeconfig, text, 0o600))
	token := strings.TrimSpace(c.kubectl("", "create", "token", "-n", "headgate-system", "headgate-controller"))
	user := strings.TrimSpace(c.kubectl("", "config", "view", "-o", "jsonpath={.users[0].name}"))
	require.NotEmpty(t, user)
	c.kubectl("", "config", "set-credentials", "controller", "--token", token, "--kubeconfig", c.kubeconfig)
	c.kubectl("", "config", "set-context", "--current", "--user", "controller", "--kubeconfig", c.kubeconfig)
	// There are no pods here that a Service could lead to.
	c.leadWebhookTo(c.door.listener.Addr().String())
	return c
}

// run runs a controller until the test ends, or it is ended before.
func (c *controlled) run(name string, flags ...string) *running {
	r := &running{name: name, metrics: freeAddress(c.t), webhook: freeAddress(c.t)}
	r.t, r.server, r.headgate = c.t, c.server, c.headgate
	r.process = exec.Command(c.headgate, append([]string{"controller", "--kubeconfig", c.kubeconfig, "--identity", name, "--lease-duration", "3s",
		"--metrics-bind-address", r.metrics, "--webhook-bind-address", r.webhook}, flags...)...)
	r.process.Stderr = r
	require.NoError(c.t, r.process.Start())
	c.t.Cleanup(func() {
		r.end(syscall.SIGTERM)
		if c.t.Failed() {
			c.t.Log(name + ":\n" + r.log.String())
		}
	})
	return r
}

// end ends a controller with a signal.
func (r *running) end(with syscall.Signal) {
	if r.process == nil {
		return
	}
	require.NoError(r.t, r.process.Process.Signal(with))
	err := r.process.Wait()
	if with == syscall.SIGTERM {
		require.NoError(r.t, err, r.log.String())
	}
	r.process = nil
}

// leads reports whether a controller says that it is the one that writes.
func (r *running) leads() bool {
	return strings.Contains(r.measures(), "\nheadgate_controller_leader 1\n")
}

// measures is what a controller says of itself; "" if it does not answer.
func (r *running) measures() string {
	answer, err := http.Get("http://" + r.metrics + "/metrics")
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(r.t, err)
	return string(text)
}

// measure is one line of that.
func (r *running) measure(name string) string {
	for line := range strings.Lines(r.measures()) {
		if value, is := strings.CutPrefix(line, name+" "); is {
			return value
		}
	}
	return ""
}

// leader waits until one of the two leads, and returns it and the other.
func (c *controlled) leader() (*running, *running) {
	var at int
	require.Eventually(c.t, func() bool {
		is := [2]bool{c.two[0].leads(), c.two[1].leads()}
		at = map[bool]int{true: 0, false: 1}[is[0]]
		return is[0] != is[1]
	}, time.Minute, 50*time.Millisecond, "one leads")
	return c.two[at], c.two[1-at]
}

// field reads a field of an object, in the words of kubectl's jsonpath.
func (c *controlled) field(resource, name, path string) string {
	return strings.TrimSpace(c.kubectl("", "get", resource, name, "-n", "shop", "-o", "jsonpath="+path))
}

// becomes waits until a field has a value.
func (c *controlled) becomes(want, resource, name, path string) {
	c.t.Helper()
	var last string
	if !assertEventually(func() bool { last = c.field(resource, name, path); return last == want }) {
		require.Equal(c.t, want, last, "%s %s %s", resource, name, path)
	}
}

// reports writes what the agent of a node would: that it has seen all that there is, holds addresses, and has left out objects.
func (c *controlled) reports(node string, addresses string, rejected ...string) {
	c.t.Helper()
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	var seen []string
	for _, resource := range []string{"clusternetworkpolicies.crd.antrea.io", "clusternetworkpolicies.policy.networking.k8s.io", "networkpolicies.networking.k8s.io"} {
		at := strings.SplitN(resource, ".", 2)
		version := map[string]string{"crd.antrea.io": "v1beta1", "policy.networking.k8s.io": "v1alpha2", "networking.k8s.io": "v1"}[at[1]]
		require.NoError(c.t, json.Unmarshal([]byte(c.kubectl("", "get", "--raw", "/apis/"+at[1]+"/"+version+"/"+at[0])), &list))
		seen = append(seen, fmt.Sprintf(`{resource: %s, version: %q}`, resource, list.Metadata.ResourceVersion))
	}
	c.apply(fmt.Sprintf(`
apiVersion: headgate-net.github.io/v1alpha1
kind: NodeStatus
metadata: {name: %s}
status: {generation: 1, renewed: %q, seen: [%s], addresses: [%s], rejected: [%s], rejectedTotal: %d, counts: {policies: 0, rules: 0, sets: 0, elements: 0, flows: 0, services: 0, endpoints: 0}}
`, node, time.Now().UTC().Format(time.RFC3339), strings.Join(seen, ", "), addresses, strings.Join(rejected, ", "), len(rejected)))
}

// refused applies something that the webhook does not let pass.
func (c *controlled) refused(text string, args ...string) string {
	c.t.Helper()
	_, err := c.server.Kubectl(text, append([]string{"apply", "-f", "-"}, args...)...)
	var no *apiserver.RefusedError
	require.ErrorAs(c.t, err, &no)
	return no.Text
}

const leaving = `
apiVersion: crd.antrea.io/v1beta1
kind: ExternalIPPool
metadata: {name: out}
spec: {ipRanges: [{start: 198.51.100.10, end: 198.51.100.13}], nodeSelector: {}}
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: web}
spec: {appliedTo: {podSelector: {matchLabels: {app: web}}}, externalIPPool: out}
---
apiVersion: crd.antrea.io/v1beta1
kind: Egress
metadata: {name: client}
spec: {appliedTo: {podSelector: {matchLabels: {app: client}}}, externalIPPool: out}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop, annotations: {service.antrea.io/external-ip-pool: out}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`

const upstream = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: upstream}
spec: {tier: Admin, priority: PRIORITY, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}, ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: other}}}]}]}
`

// TestController: status, Events and the webhook of a real server, of which one of two controllers sees to the first.
func TestController(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	c := newControlled(t)
	c.apply(upsideDown) // nobody answers the webhook yet
	c.apply(shop)
	c.status("node/n1", `{"addresses":[{"type":"InternalIP","address":"192.168.0.1"}]}`)
	c.status("node/n2", `{"addresses":[{"type":"InternalIP","address":"192.168.0.2"}]}`)
	c.status("pod/web", `{"phase":"Running","podIP":"10.0.1.10","podIPs":[{"ip":"10.0.1.10"}]}`)
	c.status("pod/client", `{"phase":"Running","podIP":"10.0.2.10","podIPs":[{"ip":"10.0.2.10"}]}`)
	c.two = [2]*running{c.run("one"), c.run("two")}
	first, second := c.leader()

	c.givesAddresses()
	c.tellsProgress()
	c.recordsOnce()
	c.door.open(c.two[0].webhook, c.two[1].webhook)
	c.answers()
	c.handsOver(first, second)
	c.givesBack()
}

func (c *controlled) status(object, status string) {
	c.kubectl("", "patch", object, "-n", "shop", "--subresource=status", "-p", `{"status":`+status+"}")
}

// givesAddresses: Egresses and Services get what headgate says that they have, and whoever holds it is named.
func (c *controlled) givesAddresses() {
	c.apply(leaving)
	c.becomes("3", "externalippool", "out", "{.status.usage.used}")
	c.becomes("4", "externalippool", "out", "{.status.usage.total}")
	address := c.field("egress", "web", "{.status.egressIP}")
	require.Regexp(c.t, `^198\.51\.100\.1[0-3]$`, address)
	c.becomes("False", "egress", "web", `{.status.conditions[?(@.type=="IPAssigned")].status}`)
	c.reports("n2", address)
	c.becomes("n2", "egress", "web", "{.status.egressNode}")
	c.reports("n1", address) // which has it now, and says so later
	c.becomes("n1", "egress", "web", "{.status.egressNode}")
	c.becomes("True True", "egress", "web", "{.status.conditions[*].status}")
	c.agree()
	require.Contains(c.t, c.kubectl("", "get", "egress", "web"), address)
}

// agree compares what the server says with what agents make of it, whether it says so already or not.
func (c *controlled) agree() {
	c.t.Helper()
	var list struct{ Items []map[string]any }
	require.NoError(c.t, json.Unmarshal([]byte(c.kubectl("", "get", "nodes,namespaces,pods,services,egresses,externalippools", "-A", "-o", "json")), &list))
	items, said := []any{}, map[string]string{}
	for _, o := range list.Items {
		if kindAndName(o) == "ExternalIPPool upside-down" {
			continue
		}
		if status, ok := o["status"].(map[string]any); ok && o["kind"] == "Egress" {
			said[o["metadata"].(map[string]any)["name"].(string)], _ = status["egressIP"].(string)
		}
		items = append(items, o)
	}
	require.Len(c.t, said, 2)
	for _, with := range []bool{true, false} {
		for _, o := range items {
			if kind := o.(map[string]any)["kind"]; !with && (kind == "Egress" || kind == "Service") {
				delete(o.(map[string]any), "status")
			}
		}
		text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
		require.NoError(c.t, err)
		file := filepath.Join(c.t.TempDir(), "all.json")
		require.NoError(c.t, os.WriteFile(file, text, 0o600))
		out, err := exec.Command(c.headgate, "get", "egress", "-f", file, "-o", "json").Output()
		require.NoError(c.t, err, "%s", out)
		var got struct {
			Items []struct {
				Name      string
				Addresses []struct{ Address string }
			}
		}
		require.NoError(c.t, json.Unmarshal(out, &got))
		given := map[string]string{}
		for _, e := range got.Items {
			given[e.Name] = e.Addresses[0].Address
		}
		require.Equal(c.t, said, given)
	}
}

// tellsProgress: a policy is realised when all nodes that it concerns have said so, until it changes.
func (c *controlled) tellsProgress() {
	policy := strings.Replace(dropping, "APPLIED", "{namespaceSelector: {}}", 1)
	const so = "{.status.phase} {.status.currentNodesRealized}/{.status.desiredNodesRealized} {.status.observedGeneration}"
	const upstreamSo = `{.status.conditions[?(@.type=="Realized")].status} {.status.conditions[?(@.type=="Realized")].observedGeneration}`
	c.apply(policy)
	c.apply(strings.Replace(upstream, "PRIORITY", "5", 1))
	c.becomes("Realizing 0/2 1", "acnp", "drop", so)
	c.reports("n1", "")
	c.becomes("Realizing 1/2 1", "acnp", "drop", so)
	c.becomes("True 1", "clusternetworkpolicies.policy.networking.k8s.io", "upstream", upstreamSo)
	c.reports("n2", "")
	c.becomes("Realized 2/2 1", "acnp", "drop", so)
	c.apply(strings.Replace(policy, "192.0.2.0/24", "192.0.3.0/24", 1))
	c.apply(strings.Replace(upstream, "PRIORITY", "6", 1))
	c.becomes("Realizing 0/2 2", "acnp", "drop", so)
	c.becomes("False 2", "clusternetworkpolicies.policy.networking.k8s.io", "upstream", upstreamSo)
	c.reports("n1", "", `{kind: ClusterNetworkPolicy.crd.antrea.io, name: drop, code: HG4001, message: it cannot be expressed, previous: true}`)
	c.becomes("Failed 0/2 2", "acnp", "drop", so)
	c.becomes("it cannot be expressed", "acnp", "drop", "{.status.conditions[0].message}")
	c.reports("n1", "")
	c.reports("n2", "")
	c.becomes("Realized 2/2 2", "acnp", "drop", so)
	c.becomes("True 2", "clusternetworkpolicies.policy.networking.k8s.io", "upstream", upstreamSo)
}

// events lists what is recorded of an object.
func (c *controlled) events(name string) []string {
	out := c.kubectl("", "get", "events.events.k8s.io", "-n", "default", "-o", `jsonpath={range .items[*]}{.regarding.name}: {.reason}: {.note}{"\n"}{end}`)
	var lines []string
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, name+": ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// recordsOnce: an object with errors has one Event that says what is wrong with it, and so has one that a node rejects.
func (c *controlled) recordsOnce() {
	require.True(c.t, assertEventually(func() bool { return len(c.events("upside-down")) > 0 && len(c.events("drop")) > 0 }))
	require.Len(c.t, c.events("upside-down"), 1)
	require.Contains(c.t, c.events("upside-down")[0], "Rejected: the last text is not in force: HG1128: ")
	require.Contains(c.t, c.events("upside-down")[0], "hint: ")
	require.Len(c.t, c.events("drop"), 1)
	require.Contains(c.t, c.events("drop")[0], "HG4001: it cannot be expressed")
}

// answers: what is wrong is not stored, also where others would be wrong then, and who applies it is told why; trying is no different.
func (c *controlled) answers() {
	bad := nowhere()
	c.asks(true, "the server knows the certificate")
	said := c.refused(bad)
	require.Contains(c.t, said, `admission webhook "validate.headgate-net.github.io" denied the request: HG2007: there is no tier "nowhere"`)
	require.Contains(c.t, said, "(spec.tier); hint: declare the Tier")

	tier := "{apiVersion: crd.antrea.io/v1beta1, kind: Tier, metadata: {name: nowhere}, spec: {priority: 77}}\n---\n"
	c.apply(tier + bad) // the tier is as new as can be
	_, err := c.server.Kubectl("", "delete", "tier", "nowhere")
	require.ErrorContains(c.t, err, "HG2007")
	require.Contains(c.t, c.refused(strings.Replace(tier, "nowhere", "again", 1)), "HG2008")

	overlapping := strings.NewReplacer("upside-down", "beside", "192.168.0.30", "198.51.100.13", "192.168.0.20", "198.51.100.20").Replace(upsideDown)
	require.Contains(c.t, c.refused(overlapping), "HG2023")
	grouped := strings.NewReplacer("APPLIED", "{group: nobody}", "name: drop", "name: grouped").Replace(dropping)
	require.Contains(c.t, c.refused(grouped, "--warnings-as-errors", "--dry-run=server"), "Warning: HG2009: there is no ClusterGroup nobody")
	_, err = c.server.Kubectl("", "get", "acnp", "grouped")
	require.ErrorContains(c.t, err, "not found")
	late := strings.NewReplacer("APPLIED", "{namespaceSelector: {}}", "name: drop", "name: late", "priority: 1,", "priority: 2,", "Drop", "Allow", "192.0.2.0/24", "192.0.2.0/25",
		", {nodeSelector: {}}", "").Replace(dropping)
	said = ""
	require.True(c.t, assertEventually(func() bool { // a controller that has no time for it says nothing
		_, err := c.server.Kubectl(late, "apply", "-f", "-", "--warnings-as-errors", "--dry-run=server")
		if err != nil {
			said = err.Error()
		}
		return err != nil
	}))
	require.Contains(c.t, said,
		"Warning: HG3001: this rule never decides: rules before it decide all its traffic, some of it otherwise: see ClusterNetworkPolicy.crd.antrea.io drop spec.ingress[0] (spec.ingress[0])")
	lockedOut := strings.NewReplacer("APPLIED", "{nodeSelector: {}}", "name: drop", "name: locks-out").Replace(dropping)
	require.Contains(c.t, c.refused(lockedOut), "HG3007")
	c.kubectl("", "annotate", "externalippool", "upside-down", "note=its spec is as it was")
}

// nowhere is a policy of a tier that does not exist.
func nowhere() string {
	return strings.Replace(strings.Replace(dropping, "APPLIED", "{namespaceSelector: {}}", 1), "priority: 1,", "priority: 1, tier: nowhere,", 1)
}

// asks waits until the server asks whether it may store something, and hears an answer, or does not.
func (c *controlled) asks(yes bool, why string) {
	c.t.Helper()
	require.True(c.t, assertEventually(func() bool {
		_, err := c.server.Kubectl(strings.Replace(nowhere(), "nowhere", "never", 1), "apply", "-f", "-", "--dry-run=server")
		return (err != nil) == yes
	}), why)
}

// isRobbed: who finds that somebody else has the Lease writes no more, although it might renew it for some time yet; nobody else writes
// either, until the Lease is gone. Then one of the two goes on.
func (c *controlled) isRobbed(leader, other *running) {
	c.kubectl("", "patch", "lease", "headgate-controller", "-n", "headgate-system", "--type=merge", "-p",
		`{"spec":{"holderIdentity":"thief","leaseDurationSeconds":3600,"renewTime":"`+time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")+`"}}`)
	leader.await("the Lease was taken")
	require.True(c.t, assertEventually(func() bool { return !leader.leads() && !other.leads() }))
	const synced, written = "headgate_controller_sync_duration_seconds_count", `headgate_controller_status_writes_total{resource="egresses.crd.antrea.io",result="done"}`
	seen := [2]string{leader.measure(synced), other.measure(synced)}
	before := leader.measure(written)
	require.NotEmpty(c.t, before)
	c.apply(strings.NewReplacer("name: web", "name: third", "app: web", "app: third").Replace(strings.Split(leaving, "---")[1]))
	require.True(c.t, assertEventually(func() bool { return leader.measure(synced) != seen[0] && other.measure(synced) != seen[1] }), "both know of it")
	require.Empty(c.t, c.field("egress", "third", "{.status}"))
	require.Equal(c.t, before, leader.measure(written))
	c.kubectl("", "delete", "lease", "headgate-controller", "-n", "headgate-system")
	c.becomes("4", "externalippool", "out", "{.status.usage.used}")
	require.NotEmpty(c.t, c.field("egress", "third", "{.status.egressIP}"))
	c.kubectl("", "delete", "egress", "third")
	c.becomes("3", "externalippool", "out", "{.status.usage.used}")
}

// files writes a certificate for the webhook where a controller looks for it, as a Secret's volume does: others take the places of files.
func (c *controlled) files(dir string) (roots []byte) {
	c.t.Helper()
	pair, err := certificate.Make([]string{"127.0.0.1"}, time.Now(), certificate.Pair{})
	require.NoError(c.t, err)
	for name, text := range map[string][]byte{"tls.crt": pair.Cert, "tls.key": pair.Key} {
		require.NoError(c.t, os.WriteFile(filepath.Join(dir, "new"), text, 0o600))
		require.NoError(c.t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, name)))
	}
	return pair.Roots
}

// renews: the webhook of a controller that has a certificate in files answers with the one that is there now.
func (c *controlled) renews(r *running, dir string, first []byte) {
	trust := func(roots []byte) {
		c.kubectl("", "patch", "validatingwebhookconfiguration", "headgate", "--type=json", "-p",
			`[{"op":"replace","path":"/webhooks/0/clientConfig/caBundle","value":"`+base64.StdEncoding.EncodeToString(roots)+`"}]`)
	}
	c.door.open(r.webhook)
	trust(first)
	c.asks(true, "of the first certificate")
	trust(c.files(dir))
	c.asks(true, "of the second certificate")
	trust(c.files(c.t.TempDir()))
	c.asks(false, "who has another certificate is not heard")
}

// handsOver: when the leader is killed the other one goes on, and when that one ends the first is at it at once; what was written stays.
func (c *controlled) handsOver(first, second *running) {
	before := c.kubectl("", "get", "egress,externalippool,acnp,clusternetworkpolicies.policy.networking.k8s.io", "-o", "json")
	first.end(syscall.SIGKILL)
	second.await("this controller writes")
	third := strings.NewReplacer("name: web", "name: third", "app: web", "app: third").Replace(strings.Split(leaving, "---")[1])
	c.apply(third)
	c.becomes("4", "externalippool", "out", "{.status.usage.used}")
	require.NotEmpty(c.t, c.field("egress", "third", "{.status.egressIP}"))
	c.kubectl("", "delete", "egress", "third")
	c.becomes("3", "externalippool", "out", "{.status.usage.used}")

	dir := c.t.TempDir()
	roots := c.files(dir)
	back := c.run("three", "--webhook-tls-cert-file", filepath.Join(dir, "tls.crt"), "--webhook-tls-key-file", filepath.Join(dir, "tls.key"))
	back.await("another controller writes")
	c.isRobbed(second, back)
	second.end(syscall.SIGTERM)
	require.Contains(c.t, second.log.String(), "ended")
	back.await("this controller writes")
	c.renews(back, dir, roots)
	require.Len(c.t, c.events("upside-down"), 1)
	c.apply(third)
	c.becomes("4", "externalippool", "out", "{.status.usage.used}")
	c.kubectl("", "delete", "egress", "third")
	c.becomes("3", "externalippool", "out", "{.status.usage.used}")
	after := c.kubectl("", "get", "egress,acnp,clusternetworkpolicies.policy.networking.k8s.io", "-o", "json")
	for _, name := range []string{"egress/web", "egress/client", "acnp/drop"} {
		require.Equal(c.t, versionOf(c.t, before, name), versionOf(c.t, after, name), "%s is written for nothing", name)
	}
}

// versionOf finds an object's version in a list.
func versionOf(t *testing.T, text, object string) string {
	kind := map[string]string{"egress": "Egress", "acnp": "ClusterNetworkPolicy"}[strings.Split(object, "/")[0]]
	var list struct {
		Items []struct {
			Kind     string
			Metadata struct{ Name, ResourceVersion string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &list))
	for _, o := range list.Items {
		if o.Kind == kind && o.Metadata.Name == strings.Split(object, "/")[1] {
			return o.Metadata.ResourceVersion
		}
	}
	require.Fail(t, "not there", object)
	return ""
}

// givesBack: what nobody wants any more is free.
func (c *controlled) givesBack() {
	kept := c.field("egress", "client", "{.status.egressIP}")
	require.NotEmpty(c.t, c.field("service", "front", "{.status.loadBalancer.ingress[0].ip}"))
	c.kubectl("", "annotate", "service", "front", "-n", "shop", "service.antrea.io/external-ip-pool-")
	c.becomes("", "service", "front", "{.status.loadBalancer.ingress[0].ip}")
	c.kubectl("", "delete", "egress", "web")
	c.becomes("1", "externalippool", "out", "{.status.usage.used}")
	require.Equal(c.t, kept, c.field("egress", "client", "{.status.egressIP}"))
}
