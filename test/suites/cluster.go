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
	"sync"
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

// Build builds them, where that was not done before.
func Build(t *testing.T) Programs {
	t.Helper()
	build := exec.Command(filepath.Join("..", "..", "hack", "envtest", "build.sh"), "suites")
	build.Stderr = os.Stderr
	out, err := build.Output()
	require.NoError(t, err, "building Kubernetes' programs")
	p := Programs{Headgate: filepath.Join(t.TempDir(), "headgate"), Kube: strings.TrimSpace(string(out))}
	compile := exec.Command("go", "build", "-trimpath", "-o", p.Headgate, "./cmd/headgate")
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

	t *testing.T
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
	var once sync.Once
	t.Cleanup(func() {
		once.Do(func() {
			// It may have ended already.
			_ = up.Process.Signal(os.Interrupt)
			<-ended
		})
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
