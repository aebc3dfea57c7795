package suites

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Setup is what a cluster is made of.
type Setup struct {
	Target   string // "nftables" or "openflow"
	Services string // who serves Services: "headgate" or "kube-proxy"
}

// String is the setup as part of a test's name.
func (s Setup) String() string { return s.Target + "-" + s.Services }

// Programs are what the tests run, which is built once.
type Programs struct {
	Headgate string
	Kube     string // the directory of those of Kubernetes, and of the suites
}

// Build builds them, where that was not done before: "specs", Kubernetes' own, or all "suites". HEADGATE_PROGRAM may name a headgate
// that is there.
func Build(t *testing.T, which string) Programs {
	t.Helper()
	build := exec.Command(filepath.Join("..", "..", "hack", "envtest", "build.sh"), which)
	build.Stderr = os.Stderr
	out, err := build.Output()
	require.NoError(t, err, "building Kubernetes' programs")
	p := Programs{Headgate: os.Getenv("HEADGATE_PROGRAM"), Kube: strings.TrimSpace(string(out))}
	if p.Headgate != "" {
		return p
	}
	p.Headgate = filepath.Join(t.TempDir(), "headgate")
	compile := exec.Command("go", "build", "-o", p.Headgate, "./cmd/headgate") // as other tests do: it is compiled already
	compile.Dir = filepath.Join("..", "..")
	said, err := compile.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return p
}

// Cluster is one that runs, with two nodes.
type Cluster struct {
	Programs
	Setup
	Name       string
	Kubeconfig string

	t  *testing.T
	up *exec.Cmd
}

// Start makes a cluster that ends with the test.
func Start(t *testing.T, p Programs, s Setup) *Cluster {
	t.Helper()
	c := &Cluster{Programs: p, Setup: s, t: t, Name: fmt.Sprintf("suite-%d-%s", os.Getpid(), strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name())))}
	c.Name = strings.Trim(c.Name[:min(len(c.Name), 40)], "-")
	up := exec.Command(p.Headgate, "lab", "up", c.Name, "--apiserver", "--wait", "--target", s.Target, "--services", s.Services, "--programs", p.Kube)
	var complaint bytes.Buffer
	up.Stderr = &complaint
	out, err := up.StdoutPipe()
	require.NoError(t, err)
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		// It is killed with the thread that started it, and that ends with this process at the latest.
		runtime.LockOSThread()
		up.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err := up.Start()
		started <- err
		if err == nil {
			ended <- up.Wait()
		}
	}()
	require.NoError(t, <-started)
	c.up = up
	t.Cleanup(func() {
		// It may have ended already.
		_ = up.Process.Signal(os.Interrupt)
		<-ended
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if file, ok := strings.CutPrefix(lines.Text(), "export KUBECONFIG="); ok {
			c.Kubeconfig = file
			return c
		}
	}
	require.Fail(t, "the cluster does not come up", "%s", complaint.String())
	return nil
}

// On runs a program on a node.
func (c *Cluster) On(node string, argv ...string) string {
	c.t.Helper()
	out, err := exec.Command(c.Headgate, append([]string{"lab", "exec", c.Name, "node/" + node, "--"}, argv...)...).CombinedOutput()
	require.NoError(c.t, err, "%v: %s", argv, out)
	return string(out)
}

// Kill kills what keeps the cluster running, and returns when nothing is left of that.
func (c *Cluster) Kill() {
	c.t.Helper()
	require.NoError(c.t, c.up.Process.Kill())
	require.Eventually(c.t, func() bool {
		out, err := exec.Command(c.Headgate, "lab", "list").Output()
		return err == nil && !strings.Contains(string(out), c.Name+"\t")
	}, time.Minute, 50*time.Millisecond)
	require.NoFileExists(c.t, c.Kubeconfig)
}

// StopEngine kills the agents and removes what they have loaded into the kernel.
func (c *Cluster) StopEngine() {
	c.t.Helper()
	for _, node := range []string{"node-1", "node-2"} {
		pid := filepath.Join(filepath.Dir(c.Kubeconfig), "agent-"+node+".pid")
		c.On(node, "sh", "-ec", "kill -KILL $(cat "+pid+")")
		require.Eventually(c.t, func() bool { _, err := os.Stat(pid); return err != nil }, time.Minute, 10*time.Millisecond)
		c.On(node, "nft", "delete", "table", "inet", "headgate")
	}
}
