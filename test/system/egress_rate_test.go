package system

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// TestEgressBandwidth: what the pods of an Egress send comes near to its limit, by no more than a tenth above it, through the node that holds
// the address; others are not held up.
func TestEgressBandwidth(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const limit = 20e6
	least := map[lab.Target]float64{lab.NFTables: 0.9, lab.OpenFlow: 0.5} // a meter of the userspace datapath leaves TCP about four fifths
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			r := egressCluster(t, egressFiles(target))
			l := egressLab(t, r, target)
			_, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			server := run(t, l, "host/outside", "sink", outside4+":5001")
			server.await(t, "ready")
			rate := func(pod string) (bitsPerSecond float64) {
				run(t, l, "pod/app/"+pod, "pour", outside4+":5001", "4").await(t, "done")
				line, err := server.out.ReadString('\n')
				require.NoError(t, err, line)
				_, err = fmt.Sscan(line, &bitsPerSecond)
				require.NoError(t, err, line)
				return bitsPerSecond
			}
			got, free := rate("slow-3"), rate("two-3")
			t.Logf("limited %.1f Mbit/s, not limited %.1f Mbit/s", got/1e6, free/1e6)
			require.Less(t, got, 1.1*limit)
			require.Greater(t, got, least[target]*limit)
			require.Greater(t, free, 2*limit)
		})
	}
}
