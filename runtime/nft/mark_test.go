package nft_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/internal/diag"
	"github.com/headgate-net/headgate/ir"
	target "github.com/headgate-net/headgate/targets/nft"
)

// others are rules beside ours: some give packets a mark before ours see them, one masquerades by kube-proxy's bit, and the last chain
// counts marks behind all of that.
const others = `table inet others {
	chain before { type filter hook prerouting priority -150;
		ip daddr 10.96.0.0/16 meta mark set 0x00001a05
		ip daddr 10.0.0.2 meta mark set 0x00004000
	}
	chain nat { type nat hook postrouting priority 90;
		meta mark & 0x00004000 == 0x00004000 masquerade
	}
	chain behind { type filter hook postrouting priority 300;
		ct state new meta mark 0x00001a05 counter comment "theirs"
		ct state new meta mark %#x counter comment "both"
		ct state new meta mark 0x00004000 counter comment "kube-proxy"
		ct state new meta mark != 0 counter
	}
}
`

// TestMarksOfOthersSurvive has three connections: one that is masqueraded for a Service, one to a Service that is not, and one that is
// masqueraded by somebody else's rule. None changes a bit of anybody else's, and each source is what its own rule says.
func TestMarksOfOthersSurvive(t *testing.T) {
	for _, bit := range []uint32{target.DefaultOptions().MasqueradeBit, 0x8} {
		t.Run(fmt.Sprintf("%#x", bit), func(t *testing.T) {
			c := newCluster(t)
			var report diag.Report
			want := target.Options{MasqueradeBit: bit}.Generate(everyFrontend(t), &report)
			require.Empty(t, report.Findings())
			c.node.reconcile(want)
			c.node.nft(fmt.Sprintf(others, 0x1a05|bit), "-f", "-")

			counts := func() string {
				var out []string
				for _, line := range strings.Split(c.node.nft("", "list", "chain", "inet", "others", "behind"), "\n") {
					if _, count, ok := strings.Cut(line, "counter packets "); ok {
						n, _, _ := strings.Cut(count, " ")
						out = append(out, n)
					}
				}
				return strings.Join(out, " ")
			}
			require.Equal(t, "0 0 0 0", counts())
			require.Equal(t, "b 10.0.0.1", c.a.talk(ir.ProtoTCP, "", "10.96.0.8:80", patience))
			require.Equal(t, "1 0 0 1", counts(), "a pod is not masqueraded")
			require.Equal(t, "remote 169.254.1.1", c.host.talk(ir.ProtoTCP, "", "10.96.0.9:80", patience))
			require.Equal(t, "1 1 0 2", counts(), "who is outside is, on the way to another node")
			require.Equal(t, "b 169.254.1.1", c.host.talk(ir.ProtoTCP, "", "10.0.0.2:8080", patience))
			require.Equal(t, "1 1 1 3", counts(), "another's mark stays what it is")
		})
	}
}
