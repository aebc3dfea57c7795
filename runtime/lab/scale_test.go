package lab

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// A lab of the size of a small real cluster: everything comes up, and a matrix of silence is read off at once.
func TestManyPods(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(NFTables, 4, 50, Port{TCP, 80}, Port{UDP, 53}), Options{})
	var some []string
	for _, p := range l.Spec().sortedPods() {
		if p.Addrs[0].As4()[3] < 10 { // 8 of each node
			some = append(some, p.String())
		}
	}
	require.Len(t, some, 32)
	req := MatrixRequest{Ports: []Port{{TCP, 80}}, Families: []int{4}, Pods: some}
	m, err := l.Matrix(context.Background(), req)
	require.NoError(t, err)
	requireAll(t, m, Allow)
	for _, node := range l.Spec().Nodes {
		load(t, l, node.Where(), `table inet t { chain c { type filter hook forward priority 0; policy drop; }; }`)
	}
	m, err = l.Matrix(context.Background(), req)
	require.NoError(t, err)
	requireAll(t, m, Drop)
}

// Silence costs little on the userspace datapath too.
func TestManySilentPairsOfSwitchedPods(t *testing.T) {
	needsRoot(t)
	l := bringUp(t, dualStack(OpenFlow, 3, 10), Options{})
	m, err := l.Matrix(context.Background(), MatrixRequest{Ports: []Port{{TCP, 80}, {UDP, 80}, {SCTP, 80}}, Families: []int{4}})
	require.NoError(t, err)
	require.Len(t, m.Pods, 30)
	requireAll(t, m, Drop)
}

func BenchmarkUpDown200Pods(b *testing.B) {
	for b.Loop() {
		l, err := Up(context.Background(), dualStack(NFTables, 4, 50, Port{TCP, 80}, Port{UDP, 53}), Options{})
		require.NoError(b, err)
		require.NoError(b, l.Down(context.Background()))
	}
}
