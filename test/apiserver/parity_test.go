package apiserver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

// asked says how to ask the API server about cases that kubectl create puts into another form before the server sees them.
func asked(s *apiserver.Server) map[string]func(text string) error {
	inEarnest := func(text string) error {
		_, err := s.Kubectl(text, "create", "-f", "-")
		return err
	}
	return map[string]func(text string) error{
		// kubectl takes the last of two equal keys; the server reads YAML, too, and is as strict as headgate.
		"kinds/key twice": func(text string) error {
			return s.OfferYAML("/apis/crd.antrea.io/v1beta1/clusternetworkpolicies", []byte(text))
		},
		// In a dry run the server hands out any port.
		"service/node port above the range": inEarnest,
		"service/negative node port":        inEarnest,
		// A name that is made up at each creation is no name to apply a manifest by.
		"kinds/policy without a name": func(text string) error {
			_, err := s.Kubectl(text, "apply", "--dry-run=server", "-f", "-")
			return err
		},
	}
}

// newer are the cases of the reader's test that headgate takes with a warning, as API servers did before they became stricter.
func newer() []string { return []string{"service/source range with host bits"} }

// beyond are the cases that headgate refuses, and Antrea's webhook with it, but that the rules of a definition cannot tell: addresses have
// no order there.
func beyond() []string {
	return []string{"externalippool/reversed", "externalippool/the same block twice", "externalippool/overlap at one address",
		"externalippool/overlap at a network's address", "externalippool/range around another"}
}

func refusedByBoth(t *testing.T, s *apiserver.Server) {
	special := asked(s)
	for _, c := range refused(t) {
		if strings.HasPrefix(c.name, "service-status/") {
			continue // see statusRefusedByBoth
		}
		ask := special[c.name]
		if delete(special, c.name); ask == nil {
			ask = func(text string) error {
				_, err := s.Kubectl(text, "create", "--dry-run=server", "-f", "-")
				return err
			}
		}
		t.Run(c.name, func(t *testing.T) {
			err, ours := ask(c.text), complaint(c.text)
			if slices.Contains(newer(), c.name) {
				require.Empty(t, ours)
				require.ErrorContains(t, err, "must not have bits set beyond the prefix length")
				return
			}
			if slices.Contains(beyond(), c.name) {
				require.NotEmpty(t, ours)
				require.NoError(t, err)
				return
			}
			if ours == "" {
				require.NoError(t, err, "headgate takes it, perhaps with a warning")
				return
			}
			require.Error(t, err, ours)
			require.Regexp(t, `invalid|unknown field|no matches for kind|Required value|Invalid value|strict decoding|unsupported value|cannot use generate name|failed to allocate requested`, err.Error(), "not for what it says")
		})
	}
	require.Empty(t, special, "cases that there are not")
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
