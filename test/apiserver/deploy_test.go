package apiserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/headgate-net/headgate/runtime/nodestatus"
	"github.com/headgate-net/headgate/test/apiserver"
)

// A cluster takes all of deploy/ at once, twice, and what is for nodes with Open vSwitch on top of it. The agent's account may read what
// the agent follows, and do nothing else. Then what is deployed runs.
func TestDeploy(t *testing.T) {
	s := apiserver.Start(t)
	kubectl := func(args ...string) string {
		out, err := s.Kubectl("", args...)
		require.NoError(t, err, args)
		return out
	}
	installChart(t, s, kubectl)
	first := kubectl("apply", "-k", "../../deploy")
	require.Contains(t, first, "deployment.apps/headgate-controller created")
	require.Contains(t, first, "daemonset.apps/headgate-agent created")
	require.NotContains(t, kubectl("apply", "-k", "../../deploy"), "created")
	as := templatesOf(t, kubectl)
	require.Contains(t, kubectl("apply", "-k", "../../deploy/openvswitch"), "daemonset.apps/headgate-agent configured")
	require.Contains(t, kubectl("get", "daemonset", "-n", "headgate-system", "headgate-agent", "-o", "jsonpath={.spec.template.spec.containers[0].args}"), "--target=openflow")
	requireRights(t, kubectl, "headgate-system")
	requireControllerRights(t, kubectl)
	requireOwnStatusAlone(t, s, "system:serviceaccount:headgate-system:headgate-agent")
	works(t, s, as)
}

// requireOwnStatusAlone: an agent writes the status of the node on which its pod runs, and of no other; without a word of where that is, of
// none. Admission policies are in force some time after they are made.
func requireOwnStatusAlone(t *testing.T, s *apiserver.Server, account string) {
	t.Helper()
	offer := func(node, runsOn string) error {
		config, err := clientcmd.BuildConfigFromFlags("", s.Config())
		require.NoError(t, err)
		config.Impersonate.UserName = account
		if runsOn != "" {
			config.Impersonate.Extra = map[string][]string{"authentication.kubernetes.io/node-name": {runsOn}}
		}
		client, err := dynamic.NewForConfig(config)
		require.NoError(t, err)
		n := &nodestatus.NodeStatus{}
		n.Name = node
		o, err := n.Unstructured()
		require.NoError(t, err)
		require.NoError(t, unstructured.SetNestedField(o.Object, "2026-01-02T03:04:05Z", "status", "renewed"))
		_, err = client.Resource(nodestatus.GroupVersionResource()).Create(t.Context(), o, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		assert.ErrorContains(c, offer("n2", "n1"), "an agent writes the NodeStatus of its own node alone")
	}, time.Minute, 100*time.Millisecond)
	require.NoError(t, offer("n1", "n1"))
	require.ErrorContains(t, offer("n1", ""), "an agent writes the NodeStatus of its own node alone")
}

// requireRights: the agent's account in a namespace may read what the agent follows, write its own status, and do nothing else.
func requireRights(t *testing.T, kubectl func(...string) string, namespace string) {
	t.Helper()
	var readable, writable []string
	for _, line := range strings.Split(strings.TrimSpace(kubectl("auth", "can-i", "--list", "--no-headers", "--as", "system:serviceaccount:"+namespace+":headgate-agent")), "\n") {
		fields := strings.Fields(line)
		resource, verbs := fields[0], line[strings.LastIndex(line, "["):]
		switch {
		case resource == "clustertrustbundles.certificates.k8s.io": // every service account may
		case verbs == "[get list watch]":
			readable = append(readable, resource)
		case verbs == "[create patch]":
			writable = append(writable, resource)
		case strings.HasPrefix(resource, "self") || strings.HasPrefix(resource, "["): // what everybody may do: ask who he is, and what there is
		default:
			t.Errorf("the agent may %s", line)
		}
	}
	slices.Sort(readable)
	require.Equal(t, slices.Sorted(slices.Values(readBy(t, kubectl))), readable)
	require.Equal(t, []string{nodeStatuses}, writable)
}

const nodeStatuses = "nodestatuses.headgate-net.github.io"

// installChart has Helm install the chart, change what it installed, and take it away again: with it goes everything but the definitions.
func installChart(t *testing.T, s *apiserver.Server, kubectl func(...string) string) {
	t.Helper()
	helm := helm(t)
	release := func(args ...string) {
		t.Helper()
		_, err := helm([]string{"KUBECONFIG=" + s.Config()}, append(args, "--namespace", "networking")...)
		require.NoError(t, err)
	}
	of := func(path string) string {
		return kubectl("get", "daemonset", "-n", "networking", "headgate-agent", "-o", "jsonpath={"+path+"}")
	}
	release("install", "headgate", chart, "--create-namespace", "--set", "image.tag=v1")
	require.Equal(t, "headgate:v1", of(".spec.template.spec.containers[0].image"))
	requireRights(t, kubectl, "networking")
	release("upgrade", "headgate", chart, "--set", "agent.target=openflow", "--set", "agent.config.failClosed=true", "--set", "agent.gossipKeysSecret=keys")
	require.Equal(t, "state tun openvswitch config gossip", of(".spec.template.spec.volumes[*].name"))
	require.Contains(t, of(".spec.template.spec.containers[0].args"), "--target=openflow")
	require.Equal(t, "apiVersion: headgate-net.github.io/v1alpha1\nfailClosed: true\nkind: AgentConfiguration\n",
		kubectl("get", "configmap", "-n", "networking", "headgate-agent", "-o", `jsonpath={.data.agent\.yaml}`))
	release("uninstall", "headgate")
	for _, kind := range []string{"daemonset", "clusterrole", "clusterrolebinding", "serviceaccount", "configmap", "validatingadmissionpolicy"} {
		require.Empty(t, kubectl("get", kind, "-A", "-l", "helm.sh/chart", "-o", "name"), kind)
	}
}

// readBy lists the resources that the agent follows: Kubernetes' own, and all that deploy/crds defines but what it writes itself.
func readBy(t *testing.T, kubectl func(...string) string) []string {
	t.Helper()
	out := []string{"customresourcedefinitions.apiextensions.k8s.io", "namespaces", "nodes", "pods", "services", "endpointslices.discovery.k8s.io", "networkpolicies.networking.k8s.io"}
	defined := strings.Fields(kubectl("get", "crd", "-o", "jsonpath={.items[*].metadata.name}"))
	require.Len(t, defined, 13)
	require.Contains(t, defined, nodeStatuses)
	return append(out, slices.DeleteFunc(defined, func(name string) bool { return name == nodeStatuses })...)
}
