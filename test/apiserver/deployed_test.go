package apiserver_test

import (
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headgate-net/headgate/test/apiserver"
)

// deployed is a cluster of two nodes where deploy/ runs: the agent on each, and two controllers, as their pods say.
type deployed struct {
	*controlled
	nodes       map[string]*node
	agents      map[string]*pod
	controllers []*pod
}

// templates are the pods that deploy/ asks for, as the server has them.
type templates struct{ agent, controller corev1.PodTemplateSpec }

func templatesOf(t *testing.T, kubectl func(...string) string) (out templates) {
	t.Helper()
	var set appsv1.DaemonSet
	require.NoError(t, json.Unmarshal([]byte(kubectl("get", "daemonset", "-n", "headgate-system", "headgate-agent", "-o", "json")), &set))
	var deployment appsv1.Deployment
	require.NoError(t, json.Unmarshal([]byte(kubectl("get", "deployment", "-n", "headgate-system", "headgate-controller", "-o", "json")), &deployment))
	return templates{set.Spec.Template, deployment.Spec.Template}
}

// works: what was deployed runs, nobody has other rights than deploy/ gives him, and everybody hears from everybody: agents say what
// their nodes enforce, and controllers write what comes of it.
func works(t *testing.T, s *apiserver.Server, from templates) {
	d := &deployed{controlled: &controlled{followed: &followed{t: t, server: s, headgate: build(t)}, door: newDoor(t)}, nodes: map[string]*node{}, agents: map[string]*pod{}}
	// There is nobody who would lead to a Service.
	d.leadWebhookTo(d.door.listener.Addr().String())
	d.apply(shop)
	d.status("pod/web", `{"phase":"Running","podIP":"10.0.1.10","podIPs":[{"ip":"10.0.1.10"}]}`)
	d.status("pod/client", `{"phase":"Running","podIP":"10.0.2.10","podIPs":[{"ip":"10.0.2.10"}]}`)
	var ways []func() (net.Conn, error)
	for name, addr := range map[string]string{"n1": "192.168.0.1", "n2": "192.168.0.2"} {
		d.status("node/"+name, `{"addresses":[{"type":"InternalIP","address":"`+addr+`"}]}`)
		n := newNode(t, s, name)
		n.link(addr + "/24")
		d.nodes[name] = n
		d.agents[name] = d.start(n, "agent-"+name, from.agent)
		c := d.start(n, "controller-"+name, from.controller)
		d.controllers = append(d.controllers, c)
		ways = append(ways, func() (net.Conn, error) { return c.place.dial("tcp", "127.0.0.1:10264") })
	}
	d.door.lay(ways...)
	d.isConfined()
	d.moves()
	d.fails()
	d.rejects()
	d.leaves()
	d.ends()
}

// link gives a node a network with nobody in it.
func (n *node) link(addr string) {
	n.t.Helper()
	for _, args := range []string{"link add eth0 type veth peer name far0", "link set far0 up", "link set eth0 up", "address add " + addr + " dev eth0"} {
		out, err := n.place.command("ip", strings.Fields(args)...).CombinedOutput()
		require.NoError(n.t, err, "%s: %s", args, out)
	}
}

// start makes a pod of a template, as the controller of its DaemonSet or Deployment and the scheduler would, and runs it.
func (d *deployed) start(n *node, name string, from corev1.PodTemplateSpec) *pod {
	d.t.Helper()
	of := &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: from.ObjectMeta, Spec: from.Spec}
	of.Name, of.Namespace, of.Spec.NodeName = name, "headgate-system", n.name
	text, err := json.Marshal(of)
	require.NoError(d.t, err)
	d.apply(string(text))
	return n.run(d.headgate, of)
}

// leader waits until a controller leads, and returns it.
func (d *deployed) leader() (out *pod) {
	d.t.Helper()
	require.True(d.t, assertEventually(func() bool {
		for _, c := range d.controllers {
			if _, text := c.asks("127.0.0.1:10263/metrics"); c.process != nil && strings.Contains(text, "\nheadgate_controller_leader 1\n") {
				out = c
				return true
			}
		}
		return false
	}), "one leads")
	return out
}

// isConfined: the containers are what their pods say that they are, and nobody misses anything.
func (d *deployed) isConfined() {
	leader := d.leader()
	for name, agent := range d.agents {
		agent.await("rules in force")
		require.True(d.t, assertEventually(func() bool { code, _ := agent.asks("127.0.0.1:10262/readyz"); return code == 200 }), "the probe of the DaemonSet")
		require.Equal(d.t, []string{"0000000000003000", "0000000000003000", "2", "1", "0 0 0 0"}, // CAP_NET_ADMIN and CAP_NET_RAW; filtered
			[]string{agent.is("CapBnd"), agent.is("CapEff"), agent.is("Seccomp"), agent.is("NoNewPrivs"), agent.is("Uid")})
		require.Contains(d.t, d.nodes[name].place.rules(), "table inet headgate")
	}
	require.Equal(d.t, []string{"0000000000000000", "0000000000000000", "2", "1", "65532 65532 65532 65532"},
		[]string{leader.is("CapBnd"), leader.is("CapEff"), leader.is("Seccomp"), leader.is("NoNewPrivs"), leader.is("Uid")})
	require.True(d.t, assertEventually(func() bool { return strings.Count(d.kubectl("", "get", "nodestatus"), " True ") == 2 }), "each agent may write for its node")
	require.Contains(d.t, d.followed.status(0), "\nn2 ")
}

const progress = "{.status.phase} {.status.currentNodesRealized}/{.status.desiredNodesRealized} {.status.observedGeneration}"

// moves: a policy is on its way, and then in force on both nodes, again and again.
func (d *deployed) moves() {
	d.apply(d.dropping("192.0.2.0/24"))
	d.apply(strings.Replace(upstream, "PRIORITY", "5", 1))
	d.becomes("Realized 2/2 1", "acnp", "drop", progress)
	d.becomes("True", "clusternetworkpolicies.policy.networking.k8s.io", "upstream", `{.status.conditions[?(@.type=="Realized")].status}`)
	d.apply(d.dropping("192.0.3.0/24"))
	d.becomes("Realized 2/2 2", "acnp", "drop", progress)
	require.Regexp(d.t, `(?m)^drop +1 +2 +2 `, d.kubectl("", "get", "acnp", "drop"))
	for _, n := range d.nodes {
		require.Contains(d.t, n.place.rules(), "192.0.3.0/24")
	}
	require.Contains(d.t, d.followed.status(0, "acnp", "drop"), "Realised")
	for _, kind := range []string{"ClusterGroup", "Group"} { // whose members everybody knows
		d.apply(`{apiVersion: crd.antrea.io/v1beta1, kind: ` + kind + `, metadata: {name: web, namespace: shop}, spec: {podSelector: {matchLabels: {app: web}}}}`)
		d.becomes("GroupMembersComputed=True", strings.ToLower(kind), "web", "{.status.conditions[0].type}={.status.conditions[0].status}")
	}
}

func (d *deployed) dropping(cidr string) string {
	return strings.NewReplacer("APPLIED", "{namespaceSelector: {}}", "192.0.2.0/24", cidr).Replace(dropping)
}

// fails: on one node another program holds headgate's table, so that nothing new can be put in force there. Everybody is told which node
// and why, until it can again.
func (d *deployed) fails() {
	thief := d.nodes["n2"].place.command("nft", "-i")
	in, err := thief.StdinPipe()
	require.NoError(d.t, err)
	require.NoError(d.t, thief.Start())
	defer func() { _ = thief.Process.Kill(); _ = thief.Wait() }()
	_, err = io.WriteString(in, "delete table inet headgate; add table inet headgate { flags owner; }\n")
	require.NoError(d.t, err)
	require.True(d.t, assertEventually(func() bool { return strings.Contains(d.nodes["n2"].place.rules(), "flags owner") }))
	d.apply(d.dropping("192.0.4.0/24"))
	d.becomes("Failed 1/2 3", "acnp", "drop", progress)
	why := d.field("acnp", "drop", "{.status.conditions[0].status} {.status.conditions[0].reason} {.status.conditions[0].message}")
	require.Regexp(d.t, `^True NotInForce it cannot be put in force on n2: .*(not permitted|denied|busy)`, why)
	require.Contains(d.t, d.nodes["n1"].place.rules(), "192.0.4.0/24")
	require.Equal(d.t, "False NotInForce", d.field("nodestatus", "n2", "{.status.conditions[0].status} {.status.conditions[0].reason}"))
	require.Contains(d.t, d.followed.status(1), "n2: ")
	require.Contains(d.t, d.followed.status(1, "acnp", "drop"), "n2")
	require.NoError(d.t, in.Close()) // the table goes with who held it
	require.NoError(d.t, thief.Wait())
	d.becomes("Realized 2/2 3", "acnp", "drop", progress)
	d.becomes("False Realized", "acnp", "drop", "{.status.conditions[0].status} {.status.conditions[0].reason}")
	require.Contains(d.t, d.followed.status(0), "\nn2 ")
}

// rejects: of a policy with errors, which the webhook did not see, one Event tells, though two agents and the controller know of it.
func (d *deployed) rejects() {
	locksOut := func(name string, args ...string) func() bool {
		return func() bool {
			text := strings.NewReplacer("APPLIED", "{nodeSelector: {}}", "name: drop", "name: "+name).Replace(dropping)
			_, err := d.server.Kubectl(text, append([]string{"apply", "-f", "-"}, args...)...)
			return err == nil
		}
	}
	require.False(d.t, locksOut("locks-out")())
	address := d.door.listener.Addr().String()
	d.moveWebhook("127.0.0.1:1") // where nobody is
	require.True(d.t, assertEventually(locksOut("locks-out")), "who does not answer does not refuse")
	d.moveWebhook(address)
	d.becomes("Failed", "acnp", "locks-out", "{.status.phase}")
	d.becomes("HG3007", "acnp", "locks-out", "{.status.conditions[0].reason}")
	for _, name := range []string{"n1", "n2"} {
		require.True(d.t, assertEventually(func() bool {
			return strings.Contains(d.field("nodestatus", name, "{.status.rejected[*].code}"), "HG3007")
		}))
	}
	require.True(d.t, assertEventually(func() bool { return len(d.events("locks-out")) > 0 }))
	require.Len(d.t, d.events("locks-out"), 1)
	require.Contains(d.t, d.followed.status(1), "n1: ClusterNetworkPolicy.crd.antrea.io locks-out is rejected [HG3007]")
	d.kubectl("", "delete", "acnp", "locks-out")
	require.True(d.t, assertEventually(func() bool { return !locksOut("again", "--dry-run=server")() }), "who answers again does")
}

// leaves: the node that holds an Egress's address says so.
func (d *deployed) leaves() {
	d.apply(leaving)
	d.becomes("3", "externalippool", "out", "{.status.usage.used}")
	d.becomes("True True", "egress", "web", "{.status.conditions[*].status}")
	out, err := d.nodes[d.field("egress", "web", "{.status.egressNode}")].place.command("ip", "-o", "address").CombinedOutput()
	require.NoError(d.t, err)
	require.Contains(d.t, string(out), " "+d.field("egress", "web", "{.status.egressIP}")+"/")
}

// ends: whoever is told to end does, and when the leader does the other controller goes on.
func (d *deployed) ends() {
	d.leader().stops()
	d.apply(d.dropping("192.0.5.0/24"))
	d.becomes("Realized 2/2 4", "acnp", "drop", progress)
	d.leader().stops()
	for name, agent := range d.agents {
		for _, bad := range []string{"panic", "lacks CAP", "cannot be told to the API server"} {
			require.Zero(d.t, agent.logged(bad), bad)
		}
		if name == "n1" {
			require.Equal(d.t, agent.logged("code=HG3007")+agent.logged("objects with errors are left out"), agent.logged("level=ERROR"), "it could do all else")
		}
		agent.stops()
		require.Contains(d.t, d.nodes[name].place.rules(), "192.0.5.0/24", "the rules stay")
	}
}

// moveWebhook is leadWebhookTo for one that has a certificate.
func (c *controlled) moveWebhook(address string) {
	c.t.Helper()
	c.kubectl("", "patch", "validatingwebhookconfiguration", "headgate", "--type=json", "-p",
		`[{"op":"replace","path":"/webhooks/0/clientConfig/url","value":"https://`+address+`/validate"}]`)
}

// leadWebhookTo has the server ask who listens at an address.
func (c *controlled) leadWebhookTo(address string) {
	c.t.Helper()
	c.kubectl("", "patch", "validatingwebhookconfiguration", "headgate", "--type=json", "-p",
		`[{"op":"replace","path":"/webhooks/0/clientConfig","value":{"url":"https://`+address+`/validate"}}]`)
}
