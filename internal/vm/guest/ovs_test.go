package guest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// startSwitch runs one Open vSwitch in a directory of its own and returns how to call its tools.
func startSwitch(t *testing.T) (tool func(name string, args ...string) string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Setenv("OVS_RUNDIR", dir))
	t.Cleanup(func() { os.Unsetenv("OVS_RUNDIR") })
	socket := "unix:" + filepath.Join(dir, "db.sock")
	run(t, "ovsdb-tool", "create", filepath.Join(dir, "conf.db"), "/usr/share/openvswitch/vswitch.ovsschema")
	daemon(t, "ovsdb-server", filepath.Join(dir, "conf.db"), "--remote=p"+socket, "--unixctl="+filepath.Join(dir, "db.ctl"), "--pidfile", "--detach", "--no-chdir", "--log-file="+filepath.Join(dir, "db.log"))
	run(t, "ovs-vsctl", "--db="+socket, "--no-wait", "init")
	daemon(t, "ovs-vswitchd", socket, "--unixctl="+filepath.Join(dir, "vswitchd.ctl"), "--pidfile", "--detach", "--no-chdir", "--log-file="+filepath.Join(dir, "vswitchd.log"))
	return func(name string, args ...string) string {
		switch name {
		case "ovs-vsctl":
			args = append([]string{"--db=" + socket, "--timeout=60"}, args...)
		case "ovs-ofctl":
			args = append([]string{"-O", "OpenFlow15"}, args...)
		case "ovs-appctl":
			args = append([]string{"-t", filepath.Join(dir, "vswitchd.ctl")}, args...)
		}
		return run(t, name, args...)
	}
}

// daemon starts a program that detaches when it is ready, and ends it after the test.
func daemon(t *testing.T, name string, args ...string) {
	t.Helper()
	run(t, name, args...)
	t.Cleanup(func() {
		pid, err := os.ReadFile(filepath.Join(os.Getenv("OVS_RUNDIR"), name+".pid"))
		require.NoError(t, err)
		require.NoError(t, exec.Command("kill", strings.TrimSpace(string(pid))).Run())
	})
}

// TestSwitchWithKernelDatapath shows that packets pass a bridge in the kernel's datapath, and that a flow stops them.
func TestSwitchWithKernelDatapath(t *testing.T) {
	inMachine(t)
	namespaces(t, "a", "b")
	tool := startSwitch(t)
	tool("ovs-vsctl", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=system", "fail_mode=secure")
	t.Cleanup(func() { tool("ovs-vsctl", "del-br", "br0") })
	for i, ns := range [...]string{"a", "b"} {
		run(t, "ip", "link", "add", "port-"+ns, "type", "veth", "peer", "name", "eth0", "netns", ns)
		run(t, "ip", "link", "set", "port-"+ns, "up")
		run(t, "ip", "-n", ns, "addr", "add", fmt.Sprintf("10.0.0.%d/24", i+1), "dev", "eth0")
		run(t, "ip", "-n", ns, "link", "set", "eth0", "up")
		tool("ovs-vsctl", "add-port", "br0", "port-"+ns)
	}
	silent(t, "a", "10.0.0.2") // a secure bridge without flows
	tool("ovs-ofctl", "add-flow", "br0", "priority=1,actions=NORMAL")
	require.NoError(t, ping("a", "10.0.0.2"))
	require.Contains(t, run(t, "ovs-dpctl", "show"), "system@ovs-system")
	require.Contains(t, tool("ovs-appctl", "dpctl/dump-flows", "type=ovs"), "eth_type(0x0800)", "the kernel forwards by itself")
	tool("ovs-ofctl", "add-flow", "br0", "priority=2,icmp,nw_src=10.0.0.1,actions=drop")
	silent(t, "a", "10.0.0.2")
	tool("ovs-ofctl", "--strict", "del-flows", "br0", "priority=2,icmp,nw_src=10.0.0.1")
	require.NoError(t, ping("a", "10.0.0.2"))
}
