package apiserver_test

import (
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

func refusedByBoth(t *testing.T, s *apiserver.Server) {
	known := differences()
	for _, c := range refused(t) {
		reason := known[c.name]
		delete(known, c.name)
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Kubectl(c.text, "create", "--dry-run=server", "-f", "-")
			ours := complaint(c.text)
			if reason != "" {
				require.NotEmpty(t, ours)
				require.NoError(t, err, "no longer a difference: %s", reason)
				return
			}
			if ours == "" {
				require.NoError(t, err, "headgate takes it, perhaps with a warning")
				return
			}
			require.Error(t, err, ours)
			require.Regexp(t, `invalid|unknown field|no matches for kind|Required value|Invalid value|strict decoding|unsupported value`, err.Error(), "not for what it says")
		})
	}
	require.Empty(t, known, "differences that no case shows")
}
