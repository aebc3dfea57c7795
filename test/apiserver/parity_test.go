package apiserver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

// differences are the cases of the reader's test that headgate refuses and the API server takes, with the reason.
func differences() map[string]string {
	const kubectl = "kubectl leaves the namespace of a cluster-wide object out before the API server sees it"
	return map[string]string{
		"tier/namespace": kubectl,
		"kinds/ClusterNetworkPolicy in a namespace": kubectl,
		"kinds/key twice":             "kubectl takes the last of two equal keys before the API server sees the object",
		"kinds/policy without a name": "the API server makes up a name from generateName; a manifest that headgate reads has nobody to do so",
	}
}

// newer are the cases of the reader's test that headgate takes with a warning, as API servers did before they became stricter.
func newer() []string { return []string{"service/source range with host bits"} }

// inEarnest are the cases that the API server refuses only when it really creates the object: in a dry run it hands out any port.
func inEarnest() []string {
	return []string{"service/node port above the range", "service/negative node port"}
}

func refusedByBoth(t *testing.T, s *apiserver.Server) {
	known := differences()
	for _, c := range refused(t) {
		if strings.HasPrefix(c.name, "service-status/") {
			continue // see statusRefusedByBoth
		}
		reason := known[c.name]
		delete(known, c.name)
		t.Run(c.name, func(t *testing.T) {
			args := []string{"create", "--dry-run=server", "-f", "-"}
			if slices.Contains(inEarnest(), c.name) {
				args = slices.Delete(args, 1, 2)
			}
			_, err := s.Kubectl(c.text, args...)
			ours := complaint(c.text)
			if reason != "" {
				require.NotEmpty(t, ours)
				require.NoError(t, err, "no longer a difference: %s", reason)
				return
			}
			if slices.Contains(newer(), c.name) {
				require.Empty(t, ours)
				require.ErrorContains(t, err, "must not have bits set beyond the prefix length")
				return
			}
			if ours == "" {
				require.NoError(t, err, "headgate takes it, perhaps with a warning")
				return
			}
			require.Error(t, err, ours)
			require.Regexp(t, `invalid|unknown field|no matches for kind|Required value|Invalid value|strict decoding|unsupported value|failed to allocate requested`, err.Error(), "not for what it says")
		})
	}
	require.Empty(t, known, "differences that no case shows")
}

// statusRefusedByBoth writes the status of a Service that is there: when it is created, the API server drops its status.
func statusRefusedByBoth(t *testing.T, s *apiserver.Server) {
	count := 0
	for _, c := range refused(t) {
		if !strings.HasPrefix(c.name, "service-status/") {
			continue
		}
		count++
		t.Run(c.name, func(t *testing.T) {
			require.NotEmpty(t, complaint(c.text))
			_, err := s.Kubectl(c.text, "create", "-f", "-")
			require.NoError(t, err)
			_, err = s.Kubectl(c.text, "replace", "--subresource=status", "--dry-run=server", "-f", "-")
			require.ErrorContains(t, err, "status.loadBalancer.ingress")
			_, err = s.Kubectl(c.text, "delete", "-f", "-")
			require.NoError(t, err)
		})
	}
	require.Positive(t, count)
}
