package suites_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/test/suites"
)

const slow = `
apiVersion: v1
kind: Pod
metadata: {name: slow}
spec:
  initContainers: [{name: first, image: any, command: [sh, -c, 'echo on $NODE >/dev/stderr'], env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}]
  containers:
  - {name: serve, image: any, ports: [{containerPort: 80, name: http}], readinessProbe: {tcpSocket: {port: http}, periodSeconds: 1}}
  - {name: again, image: any, command: [sh, -c, 'echo started on $(hostname); sleep 1; exit 3']}
`

// play does with kubectl what docs/conformance.md shows and says.
func play(t *testing.T, c *suites.Cluster) {
	t.Helper()
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(c.Kube, "kubectl"), args...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig, "HOME="+t.TempDir())
		return cmd
	}
	kubectl := func(input string, args ...string) string {
		t.Helper()
		cmd := command(args...)
		cmd.Stdin = strings.NewReader(input)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "kubectl %v: %s", args, out)
		return strings.TrimSpace(string(out))
	}
	kubectl("", "run", "web", "--image=web", "--port=80", "--expose")
	kubectl("", "run", "client", "--image=agnhost")
	kubectl(slow, "apply", "-f", "-")
	kubectl("", "wait", "--for=condition=Ready", "pod/web", "pod/client", "--timeout=60s")
	address := kubectl("", "get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
	kubectl("", "exec", "client", "--", "sh", "-c", "until /agnhost connect "+address+":80 --timeout=1s; do :; done")
	require.Equal(t, "in", kubectl("in", "exec", "-i", "client", "--", "cat"))

	kubectl("", "wait", "--for=jsonpath={.status.containerStatuses[?(@.name==\"serve\")].ready}=true", "pod/slow", "--timeout=60s")
	// It goes on being started again: one sees it after the first time, or after a later one.
	require.Eventually(t, func() bool {
		count, err := strconv.Atoi(kubectl("", "get", "pod", "slow", "-o", "jsonpath={.status.containerStatuses[?(@.name==\"again\")].restartCount}"))
		return err == nil && count > 0
	}, time.Minute, time.Second)
	require.Contains(t, kubectl("", "logs", "slow", "-c", "again", "--tail=1"), "started on slow")
	node := kubectl("", "get", "pod", "slow", "-o", "jsonpath={.spec.nodeName}")
	require.Equal(t, "on "+node, kubectl("", "logs", "slow", "-c", "first"))

	forward := command("port-forward", "pod/web", ":80")
	out, err := forward.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, forward.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, rest, _ := strings.Cut(line, "127.0.0.1:")
	port, _, _ := strings.Cut(rest, " ")
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(answer), "web")
	require.NoError(t, forward.Process.Kill())
	_ = forward.Wait() // it was killed
	kubectl("", "delete", "pod", "web", "client", "slow", "--timeout=60s")
}
