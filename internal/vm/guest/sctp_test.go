package guest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// sctpListen opens a one-to-one style socket (RFC 6458, section 4) in a namespace and returns it.
func sctpListen(t *testing.T, ns string, port int) int {
	t.Helper()
	var fd int
	require.NoError(t, inNamespace(t, ns, func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP)
		if err != nil {
			return err
		}
		if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port}); err != nil {
			return err
		}
		return unix.Listen(fd, 16)
	}))
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// sctpDial begins an association from a namespace and returns the socket, which does not block.
func sctpDial(t *testing.T, ns string, to [4]byte, port int) int {
	t.Helper()
	var fd int
	require.NoError(t, inNamespace(t, ns, func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, unix.IPPROTO_SCTP)
		if err != nil {
			return err
		}
		if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: to, Port: port}); err != unix.EINPROGRESS {
			return err
		}
		return nil
	}))
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// sctpConnected waits for the association to be up, at most as long as told.
func sctpConnected(fd int, wait time.Duration) (bool, error) {
	polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		n, err := unix.Poll(polled, int(wait.Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return false, err
		}
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		return err == nil, err
	}
}

// TestSCTP makes an association between two namespaces with the kernel's own SCTP, sends bytes over it, and shows that a
// rule by port stops the next one and no other.
func TestSCTP(t *testing.T) {
	inMachine(t)
	namespaces(t, "a", "b")
	connect(t, "a", "b")
	server := [4]byte{10, 0, 0, 2}
	listener := sctpListen(t, "b", 9)
	sctpListen(t, "b", 10)

	client := sctpDial(t, "a", server, 9)
	up, err := sctpConnected(client, time.Minute)
	require.NoError(t, err)
	require.True(t, up)
	accepted, _, err := unix.Accept(listener)
	require.NoError(t, err)
	defer unix.Close(accepted)
	_, err = unix.Write(client, []byte("hello"))
	require.NoError(t, err)
	buffer := make([]byte, 16)
	n, err := unix.Read(accepted, buffer)
	require.NoError(t, err)
	require.Equal(t, "hello", string(buffer[:n]))

	nft := func(args ...string) string {
		return run(t, "ip", append([]string{"netns", "exec", "b", "nft"}, args...)...)
	}
	nft("add table inet t; add chain inet t in { type filter hook input priority filter; }; add rule inet t in sctp dport 9 counter drop")
	refused := sctpDial(t, "a", server, 9)
	other := sctpDial(t, "a", server, 10)
	up, err = sctpConnected(other, time.Minute)
	require.NoError(t, err)
	require.True(t, up, "another port is not affected")
	up, err = sctpConnected(refused, 0)
	require.NoError(t, err)
	require.False(t, up)
	require.NotContains(t, nft("list chain inet t in"), "packets 0", "the rule saw the INIT")
	require.True(t, strings.Contains(associations(t), "10.0.0.2"), associations(t))
}

// associations lists the associations that the kernel knows in namespace a.
func associations(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(run(t, "ip", "netns", "exec", "a", "cat", "/proc/net/sctp/assocs"))
}
