package guest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// inMachine skips the test everywhere but in a machine of package vm.
func inMachine(t *testing.T) {
	t.Helper()
	if os.Getenv("HEADGATE_VM_GUEST") != "1" {
		t.Skip("runs inside make test-vm")
	}
}

// run runs a program and returns what it printed; it must succeed.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := try(name, args...)
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
	return out
}

func try(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

// namespaces makes network namespaces with loopback up and removes them after the test.
func namespaces(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		run(t, "ip", "netns", "add", name)
		t.Cleanup(func() { run(t, "ip", "netns", "del", name) })
		run(t, "ip", "-n", name, "link", "set", "lo", "up")
	}
}

// connect joins two namespaces by a veth pair with an end named eth0 in each, and gives the ends 10.0.0.1 and 10.0.0.2.
func connect(t *testing.T, a, b string) {
	t.Helper()
	run(t, "ip", "-n", a, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", b)
	for i, ns := range [...]string{a, b} {
		run(t, "ip", "-n", ns, "addr", "add", fmt.Sprintf("10.0.0.%d/24", i+1), "dev", "eth0")
		run(t, "ip", "-n", ns, "link", "set", "eth0", "up")
	}
}

// ping sends echo requests until three are answered, for 20 s at most.
func ping(ns, address string) error { return echo(ns, address, "3", "20") }

// silent sends three echo requests, to which nobody may answer within 2 s.
func silent(t *testing.T, ns, address string) {
	t.Helper()
	require.ErrorContains(t, echo(ns, address, "3", "2"), "100% packet loss")
}

func echo(ns, address, count, seconds string) error {
	out, err := try("ip", "netns", "exec", ns, "/bin/busybox", "ping", "-A", "-c", count, "-w", seconds, address)
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// inNamespace runs f in a network namespace, on a thread that ends with it.
func inNamespace(t *testing.T, ns string, f func() error) error {
	t.Helper()
	handle, err := os.Open("/run/netns/" + ns)
	require.NoError(t, err)
	defer handle.Close()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must not serve others
		if err := unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

func TestKernel(t *testing.T) {
	inMachine(t)
	release := strings.TrimSpace(run(t, "uname", "-r"))
	require.True(t, strings.HasPrefix(release, "6.1."), release)
}

// TestModules asks for the modules that later features need and that kernels in containers often lack.
func TestModules(t *testing.T) {
	inMachine(t)
	for _, module := range [...]string{
		"8021q", "openvswitch", "sctp", "ip_vs", "ip_vs_rr", "nf_flow_table", "nf_flow_table_inet", "nfnetlink_queue", "nf_conntrack_bridge",
		"vport_vxlan", "vport_geneve", "vxlan", "geneve", "dummy", "veth", "wireguard", "tun", "vrf", "bridge", "nft_ct", "nft_nat", "nft_reject_inet",
	} {
		t.Run(module, func(t *testing.T) {
			run(t, "modprobe", strings.ReplaceAll(module, "vport_", "vport-"))
			require.DirExists(t, "/sys/module/"+module)
		})
	}
}

func TestVethPair(t *testing.T) {
	inMachine(t)
	namespaces(t, "a", "b")
	connect(t, "a", "b")
	require.NoError(t, ping("a", "10.0.0.2"))
}

func TestVLANPair(t *testing.T) {
	inMachine(t)
	namespaces(t, "a", "b")
	connect(t, "a", "b")
	for i, ns := range [...]string{"a", "b"} {
		run(t, "ip", "-n", ns, "link", "add", "link", "eth0", "name", "eth0.7", "type", "vlan", "id", "7")
		run(t, "ip", "-n", ns, "addr", "add", fmt.Sprintf("10.0.7.%d/24", i+1), "dev", "eth0.7")
		run(t, "ip", "-n", ns, "link", "set", "eth0.7", "up")
	}
	require.NoError(t, ping("b", "10.0.7.1"))
}

// TestNFTables loads sets, a map and a verdict map in one transaction, reads them back, and sends a packet that the
// verdict map drops.
func TestNFTables(t *testing.T) {
	inMachine(t)
	namespaces(t, "a", "b")
	connect(t, "a", "b")
	require.NoError(t, ping("a", "10.0.0.2"))
	rules := `table inet t {
	set members { type ipv4_addr; elements = { 10.9.0.1, 10.9.0.2 } }
	set prefixes { type ipv6_addr; flags interval; elements = { 2001:db8::/32 } }
	set pairs { type ipv4_addr . inet_proto . inet_service; flags interval; elements = { 10.9.0.0/16 . tcp . 80-90 } }
	map dispatch { type ipv4_addr : verdict; elements = { 10.0.0.1 : goto denied } }
	chain denied { counter drop comment "denied by test"; }
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		ip saddr vmap @dispatch
		ip saddr @members accept
		ip6 saddr @prefixes reject
		ip saddr . meta l4proto . th dport @pairs accept
	}
}
`
	file := t.TempDir() + "/rules"
	require.NoError(t, os.WriteFile(file, []byte(rules), 0o644))
	run(t, "ip", "netns", "exec", "b", "nft", "-f", file)
	listed := run(t, "ip", "netns", "exec", "b", "nft", "list", "table", "inet", "t")
	for _, want := range [...]string{"elements = { 10.9.0.1, 10.9.0.2 }", "2001:db8::/32", "10.9.0.0/16 . tcp . 80-90", "10.0.0.1 : goto denied", "denied by test"} {
		require.Contains(t, listed, want)
	}
	silent(t, "a", "10.0.0.2")
	require.NotContains(t, run(t, "ip", "netns", "exec", "b", "nft", "list", "chain", "inet", "t", "denied"), "packets 0")
	run(t, "ip", "netns", "exec", "b", "nft", "delete", "table", "inet", "t")
	require.NoError(t, ping("a", "10.0.0.2"))
}
