package kubeproxy

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

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Network is a node with machines around it, pods and others, each a network namespace of its own that is linked to the node alone.
// The node forwards between them.
type Network struct {
	Node  *Place
	addrs []netip.Addr // the node's
	links int
}

// Place is a network namespace.
type Place struct {
	t    testing.TB
	file *os.File
}

// NewNetwork makes a node with some addresses.
func NewNetwork(t testing.TB, addrs ...netip.Addr) *Network {
	n := &Network{Node: newPlace(t), addrs: addrs}
	script := "for f in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 > /proc/sys/net/$f; done\n" +
		"for c in all default; do echo 0 > /proc/sys/net/ipv4/conf/$c/rp_filter; done\n" +
		// Refusals are compared as well, many of them.
		"for f in ipv4/icmp_ratelimit ipv6/icmp/ratelimit; do echo 0 > /proc/sys/net/$f; done\n" +
		"ip link set lo up\n"
	n.Node.shell(script)
	return n
}

// Join links a machine with some addresses to the node, which is its gateway. If it is the way out, the node sends there what is for
// nobody else.
func (n *Network) Join(wayOut bool, addrs ...netip.Addr) *Place {
	p := newPlace(n.Node.t)
	n.links++
	link := fmt.Sprintf("v%d", n.links)
	var node, machine strings.Builder
	fmt.Fprintf(&node, "ip link add %s type veth peer name eth0 netns /proc/self/fd/4\nip addr add 169.254.1.1/32 dev %[1]s scope link\n"+
		"ip addr add fe80::1/64 dev %[1]s nodad\nip link set %[1]s up\n", link)
	machine.WriteString("ip link set lo up\nip link set eth0 up\nip addr add 169.254.1.2/32 dev eth0 scope link\nip addr add fe80::2/64 dev eth0 nodad\n")
	for _, a := range n.addrs {
		fmt.Fprintf(&node, "ip addr add %s dev %s %s\n", netip.PrefixFrom(a, a.BitLen()), link, nodad(a))
	}
	for _, a := range addrs {
		fmt.Fprintf(&node, "ip route add %s dev %s\n", netip.PrefixFrom(a, a.BitLen()), link)
		fmt.Fprintf(&machine, "ip addr add %s dev eth0 %s\n", netip.PrefixFrom(a, a.BitLen()), nodad(a))
	}
	if wayOut {
		fmt.Fprintf(&node, "ip route add default via 169.254.1.2 dev %s onlink\nip -6 route add default via fe80::2 dev %[1]s\n", link)
	}
	machine.WriteString("ip route add default via 169.254.1.1 dev eth0 onlink\nip -6 route add default via fe80::1 dev eth0\n")
	n.Node.shell(node.String(), p.file)
	// A node that sends a packet back where it came from says that there is a shorter way. There is none.
	machine.WriteString("for f in /proc/sys/net/ipv?/conf/*/accept_redirects; do echo 0 > $f; done\n")
	p.shell(machine.String())
	return p
}

func nodad(a netip.Addr) string {
	if a.Is6() {
		return "nodad"
	}
	return ""
}

// newPlace makes a namespace that ends with the test.
func newPlace(t testing.TB) *Place {
	p := &Place{t: t}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			p.file, err = os.Open("/proc/thread-self/ns/net")
		}
		made <- err
	}()
	require.NoError(t, <-made, "making a network namespace")
	t.Cleanup(func() { p.file.Close() })
	return p
}

// In calls f on a thread in the namespace: sockets and processes that f makes belong to it. It may be called from any goroutine.
func (p *Place) In(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := unix.Setns(int(p.file.Fd()), unix.CLONE_NEWNET)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// FD is the file descriptor of the namespace, open until the test ends.
func (p *Place) FD() int { return int(p.file.Fd()) }

// shell runs a script in the namespace; other is file descriptor 4, if given.
func (p *Place) shell(script string, other ...*os.File) {
	p.t.Helper()
	cmd := exec.Command("nsenter", "--net=/proc/self/fd/3", "sh", "-ec", script)
	cmd.ExtraFiles = append([]*os.File{p.file}, other...)
	out, err := cmd.CombinedOutput()
	require.NoError(p.t, err, "%s\n%s", script, out)
}

// Serve tells on a TCP or UDP port of an address what the client's address is, until the test ends. Over TCP it then echoes.
func (p *Place) Serve(network string, at netip.AddrPort) {
	p.t.Helper()
	require.NoError(p.t, p.In(func() error {
		if network == "udp" {
			u, err := net.ListenPacket("udp", at.String())
			if err == nil {
				p.t.Cleanup(func() { u.Close() })
				go answerPackets(u, at)
			}
			return err
		}
		l, err := net.Listen("tcp", at.String())
		if err == nil {
			p.t.Cleanup(func() { l.Close() })
			go answerStreams(l, at)
		}
		return err
	}))
}

// answer is what a server at some address says to a client.
func answer(at netip.AddrPort, client net.Addr) []byte {
	from := netip.MustParseAddrPort(client.String())
	return []byte(at.String() + " " + from.Addr().Unmap().String())
}

func answerPackets(u net.PacketConn, at netip.AddrPort) {
	buf := make([]byte, 64)
	for {
		_, from, err := u.ReadFrom(buf)
		if err != nil {
			return
		}
		// A client that is gone is no reason to stop.
		_, _ = u.WriteTo(answer(at, from), from)
	}
}

func answerStreams(l net.Listener, at netip.AddrPort) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			if _, err := c.Write(answer(at, c.RemoteAddr())); err == nil {
				// It ends when the client does.
				_, _ = io.Copy(c, c)
			}
		}()
	}
}

// dial connects from the namespace.
func (p *Place) dial(ctx context.Context, network, addr string) (c net.Conn, err error) {
	err = p.In(func() (err error) {
		c, err = (&net.Dialer{}).DialContext(ctx, network, addr)
		return err
	})
	return c, err
}
