package iproute_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	"github.com/headgate-net/headgate/runtime/agent"
	"github.com/headgate-net/headgate/runtime/iproute"
	"github.com/headgate-net/headgate/targets/artifact"
	target "github.com/headgate-net/headgate/targets/iproute"
)

// namespace is a network namespace of a test.
type namespace struct {
	t    testing.TB
	file *os.File
}

func newNamespace(t testing.TB) *namespace {
	if testing.Short() {
		t.Skip("needs root")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	defer own.Close()
	require.NoError(t, unix.Unshare(unix.CLONE_NEWNET))
	file, err := os.Open("/proc/thread-self/ns/net")
	require.NoError(t, err)
	require.NoError(t, unix.Setns(int(own.Fd()), unix.CLONE_NEWNET))
	t.Cleanup(func() { file.Close() })
	n := &namespace{t, file}
	n.sh("ip link set lo up")
	return n
}

// sh runs a script in the namespace; other is file descriptor 4, if given. It returns what it prints.
func (n *namespace) sh(script string, other ...*os.File) string {
	out, err := n.try(script, other...)
	require.NoError(n.t, err, "%s\n%s", script, out)
	return out
}

func (n *namespace) try(script string, other ...*os.File) (string, error) {
	cmd := exec.Command("nsenter", "--net=/proc/self/fd/3", "sh", "-ec", script)
	cmd.ExtraFiles = append([]*os.File{n.file}, other...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// in calls f with the thread in the namespace. Sockets that f opens belong to it.
func (n *namespace) in(f func()) {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET)
		defer func() { done <- err }()
		if err == nil {
			f()
		}
	}()
	require.NoError(n.t, <-done)
}

func (n *namespace) plane(o iproute.Options) *iproute.Dataplane {
	d := iproute.InNetNS(int(n.file.Fd()), o)
	n.t.Cleanup(d.Close)
	return d
}

func parsePipeline(text string) (*ir.Pipeline, error) { return ir.ParsePipeline(text) }

func parse(t testing.TB, text string) *ir.Pipeline {
	p, err := parsePipeline(text)
	require.NoError(t, err)
	return p
}

func generate(t testing.TB, text string) artifact.Artifact {
	var report diag.Report
	a := target.Generate(parse(t, text), &report)
	require.Empty(t, report.Findings())
	return a
}

// load brings a dataplane to an artifact, and checks that nothing is left to do.
func load(t testing.TB, d *iproute.Dataplane, want artifact.Artifact) agent.Result {
	result, err := agent.Reconcile(context.Background(), d, want)
	require.NoError(t, err)
	again, err := agent.Reconcile(context.Background(), d, want)
	require.NoError(t, err)
	require.False(t, again.Applied)
	return result
}

// observed is what a dataplane holds.
func observed(t testing.TB, d *iproute.Dataplane) artifact.Artifact {
	state, err := d.Observe(context.Background())
	require.NoError(t, err)
	return state.Artifact
}

// sysctls of a node that filters strictly: every device of its own does.
const strict = `for f in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$f; done
for c in all default; do echo 1 > /proc/sys/net/ipv4/conf/$c/rp_filter; echo 0 > /proc/sys/net/ipv6/conf/$c/accept_dad; done
`

// network is two nodes with a pod each and a host outside, on one Ethernet.
type network struct {
	lan, node1, node2, outside, pod, pod2 *namespace
}

func newNetwork(t testing.TB) *network {
	n := &network{}
	for _, at := range []**namespace{&n.lan, &n.node1, &n.node2, &n.outside, &n.pod, &n.pod2} {
		*at = newNamespace(t)
	}
	n.lan.sh("ip link add lan type bridge; ip link set lan up")
	n.node1.sh(strict)
	n.node2.sh(strict)
	for i, ns := range []*namespace{n.node1, n.node2, n.outside} {
		host := []string{"1", "2", "100"}[i]
		n.lan.sh(fmt.Sprintf("ip link add p%[1]s type veth peer name eth0 netns /proc/self/fd/4; ip link set p%[1]s master lan up", host), ns.file)
		ns.sh(fmt.Sprintf("ip addr add 192.168.7.%[1]s/24 dev eth0; ip addr add fd07::%[1]s/64 dev eth0 nodad; ip link set eth0 up", host))
	}
	n.outside.sh("ip addr add 203.0.113.9/32 dev lo; ip addr add 2001:db8:9::1/128 dev lo")
	for i, node := range []*namespace{n.node1, n.node2} {
		node.sh("ip route add default via 192.168.7.100; ip route add default via fd07::100 dev eth0")
		pod := []*namespace{n.pod, n.pod2}[i]
		node.sh(fmt.Sprintf(`ip link add pod type veth peer name eth0 netns /proc/self/fd/4
			ip addr add 169.254.1.1/32 dev pod; ip addr add fe80::1/64 dev pod nodad; ip link set pod up
			ip route add 10.0.%[1]d.5 dev pod; ip route add fd00:%[1]d::5 dev pod`, i+1), pod.file)
		pod.sh(fmt.Sprintf(`ip addr add 10.0.%[1]d.5/32 dev eth0; ip addr add fd00:%[1]d::5/128 dev eth0 nodad; ip link set eth0 up
			ip route add 169.254.1.1 dev eth0; ip route add default via 169.254.1.1; ip route add default via fe80::1 dev eth0`, i+1))
	}
	return n
}

// nodes of the network, as a Pipeline has them: their own addresses are of IPv4 alone.
const nodes = `node n1 addrs=192.168.7.1 cidrs=10.0.1.0/24,fd00:1::/64 from="Node n1",-,-
node n2 addrs=192.168.7.2 cidrs=10.0.2.0/24,fd00:2::/64 from="Node n2",-,-
`

// placed is the Pipeline of a node of the network.
func placed(node string, rest ...string) string {
	number := strings.TrimPrefix(node, "n")
	return "pipeline node=" + node + "\n" + nodes + "endpoint a/pod node=" + node + " addrs=10.0." + number + ".5,fd00:" + number + "::5 from=\"Pod a/pod\",-,-\n" +
		strings.Join(rest, "\n") + "\n"
}

// tell answers every connection to the port with the address that it comes from, after a number of bytes.
func (n *namespace) tell(port int) {
	n.in(func() {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		require.NoError(n.t, err)
		n.t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					from := netip.MustParseAddrPort(c.RemoteAddr().String()).Addr().Unmap()
					buf := make([]byte, 1)
					if _, err := io.ReadFull(c, buf); err == nil {
						c.Write(append([]byte(from.String()+"\n"), make([]byte, 200000)...))
					}
				}()
			}
		}()
	})
}

// ask returns what tell answers, or why it does not; long answers have to come whole.
func (n *namespace) ask(to string, port int) (answer string) {
	n.in(func() {
		c, err := net.DialTimeout("tcp", net.JoinHostPort(to, fmt.Sprint(port)), 3*time.Second)
		if err != nil {
			answer = err.Error()
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Write([]byte{1}); err != nil {
			answer = err.Error()
			return
		}
		all, err := io.ReadAll(c)
		if err != nil {
			answer = err.Error()
			return
		}
		answer, _, _ = strings.Cut(string(all), "\n")
		if len(all) != len(answer)+1+200000 {
			answer = "a part"
		}
	})
	return answer
}
