package system

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/headgate-net/headgate/runtime/lab"
	"github.com/headgate-net/headgate/runtime/lab/enforce"
)

// TestEgressBandwidth: what the pods of an Egress send comes within a tenth of its limit, through the node that holds the address; others are
// not held up. Never is it more; a machine that is busy with other things may make it less, for a while.
func TestEgressBandwidth(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root")
	}
	const limit = 20e6
	for _, target := range targets() {
		t.Run(string(target), func(t *testing.T) {
			t.Parallel()
			r := egressCluster(t, egressFiles(target))
			l := egressLab(t, r, target)
			_, err := enforce.Load(t.Context(), l, r.Placed...)
			require.NoError(t, err)
			rate := func(pod string) float64 { return measured(t, l, "pod/app/"+pod, outside4) }
			const attempts = 4
			var got, free float64
			for i := 0; i < attempts && got < 0.9*limit; i++ {
				got = rate("slow-3")
				t.Logf("limited: %.1f Mbit/s", got/1e6)
				require.Less(t, got, 1.1*limit)
			}
			require.Greater(t, got, 0.9*limit)
			for i := 0; i < attempts && free < 1.5*limit; i++ {
				free = rate("two-3")
				t.Logf("not limited: %.1f Mbit/s", free/1e6)
			}
			require.Greater(t, free, 1.5*limit)
		})
	}
}

// measured has iperf3 send as much as it can over TCP to the host outside, for 3 seconds after a first one that does not count, and gives how
// many bits arrived in a second.
func measured(t *testing.T, l *lab.Lab, from, to string) float64 {
	t.Helper()
	says, out := io.Pipe()
	server := make(chan error, 1)
	go func() {
		_, err := l.Exec(t.Context(), "host/outside", []string{"iperf3", "--server", "--one-off", "--forceflush"}, lab.Stdio{Out: out, Err: out})
		out.CloseWithError(err)
		server <- err
	}()
	lines := bufio.NewScanner(says)
	for lines.Scan() && !strings.Contains(lines.Text(), "Server listening") {
	}
	go io.Copy(io.Discard, says)
	var text bytes.Buffer
	status, err := l.Exec(t.Context(), from, []string{"iperf3", "--client", to, "--time", "3", "--omit", "1", "--json"}, lab.Stdio{Out: &text, Err: &text})
	require.NoError(t, err)
	require.Zero(t, status, text.String())
	require.NoError(t, <-server)
	var result struct {
		End struct {
			Received struct {
				Rate float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		} `json:"end"`
	}
	require.NoError(t, json.Unmarshal(text.Bytes(), &result), text.String())
	return result.End.Received.Rate
}
