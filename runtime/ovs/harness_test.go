package ovs_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// space is a network namespace, kept by a process that dies with the test.
type space struct {
	t   testing.TB
	pid string
}

func newSpace(t testing.TB) *space {
	t.Helper()
	cmd := start(t, exec.Command("unshare", "--net", "sleep", "infinity"))
	s := &space{t, strconv.Itoa(cmd.Process.Pid)}
	own, err := os.Readlink("/proc/self/ns/net")
	require.NoError(t, err)
	await(t, "a network namespace", func() bool {
		ns, err := os.Readlink("/proc/" + s.pid + "/ns/net")
		return err == nil && ns != own
	})
	s.run("ip", "link", "set", "lo", "up")
	return s
}

// starter runs functions on a thread that lives as long as the test program: a parent's death signal is that of the thread that
// started the process.
var starter = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
})

// start runs a process that is killed with the test, and even if the test program itself is.
func start(t testing.TB, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	starter() <- func() { started <- cmd.Start() }
	require.NoError(t, <-started)
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

func await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "no %s after 20 s", what)
	}
}

// command runs in the namespace.
func (s *space) command(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"--target", s.pid, "--net", "--"}, args...)...)
}

func (s *space) run(args ...string) string {
	s.t.Helper()
	return output(s.t, s.command(args...))
}

func output(t testing.TB, cmd *exec.Cmd) string {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "%v: %s", cmd.Args, &errs)
	return out.String()
}

// instance is one Open vSwitch with a bridge br-int, in a namespace of its own.
type instance struct {
	*space
	dir      string
	vswitchd *exec.Cmd
}

// startOVS starts an Open vSwitch. With datapath "dummy" ports need no devices, and nothing can really be sent; with "netdev" it
// is the userspace datapath.
func startOVS(t testing.TB, datapath string) *instance {
	t.Helper()
	if testing.Short() {
		t.Skip("needs root")
	}
	// Socket paths may have no more than 107 bytes, so t.TempDir is no place for them.
	dir, err := os.MkdirTemp("", "hg-ovs")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	i := &instance{space: newSpace(t), dir: dir}
	output(t, exec.Command("ovsdb-tool", "create", i.path("conf.db"), "/usr/share/openvswitch/vswitch.ovsschema"))
	i.daemon("ovsdb-server", i.path("conf.db"), "--remote=punix:"+i.path("db.sock"))
	await(t, "ovsdb-server", func() bool { return exists(i.path("db.sock")) })
	i.vsctl("--no-wait", "init")
	i.startSwitch()
	i.vsctl("add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type="+datapath, "fail_mode=secure")
	return i
}

func (i *instance) startSwitch() {
	i.vswitchd = i.daemon("ovs-vswitchd", "unix:"+i.path("db.sock"), "--enable-dummy")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (i *instance) path(name string) string { return filepath.Join(i.dir, name) }

func (i *instance) daemon(name string, args ...string) *exec.Cmd {
	i.t.Helper()
	cmd := i.command(append([]string{name, "--pidfile", "-vconsole:off"}, args...)...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+i.dir)
	return start(i.t, cmd)
}

func (i *instance) vsctl(args ...string) string {
	i.t.Helper()
	return output(i.t, exec.Command("ovs-vsctl", append([]string{"--timeout=20", "--db=unix:" + i.path("db.sock")}, args...)...))
}

func (i *instance) ofctl(args ...string) string {
	i.t.Helper()
	args = append([]string{"-O", "OpenFlow15", args[0], "unix:" + i.path("br-int.mgmt")}, args[1:]...)
	return output(i.t, exec.Command("ovs-ofctl", args...))
}

func (i *instance) appctl(args ...string) string {
	i.t.Helper()
	cmd := exec.Command("ovs-appctl", append([]string{"-t", "ovs-vswitchd"}, args...)...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+i.dir)
	return output(i.t, cmd)
}

// dummyPort adds a port without a device.
func (i *instance) dummyPort(name, id, mac string) {
	i.t.Helper()
	args := []string{"add-port", "br-int", name, "--", "set", "interface", name, "type=dummy", fmt.Sprintf("external_ids:iface-id=%q", id)}
	if mac != "" {
		args = append(args, fmt.Sprintf("external_ids:attached-mac=%q", mac))
	}
	i.vsctl(args...)
}

// flows dumps the bridge's flows, without what changes by itself.
func (i *instance) flows() []string {
	i.t.Helper()
	var out []string
	for line := range strings.Lines(i.ofctl("dump-flows", "--no-stats", "--no-names")) {
		if strings.Contains(line, "actions=") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}
