package apiserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/apiserver"
)

func TestDefinitions(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the API server that hack/envtest builds")
	}
	s := apiserver.Start(t)
	out, err := s.Kubectl("", "apply", "--server-side", "-f", "../../deploy/crds")
	require.NoError(t, err)
	t.Log(out)
	out, err = s.Kubectl("", "wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
	require.NoError(t, err)
	t.Log(out)
	out, err = s.Kubectl("", "get", "crd", "-o", `jsonpath={range .items[*]}{.metadata.name} {range .status.conditions[*]}{.type}={.status} {.message}{"; "}{end}{"\n"}{end}`)
	require.NoError(t, err)
	t.Log(out)
}
