package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/internal/source"
)

func kustomization() map[string]string {
	return map[string]string{
		"base/kustomization.yaml": "resources: [policy.yaml, pods.yaml]\n",
		"base/policy.yaml": `# the shop
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - ports: [{port: 80}]
    from:
    - ipBlock: {cidr: 10.0.0.1/8}
`,
		"base/pods.yaml": ns("other") + "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers: [{name: c}]\n",
		"overlay/kustomization.yaml": `namespace: shop
namePrefix: my-
resources: [../base]
configMapGenerator:
- name: generated
  literals: [a=b]
patches:
- patch: |-
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web}
    spec:
      egress: [{ports: [{port: 0}]}]
`,
	}
}

func TestKustomizeKeepsPositions(t *testing.T) {
	write(t, kustomization())
	var report diag.Report
	objects := Read(t.Context(), Options{Kustomize: []string{"overlay"}}, &report)
	var text strings.Builder
	require.NoError(t, diag.WriteText(&text, report.Findings()))
	require.Equal(t, `base/policy.yaml:6:3: error HG1105: 0 is not a port number
    in NetworkPolicy shop/my-web spec.egress[0].ports[0].port
    hint: use a number from 1 to 65535
base/policy.yaml:10:23: warning HG1102: 10.0.0.1/8 has bits set beyond its prefix length; it is taken as 10.0.0.0/8
    in NetworkPolicy shop/my-web spec.ingress[0].from[0].ipBlock.cidr
    hint: write 10.0.0.0/8; API servers from 1.37 refuse host bits
overlay: note HG1007: skipped 1 object of a kind that headgate does not read: ConfigMap
`, text.String())
	require.Len(t, objects.Pods, 1)
	require.Equal(t, "Pod shop/my-a", objects.Pods[0].ID())
	require.Equal(t, source.Pos{File: "base/pods.yaml", Line: 6, Col: 1}, objects.Pods[0].Pos)
	require.Empty(t, objects.Pods[0].Annotations)
}

func TestKustomizeErrors(t *testing.T) {
	dir := write(t, map[string]string{"empty/x": "", "bad/kustomization.yaml": "resources: [missing.yaml]\n", "nothing/kustomization.yaml": "namePrefix: a-\n"})
	for name, want := range map[string]struct {
		code diag.Code
		text string
	}{
		"empty":   {diag.Unreadable, "unable to find one of"},
		"bad":     {diag.Unreadable, "missing.yaml"},
		"absent":  {diag.Unreadable, "absent"},
		"nothing": {diag.NoManifests, "no manifests"},
	} {
		var report diag.Report
		Read(t.Context(), Options{Kustomize: []string{name}}, &report)
		require.Len(t, report.Findings(), 1, name)
		f := report.Findings()[0]
		require.Equal(t, want.code, f.Code, name)
		require.Equal(t, name, f.Origin.Pos.File)
		require.Contains(t, f.Message, want.text, name)
		require.NotContains(t, f.Message, dir, "positions and messages are the same wherever the directory is")
	}
}
