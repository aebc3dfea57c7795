package apiserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/test/apiserver"
)

// TestAPIServer gives a real API server headgate's definitions and asks it what it takes.
func TestAPIServer(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a built API server")
	}
	s := apiserver.Start(t)
	_, err := s.Kubectl("", "create", "namespace", "shop")
	require.NoError(t, err)
	t.Run("definitions", func(t *testing.T) { definitions(t, s) })
	t.Run("admission policies", func(t *testing.T) { admissionPolicies(t, s) })
	t.Run("random Services", func(t *testing.T) { randomServices(t, s) })
	t.Run("large", func(t *testing.T) { large(t, s) })
	t.Run("altered", func(t *testing.T) { alteredByBoth(t, s) })
	t.Run("accepted", func(t *testing.T) { acceptedByBoth(t, s) })
	t.Run("egress", func(t *testing.T) { egress(t, s) })
	t.Run("columns", func(t *testing.T) { columns(t, s) })
	t.Run("refused", func(t *testing.T) { refusedByBoth(t, s) })
	t.Run("status refused", func(t *testing.T) { statusRefusedByBoth(t, s) })
	t.Run("changes", func(t *testing.T) { changes(t, s) })
	t.Run("examples", func(t *testing.T) { examples(t, s) })
}

func definitions(t *testing.T, s *apiserver.Server) {
	_, err := s.Kubectl("", "apply", "-f", "../../deploy/crds")
	require.NoError(t, err)
	_, err = s.Kubectl("", "wait", "--for=condition=Established", "--timeout=120s", "crd", "--all")
	require.NoError(t, err)
	out, err := s.Kubectl("", "get", "crd", "-o", `jsonpath={range .items[*]}{.metadata.name}{range .status.conditions[*]} {.type}={.status}{end}{"\n"}{end}`)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 13)
	for _, line := range lines {
		conditions := strings.Fields(line)[1:]
		require.Subset(t, conditions, []string{"Established=True", "NamesAccepted=True"}, line)
		// A schema that is not structural has a condition that says so.
		require.NotContains(t, conditions, "NonStructuralSchema=True")
		require.NotContains(t, conditions, "KubernetesAPIApprovalPolicyConformant=False")
	}
}

// admissionPolicies waits until they are in force, which the API server sees to in its own time.
func admissionPolicies(t *testing.T, s *apiserver.Server) {
	_, err := s.Kubectl("", "apply", "-f", "../../deploy/admission")
	require.NoError(t, err)
	out, err := s.Kubectl("", "get", "validatingadmissionpolicies", "-o", `jsonpath={.items[*].metadata.name}`)
	require.NoError(t, err)
	require.Len(t, strings.Fields(out), 9)
	bad := map[string]string{
		"ClusterGroup":               "apiVersion: crd.antrea.io/v1beta1\nspec: {podSelector: {matchLabels: {a/b/c: d}}}\n",
		"Group":                      "apiVersion: crd.antrea.io/v1beta1\nspec: {podSelector: {matchLabels: {a/b/c: d}}}\n",
		"NetworkPolicy":              "apiVersion: crd.antrea.io/v1beta1\nspec: {priority: 1, appliedTo: [{podSelector: {matchLabels: {a/b/c: d}}}]}\n",
		"AdminNetworkPolicy":         "apiVersion: policy.networking.k8s.io/v1alpha1\nspec: {priority: 1, subject: {namespaces: {matchLabels: {a/b/c: d}}}}\n",
		"BaselineAdminNetworkPolicy": "apiVersion: policy.networking.k8s.io/v1alpha1\nspec: {subject: {namespaces: {matchLabels: {a/b/c: d}}}}\n",
	}
	bad["ClusterNetworkPolicy"] = bad["NetworkPolicy"]
	upstream := "apiVersion: policy.networking.k8s.io/v1alpha2\nspec: {tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {a/b/c: d}}}}\n"
	for kind, text := range bad {
		refusedInTheEnd(t, s, text+"kind: "+kind+"\nmetadata: {name: default}\n")
	}
	refusedInTheEnd(t, s, upstream+"kind: ClusterNetworkPolicy\nmetadata: {name: default}\n")
}

func refusedInTheEnd(t *testing.T, s *apiserver.Server, text string) {
	for range 500 {
		if _, err := s.Kubectl(text, "create", "--dry-run=server", "-f", "-"); err != nil {
			require.ErrorContains(t, err, "ValidatingAdmissionPolicy", text)
			return
		}
	}
	require.Fail(t, "the admission policy is not in force", text)
}

func acceptedByBoth(t *testing.T, s *apiserver.Server) {
	for _, c := range accepted(t) {
		t.Run(c.name, func(t *testing.T) {
			require.Empty(t, complaint(c.text), "headgate refuses it")
			out, err := s.Kubectl(c.text, "apply", "-f", "-")
			require.NoError(t, err, "the API server refuses it")
			require.NotContains(t, out, "unchanged")
		})
	}
	everyFieldOccurs(t)
}

// columns checks what kubectl get shows under the short names.
func columns(t *testing.T, s *apiserver.Server) {
	_, err := s.Kubectl("", "patch", "acnp", "nodes", "--subresource=status", "--type=merge", "-p", `{"status":{"phase":"Realizing","observedGeneration":1,"currentNodesRealized":2,"desiredNodesRealized":3}}`)
	require.NoError(t, err)
	table := map[string]struct{ header, row string }{
		"acnp": {"NAME TIER PRIORITY DESIRED NODES CURRENT NODES AGE", "nodes application 5 3 2"},
		"annp": {"NAME TIER PRIORITY DESIRED NODES CURRENT NODES AGE", "every-peer Application 5"},
		"tr":   {"NAME PRIORITY AGE", "audit 60"},
		"tier": {"NAME PRIORITY AGE", "emergency 50"},
		"eg":   {"NAME EGRESSIP AGE NODE", "one 203.0.113.10"},
		"eip":  {"NAME TOTAL USED AGE", "outside 73 2"},
		"cg":   {"NAME AGE", "members"},
		"grp":  {"NAME AGE", "members"},
		"en":   {"NAME AGE", "vm1"},
		"ee":   {"NAME AGE", "vm1-eth0"},
		"cnp":  {"NAME TIER PRIORITY AGE", "every-peer Admin 0"},
		"anp":  {"NAME PRIORITY AGE", "every-peer 1000"},
		"banp": {"NAME AGE", "default"},
	}
	for short, want := range table {
		t.Run(short, func(t *testing.T) {
			out, err := s.Kubectl("", "get", short, "-n", "shop")
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(out), "\n")
			require.Equal(t, want.header, strings.Join(strings.Fields(lines[0]), " "))
			require.True(t, slices.ContainsFunc(lines[1:], func(line string) bool {
				return strings.HasPrefix(strings.Join(strings.Fields(line), " ")+" ", want.row+" ")
			}), out)
		})
	}
}

// changes are refused that would turn the order of policies around.
func changes(t *testing.T, s *apiserver.Server) {
	_, err := s.Kubectl("", "patch", "tier", "audit", "--type=merge", "-p", `{"spec":{"priority":61}}`)
	require.ErrorContains(t, err, "cannot be changed")
	_, err = s.Kubectl("", "patch", "tier", "audit", "--type=merge", "-p", `{"spec":{"description":"for nobody"}}`)
	require.NoError(t, err)
}

// examples applies what the repository's examples consist of, kinds of Kubernetes among them, in the way of a first
// installation: namespaces before what is in them.
func examples(t *testing.T, s *apiserver.Server) {
	dirs, err := filepath.Glob("../../examples/*")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var namespaces, rest []string
			for _, o := range objects(t, dir) {
				text, err := yaml.Marshal(o)
				require.NoError(t, err)
				if o["kind"] == "Namespace" {
					namespaces = append(namespaces, string(text))
				} else {
					rest = append(rest, string(text))
				}
			}
			if len(namespaces) > 0 {
				_, err := s.Kubectl(strings.Join(namespaces, "---\n"), "apply", "-f", "-")
				require.NoError(t, err)
			}
			// Examples have objects of the same name: nothing else is kept.
			require.NotEmpty(t, rest)
			_, err := s.Kubectl(strings.Join(rest, "---\n"), "apply", "--dry-run=server", "-f", "-")
			require.NoError(t, err)
		})
	}
}

// objects reads every object of a directory, those of Lists one by one.
func objects(t *testing.T, dir string) []map[string]any {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	var out []map[string]any
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for doc := range strings.SplitSeq(string(text), "\n---\n") {
			var object map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(doc), &object), path)
			items, _ := object["items"].([]any)
			for _, item := range items {
				out = append(out, item.(map[string]any))
			}
			if object["kind"] != nil && items == nil {
				out = append(out, object)
			}
		}
	}
	return out
}
