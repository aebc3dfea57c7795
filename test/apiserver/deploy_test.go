package apiserver

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const agentAccount = "system:serviceaccount:headgate-system:headgate-agent"

// A cluster takes all of deploy/ at once, twice, and what is for nodes with Open vSwitch on top of it. The agent's account may read what
// the agent follows, and do nothing else.
func TestDeploy(t *testing.T) {
	s := Start(t)
	kubectl := func(args ...string) string {
		out, err := s.Kubectl("", args...)
		require.NoError(t, err, args)
		return out
	}
	first := kubectl("apply", "-k", "../../deploy")
	require.Contains(t, first, "daemonset.apps/headgate-agent created")
	require.NotContains(t, kubectl("apply", "-k", "../../deploy"), "created")
	require.Contains(t, kubectl("apply", "-k", "../../deploy/openvswitch"), "daemonset.apps/headgate-agent configured")
	require.Contains(t, kubectl("get", "daemonset", "-n", "headgate-system", "headgate-agent", "-o", "jsonpath={.spec.template.spec.containers[0].args}"), "--target=openflow")

	var readable []string
	for _, line := range strings.Split(strings.TrimSpace(kubectl("auth", "can-i", "--list", "--no-headers", "--as", agentAccount)), "\n") {
		fields := strings.Fields(line)
		resource, verbs := fields[0], line[strings.LastIndex(line, "["):]
		switch {
		case resource == "clustertrustbundles.certificates.k8s.io": // every service account may
		case verbs == "[get list watch]":
			readable = append(readable, resource)
		case strings.HasPrefix(resource, "self") || strings.HasPrefix(resource, "["): // what everybody may do: ask who he is, and what there is
		default:
			t.Errorf("the agent may %s", line)
		}
	}
	slices.Sort(readable)
	require.Equal(t, slices.Sorted(slices.Values(followed(t, kubectl))), readable)
}

// followed lists the resources that the agent follows: Kubernetes' own, and all that deploy/crds defines.
func followed(t *testing.T, kubectl func(...string) string) []string {
	t.Helper()
	out := []string{"namespaces", "nodes", "pods", "services", "endpointslices.discovery.k8s.io", "networkpolicies.networking.k8s.io"}
	defined := strings.Fields(kubectl("get", "crd", "-o", "jsonpath={.items[*].metadata.name}"))
	require.Len(t, defined, 12)
	return append(out, defined...)
}
