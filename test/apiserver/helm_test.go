package apiserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/test/apiserver"
)

const chart = "../../deploy/helm/headgate"

// helm is the real one, which Go builds once.
func helm(t *testing.T) func(env []string, args ...string) (string, error) {
	t.Helper()
	tool := exec.Command("go", "tool", "-n", "helm")
	tool.Dir = "../../hack/helm"
	tool.Stderr = os.Stderr
	program, err := tool.Output()
	require.NoError(t, err, "building helm")
	home := t.TempDir()
	return func(env []string, args ...string) (string, error) {
		cmd := exec.Command(strings.TrimSpace(string(program)), args...)
		cmd.Env = append(append(os.Environ(), "HOME="+home, "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home), env...)
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			return out.String(), errors.New(out.String() + complaint.String())
		}
		return out.String(), nil
	}
}

// object is what a manifest describes, without types.
type object = map[string]any

// objects reads a stream of manifests: each by kind and name.
func manifests(t *testing.T, text string) map[string]object {
	t.Helper()
	out := map[string]object{}
	for _, document := range strings.Split("\n"+text, "\n---") {
		var o object
		require.NoError(t, yaml.Unmarshal([]byte(document), &o), document)
		if o == nil {
			continue
		}
		name := o["kind"].(string) + " " + o["metadata"].(object)["name"].(string)
		require.NotContains(t, out, name, "described twice")
		out[name] = o
	}
	return out
}

// plain removes what Helm alone puts on objects, which has to be there.
func plain(t *testing.T, set map[string]object) map[string]object {
	t.Helper()
	for name, o := range set {
		metadata := o["metadata"].(object)
		if o["kind"] == "CustomResourceDefinition" {
			continue
		}
		labels := metadata["labels"].(object)
		require.Equal(t, "Helm", labels["app.kubernetes.io/managed-by"], name)
		require.Contains(t, labels["helm.sh/chart"], "headgate-", name)
		delete(labels, "app.kubernetes.io/managed-by")
		delete(labels, "helm.sh/chart")
		if len(labels) == 0 {
			delete(metadata, "labels")
		}
	}
	return set
}

// TestChartIsWhatKustomizeInstalls: with values as they are, and with Open vSwitch, the chart gives the objects that kustomize gives, each
// as it is there; but for the namespace, which Helm makes.
func TestChartIsWhatKustomizeInstalls(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	helm := helm(t)
	kustomized := func(dir string) map[string]object {
		out, err := exec.Command(filepath.Join(apiserver.Programs(t), "kubectl"), "kustomize", "../../deploy/"+dir).Output()
		require.NoError(t, err)
		set := manifests(t, string(out))
		delete(set, "Namespace headgate-system")
		// What kustomize does not know to have no namespace gets one, which kubectl leaves out.
		for name, o := range set {
			if strings.HasPrefix(name, "ValidatingAdmissionPolicy") {
				delete(o["metadata"].(object), "namespace")
			}
		}
		return set
	}
	template := func(args ...string) map[string]object {
		out, err := helm(nil, append([]string{"template", "headgate", chart, "--namespace", "headgate-system", "--include-crds", "--kube-version", "1.37"}, args...)...)
		require.NoError(t, err)
		return plain(t, manifests(t, out))
	}
	same := func(want, got map[string]object) {
		t.Helper()
		require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
		for name := range want {
			require.Equal(t, want[name], got[name], name)
		}
	}
	all := kustomized("")
	maps.Copy(all, kustomized("controller"))
	require.Contains(t, all, "DaemonSet headgate-agent")
	require.Contains(t, all, "Deployment headgate-controller")
	require.Greater(t, len(all), 30)
	same(all, template())
	maps.Copy(all, kustomized("openvswitch"))
	same(all, template("--set", "agent.target=openflow"))
}

// A value is one that is set, and what then is other than before.
type value struct {
	set    string // for --set-json
	effect string // a part of what is then printed, and was not before
}

// values has each of values.yaml.
func values() map[string]value {
	return map[string]value{
		"image.repository":        {`"example.com/headgate"`, "image: example.com/headgate\n"},
		"image.tag":               {`"v1"`, "image: headgate:v1\n"},
		"image.digest":            {`"sha256:` + strings.Repeat("a", 64) + `"`, "image: headgate@sha256:aaaa"},
		"image.pullPolicy":        {`"Never"`, "imagePullPolicy: Never\n"},
		"image.pullSecrets":       {`[{"name":"registry"}]`, "imagePullSecrets:\n      - name: registry\n"},
		"rbac.create":             {"false", ""},
		"admission.enabled":       {"false", ""},
		"agent.target":            {`"openflow"`, "- --target=openflow\n"},
		"agent.stateDir":          {`"/srv/headgate"`, "path: /srv/headgate\n"},
		"agent.openvswitchDir":    {`"/var/run/ovs"`, "path: /var/run/ovs\n"},
		"agent.config":            {`{"failClosed":true,"metricsBindAddress":"0.0.0.0:9000"}`, "    failClosed: true\n    kind: AgentConfiguration\n"},
		"agent.gossipKeysSecret":  {`"keys"`, "secretName: keys\n"},
		"agent.extraArgs":         {`["--profiling"]`, "- --profiling\n"},
		"agent.maxUnavailable":    {"1", "maxUnavailable: 1\n"},
		"agent.priorityClassName": {`"mine"`, "priorityClassName: mine\n"},
		"agent.tolerations":       {`[{"key":"only","operator":"Exists"}]`, "tolerations:\n      - key: only\n"},
		"agent.nodeSelector":      {`{"pool":"a"}`, "pool: a\n"},
		"agent.affinity":          {`{"nodeAffinity":{}}`, "nodeAffinity: {}\n"},
		"agent.resources":         {`{"limits":{"memory":"7Gi"}}`, "memory: 7Gi\n"},
		"agent.metricsTLSSecret":  {`"pair"`, "--metrics-tls-key-file=/etc/headgate/tls/tls.key\n"},
		"agent.podAnnotations":    {`{"a":"b"}`, "annotations:\n        a: b\n"},
		"agent.podLabels":         {`{"c":"d"}`, "c: d\n"},

		"controller.enabled":           {"false", ""},
		"controller.replicas":          {"3", "replicas: 3\n"},
		"controller.webhook":           {`{"failurePolicy":"Fail"}`, "namespace: default\n      path: /validate\n  failurePolicy: Fail\n"},
		"controller.extraArgs":         {`["--profiling"]`, "- --profiling\n"},
		"controller.priorityClassName": {`"mine"`, "priorityClassName: mine\n"},
		"controller.tolerations":       {`[{"key":"only","operator":"Exists"}]`, "tolerations:\n      - key: only\n"},
		"controller.nodeSelector":      {`{"pool":"a"}`, "pool: a\n"},
		"controller.affinity":          {`{"nodeAffinity":{}}`, "nodeAffinity: {}\n"},
		"controller.resources":         {`{"limits":{"memory":"7Gi"}}`, "memory: 7Gi\n"},
		"controller.podAnnotations":    {`{"a":"b"}`, "annotations:\n        a: b\n"},
		"controller.podLabels":         {`{"c":"d"}`, "c: d\n"},
	}
}

// TestValues: every value has an effect; what no value can be is refused before anything is sent.
func TestValues(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	helm := helm(t)
	out, err := helm(nil, "lint", "--strict", "--kube-version", "1.37", chart)
	require.NoError(t, err)
	require.Contains(t, out, "0 chart(s) failed")
	template := func(args ...string) (string, error) {
		return helm(nil, append([]string{"template", "headgate", chart, "--kube-version", "1.37"}, args...)...)
	}
	before, err := template()
	require.NoError(t, err)

	text, err := os.ReadFile(chart + "/values.yaml")
	require.NoError(t, err)
	var sections map[string]object
	require.NoError(t, yaml.UnmarshalStrict(text, &sections))
	var there []string
	for section, fields := range sections {
		for field := range fields {
			there = append(there, section+"."+field)
		}
	}
	slices.Sort(there)
	require.Equal(t, there, slices.Sorted(maps.Keys(values())))
	for name, v := range values() {
		args := []string{"--set-json", name + "=" + v.set}
		if name == "agent.openvswitchDir" {
			args = append(args, "--set", "agent.target=openflow")
		}
		after, err := template(args...)
		require.NoError(t, err, name)
		require.True(t, before != after, name)
		if v.effect != "" {
			require.False(t, strings.Contains(before, v.effect), name)
			require.True(t, strings.Contains(after, v.effect), name)
		}
	}
	requireLess(t, template)
	requireProbe(t, template)

	for _, wrong := range []string{"agent.tagret=nftables", "agent.target=iptables", "agent.stateDir=relative", "agent.config.failclosed=true", "agent.config.failClosed=perhaps",
		"agent.config.batchCap=1", "agent.config.metricsBindAddress=everywhere", "agent.maxUnavailable=few", "image.tag=a:b", "image.digest=abc", "image.pullPolicy=Sometimes", "rbac.create=perhaps", "controller.replicas=0", "controller.webhook.failurePolicy=Maybe", "nonsense=1"} {
		_, err := template("--set", wrong)
		require.ErrorContains(t, err, "values don't meet the specifications of the schema", wrong)
	}
	_, err = helm(nil, "template", "headgate", chart, "--kube-version", "1.30")
	require.ErrorContains(t, err, "incompatible with Kubernetes")
}

// requireLess: what can be left out is left out, and nothing else.
func requireLess(t *testing.T, template func(...string) (string, error)) {
	t.Helper()
	names := func(args ...string) []string {
		out, err := template(args...)
		require.NoError(t, err)
		return slices.Sorted(maps.Keys(manifests(t, out)))
	}
	all := names()
	role := func(name string) bool {
		return strings.HasPrefix(name, "ClusterRole") || strings.HasPrefix(name, "Role")
	}
	// What keeps agents from writing of other nodes is no choice.
	checked := func(name string) bool {
		return strings.HasPrefix(name, "ValidatingAdmissionPolicy") && !strings.HasSuffix(name, " headgate-agent")
	}
	require.True(t, slices.ContainsFunc(all, role))
	require.True(t, slices.ContainsFunc(all, checked))
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), role), names("--set", "rbac.create=false"))
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), checked), names("--set", "admission.enabled=false"))
	controllers := func(name string) bool {
		return strings.Contains(name, " headgate-controller") || isNeeded(name)
	}
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), controllers), names("--set", "controller.enabled=false"))
	require.True(t, slices.ContainsFunc(all, isNeeded))
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), isNeeded), names("--set", "controller.webhook.enabled=false"))
	out, err := template("--set", "controller.webhook.enabled=false")
	require.NoError(t, err)
	require.NotContains(t, out, "--webhook-bind-address")
}

// isNeeded reports whether an object is there for the webhook alone.
func isNeeded(name string) bool {
	return slices.Contains([]string{"ValidatingWebhookConfiguration headgate", "Service headgate-webhook", "Secret headgate-webhook"}, name)
}

// requireProbe: pods are ready when the agent says so, wherever it is asked.
func requireProbe(t *testing.T, template func(...string) (string, error)) {
	t.Helper()
	for address, want := range map[string]string{
		"127.0.0.1:10262": `{"host":"127.0.0.1","path":"/readyz","port":10262}`,
		"0.0.0.0:9000":    `{"host":"127.0.0.1","path":"/readyz","port":9000}`,
		"[::]:9000":       `{"host":"::1","path":"/readyz","port":9000}`,
		"[fd00::1]:1":     `{"host":"fd00::1","path":"/readyz","port":1}`,
		"10.0.0.7:1":      `{"host":"10.0.0.7","path":"/readyz","port":1}`,
		"":                "null",
	} {
		out, err := template("--set-json", `agent.config={"metricsBindAddress":"`+address+`"}`)
		require.NoError(t, err)
		container := manifests(t, out)["DaemonSet headgate-agent"]["spec"].(object)["template"].(object)["spec"].(object)["containers"].([]any)[0].(object)
		probe, _ := container["readinessProbe"].(object)
		got, err := json.Marshal(probe["httpGet"])
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), address)
	}
}
