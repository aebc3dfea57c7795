package pass_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/compiler"
	"github.com/headgate-net/headgate/compiler/manifest"
	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
)

// onion writes a policy of n rules whose port ranges lie in each other as the skins of an onion do. Each but the first is
// redundant, and the exact analysis needs twice as many boxes for a rule as there are rules within it.
func onion(n int) string {
	var b strings.Builder
	b.WriteString(`
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {nodeName: n1, containers: [{name: c}]}, status: {podIP: 10.0.0.1}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: onion, namespace: shop}
spec:
  podSelector: {}
  ingress:
`)
	for i := range n {
		fmt.Fprintf(&b, "  - ports: [{port: %d, endPort: %d}]\n", 1+i, 65535-i)
	}
	return b.String()
}

// TestAnalysisIsLimited holds that a list whose rules overlap in too many ways keeps them all, and that this is said.
func TestAnalysisIsLimited(t *testing.T) {
	t.Chdir(t.TempDir())
	// merge would make one rule of them in either case
	compile := func(n int) ([]diag.Finding, []ir.Rule) {
		require.NoError(t, os.WriteFile("onion.yaml", []byte(onion(n)), 0o644))
		report := &diag.Report{}
		objects := manifest.Read(t.Context(), manifest.Options{Files: []string{"onion.yaml"}}, report)
		result := compiler.Compile(objects, compiler.Options{Check: true, Disable: []string{"merge"}}, report)
		lists := result.Pipeline.Classifier(ir.Ingress, ir.Namespace).Lists
		require.Len(t, lists, 1)
		return report.Findings(), lists[0].Rules
	}

	findings, rules := compile(2000)
	require.Len(t, rules, 2, "the widest rule and the drop at the end")
	require.Len(t, findings, 1999)
	for _, f := range findings {
		require.Equal(t, diag.RedundantRule, f.Code)
	}

	findings, rules = compile(2100)
	require.Len(t, rules, 2101)
	var text strings.Builder
	require.NoError(t, diag.WriteText(&text, findings))
	require.Equal(t, `onion.yaml:14:5: note HG3003: the rule list that begins with this rule was not analysed to its end: its rules overlap in too many ways
    in NetworkPolicy shop/onion spec.ingress[0]
`, text.String())
}
