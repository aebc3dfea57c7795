package nft_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/ir"
)

// long is how much is sent at once by those who send a lot: more than a window, so that the first full packets must arrive.
const long = 400_000

// deaf drops the messages that tell that a packet was too long.
const deaf = `table inet deaf {
	chain in { type filter hook input priority 0;
		icmp type destination-unreachable drop
		icmpv6 type packet-too-big drop
	}
}
`

// swap takes a connection, reads what is long, and answers with as much.
func swap(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	if _, err := io.CopyN(io.Discard, c, long); err == nil {
		c.Write(make([]byte, long))
	}
}

// TestLongTransfersFitTheTunnel: what pods send and get over TCP through the tunnel arrives, though the tunnel takes shorter packets than
// they think, and they are not told.
func TestLongTransfersFitTheTunnel(t *testing.T) {
	r := newRegion(t)
	r.egress("e1", "n2", ir.Limit{}, "a1")
	r.apply()
	for _, node := range []string{"n1", "n2"} {
		r.nodes[node].shell("ip link set hg-egress mtu 1400")
	}
	r.pods["a1"].nft(deaf, "-f", "-")
	r.server.nft(deaf, "-f", "-")
	for f := range 2 {
		r.requireHeard("a1", "server", "e1")
		var l net.Listener
		r.server.in(func() {
			var err error
			l, err = net.Listen("tcp", net.JoinHostPort(regional["server"][f], "7002"))
			require.NoError(t, err)
		})
		defer l.Close()
		go swap(l)
		r.pods["a1"].in(func() {
			c, err := net.DialTimeout("tcp", l.Addr().String(), patience)
			require.NoError(t, err)
			defer c.Close()
			require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
			_, err = c.Write(make([]byte, long))
			require.NoError(t, err)
			n, err := io.Copy(io.Discard, c)
			require.NoError(t, err)
			require.EqualValues(t, long, n)
		})
	}
}
