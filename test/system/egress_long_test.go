package system

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// bulk is how much a swap sends each way: more than a window.
const bulk = 300_000

// swapper (ADDRESS:PORT) says "ready", and answers each connection that sends a bulk with one.
func swapper(args []string) error {
	listener, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if _, err := io.CopyN(io.Discard, conn, bulk); err == nil {
				_, _ = conn.Write(make([]byte, bulk)) // the other side counts
			}
		}()
	}
}

// swap (ADDRESS:PORT) sends a bulk, and says how much it got for it.
func swap(args []string) error {
	const patience = 15 * time.Second
	conn, err := net.DialTimeout("tcp", args[0], patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := conn.Write(make([]byte, bulk)); err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, conn)
	fmt.Println(n)
	return err
}

// TestEgressTransfersFitTheTunnel: pods and machines outside think that longer packets can pass than do, and nobody is told when one does
// not: what pods send and get over TCP arrives all the same.
func TestEgressTransfersFitTheTunnel(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			r := egressCluster(t, egressFiles(target))
			l := egressLab(t, r, target)
			_, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			deafen(t, l, "pod/app/one-2", "host/outside")
			for version, at := range []string{outside4, outside6} {
				require.NotContains(t, []string{"", "n2"}, r.Program.Holder(netip.MustParseAddr(appearances()["one"][version])))
				to := net.JoinHostPort(at, "5002")
				run(t, l, "host/outside", "swapper", to).await(t, "ready")
				run(t, l, "pod/app/one-2", "swap", to).await(t, fmt.Sprint(bulk))
			}
		})
	}
}

// deafen has places take packets of 1500 bytes for possible, and drop the messages that tell otherwise.
func deafen(t *testing.T, l *lab.Lab, places ...string) {
	t.Helper()
	const rules = `table inet deaf { chain in { type filter hook input priority 0;
		icmp type destination-unreachable drop
		icmpv6 type packet-too-big drop
	}; }
`
	for _, where := range places {
		var text bytes.Buffer
		status, err := l.Exec(t.Context(), where, []string{"sh", "-ec", "ip link set eth0 mtu 1500; nft -f -"}, lab.Stdio{In: strings.NewReader(rules), Out: &text, Err: &text})
		require.NoError(t, err)
		require.Zero(t, status, text.String())
	}
	spec := l.Spec()
	for i := range spec.Pods {
		if p := &spec.Pods[i]; p.Where() == places[0] {
			const script = `for d in $(ls /sys/class/net); do [ $(cat /sys/class/net/$d/mtu) != 1450 ] || case $d in hg-*|br-*) ;; *) ip link set $d mtu 1500;; esac; done`
			var text bytes.Buffer
			status, err := l.Exec(t.Context(), "node/"+p.Node, []string{"sh", "-ec", script}, lab.Stdio{Out: &text, Err: &text})
			require.NoError(t, err)
			require.Zero(t, status, text.String())
		}
	}
}
