package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The agent takes the arguments that deploy/ gives it, and its containers have what it needs.
func TestDeployedArguments(t *testing.T) {
	text, err := os.ReadFile("../../deploy/agent/daemonset.yaml")
	require.NoError(t, err)
	var set appsv1.DaemonSet
	require.NoError(t, yaml.UnmarshalStrict(text, &set))
	container := set.Spec.Template.Spec.Containers[0]
	requireAgentFlags(t, container.Args)
	require.ElementsMatch(t, []corev1.Capability{"NET_ADMIN", "NET_RAW"}, container.SecurityContext.Capabilities.Add)

	text, err = os.ReadFile("../../deploy/systemd/headgate.service")
	require.NoError(t, err)
	command := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindStringSubmatch(string(text))[1]
	requireAgentFlags(t, strings.Fields(command)[1:])
	require.Contains(t, string(text), "\nCapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW\n")
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
