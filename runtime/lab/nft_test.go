package lab

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// echoApplier answers with the names of the nodes and the payload, from inside each node's namespace.
type echoApplier struct{}

func (echoApplier) Apply(_ context.Context, cluster Cluster, payload json.RawMessage) (json.RawMessage, error) {
	seen := []string{}
	for _, n := range cluster.Nodes {
		err := n.Do(func() error {
			forwarding, err := readSysctl("net/ipv4/ip_forward")
			seen = append(seen, n.Name+" "+forwarding+" "+string(payload))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return json.Marshal(seen)
}

func everyPort() []Port { return []Port{{TCP, 80}, {UDP, 53}, {SCTP, 7777}} }

func TestRoutedPodsReachEachOther(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 2, everyPort()...), Options{})
	for _, version := range []int{4, 6} {
		m, err := l.Matrix(context.Background(), MatrixRequest{Ports: append(everyPort(), Port{Proto: ICMP}), Families: []int{version}})
		require.NoError(t, err)
		require.Len(t, m.Pods, 4)
		require.Len(t, m.Ports, 4)
		requireAll(t, m, Allow)
	}
}

func TestApplierRunsInEachNode(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 2, 0), Options{})
	got, err := l.Apply(context.Background(), json.RawMessage(`{"a":1}`))
	require.NoError(t, err)
	require.JSONEq(t, `["n1 1 {\"a\":1}", "n2 1 {\"a\":1}"]`, strings.TrimSpace(string(got)))
}

// readSysctl reads a sysctl of the calling thread's network namespace.
func readSysctl(name string) (string, error) {
	text, err := os.ReadFile("/proc/sys/" + name)
	return strings.TrimSpace(string(text)), err
}
