package scale

import (
	"context"
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

	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/ovs"
)

// openSwitch starts an Open vSwitch of its own, in a network namespace, with a bridge that has a port for each endpoint of a Pipeline.
// The ports have no devices: nothing is sent, but the switch holds and looks up flows as ever. It ends with the test.
func openSwitch(t testing.TB, p *ir.Pipeline) (*ovs.Dataplane, *exec.Cmd) {
	t.Helper()
	dir, err := os.MkdirTemp("", "hg-scale") // a socket's path may have no more than 107 bytes
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	in := func(name string) string { return filepath.Join(dir, name) }
	run(t, "ovsdb-tool", "create", in("conf.db"), "/usr/share/openvswitch/vswitch.ovsschema")
	daemon(t, dir, "ovsdb-server", in("conf.db"), "--remote=punix:"+in("db.sock"))
	db := "--db=unix:" + in("db.sock")
	await(t, func() bool { _, err := os.Stat(in("db.sock")); return err == nil })
	run(t, "ovs-vsctl", db, "--no-wait", "init")
	vswitchd := daemon(t, dir, "ovs-vswitchd", "unix:"+in("db.sock"), "--enable-dummy")
	args := []string{"ovs-vsctl", db, "--timeout=20", "add-br", "br-int", "--", "set", "bridge", "br-int", "datapath_type=dummy", "fail_mode=secure"}
	ids := []string{"gateway", "tunnel"}
	for _, i := range p.OfKind(ir.PodEndpoint) {
		ids = append(ids, p.Endpoints[i].String())
	}
	for i, id := range ids {
		name := fmt.Sprintf("p%d", i)
		args = append(args, "--", "add-port", "br-int", name, "--", "set", "interface", name, "type=dummy",
			fmt.Sprintf("external_ids:iface-id=%q", id), fmt.Sprintf("external_ids:attached-mac=\"0a:00:00:00:%02x:%02x\"", i>>8, i&0xff))
	}
	run(t, args...)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	d, _, err := ovs.Open(ctx, ovs.Options{Node: p.Node, DBSocket: in("db.sock"), Bridge: "br-int"})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d, vswitchd
}

func run(t testing.TB, args ...string) {
	t.Helper()
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// daemon runs a daemon of Open vSwitch that ends with the test, and with the thread that starts it.
func daemon(t testing.TB, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, append([]string{"--pidfile", "-vconsole:off"}, args...)...)
	cmd.Env = append(os.Environ(), "OVS_RUNDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWNET}
	runtime.LockOSThread() // of the test, which outlives the daemon
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		runtime.UnlockOSThread()
	})
	return cmd
}

func await(t testing.TB, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "nothing after 20 s")
	}
}

// processorTimeOf is what another process has used, in nanoseconds, with the resolution of the kernel's ticks.
func processorTimeOf(t testing.TB, cmd *exec.Cmd) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
	require.NoError(t, err)
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system int64
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	const perSecond = 100 // USER_HZ, which is part of the kernel's ABI
	return (user + system) * int64(time.Second) / perSecond
}
