package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// liveSpec is two nodes with no pods, and a host.
func liveSpec(target Target) Spec {
	node := func(n byte) Node {
		return Node{
			Name: fmt.Sprintf("n%d", n), Addrs: []netip.Addr{netip.AddrFrom4([4]byte{172, 31, 9, n})},
			PodCIDRs: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 9, n, 0}), 24)},
		}
	}
	return Spec{Target: target, Nodes: []Node{node(1), node(2)}, Hosts: []Host{{Name: "outside", Addrs: []netip.Addr{netip.MustParseAddr("172.31.9.200")}}}}
}

func livePod(name, node, addr string) Pod {
	return Pod{Namespace: "x", Name: name, Node: node, Addrs: []netip.Addr{netip.MustParseAddr(addr)}}
}

// TestPodsComeAndGo: pods that are added are places like others, on the network of all, and leave nothing when they are removed; their
// names and addresses can be given anew.
func TestPodsComeAndGo(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, liveSpec(NFTables), Options{})
	ctx := t.Context()
	require.NoError(t, l.AddPod(ctx, livePod("a", "n1", "10.9.1.2")))
	require.NoError(t, l.AddPod(ctx, livePod("b", "n2", "10.9.2.2")))
	require.ErrorContains(t, l.AddPod(ctx, livePod("a", "n1", "10.9.1.3")), "declared twice")
	require.ErrorContains(t, l.AddPod(ctx, livePod("c", "n1", "10.9.1.2")), "both have address 10.9.1.2")
	require.ErrorContains(t, l.AddPod(ctx, livePod("c", "n1", "10.9.2.7")), "10.9.2.7 is in no pod prefix of n1")

	attached, err := Attach(l.Name())
	require.NoError(t, err)
	require.Len(t, attached.Spec().Pods, 2, "who attaches later is told of them")
	links := run(t, l, "node/n1", "ip", "-o", "link")

	for range 2 { // the second time with the same name and address
		require.NoError(t, l.Start(ctx, Program{Name: "server", Where: "pod/x/b", Argv: ownProgram(t), Env: []string{serverAt + "=10.9.2.2:8080"}}))
		require.Eventually(t, func() bool {
			text, err := os.ReadFile(l.Log("server"))
			return err == nil && strings.Contains(string(text), "listening")
		}, time.Minute, 10*time.Millisecond)
		require.Equal(t, "hello 10.9.1.2", dialFrom(t, l, "pod/x/a", "10.9.2.2:8080"))
		require.NoError(t, l.RemovePod(ctx, "x", "b"))
		require.NoError(t, l.RemovePod(ctx, "x", "b"), "it is gone already")
		_, err = l.Exec(ctx, "pod/x/b", []string{"true"}, Stdio{})
		require.ErrorIs(t, err, ErrNoPlace)
		require.Eventually(t, func() bool { _, err := os.Stat(l.PidFile("server")); return err != nil }, time.Minute, 10*time.Millisecond,
			"what ran in the pod has ended with it")
		require.NoError(t, os.Remove(l.Log("server")))
		require.NoError(t, l.AddPod(ctx, livePod("b", "n2", "10.9.2.2")))
	}
	require.Equal(t, links, run(t, l, "node/n1", "ip", "-o", "link"), "the other node knows nothing of it")
	require.NoError(t, l.RemovePod(ctx, "x", "a"))
	require.NotContains(t, run(t, l, "node/n1", "ip", "-o", "link"), podLink(&Pod{Namespace: "x", Name: "a"}))
	require.NotContains(t, run(t, l, "node/n1", "ip", "route"), "10.9.1.2")
}

// TestDoor: what listens on the machine is answered from within the lab, for as long as that lives.
func TestDoor(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, liveSpec(NFTables), Options{})
	require.NoError(t, l.Start(t.Context(), Program{Name: "server", Where: "node/n1", Argv: ownProgram(t), Env: []string{serverAt + "=172.31.9.1:80"}}))
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	at := listener.Addr().String()
	require.NoError(t, l.Door(t.Context(), listener, "host/outside", "172.31.9.1:80"))
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", at)
		require.NoError(t, err)
		defer c.Close()
		text, err := io.ReadAll(c)
		return err == nil && string(text) == "hello 172.31.9.200"
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, l.Down(t.Context()))
	_, err = net.Dial("tcp", at)
	require.Error(t, err, "the port goes with the lab")
}

// TestDetached: a lab outlives who made it once it is told to.
func TestDetached(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, liveSpec(NFTables), Options{})
	require.NoError(t, l.Detach(t.Context()))
	l.closing.Do(func() { l.lifeline.Close() }) // as when this process ends
	again, err := Attach(l.Name())
	require.NoError(t, err)
	require.Equal(t, "x\n", run(t, again, "node/n1", "echo", "x"))
	require.NoError(t, again.Down(t.Context()))
}

// ownProgram is the test binary.
func ownProgram(t *testing.T) []string {
	t.Helper()
	own, err := os.Executable()
	require.NoError(t, err)
	return []string{own}
}

const (
	serverAt = "HEADGATE_LAB_TEST_SERVER" // makes the test binary a server at this address
	dialTo   = "HEADGATE_LAB_TEST_DIAL"   // or a client of this one
)

// serverMain is that server, or that client.
func serverMain() {
	if at := os.Getenv(serverAt); at != "" {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			panic(err)
		}
		fmt.Println("listening")
		for {
			c, err := listener.Accept()
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(c, "hello %s", netip.MustParseAddrPort(c.RemoteAddr().String()).Addr())
			c.Close()
		}
	}
	if at := os.Getenv(dialTo); at != "" {
		c, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(context.Background(), "tcp", at)
		if err == nil {
			_, err = io.Copy(os.Stdout, c)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

func dialFrom(t *testing.T, l *Lab, where, to string) string {
	t.Helper()
	return run(t, l, where, append([]string{"env", dialTo + "=" + to}, ownProgram(t)...)...)
}
