package apiserver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The controller's account may do what the controller does: read what it compiles, write status, record Events, and keep one Lease, Secret
// and ValidatingWebhookConfiguration; and nothing else.
func requireControllerRights(t *testing.T, kubectl func(...string) string) {
	t.Helper()
	const account = "system:serviceaccount:headgate-system:headgate-controller"
	var readable []string
	more := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(kubectl("auth", "can-i", "--list", "--no-headers", "-n", "headgate-system", "--as", account)), "\n") {
		fields := strings.Fields(line)
		resource, verbs := fields[0], line[strings.LastIndex(line, "["):]
		switch {
		case resource == "clustertrustbundles.certificates.k8s.io": // every service account may
		case verbs == "[get list watch]":
			readable = append(readable, resource)
		case strings.HasPrefix(resource, "self") || strings.HasPrefix(resource, "["): // what everybody may do
		default:
			name := fields[2]
			more[verbs+" "+name] = append(more[verbs+" "+name], resource)
		}
	}
	slices.Sort(readable)
	require.Equal(t, slices.Sorted(slices.Values(append(readBy(t, kubectl), "nodestatuses.headgate-net.github.io"))), readable)
	for _, list := range more {
		slices.Sort(list)
	}
	require.Equal(t, map[string][]string{
		"[create] []":                        {"events.events.k8s.io", "leases.coordination.k8s.io"},
		"[get update] [headgate-controller]": {"leases.coordination.k8s.io"},
		"[get update] [headgate-webhook]":    {"secrets"},
		"[get patch] [headgate]":             {"validatingwebhookconfigurations.admissionregistration.k8s.io"},
		"[patch] []": {"adminnetworkpolicies.policy.networking.k8s.io/status", "baselineadminnetworkpolicies.policy.networking.k8s.io/status",
			"clustergroups.crd.antrea.io/status", "clusternetworkpolicies.crd.antrea.io/status", "clusternetworkpolicies.policy.networking.k8s.io/status",
			"egresses.crd.antrea.io/status", "externalippools.crd.antrea.io/status", "groups.crd.antrea.io/status", "networkpolicies.crd.antrea.io/status", "services/status"},
	}, more)
}
