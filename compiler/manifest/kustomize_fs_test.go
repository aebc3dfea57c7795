package manifest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
)

// watchNetwork makes both ways by which kustomize fetches end in this test: a server, whose address it returns, and a program
// in place of git. It is an error if one is used.
func watchNetwork(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("fetched %s", r.URL)
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	bin := t.TempDir()
	called := filepath.Join(bin, "called")
	require.NoError(t, os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\necho \"$@\" >>"+called+"\nexit 1\n"), 0o755))
	t.Setenv("PATH", bin)
	t.Cleanup(func() {
		arguments, err := os.ReadFile(called)
		require.ErrorIs(t, err, os.ErrNotExist, "git %s", arguments)
	})
	return server.URL
}

// kustomizeFindings reads the kustomization in a directory.
func kustomizeFindings(t *testing.T, dir string) ([]diag.Finding, string) {
	var report diag.Report
	Read(t.Context(), Options{Kustomize: []string{dir}}, &report)
	var text strings.Builder
	require.NoError(t, diag.WriteText(&text, report.Findings()))
	return report.Findings(), text.String()
}

func TestKustomizeFetchesNothing(t *testing.T) {
	url := watchNetwork(t)
	files := map[string]string{
		"overlay/kustomization.yaml": `resources:
- URL/policies.yaml
- ../base
components: ["git::https://git.example/org/repo//component?ref=v1"]
crds: [URL/crd.json]
configurations:
- URL/configuration.yaml
openapi: {path: URL/schema.json}
patchesStrategicMerge: [URL/merge.yaml]
patches:
- path: URL/patch.yaml
  target: {kind: Pod}
patchesJson6902:
- {path: URL/patch.json, target: {version: v1, kind: Pod, name: a}}
replacements: [{path: URL/replacement.yaml}]
configMapGenerator:
- name: a
  files: [a=URL/a, URL/b]
  envs: [URL/env]
  literals: [home=https://kept.example/]
secretGenerator: [{name: b, env: URL/env}]
commonAnnotations: {path: https://kept.example/}
generators:
- ../plugins
- |-
  apiVersion: builtin
  kind: ConfigMapGenerator
  metadata: {name: inline}
  files: [URL/c]
transformers: [transformer.yaml]
validators: [URL/validator.yaml]
`,
		"overlay/transformer.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: URL/patch.yaml\n",
		"base/Kustomization":       "bases:\n- ssh://git@git.example/org/repo\n- pods\n",
		"base/pods/kustomization.yml": `commonAnnotations: {a: &same "git@git.example:org/repo"}
Resources:
- *same
- github.com/org/repo
- GitHub.com:org/repo.git?ref=main
- file:///srv/repo
- !!binary Z2l0aHViLmNvbS9vcmcvcmVwbw==
`,
		"plugins/kustomization.yaml": "resources: [generator.yaml]\n",
		"plugins/generator.yaml":     "apiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: g}\nenvs: [URL/env]\n",
	}
	for name, text := range files {
		files[name] = strings.ReplaceAll(text, "URL", url)
	}
	write(t, files)
	findings, text := kustomizeFindings(t, "overlay")
	var at []string
	for _, f := range findings {
		require.Equal(t, diag.RemoteInput, f.Code, text)
		at = append(at, f.Origin.Pos.String()+" "+f.Origin.Field)
	}
	require.Equal(t, []string{
		"base/Kustomization:2:3 bases[0]",
		"base/pods/kustomization.yml:1:24 Resources[0]",
		"base/pods/kustomization.yml:4:3 Resources[1]",
		"base/pods/kustomization.yml:5:3 Resources[2]",
		"base/pods/kustomization.yml:6:3 Resources[3]",
		"base/pods/kustomization.yml:7:3 Resources[4]",
		"overlay/kustomization.yaml:2:3 resources[0]",
		"overlay/kustomization.yaml:4:14 components[0]",
		"overlay/kustomization.yaml:5:8 crds[0]",
		"overlay/kustomization.yaml:7:3 configurations[0]",
		"overlay/kustomization.yaml:8:17 openapi.path",
		"overlay/kustomization.yaml:9:25 patchesStrategicMerge[0]",
		"overlay/kustomization.yaml:11:9 patches[0].path",
		"overlay/kustomization.yaml:14:10 patchesJson6902[0].path",
		"overlay/kustomization.yaml:15:23 replacements[0].path",
		"overlay/kustomization.yaml:18:11 configMapGenerator[0].files[0]",
		"overlay/kustomization.yaml:18:39 configMapGenerator[0].files[1]",
		"overlay/kustomization.yaml:19:10 configMapGenerator[0].envs[0]",
		"overlay/kustomization.yaml:21:34 secretGenerator[0].env",
		"overlay/kustomization.yaml:25:3 generators[1].files[0]",
		"overlay/kustomization.yaml:31:14 validators[0]",
		"overlay/transformer.yaml:4:7 path",
		"plugins/generator.yaml:4:8 envs[0]",
	}, at, text)
}

func TestKustomizeRefusesRemoteDirectory(t *testing.T) {
	url := watchNetwork(t)
	for _, dir := range []string{url + "/org/repo", "github.com/org/repo?ref=main", "git@git.example:org/repo", "ssh://git.example/org/repo"} {
		findings, text := kustomizeFindings(t, dir)
		require.Len(t, findings, 1)
		require.Equal(t, dir+": error HG1013: this lies elsewhere, and headgate does not use the network\n"+
			"    hint: vendor it and name the copy, or pipe `kustomize build DIR` into `headgate compile -f -`\n", text)
	}
}

// TestKustomizeRunsNothing holds that neither helm nor plugins that are programs can be called.
func TestKustomizeRunsNothing(t *testing.T) {
	called := filepath.Join(t.TempDir(), "called")
	program := "#!/bin/sh\necho >" + called + "\n"
	dir := write(t, map[string]string{
		"helm/kustomization.yaml":         "helmCharts: [{name: chart, repo: 'https://charts.example', version: 1.0.0}]\n",
		"helmplugin/kustomization.yaml":   "generators: [chart.yaml]\n",
		"helmplugin/chart.yaml":           "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: c}\nname: chart\nrepo: https://charts.example\n",
		"execplugin/kustomization.yaml":   "generators: [g.yaml]\n",
		"execplugin/g.yaml":               "apiVersion: shop.example/v1\nkind: Gen\nmetadata: {name: g}\n",
		"execfunction/kustomization.yaml": "generators: [g.yaml]\n",
		"execfunction/g.yaml": "apiVersion: shop.example/v1\nkind: Gen\nmetadata:\n  name: g\n  annotations:\n" +
			"    config.kubernetes.io/function: |\n      exec: {path: ./program}\n",
	})
	plugin := filepath.Join(dir, "home/kustomize/plugin/shop.example/v1/gen")
	require.NoError(t, os.MkdirAll(plugin, 0o755))
	for _, path := range []string{filepath.Join(dir, "helm/helm"), filepath.Join(dir, "execfunction/program"), filepath.Join(plugin, "Gen")} {
		require.NoError(t, os.WriteFile(path, []byte(program), 0o755))
	}
	t.Setenv("PATH", filepath.Join(dir, "helm"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "home"))
	t.Setenv("KUSTOMIZE_PLUGIN_HOME", filepath.Join(dir, "home/kustomize/plugin"))
	for name, want := range map[string]string{
		"helm": "--enable-helm", "helmplugin": "--enable-helm", "execplugin": "plugins disabled", "execfunction": "plugins disabled",
	} {
		findings, text := kustomizeFindings(t, name)
		require.Len(t, findings, 1, name)
		require.Equal(t, diag.Unreadable, findings[0].Code, text)
		require.Contains(t, text, want, name)
	}
	require.NoFileExists(t, called)
}
