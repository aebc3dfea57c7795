package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/headgate-net/headgate/runtime/metrics"
)

// The agent and the controller take the arguments that deploy/ gives them, and their containers have what they need and no more.
func TestDeployedArguments(t *testing.T) {
	agent := podOf(t, "agent/daemonset.yaml")
	container := agent.Containers[0]
	requireAgentFlags(t, container.Args)
	requireConfined(t, agent, "NET_ADMIN", "NET_RAW")
	require.True(t, agent.HostNetwork)
	var hosts []string
	for _, v := range agent.Volumes {
		hosts = append(hosts, v.HostPath.Path)
	}
	require.Equal(t, []string{"/var/lib/headgate", "/dev/net/tun"}, hosts)
	require.Equal(t, metrics.DefaultAddress, fmt.Sprintf("%s:%d", container.ReadinessProbe.HTTPGet.Host, container.ReadinessProbe.HTTPGet.Port.IntVal))

	controller := podOf(t, "controller/deployment.yaml")
	command, args, err := newRoot("headgate").Find(controller.Containers[0].Args)
	require.NoError(t, err)
	require.NoError(t, command.ParseFlags(args))
	requireConfined(t, controller)
	require.True(t, *controller.SecurityContext.RunAsNonRoot)
	require.False(t, controller.HostNetwork)
	require.Empty(t, controller.Volumes)

	text, err := os.ReadFile("../../deploy/systemd/headgate.service")
	require.NoError(t, err)
	start := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(string(text))[1]
	requireAgentFlags(t, strings.Fields(start)[1:])
	require.Contains(t, string(text), "\nCapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW\n")
}

// podOf is the pod of what deploys one.
func podOf(t *testing.T, file string) corev1.PodSpec {
	t.Helper()
	text, err := os.ReadFile("../../deploy/" + file)
	require.NoError(t, err)
	var set appsv1.DaemonSet
	var deployment appsv1.Deployment
	if err := yaml.UnmarshalStrict(text, &set); err == nil && set.Kind == "DaemonSet" {
		return set.Spec.Template.Spec
	}
	require.NoError(t, yaml.UnmarshalStrict(text, &deployment))
	return deployment.Spec.Template.Spec
}

// requireConfined: a pod has some capabilities, limits, and no other way out of its container.
func requireConfined(t *testing.T, pod corev1.PodSpec, capabilities ...corev1.Capability) {
	t.Helper()
	require.Len(t, pod.Containers, 1)
	require.False(t, pod.HostPID)
	require.False(t, pod.HostIPC)
	c := pod.Containers[0]
	with := c.SecurityContext
	require.ElementsMatch(t, capabilities, with.Capabilities.Add)
	require.Equal(t, []corev1.Capability{"ALL"}, with.Capabilities.Drop)
	require.True(t, *with.ReadOnlyRootFilesystem)
	require.False(t, *with.AllowPrivilegeEscalation)
	require.Nil(t, with.Privileged)
	seccomp := with.SeccompProfile
	if seccomp == nil {
		seccomp = pod.SecurityContext.SeccompProfile
	}
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, seccomp.Type)
	require.False(t, c.Resources.Limits.Memory().IsZero())
	require.False(t, c.Resources.Requests.Cpu().IsZero())
}

// TestChartSchema: Helm takes those fields of the agent's configuration that the agent takes, but for those that the chart gives itself.
func TestChartSchema(t *testing.T) {
	text, err := os.ReadFile("../../deploy/helm/headgate/values.schema.json")
	require.NoError(t, err)
	type schema struct{ Properties map[string]*schema }
	var values schema
	require.NoError(t, json.Unmarshal(text, &values))
	fields := configFields(newAgent().Flags())
	for _, given := range []string{"node", "target", "stateDir", "from", "kubeconfig", "gossipKeyFile"} {
		require.Contains(t, fields, given)
		delete(fields, given)
	}
	require.Equal(t, sortedKeys(fields), slices.Sorted(maps.Keys(values.Properties["agent"].Properties["config"].Properties)))
}

func requireAgentFlags(t *testing.T, args []string) {
	t.Helper()
	require.Equal(t, "agent", args[0])
	require.Greater(t, len(args), 3)
	require.NoError(t, newAgent().ParseFlags(args[1:]))
}

// systemd reads the unit without complaint.
func TestUnit(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	text, err := os.ReadFile("../../deploy/systemd/headgate.service")
	require.NoError(t, err)
	verify := func(text string) (string, error) {
		path := filepath.Join(t.TempDir(), "headgate.service")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", path).CombinedOutput()
		return string(out), err
	}
	unit := strings.ReplaceAll(string(text), "/usr/local/bin/headgate", "/bin/true")
	out, err := verify(unit)
	require.NoError(t, err, out)
	require.Empty(t, out)
	out, _ = verify(strings.ReplaceAll(unit, "ProtectClock=", "ProtectClocks="))
	require.Contains(t, out, "ProtectClocks", "what is wrong is found")

	// systemd's own measure, from 0.0 to 10.0; what an agent cannot do without makes up for most of it.
	exposed := func(text string) error {
		path := filepath.Join(t.TempDir(), "headgate.service")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return exec.CommandContext(t.Context(), "systemd-analyze", "security", "--offline=yes", "--threshold=25", path).Run()
	}
	require.NoError(t, exposed(unit))
	require.Error(t, exposed(strings.ReplaceAll(unit, "NoNewPrivileges=yes\n", "")))
}

// The image is built with the Go of go.mod.
func TestDockerfile(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
	text, err := os.ReadFile("../../deploy/Dockerfile")
	require.NoError(t, err)
	require.Contains(t, string(text), "FROM golang:"+version+" AS build\n")
}

// TestDocumentedRights: the documents list what the accounts may do, rule by rule.
func TestDocumentedRights(t *testing.T) {
	for rights, document := range map[string]string{"agent/rbac.yaml": "cluster.md", "controller/rbac.yaml": "controller.md"} {
		text, err := os.ReadFile("../../deploy/" + rights)
		require.NoError(t, err)
		rows := "| group | resources | verbs |\n|---|---|---|\n"
		for _, part := range strings.Split(string(text), "\n---\n") {
			var role rbacv1.ClusterRole // or a Role, whose rules are no different
			require.NoError(t, yaml.Unmarshal([]byte(part), &role))
			for _, rule := range role.Rules {
				require.Len(t, rule.APIGroups, 1)
				row := "| " + cmp.Or(rule.APIGroups[0], "core") + " | " + strings.Join(rule.Resources, ", ")
				for _, name := range rule.ResourceNames {
					row += " `" + name + "`"
				}
				rows += row + " | " + strings.Join(rule.Verbs, ", ") + " |\n"
			}
		}
		require.Greater(t, strings.Count(rows, "\n"), 8)
		said, err := os.ReadFile("../../docs/" + document)
		require.NoError(t, err)
		require.Contains(t, string(said), "\n\n"+rows+"\n", document)
	}
}
